"""Look-ups that are asked for at once share a round trip, and nothing else: one that fails, fails alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.bulk import BulkResult
from sghss_graphql.machinery.database.connections import Connection
from sghss_graphql.machinery.database.failures import ConnectionLost, DatabaseFailure
from sghss_graphql.machinery.database.sharing import Answered, SharedLookUps
from sghss_graphql.machinery.faults import Unavailable
from tests.hospital import Hospital


@dataclass
class _Server:
    """Answers each statement with itself, up to one that fails; ``commands`` is what it was sent."""

    failing: dict[str, Exception] = field(default_factory=dict)
    once: bool = False
    commands: list[list[str]] = field(default_factory=list)

    async def run(self, statements: Sequence[str]) -> Answered:
        self.commands.append(list(statements))
        await asyncio.sleep(0)
        for number, statement in enumerate(statements):
            if statement in self.failing:
                error = self.failing.pop(statement) if self.once else self.failing[statement]
                return [[(text,)] for text in statements[:number]], error
        return [[(text,)] for text in statements], None

    async def ask(self, *statements: str) -> list[object]:
        shared = SharedLookUps(self.run)
        return list(await asyncio.gather(*map(shared.rows, statements), return_exceptions=True))


async def test_what_is_asked_for_at_once_goes_together_eight_at_a_time() -> None:
    server = _Server()
    texts = [str(n) for n in range(20)]
    assert await server.ask(*texts) == [[(text,)] for text in texts]
    assert server.commands == [texts[:8], texts[8:16], texts[16:]]


async def test_whoever_is_alone_goes_alone_and_so_does_a_long_one() -> None:
    server, long = _Server(), "x" * 70_000
    shared = SharedLookUps(server.run)
    assert await shared.rows("1") == [("1",)]
    await asyncio.gather(shared.rows("2"), shared.rows(long), shared.rows("3"))
    assert sorted(server.commands, key=len) == [["1"], [long], ["2", "3"]]


@pytest.mark.parametrize("place", range(5))
async def test_one_that_fails_fails_alone(place: int) -> None:
    failure = DatabaseFailure(1242)
    server = _Server({str(place): failure})
    answers = await server.ask(*map(str, range(5)))
    assert answers == [failure if n == place else [(str(n),)] for n in range(5)]


async def test_all_may_fail_each_with_its_own() -> None:
    failures = {str(n): DatabaseFailure(n) for n in range(5)}
    assert await _Server(dict(failures)).ask(*failures) == list(failures.values())


async def test_a_lost_connection_is_tried_once_more_and_not_for_ever() -> None:
    server = _Server({"1": ConnectionLost()}, once=True)
    assert await server.ask("0", "1", "2") == [[("0",)], [("1",)], [("2",)]]
    lost = ConnectionLost()
    server = _Server({"0": lost})
    assert await server.ask("0", "1") == [lost, [("1",)]]
    assert server.commands == [["0", "1"], ["0", "1"], ["1"]]


async def test_without_a_connection_all_are_told() -> None:
    async def run(_: Sequence[str]) -> Answered:
        raise away

    away = Unavailable()
    shared = SharedLookUps(run)
    assert await asyncio.gather(shared.rows("1"), shared.rows("2"), return_exceptions=True) == [away, away]


async def test_whoever_stops_waiting_leaves_it_to_the_others() -> None:
    server = _Server()
    shared = SharedLookUps(server.run)
    asking = [asyncio.create_task(shared.rows(text)) for text in "abc"]
    await asyncio.sleep(0)
    asking[1].cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    assert [task.cancelled() for task in asking] == [False, True, False]
    assert asking[2].result() == [("c",)]


async def test_what_nobody_waits_for_any_more_is_not_sent_again() -> None:
    server = _Server({"a": DatabaseFailure(1242)})
    shared = SharedLookUps(server.run)
    asking = [asyncio.create_task(shared.rows(text)) for text in "abc"]
    await asyncio.sleep(0)
    asking[1].cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    assert server.commands == [["a", "b", "c"], ["c"]]


async def test_a_fault_of_ours_leaves_nobody_waiting() -> None:
    async def run(_: Sequence[str]) -> Answered:
        raise LookupError

    shared = SharedLookUps(run)
    answers = await asyncio.gather(shared.rows("1"), shared.rows("2"), return_exceptions=True)
    assert list(map(type, answers)) == [Unavailable] * 2


@pytest.fixture
async def db(hospital: Hospital) -> AsyncIterator[Database]:
    db = Database(hospital.server.owner_url, size=3, statement_timeout=0.5)
    yield db
    await db.close()


async def test_of_the_server_each_gets_its_own_rows(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[int] = []
    run = Connection.run

    async def count(self: Connection, *statements: str) -> BulkResult:
        commands.append(len(statements))
        return await run(self, *statements)

    monkeypatch.setattr(Connection, "run", count)
    await db.select("SELECT 1")
    commands.clear()
    found = await asyncio.gather(*(db.look_up("SELECT %(n)s, REPEAT('ç', %(n)s)", n=n) for n in range(20)))
    assert found == [[(n, "ç" * n)] for n in range(20)]
    assert sorted(commands)[-3:] == [4, 8, 8]


async def test_of_the_server_one_that_fails_or_takes_too_long_fails_alone(db: Database) -> None:
    slow = "SELECT COUNT(*) FROM consulta a JOIN consulta b ON CONCAT(a.motivo, a.fim) < CONCAT(b.motivo, b.fim)"
    asked = ["SELECT 1", "SELECT * FROM nao_existe", "SELECT 2", slow, "SELECT 3"]
    answers = await asyncio.gather(*map(db.look_up, asked), return_exceptions=True)
    assert answers[::2] == [[(1,)], [(2,)], [(3,)]]
    assert isinstance(answers[1], DatabaseFailure)
    assert isinstance(answers[3], Unavailable)


async def test_of_the_server_dead_connections_are_replaced(db: Database, hospital: Hospital) -> None:
    await asyncio.gather(*(db.select("SELECT SLEEP(0.05)") for _ in range(3)))
    for (number,) in await hospital.dono.select(
        "SELECT id FROM information_schema.processlist WHERE command = 'Sleep' AND id <> CONNECTION_ID()"
    ):
        await hospital.dono.execute(f"KILL {int(number)}")
    assert await asyncio.gather(*(db.look_up("SELECT %(n)s", n=n) for n in range(30))) == [[(n,)] for n in range(30)]


async def test_who_asks_for_little_goes_with_others_who_do_and_not_behind_much() -> None:
    server = _Server()
    shared = SharedLookUps(server.run)
    many, few = [f"{n}" * 9_000 for n in range(3)], ["a", "b"]
    await asyncio.gather(*map(shared.rows, (many[0], few[0], many[1], few[1], many[2])))
    assert server.commands == [["a", "b", many[0]], [many[1]], [many[2]]]
