"""The one root field that asks for nobody."""

from importlib.metadata import version

import strawberry

from sghss_graphql.cadastro.servidor.types import Servidor
from sghss_graphql.confianca.acesso.senha import MENOR_SENHA
from sghss_graphql.context import Info
from sghss_graphql.vocabulario.tempo import agora


@strawberry.type
class ServidorQuery:
    """The part of Query that is about the server."""

    @strawberry.field(description="O servidor: versão, hospital, fuso e hora. Não pede token.")
    async def servidor(self, info: Info) -> Servidor:
        """Tell what anyone may know."""
        servicos = info.context.servicos
        return Servidor(
            versao=version("sghss-graphql"),
            hospital=servicos.hospital,
            fuso=servicos.fuso,
            agora=agora(),
            demonstracao=servicos.demonstracao,
            tamanho_minimo_da_senha=MENOR_SENHA,
        )
