"""What reads rows is compiled where there is a C compiler, from ``rows.c``; elsewhere ``forms.py`` does the same.

The set-up, too, loads this module, before anything is installed.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

NAME = "sghss_rows"
"""Of the module that is made."""
_SOURCE = Path(__file__).with_name("rows.c")
_FLAGS = ("-O2", "-shared", "-fPIC", "-std=c11", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2")


def compile_rows(folder: Path) -> Path | None:
    """Compile it into a folder; None if there is no compiler, or no headers of this Python.

    Raises:
        OSError: it couldn't be compiled; the text says why.
    """
    compiler, include = shutil.which("cc"), Path(sysconfig.get_path("include"))
    if compiler is None or not (include / "Python.h").is_file():
        return None
    made = folder / f"{NAME}.abi3.so"
    system = ("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()
    command = [compiler, *_FLAGS, *system, f"-I{include}", str(_SOURCE), "-o", f"{made}.new"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    if ran.returncode != 0:
        raise OSError(ran.stderr)
    Path(f"{made}.new").replace(made)  # whoever has the one before goes on with it
    return made


if __name__ == "__main__":
    compile_rows(Path(sysconfig.get_path("platlib")))
