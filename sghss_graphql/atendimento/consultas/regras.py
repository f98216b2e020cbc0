"""A consulta goes from state to state, and only as TRANSICOES says, when ``inicios`` does.

What may be done with one is asked in two places, and answered here for both: what a mutation refuses, ``acoes`` leaves
out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from sghss_graphql.atendimento.agenda.regras import Intervalo, dias_de, periodo
from sghss_graphql.atendimento.consultas.types import AcaoNaConsulta, Consulta, SituacaoDaConsulta
from sghss_graphql.cadastro.unidades.types import Modalidade
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import (
    Atender,
    ConfirmarConsultas,
    CorrigirSituacoes,
    EscreverProntuarios,
    LerProntuarios,
    MarcarConsultas,
    RegistrarFaltas,
)
from sghss_graphql.vocabulario.acoes import Acao
from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro, Recusa, valor_invalido
from sghss_graphql.vocabulario.tempo import PRIMEIRO_INSTANTE, ULTIMO_INSTANTE, agora, hora_local
from sghss_graphql.vocabulario.texto import sem_controles

MAIOR_MOTIVO = 1_000  # characters


class Codigos(CodigoDeErro):
    """Of consultas."""

    HORARIO_NO_PASSADO = 10, "O horário já passou."
    TRANSICAO_INVALIDA = 11, "A situação atual da consulta não permite esta mudança."
    FORA_DO_PRAZO = 20, "Ainda não se marca para este dia."
    LIMITE_DE_MARCACOES = 21, "O paciente já tem tantas consultas por vir quantas pode marcar sozinho."


class Leituras(Leitura):
    """What is read of consultas."""

    LER_CONSULTAS = "Viu consultas de um paciente.", Nomeia.PACIENTE, Nomeia.ALVO


class Atos(Ato):
    """What becomes of a consulta."""

    AGENDAR_CONSULTA = "Marcou uma consulta.", Nomeia.PACIENTE, Nomeia.ALVO
    AGENDAR_SERIE = "Marcou uma consulta de uma série.", Nomeia.PACIENTE, Nomeia.ALVO
    ENCAIXAR_CONSULTA = "Encaixou uma consulta.", Nomeia.PACIENTE, Nomeia.ALVO
    REMARCAR_CONSULTA = "Mudou o horário de uma consulta, ou o profissional.", Nomeia.PACIENTE, Nomeia.ALVO
    CANCELAR_CONSULTA = "Cancelou uma consulta.", Nomeia.PACIENTE, Nomeia.ALVO
    CONFIRMAR_CONSULTA = "Confirmou uma consulta.", Nomeia.PACIENTE, Nomeia.ALVO
    INICIAR_ATENDIMENTO = "Começou o atendimento.", Nomeia.PACIENTE, Nomeia.ALVO
    CONCLUIR_CONSULTA = "Concluiu o atendimento.", Nomeia.PACIENTE, Nomeia.ALVO
    REGISTRAR_FALTA = "Registrou uma falta.", Nomeia.PACIENTE, Nomeia.ALVO
    ATUALIZAR_CONSULTA = "Corrigiu o motivo ou a modalidade de uma consulta.", Nomeia.PACIENTE, Nomeia.ALVO
    CORRIGIR_SITUACAO = "Corrigiu a situação de uma consulta.", Nomeia.PACIENTE, Nomeia.ALVO


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


CORRECOES: Mapping[SituacaoDaConsulta, SituacaoDaConsulta] = {
    _S.FALTOU: _S.CONFIRMADA,
    _S.REALIZADA: _S.EM_ATENDIMENTO,
    _S.EM_ATENDIMENTO: _S.CONFIRMADA,
}
"""Where a wrong click leads back to, on the day on which it was made."""

DESTINOS: Mapping[AcaoNaConsulta, SituacaoDaConsulta] = {
    AcaoNaConsulta.CANCELAR: _S.CANCELADA,
    AcaoNaConsulta.CONFIRMAR: _S.CONFIRMADA,
    AcaoNaConsulta.INICIAR: _S.EM_ATENDIMENTO,
    AcaoNaConsulta.CONCLUIR: _S.REALIZADA,
    AcaoNaConsulta.REGISTRAR_FALTA: _S.FALTOU,
}
"""What becomes of a consulta by an action that takes it to one state."""

PEDE: Mapping[AcaoNaConsulta, type[Acao]] = {
    AcaoNaConsulta.ATUALIZAR: MarcarConsultas,
    AcaoNaConsulta.REMARCAR: MarcarConsultas,
    AcaoNaConsulta.CANCELAR: MarcarConsultas,
    AcaoNaConsulta.CONFIRMAR: ConfirmarConsultas,
    AcaoNaConsulta.INICIAR: Atender,
    AcaoNaConsulta.CONCLUIR: Atender,
    AcaoNaConsulta.REGISTRAR_FALTA: RegistrarFaltas,
    AcaoNaConsulta.CORRIGIR_SITUACAO: CorrigirSituacoes,
    AcaoNaConsulta.LER_PRONTUARIO: LerProntuarios,
    AcaoNaConsulta.ESCREVER_PRONTUARIO: EscreverProntuarios,
}
"""The line of the matrix that each action asks for."""

MAIS_PROFISSIONAIS = 100
"""Whose consultas one filter names."""
MAIS_PASSOS = 20
"""Steps of a consulta's history."""
_SEM_FIM = frozenset(
    {AcaoNaConsulta.ATUALIZAR, AcaoNaConsulta.REMARCAR, AcaoNaConsulta.CONFIRMAR, AcaoNaConsulta.CORRIGIR_SITUACAO}
)
"""What can be done again and again; enough steps are left for the others."""
_MAIS_MUDANCAS = MAIS_PASSOS - 4
_COMECA_ATE = timedelta(hours=12)
_INSTANTE, _SEM_PRAZO = timedelta(microseconds=1), timedelta()
_SEMPRE = Intervalo(PRIMEIRO_INSTANTE, ULTIMO_INSTANTE)
_ANTES_DO_INICIO = frozenset(
    {AcaoNaConsulta.CONFIRMAR, AcaoNaConsulta.REMARCAR, AcaoNaConsulta.CANCELAR, AcaoNaConsulta.ATUALIZAR}
)
_PRONTUARIO = frozenset({AcaoNaConsulta.LER_PRONTUARIO, AcaoNaConsulta.ESCREVER_PRONTUARIO})


