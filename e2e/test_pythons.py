"""`make test` on every Python that the project supports: the machine's or, where it has none, Debian's, unpacked."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sghss_graphql.machinery.database.unpacking import unstable

VERSIONS = ("3.11", "3.12", "3.13", "3.14")


@pytest.mark.parametrize("version", VERSIONS)
def test_make_test_on_a_python(version: str, root: Path, tmp_path: Path) -> None:
    python = _on_this_machine(version) or _unpacked(version, tmp_path)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", root, clone], check=True)
    command = ["make", "test", f"PYTHON={python}"]
    ran = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr
    assert f"Python {version}." in ran.stdout
    sys.stdout.write(f"\n  Python {version}: {ran.stdout.splitlines()[-1].strip('= ')}\n")


def _on_this_machine(version: str) -> Path | None:
    """Find a Python on the PATH, or among pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    for found in (shutil.which(f"python{version}"), *sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))):
        if (
            found
            and subprocess.run([found, "-c", "import ensurepip"], check=False, capture_output=True).returncode == 0
        ):
            return Path(found)
    return None


def _unpacked(version: str, folder: Path) -> Path:
    """Unpack the Python of Debian's unstable suite, to run on the C library that comes with it."""
    draft = folder / "debian"
    draft.mkdir()
    unstable(draft).unpack_with_all(f"python{version}-venv")
    root = draft / "root"
    python = root / f"usr/bin/python{version}"
    (loader,) = root.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*")
    libraries = ["--force-rpath", "--set-rpath", str(loader.parent)]
    subprocess.run(["patchelf", "--set-interpreter", loader, *libraries, python], check=True)
    for path in (root / f"usr/lib/python{version}").rglob("*.py"):
        text = path.read_text(encoding="utf-8", errors="surrogateescape") if path.is_file() else ""  # a link into /etc
        if "/usr/share/python-wheels" in text:  # where ensurepip looks for pip
            moved = text.replace("/usr/share/python-wheels", f"{root}/usr/share/python-wheels")
            path.write_text(moved, encoding="utf-8", errors="surrogateescape")
    return python
