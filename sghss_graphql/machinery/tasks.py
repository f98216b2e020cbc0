"""What a process does by itself, again and again: a run that fails is logged, and the next one comes all the same."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

log = logging.getLogger("sghss.tasks")

Job = tuple[str, float, Callable[[], Awaitable[None]]]
"""What it is called, the seconds between two runs, and one run."""


@asynccontextmanager
async def repeating(jobs: Iterable[Job]) -> AsyncIterator[None]:
    """Repeat jobs while inside; they end with it, and none of them ends unnoticed before."""
    failed: BaseException | None = None
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(_repeat(*job)) for job in jobs]
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - raised again as it is, and not in a group
            failed = error
        for task in running:
            task.cancel()
    if failed is not None:
        raise failed


async def _repeat(name: str, seconds: float, run: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds * random.random())  # noqa: S311 - so that processes don't do it all at once
    while True:
        try:
            await run()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next run comes
            log.warning("task %r failed: %s", name, type(error).__qualname__)
        await asyncio.sleep(seconds)
