"""What each pass of the engine costs grows no faster than what it is given, however hostile: counted in steps."""

import asyncio
import contextlib
import gc
import json
import logging
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, Node, get_introspection_query, get_operation_ast, is_input_type, parse, parse_value
from graphql.utilities import validate_input_literal, validate_input_value
from hypothesis import given, settings
from hypothesis import strategies as st

from sghss_graphql.machinery.engine import Engine, Limits, Request, Schema, relation
from sghss_graphql.machinery.engine.inputs import wrong_in_literal, wrong_in_value
from sghss_graphql.machinery.engine.limits import STRANGER, Cost, Tally, require_small, values_in
from sghss_graphql.machinery.engine.plans import Plan, unchain
from sghss_graphql.machinery.engine.selections import Collector
from sghss_graphql.machinery.engine.validation import check_variables, validate_operation
from sghss_graphql.machinery.engine.variables import Variables
from sghss_graphql.machinery.faults import Excess, Malformed, Unavailable
from sghss_graphql.vocabulario.errors import contar
from tests.freed import without_a_search
from tests.hospital import SCHEMA as product
from tests.machinery.engine.faults import Context as Failing
from tests.machinery.engine.faults import schema as failing
from tests.machinery.engine.steps import grows
from tests.machinery.engine.test_equality import MANY

SEGREDO = "uma-senha-4711"
LINEAR = 5.0  # four times as much may cost five times as many steps
BOUNDLESS = Limits(characters=10**9, tokens=10**9, fields=10**9, aliases=10**9, roots=10**9, operations=10**9)
CADASTRAR = "mutation($i: CadastrarProfissionalInput!) { cadastrarProfissional(input: $i) { erros { codigo } } }"
RUIM: dict[str, Callable[[int], Any]] = {
    "items of another type": lambda n: {"especialidades": [1] * n},
    "items that are no value": lambda n: {"especialidades": [None] * n},
    "lists in lists": lambda n: {"especialidades": [[[i]] for i in range(n)]},
    "unknown fields": lambda n: {f"campo{i}": i for i in range(n)},
    "one long text": lambda n: {"cpf": "9" * n, "numero": "x" * n},
    "objects for texts": lambda n: {"especialidades": [{"a": {"b": i}} for i in range(n)]},
}


@pytest.mark.parametrize("make", RUIM.values(), ids=RUIM)
def test_variables_that_are_wrong_cost_what_they_hold_and_twenty_errors_at_most(make: Callable[[int], Any]) -> None:
    operation = get_operation_ast(parse(CADASTRAR))
    assert operation
    variables = Variables(product.core, operation)

    def judge(n: int) -> Callable[[], Any]:
        given = {"i": make(n)}

        def both() -> None:
            assert variables.coerced(given) is None
            found = check_variables(product.core, operation, given, variables.places(), suggest=True)
            assert 1 <= len(found) <= 20
            assert sum(len(error.message) for error in found) < 20 * 300

        return both

    assert grows(judge, 500) <= LINEAR


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "[" + "1 " * n + "]",
        lambda n: "{" + " ".join(f"x{i}: 1" for i in range(n)) + "}",
        lambda n: "{especialidades: [" + "{a: 1} " * n + "]}",
    ],
)
def test_literals_that_are_wrong_cost_what_they_hold(make: Callable[[int], str]) -> None:
    def judge(n: int) -> Callable[[], Any]:
        document = parse("mutation { cadastrarProfissional(input: " + make(n) + ") { erros { codigo } } }")

        def validate() -> None:
            assert 1 <= len(validate_operation(product.core, document, introspection=True)) <= 20

        return validate

    assert grows(judge, 200) <= LINEAR


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "{" + "eu { id } " * n + "}",
        lambda n: "{" + "eu { paciente { nome } } " * n + "}",
        lambda n: "{ eu { " + " ".join(f"a{i}: nome" for i in range(n)) + " } }",
        lambda n: "{ " + "... on Query { eu { id } } " * n + " }",
        lambda n: "{ ...F0 } " + " ".join(f"fragment F{i} on Query {{ ...F{i + 1} }}" for i in range(n))
        + f" fragment F{n} on Query {{ eu {{ id }} }}",
    ],
    ids=["one field", "one field with more below", "aliases", "inline fragments", "a chain of fragments"],
)  # fmt: skip
def test_validation_costs_what_the_text_holds_or_gives_up(make: Callable[[int], str]) -> None:
    def judge(n: int) -> Callable[[], Any]:
        document = parse(make(n))

        def validate() -> None:
            with contextlib.suppress(Excess, RecursionError):
                validate_operation(product.core, document, introspection=True)

        return validate

    assert grows(judge, 40) <= LINEAR * 1.6  # a few rules look at a short list for each field


