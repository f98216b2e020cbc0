"""The compiled executor answers as graphql-core does: operations and faults by the thousand, fixed and fresh."""

import asyncio
import gc
import json
import logging
import os
import random
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries

from sghss_graphql.machinery.engine import Engine, Request
from sghss_graphql.vocabulario.errors import contar
from tests.machinery.engine.faults import Context, schema

TEXT = schema.as_str()
COMPILED = Engine(schema, tell=contar, plans=100)
CORE = Engine(schema, tell=contar, plans=100, compiled=False)
MANY = int(os.environ.get("SGHSS_EXAMPLES", "200"))
CONDITIONS = ("c0", "c1")
FAULTS = ("ERRO_INTERNO", "REQUISICAO_INVALIDA")
"""A value of a wrong type is a fault of ours; graphql-core can't tell it from a bad request."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The faults are on purpose: nobody needs their stacks."""
    log = logging.getLogger("sghss.graphql")
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(logging.NOTSET)


def places(answer: dict[str, Any]) -> dict[tuple[Any, ...], str | None]:
    """Give where the data are null because of an error; with its code, where the error is of that very field.

    Of several errors that make one parent null, which one is told is chance.
    """
    found: dict[tuple[Any, ...], str | None] = {}
    for error in answer.get("errors", ()):
        data, path = answer.get("data"), tuple(error.get("path", ()))
        length = 0
        while data is not None:
            data = data[path[length]]
            length += 1
        code = "ERRO_INTERNO" if path and error["extensions"]["code"] in FAULTS else error["extensions"]["code"]
        found[path[:length]] = code if length == len(path) else None
    return found


async def both(query: str, variables: dict[str, Any], seed: int, rate: float) -> dict[str, Any]:
    """Run an operation by both, and compare: data in order, the places of nulls, codes, and what was called."""
    answers, calls = [], []
    for engine in (COMPILED, CORE):
        context = Context(seed, rate)
        answers.append(await engine.run(Request(query, variables), context, "id"))
        calls.append(context.calls)
    ours, theirs = answers
    assert json.dumps(ours.get("data")) == json.dumps(theirs.get("data"))
    assert ("data" in ours) is ("data" in theirs)
    assert list(ours) == list(theirs)
    assert places(ours) == places(theirs)
    assert calls[0] == calls[1]
    return ours


class Twist(Visitor):
    """Rewrites a document: conditions, fragments, fields asked for twice, type names."""

    def __init__(self, info: TypeInfo, dice: random.Random) -> None:
        super().__init__()
        self._info = info
        self._dice = dice
        self.fragments: list[FragmentDefinitionNode] = []

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        """Rewrite one selection set."""
        parent = self._info.get_parent_type()
        selections = []
        for selection in node.selections:
            selections.append(self._with_condition(selection))
            if self._dice.random() < 0.1:
                selections.append(selection)
            if self._dice.random() < 0.1:
                selections.insert(0, self._typename())
        if parent is not None and self._dice.random() < 0.25:
            cut = self._dice.randrange(len(selections) + 1)
            inside = SelectionSetNode(selections=tuple(selections[cut:] or [self._typename()]))
            selections[cut:] = [self._with_condition(self._wrapped(parent.name, inside))]
        return SelectionSetNode(selections=tuple(selections))

    def _wrapped(self, type_name: str, inside: SelectionSetNode) -> InlineFragmentNode | FragmentSpreadNode:
        condition = NamedTypeNode(name=NameNode(value=type_name))
        if self._dice.random() < 0.5:
            return InlineFragmentNode(
                type_condition=condition if self._dice.random() < 0.5 else None, directives=(), selection_set=inside
            )
        name = NameNode(value=f"F{len(self.fragments)}")
        self.fragments.append(
            FragmentDefinitionNode(
                name=name, type_condition=condition, directives=(), selection_set=inside, variable_definitions=()
            )
        )
        return FragmentSpreadNode(name=name, directives=())

    def _with_condition(self, selection: Any) -> Any:
        if self._dice.random() > 0.15:
            return selection
        name, value = self._dice.choice(("skip", "include")), self._dice.choice(("$c0", "$c1", "true", "false"))
        text = f"{{ a @{name}(if: {value}) }}"
        (directive,) = _first_field(parse(text)).directives or ()
        return self._copy(selection, directive)

    @staticmethod
    def _copy(selection: Any, directive: DirectiveNode) -> Any:
        if any(one.name.value == directive.name.value for one in selection.directives or ()):
            return selection
        values = {key: getattr(selection, key) for key in selection.keys if key not in ("loc", "directives")}
        return type(selection)(**values, directives=(*(selection.directives or ()), directive))

    def _typename(self) -> FieldNode:
        return _first_field(parse("{ __typename }"))


def _first_field(document: DocumentNode) -> FieldNode:
    (definition,) = document.definitions
    (node,) = definition.selection_set.selections  # type: ignore[attr-defined]  # an operation
    return node


def twisted(text: str, seed: int) -> str:
    """Rewrite an operation; give it back as it was where that makes it invalid."""
    document, dice = parse(text), random.Random(seed)
    info = TypeInfo(schema.core)
    twist = Twist(info, dice)
    rewritten = visit(document, TypeInfoVisitor(info, twist))
    operation, *rest = (print_ast(part) for part in (*rewritten.definitions, *twist.fragments))
    used = [name for name in CONDITIONS if any(f"${name}" in part for part in (operation, *rest))]
    kind = "mutation" if operation.startswith("mutation") else "query"
    head = f"{kind} Gerada({', '.join(f'${name}: Boolean!' for name in used)})" if used else f"{kind} Gerada"
    result = "\n".join([head + operation[operation.index("{") :], *rest])
    return text if validate(schema.core, parse(result)) else result


OPERATIONS = st.one_of(queries(TEXT), queries(TEXT), mutations(TEXT))


@pytest.fixture
def _left_by_graphql_core() -> Iterator[None]:
    """graphql-core leaves the coroutines of siblings behind when one of them fails: they go before the next test.

    Until then nothing is collected by itself: where a frame without builtins is the one in which it happens (a named
    tuple's own), the warning can't even be made.
    """
    with warnings.catch_warnings():
        for owner in ("Executor", "GraphQLCoreConverter"):
            warnings.filterwarnings("ignore", rf"coroutine '{owner}\..*' was never awaited", RuntimeWarning)
        gc.disable()
        try:
            yield
        finally:
            gc.enable()
            gc.collect()


@pytest.mark.usefixtures("_left_by_graphql_core")
@pytest.mark.parametrize("fresh", [False, True], ids=["fixed", "fresh"])
def test_generated_operations_and_faults(fresh: bool) -> None:
    """Run by hypothesis; SGHSS_EXAMPLES says how many (CI: 1000), and a failure prints what brings it back."""

    @settings(
        max_examples=MANY if fresh else MANY // 2,
        deadline=None,
        derandomize=not fresh,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(OPERATIONS, st.integers(0, 2**32), st.sampled_from((0.0, 0.05, 0.3)), st.booleans(), st.booleans())
    def check(text: str, seed: int, rate: float, one: bool, other: bool) -> None:
        query = twisted(text, seed)
        values = dict(zip(CONDITIONS, (one, other), strict=True))
        variables = {name: value for name, value in values.items() if f"${name}" in query}
        asyncio.run(both(query, variables, seed, rate))
        if seed % 16 == 0:
            gc.collect()

    check()
    assert COMPILED.fallbacks == 0
