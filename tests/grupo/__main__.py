"""``make test-cluster``: three databases that are one, whose servers die and stand still while everybody asks."""

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click

from sghss_graphql.app import grants
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.binaries import find_or_unpack, find_or_unpack_mysql
from sghss_graphql.machinery.database.inspection import inspect_server
from sghss_graphql.machinery.database.unpacking import unpack_galera
from tests.grupo.nos import QUANTOS, Grupo, GrupoDoMariaDB, GrupoDoMySQL, formado
from tests.processes import freeze, passing, until
from tests.quedas.carga import Carga
from tests.quedas.medidas import CABECALHO, NOTAS, Medidas, linha
from tests.quedas.quedas import conferir
from tests.servers import CACHE
from tests.simulador.mundo import Mundo, Onde, montar
from tests.simulador.provas import o_que_sempre_vale, os_elos_fecham

_CHAMAM = 16
_MORTO, _CONGELADO, _CALMA = 3.0, 8.0, 4.0
"""Seconds that a server is gone, stands still, and that nothing happens in between."""
_IGUAIS = ("consulta", "consulta_mudanca", "tempo", "prontuario", "auditoria", "pessoa", "repeticao")
GRUPOS: dict[str, Callable[[Path], Grupo]] = {
    "mysql": lambda pasta: GrupoDoMySQL(pasta, find_or_unpack_mysql(CACHE, click.echo)),
    "galera": lambda pasta: GrupoDoMariaDB(pasta, find_or_unpack(CACHE, click.echo), unpack_galera(CACHE, click.echo)),
}


async def _morre(grupo: Grupo, n: int) -> None:
    await grupo.morrer(n, signal.SIGKILL)
    await passing(_MORTO)
    await grupo.voltar(n)


async def _sai(grupo: Grupo, n: int) -> None:
    await grupo.morrer(n, signal.SIGTERM)
    await passing(_MORTO)
    await grupo.voltar(n)


async def _congela(grupo: Grupo, n: int) -> None:
    """The others go on without it; when it goes on, it believes for a moment that nothing was."""
    pid = grupo.nos[n].pid
    await freeze(pid)
    await passing(_CONGELADO)
    os.kill(pid, signal.SIGCONT)


_FALTAS = {"morre (kill -9)": _morre, "sai em ordem": _sai, "congela e volta": _congela}


async def _atrapalhar(grupo: Grupo, medidas: Medidas, acaso: random.Random, segundos: float) -> Counter[str]:
    """Let one server after the other go wrong, the one that is written to as often as not."""
    feitas: Counter[str] = Counter()
    acaba = time.monotonic() + segundos
    while time.monotonic() < acaba:
        primeiro = await grupo.primeiro()
        n = primeiro if acaso.random() < 0.5 else acaso.choice([m for m in range(QUANTOS) if m != primeiro])
        falta = acaso.choice(list(_FALTAS))
        feitas[f"{'o que escreve' if n == primeiro else 'outro'} {falta}"] += 1
        await _FALTAS[falta](grupo, n)
        await grupo.reunir()
        medidas.voltou()
        await passing(_CALMA)
    return feitas


async def _um_grupo(nome: str, segundos: float, semente: int) -> Medidas:
    with tempfile.TemporaryDirectory(prefix="sghss-grupo-") as pasta:
        async with formado(GRUPOS[nome](Path(pasta))) as grupo:
            onde = Onde(grupo.nos[await grupo.primeiro()], grupo.do_dono, grupo.da_aplicacao)
            async with montar(Path(pasta), semente, onde=onde) as mundo:
                medidas = Medidas(f"{nome}.{semente}")
                carga = Carga(mundo, medidas)
                async with asyncio.TaskGroup() as tarefas:
                    pedindo = tarefas.create_task(carga.pedir(_CHAMAM))
                    await passing(_CALMA)
                    feitas = await _atrapalhar(grupo, medidas, random.Random(semente), segundos)
                    carga.parar.set()
                    await pedindo
                await grupo.reunir()
                await until(grupo.iguais, 60)
                await _provar(grupo, mundo, carga)
                medidas.nota = ", ".join(f"{quantas} vezes {falta}" for falta, quantas in sorted(feitas.items()))
                medidas.exigir(medidas.mudos == 0, f"{medidas.mudos} pedidos sem resposta")
                medidas.julgar(novos=True, perde=grupo.perde)
                return medidas


async def _provar(grupo: Grupo, mundo: Mundo, carga: Carga) -> None:
    """Compare what was told with what is there, the servers with each other, and look for overlaps and forks."""
    await conferir(mundo, carga)
    banco = Database(grupo.do_dono)
    (dele,) = [um for um in await inspect_server(banco, grants()) if um.name == "grupo"]
    await banco.close()
    carga.medidas.exigir(dele.text == "quem cai é trocado logo", f"doctor diz do grupo: {dele.text}")
    await o_que_sempre_vale(mundo)
    await os_elos_fecham(mundo)
    for tabela in _IGUAIS:
        somas = [await grupo.comandos(n, f"CHECKSUM TABLE sghss.{tabela}") for n in range(QUANTOS)]
        carga.medidas.exigir(len({soma[0][1] for soma in somas}) == 1, f"{tabela} não é igual nos {QUANTOS}")


def main() -> int:
    """Let it happen to each group; leave with 1 if something was lost, doubled or half done that must not be."""
    parser = argparse.ArgumentParser(prog="make test-cluster", description="Três bancos que são um, e o que fica.")
    parser.add_argument("grupos", nargs="*", choices=[*GRUPOS, []], help="só estes")
    parser.add_argument("-s", "--segundos", type=float, default=600, help="quanto dura cada um (600)")
    parser.add_argument("--semente", type=int, default=1, help="do que acontece, e em que ordem (1)")
    opcoes = parser.parse_args()
    click.echo(CABECALHO)
    faltas = []
    for nome in opcoes.grupos or GRUPOS:
        medidas = asyncio.run(_um_grupo(nome, opcoes.segundos, opcoes.semente))
        click.echo(linha(nome, medidas))
        faltas += [f"{nome}: {falta}" for falta in medidas.faltas]
    click.echo(NOTAS)
    click.echo("\n".join(faltas), err=True)
    return 1 if faltas else 0


if __name__ == "__main__":
    sys.exit(main())
