"""An operation that asks for too much is refused before any resolver runs, whatever it hides behind."""

import asyncio
from typing import Any

import pytest

from sghss_graphql.machinery.engine import Engine, Limits, Request
from sghss_graphql.machinery.engine.validation import validate_operation
from sghss_graphql.vocabulario.errors import contar
from tests.hospital import Cliente, Hospital
from tests.machinery.engine.faults import Context, schema


async def _codes(engine: Engine, query: str, variables: dict[str, Any] | None = None) -> list[str]:
    answer = await engine.run(Request(query, variables or {}), Context(1, 0.0), "id")
    assert ("data" in answer) is ("errors" not in answer)
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


async def test_depth_follows_fragments() -> None:
    engine = Engine(schema, tell=contar, limits=Limits(depth=4))
    assert await _codes(engine, "{ branch { deeper { deeper { id } } } }") == []
    for query in (
        "{ branch { deeper { deeper { deeper { id } } } } }",
        "{ branch { ...A } } fragment A on Branch { deeper { ...B } }"
        " fragment B on Branch { deeper { deeper { id } } }",
        "{ branch { ... { deeper { ... on Branch { deeper { ... on Node { ... on Branch { deeper { id } } }"
        " } } } } } }",
        "{ branch { deeper { deeper { deeper { id } } } } __schema { queryType { name } } }",
    ):
        assert await _codes(engine, query) == ["LIMITE_EXCEDIDO"], query