@lru_cache(maxsize=len(AcaoNaConsulta))
def origens(acao: AcaoNaConsulta) -> frozenset[SituacaoDaConsulta]:
    """Give the states in which an action is possible."""
    if acao in DESTINOS:
        return frozenset(de for de, para in TRANSICOES.items() if DESTINOS[acao] in para)
    if acao is AcaoNaConsulta.CORRIGIR_SITUACAO:
        return frozenset(CORRECOES)
    return frozenset(_S) if acao in _PRONTUARIO else REMARCAVEIS


_DO_PACIENTE_ATE = frozenset({AcaoNaConsulta.CANCELAR, AcaoNaConsulta.REMARCAR})


def antes_do_inicio(acao: AcaoNaConsulta, alcance: Alcance[Any], consulta: Consulta, horas: int) -> timedelta:
    """Give how long before it begins an action has to come: of pacientes alone, as long as its kind says."""
    so_dele = acao in _DO_PACIENTE_ATE and not alcance.todos and consulta.paciente_chave in alcance.quem.seus
    return timedelta(hours=horas) if so_dele else timedelta()


@lru_cache(maxsize=1_000)
def inicios(acao: AcaoNaConsulta, fuso: str, instante: datetime, antes: timedelta = _SEM_PRAZO) -> Intervalo:
    """Give when a consulta begins with which this can be done at an instant; the day is the one of this time zone.

    Written so, the clock is one more condition of the statement that changes it. Of a page of consultas it is asked
    again and again at one instant, for few time zones.
    """
    if acao in _ANTES_DO_INICIO:
        return Intervalo(instante + antes + _INSTANTE, ULTIMO_INSTANTE)
    if acao is AcaoNaConsulta.REGISTRAR_FALTA:
        return Intervalo(PRIMEIRO_INSTANTE, instante + _INSTANTE)
    if acao is AcaoNaConsulta.INICIAR:
        hoje, _ = dias_de(Intervalo(instante, instante), fuso)
        return Intervalo(instante - _COMECA_ATE, periodo(hoje, hoje, fuso).fim)
    return _SEMPRE


