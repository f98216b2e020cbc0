"""A consulta goes from state to state, and only as TRANSICOES says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sghss_graphql.atendimento.consultas.types import SituacaoDaConsulta

_S = SituacaoDaConsulta

TRANSICOES: Mapping[SituacaoDaConsulta, frozenset[SituacaoDaConsulta]] = {
    _S.AGENDADA: frozenset({_S.CONFIRMADA, _S.EM_ATENDIMENTO, _S.CANCELADA, _S.FALTOU}),
    _S.CONFIRMADA: frozenset({_S.EM_ATENDIMENTO, _S.CANCELADA, _S.FALTOU}),
    _S.EM_ATENDIMENTO: frozenset({_S.REALIZADA}),
    _S.REALIZADA: frozenset(),
    _S.CANCELADA: frozenset(),
    _S.FALTOU: frozenset(),
}

REMARCAVEIS = frozenset({_S.AGENDADA, _S.CONFIRMADA})
"""A consulta in one of these can be moved, and is AGENDADA after."""


def origens(destino: SituacaoDaConsulta) -> frozenset[SituacaoDaConsulta]:
    """Give the states from which one can be reached."""
    return frozenset(de for de, para in TRANSICOES.items() if destino in para)


@dataclass(frozen=True, slots=True)
class Filtro:
    """Which consultas are asked for: ``de`` <= inicio < ``ate``; None is no bound, an empty key matches none."""

    paciente: bytes | None
    medico: bytes | None
    de: datetime
    ate: datetime
    situacoes: tuple[str, ...]
