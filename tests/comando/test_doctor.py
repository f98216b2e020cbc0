"""The doctor finds what is wrong with an installation, and ``serve`` refuses to start on it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sghss_graphql.comando import doctor
from sghss_graphql.confianca.tarefas.porta import Ultima
from sghss_graphql.machinery.database import DatabaseUrl
from sghss_graphql.machinery.database.inspection import Verdict
from sghss_graphql.machinery.web.graphiql import Page
from tests.hospital import Hospital
from tests.processes import completed, environment, free_port


def _verdicts(text: str) -> dict[str, str]:
    lines = [line.split(maxsplit=2) for line in text.splitlines()]
    return {line[1]: line[0] for line in lines if len(line) > 1}


async def test_a_sound_installation_is_exit_code_0(hospital: Hospital) -> None:
    code, text = await completed("doctor", env=environment(SGHSS_DATABASE_URL=str(hospital.server.app_url)))
    assert code == 0, text
    assert "falta" not in _verdicts(text).values()
    for looked_at in ("Python", "relógio", "página", "configurações", "versão", "sessão", "direitos", "migrações"):
        assert looked_at in text


async def test_nothing_set_up_is_all_said_at_once() -> None:
    env = environment()
    del env["SGHSS_JWT_SECRET"]
    code, text = await completed("doctor", env=env)
    assert code == 1
    assert "SGHSS_DATABASE_URL" in text
    assert "SGHSS_JWT_SECRET" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("command", ["doctor", "serve", "migrate", "seed"])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://ana:uma-senha-4711@127.0.0.1:1/sghss", "está no ar?"),
        ("mysql://ana:uma-senha-4711@nao-existe.invalid/sghss", "nome da máquina"),
        ("postgres://ana:uma-senha-4711@x/sghss", "começa com mysql://"),
        ("mysql://ana:uma-senha-4711@longe/sghss?ssl_ca=/nao/existe.pem", "ssl_ca"),
    ],
    ids=["nobody listens", "no such host", "another database", "no authority"],
)
async def test_a_database_out_of_reach_is_one_clear_line(command: str, url: str, words: str) -> None:
    code, text = await completed(command, env=environment(SGHSS_DATABASE_URL=url, SGHSS_PORT=str(free_port())))
    assert code == 1
    assert words in text
    assert "uma-senha-4711" not in text
    assert "Traceback" not in text


async def test_a_wrong_password_is_said_without_it(hospital: Hospital) -> None:
    url = str(hospital.server.app_url.with_user("sghss_app", "senha-errada-4711"))
    code, text = await completed("doctor", env=environment(SGHSS_DATABASE_URL=url))
    assert (code, "o usuário ou a senha foram recusados" in text) == (1, True)
    assert "senha-errada" not in text


async def test_serve_refuses_a_user_without_rights_and_says_which(hospital: Hospital) -> None:
    for statement in (
        "CREATE USER meio@'%' IDENTIFIED BY 'uma-senha-4711'",
        "GRANT SELECT ON sghss.* TO meio@'%'",
    ):
        await hospital.dono.transaction(lambda tx, statement=statement: tx.execute(statement))
    try:
        url: DatabaseUrl = hospital.server.owner_url.with_user("meio", "uma-senha-4711")
        env = environment(SGHSS_DATABASE_URL=str(url), SGHSS_PORT=str(free_port()))
        code, text = await completed("serve", env=env)
        assert code == 1
        assert "INSERT em sessao" in text
        assert "sql/grants.sql" in text
    finally:
        await hospital.dono.transaction(lambda tx: tx.execute("DROP USER meio@'%'"))


def test_a_clock_before_our_time_is_wrong() -> None:
    assert doctor.look_at_clock(datetime(2001, 1, 1, tzinfo=UTC)).verdict is Verdict.LACKS
    assert doctor.look_at_clock(datetime(2031, 1, 1, tzinfo=UTC)).verdict is Verdict.FINE


def test_a_page_that_is_missing_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "find_page", lambda: Page(tmp_path, "O passo falhou."))
    finding = doctor.look_at_page()
    assert (finding.verdict, "make pagina" in finding.text) == (Verdict.WARNS, True)


def test_a_disk_that_is_nearly_full_is_told(tmp_path: Path) -> None:
    assert doctor.look_at_disk(tmp_path, 10 * 2**30).verdict is Verdict.FINE
    found = doctor.look_at_disk(tmp_path, 2**30)
    assert (found.verdict, "1.0 GiB livres" in found.text) == (Verdict.WARNS, True)


def test_keys_that_others_can_read_are_old_or_are_not_there_are_told(tmp_path: Path) -> None:
    chave, now = tmp_path / "chave.pem", datetime.now(UTC)
    assert doctor.look_at_key_file(chave, now).verdict is Verdict.LACKS
    chave.touch(0o644)
    assert "chmod 600" in doctor.look_at_key_file(chave, now).text
    chave.chmod(0o600)
    assert doctor.look_at_key_file(chave, now).verdict is Verdict.FINE
    assert "chave nova" in doctor.look_at_key_file(chave, now + timedelta(days=400)).text


def test_tasks_that_nobody_does_are_told() -> None:
    now = datetime(2033, 1, 3, tzinfo=UTC)
    ha_pouco, ha_dias = datetime(2033, 1, 2, 23, 50), datetime(2033, 1, 1)  # noqa: DTZ001 - naive, as in the database
    assert doctor.look_at_tasks([Ultima("varrer", ha_pouco, None)], now).verdict is Verdict.FINE
    found = doctor.look_at_tasks([Ultima("varrer", ha_pouco, None), Ultima("vencer", ha_dias, None)], now)
    assert (found.verdict, "vencer" in found.text, "varrer" in found.text) == (Verdict.WARNS, True, False)
