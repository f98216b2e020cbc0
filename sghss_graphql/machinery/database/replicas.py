"""Reads go to a replica that has everything that was committed before them, or else to the database itself.

Where the database stands is asked of it at a request's first read, as the GTIDs of what it committed, and the replica
is given a moment to get there. So whoever wrote sees it, by whichever process, and a right that was taken is taken:
what a replica answers is as new as what the database would have answered. What writes, and the question who somebody
is, never comes here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

from sghss_graphql.machinery.database.connections import Hear
from sghss_graphql.machinery.database.failures import ConnectionLost, DatabaseFailure, Unreachable
from sghss_graphql.machinery.database.forms import Row
from sghss_graphql.machinery.database.pool import Database
from sghss_graphql.machinery.database.transactions import Transaction
from sghss_graphql.machinery.database.url import DatabaseUrl
from sghss_graphql.machinery.faults import Unavailable

T = TypeVar("T")
BEHIND = 0.05
"""Seconds in which a replica may get to where the database stands: whoever asks waits for it."""
_NO_ANSWER = 0.5
"""Seconds without an answer to that after which a replica counts as away."""
_REST = 1.0
"""Seconds that a replica is left alone which was behind, or away."""
_LONGEST, _GRACE = 2.0, 0.2
"""Seconds of one statement: what a replica doesn't get done, the database is asked for, within the request's time. And
those that it has to say so: who says nothing by then stands still, and holds up whatever was sent with it.
"""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine tells what it has committed, waits for what another one has (0: it is there), and what it has."""

    position: str
    wait: str
    state: str


_MARIADB = Dialect(
    "SELECT @@GLOBAL.gtid_binlog_pos",
    "SELECT MASTER_GTID_WAIT(%(position)s, %(milliseconds)s / 1000)",
    "SELECT @@GLOBAL.gtid_slave_pos, @@GLOBAL.read_only",
)
_MYSQL = Dialect(
    "SELECT IF(@@GLOBAL.gtid_mode = 'ON', @@GLOBAL.gtid_executed, '')",
    "SELECT WAIT_FOR_EXECUTED_GTID_SET(%(position)s, %(milliseconds)s / 1000)",
    "SELECT @@GLOBAL.gtid_executed, @@GLOBAL.read_only",
)
_WRITTEN_TO = ("0", "OFF")


def on_one_line(asked: str, theirs: str, now: str) -> bool:
    """Tell whether a replica of MariaDB's has nothing that the database hasn't: what it has, and both positions of it.

    MASTER_GTID_WAIT looks at the numbers alone. After a failover, or on a database that was put back, the same numbers
    stand for other transactions: then the replica is ahead, or its last one is of another server.
    """
    one, other, new = map(_by_domain, (asked, theirs, now))
    return all(
        domain in new and number <= new[domain][1] and (domain not in one or server in (one[domain][0], new[domain][0]))
        for domain, (server, number) in other.items()
    )


def _by_domain(position: str) -> dict[str, tuple[str, int]]:
    """Read GTIDs of MariaDB's: of each domain the server and the number of its last one."""
    gtids = (gtid.split("-") for gtid in position.split(",") if gtid)
    return {domain: (server, int(number)) for domain, server, number in gtids}


@dataclass(slots=True, eq=False)
class Replica:
    """One server that follows the database."""

    db: Database
    rested_at: float = 0.0
    """Until when it is left alone (``time.monotonic``)."""