async def test_a_long_text_is_planned_once_for_all_who_send_it_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that was just deployed sends one text from everywhere: nobody is told that too many wait to be planned."""
    planned = []

    def validate(*arguments: Any, **options: Any) -> Any:
        planned.append(arguments)
        return validate_operation(*arguments, **options)

    monkeypatch.setattr("sghss_graphql.machinery.engine.execution.validate_operation", validate)
    engine = Engine(schema, tell=contar)
    good, bad = (f"{{ branch {{ {' '.join(f'a{n}: {name}' for n in range(90))} }} }}" for name in ("id", "ib"))
    async with asyncio.TaskGroup() as everyone:
        leaves = everyone.create_task(_codes(engine, good))
        stay = [everyone.create_task(_codes(engine, text)) for text in (good, bad) * 40]
        await asyncio.sleep(0)
        leaves.cancel()
    assert leaves.cancelled()
    refused = stay[1].result()
    assert set(refused) == {"REQUISICAO_INVALIDA"}
    assert [task.result() for task in stay] == [[], refused] * 40
    assert len(planned) == 2


async def test_spreads_that_double_are_stopped_on_the_way() -> None:
    """2 to the 60th fields, in 5 kB: counted after they are expanded, they would never be."""
    levels = 60
    parts = [
        f"fragment F{n} on Branch {{ a: deeper {{ ...F{n + 1} }} b: deeper {{ ...F{n + 1} }} }}" for n in range(levels)
    ]
    query = "{ branch { ...F0 } } " + " ".join(parts) + f" fragment F{levels} on Branch {{ id }}"
    assert await _codes(Engine(schema, tell=contar, limits=Limits(depth=100)), query) == ["LIMITE_EXCEDIDO"]


async def test_aliases_and_roots_are_counted() -> None:
    engine = Engine(schema, tell=contar, limits=Limits(fields=20, roots=5))
    assert await _codes(engine, "{ " + " ".join(f"a{n}: hello" for n in range(5)) + " }") == []
    assert await _codes(engine, "{ " + " ".join(f"a{n}: hello" for n in range(6)) + " }") == ["LIMITE_EXCEDIDO"]
    inside = " ".join(f"a{n}: id" for n in range(25))
    assert await _codes(engine, f"{{ branch {{ {inside} }} }}") == ["LIMITE_EXCEDIDO"]
    assert await _codes(engine, f"{{ branch {{ ...F }} }} fragment F on Branch {{ {inside} }}") == ["LIMITE_EXCEDIDO"]


async def test_aliases_and_directives_have_limits_of_their_own_and_follow_fragments() -> None:
    engine = Engine(schema, tell=contar, limits=Limits(aliases=3, directives=3))
    inside = " ".join(f"a{n}: id" for n in range(4))
    for query in (
        f"{{ branch {{ {inside} }} }}",
        f"{{ branch {{ ...F }} }} fragment F on Branch {{ {inside} }}",
        "{ branch { ...F deeper { ...F } } } fragment F on Branch { a: id b: id }",
        "{ a: branch { ...F } b: branch { ...F } } fragment F on Branch { c: id ... { d: id } }",
        "{ branch { id @skip(if: false) @include(if: true) } hello @skip(if: false) @include(if: true) }",
        "{ a: branch { ...F } branch { ...F } } fragment F on Branch { id @skip(if: false) @include(if: true) }",
        "{ branch { ... @include(if: true) { ... @include(if: true) { ... @include(if: true) { ...F } } } } }"
        " fragment F on Branch { id @skip(if: true) }",
    ):
        assert await _codes(engine, query) == ["LIMITE_EXCEDIDO"], query
    fits = "{ a: branch { b: id c: id @skip(if: false) ...F @include(if: true) } }"
    assert await _codes(engine, fits + " fragment F on Branch { id @skip(if: true) }") == []


async def test_many_conditions_hide_nothing_and_pile_nothing_up() -> None:
    engine = Engine(schema, tell=contar, limits=Limits(depth=3))
    names = "abcdefgh"
    heads = ", ".join(f"${name}: Boolean!" for name in names)
    query = (
        f"query({heads}) {{ "
        + " ".join(f"{name}: hello @skip(if: ${name})" for name in names if name != "a")
        + " branch { deeper @skip(if: $a) { deeper { id } } } }"
    )
    for number in range(80):
        values = {name: bool(number >> bit & 1) for bit, name in enumerate(names)}
        assert await _codes(engine, query, values) == ([] if values["a"] else ["LIMITE_EXCEDIDO"])


GRANDE = "query($n: Int) { pacientes(first: $n) { edges { node { consultas(first: $n) { edges { node { id } } } } } } }"


@pytest.mark.como("recepcao")
async def test_the_cost_of_nested_pages_depends_on_the_variables(pedir: Cliente) -> None:
    assert (await pedir(GRANDE, n=5)).codigos == []
    assert (
        await pedir(GRANDE.replace("node { id }", "node { id profissional { id } paciente { id } }"), n=100)
    ).codigos == ["LIMITE_EXCEDIDO"]
    assert (await pedir(GRANDE, n=5)).codigos == []
    fixed = (
        GRANDE.replace("query($n: Int)", "").replace("$n", "100").replace("node { id }", "node { profissional { id } }")
    )
    assert (await pedir(fixed)).codigos == ["LIMITE_EXCEDIDO"]


@pytest.mark.como("paciente")
async def test_a_month_of_free_hours_of_three_profissionais_fits(pedir: Cliente) -> None:
    query = (
        "query($de: Date!, $ate: Date!, $n: Int) { profissionais(first: $n)"
        " { edges { node { horariosDisponiveis(de: $de, ate: $ate) { inicio } } } } }"
    )
    assert (await pedir(query, n=3, de="2031-01-01", ate="2031-01-31")).codigos == []
    assert (await pedir(query, n=100, de="2031-01-01", ate="2031-01-31")).codigos == ["LIMITE_EXCEDIDO"]
    assert (await pedir(query, n=3, de="2031-01-01", ate="ontem")).codigos == ["REQUISICAO_INVALIDA"]


async def test_a_limit_says_what_to_do_and_runs_nothing(hospital: Hospital) -> None:
    resposta = await hospital.recepcao(GRANDE.replace("node { id }", "node { profissional { id } }"), n=100)
    (erro,) = resposta.corpo["errors"]
    assert "data" not in resposta.corpo
    assert "páginas menores" in erro["message"]
