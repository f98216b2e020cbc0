"""Arguments are coerced by graphql-core and converted by Strawberry, which is spared where it would change nothing."""

from typing import Any

import strawberry
from graphql import get_argument_values
from strawberry.scalars import is_scalar
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from sghss_graphql.engine.schema import Schema
from sghss_graphql.engine.selections import Selected


class Arguments:
    """The arguments of a field, as its resolver takes them."""

    def __init__(self, selected: Selected, field: StrawberryField, strawberry_schema: Schema) -> None:
        assert selected.definition is not None  # noqa: S101 - __typename has no resolver
        self._definition = selected.definition
        self._node = selected.nodes[0]
        self._field = field
        self._registry = strawberry_schema.schema_converter.scalar_registry
        self._config = strawberry_schema.config
        names = self._config.name_converter
        self._plain: dict[str, str] | None = None
        """By the schema's name the parameter's, where Strawberry takes every value as graphql-core coerced it."""
        if all(is_scalar(_bare(one.type), self._registry) for one in field.arguments):
            self._plain = {names.get_graphql_name(one): one.python_name for one in field.arguments}

    def given(self, variables: Any, info: strawberry.Info[Any, Any]) -> dict[str, Any]:
        """Give those of a request, by its (coerced) variables."""
        if not self._field.arguments:
            return {}
        given = get_argument_values(self._definition, self._node, variables)
        if self._plain is not None:
            return {self._plain[name]: value for name, value in given.items()}
        return convert_arguments(
            given, self._field.arguments, scalar_registry=self._registry, config=self._config, info=info
        )


def _bare(type_: Any) -> Any:
    """Give the type in an optional one."""
    return type_.of_type if type(type_) is StrawberryOptional else type_
