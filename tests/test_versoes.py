"""Servers are upgraded one by one: a version serves on the schema before its own, and on the one after."""

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from sghss_graphql.app import OLDEST_SCHEMA, create_app, grants, migrations
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.demo.carga import carregar
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from sghss_graphql.machinery.database import Database, DatabaseUrl
from sghss_graphql.machinery.database.migrations import Migration, UnknownSchema, migrate, read_statements
from sghss_graphql.vocabulario.tempo import agora
from tests.hospital import Cliente, Hospital
from tests.processes import answers, environment, free_port, start

ROOT = Path(__file__).parents[1]
OPERATIONS = sorted((ROOT / "tests/operacoes").glob("*.graphql"))
BANCO = "ensaio_versoes"


async def _execute(statement: str, tx) -> None:
    await tx.execute(statement)


@pytest.fixture
async def outro(hospital: Hospital) -> AsyncIterator[Database]:
    """Another database of the same server, as its owner."""
    await hospital.dono.transaction(partial(_execute, f"CREATE DATABASE {BANCO} CHARACTER SET utf8mb4"))
    db = Database(hospital.server.owner_url.with_database(BANCO), statement_timeout=600)
    yield db
    await db.close()
    await hospital.dono.transaction(partial(_execute, f"DROP DATABASE {BANCO}"))


async def _run_the_operations(http: httpx.AsyncClient) -> None:
    """Ask all that ``tests/operacoes`` asks, as the people of the demo; a refusal there is a role's, never a fault."""
    for path in OPERATIONS:
        query = path.read_text(encoding="utf-8")
        (pessoa,) = (um for um in PESSOAS if um.papel is Papel[query.split()[2].upper()])
        cliente = await Cliente(http).entrar(pessoa.cpf, SENHA)
        resposta = await cliente(query)
        assert not {"ERRO_INTERNO", "SERVICO_INDISPONIVEL", "REQUISICAO_INVALIDA"} & set(resposta.codigos), path.name


@asynccontextmanager
async def _application(hospital: Hospital, url: DatabaseUrl) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(hospital.settings.model_copy(update={"database_url": str(url)}))
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        assert (await http.get("/readyz")).status_code == 200
        yield http


def _next(number: int, *, needs_stop: bool) -> Migration:
    statement = f"ALTER TABLE auditoria ADD COLUMN ensaio_{number} INT NULL"
    return Migration(number, "ensaio", bytes(32), (statement,), needs_stop)


async def test_this_version_serves_on_the_schema_before_and_on_the_one_after(
    hospital: Hospital, outro: Database
) -> None:
    known = migrations()
    await migrate(outro, known[:OLDEST_SCHEMA])
    for statement in read_statements(grants()):
        await outro.transaction(partial(_execute, statement))
    senhas = Senhas(4)
    await carregar(outro, senhas, agora())
    senhas.close()
    url = hospital.server.app_url.with_database(BANCO)
    async with _application(hospital, url) as http:
        await _run_the_operations(http)
    after = [*known, _next(len(known) + 1, needs_stop=False)]
    await migrate(outro, after)
    async with _application(hospital, url) as http:
        await _run_the_operations(http)
    await migrate(outro, [*after, _next(len(known) + 2, needs_stop=True)])
    with pytest.raises(UnknownSchema, match="mais nova"):
        async with _application(hospital, url):
            pass


def _git(*arguments: str) -> str:
    ran = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.stdout.strip() if ran.returncode == 0 else ""


def _version_before() -> str:
    """Give the commit before the one that brought the last migration: HEAD, while that isn't committed."""
    last = next((ROOT / "sql/migrations").glob(f"{len(migrations()):04}_*.sql"))
    brought = _git("log", "--diff-filter=A", "-1", "--format=%H", "--", str(last.relative_to(ROOT)))
    return _git("rev-parse", f"{brought}^" if brought else "HEAD")


def _checked_out(commit: str, folder: Path) -> None:
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x"], cwd=folder, input=archive.stdout, check=True)


async def test_the_version_before_serves_on_this_schema_or_says_that_it_needs_a_stop(
    hospital: Hospital, tmp_path: Path
) -> None:
    before = _version_before()
    if not before:
        pytest.skip("sem a história do git não há versão anterior com que comparar")
    _checked_out(before, tmp_path)
    await hospital.dono.transaction(lambda tx: tx.execute("DELETE FROM falha_de_login"))
    port = free_port()
    where = {"SGHSS_DATABASE_URL": str(hospital.server.app_url), "SGHSS_PORT": str(port), "PYTHONPATH": str(tmp_path)}
    process = await start("serve", env=environment(**where), cwd=tmp_path)
    try:
        known = len(list((tmp_path / "sql/migrations").glob("*.sql")))
        if any(since.needs_stop for since in migrations()[known:]):
            text, _ = await process.communicate()
            assert process.returncode == 1, text.decode()
            assert "mais nova" in text.decode()
            return
        await answers(f"http://127.0.0.1:{port}", process)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            await _run_the_operations(http)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
