"""A machine that has only Python and make: a new user, without rights, Node or a database server, in an odd folder.

Each place is a mount namespace in which the programs are hidden, so this runs as root on Linux and touches nothing.
"""

import asyncio
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from tests.hospital import Cliente
from tests.processes import free_port, until

HIDDEN = (
    "node",
    "nodejs",
    "npm",
    "npx",
    "mariadbd",
    "mysqld",
    "mariadb-install-db",
    "mysql_install_db",
    "chromium",
    "uv",
)
FIRST_START = 180  # seconds, on two cores
LATER_START = 30  # seconds in which it must be there at all; what it takes is printed

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="esconder programas e criar um usuário pede root")


@dataclass(frozen=True)
class Machine:
    """Someone's machine: their clone, who they are, and what is mounted over what."""

    clone: Path
    user: int
    home: Path
    python: str = "/usr/bin/python3"
    mounts: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    def command(self, line: str) -> list[str]:
        """Give the command line that runs a line of shell there."""
        hidden = [
            path
            for name in HIDDEN
            for folder in ("/usr/bin", "/usr/sbin", "/usr/local/bin")
            if (path := Path(folder) / name).exists()
        ]
        ensurepip = [folder for folder in Path("/usr/lib").glob("python3*/ensurepip")]
        mounts = [
            *(f"mount --bind /dev/null {path.resolve()}" for path in hidden),
            *(f"mount -t tmpfs none {folder}" for folder in ensurepip),
            *self.mounts,
        ]
        become = f"setpriv --reuid {self.user} --regid {self.user} --clear-groups"
        place, line = shlex.quote(str(self.clone)), shlex.quote(line)
        inside = f"cd {place} && exec {become} env {' '.join(self.variables)} sh -c {line}"
        return ["unshare", "--mount", "sh", "-ec", "\n".join([*mounts, inside])]

    @property
    def environment(self) -> dict[str, str]:
        """Give what a new session of theirs has: our way to the packages, and nothing else of ours."""
        ours = ("PIP_", "SSL_", "NODE_EXTRA", "REQUESTS_", "CURL_")
        kept = {name: value for name, value in os.environ.items() if name.startswith(ours)}
        return {**kept, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(self.home), "LANG": "C.UTF-8"}

    async def run(self, line: str) -> tuple[int, str]:
        """Run a line of shell to its end; give its exit code and all it wrote."""
        process = await self.start(line)
        text, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, text.decode(errors="replace")

    async def start(self, line: str) -> asyncio.subprocess.Process:
        """Start a line of shell."""
        return await asyncio.create_subprocess_exec(
            *self.command(line),
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )

    @asynccontextmanager
    async def running(self, line: str, port: int, seconds: float) -> AsyncIterator[httpx.AsyncClient]:
        """Run a server for a while, once it answers; Ctrl-C ends it."""
        process = await self.start(f"{line} > {shlex.quote(str(self.log))} 2>&1")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:

            async def answers() -> bool:
                assert process.returncode is None, self.log.read_text()
                try:
                    return (await http.get("/healthz")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(answers, seconds)
            yield http
        os.killpg(process.pid, signal.SIGINT)
        await process.communicate()

    @property
    def log(self) -> Path:
        """Where a server writes."""
        return self.home / "sghss.log"


@pytest.fixture
def machine(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Machine]:
    """A new user with a clone of their own, in a folder with spaces and accents."""
    name = f"sghss-{os.getpid()}"
    home = Path("/var/tmp") / name  # noqa: S108 - /tmp may be mounted over
    subprocess.run(["useradd", "--create-home", "--home-dir", home, name], check=True)
    user = int(subprocess.run(["id", "-u", name], capture_output=True, text=True, check=True).stdout)
    clone = home / "Área de trabalho" / "o hospital"
    clone.parent.mkdir()
    subprocess.run(["git", "-c", "safe.directory=*", "clone", "--quiet", "--no-hardlinks", root, clone], check=True)
    for path in (clone.parent, *clone.parent.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)
    yield Machine(clone, user, home)
    subprocess.run(["userdel", "--remove", name], check=True, capture_output=True)


async def _book(http: httpx.AsyncClient) -> None:
    page = await http.get("/graphql", headers={"Accept": "text/html"})
    assert page.status_code == 200, page.text
    script = re.search(r'src="(/graphiql/assets/[^"]+\.js)"', page.text)
    assert script
    assert (await http.get(script[1])).status_code == 200
    paciente = await Cliente(http).entrar(PESSOAS[0].cpf, SENHA)
    answer = await paciente("{ consultas(first: 1) { totalCount } }")
    assert answer.data["consultas"]["totalCount"] > 0


async def test_make_run_and_make_test_on_a_new_machine(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """All comes by itself, as an ordinary user; the second start has nothing to do."""
    port = free_port()
    for which, seconds in (("primeira", FIRST_START), ("segunda", LATER_START)):
        before = time.monotonic()
        async with machine.running(f"exec make run SGHSS_PORT={port} PYTHON={machine.python}", port, seconds) as http:
            took = time.monotonic() - before
            await _book(http)
        with capsys.disabled():
            sys.stdout.write(f"\n  make run, {which} vez: {took:.1f} s\n")
    before = time.monotonic()
    code, text = await machine.run(f"make test T='tests/demo tests/test_sala.py' PYTHON={machine.python}")
    assert code == 0, text[-5000:]
    with capsys.disabled():
        sys.stdout.write(f"  make test: {time.monotonic() - before:.0f} s\n")


async def test_odd_places(machine: Machine) -> None:
    """Prepared once by its owner, the clone is then used where things are missing."""
    shutil.rmtree(machine.home / ".cache", ignore_errors=True)
    code, text = await machine.run(f"{machine.python} preparar.py --dev --demo true")
    assert code == 0, text
    await _nobodys_user(machine)
    await _full_disk(machine)
    await _wrong_clock(machine)
    await _read_only_checkout(machine)


async def _nobodys_user(machine: Machine) -> None:
    """Someone without HOME, and whom the machine doesn't know: all stays in SGHSS_HOME."""
    stranger = replace(machine, user=machine.user + 7, variables=("-u", "HOME", "-u", "LOGNAME", "-u", "USER"))
    place = machine.home / "de ninguém"
    place.mkdir()
    os.chown(place, stranger.user, stranger.user)
    for folder in (machine.home, *machine.clone.parents):
        if folder.is_relative_to(machine.home):
            folder.chmod(0o755)
    code, text = await stranger.run(f"SGHSS_HOME='{place}' .venv/bin/sghss-graphql dev --preparar")
    assert code == 0, text
    assert (place / "cache").is_dir()


async def _full_disk(machine: Machine) -> None:
    """A disk that is too small: the line says so, and where."""
    full = machine.home / "cheio"
    full.mkdir()
    small = replace(machine, mounts=(f"mount -t tmpfs -o size=8m,mode=777 none '{full}'",))
    code, text = await small.run(f"SGHSS_HOME='{full}' .venv/bin/sghss-graphql dev --preparar")
    assert code == 1
    assert "o disco está cheio" in text.splitlines()[-1], text
    small = replace(machine, mounts=(f"mount -t tmpfs -o size=20m,mode=777 none '{machine.clone}/.venv'",))
    code, text = await small.run(f"make test PYTHON={machine.python}")
    assert code != 0
    assert "o disco está cheio" in text, text
    assert "Traceback" not in text


async def _wrong_clock(machine: Machine) -> None:
    """A clock in the past harms nothing that is installed; one that makes certificates invalid is told."""
    assert shutil.which("faketime"), "falta o faketime: apt-get install faketime"
    place = machine.home / "noutro tempo"
    code, text = await machine.run(f"SGHSS_HOME='{place}' faketime 2001-01-01 .venv/bin/sghss-graphql dev --preparar")
    assert code == 0, text
    elsewhere = replace(machine, mounts=(f"mount -t tmpfs -o mode=777 none '{machine.clone}/.venv'",))
    code, text = await elsewhere.run(f"faketime 2041-01-01 {machine.python} preparar.py true")
    assert code == 1
    assert "o relógio desta máquina marca 01/01/2041" in text
    assert "acerte-o" in text


async def _read_only_checkout(machine: Machine) -> None:
    """A checkout that can't be written: refused in words, or prepared in SGHSS_HOME."""
    shutil.rmtree(machine.clone / ".venv")
    quoted = f"'{machine.clone}'"
    ours = replace(machine, mounts=(f"mount --bind {quoted} {quoted}", f"mount -o remount,bind,ro {quoted}"))
    code, text = await ours.run(f"make run PYTHON={machine.python}")
    assert code != 0
    assert "é só de leitura: indique outra, em que se possa escrever, com SGHSS_HOME" in text
    home, port = machine.home / "a casa", free_port()
    line = f"exec make run SGHSS_HOME='{home}' SGHSS_PORT={port} PYTHON={machine.python}"
    async with ours.running(line, port, FIRST_START) as http:
        await _book(http)
