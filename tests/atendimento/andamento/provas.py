"""What the room of andamento brings to the tests of all rooms."""

from collections.abc import Mapping
from typing import Any

from sghss_graphql.atendimento.andamento import store
from sghss_graphql.confianca.acesso.tabela import CorrigirSituacoes
from tests.provas import Provas


def _chamadas(linhas: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    return {um: [(linhas["instante"],)] for um in (store.sem_tempo, store.tempo_de_ninguem, store.quantas)}


PROVAS = Provas(
    chamadas=_chamadas,
    acoes={CorrigirSituacoes: "FRA"},
    operacoes={
        "o que se pode fazer com cada consulta": (
            "recepcao",
            "query($n: Int) { consultas(first: $n) { edges { node { acoes dia hora fuso } } } }",
        )
    },
)
