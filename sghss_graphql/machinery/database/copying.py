"""A copy of a database is a stream of lines: every row as it was at one instant, and at its end what it must hold.

Each line is JSON: a head, a table's name with its columns, its rows, and so on; the last one counts the rows of each
table and sums their digests. One connection reads all in one snapshot (``START TRANSACTION WITH CONSISTENT SNAPSHOT``),
row by row, so that nobody waits and memory stays small. Values are MySQL's own texts; bytes are written in hexadecimal.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson
import pymysql
from pymysql.cursors import SSCursor

from sghss_graphql.machinery.database.failures import DRIVER_ERRORS, translate, unreachable
from sghss_graphql.machinery.database.pool import SQL_MODE, Database
from sghss_graphql.machinery.database.url import DatabaseUrl
from sghss_graphql.machinery.faults import Fault

FORMAT = 1
_BATCH = 1_000
"""Rows of one INSERT."""
_BATCH_BYTES = 2**20
_BINARY = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})
_ALL = 1 << 256
_TRIES = 50
"""Snapshots that are begun until one is found whose place in the binary log is known."""
Report = Callable[[str, int], None]
"""Hears of each table that is done: its name, and how many rows it has."""


class BadCopy(Fault):
    """A copy can't be restored; the text says why, and what to do."""


@dataclass(slots=True)
class Sum:
    """What a table holds: how many rows, and a digest of them all that doesn't depend on their order."""

    rows: int = 0
    digest: int = 0

    def add(self, line: bytes) -> None:
        """Add a row, as it is written."""
        self.rows += 1
        self.digest = (self.digest + int.from_bytes(hashlib.sha256(line).digest())) % _ALL


@dataclass
class Holds:
    """What a copy, or a database, holds: of each table its sum, and the digests of some queries, by name."""

    tables: dict[str, Sum] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    position: str = ""
    """Where in the binary log the snapshot stands, as GTIDs; empty where there is none, or it can't be told."""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(one.rows for one in self.tables.values())

    def written(self) -> dict[str, Any]:
        """Write it for the end of a copy."""
        tables = {name: [one.rows, f"{one.digest:064x}"] for name, one in self.tables.items()}
        return {"tabelas": tables, "respostas": self.answers, "posicao": self.position}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Holds":
        """Read what ``written`` wrote."""
        tables = {name: Sum(rows, int(digest, 16)) for name, (rows, digest) in written["tabelas"].items()}
        return cls(tables, dict(written["respostas"]), written.get("posicao", ""))


def copy(
    url: DatabaseUrl,
    out: BinaryIO,
    head: Mapping[str, Any],
    left_out: Sequence[str],
    asked: Mapping[str, str],
    report: Report,
) -> Holds:
    """Write all rows of a database, but for those of some tables; ``asked`` are queries whose answers are summed up.

    Raises:
        Unavailable, DatabaseFailure: the database is away, or says no.
    """
    out.write(orjson.dumps({"copia": FORMAT, **head}) + b"\n")
    holds = survey(url, left_out, asked, report, out)
    out.write(orjson.dumps({"fim": holds.written()}) + b"\n")
    return holds


def survey(
    url: DatabaseUrl, left_out: Sequence[str], asked: Mapping[str, str], report: Report, out: BinaryIO | None = None
) -> Holds:
    """Read all rows in one snapshot, write them where they should go, and give what there is."""
    holds = Holds()
    with _session(url) as connection:
        tables = _tables(connection, left_out)
        holds.position = _snapshot(connection)
        for table, columns in tables.items():
            if out is not None:
                out.write(orjson.dumps({"tabela": table, "colunas": list(columns)}) + b"\n")
            found = holds.tables[table] = Sum()
            for row in _stream(connection, f"SELECT {_listed(columns)} FROM `{table}`"):  # noqa: S608 - names of the schema
                line = orjson.dumps([value.hex() if isinstance(value, bytes) else value for value in row])
                found.add(line)
                if out is not None:
                    out.write(line + b"\n")
            report(table, found.rows)
        for name, sql in asked.items():
            digest = hashlib.sha256()
            for row in _stream(connection, sql):
                digest.update(orjson.dumps([value.hex() if isinstance(value, bytes) else value for value in row]))
            holds.answers[name] = digest.hexdigest()
    return holds


def _snapshot(connection: Any) -> str:
    """Begin to read all as it is at one instant; give where in the binary log that is, as GTIDs, if it can be told.

    MariaDB tells it of the snapshot itself. MySQL doesn't: it is known if nothing was committed while it was made.
    """
    start = "START TRANSACTION WITH CONSISTENT SNAPSHOT"
    if "MariaDB" in connection.get_server_info():
        _run(connection, start)
        told = dict(_stream(connection, "SHOW STATUS LIKE 'Binlog_snapshot_%'"))
        if not (file := told.get("Binlog_snapshot_file")):
            return ""
        place = f"{connection.escape(file)}, {int(told['Binlog_snapshot_position'])}"
        ((position,),) = _stream(connection, f"SELECT BINLOG_GTID_POS({place})")
        return str(position or "")
    for _ in range(_TRIES):
        ((before,),) = _stream(connection, "SELECT @@GLOBAL.gtid_executed")
        _run(connection, start)
        ((owned,),) = _stream(connection, "SELECT @@GLOBAL.gtid_owned")  # what is shown before it is in the other
        ((after,),) = _stream(connection, "SELECT @@GLOBAL.gtid_executed")
        if before == after and not owned:
            return str(before)
    return ""


async def tables(db: Database) -> list[str]:
    """Give the names of the tables that a database has."""
    return [name for name, *_ in await db.select("SHOW FULL TABLES")]


