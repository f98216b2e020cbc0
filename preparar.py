"""Prepares what a command needs, then becomes that command: ``python3 preparar.py [--dev] [--pagina] … COMMAND``.

It stands on the standard library alone, for nothing is installed yet. Steps that don't depend on each other run
side by side; a step that was done for the same files isn't done again. The environment lives in ``.venv``, or in
``SGHSS_HOME`` when the checkout is read-only.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
MADE_IN = 2026  # a clock before this year is wrong, and makes every certificate look invalid
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
_STARTED = time.monotonic()


class Falhou(Exception):
    """A step can't be done; the text says why, in Portuguese."""


@dataclass(eq=False)
class Step:
    """Something to make once for the same ``inputs``, after the steps that it ``needs``."""

    name: str
    words: str
    make: Callable[["Environment"], None]
    inputs: Iterable[Path]
    needs: tuple["Step", ...] = ()
    also: str = ""
    optional: bool = False
    again: str = ""
    """The command that tries an optional one again."""
    done: Future[None] = field(default_factory=Future)

    def digest(self) -> str:
        """Give what stands for the inputs: another digest, and the step is due again."""
        found = hashlib.sha256(self.also.encode())
        for path in sorted(self.inputs):
            found.update(f"\0{path.relative_to(ROOT)}\0".encode())
            found.update(path.read_bytes())
        return found.hexdigest()


