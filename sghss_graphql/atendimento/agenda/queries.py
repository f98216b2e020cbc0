"""Working hours, blocks and free hours, seen from their profissional."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from strawberry import ID, argument

from sghss_graphql.atendimento.agenda import porta, store
from sghss_graphql.atendimento.agenda.regras import (
    DURACAO_PADRAO,
    MAIS_BLOQUEIOS,
    MAIS_DIAS,
    MAIS_TIPOS_DO_TURNO,
    Busca,
    HorasDeTrabalho,
    Intervalo,
    periodo,
)
from sghss_graphql.atendimento.agenda.types import Bloqueio, DiaDaSemana, HorarioDisponivel, Turno
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades.regras import duracao_valida
from sghss_graphql.cadastro.unidades.types import Sala, TipoDeAtendimento, Unidade
from sghss_graphql.confianca.acesso.tabela import DefinirAgendas
from sghss_graphql.context import Info
from sghss_graphql.machinery.engine import asked_for, dealt, relation
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import RequisicaoInvalida
from sghss_graphql.vocabulario.scalars import Hora

_DIA = 1440  # minutes
_TRABALHO = 480  # minutes
_DE_UM_DIA = 4  # objects: what looking through a day costs, however little is found
_MAIOR_PERIODO = timedelta(days=366)


@relation(Profissional, description="O expediente semanal do profissional, em hora local do seu fuso.")
async def expediente(profissionais: list[Profissional], info: Info) -> list[list[Turno]]:
    """Give each profissional's weekly hours."""
    chaves = [profissional.chave for profissional in profissionais]
    semanas = await store.turnos(info.context.db, chaves)
    return [[_turno(turno) for turno in semanas.de(chave)] for chave in chaves]


def _turno(turno: HorasDeTrabalho) -> Turno:
    return Turno(
        dia=DiaDaSemana(turno.dia),
        inicio=Hora(turno.inicio),
        fim=_hora_do_fim(turno.fim),
        vigencia_de=turno.desde,
        vigencia_ate=turno.ate,
        a_cada_semanas=turno.semanas,
        unidade_chave=turno.unidade,
        sala_chave=turno.sala,
        tipos_chaves=sorted(turno.tipos),
    )


@relation(Turno, description="A unidade em que o profissional atende.", name="unidade")
async def unidade_do_turno(turnos: list[Turno], info: Info) -> list[Unidade]:
    """Give each shift's unidade."""
    chaves = [turno.unidade_chave for turno in turnos]
    return await unidades.de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(Turno, description="A sala em que atende, se é sempre a mesma.", name="sala")
async def sala_do_turno(turnos: list[Turno], info: Info) -> list[Sala | None]:
    """Give each shift's sala."""
    chaves = [turno.sala_chave for turno in turnos]
    return await unidades.sala_de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(
    Turno,
    description="Os tipos de atendimento para os quais é o turno, até 20; vazio, para todos.",
    size=lambda _: MAIS_TIPOS_DO_TURNO,
)
async def tipos(turnos: list[Turno], info: Info) -> list[list[TipoDeAtendimento]]:
    """Give the kinds that each shift is for."""
    chaves = [chave for turno in turnos for chave in turno.tipos_chaves]
    achados = await unidades.tipos(info.context.db, info.context.quem, chaves, asked_for(info))
    return [[achados[chave] for chave in turno.tipos_chaves] for turno in turnos]


def _quantos_horarios(argumentos: Mapping[str, Any]) -> int:
    """Give how many free hours a profissional has at most, with eight hours of work a day."""
    dias: int = (argumentos["ate"] - argumentos["de"]).days + 1
    minutos: int = argumentos.get("duracaoEmMinutos") or DURACAO_PADRAO
    return min(max(dias, 1), MAIS_DIAS) * max(_TRABALHO // max(minutos, 1), _DE_UM_DIA)


@relation(
    Profissional,
    description="Os horários livres do profissional, de hoje em diante, em passos da duração pedida. Até 31 dias por"
    " vez.",
    size=_quantos_horarios,
)
async def horarios_disponiveis(
    profissionais: list[Profissional],
    info: Info,
    de: Annotated[date, argument(description="Primeiro dia, na data local do profissional.")],
    ate: Annotated[date, argument(description="Último dia, incluído.")],
    duracao_em_minutos: Annotated[
        int | None,
        argument(
            description="Duração da consulta em minutos: múltiplo de 5, de 5 a 480; a usual é a do tipo, se é dito."
        ),
    ] = DURACAO_PADRAO,
    tipo_id: Annotated[ID | None, argument(description="Id do tipo de atendimento que se quer marcar.")] = None,
) -> list[list[HorarioDisponivel]]:
    """Give each profissional's free hours."""
    tipo = await unidades.tipo(
        info.context.db, info.context.quem, ids.chave(TipoDeAtendimento.prefixo, tipo_id) if tipo_id else None
    )
    if tipo_id is not None and (tipo is None or not tipo.ativo):
        raise RequisicaoInvalida("Não há tipo de atendimento com este id, ou já não se marca.", "tipoId")
    minutos = DURACAO_PADRAO if duracao_em_minutos is None else duracao_em_minutos
    if tipo is not None and minutos == DURACAO_PADRAO:
        minutos = tipo.duracao_em_minutos
    if not duracao_valida(minutos):
        raise RequisicaoInvalida("A duração é um múltiplo de 5 minutos, de 5 a 480.", "duracaoEmMinutos")
    if not de <= ate < de + timedelta(days=MAIS_DIAS):
        raise RequisicaoInvalida(f"Peça de 1 a {MAIS_DIAS} dias por vez, com de antes de ate ou igual.", "ate")
    periodos = [periodo(de, ate, profissional.fuso) for profissional in profissionais]
    depois = timedelta(minutes=tipo.intervalo_em_minutos) if tipo else timedelta()
    busca = Busca(timedelta(minutes=minutos), depois, tipo.chave if tipo else None)
    return await porta.horarios(info.context.db, profissionais, periodos, busca)


@relation(
    Profissional,
    description="Os bloqueios da agenda que tocam um período de até 366 dias, 100 deles no máximo; só para o próprio"
    " profissional e a equipe.",
    size=lambda _: MAIS_BLOQUEIOS,
)
async def bloqueios(
    profissionais: list[Profissional],
    info: Info,
    de: Annotated[datetime, argument(description="Início do período.")],
    ate: Annotated[datetime, argument(description="Fim do período.")],
) -> Sequence[list[Bloqueio] | None]:
    """Give each profissional's blocks, of those whose agenda the caller may set."""
    if not de < ate <= de + _MAIOR_PERIODO:
        raise RequisicaoInvalida("Peça um período de até 366 dias, com de antes de ate.", "ate")
    alcance = info.context.exigir(DefinirAgendas)
    vistas = [profissional for profissional in profissionais if alcance.inclui(profissional=profissional.chave)]
    achados = await porta.bloqueios(info.context.db, vistas, Intervalo(de, ate))
    chaves = [profissional.chave for profissional in profissionais]
    return [deles[:MAIS_BLOQUEIOS] for deles in dealt(chaves, achados, lambda um: um.profissional.chave)]


def _hora_do_fim(minutos: int) -> Hora:
    return Hora(minutos if minutos <= _DIA else minutos - _DIA)
