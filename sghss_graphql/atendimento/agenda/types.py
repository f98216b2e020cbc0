"""Working hours repeat each week in local time; a block and a free hour are instants."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import Private, enum_value

from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.vocabulario.node import Node
from sghss_graphql.vocabulario.scalars import Hora


@strawberry.enum(description="Dia da semana.")
class DiaDaSemana(Enum):
    """As ``date.weekday()`` counts them."""

    SEGUNDA = enum_value(0, description="Segunda-feira.")
    TERCA = enum_value(1, description="Terça-feira.")
    QUARTA = enum_value(2, description="Quarta-feira.")
    QUINTA = enum_value(3, description="Quinta-feira.")
    SEXTA = enum_value(4, description="Sexta-feira.")
    SABADO = enum_value(5, description="Sábado.")
    DOMINGO = enum_value(6, description="Domingo.")


@strawberry.type(description="Um turno do expediente semanal, em hora local.")
class Turno:
    """One stretch of working hours."""

    dia: DiaDaSemana = strawberry.field(description="O dia em que o turno começa.")
    inicio: Hora = strawberry.field(description="Quando começa.")
    fim: Hora = strawberry.field(description="Quando termina; igual ao início ou antes dele, termina no dia seguinte.")
    vigencia_de: date | None = strawberry.field(description="O primeiro dia em que vale; null, desde sempre.")
    vigencia_ate: date | None = strawberry.field(description="O último dia em que vale; null, para sempre.")
    a_cada_semanas: int = strawberry.field(description="De quantas em quantas semanas se repete; 1 é toda semana.")
    unidade_chave: Private[bytes]
    sala_chave: Private[bytes | None]
    tipos_chaves: Private[Sequence[bytes]]


@strawberry.type(description="Um período em que o profissional não atende: feriado, férias, licença.")
class Bloqueio(Node):
    """A stretch of time without new consultas."""

    prefixo = "blo"
    profissional: Profissional = strawberry.field(description="De quem é a agenda.")
    inicio: datetime = strawberry.field(description="Quando começa.")
    fim: datetime = strawberry.field(description="Quando termina.")
    motivo: str = strawberry.field(description="Por que a agenda está bloqueada.")


@strawberry.type(description="Um horário em que uma consulta pode ser marcada.")
class HorarioDisponivel:
    """A free stretch of the asked duration."""

    inicio: datetime = strawberry.field(description="Quando começa.")
    fim: datetime = strawberry.field(description="Quando termina.")
