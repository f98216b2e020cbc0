"""Every text and list of the schema has a bound: its description says it, and what is longer is refused, by name.

Walked over the schema, so that a new argument without a bound fails here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    build_schema,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)

from sghss_graphql.app import sql_folder
from tests.hospital import Hospital

SCHEMA = build_schema((sql_folder().parent / "schema.graphql").read_text(encoding="utf-8"))
ROOTS = {"query": SCHEMA.query_type, "mutation": SCHEMA.mutation_type}
BOUNDS = [re.compile(r"(\d[\d.]*) (caracteres|bytes|KiB|especialidades|códigos)"), re.compile(r"até (\d+)()")]
PAGES = {"first", "after", "last", "before"}
SECRETS = {"senha", "senhaAtual", "senhaNova", "tokenDeRenovacao", "codigo"}
"""What is wrong with these is told to nobody who logs in."""
VALUES: dict[str, Any] = {
    "String": "Texto bom 1", "ID": "pac_00000000000000000000000000000000", "Int": 15, "Date": "1990-05-05",
    "DateTime": "2035-01-01T09:00:00Z", "CPF": "52998224725", "CNS": "700000000000005",
    "CID10": "I10", "Hora": "08:00", "Boolean": True,
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """An argument of a field of the root, or a field of its input object, that holds texts or a list."""

    root: str
    field: str
    path: tuple[str, ...]
    definition: GraphQLArgument | GraphQLInputField

    def __str__(self) -> str:
        return ".".join((self.field, *self.path))


def _places() -> Iterator[Place]:
    for root, type_ in ROOTS.items():
        assert type_
        for name, field in type_.fields.items():
            for argument, definition in field.args.items():
                yield from _below(Place(root, name, (argument,), definition))


def _below(place: Place) -> Iterator[Place]:
    type_, named = place.definition.type, get_named_type(place.definition.type)
    text = named.name == "String"
    if text or _is_list(type_):
        yield place
    if is_input_object_type(named):
        for name, field in named.fields.items():
            yield from _below(Place(place.root, place.field, (*place.path, name), field))


def _is_list(type_: Any) -> bool:
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_)


PLACES = list(_places())


def _value(type_: Any) -> Any:
    """Give a value that a type takes."""
    if is_non_null_type(type_):
        return _value(type_.of_type)
    if is_list_type(type_):
        return [_value(type_.of_type)]
    if is_enum_type(type_):
        return next(iter(type_.values))
    if is_input_object_type(type_):
        return {name: _value(field.type) for name, field in type_.fields.items()}
    return VALUES[type_.name]


def _too_much(place: Place) -> Any:
    """Give a value past the bound that the description says."""
    described = place.definition.description or ""
    found = next((found for bound in BOUNDS if (found := bound.search(described))), None)
    assert found, f"say in the description of {place} how much it takes at most"
    most = int(found[1].replace(".", "")) * (1024 if found[2] == "KiB" else 1)
    if _is_list(place.definition.type):
        return _value(place.definition.type) * (most + 1)
    return "Ab1 " * (most // 4 + 10)


def _operation(place: Place) -> tuple[str, dict[str, Any]]:
    root = ROOTS[place.root]
    assert root
    field = root.fields[place.field]
    values = {name: _value(argument.type) for name, argument in field.args.items() if name not in PAGES}
    values |= {place.path[0]: _value(field.args[place.path[0]].type)}
    inside = values
    for name in place.path[:-1]:
        inside = inside[name][0] if isinstance(inside[name], list) else inside[name]
    inside[place.path[-1]] = _too_much(place)
    declared = ", ".join(f"${name}: {field.args[name].type}" for name in values)
    passed = ", ".join(f"{name}: ${name}" for name in values)
    below = "{ erros { codigo campo } }" if place.root == "mutation" else "{ __typename }"
    return f"{place.root}({declared}) {{ it: {place.field}({passed}) {below} }}", values


def _without_numbers(path: list[str] | None) -> tuple[str, ...]:
    return tuple(part for part in path or () if not part.isdigit())


def _filled(values: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """Put what this hospital has in the places of that name."""
    return {
        name: known.get(name, _filled(value, known) if isinstance(value, dict) else value)
        for name, value in values.items()
    }


@pytest.mark.parametrize("place", PLACES, ids=map(str, PLACES))
async def test_what_is_longer_than_its_bound_is_refused_by_name(hospital: Hospital, place: Place) -> None:
    text, values = _operation(place)
    someone = await hospital.paciente()
    named, answers = False, []
    for asks in hospital.demo.values():
        answer = (await asks(text, **_filled(values, {"pacienteId": someone.id, "cpf": hospital.cpf()}))).corpo
        answers.append(answer)
        it = (answer.get("data") or {}).get("it")
        arguments = [error["extensions"].get("argumento") for error in answer.get("errors", ())]
        fields = [error["campo"] for error in (it or {}).get("erros", ())]
        assert arguments or fields, (str(place), answer)
        named |= any(_without_numbers(path)[: len(place.path)] == place.path for path in (*arguments, *fields))
        named |= any("cursor" in error["message"].lower() for error in answer.get("errors", ()))
    assert named or place.path[-1] in SECRETS, (str(place), answers)


def test_the_walk_finds_what_there_is() -> None:
    assert len(PLACES) > 40