def check(lines: BinaryIO) -> tuple[dict[str, Any], Holds]:
    """Read a copy to its end, and see that it is whole; give its head and what it holds.

    Raises:
        BadCopy: it isn't one, or it isn't whole.
    """
    head, holds, current = _head(lines), Holds(), Sum()
    for line in lines:
        if line.startswith(b"["):
            current.add(line.rstrip(b"\n"))
            continue
        part = orjson.loads(line)
        if "fim" in part:
            told = Holds.read(part["fim"])
            if lines.read() or told.tables != holds.tables:
                raise BadCopy("A cópia não tem as linhas que diz ter: use outra.")
            return head, told
        current = holds.tables[part["tabela"]] = Sum()
    raise BadCopy("A cópia está cortada: falta-lhe o fim. Use outra.")


def restore(url: DatabaseUrl, lines: BinaryIO, report: Report) -> None:
    """Put the rows of a copy, which was checked, into a database that has its tables; whatever is in them goes before.

    Raises:
        Unavailable, DatabaseFailure: the database is away, or says no.
    """
    _head(lines)
    with _session(url) as connection:
        _run(connection, "SET foreign_key_checks = 0, unique_checks = 0")
        kinds = _tables(connection, ())
        into: _Into | None = None
        for line in lines:
            if line.startswith(b"["):
                assert into is not None  # noqa: S101 - it was checked
                into.add(orjson.loads(line), len(line))
                continue
            if into is not None:
                report(into.table, into.finish())
            part = orjson.loads(line)
            if "fim" in part:
                lines.read()
                return
            into = _Into(connection, part["tabela"], part["colunas"], kinds)


class _Into:
    """Rows that go into one table, some at once."""

    def __init__(
        self, connection: Any, table: str, columns: list[str], kinds: Mapping[str, Mapping[str, bool]]
    ) -> None:
        if not set(columns) <= kinds.get(table, {}).keys():
            raise BadCopy(f"O banco não tem a tabela {table} como a cópia: esta versão do programa não a restaura.")
        self.table = table
        self._connection = connection
        self._sql = f"INSERT INTO `{table}` ({_listed(columns)}) VALUES "  # noqa: S608 - names of the schema
        self._bytes = [number for number, column in enumerate(columns) if kinds[table][column]]
        self._values: list[str] = []
        self._size = self._rows = 0
        _run(connection, f"DELETE FROM `{table}`")  # noqa: S608 - what migrations put there

    def add(self, row: list[Any], size: int) -> None:
        """Add a row."""
        for number in self._bytes:
            if row[number] is not None:
                row[number] = bytes.fromhex(row[number])
        self._values.append(f"({','.join(self._connection.escape(value) for value in row)})")
        self._size += size
        if len(self._values) >= _BATCH or self._size > _BATCH_BYTES:
            self._send()

    def finish(self) -> int:
        """Send the rest; give how many rows there were."""
        self._send()
        return self._rows

    def _send(self) -> None:
        if self._values:
            _run(self._connection, self._sql + ",".join(self._values))
        self._rows += len(self._values)
        self._values, self._size = [], 0


def _head(lines: BinaryIO) -> dict[str, Any]:
    try:
        head = orjson.loads(lines.readline())
    except orjson.JSONDecodeError:
        head = None
    if not isinstance(head, dict) or "copia" not in head:
        raise BadCopy("Este arquivo não é uma cópia do SGHSS.")
    if head["copia"] != FORMAT:
        raise BadCopy("Esta cópia é de uma versão mais nova do programa: atualize-o.")
    return head


@contextmanager
def _session(url: DatabaseUrl) -> Iterator[Any]:
    """Open a session of its own: values come as MySQL writes them, and no statement takes too long."""
    failure: Exception = OSError()
    for server in url.servers:
        arguments = {**server.connect_arguments(), "database": server.database}
        del arguments["db"]
        try:
            opened = pymysql.connect(**arguments, charset="utf8mb4", conv=_AS_WRITTEN, local_infile=False)
            break
        except DRIVER_ERRORS as error:
            failure = error
    else:
        raise unreachable(failure, url.place) from None
    with closing(opened) as connection, _translated():
        engine = "max_statement_time" if "MariaDB" in connection.get_server_info() else "max_execution_time"
        _run(connection, f"SET time_zone = '+00:00', sql_mode = '{SQL_MODE}', {engine} = 0, autocommit = 1")
        _run(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield connection


@contextmanager
def _translated() -> Iterator[None]:
    """Let what the driver raises become ours: its words may quote a value."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise translate(error) from None


_AS_WRITTEN = dict(pymysql.converters.encoders)
"""How values are sent; those that come stay texts."""


def _tables(connection: Any, left_out: Sequence[str]) -> dict[str, dict[str, bool]]:
    """Give the tables with their columns, and whether each holds bytes."""
    found: dict[str, dict[str, bool]] = {}
    rows = _stream(
        connection,
        "SELECT c.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE FROM information_schema.COLUMNS c"
        " JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME"
        " WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'"
        " ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION",
    )
    for table, column, kind in rows:
        if table not in left_out:
            found.setdefault(table, {})[column] = kind.lower() in _BINARY
    return found


def _stream(connection: Any, sql: str) -> Iterator[tuple[Any, ...]]:
    with closing(connection.cursor(SSCursor)) as cursor:
        cursor.execute(sql)
        yield from cursor


def _run(connection: Any, sql: str) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql)


def _listed(columns: Any) -> str:
    return ", ".join(f"`{column}`" for column in columns)
