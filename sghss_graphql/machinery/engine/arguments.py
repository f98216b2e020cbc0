"""Arguments are coerced by graphql-core; what Strawberry would then make of them is worked out once for a plan.

Strawberry's ``convert_arguments`` looks at the types again for each value. Here each type has a function that does the
same, made beforehand; a type that isn't known here leaves its field's arguments to Strawberry.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    GraphQLInputObjectType,
    GraphQLInputType,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_argument_values,
    get_nullable_type,
)
from graphql.utilities import coerce_input_literal
from strawberry.scalars import is_scalar
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    get_object_definition,
    has_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

from sghss_graphql.machinery.engine.schema import Schema
from sghss_graphql.machinery.engine.selections import Selected

Convert = Callable[[Any], Any]


class _Unknown(Exception):
    """A type that Strawberry has to convert itself."""


class Arguments:
    """The arguments of a field, as its resolver takes them."""

    def __init__(self, selected: Selected, field: StrawberryField, strawberry_schema: Schema) -> None:
        assert selected.definition is not None  # noqa: S101 - __typename has no resolver
        self._definition = selected.definition
        self._node = selected.nodes[0]
        self._by_variable, by_parts = _varying(self._node)
        self._by_parts = {name: _Parts(value, self._definition.args[name].type) for name, value in by_parts.items()}
        self._constant: dict[str, Any] | None = None
        """What doesn't come from a variable, coerced; known from the first request on."""
        self._field = field
        self._registry = strawberry_schema.schema_converter.scalar_registry
        self._config = strawberry_schema.config
        names = self._config.name_converter
        self._known: dict[str, tuple[str, Convert]] | None
        """By the schema's name: the parameter's, and how its value is converted; None if Strawberry has to."""
        try:
            self._known = {
                names.from_argument(one): (one.python_name, self._converter(one.type)) for one in field.arguments
            }
        except _Unknown:
            self._known = None
        self._plain = self._all_plain()

    def given(self, variables: Any, info: strawberry.Info[Any, Any]) -> dict[str, Any]:
        """Give those of a request, by its (coerced) variables."""
        if self._plain is not None:
            coerced = variables.coerced
            plain = {parameter: coerced.get(variable) for parameter, variable in self._plain}
            if None not in plain.values():
                return plain
        given = self._coerced(variables)
        if self._known is None:
            return convert_arguments(
                given, self._field.arguments, scalar_registry=self._registry, config=self._config, info=info
            )
        found = {}
        for name, value in given.items():
            parameter, convert = self._known[name]
            found[parameter] = value if convert is _as_it_is else convert(value)
        return found

    def _all_plain(self) -> list[tuple[str, str]] | None:
        """Give the parameters, each with its variable, if all are taken as they come and no others have a default."""
        if self._known is None or len(self._by_variable) < len(self._field.arguments):
            return None
        known = [(*self._known[name], variable) for name, variable in self._by_variable.items()]
        if any(convert is not _as_it_is for _, convert, _ in known):
            return None
        return [(parameter, variable) for parameter, _, variable in known]

    def _coerced(self, variables: Any) -> dict[str, Any]:
        """Give the coerced values, by the schema's names; what isn't plainly right is graphql-core's to judge."""
        if self._constant is not None:
            varying = {name: variables.coerced.get(variable) for name, variable in self._by_variable.items()}
            for name, parts in self._by_parts.items():
                varying[name] = parts.coerced(variables)
            if None not in varying.values():
                return self._constant | varying
        given = get_argument_values(self._definition, self._node, variables)
        if self._constant is None:
            varies = self._by_variable.keys() | self._by_parts.keys()
            self._constant = {name: value for name, value in given.items() if name not in varies}
        return given

    def _converter(self, type_: Any, around: tuple[Any, ...] = ()) -> Convert:
        """Make the function that converts values of a type; ``around`` are the inputs that it stands in.

        Raises:
            _Unknown: only Strawberry knows how.
        """
        if isinstance(type_, StrawberryMaybe) or type_ in around:
            raise _Unknown
        if isinstance(type_, StrawberryOptional):
            return self._converter(type_.of_type, around)
        if isinstance(type_, StrawberryList):
            return _list(self._converter(type_.of_type, around))
        if (
            is_scalar(type_, self._registry)
            or isinstance(type_, StrawberryEnumDefinition)
            or has_enum_definition(type_)
        ):
            return _as_it_is
        if has_object_definition(type_):
            definition = get_object_definition(type_, strict=True)
            if definition.is_input and definition.from_input is None:
                return self._input(type_, definition, (*around, type_))
        raise _Unknown

    def _input(self, type_: Any, definition: StrawberryObjectDefinition, around: tuple[Any, ...]) -> Convert:
        names = self._config.name_converter
        missing = {
            field.python_name: None
            for field in definition.fields
            if field.default_value is MISSING and field.default_factory is MISSING
        }
        fields = {
            names.from_field(field): (
                field.python_name,
                self._converter(field.resolve_type(type_definition=definition), around),
            )
            for field in definition.fields
        }

        def convert(value: Mapping[str, Any] | None) -> Any:
            if value is None or value is UNSET:
                return value
            found: dict[str, Any] = dict(missing)
            for name, inside in value.items():
                python_name, convert_inside = fields[name]
                found[python_name] = inside if convert_inside is _as_it_is else convert_inside(inside)
            return type_(**found)

        return convert


