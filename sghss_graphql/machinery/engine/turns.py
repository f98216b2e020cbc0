"""A large piece of work waits for a turn, so that in each turn of the event loop there is one, and not forty.

An operation may have many lists that are all here at once. Completed one after the other they would hold the loop as
long as all of them take, however short each is, and whoever asks for little would wait for it at every step. So those
who ask for little go first: a large piece waits until they are answered, though not for long, and where nobody else
asks for anything it doesn't wait at all.
"""

import asyncio
from collections import deque

LARGE = 64
"""Objects of a level from which completing it is a large piece."""
PATIENCE = 0.005
"""Seconds that a large piece waits for those who ask for little: they may wait for the database themselves."""
_WAITS = 20
"""Pieces of one operation that wait so, and then no more."""
_RECENT = 0.02
"""Seconds for which somebody who asks for little is waited for: who takes longer waits for something else."""


class Turns:
    """Turns of one event loop, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[asyncio.Future[None], Part]] = deque()
        self._taken = False
        self._little: dict[Part, None] = {}
        """Operations that run, and have asked for no turn, the latest last."""
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> "Part":
        """Take note of an operation that begins to run."""
        part = Part(self, asyncio.get_running_loop().time())
        self._little[part] = None
        return part

    async def take(self, part: "Part") -> None:
        """Return in a turn of the loop that nobody else has taken."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, part))
        if not self._taken:
            self._taken = True
            self._pass_on()
        await turn

    def one_less(self, part: "Part") -> None:
        """Take note that one of those who asked for little is answered, or asks for more."""
        del self._little[part]
        if not self._little and self._timer is not None:
            self._go_on()

    def _pass_on(self) -> None:
        """Let the next one go on, after those who ask for little."""
        loop = asyncio.get_running_loop()
        if self._little and self._waiting:
            latest, (_, large) = next(reversed(self._little)), self._waiting[0]
            if large.waits < _WAITS and loop.time() - latest.since < _RECENT:
                large.waits += 1
                self._timer = loop.call_later(PATIENCE, self._go_on)
                return
        self._go_on()

    def _go_on(self) -> None:
        """Let the next one go on in the coming turn, and the one after that not before the turn that follows."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            turn, _ = self._waiting.popleft()
            if not turn.done():  # whoever waited may have been cancelled
                turn.set_result(None)
                asyncio.get_running_loop().call_soon(self._pass_on)
                return
        self._taken = False


class Part:
    """What one operation has of the turns."""

    __slots__ = ("_little", "_turns", "since", "waits")

    def __init__(self, turns: Turns, since: float) -> None:
        self._turns = turns
        self._little = True
        self.since = since
        """When it began (the loop's time)."""
        self.waits = 0
        """How often a piece of it has waited for those who ask for little."""

    async def take(self) -> None:
        """Return when a large piece may be worked off; from now on the operation is a large one."""
        self.end()
        await self._turns.take(self)

    def end(self) -> None:
        """Take note that the operation asks for little no more: it is done, or it is large."""
        if self._little:
            self._little = False
            self._turns.one_less(self)
