"""The watch over the event loop sees what computes long, and lets the rest be."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.laco import LONGEST, PRODUCT, Watch

BUSY = "def busy(seconds, clock):\n    end = clock() + seconds\n    while clock() < end:\n        pass\n"


def _in(path: str) -> Callable[..., Any]:
    """Make a function that computes for some seconds of CPU, as if it stood in a file."""
    names: dict[str, Any] = {}
    exec(compile(BUSY, path, "exec"), names)  # noqa: S102 - our own text
    return names["busy"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("folder", "seconds", "seen"), [(PRODUCT, 3.0, True), (PRODUCT, 0.3, False), ("/elsewhere", 3.0, False)]
)
def test_the_watch_sees_the_product_alone(folder: str, seconds: float, seen: bool) -> None:
    watched: list[Watch] = []

    def thread() -> None:
        watch = Watch()
        watched.append(watch)
        watch.start()
        loop = asyncio.new_event_loop()
        loop.call_soon(_in(f"{folder}/x.py"), seconds * LONGEST, time.thread_time)
        loop.call_later(0.01, loop.stop)
        loop.run_forever()
        loop.close()
        watch.stop()

    other = threading.Thread(target=thread)
    other.start()
    other.join()
    assert bool(watched[0].found) == seen
