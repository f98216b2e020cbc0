"""Look-ups that are asked for at the same moment go to the database as one command.

To a small look-up the round trip is dearer than what it asks for. Nobody waits for company: what is asked for in one
turn of the event loop, or in the next by what that turn began, goes out at its end. Each keeps a statement of its own,
with its own conditions, so that who may see what is decided as if it were alone; and one that fails, fails alone. What
has no conditions, but for the keys of rows, several ask for by one statement, and each is given the rows of their own
keys.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from time import monotonic
from types import NoneType

from sghss_graphql.machinery.database.connections import ASKER, together
from sghss_graphql.machinery.database.failures import ConnectionLost
from sghss_graphql.machinery.database.forms import Row
from sghss_graphql.machinery.database.meter import METER, Meter
from sghss_graphql.machinery.database.statements import of_keys
from sghss_graphql.machinery.database.waiting import fail, succeed
from sghss_graphql.machinery.faults import Unavailable

_MOST = 8
"""In one command: a burst still spreads over several connections."""
_KEYS = {bytes, NoneType}
_FEW_KEYS, _MOST_KEYS = 50, 200
"""Of who shares a statement, and of all who do."""
_MOST_CHARACTERS = 16_384
"""In one command, unless it is one statement: who asks for little doesn't wait for what others ask for much of."""
Answered = tuple[list[list[Row]], Exception | None]
"""The rows of the statements that were answered, the first ones, and what became of the one after them."""


@dataclass(slots=True, eq=False)
class _Alone:
    """A statement that one caller waits for."""

    statement: str
    askers: Sequence[object]
    """On whose behalf: one ``connections.ASKER``."""
    rows: asyncio.Future[list[Row]]
    waited: float = 0.0
    """Seconds until there was a connection for it."""

    def write(self) -> None:
        """Do nothing: it is written."""

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody still waits for its rows."""
        return not self.rows.done()

    def give(self, rows: list[Row]) -> None:
        """Answer it."""
        succeed(self.rows, rows)

    def fail(self, error: Exception) -> None:
        """Tell what became of it."""
        fail(self.rows, error)

    def apart(self) -> "list[_Alone]":
        """Give what is to be asked in its place where it failed: nothing."""
        return []


@dataclass(slots=True, eq=False)
class _ByKeys:
    """A statement of all who ask at once for the same of some keys: each is given the rows of their own."""

    sql: str
    column: str
    askers: list[object] = field(default_factory=list)
    """On whose behalf, as they wait."""
    waiting: list[tuple[Sequence[bytes], asyncio.Future[list[Row]]]] = field(default_factory=list)
    waited: float = 0.0
    """Seconds until there was a connection for it."""
    keys: int = 0
    statement: str = ""
    """Until it is written, what it begins with."""

    def add(self, keys: Sequence[bytes], asker: object, rows: asyncio.Future[list[Row]]) -> None:
        """Let one more wait for it."""
        self.keys += len(keys)
        self.waiting.append((keys, rows))
        self.askers.append(asker)

    def write(self) -> None:
        """Write it, now that all are there."""
        keys = [key for keys, _ in self.waiting for key in keys]
        self.statement = of_keys(self.sql, self.column, list(dict.fromkeys(keys)))

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody still waits for rows of it."""
        return any(not rows.done() for _, rows in self.waiting)

    def give(self, rows: list[Row]) -> None:
        """Answer it: to whom a row is given is decided by its first column, the key."""
        by_key = {row[0]: row for row in rows}
        for keys, waiting in self.waiting:
            succeed(waiting, [by_key[key] for key in keys if key in by_key])

    def fail(self, error: Exception) -> None:
        """Tell what became of it."""
        for _, waiting in self.waiting:
            fail(waiting, error)

    def apart(self) -> "list[_Alone]":
        """Give what is to be asked in its place where it failed: for each who still waits what they asked for."""
        if len(self.waiting) == 1:
            return []
        return [
            _Alone(of_keys(self.sql, self.column, keys), [asker], rows)
            for asker, (keys, rows) in zip(self.askers, self.waiting, strict=True)
            if not rows.done()
        ]


_LookUp = _Alone | _ByKeys


