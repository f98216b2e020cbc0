"""What may go wrong around a server, one after the other, while sixteen callers ask it for everything."""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiomysql
import httpx

from sghss_graphql.machinery.database.failures import Unavailable
from tests.processes import freeze, passing
from tests.quedas.carga import FALHOU, FEITO, INCERTO, Carga
from tests.quedas.estrada import Estrada, Par, Vigia
from tests.quedas.medidas import Medidas
from tests.simulador.mundo import Mundo

_CHAMAM = 16
_LONGO = 1_000
"""Bytes of a result that is cut in its middle."""


@dataclass
class Cena:
    """Where something goes wrong: the hospital, the road to its database, and what is measured."""

    mundo: Mundo
    estrada: Estrada
    medidas: Medidas
    segundos: float
    """How long what goes wrong lasts."""


Acontece = Callable[[Cena], Awaitable[None]]


@dataclass(frozen=True)
class Queda:
    """Something that goes wrong; ``muda`` is whether requests may go unanswered."""

    titulo: str
    acontece: Acontece
    muda: bool = False
    volta: float | None = None
    """Seconds in which service has to be back."""
    texto: int = 0
    """Characters more of each record that is written."""
    novos: bool = False
    """Whether servers are started anew, and hold something else than those before."""
    disco: int = 0
    """MiB of a disk of its own for the database, which takes root to make; 0 is none."""


async def servidor_morto(cena: Cena) -> None:
    """One of the two servers dies, and starts again."""
    await cena.mundo.servidores[0].cair()
    cena.medidas.voltou()


async def banco_morto(cena: Cena) -> None:
    """The database dies, and recovers."""
    await cena.mundo.banco.cair()
    cena.medidas.voltou()


async def banco_parado(cena: Cena) -> None:
    """The database is stopped for a while."""
    await cena.mundo.banco.parar()
    await passing(cena.segundos)
    await cena.mundo.banco.voltar()
    cena.medidas.voltou()


async def banco_congelado(cena: Cena) -> None:
    """The database stands still: it takes connections, and answers nothing."""
    pid = cena.mundo.banco.embutido.pid
    await freeze(pid)
    await passing(cena.segundos)
    os.kill(pid, signal.SIGCONT)
    cena.medidas.voltou()


async def rede_parada(cena: Cena) -> None:
    """Nothing goes over the network, and nobody says so."""
    cena.estrada.parar()
    await passing(cena.segundos)
    cena.estrada.seguir()
    cena.medidas.voltou()


async def rede_lenta(cena: Cena) -> None:
    """Every piece takes fifty milliseconds, and one in two hundred is lost, with its connection."""
    acaso = random.Random(1)
    cena.estrada.atraso, cena.estrada.vigia = 0.05, lambda *_: 0 if acaso.random() < 0.005 else None
    await passing(cena.segundos)
    cena.estrada.atraso, cena.estrada.vigia = 0.0, None
    cena.medidas.voltou()


def _no_resultado(acaso: random.Random) -> Vigia:
    def vigia(par: Par, pedaco: bytes, do_banco: bool) -> int | None:
        del par
        return len(pedaco) // 2 if do_banco and len(pedaco) > _LONGO and acaso.random() < 0.2 else None

    return vigia


def _na_resposta_do_commit(acaso: random.Random) -> Vigia:
    def vigia(par: Par, pedaco: bytes, do_banco: bool) -> int | None:
        if do_banco:
            return 0 if par.marca else None
        par.marca = pedaco.endswith(b"COMMIT") and acaso.random() < 0.3
        return None

    return vigia


def _no_aperto_de_maos(acaso: random.Random) -> Vigia:
    def vigia(par: Par, pedaco: bytes, do_banco: bool) -> int | None:
        if do_banco and par.marca is None:
            par.marca = False
            return min(10, len(pedaco)) if acaso.random() < 0.5 else None
        return 0 if acaso.random() < 0.02 else None  # so that there are new ones

    return vigia


def cortes(que: Callable[[random.Random], Vigia]) -> Acontece:
    """Cut connections at one place, for a while."""

    async def acontece(cena: Cena) -> None:
        cena.estrada.vigia = que(random.Random(2))
        await passing(cena.segundos)
        cena.estrada.vigia = None
        cena.medidas.exigir(cena.estrada.cortes > 0, "nada foi cortado")
        cena.medidas.voltou()

    return acontece


