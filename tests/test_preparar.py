"""The set-up does each step once for the same files, side by side, and says in words why one can't be done."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import preparar

ROOT = Path(__file__).parents[1]


@pytest.fixture
def environment(tmp_path: Path):
    return preparar.Environment(tmp_path)


def _step(name: str, done: list[str], **more):
    return preparar.Step(name, name, lambda _: done.append(name), [ROOT / "Makefile"], **more)


def test_a_step_is_done_once_for_the_same_files_and_after_those_it_needs(environment) -> None:
    done: list[str] = []
    for _ in range(2):
        first = _step("primeiro", done)
        assert preparar.prepare(environment, [_step("segundo", done, needs=(first,))]) == []
    assert done == ["primeiro", "segundo"]
    preparar.prepare(environment, [_step("primeiro", done, also="outro Python")])
    assert done == ["primeiro", "segundo", "primeiro"]


def test_steps_that_do_not_need_each_other_run_side_by_side(environment) -> None:
    meeting = threading.Barrier(2, timeout=10)
    both = [preparar.Step(name, name, lambda _: meeting.wait(), []) for name in ("um", "outro")]
    assert preparar.prepare(environment, both) == []


def test_an_optional_step_that_fails_is_told_and_not_tried_each_time(environment) -> None:
    tries: list[str] = []

    def fail(_) -> None:
        tries.append("tentou")
        raise preparar.Falhou("sem rede")

    for _ in range(2):
        step = preparar.Step("pagina", "página", fail, [], optional=True)
        assert preparar.prepare(environment, [step]) == [step]
    assert len(tries) == 1
    environment.forget(step)
    preparar.prepare(environment, [preparar.Step("pagina", "página", fail, [], optional=True)])
    assert len(tries) == 2


def test_a_step_that_must_be_stops_those_that_need_it(environment) -> None:
    done: list[str] = []

    def fail(_) -> None:
        raise preparar.Falhou("sem rede")

    base = preparar.Step("base", "base", fail, [])
    with pytest.raises(preparar.Falhou, match="sem rede"):
        preparar.prepare(environment, [_step("depois", done, needs=(base,))])
    assert done == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "o disco está cheio"),
        ("npm error code ENOSPC", "o disco está cheio"),
        ("SSLError(CERTIFICATE_VERIFY_FAILED: certificate is not yet valid)", "o relógio desta máquina marca"),
        ("E: Release file is not valid yet (invalid for another 300d)", "o relógio desta máquina marca"),
        ("npm error code CERT_HAS_EXPIRED", "o relógio desta máquina marca"),
        ("o relógio desta máquina não combina com as datas dos pacotes: acerte-o", "o relógio desta máquina marca"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "não confere com a soma"),
        ("Temporary failure in name resolution", "confira a rede e o proxy"),
        ("npm error network request failed, reason: ECONNREFUSED", "confira a rede e o proxy"),
        ("PermissionError: [Errno 13] Permission denied: '/x'", "falta permissão"),
        ("bla\nErro: O disco está cheio.\n", "O disco está cheio."),
        ("???", "um comando terminou com erro"),
    ],
)
def test_the_reason_is_said_in_portuguese(said: str, words: str, tmp_path: Path) -> None:
    assert words in preparar.reason(said, tmp_path / "ainda/não/existe")


def test_a_clock_before_our_time_is_the_reason_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparar, "MADE_IN", 9999)
    assert "acerte-o" in preparar.reason("???", tmp_path)


def test_a_checkout_that_cannot_be_written_asks_for_another_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.delenv("SGHSS_HOME", raising=False)
    with pytest.raises(preparar.Falhou, match="SGHSS_HOME"):
        preparar.place(tmp_path)
    monkeypatch.setenv("SGHSS_HOME", str(tmp_path))
    assert preparar.place(tmp_path) == tmp_path / "venv"


def test_an_old_python_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparar, "OLDEST_PYTHON", (99, 0))
    with pytest.raises(preparar.Falhou, match=r"PYTHON=python3\.12"):
        preparar.main()


def test_the_command_takes_the_place_of_the_set_up() -> None:
    ran = subprocess.run(
        [sys.executable, "preparar.py", "python", "-c", "import sys; print(sys.prefix); sys.exit(7)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 7, ran.stderr
    assert ran.stdout.strip().endswith("venv")
