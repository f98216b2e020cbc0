"""``make test-faults``: what goes wrong around a server, one thing after the other, and what became of it."""

import argparse
import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import click

from tests.hospital import AGENDAR
from tests.quedas.estrada import Estrada
from tests.quedas.medidas import CABECALHO, NOTAS, Medidas, linha
from tests.quedas.quedas import QUEDAS, medir
from tests.simulador.mundo import montar


async def _todas(nomes: list[str], segundos: float, rodadas: int) -> list[tuple[str, Medidas]]:
    estrada, feitas = Estrada(), []
    with tempfile.TemporaryDirectory(prefix="sghss-quedas-") as pasta:
        async with montar(Path(pasta), 1, estrada=estrada.abrir) as mundo:
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
