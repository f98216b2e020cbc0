"""The number of SQL statements of an operation doesn't depend on how many rows it returns."""

from dataclasses import dataclass
from typing import Any

import pytest
from graphql import GraphQLError, TypeInfo, TypeInfoVisitor, Visitor, get_named_type, is_list_type, parse, visit

from tests.hospital import BLOQUEAR, RETIFICAR, Cliente, Hospital
from tests.hospital import SCHEMA as schema
from tests.machinery.database.statements_log import recorded
from tests.provas import PROVAS

_PROFISSIONAL = """
  id nome registro especialidades { nome rqe } expediente { dia inicio fim }
  horariosDisponiveis(de: "2030-06-03", ate: "2030-06-07") { inicio fim }
"""
_PRONTUARIO = """
  id texto cid10 paciente { id nome } autor { id especialidades { nome } } consulta { id situacao }
  retifica { id } retificadoPor { id texto }
"""
_CONSULTA = f"""
  id paciente {{ nome }} profissional {{ {_PROFISSIONAL} }} historico {{ situacao }}
"""
_BLOQUEIOS = (
    'bloqueios(de: "2036-01-01T00:00:00Z", ate: "2036-12-31T00:00:00Z")'
    " { motivo profissional { id especialidades { nome } } }"
)

OPERACOES = {
    "consultas": (
        "profissional",
        "query($n: Int) { consultas(first: $n) { totalCount edges { node { "
        + _CONSULTA
        + " prontuarios { "
        + _PRONTUARIO
        + " } } } } }",
    ),
    "pacientes": (
        "profissional",
        "query($n: Int) { pacientes(first: $n) { totalCount edges { node { nome"
        " consultas(first: $n) { totalCount edges { node { " + _CONSULTA + " } } }"
        " prontuarios(first: $n) { totalCount edges { node { " + _PRONTUARIO + " } } } } } } }",
    ),
    "profissionais": (
        "recepcao",
        "query($n: Int, $busca: String) { profissionais(busca: $busca, first: $n) { totalCount edges { node { "
        + _PROFISSIONAL
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
    **{nome: operacao for provas in PROVAS for nome, operacao in provas.operacoes.items()},
}
MUITAS = 8


@dataclass
class Cena:
    """Eight of each: profissionais with blocks, pacientes, consultas, records and corrections."""

    clientes: dict[str, Cliente]
    variaveis: dict[str, Any]


@pytest.fixture(scope="module")
async def cena(hospital: Hospital) -> Cena:
    sobrenome = f"Zz{hospital.cpf().translate(str.maketrans('0123456789', 'abcdefghij'))}"
    profissionais = [await hospital.profissional(nome=f"Ana {sobrenome}") for _ in range(MUITAS)]
    pacientes = [await hospital.paciente() for _ in range(MUITAS)]
    for n, (profissional, paciente) in enumerate(zip(profissionais, pacientes, strict=True)):
        fechar = {"inicio": "2036-02-01T00:00:00Z", "fim": "2036-02-02T00:00:00Z", "motivo": "x"}
        await hospital.recepcao(BLOQUEAR, input={"profissionalId": profissional.id, **fechar})
        pares = {(profissionais[0].id, paciente.id), (profissional.id, pacientes[0].id), (profissional.id, paciente.id)}
        for vez, (de_quem, quem) in enumerate(sorted(pares)):
            autor = next(m for m in profissionais if m.id == de_quem)
            atendido = next(p for p in pacientes if p.id == quem)
            consulta = await hospital.consulta(atendido, autor, f"2034-0{vez + 1}-{n + 1:02}T12:00:00Z")
            errado = await hospital.prontuario(autor, atendido, consultaId=consulta)
            correcao = {"prontuarioId": errado, "texto": "certo", "justificativa": "x"}
            assert (await autor.cliente(RETIFICAR, input=correcao)).recusas == []
    for provas in PROVAS:
        if provas.muitos is not None:
            await provas.muitos(hospital, MUITAS)
    clientes = {
        "profissional": profissionais[0].cliente,
        "paciente": pacientes[0].cliente,
        "recepcao": hospital.recepcao,
        "administrador": hospital.admin,
    }
    return Cena(clientes, {"busca": sobrenome, "eu": pacientes[0].id})


async def _contar(hospital: Hospital, cena: Cena, papel: str, query: str, n: int) -> tuple[int, int]:
    usadas = {nome: valor for nome, valor in cena.variaveis.items() if f"${nome}" in query}
    async with recorded(hospital.dono) as log:
        resposta = await cena.clientes[papel](query, n=n, **usadas)
    trail = [statement for statement in log.statements if statement.startswith("INSERT INTO auditoria")]
    assert len(trail) <= 2, "one entry, and those whom it tells of in one statement"
    own = [
        statement
        for statement in log.statements
        if "FROM sessao s" not in statement and "varrer" not in statement and statement not in trail
    ]  # without who asks (once a second), sweeps, and the trail (only of what wasn't seen in the last ten minutes)
    return len(own), str(resposta.data).count("'id'")


@pytest.mark.parametrize("nome", OPERACOES)
async def test_four_times_the_rows_cost_no_more_statements(hospital: Hospital, cena: Cena, nome: str) -> None:
    papel, query = OPERACOES[nome]
    poucas = await _contar(hospital, cena, papel, query, MUITAS // 4)
    muitas = await _contar(hospital, cena, papel, query, MUITAS)
    assert muitas[0] == poucas[0]
    assert muitas[1] >= poucas[1] * 2


async def test_a_single_root_field_costs_one_statement(hospital: Hospital, cena: Cena) -> None:
    """Apart from the trail's."""
    query = "query($n: Int) { consultas(first: $n) { edges { node { id inicio situacao } } } }"
    await _contar(hospital, cena, "recepcao", query, 50)
    assert (await _contar(hospital, cena, "recepcao", query, 50))[0] == 1


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
        if not nome.startswith("__")
        and not nome.endswith("Payload")
        and nome != "ErroDeUsuario"
        and hasattr(tipo, "fields")
        for campo, definicao in tipo.fields.items()
        if not nome.endswith("Input") and not nome.startswith("Filtro") and _gives_a_list(definicao.type)
    }
    assert do_schema <= contados
