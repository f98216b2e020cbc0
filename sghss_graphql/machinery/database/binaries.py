"""Two servers that the embedded database can be: each knows its own programs and how they are started."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Protocol, Self

from sghss_graphql.machinery.database.unpacking import can_unpack, unpack_mariadb, unpack_mysql
from sghss_graphql.machinery.faults import Fault, os_reason

_SYSTEM_FOLDERS = ("/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/bin")


class ServerMissing(Fault):
    """There is no database server here and none can be unpacked; the text says what to install."""


class ServerBinaries(Protocol):
    """The programs of one database server."""

    @property
    def name(self) -> str:
        """The folder of its data, and its log."""
        ...

    @property
    def environment(self) -> dict[str, str]:
        """The environment to run them in."""
        ...

    def seen_from(self, folder: Path) -> Self:
        """Give the same programs by a path inside ``folder``, for an installer that stumbles over spaces."""
        ...

    def initialise(self, data: Path) -> list[str]:
        """Give the command that makes the system tables in ``data``."""
        ...

    def serve(self, data: Path) -> list[str]:
        """Give the command that serves ``data``, without its addresses."""
        ...


@dataclass(frozen=True, slots=True)
class MariaDb:
    """``mariadbd`` and ``mariadb-install-db``; ``root`` is the folder they were unpacked into."""

    server: str
    installer: str
    root: Path | None = None
    name: ClassVar[str] = "mariadb"

    @property
    def environment(self) -> dict[str, str]:
        """The environment to run them in."""
        if self.root is None:
            return dict(os.environ)
        libraries = [str(path) for path in sorted(self.root.glob("usr/lib/*-linux-*"))]
        return {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}

    def seen_from(self, folder: Path) -> Self:
        """Give the same programs by a path inside ``folder``: the installer is a shell script."""
        if self.root is None:
            return self
        link = folder / "programas"
        link.symlink_to(self.root)
        installer = link / Path(self.installer).relative_to(self.root)
        return replace(self, installer=str(installer), root=link)

    def initialise(self, data: Path) -> list[str]:
        """Give the command that makes the system tables in ``data``."""
        login = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        return [self.installer, "--no-defaults", *_places(self.root), f"--datadir={data}", *login, *_as_root()]

    def serve(self, data: Path) -> list[str]:
        """Give the command that serves ``data``, without its addresses."""
        return [
            self.server,
            "--no-defaults",
            *_places(self.root),
            *_plugins(self.root),
            f"--datadir={data}",
            *_as_root(),
        ]


@dataclass(frozen=True, slots=True)
class MySql:
    """``mysqld``, which makes its own system tables; unpacked, it runs under the loader that came with it."""

    server: str
    root: Path | None = None
    name: ClassVar[str] = "mysql"

    @property
    def environment(self) -> dict[str, str]:
        """The environment to run it in."""
        return dict(os.environ)

    def seen_from(self, folder: Path) -> Self:
        """Give the same programs: spaces don't matter here."""
        del folder
        return self

    def initialise(self, data: Path) -> list[str]:
        """Give the command that makes the system tables in ``data``."""
        return [*self._program(data), "--initialize-insecure"]

    def serve(self, data: Path) -> list[str]:
        """Give the command that serves ``data``, without its addresses."""
        return [*self._program(data), *_plugins(self.root), "--mysqlx=OFF", "--skip-log-bin"]

    def _program(self, data: Path) -> list[str]:
        options = ["--no-defaults", *_places(self.root), f"--datadir={data}", "--secure-file-priv=NULL", *_as_root()]
        if self.root is None:
            return [self.server, *options]
        (loader,) = self.root.glob("usr/lib*/ld-linux-*")
        libraries = [str(path) for path in sorted(self.root.glob("usr/lib/*-linux-*"))]
        private = [f"{self.root}/usr/lib/mysql/private", f"{self.root}/usr/lib/mysql"]
        return [str(loader), "--library-path", ":".join([*libraries, *private]), self.server, *options]


def find_or_unpack(cache: Path, report: Callable[[str], None]) -> ServerBinaries:
    """Give the machine's MariaDB, or the one in ``cache``, unpacked now if it isn't there yet.

    The machine's MySQL is taken only where nothing can be unpacked: Ubuntu's AppArmor keeps an installed
    ``mysqld`` out of every folder but its own.

    Raises:
        ServerMissing: this machine has no server and no apt, or the packages can't be fetched.
    """
    server, installer = _which("mariadbd"), _which("mariadb-install-db")
    if server and installer:
        return MariaDb(server, installer)
    mysqld = _which("mysqld")
    if mysqld and not can_unpack():
        return MySql(mysqld)
    try:
        root = unpack_mariadb(cache, report)
    except OSError as error:
        raise ServerMissing(
            f"Não há um servidor MariaDB nesta máquina, e não foi possível baixar um: {os_reason(error)}."
            " Instale o MariaDB (no Debian e no Ubuntu: apt-get install mariadb-server; no macOS: brew install"
            " mariadb) e tente de novo."
        ) from None
    return MariaDb(str(root / "usr/sbin/mariadbd"), str(root / "usr/bin/mariadb-install-db"), root)


def find_or_unpack_mysql(cache: Path, report: Callable[[str], None]) -> ServerBinaries:
    """Give Debian's newest MySQL, unpacked into ``cache`` now if it isn't there yet.

    Raises:
        ServerMissing: this machine's packages aren't Debian's, or can't be fetched.
    """
    try:
        root = unpack_mysql(cache, report)
    except OSError as error:
        raise ServerMissing(
            f"Não foi possível baixar o MySQL: {os_reason(error)}. Indique um servidor vazio, só para os"
            " testes, com SGHSS_TEST_SERVER=mysql://root:senha@127.0.0.1:3306/mysql"
        ) from None
    return MySql(str(root / "usr/sbin/mysqld"), root)


def _which(name: str) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", ""), *_SYSTEM_FOLDERS])
    return shutil.which(name, path=path)


def _places(root: Path | None) -> list[str]:
    return [f"--basedir={root}/usr", f"--lc-messages-dir={root}/usr/share/mysql"] if root else []


def _plugins(root: Path | None) -> list[str]:
    return [f"--plugin-dir={root}/usr/lib/mysql/plugin"] if root else []


def _as_root() -> list[str]:
    """Both run as root only when told to."""
    return ["--user=root"] if os.geteuid() == 0 else []
