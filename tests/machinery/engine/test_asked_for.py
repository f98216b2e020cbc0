"""What an operation doesn't ask for isn't read; what it asks for is the same, whatever else it asks for."""

from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from sghss_graphql.machinery.database import Columns
from tests.hospital import RETIFICAR, Hospital
from tests.hospital import SCHEMA as schema
from tests.machinery.database.statements_log import recorded

LISTA = "edges {{ node {{ {campos} }} }}"
CAMINHOS = {
    "pacientes": ("recepcao", "Paciente", "{{ pacientes(first: 3) {{ " + LISTA + " }} }}"),
    "pacientes, por documento": ("recepcao", "Paciente", '{{ pacientes(busca: "{cpf}") {{ ' + LISTA + " }} }}"),
    "paciente": ("recepcao", "Paciente", '{{ paciente(id: "{paciente}") {{ {campos} }} }}'),
    "consulta.paciente": ("recepcao", "Paciente", '{{ consulta(id: "{consulta}") {{ paciente {{ {campos} }} }} }}'),
    "usuario.paciente": ("paciente", "Paciente", "{{ eu {{ paciente {{ {campos} }} }} }}"),
    "node": ("recepcao", "Paciente", '{{ node(id: "{paciente}") {{ ... on Paciente {{ {campos} }} }} }}'),
    "consulta": ("recepcao", "Consulta", '{{ consulta(id: "{consulta}") {{ {campos} }} }}'),
    "consultas": ("paciente", "Consulta", "{{ consultas {{ " + LISTA + " }} }}"),
    "consultas, de um profissional": ("profissional", "Consulta", "{{ consultas {{ " + LISTA + " }} }}"),
    "paciente.consultas": (
        "recepcao",
        "Consulta",
        '{{ paciente(id: "{paciente}") {{ consultas {{ ' + LISTA + " }} }} }}",
    ),
    "profissional.consultas": (
        "recepcao",
        "Consulta",
        '{{ profissional(id: "{profissional}") {{ consultas {{ ' + LISTA + " }} }} }}",
    ),
    "prontuario.consulta": (
        "profissional",
        "Consulta",
        '{{ prontuarios(pacienteId: "{paciente}") {{ edges {{ node {{ consulta {{ {campos} }} }} }} }} }}',
    ),
    "prontuarios": ("paciente", "Prontuario", '{{ prontuarios(pacienteId: "{paciente}") {{ ' + LISTA + " }} }}"),
    "consulta.prontuarios": (
        "profissional",
        "Prontuario",
        '{{ consulta(id: "{consulta}") {{ prontuarios {{ ...P }} }} }} fragment P on Prontuario {{ {campos} }}',
    ),
    "prontuario.retifica": (
        "profissional",
        "Prontuario",
        '{{ prontuarios(pacienteId: "{paciente}") {{ edges {{ node {{ retifica {{ {campos} }} }} }} }} }}',
    ),
    "prontuario.retificadoPor": (
        "profissional",
        "Prontuario",
        '{{ prontuarios(pacienteId: "{paciente}") {{ edges {{ node {{ retificadoPor {{ {campos} }} }} }} }} }}',
    ),
}


def _folhas(tipo: str) -> list[str]:
    objeto = schema.core.type_map[tipo]
    assert isinstance(objeto, GraphQLObjectType)
    return [nome for nome, campo in objeto.fields.items() if is_leaf_type(get_named_type(campo.type))]


def _valores(resposta: Any, campo: str) -> list[Any]:
    """Give all values of a field, in order, at whatever depth they are."""
    if isinstance(resposta, list):
        return [valor for item in resposta for valor in _valores(item, campo)]
    if not isinstance(resposta, dict):
        return []
    return [
        valor for nome, dentro in resposta.items() for valor in ([dentro] if nome == campo else _valores(dentro, campo))
    ]


@pytest.fixture(scope="module")
async def cena(hospital: Hospital) -> dict[str, Any]:
    profissional = await hospital.profissional()
    dados = {"cns": hospital.cns(), "nomeSocial": "Zezé", "email": "z@exemplo.com.br", "telefone": "(11) 91234-5678"}
    paciente = await hospital.paciente(sexo="INTERSEXO", **dados)
    consulta = await hospital.consulta(paciente, profissional, modalidade="TELECONSULTA", motivo="dor")
    errado = await hospital.prontuario(profissional, paciente, consultaId=consulta, cid10=["J00", "R51"])
    certo = {"prontuarioId": errado, "texto": "certo", "justificativa": "engano", "cid10": ["J01"]}
    assert (await profissional.cliente(RETIFICAR, input=certo)).recusas == []
    return {
        "clientes": {"recepcao": hospital.recepcao, "profissional": profissional.cliente, "paciente": paciente.cliente},
        "ids": {"paciente": paciente.id, "profissional": profissional.id, "consulta": consulta, "cpf": paciente.cpf},
    }


@pytest.mark.parametrize("caminho", CAMINHOS)
async def test_a_field_alone_is_what_it_is_among_all(cena: dict[str, Any], caminho: str) -> None:
    quem, tipo, texto = CAMINHOS[caminho]
    cliente, folhas = cena["clientes"][quem], _folhas(tipo)
    todas = (await cliente(texto.format(campos=" ".join(folhas), **cena["ids"]))).data
    assert any(valor is not None for valor in _valores(todas, folhas[0]))
    for campo in folhas:
        sozinho = (await cliente(texto.format(campos=campo, **cena["ids"]))).data
        assert _valores(sozinho, campo) == _valores(todas, campo), campo


async def test_what_is_not_asked_for_is_not_read(hospital: Hospital, cena: dict[str, Any]) -> None:
    texto = CAMINHOS["consulta.prontuarios"][2]
    async with recorded(hospital.dono) as log:
        await cena["clientes"]["profissional"](texto.format(campos="numero tipo", **cena["ids"]))
    lidas = [statement for statement in log.statements if "FROM prontuario r" in statement]
    assert len(lidas) == 1
    assert "r.tipo" in lidas[0]
    for coluna in ("r.texto", "r.cid10", "r.hash", "r.justificativa"):
        assert coluna not in lidas[0]


class _Coisa:
    chave: bytes
    x: int
    y_z: str
    soma: int
    sempre = "está"


def test_an_object_is_made_of_the_columns_that_are_asked_for() -> None:
    colunas = Columns(
        _Coisa,
        "a.id a.n",
        "a.x a.y_z",
        named={"id": "chave"},
        read={"x": lambda x: 10 * (x or 0), "y_z": {None: "nada", "s": "sim"}},
        made={"soma": ("n x", lambda n, x: n + x)},
        made_of={"relacao": "y_z"},
    )
    tudo = colunas()
    assert tudo.sql == "a.id, a.n, a.x, a.y_z"
    feita = tudo.each([(b"k", 1, 2, "s", "a mais")])[0]
    assert (type(feita), vars(feita)) == (_Coisa, {"chave": b"k", "n": 1, "x": 20, "y_z": "sim", "soma": 3})
    assert colunas(frozenset({"n", "outra", "relacao"})).sql == "a.id, a.n, a.y_z"
    assert colunas(frozenset({"soma"})).each([(b"k", 1, 2)])[0].soma == 3
    pouco = colunas(frozenset()).each([(b"k", 1)])[0]
    assert (pouco.x, pouco.y_z, pouco.soma, pouco.sempre) == (0, "nada", None, "está")
    assert colunas(frozenset()) is colunas(frozenset()), "written once"
