"""Working hours, blocks and free hours, seen from their profissional."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from strawberry import argument

from sghss_graphql.atendimento.agenda import porta, store
from sghss_graphql.atendimento.agenda.regras import (
    DURACAO_PADRAO,
    MAIS_DIAS,
    Intervalo,
    duracao_valida,
    periodo,
)
from sghss_graphql.atendimento.agenda.types import Bloqueio, DiaDaSemana, HorarioDisponivel, Turno
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.confianca.acesso.tabela import DefinirAgendas
from sghss_graphql.context import Info
from sghss_graphql.machinery.engine import dealt, relation
from sghss_graphql.vocabulario.errors import RequisicaoInvalida
from sghss_graphql.vocabulario.scalars import Hora

_DIA = 1440  # minutes
_TRABALHO = 480  # minutes
_MAIOR_PERIODO = timedelta(days=366)


@relation(Profissional, description="O expediente semanal do profissional, em hora local do seu fuso.")
async def expediente(profissionais: list[Profissional], info: Info) -> list[list[Turno]]:
    """Give each profissional's weekly hours."""
    chaves = [profissional.chave for profissional in profissionais]
    de_cada = dealt(chaves, await store.turnos(info.context.db, chaves), lambda linha: linha[0])
    return [
        [
            Turno(dia=DiaDaSemana(turno.dia), inicio=Hora(turno.inicio), fim=_hora_do_fim(turno.fim))
            for _, turno in turnos
        ]
        for turnos in de_cada
    ]


def _quantos_horarios(argumentos: Mapping[str, Any]) -> int:
    """Give how many free hours a profissional has at most, with eight hours of work a day."""
    dias: int = (argumentos["ate"] - argumentos["de"]).days + 1
    minutos: int = argumentos.get("duracaoEmMinutos") or DURACAO_PADRAO
    return min(max(dias, 1), MAIS_DIAS) * max(_TRABALHO // max(minutos, 1), 1)


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
        int | None, argument(description="Duração da consulta em minutos: múltiplo de 5, de 5 a 480.")
    ] = DURACAO_PADRAO,
) -> list[list[HorarioDisponivel]]:
    """Give each profissional's free hours."""
    minutos = DURACAO_PADRAO if duracao_em_minutos is None else duracao_em_minutos
    if not duracao_valida(minutos):
        raise RequisicaoInvalida("A duração é um múltiplo de 5 minutos, de 5 a 480.")
    if not de <= ate < de + timedelta(days=MAIS_DIAS):
        raise RequisicaoInvalida(f"Peça de 1 a {MAIS_DIAS} dias por vez, com de antes de ate ou igual.")
    periodos = [periodo(de, ate, profissional.fuso) for profissional in profissionais]
    return await porta.horarios(info.context.db, profissionais, periodos, timedelta(minutes=minutos))


@relation(
    Profissional,
    description="Os bloqueios da agenda que tocam um período de até 366 dias; só para o próprio profissional e a"
    " equipe.",
)
async def bloqueios(
    profissionais: list[Profissional],
    info: Info,
    de: Annotated[datetime, argument(description="Início do período.")],
    ate: Annotated[datetime, argument(description="Fim do período.")],
) -> Sequence[list[Bloqueio] | None]:
    """Give each profissional's blocks, of those whose agenda the caller may set."""
    if not de < ate <= de + _MAIOR_PERIODO:
        raise RequisicaoInvalida("Peça um período de até 366 dias, com de antes de ate.")
    alcance = info.context.exigir(DefinirAgendas)
    chaves = [profissional.chave for profissional in profissionais]
    vistas = [profissional.chave for profissional in profissionais if alcance.inclui(profissional=profissional.chave)]
    linhas = await store.bloqueios(info.context.db, vistas, Intervalo(de, ate))
    return [
        [
            Bloqueio(chave=chave, profissional=profissional, inicio=hora.inicio, fim=hora.fim, motivo=motivo)
            for chave, _, hora, motivo in de_um
        ]
        for profissional, de_um in zip(profissionais, dealt(chaves, linhas, lambda linha: linha[1]), strict=True)
    ]


def _hora_do_fim(minutos: int) -> Hora:
    return Hora(minutos if minutos <= _DIA else minutos - _DIA)
