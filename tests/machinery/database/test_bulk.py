"""Rows in bulk are the rows that plain aiomysql gives, whatever happens in the middle of them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiomysql
import pytest
from pymysql.err import Error, InternalError, OperationalError, ProgrammingError

from sghss_graphql.machinery.database import bulk as bulk_module
from sghss_graphql.machinery.database import forms
from sghss_graphql.machinery.database.bulk import Answer
from sghss_graphql.machinery.database.connections import Connection, Stream
from sghss_graphql.machinery.database.url import DatabaseUrl
from sghss_graphql.machinery.deadline import Timers
from tests.hospital import Hospital

SESSION = "SET time_zone = '+00:00'"
TYPES = """
    CREATE TEMPORARY TABLE tipos (
        a CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NULL, b VARCHAR(200) CHARACTER SET utf8mb4 NULL,
        c MEDIUMTEXT CHARACTER SET utf8mb4 NULL, d BINARY(16) NULL, e VARBINARY(40) NULL, f BLOB NULL,
        g TINYINT NULL, h SMALLINT UNSIGNED NULL, i INT UNSIGNED NULL, j BIGINT NULL, k BOOLEAN NULL,
        l DATE NULL, m DATETIME(6) NULL, n DATETIME NULL, o TIME NULL, p DECIMAL(10, 2) NULL, q DOUBLE NULL,
        r BIT(8) NULL, s YEAR NULL, t ENUM('x', 'y') NULL, u TIMESTAMP NULL, v FLOAT NULL
    )
"""
FULL = """
    INSERT INTO tipos VALUES ('12345678909', 'São João 🩺', REPEAT('ç', 300), x'00112233445566778899aabbccddeeff',
        x'fffefb', x'00ff', -5, 65535, 4294967295, -9223372036854775808, 1, '1980-05-17', '2026-11-23 17:00:00.000001',
        '2026-11-23 17:00:00', '-12:30:15', 12345.67, 0.1, b'10000001', 2026, 'y', '2026-11-23 17:00:00', 1.5),
        ('', '', '', x'', x'', '', 0, 0, 0, 0, 0, '0001-01-01', '9999-12-31 23:59:59.999999', '1000-01-01 00:00:00',
        '00:00:00', 0, 0, b'0', 1901, 'x', '1970-01-01 00:00:01', 0),
        (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL)
"""


def _arguments(url: DatabaseUrl) -> dict[str, Any]:
    return {**url.connect_arguments(), "charset": "utf8mb4", "autocommit": True}


@pytest.fixture(autouse=True, params=["compilado ou não", "escrito"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read rows as here, in C if it was compiled; and by what is written for their columns."""
    if request.param == "escrito":
        monkeypatch.setattr(forms, "COMPILED", None)
    monkeypatch.setattr(bulk_module, "KNOWN", forms.Known(100))
    forms._form.cache_clear()  # noqa: SLF001 - what was made the other way
    yield
    forms._form.cache_clear()  # noqa: SLF001 - as above


async def _ask(connection: Any, sql: str) -> Any:
    async with connection.cursor() as cursor:
        await cursor.execute(sql)
        return await cursor.fetchall()


@pytest.fixture
async def bulk(hospital: Hospital) -> AsyncIterator[Connection]:
    connection = await Connection(**_arguments(hospital.server.owner_url)).open(lambda version: SESSION, Timers(60))
    yield connection
    connection.close()


@pytest.fixture
async def plain(hospital: Hospital) -> AsyncIterator[Any]:
    connection = await aiomysql.connect(**_arguments(hospital.server.owner_url))
    await _ask(connection, SESSION)
    yield connection
    connection.close()


async def test_every_type_of_column_is_read_as_aiomysql_reads_it(bulk: Connection, plain: Any) -> None:
    for connection in (bulk, plain):
        await _ask(connection, TYPES)
        await _ask(connection, FULL)
    ours, theirs = await _ask(bulk, "SELECT * FROM tipos"), await _ask(plain, "SELECT * FROM tipos")
    assert ours == theirs
    assert [list(map(type, row)) for row in ours] == [list(map(type, row)) for row in theirs]
    assert len(ours) == 3


