"""The door of consultas: those that the caller may see, and what takes one from state to state."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda.regras import Guardado
from sghss_graphql.atendimento.consultas import regras, store
from sghss_graphql.atendimento.consultas.regras import Atos, ComoEsta, EmAberto, Filtro, Leituras
from sghss_graphql.atendimento.consultas.types import (
    AcaoNaConsulta,
    Consulta,
    ConsultaPayload,
    Reserva,
    SituacaoDaConsulta,
)
from sghss_graphql.atendimento.horarios.types import Horario
from sghss_graphql.cadastro.cuidados import porta as cuidados
from sghss_graphql.cadastro.pessoas.regras import mesma_pessoa
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades.types import Modalidade
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.checagem import Alcance, exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import MarcarConsultas, VerConsultas
from sghss_graphql.context import Contexto
from sghss_graphql.machinery.database import Fields, Reader, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.tempo import agora

TENTAR_DE_NOVO = ("PRIMARY",)
"""The number of a history's step was taken by another transaction."""
_ATOS = {
    AcaoNaConsulta.CANCELAR: Atos.CANCELAR_CONSULTA,
    AcaoNaConsulta.CONFIRMAR: Atos.CONFIRMAR_CONSULTA,
    AcaoNaConsulta.INICIAR: Atos.INICIAR_ATENDIMENTO,
    AcaoNaConsulta.CONCLUIR: Atos.CONCLUIR_CONSULTA,
    AcaoNaConsulta.REGISTRAR_FALTA: Atos.REGISTRAR_FALTA,
    AcaoNaConsulta.CORRIGIR_SITUACAO: Atos.CORRIGIR_SITUACAO,
}
_MAOS = 5
"""How often a consulta may go from one profissional to another while somebody does something with it."""
_ATENDEM = frozenset({AcaoNaConsulta.INICIAR, AcaoNaConsulta.CONCLUIR})


async def por_ids(
    db: Reader, alcance: Alcance[VerConsultas], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Consulta]:
    """Give those of the consultas that the caller may see, by key."""
    return await store.por_ids(db, alcance, chaves, campos) if chaves else {}


async def em_ordem(db: Reader, quem: Quem | None, filtro: Filtro, mais: int, campos: Fields = None) -> list[Consulta]:
    """Give the first consultas that the caller may see, in order of time."""
    return await store.em_ordem(db, exigir(quem, VerConsultas), filtro, mais, campos)


async def uma(db: Reader, quem: Quem | None, chave: bytes | None, campos: Fields = None) -> Consulta | None:
    """Give a consulta that the caller may see; None for any other.

    Raises:
        NaoAutenticado, Proibido: the caller may see no consulta at all.
    """
    alcance = exigir(quem, VerConsultas)
    return (await store.por_ids(db, alcance, [chave], campos)).get(chave) if chave else None


async def ultimos_passos(db: Reader, chaves: Sequence[bytes]) -> dict[bytes, datetime]:
    """Give when the last step of each consulta was taken, of those that were seen."""
    return await store.ultimos_passos(db, chaves) if chaves else {}


async def em_aberto(db: Reader, quem: Quem, profissional: bytes, exceto: bytes = b"") -> EmAberto:
    """Count what the caller has booked as a paciente that is neither over nor cancelled, but for one consulta."""
    return await store.em_aberto(db, quem.seus, profissional, exceto, agora())


class MudouDeMaos(Exception):
    """Another profissional has the consulta meanwhile, or it is in another unidade: all of it is judged anew."""


async def ate_ficar(faz: Callable[[], Awaitable[ConsultaPayload]]) -> ConsultaPayload:
    """Do something with a consulta; anew, where it went from one profissional to another meanwhile."""
    for _ in range(_MAOS):
        try:
            return await faz()
        except MudouDeMaos:
            continue
    return await faz()


