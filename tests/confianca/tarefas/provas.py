"""What the room of tarefas brings to the tests of all rooms."""

from collections.abc import Mapping
from typing import Any

from sghss_graphql.confianca.tarefas import store
from tests.provas import Provas


def _chamadas(_: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    return {
        store.inserir: [("provar",)],
        store.tomar: [("provar", bytes(16), 60.0)],
        store.manter: [("provar", bytes(16), 60.0)],
        store.terminar: [("provar", bytes(16), None, 60.0)],
        store.soltar: [("provar", bytes(16))],
        store.ultimas: [(["provar", "varrer"],)],
    }


PROVAS = Provas(chamadas=_chamadas)
