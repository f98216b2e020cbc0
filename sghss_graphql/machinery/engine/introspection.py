"""What a question about the schema costs is known before it is answered: graphql-core answers it, a field at a time.

It is counted with the schema's own numbers: how many types there are, how many fields a type has on average, and below
other fields at most. A selection set is counted once, however often fragments lead to it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_introspection_query,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
    parse,
)

from sghss_graphql.machinery.faults import Excess

ASKING = frozenset({"__schema", "__type"})
_LOCATIONS = 8  # of a directive
_TIMES = 2


def only_asks(operation: OperationDefinitionNode) -> bool:
    """Tell whether an operation asks for nothing but the schema."""
    nodes = operation.selection_set.selections
    return all(isinstance(node, FieldNode) and node.name.value in (*ASKING, "__typename") for node in nodes)


class Introspection:
    """The numbers of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        types = list(schema.type_map.values())
        outputs = [type_ for type_ in types if is_object_type(type_) or is_interface_type(type_)]
        fields = [one for type_ in outputs for one in type_.fields.values()]
        listed = {  # how many there are for each of how many
            "fields": ([len(type_.fields) for type_ in outputs], len(types)),
            "inputFields": ([len(type_.fields) for type_ in types if is_input_object_type(type_)], len(types)),
            "args": ([len(one.args) for one in fields], len(fields)),
            "enumValues": ([len(type_.values) for type_ in types if is_enum_type(type_)], len(types)),
            "interfaces": ([len(type_.interfaces) for type_ in outputs], len(types)),
            "possibleTypes": (
                [len(schema.get_possible_types(type_)) for type_ in types if is_abstract_type(type_)],
                len(types),
            ),
        }
        fixed = {"types": len(types), "directives": len(schema.directives), "locations": _LOCATIONS}
        self._usual = fixed | {name: math.ceil(sum(sizes) / of) for name, (sizes, of) in listed.items()}
        self._most = fixed | {name: max(sizes, default=1) for name, (sizes, _) in listed.items()}

        self._enough = _TIMES * self._fields(parse(get_introspection_query(input_value_deprecation=True)))

    def share(self, document: DocumentNode) -> float:
        """Give how much a document asks of the schema, of the most that one may: twice what GraphiQL asks for.

        Raises:
            Excess: it is more than that.
        """
        fields = self._fields(document)
        if fields > self._enough:
            raise Excess("A operação pergunta demais pelo schema; divida-a em partes.")
        return fields / self._enough

    def _fields(self, document: DocumentNode) -> int:
        parts = document.definitions
        fragments = {part.name.value: part for part in parts if isinstance(part, FragmentDefinitionNode)}
        counting = _Counting(self._usual, self._most, fragments)
        operations = (part for part in parts if isinstance(part, OperationDefinitionNode))
        return sum(counting.fields(operation.selection_set, asked=False) for operation in operations)


@dataclass(slots=True)
class _Counting:
    """Counts the fields of one operation."""

    usual: Mapping[str, int]
    most: Mapping[str, int]
    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[tuple[int, bool, bool], int] = field(default_factory=dict)

    def fields(self, selections: SelectionSetNode | None, *, asked: bool, below_fields: bool = False) -> int:
        """Count the fields below one object; outside of what asks for the schema none is counted."""
        if selections is None:
            return 0
        key = id(selections), asked, below_fields
        if key not in self.known:
            self.known[key] = sum(self._one(node, asked, below_fields) for node in selections.selections)
        return self.known[key]

    def _one(self, node: object, asked: bool, below_fields: bool) -> int:
        if isinstance(node, InlineFragmentNode):
            return self.fields(node.selection_set, asked=asked, below_fields=below_fields)
        if isinstance(node, FragmentSpreadNode):
            fragment = self.fragments[node.name.value]
            return self.fields(fragment.selection_set, asked=asked, below_fields=below_fields)
        if not isinstance(node, FieldNode):
            return 0
        name = node.name.value
        if not asked:
            return self.fields(node.selection_set, asked=True) if name in ASKING else 0
        size = (self.most if below_fields else self.usual).get(name, 1)
        deeper = below_fields or (name != "types" and size > 1)
        return 1 + size * self.fields(node.selection_set, asked=True, below_fields=deeper)