AS_LONG = """
    CREATE TEMPORARY TABLE iguais (
        a BINARY(16) NOT NULL, b DATETIME(6) NOT NULL, c DATETIME NOT NULL, d DATE NOT NULL, e BOOLEAN NOT NULL,
        f TIMESTAMP(3) NOT NULL, g BINARY(16) NULL, h VARCHAR(300) NOT NULL, i TINYINT NOT NULL
    )
"""
IN_THEM = """
    INSERT INTO iguais VALUES
        (x'00112233445566778899aabbccddeeff', '2026-11-23 17:00:00.000001', '2026-11-23 17:00:00', '1980-05-17', 1,
         '2026-11-23 17:00:00.123', x'ff112233445566778899aabbccddeeff', 'São João', 100),
        (x'fe', '9999-12-31 23:59:59.999999', '1000-01-01 00:00:00', '0001-01-01', 127, '1970-01-01 00:00:01', NULL,
         REPEAT('ç', 200), -5),
        (x'', '2026-11-23 00:00:00', '2026-11-23 17:00:00', '9999-12-31', -128, '2026-11-23 17:00:00', x'fe', '', 0),
        (x'fb', '2026-11-23 00:00:00', '2026-11-23 17:00:00', '2026-11-23', 0, '2026-11-23 17:00:00', x'00', 'x', 1)
"""


async def test_values_that_are_always_as_long_are_read_wherever_they_stand(bulk: Connection, plain: Any) -> None:
    for connection in (bulk, plain):
        await _ask(connection, AS_LONG)
        await _ask(connection, IN_THEM)
    for first in range(9):
        for many in (1, 3, 5, 9):
            columns = ", ".join("f." + "abcdefghi"[(first + number) % 9] for number in range(many))
            for rows in ("iguais f ORDER BY f.e", "iguais f JOIN consulta ORDER BY consulta.id, f.e LIMIT 3000"):
                sql = f"SELECT {columns} FROM {rows}"
                assert await _ask(bulk, sql) == await _ask(plain, sql), sql


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 WHERE FALSE",
        "SELECT '', NULL, x'', 0",
        "SHOW VARIABLES LIKE 'version%'",
        "SELECT REPEAT('a', 250), REPEAT('b', 251), REPEAT('c', 65535), REPEAT('d', 65536), REPEAT('é', 200000)",
        "SELECT c.id, c.inicio, c.motivo, e.nome, e.nascimento FROM consulta c JOIN paciente p ON p.id = c.paciente_id"
        " JOIN pessoa e ON e.id = p.pessoa_id ORDER BY c.id LIMIT 3000",
        "SELECT r.texto, r.hash, r.criado_em FROM prontuario r ORDER BY r.id LIMIT 1000",
        "SELECT COUNT(*), MAX(inicio), SUM(1), AVG(1), NOW(6) > '2000-01-01' FROM consulta",
        "EXPLAIN SELECT * FROM consulta",
    ],
)
async def test_results_of_every_size_are_the_same(bulk: Connection, plain: Any, sql: str) -> None:
    assert await _ask(bulk, sql) == await _ask(plain, sql)
    assert await _ask(bulk, "SELECT 7") == ((7,),)


@pytest.mark.parametrize("rows", [0, 1, 250, 251, 3000])
async def test_what_a_statement_changed_is_told_as_aiomysql_tells_it(bulk: Connection, plain: Any, rows: int) -> None:
    told = []
    for connection in (bulk, plain):
        await _ask(connection, "CREATE TEMPORARY TABLE numeros (n INT PRIMARY KEY AUTO_INCREMENT, x INT)")
        sql = f"INSERT INTO numeros (x) SELECT 1 FROM consulta c JOIN consulta d LIMIT {rows}"
        async with connection.cursor() as cursor:
            changed = await cursor.execute(sql)
            told.append((changed, cursor.lastrowid, connection.server_status, connection.get_transaction_status()))
    assert told[0] == told[1]
    assert told[0][0] == rows


