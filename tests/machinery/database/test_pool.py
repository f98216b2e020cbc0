"""The pool gives clean connections, whatever happened to them; transactions are all or nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from sghss_graphql.machinery.database import Database, DuplicateKey, MissingReference, Transaction, forms
from sghss_graphql.machinery.database.bulk import BulkResult
from sghss_graphql.machinery.database.connections import ASKER, Connection
from sghss_graphql.machinery.database.failures import DatabaseFailure
from sghss_graphql.machinery.database.url import DatabaseUrl
from sghss_graphql.machinery.faults import Unavailable
from tests.freed import without_a_search
from tests.hospital import Hospital
from tests.machinery.database.statements_log import divided


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
    assert (await db.select("SELECT @@group_concat_max_len"))[0][0] >= 1_000_000, "MySQL would cut lists off"


async def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute("UPDATE ensaio SET n = n + 1")
        raise LookupError

    with pytest.raises(LookupError):
        await db.transaction(work)
    assert await _soma(db) == 30


async def _twice(tx: Transaction) -> None:
    await tx.execute("INSERT INTO ensaio VALUES (1, 30)")


async def _for_another(tx: Transaction) -> None:
    with tx.on_duplicate(lambda duplicada: LookupError(duplicada.key)):
        tx.write("INSERT INTO ensaio VALUES (3, 20)")


@pytest.mark.parametrize(
    "fails",
    [
        pytest.param(lambda db: db.select("SELECT nada"), id="select"),
        pytest.param(lambda db: db.execute("SELECT nada"), id="execute"),
        pytest.param(lambda db: db.look_up("SELECT nada"), id="look-up"),
        pytest.param(
            lambda db: asyncio.gather(*(db.by_keys("SELECT nada", "n", [key * 16]) for key in (b"a", b"b"))),
            id="by-keys",
        ),
        pytest.param(lambda db: db.transaction(_twice), id="transaction"),
        pytest.param(lambda db: db.transaction(_for_another), id="on-duplicate"),
    ],
)
async def test_what_fails_is_freed_without_a_search(
    db: Database, fails: Callable[[Database], Awaitable[object]]
) -> None:
    """Two who want the same hour are everyday: what only the collector finds stops the loop in the end."""

    async def fail() -> None:
        with suppress(DatabaseFailure, DuplicateKey, LookupError):
            await fails(db)
            pytest.fail("it didn't fail")
        await asyncio.sleep(0)  # what ran it ends, too

    await fail()
    with without_a_search():
        for _ in range(5):
            await fail()


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
        with pytest.raises(DatabaseFailure):
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
    with pytest.raises(DuplicateKey) as duplicada:
        await db.transaction(lambda tx: tx.execute("INSERT INTO ensaio VALUES (3, 10)"))
    assert duplicada.value.key == "ensaio_n"
    assert duplicada.value.__cause__ is None
    with pytest.raises(DuplicateKey) as duplicada:
        await db.transaction(lambda tx: tx.execute("INSERT INTO ensaio VALUES (1, 99)"))
    assert duplicada.value.key == "PRIMARY"
    with pytest.raises(MissingReference):
        await db.transaction(
            lambda tx: tx.execute(
                "INSERT INTO bloqueio (id, profissional_id, inicio, fim, motivo, criado_em)"
                " VALUES (%(m)s, %(m)s, NOW(), NOW() + INTERVAL 1 DAY, 'x', NOW())",
                m=bytes(16),
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

    with pytest.raises(DuplicateKey):
        await db.transaction(work)
    assert vezes == 1
    with pytest.raises(DuplicateKey):
        await db.transaction(work, retry_on=("ensaio_n",))
    assert vezes == 1 + 12


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Every command that is sent, by the first words of its statements."""
    commands: list[tuple[str, ...]] = []
    run = Connection.run

    async def record(self: Connection, *statements: str) -> BulkResult:
        commands.append(tuple(divided(statement)[1].split()[0] for statement in statements))
        return await run(self, *statements)

    monkeypatch.setattr(Connection, "run", record)
    return commands


