"""Whoever proves who they are: the attempt is counted, judged, and gives a session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import strawberry

from sghss_graphql.cadastro.usuarios import store
from sghss_graphql.cadastro.usuarios.regras import Atos
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso import regras as acesso_regras
from sghss_graphql.confianca.acesso.sessao import Credenciais
from sghss_graphql.confianca.acesso.tentativas import Tentativa
from sghss_graphql.context import Contexto
from sghss_graphql.vocabulario.errors import ErroDeUsuario, Recusa
from sghss_graphql.vocabulario.scalars import CPF

ERROS = "Por que o pedido foi recusado; vazio quando deu certo."


@strawberry.type(description="Uma sessão aberta e os seus tokens.")
class Sessao:
    """What a client keeps."""

    token_de_acesso: str = strawberry.field(
        description="JWT a enviar em cada pedido, no cabeçalho Authorization: Bearer …; vale uma hora."
    )
    expira_em: datetime = strawberry.field(description="Quando o token de acesso deixa de valer.")
    token_de_renovacao: str = strawberry.field(
        description="Troca-se por tokens novos, uma única vez, com renovarSessao."
    )
    troca_de_senha_obrigatoria: bool = strawberry.field(
        description="Se a senha precisa ser trocada (trocarSenha) antes de qualquer outra operação."
    )
    usuario: Usuario = strawberry.field(description="Quem entrou.")


@strawberry.type(description="O resultado de uma operação que abre ou renova a sessão.")
class SessaoPayload:
    """Of login, renovarSessao, trocarSenha and definirSenha."""

    sessao: Sessao | None = strawberry.field(default=None, description="A sessão; null quando há erros.")
    erros: list[ErroDeUsuario] = strawberry.field(default_factory=list, description=ERROS)


@asynccontextmanager
async def tentativa_de(contexto: Contexto, cpf: CPF, *campo: str, com_codigo: bool = False) -> AsyncIterator[Tentativa]:
    """Count an attempt to prove who one is, which is judged inside; what the trail tells of its refusal is put there.

    The trail has the first failure of a pair of CPF and network, and each lock: what an outsider can repeat at will
    would be rows that nobody may delete.

    Raises:
        Recusa: MUITAS_TENTATIVAS.
    """
    tentativa = await contexto.servicos.tentativas.contar(cpf, contexto.origem, *campo, com_codigo=com_codigo)
    try:
        yield tentativa
    except Recusa as recusa:
        if recusa.codigo is acesso_regras.Codigos.CREDENCIAIS_INVALIDAS:
            credencial = await store.credencial(contexto.db, cpf)
            alvo = credencial.usuario if credencial else None
            if tentativa.primeira:
                await contexto.registrar_recusa(Atos.LOGIN_RECUSADO, alvo)
            if tentativa.bloqueia:
                await contexto.registrar_recusa(Atos.LOGIN_BLOQUEADO, alvo)
        raise


def credenciais_invalidas() -> Recusa:
    return Recusa(acesso_regras.Codigos.CREDENCIAIS_INVALIDAS, "CPF ou senha não conferem.", "cpf")


async def entrar(contexto: Contexto, credenciais: Credenciais) -> SessaoPayload:
    """Make whoever proved who they are the one who asks, for the rest of the request."""
    contexto.quem = credenciais.quem
    return SessaoPayload(
        sessao=Sessao(
            token_de_acesso=credenciais.token_de_acesso,
            expira_em=credenciais.expira_em,
            token_de_renovacao=credenciais.token_de_renovacao,
            troca_de_senha_obrigatoria=credenciais.quem.troca_de_senha_obrigatoria,
            usuario=await store.eu(contexto.db, credenciais.quem),
        )
    )
