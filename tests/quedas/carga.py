"""Callers who keep a book: what each asked for, under which mark, and what they were told became of it."""

import asyncio
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from tests.hospital import ADICIONAR, AGENDAR, CANCELAR, LOGIN
from tests.processes import passing
from tests.quedas.medidas import Medidas
from tests.simulador.livro import Conta
from tests.simulador.mundo import Mundo, agora_com_fuso

LER = "query($id: ID!) { paciente(id: $id) { id nome } }"
FEITO, FALHOU, INCERTO, RECUSADO = "feito", "falhou", "incerto", "recusado"
_TENTATIVAS = 600
_numeros = itertools.count()
"""Of what is asked for, from one fault to the next: no time is asked for twice."""
_PAUSA = 0.1
"""Seconds after which whoever was refused asks again."""


@dataclass
class Anotado:
    """One thing that somebody asked for; ``marca`` stands in what it writes."""

    marca: str
    oque: str
    fim: str = INCERTO
    id: str = ""


@dataclass
class Carga:
    """Some callers, each asking one thing after the other, of whichever server answers."""

    mundo: Mundo
    medidas: Medidas
    com_chave: float = 0.5
    """The share of requests that are sent under an Idempotency-Key, and again until it is known what became of them."""
    texto: int = 0
    """Characters that each record has besides its mark."""
    anotados: list[Anotado] = field(default_factory=list)
    contagem: Counter[str] = field(default_factory=Counter)
    parar: asyncio.Event = field(default_factory=asyncio.Event)

    async def pedir(self, quantos: int) -> None:
        """Ask until told to stop, with so many callers."""
        async with asyncio.TaskGroup() as grupo:
            for numero in range(quantos):
                grupo.create_task(self._um(random.Random(numero)))

    async def _um(self, acaso: random.Random) -> None:
        limites = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=40, limits=limites) as http:
            while not self.parar.is_set():
                await self._uma_coisa(acaso, http)

    async def _uma_coisa(self, acaso: random.Random, http: httpx.AsyncClient) -> None:
        sorte, mundo = acaso.random(), self.mundo
        feitas = [um for um in self.anotados if um.fim == FEITO and um.oque == "marcar" and um.id]
        if sorte < 0.2:
            conta = acaso.choice(mundo.recepcao)
            await self._mandar(acaso, http, conta, LER, {"id": acaso.choice(mundo.pacientes).id}, None)
        elif sorte < 0.35 and feitas:
            uma = acaso.choice(feitas)
            uma.oque = "marcada e a cancelar"
            anotado = self._anotar("cancelar")
            anotado.id = uma.id
            entrada = {"consultaId": uma.id, "motivo": anotado.marca}
            await self._mandar(acaso, http, acaso.choice(mundo.recepcao), CANCELAR, {"input": entrada}, anotado)
        elif sorte < 0.5:
            anotado = self._anotar("escrever")
            medico, paciente = mundo.profissionais[0], mundo.pacientes[5]
            entrada = {"pacienteId": paciente.id, "tipo": "EVOLUCAO", "texto": f"{anotado.marca} {'x' * self.texto}"}
            await self._mandar(acaso, http, medico, ADICIONAR, {"input": entrada}, anotado)
        else:
            await self._marcar(acaso, http)

    async def _marcar(self, acaso: random.Random, http: httpx.AsyncClient) -> None:
        """Book a time that nobody else asks for."""
        anotado, mundo = self._anotar("marcar"), self.mundo
        numero = int(anotado.marca.rpartition("-")[2])
        amanha = (agora_com_fuso() + timedelta(days=3)).replace(hour=14, minute=0, second=0, microsecond=0)
        vaga = numero // len(mundo.profissionais)
        inicio = amanha + timedelta(days=vaga // 16, minutes=30 * (vaga % 16))
        entrada = {
            "pacienteId": mundo.pacientes[4 + numero % 60].id,
            "profissionalId": mundo.profissionais[numero % len(mundo.profissionais)].id,
            "inicio": inicio.isoformat(),
            "motivo": anotado.marca,
        }
        await self._mandar(acaso, http, acaso.choice(mundo.recepcao), AGENDAR, {"input": entrada}, anotado)

    def _anotar(self, oque: str) -> Anotado:
        anotado = Anotado(f"{self.medidas.nome}-{next(_numeros)}", oque)
        self.anotados.append(anotado)
        return anotado

    async def _mandar(
        self,
        acaso: random.Random,
        http: httpx.AsyncClient,
        conta: Conta,
        texto: str,
        variaveis: dict[str, Any],
        anotado: Anotado | None,
    ) -> None:
        """Ask; what became of it is written down. Under a key it is asked again until that is known."""
        com_chave = anotado is not None and acaso.random() < self.com_chave
        for _ in range(_TENTATIVAS if com_chave else 1):
            fim, id = await self._uma_vez(acaso, http, conta, texto, variaveis, anotado if com_chave else None)
            self.contagem[fim] += 1
            if anotado is not None:
                anotado.fim, anotado.id = fim, id or anotado.id
            if fim in (FEITO, RECUSADO) or (com_chave and self.parar.is_set() and fim == FALHOU):
                return
            await passing(_PAUSA)

    async def _uma_vez(
        self,
        acaso: random.Random,
        http: httpx.AsyncClient,
        conta: Conta,
        texto: str,
        variaveis: dict[str, Any],
        anotado: Anotado | None,
    ) -> tuple[str, str]:
        """Ask once, of whichever server takes the connection, as a balancer would."""
        cabecalhos = {"Authorization": f"Bearer {conta.token}"}
        if anotado is not None:
            cabecalhos["Idempotency-Key"] = anotado.marca
        corpo, comeco = {"query": texto, "variables": variaveis}, time.monotonic()
        for servidor in acaso.sample(self.mundo.servidores, len(self.mundo.servidores)):
            try:
                resposta = await http.post(f"{servidor.url}/graphql", json=corpo, headers=cabecalhos)
            except httpx.ConnectError:
                continue
            except httpx.TransportError:
                self.medidas.sem_resposta(time.monotonic() - comeco)
                return INCERTO, ""
            self.medidas.respondido(time.monotonic() - comeco)
            return await self._lido(http, conta, resposta)
        self.medidas.sem_servidor()
        return FALHOU, ""

    async def _lido(self, http: httpx.AsyncClient, conta: Conta, resposta: httpx.Response) -> tuple[str, str]:
        """Tell what an answer says became of it."""
        lido = resposta.json()
        erros = lido.get("errors", ())
        codigos = {erro["extensions"]["code"] for erro in erros}
        if any(erro["extensions"].get("incerto") for erro in erros):
            return INCERTO, ""
        if any(erro["extensions"].get("feito") for erro in erros):
            return FEITO, ""
        if "NAO_AUTENTICADO" in codigos:
            await self._entrar(http, conta)
            return FALHOU, ""
        if erros:
            self.medidas.codigos[min(codigos)] += 1
            if "SERVICO_INDISPONIVEL" in codigos and resposta.status_code == 503:
                self.medidas.exigir("retry-after" in resposta.headers, "503 sem Retry-After")
            return FALHOU, ""
        self.medidas.feito()
        ((_, payload),) = lido["data"].items()
        if not isinstance(payload, dict) or "erros" not in payload:
            self.medidas.lidos += 1
            return FEITO, ""
        if payload["erros"]:
            self.medidas.codigos[payload["erros"][0]["codigo"]] += 1
            return RECUSADO, ""
        (objeto,) = [valor for nome, valor in payload.items() if nome in ("consulta", "prontuario")]
        return FEITO, objeto["id"] if objeto else ""

    async def _entrar(self, http: httpx.AsyncClient, conta: Conta) -> None:
        """Log in anew: a token that has expired, or of a clock that is no more."""
        for servidor in self.mundo.servidores:
            try:
                corpo = {"query": LOGIN, "variables": {"cpf": conta.cpf, "senha": conta.senha}}
                lida = (await http.post(f"{servidor.url}/graphql", json=corpo)).json()
            except httpx.TransportError:
                continue
            sessao = (lida.get("data") or {}).get("login", {}).get("sessao")
            if sessao:
                conta.token = sessao["tokenDeAcesso"]
                return
