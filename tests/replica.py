"""A database and a replica of it, both ours, which follows over the network as replicas do; it can be held back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sghss_graphql.machinery.database import Database, DatabaseUrl
from sghss_graphql.machinery.database.binaries import ServerBinaries
from sghss_graphql.machinery.database.embedded import EmbeddedServer
from tests.processes import free_port
from tests.servers import on_a_port

_QUEM, _SENHA = "replica", "senha-da-replica-4711"
_DURAVEL = ("--sync-binlog=1", "--log-bin-trust-function-creators=ON")
"""As a hospital has it: what was answered is in the log, and migrations make their triggers."""
GTIDS = {
    "mariadb": ["--gtid-strict-mode=ON"],
    "mysql": ["--gtid-mode=ON", "--enforce-gtid-consistency=ON"],
}
_SEGUIR = {
    "mariadb": (
        "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={porta}, MASTER_USER='{quem}',"
        " MASTER_PASSWORD='{senha}', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1",
        "START SLAVE",
    ),
    "mysql": (
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={porta}, SOURCE_USER='{quem}',"
        " SOURCE_PASSWORD='{senha}', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1, SOURCE_CONNECT_RETRY=1",
        "START REPLICA",
    ),
}
_ATRASAR = {
    "mariadb": ("STOP SLAVE", "CHANGE MASTER TO MASTER_DELAY={segundos}", "START SLAVE"),
    "mysql": ("STOP REPLICA", "CHANGE REPLICATION SOURCE TO SOURCE_DELAY={segundos}", "START REPLICA"),
}


DE_QUEM_SEGUE = (
    f"CREATE USER {_QUEM}@'%%' IDENTIFIED BY '{_SENHA}'",
    f"GRANT REPLICATION SLAVE ON *.* TO {_QUEM}@'%%'",
)
"""What the database that is followed is told."""
_SEGUIR_ATE = {
    "mariadb": (
        "SET GLOBAL gtid_slave_pos = '{de}'",
        "SET GLOBAL slave_exec_mode = IDEMPOTENT",
        "{seguir}",
        "START SLAVE UNTIL master_gtid_pos = '{ate}'",
    ),
    "mysql": (
        "SET GLOBAL gtid_purged = '{de}'",
        "SET GLOBAL replica_exec_mode = IDEMPOTENT",
        "{seguir}",
        "START REPLICA UNTIL SQL_AFTER_GTIDS = '{ate}'",
    ),
}


async def seguir(servidor: EmbeddedServer, qual: str, porta: int, de: str, ate: str) -> None:
    """Let a server do what another one did, from one place in its binary log to another, as docs/operar.md says it."""
    db = Database(servidor.owner_url.with_database("mysql"))
    onde = _SEGUIR[qual][0].format(porta=porta, quem=_QUEM, senha=_SENHA)
    for sql in _SEGUIR_ATE[qual]:
        await db.execute(sql.format(de=de, ate=ate, seguir=onde))
    await db.close()


@dataclass
class Replicado:
    """A database, and the server that follows it."""

    banco: EmbeddedServer
    replica: EmbeddedServer
    dona: Database
    """The replica, as its owner."""
    _qual: str

    @property
    def url(self) -> DatabaseUrl:
        """The replica, as the application's user has it: users are replicated too."""
        return replace(self.banco.app_url, unix_socket=self.replica.owner_url.unix_socket)

    async def atrasar(self, segundos: int) -> None:
        """Let the replica do everything so many seconds after the database."""
        for sql in _ATRASAR[self._qual]:
            await self.dona.execute(sql.format(segundos=segundos))

    async def selects(self) -> int:
        """Count the SELECTs that the replica has run."""
        ((_, quantos),) = await self.dona.select("SHOW GLOBAL STATUS LIKE 'Com_select'")
        return int(quantos)


@asynccontextmanager
async def replicado(pasta: Path, programas: ServerBinaries) -> AsyncIterator[Replicado]:
    """Give a database without anything in it, and a replica that follows it."""
    porta = free_port()
    gtids = GTIDS[programas.name]
    async with AsyncExitStack() as stack:
        banco = EmbeddedServer(
            pasta / "banco", programas, [*on_a_port(porta), "--server-id=1", "--log-bin=banco", *_DURAVEL, *gtids]
        )
        replica = EmbeddedServer(
            pasta / "replica", programas, ["--server-id=2", "--log-bin=replica", "--read-only=ON", *gtids]
        )
        await asyncio.gather(stack.enter_async_context(banco), stack.enter_async_context(replica))
        dono, dona = (Database(um.owner_url.with_database("mysql")) for um in (banco, replica))
        stack.push_async_callback(dona.close)
        for sql in DE_QUEM_SEGUE:
            await dono.execute(sql)
        await dono.close()
        for sql in _SEGUIR[programas.name]:
            await dona.execute(sql.format(porta=porta, quem=_QUEM, senha=_SENHA))
        yield Replicado(banco, replica, dona, programas.name)
