"""Log in, renew, log out."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry
from strawberry import argument

from sghss_graphql.cadastro.usuarios import store
from sghss_graphql.cadastro.usuarios.mutations.prova import (
    ERROS,
    SessaoPayload,
    credenciais_invalidas,
    entrar,
    tentativa_de,
)
from sghss_graphql.cadastro.usuarios.regras import Atos, Codigos
from sghss_graphql.confianca.acesso import regras as acesso_regras
from sghss_graphql.confianca.acesso.checagem import IDENTIFIQUE_SE
from sghss_graphql.confianca.acesso.sessao import Credenciais
from sghss_graphql.confianca.acesso.tabela import SiMesmo
from sghss_graphql.confianca.acesso.tentativas import Tentativa, Tentativas
from sghss_graphql.context import Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario.errors import ErroDeUsuario, Recusa
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.scalars import CPF


@strawberry.type(description="O resultado de sair.")
class SairPayload:
    """Of sair."""

    erros: list[ErroDeUsuario] = strawberry.field(default_factory=list, description=ERROS)


@strawberry.type
class SessoesMutation:
    """The part of Mutation that is about sessions."""

    @mutation("Entra com CPF e senha e abre uma sessão.", repete=False)
    async def login(
        self,
        info: Info,
        cpf: Annotated[CPF, argument(description="CPF de quem entra.")],
        senha: Annotated[str, argument(description="Senha de quem entra; nenhuma tem mais de 72 bytes.")],
    ) -> SessaoPayload:
        """Log in; whoever isn't known, has no password or types a wrong one gets the same answer."""
        contexto = info.context
        async with tentativa_de(contexto, cpf, "cpf") as tentativa:
            credencial = await store.credencial(contexto.db, cpf)
            guardada = credencial.senha if credencial else None
            confere = contexto.servicos.senhas.confere(senha, guardada, conhecido=tentativa.conhecida)
            if not await confere or credencial is None:
                raise credenciais_invalidas()
            if credencial.espera:
                await contexto.db.transaction(_nao_errou(contexto.servicos.tentativas, tentativa))
                raise Recusa(Codigos.IDENTIDADE_NAO_VERIFICADA, IDENTIFIQUE_SE, "cpf")

            de_outro_custo = contexto.servicos.senhas.de_outro_custo(guardada)
            refeita = await contexto.servicos.senhas.guardar(senha) if de_outro_custo else None

            async def work(tx: Transaction) -> Credenciais:
                if await store.senha_que_abre(tx, credencial.usuario) != guardada:
                    raise credenciais_invalidas()
                contexto.servicos.tentativas.acertou(tx, tentativa, credencial.usuario)
                if refeita is not None:
                    store.refazer_hash(tx, credencial.usuario, guardada, refeita)
                aberta = await contexto.servicos.sessoes.abrir(tx, credencial.usuario)
                contexto.registrar(tx, Atos.LOGIN, alvo=credencial.usuario, por=aberta.quem)
                return aberta

            aberta = await contexto.db.transaction(work)
        return await entrar(contexto, aberta)

    @mutation("Troca um token de renovação por tokens novos. Um token já usado encerra a sessão.", repete=False)
    async def renovar_sessao(
        self,
        info: Info,
        token_de_renovacao: Annotated[
            str, argument(description="O token de renovação mais recente da sessão, de 43 caracteres.")
        ],
    ) -> SessaoPayload:
        """Renew a session."""
        contexto = info.context

        async def work(tx: Transaction) -> Credenciais | None:
            renovacao = await contexto.servicos.sessoes.renovar(tx, token_de_renovacao)
            if renovacao.credenciais is not None:
                quem = renovacao.credenciais.quem
                contexto.registrar(tx, Atos.RENOVAR_SESSAO, alvo=quem.sessao, por=quem)
            elif renovacao.encerrada is not None:
                contexto.registrar(tx, Atos.TOKEN_REUSADO, alvo=renovacao.encerrada)
            return renovacao.credenciais

        credenciais = await contexto.db.transaction(work)
        if credenciais is None:
            raise Recusa(
                acesso_regras.Codigos.CREDENCIAIS_INVALIDAS,
                "A sessão terminou. Entre de novo com CPF e senha.",
                "tokenDeRenovacao",
            )
        return await entrar(contexto, credenciais)

    @mutation("Sai: encerra a sessão de quem pede, e com ela todos os seus tokens.", repete=False)
    async def sair(self, info: Info) -> SairPayload:
        """Log out."""
        contexto = info.context
        quem = contexto.exigir(SiMesmo).quem

        async def work(tx: Transaction) -> None:
            contexto.servicos.sessoes.encerrar(tx, quem)
            contexto.registrar(tx, Atos.SAIR, alvo=quem.sessao)

        await contexto.db.transaction(work)
        contexto.sair()
        return SairPayload()


def _nao_errou(tentativas: Tentativas, tentativa: Tentativa) -> Callable[[Transaction], Awaitable[None]]:
    async def work(tx: Transaction) -> None:
        tentativas.nao_errou(tx, tentativa)

    return work