async def conexoes_presas(cena: Cena) -> None:
    """Somebody keeps a table for themself, so that every connection of the pool waits for it."""
    async with _como_dono(cena.mundo) as cursor:
        await cursor.execute("LOCK TABLES consulta WRITE")
        await passing(cena.segundos)
        await cursor.execute("UNLOCK TABLES")
    cena.medidas.voltou()


@asynccontextmanager
async def _como_dono(mundo: Mundo) -> AsyncIterator[Any]:
    url = mundo.banco.embutido.owner_url
    conexao = await aiomysql.connect(unix_socket=url.unix_socket, user=url.user, db=url.database)
    try:
        async with conexao.cursor() as cursor:
            yield cursor
    finally:
        conexao.close()


async def quem_pede_some(cena: Cena) -> None:
    """Two hundred callers send a request, and are gone before it is answered."""
    for numero in range(200):
        servidor, conta = cena.mundo.servidores[numero % 2], cena.mundo.recepcao[numero % 10]
        corpo = b'{"query": "{ consultas(first: 100) { edges { node { id paciente { nome } } } } }"}'
        cabecalho = (
            "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {conta.token}\r\nContent-Length: {len(corpo)}\r\n\r\n"
        )
        url = httpx.URL(servidor.url)
        _, escreve = await asyncio.open_connection(url.host, url.port)
        escreve.write(cabecalho.encode() + corpo)
        await escreve.drain()
        escreve.transport.abort()
    cena.medidas.voltou()


async def rodizio(cena: Cena) -> None:
    """Each server is ended in good order, and a new one takes its place."""
    for servidor in cena.mundo.servidores:
        await servidor.desligar()
        await servidor.ligar()
    cena.medidas.voltou()


async def relogio_torto(cena: Cena) -> None:
    """The clock of both servers is set ahead by an hour, then back by two, then right."""
    for horas in (1, -2, 1):
        cena.mundo.relogio.adiantar(timedelta(hours=horas))
        await passing(cena.segundos / 2)
    cena.medidas.voltou()


async def quem_le_devagar(cena: Cena) -> None:
    """Eighty callers ask for a hundred MiB of answers, and read nothing of them."""
    escrevem = []
    corpo = b'{"query": "{ __schema { types { name description fields { name description } } } }"}'
    for numero in range(80):
        url = httpx.URL(cena.mundo.servidores[numero % 2].url)
        _, escreve = await asyncio.open_connection(url.host, url.port, limit=1)
        cabecalho = (
            "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(corpo)}\r\n\r\n"
        )
        escreve.write((cabecalho.encode() + corpo) * 20)
        escrevem.append(escreve)
    await passing(cena.segundos)
    for escreve in escrevem:
        escreve.transport.abort()
    cena.medidas.voltou()


async def sobrecarga(cena: Cena) -> None:
    """Ten times the callers that keep a server busy ask one of them for pages of a hundred.

    Some are turned away at once; those who are let in are answered as soon as when it was just busy, or nearly.
    """
    await _enxurrada(cena, _CHEIO)  # the first pages take longer
    cheio, quieto = await _enxurrada(cena, _CHEIO), asyncio.create_task(_quieto(cena))
    demais = await _enxurrada(cena, 10 * _CHEIO)
    respondidos, todos = await quieto
    cena.medidas.exigir(respondidos >= 0.9 * todos > 0, f"de quem pede pouco, {respondidos} de {todos} respondidos")
    cena.medidas.voltou()
    negados, feitos = sum(n for status, n in demais["status"].items() if status != "200"), demais["status"]["200"]
    cena.medidas.nota = (
        f"de {feitos + negados:,}, {negados:,} negados; p99 dos outros {demais['p99']:.2f} s, com um décimo"
        f" {cheio['p99']:.2f} s; feitos por segundo {feitos / demais['segundos']:.0f},"
        f" com um décimo {cheio['status']['200'] / cheio['segundos']:.0f}"
    )
    cena.medidas.exigir(set(demais["status"]) <= {"200", "503"}, f"respostas {demais['status']}")
    cena.medidas.exigir(negados > 0, "ninguém foi negado")
    calmo = cena.segundos < _PARA_P99 or demais["p99"] < max(1.0, 4 * cheio["p99"])
    cena.medidas.exigir(calmo, f"p99 de {demais['p99']:.2f} s na sobrecarga")
    cena.medidas.exigir(feitos > cheio["status"]["200"] / 2, "na sobrecarga se fez menos da metade")


