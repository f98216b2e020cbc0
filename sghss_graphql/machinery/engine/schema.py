"""The Strawberry schema, with graphql-core's own one in reach of the engine."""

import strawberry
from graphql import GraphQLSchema


class Schema(strawberry.Schema):
    """A Strawberry schema whose graphql-core form can be asked for."""

    @property
    def core(self) -> GraphQLSchema:
        """The same schema as graphql-core knows it."""
        return self._schema
