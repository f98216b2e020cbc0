"""A plan is what an operation's text means: parsed, validated and compiled once, then run with many variables.

Plans are kept in a bounded LRU, by text and operation name. The values of the variables that decide ``@skip`` and
``@include`` choose between versions of a plan, each compiled for its own; a plan that uses many such variables, or
something that the compiler doesn't know, is run by graphql-core, and counted.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, OperationType

from sghss_graphql.engine.compiling import Compiler
from sghss_graphql.engine.schema import Schema
from sghss_graphql.engine.selections import Collector, Uncompilable, conditions_of

log = logging.getLogger("sghss.graphql")
_MOST_CONDITIONS = 4  # 16 versions of a plan


@dataclass(frozen=True, slots=True)
class Frame:
    """What all runs of a plan share."""

    strawberry: Schema
    schema: Any
    fragments: Mapping[str, FragmentDefinitionNode]
    operation: OperationDefinitionNode


class Plan:
    """One operation of one document."""

    def __init__(self, schema: Schema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self.document = document
        self.operation = operation
        fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}
        self.frame = Frame(schema, schema.core, fragments, operation)
        self._conditions = sorted(conditions_of(document))
        self._versions: dict[tuple[Any, ...], Compiler | None] = {}

    def version(self, variables: Mapping[str, Any]) -> Compiler | None:
        """Give the compiled operation for these (coerced) variables; None where graphql-core is to run it."""
        key = tuple(variables.get(name) for name in self._conditions)
        if key not in self._versions:
            self._versions[key] = self._compile(key)
        return self._versions[key]

    def forget(self) -> None:
        """Let go of what was compiled."""
        for version in self._versions.values():
            if version is not None:
                version.forget()

    def _compile(self, key: tuple[Any, ...]) -> Compiler | None:
        if len(key) > _MOST_CONDITIONS:
            return None
        conditions = {name: value for name, value in zip(self._conditions, key, strict=True) if isinstance(value, bool)}
        operation = self.operation
        try:
            if operation.operation is OperationType.SUBSCRIPTION:
                raise Uncompilable("a subscription")
            selection = Collector.of(self.frame.schema, self.document, conditions).root(operation)
            name = operation.name.value if operation.name else "anonymous"
            return Compiler(name, selection, serial=operation.operation is OperationType.MUTATION)
        except Uncompilable:
            return None
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
