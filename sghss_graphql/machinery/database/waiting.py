"""What is told to whoever waits, if they still do: a caller who went away has cancelled their future."""

import asyncio
from typing import TypeVar

T = TypeVar("T")


def succeed(waiting: asyncio.Future[T], result: T) -> None:
    """Give a result."""
    if not waiting.done():
        waiting.set_result(result)


def fail(waiting: asyncio.Future[T], error: Exception) -> None:
    """Raise an error where it is waited for."""
    if not waiting.done():
        waiting.set_exception(error)
