"""A consulta goes from state to state, and only as TRANSICOES says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sghss_graphql.atendimento.consultas.types import SituacaoDaConsulta
from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro


class Codigos(CodigoDeErro):
    """Of consultas."""

    HORARIO_NO_PASSADO = 10, "O horário já passou."
    TRANSICAO_INVALIDA = 11, "A situação atual da consulta não permite esta mudança."


class Leituras(Leitura):
    """What is read of consultas."""

    LER_CONSULTAS = "Viu consultas de um paciente.", Nomeia.PACIENTE, Nomeia.ALVO


class Atos(Ato):
    """What becomes of a consulta."""

    AGENDAR_CONSULTA = "Marcou uma consulta.", Nomeia.PACIENTE, Nomeia.ALVO
    REMARCAR_CONSULTA = "Mudou o horário de uma consulta.", Nomeia.PACIENTE, Nomeia.ALVO
    CANCELAR_CONSULTA = "Cancelou uma consulta.", Nomeia.PACIENTE, Nomeia.ALVO
    CONFIRMAR_CONSULTA = "Confirmou uma consulta.", Nomeia.PACIENTE, Nomeia.ALVO
    INICIAR_ATENDIMENTO = "Começou o atendimento.", Nomeia.PACIENTE, Nomeia.ALVO
    CONCLUIR_CONSULTA = "Concluiu o atendimento.", Nomeia.PACIENTE, Nomeia.ALVO
    REGISTRAR_FALTA = "Registrou uma falta.", Nomeia.PACIENTE, Nomeia.ALVO


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
    profissional: bytes | None
    de: datetime
    ate: datetime
    situacoes: tuple[str, ...]
