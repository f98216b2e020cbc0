"""The command line as its users read it: Portuguese to the last word, exit codes for scripts, plain where piped."""

import asyncio
import itertools
import os
import pty
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from sghss_graphql.comando import cli
from sghss_graphql.comando.banco import PENDING
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.demo.pessoas import PESSOAS
from tests.hospital import Hospital
from tests.processes import answers, completed, environment, free_port, start, until

CATALOGUE = Path(cli.__file__).parent / "locale/pt_BR/LC_MESSAGES/messages.po"
ENGLISH = re.compile(
    r"\b(Usage|Options|Commands|Error|Show|and exit|help for|Missing|Invalid|No such|required|Aborted)\b"
)
UNSAID = (  # what click says of features that the command doesn't use, and of mistakes in our own code
    "Editing",
    "Windows",
    "DeprecationWarning",
    "Value must be an iterable",
    "Takes {nargs}",
    "defined twice",
    "cannot use the same flag",
    "Could not determine name",
    "No options defined",
    "(dynamic)",
    "Arguments take exactly",
    "Do you want to continue?",
    "Confirm the action",
    "%(prog)s",
    "Invalid start character",
    "Shell completion",
    "Couldn't detect Bash",
    "Unknown color",
    "Press any key",
    "{value!r} is not a valid",
    "Choice(",
    "{value!r} does not match",
    "{value} is not in the range",
    "directory",
    "path",
    "is a file",
    "is not writable",
    "is not executable",
    "values are required",
    "Unknown standard stream",
)


def test_the_catalogue_has_all_that_click_can_say() -> None:
    with CATALOGUE.open("rb") as source:
        translated = read_po(source)
    sources = extract_from_dir(
        Path(click.__file__).parent, method_map=[("**.py", "python")], keywords={"_": None, "ngettext": (1, 2)}
    )
    said = {message if isinstance(message, str) else message[0] for _, _, message, _, _ in sources}
    missing = {text for text in said if text not in translated and not any(part in text for part in UNSAID)}
    assert missing == set()
    assert {message.id for message in translated if message.id and not message.string} == set()


@pytest.mark.parametrize("command", ["", *cli.app.commands])
async def test_help_is_in_portuguese(command: str) -> None:
    code, text = await completed(*filter(None, [command]), "--help", env=environment())
    assert code == 0
    assert text.startswith("Uso: sghss-graphql")
    assert not ENGLISH.search(text), text
    assert "\x1b" not in text


def test_every_option_has_its_words() -> None:
    for command in cli.app.commands.values():
        assert command.help
        assert all(option.help for option in command.params if isinstance(option, click.Option))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["voar"], "Não há o comando voar."),
        (["serv"], "Seria 'serve'?"),
        (["serve", "--nada"], "Não há a opção --nada."),
        (["serve", "--port"], "A opção --port pede um valor."),
        (["dev", "sobra"], "Este argumento sobra: sobra"),
        (["dev", "--preparar=x"], "A opção --preparar não leva valor."),
        (["plan"], "Falta o argumento"),
        (["plan", "/nao/existe"], "não existe"),
        (["plan", "/dev/null", "--como", "diretor"], "diretor não é um destes"),
        ([], "Uso: sghss-graphql"),
    ],
    ids=str,
)
async def test_wrong_usage_is_exit_code_2(arguments: list[str], words: str) -> None:
    code, text = await completed(*arguments, env=environment())
    assert code == 2
    assert words in text
    assert not ENGLISH.search(text), text


@pytest.mark.parametrize(
    "arguments", [["serve", "--port", "muitas"], ["serve", "--workers", "0"], ["dev", "--port", "0"]]
)
async def test_an_option_is_checked_like_its_setting(arguments: list[str]) -> None:
    code, text = await completed(*arguments, env=environment())
    assert code == 1
    assert f"SGHSS_{arguments[1].removeprefix('--').upper()}: o valor não serve; é um número inteiro" in text
    assert arguments[2] not in text.replace("1 ou mais", "").replace("65535", "").replace("64 ou", "")


async def test_an_interrupted_command_is_exit_code_130(hospital: Hospital, tmp_path: Path) -> None:
    """``administrador`` waits for the password; whoever walks away changes nothing."""
    env = environment(SGHSS_DATABASE_URL=str(hospital.server.app_url))
    leader, follower = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sghss_graphql", "administrador"),
        env=env,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # in a background job it is ignored
    )
    os.close(follower)
    loop = asyncio.get_running_loop()
    seen = b""
    while b"CPF" not in seen:
        seen += await loop.run_in_executor(None, os.read, leader, 1000)
    polls = itertools.count()

    async def gone() -> bool:
        """Press Ctrl-C, and again two seconds later: Python can't hear it in the instant before it waits for a key."""
        if process.returncode is None and next(polls) % 40 == 0:
            process.send_signal(signal.SIGINT)
        return process.returncode is not None

    await until(gone)
    assert process.returncode == cli.INTERRUPTED
    os.close(leader)