async def test_values_over_16_mib_go_on_in_the_next_packet(hospital: Hospital) -> None:
    await hospital.dono.transaction(lambda tx: tx.execute("SET GLOBAL max_allowed_packet = 67108864"))
    for size in (0xFFFFFF - 5, 0xFFFFFF - 4, 0xFFFFFF, 17_000_000, 2 * 0xFFFFFF):
        connection = await Connection(**_arguments(hospital.server.owner_url)).open(lambda version: SESSION, Timers(60))
        ((text, after),) = await _ask(connection, f"SELECT REPEAT('x', {size}), 'fim'")
        assert (len(text), after) == (size, "fim")
        await _ask(connection, "CREATE TEMPORARY TABLE chaves (a BINARY(16) NOT NULL)")
        await _ask(connection, "INSERT INTO chaves VALUES ('a'), ('b')")
        found = await _ask(connection, f"SELECT a, REPEAT('x', {size}) FROM chaves ORDER BY a")
        assert [(key[:2], len(text)) for key, text in found] == [(b"a\0", size), (b"b\0", size)]
        assert await _ask(connection, "SELECT 7") == ((7,),)
        connection.close()


async def test_an_error_in_the_middle_of_a_result_leaves_the_connection_usable(bulk: Connection) -> None:
    sql = (
        "SELECT REPEAT('x', 1000), CASE WHEN n < 900 THEN 1 ELSE (SELECT 1 UNION SELECT 2) END FROM"
        " (SELECT ROW_NUMBER() OVER () AS n FROM consulta LIMIT 1000) t"
    )
    for _ in range(3):
        with pytest.raises(OperationalError, match="1242"):
            await _ask(bulk, sql)
        with pytest.raises(ProgrammingError, match="1146"):
            await _ask(bulk, "SELECT * FROM nao_existe")
        assert await _ask(bulk, "SELECT 7") == ((7,),)
    assert bulk.usable


async def test_statements_that_go_together_are_answered_together(bulk: Connection) -> None:
    await _ask(bulk, "CREATE TEMPORARY TABLE numeros (n INT PRIMARY KEY, texto MEDIUMTEXT)")
    for size in (1, 300, 70_000):
        result = await bulk.run(
            "INSERT INTO numeros VALUES (1, ';'), (2, 'a;\nb')",
            f"SELECT n, REPEAT('ç', {size}) FROM numeros",
            "DELETE FROM numeros WHERE n = 1",
            f"SELECT n, texto, REPEAT('x', {size}) FROM numeros",
        )
        assert result.rows == ((2, "a;\nb", "x" * size),)
        assert len(bulk.results) == 4
        assert (await bulk.run("DELETE FROM numeros")).affected_rows == 1
    assert bulk.usable


async def test_nothing_runs_after_a_statement_that_failed(bulk: Connection) -> None:
    await _ask(bulk, "CREATE TEMPORARY TABLE numeros (n INT PRIMARY KEY)")
    for number, wrong in enumerate(("INSERT INTO numeros VALUES (1)", "SELECT (SELECT 1 UNION SELECT 2)", "NADA")):
        before = ["DELETE FROM numeros", "INSERT INTO numeros VALUES (1)", "SELECT 7"][: 2 + number % 2]
        with pytest.raises(Error):
            await bulk.run(*before, wrong, "INSERT INTO numeros VALUES (9)")
        assert len(bulk.results) == len(before)
        assert await _ask(bulk, "SELECT n FROM numeros") == ((1,),)
    assert bulk.usable


async def test_a_statement_that_brought_another_along_closes_the_connection(bulk: Connection) -> None:
    with pytest.raises(InternalError, match="as many results"):
        await bulk.run("SELECT 1; SELECT 2")
    assert not bulk.usable


async def test_a_connection_that_is_cut_in_the_middle_is_closed(bulk: Connection, hospital: Hospital) -> None:
    ((number,),) = await _ask(bulk, "SELECT CONNECTION_ID()")
    reading = asyncio.create_task(_ask(bulk, "SELECT REPEAT('x', 60000), SLEEP(0.01) FROM consulta LIMIT 2000"))
    await hospital.dono.select("SELECT SLEEP(0.3)")
    await hospital.dono.transaction(lambda tx: tx.execute(f"KILL {int(number)}"))
    with pytest.raises(Error):
        await reading
    assert not bulk.usable


