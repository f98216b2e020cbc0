"""What is wrong with a value for an input type: where and why, in our words, never the value itself.

Variables (JSON) and literals (nodes) are walked by the same rules (GraphQL specification, 3.5 to 3.13, 5.6). The walk
ends at the most that anyone wants to read, and does nothing for a value that it doesn't look at: it is linear.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Protocol

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.pyutils import suggestion_list

MOST_TOLD = 20
"""Errors that are told of one request."""
_LONGEST_NAME = 60  # characters of a name that is told, or compared with those that there are

Place = tuple[str | int, ...]
"""Names of input fields and positions in lists, from the value's own root."""


class BadValue(GraphQLError):
    """A scalar's refusal: its message holds nothing of the value, and may be told."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: its place, the reason, and the node that it is written in, if it is."""

    place: Place
    reason: str
    node: Node | None = None


class _Form(Protocol):
    """How a value is looked at, whatever it is written in."""

    def absent(self, value: Any) -> bool:
        """Whether it is a variable, which is judged where it is given."""

    def null(self, value: Any) -> bool:
        """Whether it is null."""

    def items(self, value: Any) -> Iterable[Any] | None:
        """Its items, if it is a list."""

    def fields(self, value: Any) -> list[tuple[str, Any, Node | None]] | None:
        """Its fields, each with the node that names it, if it is an object."""

    def leaf(self, value: Any, type_: GraphQLLeafType) -> Any:
        """The value of a leaf; Undefined, or raises, if it isn't one of the type."""

    def node(self, value: Any) -> Node | None:
        """The node that it is."""


class _Json:
    def absent(self, value: Any) -> bool:
        del value
        return False

    def null(self, value: Any) -> bool:
        return value is None

    def items(self, value: Any) -> list[Any] | None:
        return value if isinstance(value, list) else None

    def fields(self, value: Any) -> list[tuple[str, Any, Node | None]] | None:
        return [(name, inside, None) for name, inside in value.items()] if isinstance(value, dict) else None

    def leaf(self, value: Any, type_: GraphQLLeafType) -> Any:
        return type_.coerce_input_value(value, True) if is_enum_type(type_) else type_.coerce_input_value(value)

    def node(self, value: Any) -> Node | None:
        del value
        return None


class _Literal:
    def absent(self, value: ValueNode) -> bool:
        return isinstance(value, VariableNode)

    def null(self, value: ValueNode) -> bool:
        return isinstance(value, NullValueNode)

    def items(self, value: ValueNode) -> Iterable[ValueNode] | None:
        return value.values if isinstance(value, ListValueNode) else None

    def fields(self, value: ValueNode) -> list[tuple[str, Any, Node | None]] | None:
        if not isinstance(value, ObjectValueNode):
            return None
        return [(field.name.value, field.value, field) for field in value.fields]

    def leaf(self, value: Any, type_: GraphQLLeafType) -> Any:
        if is_enum_type(type_):
            return type_.coerce_input_literal(value, True)
        if type_.coerce_input_literal is not None:
            return type_.coerce_input_literal(value)
        return type_.parse_literal(value)

    def node(self, value: ValueNode) -> Node | None:
        return value


def wrong_in_value(value: Any, type_: GraphQLInputType, *, suggest: bool) -> list[Wrong]:
    """Give what is wrong with a value of a variable, at most 20 things."""
    return list(islice(_wrong(value, type_, (), _Json(), suggest), MOST_TOLD))


def wrong_in_literal(node: ValueNode, type_: GraphQLInputType, *, suggest: bool) -> list[Wrong]:
    """Give what is wrong with a literal, at most 20 things; the variables in it are judged elsewhere."""
    return list(islice(_wrong(node, type_, (), _Literal(), suggest), MOST_TOLD))


def _wrong(value: Any, type_: Any, place: Place, form: _Form, suggest: bool) -> Iterator[Wrong]:
    if form.absent(value):
        return
    if is_non_null_type(type_):
        if form.null(value):
            yield Wrong(place, "falta um valor, que é obrigatório.", form.node(value))
            return
        type_ = type_.of_type
    if form.null(value):
        return
    if is_list_type(type_):
        items = form.items(value)
        if items is None:  # a single value stands for a list of one
            yield from _wrong(value, type_.of_type, place, form, suggest)
        else:
            for number, item in enumerate(items):
                yield from _wrong(item, type_.of_type, (*place, number), form, suggest)
    elif is_input_object_type(type_):
        yield from _wrong_object(value, type_, place, form, suggest)
    else:
        reason = _refusal(partial(form.leaf, value, type_), type_)
        if reason is not None:
            yield Wrong(place, reason, form.node(value))


def _wrong_object(
    value: Any, type_: GraphQLInputObjectType, place: Place, form: _Form, suggest: bool
) -> Iterator[Wrong]:
    given = form.fields(value)
    if given is None:
        yield Wrong(place, f"espera-se um objeto do tipo {type_.name}.", form.node(value))
        return
    names = {name for name, _, _ in given}
    for name, field in type_.fields.items():
        if name not in names and is_required_input_field(field):
            yield Wrong((*place, name), "falta este campo, que é obrigatório.", form.node(value))
    for name, inside, node in given:
        field = type_.fields.get(name)
        if field is None:
            yield Wrong(place, f"{unknown(name, type_.name, type_.fields if suggest else ())}.", node)
        else:
            yield from _wrong(inside, field.type, (*place, name), form, suggest)
    if type_.is_one_of and (len(given) != 1 or form.null(given[0][1])):
        yield Wrong(place, f"{type_.name} pede exatamente um dos seus campos.", form.node(value))


def unknown(name: str, where: str, known: Iterable[str]) -> str:
    """Say that there is no field of this name, and which is the nearest among those that there are."""
    named = f" {name}" if len(name) <= _LONGEST_NAME and name.isidentifier() else ""
    near = suggestion_list(name, list(known)) if named else []
    return f"não há um campo{named} em {where}" + (f"; quis dizer {near[0]}?" if near else "")


def _refusal(read: Any, type_: GraphQLLeafType) -> str | None:
    """Give why a leaf is refused, in its scalar's own words if they are ours; None if it isn't."""
    try:
        return f"o valor não serve para o tipo {type_.name}." if read() is Undefined else None
    except Exception as error:  # noqa: BLE001 - whatever a scalar raises is a refusal
        for candidate in (error, getattr(error, "original_error", None)):
            if isinstance(candidate, BadValue):
                return candidate.message
        return f"o valor não serve para o tipo {type_.name}."
