"""Large operations wait for a seat before they hold anything; whoever asks for little needs none."""

import asyncio
from collections import Counter
from collections.abc import Hashable

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.machinery.engine import Engine, Request, Schema, sized
from sghss_graphql.machinery.engine.seats import Seats
from sghss_graphql.machinery.engine.turns import LARGE
from sghss_graphql.vocabulario.errors import contar


class _Theatre:
    """Everybody who comes: who is seated, and in which order they sat down."""

    def __init__(self, most: int) -> None:
        self.seats = Seats(most)
        self.seated: Counter[Hashable] = Counter()
        self.order: list[Hashable] = []
        self.leave = asyncio.Event()

    async def come(self, asker: Hashable) -> None:
        async with self.seats.one(asker):
            self.seated[asker] += 1
            self.order.append(asker)
            try:
                await self.leave.wait()
            finally:
                self.seated[asker] -= 1


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_one_asker_has_half_of_them_at_most() -> None:
    theatre = _Theatre(10)
    coming = [asyncio.create_task(theatre.come(asker)) for asker in "a" * 20 + "b" + "c"]
    await _settle()
    assert theatre.seated == Counter(a=5, b=1, c=1)
    theatre.leave.set()
    await asyncio.gather(*coming)
    assert theatre.order.count("a") == 20


async def test_the_next_is_of_whoever_has_the_fewest_in_the_order_in_which_they_came() -> None:
    theatre = _Theatre(2)
    first = [asyncio.create_task(theatre.come(asker)) for asker in "ab"]
    await _settle()
    waiting = [asyncio.create_task(theatre.come(asker)) for asker in "aacd"]
    await _settle()
    assert theatre.order == ["a", "b"]
    first[1].cancel()
    await _settle()
    assert theatre.order == ["a", "b", "c"], "a has one already"
    first[0].cancel()
    await _settle()
    assert theatre.order == ["a", "b", "c", "a"], "a came before d"
    theatre.leave.set()
    await asyncio.gather(*waiting)
    assert theatre.order == ["a", "b", "c", "a", "d", "a"]


@given(st.lists(st.tuples(st.sampled_from(["come", "cancel"]), st.integers(0, 4)), max_size=60), st.integers(1, 6))
async def test_none_is_lost_or_doubled_whoever_goes_away_when(steps: list[tuple[str, int]], most: int) -> None:
    theatre = _Theatre(most)
    tasks: list[tuple[int, asyncio.Task[None]]] = []
    for what, asker in steps:
        if what == "come":
            tasks.append((asker, asyncio.create_task(theatre.come(asker))))
        elif tasks:
            tasks.pop(asker % len(tasks))[1].cancel()  # seated or waiting, or given a seat in this very turn
        if asker % 2:
            await _settle()
    await _settle()
    askers = Counter(asker for asker, _ in tasks)
    half = max(1, (most + 1) // 2)
    assert sum(theatre.seated.values()) == min(most, sum(min(half, count) for count in askers.values()))
    assert max(theatre.seated.values(), default=0) <= half
    theatre.leave.set()
    await asyncio.gather(*(task for _, task in tasks))
    assert sum(theatre.seated.values()) == 0
    theatre.order.clear()
    await asyncio.gather(*(theatre.come(number) for number in range(most)))
    assert len(theatre.order) == most


GATE = asyncio.Event()
ENTERED: list[str] = []


@strawberry.type
class Thing:
    number: int


@strawberry.type
class Query:
    @strawberry.field
    @sized(LARGE)
    async def many(self, info: strawberry.Info) -> list[Thing]:
        ENTERED.append(info.field_name)
        await GATE.wait()
        return [Thing(number=1)]

    @strawberry.field
    async def one(self, info: strawberry.Info) -> int:
        return 1


@pytest.fixture
def engine() -> Engine:
    GATE.clear()
    ENTERED.clear()
    return Engine(Schema(Query), tell=contar, at_once=2, deadline=0.5)


async def test_who_asks_for_little_needs_none_and_who_waits_too_long_is_told(engine: Engine) -> None:
    async def ask(query: str, asker: str) -> dict[str, object]:
        return await engine.run(Request(query), None, "…", asker=asker)

    large = [asyncio.create_task(ask("{ many { number } }", asker)) for asker in "abc"]
    await _settle()
    assert len(ENTERED) == 2
    assert await ask("{ one }", "a") == {"data": {"one": 1}}
    assert await ask("{ one }", "d") == {"data": {"one": 1}}
    answers = await asyncio.gather(*large)
    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["SERVICO_INDISPONIVEL"] * 3
    GATE.set()
    assert await ask("{ many { number } }", "a") == {"data": {"many": [{"number": 1}]}}, (
        "those who gave up have given theirs back"
    )
