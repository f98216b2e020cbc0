"""A bound on how long something may take, for what happens at every request."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Await ``work``; when it takes longer, cancel it, as ``asyncio.timeout`` does, at half its cost.

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

    timer = task.get_loop().call_later(seconds, expire)
    try:
        return await work
    except asyncio.CancelledError:
        if expired and task.uncancel() <= cancelling:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
