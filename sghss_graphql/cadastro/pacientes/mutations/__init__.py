"""Register a paciente, and keep the registration right."""

import strawberry

from sghss_graphql.cadastro.pacientes.mutations.atualizar import AtualizarMutation
from sghss_graphql.cadastro.pacientes.mutations.cadastrar import CadastrarMutation
from sghss_graphql.cadastro.pacientes.mutations.contato import MeuContatoMutation

__all__ = ["PacientesMutation"]


@strawberry.type
class PacientesMutation(CadastrarMutation, AtualizarMutation, MeuContatoMutation):
    """The part of Mutation that is about pacientes."""
