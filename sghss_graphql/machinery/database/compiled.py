"""What reads rows is compiled where there is a C compiler, from ``rows.c``; elsewhere ``forms.py`` does the same.

The set-up, too, loads this module, before anything is installed.
"""

import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAME = "sghss_rows"
"""Of the module that is made."""
_SOURCE = Path(__file__).with_name("rows.c")
_FLAGS = ("-O2", "-shared", "-fPIC", "-std=c11", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2")
Many = Callable[..., tuple[int, int]]


def can_compile() -> bool:
    """Tell whether there are a compiler and the headers of this Python."""
    return shutil.which("cc") is not None and (Path(sysconfig.get_path("include")) / "Python.h").is_file()


def compile_rows(folder: Path) -> Path | None:
    """Compile it into a folder; None if it can't be, for want of a compiler or of headers.

    Raises:
        OSError: it couldn't be compiled; the text says why.
    """
    if not can_compile():
        return None
    made = folder / f"{NAME}.abi3.so"
    system = ("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()
    with tempfile.TemporaryDirectory(prefix=f"{NAME}-", dir=folder) as draft:  # two may compile at once
        new = Path(draft) / made.name
        options = (*_FLAGS, *system, f'-DSOURCE="{_digest()}"', f"-I{sysconfig.get_path('include')}")
        command = [shutil.which("cc") or "cc", *options, str(_SOURCE), "-o", str(new)]
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - our own command line
        if ran.returncode != 0:
            raise OSError(ran.stderr)
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(made)  # whoever has the one before goes on with it
    return made


def compiled_many() -> Many | None:
    """Give the function that reads rows, if it was compiled of this very source, and not of another."""
    try:
        module: Any = importlib.import_module(NAME)
        return module.many if _digest() == module.SOURCE else None
    except Exception:  # noqa: BLE001 - it is only faster: nothing may depend on it
        return None


def _digest() -> str:
    return hashlib.sha256(_SOURCE.read_bytes()).hexdigest()


if __name__ == "__main__":
    compile_rows(Path(sysconfig.get_path("platlib")))
