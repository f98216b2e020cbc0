"""Faults that the product doesn't have: each is put into a server that runs, and the simulator has to find it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda import store as tempo
from sghss_graphql.atendimento.agenda.regras import Intervalo
from sghss_graphql.atendimento.consultas import regras, store
from sghss_graphql.atendimento.consultas.mutations import limites
from sghss_graphql.atendimento.consultas.types import AcaoNaConsulta, SituacaoDaConsulta
from sghss_graphql.cadastro.cuidados import store as cuidados
from sghss_graphql.clinica.prontuarios import regras as prontuarios
from sghss_graphql.clinica.prontuarios import store as registros
from sghss_graphql.confianca.auditoria import porta as auditoria
from sghss_graphql.confianca.repeticoes import store as repeticoes
from sghss_graphql.vocabulario.tempo import PRIMEIRO_INSTANTE, ULTIMO_INSTANTE

Estraga = Callable[[], None]


async def _nada(*_: Any, **__: Any) -> None:
    """Do nothing, where something should be done."""


def _cancelar_nao_solta() -> None:
    tempo.liberar = _nada


def _paciente_em_dois_lugares() -> None:
    ocupar = agenda.ocupar

    def sem_o_paciente(tx: Any, consulta: bytes, de_quem: agenda.DeQuem, *resto: Any, **mais: Any) -> None:
        if de_quem is not agenda.DeQuem.PACIENTE:
            ocupar(tx, consulta, de_quem, *resto, **mais)

    agenda.ocupar = sem_o_paciente


def _repeticao_esquecida() -> None:
    async def nenhuma(*_: Any) -> None:
        return None

    repeticoes.achar = nenhuma
    repeticoes.inserir = lambda *_: None  # type: ignore[assignment]  # the fault


def _falta_antes_da_hora() -> None:
    inicios = regras.inicios

    def sempre(acao: AcaoNaConsulta, *resto: Any) -> Intervalo:
        if acao is AcaoNaConsulta.REGISTRAR_FALTA:
            return Intervalo(PRIMEIRO_INSTANTE, ULTIMO_INSTANTE)
        return inicios(acao, *resto)

    regras.inicios = sempre  # type: ignore[assignment]  # the fault


def _quem_chega_por_ultimo_ganha() -> None:
    mudar = store.mudar_situacao

    async def sem_olhar(tx: Any, como: Any, para: Any) -> bool:
        return await mudar(tx, replace(como, situacoes=frozenset(SituacaoDaConsulta)), para)

    store.mudar_situacao = sem_olhar


def _sem_trilha() -> None:
    inserir = auditoria.registrar

    def quase(tx: Any, registro: Any) -> None:
        if registro.ato is not regras.Atos.CONFIRMAR_CONSULTA:
            inserir(tx, registro)

    auditoria.registrar = quase


def _reserva_eterna() -> None:
    ocupadas = tempo.ocupadas

    async def todas(db: Any, coisas: Any, quais: range, agora: datetime) -> list[tuple[bytes, int]]:
        del agora
        return await ocupadas(db, coisas, quais, PRIMEIRO_INSTANTE)

    tempo.ocupadas = todas


def _marca_sem_limite() -> None:
    limites.exigir_que_caibam = _nada


def _elo_partido() -> None:
    async def sempre_o_primeiro(tx: Any, paciente: bytes) -> Any:
        elo = await ultimo(tx, paciente)
        return prontuarios.Elo(elo.numero, prontuarios.SEM_ANTERIOR, elo.criado_em)

    ultimo = registros.ultimo
    registros.ultimo = sempre_o_primeiro


def _cuidado_sem_fim() -> None:
    cuidados.fechar = lambda *_: None  # type: ignore[assignment]  # the fault


def _todos_veem_tudo() -> None:
    store._um_ramo = lambda *_: "TRUE"  # noqa: SLF001 - the fault is there
    store._ramos = lambda *_: ["TRUE"]  # noqa: SLF001


DEFEITOS: dict[str, Estraga] = {
    "cancelar não solta o tempo": _cancelar_nao_solta,
    "um paciente cabe em dois lugares": _paciente_em_dois_lugares,
    "o mesmo pedido outra vez é feito outra vez": _repeticao_esquecida,
    "a falta se registra antes da hora": _falta_antes_da_hora,
    "de dois que mudam a mesma consulta, os dois conseguem": _quem_chega_por_ultimo_ganha,
    "a trilha não diz quem confirmou": _sem_trilha,
    "uma reserva que expirou ainda vale": _reserva_eterna,
    "o paciente marca sem limite": _marca_sem_limite,
    "o prontuário perde o elo": _elo_partido,
    "o cuidado não acaba com a consulta": _cuidado_sem_fim,
    "todos veem as consultas de todos": _todos_veem_tudo,
}
