"""A profissional is known by council, number and UF, and attends in one or more specialities."""

from enum import Enum

import strawberry
from strawberry import Private, enum_value

from sghss_graphql.cadastro.codigos.types import CodigoDeAcesso
from sghss_graphql.vocabulario.errors import ErroDeUsuario
from sghss_graphql.vocabulario.node import Node
from sghss_graphql.vocabulario.uf import UF


@strawberry.enum(description="O conselho que registra uma profissão da saúde.")
class Conselho(Enum):
    """One for each profession that attends."""

    CRM = enum_value("CRM", description="Medicina: Conselho Regional de Medicina.")
    CRO = enum_value("CRO", description="Odontologia: Conselho Regional de Odontologia.")
    COREN = enum_value("COREN", description="Enfermagem: Conselho Regional de Enfermagem.")
    CRP = enum_value("CRP", description="Psicologia: Conselho Regional de Psicologia.")
    CREFITO = enum_value(
        "CREFITO", description="Fisioterapia e terapia ocupacional: Conselho Regional de Fisioterapia e T. Ocupacional."
    )
    CRF = enum_value("CRF", description="Farmácia: Conselho Regional de Farmácia.")
    CRN = enum_value("CRN", description="Nutrição: Conselho Regional de Nutrição.")
    CREFONO = enum_value("CREFONO", description="Fonoaudiologia: Conselho Regional de Fonoaudiologia.")
    CRESS = enum_value("CRESS", description="Serviço social: Conselho Regional de Serviço Social.")
    CREF = enum_value("CREF", description="Educação física: Conselho Regional de Educação Física.")
    CRBM = enum_value("CRBM", description="Biomedicina: Conselho Regional de Biomedicina.")


@strawberry.type(description="Uma especialidade em que um profissional atende.")
class Especialidade:
    """As the council has it."""

    nome: str = strawberry.field(description="O nome, como Cardiologia.")
    rqe: str | None = strawberry.field(description="O número do Registro de Qualificação de Especialista, se há.")


@strawberry.type(description="Quem atende no hospital: médico, enfermeiro, dentista e os demais.")
class Profissional(Node):
    """The registration; agenda, consultas and specialities are relations."""

    prefixo = "prf"
    nome: str = strawberry.field(description="Nome profissional completo.")
    conselho: Conselho = strawberry.field(description="O conselho em que tem registro.")
    numero: str = strawberry.field(description="O número do registro, de 1 a 10 dígitos.")
    uf: UF = strawberry.field(description="A unidade federativa do registro.")
    registro: str = strawberry.field(description="O registro por extenso, como CRM 123456/SP.")
    fuso: str = strawberry.field(
        description="Fuso horário (nome IANA) da unidade em que atende, no qual se lê o expediente."
    )
    ativo: bool = strawberry.field(description="Se atende: só quem atende pode ser marcado.")
    versao: int = strawberry.field(description="Conta as mudanças do cadastro e da pessoa por trás dele.")
    juntos: Private[bool] = False
    """Whether they are a paciente, too, by several registrations: their time is one time."""
    ordem: Private[str]
    pessoa: Private[bytes]


@strawberry.type(description="O resultado de cadastrar um profissional ou definir o seu expediente.")
class ProfissionalPayload:
    """Of cadastrarProfissional, and of agenda's definirExpediente."""

    profissional: Profissional | None = strawberry.field(
        default=None, description="O profissional; null quando há erros."
    )
    codigo_de_acesso: CodigoDeAcesso | None = strawberry.field(
        default=None,
        description="O código com que a pessoa define a senha, mostrado só desta vez; null se conserva a que tem.",
    )
    mudou_o_expediente: Private[bool] = False
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )
