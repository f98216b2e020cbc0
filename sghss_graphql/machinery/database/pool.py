"""A statement borrows a connection from the pool and gives it back clean, whatever happens.

Sessions speak UTC, strict SQL and READ COMMITTED; ``local_infile`` is off (CVE-2025-62611). A statement that
reads may be tried once more when its connection turns out to be dead; a transaction is retried a
bounded number of times when two of them met (``failures.Conflict``) and never after a COMMIT whose answer was lost.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol, TypeVar

from sghss_graphql.machinery.database.bulk import BulkResult
from sghss_graphql.machinery.database.connections import Connection, Hear, Pool
from sghss_graphql.machinery.database.failures import (
    DRIVER_ERRORS,
    Conflict,
    ConnectionLost,
    DuplicateKey,
    is_read_only,
    translate,
    unreachable,
)
from sghss_graphql.machinery.database.forms import Row
from sghss_graphql.machinery.database.meter import METER
from sghss_graphql.machinery.database.sharing import Answered, SharedLookUps
from sghss_graphql.machinery.database.statements import Scalar, bind, for_each, named, rows
from sghss_graphql.machinery.database.url import DatabaseUrl
from sghss_graphql.machinery.faults import Unavailable

OnDuplicate = Callable[[DuplicateKey], Exception]
T = TypeVar("T")
Rows = Coroutine[Any, Any, list[Row]]

_TRIES = 12
_FIRST_PAUSE = 0.004  # seconds; doubles at each try, up to _LONGEST_PAUSE
_LONGEST_PAUSE = 0.25
_LONGEST_LIST = 1_048_576  # bytes that GROUP_CONCAT gives: MariaDB's bound; MySQL's is 1024, and more is cut off
_GRACE = 0.5  # seconds that the server's time limit has to answer before ours falls: the server may be what hangs
SQL_MODE = (
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)


class Reader(Protocol):
    """What a store needs to read: the pool itself, or a transaction."""

    async def select(self, sql: str, **parameters: Any) -> list[Row]:
        """Run one SELECT and give all its rows."""
        ...

    async def look_up(self, sql: str, **parameters: Any) -> list[Row]:
        """Run one SELECT that is quick (few rows, by their keys), and may share a round trip with others."""
        ...

    async def select_for_each(self, sql: str, keys: Sequence[Scalar], **parameters: Any) -> list[Row]:
        """Run one SELECT for each key (``%(key)s``), as one statement."""
        ...


@dataclass(frozen=True, slots=True)
class _Gathered:
    """A statement that waits to be sent, and what is raised if a unique key refuses it."""

    statement: str
    on_duplicate: OnDuplicate | None = None


class Transaction:
    """One open transaction on one connection.

    What only writes (``write``, ``write_rows``) gathers, and goes out in one round trip with the next statement that
    is waited for, or with COMMIT. Statements run in the order in which they were given, none after one that failed;
    a failure is raised where they are waited for, and undoes the transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._gathered: list[_Gathered] = [_Gathered("START TRANSACTION")]
        self._on_duplicate: OnDuplicate | None = None
        self._failed = False
        self.begun = False
        """Whether anything was sent."""
        self.after_commit: list[Callable[[], None]] = []
        """What is called once it is committed."""
        self.in_doubt: list[Callable[[], None]] = []
        """What is called if its COMMIT was sent, and nobody heard what became of it."""

    async def select(self, sql: str, **parameters: Any) -> list[Row]:
        """Run one SELECT and give all its rows."""
        return _rows_of(await self._run(named(bind(sql, parameters))))

    async def look_up(self, sql: str, **parameters: Any) -> list[Row]:
        """Run one SELECT and give all its rows: a transaction shares nothing."""
        return _rows_of(await self._run(named(bind(sql, parameters))))

    async def select_for_each(self, sql: str, keys: Sequence[Scalar], **parameters: Any) -> list[Row]:
        """Run one SELECT for each key (``%(key)s``), as one statement."""
        return _rows_of(await self._run(named(for_each(sql, keys, parameters)))) if keys else []

    async def execute(self, sql: str, **parameters: Any) -> int:
        """Run one statement that writes and give the number of rows it changed.

        Raises:
            DuplicateKey, MissingReference: a key refused a row.
        """
        return int((await self._run(named(bind(sql, parameters)))).affected_rows)

    def write(self, sql: str, **parameters: Any) -> None:
        """Add one statement that writes, whose result nobody needs to know.

        Where it is waited for it may raise what ``execute`` raises.
        """
        self._gathered.append(_Gathered(named(bind(sql, parameters)), self._on_duplicate))

    def write_rows(self, sql: str, values: Sequence[Sequence[Scalar]]) -> None:
        """Add one statement that inserts rows, if there are any: ``sql`` ends in ``VALUES %(rows)s``.

        Where it is waited for it may raise what ``execute`` raises; a key that refuses a row refuses all of them.
        """
        if values:
            self._gathered.append(_Gathered(named(sql.replace("%(rows)s", rows(values))), self._on_duplicate))

    @contextmanager
    def on_duplicate(self, raised: OnDuplicate) -> Iterator[None]:
        """Have the statements that are given inside raise this, made from the DuplicateKey, in place of it."""
        outer, self._on_duplicate = self._on_duplicate, raised
        try:
            yield
        finally:
            self._on_duplicate = outer

    async def flush(self) -> None:
        """Send what was gathered, if it should not wait for more."""
        if self._gathered:
            await self._send()

    async def commit(self) -> None:
        """Commit.

        COMMIT never goes out with START TRANSACTION: a connection that turns out to be dead is noticed before it.
        """
        if not self.begun:
            if len(self._gathered) == 1:
                return
            await self._send()
        before = len(self._gathered)
        try:
            await self._run("COMMIT")
        except Conflict:
            raise
        except (Unavailable, asyncio.CancelledError) as error:
            refused = not isinstance(error, ConnectionLost | asyncio.CancelledError) and not self._connection.expired
            if not (refused and len(self._connection.results) < before):  # one before it was, so that it wasn't run
                for doubt in self.in_doubt:
                    doubt()
            raise

    async def _run(self, statement: str) -> BulkResult:
        self._gathered.append(_Gathered(statement, self._on_duplicate))
        return await self._send()

    async def _send(self) -> BulkResult:
        if self._failed:
            raise RuntimeError("a statement of this transaction failed: those after it are lost")
        sent, self._gathered = self._gathered, []
        first, self.begun, self._failed = not self.begun, True, True
        try:
            result = await _run(self._connection, *(one.statement for one in sent))
        except ConnectionLost:
            if first:  # without COMMIT nothing was done, so it may be tried on another connection
                raise Conflict from None
            raise
        except DuplicateKey as duplicate:
            raised = sent[len(self._connection.results)].on_duplicate
            raise (raised(duplicate) if raised else duplicate) from None
        self._failed = False
        return result


