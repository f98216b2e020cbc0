"""Look-ups that are asked for at the same moment go to the database as one command.

To a small look-up the round trip is dearer than what it asks for. Nobody waits for company: what is asked for in one
turn of the event loop goes out at its end. Each keeps a statement of its own, with its own conditions, so that who
may see what is decided as if it were alone; and one that fails, fails alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from time import monotonic

from sghss_graphql.machinery.database.connections import ASKER
from sghss_graphql.machinery.database.failures import ConnectionLost
from sghss_graphql.machinery.database.forms import Row
from sghss_graphql.machinery.database.meter import METER, Meter
from sghss_graphql.machinery.database.waiting import fail, succeed
from sghss_graphql.machinery.faults import Unavailable

_MOST = 8
"""In one command: a burst still spreads over several connections."""
_MOST_CHARACTERS = 16_384
"""In one command, unless it is one statement: who asks for little doesn't wait for what others ask for much of."""
Answered = tuple[list[list[Row]], Exception | None]
"""The rows of the statements that were answered, the first ones, and what became of the one after them."""


@dataclass(slots=True, eq=False)
class _LookUp:
    statement: str
    rows: asyncio.Future[list[Row]]
    asker: object
    """On whose behalf: ``connections.ASKER``."""
    waited: float = 0.0
    """Seconds until there was a connection for it."""


class SharedLookUps:
    """Gathers statements for ``run``, which runs them in order on one connection, none after one that failed."""

    def __init__(self, run: Callable[[Sequence[str]], Awaitable[Answered]]) -> None:
        self._run = run
        self._asked: list[_LookUp] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def rows(self, statement: str) -> list[Row]:
        """Give all rows of one SELECT; it is run again if its connection was dead.

        Raises:
            Unavailable, DatabaseFailure: it failed.
        """
        loop = asyncio.get_running_loop()
        look_up = _LookUp(statement, loop.create_future(), ASKER.get())
        if not self._asked:
            loop.call_soon(self._send)
        self._asked.append(look_up)
        meter, before = METER.get(), monotonic()
        try:
            return await look_up.rows
        finally:
            if meter is not None:
                meter.waiting += look_up.waited
                meter.note((statement,), max(0.0, monotonic() - before - look_up.waited))

    def _send(self) -> None:
        asked, self._asked = self._asked, []
        command, characters = list[_LookUp](), 0
        for look_up in sorted(asked, key=lambda look_up: len(look_up.statement)):
            characters += len(look_up.statement)
            if command and (len(command) == _MOST or characters > _MOST_CHARACTERS):
                self._start(command)
                command, characters = [], len(look_up.statement)
            command.append(look_up)
        self._start(command)

    def _start(self, asked: list[_LookUp]) -> None:
        (asker, *others) = {look_up.asker for look_up in asked}
        context = copy_context()
        context.run(METER.set, Meter())  # of all of them: each has its part told
        context.run(ASKER.set, None if others else asker)  # of several it is nobody's: none waits for another's share
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
                    succeed(look_up.rows, rows)
                if not answered and failure is not None:
                    lost_before, lost = lost, isinstance(failure, ConnectionLost)
                    if lost_before or not lost:
                        fail(asked[0].rows, failure)
                asked = [look_up for look_up in asked if not look_up.rows.done()]
        except Unavailable as error:  # there is no connection
            for look_up in asked:
                fail(look_up.rows, error)
        finally:
            for look_up in asked:
                fail(look_up.rows, Unavailable())
