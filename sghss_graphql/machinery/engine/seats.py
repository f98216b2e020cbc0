"""Large operations wait for a seat before they hold anything, so that those which run are done soon.

More of them than there are connections to the database can't all get on; they hold rows and objects that wait, until
nothing of what is worked on is in the processor's caches: of 32 at once each cost half as much again as of ten
(bench/README.md). Whoever asks for little needs no seat, and no seat is kept by who waits for something slow.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from sghss_graphql.machinery.deadline import Timers

PATIENCE = 0.05
"""Seconds after which who is seated waits for something else than the processor: their seat is lent to the next."""
_OF_ONE = 3
"""One asker has this part of them at most, as of the connections."""


class Seats:
    """``most`` at once; the next is of whoever has the fewest, and among those of whoever's turn was longest ago."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._most_of_one = max(1, most // _OF_ONE)
        self._seated: Counter[Hashable] = Counter()
        """By asker, those whose seats are lent too."""
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        self._patience = Timers(PATIENCE)

    @asynccontextmanager
    async def one(self, asker: Hashable) -> AsyncIterator[None]:
        """Hold a seat."""
        await self._take(asker)
        seats = 1

        def lend() -> None:
            nonlocal seats
            seats = 0
            self._let_in(1)

        timer = self._patience.start(lend)
        try:
            yield
        finally:
            timer.cancel()
            self._leave(asker, seats)

    async def _take(self, asker: Hashable) -> None:
        if self._free and self._seated[asker] < self._most_of_one:  # then nobody waits who could have it
            self._seat(asker)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(asker, turn)
            else:  # it was given just before
                self._leave(asker, 1)
            raise

    def _seat(self, asker: Hashable) -> None:
        self._free -= 1
        self._seated[asker] += 1

    def _leave(self, asker: Hashable, seats: int) -> None:
        self._seated[asker] -= 1
        if not self._seated[asker]:
            del self._seated[asker]
        self._let_in(seats)

    def _let_in(self, seats: int) -> None:
        """Give seats that are free now to the next ones."""
        self._free += seats
        while self._free and self._waiting:
            asker = min(self._waiting, key=lambda one: self._seated[one])
            if self._seated[asker] >= self._most_of_one:
                return
            turns = self._waiting[asker]
            turn = turns.popleft()
            goes = not turn.done()  # whoever waited may have been cancelled in this very turn of the loop
            if goes or not turns:
                del self._waiting[asker]
            if goes:
                if turns:
                    self._waiting[asker] = turns  # behind the others
                self._seat(asker)
                turn.set_result(None)

    def _forget(self, asker: Hashable, turn: asyncio.Future[None]) -> None:
        """Take somebody who left out of those who wait."""
        turns = self._waiting.get(asker, deque())
        if turn in turns:
            turns.remove(turn)
            if not turns:
                del self._waiting[asker]
