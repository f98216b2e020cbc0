"""What the room of códigos brings to the tests of all rooms."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sghss_graphql.cadastro.codigos import store
from sghss_graphql.confianca.acesso.tabela import VerUsuarios
from sghss_graphql.machinery.engine import page_of
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.tempo import PRIMEIRO_INSTANTE
from tests.hospital import ABERTO, Hospital
from tests.provas import Caminho, Objetos, Provas, Ve


def _chamadas(linhas: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    alcance, usuario, instante = linhas["alcances"][VerUsuarios][0], linhas["usuario"], linhas["instante"]
    return {
        store.emitidos: [(alcance, page_of("codigos", (datetime, bytes), ABERTO, first=20))],
        store.contar: [(alcance,)],
        store.guardar: [(ids.nova_chave(), usuario, "x" * 60, None, instante, instante)],
        store.tentar: [(usuario, 5, instante)],
        store.usar: [(usuario, "x" * 60, None, instante)],
        store.vencidos: [(PRIMEIRO_INSTANTE,)],
        store.anular: [(linhas["usuario"], "x")],
        store.devolver: [(linhas["usuario"], "x")],
        store.apagar: [(usuario,)],
        store.apagar_todos: [()],
    }


async def _de_cada(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    await hospital.codigo((await hospital.paciente()).cpf)
    lista = Caminho(
        "Query.codigosDeAcesso", "codigosDeAcesso(first: 5) { edges { node { %s } } }", acoes=(VerUsuarios,)
    )
    return [("", lambda papel: papel == "ADMINISTRADOR", [lista])]


PROVAS = Provas(tipos={"CodigoEmitido": Objetos(VerUsuarios, _de_cada)}, chamadas=_chamadas)
