"""What the room of pendências brings to the tests of all rooms."""

from collections.abc import Mapping
from typing import Any

from sghss_graphql.atendimento.pendencias import store
from tests.provas import Provas


def _chamadas(linhas: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    paciente, quem = linhas["paciente"], linhas["profissional"]
    return {
        store.que_caem: [([bytes(16)], 100)],
        store.em_conflito: [([paciente], um, linhas["instante"], 100) for um in ([], [quem])],
    }


PROVAS = Provas(
    chamadas=_chamadas,
    operacoes={
        "bloqueios e quem cai neles": (
            "recepcao",
            "query($n: Int) { pacientes(first: $n) { edges { node { id } } } profissionais(first: 1) { edges { node {"
            ' bloqueios(de: "2036-01-01T00:00:00Z", ate: "2036-12-31T00:00:00Z")'
            " { consultasAfetadas { inicio } } } } } }",
        )
    },
)
