"""The house rules: each has its check, and each check of our own making sees a bad example."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from sghss_graphql.demo.sala import SALA as DEMO
from sghss_graphql.sala import Sala
from tests.andares import GROUPS, broken
from tests.hospital import CASA
from tests.leitura import Store, is_sql, tables, texts

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sghss_graphql"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(path for folder in ("tests", "e2e") for path in (ROOT / folder).rglob("*.py"))

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LONGEST_MODULE, LONGEST_FUNCTION = 400, 50  # lines
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}

TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|(?<!KEY )UPDATE)\s+([a-z_]+)\b")
NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager|base)(_|$)")


def run(*command: str) -> None:
    """Run a checker; show what it says when it fails."""
    ran = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_ruff_is_content() -> None:
    run("ruff", "check", ".")


def test_the_code_is_formatted() -> None:
    run("ruff", "format", "--check", ".")


def test_mypy_is_content() -> None:
    run("mypy")


def test_imports_go_one_way() -> None:
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_the_check_of_the_rooms_sees_what_they_may_not() -> None:
    high, low, neighbour = (f"sghss_graphql.cadastro.{name}" for name in ("alto", "baixo", "vizinho"))
    graph = grimp.ImportGraph()
    for group in GROUPS:
        graph.add_module(f"sghss_graphql.{group}")
    for room in (high, low, neighbour, "sghss_graphql.clinica.esquecida"):
        for module in (room, f"{room}.store", f"{room}.queries"):
            graph.add_module(module)
    graph.add_import(importer=f"{high}.queries", imported=f"{high}.store")
    graph.add_import(importer=f"{high}.queries", imported=f"{low}.queries")
    assert list(broken(graph, [{high}, {low, neighbour}])) == [
        "sghss_graphql.clinica.esquecida stands on no storey: list it in ANDARES of schema.py"
    ]
    graph.add_import(importer=f"{low}.queries", imported=f"{high}.queries")
    graph.add_import(importer=f"{low}.queries", imported=f"{neighbour}.store")
    found = "\n".join(broken(graph, [{high}, {low, neighbour}]))
    assert f"{low} may not rest on {high}: {low}.queries → {high}.queries" in found
    assert f"{low} may not rest on {neighbour}" in found
    assert f"{low}.queries uses the store of {neighbour}" in found


def test_what_is_generated_is_up_to_date() -> None:
    ran = subprocess.run(
        [sys.executable, "docs/gerar.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


STORES = sorted(PACKAGE.rglob("store.py"))


def room_of(path: Path) -> str:
    """Name the room of a module, as its SALA does."""
    return path.parent.relative_to(PACKAGE).as_posix()


def sql_outside(path: Path, source: str) -> list[str]:
    """Give the SQL of a module that may have none."""
    if path.name == "store.py" or "database" in path.parts:
        return []
    return [text for text in texts(source) if is_sql(text)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_sql_stands_in_stores_alone(path: Path) -> None:
    found = sql_outside(path, path.read_text(encoding="utf-8"))
    assert found == [], f"write a function for it in {room_of(path)}/store.py, and call that"


@pytest.mark.parametrize(
    "bad",
    [
        'x = "SELECT id FROM paciente"',
        'f(f"DELETE FROM {t}")',
        'y = "\\n  update paciente set nome = 1"',
        'z = "SEL" + "ECT id FROM paciente"',
        'z = "SELECT {} FROM paciente".format(coluna)',
        'z = " ".join(["INSERT INTO paciente", "VALUES (1)"])',
        'z = "SELECT id FROM %s" % tabela',
        'z = f"(SELECT id FROM {t}) UNION (SELECT 1)"',
    ],
)
def test_the_check_for_sql_sees_some(bad: str) -> None:
    assert sql_outside(PACKAGE / "cadastro/pacientes/queries.py", bad)
    assert not sql_outside(PACKAGE / "cadastro/pacientes/store.py", bad)


def test_the_check_for_sql_lets_words_be() -> None:
    for words in (
        '"""SELECT a room."""',
        'x = "Selecione um horário."',
        'y = {"paciente": "SELECT, INSERT"}',
        'z = "UPDATE"',
    ):
        assert not sql_outside(PACKAGE / "cadastro/pacientes/queries.py", words)


@pytest.mark.parametrize("path", STORES, ids=room_of)
def test_stores_bind_their_values(path: Path) -> None:
    foreign = Store(path.read_text(encoding="utf-8")).foreign()
    assert foreign == [], "write %(nome)s where the value goes, and pass nome=…; text must be the store's own"


@pytest.mark.parametrize(
    "bad",
    [
        "await db.select(f\"SELECT * FROM paciente WHERE nome = '{nome}'\")",
        'await db.select("SELECT * FROM paciente WHERE nome = \'" + nome + "\'")',
        "await db.select(\"SELECT * FROM paciente WHERE nome = '{}'\".format(nome))",
        "await db.select(''.join(['SELECT * FROM paciente WHERE nome = ', nome]))",
        "await db.select('SELECT * FROM paciente WHERE nome = %s' % nome)",
        "sql = 'SELECT 1'; sql = sql + nome; await db.select(sql)",
        "await db.select(_com(nome))",
        "ler = db.look_up; await ler(nome)",
        "tx.write_rows(nome + ' VALUES %(rows)s', [])",
    ],
)
def test_the_check_for_pasted_values_sees_one(bad: str) -> None:
    source = "def _com(texto):\n    return 'SELECT ' + texto\n\nasync def ler(db, tx, nome):\n    " + bad.replace(
        "; ", "\n    "
    )
    assert Store(source).foreign() != []


def test_the_check_for_pasted_values_lets_a_stores_own_text_be() -> None:
    source = """
