"""What an operation selects, by object type and response key (GraphQL specification, 6.3.2 CollectFields).

``@skip`` and ``@include`` are decided here, once: the values of the variables that they name are part of a plan's key,
so a plan has no conditions left. A fragment spread that comes back is visited once for each selection set. What the
compiler doesn't know is collected all the same, for the limits, and told in ``unknown``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)


class Nodes(list[FieldNode]):
    """The nodes that ask for one response key; ``asked`` keeps what they ask for below it, once that is known."""

    asked: frozenset[str] | None = None


@dataclass(slots=True)
class Selected:
    """One response key of an object: the field, the nodes that ask for it, and what is selected inside.

    ``inside`` has an entry for each object type that the field can lead to; it is empty for a leaf.
    """

    key: str
    name: str
    nodes: Nodes
    definition: GraphQLField | None
    """None for ``__typename``, and for what asks for the schema itself."""
    inside: dict[str, "Selection"] = field(default_factory=dict)


@dataclass(slots=True)
class Selection:
    """What is selected of one object type, in the order of the response."""

    type: GraphQLObjectType
    fields: list[Selected]


@dataclass(slots=True)
class Collector:
    """Collects the selections of one operation of a valid document, given the values of its conditions.

    ``enter`` hears of each field, its depth and whether it has an alias; ``direct`` of how many directives a node has.
    Both may refuse.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: Mapping[str, Any]
    enter: Callable[[int, bool], None] = lambda *_: None
    direct: Callable[[int], None] = lambda _: None
    unknown: bool = False
    """Whether the operation uses something that only graphql-core runs."""

    def root(self, operation: OperationDefinitionNode) -> Selection:
        """Give what an operation selects of its root type."""
        root = self.schema.get_root_type(operation.operation)
        assert root is not None  # noqa: S101 - the document is valid
        self.unknown = self.unknown or operation.operation is OperationType.SUBSCRIPTION
        return self._selection(root, [operation.selection_set], 1)

    def _selection(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode], depth: int) -> Selection:
        grouped: dict[str, Nodes] = {}
        visited: set[str] = set()
        for selections in sets:
            for node in self._fields(type_, selections, visited):
                grouped.setdefault(node.alias.value if node.alias else node.name.value, Nodes()).append(node)
        return Selection(type_, [self._selected(type_, key, nodes, depth) for key, nodes in grouped.items()])

    def _fields(self, type_: GraphQLObjectType, selections: SelectionSetNode, visited: set[str]) -> Iterator[FieldNode]:
        """Give the field nodes that apply to an object of this type, in document order."""
        for node in selections.selections:
            if not self._included(node.directives):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(node.type_condition.name.value, type_):
                    yield from self._fields(type_, node.selection_set, visited)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                fragment = self.fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, type_):
                    yield from self._fields(type_, fragment.selection_set, visited)

    def _selected(self, type_: GraphQLObjectType, key: str, nodes: Nodes, depth: int) -> Selected:
        name = nodes[0].name.value
        self.enter(depth, key != name)
        if name.startswith("__"):
            self.unknown = self.unknown or name != "__typename"
            return Selected(key, name, nodes, None)
        definition = type_.fields[name]
        selected = Selected(key, name, nodes, definition)
        named = get_named_type(definition.type)
        if not is_leaf_type(named):
            sets = [node.selection_set for node in nodes if node.selection_set is not None]
            possible = self.schema.get_possible_types(named) if is_abstract_type(named) else [named]
            for one in possible:
                assert isinstance(one, GraphQLObjectType)  # noqa: S101 - all that isn't leaf or abstract
                selected.inside[one.name] = self._selection(one, sets, depth + 1)
        return selected

    def _applies(self, name: str, type_: GraphQLObjectType) -> bool:
        condition = self.schema.type_map[name]
        if condition is type_:
            return True
        return isinstance(condition, GraphQLAbstractType) and self.schema.is_sub_type(condition, type_)

    def _included(self, directives: Sequence[DirectiveNode] | None) -> bool:
        if not directives:
            return True
        self.direct(len(directives))
        for directive in directives:
            wanted = directive.name.value == "include"
            if not wanted and directive.name.value != "skip":
                self.unknown = True
                continue
            (value,) = (argument.value for argument in directive.arguments or ())
            holds = self.conditions.get(value.name.value) if isinstance(value, VariableNode) else _literal(value)
            if not isinstance(holds, bool):
                self.unknown = True
            elif holds is not wanted:
                return False
        return True


def _literal(value: ValueNode) -> bool:
    """Give a Boolean literal's value: the document is valid, so it is one."""
    return isinstance(value, BooleanValueNode) and value.value


def conditions_of(document: DocumentNode) -> frozenset[str]:
    """Give the names of the variables that decide ``@skip`` and ``@include`` anywhere in a document."""
    names: set[str] = set()
    pending: list[object] = list(document.definitions)
    while pending:
        node = pending.pop()
        for directive in getattr(node, "directives", None) or ():
            if directive.name.value in ("skip", "include"):
                value = directive.arguments[0].value
                if isinstance(value, VariableNode):
                    names.add(value.name.value)
        selections = getattr(node, "selection_set", None)
        if selections is not None:
            pending += selections.selections
    return frozenset(names)
