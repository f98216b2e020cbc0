"""A wheel carries the GraphiQL page, and what reads rows, compiled if there is a compiler: outside of the checkout."""

import importlib.util
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own example has none either
    """Builds both into a temporary folder, and takes their files along.

    With ``SGHSS_PURE`` nothing is compiled, and the wheel is good for any machine.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build; an editable install needs neither, for the set-up builds them beside the environment."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        build = [sys.executable, str(Path(self.root) / "pagina/montar.py"), self._folder.name]
        subprocess.run(build, check=True)  # noqa: S603 - our own command line
        build_data["force_include"][f"{self._folder.name}/dist"] = "sghss_graphql/pagina"
        rows = None if os.environ.get("SGHSS_PURE") else self._rows()
        if rows is not None:
            build_data["force_include"][str(rows)] = rows.name
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{sysconfig.get_platform().translate(str.maketrans('-.', '__'))}"

    def _rows(self) -> Path | None:
        """Compile what reads rows, by the package's own module, which needs nothing but the standard library."""
        path = Path(self.root) / "sghss_graphql/machinery/database/compiled.py"
        spec = importlib.util.spec_from_file_location("compiled", path)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        try:
            made: Path | None = module.compile_rows(Path(self._folder.name))
        except OSError as error:
            self.app.display_warning(f"rows.c couldn't be compiled, and the wheel goes without it: {error}")
            return None
        return made

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the folder away."""
        if version != "editable":
            self._folder.cleanup()
