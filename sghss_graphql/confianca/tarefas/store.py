"""Leases of tasks, one row each, by the database's own clock: those of the processes may differ."""

from collections.abc import Sequence
from datetime import datetime

from sghss_graphql.machinery.database import Reader, Transaction


def inserir(tx: Transaction, nome: str) -> None:
    """Add a task, if it isn't known."""
    tx.write("INSERT INTO tarefa (nome) VALUES (%(nome)s) ON DUPLICATE KEY UPDATE nome = nome", nome=nome)


async def tomar(tx: Transaction, nome: str, dono: bytes, segundos: float) -> bool:
    """Take a task that is due, for so many seconds; False if it isn't, or another process has it."""
    feitas = await tx.execute(
        "UPDATE tarefa SET dono = %(dono)s, ate = UTC_TIMESTAMP(6) + INTERVAL %(micros)s MICROSECOND,"
        " comecou_em = UTC_TIMESTAMP(6) WHERE nome = %(nome)s AND (ate IS NULL OR ate <= UTC_TIMESTAMP(6))"
        " AND (proxima IS NULL OR proxima <= UTC_TIMESTAMP(6))",
        nome=nome,
        dono=dono,
        micros=_micros(segundos),
    )
    return feitas == 1


async def manter(tx: Transaction, nome: str, dono: bytes, segundos: float) -> bool:
    """Have a task for so many seconds more; False if it is this process's no more."""
    feitas = await tx.execute(
        "UPDATE tarefa SET ate = UTC_TIMESTAMP(6) + INTERVAL %(micros)s MICROSECOND"
        " WHERE nome = %(nome)s AND dono = %(dono)s AND ate > UTC_TIMESTAMP(6)",
        nome=nome,
        dono=dono,
        micros=_micros(segundos),
    )
    return feitas == 1


def terminar(tx: Transaction, nome: str, dono: bytes, falha: str | None, segundos: float) -> None:
    """Let a task go that was done, well or not, until so many seconds from now."""
    tx.write(
        "UPDATE tarefa SET dono = NULL, ate = NULL, terminou_em = UTC_TIMESTAMP(6), falha = %(falha)s,"
        " proxima = UTC_TIMESTAMP(6) + INTERVAL %(micros)s MICROSECOND WHERE nome = %(nome)s AND dono = %(dono)s",
        nome=nome,
        dono=dono,
        falha=falha,
        micros=_micros(segundos),
    )


def soltar(tx: Transaction, nome: str, dono: bytes) -> None:
    """Let a task go that was not done: another process may do it at once."""
    tx.write(
        "UPDATE tarefa SET dono = NULL, ate = NULL WHERE nome = %(nome)s AND dono = %(dono)s", nome=nome, dono=dono
    )


async def ultimas(db: Reader, nomes: Sequence[str]) -> dict[str, tuple[datetime, str | None]]:
    """Give when each task was done last, and what it ended with if it failed; one that never was is left out."""
    linhas = await db.look_up(
        "SELECT nome, terminou_em, falha FROM tarefa WHERE nome IN %(nomes)s AND terminou_em IS NOT NULL",
        nomes=list(nomes),
    )
    return {nome: (quando, falha) for nome, quando, falha in linhas}


def _micros(segundos: float) -> int:
    return int(segundos * 1_000_000)
