"""What a process does by itself, again and again: a run that fails is told, and the next one comes all the same.

What one process is enough for is done by whoever has its turn; who dies with it loses it after some time.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

log = logging.getLogger("sghss.tasks")


class Turns(Protocol):
    """Whose turn a task is, among all processes that could do it."""

    seconds: float
    """For how long a turn lasts that is not kept."""

    async def take(self, name: str) -> bool:
        """Take a task that is due; False if it isn't, or another process has it."""
        ...

    async def keep(self, name: str) -> bool:
        """Say that a task goes on; False if another process has it by now."""
        ...

    async def done(self, name: str, every: float, failure: str | None) -> None:
        """Let a task go that was done, until ``every`` seconds from now."""
        ...

    async def drop(self, name: str) -> None:
        """Let a task go that was not done."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """What it is called, the seconds between two runs, and one run; with ``turns``, one process at a time does it."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[None]]
    turns: Turns | None = None


@asynccontextmanager
async def repeating(jobs: Iterable[Job]) -> AsyncIterator[None]:
    """Repeat jobs while inside; they end with it, and none of them ends unnoticed before."""
    failed: BaseException | None = None
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(_repeat(job)) for job in jobs]
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - raised again as it is, and not in a group
            failed = error
        for task in running:
            task.cancel()
    if failed is not None:
        raise failed


async def _repeat(job: Job) -> None:
    pause = job.seconds if job.turns is None else min(job.seconds, job.turns.seconds) / 4
    await asyncio.sleep(pause * random.random())  # noqa: S311 - so that processes don't do it all at once
    while True:
        try:
            await (job.run() if job.turns is None else _in_turn(job, job.turns))
        except Exception as error:  # noqa: BLE001 - whatever it is, the next run comes
            log.warning("task %r failed: %s", job.name, type(error).__qualname__)
        await asyncio.sleep(pause)


async def _in_turn(job: Job, turns: Turns) -> None:
    """Run a job if it is this process's turn; whoever loses the turn in between stops."""
    if not await turns.take(job.name):
        return
    run = asyncio.ensure_future(job.run())
    try:
        while not run.done():
            await asyncio.wait([run], timeout=turns.seconds / 3)
            if not run.done() and not await turns.keep(job.name):
                raise TimeoutError
    except BaseException:
        run.cancel()
        await asyncio.wait([run])
        await asyncio.shield(turns.drop(job.name))
        raise
    failure = run.exception()
    await turns.done(job.name, job.seconds, None if failure is None else type(failure).__qualname__)
    if failure is not None:
        raise failure
