"""What everybody was told: a request is asked again under its key until it is known what became of it."""

import asyncio
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.hospital import LOGIN
from tests.simulador.processos import Banco, Servidor

EFEITOS = {
    "agendarConsulta", "agendarSerie", "remarcarConsulta", "cancelarConsulta", "confirmarConsulta",
    "iniciarAtendimento", "concluirConsulta", "registrarFalta", "corrigirSituacao",
}  # fmt: skip
"""Each leaves a step in the history of a consulta, and an entry on the trail."""
_TENTATIVAS = 40
_NINGUEM_OUVE = {"ERRO_INTERNO", "LIMITE_EXCEDIDO", "REQUISICAO_INVALIDA"}
"""What nobody is told who only does their work."""


@dataclass(eq=False)
class Conta:
    """Somebody who logs in, and what they hold."""

    cpf: str
    senha: str
    usuario: str
    id: str
    """Of their registration as a paciente or a profissional; of staff, of their usuario."""
    token: str = ""
    ativa: bool | None = True
    """None while nobody knows."""
    em_mudanca: bool = False
    """Whether somebody is just deactivating it, or letting it come back."""
    parada: float = 0.0
    """When it was deactivated, by the clock that doesn't jump."""
    feitos: Counter[str] = field(default_factory=Counter)
    """Steps of consultas that they were told are done, by the mutation's name."""
    incertos: int = 0
    """Steps of which they never heard, since they may no longer ask."""
    registros: int = 0
    registros_incertos: int = 0
    vistos: set[str] = field(default_factory=set)
    """The pacientes whose registration they were shown."""


class Achado(Exception):
    """Something that must never be, was: the text says what."""


@dataclass
class Livro:
    """Asks the servers in turns, and writes down what they say."""

    servidores: list[Servidor]
    banco: Banco
    http: httpx.AsyncClient
    acaso: random.Random
    contagem: Counter[str] = field(default_factory=Counter)
    consultas: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """What was told of each consulta: the names of the mutations that were done."""
    bloqueios: dict[str, str] = field(default_factory=dict)
    """Block → whose."""
    _chaves: int = 0

    async def mudar(self, conta: Conta, mutation: str, **variaveis: Any) -> dict[str, Any] | None:
        """Ask for a change until it is known what became of it; None if the caller may ask no more.

        Now and then it is asked twice at once, as by a double click.
        """
        self._chaves += 1
        chave = f"sim-{self._chaves}"
        if self.acaso.random() < 0.1:
            duas = await asyncio.gather(*(self._ate_saber(conta, mutation, variaveis, chave) for _ in range(2)))
            achadas = [payload for payload, _ in duas if payload is not None]
            feitas = [payload for payload in achadas if not payload["erros"]]
            payload, duvida = (feitas or achadas or [None])[0], any(em_duvida for _, em_duvida in duas)
        else:
            payload, duvida = await self._ate_saber(conta, mutation, variaveis, chave)
        self._anotar(conta, payload, incerto=duvida)
        return payload

    async def ler(self, conta: Conta, query: str, **variaveis: Any) -> dict[str, Any]:
        """Ask for something; give the whole answer, with its errors."""
        corpo, _ = await self._perguntar(conta, query, variaveis, None)
        return corpo or {"errors": [{"extensions": {"code": "NAO_AUTENTICADO"}}]}

    async def em(self, servidor: Servidor, token: str, query: str, **variaveis: Any) -> dict[str, Any]:
        """Ask one of the servers, once."""
        cabecalhos = {"Authorization": f"Bearer {token}"} if token else {}
        corpo = {"query": query, "variables": variaveis}
        return dict((await self.http.post(f"{servidor.url}/graphql", json=corpo, headers=cabecalhos)).json())

    async def entrar(self, conta: Conta) -> bool:
        """Log in; False if the account is closed to them."""
        corpo, _ = await self._perguntar(None, LOGIN, {"cpf": conta.cpf, "senha": conta.senha}, None)
        assert corpo is not None
        sessao = corpo["data"]["login"]["sessao"]
        conta.token = sessao["tokenDeAcesso"] if sessao else ""
        return bool(sessao)

    async def _ate_saber(
        self, conta: Conta, mutation: str, variaveis: dict[str, Any], chave: str
    ) -> tuple[dict[str, Any] | None, bool]:
        """Give the payload, or None; and whether a request may have been done of which nothing was heard."""
        corpo, em_duvida = await self._perguntar(conta, mutation, variaveis, chave)
        if corpo is None:
            return None, em_duvida
        if "errors" in corpo:
            codigo = corpo["errors"][0]["extensions"]["code"]
            self.contagem[codigo] += 1
            return None, em_duvida
        ((nome, payload),) = corpo["data"].items()
        self.contagem[payload["erros"][0]["codigo"] if payload["erros"] else "feito"] += 1
        return {**payload, "nome": nome}, False

    async def _perguntar(
        self, conta: Conta | None, texto: str, variaveis: dict[str, Any], chave: str | None
    ) -> tuple[dict[str, Any] | None, bool]:
        """Ask until there is an answer; None if the caller may ask no more. Tells whether any request went unheard."""
        em_duvida = False
        for _ in range(_TENTATIVAS):
            servidor = self.acaso.choice(self.servidores)
            await self._no_ar(servidor.no_ar, self.banco.no_ar)
            cabecalhos = {"Authorization": f"Bearer {conta.token}"} if conta and conta.token else {}
            if chave is not None:
                cabecalhos["Idempotency-Key"] = chave
            try:
                corpo = {"query": texto, "variables": variaveis}
                resposta = await self.http.post(f"{servidor.url}/graphql", json=corpo, headers=cabecalhos)
            except httpx.TransportError:
                self.contagem["sem resposta"] += 1
                em_duvida = True
                continue
            lido = resposta.json()
            codigos = {erro["extensions"]["code"] for erro in lido.get("errors", ())}
            if "SERVICO_INDISPONIVEL" in codigos or _so_a_resposta_se_perdeu(lido):
                self.contagem["SERVICO_INDISPONIVEL"] += 1
                em_duvida = True
            elif estranhos := codigos & _NINGUEM_OUVE:
                raise Achado(f"{estranhos} a {texto[:80]} {variaveis}: {lido}")
            elif "NAO_AUTENTICADO" in codigos and conta is not None:
                if not await self.entrar(conta):
                    return None, em_duvida
            else:
                return lido, em_duvida
        raise Achado(f"ninguém respondeu a {_TENTATIVAS} pedidos: {texto[:80]}")

    async def _no_ar(self, *quais: asyncio.Event) -> None:
        for um in quais:
            await um.wait()

    def _anotar(self, conta: Conta, payload: dict[str, Any] | None, *, incerto: bool) -> None:
        if payload is None:
            if incerto:
                conta.incertos += 3
                conta.registros_incertos += 1
            return
        if payload["erros"]:
            return
        nome = payload["nome"]
        if nome == "adicionarProntuario":
            conta.registros += 1
        if nome not in EFEITOS:
            return
        feitas = payload["consultas"] if "consultas" in payload else [payload["consulta"]]
        conta.feitos[nome] += 3 if nome == "agendarSerie" else 1
        for uma in feitas:
            if uma is not None:
                self.consultas[uma["id"]].add(nome)


def _so_a_resposta_se_perdeu(corpo: dict[str, Any]) -> bool:
    """Tell whether it was done, as the error says, and what was to be shown of it couldn't be read."""
    return any("foi feito" in erro["message"] for erro in corpo.get("errors", ()))
