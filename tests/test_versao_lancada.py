"""What breaks a client of the last release has its line in CHANGELOG.md."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from graphql import GraphQLSchema, build_schema
from graphql.utilities import BreakingChange, find_breaking_changes

ROOT = Path(__file__).parents[1]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
RELEASES = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", CHANGELOG, re.MULTILINE)
NAME = re.compile(r"\b([A-Z]\w*(?:\.\w+)?)")


def unreleased(changelog: str) -> str:
    """Give what is to be in the next release."""
    return changelog.split("## [Não lançado]")[1].split("\n## [")[0]


def what_broke(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[tuple[str, BreakingChange]]:
    """Give each change that breaks a client, with the name of what changed: ``Tipo`` or ``Tipo.campo``."""
    for change in find_breaking_changes(before, after):
        names = NAME.findall(change.description)
        yield max(names, key=lambda name: "." in name), change


def untold(before: GraphQLSchema, after: GraphQLSchema, changelog: str) -> list[str]:
    """Give what broke and is named nowhere: a line names it, or the whole type, in backticks."""
    told = set(re.findall(r"`([^`]+)`", unreleased(changelog)))
    return [
        f"{name}: {change.description}"
        for name, change in what_broke(before, after)
        if name not in told and name.split(".")[0] not in told
    ]


def test_what_broke_since_the_last_release_is_told() -> None:
    (released,) = ROOT.glob("schema.*.graphql")
    assert released.name == f"schema.{RELEASES[0]}.graphql"
    before, after = (build_schema(path.read_text(encoding="utf-8")) for path in (released, ROOT / "schema.graphql"))
    assert untold(before, after, CHANGELOG) == [], "say it under [Não lançado] of CHANGELOG.md, the name in backticks"


def test_the_version_is_the_last_release_and_releases_come_newest_first() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == RELEASES[0]
    assert sorted(RELEASES, key=lambda version: tuple(map(int, version.split("."))), reverse=True) == RELEASES


def test_the_check_sees_what_breaks_and_lets_the_rest_be() -> None:
    before = build_schema(
        "type Query { a(x: Int): String, b: Cor, c: Velho } enum Cor { AZUL, ROXO } type Velho { d: Int } "
        "input Dados { e: Int }"
    )
    after = build_schema(
        "type Query { a(x: Int!): String, b: Cor, novo: Int } enum Cor { AZUL } input Dados { e: Int, f: Int! }"
    )
    named = {name for name, _ in what_broke(before, after)}
    assert named == {"Query.a", "Query.c", "Cor.ROXO", "Velho", "Dados.f"}
    empty = "## [Não lançado]\n"
    lines = f"{empty}- `Query.a`, `Query.c`, `Cor`, `Velho`, `Dados.f`.\n## [0.1.0]\n"
    assert len(untold(before, after, empty)) == 5
    assert untold(before, after, lines) == []
    richer = build_schema(
        "type Query { a(x: Int!): String, b: Cor, novo: Int, mais: Int } enum Cor { AZUL, VERDE } "
        "input Dados { e: Int, f: Int!, g: Int }"
    )
    assert untold(after, richer, empty) == []
