"""Arguments are what Strawberry itself would make of them, for every field that has any."""

from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    VariableValues,
    is_list_type,
    is_non_null_type,
    parse,
)
from strawberry.types.arguments import convert_arguments

from sghss_graphql.machinery.engine import Engine, Request, Schema
from sghss_graphql.machinery.engine.arguments import Arguments
from sghss_graphql.machinery.engine.selections import Selected
from sghss_graphql.vocabulario.errors import contar
from tests.hospital import SCHEMA as schema
from tests.machinery.engine import faults

DEFINITION = "strawberry-definition"


def _samples(type_: Any, depth: int = 0) -> list[Any]:
    """Give values of a type as graphql-core coerces them: with everything, with the least, and nothing at all."""
    if is_non_null_type(type_):
        return [value for value in _samples(type_.of_type, depth) if value is not None]
    if is_list_type(type_):
        return [None, [], [value for value in _samples(type_.of_type, depth) if value is not None]]
    if isinstance(type_, GraphQLEnumType):
        return [None, *(type_.coerce_input_value(name) for name in type_.values)]
    if isinstance(type_, GraphQLInputObjectType) and depth < 3:
        each = {name: _samples(field.type, depth + 1) for name, field in type_.fields.items()}
        whole = {name: values[-1] for name, values in each.items()}
        least = {name: values[-1] for name, values in each.items() if is_non_null_type(type_.fields[name].type)}
        return [None, least, {name: values[0] for name, values in each.items()}, whole]
    return [None, object()]


def _fields(of: Schema) -> Iterator[Any]:
    for type_ in of.core.type_map.values():
        for name, field in getattr(type_, "fields", {}).items():
            if getattr(field, "args", None) and not type_.name.startswith("__"):
                yield pytest.param(of, field, id=f"{type_.name}.{name}")


@pytest.mark.parametrize(("of", "field"), [*_fields(schema), *_fields(faults.schema)])
def test_they_are_what_strawberry_makes_of_them(of: Schema, field: Any) -> None:
    declared = field.extensions[DEFINITION]
    samples = {name: _samples(argument.type) for name, argument in field.args.items()}
    for number in range(max(map(len, samples.values()))):
        chosen = {name: values[number % len(values)] for name, values in samples.items()}
        heads = ", ".join(f"{name}: ${name}" for name in chosen)
        (operation,) = parse(f"{{ f({heads}) }}").definitions
        (node,) = operation.selection_set.selections  # type: ignore[attr-defined]  # an operation
        assert isinstance(node, FieldNode)
        arguments = Arguments(Selected("f", "f", [node], field), declared, of)
        ours = arguments.given(VariableValues(dict.fromkeys(chosen), chosen), None)  # type: ignore[arg-type]  # an input that builds itself would ask for it
        theirs = convert_arguments(
            dict(chosen), declared.arguments, of.schema_converter.scalar_registry, of.config, None
        )
        assert {of.config.name_converter.from_argument(one): ours.get(one.python_name) for one in declared.arguments}
        assert ours == theirs
        assert list(map(type, ours.values())) == [type(theirs[name]) for name in ours]


@strawberry.input
class _Inside:
    a: str = "de casa"
    b: int | None = strawberry.UNSET


@strawberry.input
class _Outside:
    name: str = "ninguém"
    many: list[int] | None = strawberry.UNSET
    inside: _Inside | None = strawberry.UNSET
    when: str | None = None


@strawberry.type
class _Echo:
    @strawberry.field
    async def given(self, value: _Outside | None = None, other: _Outside | None = None) -> str:
        return repr((value, other))


@pytest.mark.parametrize(
    "call",
    [
        "value: {name: $a}",
        'value: {name: $a, many: [1, 2], inside: {a: "x"}, when: null}',
        "value: {when: $c, name: $a}, other: {when: $c}",
        "value: {inside: {a: $a, b: $b}, name: $a}",
        "value: {many: [$d, 7], name: $a}",
        "value: {many: $e, when: $c}",
        "value: {inside: $f, name: $a}, other: $g",
    ],
)
async def test_variables_among_the_parts_of_a_literal_are_those_of_each_request(call: str) -> None:
    own = Schema(query=_Echo)
    known = {"a": "String!", "b": "Int", "c": "String", "d": "Int!", "e": "[Int!]", "f": "Inside", "g": "Outside"}
    heads = ", ".join(f"${name}: {type_}" for name, type_ in known.items() if f"${name}" in call)
    query = f"query({heads}) {{ given({call}) }}"
    compiled, core = Engine(own, tell=contar), Engine(own, tell=contar, compiled=False)
    always = {"a": "A", "d": 5}
    each = {"b": 1, "c": "c", "e": [3], "f": {"b": 2}, "g": {"name": "g"}}
    for given in (always, always | each, always | dict.fromkeys(each), always | each | {"a": "B", "d": 6, "c": "z"}):
        variables = {name: value for name, value in given.items() if f"${name}" in call}
        theirs = await core.run(Request(query, variables), None, "id")
        assert "errors" not in theirs
        for _ in range(2):
            assert await compiled.run(Request(query, variables), None, "id") == theirs, variables
    assert compiled.fallbacks == 0


async def test_what_graphql_core_refuses_of_arguments_is_the_callers_mistake(caplog: pytest.LogCaptureFixture) -> None:
    own = Schema(query=_Echo)
    query = 'query($a: String = "x") { given(value: {name: $a}) }'
    answers = [
        await Engine(own, tell=contar, compiled=compiled).run(Request(query, {"a": None}), None, "id")
        for compiled in (True, False)
    ]
    told = [(error["path"], error["extensions"]["code"]) for answer in answers for error in answer["errors"]]
    assert told == [(["given"], "REQUISICAO_INVALIDA")] * 2
    assert caplog.text == "", "no fault of ours"


def test_what_only_strawberry_knows_is_left_to_it() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def f(self, value: strawberry.Maybe[int]) -> str:
            return repr(value)

    own = Schema(query=Query)
    (node,) = parse("{ f(value: 1) }").definitions[0].selection_set.selections  # type: ignore[attr-defined]  # an operation
    field = own.core.type_map["Query"].fields["f"]  # type: ignore[attr-defined]  # an object type
    arguments = Arguments(Selected("f", "f", [node], field), field.extensions[DEFINITION], own)
    assert arguments.given(VariableValues({}, {}), None) == {"value": strawberry.Some(1)}  # type: ignore[arg-type]  # an input that builds itself would ask for it
