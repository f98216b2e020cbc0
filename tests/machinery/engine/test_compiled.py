"""The compiled executor, case by case: what the specification says of nulls, merging, conditions and order."""

import linecache
import logging
import re
import traceback
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import OperationDefinitionNode, get_operation_ast, parse

import tests.hospital
from sghss_graphql.machinery.engine import Engine, Request, Schema
from sghss_graphql.machinery.engine import plans as module
from sghss_graphql.machinery.engine.limits import Limits
from sghss_graphql.machinery.engine.plans import Plan, unchain
from sghss_graphql.vocabulario.errors import contar
from tests.hospital import SCHEMA as product
from tests.machinery.engine.faults import Around, Broken, Context, schema
from tests.machinery.engine.test_equality import both
from tests.test_readme import TEXTS

ROOT = Path(__file__).parents[3]
IN_PAGES = [
    query for text in TEXTS.values() for query in re.findall(r"```graphql\n# como \w+\n(.*?)```", text, re.DOTALL)
]
IN_TESTS = [text for name, text in vars(tests.hospital).items() if name.isupper() and str(text).startswith("mutation")]
IN_EXAMPLES = [
    path.read_text(encoding="utf-8")
    for folder in ("pagina/exemplos", "docs", "e2e/clientes")
    for path in sorted((ROOT / folder).rglob("*.graphql"))
]


@pytest.mark.parametrize(
    "query",
    [
        "{ branch { id id leaf { id } leaf { name id } } }",
        '{ a: branch(id: "x") { id } b: branch(id: "y") { id } __typename }',
        "{ node { __typename id ... on Leaf { count kind } ... on Branch { leaf { id } } } }",
        "{ either { ... on Node { id } ... on Branch { nested { id } } ... on Leaf { grid tags } } }",
        "{ branches { deeper { deeper { many(first: 3) { id } total } } } }",
        "{ branches { ...F } } fragment F on Branch { leaves { ...G } leaf { ...G } } fragment G on Leaf { id ratio }",
        "{ branch { soon(name: null) { guarded repeated } later { shouted } related { repeated(times: 1) } } }",
        'mutation { one: step(name: "1") { id } two: step(name: "2") { many { id } } three: step(name: "3") { id } }',
        "{ branch { leaf @skip(if: true) { id } } }",
        "{ hello ... @include(if: false) { branches { id } } }",
        "{ branch { around { node { id } } aroundMaybe { node { count } } leaf { id } } }",
        "{ branches { around { __typename one: node { id } two: node { count } } other: around { __typename } } }",
        "{ branches { around { node { id } place } aroundOne { node { id } } later { id } } }",
        "{ branch { aroundGuarded { node { id } } aroundBehind { node { id } } } }",
        "{ branches { aroundAny { node { id ... on Branch { around { node { id } } } } } } }",
    ],
)
@pytest.mark.parametrize("rate", [0.0, 0.2, 0.6])
async def test_a_case_is_answered_as_graphql_core_does(query: str, rate: float) -> None:
    logging.getLogger("sghss.graphql").setLevel(logging.CRITICAL)
    for seed in range(30):
        await both(query, {}, seed, rate)
    logging.getLogger("sghss.graphql").setLevel(logging.NOTSET)


async def test_a_level_asks_once_whatever_its_width() -> None:
    context = Context(1, 0.0)
    engine = Engine(schema, tell=contar)
    answer = await engine.run(Request("{ branches { deeper { many(first: 4) { id } } } }"), context, "id")
    assert [len(branch["deeper"]["many"]) for branch in answer["data"]["branches"]] == [4, 4, 4]
    assert engine.fallbacks == 0


async def test_what_stands_around_objects_is_made_where_more_than_they_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Any] = []
    make = Around.__init__
    monkeypatch.setattr(Around, "__init__", lambda self, **given: (made.append(self), make(self, **given))[1])
    engine = Engine(schema, tell=contar)
    for asked, more in (("node { id }", False), ("__typename n: node { id }", False), ("node { id } place", True)):
        made.clear()
        answer = await engine.run(Request(f"{{ branches {{ around {{ {asked} }} }} }}"), Context(1, 0.0), "id")
        assert "errors" not in answer
        assert any(branch["around"] for branch in answer["data"]["branches"])
        assert bool(made) is more, asked


