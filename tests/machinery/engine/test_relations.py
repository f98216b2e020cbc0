"""The relation decorator: one call a level, for a type that was finished before."""

from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry
from graphql import parse
from strawberry.types import get_object_definition

from sghss_graphql.machinery.engine import Engine, Request, Schema, relation
from sghss_graphql.vocabulario.errors import contar


@dataclass
class Context:
    batches: dict[Any, Any] = field(default_factory=dict)


@strawberry.type
class Folha:
    nome: str


@strawberry.type
class Ramo:
    numero: int


chamadas: list[list[int]] = []


@relation(Ramo, description="Leaves.")
async def folhas(ramos: list[Ramo], info: strawberry.Info, vezes: int = 1) -> list[list[Folha]]:
    chamadas.append([ramo.numero for ramo in ramos])
    return [[Folha(nome=f"{ramo.numero}-{n}") for n in range(vezes)] for ramo in ramos]


@relation(Ramo, description="The next one.", name="proximo")
async def o_proximo(ramos: list[Ramo], info: strawberry.Info) -> list[Ramo | None]:
    return [Ramo(numero=ramo.numero + 1) if ramo.numero < 3 else None for ramo in ramos]


@strawberry.type
class Query:
    @strawberry.field
    def ramos(self) -> list[Ramo]:
        return [Ramo(numero=n) for n in range(3)]


schema = Schema(Query, relations=[folhas, o_proximo])


async def _run(query: str) -> dict[str, Any]:
    parse(query)
    return await Engine(schema, tell=contar).run(Request(query=query), Context(), "id")


def test_the_door_that_strawberry_leaves_open_is_still_there() -> None:
    """A type's fields are asked of the schema (``get_fields``) when it is made; the type itself stays as it was."""
    nomes = [campo.python_name for campo in get_object_definition(Ramo, strict=True).fields]
    assert nomes == ["numero"]
    assert [campo.python_name for campo in schema.get_fields(get_object_definition(Ramo, strict=True))] == [
        *nomes,
        "folhas",
        "o_proximo",
    ]
    assert "folhas(vezes: Int! = 1): [Folha!]!" in schema.as_str()
    assert "proximo: Ramo\n" in schema.as_str()


async def test_all_parents_of_a_level_are_resolved_in_one_call() -> None:
    chamadas.clear()
    resposta = await _run("{ ramos { folhas(vezes: 2) { nome } proximo { folhas { nome } } } }")
    assert chamadas == [[0, 1, 2], [1, 2, 3]]
    assert resposta["data"]["ramos"][1] == {
        "folhas": [{"nome": "1-0"}, {"nome": "1-1"}],
        "proximo": {"folhas": [{"nome": "2-0"}]},
    }


async def test_aliases_with_other_arguments_are_other_batches() -> None:
    chamadas.clear()
    resposta = await _run("{ ramos { a: folhas(vezes: 1) { nome } b: folhas(vezes: 2) { nome } } }")
    assert len(chamadas) == 2
    assert [len(ramo["a"]) + len(ramo["b"]) for ramo in resposta["data"]["ramos"]] == [3, 3, 3]


def test_a_relation_must_say_that_it_gives_a_list() -> None:
    with pytest.raises(TypeError, match="list"):

        @relation(Ramo, description="Wrong.")
        async def errada(ramos: list[Ramo], info: strawberry.Info) -> Folha:
            raise NotImplementedError
