"""An operation's size is known before any resolver runs: its depth, its fields, and the objects that it may give.

It is counted as fragments are expanded, so that spreads that double at each level are stopped on the way, not after.
Objects are counted by what the arguments ask for: the page of a connection, or the size that a relation declares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeGuard

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_argument_values,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from sghss_graphql.machinery.engine.connections import DEFAULT_SIZE, page_size
from sghss_graphql.machinery.engine.fields import Direct, ForAll, how
from sghss_graphql.machinery.engine.introspection import ASKING
from sghss_graphql.machinery.engine.selections import Selected, Selection
from sghss_graphql.machinery.faults import Excess

_PAGE_SIZE = ("first", "last")
UNKNOWN_SIZE = 10
"""Objects that a list without pages is taken to have, unless its relation says otherwise."""
_COUNT_OF_ALL = 1_000
"""What counting a list of the root is taken for, in objects: it may read an index from end to end."""
_OF_THE_PAGE = frozenset({"edges", "pageInfo", "__typename"})
"""Fields of a connection that are of its page; what else it has counts its whole list."""
_COUNT_OF_ONE = 20
"""What counting one parent's list is taken for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one operation may ask for.

    ``fields`` are those that are written, wherever they stand, and those that it has once fragments are put in;
    ``values`` those of its variables, with all that is in them.
    """

    characters: int = 262_144
    tokens: int = 10_000
    depth: int = 20
    fields: int = 1_000
    aliases: int = 500
    directives: int = 200
    roots: int = 50
    operations: int = 50
    introspections: int = 3
    objects: int = 20_000
    values: int = 10_000


STRANGER = Limits(
    characters=65_536, tokens=1_000, fields=50, aliases=50, directives=50, roots=10, operations=5, values=200,
)  # fmt: skip
"""For whoever hasn't shown who they are. What asks for the schema isn't counted among the fields."""


def require_few_fields(fields: int, limits: Limits) -> None:
    """Check how many fields an operation has.

    Raises:
        Excess: there are too many.
    """
    if fields > limits.fields:
        raise Excess(f"A operação pede campos demais: o máximo é {limits.fields}; divida-a em partes.")


def require_small(document: DocumentNode, limits: Limits) -> None:
    """Check what a document holds as it is written, before anything looks at what it means.

    Raises:
        Excess: it has too many operations, fields, or questions about the schema.
    """
    operations = sum(isinstance(part, OperationDefinitionNode) for part in document.definitions)
    if operations > limits.operations:
        raise Excess(f"O texto tem operações demais: o máximo é {limits.operations}.")
    fields = introspections = 0
    pending: list[SelectionSetNode] = [part.selection_set for part in document.definitions if _executable(part)]
    while pending:
        for node in pending.pop().selections:
            if isinstance(node, FieldNode):
                if node.name.value in ASKING:
                    introspections += 1
                    continue
                fields += 1
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set is not None:
                pending.append(node.selection_set)
    require_few_fields(fields, limits)
    if introspections > limits.introspections:
        raise Excess(f"A operação pergunta demais pelo schema: o máximo é {limits.introspections} vezes.")


def _executable(part: Any) -> TypeGuard[OperationDefinitionNode | FragmentDefinitionNode]:
    """Tell whether a definition has fields that are counted: not those of a fragment on the schema's own types."""
    if isinstance(part, FragmentDefinitionNode):
        return not part.type_condition.name.value.startswith("__")
    return isinstance(part, OperationDefinitionNode)


def values_in(value: Any, most: int) -> int:
    """Count the values in a JSON value, with all that is in it; no further than one past ``most``."""
    count, pending = 0, [value]
    while pending and count <= most:
        count += 1
        current = pending.pop()
        if isinstance(current, dict):
            pending += islice(current.values(), most + 1)
        elif isinstance(current, list):
            pending += current[: most + 1]
    return count