async def test_what_only_writes_goes_out_in_one_round_trip(db: Database, sent: list[tuple[str, ...]]) -> None:
    async def only(tx: Transaction) -> None:
        tx.write("UPDATE ensaio SET n = n + %(n)s", n=1)
        tx.write_rows("INSERT INTO ensaio VALUES %(rows)s", [(3, 30), (4, 40)])
        tx.write_rows("INSERT INTO ensaio VALUES %(rows)s", [])

    async def reads_too(tx: Transaction) -> int:
        tx.write("DELETE FROM ensaio WHERE id = 4")
        (linha,) = await tx.select("SELECT COUNT(*) FROM ensaio")
        tx.write("UPDATE ensaio SET n = n + 1")
        tx.write("UPDATE ensaio SET n = n + 1")
        return int(linha[0])

    async def nothing(tx: Transaction) -> None:
        await tx.flush()
        tx.write_rows("INSERT INTO ensaio VALUES %(rows)s", [])

    await _soma(db)
    sent.clear()
    await db.transaction(only)
    assert await db.transaction(reads_too) == 3
    assert await _soma(db) == 30 + 2 + 30 + 2 * 3
    assert sent == [
        ("START", "UPDATE", "INSERT"),
        ("COMMIT",),
        ("START", "DELETE", "SELECT"),
        ("UPDATE", "UPDATE", "COMMIT"),
        ("SELECT",),
    ]
    sent.clear()
    await db.transaction(nothing)
    assert sent in ([], [("START",), ("COMMIT",)])


async def test_a_key_that_refuses_is_raised_as_its_own_statement_says(db: Database) -> None:
    def livre(tx: Transaction, n: int) -> None:
        tx.write("INSERT INTO ensaio VALUES (%(n)s, %(n)s)", n=n)

    async def work(tx: Transaction, n: int, m: int, o: int) -> None:
        livre(tx, 50)
        with tx.on_duplicate(lambda duplicada: LookupError(duplicada.key)):
            livre(tx, n)
            with tx.on_duplicate(lambda duplicada: PermissionError(duplicada.key)):
                livre(tx, m)
        livre(tx, o)
        await tx.flush()
        raise AssertionError("the failure is raised where it is waited for")

    for numeros, esperado in (((10, 6, 7), LookupError), ((5, 10, 7), PermissionError), ((5, 6, 10), DuplicateKey)):
        with pytest.raises(esperado, match="ensaio_n"):
            await db.transaction(lambda tx, numeros=numeros: work(tx, *numeros))
        assert await _soma(db) == 30


async def test_a_failure_that_is_swallowed_is_not_committed(db: Database) -> None:
    async def work(tx: Transaction) -> None:
        tx.write("UPDATE ensaio SET n = n + 1")
        with suppress(DuplicateKey):
            await tx.execute("INSERT INTO ensaio VALUES (1, 1)")

    with pytest.raises(RuntimeError, match="lost"):
        await db.transaction(work)
    assert await _soma(db) == 30


async def test_what_was_sent_along_with_the_victim_of_a_deadlock_does_not_stand_alone(db: Database) -> None:
    encontro = [asyncio.Event(), asyncio.Event()]
    tentativas = 0

    async def trocar(eu: int, primeira: int, segunda: int) -> None:
        async def work(tx: Transaction) -> None:
            nonlocal tentativas
            tentativas += 1
            await tx.execute("UPDATE ensaio SET n = n + 1 WHERE id = %(id)s", id=primeira)
            encontro[eu].set()
            await encontro[1 - eu].wait()
            tx.write("UPDATE ensaio SET n = n + 1 WHERE id = %(id)s", id=segunda)
            tx.write("INSERT INTO ensaio VALUES (%(n)s, %(n)s)", n=1000 + tentativas)

        await db.transaction(work)

    await asyncio.gather(trocar(0, 1, 2), trocar(1, 2, 1))
    assert tentativas > 2, "they did collide"
    assert await db.select("SELECT COUNT(*) FROM ensaio WHERE id > 1000") == [(2,)]
    assert await db.select("SELECT SUM(n) FROM ensaio WHERE id < 1000") == [(34,)]


async def test_a_transaction_whose_commit_was_sent_is_not_run_again(db: Database, hospital: Hospital) -> None:
    vezes = 0

    async def work(tx: Transaction) -> None:
        nonlocal vezes
        vezes += 1
        ((numero,),) = await tx.select("SELECT CONNECTION_ID()")
        await hospital.dono.execute(f"KILL {int(numero)}")
        tx.write("UPDATE ensaio SET n = n + 1")

    with pytest.raises(Unavailable):
        await db.transaction(work)
    assert vezes == 1
    assert await _soma(db) == 30


