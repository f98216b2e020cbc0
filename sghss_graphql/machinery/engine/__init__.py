"""GraphQL as the product speaks it: relations a level at a time, Relay connections, plans, errors."""

from sghss_graphql.machinery.engine.connections import (
    After,
    Before,
    Connection,
    Count,
    First,
    Last,
    Page,
    dealt,
    page_of,
)
from sghss_graphql.machinery.engine.execution import Engine, Request
from sghss_graphql.machinery.engine.fields import Check, Observer
from sghss_graphql.machinery.engine.limits import Limits
from sghss_graphql.machinery.engine.mutations import mutation
from sghss_graphql.machinery.engine.relations import relation
from sghss_graphql.machinery.engine.schema import Schema
from sghss_graphql.machinery.engine.selections import asked_for

__all__ = [
    "After",
    "Before",
    "Check",
    "Connection",
    "Count",
    "Engine",
    "First",
    "Last",
    "Limits",
    "Observer",
    "Page",
    "Request",
    "Schema",
    "asked_for",
    "dealt",
    "mutation",
    "page_of",
    "relation",
]
