"""A server is looked at before it is trusted: what is missing is named, with what mends it."""

from collections.abc import AsyncIterator

import pytest

from sghss_graphql.app import grants, migrations, sql_folder
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database import inspection as module
from sghss_graphql.machinery.database.inspection import (
    Finding,
    Verdict,
    about_group,
    inspect_rights,
    inspect_room,
    inspect_server,
    read_grants,
)
from sghss_graphql.machinery.database.migrations import MigrationRefused, migrate, read_statements
from sghss_graphql.machinery.database.url import DatabaseUrl
from tests.hospital import Hospital

_ENSAIO = "senha-do-ensaio-4711"


async def _as_owner(hospital: Hospital, *statements: str) -> None:
    for statement in statements:
        await hospital.dono.transaction(lambda tx, statement=statement: tx.execute(statement))


@pytest.fixture
async def someone(hospital: Hospital) -> AsyncIterator[DatabaseUrl]:
    """A user with no rights yet."""
    await _as_owner(hospital, f"CREATE USER ensaio@'%' IDENTIFIED BY '{_ENSAIO}'")
    yield hospital.server.owner_url.with_user("ensaio", _ENSAIO)
    await _as_owner(hospital, "DROP USER ensaio@'%'")


async def _look(url: DatabaseUrl) -> dict[str, Finding]:
    db = Database(url)
    found = {finding.name: finding for finding in await inspect_server(db, grants())}
    await db.close()
    return found


GRUPO = {
    "group_replication_group_name": "7d0b1c8e-5a4f-4e0a-9b6d-2f1c3a5e7b90",
    "group_replication_member_expel_timeout": "0",
    "group_replication_consistency": "BEFORE_ON_PRIMARY_FAILOVER",
}


async def test_the_applications_user_has_all_it_needs_and_no_more(hospital: Hospital) -> None:
    found = await _look(hospital.server.app_url)
    assert {finding.verdict for finding in found.values()} == {Verdict.FINE}, found
    assert set(found) == {
        "versão", "caracteres", "sessão", "log binário", "durabilidade", "grupo", "TLS", "relógio", "escrita",
        "direitos",
    }  # fmt: skip


async def test_the_owner_may_more_than_is_wise(hospital: Hospital) -> None:
    found = await _look(hospital.server.owner_url)
    assert found["direitos"].verdict is Verdict.WARNS
    assert "a mais" in found["direitos"].text


async def test_each_right_that_is_taken_away_is_missed(hospital: Hospital, someone: DatabaseUrl) -> None:
    """Every right of ``sql/grants.sql`` is needed by what the file says, and none is missed when all are there."""
    for statement in read_statements(grants()):
        await _as_owner(hospital, statement.replace("sghss_app", "ensaio"))
    db = Database(someone)
    assert [finding.verdict for finding in await inspect_rights(db, grants())] == [Verdict.FINE]
    for table, rights in read_grants(grants()).items():
        if rights == {"SELECT"}:
            continue
        for right in rights:
            await _as_owner(hospital, f"REVOKE {right} ON {table} FROM ensaio@'%'")
            (finding,) = await inspect_rights(db, grants())
            assert finding.verdict is Verdict.LACKS
            assert f"{table}" in finding.text
            await _as_owner(hospital, f"GRANT {right} ON {table} TO ensaio@'%'")
    await _as_owner(hospital, "GRANT DELETE ON prontuario TO ensaio@'%'")
    (finding,) = await inspect_rights(db, grants())
    assert (finding.verdict, "DELETE em prontuario" in finding.text) == (Verdict.WARNS, True)
    await db.close()


async def test_trying_the_rights_changes_nothing(hospital: Hospital) -> None:
    count = "SELECT (SELECT COUNT(*) FROM consulta), (SELECT COUNT(*) FROM prontuario), (SELECT COUNT(*) FROM usuario)"
    before = await hospital.dono.select(count)
    db = Database(hospital.server.owner_url)
    await inspect_rights(db, grants())
    await db.close()
    assert await hospital.dono.select(count) == before


async def test_a_session_that_something_changed_is_noticed(hospital: Hospital) -> None:
    db = Database(hospital.server.app_url, size=1)
    await db.select("SELECT 1")
    for change, words in (
        ("SET time_zone = '-03:00'", "fuso horário -03:00"),
        ("SET sql_mode = ''", "modo SQL"),
        ("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE", "isolamento SERIALIZABLE"),
    ):
        await db.transaction(lambda tx, change=change: tx.execute(change))
        found = {finding.name: finding for finding in await inspect_server(db, grants())}
        assert found["sessão"].verdict is Verdict.LACKS
        assert words in found["sessão"].text
    await db.close()


