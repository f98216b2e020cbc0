"""Bounds on how long things may take, for what happens at every request and every statement.

To set a timer of the event loop and take it back is among the dearer things that a small request does, and nearly
all of them are taken back. Timers of the same duration run out in the order in which they were started, so that all
of them can share one of the loop's.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


class Timer:
    """Something to do at ``due`` (``time.monotonic``), unless it is taken back."""

    __slots__ = ("due", "expire")

    def __init__(self, due: float, expire: Callable[[], None]) -> None:
        self.due = due
        self.expire: Callable[[], None] | None = expire

    def cancel(self) -> None:
        """Take it back."""
        self.expire = None


class Timers:
    """Timers that all run for ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running: deque[Timer] = deque()
        self._handle: asyncio.TimerHandle | None = None

    def start(self, expire: Callable[[], None]) -> Timer:
        """Start one."""
        running = self._running
        while running and running[0].expire is None:
            running.popleft()
        timer = Timer(monotonic() + self.seconds, expire)
        running.append(timer)
        if self._handle is None:
            self._wait_for(timer)
        return timer

    def _wait_for(self, timer: Timer) -> None:
        self._handle = asyncio.get_running_loop().call_later(max(timer.due - monotonic(), 0), self._expire)

    def _expire(self) -> None:
        self._handle = None
        running, now = self._running, monotonic()
        while running and (running[0].expire is None or running[0].due <= now):
            expire = running.popleft().expire
            if expire is not None:
                expire()
        if running:
            self._wait_for(running[0])


async def within(timers: Timers, work: Awaitable[T]) -> T:
    """Await ``work``; when it takes longer than these timers run, cancel it, as ``asyncio.timeout`` does.

    Raises:
        TimeoutError: it took longer.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - whoever awaits is in one
    cancelling, expired = task.cancelling(), False

    def expire() -> None:
        nonlocal expired
        expired = True
        task.cancel()

    timer = timers.start(expire)
    try:
        return await work
    except asyncio.CancelledError:
        if expired and task.uncancel() <= cancelling:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