async def alcancada(contexto: Contexto, acao: AcaoNaConsulta, id: str, *campo: str) -> tuple[Consulta, Alcance[Any]]:
    """Give a consulta that the caller may do this with.

    Raises:
        Recusa: NAO_ENCONTRADO; they may not even see it.
        Proibido: they see it, but it isn't theirs to change.
    """
    alcance = contexto.exigir(regras.PEDE[acao])
    consulta = await uma(contexto.db, contexto.quem, ids.chave(Consulta.prefixo, id))
    if consulta is None:
        raise Recusa(Gerais.NAO_ENCONTRADO, "Não há consulta com este id.", *campo)
    contexto.achou(Leituras.LER_CONSULTAS, consulta.paciente_chave)
    if await _alcanca(contexto, acao, alcance, consulta):
        return consulta, alcance
    depois = await uma(contexto.db, contexto.quem, consulta.chave)
    mudou = depois is not None and depois.situacao is not consulta.situacao
    if depois is None or not mudou or not regras.alcanca(acao, alcance, depois, sob_cuidado=False):
        raise Proibido
    return depois, alcance  # somebody else cancelled it meanwhile, and the care with it


async def _alcanca(contexto: Contexto, acao: AcaoNaConsulta, alcance: Alcance[Any], consulta: Consulta) -> bool:
    if regras.alcanca(acao, alcance, consulta, sob_cuidado=False):
        return True
    eu = alcance.quem.profissional
    if eu is None or not regras.alcanca(acao, alcance, consulta, sob_cuidado=True):
        return False
    return await cuidados.sob_cuidado(contexto.db, eu, consulta.paciente_chave)


@dataclass(frozen=True, slots=True)
class AgoraMesmo:
    """When somebody does something with a consulta, in which time zone, and how it has to be for that."""

    acao: AcaoNaConsulta
    instante: datetime
    fuso: str
    como: ComoEsta
    antes: timedelta


async def exigir_que_caiba(
    contexto: Contexto, acao: AcaoNaConsulta, alcance: Alcance[Any], consulta: Consulta, versao: int | None = None
) -> AgoraMesmo:
    """Check that a consulta is the one that the caller saw, and that its state and the clock allow this.

    Raises:
        Recusa: CONFLITO_DE_VERSAO or TRANSICAO_INVALIDA.
    """
    _exigir_versao(consulta, versao)
    onde = await unidades.por_ids(contexto.db, contexto.quem, [consulta.unidade_chave], frozenset({"fuso"}))
    passo = None
    if acao is AcaoNaConsulta.CORRIGIR_SITUACAO:
        passo = (await store.ultimos_passos(contexto.db, [consulta.chave])).get(consulta.chave)
    instante, fuso = agora(), onde[consulta.unidade_chave].fuso
    tipo = await unidades.tipo(contexto.db, contexto.quem, consulta.tipo_chave)
    horas = tipo.cancelamento_ate_em_horas if tipo is not None else 0
    antes = regras.antes_do_inicio(acao, alcance, consulta, horas)
    recusa = regras.cabe(acao, consulta, fuso, instante, passo, antes)
    if recusa is not None:
        raise recusa
    inicios = regras.inicios(acao, fuso, instante, antes)
    como = ComoEsta(consulta.chave, consulta.profissional_chave, regras.origens(acao), inicios, versao)
    return AgoraMesmo(acao, instante, fuso, como, antes)


async def por_que_nao(tx: Transaction, quem: Quem, antes: Consulta, agora_mesmo: AgoraMesmo) -> Recusa | None:
    """Tell why a consulta wasn't changed that could be a moment ago: it has changed meanwhile; None if it could be.

    Raises:
        MudouDeMaos: another profissional attends it.
    """
    acao, depois = agora_mesmo.acao, await uma(tx, quem, antes.chave)
    _exigir_versao(depois, agora_mesmo.como.versao)
    if depois is None:
        return regras.transicao_invalida(antes.situacao)
    if (depois.profissional_chave, depois.unidade_chave) != (antes.profissional_chave, antes.unidade_chave):
        raise MudouDeMaos
    return regras.cabe(acao, depois, agora_mesmo.fuso, agora_mesmo.instante, antes=agora_mesmo.antes)


@dataclass(frozen=True, slots=True)
class Passo:
    """A step of a consulta that somebody asks for: what, why, of which version, if it is said; ``campo`` is its id's.

    ``para`` is said of a correction alone: where its caller thinks that it leads.
    """

    acao: AcaoNaConsulta
    motivo: str | None = None
    versao: int | None = None
    campo: tuple[str, ...] = ("consultaId",)
    para: SituacaoDaConsulta | None = None


async def mudar(contexto: Contexto, id: str, passo: Passo) -> ConsultaPayload:
    """Take a consulta to another state; of two callers at once, exactly one does.

    Raises:
        Recusa, Proibido: they may not, or not now.
    """
    return await ate_ficar(lambda: _mudar(contexto, id, passo))


