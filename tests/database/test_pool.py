"""The pool gives clean connections, whatever happened to them; transactions are all or nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sghss_graphql.database import ChaveDuplicada, Database, ReferenciaAusente, Transaction
from sghss_graphql.database.failures import FalhaDoBanco
from sghss_graphql.database.url import DatabaseUrl
from sghss_graphql.errors import ServicoIndisponivel
from tests.hospital import Hospital


@pytest.fixture
async def db(hospital: Hospital) -> AsyncIterator[Database]:
    dono = hospital.dono
    for sql in (
        "CREATE TABLE IF NOT EXISTS ensaio (id INT PRIMARY KEY, n INT NOT NULL, UNIQUE KEY ensaio_n (n)) ENGINE=InnoDB",
        "TRUNCATE TABLE ensaio",
        "INSERT INTO ensaio VALUES (1, 10), (2, 20)",
    ):
        await dono.transaction(lambda tx, sql=sql: tx.execute(sql))
    db = Database(hospital.server.owner_url, size=3, statement_timeout=5)
    yield db
    await db.close()
    await dono.transaction(lambda tx: tx.execute("DROP TABLE ensaio"))


async def _soma(db: Database) -> int:
    return int((await db.select("SELECT SUM(n) FROM ensaio"))[0][0])


async def test_the_session_is_ours(db: Database) -> None:
    ((modo, fuso, conjunto, isolamento),) = await db.select(
        "SELECT @@sql_mode, @@time_zone, @@character_set_connection, VERSION()"
    )
    assert "STRICT_TRANS_TABLES" in modo
    assert "NO_BACKSLASH_ESCAPES" not in modo
    assert (fuso, conjunto) == ("+00:00", "utf8mb4")
    variavel = "tx_isolation" if "MariaDB" in isolamento else "transaction_isolation"
    assert await db.select(f"SELECT @@{variavel}") == [("READ-COMMITTED",)]


async def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute("UPDATE ensaio SET n = n + 1")
        raise LookupError

    with pytest.raises(LookupError):
        await db.transaction(work)
    assert await _soma(db) == 30


async def test_a_transaction_that_is_cancelled_leaves_nothing_and_the_pool_goes_on(db: Database) -> None:
    comecou = asyncio.Event()

    async def work(tx: Transaction) -> None:
        await tx.execute("UPDATE ensaio SET n = n + 1")
        comecou.set()
        await tx.select("SELECT SLEEP(0.4)")

    for _ in range(5):
        comecou.clear()
        tarefa = asyncio.create_task(db.transaction(work))
        await comecou.wait()
        tarefa.cancel()
        with pytest.raises(asyncio.CancelledError):
            await tarefa
    assert await asyncio.gather(*(_soma(db) for _ in range(10))) == [30] * 10


async def test_a_cancelled_question_does_not_answer_the_next(db: Database) -> None:
    async def lenta() -> None:
        await db.select("SELECT SLEEP(0.3), 'de antes'")

    for _ in range(6):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await lenta()
    respostas = await asyncio.gather(*(db.select("SELECT %(n)s", n=n) for n in range(12)))
    assert respostas == [[(n,)] for n in range(12)]


async def test_a_statement_that_fails_leaves_the_connection_usable(db: Database) -> None:
    for _ in range(5):
        with pytest.raises(FalhaDoBanco):
            await db.select("SELECT * FROM nao_existe")
    assert await _soma(db) == 30


async def test_a_killed_connection_is_replaced(db: Database, hospital: Hospital) -> None:
    for _ in range(3):
        numeros = [n for ((n,),) in await asyncio.gather(*(db.select("SELECT CONNECTION_ID()") for _ in range(3)))]
        for numero in set(numeros):
            await hospital.dono.transaction(lambda tx, numero=numero: tx.execute(f"KILL {int(numero)}"))
        assert await _soma(db) == 30
        assert await db.transaction(lambda tx: tx.execute("UPDATE ensaio SET n = n")) == 0


async def test_refusals_of_keys_have_names_and_no_values(db: Database, hospital: Hospital) -> None:
    with pytest.raises(ChaveDuplicada) as duplicada:
        await db.transaction(lambda tx: tx.execute("INSERT INTO ensaio VALUES (3, 10)"))
    assert duplicada.value.chave == "ensaio_n"
    assert duplicada.value.__cause__ is None
    with pytest.raises(ChaveDuplicada) as duplicada:
        await db.transaction(lambda tx: tx.execute("INSERT INTO ensaio VALUES (1, 99)"))
    assert duplicada.value.chave == "PRIMARY"
    with pytest.raises(ReferenciaAusente):
        await db.transaction(
            lambda tx: tx.execute(
                "INSERT INTO turno (medico_id, dia, inicio, fim) VALUES (%(m)s, 0, 0, 60)", m=bytes(16)
            )
        )


async def test_deadlocks_are_retried_until_both_are_done(db: Database) -> None:
    """Each takes the two rows in the opposite order, with a meeting in between to make sure they collide."""
    tentativas = [0, 0]
    encontro = [asyncio.Event(), asyncio.Event()]

    async def trocar(eu: int, primeira: int, segunda: int) -> None:
        async def work(tx: Transaction) -> None:
            tentativas[eu] += 1
            await tx.execute("UPDATE ensaio SET n = n + 1 WHERE id = %(id)s", id=primeira)
            encontro[eu].set()
            await encontro[1 - eu].wait()
            await tx.execute("UPDATE ensaio SET n = n + 1 WHERE id = %(id)s", id=segunda)

        await db.transaction(work)

    await asyncio.gather(trocar(0, 1, 2), trocar(1, 2, 1))
    assert sum(tentativas) > 2, "they did collide"
    assert await _soma(db) == 34


async def test_a_key_is_retried_only_where_asked_and_not_for_ever(db: Database) -> None:
    vezes = 0

    async def work(tx: Transaction) -> None:
        nonlocal vezes
        vezes += 1
        await tx.execute("INSERT INTO ensaio VALUES (9, 10)")

    with pytest.raises(ChaveDuplicada):
        await db.transaction(work)
    assert vezes == 1
    with pytest.raises(ChaveDuplicada):
        await db.transaction(work, retry_on=("ensaio_n",))
    assert vezes == 1 + 12


@pytest.mark.parametrize(
    "url",
    [
        DatabaseUrl("root", "", "sghss", unix_socket="/nao/existe.sock"),
        DatabaseUrl("root", "", "sghss", host="127.0.0.1", port=1),
    ],
    ids=["no socket", "nobody listens"],
)
async def test_a_database_that_is_away_is_unavailable(url: DatabaseUrl) -> None:
    db = Database(url, connect_timeout=0.5)
    with pytest.raises(ServicoIndisponivel):
        await db.select("SELECT 1")
    with pytest.raises(ServicoIndisponivel):
        await db.transaction(lambda tx: tx.select("SELECT 1"))
    await db.close()


async def test_a_wrong_password_is_unavailable_too_and_says_nothing(hospital: Hospital) -> None:
    db = Database(hospital.server.owner_url.with_user("sghss_app", "errada"))
    with pytest.raises(ServicoIndisponivel) as falha:
        await db.select("SELECT 1")
    assert "errada" not in str(falha.value) + falha.value.mensagem
    await db.close()


async def test_a_statement_ends_at_its_time_limit(hospital: Hospital) -> None:
    db = Database(hospital.server.owner_url, statement_timeout=0.3)
    with pytest.raises(ServicoIndisponivel):
        await db.select(
            "SELECT COUNT(*) FROM consulta a JOIN consulta b ON CONCAT(a.motivo, a.fim) < CONCAT(b.motivo, b.fim)"
        )
    assert await db.select("SELECT 1") == [(1,)]
    await db.close()


async def test_the_pool_never_opens_more_than_its_size(db: Database) -> None:
    linhas = await asyncio.gather(*(db.select("SELECT CONNECTION_ID(), SLEEP(0.05)") for _ in range(12)))
    assert len({numero for ((numero, _),) in linhas}) == 3
