"""A consulta is a paciente and a profissional at a time, in one of six states."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import Private, enum_value

from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.vocabulario.node import Node


@strawberry.enum(description="Em que ponto está uma consulta.")
class SituacaoDaConsulta(Enum):
    """The states; ``regras.TRANSICOES`` says which follows which."""

    AGENDADA = enum_value("AGENDADA", description="Marcada.")
    CONFIRMADA = enum_value("CONFIRMADA", description="O paciente confirmou que vem.")
    EM_ATENDIMENTO = enum_value("EM_ATENDIMENTO", description="Está acontecendo.")
    REALIZADA = enum_value("REALIZADA", description="Aconteceu.")
    CANCELADA = enum_value("CANCELADA", description="Foi cancelada; o horário está livre.")
    FALTOU = enum_value("FALTOU", description="O paciente não veio.")


@strawberry.enum(description="Como a consulta acontece.")
class Modalidade(Enum):
    """In person or at a distance."""

    PRESENCIAL = enum_value("PRESENCIAL", description="No hospital.")
    TELECONSULTA = enum_value("TELECONSULTA", description="A distância (Resolução CFM 2.314/2022).")


@strawberry.enum(description="A ordem de uma lista de consultas, pelo início.")
class OrdemDasConsultas(Enum):
    """Both ways."""

    MAIS_NOVAS = enum_value("MAIS_NOVAS", description="Das mais novas para as mais antigas.")
    MAIS_ANTIGAS = enum_value("MAIS_ANTIGAS", description="Das mais antigas para as mais novas.")


@strawberry.type(description="Uma consulta de um paciente com um profissional.")
class Consulta(Node):
    """An appointment; paciente, profissional, history and records are relations."""

    prefixo = "con"
    paciente_chave: Private[bytes]
    profissional_chave: Private[bytes]
    versao: int = strawberry.field(description="Conta as mudanças da consulta.")
    inicio: datetime = strawberry.field(description="Quando começa.")
    fim: datetime = strawberry.field(description="Quando termina.")
    situacao: SituacaoDaConsulta = strawberry.field(description="Em que ponto está.")
    modalidade: Modalidade = strawberry.field(description="Presencial ou teleconsulta.")
    motivo: str | None = strawberry.field(description="Por que o paciente vem.")
    criado_em: datetime = strawberry.field(description="Quando foi marcada.")


@strawberry.type(description="Um passo na história de uma consulta: marcada, remarcada, confirmada …")
class MudancaDaConsulta:
    """One step; the first is the booking."""

    situacao: SituacaoDaConsulta = strawberry.field(description="A situação depois deste passo.")
    inicio: datetime = strawberry.field(description="O início marcado depois deste passo.")
    fim: datetime = strawberry.field(description="O fim marcado depois deste passo.")
    motivo: str | None = strawberry.field(description="O motivo dado, no cancelamento.")
    criado_em: datetime = strawberry.field(description="Quando aconteceu.")
    papel: Papel | None = strawberry.field(description="Em que papel quem o deu o deu; null nos passos antigos.")
    usuario: Private[bytes]
