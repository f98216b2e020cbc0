"""A database server is unpacked from Debian's packages, not installed: it needs no rights and leaves no trace.

apt downloads into folders of our own and checks the packages' sums against the archive's signature;
``dpkg-deb -x`` unpacks them into the user's cache folder, which every clone shares. What is there is whole:
it is made beside its place, tried, and moved. The set-up, too, loads this module, before anything is installed.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

_MARIADB = ("mariadb-server-core", "mariadb-client-core", "mariadb-common", "mysql-common")
_PRESENT_EVERYWHERE = ("libc6", "libgcc-s1", "libstdc++6")
_REFUSED_DATES = re.compile(rb"EXPKEYSIG|is expired|not valid yet")
_WRONG_CLOCK = "o relógio desta máquina não combina com as datas dos pacotes: acerte-o"
_DEBIAN_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def can_unpack() -> bool:
    """Tell whether this machine has the two programs that unpacking takes."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def unpack_mariadb(cache: Path, report: Callable[[str], None]) -> Path:
    """Give the folder of the machine's own release of MariaDB, with the libraries that the machine lacks.

    Raises:
        OSError: it can't be fetched, unpacked or run; the text says which, in Portuguese.
    """

    def fill(draft: Path) -> None:
        apt = Apt(draft)
        apt.update()
        apt.unpack(_MARIADB)
        server = [str(draft / "root/usr/sbin/mariadbd"), "--no-defaults", "--version"]
        if b"not found" in _output(["ldd", server[0]], draft):
            depends = apt.ask("apt-cache", "depends", "--important", _MARIADB[0])
            names = re.findall(r"Depends: (lib\S+)", depends)
            apt.unpack([name for name in names if name not in _PRESENT_EVERYWHERE])
        libraries = ":".join(str(path) for path in (draft / "root").glob("usr/lib/*-linux-*"))
        _output(server, draft, LD_LIBRARY_PATH=libraries)

    return _kept(cache, "mariadb", "baixando o MariaDB (60 MB, uma única vez)", report, fill)


def unpack_mysql(cache: Path, report: Callable[[str], None]) -> Path:
    """Give the folder of the MySQL of Debian's unstable suite, with everything it stands on.

    The suite's C library is newer than the machine's, so the machine is taken to have nothing (an empty
    status file), and the server runs under the loader that is unpacked with it.

    Raises:
        OSError: it can't be fetched or unpacked; the text says why, in Portuguese.
    """

    def fill(draft: Path) -> None:
        unstable(draft).unpack_with_all("mysql-server-core")

    return _kept(cache, "mysql", "baixando o MySQL (60 MB, uma única vez)", report, fill)


def unpack_packages(cache: Path, name: str, packages: Sequence[str], words: str, report: Callable[[str], None]) -> Path:
    """Give ``cache/name`` with packages of the machine's own release; ``report`` hears ``words`` if they are fetched.

    Raises:
        OSError: they can't be fetched or unpacked; the text says why, in Portuguese.
    """

    def fill(draft: Path) -> None:
        apt = Apt(draft)
        apt.update()
        apt.unpack(packages)

    return _kept(cache, name, words, report, fill)


def unpack_galera(cache: Path, report: Callable[[str], None]) -> Path:
    """Give the library by which several MariaDB servers are one cluster.

    Raises:
        OSError: it can't be fetched or unpacked; the text says why, in Portuguese.
    """
    root = unpack_packages(cache, "galera", ["galera-4"], "baixando o Galera (uma única vez)", report)
    return next(root.rglob("libgalera_smm.so"))


def unpack_pip(folder: Path) -> Path:
    """Give the wheel of pip, unpacked into ``folder``: Debian's Python can come without it.

    Raises:
        OSError: it can't be fetched or unpacked; the text says why, in Portuguese.
    """
    if not can_unpack():
        raise OSError("faltam apt-get e dpkg-deb")
    apt = Apt(folder)
    apt.update()
    apt.unpack(["python3-pip-whl"])
    return next((folder / "root/usr/share/python-wheels").glob("pip-*.whl"))


