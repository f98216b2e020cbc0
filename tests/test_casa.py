"""The house rules: each has its check, and each check of our own making sees a bad example."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sghss_graphql"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(path for folder in ("tests", "e2e") for path in (ROOT / folder).rglob("*.py"))

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LONGEST_MODULE, LONGEST_FUNCTION = 400, 50  # lines
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}

# Tables (and the view) that a store names besides those it owns, and why.
OWNERS = {
    "confianca/acesso": {"sessao", "token_de_renovacao", "tentativa_de_login"},
    "confianca/auditoria": {"auditoria"},
    "cadastro/usuarios": {"usuario", "usuario_papel", "codigo_de_acesso"},
    "cadastro/pacientes": {"paciente", "paciente_inicio"},
    "cadastro/medicos": {"medico", "medico_palavra", "medico_especialidade"},
    "atendimento/agenda": {"turno", "bloqueio", "celula_do_medico", "celula_do_paciente"},
    "atendimento/consultas": {"consulta", "consulta_mudanca"},
    "clinica/prontuarios": {"prontuario"},
    "demo": set(),
}
BORROWED = {
    "confianca/acesso": {
        "usuario",
        "usuario_papel",
        "paciente",
        "medico",
    },  # who a session belongs to, in one statement
    "cadastro/pacientes": {"vinculo"},  # who is on a médico's agenda: the one definition, in SQL
    "atendimento/consultas": {"vinculo"},
    "clinica/prontuarios": {"vinculo"},
    # the demo fills the tables of people, agendas, consultas and records
    "demo": {
        *("usuario", "usuario_papel", "paciente", "paciente_inicio"),
        *("medico", "medico_palavra", "medico_especialidade", "turno"),
        *("consulta", "consulta_mudanca", "celula_do_medico", "celula_do_paciente", "prontuario"),
    },
}
SQL = re.compile(
    r"^\s*\(?(SELECT\s|INSERT\s+(IGNORE\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+(\w+\s+)?FROM\s)", re.IGNORECASE
)
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


def test_what_is_generated_is_up_to_date() -> None:
    ran = subprocess.run(
        [sys.executable, "docs/gerar.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def strings(source: str) -> Iterator[str]:
    """Give every text of a module that isn't a docstring, the parts of f-strings and sums put together."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def sql_outside(path: Path, source: str) -> list[str]:
    """Give the SQL of a module that may have none."""
    if path.name == "store.py" or "database" in path.parts:
        return []
    return [text for text in strings(source) if SQL.match(text)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_sql_stands_in_stores_alone(path: Path) -> None:
    assert sql_outside(path, path.read_text(encoding="utf-8")) == []


def test_the_check_for_sql_sees_some() -> None:
    for bad in ('x = "SELECT id FROM paciente"', 'f(f"DELETE FROM {t}")', 'y = "\\n  update paciente set nome = 1"'):
        assert sql_outside(PACKAGE / "cadastro/pacientes/queries.py", bad)
    assert not sql_outside(PACKAGE / "cadastro/pacientes/store.py", 'x = "SELECT id FROM paciente"')
    assert not sql_outside(PACKAGE / "cadastro/pacientes/queries.py", '"""SELECT a room."""')


def pasted_values(source: str) -> list[str]:
    """Give what a store pastes into SQL that isn't a constant of its own or a known list of conditions."""
    pasted = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
            names = [ast.unparse(part.value) for part in node.values if isinstance(part, ast.FormattedValue)]
            if re.search(r"\b(SELECT|WHERE|FROM)\b", text) or any(name.startswith("_") for name in names):
                pasted += [
                    name for name in names if not re.fullmatch(r"_[A-Z_]+|ramo|ordem|' UNION '.join\(ramos\)", name)
                ]
    return pasted


@pytest.mark.parametrize("room", OWNERS)
def test_stores_bind_their_values(room: str) -> None:
    assert pasted_values((PACKAGE / room / "store.py").read_text(encoding="utf-8")) == []


def test_the_check_for_pasted_values_sees_one() -> None:
    assert pasted_values("f\"SELECT * FROM paciente WHERE nome = '{nome}'\"") == ["nome"]


def tables(source: str) -> set[str]:
    """Give the tables that a store's SQL names."""
    return {name for text in strings(source) for name in TABLE.findall(text)} - {"t", "r"}


@pytest.mark.parametrize("room", OWNERS)
def test_each_table_has_one_owner(room: str) -> None:
    named = tables((PACKAGE / room / "store.py").read_text(encoding="utf-8"))
    assert named == OWNERS[room] | BORROWED.get(room, set())


def test_every_table_of_the_migrations_is_owned() -> None:
    ddl = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sql/migrations").glob("*.sql"))
    made = set(re.findall(r"CREATE TABLE (\w+)", ddl)) - set(re.findall(r"DROP TABLE IF EXISTS (\w+)", ddl))
    owned = [table for tables in OWNERS.values() for table in tables]
    assert made == set(owned)
    assert len(owned) == len(set(owned))


def test_the_check_for_tables_sees_them() -> None:
    assert tables('x = "SELECT 1 FROM a JOIN b ON 1" " LEFT JOIN c"\ny = "UPDATE d SET x = 1"') == {"a", "b", "c", "d"}


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