async def test_a_result_that_is_given_up_closes_the_connection(bulk: Connection) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await _ask(bulk, "SELECT REPEAT('x', 60000), SLEEP(0.01) FROM consulta LIMIT 2000")
    assert not bulk.usable


async def test_a_transaction_is_seen_in_what_follows_a_result(bulk: Connection) -> None:
    await bulk.begin()
    await _ask(bulk, "SELECT 1")
    assert not bulk.usable
    await bulk.rollback()
    await _ask(bulk, "SELECT 1")
    assert bulk.usable


async def test_a_row_that_cannot_be_decoded_closes_the_connection(bulk: Connection) -> None:
    """What is left of the answer is nobody's: the next statement would read it as its own."""
    await _ask(bulk, "SET character_set_results = latin1")
    with pytest.raises(UnicodeDecodeError):
        await _ask(bulk, "SELECT 'ç', REPEAT('x', 60000)")
    assert not bulk.usable


async def test_warnings_are_read_too(bulk: Connection, plain: Any) -> None:
    for connection in (bulk, plain):
        with pytest.warns(Warning, match="sem_isto"):
            await _ask(connection, "DROP TABLE IF EXISTS sem_isto")
        assert await _ask(connection, "SELECT 7") == ((7,),)


class _Wire:
    """What a Stream is given, in place of a server."""

    def __init__(self) -> None:
        self.stream = Stream()

    def ask(self) -> asyncio.Future[None]:
        reading = Answer().reading(1)
        next(reading)
        return self.stream.answer(reading)


OK = b"\x07\0\0\1\0\0\0\2\0\0\0"


async def test_an_answer_comes_in_pieces_of_any_size() -> None:
    for size in range(1, len(OK) + 1):
        wire = _Wire()
        answer = wire.ask()
        for start in range(0, len(OK), size):
            assert not answer.done()
            wire.stream.data_received(OK[start : start + size])
        await answer
        assert not wire.stream.broken


async def test_a_row_may_begin_as_the_end_does() -> None:
    column = b"\3def\0\0\0\1x\0" + b"\x0c\x2d\0\xe8\3\0\0\xfd\0\0\0\0\0"
    end = b"\xfe\0\0\2\0"
    rows = [b"\5first", b"\xfe\5\0\0\0\0\0\0\0hello", b"\5world"]
    payloads = [b"\1", column, end, *rows, end]
    packets = [bytes([len(one), 0, 0, number + 1]) + one for number, one in enumerate(payloads)]
    for cut in range(1, len(packets)):
        answer = Answer()
        reading = answer.reading(1)
        next(reading)
        reading.send(b"".join(packets[:cut]))
        with pytest.raises(StopIteration):
            reading.send(b"".join(packets[cut:]))
        assert answer.results[0].rows == (("first",), ("hello",), ("world",)), cut


@pytest.mark.parametrize(
    "said", [b"\xff\0\0\0", OK + b"\0", b"\1\0\0\1\xfb", b"\7\0\0\7" + OK[4:], b"\1\0\0\1\1\1\0\0\2\xff\1\0\0\3\0"]
)
async def test_what_is_not_the_protocol_is_an_error_at_once_or_at_the_end(said: bytes) -> None:
    wire = _Wire()
    answer = wire.ask()
    wire.stream.data_received(said)
    wire.stream.connection_lost(None)
    with pytest.raises(Exception, match=r"lost|number|end|file|index|255"):
        await answer


async def test_a_server_that_speaks_unasked_or_leaves_is_not_asked_again() -> None:
    for leave in (lambda s: s.data_received(OK), lambda s: s.eof_received(), lambda s: s.connection_lost(None)):
        wire = _Wire()
        leave(wire.stream)
        assert wire.stream.broken
        with pytest.raises(OperationalError, match="lost"):
            await wire.ask()


async def test_whoever_stopped_waiting_hears_nothing() -> None:
    for end in (lambda s: s.data_received(OK), lambda s: s.data_received(OK + OK), lambda s: s.connection_lost(None)):
        wire = _Wire()
        answer = wire.ask()
        answer.cancel()
        end(wire.stream)
        assert answer.cancelled()
