"""What is refused leaves nothing that only the collector of garbage finds: it would stop the loop in the end."""

import pytest

from tests.freed import without_a_search
from tests.hospital import AGENDAR, CANCELAR, REMARCAR, TROCAR, Cliente, Hospital

SEGUNDA, PASSADO = "2030-06-03T12:00:00Z", "2020-01-06T12:00:00Z"


@pytest.fixture
async def pedidos(hospital: Hospital) -> dict[str, tuple[Cliente, str, dict[str, object]]]:
    profissional, paciente, outro = await hospital.profissional(), await hospital.paciente(), await hospital.paciente()
    deles = {"profissionalId": profissional.id, "inicio": SEGUNDA}
    feita = await paciente.cliente(AGENDAR, input={"pacienteId": paciente.id, **deles})
    consulta = feita.data["agendarConsulta"]["consulta"]["id"]
    ninguem = "pac_" + "0" * 32
    return {
        "taken": (hospital.recepcao, AGENDAR, {"input": {"pacienteId": outro.id, **deles}}),
        "of nobody": (hospital.recepcao, AGENDAR, {"input": {"pacienteId": ninguem, **deles}}),
        "of another": (paciente.cliente, AGENDAR, {"input": {"pacienteId": outro.id, **deles}}),
        "not moved": (
            hospital.recepcao,
            REMARCAR,
            {"input": {"consultaId": consulta, "inicio": "2020-01-06T12:00:00Z"}},
        ),
        "not cancelled": (outro.cliente, CANCELAR, {"input": {"consultaId": consulta, "motivo": "engano"}}),
        "forbidden": (paciente.cliente, "{ pacientes(first: 2) { totalCount edges { node { id } } } }", {}),
        "forbidden below": (hospital.recepcao, "{ consultas(first: 2) { edges { node { prontuarios { id } } } } }", {}),
        "malformed": (paciente.cliente, "{ paciente(", {}),
        "invalid": (paciente.cliente, "{ paciente(id: 3.5) { nada } }", {}),
        "without a variable": (paciente.cliente, "query($id: ID!) { paciente(id: $id) { id } }", {}),
        "a wrong cursor": (hospital.recepcao, '{ consultas(after: "x") { totalCount } }', {}),
        "of nobody known": (Cliente(hospital.http), "{ eu { nome } }", {}),
        "of a wrong password": (hospital.recepcao, TROCAR, {"de": "x", "para": "y"}),
    }


async def test_a_refusal_is_freed_without_a_search(pedidos: dict[str, tuple[Cliente, str, dict[str, object]]]) -> None:
    for name, (cliente, query, variables) in pedidos.items():
        with without_a_search():
            for _ in range(3):
                resposta = await cliente(query, **variables)
                assert resposta.codigos or any(payload.get("erros") for payload in resposta.data.values()), name
