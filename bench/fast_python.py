"""The Python that the servers are measured on: the fastest of its version that the machine has, by a plain loop.

One that was compiled in a hurry, without PGO, runs a third slower than the distribution's own, and nobody deploys it.
"""

import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_REQUIREMENTS = ("requirements.txt", "requirements-bench.txt")
_LOOP = (
    "import timeit; print(min(timeit.repeat('for n in range(300_000): total = n * 2 + 1; d[n & 7] = total',"
    " 'd = {}', number=1, repeat=9)))"
)
_TURNS = 5


@lru_cache(maxsize=1)
def fastest() -> str:
    """Give the interpreter; if it isn't the one that runs this, in an environment with all that the servers need."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    others = {f"/usr/bin/python{version}", shutil.which(f"python{version}") or ""}
    names = [name for name in (sys.executable, *others) if Path(name).is_file()]
    each = [{name: float(_says(name, _LOOP)) for name in names} for _ in range(_TURNS)]  # in turns: a machine has moods
    took = {name: min(turn[name] for turn in each) for name in names}
    best = min(took, key=lambda name: took[name])
    return sys.executable if best == sys.executable else _environment(best, version)


def _environment(python: str, version: str) -> str:
    folder = _ROOT / ".sghss/bench" / f"python-{version}"
    own, stamp = folder / "bin/python", folder / "requisitos"
    wanted = "".join((_ROOT / name).read_text() for name in _REQUIREMENTS)
    if not stamp.is_file() or stamp.read_text() != wanted:
        _run(python, "-m", "venv", "--clear", "--without-pip", str(folder))
        files = [part for name in _REQUIREMENTS for part in ("-r", str(_ROOT / name))]
        pip = ("-m", "pip", "--python", str(own), "install", "--quiet", "--disable-pip-version-check")
        _run(sys.executable, *pip, "--require-hashes", *files)
        _run(sys.executable, *pip, "--no-deps", "--no-build-isolation", "--editable", str(_ROOT))
        stamp.write_text(wanted)
    compiling = [str(own), str(_ROOT / "sghss_graphql/machinery/database/compiled.py")]
    subprocess.run(compiling, check=False)  # noqa: S603 - our own command line
    return str(own)


def _run(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command lines
    if ran.returncode != 0:
        sys.exit(f"{' '.join(command)}:\n{ran.stderr}")
    return ran.stdout


def _says(python: str, code: str) -> str:
    return _run(python, "-c", code).strip()


def described() -> str:
    """Say which Python it is."""
    return _says(fastest(), "import sys; print('Python', sys.version.split()[0], 'de', sys.base_prefix)")
