"""What the room of repetições brings to the tests of all rooms."""

from collections.abc import Mapping
from typing import Any

from sghss_graphql.confianca.repeticoes import store
from sghss_graphql.confianca.repeticoes.regras import Marcas
from tests.provas import Provas


def _chamadas(linhas: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    pedido, instante = Marcas([b"x" * 32]).de(linhas["usuario"], b"k", b"p"), linhas["instante"]
    return {
        store.achar: [(pedido, instante)],
        store.inserir: [(pedido, linhas["paciente"], None, instante, instante)],
        store.quantas: [(linhas["usuario"], 10)],
        store.apagar: [(instante, 10)],
        store.apagar_todas: [()],
    }


PROVAS = Provas(chamadas=_chamadas)
