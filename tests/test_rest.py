"""docs/rest.md, the way from the old REST backend: each route's operation is run as it stands there."""

import re
from pathlib import Path
from typing import Any

import pytest

from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from tests.hospital import SENHA_DE_TESTE, Hospital

PAGE = (Path(__file__).parents[1] / "docs/rest.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## `(\w+ /[^`]+)`\n(.*?)```graphql\n# como (\w+)\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
OLD_ROUTES = {
    "POST /login",
    "POST /pacientes",
    "POST /consultas",
    "GET /consultas/<paciente_id>",
    "POST /prontuarios",
    "GET /prontuarios/<paciente_id>",
}


async def _variables(hospital: Hospital, route: str) -> dict[str, Any]:
    """What the old route took, as variables of the new operation."""
    if route == "POST /login":
        return {"cpf": PESSOAS[0].cpf, "senha": SENHA}
    if route == "POST /pacientes":
        novo = {"cpf": hospital.cpf(), "nome": hospital.nome(), "nascimento": "1990-01-31", "senha": SENHA_DE_TESTE}
        return {"input": novo}
    eu = (await hospital.demo[Papel.PACIENTE]("{ eu { paciente { id } } }")).data["eu"]["paciente"]["id"]
    if route == "POST /consultas":
        profissional = await hospital.profissional()
        return {"input": {"pacienteId": eu, "profissionalId": profissional.id, "inicio": hospital.instante()}}
    if route == "POST /prontuarios":
        return {"input": {"pacienteId": eu, "tipo": "EVOLUCAO", "texto": "Evolui bem."}}
    return {"paciente": eu}


def test_every_old_route_has_its_operation() -> None:
    assert {route for route, *_ in SECTIONS} == OLD_ROUTES
    assert all(f"| `{route}` |" in PAGE for route in OLD_ROUTES)


@pytest.mark.parametrize(("route", "words", "who", "operation"), SECTIONS, ids=[section[0] for section in SECTIONS])
async def test_the_operation_does_what_the_route_did(
    hospital: Hospital, route: str, words: str, who: str, operation: str
) -> None:
    client = hospital.ninguem if who == "ninguem" else hospital.demo[Papel[who.upper()]]
    (answer,) = (await client(operation, **await _variables(hospital, route))).data.values()
    assert answer.get("erros", []) == []
    assert all(value is not None for name, value in answer.items() if name != "erros")
    if route.startswith("GET"):
        (connection,) = answer.values() if "paciente_id>" in route and "consultas" in route else (answer,)
        assert connection["edges"]


async def test_a_paciente_no_longer_writes_their_own_record(hospital: Hospital) -> None:
    (operation,) = (operation for route, _, _, operation in SECTIONS if route == "POST /prontuarios")
    variables = await _variables(hospital, "POST /prontuarios")
    assert (await hospital.demo[Papel.PACIENTE](operation, **variables)).codigos == ["PROIBIDO"]
