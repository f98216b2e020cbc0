"""A group commit: while one write is on its way, what comes next gathers, and goes as one write too.

Whoever is alone waits for nobody. What is gathered is served in order of arrival, and a write that fails is tried
again share by share, so that nobody fails for what a neighbour sent.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Generic, TypeVar

from sghss_graphql.machinery.database.waiting import fail, succeed
from sghss_graphql.machinery.faults import Unavailable

T = TypeVar("T")


@dataclass(slots=True)
class _Share(Generic[T]):
    """What one caller adds; ``written`` is done when it is durable."""

    items: Sequence[T]
    written: asyncio.Future[None]


class GroupCommit(Generic[T]):
    """Gathers items for ``write``, ``most`` at a time; one caller's items always go together."""

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[None]], *, most: int) -> None:
        self._write = write
        self._most = most
        self._waiting: deque[_Share[T]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def add(self, items: Sequence[T]) -> None:
        """Return when the items are written. A caller who goes away doesn't take them back.

        Raises:
            Unavailable, Broken: they weren't, or it can't be known.
        """
        written = asyncio.get_running_loop().create_future()
        self._waiting.append(_Share(items, written))
        if self._writer is None:
            self._writer = asyncio.create_task(self._serve_all(), context=Context())  # it writes for many
        await written

    async def _serve_all(self) -> None:
        try:
            while self._waiting:
                await self._serve(self._next())
        finally:
            self._writer = None
            for share in self._waiting:  # only when this task was cancelled
                fail(share.written, Unavailable())
            self._waiting.clear()

    def _next(self) -> list[_Share[T]]:
        """Take the shares that were here first: one, and more while they fit."""
        shares = [self._waiting.popleft()]
        size = len(shares[0].items)
        while self._waiting and size + len(self._waiting[0].items) <= self._most:
            share = self._waiting.popleft()
            size += len(share.items)
            shares.append(share)
        return shares

    async def _serve(self, shares: list[_Share[T]]) -> None:
        try:
            await self._write([item for share in shares for item in share.items])
        except Unavailable as error:
            for share in shares:
                fail(share.written, error)
        except asyncio.CancelledError:
            for share in shares:
                fail(share.written, Unavailable())
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller whose items it is about hears of it
            if len(shares) == 1:
                fail(shares[0].written, error)
                return
            for share in shares:
                await self._serve([share])
        else:
            for share in shares:
                succeed(share.written, None)
