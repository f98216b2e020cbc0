"""Whatever a replica answers is as new as what the database would have answered; else the database does."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.binaries import ServerBinaries
from sghss_graphql.machinery.database.embedded import DATABASE
from sghss_graphql.machinery.database.failures import DatabaseFailure
from sghss_graphql.machinery.database.inspection import Verdict, inspect_replica
from sghss_graphql.machinery.database.replicas import Replicas, on_one_line
from tests.processes import freeze, until
from tests.replica import Replicado, replicado
from tests.servers import CHOICE

pytestmark = pytest.mark.skipif(CHOICE.startswith("mysql://"), reason="os servidores deste teste são dele")


@pytest.fixture(scope="module")
async def par(tmp_path_factory: pytest.TempPathFactory, binaries: ServerBinaries) -> AsyncIterator[Replicado]:
    """A database with one table, and its replica."""
    async with replicado(tmp_path_factory.mktemp("replicado"), binaries) as par:
        dono = Database(par.banco.owner_url.with_database("mysql"))
        for sql in (
            f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4",
            f"CREATE TABLE {DATABASE}.anotado (n INT NOT NULL PRIMARY KEY)",
            f"CREATE USER {par.banco.app_url.user}@'%%' IDENTIFIED BY '{par.banco.app_url.password}'",
            f"GRANT SELECT, INSERT ON {DATABASE}.* TO {par.banco.app_url.user}@'%%'",
        ):
            await dono.execute(sql)
        await dono.close()
        yield par


@pytest.fixture
async def replicas(par: Replicado) -> AsyncIterator[Replicas]:
    """The database with its replica, which has all that there is."""
    db = Database(par.banco.app_url)
    replicas = Replicas(db)
    replicas.add(par.url, size=5, heard=OUVIDOS.append)

    async def em_dia() -> bool:
        return await replicas.choose() is not None

    await until(em_dia)
    yield replicas
    await replicas.close()
    await db.close()


OUVIDOS: list[str] = []
"""What the replica was asked."""


async def _anotar(db: Database) -> int:
    """Write one number more."""
    ((ultimo,),) = await db.select("SELECT COALESCE(MAX(n), 0) FROM anotado")
    await db.transaction(lambda tx: tx.execute("INSERT INTO anotado (n) VALUES (%(n)s)", n=ultimo + 1))
    return int(ultimo) + 1


async def _ultimo(db: Database) -> int:
    ((ultimo,),) = await db.select("SELECT MAX(n) FROM anotado")
    return int(ultimo)


async def test_what_was_written_is_read_and_by_the_replica(par: Replicado, replicas: Replicas) -> None:
    antes, feitas = replicas.followed, await par.selects()
    for _ in range(40):
        escrito = await _anotar(replicas.primary)
        assert await _ultimo(replicas.reader()) == escrito
    assert replicas.followed - antes > 20, "it hardly ever was there in time"
    assert await par.selects() - feitas > 40


async def test_the_replica_is_told_who_asks(replicas: Replicas) -> None:
    OUVIDOS.clear()
    leitor = replicas.reader()
    await _ultimo(leitor)
    await leitor.look_up("SELECT 1")
    nomes = {texto.partition(" */")[0].removeprefix("/* ") for texto in OUVIDOS}
    assert nomes == {"replicas.has", "replicas.follows", "test_replicas.test_the_replica_is_told_who_asks"}


async def test_one_request_asks_once_where_the_database_stands(replicas: Replicas) -> None:
    antes, leitor = replicas.followed, replicas.reader()
    lidos = await asyncio.gather(
        *(leitor.look_up("SELECT MAX(n) FROM anotado") for _ in range(5)),
        leitor.select("SELECT COUNT(*) FROM anotado"),
        leitor.select_for_each("SELECT n FROM anotado WHERE n = %(key)s", [1, 2]),
    )
    assert all(lidos[:-1])
    assert replicas.followed - antes == 1


async def test_a_replica_held_back_ten_seconds_isnt_asked(par: Replicado, replicas: Replicas) -> None:
    await par.atrasar(10)
    try:
        for _ in range(5):
            escrito, comeco = await _anotar(replicas.primary), time.monotonic()
            assert await _ultimo(replicas.reader()) == escrito
            assert time.monotonic() - comeco < 2
        assert replicas.left > 0
        assert (await inspect_replica(replicas.primary, par.url)).verdict is Verdict.WARNS
    finally:
        await par.atrasar(0)


async def test_what_writes_goes_to_the_database(replicas: Replicas) -> None:
    leitor = replicas.reader()
    escrito = await _anotar(leitor)
    assert await _ultimo(replicas.primary) == escrito
    with pytest.raises(DatabaseFailure):  # the application's user may make no table, wherever it is
        await leitor.execute("CREATE TABLE outra (n INT)")


async def test_a_replica_that_stands_still_keeps_nobody_for_long(par: Replicado, replicas: Replicas) -> None:
    """Before it is chosen, and once it was."""
    escrito, leitor = await _anotar(replicas.primary), replicas.reader()
    assert await _ultimo(leitor) == escrito
    await freeze(par.replica.pid)
    try:
        for um, segundos in ((leitor, 9), (replicas.reader(), 2), (replicas.reader(), 2)):
            comeco = time.monotonic()
            assert await _ultimo(um) == escrito
            assert time.monotonic() - comeco < segundos
        comeco = time.monotonic()
        assert await _ultimo(leitor) == escrito
        assert time.monotonic() - comeco < 2, "it was left for good"
    finally:
        os.kill(par.replica.pid, signal.SIGCONT)


async def test_what_waits_together_isnt_kept_one_after_the_other(par: Replicado, replicas: Replicas) -> None:
    escrito, leitor = await _anotar(replicas.primary), replicas.reader()
    assert await _ultimo(leitor) == escrito
    await freeze(par.replica.pid)
    try:
        comeco = time.monotonic()
        lidos = await asyncio.gather(*(leitor.look_up(f"SELECT MAX(n), {n} FROM anotado") for n in range(8)))
        assert [linha for ((linha, _),) in lidos] == [escrito] * 8
        assert time.monotonic() - comeco < 6
    finally:
        os.kill(par.replica.pid, signal.SIGCONT)


async def test_a_replica_that_may_be_written_to_isnt_asked(par: Replicado, replicas: Replicas) -> None:
    """What was written to it alone would be shown."""
    await par.dona.execute("SET GLOBAL read_only = OFF")
    try:
        antes = replicas.followed
        assert await _ultimo(replicas.reader()) == await _ultimo(replicas.primary)
        assert replicas.followed == antes
    finally:
        await par.dona.execute("SET GLOBAL read_only = ON")


@pytest.mark.parametrize(
    ("pedida", "dela", "agora", "serve"),
    [
        ("0-1-100", "0-1-100", "0-1-100", True),
        ("0-1-100", "0-1-103", "0-1-105", True),
        ("0-2-103", "0-2-104", "0-2-104", True),
        ("0-1-100", "0-2-101", "0-2-103", True),
        ("0-2-103", "0-1-105", "0-2-106", False),
        ("0-1-100", "0-1-105", "0-1-100", False),
        ("0-5-5", "0-1-50000", "0-5-6", False),
        ("0-1-7,1-2-3", "0-1-7,1-2-4", "0-1-7,1-2-4", True),
        ("0-1-7", "0-1-7,9-9-1", "0-1-7", False),
    ],
)
def test_the_same_numbers_may_stand_for_other_transactions(pedida: str, dela: str, agora: str, serve: bool) -> None:
    """After a failover, or on a database that was put back from a copy."""
    assert on_one_line(pedida, dela, agora) is serve


async def test_what_a_deployment_lacks_is_said(par: Replicado, replicas: Replicas, tmp_path: Path) -> None:
    assert (await inspect_replica(replicas.primary, par.url)).verdict is Verdict.FINE
    outra = par.banco.app_url.with_database(DATABASE)
    assert "aceita escritas" in (await inspect_replica(replicas.primary, outra)).text
    ninguem = par.url.parse(f"mysql://a:b@x/y?unix_socket={tmp_path}/nenhum.sock")
    assert "não responde" in (await inspect_replica(replicas.primary, ninguem)).text
