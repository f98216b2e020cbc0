"""A usuario is a person, known by CPF; what they may do is the sum of their papéis."""

import strawberry
from strawberry import ID, Private

from sghss_graphql import ids
from sghss_graphql.acesso.papeis import Papel
from sghss_graphql.scalars import CPF


@strawberry.interface(description="Um objeto com identidade, que pode ser pedido de novo pelo id.")
class Node:
    """Relay's Node."""

    chave: Private[bytes]
    tipo_de_no: Private[ids.Tipo]

    @strawberry.field(description="Identificador opaco: guarde-o e devolva-o como veio.")
    def id(self) -> ID:
        """Give the id that clients see."""
        return ids.publico(self.tipo_de_no, self.chave)


@strawberry.type(description="Uma pessoa que entra no sistema.")
class Usuario(Node):
    """Only ever oneself, or someone the administrador has just registered."""

    tipo_de_no: Private[ids.Tipo] = ids.Tipo.USUARIO
    nome: str = strawberry.field(description="Nome civil completo.")
    cpf: CPF = strawberry.field(description="CPF, só os dígitos.")
    email: str | None = strawberry.field(description="E-mail para contato.")
    papeis: list[Papel] = strawberry.field(description="Os papéis da pessoa no hospital; eles se somam.")
