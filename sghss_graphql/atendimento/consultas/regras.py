"""A consulta goes from state to state, and only as TRANSICOES says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sghss_graphql.atendimento.agenda.regras import Intervalo, duracao_valida, em_celulas
from sghss_graphql.atendimento.consultas.types import SituacaoDaConsulta
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro, Formulario, Recusa, valor_invalido
from sghss_graphql.vocabulario.texto import sem_controles

MAIOR_MOTIVO = 1_000  # characters


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

    pacientes: tuple[bytes, ...]
    profissional: bytes | None
    de: datetime
    ate: datetime
    situacoes: tuple[str, ...]
    antigas: bool = False
    """Whether the oldest come first."""


def como_quem(quem: Quem, paciente: bytes, profissional: bytes) -> Papel:
    """Tell in which papel somebody acts on a consulta: as who is in it, or else as staff."""
    if paciente in quem.seus:
        return Papel.PACIENTE
    if profissional == quem.profissional and Papel.PROFISSIONAL in quem.papeis:
        return Papel.PROFISSIONAL
    return Papel.RECEPCAO if Papel.RECEPCAO in quem.papeis else Papel.ADMINISTRADOR


def hora(formulario: Formulario, inicio: datetime, minutos: int) -> Intervalo:
    """Read when a consulta begins and how long it takes."""
    duracao = formulario.ler(_duracao, minutos) or timedelta()
    formulario.ler(_exigir_em_celulas, inicio)
    return Intervalo(inicio, inicio + duracao)


def _duracao(minutos: int) -> timedelta:
    if not duracao_valida(minutos):
        raise valor_invalido("A duração é um múltiplo de 5 minutos, de 5 a 480.", "input", "duracaoEmMinutos")
    return timedelta(minutes=minutos)


def _exigir_em_celulas(inicio: datetime) -> None:
    if not em_celulas(inicio):
        raise valor_invalido("Consultas começam em múltiplos de 5 minutos.", "input", "inicio")


def minutos(pedidos: int | None, padrao: int) -> int:
    """Give the minutes that were asked for, or else those that are usual."""
    return padrao if pedidos is None else pedidos


def motivo(texto: str | None) -> str | None:
    """Read why a consulta is booked, if it is said.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if texto is None or not texto.strip():
        return None
    if len(texto) > MAIOR_MOTIVO:
        raise valor_invalido(f"Escreva até {MAIOR_MOTIVO} caracteres.", "input", "motivo")
    return sem_controles(texto, "input", "motivo")


_JA = {
    SituacaoDaConsulta.AGENDADA: "está marcada, e ainda não foi confirmada nem começou",
    SituacaoDaConsulta.CONFIRMADA: "já foi confirmada",
    SituacaoDaConsulta.EM_ATENDIMENTO: "já começou",
    SituacaoDaConsulta.REALIZADA: "já foi realizada",
    SituacaoDaConsulta.CANCELADA: "já foi cancelada",
    SituacaoDaConsulta.FALTOU: "já teve a falta registrada",
}
"""A state, as one says it."""


def transicao_invalida(situacao: SituacaoDaConsulta) -> Recusa:
    """Make the refusal of what a consulta's state doesn't allow."""
    return Recusa(
        Codigos.TRANSICAO_INVALIDA,
        f"Esta consulta {_JA[situacao]}, e por isso não muda assim.",
    )
