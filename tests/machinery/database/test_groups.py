"""A group commit: alone at once, together when there is a queue, in order, and nobody fails for a neighbour."""

import asyncio
from collections.abc import Sequence

import pytest

from sghss_graphql.machinery.database.groups import GroupCommit
from sghss_graphql.machinery.faults import Broken, Unavailable


class Disk:
    """Writes what it is given once its gate is open; refuses what it is told to."""

    def __init__(self, *refused: int) -> None:
        self.groups: list[list[int]] = []
        self.gate = asyncio.Event()
        self.refused = set(refused)
        self.away = False

    async def write(self, items: Sequence[int]) -> None:
        self.groups.append(list(items))
        await self.gate.wait()
        if self.away:
            raise Unavailable
        if self.refused & set(items):
            raise Broken


async def _started(*shares: Sequence[int], group: GroupCommit[int]) -> list[asyncio.Task[None]]:
    """Add shares one after the other; each has its turn before the next."""
    tasks = []
    for share in shares:
        tasks.append(asyncio.create_task(group.add(share)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return tasks


async def test_whoever_is_alone_is_written_at_once_and_those_who_come_meanwhile_together() -> None:
    disk = Disk()
    group = GroupCommit(disk.write, most=100)
    tasks = await _started([1], [2, 3], [4], group=group)
    assert disk.groups == [[1]]
    disk.gate.set()
    await asyncio.gather(*tasks)
    assert disk.groups == [[1], [2, 3, 4]]


async def test_a_group_is_bounded_and_in_order_of_arrival() -> None:
    disk = Disk()
    group = GroupCommit(disk.write, most=4)
    tasks = await _started([0], [1, 2], [3, 4, 5, 6, 7], [8], [9, 10, 11], [12], group=group)
    disk.gate.set()
    await asyncio.gather(*tasks)
    assert disk.groups == [[0], [1, 2], [3, 4, 5, 6, 7], [8, 9, 10, 11], [12]]


async def test_nobody_fails_for_a_neighbour() -> None:
    disk = Disk(3)
    group = GroupCommit(disk.write, most=100)
    tasks = await _started([1], [2], [3], [4], group=group)
    disk.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), type(None), Broken, type(None)]


async def test_when_the_database_is_away_it_is_away_for_all_and_the_next_try_again() -> None:
    disk = Disk()
    disk.away = True
    group = GroupCommit(disk.write, most=100)
    tasks = await _started([1], [2], [3], group=group)
    disk.gate.set()
    for task in tasks:
        with pytest.raises(Unavailable):
            await task
    assert len(disk.groups) == 2
    disk.away = False
    await group.add([4])


async def test_a_caller_who_goes_away_holds_nobody_up() -> None:
    disk = Disk()
    group = GroupCommit(disk.write, most=100)
    tasks = await _started([1], [2], [3], group=group)
    tasks[0].cancel()
    tasks[1].cancel()
    disk.gate.set()
    await tasks[2]
    assert disk.groups == [[1], [2, 3]]
    assert tasks[0].cancelled()
    assert tasks[1].cancelled()


async def test_a_writer_that_is_stopped_leaves_nobody_waiting() -> None:
    disk, others = Disk(), asyncio.all_tasks()
    group = GroupCommit(disk.write, most=100)
    tasks = await _started([1], [2], group=group)
    (writer,) = asyncio.all_tasks() - {*tasks, *others}
    writer.cancel()
    for task in tasks:
        with pytest.raises(Unavailable):
            await task
    disk.gate.set()
    await group.add([3])
