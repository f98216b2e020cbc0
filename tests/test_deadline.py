"""What takes too long is cancelled, and only that; whoever cancels from outside is obeyed."""

import asyncio

import pytest

from sghss_graphql.deadline import within


async def test_what_is_done_in_time_gives_its_value_or_its_error() -> None:
    async def value() -> int:
        return 7

    async def fault() -> None:
        raise KeyError

    assert await within(1, value()) == 7
    with pytest.raises(KeyError):
        await within(1, fault())


async def test_what_takes_longer_is_cancelled_and_the_task_goes_on() -> None:
    cleaned = False

    async def slow() -> None:
        nonlocal cleaned
        try:
            await asyncio.sleep(60)
        finally:
            cleaned = True

    with pytest.raises(TimeoutError):
        await within(0.01, slow())
    assert cleaned
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    assert await within(1, asyncio.sleep(0.01, "vai")) == "vai"


async def test_one_inside_another_ends_the_one_that_is_due() -> None:
    async def inner() -> str:
        with pytest.raises(TimeoutError):
            await within(0.01, asyncio.sleep(60))
        return "dentro"

    assert await within(5, inner()) == "dentro"

    async def patient() -> None:
        await within(60, asyncio.sleep(60))

    with pytest.raises(TimeoutError):
        await within(0.01, patient())


async def test_whoever_cancels_from_outside_is_obeyed() -> None:
    task = asyncio.create_task(within(60, asyncio.sleep(60)))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_time_that_has_run_out_is_no_longer_counted() -> None:
    await within(0.02, asyncio.sleep(0))
    await asyncio.sleep(0.05)
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()
