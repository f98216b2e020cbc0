"""nova-sala refuses what would not fit, and writes nothing then; ``e2e/test_contribuir.py`` tries what it writes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import completed, environment

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["profissionais", "--um", "clinico"], "já existe uma sala profissionais"),
        (["clinicos", "--um", "profissional"], "profissional já é de outra sala"),
        (["ab"], "de 3 a 16 letras"),
        (["Convenios"], "de 3 a 16 letras"),
        (["../fora", "--um", "fora"], "de 3 a 16 letras"),
        (["convenio"], "é um plural"),
        (["convenios", "--grupo", "machinery"], "machinery"),
    ],
)
async def test_what_would_not_fit_is_refused_and_nothing_is_written(arguments: list[str], says: str) -> None:
    before = set(_files())
    code, text = await completed("nova-sala", *arguments, env=environment())
    assert code == 2
    assert says in text
    assert set(_files()) == before


def _files() -> Iterator[Path]:
    for folder in ("sghss_graphql", "sql", "tests"):
        yield from (path for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts)
