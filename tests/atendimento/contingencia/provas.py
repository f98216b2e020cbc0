"""What the room of contingência brings to the tests of all rooms."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sghss_graphql.atendimento.contingencia import store
from tests.provas import Provas


def _chamadas(linhas: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    de = linhas["instante"]
    return {store.marcadas: [(de, de + timedelta(days=2), 100)]}


PROVAS = Provas(chamadas=_chamadas)