@dataclass(frozen=True)
class Environment:
    """The folder of the virtual environment, and its programs."""

    folder: Path

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "bin/python"

    def run(self, *command: str | Path) -> None:
        """Run a command, keeping its words for the moment when it fails.

        Raises:
            Falhou: it ended with an error.
        """
        ran = subprocess.run(  # noqa: S603 - our own command lines
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        if ran.returncode != 0:
            text = ran.stdout.decode(errors="replace")
            raise Falhou(reason(text, self.folder) + kept(text))

    def stamp(self, step: Step) -> Path:
        """Give the file that says for which inputs a step was done."""
        return self.folder / "preparo" / step.name

    def forget(self, step: Step) -> None:
        """Make a step due again."""
        self.stamp(step).unlink(missing_ok=True)


UNKNOWN = "um comando terminou com erro"
REASONS = (
    (r"Erro: ([^\n]+)", "{0}"),
    (r"no space left|ENOSPC|disk quota|Errno 28", "o disco está cheio ({free} MB livres em {place})"),
    (
        r"not yet valid|not valid yet|has expired|CERT_HAS_EXPIRED|o relógio desta máquina",
        "o relógio desta máquina marca {now}: acerte-o",
    ),
    (r"DO NOT MATCH THE HASHES|EINTEGRITY", "um pacote baixado não confere com a soma guardada em requirements*.txt"),
    (r"permission denied|EACCES|Errno 13", "falta permissão para escrever em {place}"),
    (
        r"name resolution|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|connection|no matching distribution",
        "os pacotes (PyPI, npm) não respondem: confira a rede e o proxy, e tente de novo",
    ),
)


def reason(text: str, place: Path) -> str:
    """Say in Portuguese why a command failed, by what it printed."""
    now = datetime.now(UTC).astimezone()
    facts = {"free": shutil.disk_usage(nearest(place)).free // 2**20, "place": place, "now": f"{now:%d/%m/%Y %H:%M}"}
    if now.year < MADE_IN:
        return REASONS[2][1].format(**facts)
    for pattern, words in REASONS:
        if found := re.search(pattern, text, re.IGNORECASE):
            return words.format(*found.groups(), **facts)
    return UNKNOWN


def kept(text: str) -> str:
    """Keep a command's words in a file of their own, and say where; nothing if even that can't be written."""
    try:
        with tempfile.NamedTemporaryFile("w", prefix="sghss-preparo-", suffix=".log", delete=False) as file:
            file.write(text)
    except OSError:
        return ""
    return f" (os detalhes estão em {file.name})"


def nearest(path: Path) -> Path:
    """Give the path, or the nearest folder above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def make_environment(environment: Environment) -> None:
    """Make the virtual environment; where Python came without pip (Debian's does), with the one of its package."""
    make = (sys.executable, "-m", "venv", "--clear")
    try:
        environment.run(*make, environment.folder)
    except Falhou:
        packages = loaded("unpacking")
        if not packages.can_unpack():
            raise
        environment.run(*make, "--without-pip", environment.folder)
        with tempfile.TemporaryDirectory() as folder:
            try:
                wheel = packages.unpack_pip(Path(folder))
            except OSError as error:
                if (why := reason(str(error), environment.folder)) != UNKNOWN:
                    raise Falhou(why) from None
                missing = f"falta o pip, e não foi possível baixá-lo ({error}): apt-get install python3-venv"
                raise Falhou(missing) from None
            environment.run(environment.python, f"{wheel}/pip", *PIP[2:], "--no-index", wheel)


def loaded(name: str) -> ModuleType:
    """Load a module of the package's that needs nothing but the standard library either."""
    path = ROOT / f"sghss_graphql/machinery/database/{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def install(environment: Environment) -> None:
    """Install what the server runs on, and the checkout itself."""
    environment.run(environment.python, *PIP, "--require-hashes", "-r", "requirements.txt")
    environment.run(environment.python, *PIP, "--no-deps", "--no-build-isolation", "--editable", ".")


def install_more(name: str) -> Callable[[Environment], None]:
    """Give the step that installs another list of requirements."""
    return lambda environment: environment.run(environment.python, *PIP, "--require-hashes", "-r", name)


def compile_rows(environment: Environment) -> None:
    """Compile what reads rows; without it they are read all the same."""
    environment.run(environment.python, "sghss_graphql/machinery/database/compiled.py")


def build_page(environment: Environment) -> None:
    """Build the GraphiQL page."""
    environment.run(environment.python, "pagina/montar.py")


def load_demo(environment: Environment) -> None:
    """Make the embedded database and load the demo, so that ``dev`` has only to start."""
    environment.run(environment.folder / "bin/sghss-graphql", "dev", "--preparar")


def steps(environment: Environment, home: Path) -> dict[str, Step]:
    """Give every step by its option; each brings those that it needs."""
    python = f"{ROOT} {sys.version} {sys.base_prefix} {environment.folder}"
    base = Step("ambiente", "ambiente Python", make_environment, [], also=python)
    installed = Step(
        "dependencias",
        "dependências, com soma conferida",
        install,
        [ROOT / "requirements.txt", ROOT / "pyproject.toml"],
        (base,),
    )
    page = [path for path in (ROOT / "pagina").rglob("*") if path.is_file() and "__pycache__" not in path.parts]

    def more(name: str, words: str) -> Step:
        listed = f"requirements-{name}.txt"
        return Step(name, words, install_more(listed), [ROOT / listed], (installed,))

    rows = [ROOT / "sghss_graphql/machinery/database" / name for name in ("compiled.py", "rows.c")]
    compiler = shutil.which("cc")
    which = f"{compiler} {Path(compiler).stat().st_mtime}" if compiler else ""  # another is tried, if this one fails
    demo = more("demo", "dependências da demonstração")
    return {
        "base": installed,
        "linhas": Step(
            "linhas", "leitura de linhas compilada", compile_rows, rows, (base,), f"{python} {which}", optional=True
        ),
        "dev": more("dev", "dependências de desenvolvimento"),
        "e2e": more("e2e", "navegador e clientes dos testes"),
        "bench": more("bench", "os servidores com que se compara"),
        "demo": demo,
        "pagina": Step(
            "pagina",
            "página GraphiQL",
            build_page,
            [*page, ROOT / "requirements-node.txt"],
            (base,),
            optional=True,
            again="make pagina",
        ),
        "banco": Step("banco", "banco de dados e demonstração", load_demo, [], (demo,), also=str(home)),
    }


def prepare(environment: Environment, wanted: list[Step]) -> list[Step]:
    """Do what is due, side by side; give the optional steps that failed.

    Raises:
        Falhou: the first failure of a step that must be.
    """
    ordered = list(dict.fromkeys(step for last in wanted for step in chain(last)))
    with ThreadPoolExecutor(len(ordered)) as pool:
        for step in ordered:
            pool.submit(work, environment, step)
    failed = [step for step in ordered if step.done.exception()]
    for step in failed:
        if not step.optional:
            step.done.result()  # raises what went wrong
    return failed


def chain(step: Step) -> list[Step]:
    """Give a step after all that it needs."""
    return [*(before for need in step.needs for before in chain(need)), step]


def work(environment: Environment, step: Step) -> None:
    """Do one step if it is due, once those before it are done."""
    try:
        for need in step.needs:
            need.done.result()
        stamp, digest = environment.stamp(step), step.digest()
        before = stamp.read_text() if stamp.exists() else ""
        if before.removeprefix("falhou ") != digest:
            say(f"{step.words} …")
            environment.forget(step)
            try:
                step.make(environment)
            except Falhou:
                if step.optional:
                    write(stamp, f"falhou {digest}")
                raise
            write(stamp, digest)
            say(f"{step.words}: pronto")
        elif before != digest:
            raise Falhou("não deu certo da última vez")
        step.done.set_result(None)
    except OSError as error:
        step.done.set_exception(Falhou(reason(str(error), environment.folder)))
    except Falhou as error:
        step.done.set_exception(error)


def write(stamp: Path, digest: str) -> None:
    """Say for which inputs a step was done."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


def say(text: str) -> None:
    """Tell of progress, with the seconds since the start."""
    sys.stderr.write(f"  {time.monotonic() - _STARTED:4.0f} s  {text}\n")


def place(home: Path) -> Path:
    """Give the folder of the environment: in the checkout, or in SGHSS_HOME when that is read-only.

    Raises:
        Falhou: neither can be written.
    """
    inside = ROOT / ".venv"
    if os.access(inside if inside.is_dir() else ROOT, os.W_OK):
        return inside
    if "SGHSS_HOME" in os.environ:
        return home / "venv"
    raise Falhou(f"a pasta {ROOT} é só de leitura: indique outra, em que se possa escrever, com SGHSS_HOME")


def main() -> None:
    """Prepare, then become the command."""
    if sys.version_info < OLDEST_PYTHON:
        raise Falhou("é preciso Python 3.11 ou mais novo; diga qual, por exemplo: make run PYTHON=python3.12")
    parser = argparse.ArgumentParser(description="Prepara o que falta e roda um comando.", add_help=False)
    for option in ("dev", "e2e", "bench", "demo", "pagina", "banco"):
        parser.add_argument(f"--{option}", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    chosen = vars(parser.parse_args())
    command = chosen.pop("command")
    home = Path(os.environ.get("SGHSS_HOME", ROOT / ".sghss")).absolute()
    environment = Environment(place(home))
    all_steps = steps(environment, home)
    wanted = [all_steps["base"], *(all_steps[name] for name, on in chosen.items() if on)]
    if loaded("compiled").can_compile():
        wanted.append(all_steps["linhas"])
    environment.folder.mkdir(parents=True, exist_ok=True)
    if not (home / "banco").exists():
        environment.forget(all_steps["banco"])
    if not command:
        environment.forget(all_steps["pagina"])
    lock = os.open(environment.folder, os.O_RDONLY)  # the folder itself: `venv --clear` empties it and keeps it
    fcntl.flock(lock, fcntl.LOCK_EX)
    for step in prepare(environment, wanted):
        again = f"; para tentar de novo: {step.again}" if step.again else ""
        say(f"sem a {step.words}: {step.done.exception()}{again}")
        if not command and step.again:
            sys.exit(1)
    os.close(lock)
    if command:
        os.chdir(ROOT)
        os.environ["PATH"] = f"{environment.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        os.execvp(command[0], command)  # noqa: S606 - the command that was asked for


if __name__ == "__main__":
    try:
        main()
    except (Falhou, OSError) as error:
        words = reason(str(error), ROOT) if isinstance(error, OSError) else str(error)
        sys.exit(f"Não foi possível preparar: {words}")
    except KeyboardInterrupt:
        sys.exit(130)
