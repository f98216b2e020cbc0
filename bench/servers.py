"""The servers that are measured, each as its own documentation starts it in production, one process on one core."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.hospital import AUDIENCE, ISSUER, SECRET
from pagina.montar import find_node
from sghss_graphql.machinery.database.url import DatabaseUrl

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".sghss/bench"
PEERS = Path(__file__).with_name("peers")
BIN = Path(sys.prefix) / "bin"
CORE = 0
"""Of the server; the database and the load are on the others."""
OURS = "SGHSS GraphQL"
MERCURIUS, FASTIFY, STRAWBERRY = "Mercurius + JIT", "Fastify REST", "Strawberry documentado"


@dataclass(frozen=True)
class Server:
    """How to start a server; ``rest`` if it speaks REST and not GraphQL, ``node`` if it runs on Node."""

    name: str
    command: tuple[str, ...]
    rest: bool = False
    node: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    exact: bool = True
    """False for a floor that answers the same whatever is asked."""


def _uvicorn(module: str) -> tuple[str, ...]:
    options = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
    return (str(BIN / "uvicorn"), "--host", "127.0.0.1", "--port", "{port}", *options, f"{module}:app")


def _gunicorn(module: str) -> tuple[str, ...]:
    options = ("-w", "1", "-k", "gthread", "--threads", "8", "--log-level", "warning")
    return (str(BIN / "gunicorn"), "-b", "127.0.0.1:{port}", *options, f"{module}:app")


_UNSLOWED = {"SGHSS_REQUESTS_PER_SECOND": "0", "SGHSS_CONNECTIONS_PER_ADDRESS": "10000"}
"""None of the others slows anyone."""
SERVERS = (
    Server(OURS, (str(BIN / "sghss-graphql"), "serve"), environment=_UNSLOWED),
    Server(MERCURIUS, ("node", "mercurius.js"), node=True),
    Server("Yoga + JIT", ("node", "yoga.js"), node=True),
    Server("Apollo Server", ("node", "apollo.js"), node=True),
    Server(FASTIFY, ("node", "rest.js"), rest=True, node=True),
    Server(STRAWBERRY, _uvicorn("strawberry_documented")),
    Server("Flask, uma conexão por pedido", _gunicorn("flask_rest"), rest=True),
    Server("FastAPI REST", _uvicorn("fastapi_rest"), rest=True),
    Server("ASGI puro, um SELECT", _uvicorn("floor"), rest=True, environment={"MODE": "rows"}),
    Server("ASGI puro, resposta pronta", _uvicorn("floor"), rest=True, environment={"MODE": "fixed"}, exact=False),
)
GRAPHQL_PEERS = tuple(server.name for server in SERVERS if not server.rest and server.name != OURS)
NODE_PEERS = tuple(server.name for server in SERVERS if server.node)


def install_node_peers() -> None:
    """Install what the peers in Node stand on, as package-lock.json has it."""
    node, npm = find_node(Path(sys.prefix) / "pagina")
    folder = PEERS / "node"
    environment = {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"}
    stamp, lock = folder / "node_modules/.package-lock.json", folder / "package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        command = [*npm, "ci", "--ignore-scripts", "--no-progress"]
        subprocess.run(command, cwd=folder, env=environment, check=True)  # noqa: S603 - our own command line
    os.environ["PATH"] = environment["PATH"]


@contextmanager
def running(server: Server, database: DatabaseUrl, log: Path) -> Iterator[tuple[int, int]]:
    """Start a server alone on its core; give its process and its port."""
    port = _free_port()
    folder = PEERS / ("node" if server.node else "python")
    environment = {
        **os.environ,
        **server.environment,
        "NODE_ENV": "production",
        "PORT": str(port),
        "SECRET": SECRET,
        "ISSUER": ISSUER,
        "AUDIENCE": AUDIENCE,
        "DB_SOCKET": database.unix_socket or "",
        "DB_USER": database.user,
        "DB_PASSWORD": database.password,
        "DB_NAME": database.database,
        "SGHSS_DATABASE_URL": str(database),
        "SGHSS_JWT_SECRET": SECRET,
        "SGHSS_PORT": str(port),
        "SGHSS_LOG_REQUESTS": "false",  # the others write no line for each request either
    }
    with log.open("ab") as words:
        process = subprocess.Popen(  # noqa: S603 - our own command lines
            [part.format(port=port) for part in server.command],
            cwd=ROOT if server.name == OURS else folder,
            env=environment,
            stdout=words,
            stderr=words,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {CORE}),
        )
    try:
        _wait(process, port, server, log)
        yield process.pid, port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, server: Server, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"{server.name} não começou; veja {log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
