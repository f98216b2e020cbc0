"""What the room of horarios brings to the tests of all rooms."""

from collections.abc import Mapping
from typing import Any

from sghss_graphql.atendimento.horarios import store
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.demo.lugares import CENTRAL
from tests.hospital import Hospital
from tests.provas import Caminho, Objetos, Provas, Ve

_DELAS = "Hematologia"
"""Of whom there are few: there are more profissionais in all than one search looks through."""
_FILTRO = f'{{especialidade: "{_DELAS}", de: "2031-01-06T00:00:00Z", ate: "2031-01-08T00:00:00Z"}}'


def _todos(_: str) -> bool:
    return True


def _chamadas(linhas: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    alcance = linhas["alcances"][VerProfissionais][0]
    return {
        store.quem_atende: [
            (alcance, [], None, None, 301),
            (alcance, ["cardiologia", "pediatria"], None, CENTRAL, 301),
            (alcance, [], linhas["profissional"], None, 301),
        ],
        store.ocupacao: [
            ([linhas["pessoa"], linhas["pessoa_do_profissional"]], range(5_900_000, 5_908_000), linhas["instante"])
        ],
    }


async def _horarios(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    await hospital.profissional(especialidades=[{"nome": _DELAS}])
    texto = f"horarios(filtro: {_FILTRO}) {{ edges {{ node {{ %s }} }} }}"
    de_uma_reserva = 'node(id: "res_0") { ... on Reserva { horario { %s } } }'
    caminhos = [Caminho("Query.horarios", texto), Caminho("Reserva.horario", de_uma_reserva, via=lambda _: False)]
    return [("", _todos, caminhos)]


async def _dias(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    await hospital.profissional(especialidades=[{"nome": _DELAS}])
    return [("", _todos, [Caminho("Query.diasComHorario", f"diasComHorario(filtro: {_FILTRO}) {{ %s }}")])]


async def _muitos(hospital: Hospital, quantos: int) -> None:
    for _ in range(quantos):
        await hospital.profissional(especialidades=[{"nome": _DELAS}])


PROVAS = Provas(
    tipos={
        "Horario": Objetos(VerProfissionais, _horarios),
        "DiaComHorario": Objetos(VerProfissionais, _dias),
    },
    publicos=frozenset({"Horario", "DiaComHorario"}),
    chamadas=_chamadas,
    operacoes={
        "horarios": (
            "recepcao",
            f"query($n: Int) {{ horarios(filtro: {_FILTRO}, first: $n) {{ totalCount edges {{ node {{ inicio"
            " modalidades profissional { nome } unidade { nome } sala { nome } tipo { nome } } } }"
            f" diasComHorario(filtro: {_FILTRO}) {{ dia livres }} }}",
        )
    },
    muitos=_muitos,
)
