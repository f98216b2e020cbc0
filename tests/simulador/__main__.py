"""``make simulador``: a hundred people, two servers that die, a clock that jumps; what must hold is looked at each time.

A seed gives everybody's decisions again, and the order in which things die; not the order in which two servers happen
to answer, so that a race may want a few runs of its seed until it is seen again.
"""

import argparse
import asyncio
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
from tests.simulador.livro import Achado
from tests.simulador.mundo import Mundo, agora_com_fuso, montar
from tests.simulador.provas import PROVAS

_POR_RODADA = 40
"""Who acts beside whom in one round."""
_SALTOS = (2, 5, 10, 20, 45, 90, 180)
"""Minutes by which the clock jumps."""
_RODADAS_DE_UM_DEFEITO = 60


async def _rodada(mundo: Mundo, acaso: random.Random) -> None:
    """Let some people act at once, two things each, while something dies now and then."""
    quem = acaso.sample(mundo.todos, _POR_RODADA)
    async with asyncio.TaskGroup() as grupo:
        for conta in quem:
            grupo.create_task(_duas_coisas(mundo, conta, random.Random(acaso.getrandbits(32))))
        for queda in _quedas(mundo, acaso):
            grupo.create_task(queda)


async def _duas_coisas(mundo: Mundo, conta: object, acaso: random.Random) -> None:
    for _ in range(2):
        await age(mundo, conta, acaso)  # type: ignore[arg-type]


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
                try:
                    await mundo.dono.execute(f"KILL {int(numero)}")
                except Exception:  # noqa: BLE001 - it has ended by itself meanwhile
                    continue


async def simular(semente: int, segundos: float, defeito: str | None = None, rodadas: int | None = None) -> Mundo:
    """Simulate for so long, or so many rounds.

    Raises:
        Achado: something that must hold doesn't; the text says in which round, and when of the simulation.
    """
    with tempfile.TemporaryDirectory(prefix="sghss-simulador-") as pasta:
        async with montar(Path(pasta), semente, defeito) as mundo:
            fim, numero = time.monotonic() + segundos, 0
            while time.monotonic() < fim and (rodadas is None or numero < rodadas):
                numero += 1
                acaso = random.Random(f"{semente}/{numero}")
                try:
                    await _rodada(mundo, acaso)
                    for prova in PROVAS:
                        await prova(mundo)
                except* Achado as achados:
                    onde = f"rodada {numero}, {agora_com_fuso():%d/%m %H:%M}"
                    raise Achado(f"{onde}: {achados.exceptions[0]}") from None
                mundo.relogio.adiantar(timedelta(minutes=acaso.choice(_SALTOS)))
            mundo.livro.contagem["rodadas"] = numero
            return mundo


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
            click.echo(f"achado   {nome}: {achado}")
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
