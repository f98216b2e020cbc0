"""An operation's size is known before any resolver runs: its depth, its fields, and the objects that it may give.

It is counted as fragments are expanded, so that spreads that double at each level are stopped on the way, not after.
Objects are counted by what the arguments ask for: the page of a connection, or the size that a relation declares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    GraphQLError,
    IntValueNode,
    VariableNode,
    get_argument_values,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from sghss_graphql.machinery.engine.connections import DEFAULT_SIZE, LARGEST_SIZE
from sghss_graphql.machinery.engine.fields import ForAll, how
from sghss_graphql.machinery.engine.selections import Selected, Selection
from sghss_graphql.machinery.faults import Excess

_PAGE_SIZE = ("first", "last")
UNKNOWN_SIZE = 10
"""Objects that a list without pages is taken to have, unless its relation says otherwise."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one operation may ask for."""

    characters: int = 262_144
    tokens: int = 10_000
    depth: int = 20
    fields: int = 2_000
    aliases: int = 500
    directives: int = 200
    roots: int = 50
    objects: int = 20_000


class Tally:
    """Counts the fields, aliases and directives of an operation while they are collected."""

    __slots__ = ("_aliases", "_directives", "_fields", "_limits")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._fields = self._aliases = self._directives = 0

    def enter(self, depth: int, aliased: bool) -> None:
        """Count a field at a depth (1 is the root's).

        Raises:
            Excess: it is one too many, or too deep.
        """
        self._fields += 1
        self._aliases += aliased
        if self._fields > self._limits.fields:
            raise Excess("A operação pede campos demais; divida-a em partes.")
        if self._aliases > self._limits.aliases:
            raise Excess(f"A operação tem apelidos (aliases) demais: o máximo é {self._limits.aliases}.")
        if depth > self._limits.depth:
            raise Excess(f"A operação tem níveis demais: o máximo é {self._limits.depth}.")

    def direct(self, count: int) -> None:
        """Count the directives of a field or fragment.

        Raises:
            Excess: there are too many.
        """
        self._directives += count
        if self._directives > self._limits.directives:
            raise Excess(f"A operação tem diretivas demais: o máximo é {self._limits.directives}.")


class Cost:
    """How many objects an operation may give; the same for every request unless variables say how many."""

    def __init__(self, selection: Selection, limits: Limits) -> None:
        self._selection = selection
        self._most = limits.objects
        self._varies = _varies(selection)
        if len(selection.fields) > limits.roots:
            raise Excess(f"A operação tem campos demais na raiz: o máximo é {limits.roots}.")
        if not self._varies:
            self._check(None)

    def check(self, variables: Any) -> None:
        """Check what depends on a request's (coerced) variables.

        Raises:
            Excess: it may give too many objects.
        """
        if self._varies:
            self._check(variables)

    def _check(self, variables: Any) -> None:
        if self._objects(self._selection, 1, None, variables) > self._most:
            raise Excess(
                f"A operação pode devolver mais de {self._most} objetos; peça páginas menores, ou divida-a em partes."
            )

    def _objects(self, selection: Selection, times: int, page: int | None, variables: Any) -> int:
        """Count the objects below ``times`` objects; ``page`` is the size of the connection that they are, if any."""
        total = 0
        for selected in selection.fields:
            if not selected.inside or total > self._most:
                continue
            size = page if page is not None and selected.name == "edges" else _size(selected, variables)
            below = times * size
            inside = max(
                self._objects(one, below, _page(selected, variables), variables) for one in selected.inside.values()
            )
            total += below + inside
        return total


def _size(selected: Selected, variables: Any) -> int:
    """Give how many objects the field leads to, from one."""
    definition = selected.definition
    assert definition is not None  # noqa: S101 - what leads to objects has one
    type_ = definition.type.of_type if is_non_null_type(definition.type) else definition.type
    if not is_list_type(type_):
        return 1
    read = how(definition)
    if not isinstance(read, ForAll) or read.size is None:
        return UNKNOWN_SIZE
    try:
        return read.size(get_argument_values(definition, selected.nodes[0], variables))
    except GraphQLError:  # the field itself will say what is wrong with them
        return UNKNOWN_SIZE


def _page(selected: Selected, variables: Any) -> int | None:
    """Give the size of the page that a connection was asked for; None if the field is no connection."""
    if not _is_connection(selected):
        return None
    for argument in selected.nodes[0].arguments or ():
        if argument.name.value in _PAGE_SIZE:
            value = argument.value
            if isinstance(value, IntValueNode):
                return min(int(value.value), LARGEST_SIZE)
            if isinstance(value, VariableNode):
                given = _coerced(variables).get(value.name.value)
                if isinstance(given, int):
                    return max(0, min(given, LARGEST_SIZE))
    return DEFAULT_SIZE


def _is_connection(selected: Selected) -> bool:
    definition = selected.definition
    return definition is not None and get_named_type(definition.type).name.endswith("Connection")


def _coerced(variables: Any) -> Mapping[str, Any]:
    return variables.coerced if variables is not None else {}


def _varies(selection: Selection) -> bool:
    """Tell whether a variable says how many objects a field leads to, at any depth."""
    return any(
        any(isinstance(argument.value, VariableNode) for argument in _sizing(selected))
        or any(map(_varies, selected.inside.values()))
        for selected in selection.fields
        if selected.inside
    )


def _sizing(selected: Selected) -> list[ArgumentNode]:
    """Give the arguments that may say how many objects a field leads to."""
    given = list(selected.nodes[0].arguments or ())
    if _is_connection(selected):
        return [argument for argument in given if argument.name.value in _PAGE_SIZE]
    read = how(selected.definition) if selected.definition is not None else None
    return given if isinstance(read, ForAll) and read.size is not None else []
