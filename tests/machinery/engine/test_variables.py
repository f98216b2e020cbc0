"""Variables are what graphql-core makes of them, right or wrong, and arguments too that are made out of them."""

from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    VariableValues,
    get_argument_values,
    is_input_type,
    parse,
    type_from_ast,
)
from graphql import build_schema as core_schema
from graphql import get_variable_values as by_core

from sghss_graphql.machinery.engine.arguments import Arguments
from sghss_graphql.machinery.engine.selections import Selected
from sghss_graphql.machinery.engine.validation import check_variables
from sghss_graphql.machinery.engine.variables import Variables
from tests.hospital import SCHEMA as schema

OWN = core_schema("""
    enum Cor { AZUL VERDE }
    input Ponto { x: Int! = 1, y: Float, cor: Cor = AZUL, rotulos: [String!] }
    input Arvore { nome: String!, ramos: [Arvore!] }
    type Query {
        f(i: Int, n: Int!, s: [String!], c: Cor, p: Ponto, ps: [[Ponto]], a: Arvore, id: ID!): Int
    }
""")
DECLARED = ("Int", "Int!", "Int = 7", "Int! = 7", "[String!]", "[String!]! = []", "Cor", "Ponto", "Ponto = {x: 2}")
DECLARED += ("[[Ponto]]", "Arvore", "ID!", "Boolean", "Float", "Nada", "Query")
GIVEN: list[dict[str, Any]] = [
    {},
    {"outra": 1},
    *(
        {"v": value}
        for value in (
            *(None, 0, 3, 2**31, 1.5, True, "", "AZUL", "ROXO", "3", [], ["a"], ["a", None], [[{"x": 1}, None]], {}),
            *({"x": 1}, {"x": None}, {"y": 2, "cor": "VERDE", "rotulos": "so um"}, {"z": 1}, {"x": "1"}, object()),
            *({"nome": "a", "ramos": [{"nome": "b"}]}, {"nome": "a", "ramos": {"nome": "b", "ramos": []}}),
        )
    ),
]


def _operation(text: str) -> OperationDefinitionNode:
    (operation,) = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


@pytest.mark.parametrize("declared", DECLARED)
def test_a_variable_is_what_graphql_core_makes_of_it(declared: str) -> None:
    operation = _operation(f"query($v: {declared}) {{ f }}")
    variables = Variables(OWN, operation)
    for given in GIVEN:
        ours, theirs = variables.coerced(given), by_core(OWN, operation.variable_definitions or (), dict(given))
        if isinstance(theirs, VariableValues):
            assert isinstance(ours, VariableValues), given
            assert ours.coerced == theirs.coerced, given
            assert ours.sources.keys() == theirs.sources.keys()
            assert [source.value for source in ours.sources.values()] == [s.value for s in theirs.sources.values()]
        else:
            assert ours is None, given
            assert check_variables(OWN, operation, given, variables.places(), suggest=True) or _is_no_input(operation)


def _is_no_input(operation: OperationDefinitionNode) -> bool:
    """Tell whether the variable is of a type that none can have: validation refuses the operation."""
    return not is_input_type(type_from_ast(OWN, operation.variable_definitions[0].type))


def test_an_input_that_holds_itself_may_be_nested_as_deep_as_graphql_core_lets_it() -> None:
    deep: dict[str, Any] = {"nome": "a"}
    for _ in range(5_000):
        deep = {"nome": "a", "ramos": [deep]}
    operation = _operation("query($v: Arvore) { f }")
    assert Variables(OWN, operation).coerced({"v": deep}) is None
    (error,) = check_variables(OWN, operation, {"v": deep}, {}, suggest=True)
    assert "níveis demais" in error.message


FIELDS = [
    "consultas(filtro: {pacienteId: $id, situacoes: [AGENDADA]}, first: 5)",
    "consultas(filtro: {pacienteId: $id, de: $de}, first: $n, after: $depois)",
    "consultas(filtro: $filtro)",
    "consultas(first: null)",
    "paciente(id: $id)",
    "consultas",
]
VALUES: list[dict[str, Any]] = [
    {"id": "pac_1", "n": 3, "de": "2026-01-01T00:00:00Z", "depois": "x", "filtro": {"situacoes": ["FALTOU"]}},
    {"id": "pac_2"},
    {"id": "pac_3", "n": None, "de": None, "depois": None, "filtro": None},
    {"id": "pac_1", "n": 9, "de": "2026-01-01T00:00:00Z", "depois": "y", "filtro": {}},
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("first", range(len(VALUES)))
def test_arguments_that_vary_do_so_at_each_request(field: str, first: int) -> None:
    """Whichever request is the first, those after it get their own values."""
    head = "query($id: ID!, $n: Int, $de: DateTime, $depois: String, $filtro: FiltroDeConsultas)"
    operation = _operation(f"{head} {{ {field} {{ x }} }}")
    (node,) = operation.selection_set.selections
    assert isinstance(node, FieldNode)
    definition = schema.core.query_type.fields[node.name.value]  # type: ignore[union-attr]  # there is a Query
    arguments = Arguments(
        Selected("f", "f", [node], definition), definition.extensions["strawberry-definition"], schema
    )
    for values in VALUES[first:] + VALUES[:first]:
        coerced = by_core(schema.core, operation.variable_definitions or (), values)
        assert isinstance(coerced, VariableValues)
        try:
            theirs = get_argument_values(definition, node, coerced)
        except GraphQLError as error:
            with pytest.raises(GraphQLError, match=error.message[:20].replace("$", ".")):
                arguments._coerced(coerced)  # noqa: SLF001 - before Strawberry converts them
        else:
            assert arguments._coerced(coerced) == theirs  # noqa: SLF001 - before Strawberry converts them
