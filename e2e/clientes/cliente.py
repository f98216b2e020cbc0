"""A Python client of the API, with gql: log in, ask, renew, log out."""

from collections.abc import AsyncIterator
from typing import Any

from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError

_SESSAO = "{ sessao { tokenDeAcesso tokenDeRenovacao } erros { codigo mensagem } }"
_LOGIN = f"mutation Entrar($cpf: CPF!, $senha: String!) {{ login(cpf: $cpf, senha: $senha) {_SESSAO} }}"
_RENOVAR = f"mutation Renovar($token: String!) {{ renovarSessao(tokenDeRenovacao: $token) {_SESSAO} }}"


class Hospital:
    """The API as one person sees it; what a caller can't mend comes as TransportQueryError."""

    def __init__(self, url: str) -> None:
        self.tokens: dict[str, str] | None = None
        self._transport = AIOHTTPTransport(url=url, headers={})
        self._client = Client(transport=self._transport)

    async def entrar(self, cpf: str, senha: str) -> list[dict[str, str]]:
        """Log in; gives the errors that the caller can mend, none if it went well."""
        self.tokens = None
        return self._abrir((await self._enviar(_LOGIN, {"cpf": cpf, "senha": senha}))["login"])

    async def pedir(self, operacao: str, **variaveis: Any) -> dict[str, Any]:
        """Send an operation; when the token has ended, renew the session and send it once more."""
        try:
            return await self._enviar(operacao, variaveis)
        except TransportQueryError as erro:
            if self.tokens is None or codigos(erro) != ["NAO_AUTENTICADO"]:
                raise
        self._abrir((await self._enviar(_RENOVAR, {"token": self.tokens["tokenDeRenovacao"]}))["renovarSessao"])
        return await self._enviar(operacao, variaveis)

    async def paginas(self, operacao: str, first: int) -> AsyncIterator[dict[str, Any]]:
        """Give every node of the operation's only connection, page after page."""
        after = None
        while True:
            (conexao,) = (await self.pedir(operacao, first=first, after=after)).values()
            for edge in conexao["edges"]:
                yield edge["node"]
            if not conexao["pageInfo"]["hasNextPage"]:
                return
            after = conexao["pageInfo"]["endCursor"]

    def _abrir(self, payload: dict[str, Any]) -> list[dict[str, str]]:
        self.tokens = payload["sessao"]
        return payload["erros"]

    async def _enviar(self, operacao: str, variaveis: dict[str, Any]) -> dict[str, Any]:
        self._transport.headers = {"Authorization": f"Bearer {self.tokens['tokenDeAcesso']}"} if self.tokens else {}
        async with self._client as sessao:
            return await sessao.execute(GraphQLRequest(operacao, variable_values=variaveis))


def codigos(erro: TransportQueryError) -> list[str]:
    """Give the codes of an answer's errors."""
    return [um["extensions"]["code"] for um in erro.errors or ()]
