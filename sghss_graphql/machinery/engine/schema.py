"""The Strawberry schema: relations stand beside a type's own fields, and graphql-core's form is in reach of the engine.

``get_fields`` is Strawberry's own door for what fields a type has in one schema. What goes through it are copies:
making a schema changes nothing of the classes, so that one process can make several.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from sghss_graphql.machinery.engine.relations import Relation

Prepare = Callable[[StrawberryObjectDefinition, StrawberryField], None]
"""Is given each field of each type, a copy made for one schema, before it becomes part of it."""


class Schema(strawberry.Schema):
    """A Strawberry schema with ``relations``, whose fields ``prepare`` has seen."""

    def __init__(
        self, query: type, *, relations: Iterable[Relation] = (), prepare: Prepare = lambda *_: None, **options: Any
    ) -> None:
        self._relations: defaultdict[type, list[StrawberryField]] = defaultdict(list)
        for relation in relations:
            self._relations[relation.parent].append(relation.field)
        self._prepare = prepare
        super().__init__(query, **options)

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Give the fields of a type: its own, then the relations that point up from it."""
        fields = [copy(field) for field in (*type_definition.fields, *self._relations[type_definition.origin])]
        for field in fields:
            self._prepare(type_definition, field)
        return fields

    @property
    def core(self) -> GraphQLSchema:
        """The same schema as graphql-core knows it."""
        return self._schema