async def test_an_object_that_stands_in_many_places_is_completed_once_unless_it_fails() -> None:
    read: list[str] = []

    @strawberry.type
    class Named:
        key: strawberry.Private[str]

        @strawberry.field
        def name(self) -> str:
            read.append(self.key)
            return {"a": "A", "b": "B"}[self.key]

    @strawberry.type
    class Place:
        of: Named

    @strawberry.type
    class Query:
        @strawberry.field
        async def places(self, keys: list[str]) -> list[Place]:
            known = {key: Named(key=key) for key in keys}
            return [Place(of=known[key]) for key in keys]

    engine = Engine(Schema(query=Query), tell=contar)
    request = "query($keys: [String!]!) { places(keys: $keys) { of { name } } }"

    async def asked(keys: str) -> tuple[Any, str, list[Any]]:
        read.clear()
        answer = await engine.run(Request(request, {"keys": list(keys)}), None, "id")
        data = answer["data"] and "".join(place["of"]["name"] for place in answer["data"]["places"])
        return data, "".join(read), [error["path"] for error in answer.get("errors", ())]

    assert await asked("abababaa") == ("ABABABAA", "ab", [])
    assert await asked("abc"[:2]) == ("AB", "ab", [])
    failed = [["places", place, "of", "name"] for place in (2, 4)]
    data, _, paths = await asked("aacacaaa")
    assert data is None
    assert paths in ([one] for one in failed), "a place where it stands, and not another's"
    assert engine.fallbacks == 0


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ __schema { queryType { name } } }", {}),
        ('{ __type(name: "Leaf") { name } branch { id } }', {}),
    ],
    ids=["the schema", "a type"],
)
async def test_what_is_not_compiled_is_run_by_graphql_core_and_counted(query: str, variables: dict[str, Any]) -> None:
    engine = Engine(schema, tell=contar)
    answer = await engine.run(Request(query, variables), Context(1, 0.0), "id")
    assert "errors" not in answer
    assert engine.fallbacks == 1


async def test_a_fault_of_the_compiler_is_no_error_of_the_caller(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise Broken

    monkeypatch.setattr(module, "Compiler", broken)
    engine = Engine(schema, tell=contar)
    for _ in range(4):
        assert (await engine.run(Request("{ hello }"), Context(1, 0.0), "id")) == {"data": {"hello": "oi"}}
    assert engine.fallbacks == 4
    assert caplog.text.count("could not be compiled") == 2, "tried until it is kept, not at each request"


async def test_tracebacks_show_the_generated_source() -> None:
    document = parse("query Galhos { branches { id } }")
    plan = Plan(schema, document, get_operation_ast(document), unchain(document))  # type: ignore[arg-type]  # there is one
    compiled = plan.make_version({}, Limits()).compiled
    assert compiled
    assert linecache.getline(compiled.filename, 1).startswith("def Branch")
    try:
        await compiled.root([None], None, None)
    except AttributeError as error:
        shown = "".join(traceback.format_exception(error))
        assert "operation Galhos" in shown
        assert "await branch" in shown
    plan.forget()
    assert linecache.getline(compiled.filename, 1) == ""


async def test_versions_of_a_plan_are_chosen_by_its_conditions() -> None:
    engine = Engine(schema, tell=contar)
    query = "query($a: Boolean!) { hello @skip(if: $a) __typename }"
    for value, keys in ((True, ["__typename"]), (False, ["hello", "__typename"]), (True, ["__typename"])):
        answer = await engine.run(Request(query, {"a": value}), Context(1, 0.0), "id")
        assert list(answer["data"]) == keys
    assert engine.fallbacks == 0


async def test_versions_are_kept_up_to_a_bound() -> None:
    engine = Engine(schema, tell=contar)
    names = "abcde"
    query = (
        f"query({', '.join(f'${name}: Boolean!' for name in names)}) "
        f"{{ __typename {' '.join(f'{name}: hello @skip(if: ${name})' for name in names)} }}"
    )
    await engine.run(Request(query, dict.fromkeys(names, False)), Context(1, 0.0), "id")  # kept at its second sight
    for number in range(32):
        values = {name: bool(number >> bit & 1) for bit, name in enumerate(names)}
        answer = await engine.run(Request(query, values), Context(1, 0.0), "id")
        assert list(answer["data"]) == ["__typename", *(name for name in names if not values[name])]
    assert engine.fallbacks == 32 - 16


@pytest.mark.parametrize("query", [*IN_PAGES, *IN_TESTS, *IN_EXAMPLES])
def test_every_operation_of_ours_is_compiled(query: str) -> None:
    document = parse(query)
    operations = [part for part in document.definitions if isinstance(part, OperationDefinitionNode)]
    names = [operation.name.value if operation.name else None for operation in operations]
    assert names
    for name in names:
        operation = get_operation_ast(document, name)
        assert operation
        compiled = Plan(product, document, operation, unchain(document)).make_version({}, Limits()).compiled
        assert (compiled is None) is ("__schema" in query)
