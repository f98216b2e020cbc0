"""Migrations: in order, once, checked, resumed after a crash, one runner at a time; and `serve` refuses strangers."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from graphql import is_enum_type

from sghss_graphql.app import create_app
from sghss_graphql.app import migrations as the_hospitals
from sghss_graphql.atendimento.consultas.types import SituacaoDaConsulta
from sghss_graphql.cadastro.cuidados.regras import Fonte
from sghss_graphql.cadastro.pacientes.types import Sexo
from sghss_graphql.cadastro.pessoas.types import RacaCor, TipoDeDocumento
from sghss_graphql.cadastro.profissionais.types import Conselho
from sghss_graphql.cadastro.unidades.types import Modalidade
from sghss_graphql.clinica.prontuarios.types import TipoDeRegistro
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.migrations import (
    MigrationRefused,
    UnknownSchema,
    check_schema,
    migrate,
    read_migrations,
    read_statements,
)
from sghss_graphql.vocabulario.texto import inicios_das_palavras, ordem, palavras
from tests.hospital import SCHEMA, Hospital


@pytest.fixture
async def vazio(hospital: Hospital) -> AsyncIterator[Database]:
    """An empty database of its own."""
    await _run(hospital.dono, "CREATE DATABASE ensaio_migracao CHARACTER SET utf8mb4")
    db = Database(hospital.server.owner_url.with_database("ensaio_migracao"), size=8, statement_timeout=60)
    yield db
    await db.close()
    await _run(hospital.dono, "DROP DATABASE ensaio_migracao")


async def _run(db: Database, *statements: str) -> None:
    for statement in statements:
        await db.transaction(lambda tx, statement=statement: tx.execute(statement))


async def _tables(db: Database) -> set[str]:
    rows = await db.select("SELECT table_name FROM information_schema.tables WHERE table_schema = 'ensaio_migracao'")
    return {name for (name,) in rows if not name.startswith("migracao")}


def _write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name[1:]}.sql").write_text(text, encoding="utf-8")
    return folder


def test_statements_end_with_a_semicolon_at_the_end_of_a_line() -> None:
    text = (
        "-- a; comment\nCREATE TABLE a (b INT COMMENT 'x; y');\n\n"
        "CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW\n  SIGNAL x;  \n"
    )
    assert read_statements(text) == (
        "CREATE TABLE a (b INT COMMENT 'x; y')",
        "CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW\n  SIGNAL x",
    )


@pytest.mark.parametrize("names", [["_0002_b"], ["_0001_a", "_0003_c"], ["_0001_a", "_0001_b"], ["_1_a"], ["_0001-a"]])
def test_files_are_numbered_without_gaps(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(ValueError, match="0001"):
        read_migrations(_write(tmp_path, **dict.fromkeys(names, "SELECT 1;")))


async def test_the_hospitals_migrations_apply_to_an_empty_database_and_again(vazio: Database) -> None:
    migrations = the_hospitals()
    with pytest.raises(UnknownSchema, match="sghss-graphql migrate"):
        await check_schema(vazio, migrations)
    said: list[str] = []
    await migrate(vazio, migrations, said.append)
    assert len(said) == len(migrations)
    assert {"paciente", "consulta", "prontuario"} <= await _tables(vazio)
    await check_schema(vazio, migrations)
    said.clear()
    await migrate(vazio, migrations, said.append)
    assert said == []


async def test_ten_runners_at_once_apply_each_statement_once(vazio: Database, tmp_path: Path) -> None:
    folder = _write(
        tmp_path,
        _0001_a="CREATE TABLE a (n INT);\nINSERT INTO a VALUES (1);\n",
        _0002_b="INSERT INTO a VALUES (2);\n",
    )
    await asyncio.gather(*(migrate(vazio, read_migrations(folder)) for _ in range(10)))
    assert sorted(await vazio.select("SELECT n FROM a")) == [(1,), (2,)]


async def test_a_crash_between_a_statement_and_its_record_is_resumed(vazio: Database, tmp_path: Path) -> None:
    """The statement ran, its end was never written: "already exists" means done, on that statement alone."""
    folder = _write(tmp_path, _0001_a="CREATE TABLE a (n INT);\nCREATE TABLE b (n INT);\nCREATE TABLE c (n INT);\n")
    migrations = read_migrations(folder)
    await migrate(vazio, [])
    await _run(
        vazio,
        "CREATE TABLE a (n INT)",
        "CREATE TABLE b (n INT)",
        f"INSERT INTO migracao VALUES (1, 'a', x'{migrations[0].checksum.hex()}', 2, 1, NULL)",
    )
    with pytest.raises(UnknownSchema):
        await check_schema(vazio, migrations)
    await migrate(vazio, migrations)
    assert await _tables(vazio) == {"a", "b", "c"}
    await check_schema(vazio, migrations)


async def test_a_statement_that_was_not_under_way_may_not_exist_already(vazio: Database, tmp_path: Path) -> None:
    migrations = read_migrations(_write(tmp_path, _0001_a="CREATE TABLE a (n INT);\n"))
    await _run(vazio, "CREATE TABLE a (estranha INT)")
    with pytest.raises(MigrationRefused, match=r"0001 a parou na instrução 1 de 1, «CREATE TABLE a \(n INT\)»: .*1050"):
        await migrate(vazio, migrations)


@pytest.mark.parametrize(
    ("rows", "why"), [("(1), (1)", "a mesma chave so_um"), ("(2)", "aponta para outra que não existe")]
)
async def test_rows_that_a_migration_cannot_carry_are_told_with_its_statement(
    vazio: Database, tmp_path: Path, rows: str, why: str
) -> None:
    table = "CREATE TABLE a (n INT PRIMARY KEY);\nINSERT INTO a VALUES (1);\n"
    table += "CREATE TABLE b (n INT, UNIQUE KEY so_um (n), FOREIGN KEY (n) REFERENCES a (n));\n"
    migrations = read_migrations(_write(tmp_path, _0001_a=f"{table}INSERT INTO b VALUES {rows};\n"))
    with pytest.raises(MigrationRefused, match=f"instrução 4 de 4, «INSERT INTO b .*{why}"):
        await migrate(vazio, migrations)


async def test_a_failed_migration_is_resumed_where_it_failed_once_it_can_go_on(vazio: Database, tmp_path: Path) -> None:
    text = "CREATE TABLE a (n INT);\nINSERT INTO falta VALUES (1);\nCREATE TABLE c (n INT);\n"
    migrations = read_migrations(_write(tmp_path, _0001_a=text))
    for _ in range(2):
        with pytest.raises(MigrationRefused, match=r"instrução 2 de 3, «INSERT INTO falta VALUES \(1\)»: .*1146"):
            await migrate(vazio, migrations)
    await _run(vazio, "CREATE TABLE falta (n INT)")
    await migrate(vazio, migrations)
    assert await _tables(vazio) == {"a", "c", "falta"}


async def test_an_applied_file_never_changes(vazio: Database, tmp_path: Path) -> None:
    await migrate(vazio, read_migrations(_write(tmp_path, _0001_a="CREATE TABLE a (n INT);\n")))
    changed = read_migrations(_write(tmp_path, _0001_a="CREATE TABLE a (n BIGINT);\n"))
    for attempt in (check_schema(vazio, changed), migrate(vazio, changed)):
        with pytest.raises(UnknownSchema, match="0001"):
            await attempt


async def test_a_database_newer_than_the_code_is_refused(vazio: Database, tmp_path: Path) -> None:
    newer = "-- exige parada: muda o que se lê.\nCREATE TABLE b (n INT);\n"
    files = {"_0001_a": "CREATE TABLE a (n INT);\n", "_0002_b": newer}
    both = read_migrations(_write(tmp_path, **files))
    await migrate(vazio, both)
    for attempt in (check_schema(vazio, both[:1]), migrate(vazio, both[:1])):
        with pytest.raises(UnknownSchema, match="mais nova"):
            await attempt


async def test_the_lock_of_a_dead_runner_expires(vazio: Database, tmp_path: Path) -> None:
    migrations = read_migrations(_write(tmp_path, _0001_a="CREATE TABLE a (n INT);\n"))
    await migrate(vazio, [])
    await _run(vazio, "UPDATE migracao_trava SET dono = 'morto', expira_em = UTC_TIMESTAMP(6) + INTERVAL 1 SECOND")
    said: list[str] = []
    await migrate(vazio, migrations, said.append)
    assert said == ["outra migração está em andamento; esperando", "migração 0001 a"]


async def test_a_runner_that_lost_its_lock_stops(vazio: Database, tmp_path: Path) -> None:
    migrations = read_migrations(
        _write(tmp_path, _0001_a="UPDATE migracao_trava SET dono = 'outro';\nCREATE TABLE b (n INT);\n")
    )
    with pytest.raises(UnknownSchema, match="assumiu"):
        await migrate(vazio, migrations)
    assert await _tables(vazio) == set()


async def test_the_application_does_not_start_on_a_schema_it_does_not_know(hospital: Hospital, vazio: Database) -> None:
    settings = hospital.settings.model_copy(update={"database_url": str(vazio.url)})
    app = create_app(settings)
    with pytest.raises(UnknownSchema):
        async with app.router.lifespan_context(app):
            pass


async def test_the_words_of_names_become_their_starts(vazio: Database) -> None:
    """0005 moves what is there; run twice on the way, it moves it once."""
    await migrate(vazio, the_hospitals()[:4])
    nomes = {bytes([n]) * 16: nome for n, nome in enumerate(("Maria Mariana Ção", "Ana", "Wolfeschlegelstein 3º"), 1)}
    for chave, nome in nomes.items():
        await _run(
            vazio,
            "INSERT INTO paciente (id, nome, nome_ordem, nascimento, sexo, criado_em)"
            f" VALUES (x'{chave.hex()}', '{nome}', '{ordem(nome)}', '2000-01-01', 'FEMININO', '2026-01-01')",
            *(
                f"INSERT INTO paciente_palavra (palavra, paciente_id) VALUES ('{palavra}', x'{chave.hex()}')"
                for palavra in palavras(nome)
            ),
        )
    criar, mover, _ = the_hospitals()[4].statements
    await _run(vazio, criar, mover, mover)
    esperados = {(inicio, ordem(nome), chave) for chave, nome in nomes.items() for inicio in inicios_das_palavras(nome)}
    assert set(await vazio.select("SELECT inicio, nome_ordem, paciente_id FROM paciente_inicio")) == esperados


async def test_a_newer_database_that_needs_no_stop_can_be_served_on_but_not_migrated(
    vazio: Database, tmp_path: Path
) -> None:
    files = {"_0001_a": "CREATE TABLE a (n INT);\n", "_0002_b": "CREATE TABLE b (n INT);\n"}
    both = read_migrations(_write(tmp_path, **files))
    await migrate(vazio, both)
    assert await check_schema(vazio, both[:1]) == []
    with pytest.raises(UnknownSchema, match="mais nova"):
        await migrate(vazio, both[:1])


async def test_what_may_still_come_is_told_and_what_must_be_there_is_demanded(vazio: Database, tmp_path: Path) -> None:
    files = {f"_000{n}_m": f"CREATE TABLE m{n} (n INT);\n" for n in (1, 2, 3)}
    three = read_migrations(_write(tmp_path, **files))
    await migrate(vazio, three[:2])
    assert await check_schema(vazio, three, oldest=2) == [3]
    with pytest.raises(UnknownSchema, match="0003"):
        await check_schema(vazio, three, oldest=3)
    with pytest.raises(UnknownSchema, match="0003"):
        await check_schema(vazio, three)


async def test_lists_in_checks_are_those_of_the_enums(hospital: Hospital) -> None:
    """A role, a state or a kind is in the CHECK of its column and in the enum of the schema, or in neither."""
    linhas = await hospital.dono.select(
        "SELECT constraint_name, check_clause FROM information_schema.check_constraints"
        " WHERE constraint_schema = 'sghss' AND check_clause LIKE '%% in (%%'".replace("%%", "%")
    )
    achadas = {nome: frozenset(re.findall(r"'(\w+)\\?'", texto)) for nome, texto in linhas}
    enums = {
        frozenset(valor.name for valor in tipo.wrapped_cls)
        for tipo in SCHEMA.core.type_map.values()
        if is_enum_type(tipo) and hasattr(tipo, "wrapped_cls")
    }
    enums.add(frozenset(Fonte.__members__))  # which no schema shows
    assert {nome: valores for nome, valores in achadas.items() if valores not in enums} == {}
    guardados = (
        *(Fonte, Conselho, Papel, Sexo, Modalidade, SituacaoDaConsulta, TipoDeRegistro, RacaCor, TipoDeDocumento),
    )
    assert set(achadas.values()) == {frozenset(enum.__members__) for enum in guardados}


async def test_the_trail_holds_all_papeis_of_one_person_and_more(hospital: Hospital) -> None:
    ((maior,),) = await hospital.dono.select(
        "SELECT character_maximum_length FROM information_schema.columns"
        " WHERE table_schema = 'sghss' AND table_name = 'auditoria' AND column_name = 'papeis'"
    )
    assert maior >= 2 * len(" ".join(papel.name for papel in Papel))