async def test_colours_are_for_terminals(tmp_path: Path) -> None:
    for variables, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        leader, follower = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sghss_graphql", "doctor"),
            env=environment(**variables),
            stdout=follower,
            stderr=follower,
        )
        os.close(follower)
        await process.wait()
        text = os.read(leader, 10_000)
        os.close(leader)
        assert (b"\x1b[31m" in text) is coloured
    assert "\x1b" not in (await completed("doctor", env=environment()))[1]


async def test_serve_listens_where_its_options_say(hospital: Hospital) -> None:
    port = str(free_port())
    env = environment(SGHSS_DATABASE_URL=str(hospital.server.app_url), SGHSS_PORT="1", SGHSS_WORKERS="1")
    process = await start("serve", "--port", port, "--workers", "2", env=env)
    await answers(f"http://127.0.0.1:{port}", process)
    process.terminate()
    await process.communicate()


async def test_plan_shows_code_sql_and_answer(tmp_path: Path) -> None:
    env = environment(SGHSS_HOME=str(tmp_path / "casa"))
    operation = tmp_path / "operação.graphql"
    operation.write_text("query Meus($n: Int) { eu { nome } consultas(first: $n) { edges { node { inicio } } } }")
    code, text = await completed("plan", str(operation), "--como", "paciente", "--variaveis", '{"n": 2}', env=env)
    assert code == 0, text
    assert "def Consulta_" in text
    assert "FROM consulta c WHERE" in text
    assert "LIMIT 3" in text
    assert f'"nome": "{PESSOAS[0].nome}"' in text
    operation.write_text("{ __schema { queryType { name } } }")
    assert "(executada pelo graphql-core)" in (await completed("plan", str(operation), env=env))[1]
    for wrong, words in (
        ("{ eu {", "não é um documento GraphQL"),
        ("fragment F on Usuario { id }", "não tem operações"),
    ):
        operation.write_text(wrong)
        code, text = await completed("plan", str(operation), env=env)
        assert (code, words in text, "Traceback" in text) == (1, True, False), text
    operation.write_text("{ eu { nome } }")
    code, text = await completed("plan", str(operation), "--variaveis", "[1", env=env)
    assert (code, "JSON" in text) == (1, True)


@pytest.mark.parametrize("folder", ["casa", "c" * 120])  # the second is too long for a socket
async def test_plan_and_doctor_work_beside_a_demo_that_runs(tmp_path: Path, folder: str) -> None:
    env = environment(SGHSS_HOME=str(tmp_path / folder), SGHSS_PORT=str(free_port()))
    operation = tmp_path / "operação.graphql"
    operation.write_text("{ eu { nome } }")
    demo = await start("dev", env=env)
    await answers(f"http://127.0.0.1:{env['SGHSS_PORT']}", demo)
    code, text = await completed("plan", str(operation), "--como", "paciente", env=env)
    assert (code, PESSOAS[0].nome in text) == (0, True), text
    code, text = await completed("doctor", env=env)
    assert (code, "demonstração" in text, "migrações" in text) == (0, True, True), text
    demo.terminate()
    await demo.communicate()
    assert (await completed("doctor", env=env))[0] == 1
    assert (await completed("plan", str(operation), "--como", "paciente", env=env))[0] == 0


async def test_migrate_shows_what_it_would_do(hospital: Hospital) -> None:
    await hospital.dono.transaction(lambda tx: tx.execute("CREATE DATABASE ensaio_status CHARACTER SET utf8mb4"))
    try:
        env = environment(SGHSS_DATABASE_URL=str(hospital.server.owner_url.with_database("ensaio_status")))
        code, text = await completed("migrate", "--status", env=env)
        assert code == PENDING
        assert re.search(r"^0001  pessoas +falta \(\d+ de \d+ comandos\)$", text, re.MULTILINE)
        code, text = await completed("migrate", "--dry-run", env=env)
        assert code == PENDING
        assert "CREATE TABLE prontuario (" in text
        assert (await completed("migrate", "--status", env=env))[0] == PENDING, "nothing was applied"
        assert (await completed("migrate", env=env))[0] == 0
        code, text = await completed("migrate", "--status", env=env)
        assert code == 0
        assert re.search(r"^0003  prontuarios +aplicada em \d\d/\d\d/\d{4} \d\d:\d\d UTC$", text, re.MULTILINE)
        assert await completed("migrate", "--dry-run", env=env) == (0, "-- nada a aplicar\n")
    finally:
        await hospital.dono.transaction(lambda tx: tx.execute("DROP DATABASE ensaio_status"))


def test_help_answers_before_anything_is_imported() -> None:
    """None of what a command runs on is there yet; so it takes a tenth of a second."""
    code = (
        "import sys; from sghss_graphql.comando import cli; sys.argv = ['sghss-graphql', '--help']\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'strawberry', 'graphql', 'uvicorn', 'starlette', 'pydantic', 'aiomysql'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "COMANDO" in ran.stdout


def test_the_roles_that_one_can_ask_as_are_the_hospitals() -> None:
    assert [papel.name.lower() for papel in Papel] == list(cli.PAPEIS)
