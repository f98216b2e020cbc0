"""The embedded server is a private MariaDB (or MySQL) on a Unix socket, in a folder of its own.

One process owns the folder: the lock on it is a file descriptor that the server inherits, so it lives exactly
as long as the owner or the server does. When the owner dies, even by ``kill -9``, Linux ends the server
(PR_SET_PDEATHSIG); the next owner waits for that and starts anew, and InnoDB recovers what was committed.
"""

import asyncio
import ctypes
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol, Self

from sghss_graphql.machinery.database.binaries import ServerBinaries
from sghss_graphql.machinery.database.migrations import read_statements
from sghss_graphql.machinery.database.pool import Database, with_database
from sghss_graphql.machinery.database.url import DatabaseUrl
from sghss_graphql.machinery.faults import Fault

DATABASE = "sghss"
APP_USER = "sghss_app"
_SOCKET, _PASSWORD = "banco.sock", "senha-do-banco"
_SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes on Linux, 104 on macOS
_START_SECONDS = 30
_STOP_SECONDS = 20
_LOCK_WAIT_SECONDS = 15
_LEAST_DISK_MB = 300  # what the demo takes, with its logs


class EmbeddedServerFailed(Fault):
    """The embedded server can't be made, started or owned; the text says what to do."""


class Reachable(Protocol):
    """A server that can be reached as the schema's owner and as the application's user."""

    @property
    def owner_url(self) -> DatabaseUrl:
        """The user who owns the schema: migrations run as this one."""
        ...

    @property
    def app_url(self) -> DatabaseUrl:
        """The application's own user, with the least rights (``sql/grants.sql``)."""
        ...


class EmbeddedServer:
    """One private server: ``start`` and ``stop`` it; ``owner_url`` and ``app_url`` say how to reach it.

    ``options`` are more of the server's own command line (a test that wants TLS gives them).
    """

    def __init__(self, folder: Path, binaries: ServerBinaries, options: Sequence[str] = ()) -> None:
        self.folder = folder = folder.absolute()
        self._binaries = binaries
        self._options = options
        self._data = folder / binaries.name
        self._log = folder / f"{binaries.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._socket_folder: Path | None = None

    @property
    def owner_url(self) -> DatabaseUrl:
        """The user who owns the schema: migrations run as this one."""
        return DatabaseUrl("root", "", DATABASE, unix_socket=str(self._socket))

    @property
    def app_url(self) -> DatabaseUrl:
        """The application's own user, with the least rights (``sql/grants.sql``)."""
        return self.owner_url.with_user(APP_USER, self._app_password())

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None  # noqa: S101 - only asked between start and stop
        return self._process.pid

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Make the data if there are none, and start the server.

        Raises:
            EmbeddedServerFailed: the folder is in use, the disk is full, or the server doesn't come up.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        await self._take_lock()
        try:
            if not (self._data / "pronto").exists():
                await asyncio.to_thread(self._make_data)
            await self._launch()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the server in good order (by force after 20 s) and give the folder back."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(process.wait, _STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
            self._socket_folder = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def watch(self) -> None:
        """Start the server again whenever it dies; runs until cancelled."""
        while True:
            process = self._process
            if process is None:
                return
            await asyncio.to_thread(_wait_a_moment, process)
            if process.poll() is not None and process is self._process:
                await self._launch()

    @property
    def _socket(self) -> Path:
        path = self.folder / _SOCKET
        if len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT:
            return path
        if self._socket_folder is None:
            self._socket_folder = Path(tempfile.mkdtemp(prefix="sghss-"))
            path.unlink(missing_ok=True)
            path.symlink_to(self._socket_folder / path.name)  # tells guests where it is
        return self._socket_folder / path.name

    def _app_password(self) -> str:
        """Read the application user's password, made at the first start."""
        path = self.folder / _PASSWORD
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(24))
        return path.read_text()

    async def _take_lock(self) -> None:
        lock = os.open(self.folder / "trava", os.O_RDWR | os.O_CREAT, 0o600)
        for _ in range(_LOCK_WAIT_SECONDS * 10):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(0.1)
            else:
                self._lock = lock
                return
        os.close(lock)
        raise EmbeddedServerFailed(
            f"O banco de dados em {self.folder} já está em uso por outro processo. Encerre-o, ou use outra pasta"
            " com SGHSS_HOME."
        )

    def _make_data(self) -> None:
        """Make the system tables beside the final place, then rename: whole or not at all.

        MariaDB's installer is a shell script that stumbles over spaces, so it sees both folders by other names.
        """
        draft = self.folder / f"{self._data.name}.novo"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(self._data, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="sghss-") as plain:
            alias = Path(plain) / "pasta"
            alias.symlink_to(self.folder)
            made = subprocess.run(  # noqa: S603 - our own command line
                self._binaries.seen_from(Path(plain)).initialise(alias / draft.name),
                env={**self._binaries.environment, "TMPDIR": plain},  # a server clears what others have in theirs
                capture_output=True,
                check=False,
            )
        if made.returncode != 0:
            with suppress(OSError):  # a full disk is why it failed, perhaps
                self._log.write_bytes(made.stdout + made.stderr)
            raise EmbeddedServerFailed(f"Não foi possível criar o banco de dados em {self.folder}: {self._reason()}.")
        (draft / "pronto").touch()
        draft.rename(self._data)

    async def _launch(self) -> None:
        self._process = self._spawn()
        await self._wait_until_it_answers(self._process)

    def _spawn(self) -> subprocess.Popen[bytes]:
        assert self._lock is not None  # noqa: S101 - start() holds it
        scratch = self.folder / "tmp"  # of its own: a server that starts clears all that servers leave in theirs
        scratch.mkdir(exist_ok=True)
        command = [
            *self._binaries.serve(self._data),
            f"--socket={self._socket}",
            f"--tmpdir={scratch}",
            "--skip-networking",
            "--character-set-server=utf8mb4",
            "--innodb-buffer-pool-size=256M",
            "--innodb-flush-log-at-trx-commit=1",
            "--max-connections=200",
            "--skip-name-resolve",
            *self._options,
        ]
        with self._log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own command line
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._binaries.environment,
                pass_fds=(self._lock,),
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),
            )

    async def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(_START_SECONDS * 20):
            if process.poll() is not None:
                break
            try:
                _, writer = await asyncio.open_unix_connection(str(self._socket))
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
        raise EmbeddedServerFailed(f"O banco de dados em {self.folder} não iniciou: {self._reason()}.")

    def _reason(self) -> str:
        """Say why the server can't be made or started, as far as can be told from here."""
        free = shutil.disk_usage(self.folder).free // 2**20
        if free < _LEAST_DISK_MB:
            return f"o disco está cheio ({free} MB livres; são precisos {_LEAST_DISK_MB})"
        return f"o que ele disse está em {self._log}"