async def test_a_transaction_whose_connection_was_dead_is_run_on_another(db: Database, hospital: Hospital) -> None:
    vezes = 0

    async def work(tx: Transaction) -> None:
        nonlocal vezes
        vezes += 1
        if vezes == 1:
            conexoes = await hospital.dono.select(
                "SELECT id FROM information_schema.processlist WHERE command = 'Sleep' AND id <> CONNECTION_ID()"
            )
            for (numero,) in conexoes:
                await hospital.dono.execute(f"KILL {int(numero)}")
        tx.write("UPDATE ensaio SET n = n + 1")

    await _soma(db)
    await db.transaction(work)
    assert vezes == 2
    assert await _soma(db) == 32


async def test_a_statement_on_its_own_is_run_once(db: Database, sent: list[tuple[str, ...]]) -> None:
    await _soma(db)
    sent.clear()
    assert await db.execute("UPDATE ensaio SET n = n + %(n)s", n=1) == 2
    with pytest.raises(DuplicateKey):
        await db.execute("INSERT INTO ensaio VALUES (1, 1)")
    assert sent == [("UPDATE",), ("INSERT",)]
    assert await _soma(db) == 32


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
    with pytest.raises(Unavailable):
        await db.select("SELECT 1")
    with pytest.raises(Unavailable):
        await db.transaction(lambda tx: tx.select("SELECT 1"))
    await db.close()


async def test_a_wrong_password_is_unavailable_too_and_says_nothing(hospital: Hospital) -> None:
    db = Database(hospital.server.owner_url.with_user("sghss_app", "errada"))
    with pytest.raises(Unavailable) as falha:
        await db.select("SELECT 1")
    assert "errada" not in str(falha.value) + falha.value.message
    await db.close()


async def test_a_statement_ends_at_its_time_limit(hospital: Hospital) -> None:
    db = Database(hospital.server.owner_url, statement_timeout=0.3)
    with pytest.raises(Unavailable):
        await db.select(
            "SELECT COUNT(*) FROM consulta a JOIN consulta b ON CONCAT(a.motivo, a.fim) < CONCAT(b.motivo, b.fim)"
        )
    assert await db.select("SELECT 1") == [(1,)]
    await db.close()


async def test_each_statement_of_a_command_has_the_time_limit(hospital: Hospital) -> None:
    db = Database(hospital.server.owner_url, statement_timeout=0.3)

    async def work(tx: Transaction) -> None:
        tx.write("SET @depois = 0")
        tx.write("SELECT COUNT(*) FROM consulta a JOIN consulta b ON CONCAT(a.motivo, a.fim) < CONCAT(b.motivo, b.fim)")
        tx.write("SET @depois = 1")

    with pytest.raises(Unavailable):
        await db.transaction(work)
    assert await db.select("SELECT @depois") == [(0,)]
    await db.close()


async def test_the_pool_never_opens_more_than_its_size(db: Database) -> None:
    linhas = await asyncio.gather(*(db.select("SELECT CONNECTION_ID(), SLEEP(0.05)") for _ in range(12)))
    assert len({numero for ((numero, _),) in linhas}) == 3


async def test_whoever_asks_much_keeps_nobody_waiting_for_all_of_it(db: Database) -> None:
    """Three connections, thirty statements of one asker's before another's single one: it is among the next."""
    done: list[str] = []

    async def ask(asker: str) -> None:
        ASKER.set(asker)
        await db.select("SELECT SLEEP(0.02)")
        done.append(asker)

    async with asyncio.TaskGroup() as group:
        for _ in range(30):
            group.create_task(ask("muito"))
        await asyncio.sleep(0)
        group.create_task(ask("pouco"))
    assert done.index("pouco") < 9


async def test_whoever_asks_much_leaves_connections_to_others(db: Database) -> None:
    """Of three connections one asker has one: another finds one free, and the program itself may have all."""
    busy = asyncio.gather(*(db.select("SELECT CONNECTION_ID(), SLEEP(0.05)") for _ in range(12)))
    assert len({number for ((number, _),) in await busy}) == 3

    async def ask(asker: str, sql: str) -> list[tuple[int, ...]]:
        ASKER.set(asker)
        return await db.select(sql)

    async with asyncio.TaskGroup() as group:
        much = [group.create_task(ask("muito", "SELECT CONNECTION_ID(), SLEEP(0.2)")) for _ in range(6)]
        await asyncio.sleep(0)
        began = asyncio.get_running_loop().time()
        await group.create_task(ask("pouco", "SELECT 1"))
        waited = asyncio.get_running_loop().time() - began
        assert not any(task.done() for task in much), waited
    assert len({task.result()[0][0] for task in much}) == 1
    assert await ask("muito", "SELECT 1") == [(1,)]


