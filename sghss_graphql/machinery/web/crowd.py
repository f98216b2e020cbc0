"""How many requests are worked on at once: past that the next one is refused, so that those taken are answered soon.

Without a bound, all of ten times the load that a server can carry waits in it, until nobody is answered in time. How
many are too many is seen from how many are answered: of those who are in, each waits as long as all of them take.
"""

import time
from collections.abc import Hashable
from types import TracebackType

from sghss_graphql.machinery.faults import Unavailable

_CALM = 16
"""Requests at once that are no crowd, however long each takes."""
_PATIENCE = 0.25
"""Seconds that whoever is taken should wait at most, as things go."""
_FOR_THE_FIRST = 4
_LOOK = 0.25
"""Seconds for which a crowd is watched before any is refused, and again and again."""


class Crowd:
    """Those who are being answered: ``most`` at once (0: as many as come), of whom one asker is half at most.

    When more are in than go soon, each asker has an equal part of those who would: whoever asks for much is refused
    before whoever asks for little is. A quarter more come in of those who have nothing else in it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._most_of_one = max(1, most // 2)
        self._by_asker: dict[Hashable, int] = {}
        self._since: float | None = None
        self._crowded_at = -_LOOK
        self._done = self._done_then = 0
        self._bound = most
        self.count = 0
        self.refused = 0

    def one(self, asker: Hashable) -> "Place":
        """Give a place in it, to be held while answering."""
        return Place(self, asker)

    def enter(self, asker: Hashable) -> None:
        """Take a place.

        Raises:
            Unavailable: there is none.
        """
        mine = self._by_asker.get(asker, 0)
        self._look(time.monotonic())
        part = max(1, self._bound // (len(self._by_asker) + (mine == 0)))
        crowded = self.count >= self._bound and mine >= part
        most = self._most if mine else self._most + self._most // _FOR_THE_FIRST
        if self._most and (crowded or self.count >= most or mine >= self._most_of_one):
            self.refused += 1
            raise Unavailable
        self.count += 1
        self._by_asker[asker] = mine + 1

    def leave(self, asker: Hashable) -> None:
        """Give it back."""
        self._done += 1
        self.count -= 1
        left = self._by_asker.pop(asker) - 1
        if left:
            self._by_asker[asker] = left

    def _look(self, now: float) -> None:
        """Judge from how many were answered lately, while there was a crowd, how many may be in at once."""
        if self.count < _CALM:
            if now - self._crowded_at > _LOOK:
                self._since, self._bound = None, self._most
            return
        self._crowded_at = now
        if self._since is None:
            self._since, self._done_then = now, self._done
        elif now - self._since >= _LOOK:
            rate = (self._done - self._done_then) / (now - self._since)
            self._bound = min(self._most, max(_CALM, int(rate * _PATIENCE)))
            self._since, self._done_then = now, self._done


class Place:
    """One that is taken on entering, and given back on leaving."""

    __slots__ = ("_asker", "_crowd")

    def __init__(self, crowd: Crowd, asker: Hashable) -> None:
        self._crowd, self._asker = crowd, asker

    def __enter__(self) -> None:
        self._crowd.enter(self._asker)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._crowd.leave(self._asker)
