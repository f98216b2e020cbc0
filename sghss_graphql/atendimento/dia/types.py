"""A day of an agenda, in the local time of where it is, and what is in it."""

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import Private, enum_value

from sghss_graphql.atendimento.agenda.types import Bloqueio
from sghss_graphql.atendimento.consultas.types import Consulta


@strawberry.enum(description="O que ocupa um trecho de uma agenda.")
class TipoDeItemDaAgenda(Enum):
    """What there is."""

    CONSULTA = enum_value("CONSULTA", description="Uma consulta que não foi cancelada.")
    LIVRE = enum_value("LIVRE", description="Um trecho de expediente, de agora em diante, em que nada está marcado.")
    BLOQUEIO = enum_value("BLOQUEIO", description="A parte de um bloqueio que cai no dia.")


@strawberry.type(description="Um trecho de uma agenda: uma consulta, um trecho livre ou um bloqueio.")
class ItemDaAgenda:
    """Its profissional is a relation."""

    tipo: TipoDeItemDaAgenda = strawberry.field(description="O que é.")
    inicio: datetime = strawberry.field(description="Quando começa.")
    fim: datetime = strawberry.field(description="Quando termina.")
    consulta: Consulta | None = strawberry.field(default=None, description="A consulta, se é uma.")
    bloqueio: Bloqueio | None = strawberry.field(default=None, description="O bloqueio inteiro, se é um.")
    profissional_chave: Private[bytes]


@strawberry.type(description="Um dia de uma agenda, em hora local.")
class AgendaDoDia:
    """Of ``agendas``."""

    dia: date = strawberry.field(description="O dia.")
    fuso: str = strawberry.field(description="O fuso horário (nome IANA) em que se conta o dia.")
    itens_do_dia: Private[list[ItemDaAgenda]]
