"""A plan is what an operation's text means: parsed, validated and compiled once, then run with many variables.

Plans are kept in a bounded LRU, by text and operation name. The values of the variables that decide ``@skip`` and
``@include`` choose between versions of a plan, each with limits of its own and compiled for its own; the versions that
are too many to keep, and what the compiler doesn't know, are run by graphql-core, and counted.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, OperationType

from sghss_graphql.machinery.engine.compiling import Compiler
from sghss_graphql.machinery.engine.limits import Cost, Limits, Tally
from sghss_graphql.machinery.engine.schema import Schema
from sghss_graphql.machinery.engine.selections import Collector, Selection, conditions_of
from sghss_graphql.machinery.engine.variables import Variables

log = logging.getLogger("sghss.graphql")
_MOST_VERSIONS = 16


@dataclass(frozen=True, slots=True)
class Frame:
    """What all runs of a plan share."""

    strawberry: Schema
    schema: Any
    fragments: Mapping[str, FragmentDefinitionNode]
    operation: OperationDefinitionNode


@dataclass(frozen=True, slots=True)
class Version:
    """A plan for certain values of its conditions: its cost, and what it was compiled to, if it could be."""

    cost: Cost
    compiled: Compiler | None


class Plan:
    """One operation of one document."""

    def __init__(
        self, schema: Schema, document: DocumentNode, operation: OperationDefinitionNode, limits: Limits
    ) -> None:
        self.document = document
        self.operation = operation
        self.variables = Variables(schema.core, operation)
        fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}
        self.frame = Frame(schema, schema.core, fragments, operation)
        self._limits = limits
        self._conditions = sorted(conditions_of(document))
        self._versions: dict[tuple[Any, ...], Version] = {}

    def version(self, variables: Mapping[str, Any]) -> Version:
        """Give the version for these (coerced) variables.

        Raises:
            Excess: it asks for too much, whatever the other variables.
        """
        key = tuple(map(variables.get, self._conditions))
        version = self._versions.get(key)
        if version is None:
            version = self._make(dict(zip(self._conditions, key, strict=True)))
            if len(self._versions) < _MOST_VERSIONS:
                self._versions[key] = version
        return version

    def forget(self) -> None:
        """Let go of what was compiled."""
        for version in self._versions.values():
            if version.compiled is not None:
                version.compiled.forget()

    def _make(self, conditions: Mapping[str, Any]) -> Version:
        tally, frame = Tally(self._limits), self.frame
        collector = Collector(frame.schema, frame.fragments, conditions, tally.enter, tally.direct)
        selection = collector.root(self.operation)
        cost = Cost(selection, self._limits)
        many = len(self._versions) >= _MOST_VERSIONS  # what isn't kept isn't worth compiling
        return Version(cost, None if collector.unknown or many else self._compile(selection))

    def _compile(self, selection: Selection) -> Compiler | None:
        name = self.operation.name.value if self.operation.name else "anonymous"
        try:
            return Compiler(
                name, selection, self.frame.strawberry, serial=self.operation.operation is OperationType.MUTATION
            )
        except Exception:  # a fault of the compiler's: graphql-core still knows how
            log.exception("a plan could not be compiled")
            return None


class Plans:
    """The plans that are kept, ``most`` of them; ``make`` makes a new one."""

    def __init__(self, most: int, make: Callable[[str, str | None], Plan]) -> None:
        self._most = most
        self._make = make
        self._kept: OrderedDict[tuple[str, str | None], Plan] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, text: str, name: str | None) -> Plan:
        """Give the plan of a text; whatever ``make`` raises is raised, and nothing is kept."""
        plan = self._kept.get((text, name))
        if plan is not None:
            self._kept.move_to_end((text, name))
            return plan
        plan = self._kept[text, name] = self._make(text, name)
        if len(self._kept) > self._most:
            _, oldest = self._kept.popitem(last=False)
            oldest.forget()
        return plan