_DE = " FROM paciente p WHERE "
def _onde(todos):
    return "TRUE" if todos else "FALSE"
async def ler(db, nomes, todos):
    partes = [f"nome{n} = %(nome{n})s" for n, _ in enumerate(nomes)]
    return await db.select("SELECT 1" + _DE + _onde(todos) + " AND ".join(partes), nome0="x")
"""
    assert Store(source).foreign() == []


def salas() -> dict[str, Sala]:
    """Give every room's SALA, by the room; demo's too, which brings no more than borrowed tables."""
    return {sala.nome: sala for sala in (*CASA.salas, DEMO)}


@pytest.mark.parametrize("path", STORES, ids=room_of)
def test_a_store_names_no_table_but_its_own_and_those_it_says_it_borrows(path: Path) -> None:
    """Statically; ``machinery/database/test_planos.py`` compares the statements that are really run."""
    sala = salas()[room_of(path)]
    named = {name for text in texts(path.read_text(encoding="utf-8")) if is_sql(text) for name in TABLE.findall(text)}
    strangers = named - sala.tabelas.keys() - sala.emprestadas.keys() - {"t", "VALUES"}
    assert strangers == set(), f"own it or borrow it, with the reason, in {sala.nome}/sala.py"


def test_every_table_of_the_migrations_is_owned() -> None:
    ddl = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sql/migrations").glob("*.sql"))
    made = set(re.findall(r"CREATE (?:TABLE|(?:SQL SECURITY \w+ )?VIEW) (\w+)", ddl))
    gone = set(re.findall(r"DROP TABLE IF EXISTS (\w+)", ddl))
    renames = " ".join(re.findall(r"RENAME TABLE[^;]+;", ddl))
    renamed = dict(re.findall(r"(\w+) TO (\w+)[,;]", renames))
    assert {renamed.get(name, name) for name in made} - gone | {"migracao"} == set(CASA.tabelas), (
        "give it to a room, in its sala.py"
    )


def test_the_check_for_tables_sees_them() -> None:
    joined = "SELECT 1 FROM a JOIN b ON 1 LEFT JOIN c ON 1 WHERE EXISTS (SELECT 1 FROM d)"
    assert tables(joined) == {"a", "b", "c", "d"}
    assert tables("UPDATE d SET x = 1") == {"d"}
    assert tables("INSERT INTO e (x) SELECT f.y FROM f") == {"e", "f"}
    assert tables("DELETE t FROM g t JOIN h ON h.id = t.id") == {"g", "h"}


def too_long(path: Path, source: str) -> list[str]:
    """Give the module if it has over 400 lines, and its functions of over 50."""
    long = [path.name] if len(source.splitlines()) > LONGEST_MODULE else []
    for node in ast.walk(ast.parse(source)):
        lines = (node.end_lineno or 0) - node.lineno + 1 if isinstance(node, FUNCTIONS) else 0
        if isinstance(node, FUNCTIONS) and lines > LONGEST_FUNCTION:
            long.append(f"{path.name}:{node.name}")
    return long


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_and_functions_are_short(path: Path) -> None:
    found = too_long(path, path.read_text(encoding="utf-8"))
    assert [name for name in found if name not in LONG_MODULES | LONG_FUNCTIONS] == []


def test_the_check_for_length_sees_what_is_long() -> None:
    body = "\n".join(["    x = 1"] * 60)
    assert too_long(Path("a.py"), f"def f():\n{body}\n") == ["a.py:f"]
    assert too_long(Path("a.py"), "x = 1\n" * 401) == ["a.py"]


def bad_names(path: Path, source: str) -> list[str]:
    """Give names that say nothing, and notes of unfinished work."""
    parts = [part for part in path.relative_to(ROOT).with_suffix("").parts if NAMES.search(part)]
    words = re.findall(r"\b(TODO|FIXME|XXX)\b", source)
    defined = [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and NAMES.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).lower())
    ]
    return parts + words + defined


@pytest.mark.parametrize("path", [path for path in MODULES + TESTS if path != Path(__file__)], ids=str)
def test_names_say_what_things_are(path: Path) -> None:
    assert bad_names(path, path.read_text(encoding="utf-8")) == []


def test_the_check_for_names_sees_bad_ones() -> None:
    assert bad_names(PACKAGE / "web/utils.py", "class SessionManager: ...\n# TODO: later\ndef base_query(): ...\n") == [
        "utils",
        "TODO",
        "SessionManager",
        "base_query",
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_opens_with_a_fact(path: Path) -> None:
    first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0]
    assert first.endswith((".", "::", ":")), "a module's first line states a fact about what lives in it"


def mocks_and_sleeps(path: Path, source: str) -> list[str]:
    """Give what stands in for ours, and waiting by the clock."""
    found = re.findall(r"\b(?:unittest\.mock|MagicMock|AsyncMock|time\.sleep)\b", source)
    if path.name != "processes.py":
        found += re.findall(r"asyncio\.sleep\((?!3600|0\))", source)
    return found


@pytest.mark.parametrize("path", [path for path in TESTS if path != Path(__file__)], ids=str)
def test_nothing_of_ours_is_mocked_and_nobody_sleeps_to_wait(path: Path) -> None:
    assert mocks_and_sleeps(path, path.read_text(encoding="utf-8")) == []


def test_the_check_for_mocks_sees_them() -> None:
    assert mocks_and_sleeps(Path("a.py"), "from unittest.mock import MagicMock\nasyncio.sleep(1)") != []


def test_no_ignore_without_a_reason_or_a_code() -> None:
    for path in (path for path in MODULES + TESTS if path != Path(__file__)):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "# type: ignore" in line:
                assert re.search(r"# type: ignore\[[\w, -]+\]  # \w", line), f"{path.name}: {line.strip()}"
            if path in MODULES and "# noqa" in line:
                assert re.search(r"# noqa: [A-Z0-9, ]+ - \w", line), f"{path.name}: {line.strip()}"
            assert not re.match(r"# (ruff|mypy): ", line), f"{path.name}: an ignore for a whole file"


def boundless(source: str) -> list[str]:
    """Give the functions that remember without bound what they were called with."""
    found = []
    for node in ast.walk(ast.parse(source)):
        for decorator in node.decorator_list if isinstance(node, FUNCTIONS) else ():
            text = ast.unparse(decorator)
            remembers_all = text in ("cache", "functools.cache") or "maxsize=None" in text
            if remembers_all and any(argument.arg != "self" for argument in node.args.args):
                found.append(node.name)
            if text == "lru_cache" or text.startswith("lru_cache()"):
                found.append(node.name)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_cache_is_without_a_bound(path: Path) -> None:
    assert boundless(path.read_text(encoding="utf-8")) == [], "write lru_cache(maxsize=…), with a number"


def test_the_check_for_caches_sees_one() -> None:
    assert boundless("@cache\ndef f(x): ...") == ["f"]
    assert boundless("@lru_cache(maxsize=None)\ndef f(x): ...") == ["f"]
    assert boundless("@lru_cache\ndef f(x): ...") == ["f"]
    assert boundless("@cache\ndef f(): ...\n@lru_cache(maxsize=9)\ndef g(x): ...") == []


def test_tests_mirror_the_package() -> None:
    folders = {path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("__init__.py")}
    mirrored = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    assert mirrored <= folders


def test_the_repository_names_no_registry_and_no_path_of_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split()
    hosts = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|deb\.debian|/home/\w|/root/|/work/")
    for name in names:
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        if name != "tests/test_casa.py":
            assert not hosts.search(text), name
