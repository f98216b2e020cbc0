"""The door of tarefas: taking turns among processes, and when each task was done last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sghss_graphql.confianca.tarefas import store
from sghss_graphql.machinery.database import Database, Reader, Transaction
from sghss_graphql.vocabulario import ids

VEZ = 60.0
"""Seconds for which a process has a task unless it says that it goes on: a dead one's turn passes on after them."""


class Vezes:
    """The turns of one process: a task is done by whoever has its row, as ``machinery.tasks.Turns`` has it."""

    seconds = VEZ

    def __init__(self, db: Database, segundos: float = VEZ) -> None:
        self._db = db
        self.seconds = segundos
        self._eu = ids.nova_chave()
        self._conhecidas: set[str] = set()

    async def take(self, name: str) -> bool:
        """Take a task that is due; False if it isn't, or another process has it."""

        async def work(tx: Transaction) -> bool:
            if name not in self._conhecidas:
                store.inserir(tx, name)
            return await store.tomar(tx, name, self._eu, self.seconds)

        tomada = await self._db.transaction(work)
        self._conhecidas.add(name)
        return tomada

    async def keep(self, name: str) -> bool:
        """Say that a task goes on; False if another process has it by now."""
        return await self._db.transaction(lambda tx: store.manter(tx, name, self._eu, self.seconds))

    async def done(self, name: str, every: float, failure: str | None) -> None:
        """Let a task go that was done, until ``every`` seconds from now."""

        async def work(tx: Transaction) -> None:
            store.terminar(tx, name, self._eu, failure and failure[:100], every)

        await self._db.transaction(work)

    async def drop(self, name: str) -> None:
        """Let a task go that was not done."""

        async def work(tx: Transaction) -> None:
            store.soltar(tx, name, self._eu)

        await self._db.transaction(work)


@dataclass(frozen=True, slots=True)
class Ultima:
    """When a task was done last, if ever, and what it ended with if it failed."""

    nome: str
    terminou_em: datetime | None
    falha: str | None


async def ultimas(db: Reader, nomes: Sequence[str]) -> list[Ultima]:
    """Give the last run of each task, in the order of their names as given."""
    feitas = await store.ultimas(db, nomes)
    return [Ultima(nome, *feitas.get(nome, (None, None))) for nome in nomes]
