"""An emergency lasts hours, shared care until a date; both say why, and who."""

from datetime import datetime

import strawberry
from strawberry import Private

from sghss_graphql.vocabulario.errors import ErroDeUsuario
from sghss_graphql.vocabulario.node import Node

_ERROS = "Por que o pedido foi recusado; vazio quando deu certo."


@strawberry.type(
    description="O acesso de um profissional, em emergência, a um paciente que não estava sob os seus cuidados."
)
class AcessoDeEmergencia(Node):
    """Shown to the paciente, to its holder, and to administrators."""

    prefixo = "eme"
    justificativa: str = strawberry.field(description="Por que foi preciso, nas palavras do profissional.")
    inicio: datetime = strawberry.field(description="Quando começou.")
    ate: datetime = strawberry.field(description="Quando termina por si.")
    encerrado_em: datetime | None = strawberry.field(description="Quando foi encerrado antes disso; null se não foi.")
    paciente_chave: Private[bytes]
    profissional_chave: Private[bytes]


@strawberry.type(description="O cuidado de um paciente, compartilhado com um profissional até uma data.")
class CuidadoCompartilhado(Node):
    """Shown to the paciente, to whoever shared it, to the profissional, and to administrators."""

    prefixo = "cui"
    motivo: str = strawberry.field(description="Por que foi compartilhado.")
    desde: datetime = strawberry.field(description="Quando começou.")
    ate: datetime = strawberry.field(description="Quando termina por si.")
    encerrado_em: datetime | None = strawberry.field(description="Quando foi encerrado antes disso; null se não foi.")
    paciente_chave: Private[bytes]
    profissional_chave: Private[bytes]
    por_chave: Private[bytes]


@strawberry.type(description="O resultado de abrir ou encerrar um acesso de emergência.")
class AcessoDeEmergenciaPayload:
    """Of acessarEmEmergencia and encerrarAcessoDeEmergencia."""

    acesso: AcessoDeEmergencia | None = strawberry.field(default=None, description="O acesso; null quando há erros.")
    erros: list[ErroDeUsuario] = strawberry.field(default_factory=list, description=_ERROS)


@strawberry.type(description="O resultado de compartilhar um cuidado, ou de encerrá-lo.")
class CuidadoCompartilhadoPayload:
    """Of compartilharCuidado and encerrarCuidado."""

    cuidado: CuidadoCompartilhado | None = strawberry.field(
        default=None, description="O cuidado; null quando há erros."
    )
    erros: list[ErroDeUsuario] = strawberry.field(default_factory=list, description=_ERROS)
