"""The event loop is watched over the whole suite: nothing of the product's may hold it for long.

Each callback is timed by the CPU of its thread, so that a busy machine counts for nothing; the garbage of all the tests
is no fault of whoever happens to be running when it is looked at.
"""

import asyncio
import asyncio.events
import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sghss_graphql

LONGEST = 0.1
"""Seconds: twice what ``make bench-abuse`` allows, on machines of which nothing is known."""


class Watch:
    """Notes what holds a loop for longer than ``longest`` seconds, of the code in ``folder``."""

    def __init__(self, folder: Path, longest: float = LONGEST) -> None:
        self.seen: list[str] = []
        self._folder = str(folder)
        self._longest = longest
        self._collecting = self.collected = 0.0

    def start(self) -> Callable[[], None]:
        """Watch every loop of this process; give what ends it."""
        run = asyncio.events.Handle._run  # noqa: SLF001 - the one place through which every callback goes

        def timed(handle: asyncio.Handle) -> None:
            collected, before = self.collected, time.thread_time()
            run(handle)
            took = time.thread_time() - before - (self.collected - collected)
            if took > self._longest:
                self._note(handle._callback, took)  # type: ignore[attr-defined]  # not in its stubs # noqa: SLF001 - nothing else tells it

        asyncio.events.Handle._run = timed  # type: ignore[method-assign]  # that is the point # noqa: SLF001 - as above
        gc.callbacks.append(self._collect)

        def end() -> None:
            gc.callbacks.remove(self._collect)
            asyncio.events.Handle._run = run  # type: ignore[method-assign]  # given back # noqa: SLF001 - as above

        return end

    def _note(self, callback: Any, took: float) -> None:
        task = getattr(callback, "__self__", None)
        what: Any = task.get_coro() if isinstance(task, asyncio.Task) else callback
        code = getattr(what, "cr_code", None) or getattr(what, "__code__", None)
        if code is not None and code.co_filename.startswith(self._folder):
            self.seen.append(f"{code.co_qualname}: {1000 * took:.0f} ms")

    def _collect(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = time.thread_time()
        else:
            self.collected += time.thread_time() - self._collecting


PRODUCT = Watch(Path(sghss_graphql.__file__).parent)
