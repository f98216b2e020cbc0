"""Book, move, correct and cancel a consulta."""

import strawberry

from sghss_graphql.atendimento.consultas.mutations.marcar import MarcarMutation
from sghss_graphql.atendimento.consultas.mutations.mudar import MudarMutation

__all__ = ["ConsultasMutation"]


@strawberry.type
class ConsultasMutation(MarcarMutation, MudarMutation):
    """The part of Mutation that is about consultas."""