class SharedLookUps:
    """Gathers statements for ``run``, which runs them in order on one connection, none after one that failed."""

    def __init__(self, run: Callable[[Sequence[str]], Awaitable[Answered]]) -> None:
        self._run = run
        self._asked: list[_LookUp] = []
        self._by_keys: dict[tuple[str, str], _ByKeys] = {}
        """Those that others may still share, by SELECT and column."""
        self._under_way: set[asyncio.Task[None]] = set()

    async def rows(self, statement: str) -> list[Row]:
        """Give all rows of one SELECT; it is run again if its connection was dead.

        Raises:
            Unavailable, DatabaseFailure: it failed.
        """
        rows: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        look_up = _Alone(statement, [ASKER.get()], rows)
        self._ask(look_up)
        before = monotonic()
        try:
            return await rows
        finally:
            _note(look_up, before)
            del rows, look_up  # or what failed would hold itself, by its traceback

    async def by_keys(self, sql: str, column: str, keys: Sequence[bytes]) -> list[Row]:
        """Give the rows of some keys, at most one of each; who asks for few shares the statement with others.

        Raises:
            Unavailable, DatabaseFailure: it failed.
            TypeError: a key isn't one.
        """
        if not set(map(type, keys)) <= _KEYS:  # who shares the statement would hear of it
            raise TypeError("a key is 16 bytes, or None")
        if len(keys) > _FEW_KEYS:
            return await self.rows(of_keys(sql, column, keys))
        look_up = self._by_keys.get((sql, column))
        if look_up is None or look_up.keys + len(keys) > _MOST_KEYS:
            look_up = self._by_keys[sql, column] = _ByKeys(sql, column, statement=sql)
            self._ask(look_up)
        rows: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        look_up.add(keys, ASKER.get(), rows)
        before = monotonic()
        try:
            return await rows
        finally:
            _note(look_up, before)
            del rows, look_up  # or what failed would hold itself, by its traceback

    def _ask(self, look_up: _LookUp) -> None:
        if not self._asked:
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._send)  # after the tasks that this turn begins
        self._asked.append(look_up)

    def _send(self) -> None:
        asked, self._asked = self._asked, []
        self._by_keys.clear()
        for look_up in asked:
            look_up.write()
        self._start_all(asked)

    def _start_all(self, asked: Sequence[_LookUp]) -> None:
        """Start them, as many in each command as go together."""
        command, characters = list[_LookUp](), 0
        for look_up in sorted(asked, key=lambda look_up: len(look_up.statement)):
            characters += len(look_up.statement)
            if command and (len(command) == _MOST or characters > _MOST_CHARACTERS):
                self._start(command)
                command, characters = [], len(look_up.statement)
            command.append(look_up)
        self._start(command)

    def _start(self, asked: list[_LookUp]) -> None:
        context = copy_context()
        context.run(METER.set, Meter())  # of all of them: each has its part told
        context.run(ASKER.set, together([asker for look_up in asked for asker in look_up.askers]))
        task = asyncio.get_running_loop().create_task(self._serve(asked), context=context)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    @staticmethod
    def _tell_waited(asked: list[_LookUp]) -> None:
        meter = METER.get()
        for look_up in asked:
            look_up.waited = meter.waiting if meter is not None else 0.0

    async def _serve(self, asked: list[_LookUp]) -> None:
        """Run them, and those again that stood behind one that failed, unless nobody waits for them any more."""
        lost = False
        try:
            while asked:
                answered, failure = await self._run([look_up.statement for look_up in asked])
                self._tell_waited(asked)
                for look_up, rows in zip(asked, answered, strict=False):
                    look_up.give(rows)
                left = asked[len(answered) :]
                if not answered and failure is not None:
                    lost_before, lost = lost, isinstance(failure, ConnectionLost)
                    if lost_before or not lost:
                        failed = left.pop(0)
                        parts = [] if lost else failed.apart()
                        if parts:
                            self._start_all(parts)
                        else:
                            failed.fail(failure)
                asked = [look_up for look_up in left if look_up.is_waited_for]
        except Unavailable as error:  # there is no connection
            for look_up in asked:
                look_up.fail(error)
        finally:
            for look_up in asked:
                look_up.fail(Unavailable())


def _note(look_up: _LookUp, before: float) -> None:
    """Take note, for whoever asked, of how long they waited."""
    meter = METER.get()
    if meter is not None:
        meter.waiting += look_up.waited
        meter.note((look_up.statement,), max(0.0, monotonic() - before - look_up.waited))
