"""A wheel carries the GraphiQL page: it is built here, outside of the checkout."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own example has none either
    """Builds the page into a temporary folder, and takes its files along."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build; an editable install needs no page, for the set-up builds it beside the environment."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        build = [sys.executable, str(Path(self.root) / "pagina/montar.py"), self._folder.name]
        subprocess.run(build, check=True)  # noqa: S603 - our own command line
        build_data["force_include"][f"{self._folder.name}/dist"] = "sghss_graphql/pagina"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the folder away."""
        if version != "editable":
            self._folder.cleanup()