async def test_whoever_kept_the_database_busy_has_one_connection_until_others_had_their_share(
    hospital: Hospital,
) -> None:
    """Seconds are shared by those who work at once: three that each wait a second use three thirds, no more."""
    db = Database(hospital.server.owner_url, size=9, share=0.001)

    async def ask(asker: str) -> int:
        ASKER.set(asker)
        ((number, _),) = await db.select("SELECT CONNECTION_ID(), SLEEP(0.8)")
        return int(number)

    async def at_once(asker: str) -> int:
        return len(set(await asyncio.gather(*(asyncio.create_task(ask(asker)) for _ in range(3)))))

    rounds = 0
    while await at_once("muito") == 3:  # some 0.9 s each, and two are free
        rounds += 1
        assert rounds < 5
    assert rounds >= 1
    assert await at_once("muito") == 1
    assert await at_once("pouco") == 3
    await db.close()


async def test_whoever_shares_commands_with_others_pays_their_part_and_keeps_nobody_waiting(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One who only asks when others do would work for nothing else."""
    monkeypatch.setattr("sghss_graphql.machinery.database.connections._AT_ONCE", 0.4)  # seconds
    db = Database(hospital.server.owner_url, size=9, share=0.001)

    async def ask(asker: str, how: str) -> int:
        ASKER.set(asker)
        ask = db.look_up if how == "shared" else db.select
        ((number, _),) = await ask("SELECT CONNECTION_ID(), SLEEP(0.2)")
        return int(number)

    async def connections(asker: str) -> int:
        return len(set(await asyncio.gather(*(asyncio.create_task(ask(asker, "alone")) for _ in range(3)))))

    for other in "abc":
        both = await asyncio.gather(*(asyncio.create_task(ask(asker, "shared")) for asker in ("muito", other)))
        assert len(set(both)) == 1, "they were asked together"
    assert await connections("muito") == 1
    assert await connections("a") == 3
    await db.close()


async def test_a_closed_database_is_closed_for_good(db: Database) -> None:
    assert await _soma(db) == 30
    await db.close()
    with pytest.raises(Unavailable):
        await db.select("SELECT 1")
    with pytest.raises(Unavailable):
        await db.transaction(lambda tx: tx.execute("INSERT INTO ensaio VALUES (9, 90)"))
    await db.close()


async def test_what_is_to_follow_a_commit_follows_no_rollback(db: Database) -> None:
    done: list[str] = []

    async def work(tx: Transaction) -> None:
        tx.after_commit.append(lambda: done.append("feito"))
        await tx.execute("INSERT INTO ensaio VALUES (7, 70)")

    await db.transaction(work)
    with pytest.raises(DuplicateKey):
        await db.transaction(work)
    assert done == ["feito"]


async def test_rows_of_one_form_have_one_decoder_wherever_they_stand_in_an_answer(db: Database) -> None:
    before = forms._form.cache_info().currsize  # noqa: SLF001 - what is kept can't be seen from outside
    for many in (1, 2, 50, 199):
        await asyncio.gather(
            *(db.look_up(f"SELECT id AS so_aqui_{one}, n FROM ensaio WHERE id = 1") for one in range(many))
        )
    assert forms._form.cache_info().currsize <= before + 1  # noqa: SLF001 - what is kept


def test_what_is_known_of_forms_is_bounded() -> None:
    known, form = forms.Known(3), forms.RowForm(lambda *_: (), lambda *_: (0, 0))
    blocks = [bytes([n]) * (n + 1) for n in range(20)]
    for block in blocks:
        assert known.add(1, block, form) is form
    assert [known.get(block) for block in blocks] == [None] * 17 + [form] * 3
    assert known.lengths(1)[0] == 20
    assert len(known.lengths(1)) == 6
    known.add(2**40, b"many", form)
    assert known.lengths(2**40) == ()
