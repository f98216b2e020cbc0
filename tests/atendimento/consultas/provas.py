"""What the room of consultas brings to the tests of all rooms: holds, and series."""

from collections.abc import Sequence

from sghss_graphql.confianca.acesso.tabela import MarcarConsultas
from tests.atendimento.consultas.test_encaixes_e_reservas import JUSTA, RESERVAR, SERIE
from tests.hospital import AGENDAR, Hospital, Pessoa
from tests.provas import Caminho, Objetos, Provas, Ve


def _ninguem(_: str) -> bool:
    """A hold is its holder's alone, whatever the role of somebody else."""
    return False


async def _reservas(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    profissional, recepcao = await hospital.profissional(), await hospital.funcionario("RECEPCAO")
    pedido = {"profissionalId": profissional.id, "inicio": "2032-03-01T12:00:00Z"}
    feita = (await recepcao.cliente(RESERVAR, input=pedido)).data["reservarHorario"]["reserva"]["id"]
    return [(feita, _ninguem, [Caminho("Query.node", f'node(id: "{feita}") {{ ... on Reserva {{ %s }} }}')])]


async def _historia(hospital: Hospital, admin: Pessoa) -> Sequence[Pessoa]:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    primeira = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": "2032-03-01T12:00:00Z"}
    serie = {"primeira": primeira, "repeticao": {"vezes": 2}}
    assert (await admin.cliente(SERIE, input=serie)).recusas == []
    assert (await admin.cliente(AGENDAR, input={**primeira, "encaixe": JUSTA})).recusas == ["HORARIO_INDISPONIVEL"]
    return ()


PROVAS = Provas(
    tipos={"Reserva": Objetos(MarcarConsultas, _reservas)},
    publicos=frozenset({"Reserva", "ContagemPorSituacao"}),
    operacoes={
        "consultas por situação, e as especialidades": (
            "recepcao",
            "query($n: Int) { especialidades consultas(first: $n) { contagens { total } edges { node { id } } }"
            " profissionais(first: $n) { edges { node { consultas(first: 1) { contagens { total } } } } } }",
        )
    },
    historia=_historia,
)
