"""The text of a record, of up to 64 KiB, is read only where it is asked for, however it is asked for."""

import pytest

from tests.hospital import Hospital, Pessoa
from tests.machinery.database.statements_log import recorded

COM_TEXTO = [
    "prontuarios(pacienteId: $id) { edges { node { x: texto } } }",
    "prontuarios(pacienteId: $id) { edges { node { ... on Prontuario { ...T } } } }",
    "prontuarios(pacienteId: $id) { edges { node { id retificadoPor { texto } retifica { texto } } } }",
    "paciente(id: $id) { prontuarios { edges { node { id ... { texto @include(if: true) } } } } }",
    "consultas { edges { node { prontuarios { ...T } } } }",
    "__schema { queryType { name } } prontuarios(pacienteId: $id) { edges { node { ...T } } }",  # by graphql-core
]
SEM_TEXTO = [
    "prontuarios(pacienteId: $id) { totalCount edges { node { id tipo criadoEm hash } } }",
    "paciente(id: $id) { prontuarios { edges { node { retificadoPor { id } retifica { tipo } } } } }",
    "consultas { edges { node { prontuarios { id registroDoAutor } } } }",
]


@pytest.fixture(scope="module")
async def profissional(hospital: Hospital) -> Pessoa:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, profissional)
    await hospital.prontuario(profissional, paciente, consultaId=consulta, texto="Evolui bem.")
    return Pessoa(profissional.cliente, paciente.id, profissional.cpf, profissional.nome)


async def _ler(hospital: Hospital, profissional: Pessoa, campos: str) -> tuple[str, str]:
    """Give the answer, and the statements that read records."""
    fragmento = " fragment T on Prontuario { texto }" if "...T" in campos else ""
    cabeca = "query($id: ID!) " if "$id" in campos else "query "
    async with recorded(hospital.dono) as log:
        resposta = await profissional.cliente(f"{cabeca}{{ {campos} }}{fragmento}", id=profissional.id)
    return str(resposta.data), " ".join(sql for sql in log.statements if "FROM prontuario" in sql)


@pytest.mark.parametrize("campos", COM_TEXTO)
async def test_whoever_asks_for_the_text_gets_it(hospital: Hospital, profissional: Pessoa, campos: str) -> None:
    resposta, comandos = await _ler(hospital, profissional, campos)
    assert "r.texto" in comandos
    assert ("Evolui bem." in resposta) is ("retifica" not in campos)


@pytest.mark.parametrize("campos", SEM_TEXTO)
async def test_whoever_does_not_ask_for_it_does_not_have_it_read(
    hospital: Hospital, profissional: Pessoa, campos: str
) -> None:
    _, comandos = await _ler(hospital, profissional, campos)
    assert "FROM prontuario" in comandos
    assert "r.texto" not in comandos