async def find_running(folder: Path) -> DatabaseUrl | None:
    """Give the way, as the application's user, to the server that another process runs in a folder, if there is one."""
    socket = Path(os.path.realpath(folder / _SOCKET))  # noqa: ASYNC240 - once in the life of a command
    try:
        _, writer = await asyncio.open_unix_connection(str(socket))
        writer.close()
        password = (folder / _PASSWORD).read_text()
    except OSError:
        return None
    return DatabaseUrl(APP_USER, password, DATABASE, unix_socket=str(socket))


async def create_database(server: Reachable, grants: str, migrate: Callable[[Database], Awaitable[None]]) -> None:
    """Make the schema and the application's user, and bring both up to date; safe to do again."""
    await with_database(server.owner_url.with_database("mysql"), _make_user(server.app_url))
    await with_database(server.owner_url, migrate)
    await with_database(server.owner_url, _run_all(read_statements(grants)))


def _make_user(app: DatabaseUrl) -> Callable[[Database], Awaitable[None]]:
    account = {"usuario": app.user, "senha": app.password}

    async def make(db: Database) -> None:
        for statement in (
            f"CREATE DATABASE IF NOT EXISTS {DATABASE} CHARACTER SET utf8mb4",
            "CREATE USER IF NOT EXISTS %(usuario)s@'%%' IDENTIFIED BY %(senha)s",
            "ALTER USER %(usuario)s@'%%' IDENTIFIED BY %(senha)s",
        ):
            parameters = account if "usuario" in statement else {}
            await db.execute(statement, **parameters)

    return make


def _run_all(statements: Sequence[str]) -> Callable[[Database], Awaitable[None]]:
    async def run(db: Database) -> None:
        for statement in statements:
            await db.execute(statement)

    return run


def die_with_parent(parent: int) -> Callable[[], None] | None:
    """Give what a process runs so that Linux ends it with its parent (that process id); None elsewhere."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    pr_set_pdeathsig = 1

    def request() -> None:
        libc.prctl(pr_set_pdeathsig, signal.SIGTERM)
        if os.getppid() != parent:  # the parent died between fork and here
            os.kill(os.getpid(), signal.SIGTERM)

    return request


def _wait_a_moment(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        return