async def _mudar(contexto: Contexto, id: str, passo: Passo) -> ConsultaPayload:
    acao, campo = passo.acao, passo.campo
    consulta, alcance = await alcancada(contexto, acao, id, *campo)
    if acao in _ATENDEM and consulta.paciente_chave in alcance.quem.seus:
        raise mesma_pessoa("Ninguém atende a si mesmo: peça a outro profissional.", *campo)
    agora_mesmo = await exigir_que_caiba(contexto, acao, alcance, consulta, passo.versao)
    como = agora_mesmo.como
    if acao is AcaoNaConsulta.CORRIGIR_SITUACAO:
        destino, como = regras.CORRECOES[consulta.situacao], replace(como, situacoes=frozenset({consulta.situacao}))
        if passo.para is not destino:
            raise regras.correcao_invalida(consulta.situacao)
    else:
        destino = regras.DESTINOS[acao]
    papel = regras.como_quem(alcance.quem, consulta.paciente_chave, consulta.profissional_chave)

    async def work(tx: Transaction) -> None:
        if acao is AcaoNaConsulta.CONFIRMAR and await unificacoes.viva(tx, consulta.paciente_chave) is None:
            raise fechado(*campo)
        if not await store.mudar_situacao(tx, como, destino):
            recusa = await por_que_nao(tx, alcance.quem, consulta, agora_mesmo)
            raise recusa or regras.transicao_invalida(consulta.situacao)
        if destino is SituacaoDaConsulta.CANCELADA:
            await agenda.liberar(tx, consulta.chave)
            await cuidados.encerrar(tx, alcance.quem, consulta.chave, consulta.paciente_chave)
        elif destino is SituacaoDaConsulta.FALTOU:
            await cuidados.suspender(tx, alcance.quem, consulta.chave, consulta.paciente_chave)
        elif consulta.situacao is SituacaoDaConsulta.FALTOU:
            await cuidados.retomar(tx, que_da(consulta), contexto.servicos.dias_de_cuidado)
        store.registrar_mudanca(tx, consulta.chave, alcance.quem.usuario, papel, passo.motivo, agora())
        contexto.registrar(tx, _ATOS[acao], paciente=consulta.paciente_chave, alvo=consulta.chave)

    await contexto.db.transaction(work, retry_on=TENTAR_DE_NOVO)
    return ConsultaPayload(consulta=await uma(contexto.db, contexto.quem, consulta.chave))


def que_da(consulta: Consulta) -> cuidados.DaConsulta:
    """Give what of a consulta gives care."""
    return cuidados.DaConsulta(consulta.chave, consulta.profissional_chave, consulta.paciente_chave, consulta.fim)


def fechado(*campo: str) -> Recusa:
    """Make the refusal of what is to come, for whom nothing is."""
    return valor_invalido(
        "Para este paciente nada mais se marca: há um óbito registrado, ou o cadastro segue em outro (unificadoCom).",
        *(campo or ("input", "pacienteId")),
    )


def _exigir_versao(consulta: Consulta | None, versao: int | None) -> None:
    if consulta is not None and versao is not None and versao != consulta.versao:
        raise usuarios.conflito_de_versao(consulta=consulta)


async def reserva(db: Reader, quem: Quem | None, chave: bytes | None) -> Reserva | None:
    """Give the caller's own hold, until it expires; None for any other.

    Raises:
        NaoAutenticado, Proibido: the caller may book nothing at all.
    """
    exigir(quem, MarcarConsultas)
    guardado = await agenda.reserva(db, quem, chave)
    return await mostrar_reserva(db, quem, guardado) if guardado else None


async def mostrar_reserva(db: Reader, quem: Quem | None, guardado: Guardado) -> Reserva:
    """Make what is shown of a hold."""
    tipo = await unidades.tipo(db, quem, guardado.tipo)
    horario = Horario(
        inicio=guardado.hora.inicio,
        fim=guardado.hora.fim,
        modalidades=list(tipo.modalidades if tipo else Modalidade),
        profissional_chave=guardado.profissional,
        unidade_chave=guardado.unidade,
        sala_chave=guardado.sala,
        tipo_chave=guardado.tipo,
    )
    return Reserva(chave=guardado.chave, horario=horario, expira_em=guardado.expira_em)