def cabe(
    acao: AcaoNaConsulta,
    consulta: Consulta,
    fuso: str,
    instante: datetime,
    passo: datetime | None = None,
    antes: timedelta = _SEM_PRAZO,
) -> Recusa | None:
    """Give why state and clock forbid an action, or None; ``passo`` is when the consulta's last step was taken."""
    impede = impedimento(acao, consulta, fuso, instante, passo, antes)
    return None if impede is None else Recusa(Codigos.TRANSICAO_INVALIDA, impede())


def impedimento(
    acao: AcaoNaConsulta,
    consulta: Consulta,
    fuso: str,
    instante: datetime,
    passo: datetime | None,
    antes: timedelta = _SEM_PRAZO,
) -> Callable[[], str] | None:
    """Give what says in words why state and clock forbid an action, or None: where nobody reads them none are made."""
    if consulta.situacao not in origens(acao):
        return partial(_nao_muda, consulta.situacao)
    if acao in _SEM_FIM and consulta.versao >= _MAIS_MUDANCAS:
        return lambda: "Esta consulta já mudou vezes demais: cancele-a e marque outra, se for preciso."
    quando = inicios(acao, fuso, instante, antes)
    if not quando.inicio <= consulta.inicio < quando.fim:
        if antes and consulta.inicio > instante:
            horas = int(antes.total_seconds()) // 3600
            return lambda: f"O paciente faz isto até {horas} h antes do início: fale com a recepção."
        return partial(_quando_cabe, acao, consulta.inicio, fuso)
    if acao is AcaoNaConsulta.CORRIGIR_SITUACAO and passo is not None:
        dia, hoje = dias_de(Intervalo(passo, instante), fuso)
        if dia != hoje:
            return lambda: f"Um engano se corrige no mesmo dia: esta situação é de {hora_local(passo, fuso)}."
    return None


def _quando_cabe(acao: AcaoNaConsulta, inicio: datetime, fuso: str) -> str:
    """Say in Portuguese when an action is possible, or was."""
    marcada = hora_local(inicio, fuso)
    if acao is AcaoNaConsulta.REGISTRAR_FALTA:
        return f"A falta se registra a partir do início: {marcada}."
    if acao is AcaoNaConsulta.INICIAR:
        dia, _ = dias_de(Intervalo(inicio, inicio), fuso)
        desde, ate = hora_local(periodo(dia, dia, fuso).inicio, fuso), hora_local(inicio + _COMECA_ATE, fuso)
        return f"O atendimento começa no dia da consulta, até 12 horas depois do início: de {desde} a {ate}."
    return f"Isto se faz antes do início, que era {marcada}. Registre a falta ou comece o atendimento."


def alcanca(acao: AcaoNaConsulta, alcance: Alcance[Any], consulta: Consulta, *, sob_cuidado: bool) -> bool:
    """Tell whether an action on a consulta is the caller's; ``sob_cuidado`` is whether they have its paciente in care.

    A paciente books for themself; a profissional on their own agenda, for pacientes in their care; staff for all. So do
    they move and cancel. Of a prontuário it is care that counts, and nobody writes in their own.
    """
    if acao is AcaoNaConsulta.LER_PRONTUARIO:
        return alcance.inclui(paciente=consulta.paciente_chave) or sob_cuidado
    if acao is AcaoNaConsulta.ESCREVER_PRONTUARIO:
        return sob_cuidado and consulta.paciente_chave not in alcance.quem.seus
    if PEDE[acao] is MarcarConsultas and consulta.situacao in REMARCAVEIS:
        minha = alcance.inclui(profissional=consulta.profissional_chave) and sob_cuidado
        return alcance.inclui(paciente=consulta.paciente_chave) or minha
    return alcance.inclui(paciente=consulta.paciente_chave, profissional=consulta.profissional_chave)


