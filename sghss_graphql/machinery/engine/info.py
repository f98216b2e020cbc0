"""What a resolver is told of its field: Strawberry's ``Info``, of which most want the context alone.

graphql-core's, behind it, says fourteen things, among them a path. It is made where somebody looks into it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLResolveInfo,
    InlineFragmentNode,
)
from graphql.pyutils import Path, is_awaitable
from graphql.type import GraphQLResolveInfoHelpers
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_snake_case

from sghss_graphql.machinery.engine.selections import Nodes, Selected

_HELPERS = GraphQLResolveInfoHelpers(gather=lambda awaitables: asyncio.gather(*awaitables), track=lambda _: None)


class FieldInfo(strawberry.Info[Any, Any]):
    """The info of a field of the object ``index`` of a level; of all of them at once, where that is None."""

    context: Any = None  # Strawberry's own reads graphql-core's

    def __init__(
        self,
        run: Any,
        type_: GraphQLObjectType,
        selected: Selected,
        field: StrawberryField,
        level: Any,
        index: int | None,
    ) -> None:
        self.context = run.context
        self.nodes = selected.nodes
        self._field = field
        self._of = run, type_, selected, level, index

    @cached_property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override]  # an attribute of Strawberry's
        run, type_, selected, level, index = self._of
        return core_info(run, type_, selected, [*(() if index is None else level.path(index)), selected.key])


def core_info(run: Any, type_: GraphQLObjectType, selected: Selected, path: list[str | int]) -> GraphQLResolveInfo[Any]:
    """Make graphql-core's info for a field at a path."""
    assert selected.definition is not None  # noqa: S101 - __typename has no resolver
    frame = run.frame
    return GraphQLResolveInfo(
        field_name=selected.name,
        field_nodes=selected.nodes,
        return_type=selected.definition.type,
        parent_type=type_,
        path=_linked(path),
        schema=frame.schema,
        fragments=frame.fragments,
        root_value=None,
        operation=frame.operation,
        variable_values=run.variables,
        context=run.context,
        is_awaitable=is_awaitable,
        abort_signal=None,
        async_helpers=_HELPERS,
    )


def asked_for(info: strawberry.Info[Any, Any]) -> frozenset[str]:
    """Give the Python names of the fields that an operation may ask for, at any depth below the one that is resolved.

    What isn't among them needn't be read.
    """
    nodes = info.nodes if isinstance(info, FieldInfo) else None
    if nodes is not None and nodes.asked is not None:
        return nodes.asked
    raw = info._raw_info  # noqa: SLF001 - Strawberry's own selected_fields converts the whole tree
    asked = _names_below(raw.field_nodes, raw.fragments)
    if isinstance(raw.field_nodes, Nodes):
        raw.field_nodes.asked = asked
    return asked


def _names_below(nodes: Sequence[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]) -> frozenset[str]:
    names: set[str] = set()
    pending = [node.selection_set for node in nodes]
    spread: set[str] = set()
    while pending:
        selections = pending.pop()
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                names.add(to_snake_case(node.name.value))
            if isinstance(node, FieldNode | InlineFragmentNode):
                pending.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                pending.append(fragments[node.name.value].selection_set)
    return frozenset(names)


def _linked(parts: list[str | int]) -> Path:
    path: Path | None = None
    for part in parts:
        path = Path(path, part, None)
    assert path is not None  # noqa: S101 - a field always has a key
    return path
