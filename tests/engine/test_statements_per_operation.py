"""The number of SQL statements of an operation doesn't depend on how many rows it returns."""

from typing import Any

import pytest
from graphql import GraphQLError, TypeInfo, TypeInfoVisitor, Visitor, get_named_type, is_list_type, parse, visit

from sghss_graphql.schema import schema
from tests.database.statements_log import recorded
from tests.hospital import Hospital

_MEDICO = """
  id nome crm especialidades expediente { dia inicio fim }
  horariosDisponiveis(de: "2030-06-03", ate: "2030-06-07") { inicio fim }
"""
_PRONTUARIO = """
  id texto cid10 paciente { id nome } medico { id especialidades } consulta { id situacao }
  retifica { id } retificadoPor { id texto }
"""
_CONSULTA = f"""
  id paciente {{ nome }} medico {{ {_MEDICO} }} historico {{ situacao }}
"""
_BLOQUEIOS = 'bloqueios(de: "2026-01-01T00:00:00Z", ate: "2026-12-31T00:00:00Z") { motivo medico { id especialidades } }'

OPERACOES = {
    "consultas": (
        "medico",
        "query($n: Int) { consultas(first: $n) { totalCount edges { node { "
        + _CONSULTA
        + " prontuarios { "
        + _PRONTUARIO
        + " } } } } }",
    ),
    "pacientes": (
        "medico",
        "query($n: Int) { pacientes(first: $n) { totalCount edges { node { nome"
        " consultas(first: $n) { totalCount edges { node { " + _CONSULTA + " } } }"
        " prontuarios(first: $n) { totalCount edges { node { " + _PRONTUARIO + " } } } } } } }",
    ),
    "medicos": (
        "recepcao",
        "query($n: Int) { medicos(first: $n) { totalCount edges { node { "
        + _MEDICO
        + _BLOQUEIOS
        + " consultas(first: $n) { totalCount edges { node { "
        + _CONSULTA
        + " } } } } } } }",
    ),
    "prontuarios": (
        "paciente",
        "query($n: Int, $eu: ID!) { eu { papeis } prontuarios(pacienteId: $eu, first: $n) { totalCount edges { node { "
        + _PRONTUARIO
        + " } } } }",
    ),
}


async def _contar(hospital: Hospital, papel: str, query: str, n: int, eu: str) -> tuple[int, int]:
    cliente = next(c for p, c in hospital.demo.items() if p.name == papel.upper())
    variaveis: dict[str, Any] = {"n": n}
    if "$eu" in query:
        variaveis["eu"] = eu
    async with recorded(hospital.dono) as log:
        resposta = await cliente(query, **variaveis)
    return len(log.statements), str(resposta.data).count("'id'")


@pytest.mark.parametrize("nome", OPERACOES)
async def test_more_rows_cost_no_more_statements(hospital: Hospital, nome: str) -> None:
    papel, query = OPERACOES[nome]
    eu = (await hospital.demo[next(iter(hospital.demo))]("{ eu { paciente { id } } }")).data["eu"]["paciente"]["id"]
    poucas = await _contar(hospital, papel, query, 5 if nome == "prontuarios" else 30, eu)
    muitas = await _contar(hospital, papel, query, 100, eu)
    assert muitas[0] == poucas[0]
    assert muitas[1] > poucas[1]


async def test_a_single_root_field_costs_two_statements(hospital: Hospital) -> None:
    """One says who asks, one answers."""
    eu = ""
    assert (await _contar(hospital, "recepcao", "query($n: Int) { consultas(first: $n) { edges { node { id } } } }", 50, eu))[0] == 2


class _Lists(Visitor):
    """Collects the fields of a document that give lists."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.found: set[str] = set()

    def enter_field(self, *_: Any) -> None:
        parent, field = self.info.get_parent_type(), self.info.get_field_def()
        if parent is None or field is None:
            raise GraphQLError("the document doesn't fit the schema")
        name = self.info.get_field_def()
        for candidate, definition in parent.fields.items():
            if definition is name:
                self.found.add(f"{parent.name}.{candidate}")


def _gives_a_list(tipo: Any) -> bool:
    while hasattr(tipo, "of_type"):
        if is_list_type(tipo):
            return True
        tipo = tipo.of_type
    return get_named_type(tipo).name.endswith("Connection")


def test_every_list_field_of_the_schema_is_counted() -> None:
    contados: set[str] = set()
    for _, query in OPERACOES.values():
        info = TypeInfo(schema.core)
        listas = _Lists(info)
        visit(parse(query), TypeInfoVisitor(info, listas))
        contados |= listas.found
    do_schema = {
        f"{nome}.{campo}"
        for nome, tipo in schema.core.type_map.items()
        if not nome.startswith("__") and not nome.endswith("Payload") and nome != "ErroDeUsuario" and hasattr(tipo, "fields")
        for campo, definicao in tipo.fields.items()
        if not nome.endswith("Input") and nome != "FiltroDeConsultas" and _gives_a_list(definicao.type)
    }
    assert do_schema <= contados