@dataclass(frozen=True, slots=True)
class Filtro:
    """Which consultas are asked for: ``de`` <= inicio < ``ate``; None is no bound, an empty key matches none.

    Of ``profissionais`` and ``pacientes`` none is no bound, too; a speciality is in plain letters.
    """

    pacientes: tuple[bytes, ...] = ()
    profissionais: tuple[bytes, ...] = ()
    de: datetime = PRIMEIRO_INSTANTE
    ate: datetime = ULTIMO_INSTANTE
    situacoes: tuple[str, ...] = tuple(SituacaoDaConsulta.__members__)
    antigas: bool = False
    """Whether the oldest come first."""
    unidade: bytes | None = None
    tipo: bytes | None = None
    especialidade: str | None = None
    modalidade: str | None = None
    encaixe: bool | None = None
    nomes: tuple[str, ...] = ()
    """Starts of words of the paciente's name, in plain letters: all of them."""
    no_dia: tuple[tuple[tuple[bytes, ...], Intervalo], ...] | None = None
    """When a day is, for each of the unidades that are in one time zone."""


def por_vir(pacientes: tuple[bytes, ...] = (), profissionais: tuple[bytes, ...] = ()) -> Filtro:
    """Give the filter of what is booked, and begins from now on."""
    return Filtro(pacientes, profissionais, agora(), situacoes=tuple(um.name for um in REMARCAVEIS))


@dataclass(frozen=True, slots=True)
class Donos:
    """Whose consultas are listed: of some pacientes, or of some profissionais, who attend."""

    chaves: Sequence[bytes]
    atendem: bool

    @property
    def profissionais(self) -> Sequence[bytes]:
        """Those of them who attend."""
        return self.chaves if self.atendem else ()


@dataclass(frozen=True, slots=True)
class EmAberto:
    """How many consultas somebody has that are neither over nor cancelled; of those to come, with one especialidade."""

    todas: int
    por_vir: int
    da_especialidade: int


@dataclass(frozen=True, slots=True)
class ComoEsta:
    """What a consulta has to be for a change: whose, in one of some states, beginning then, of this version if any."""

    chave: bytes
    profissional: bytes
    situacoes: frozenset[SituacaoDaConsulta]
    inicios: Intervalo
    versao: int | None


@dataclass(frozen=True, slots=True)
class Correcao:
    """What is corrected of a consulta: its reason and its sala, if so said (None takes it away), and how it is held."""

    com_motivo: bool
    motivo: str | None
    modalidade: Modalidade | None
    com_sala: bool = False
    sala: bytes | None = None
    unidade: bytes | None = None
    """Where the sala is."""
    de_outro: bool = False
    """Whether the reason is written by whoever isn't of the staff: what staff booked they know no more."""


def como_quem(quem: Quem, paciente: bytes, profissional: bytes) -> Papel:
    """Tell in which papel somebody acts on a consulta: as who is in it, or else as staff."""
    if paciente in quem.seus:
        return Papel.PACIENTE
    if profissional == quem.profissional and Papel.PROFISSIONAL in quem.papeis:
        return Papel.PROFISSIONAL
    return Papel.RECEPCAO if Papel.RECEPCAO in quem.papeis else Papel.ADMINISTRADOR


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


def justificativa(texto: str, *campo: str) -> str:
    """Read why something is done that is out of the ordinary.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    try:
        lida = motivo(texto)
    except Recusa as recusa:
        raise valor_invalido(recusa.mensagem, *campo) from None
    if lida is None:
        raise valor_invalido("Diga o que houve.", *campo)
    return lida


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
    return Recusa(Codigos.TRANSICAO_INVALIDA, _nao_muda(situacao))


def _nao_muda(situacao: SituacaoDaConsulta) -> str:
    return f"Esta consulta {_JA[situacao]}, e por isso não muda assim."


def correcao_invalida(situacao: SituacaoDaConsulta) -> Recusa:
    """Make the refusal of a correction that leads elsewhere than to the state before."""
    return valor_invalido(
        f"Esta consulta {_JA[situacao]}: a correção a leva de volta a {CORRECOES[situacao].name}.", "input", "para"
    )