class Tally:
    """Counts the fields, aliases, directives and levels of an operation while they are collected."""

    __slots__ = ("_aliases", "_depth", "_directives", "_limits", "fields", "roots")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.fields = self.roots = self._aliases = self._directives = self._depth = 0

    def enter(self, depth: int, aliased: bool) -> None:
        """Count a field at a depth (1 is the root's).

        Raises:
            Excess: it is one too many, or too deep.
        """
        self.fields += 1
        self.roots += depth == 1
        self._aliases += aliased
        self._depth = max(self._depth, depth)
        self.require_within(self._limits)

    def direct(self, count: int) -> None:
        """Count the directives of a field or fragment.

        Raises:
            Excess: there are too many.
        """
        self._directives += count
        self.require_within(self._limits)

    def require_within(self, limits: Limits) -> None:
        """Check what was counted.

        Raises:
            Excess: it is more than these limits allow.
        """
        require_few_fields(self.fields, limits)
        if self._aliases > limits.aliases:
            raise Excess(f"A operação tem apelidos (aliases) demais: o máximo é {limits.aliases}.")
        if self._depth > limits.depth:
            raise Excess(f"A operação tem níveis demais: o máximo é {limits.depth}.")
        if self._directives > limits.directives:
            raise Excess(f"A operação tem diretivas demais: o máximo é {limits.directives}.")
        if self.roots > limits.roots:
            raise Excess(f"A operação tem campos demais na raiz: o máximo é {limits.roots}.")


class Cost:
    """How many objects an operation may give; the same for every request unless variables say how many."""

    def __init__(self, selection: Selection, limits: Limits) -> None:
        self._selection = selection
        self._most = limits.objects
        self._always = None if _varies(selection) else self._count(None)

    def check(self, variables: Any) -> int:
        """Count the objects that it may give for a request's (coerced) variables.

        Raises:
            Excess: there may be too many.
        """
        return self._count(variables) if self._always is None else self._always

    def _count(self, variables: Any) -> int:
        objects = self._objects(self._selection, 1, None, variables, _COUNT_OF_ALL)
        if objects > self._most:
            raise Excess(
                f"A operação pode devolver mais de {self._most} objetos; peça páginas menores, ou divida-a em partes."
            )
        return objects

    def _objects(self, selection: Selection, times: int, page: int | None, variables: Any, count: int) -> int:
        """Count the objects below ``times`` objects.

        ``page`` is the size of the connection that they are, if any, and ``count`` what counting its list is taken for.
        """
        total = 0
        for selected in selection.fields:
            if page is not None and selected.name not in _OF_THE_PAGE:
                total += times * count
            if not selected.inside or total > self._most:
                continue
            size = page if page is not None and selected.name == "edges" else _size(selected, variables)
            below, inner = times * size, _page(selected, variables)
            price = count if inner is not None and selection is self._selection else _COUNT_OF_ONE
            total += times * _beside(selected, variables)
            total += below + max(self._objects(one, below, inner, variables, price) for one in selected.inside.values())
        return total


def _size(selected: Selected, variables: Any) -> int:
    """Give how many objects the field leads to, from one: none at least, whatever its arguments say."""
    definition = selected.definition
    assert definition is not None  # noqa: S101 - what leads to objects has one
    type_ = definition.type.of_type if is_non_null_type(definition.type) else definition.type
    if not is_list_type(type_):
        return 1
    return _told(selected, variables, UNKNOWN_SIZE)


def _beside(selected: Selected, variables: Any) -> int:
    """Give what a field costs beside the objects that it leads to: what is searched for a page of it, say."""
    return _told(selected, variables, 0) if _is_connection(selected) else 0


def _told(selected: Selected, variables: Any, unknown: int) -> int:
    """Give the size that a field tells of itself, by its arguments: none at least; ``unknown`` if it tells none."""
    definition = selected.definition
    read = how(definition) if definition is not None else None
    if definition is None or not isinstance(read, ForAll | Direct) or read.size is None:
        return unknown
    try:
        return max(0, read.size(get_argument_values(definition, selected.nodes[0], variables)))
    except GraphQLError:  # the field itself will say what is wrong with them
        return unknown


def _page(selected: Selected, variables: Any) -> int | None:
    """Give the size of the page that a connection was asked for; None if the field is no connection.

    Raises:
        Malformed: it is no size of a page; nothing else of the operation is run.
    """
    if not _is_connection(selected):
        return None
    size = None
    for argument in selected.nodes[0].arguments or ():
        name, value = argument.name.value, argument.value
        if name in _PAGE_SIZE:
            given = _coerced(variables).get(value.name.value) if isinstance(value, VariableNode) else _literal(value)
            if given is not None:
                size = page_size(name, given)
    return DEFAULT_SIZE if size is None else size


def _literal(value: ValueNode) -> int | None:
    return int(value.value) if isinstance(value, IntValueNode) else None


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
    read = how(selected.definition) if selected.definition is not None else None
    if isinstance(read, ForAll | Direct) and read.size is not None:
        return given
    return [argument for argument in given if argument.name.value in _PAGE_SIZE] if _is_connection(selected) else []
