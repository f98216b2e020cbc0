"""A token bucket for each caller, in memory: what is cheap to refuse is refused before it costs anything.

The generic cell rate algorithm keeps one number for a caller, the time at which their bucket is full again. Those who
are full again are forgotten, and there is room for so many callers; who comes after that takes the oldest one's place.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic

_SMALL = 0.001


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
            self._full_at.move_to_end(caller)  # whoever still asks isn't forgotten, nor what they owe
            return full_at - now - burst
        self._remember(caller, full_at, now)
        return 0.0

    def spend(self, caller: Hashable, tokens: float) -> None:
        """Take tokens that are used already, even if there weren't as many: ``take`` refuses until they are back."""
        if self._rate:
            now = monotonic()
            self._remember(caller, max(self._full_at.get(caller, now), now) + tokens / self._rate, now)

    def bill(self, caller: Hashable, refusal: Callable[[float], Exception], times: float = 1.0) -> "Bill":
        """Begin to count the work of one request; ``refusal`` of so many seconds is raised where it is too much."""
        return Bill(self, caller, refusal, times)

    def owed(self, caller: Hashable, share: float, times: float, own: float) -> float:
        """Take a share of a whole bucket, even if there isn't as much left: what is owed has to flow in first.

        Give 0; or, if something was owed already beside the caller's ``own`` share, in how many seconds it will have
        flowed in, and take nothing.
        """
        if not self._rate:
            return 0.0
        now = monotonic()
        whole = self._burst / (self._rate * times)
        full_at = max(self._full_at.get(caller, now), now)
        debt = full_at - now - own * whole - self._burst / self._rate
        if debt > 0:
            return debt
        self._remember(caller, full_at + share * whole, now)
        return 0.0

    def _remember(self, caller: Hashable, full_at: float, now: float) -> None:
        self._full_at[caller] = full_at
        self._full_at.move_to_end(caller)
        while self._full_at and (len(self._full_at) > self._most or next(iter(self._full_at.values())) <= now):
            self._full_at.popitem(last=False)

    def left(self, caller: Hashable, times: float = 1.0) -> tuple[int, int]:
        """Give how many tokens a caller has left, and in how many seconds the bucket is full again."""
        if not self._rate:
            return 0, 0
        seconds = max(0.0, self._full_at.get(caller, 0.0) - monotonic())
        return max(0, int((self._burst - seconds * self._rate) * times)), int(seconds) + 1


class Bill:
    """The work of one request, charged as it becomes known: of the most that one may ask for, a share."""

    __slots__ = ("_caller", "_own", "_refusal", "_throttle", "_times")

    def __init__(
        self, throttle: Throttle, caller: Hashable, refusal: Callable[[float], Exception], times: float
    ) -> None:
        self._throttle, self._caller, self._refusal, self._times = throttle, caller, refusal, times
        self._own = 0.0

    def charge(self, share: float) -> None:
        """Charge a share before the work is done. Less than a thousandth is in the price of a request.

        What other requests of the caller's took, and hasn't flowed in yet, refuses it; then nothing is charged.
        """
        if share < _SMALL:
            return
        wait = self._throttle.owed(self._caller, share, self._times, self._own)
        if wait:
            raise self._refusal(wait)
        self._own += share
