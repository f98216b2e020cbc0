"""A transaction runs its statements in order on one connection; what it writes gathers until something is waited for.

A failure is raised where it is waited for, as ours (``failures``), and undoes it.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from sghss_graphql.machinery.database.bulk import BulkResult
from sghss_graphql.machinery.database.connections import Connection
from sghss_graphql.machinery.database.failures import (
    DRIVER_ERRORS,
    Conflict,
    ConnectionLost,
    DuplicateKey,
    is_read_only,
    translate,
)
from sghss_graphql.machinery.database.forms import Row
from sghss_graphql.machinery.database.meter import METER
from sghss_graphql.machinery.database.statements import Scalar, bind, for_each, named, of_keys, rows
from sghss_graphql.machinery.faults import Unavailable

OnDuplicate = Callable[[DuplicateKey], Exception]


class Reader(Protocol):
    """What a store needs to read: the pool itself, or a transaction."""

    async def select(self, sql: str, **parameters: Any) -> list[Row]:
        """Run one SELECT and give all its rows."""
        ...

    async def look_up(self, sql: str, **parameters: Any) -> list[Row]:
        """Run one SELECT that is quick (few rows, by their keys), and may share a round trip with others."""
        ...

    async def by_keys(self, sql: str, column: str, keys: Sequence[bytes]) -> list[Row]:
        """Give the rows of some keys, in no order: those whose ``column``, the first of ``sql``, is one of them.

        It is a unique key. The SELECT goes up to its WHERE and takes no parameters: what several ask for by one
        statement can't be of any one of them.
        """
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
        return rows_of(await self._run(named(bind(sql, parameters))))

    async def look_up(self, sql: str, **parameters: Any) -> list[Row]:
        """Run one SELECT and give all its rows: a transaction shares nothing."""
        return rows_of(await self._run(named(bind(sql, parameters))))

    async def by_keys(self, sql: str, column: str, keys: Sequence[bytes]) -> list[Row]:
        """Give the rows of some keys."""
        return rows_of(await self._run(named(of_keys(sql, column, list(dict.fromkeys(keys)))))) if keys else []

    async def select_for_each(self, sql: str, keys: Sequence[Scalar], **parameters: Any) -> list[Row]:
        """Run one SELECT for each key (``%(key)s``), as one statement."""
        return rows_of(await self._run(named(for_each(sql, keys, parameters)))) if keys else []

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
            result = await run(self._connection, *(one.statement for one in sent))
        except ConnectionLost:
            if first:  # without COMMIT nothing was done, so it may be tried on another connection
                raise Conflict from None
            raise
        except DuplicateKey as duplicate:
            raised = sent[len(self._connection.results)].on_duplicate
            raise (raised(duplicate) if raised else duplicate) from None
        self._failed = False
        return result


async def run(connection: Connection, *statements: str) -> BulkResult:
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


def rows_of(result: BulkResult) -> list[Row]:
    """Give the rows of a result; none, if it has no rows at all."""
    return list(result.rows or ())
