"""What watches the event loop in all other tests sees who holds it."""

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.loop import Watch


async def _hold(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


async def _collect() -> None:
    gc.collect()


@contextmanager
def _watching(longest: float) -> Iterator[Watch]:
    watch = Watch(Path(__file__).parent, longest)
    end = watch.start()
    try:
        yield watch
    finally:
        end()


async def test_whoever_holds_the_loop_is_named() -> None:
    with _watching(0.05) as watch:
        await asyncio.create_task(_hold(0.06))
        await asyncio.create_task(_hold(0.0))
    assert [seen.split(":")[0] for seen in watch.seen] == ["_hold"]


async def test_to_look_at_garbage_is_nobodys_fault() -> None:
    kept = [[number] for number in range(1_000_000)]
    with _watching(0.03) as watch:
        await asyncio.create_task(_collect())
    assert watch.seen == []
    assert watch.collected > 0.03
    assert len(kept) == 1_000_000
