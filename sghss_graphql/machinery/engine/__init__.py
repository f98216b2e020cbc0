"""GraphQL as the product speaks it: relations a level at a time, Relay connections, plans, errors."""

from sghss_graphql.machinery.engine.connections import (
    After,
    Before,
    Connection,
    Count,
    Edge,
    First,
    Last,
    Page,
    PageInfo,
    Seal,
    dealt,
    groups_of,
    page_of,
)
from sghss_graphql.machinery.engine.execution import Engine, Request
from sghss_graphql.machinery.engine.fields import Around, Check, Observer, Reveal
from sghss_graphql.machinery.engine.info import asked_for
from sghss_graphql.machinery.engine.inputs import BadValue
from sghss_graphql.machinery.engine.limits import Limits
from sghss_graphql.machinery.engine.relations import Relation, relation, sized
from sghss_graphql.machinery.engine.schema import Schema

__all__ = [
    "After",
    "Around",
    "BadValue",
    "Before",
    "Check",
    "Connection",
    "Count",
    "Edge",
    "Engine",
    "First",
    "Last",
    "Limits",
    "Observer",
    "Page",
    "PageInfo",
    "Relation",
    "Request",
    "Reveal",
    "Schema",
    "Seal",
    "asked_for",
    "dealt",
    "groups_of",
    "page_of",
    "relation",
    "sized",
]
