"""Hold a time, book, move, correct and cancel a consulta."""

import strawberry

from sghss_graphql.atendimento.consultas.mutations.marcar import MarcarMutation
from sghss_graphql.atendimento.consultas.mutations.mudar import MudarMutation
from sghss_graphql.atendimento.consultas.mutations.remarcar import RemarcarMutation
from sghss_graphql.atendimento.consultas.mutations.reservar import ReservarMutation
from sghss_graphql.atendimento.consultas.mutations.serie import SerieMutation

__all__ = ["ConsultasMutation"]


@strawberry.type
class ConsultasMutation(ReservarMutation, MarcarMutation, SerieMutation, RemarcarMutation, MudarMutation):
    """The part of Mutation that is about consultas."""