async def _quieto(cena: Cena) -> tuple[int, int]:
    """Ask the server that is flooded for little, now and then, as somebody else; how often it answers, of how often."""
    conta, respondidos, todos = cena.mundo.pacientes[10], 0, 0
    async with httpx.AsyncClient(timeout=20) as http:
        cabecalhos = {"Authorization": f"Bearer {conta.token}"}
        fim = asyncio.get_running_loop().time() + cena.segundos
        while asyncio.get_running_loop().time() < fim:
            url = f"{cena.mundo.servidores[0].url}/graphql"
            resposta = await http.post(url, json={"query": "{ eu { id } }"}, headers=cabecalhos)
            todos, respondidos = todos + 1, respondidos + (resposta.status_code == 200)
            await passing(0.1)
    return respondidos, todos


_PARA_P99 = 10.0
"""Seconds of load in which a p99 says something: of fewer it is the worst of a few, on a machine that is shared."""
_CHEIO = 40
"""Callers at once that keep a server busy."""


async def _enxurrada(cena: Cena, quantos: int) -> dict[str, Any]:
    tokens = [conta.token for conta in cena.mundo.recepcao]
    argumentos = (cena.mundo.servidores[0].url, str(quantos), str(cena.segundos), *tokens)
    processo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.quedas.enxurrada", *argumentos), stdout=asyncio.subprocess.PIPE
    )
    escrito, _ = await processo.communicate()
    return dict(json.loads(escrito))


async def disco_cheio(cena: Cena) -> None:
    """The database's disk, one of its own, is full for a while; one that ended of it is started, as systemd would."""
    enchimento = cena.mundo.banco.embutido.folder / "enchimento"
    with enchimento.open("wb") as arquivo, contextlib.suppress(OSError):
        while True:
            arquivo.write(bytes(2**20))
    with contextlib.suppress(OSError), enchimento.open("ab", buffering=0) as arquivo:
        while True:
            arquivo.write(bytes(1024))
    await passing(cena.segundos)
    enchimento.unlink()
    try:
        await cena.mundo.dono.select("SELECT 1")
    except Unavailable:
        await cena.mundo.banco.parar()
        await cena.mundo.banco.voltar()
    cena.medidas.voltou()


async def schema_mais_velho(cena: Cena) -> None:
    """The database is put back from before the last migration: servers say that they aren't ready."""
    mundo = cena.mundo
    ((numero,),) = await mundo.dono.select("SELECT MAX(numero) FROM migracao")
    (linha,) = await mundo.dono.select("SELECT concluida_em FROM migracao WHERE numero = %(n)s", n=numero)
    await mundo.dono.transaction(
        lambda tx: tx.execute("UPDATE migracao SET concluida_em = NULL WHERE numero = %(n)s", n=numero)
    )
    for servidor in mundo.servidores:
        pronto = await mundo.livro.http.get(f"{servidor.url}/readyz")
        cena.medidas.exigir(pronto.status_code == 503, "um servidor se diz pronto num schema que não serve")
    await mundo.dono.transaction(
        lambda tx: tx.execute("UPDATE migracao SET concluida_em = %(c)s WHERE numero = %(n)s", n=numero, c=linha[0])
    )
    cena.medidas.voltou()


QUEDAS: dict[str, Queda] = {
    "servidor-morto": Queda("um servidor morre (kill -9) e volta", servidor_morto, muda=True, volta=2, novos=True),
    "banco-morto": Queda("o banco morre (kill -9) e volta", banco_morto, volta=2),
    "banco-parado": Queda("o banco para por um tempo", banco_parado, volta=2),
    "banco-congelado": Queda("o banco congela (SIGSTOP)", banco_congelado, volta=2),
    "rede-parada": Queda("nada passa pela rede até o banco", rede_parada, volta=2),
    "rede-lenta": Queda("a rede é lenta e perde pedaços", rede_lenta, volta=2),
    "corte-resultado": Queda("a conexão cai no meio de um resultado", cortes(_no_resultado), volta=2),
    "corte-commit": Queda("a resposta do COMMIT se perde", cortes(_na_resposta_do_commit), volta=2),
    "corte-abertura": Queda("a conexão cai ao ser aberta", cortes(_no_aperto_de_maos), volta=2),
    "conexoes-presas": Queda("uma tabela fica presa, e todas as conexões com ela", conexoes_presas, volta=2),
    "quem-pede-some": Queda("quem pede some sem ouvir a resposta", quem_pede_some, volta=2),
    "rodizio": Queda("os dois servidores são trocados, um depois do outro (SIGTERM)", rodizio, volta=2, novos=True),
    "relogio": Queda("o relógio anda uma hora para a frente, e para trás", relogio_torto, volta=2),
    "leitores-lentos": Queda("100 MiB de respostas que ninguém lê", quem_le_devagar, volta=2),
    "sobrecarga": Queda("dez vezes os pedidos que um servidor aguenta", sobrecarga, volta=2),
    "disco-cheio": Queda("o disco do banco enche, e é esvaziado", disco_cheio, volta=2, texto=20_000, disco=700),
    "schema-velho": Queda("o banco volta num schema mais velho", schema_mais_velho, volta=2),
}


