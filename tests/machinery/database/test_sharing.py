"""Look-ups that are asked for at once share a round trip, and nothing else: one that fails, fails alone."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.machinery.database.bulk import BulkResult
from sghss_graphql.machinery.database.connections import ASKER, Connection, Several
from sghss_graphql.machinery.database.failures import ConnectionLost, DatabaseFailure
from sghss_graphql.machinery.database.forms import Row
from sghss_graphql.machinery.database.meter import METER, Meter
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


async def test_what_one_turn_began_asks_along_with_it() -> None:
    """A booking looks up people by tasks, and what blocks an agenda by a task of a task's: they go together."""
    server = _Server()
    shared = SharedLookUps(server.run)

    async def several() -> list[list[Row]]:
        return await asyncio.gather(shared.rows("2"), shared.rows("3"))

    assert await asyncio.gather(shared.rows("1"), several()) == [[("1",)], [[("2",)], [("3",)]]]
    assert server.commands == [["1", "2", "3"]]
    await asyncio.gather(*(several() for _ in range(2)), shared.rows("1"))
    assert sorted(map(sorted, server.commands[1:])) == [["1", "2", "2", "3", "3"]]


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


KEYS = [bytes([n]) * 16 for n in range(250)]


class _Table:
    """Answers with the rows of the keys that a statement has, in an order of its own; those of even keys exist."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.failing: dict[str, Exception] = {}
        """By what a statement has in it, what becomes of it."""

    async def run(self, statements: Sequence[str]) -> Answered:
        self.statements += statements
        await asyncio.sleep(0)
        answers: list[list[Row]] = []
        for statement in statements:
            for part, failure in self.failing.items():
                if part in statement:
                    return answers, failure
            keys = [bytes.fromhex(key) for key in re.findall(r"x'(\w+)'", statement)]
            answers.append([(key, statement[:8]) for key in sorted(keys, reverse=True) if key[0] % 2 == 0])
        return answers, None

    @staticmethod
    def rows(keys: Iterable[bytes]) -> set[Row]:
        return {(key, "SELECT a") for key in keys if key[0] % 2 == 0}


async def test_who_asks_for_the_same_of_some_keys_shares_a_statement_and_gets_their_own() -> None:
    table, chance = _Table(), random.Random(1)
    shared = SharedLookUps(table.run)
    asked = [chance.choices(KEYS[:30], k=chance.randint(1, 9)) for _ in range(12)]
    asked = [list(dict.fromkeys(keys)) for keys in asked]
    answers = await asyncio.gather(*(shared.by_keys("SELECT a", "a.id", keys) for keys in asked))
    assert [set(rows) for rows in answers] == [table.rows(keys) for keys in asked]
    assert [len(rows) for rows in answers] == [len(table.rows(keys)) for keys in asked]
    assert len(table.statements) == 1
    assert await shared.by_keys("SELECT a", "a.id", KEYS[:1]) == [(KEYS[0], "SELECT a")]
    assert table.statements[1] == f"SELECT a WHERE a.id = x'{KEYS[0].hex()}'"


async def test_other_statements_and_other_columns_are_others() -> None:
    table = _Table()
    shared = SharedLookUps(table.run)
    asked = [("SELECT a", "a.id"), ("SELECT b", "a.id"), ("SELECT a", "a.b"), ("SELECT a", "a.id")]
    await asyncio.gather(*(shared.by_keys(*one, [KEYS[n]]) for n, one in enumerate(asked)))
    assert len(table.statements) == 3


async def test_of_many_keys_there_are_several_statements_and_who_asks_for_many_has_their_own() -> None:
    table = _Table()
    shared = SharedLookUps(table.run)
    asked = [KEYS[n * 40 : (n + 1) * 40] for n in range(6)] + [KEYS[:51]]
    answers = await asyncio.gather(*(shared.by_keys("SELECT a", "a.id", keys) for keys in asked))
    assert [set(rows) for rows in answers] == [table.rows(keys) for keys in asked]
    assert sorted(statement.count("x'") for statement in table.statements) == [40, 51, 200]


async def test_whose_statement_fails_together_is_asked_for_alone() -> None:
    table, failure = _Table(), DatabaseFailure(1242)
    table.failing = {KEYS[3].hex(): failure}
    shared = SharedLookUps(table.run)
    asked = [[KEYS[0], KEYS[2]], [KEYS[3], KEYS[4]], [KEYS[2], KEYS[6]]]
    answers: list[Any] = await asyncio.gather(
        *(shared.by_keys("SELECT a", "a.id", keys) for keys in asked), return_exceptions=True
    )
    assert answers[1] is failure
    assert [set(answers[n]) for n in (0, 2)] == [table.rows(asked[n]) for n in (0, 2)]


async def test_of_many_who_share_one_that_fails_each_is_asked_for_in_commands_of_a_few() -> None:
    failure = DatabaseFailure(1054)
    commands: list[int] = []

    async def run(statements: Sequence[str]) -> Answered:
        commands.append(len(statements))
        return [], failure

    shared = SharedLookUps(run)
    answers = await asyncio.gather(
        *(shared.by_keys("SELECT a", "a.id", [key]) for key in KEYS[:120]), return_exceptions=True
    )
    assert answers == [failure] * 120
    assert max(commands) == 8
    assert sum(commands) <= 1 + 15 * 36, "in each command of eight one after the other fails"


async def test_what_is_no_key_is_told_to_whoever_asked_with_it_alone() -> None:
    table = _Table()
    shared = SharedLookUps(table.run)
    wrong: Any = [object()]
    answers: list[Any] = await asyncio.gather(
        *(shared.by_keys("SELECT a", "a.id", keys) for keys in ([KEYS[0]], wrong, [KEYS[2]])), return_exceptions=True
    )
    assert isinstance(answers[1], TypeError)
    assert [answers[0], answers[2]] == [[(KEYS[0], "SELECT a")], [(KEYS[2], "SELECT a")]]
    assert await shared.by_keys("SELECT a", "a.id", [KEYS[4]]) == [(KEYS[4], "SELECT a")]


async def test_whoever_leaves_before_they_asked_asks_nothing() -> None:
    table = _Table()
    shared = SharedLookUps(table.run)
    asking = [asyncio.create_task(one) for one in (shared.by_keys("SELECT a", "a.id", [KEYS[0]]), shared.rows("x"))]
    for one in asking:
        one.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    assert await shared.rows(f"SELECT a x'{KEYS[2].hex()}'") == [(KEYS[2], "SELECT a")]
    assert len(table.statements) == 1


async def test_whoever_leaves_before_it_is_written_has_it_noted_by_its_name() -> None:
    shared = SharedLookUps(_Table().run)
    meter = Meter(ran=[])

    async def ask() -> None:
        METER.set(meter)
        await shared.by_keys("/* pacientes.por_ids */ SELECT a", "a.id", [KEYS[0]])

    asking = asyncio.create_task(ask())
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert [one.name for one in meter.ran or ()] == ["pacientes.por_ids"]


async def test_who_shares_a_statement_may_go_away_and_a_lost_connection_is_tried_once_more() -> None:
    table = _Table()
    shared = SharedLookUps(table.run)
    asking = [asyncio.create_task(shared.by_keys("SELECT a", "a.id", [KEYS[n]])) for n in (0, 2, 4)]
    await asyncio.sleep(0)
    asking[1].cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    assert [task.cancelled() for task in asking] == [False, True, False]
    assert asking[2].result() == [(KEYS[4], "SELECT a")]
    lost = ConnectionLost()
    table.failing = {"x'": lost}
    answers = await asyncio.gather(
        *(shared.by_keys("SELECT a", "a.id", [KEYS[n]]) for n in (0, 2)), return_exceptions=True
    )
    assert answers == [lost, lost]
    assert len(table.statements) <= 6


async def test_whoever_shares_a_statement_asks_on_their_own_behalf_alone() -> None:
    """Where connections are scarce, a statement of several is all theirs; a shared one that is all one's is theirs."""
    askers: list[object] = []

    class Noting(_Table):
        async def run(self, statements: Sequence[str]) -> Answered:
            askers.append(ASKER.get())
            return await super().run(statements)

    shared = SharedLookUps(Noting().run)

    async def ask(who: object, key: bytes) -> None:
        ASKER.set(who)
        await shared.by_keys("SELECT a", "a.id", [key])

    await asyncio.gather(ask(b"um", KEYS[0]), ask(bytes(bytearray(b"um")), KEYS[2]))
    await asyncio.gather(ask("um", KEYS[0]), ask("outro", KEYS[2]))
    assert askers == [b"um", Several(("um", "outro"))]


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


