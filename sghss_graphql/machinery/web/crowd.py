"""How many requests are worked on at once: past that the next one is refused, so that those taken are answered soon.

Without a bound, all of ten times the load that a server can carry waits in it, until nobody is answered in time.
"""

from collections import Counter
from collections.abc import Hashable
from types import TracebackType

from sghss_graphql.machinery.faults import Unavailable


class Crowd:
    """Those who are being answered: ``most`` at once, of whom one asker is half at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._most_of_one = max(1, most // 2)
        self._by_asker: Counter[Hashable] = Counter()
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
        if self.count >= self._most or self._by_asker[asker] >= self._most_of_one:
            self.refused += 1
            raise Unavailable
        self.count += 1
        self._by_asker[asker] += 1

    def leave(self, asker: Hashable) -> None:
        """Give it back."""
        self.count -= 1
        self._by_asker[asker] -= 1
        if not self._by_asker[asker]:
            del self._by_asker[asker]


class Place:
    """One that is taken on entering, and given back on leaving."""

    __slots__ = ("_asker", "_crowd")

    def __init__(self, crowd: Crowd, asker: Hashable) -> None:
        self._crowd, self._asker = crowd, asker

    def __enter__(self) -> None:
        self._crowd.enter(self._asker)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._crowd.leave(self._asker)