async def medir(nome: str, rodada: int, mundo: Mundo, estrada: Estrada, segundos: float) -> Medidas:
    """Let one thing go wrong under load, and find out what became of everything that was asked for."""
    queda, medidas = QUEDAS[nome], Medidas(f"{nome}.{rodada}")
    carga, estrada.cortes = Carga(mundo, medidas, texto=queda.texto), 0
    antes = await _recursos(mundo)
    async with asyncio.TaskGroup() as grupo:
        pedindo = grupo.create_task(carga.pedir(_CHAMAM))
        await passing(1)
        await queda.acontece(Cena(mundo, estrada, medidas, segundos))
        await passing(2.5)
        carga.parar.set()
        await pedindo
    await conferir(mundo, carga)
    medidas.exigir(queda.muda or medidas.mudos == 0, f"{medidas.mudos} pedidos sem resposta")
    demora = medidas.volta is None or (queda.volta is not None and medidas.volta > queda.volta)
    medidas.exigir(not demora, f"a volta demorou {medidas.volta} s")
    depois = await _recursos(mundo)
    medidas.sobra = {recurso: depois[recurso] - antes[recurso] for recurso in antes}
    medidas.julgar(novos=queda.novos)
    return medidas


async def conferir(mundo: Mundo, carga: Carga) -> None:
    """Compare what was told with what is there."""
    medidas, ha = carga.medidas, await _ha(mundo, carga.medidas.nome)
    for um in carga.anotados:
        quantos = ha.pop(um.marca, 0)
        if um.oque == "marcada e a cancelar":
            quantos = max(quantos, 1)  # whatever became of that
        medidas.dobrados += quantos > 1
        if um.fim == FEITO:
            medidas.feitos += 1
            medidas.perdidos += quantos == 0
        elif um.fim == FALHOU:
            medidas.fantasmas += quantos > 0
        elif um.fim == INCERTO:
            medidas.incertos += 1
    medidas.exigir(not ha, f"há o que ninguém pediu: {list(ha)[:3]}")
    medidas.exigir(medidas.feitos > 50, f"só {medidas.feitos} feitos")


async def _ha(mundo: Mundo, nome: str) -> dict[str, int]:
    """Count by mark what was booked, cancelled and written."""
    achados: dict[str, int] = {}
    for sql in (
        "SELECT motivo, COUNT(*) FROM consulta WHERE motivo LIKE %(m)s GROUP BY motivo",
        "SELECT motivo, COUNT(*) FROM consulta_mudanca WHERE motivo LIKE %(m)s GROUP BY motivo",
        "SELECT SUBSTRING_INDEX(texto, ' ', 1) AS marca, COUNT(*) FROM prontuario WHERE texto LIKE %(m)s"
        " GROUP BY marca",
    ):
        achados |= {marca: int(quantos) for marca, quantos in await mundo.dono.select(sql, m=f"{nome}-%")}
    return achados


async def _recursos(mundo: Mundo) -> dict[str, float]:
    """Give what the servers hold: connections to the database, open files, MiB; of processes that run on."""
    ((conexoes,),) = await mundo.dono.select(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'sghss_app'"
    )
    arquivos = sum(len(os.listdir(f"/proc/{servidor.pid}/fd")) for servidor in mundo.servidores)
    paginas = sum(int(Path(f"/proc/{servidor.pid}/statm").read_text().split()[1]) for servidor in mundo.servidores)
    return {"conexões": int(conexoes), "arquivos": arquivos, "MiB": paginas * os.sysconf("SC_PAGE_SIZE") / 2**20}
