"""Writes all generated text: schema.graphql and the tables of README. ``make docs`` runs it; a test compares.

With ``--check`` nothing is written, and the exit code tells whether anything differs.
"""

import re
import sys
from pathlib import Path

from sghss_graphql.schema import schema
from sghss_graphql.settings import settings_table

ROOT = Path(__file__).parents[1]


def generated() -> dict[Path, str]:
    """Give each generated file's text as it should be."""
    readme = ROOT / "README.md"
    return {
        ROOT / "schema.graphql": schema.as_str() + "\n",
        readme: between(readme.read_text(encoding="utf-8"), "configuracoes", settings_table()),
    }


def between(text: str, name: str, content: str) -> str:
    """Put content between ``<!-- name -->`` and ``<!-- /name -->``."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"README.md lacks <!-- {name} -->")
    return pattern.sub(lambda found: found[1] + content + found[2], text)


def main() -> None:
    """Write, or check."""
    differs = [path for path, text in generated().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        sys.exit("\n".join(f"{path.name} is out of date: run make docs" for path in differs))
    for path in differs:
        path.write_text(generated()[path], encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
