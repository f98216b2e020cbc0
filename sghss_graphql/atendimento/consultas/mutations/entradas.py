"""What is sent to book, move, correct and cancel a consulta."""

from datetime import datetime

import strawberry
from strawberry import ID, UNSET

from sghss_graphql.cadastro.unidades.types import Modalidade
from sghss_graphql.vocabulario.mutations import SE_VERSAO


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


@strawberry.input(description="Um horário novo para uma consulta.")
class RemarcarConsultaInput:
    """Of remarcarConsulta."""

    consulta_id: ID = strawberry.field(description="Id da consulta.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    inicio: datetime = strawberry.field(description="Quando passa a começar, num múltiplo de 5 minutos.")
    duracao_em_minutos: int | None = strawberry.field(
        default=None, description="Quanto passa a durar; se ausente, o mesmo que antes."
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