def unstable(draft: Path) -> "Apt":
    """Give the packages of Debian's unstable suite, from the machine's own mirror.

    Raises:
        OSError: the machine's packages aren't Debian's, or can't be fetched.
    """
    machine = Apt(draft)
    machine.update()
    targets = machine.ask("apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)")
    mirrors = [line.split()[1] for line in targets.splitlines() if re.match("Debian .*/debian/$", line)]
    if not mirrors or not _DEBIAN_KEYRING.exists():
        raise OSError("os pacotes desta máquina não são os do Debian")
    (draft / "sources").mkdir()
    (draft / "sources/sid.list").write_text(f"deb [signed-by={_DEBIAN_KEYRING}] {mirrors[0]} sid main\n")
    (draft / "status").touch()
    apt = Apt(
        draft,
        f"Dir::Etc::sourceparts={draft / 'sources'}",
        "Dir::Etc::sourcelist=/dev/null",
        f"Dir::State::status={draft / 'status'}",
    )
    apt.update()
    return apt


def _kept(cache: Path, name: str, words: str, report: Callable[[str], None], fill: Callable[[Path], None]) -> Path:
    """Give ``cache/name``, filled beside its place and moved there whole if it isn't there yet."""
    root = cache / name
    if not root.exists():
        if not can_unpack():
            raise OSError("faltam apt-get e dpkg-deb")
        report(words)
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=cache) as draft:
            fill(Path(draft))
            try:
                (Path(draft) / "root").rename(root)
            except OSError:
                if not root.exists():  # another process was faster, with the same content
                    raise
    return root.resolve()


class Apt:
    """apt with its state in a folder of our own, and the machine's sources and keys unless ``options`` say else."""

    def __init__(self, draft: Path, *options: str) -> None:
        self._draft = draft
        self._debs = draft / "debs"
        self._options = (
            f"Dir::State::lists={draft / 'lists'}",
            f"Dir::Cache={draft / 'cache'}",
            "Debug::NoLocking=1",
            "APT::Sandbox::User=",
            *options,
        )
        self._refused_dates = False
        for folder in ("lists/partial", "cache/archives/partial", "debs", "root"):
            (draft / folder).mkdir(parents=True, exist_ok=True)

    def update(self) -> None:
        """Fetch the lists; one broken source of the machine's is no reason to stop, but may explain a later failure."""
        ran = _run(self._command("apt-get", "update"), self._debs)
        self._refused_dates = bool(_REFUSED_DATES.search(ran.stderr))

    def ask(self, program: str, *arguments: str) -> str:
        """Give what apt answers."""
        try:
            return _output(self._command(program, *arguments), self._debs).decode()
        except OSError:
            if self._refused_dates:
                raise OSError(_WRONG_CLOCK) from None
            raise

    def unpack(self, packages: Sequence[str]) -> None:
        """Download packages and unpack them into ``root``."""
        self.ask("apt-get", "download", *packages)
        for package in sorted(self._debs.glob("*.deb")):
            _output(["dpkg-deb", "-x", str(package), str(self._draft / "root")], self._debs)
            package.unlink()

    def unpack_with_all(self, package: str) -> None:
        """Download a package and all it stands on, as on a machine that has nothing, and unpack them."""
        wanted = self.ask("apt-get", "install", "--print-uris", "-y", "--no-install-recommends", package)
        self.unpack(re.findall(r"^'\S+' ([^_\s]+)_\S+ \d+", wanted, re.MULTILINE))

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [program, "-qq", *(f"-o{option}" for option in self._options), *arguments]


def _output(command: list[str], folder: Path, **environment: str) -> bytes:
    ran = _run(command, folder, **environment)
    if ran.returncode != 0:
        last = ran.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise OSError(f"{Path(command[0]).name}: {''.join(last) or 'falhou'}")
    return ran.stdout


def _run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - our own command lines
        command, cwd=folder, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C", **environment}
    )