@pytest.mark.parametrize("size", [1_000, 100_000])
def test_values_are_counted_no_further_than_the_most(size: int) -> None:
    most = 500
    for value in ([1] * size, {str(n): n for n in range(size)}, [[1] * size] * 3, {"a": {"b": [{}] * size}}):
        assert values_in(value, most) == most + 1
    assert values_in({"a": [1, {"b": None}]}, most) == 5


@strawberry.type
class Item:
    """Something that is refused."""

    n: int

    @strawberry.field
    def bad(self) -> str | None:
        """Fail, for a reason of its own."""
        raise ValueError(self.n)

    @strawberry.field
    async def late(self, info: strawberry.Info) -> str | None:
        """Fail, later."""
        del info
        raise ValueError(self.n)


@relation(Item, description="r")
async def related(items: list[Item], info: strawberry.Info) -> list[Item | None]:
    """Fail for all of them."""
    del items, info
    raise KeyError(SEGREDO)


@relation(Item, description="r")
async def some(items: list[Item], info: strawberry.Info) -> list[Item]:
    """Give nothing where something must be, every other time."""
    del info
    return [item if item.n % 2 else ValueError() for item in items]  # type: ignore[misc]  # as a resolver may


def of(count: int) -> Schema:
    """Make a schema that lists as many items."""

    @strawberry.type
    class Query:
        @strawberry.field
        def items(self) -> list[Item]:
            """All."""
            return [Item(n=n) for n in range(count)]

    return Schema(Query, relations=[related, some])


@pytest.mark.parametrize("field", ["bad", "late", "related { n }", "some { n }", "some { related { n } }"])
def test_what_fails_for_many_objects_costs_as_many_steps_and_one_line_of_the_log(
    field: str, caplog: pytest.LogCaptureFixture
) -> None:
    """In the response each has its error and its path; the log has the fault once, with how many."""

    def ask(n: int) -> Callable[[], Any]:
        engine = Engine(of(n), tell=contar, compiled=True)
        request = Request(f"{{ items {{ {field} }} }}")

        async def run() -> None:
            answer = await engine.run(request, None, "id")
            assert engine.fallbacks == 0
            errors = answer["errors"]
            assert len(errors) == (1 if field.startswith("some") else n)
            assert len({tuple(error["path"]) for error in errors}) == len(errors)

        return lambda: asyncio.run(run())

    logging.getLogger("sghss.graphql").setLevel(logging.ERROR)
    assert grows(ask, 200) <= LINEAR
    faults = [record for record in caplog.records if "internal error" in record.message]
    assert len(faults) <= 2 * 3, "a line for each run and kind of fault"
    assert faults
    assert any("fields=" in record.message for record in faults) or field.startswith("some")
    assert SEGREDO not in caplog.text


def cost_of(query: str, variables: dict[str, Any], limits: Limits) -> None:
    """Judge a query as the engine does."""
    document = parse(query)
    operation = get_operation_ast(document)
    assert operation
    tally = Tally(limits)
    selection = Collector(product.core, {}, {}, tally.enter, tally.direct).root(operation)
    coerced = Variables(product.core, operation).coerced(variables)
    assert coerced is not None
    Cost(selection, limits).check(coerced)


SIZES = st.one_of(st.integers(1, 100), st.integers(-(2**31), 2**31 - 1), st.none())


def pages(sizes: list[tuple[int | None, bool]], depth: int = 0) -> str:
    """Write consultas of the pacientes of consultas …, each page as long as a literal or a variable says."""
    (size, literal), *rest = sizes
    first = ("null" if size is None else str(size)) if literal else f"$n{depth}"
    inside = f"paciente {{ {pages(rest, depth + 1)} }}" if rest else "id"
    return f"consultas(first: {first}) {{ edges {{ node {{ {inside} }} }} }}"


def slowly(sizes: list[tuple[int | None, bool]], parents: int = 1) -> int:
    """Count the connections, edges, nodes and pacientes, and what is below them."""
    (size, _), *rest = sizes
    found = parents * (20 if size is None else size)
    return parents + found + found + (found + slowly(rest, found) if rest else 0)


@settings(max_examples=MANY, deadline=None)
@given(st.lists(st.tuples(SIZES, st.booleans()), min_size=1, max_size=4), st.integers(1, 30_000))
def test_the_cost_of_pages_in_pages_is_what_a_slow_count_says(sizes: list[tuple[int | None, bool]], most: int) -> None:
    """A cost below nothing, by a literal or a variable at any depth, would pay for the siblings."""
    variables = {f"n{depth}": size for depth, (size, literal) in enumerate(sizes) if not literal}
    heads = f"({', '.join(f'${name}: Int' for name in variables)})" if variables else ""
    text = f"query{heads} {{ {pages(sizes)} irma: consultas(first: 100) {{ edges {{ cursor }} }} }}"
    if any(size is not None and not 1 <= size <= 100 for size, _ in sizes):
        with pytest.raises(Malformed):
            cost_of(text, variables, Limits(objects=10**12))
    elif slowly(sizes) + 101 > most:
        with pytest.raises(Excess):
            cost_of(text, variables, Limits(objects=most))
    else:
        cost_of(text, variables, Limits(objects=most))


