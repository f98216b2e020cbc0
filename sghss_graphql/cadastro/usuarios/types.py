"""A usuario is a pessoa who logs in; what they may do is the sum of their papéis."""

import strawberry

from sghss_graphql.confianca.acesso.papeis import PREFIXO_DO_USUARIO, Papel
from sghss_graphql.vocabulario.node import Node
from sghss_graphql.vocabulario.scalars import CPF


@strawberry.type(description="Uma pessoa que entra no sistema.")
class Usuario(Node):
    """Only ever oneself, or someone the administrador has just registered."""

    prefixo = PREFIXO_DO_USUARIO
    nome: str = strawberry.field(description="Nome civil completo.")
    cpf: CPF = strawberry.field(description="CPF, só os dígitos.")
    email: str | None = strawberry.field(description="E-mail para contato.")
    papeis: list[Papel] = strawberry.field(description="Os papéis da pessoa no hospital; eles se somam.")
