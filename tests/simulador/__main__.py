"""``make simulador``: a hundred people, two servers that die, a clock that jumps; after each round, what must hold.

A seed gives everybody's decisions again, and the order in which things die; not the order in which two servers happen
to answer, so that a race may want a few runs of its seed until it is seen again.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path

import click

from tests.simulador.atores import age
from tests.simulador.defeitos import DEFEITOS
from tests.simulador.livro import Achado, Conta
from tests.simulador.mundo import Mundo, agora_com_fuso, montar
from tests.simulador.provas import PROVAS

_POR_RODADA = 40
"""Who acts beside whom in one round."""
_SALTOS = (2, 5, 10, 20, 45, 90, 180)
"""Minutes by which the clock jumps."""
_RODADAS_DE_UM_DEFEITO = 150
_FALHOU = "internal error requestId="


async def _rodada(mundo: Mundo, acaso: random.Random) -> None:
    """Let some people act at once, two things each, while something dies now and then."""
    quem = acaso.sample(mundo.todos, _POR_RODADA)
    async with asyncio.TaskGroup() as grupo:
        for conta in quem:
            grupo.create_task(_duas_coisas(mundo, conta, random.Random(acaso.getrandbits(32))))
        for queda in _quedas(mundo, acaso):
            grupo.create_task(queda)


async def _duas_coisas(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    for _ in range(2):
        await age(mundo, conta, acaso)


def _quedas(mundo: Mundo, acaso: random.Random) -> list[Awaitable[None]]:
    sorte = acaso.random()
    if sorte < 0.15:
        return [acaso.choice(mundo.servidores).cair()]
    if sorte < 0.2:
        return [mundo.banco.cair()]
    return [_cortar(mundo, acaso.getrandbits(32))] if sorte < 0.5 else []


async def _cortar(mundo: Mundo, semente: int) -> None:
    """Cut some connections to the database in the middle of what they do."""
    acaso = random.Random(semente)
    for _ in range(10):
        deles = await mundo.dono.select(
            "SELECT id FROM information_schema.processlist WHERE user = 'sghss_app' AND command <> 'Sleep'"
        )
        for (numero,) in deles:
            if acaso.random() < 0.2:
                with contextlib.suppress(Exception):  # it may have ended by itself meanwhile
                    await mundo.dono.execute(f"KILL {int(numero)}")


async def simular(semente: int, segundos: float, defeito: str | None = None, rodadas: int | None = None) -> Mundo:
    """Simulate for so long, or so many rounds.

    Raises:
        Achado: something that must hold doesn't; the text says in which round, and when of the simulation.
    """
    with tempfile.TemporaryDirectory(prefix="sghss-simulador-") as pasta:
        async with montar(Path(pasta), semente, defeito) as mundo:
            fim = time.monotonic() + segundos
            for numero in range(1, (rodadas or 10**9) + 1):
                if time.monotonic() > fim:
                    break
                await _conferida(mundo, numero, random.Random(f"{semente}/{numero}"))
        for servidor in mundo.servidores:  # what failed within, though whoever asked again was answered well
            if (onde := servidor.escreveu.find(_FALHOU)) >= 0:
                raise Achado(servidor.escreveu[onde:][:4_000])
        return mundo


async def _conferida(mundo: Mundo, numero: int, acaso: random.Random) -> None:
    """Do a round, look at what must hold, and let the clock jump."""
    try:
        await _rodada(mundo, acaso)
        for prova in PROVAS:
            await prova(mundo)
    except* Achado as achados:
        await asyncio.gather(*(servidor.desligar() for servidor in mundo.servidores))
        falhas = [servidor.escreveu[onde:] for servidor in mundo.servidores if (onde := _falha(servidor.escreveu)) >= 0]
        onde = f"rodada {numero}, {agora_com_fuso():%d/%m %H:%M}"
        raise Achado("\n".join([f"{onde}: {achados.exceptions[0]}", *falhas])) from None
    mundo.livro.contagem["rodadas"] += 1
    mundo.relogio.adiantar(timedelta(minutes=acaso.choice(_SALTOS)))


def _falha(escrito: str) -> int:
    """Find where a server begins to tell of its last fault; -1 if it doesn't."""
    return max(escrito.rfind(comeco) for comeco in (_FALHOU, "Traceback (most recent call last)"))


def _contar(mundo: Mundo) -> str:
    contagem = dict(mundo.livro.contagem.most_common())
    rodadas = contagem.pop("rodadas")
    passou = mundo.relogio.adiantado
    linhas = [f"{rodadas} rodadas, {len(mundo.todos)} pessoas, {passou} de relógio; tudo o que deve valer vale:"]
    return "\n".join([*linhas, *(f"  {quantas:7,}  {nome}" for nome, quantas in contagem.items())])


def _achar(semente: int) -> bool:
    """Put each fault in, and tell whether each was found."""
    faltam = []
    for nome in DEFEITOS:
        try:
            asyncio.run(simular(semente, 300, nome, _RODADAS_DE_UM_DEFEITO))
        except Achado as achado:
            click.echo(f"achado   {nome}: {str(achado).splitlines()[0]}")
        else:
            click.echo(f"escapou  {nome}")
            faltam.append(nome)
    return not faltam


def main() -> int:
    """Simulate, and leave with 1 if something that must hold didn't."""
    parser = argparse.ArgumentParser(prog="make simulador", description="Simula um hospital, e confere.")
    parser.add_argument("semente", type=int, nargs="?", help="a semente; sem ela, uma nova")
    parser.add_argument("-s", "--segundos", type=float, default=120, help="por quanto tempo (120)")
    parser.add_argument("--defeito", choices=list(DEFEITOS), help="estraga isto no servidor")
    parser.add_argument("--defeitos", action="store_true", help="estraga uma coisa de cada vez, e as acha todas")
    opcoes = parser.parse_args()
    semente = random.SystemRandom().randrange(2**32) if opcoes.semente is None else opcoes.semente
    click.echo(f"SEED={semente}")
    if opcoes.defeitos:
        return 0 if _achar(semente) else 1
    try:
        click.echo(_contar(asyncio.run(simular(semente, opcoes.segundos, opcoes.defeito))))
    except Exception as erro:  # noqa: BLE001 - whatever it was, the seed is told
        if not isinstance(erro, Achado):
            traceback.print_exc()
        click.echo(f"SEED={semente}: {erro}", err=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
