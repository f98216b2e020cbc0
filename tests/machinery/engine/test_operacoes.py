"""Typical operations beside their statements and their answers, so that one more of those is a visible diff.

``tests/operacoes`` has a file of each: the operation, what is expected. ``make operacoes`` writes what is expected
anew. The demo is loaded as of one fixed day into a database of its own, where its ids are always the same.
"""

import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import orjson
import pytest

from sghss_graphql.app import create_engine, create_services, grants, migrations
from sghss_graphql.cadastro.pacientes.regras.listas import LEMBRADAS
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.context import Contexto, Servicos
from sghss_graphql.demo.carga import carregar
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.migrations import migrate, read_statements
from sghss_graphql.machinery.engine import Engine, Request
from sghss_graphql.settings import Settings
from tests.hospital import LOGIN, SCHEMA, Hospital

FOLDER = Path(__file__).parents[2] / "operacoes"
OPERATIONS = sorted(FOLDER.glob("*.graphql"))
NAME = "sghss_operacoes"
DAY = datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None)
OURS = ("SET ", "START TRANSACTION", "COMMIT", "ROLLBACK")
NOW = re.compile(r"ate > '[^']*'")  # care ends by the clock
LONG = re.compile(r"x'[0-9a-f]{20,}'(, x'[0-9a-f]{20,}')+")


@pytest.fixture(scope="module")
async def fixed(hospital: Hospital, settings: Settings) -> AsyncIterator[tuple[Servicos, list[str]]]:
    """The demo as of one day, and the statements that are run on it."""
    await hospital.dono.transaction(lambda tx: tx.execute(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4"))
    owner = Database(hospital.server.owner_url.with_database(NAME), statement_timeout=600)
    await migrate(owner, migrations())
    for statement in read_statements(grants()):
        await owner.transaction(partial(_execute, statement))
    senhas = Senhas(4)
    url = hospital.server.app_url.with_database(NAME)
    db = Database(url, statement_timeout=600)
    await carregar(db, senhas, DAY)
    await db.close()
    senhas.close()
    statements: list[str] = []
    LEMBRADAS.clear()  # of the other tests' hospital
    servicos = create_services(settings.model_copy(update={"database_url": str(url)}), statements.append)
    yield servicos, statements
    await servicos.close()
    await owner.close()
    await hospital.dono.transaction(partial(_execute, f"DROP DATABASE {NAME}"))


async def _execute(statement: str, tx) -> None:
    await tx.execute(statement)


async def _enter(servicos: Servicos, engine: Engine, papel: str) -> Contexto:
    contexto = Contexto(servicos, None)
    (person,) = (one for one in PESSOAS if one.papel is Papel[papel.upper()])
    await engine.run(Request(LOGIN, {"cpf": person.cpf, "senha": SENHA}), contexto, "…")
    assert contexto.quem
    return Contexto(servicos, contexto.quem)


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
async def test_an_operation_runs_its_statements_and_gives_its_answer(
    fixed: tuple[Servicos, list[str]], settings: Settings, path: Path
) -> None:
    servicos, statements = fixed
    query, engine = path.read_text(encoding="utf-8"), create_engine(settings, SCHEMA)
    contexto = await _enter(servicos, engine, query.split()[2])
    statements.clear()
    answer = await engine.run(Request(query), contexto, "…")
    run = sorted(_shown(statement) for statement in statements if not statement.startswith(OURS))  # siblings race
    written = orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode()
    expected = path.with_suffix(".txt")
    found = "\n\n".join([f"-- comandos: {len(run)}", *run, "-- a resposta", written])
    if os.environ.get("SGHSS_REWRITE"):
        expected.write_text(found + "\n", encoding="utf-8")
    assert expected.read_text(encoding="utf-8") == found + "\n", "if it is meant: make operacoes"
    assert engine.fallbacks == 0
    assert "/* events." not in found, "a statement of a Task's is told by the name of who asked for it, not of the loop"


def _shown(statement: str) -> str:
    """Write a statement in lines, with a list of keys cut short."""
    statement = NOW.sub("ate > '…agora…'", statement)
    text = LONG.sub(lambda keys: f"… {keys[0].count(chr(39)) // 2} chaves …", " ".join(statement.split()))
    return re.sub(r" (?=FROM|JOIN|LEFT JOIN|WHERE|ORDER BY|GROUP BY|LIMIT|UNION)\b", "\n  ", text)


def test_every_expectation_has_its_operation() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {path.stem for path in OPERATIONS}
