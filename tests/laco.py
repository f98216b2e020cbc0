"""Watches the event loop while the tests run: no callback of it may compute for long in the product's code.

Measured as CPU of the loop's thread, a sample at a time, so that a busy machine and slow tests are nobody's fault: a
sample counts for the product if the innermost of our own frames is the product's and not a test's.
"""

import asyncio.events
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType

LONGEST = 0.25  # seconds of CPU: what is asserted exactly, where it is calm, is in ``make bench-abuse``
_EVERY = 0.02
_TESTS = str(Path(__file__).parent)
PRODUCT = str(Path(__file__).parents[1] / "sghss_graphql")
_BEFORE_IT_SERVES = {"create_app", "create_schema", "create_engine", "carregar", "_warm_up", "migrate", "casa"}
"""What takes long, and is done before anybody asks."""


class Watch:
    """Samples one thread's callbacks; ``found`` are those that computed too long: how long, and where."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._thread = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread)
        self._callback = 0  # its number; 0 while there is none
        self._ended = threading.Event()
        self._run = asyncio.events.Handle._run  # noqa: SLF001 - the one place through which every callback goes
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def start(self) -> None:
        """Begin."""
        watch, numbers = self, iter(range(1, sys.maxsize))

        def run(handle: asyncio.Handle) -> None:
            if threading.get_ident() != watch._thread:
                watch._run(handle)
                return
            before, watch._callback = watch._callback, next(numbers)
            try:
                watch._run(handle)
            finally:
                watch._callback = before

        asyncio.events.Handle._run = run  # type: ignore[method-assign] # noqa: SLF001
        self._sampler.start()

    def stop(self) -> None:
        """End."""
        asyncio.events.Handle._run = self._run  # type: ignore[method-assign] # noqa: SLF001
        self._ended.set()
        self._sampler.join()

    def _sample(self) -> None:
        callback, spent, before = 0, 0.0, time.clock_gettime(self._clock)
        while not self._ended.wait(_EVERY):
            now = time.clock_gettime(self._clock)
            used, before = now - before, now
            if self._callback != callback:
                callback, spent = self._callback, 0.0
                continue
            frame = sys._current_frames().get(self._thread)  # noqa: SLF001 - how profilers look at a thread
            if not callback or frame is None or not is_products(frame):
                continue
            spent += used
            if spent > LONGEST:
                where = "".join(traceback.format_stack(frame)[-6:])
                self.found.append(f"{spent:.2f} s of CPU in one callback:\n{where}")
                callback = 0


def is_products(innermost: FrameType) -> bool:
    """Tell whether the innermost of our own frames is the product's, which is serving."""
    frame: FrameType | None = innermost
    owner = None
    while frame is not None:
        path = frame.f_code.co_filename
        if frame.f_code.co_name in _BEFORE_IT_SERVES:
            return False
        if owner is None and path.startswith((_TESTS, PRODUCT)):
            owner = path
        frame = frame.f_back
    return owner is not None and owner.startswith(PRODUCT)
