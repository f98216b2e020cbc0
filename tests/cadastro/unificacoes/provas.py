"""What the room of unificações brings to the tests of all rooms."""

from collections.abc import Mapping
from typing import Any

from sghss_graphql.cadastro.unificacoes import store
from sghss_graphql.confianca.acesso.tabela import UnificarPacientes
from sghss_graphql.vocabulario import ids
from tests.cadastro.unificacoes.test_unificacoes import desfazer, unificar
from tests.hospital import Hospital, Pessoa
from tests.provas import Provas


def _chamadas(linhas: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    paciente, chave = linhas["paciente"], ids.nova_chave()
    return {
        store.outros: [(linhas["pacientes"],)],
        store.inserir: [(chave, paciente, paciente, linhas["usuario"], "x", linhas["instante"])],
        store.em_vigor: [(paciente,)],
        store.desfazer: [(chave, linhas["usuario"], "x", linhas["instante"])],
        store.segurar: [(paciente,)],
        store.outras_pessoas: [(paciente,)],
        store.pessoas: [(linhas["pacientes"],)],
        store.outras_de_quem_atende: [(linhas["pessoa"],)],
        store.horas_dos_outros: [([paciente], linhas["pacientes"][:5], linhas["instante"])],
        store.soltar_horas: [(linhas["consulta"], linhas["pessoa"])],
        store.ligar: [(paciente, None)],
        store.ligacoes: [([paciente],)],
        store.marcar_juntos: [([paciente], [])],
        store.reunir: [([paciente], [frozenset({paciente})])],
    }


async def _historia(hospital: Hospital, admin: Pessoa) -> None:
    um, outro = await hospital.paciente(), await hospital.paciente()
    assert (await unificar(admin.cliente, um.id, outro.id)).recusas == []
    assert (await desfazer(admin.cliente, um.id)).recusas == []


PROVAS = Provas(acoes={UnificarPacientes: "A"}, chamadas=_chamadas, historia=_historia)
