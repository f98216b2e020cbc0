"""A profissional is known by CRM and attends in one or more specialities."""

import strawberry
from strawberry import Private

from sghss_graphql.vocabulario.errors import ErroDeUsuario
from sghss_graphql.vocabulario.node import Node
from sghss_graphql.vocabulario.scalars import CRM


@strawberry.type(description="Um profissional do hospital.")
class Profissional(Node):
    """The registration; agenda, consultas and specialities are relations."""

    prefixo = "prf"
    nome: str = strawberry.field(description="Nome profissional completo.")
    crm: CRM = strawberry.field(description="Inscrição no Conselho Regional de Medicina.")
    fuso: str = strawberry.field(
        description="Fuso horário (nome IANA) da unidade em que atende, no qual se lê o expediente."
    )
    ordem: Private[str]


@strawberry.type(description="O resultado de cadastrar um profissional ou definir o seu expediente.")
class ProfissionalPayload:
    """Of cadastrarProfissional, and of agenda's definirExpediente."""

    profissional: Profissional | None = strawberry.field(
        default=None, description="O profissional; null quando há erros."
    )
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )
