"""A plan is what an operation's text means: parsed, validated and compiled once, then run with many variables.

Plans are kept by text and operation name, from the second time that a text is seen on, as long as they have room: each
is weighed in bytes, and the one that was used longest ago goes first. The values of the variables that decide ``@skip``
and ``@include`` choose between versions of a plan, each with limits of its own and compiled for its own; the versions
that are too many to keep, and what the compiler doesn't know, are run by graphql-core, and counted.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, OperationType, TokenKind

from sghss_graphql.machinery.engine.compiling import Compiler
from sghss_graphql.machinery.engine.limits import Cost, Limits, Tally
from sghss_graphql.machinery.engine.schema import Schema
from sghss_graphql.machinery.engine.selections import Collector, Selection, conditions_of
from sghss_graphql.machinery.engine.variables import Variables
from sghss_graphql.machinery.faults import Excess

log = logging.getLogger("sghss.graphql")
_MOST_VERSIONS = 16
_MOST_SEEN = 10_000
_BYTES_OF_A_PLAN = 20_000
_BYTES_OF_A_TOKEN = 1_100
_BYTES_OF_A_FIELD = 6_500
"""What is kept of a text, in bytes: more than tracemalloc finds for any shape of text (tests/…/test_costs.py)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all runs of a plan share."""

    strawberry: Schema
    schema: Any
    fragments: Mapping[str, FragmentDefinitionNode]
    operation: OperationDefinitionNode


@dataclass(frozen=True, slots=True)
class Version:
    """A plan for certain values of its conditions: its size and cost, and what it was compiled to, if it could be."""

    limits: Limits
    """Those of whoever it was made for."""
    size: Tally
    cost: Cost
    compiled: Compiler | None


class Plan:
    """One operation of one document.

    ``tokens`` is how long its text is, and ``asking`` how much it asks of the schema (1 is the most).
    """

    def __init__(
        self,
        schema: Schema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        tokens: int,
        asking: float = 0.0,
    ) -> None:
        self.document = document
        self.operation = operation
        self.variables = Variables(schema.core, operation)
        fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}
        self.frame = Frame(schema, schema.core, fragments, operation)
        self.tokens = tokens
        self.asking = asking
        self._conditions = sorted(conditions_of(document))
        self._versions: dict[tuple[Any, ...], Version] = {}

    @property
    def weight(self) -> int:
        """Bytes that it holds, about, and no less."""
        fields = sum(version.size.fields for version in self._versions.values())
        return _BYTES_OF_A_PLAN + _BYTES_OF_A_TOKEN * self.tokens + _BYTES_OF_A_FIELD * fields

    def version(self, variables: Mapping[str, Any], limits: Limits) -> Version | None:
        """Give the version for these (coerced) variables, if it was made, for whoever has these limits.

        Raises:
            Excess: it is more than they may ask for.
        """
        if self.tokens > limits.tokens:
            raise Excess
        version = self._versions.get(self.key(variables))
        if version is not None and version.limits is not limits:
            version.size.require_within(limits)
        return version

    def make_version(self, variables: Mapping[str, Any], limits: Limits) -> Version:
        """Make the version for these variables; the first ones are kept.

        Raises:
            Excess: it asks for too much, whatever the other variables.
        """
        key = self.key(variables)
        version = self._make(dict(zip(self._conditions, key, strict=True)), limits)
        if len(self._versions) < _MOST_VERSIONS:
            self._versions[key] = version
        return version

    def key(self, variables: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(map(variables.get, self._conditions))

    def forget(self) -> None:
        """Let go of what was compiled."""
        for version in self._versions.values():
            if version.compiled is not None:
                version.compiled.forget()

    def _make(self, conditions: Mapping[str, Any], limits: Limits) -> Version:
        tally, frame = Tally(limits), self.frame
        collector = Collector(frame.schema, frame.fragments, conditions, tally.enter, tally.direct)
        selection = collector.root(self.operation)
        cost = Cost(selection, limits)
        many = len(self._versions) >= _MOST_VERSIONS  # what isn't kept isn't worth compiling
        compiled = None if collector.unknown or many else self._compile(selection)
        return Version(limits, tally, cost, compiled)

    def _compile(self, selection: Selection) -> Compiler | None:
        name = self.operation.name.value if self.operation.name else "anonymous"
        try:
            return Compiler(
                name, selection, self.frame.strawberry, serial=self.operation.operation is OperationType.MUTATION
            )
        except Exception:  # a fault of the compiler's: graphql-core still knows how
            log.exception("a plan could not be compiled")
            return None


def unchain(document: DocumentNode) -> int:
    """Let each token of a document go of its neighbours, whom nobody asks for; give how many there are beside comments.

    A document whose tokens hold each other is freed by the collector alone, all at once: 70 ms at a stretch for some.
    """
    count, token = 0, document.loc.start_token if document.loc else None
    while token is not None:
        following = token.next
        token.prev = token.next = None
        count, token = count + (token.kind is not TokenKind.COMMENT), following
    return count


Key = tuple[str, str | None]


class Plans:
    """The plans that are kept, ``most`` bytes of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Key, tuple[Plan, int]] = OrderedDict()
        self._seen: OrderedDict[int, None] = OrderedDict()
        """Hashes of the texts that were seen once."""
        self.weight = 0
        """Bytes that they hold."""

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Plan | None:
        """Give the plan of a text, if it is kept."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._kept.move_to_end(key)
        return kept[0]

    def keep(self, key: Key, plan: Plan) -> None:
        """Keep a plan whose text was seen before, and make room for it; weigh it again if it is kept already."""
        if key not in self._kept and not self._seen_before(hash(key)):
            plan.forget()
            return
        _, before = self._kept.pop(key, (plan, 0))
        weight = plan.weight + 2 * len(key[0])
        self._kept[key] = plan, weight
        self.weight += weight - before
        while self.weight > self._most:
            _, (oldest, freed) = self._kept.popitem(last=False)
            self.weight -= freed
            oldest.forget()

    def _seen_before(self, text: int) -> bool:
        if self._seen.pop(text, text) is None:
            return True
        self._seen[text] = None
        if len(self._seen) > _MOST_SEEN:
            self._seen.popitem(last=False)
        return False
