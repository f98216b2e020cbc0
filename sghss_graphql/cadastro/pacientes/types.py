"""A paciente is a person whom the hospital cares for; a CPF comes with them, or later."""

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import Private, enum_value

from sghss_graphql.vocabulario.node import Node
from sghss_graphql.vocabulario.scalars import CNS, CPF


@strawberry.enum(description="Sexo registrado no cadastro.")
class Sexo(Enum):
    """As the registration has it."""

    FEMININO = enum_value("FEMININO", description="Feminino.")
    MASCULINO = enum_value("MASCULINO", description="Masculino.")
    INTERSEXO = enum_value("INTERSEXO", description="Intersexo.")
    NAO_INFORMADO = enum_value("NAO_INFORMADO", description="Não informado.")


@strawberry.type(description="Uma pessoa atendida pelo hospital.")
class Paciente(Node):
    """The registration; consultas and prontuarios are added by the rooms that own them."""

    prefixo = "pac"
    nome: str = strawberry.field(description="Nome civil completo.")
    nome_social: str | None = strawberry.field(
        description="Nome social, pelo qual a pessoa prefere ser chamada (Decreto 8.727/2016)."
    )
    cpf: CPF | None = strawberry.field(description="CPF; null enquanto a pessoa não o informou.")
    cns: CNS | None = strawberry.field(description="Número do Cartão Nacional de Saúde.")
    nascimento: date = strawberry.field(description="Data de nascimento.")
    sexo: Sexo = strawberry.field(description="Sexo registrado no cadastro.")
    email: str | None = strawberry.field(description="E-mail para contato.")
    telefone: str | None = strawberry.field(description="Telefone para contato, com DDD.")
    criado_em: datetime = strawberry.field(description="Quando o cadastro foi feito.")
    pessoa: Private[bytes]
    ordem: Private[str]
