"""Real server processes for the tests, each on a free port of 127.0.0.1."""

import asyncio
import itertools
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.servers import CUSTO, SEGREDO

PROCESSES = int(os.environ.get("SGHSS_TEST_PROCESSES", "0"))
"""How many processes the tests ask in turns; 0 is the application in this one."""

_START_SECONDS = 90


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """Give a clean environment for the command."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SGHSS_")}
    return {**clean, "SGHSS_JWT_SECRET": SEGREDO, "SGHSS_ADMIN_PORT": "0", "SGHSS_BCRYPT_COST": str(CUSTO), **more}


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = _START_SECONDS) -> None:
    """Ask again and again until something is so: the only place where a test waits by the clock."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what happens in another process sends no event
            await asyncio.sleep(0.05)


async def passing(seconds: float) -> None:
    """Let time pass, in which a load runs and a fault lasts: there is nothing that could be waited for."""
    over = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(seconds, lambda: over.done() or over.set_result(None))
    await over


async def freeze(pid: int) -> None:
    """Stop a process without ending it, and wait until none of its threads runs any more; SIGCONT lets it go on."""
    os.kill(pid, signal.SIGSTOP)

    async def still() -> bool:
        tarefas = Path(f"/proc/{pid}/task").glob("*/stat")
        return all(tarefa.read_text().rpartition(")")[2].split()[0] == "T" for tarefa in tarefas)

    await until(still)


async def start(*arguments: str, env: dict[str, str], cwd: Path | None = None) -> asyncio.subprocess.Process:
    """Start ``sghss-graphql`` with arguments."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sghss_graphql",
        *arguments,
        env=env,
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def completed(*arguments: str, env: dict[str, str], cwd: Path | None = None) -> tuple[int, str]:
    """Run ``sghss-graphql`` to its end; give its exit code and all it wrote."""
    process = await start(*arguments, env=env, cwd=cwd)
    text, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, text.decode()


async def answers(url: str, process: asyncio.subprocess.Process) -> None:
    """Wait until a server answers."""
    async with httpx.AsyncClient() as http:

        async def healthy() -> bool:
            if process.returncode is not None:
                assert process.stdout
                raise AssertionError((await process.stdout.read()).decode())
            try:
                return (await http.get(f"{url}/healthz")).status_code == 200
            except httpx.TransportError:
                return False

        await until(healthy)


class InTurns(httpx.AsyncBaseTransport):
    """Sends each request to the next of several servers, as a balancer would that knows nothing of sessions."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = itertools.cycle(map(httpx.URL, urls))
        self._transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it."""
        next_one = next(self._urls)
        request.url = request.url.copy_with(scheme=next_one.scheme, host=next_one.host, port=next_one.port)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close what is open."""
        await self._transport.aclose()


@asynccontextmanager
async def serving(database_url: str, **more: str) -> AsyncIterator[str]:
    """Serve the API in a process of its own; give its URL."""
    port = free_port()
    env = environment(SGHSS_DATABASE_URL=database_url, SGHSS_PORT=str(port), **more)
    process = await start("serve", env=env)
    drain = None
    try:
        await answers(f"http://127.0.0.1:{port}", process)
        assert process.stdout
        drain = asyncio.create_task(process.stdout.read())
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
        if drain is not None:
            await drain
