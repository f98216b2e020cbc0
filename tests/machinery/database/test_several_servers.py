"""Of a group of servers the one is found that can be written to; another may take over, and no write goes astray."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.binaries import ServerBinaries
from sghss_graphql.machinery.database.embedded import DATABASE, EmbeddedServer
from sghss_graphql.machinery.database.url import DatabaseUrl
from sghss_graphql.machinery.faults import Unavailable
from tests.processes import free_port
from tests.quedas.estrada import Estrada
from tests.servers import CHOICE, on_a_port

pytestmark = pytest.mark.skipif(CHOICE.startswith("mysql://"), reason="os servidores deste teste são dele")


class Grupo:
    """Two servers behind a road each; which of them can be written to is said here."""

    def __init__(self, donos: list[Database], estradas: list[Estrada], url: DatabaseUrl) -> None:
        self.donos, self.estradas, self.url = donos, estradas, url

    async def escreve_se_em(self, qual: int) -> None:
        """Let one of them be written to, and the other not."""
        for numero, dono in enumerate(self.donos):
            await dono.execute(f"SET GLOBAL read_only = {int(numero != qual)}")

    async def quantas(self, qual: int) -> int:
        """Count what was written to one of them."""
        return int((await self.donos[qual].select("SELECT COUNT(*) FROM anotado"))[0][0])


@pytest.fixture
async def grupo(tmp_path: Path, binaries: ServerBinaries) -> AsyncIterator[Grupo]:
    """Two servers with the same table, of which the second can be written to."""
    async with AsyncExitStack() as stack:
        donos, estradas, urls = [], [], []
        for numero in range(2):
            porta = free_port()
            servidor = EmbeddedServer(tmp_path / str(numero), binaries, on_a_port(porta))
            await stack.enter_async_context(servidor)
            mysql = Database(servidor.owner_url.with_database("mysql"))
            for sql in (
                f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4",
                f"CREATE TABLE {DATABASE}.anotado (n INT NOT NULL PRIMARY KEY)",
                "CREATE USER ana@'%%' IDENTIFIED BY 'senha-4711'",
                f"GRANT SELECT, INSERT ON {DATABASE}.* TO ana@'%%'",
            ):
                await mysql.execute(sql)
            await mysql.close()
            donos.append(Database(servidor.owner_url))
            estradas.append(Estrada())
            urls.append(await estradas[-1].abrir(DatabaseUrl("ana", "senha-4711", DATABASE, "127.0.0.1", porta)))
        grupo = Grupo(donos, estradas, replace(urls[0], others=((urls[1].host, urls[1].port),)))
        await grupo.escreve_se_em(1)
        yield grupo
        for estrada in estradas:
            estrada.fechar()
        for dono in donos:
            await dono.close()


async def _anotar(db: Database, numero: int) -> None:
    await db.transaction(lambda tx: tx.execute("INSERT INTO anotado (n) VALUES (%(n)s)", n=numero))


async def test_the_one_that_can_be_written_to_is_found(grupo: Grupo) -> None:
    db = Database(grupo.url)
    for numero in range(5):
        await _anotar(db, numero)
    assert [await grupo.quantas(0), await grupo.quantas(1)] == [0, 5]
    await db.close()


async def test_when_another_takes_over_writes_are_refused_and_then_go_there(grupo: Grupo) -> None:
    db = Database(grupo.url, size=5)
    await asyncio.gather(*(_anotar(db, numero) for numero in range(5)))
    await grupo.escreve_se_em(0)
    feitas, recusadas = 0, 0
    for numero in range(10, 20):
        try:
            await _anotar(db, numero)
            feitas += 1
        except Unavailable:
            recusadas += 1
    assert (recusadas, feitas) == (1, 9), "one hears of it, and all connections are made anew"
    assert [await grupo.quantas(0), await grupo.quantas(1)] == [9, 5]
    await db.close()


async def test_one_that_is_gone_is_left(grupo: Grupo) -> None:
    db = Database(grupo.url)
    await _anotar(db, 1)
    await grupo.escreve_se_em(0)
    grupo.estradas[1].fechar()
    for numero in (2, 3):
        await _anotar(db, numero)
    assert await grupo.quantas(0) == 2
    await db.close()


async def test_where_none_can_be_written_to_it_is_said(grupo: Grupo) -> None:
    db = Database(grupo.url)
    await grupo.donos[1].execute("SET GLOBAL read_only = 1")
    with pytest.raises(Unavailable):
        await _anotar(db, 1)
    await grupo.escreve_se_em(1)
    await _anotar(db, 1)
    await db.close()
