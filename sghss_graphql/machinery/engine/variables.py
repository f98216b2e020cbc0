"""Variables are coerced by graphql-core's functions; what their declarations mean is worked out once for a plan.

graphql-core's ``get_variable_values`` looks each declared type up again at every request, and writes a message with the
whole value in it for each thing that is wrong. Here only the values are coerced each time, and what is wrong with them
is told by ``validation.check_variables``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLID,
    GraphQLInputType,
    GraphQLSchema,
    GraphQLString,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    VariableValues,
    get_nullable_type,
    get_variable_values,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValueSource
from graphql.utilities import coerce_input_value

from sghss_graphql.machinery.engine.inputs import Place


class Variables:
    """The variables that an operation declares."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._operation = operation
        self._signatures: list[GraphQLVariableSignature] | None = []
        self._absent: dict[str, VariableValues] = {}
        """What a variable is when it isn't given: its default, or nothing."""
        self._texts: set[str] = set()
        """Those of which a text is taken as it is, which most are."""
        for node in operation.variable_definitions or ():
            signature = get_variable_signature(schema, node)
            if isinstance(signature, GraphQLError):  # of a type that no variable can have: never in a valid operation
                self._signatures = None
                return
            self._signatures.append(signature)
            if get_nullable_type(signature.type) in (GraphQLID, GraphQLString):
                self._texts.add(signature.name)
            absent = get_variable_values(schema, [node], {})
            if isinstance(absent, VariableValues):
                self._absent[signature.name] = absent

    def places(self) -> dict[str, Place]:
        """Give, for each variable, the argument that it is for: the first, if it is for several."""
        found: dict[str, Place] = {}
        for name, place in _arguments(self._operation):
            found.setdefault(name, place)
        return found

    def coerced(self, given: Mapping[str, Any]) -> VariableValues | None:
        """Give the values for a request; None if something is wrong with those that were given."""
        if self._signatures is None:
            return None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature in self._signatures:
            name = signature.name
            if name in given:
                value = given[name]
                sources[name] = VariableValueSource(signature, value)
                is_text = type(value) is str and name in self._texts
                coerced[name] = made = value if is_text else _coerced(value, signature.type)
                if made is Undefined:
                    return None
            elif name in self._absent:
                sources.update(self._absent[name].sources)
                coerced.update(self._absent[name].coerced)
            else:
                return None
        return VariableValues(sources, coerced)


def _coerced(value: Any, type_: GraphQLInputType) -> Any:
    try:
        return coerce_input_value(value, type_)
    except RecursionError:
        return Undefined


def _arguments(operation: OperationDefinitionNode) -> Iterator[tuple[str, Place]]:
    """Give each variable that the operation's fields take, with the place that it is the value of."""
    pending: list[SelectionSetNode | None] = [operation.selection_set]
    while pending:
        for node in getattr(pending.pop(), "selections", ()):
            for argument in getattr(node, "arguments", None) or ():
                if isinstance(node, FieldNode):
                    yield from _variables_in(argument.value, (argument.name.value,))
            pending.append(getattr(node, "selection_set", None))


def _variables_in(value: ValueNode, place: Place) -> Iterator[tuple[str, Place]]:
    if isinstance(value, VariableNode):
        yield value.name.value, place
    elif isinstance(value, ListValueNode):
        for number, item in enumerate(value.values):
            yield from _variables_in(item, (*place, number))
    elif isinstance(value, ObjectValueNode):
        for field in value.fields:
            yield from _variables_in(field.value, (*place, field.name.value))