def test_counts_have_a_price() -> None:
    fifty = "{ " + " ".join(f"a{n}: consultas {{ totalCount }}" for n in range(50)) + " }"
    with pytest.raises(Excess):
        cost_of(fifty, {}, Limits())
    cost_of("{ consultas { totalCount } pacientes { totalCount } profissionais { totalCount } }", {}, Limits())


SHAPES = {
    "aliases": "{ eu { " + " ".join(f"a{n}: nome" for n in range(400)) + " } }",
    "objects": "{ consultas { edges { node { " + " ".join(f"a{n}: paciente {{ cpf }}" for n in range(100)) + "} } } }",
    "arguments": "{ "
    + " ".join(f'a{n}: profissionais(busca: "{"x" * 50}") {{ totalCount }}' for n in range(18))
    + " }",
    "pages": "{ "
    + " ".join(f"a{n}: consultas {{ ...G }}" for n in range(15))
    + " } fragment G on ConsultaConnection { "
    + " ".join(f"a{n}: edges {{ ...F }}" for n in range(20))
    + " } fragment F on ConsultaEdge { node { __typename } }",
    "small": "{ eu { id } }",
    "schema": "{ __schema { types { name fields { name } } } }",
    "comments": "{ eu { id } } " + "# nada\n" * 2_000,
    "fragments": "{ eu { ...F0 } } " + " ".join(f"fragment F{n} on Usuario {{ nome ...F{n + 1} }}" for n in range(20))
    + " fragment F20 on Usuario { id }",
}  # fmt: skip


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_a_plan_weighs_no_less_than_it_holds(text: str) -> None:
    def made() -> Plan:
        document = parse(text)
        operation = get_operation_ast(document)
        assert operation
        plan = Plan(product, document, operation, unchain(document))
        plan.make_version({}, BOUNDLESS)
        return plan

    made().forget()  # what the schema remembers of its own is no plan's
    plans, tries = [], []
    gc.collect()
    gc.disable()  # what an earlier test left behind, freed in the middle, would count for less than nothing
    tracemalloc.start()
    try:
        for _ in range(3):  # other threads may make something meanwhile
            before, _ = tracemalloc.get_traced_memory()
            plans.append(made())
            tries.append(tracemalloc.get_traced_memory()[0] - before)
    finally:
        tracemalloc.stop()
        gc.enable()
    held = min(tries)
    assert held <= plans[0].weight + 2 * len(text) <= 12 * held + 50_000
    for plan in plans:
        plan.forget()


async def test_a_stranger_may_ask_for_less_than_someone_known_even_of_a_plan_that_is_kept() -> None:
    engine = Engine(product, tell=contar)
    wide = "{ " + " ".join(f"a{n}: __typename" for n in range(30)) + " }"
    for _ in range(3):
        assert "errors" not in await engine.run(Request(wide), None, "id")
    stranger = await engine.run(Request(wide), None, "id", known=False)
    assert [error["extensions"]["code"] for error in stranger["errors"]] == ["LIMITE_EXCEDIDO"]
    assert STRANGER.fields < 60


async def test_work_is_charged_before_it_is_done_as_a_share_of_the_most() -> None:
    engine = Engine(product, tell=contar)
    limits = Limits()
    charged: list[float] = []
    listed = "query L($n: Int) { consultas(first: $n) { edges { node { id profissional { id } } } } }"

    async def shares(text: str, **variables: Any) -> list[float]:
        charged.clear()
        await engine.run(Request(text, variables), None, "id", charge=charged.append)
        return [round(share, 4) for share in charged]

    length = round(len(listed) / 5 / limits.tokens, 4)
    assert await shares(listed, n=100) == [length, 2 / limits.values, 300 / limits.objects]
    assert await shares(listed, n=10) == [length, 2 / limits.values, 30 / limits.objects], "seen once"
    assert await shares(listed, n=10) == [2 / limits.values, 30 / limits.objects], "kept"
    assert (await shares(listed, n=list(range(20_000))))[-1] > 1, "even what is refused"
    (_, _, asking) = await shares(get_introspection_query(input_value_deprecation=True))
    assert 0.05 < asking < 0.2

    def refuse(_: float) -> None:
        raise Unavailable

    for text in ("{ eu { nome } }", listed):
        with pytest.raises(Unavailable):
            await engine.run(Request(text), None, "id", charge=refuse)


