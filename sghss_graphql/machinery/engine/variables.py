"""Variables are coerced by graphql-core's functions; what their declarations mean is worked out once for a plan.

graphql-core's ``get_variable_values`` looks each declared type up again at every request. Here only the values are
coerced each time; whatever turns out wrong, or is seldom so, is left to it, so that its errors are the only ones.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    VariableValues,
    get_named_type,
    get_variable_values,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValueSource
from graphql.utilities import coerce_input_value


class Variables:
    """The variables that an operation declares."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._nodes = operation.variable_definitions or ()
        self._signatures: list[GraphQLVariableSignature] | None = []
        """None if one of them is for graphql-core alone: unknown, or of an input that holds itself."""
        self._absent: dict[str, VariableValues] = {}
        """What a variable is when it isn't given: its default, or nothing."""
        for node in self._nodes:
            signature = get_variable_signature(schema, node)
            if isinstance(signature, GraphQLError) or _holds_itself(get_named_type(signature.type)):
                self._signatures = None
                return
            self._signatures.append(signature)
            absent = get_variable_values(schema, [node], {})
            if isinstance(absent, VariableValues):
                self._absent[signature.name] = absent

    def coerced(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """Give the values for a request, or what is wrong with those that were given."""
        try:
            values = self._coerced(given)
        except Exception:  # noqa: BLE001 - graphql-core says what it is
            values = None
        return values or get_variable_values(self._schema, self._nodes, dict(given))

    def _coerced(self, given: Mapping[str, Any]) -> VariableValues | None:
        """Give the values if all is well, else None."""
        if self._signatures is None:
            return None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature in self._signatures:
            name = signature.name
            if name in given:
                value = given[name]
                sources[name] = VariableValueSource(signature, value)
                coerced[name] = made = coerce_input_value(value, signature.type)
                if made is Undefined:
                    return None
            elif name in self._absent:
                sources.update(self._absent[name].sources)
                coerced.update(self._absent[name].coerced)
            else:
                return None
        return VariableValues(sources, coerced)


def _holds_itself(type_: GraphQLNamedType, around: tuple[GraphQLNamedType, ...] = ()) -> bool:
    """Tell whether values of an input type can be nested without end."""
    if not isinstance(type_, GraphQLInputObjectType):
        return False
    inside = (get_named_type(field.type) for field in type_.fields.values())
    return type_ in around or any(_holds_itself(one, (*around, type_)) for one in inside)