class Database:
    """The pool, made at its first use; ``close`` ends it for good. In between it survives the server's absence."""

    def __init__(
        self,
        url: DatabaseUrl,
        *,
        size: int = 10,
        connect_timeout: float = 3.0,
        statement_timeout: float = 10.0,
        heard: Hear | None = None,
        share: float = 0.0,
    ) -> None:
        self.url = url
        self._share = share
        self._heard = heard
        self._size = size
        self._connect_timeout = connect_timeout
        self._statement_timeout = statement_timeout
        self._pool: Pool | None = None
        self._closed = False
        self._look_ups = SharedLookUps(self._read_together)

    async def close(self) -> None:
        """Close every connection, those in use too; whoever asks from then on is refused."""
        self._closed = True
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def select(self, sql: str, **parameters: Any) -> Rows:
        """Run one SELECT and give all its rows; once more if the connection was dead."""
        return self.ask(named(bind(sql, parameters)))  # named here, whoever awaits it: a Task knows not who asked

    def look_up(self, sql: str, **parameters: Any) -> Rows:
        """Run one SELECT that is quick, and may share a round trip; who stops waiting for it leaves it to others."""
        return self.ask_shared(named(bind(sql, parameters)))

    def select_for_each(self, sql: str, keys: Sequence[Scalar], **parameters: Any) -> Rows:
        """Run one SELECT for each key (``%(key)s``), as one statement."""
        return self.ask(named(for_each(sql, keys, parameters))) if keys else asyncio.sleep(0, [])

    async def execute(self, sql: str, **parameters: Any) -> int:
        """Run one statement on its own, and never twice; give the number of rows it changed.

        For DDL, which commits whatever transaction it stands in; what changes data goes in one.
        """
        return int((await self._run_once(bind(sql, parameters))).affected_rows)

    async def transaction(self, work: Callable[[Transaction], Awaitable[T]], *, retry_on: Collection[str] = ()) -> T:
        """Run ``work`` in one transaction: all of it or nothing, whatever it raises.

        ``work`` runs again when another transaction was in its way, or when it hit one of the unique
        keys named in ``retry_on``; so it must do nothing but talk to its ``Transaction``.

        Raises:
            Unavailable: still in conflict after 12 tries, or the database is away.
        """
        pause = _FIRST_PAUSE
        for left in reversed(range(_TRIES)):
            try:
                return await self._attempt(work)
            except Conflict:
                if not left:
                    raise
            except DuplicateKey as duplicate:
                if not left or duplicate.key not in retry_on:
                    raise
            await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 - jitter, not a secret
            pause = min(pause * 2, _LONGEST_PAUSE)
        raise Unavailable

    async def ask(self, statement: str) -> list[Row]:
        """Run one SELECT that is written out; once more if the connection was dead."""
        try:
            return _rows_of(await self._run_once(statement))
        except ConnectionLost:
            return _rows_of(await self._run_once(statement))

    def ask_shared(self, statement: str) -> Rows:
        """Run one that is written out, and may share a round trip."""
        return self._look_ups.rows(statement)

    async def _run_once(self, statement: str) -> BulkResult:
        connection = await self._borrow()
        try:
            return await _run(connection, statement)
        finally:
            self._release(connection)

    async def _read_together(self, statements: Sequence[str]) -> Answered:
        connection, failure = await self._borrow(), None
        try:
            await _run(connection, *statements)
        except Exception as error:  # noqa: BLE001 - whatever it is, the one whose statement it is hears of it
            failure = error
        finally:
            answered = [_rows_of(result) for result in connection.results]
            self._release(connection)
        return answered, failure

    async def _attempt(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        connection = await self._borrow()
        try:
            transaction, clean = Transaction(connection), False
            try:
                result = await work(transaction)
                await transaction.commit()
                clean = True
            finally:
                if transaction.begun and not clean:
                    await _roll_back(connection)
        finally:
            self._release(connection)
        for done in transaction.after_commit:
            done()
        return result

    async def _borrow(self) -> Connection:
        """Take a connection from the pool; ``release`` gives it back.

        Raises:
            Unavailable: none came in time, or none can be made.
        """
        before = monotonic()
        try:
            return await self._open_pool().acquire()
        except TimeoutError:
            raise Unavailable from None
        except DRIVER_ERRORS as error:
            raise unreachable(error, self.url.place) from None
        finally:
            if (meter := METER.get()) is not None:
                meter.waiting += monotonic() - before

    def _release(self, connection: Connection) -> None:
        if self._pool is None:
            connection.close()
        else:
            self._pool.release(connection)

    def _open_pool(self) -> Pool:
        if self._closed:
            raise Unavailable
        if self._pool is None:
            session: dict[str, Any] = {
                "charset": "utf8mb4",
                "autocommit": True,
                "local_infile": False,
                "connect_timeout": self._connect_timeout,
            }
            self._pool = Pool(
                self._size,
                [server.connect_arguments() | session for server in self.url.servers],
                lambda version: _session(version, self._statement_timeout),
                self._statement_timeout + _GRACE,
                self._heard,
                self._share,
            )
        return self._pool


async def with_database(url: DatabaseUrl, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do one piece of work on a database that is opened for it alone; a statement may take an hour."""
    db = Database(url, statement_timeout=3600)
    try:
        return await work(db)
    finally:
        await db.close()


def _session(version: str, statement_timeout: float) -> str:
    """Write the SET that opens each session; the two engines name two of its variables differently."""
    if "MariaDB" in version:
        engine = f"tx_isolation = 'READ-COMMITTED', max_statement_time = {statement_timeout}"
    else:
        milliseconds = int(statement_timeout * 1000)
        engine = f"transaction_isolation = 'READ-COMMITTED', max_execution_time = {milliseconds}"
    return f"SET time_zone = '+00:00', sql_mode = '{SQL_MODE}', group_concat_max_len = {_LONGEST_LIST}, {engine}"


async def _run(connection: Connection, *statements: str) -> BulkResult:
    """Run statements as one command; what the driver raises becomes ours."""
    before = monotonic()
    try:
        return await connection.run(*statements)
    except DRIVER_ERRORS as error:
        if connection.expired:
            raise Unavailable from None
        if connection.demoted is not None and is_read_only(error):
            connection.demoted()
        raise translate(error) from None
    except RuntimeError:  # aiomysql's word for "closed while reading"
        connection.close()
        raise ConnectionLost from None
    finally:
        if (meter := METER.get()) is not None:
            meter.note(statements, monotonic() - before)


def _rows_of(result: BulkResult) -> list[Row]:
    return list(result.rows or ())


async def _roll_back(connection: Any) -> None:
    """Undo what is open; a connection that can't is closed, which undoes it too."""
    try:
        async with asyncio.timeout(2):
            await connection.rollback()
    except (*DRIVER_ERRORS, RuntimeError, TimeoutError):
        connection.close()
    except asyncio.CancelledError:
        connection.close()
        raise
