"""What the room of dia brings to the tests of all rooms."""

from sghss_graphql.cadastro.unidades.types import Unidade
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.demo.lugares import CENTRAL
from sghss_graphql.vocabulario import ids
from tests.hospital import Hospital
from tests.provas import Caminho, Objetos, Provas, Ve

_DIAS = 'agendas(de: "2031-01-06", ate: "2031-01-06", profissionalIds: ["%s"])'


def _todos(_: str) -> bool:
    return True


async def _agendas(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    profissional = await hospital.profissional()
    texto = _DIAS % profissional.id + " { %s }"
    return [("", _todos, [Caminho("Query.agendas", texto)])]


async def _itens(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    profissional = await hospital.profissional()
    texto = _DIAS % profissional.id + " { itens { %s } }"
    return [("", _todos, [Caminho("AgendaDoDia.itens", texto)])]


_DA_CENTRAL = ids.publico(Unidade.prefixo, CENTRAL)

PROVAS = Provas(
    tipos={"AgendaDoDia": Objetos(VerProfissionais, _agendas), "ItemDaAgenda": Objetos(VerProfissionais, _itens)},
    publicos=frozenset({"AgendaDoDia", "ItemDaAgenda"}),
    operacoes={
        "agendas de uma unidade": (
            "recepcao",
            "query($n: Int) { pacientes(first: $n) { edges { node { nome } } }"
            f' agendas(de: "2031-01-06", ate: "2031-01-08", unidadeId: "{_DA_CENTRAL}") {{ dia itens {{ tipo inicio'
            " profissional { nome } consulta { paciente { nome } sala { nome } } bloqueio { motivo } } } }",
        )
    },
)
