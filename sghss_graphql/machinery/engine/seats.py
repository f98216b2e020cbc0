"""Large operations wait for a seat before they hold anything, so that those which run are done soon.

More of them than there are connections to the database can't all get on; they hold rows and objects that wait, until
nothing of what is worked on is in the processor's caches: 32 at once cost half as much again each as ten did
(bench/README.md). Whoever asks for little needs no seat.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Seats:
    """``most`` at once, of which one asker has half at most; the next is of whoever has the fewest."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._most_of_one = max(1, (most + 1) // 2)
        self._seated: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def one(self, asker: Hashable) -> AsyncIterator[None]:
        """Hold a seat."""
        await self._take(asker)
        try:
            yield
        finally:
            self._give(asker)

    async def _take(self, asker: Hashable) -> None:
        if self._free and self._seated[asker] < self._most_of_one:  # then nobody waits who could have it
            self._seat(asker)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give(asker)
            raise

    def _seat(self, asker: Hashable) -> None:
        self._free -= 1
        self._seated[asker] += 1

    def _give(self, asker: Hashable) -> None:
        """Give a seat back, and to the next one."""
        self._free += 1
        self._seated[asker] -= 1
        if not self._seated[asker]:
            del self._seated[asker]
        while self._free and (following := self._next()) is not None:
            whose, turn = following
            if not turn.done():  # whoever waited may have been cancelled
                self._seat(whose)
                turn.set_result(None)

    def _next(self) -> tuple[Hashable, asyncio.Future[None]] | None:
        """Take one who waits: of those who have the fewest seats, whoever's turn it has been longest."""
        asker = min(self._waiting, key=lambda one: self._seated[one], default=None)
        if asker not in self._waiting or self._seated[asker] >= self._most_of_one:
            return None
        turns = self._waiting.pop(asker)
        turn = turns.popleft()
        if turns:
            self._waiting[asker] = turns  # behind the others
        return asker, turn
