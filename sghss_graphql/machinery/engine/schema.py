"""The Strawberry schema: relations stand beside a type's own fields, and graphql-core's form is in reach of the engine.

``get_fields`` is Strawberry's own door for what fields a type has in one schema. What goes through it are copies:
making a schema changes nothing of the classes, so that one process can make several.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, get_args, get_origin

import strawberry
from graphql import GraphQLSchema, introspection_from_schema, print_schema
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from sghss_graphql.machinery.engine.relations import Relation

Prepare = Callable[[StrawberryObjectDefinition, StrawberryField], None]
"""Is given each field of each type, a copy made for one schema, before it becomes part of it."""


Place = tuple[type, tuple[type, ...]]
"""A class, and what it is of if it is generic."""


def _whole(parent: Any) -> Place:
    """Read the parent of relations: a class, or a generic one of something."""
    return get_origin(parent) or parent, get_args(parent)


def _place_of(definition: StrawberryObjectDefinition) -> Place:
    of = tuple(of for of in definition.type_var_map.values() if isinstance(of, type))
    origin = definition.origin
    return (definition.concrete_of.origin, of) if definition.concrete_of is not None else (origin, ())


class Schema(strawberry.Schema):
    """A Strawberry schema with ``relations`` and a ``description``, whose fields ``prepare`` has seen."""

    def __init__(
        self,
        query: type,
        *,
        relations: Iterable[Relation] = (),
        prepare: Prepare = lambda *_: None,
        description: str | None = None,
        **options: Any,
    ) -> None:
        self._relations: defaultdict[Place, list[StrawberryField]] = defaultdict(list)
        for relation in relations:
            self._relations[_whole(relation.parent)].append(relation.field)
        self._prepare = prepare
        super().__init__(query, **options)
        self._schema.description = description

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Give the fields of a type: its own, then the relations that point up from it."""
        relations = self._relations[_place_of(type_definition)]
        fields = [copy(field) for field in (*type_definition.fields, *relations)]
        for field in fields:
            self._prepare(type_definition, field)
        return fields

    def as_str(self) -> str:
        """Print the schema: what it is for, what can be asked, and each type after the first that leads to it."""
        return print_schema(self._schema)

    __str__ = as_str

    def as_json(self) -> str:
        """Write the schema as the answer to the introspection query, which makers of code read."""
        return json.dumps({"data": introspection_from_schema(self._schema)}, ensure_ascii=False, indent=2)

    @property
    def core(self) -> GraphQLSchema:
        """The same schema as graphql-core knows it."""
        return self._schema
