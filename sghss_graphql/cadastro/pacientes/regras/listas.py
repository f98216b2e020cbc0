"""Along which list a search is read: each start has one, of all who have such a word, in the order of names.

It is read along the list whose first people reach furthest, for there the fewest are read. That is what a database's
own statistics are for, and it is remembered for as little as they are: it never says who is found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from cachetools import TTLCache

from sghss_graphql.cadastro.pacientes.regras.busca import Busca


class Lista(NamedTuple):
    """What is known of a start's list."""

    ate: str | None
    """How far its next people reach in the order of names; None if they are few."""
    inteira: bool
    """Whether the start is a whole word of somebody's."""


LEMBRADAS: TTLCache[str, Lista] = TTLCache(2_000, ttl=60)
"""Of starts that were typed lately, from the beginning of their lists."""


def lembradas(inicios: Iterable[str]) -> dict[str, Lista]:
    """Give what is remembered of the lists of some starts."""
    return {um: lista for um in inicios if (lista := LEMBRADAS.get(um)) is not None}


def lembrar(listas: Mapping[str, Lista]) -> None:
    """Remember lists for a minute."""
    LEMBRADAS.update(listas)


def ordenada(busca: Busca, listas: Mapping[str, Lista]) -> Busca:
    """Put first the start whose people reach furthest, and take note of one that is no whole word of anybody's."""
    primeiros = sorted(busca.inicios, key=lambda um: (listas[um].ate is None, listas[um].ate), reverse=True)
    parcial = next((um for um in busca.inicios if not listas[um].inteira), None)
    return replace(busca, inicios=tuple(primeiros), parcial=parcial)
