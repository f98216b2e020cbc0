"""What takes too long is cancelled, and only that; whoever cancels from outside is obeyed."""

import asyncio
import weakref
from functools import partial
from typing import Any

import pytest

from sghss_graphql.machinery.deadline import Timers, within

SOON, NEVER = 0.01, 3600  # seconds


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def test_what_is_done_in_time_gives_its_value_or_its_error() -> None:
    async def value() -> int:
        return 7

    async def fault() -> None:
        raise KeyError

    assert await within(Timers(NEVER), value()) == 7
    with pytest.raises(KeyError):
        await within(Timers(NEVER), fault())


async def test_what_takes_longer_is_cancelled_and_the_task_goes_on() -> None:
    cleaned = False

    async def slow() -> None:
        nonlocal cleaned
        try:
            await _for_ever()
        finally:
            cleaned = True

    for _ in range(3):
        with pytest.raises(TimeoutError):
            await within(Timers(SOON), slow())
        assert cleaned
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0


async def test_one_inside_another_ends_the_one_that_is_due() -> None:
    async def inner() -> str:
        with pytest.raises(TimeoutError):
            await within(Timers(SOON), _for_ever())
        return "dentro"

    assert await within(Timers(NEVER), inner()) == "dentro"
    with pytest.raises(TimeoutError):
        await within(Timers(SOON), within(Timers(NEVER), _for_ever()))


async def test_whoever_cancels_from_outside_is_obeyed() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await _for_ever()

    task = asyncio.create_task(within(Timers(NEVER), work()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_timers_run_out_in_their_order_but_for_those_that_were_taken_back() -> None:
    timers, ran = Timers(SOON), list[int]()
    for _ in range(2):
        last = asyncio.Event()
        started = [timers.start(partial(ran.append, number)) for number in range(5)]
        timers.start(last.set)
        started[0].cancel()
        started[3].cancel()
        assert ran == []
        await last.wait()
        assert ran == [1, 2, 4]
        ran.clear()


async def test_timers_that_were_taken_back_are_let_go() -> None:
    timers, kept = Timers(NEVER), list[weakref.ref[Any]]()
    for _ in range(1_000):
        held = partial(print)
        kept.append(weakref.ref(held))
        timers.start(held).cancel()
    del held
    assert not any(ref() for ref in kept)
