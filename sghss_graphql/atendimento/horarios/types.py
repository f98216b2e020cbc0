"""A free time says with whom, where and how; a day, how many it has."""

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import ID, Private, enum_value

from sghss_graphql.cadastro.unidades.types import Modalidade


@strawberry.enum(description="Uma parte do dia, na hora local da unidade.")
class PeriodoDoDia(Enum):
    """From which hour on, and until which."""

    MANHA = enum_value("MANHA", description="Da meia-noite ao meio-dia.")
    TARDE = enum_value("TARDE", description="Do meio-dia às 18 horas.")
    NOITE = enum_value("NOITE", description="Das 18 horas à meia-noite.")


@strawberry.input(description="Que horários livres se procuram.")
class FiltroDeHorarios:
    """Of horarios and diasComHorario."""

    especialidade: str | None = strawberry.field(
        default=None, description="O nome da especialidade, até 200 caracteres, sem distinguir acentos nem maiúsculas."
    )
    profissional_id: ID | None = strawberry.field(
        default=None, description="Só com este profissional; se ausente, com quem quer que sirva."
    )
    unidade_id: ID | None = strawberry.field(default=None, description="Só nesta unidade.")
    tipo_id: ID | None = strawberry.field(
        default=None, description="Para este tipo de atendimento: a sua duração, a sua especialidade, as suas salas."
    )
    modalidade: Modalidade | None = strawberry.field(default=None, description="Só o que acontece assim.")
    de: datetime = strawberry.field(description="A partir de quando; o que já passou não vem.")
    ate: datetime = strawberry.field(description="Antes de quando; até 62 dias depois.")
    periodos: list[PeriodoDoDia] | None = strawberry.field(
        default=None, description="Só nestas partes do dia, até 3; se ausente, em todas."
    )
    duracao_em_minutos: int | None = strawberry.field(
        default=None, description="Múltiplo de 5, de 5 a 480; se ausente, a do tipo, ou 30."
    )


@strawberry.type(description="Um horário livre: quando, com quem, onde e como.")
class Horario:
    """Profissional, unidade, sala and kind are relations."""

    inicio: datetime = strawberry.field(description="Quando começa.")
    fim: datetime = strawberry.field(description="Quando termina.")
    modalidades: list[Modalidade] = strawberry.field(description="Como pode acontecer; a primeira é a usual.")
    profissional_chave: Private[bytes]
    unidade_chave: Private[bytes]
    sala_chave: Private[bytes | None]
    tipo_chave: Private[bytes | None]


@strawberry.type(description="Um dia em que há horário livre.")
class DiaComHorario:
    """In the local time of the unidade."""

    dia: date = strawberry.field(description="O dia, no fuso da unidade.")
    livres: int = strawberry.field(description="Quantos horários livres há.")
    primeiro: datetime = strawberry.field(description="O primeiro deles.")
