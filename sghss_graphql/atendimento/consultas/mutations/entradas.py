"""What is sent to book, move, correct and cancel a consulta."""

from datetime import datetime

import strawberry
from strawberry import ID, UNSET

from sghss_graphql.cadastro.unidades.types import Modalidade
from sghss_graphql.vocabulario.mutations import SE_VERSAO


@strawberry.input(description="Marcar de propósito por cima do que há, ou fora do expediente.")
class EncaixeInput:
    """Of agendarConsulta and remarcarConsulta."""

    justificativa: str = strawberry.field(description="Por quê; de 1 a 1.000 caracteres. Fica na história da consulta.")


@strawberry.input(description="Uma consulta a marcar.")
class AgendarConsultaInput:
    """Of agendarConsulta."""

    paciente_id: ID = strawberry.field(description="Id do paciente.")
    profissional_id: ID = strawberry.field(description="Id do profissional.")
    inicio: datetime = strawberry.field(description="Quando começa, num múltiplo de 5 minutos.")
    duracao_em_minutos: int | None = strawberry.field(
        default=None, description="Quanto dura: múltiplo de 5, de 5 a 480; se ausente, o que dura o tipo, ou 30."
    )
    modalidade: Modalidade | None = strawberry.field(
        default=Modalidade.PRESENCIAL,
        description="Presencial ou teleconsulta; o que só acontece a distância acontece a distância.",
    )
    tipo_id: ID | None = strawberry.field(default=None, description="Id do tipo de atendimento.")
    unidade_id: ID | None = strawberry.field(
        default=None,
        description="Id da unidade, se deve ser esta; se ausente, aquela em que o profissional atende então.",
    )
    sala_id: ID | None = strawberry.field(
        default=None, description="Id da sala; se ausente, a do turno, ou uma livre se o tipo exige sala."
    )
    motivo: str | None = strawberry.field(default=None, description="Por que o paciente vem; até 1.000 caracteres.")
    reserva_id: ID | None = strawberry.field(
        default=None, description="Id da reserva deste horário (reservarHorario), que a consulta passa a ocupar."
    )
    encaixe: EncaixeInput | None = strawberry.field(
        default=None, description="Se é para marcar por cima do que há, ou fora do expediente; só a equipe."
    )


@strawberry.input(description="De quantas em quantas semanas, e quantas vezes.")
class RepeticaoInput:
    """Of agendarSerie."""

    a_cada_semanas: int = strawberry.field(default=1, description="De quantas em quantas semanas, de 1 a 12.")
    vezes: int = strawberry.field(description="Quantas consultas ao todo, de 2 a 26.")


@strawberry.input(description="Consultas que se repetem, no mesmo dia da semana e na mesma hora local.")
class AgendarSerieInput:
    """Of agendarSerie."""

    primeira: AgendarConsultaInput = strawberry.field(description="A primeira delas, sem reserva nem encaixe.")
    repeticao: RepeticaoInput = strawberry.field(description="Quando são as outras.")


@strawberry.input(description="Um horário novo para uma consulta.")
class RemarcarConsultaInput:
    """Of remarcarConsulta."""

    consulta_id: ID = strawberry.field(description="Id da consulta.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    inicio: datetime = strawberry.field(description="Quando passa a começar, num múltiplo de 5 minutos.")
    duracao_em_minutos: int | None = strawberry.field(
        default=None, description="Quanto passa a durar; se ausente, o mesmo que antes."
    )
    profissional_id: ID | None = strawberry.field(
        default=None, description="Id do profissional que passa a atender; se ausente, o mesmo."
    )
    reserva_id: ID | None = strawberry.field(default=None, description="Id da reserva do horário novo.")
    encaixe: EncaixeInput | None = strawberry.field(
        default=None, description="Se é para marcar por cima do que há, ou fora do expediente; só a equipe."
    )


@strawberry.input(description="Uma consulta a cancelar, e por quê.")
class CancelarConsultaInput:
    """Of cancelarConsulta."""

    consulta_id: ID = strawberry.field(description="Id da consulta.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    motivo: str = strawberry.field(description="Por que é cancelada; de 1 a 1.000 caracteres.")


@strawberry.input(description="O que muda de uma consulta que ainda não começou.")
class AtualizarConsultaInput:
    """Of atualizarConsulta."""

    consulta_id: ID = strawberry.field(description="Id da consulta.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    motivo: str | None = strawberry.field(
        default=UNSET, description="Por que o paciente vem; até 1.000 caracteres; null o remove."
    )
    modalidade: Modalidade | None = strawberry.field(default=None, description="Presencial ou teleconsulta.")
    sala_id: ID | None = strawberry.field(
        default=UNSET, description="Id da sala, na unidade da consulta; null a tira. Só a equipe."
    )


@strawberry.input(description="Um horário livre a reservar.")
class ReservarHorarioInput:
    """Of reservarHorario."""

    profissional_id: ID = strawberry.field(description="Id do profissional.")
    inicio: datetime = strawberry.field(description="Quando começa, num múltiplo de 5 minutos.")
    duracao_em_minutos: int | None = strawberry.field(
        default=None, description="Quanto dura: múltiplo de 5, de 5 a 480; se ausente, o que dura o tipo, ou 30."
    )
    tipo_id: ID | None = strawberry.field(default=None, description="Id do tipo de atendimento.")
    consulta_id: ID | None = strawberry.field(
        default=None,
        description="Id da consulta que se quer remarcar para lá, se é para isso: ela não conta de novo.",
    )
