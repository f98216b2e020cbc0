"""A usuario is a pessoa who logs in; what they may do is the sum of their papéis."""

from datetime import datetime

import strawberry
from strawberry import Private

from sghss_graphql.cadastro.codigos.types import CodigoDeAcesso
from sghss_graphql.confianca.acesso.papeis import PREFIXO_DO_USUARIO, Papel
from sghss_graphql.vocabulario.errors import ErroDeUsuario
from sghss_graphql.vocabulario.node import Node
from sghss_graphql.vocabulario.scalars import CPF


@strawberry.type(description="Uma pessoa que entra no sistema.")
class Usuario(Node):
    """Oneself, or whom an administrador looks after."""

    prefixo = PREFIXO_DO_USUARIO
    nome: str = strawberry.field(description="Nome civil completo.")
    cpf: CPF = strawberry.field(description="CPF, só os dígitos.")
    email: str | None = strawberry.field(description="E-mail para contato.")
    papeis: list[Papel] = strawberry.field(description="Os papéis da pessoa no hospital; eles se somam.")
    ativo: bool = strawberry.field(description="Se pode entrar; quem já agiu é desativado, nunca apagado.")
    versao: int = strawberry.field(description="Conta as mudanças do cadastro de quem entra.")
    identidade_verificada: bool = strawberry.field(
        description="Se a senha em uso foi definida com um código entregue na recepção."
    )
    criado_em: datetime = strawberry.field(description="Quando o cadastro foi feito.")
    pessoa: Private[bytes]
    ordem: Private[str]


@strawberry.type(description="O resultado de uma operação sobre quem entra no sistema.")
class UsuarioPayload:
    """Of cadastrarFuncionario and of what administrators do to accounts."""

    usuario: Usuario | None = strawberry.field(default=None, description="O usuário; null quando há erros.")
    codigo_de_acesso: CodigoDeAcesso | None = strawberry.field(
        default=None,
        description="O código com que a pessoa define a senha, mostrado só desta vez; null se conserva a que tem.",
    )
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )
