"""What a resolver may ask of its ``info`` is what it would be told by graphql-core, whoever runs the operation."""

from typing import Any

import pytest
import strawberry
from strawberry.types import get_object_definition

from sghss_graphql.machinery.engine import Engine, Request, Schema, asked_for, relation
from sghss_graphql.machinery.engine.info import FieldInfo
from sghss_graphql.vocabulario.errors import contar
from tests.machinery.engine.test_relations import Context

TOLD: list[tuple[type, dict[str, Any]]] = []


def _note(info: strawberry.Info[Any, Any]) -> None:
    said: dict[str, Any] = {
        name: getattr(info, name)
        for name in ("field_name", "python_name", "context", "root_value", "operation", "query", "schema")
    }
    said["path"] = info.path.as_list()
    said["type"] = str(info.return_type)
    said["variables"] = dict(info.variable_values)
    said["selected"] = [selected.name for selected in info.selected_fields[0].selections]
    said["argument"] = getattr(info.get_argument_definition("vezes"), "python_name", None)
    said["asked"] = asked_for(info)
    TOLD.append((type(info), said))


@strawberry.type
class Folha:
    """A leaf."""

    nome: str


@strawberry.type
class Ramo:
    """A branch."""

    numero: int

    @strawberry.field
    async def folha(self, info: strawberry.Info, vezes: int = 1) -> Folha:
        """Give one leaf."""
        _note(info)
        return Folha(nome=f"{self.numero}-{vezes}")


@relation(Ramo, description="Leaves.")
async def folhas(ramos: list[Ramo], info: strawberry.Info, vezes: int = 1) -> list[list[Folha]]:
    """Give the leaves of each."""
    _note(info)
    return [[Folha(nome=str(ramo.numero))] * vezes for ramo in ramos]


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    async def ramos(self, info: strawberry.Info) -> list[Ramo]:
        """Give two branches."""
        _note(info)
        return [Ramo(numero=n) for n in range(2)]


SCHEMA = Schema(Query, relations=[folhas])
TEXT = """
query Q($v: Int = 3) { estes: ramos { uma: folha(vezes: $v) { nome } ...F outras: folhas(vezes: 2) { nome } } }
fragment F on Ramo { uma: folha(vezes: $v) { nome __typename } }
"""


@pytest.mark.parametrize("variables", [{}, {"v": 7}])
async def test_info_says_the_same_whoever_runs_the_operation(variables: dict[str, Any]) -> None:
    assert get_object_definition(Ramo) is not None
    told: list[list[dict[str, Any]]] = []
    for compiled in (True, False):
        TOLD.clear()
        engine = Engine(SCHEMA, tell=contar, compiled=compiled)
        answer = await engine.run(Request(TEXT, variables), context := Context(), "id")
        assert "errors" not in answer
        assert {kind is FieldInfo for kind, _ in TOLD} == {compiled}
        assert all(said["context"] is context for _, said in TOLD)
        # core asks a relation for each object, and so at the path of each; here it is asked once, of none of them
        told.append(
            [
                {name: what for name, what in said.items() if name not in ("operation", "context")}
                for _, said in TOLD
                if said["field_name"] != "folhas"
            ]
        )
    assert [one["path"] for one in told[0]] == [["estes"], ["estes", 0, "uma"], ["estes", 1, "uma"]]
    assert [one["asked"] for one in told[0]] == [
        {"folha", "folhas", "nome", "__typename"},
        *[{"nome", "__typename"}] * 2,
    ]
    assert told[0] == told[1]