async def test_a_text_that_is_not_kept_is_freed_without_a_search() -> None:
    """A document is no cycle once it is planned: what is garbage for the collector alone stops the loop in the end."""
    engine = Engine(product, tell=contar)
    made = iter(range(1_000))

    async def run(field: str) -> None:
        text = "{ " + " ".join(f"a{next(made)}: {field}" for _ in range(15)) + " }"
        await engine.run(Request(text), None, "id")

    for field in ("__typename", "nada", "profissional(id: [3]) { id }", "pacientes(first: 1000000) { totalCount }"):
        await run(field)
        gc.collect()
        gc.disable()
        try:
            before = sum(isinstance(one, Node) for one in gc.get_objects())
            for _ in range(5):
                await run(field)
            assert sum(isinstance(one, Node) for one in gc.get_objects()) - before < 10
        finally:
            gc.enable()


def test_pages_in_pages_are_compiled_once_each() -> None:
    """What fills a page in without edges stands beside what makes them: neither makes what is below anew."""

    def functions(depth: int) -> int:
        inside = "id"
        for _ in range(depth):
            inside = f"paciente {{ consultas(first: 1) {{ edges {{ node {{ {inside} }} }} }} }}"
        document = parse(f"{{ consultas(first: 1) {{ edges {{ node {{ {inside} }} }} }} }}")
        operation = get_operation_ast(document)
        assert operation
        compiled = Plan(product, document, operation, unchain(document)).make_version({}, BOUNDLESS).compiled
        assert compiled is not None
        return compiled.source.count("def ")

    one, two, four = map(functions, (1, 2, 4))
    assert four - two == 2 * (two - one)


@pytest.mark.parametrize(
    "query",
    [
        "{ branch { later { id } } }",
        "{ branch { soon { id } leaf { shouted id } } }",
        "{ branches { leaves { count ratio kind tags } } }",
        'mutation { step(name: "a") { id } }',
    ],
)
async def test_what_fails_is_freed_without_a_search(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was raised holds the run that it failed in, by its traceback, and isn't held by it."""
    monkeypatch.setattr(logging.getLogger("sghss.graphql"), "disabled", True)
    engine = Engine(failing, tell=contar)

    async def run(seeds: range) -> int:
        answers = [await engine.run(Request(query), Failing(seed, 0.4), "id") for seed in seeds]
        return sum(len(answer.get("errors", ())) for answer in answers)

    with without_a_search():
        assert await run(range(30)) > 5


@given(st.fixed_dictionaries({name: st.booleans() for name in (
    "descriptions", "specified_by_url", "directive_is_repeatable", "schema_description", "input_value_deprecation",
    "one_of",
)}), st.integers(1, 12))  # fmt: skip
@settings(max_examples=20, deadline=None)
def test_what_tools_ask_of_the_schema_is_answered_to_strangers(options: dict[str, bool], type_depth: int) -> None:
    text = get_introspection_query(**options, type_depth=type_depth)
    answer = asyncio.run(Engine(product, tell=contar).run(Request(text), None, "id", known=False))
    assert "errors" not in answer
    assert answer["data"]["__schema"]["types"]


def test_small_is_judged_before_what_it_means() -> None:
    for text in ("{ " + "a " * 1_001 + "}", "query A { a } " * 51, "{ " + "__schema { queryType { name } } " * 4 + "}"):
        with pytest.raises(Excess):
            require_small(parse(text), Limits())


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.text(max_size=5),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["cpf", "nome", "numero", "especialidades", "senha", "email", "outro"]), inner, max_size=6), max_leaves=12,
)  # fmt: skip


@settings(max_examples=MANY, deadline=None)
@given(VALUES)
def test_a_value_is_wrong_where_graphql_core_says_so(value: Any) -> None:
    type_ = product.core.type_map["CadastrarProfissionalInput"]
    assert is_input_type(type_)
    theirs: list[GraphQLError] = []
    validate_input_value(value, type_, lambda error, _: theirs.append(error))
    assert len(wrong_in_value(value, type_, suggest=True)) == min(20, len(theirs))
    node = _literal(value)
    theirs.clear()
    validate_input_literal(node, type_, lambda error, _: theirs.append(error))
    assert len(wrong_in_literal(node, type_, suggest=False)) == min(20, len(theirs))


def _literal(value: Any) -> Any:
    """Write a JSON value as a literal."""

    def text(one: Any) -> str:
        if isinstance(one, dict):
            return "{" + " ".join(f"{name}: {text(inner)}" for name, inner in one.items()) + "}"
        return "[" + " ".join(map(text, one)) + "]" if isinstance(one, list) else json.dumps(one)

    return parse_value(text(value))
