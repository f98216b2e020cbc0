"""Sessions, passwords and codes, staff."""

import strawberry

from sghss_graphql.cadastro.usuarios.mutations.contas import ContasMutation
from sghss_graphql.cadastro.usuarios.mutations.equipe import EquipeMutation
from sghss_graphql.cadastro.usuarios.mutations.prova import Sessao, SessaoPayload
from sghss_graphql.cadastro.usuarios.mutations.senha import CodigoDeAcessoPayload, SenhasMutation
from sghss_graphql.cadastro.usuarios.mutations.sessao import SairPayload, SessoesMutation

__all__ = ["CodigoDeAcessoPayload", "SairPayload", "Sessao", "SessaoPayload", "UsuariosMutation"]


@strawberry.type
class UsuariosMutation(SessoesMutation, SenhasMutation, EquipeMutation, ContasMutation):
    """The part of Mutation that is about those who log in."""
