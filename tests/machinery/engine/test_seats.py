"""Large operations wait for a seat before they hold anything; whoever asks for little needs none."""

import asyncio
from collections import Counter
from collections.abc import Hashable

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.machinery.engine import Engine, Request, Schema, sized
from sghss_graphql.machinery.engine.seats import PATIENCE, Seats
from sghss_graphql.machinery.engine.turns import LARGE
from sghss_graphql.vocabulario.errors import contar
from tests.processes import until


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


async def test_one_asker_has_a_third_of_them_at_most() -> None:
    theatre = _Theatre(9)
    coming = [asyncio.create_task(theatre.come(asker)) for asker in "a" * 20 + "b" + "c"]
    await _settle()
    assert theatre.seated == Counter(a=3, b=1, c=1)
    theatre.leave.set()
    await asyncio.gather(*coming)
    assert theatre.order.count("a") == 20


async def test_the_next_is_of_whoever_has_the_fewest_and_among_those_each_has_their_turn() -> None:
    theatre = _Theatre(6)
    first = [asyncio.create_task(theatre.come(asker)) for asker in "aabbxx"]
    await _settle()
    waiting = [asyncio.create_task(theatre.come(asker)) for asker in "axccdd"]
    await _settle()
    assert theatre.order == list("aabbxx")
    for leaves, comes in ((2, "c"), (3, "d"), (0, "a"), (1, "c"), (4, "x")):
        first[leaves].cancel()
        await _settle()
        assert theatre.order[-1] == comes, f"after {''.join(map(str, theatre.order))}"
    theatre.leave.set()
    await asyncio.gather(*waiting)


async def test_who_leaves_takes_nobody_elses_turn_away() -> None:
    theatre = _Theatre(3)
    first = [asyncio.create_task(theatre.come(asker)) for asker in "xyz"]
    await _settle()
    waiting = [asyncio.create_task(theatre.come(asker)) for asker in "abca"]
    await _settle()
    first[0].cancel()
    waiting[0].cancel()  # in the same turn of the loop: the seat finds somebody who is gone
    await _settle()
    assert theatre.order == list("xyza")
    theatre.leave.set()
    await asyncio.gather(*waiting[1:])


async def test_a_seat_that_is_kept_for_long_is_lent_but_not_to_the_same_one() -> None:
    theatre = _Theatre(3)
    slow = [asyncio.create_task(theatre.come(asker)) for asker in "abc"]
    waiting = [asyncio.create_task(theatre.come(asker)) for asker in "abcd"]
    await _settle()
    assert theatre.order == list("abc")
    began = asyncio.get_running_loop().time()
    await until(lambda: _is(theatre.order == list("abcd")), 5)
    assert asyncio.get_running_loop().time() - began >= PATIENCE * 0.9
    assert theatre.seated == Counter("abcd")
    theatre.leave.set()
    await asyncio.gather(*slow, *waiting)
    theatre.leave.clear()
    again = [asyncio.create_task(theatre.come(asker)) for asker in "efgh"]
    await _settle()
    assert theatre.seated == Counter("efg"), "what was lent came back once"
    theatre.leave.set()
    await asyncio.gather(*again)


async def _is(truth: bool) -> bool:
    return truth


_STEPS = st.lists(st.tuples(st.sampled_from(["come", "cancel"]), st.integers(0, 4), st.integers(0, 3)), max_size=60)


@given(_STEPS, st.integers(1, 9))
async def test_none_is_lost_or_doubled_whoever_goes_away_when(steps: list[tuple[str, int, int]], most: int) -> None:
    theatre = _Theatre(most)
    tasks: list[tuple[int, asyncio.Task[None]]] = []
    for what, asker, turns in steps:
        if what == "come":
            tasks.append((asker, asyncio.create_task(theatre.come(asker))))
        elif tasks:
            tasks.pop(asker % len(tasks))[1].cancel()  # seated or waiting, or given a seat in this very turn
        for _ in range(turns):
            await asyncio.sleep(0)
    await _settle()
    askers = Counter(asker for asker, _ in tasks)
    third = max(1, most // 3)
    assert sum(theatre.seated.values()) == min(most, sum(min(third, count) for count in askers.values()))
    assert max(theatre.seated.values(), default=0) <= third
    theatre.leave.set()
    await asyncio.gather(*(task for _, task in tasks))
    assert sum(theatre.seated.values()) == 0
    theatre.order.clear()
    await asyncio.gather(*(theatre.come(number) for number in range(most)))
    assert len(theatre.order) == most


async def test_who_is_given_a_seat_and_is_gone_gives_it_back() -> None:
    theatre = _Theatre(1)
    first = asyncio.create_task(theatre.come("a"))
    await _settle()
    second = asyncio.create_task(theatre.come("b"))
    await _settle()
    theatre.leave.set()
    turns = 0
    while theatre.order == ["a"] and not first.done() and turns < 20:
        turns += 1
        await asyncio.sleep(0)
    assert theatre.order == ["a"]
    second.cancel()  # its seat was given by the first, and it hasn't run since
    await asyncio.gather(second, return_exceptions=True)
    await asyncio.wait_for(theatre.come("c"), 5)


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


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def change(self, info: strawberry.Info) -> list[Thing]:
        ENTERED.append(info.field_name)
        await GATE.wait()
        return []


@pytest.fixture
def engine() -> Engine:
    GATE.clear()
    ENTERED.clear()
    return Engine(Schema(Query, mutation=Mutation), tell=contar, at_once=2, deadline=0.5)


async def test_who_asks_for_little_needs_none_and_who_waits_too_long_is_told(engine: Engine) -> None:
    async def ask(query: str, asker: str) -> dict[str, object]:
        return await engine.run(Request(query), None, "…", asker=asker)

    changes = " ".join(f"a{n}: change {{ number }}" for n in range(LARGE // 5))
    changing = [asyncio.create_task(ask(f"mutation {{ {changes} }}", asker)) for asker in "abc"]
    await until(lambda: _is(ENTERED == ["change"] * 3), 5)  # what changes something waits for much else
    large = [asyncio.create_task(ask("{ many { number } }", asker)) for asker in "abc"]
    await _settle()
    assert ENTERED[3:] == ["many"] * 2
    assert await ask("{ one }", "a") == {"data": {"one": 1}}
    assert await ask("{ one }", "d") == {"data": {"one": 1}}
    answers = await asyncio.gather(*large)
    await asyncio.gather(*changing)
    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["SERVICO_INDISPONIVEL"] * 3
    GATE.set()
    assert await ask("{ many { number } }", "a") == {"data": {"many": [{"number": 1}]}}, (
        "those who gave up have given theirs back"
    )