@dataclass(slots=True)
class Replicas:
    """The replicas of a database, which take turns; those that are behind or away are left alone for a while."""

    primary: Database
    dialect: Dialect | None = None
    followed: int = 0
    """Requests whose reads a replica answered."""
    left: int = 0
    """Requests whose reads went to the database after all: no replica was there, or there in time."""
    _replicas: list[Replica] = field(default_factory=list)
    _turn: int = 0

    def add(self, url: DatabaseUrl, *, size: int, heard: Hear | None = None) -> None:
        """Take the servers of an address for replicas, with ``size`` connections to each."""
        for server in url.servers:
            db = Database(server, size=size, connect_timeout=_NO_ANSWER, statement_timeout=_LONGEST, heard=heard)
            self._replicas.append(Replica(db))

    async def close(self) -> None:
        """Close every connection to them."""
        for replica in self._replicas:
            await replica.db.close()

    def reader(self) -> Database:
        """Give one request's way to read: what it writes goes to the database."""
        return _Reader(self) if self._replicas else self.primary

    async def choose(self) -> Replica | None:
        """Give a replica that has all that was committed until now, or None."""
        replica = self._next()
        if replica is None:
            self.left += 1
            return None
        try:
            position = await self.position()
            has_it = (
                position != "" and await self.has(replica.db, position) and await self.follows(replica.db, position)
            )
        except (Unavailable, DatabaseFailure, TimeoutError):
            has_it = False
        if not has_it:
            self.leave(replica)
            self.left += 1
            return None
        self.followed += 1
        return replica

    def _next(self) -> Replica | None:
        """Give the one whose turn it is, of those that aren't left alone."""
        now = monotonic()
        for _ in self._replicas:
            self._turn = (self._turn + 1) % len(self._replicas)
            if self._replicas[self._turn].rested_at <= now:
                return self._replicas[self._turn]
        return None

    @staticmethod
    def leave(replica: Replica) -> None:
        """Leave one alone for a while."""
        replica.rested_at = monotonic() + _REST

    async def position(self) -> str:
        """Tell what the database has committed, as GTIDs; empty if it keeps no binary log of them."""
        if self.dialect is None:
            ((version,),) = await self.primary.look_up("SELECT VERSION()")
            self.dialect = _MARIADB if "MariaDB" in version else _MYSQL
        ((position,),) = await self.primary.look_up(self.dialect.position)
        return str(position)

    async def has(self, replica: Database, position: str, seconds: float = BEHIND) -> bool:
        """Tell whether a replica has everything up to a position, or gets there in so many seconds.

        Raises:
            Unavailable, TimeoutError: it is away, or doesn't answer.
        """
        assert self.dialect is not None  # noqa: S101 - who has a position has asked for it
        async with asyncio.timeout(seconds + _NO_ANSWER):
            ((waited,),) = await replica.select(
                self.dialect.wait, position=position, milliseconds=round(seconds * 1000)
            )
        return bool(waited == 0)

    async def follows(self, replica: Database, position: str) -> bool:
        """Tell whether a replica that has everything up to a position has it of this database, and of nobody else.

        Raises:
            Unavailable, TimeoutError: it is away, or doesn't answer.
        """
        assert self.dialect is not None  # noqa: S101 - who has a position has asked for it
        async with asyncio.timeout(_NO_ANSWER):
            ((theirs, read_only),) = await replica.select(self.dialect.state)
        if str(read_only).upper() in _WRITTEN_TO:
            return False
        if theirs == position:
            return True
        if self.dialect is _MARIADB:
            return on_one_line(position, theirs, await self.position())
        ((subset,),) = await self.primary.look_up(
            "SELECT GTID_SUBSET(%(theirs)s, @@GLOBAL.gtid_executed)", theirs=theirs
        )
        return bool(subset)


class _Reader(Database):
    """The database as one request that only reads has it: its reads go where the first of them found a replica."""

    def __init__(self, replicas: Replicas) -> None:
        super().__init__(replicas.primary.url)
        self._replicas = replicas
        self._chosen: asyncio.Future[Replica | None] | None = None
        self._failed = False

    async def execute(self, sql: str, **parameters: Any) -> int:
        """Run one statement that writes, on the database."""
        return await self._replicas.primary.execute(sql, **parameters)

    async def transaction(self, work: Callable[[Transaction], Awaitable[T]], **how: Any) -> T:
        """Run ``work`` in one transaction, on the database."""
        return await self._replicas.primary.transaction(work, **how)

    async def ask(self, statement: str) -> list[Row]:
        """Run one SELECT that is written out."""
        return await self._read(lambda db: db.ask(statement))

    async def ask_shared(self, statement: str) -> list[Row]:
        """Run one that is written out, and may share a round trip."""
        return await self._read(lambda db: db.ask_shared(statement))

    async def ask_by_keys(self, sql: str, column: str, keys: Sequence[bytes]) -> list[Row]:
        """Run one for the rows of some keys."""
        return await self._read(lambda db: db.ask_by_keys(sql, column, keys))

    async def _read(self, ask: Callable[[Database], Awaitable[list[Row]]]) -> list[Row]:
        """Ask the replica, or the database where there is none, or from where it fails on."""
        if self._chosen is None:
            self._chosen = asyncio.ensure_future(self._replicas.choose())
        replica = None if self._failed else await asyncio.shield(self._chosen)
        if replica is not None:
            try:
                async with asyncio.timeout(_LONGEST + _GRACE):
                    return await ask(replica.db)
            except (TimeoutError, ConnectionLost, Unreachable):
                self._replicas.leave(replica)
            except (Unavailable, DatabaseFailure):
                pass  # it was this statement, or whoever asks for too much at once: the replica is there for others
            self._failed = True
        return await ask(self._replicas.primary)
