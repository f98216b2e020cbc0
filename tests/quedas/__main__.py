"""``make test-faults``: what goes wrong around a server, one thing after the other, and what became of it."""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from tests.hospital import AGENDAR
from tests.quedas.estrada import Estrada
from tests.quedas.medidas import CABECALHO, NOTAS, Medidas, linha
from tests.quedas.quedas import QUEDAS, medir
from tests.simulador.mundo import montar


async def _todas(nomes: list[str], segundos: float, rodadas: int) -> list[tuple[str, Medidas]]:
    """Let each go wrong; those that need a disk of their own, each in a hospital of its own."""
    juntas = [nome for nome in nomes if not QUEDAS[nome].disco]
    feitas = await _num_hospital(juntas, segundos, rodadas, 0) if juntas else []
    for nome in (nome for nome in nomes if QUEDAS[nome].disco):
        if os.geteuid() == 0 and sys.platform == "linux":
            feitas += await _num_hospital([nome], segundos, rodadas, QUEDAS[nome].disco)
        else:
            click.echo(f"| {QUEDAS[nome].titulo} | fica de fora: só root faz um disco para isso |")
    return feitas


async def _num_hospital(nomes: list[str], segundos: float, rodadas: int, disco: int) -> list[tuple[str, Medidas]]:
    estrada, feitas = Estrada(), []
    with _pasta(disco) as pasta:
        async with montar(pasta, 1, estrada=estrada.abrir) as mundo:
            medico, paciente = mundo.profissionais[0].id, mundo.pacientes[5].id
            inicio = mundo.instante(medico, mundo.acaso, 30) + timedelta(days=1)
            primeira = {"pacienteId": paciente, "profissionalId": medico, "inicio": inicio.isoformat()}
            await mundo.livro.mudar(mundo.recepcao[0], AGENDAR, input=primeira)  # of whom records are written
            try:
                for numero in range(rodadas):
                    for nome in nomes:
                        medidas = await medir(nome, numero, mundo, estrada, segundos)
                        feitas.append((QUEDAS[nome].titulo, medidas))
                        click.echo(f"{linha(QUEDAS[nome].titulo, medidas)} {'; '.join(medidas.faltas)}")
            finally:
                estrada.fechar()
    return feitas


@contextmanager
def _pasta(disco: int) -> Iterator[Path]:
    """Give an empty folder, on a disk of its own of so many MiB if it is to be one."""
    with tempfile.TemporaryDirectory(prefix="sghss-quedas-") as nome:
        if disco:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disco}m", "tmpfs", nome], check=True)
        try:
            yield Path(nome)
        finally:
            if disco:
                subprocess.run(["umount", "-l", nome], check=True)


def main() -> int:
    """Let everything go wrong; leave with 1 if something was lost, doubled, half done, or not there again in time."""
    parser = argparse.ArgumentParser(
        prog="make test-faults", description="O que cai em volta do servidor, e o que fica."
    )
    parser.add_argument("nomes", nargs="*", choices=[*QUEDAS, []], help="só estas")
    parser.add_argument("-s", "--segundos", type=float, default=10, help="quanto dura o que dura (10)")
    parser.add_argument("-r", "--rodadas", type=int, default=1, help="quantas vezes (1)")
    opcoes = parser.parse_args()
    click.echo(CABECALHO)
    feitas = asyncio.run(_todas(opcoes.nomes or list(QUEDAS), opcoes.segundos, opcoes.rodadas))
    click.echo(NOTAS)
    faltas = [f"{titulo}: {'; '.join(medidas.faltas)}" for titulo, medidas in feitas if medidas.faltas]
    click.echo("\n".join(faltas), err=True)
    return 1 if faltas else 0


if __name__ == "__main__":
    sys.exit(main())