async def test_a_replica_is_told_from_a_server_that_writes(hospital: Hospital) -> None:
    await hospital.dono.select("SET GLOBAL read_only = ON")
    try:
        found = await _look(hospital.server.app_url)
        assert found["escrita"].verdict is Verdict.LACKS
        assert "réplica" in found["escrita"].text
        assert "direitos" not in found
    finally:
        await hospital.dono.select("SET GLOBAL read_only = OFF")


async def test_an_old_server_and_another_clock_are_refused(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OLDEST", {"MariaDB": (99, 0), "MySQL": (99, 0)})
    monkeypatch.setattr(module, "CLOCK_TOLERANCE", -1.0)
    found = await _look(hospital.server.app_url)
    assert "é preciso 99.0" in found["versão"].text
    assert found["relógio"].verdict is Verdict.LACKS


async def test_a_database_of_other_letters_is_refused(hospital: Hospital) -> None:
    await _as_owner(hospital, "CREATE DATABASE ensaio_latin CHARACTER SET latin1")
    try:
        found = await _look(hospital.server.owner_url.with_database("ensaio_latin"))
        assert found["caracteres"].verdict is Verdict.LACKS
        assert "ALTER DATABASE ensaio_latin CHARACTER SET utf8mb4" in found["caracteres"].text
        assert found["direitos"].verdict is Verdict.LACKS
    finally:
        await _as_owner(hospital, "DROP DATABASE ensaio_latin")


async def test_migrations_run_with_the_least_rights_that_are_written_down(
    hospital: Hospital, someone: DatabaseUrl
) -> None:
    """``sql/grants_migracao.sql`` is enough to migrate, and less is refused in words."""
    await _as_owner(hospital, "CREATE DATABASE ensaio_migra CHARACTER SET utf8mb4")
    try:
        await _as_owner(hospital, "GRANT SELECT ON ensaio_migra.* TO ensaio@'%'")
        db = Database(someone.with_database("ensaio_migra"))
        with pytest.raises(MigrationRefused, match=r"grants_migracao\.sql"):
            await migrate(db, migrations())
        for text in read_statements((sql_folder() / "grants_migracao.sql").read_text(encoding="utf-8")):
            await _as_owner(hospital, text.replace("sghss_migra", "ensaio").replace("sghss.", "ensaio_migra."))
        await db.close()
        db = Database(someone.with_database("ensaio_migra"))
        await migrate(db, migrations())
        assert await db.select("SELECT COUNT(*) FROM migracao WHERE concluida_em IS NULL") == [(0,)]
        await db.close()
    finally:
        await _as_owner(hospital, "DROP DATABASE ensaio_migra")


async def test_what_a_power_cut_would_take_is_told(hospital: Hospital) -> None:
    await hospital.dono.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 2")
    try:
        found = (await _look(hospital.server.app_url))["durabilidade"]
    finally:
        await hospital.dono.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
    assert (found.verdict, "innodb_flush_log_at_trx_commit = 1" in found.text) == (Verdict.WARNS, True)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, None),
        ({"wsrep_on": "OFF", "wsrep_sync_wait": "0"}, None),
        ({"group_replication_group_name": "", "group_replication_member_expel_timeout": "5"}, None),
        (GRUPO, None),
        (GRUPO | {"group_replication_member_expel_timeout": "5"}, "expel_timeout = 0"),
        (GRUPO | {"group_replication_consistency": "EVENTUAL"}, "BEFORE_ON_PRIMARY_FAILOVER"),
        ({"wsrep_on": "ON", "wsrep_sync_wait": "15"}, None),
        ({"wsrep_on": "ON", "wsrep_sync_wait": "3"}, "wsrep_sync_wait = 7"),
    ],
)
def test_what_a_group_lacks_is_told(found: dict[str, str], told: str | None) -> None:
    """Real ones are asked in ``make test-cluster``."""
    finding = about_group(found)
    assert finding.verdict is (Verdict.FINE if told is None else Verdict.WARNS)
    assert (told or "") in finding.text


async def test_more_connections_than_the_server_takes_are_told(hospital: Hospital) -> None:
    assert (await inspect_room(hospital.dono, 20)).verdict is Verdict.FINE
    found = await inspect_room(hospital.dono, 10_000)
    assert (found.verdict, "max_connections" in found.text) == (Verdict.WARNS, True)