class _Parts:
    """An argument that has variables among its parts, as ``{pacienteId: $id}`` has; the rest is coerced once."""

    def __init__(self, node: ValueNode, type_: GraphQLInputType) -> None:
        self._node, self._type = node, type_
        self._by_variable = _fields_of(node, type_)
        self._constant: dict[str, Any] | None = None

    def coerced(self, variables: Any) -> Any:
        """Give the coerced value; None if it is nothing, or isn't plainly right."""
        if self._constant is not None:
            varying = {name: variables.coerced.get(variable) for name, variable in self._by_variable.items()}
            if None not in varying.values():
                return self._constant | varying
        made = coerce_input_literal(self._node, self._type, variables)
        if made is Undefined:
            return None
        if type(made) is dict and self._by_variable and self._by_variable.keys() <= made.keys():
            self._constant = {name: value for name, value in made.items() if name not in self._by_variable}
        return made


def _fields_of(node: ValueNode, type_: GraphQLInputType) -> dict[str, str]:
    """Give the fields of an input object that are a variable each, with its name; none if variables stand deeper."""
    named = get_nullable_type(type_)
    if not isinstance(node, ObjectValueNode) or not isinstance(named, GraphQLInputObjectType):
        return {}
    values = {named.fields[field.name.value].out_name or field.name.value: field.value for field in node.fields}
    alone = {name: value.name.value for name, value in values.items() if isinstance(value, VariableNode)}
    return {} if any(_holds_variable(value) for name, value in values.items() if name not in alone) else alone


def _varying(node: FieldNode) -> tuple[dict[str, str], dict[str, ValueNode]]:
    """Give the arguments that are a variable each, with its name, and those that have variables among their parts."""
    values = {argument.name.value: argument.value for argument in node.arguments or ()}
    alone = {name: value.name.value for name, value in values.items() if isinstance(value, VariableNode)}
    return alone, {name: value for name, value in values.items() if name not in alone and _holds_variable(value)}


def _holds_variable(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_holds_variable, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_holds_variable(field.value) for field in value.fields)
    return isinstance(value, VariableNode)


def _as_it_is(value: Any) -> Any:
    return value


def _list(convert: Convert) -> Convert:
    """Convert the items, in a list of its own: graphql-core gives the same default to every request."""

    def each(value: Any) -> Any:
        if value is None or value is UNSET:
            return value
        return list(value) if convert is _as_it_is else [convert(item) for item in value]

    return each
