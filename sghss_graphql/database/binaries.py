"""The MariaDB server on the machine is used when there is one; else Debian's packages are unpacked, not installed.

Unpacking needs no rights: apt downloads into folders of our own (and checks the packages' sums against the
archive's signature), ``dpkg-deb -x`` unpacks them into the user's cache folder, shared by every clone. The
folder appears there whole or not at all.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sghss_graphql.errors import SghssError

_PACKAGES = ("mariadb-server-core", "mariadb-client-core", "mariadb-common", "mysql-common")
_PRESENT_EVERYWHERE = ("libc6", "libgcc-s1", "libstdc++6")
_SYSTEM_FOLDERS = ("/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/bin")
_INSTALL_HINT = "instale o MariaDB (no Debian e no Ubuntu: apt-get install mariadb-server) e tente de novo."


class ServidorAusente(SghssError):
    """There is no MariaDB server here and none can be unpacked; the text says what to install."""


@dataclass(frozen=True, slots=True)
class ServerBinaries:
    """Where ``mariadbd`` and ``mariadb-install-db`` are; ``root`` is the folder they were unpacked into."""

    server: str
    installer: str
    root: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment to run them in."""
        if self.root is None:
            return dict(os.environ)
        libraries = [str(path) for path in sorted(self.root.glob("usr/lib/*-linux-*"))]
        return {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}

    def initialise(self, data: Path) -> list[str]:
        """Give the command that makes the system tables in ``data``."""
        return [
            self.installer,
            "--no-defaults",
            *self._places(),
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *_as_root(),
        ]

    def serve(self, data: Path) -> list[str]:
        """Give the command that serves ``data``, without its addresses."""
        plugins = [f"--plugin-dir={self.root}/usr/lib/mysql/plugin"] if self.root else []
        return [self.server, "--no-defaults", *self._places(), *plugins, f"--datadir={data}", *_as_root()]

    def _places(self) -> list[str]:
        if self.root is None:
            return []
        return [f"--basedir={self.root}/usr", f"--lc-messages-dir={self.root}/usr/share/mysql"]


def find_or_unpack(cache: Path, report: Callable[[str], None]) -> ServerBinaries:
    """Give the machine's server, or the one in ``cache``, unpacked now if it isn't there yet.

    Raises:
        ServidorAusente: this machine has no server and no apt, or the packages can't be fetched.
    """
    server = _which("mariadbd")
    installer = _which("mariadb-install-db")
    if server and installer:
        return ServerBinaries(server, installer)
    root = cache / "mariadb"
    if not root.exists():
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise ServidorAusente(f"Não há um servidor MariaDB nesta máquina: {_INSTALL_HINT}")
        report("baixando o MariaDB (60 MB, uma única vez)")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="mariadb-", dir=cache) as draft:
            _unpack(Path(draft))
            _publish(Path(draft) / "root", root)
    return ServerBinaries(str(root / "usr/sbin/mariadbd"), str(root / "usr/bin/mariadb-install-db"), root.resolve())


def _which(name: str) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", ""), *_SYSTEM_FOLDERS])
    return shutil.which(name, path=path)


def _as_root() -> list[str]:
    """MariaDB runs as root only when told to."""
    return ["--user=root"] if os.geteuid() == 0 else []


def _unpack(draft: Path) -> None:
    """Download and unpack into ``draft/root``, with the libraries that this machine lacks."""
    for folder in ("lists/partial", "cache/archives/partial", "debs", "root"):
        (draft / folder).mkdir(parents=True)
    _apt(draft, "apt-get", "update", must=False)  # one broken source of the machine's is no reason to stop
    _download(draft, list(_PACKAGES))
    server = ServerBinaries(str(draft / "root/usr/sbin/mariadbd"), "", draft / "root")
    if b"not found" in _output(["ldd", server.server], draft):
        depends = _apt(draft, "apt-cache", "depends", "--important", "mariadb-server-core").decode()
        names = [line.partition("Depends:")[2].strip() for line in depends.splitlines() if "Depends:" in line]
        _download(draft, [n for n in names if n.startswith("lib") and n not in _PRESENT_EVERYWHERE])
    ran = subprocess.run(  # noqa: S603 - our own command line
        [server.server, "--no-defaults", "--version"],
        env=server.environment,
        capture_output=True,
        check=False,
    )
    if ran.returncode != 0:
        raise ServidorAusente(f"O MariaDB baixado não roda nesta máquina: {_INSTALL_HINT}")


def _download(draft: Path, packages: list[str]) -> None:
    debs = draft / "debs"
    _apt(draft, "apt-get", "download", *packages)
    for package in sorted(debs.glob("*.deb")):
        _output(["dpkg-deb", "-x", str(package), str(draft / "root")], debs)
        package.unlink()


def _apt(draft: Path, program: str, *arguments: str, must: bool = True) -> bytes:
    """Run apt with its state in ``draft`` and the machine's own sources and keys."""
    options = [
        f"Dir::State::lists={draft / 'lists'}",
        f"Dir::Cache={draft / 'cache'}",
        "Debug::NoLocking=1",
        "APT::Sandbox::User=",
    ]
    return _output([program, "-qq", *(f"-o{option}" for option in options), *arguments], draft / "debs", must=must)


def _output(command: list[str], folder: Path, *, must: bool = True) -> bytes:
    ran = subprocess.run(  # noqa: S603 - our own command lines
        command, cwd=folder, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )
    if must and ran.returncode != 0:
        raise ServidorAusente(f"Não foi possível baixar o MariaDB ({command[0]}): {_INSTALL_HINT}")
    return ran.stdout


def _publish(draft: Path, final: Path) -> None:
    """Move the finished folder into place; another process may have been faster, with the same content."""
    try:
        draft.rename(final)
    except OSError:
        if not final.exists():
            raise
