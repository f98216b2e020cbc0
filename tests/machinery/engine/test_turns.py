"""In each turn of the event loop one large piece of work is done, and everyone else is served in between."""

import asyncio
from typing import Any

import strawberry

from sghss_graphql.machinery.engine import Engine, Limits, Request, Schema
from sghss_graphql.machinery.engine.turns import LARGE, PATIENCE, Turns
from sghss_graphql.vocabulario.errors import contar


class _Clock:
    """Counts the turns of the loop."""

    def __init__(self) -> None:
        self.turn = 0
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._tick)

    def _tick(self) -> None:
        self.turn += 1
        self._loop.call_soon(self._tick)


async def test_there_is_one_in_each_turn_of_the_loop_in_the_order_in_which_they_asked() -> None:
    turns, clock = Turns(), _Clock()
    taken: list[tuple[int, int]] = []

    async def take(number: int) -> None:
        await turns.begin().take()
        taken.append((clock.turn, number))

    await asyncio.gather(*map(take, range(20)))
    assert [number for _, number in taken] == list(range(20))
    assert len({turn for turn, _ in taken}) == 20


async def test_who_is_alone_waits_for_nobody() -> None:
    turns, clock = Turns(), _Clock()
    for _ in range(5):
        before = clock.turn
        await turns.begin().take()
        assert clock.turn == before
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_who_asks_for_little_is_answered_before_the_next_large_piece() -> None:
    turns = Turns()
    large, little = turns.begin(), turns.begin()
    waiting = asyncio.create_task(large.take())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    little.end()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert waiting.done()
    large.end()  # a large one that ends was counted out long ago
    await turns.begin().take()


async def test_a_large_piece_waits_for_those_who_take_long_but_so_long() -> None:
    turns, loop = Turns(), asyncio.get_running_loop()
    large, stuck = turns.begin(), turns.begin()
    began = loop.time()
    await large.take()
    assert loop.time() - began >= PATIENCE * 0.9
    stuck.end()
    await large.take()


async def test_whoever_waits_for_something_else_keeps_nobody_waiting_for_long() -> None:
    """A hundred pieces beside somebody whose password is being hashed: they would have taken a second."""
    turns, loop = Turns(), asyncio.get_running_loop()
    stuck, large = turns.begin(), turns.begin()
    began = loop.time()
    for _ in range(100):
        await large.take()
    assert loop.time() - began < 0.3
    for _ in range(40):  # nor does one after the other who asks for little
        turns.begin()
        await large.take()
    assert large.waits <= 20
    stuck.end()


async def test_whoever_goes_away_leaves_the_turn_to_the_next_one() -> None:
    turns = Turns()
    waiting = [asyncio.create_task(turns.begin().take()) for _ in range(5)]
    await asyncio.sleep(0)
    for gone in waiting[1:4]:
        gone.cancel()
    done, _ = await asyncio.wait(waiting, timeout=5)
    assert len(done) == 5
    assert [task.cancelled() for task in waiting] == [False, True, True, True, False]


@strawberry.type
class Leaf:
    """One of many."""

    number: int

    @strawberry.field
    async def doubled(self, info: strawberry.Info[Any, Any]) -> int:
        """Await, so that the level above isn't completed in one go."""
        del info
        return 2 * self.number


@strawberry.type
class Query:
    """Lists."""

    @strawberry.field
    async def leaves(self, info: strawberry.Info[Any, Any], many: int) -> list[Leaf]:
        """Give many."""
        del info
        return [Leaf(number=number) for number in range(many)]


async def test_between_two_large_lists_of_an_operation_the_loop_serves_others() -> None:
    engine, lists = Engine(Schema(Query), tell=contar, limits=Limits(objects=10**6)), 30
    text = "{ " + " ".join(f"a{n}: leaves(many: {LARGE}) {{ number doubled }}" for n in range(lists)) + " }"
    small = text.replace(f"many: {LARGE}", "many: 3")
    for _ in range(2):  # the text is known, so that planning it takes no turns
        await engine.run(Request(text), None, "id")
        await engine.run(Request(small), None, "id")
    clock = _Clock()
    assert len((await engine.run(Request(small), None, "id"))["data"]) == lists
    few = clock.turn
    answer = await engine.run(Request(text), None, "id")
    assert [leaf["doubled"] for leaf in answer["data"]["a7"]] == [2 * number for number in range(LARGE)]
    assert clock.turn - few >= few + lists - 1