async def test_of_the_server_each_gets_the_rows_of_their_own_keys(db: Database, hospital: Hospital) -> None:
    keys = [key for (key,) in await hospital.dono.select("SELECT id FROM pessoa ORDER BY id LIMIT 6")]
    assert len(keys) > 3
    asked = [keys[:1], keys[1:3], [keys[0], keys[-1]], [b"\0" * 16], []]
    alone = [await db.by_keys("SELECT e.id, e.nome FROM pessoa e", "e.id", one) for one in asked]
    together = await asyncio.gather(*(db.by_keys("SELECT e.id, e.nome FROM pessoa e", "e.id", one) for one in asked))
    assert list(map(sorted, together)) == list(map(sorted, alone))
    assert [{row[0] for row in rows} for rows in alone] == [set(one) & set(keys) for one in asked]

    async def inside(tx: Transaction) -> list[list[Row]]:
        return [await tx.by_keys("SELECT e.id, e.nome FROM pessoa e", "e.id", one) for one in asked]

    assert list(map(sorted, await db.transaction(inside))) == list(map(sorted, alone))


async def test_who_asks_for_little_goes_with_others_who_do_and_not_behind_much() -> None:
    server = _Server()
    shared = SharedLookUps(server.run)
    many, few = [f"{n}" * 9_000 for n in range(3)], ["a", "b"]
    await asyncio.gather(*map(shared.rows, (many[0], few[0], many[1], few[1], many[2])))
    assert server.commands == [["a", "b", many[0]], [many[1]], [many[2]]]
