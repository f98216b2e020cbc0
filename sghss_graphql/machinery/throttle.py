"""A token bucket for each caller, in memory: what is cheap to refuse is refused before it costs anything.

The generic cell rate algorithm keeps one number for a caller, the time at which their bucket is full again. Those who
are full again are forgotten, and there is room for so many callers; who comes after that takes the oldest one's place.
"""

from collections import OrderedDict
from collections.abc import Hashable
from time import monotonic


class Throttle:
    """Buckets of ``burst`` tokens, refilled by ``rate`` a second (0: without bound), for at most ``most`` callers."""

    def __init__(self, rate: float, burst: float, most: int = 20_000) -> None:
        self._rate = rate
        self._burst = burst
        self._most = most
        self._full_at: OrderedDict[Hashable, float] = OrderedDict()

    def take(self, caller: Hashable, tokens: float = 1.0, times: float = 1.0) -> float:
        """Take tokens; give 0 if there were enough, else in how many seconds there will be, and take none.

        ``times`` is by how much this caller's bucket is larger and fuller than the others'.
        """
        now = monotonic()
        if not self._rate:
            return 0.0
        seconds, burst = tokens / (self._rate * times), self._burst / self._rate
        full_at = max(self._full_at.get(caller, now), now) + seconds
        if full_at - now > burst:
            return full_at - now - burst
        self._full_at[caller] = full_at
        self._full_at.move_to_end(caller)
        while len(self._full_at) > self._most or next(iter(self._full_at.values())) <= now:
            self._full_at.popitem(last=False)
        return 0.0

    def left(self, caller: Hashable, times: float = 1.0) -> tuple[int, int]:
        """Give how many tokens a caller has left, and in how many seconds the bucket is full again."""
        if not self._rate:
            return 0, 0
        seconds = max(0.0, self._full_at.get(caller, 0.0) - monotonic())
        return int((self._burst - seconds * self._rate) * times), int(seconds) + 1
