"""A statement borrows a connection from the pool and gives it back clean, whatever happens.

Sessions speak UTC, strict SQL and READ COMMITTED; ``local_infile`` is off (CVE-2025-62611). A statement that
reads may be tried once more when its connection turns out to be dead; a transaction is retried a
bounded number of times when two of them met (``failures.Conflict``) and never after a COMMIT whose answer was lost.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from time import monotonic
from typing import Any, TypeVar

from sghss_graphql.machinery.database.bulk import BulkResult
from sghss_graphql.machinery.database.connections import Connection, Hear, Pool
from sghss_graphql.machinery.database.failures import (
    DRIVER_ERRORS,
    Conflict,
    ConnectionLost,
    DuplicateKey,
    unreachable,
)
from sghss_graphql.machinery.database.forms import Row
from sghss_graphql.machinery.database.meter import METER
from sghss_graphql.machinery.database.sharing import Answered, SharedLookUps
from sghss_graphql.machinery.database.statements import Scalar, bind, for_each, named
from sghss_graphql.machinery.database.transactions import Transaction, rows_of, run
from sghss_graphql.machinery.database.url import DatabaseUrl
from sghss_graphql.machinery.faults import Unavailable

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

    def by_keys(self, sql: str, column: str, keys: Sequence[bytes]) -> Rows:
        """Give the rows of some keys; who asks for the same at this moment is answered by the same statement."""
        return self.ask_by_keys(named(sql), column, list(dict.fromkeys(keys))) if keys else asyncio.sleep(0, [])

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
            return rows_of(await self._run_once(statement))
        except ConnectionLost:
            return rows_of(await self._run_once(statement))

    def ask_shared(self, statement: str) -> Rows:
        """Run one that is written out, and may share a round trip."""
        return self._look_ups.rows(statement)

    def ask_by_keys(self, sql: str, column: str, keys: Sequence[bytes]) -> Rows:
        """Ask for the rows of some keys, which are distinct."""
        return self._look_ups.by_keys(sql, column, keys)

    async def _run_once(self, statement: str) -> BulkResult:
        connection = await self._borrow()
        try:
            return await run(connection, statement)
        finally:
            self._release(connection)

    async def _read_together(self, statements: Sequence[str]) -> Answered:
        connection = await self._borrow()
        try:
            await run(connection, *statements)
            return list(map(rows_of, connection.results)), None
        except Exception as error:  # noqa: BLE001 - whatever it is, the one whose statement it is hears of it
            return list(map(rows_of, connection.results)), error
        finally:
            self._release(connection)

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
