"""The days on which Brazil, or one of its states, doesn't work.

``feriados.tsv`` holds them, as the ``holidays`` library has them: ``make feriados`` writes it (docs/feriados.py).
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files

PRIMEIRO_ANO, ULTIMO_ANO = 2020, 2060
"""Of those that are known."""


@lru_cache(maxsize=1)
def _tabela() -> dict[tuple[str, int], dict[date, str]]:
    """Give the holidays of each state (``BR`` are those of all) and year, by day, with their names."""
    texto = files(__package__).joinpath("feriados.tsv").read_text(encoding="utf-8")
    tabela: dict[tuple[str, int], dict[date, str]] = {}
    for linha in texto.splitlines():
        if not linha.startswith("#"):
            dia, onde, nome = linha.split("\t")
            lido = date.fromisoformat(dia)
            tabela.setdefault((onde, lido.year), {})[lido] = nome
    return tabela


@lru_cache(maxsize=28 * (ULTIMO_ANO - PRIMEIRO_ANO + 1))
def feriados(uf: str | None, ano: int) -> Mapping[date, str]:
    """Give the holidays of a year, national ones and those of a state, by day in order; none of a year far away."""
    tabela = _tabela()
    juntos = tabela.get(("BR", ano), {}) | tabela.get((uf or "BR", ano), {})
    return dict(sorted(juntos.items()))
