"""What the room of cuidados brings to the tests of all rooms."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sghss_graphql.cadastro.cuidados import store
from sghss_graphql.cadastro.cuidados.regras import Fonte
from sghss_graphql.cadastro.cuidados.types import AcessoDeEmergencia, CuidadoCompartilhado
from sghss_graphql.confianca.acesso.tabela import AcessarEmEmergencia, CompartilharCuidado, VerCuidados, VerPacientes
from sghss_graphql.machinery.engine import page_of
from sghss_graphql.vocabulario import ids
from tests.cadastro.cuidados.test_cuidados import DESCOMPARTILHAR, ENCERRAR, compartilhar, emergencia
from tests.hospital import ABERTO, Hospital, Pessoa
from tests.provas import Caminho, Objetos, Provas, Ve


def _chamadas(linhas: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    instante, par = linhas["instante"], (linhas["profissional"], linhas["paciente"])
    chave = ids.nova_chave()
    acesso = AcessoDeEmergencia(
        chave=chave, profissional_chave=par[0], paciente_chave=par[1], justificativa="x", inicio=instante, ate=instante,
        encerrado_em=None,
    )  # fmt: skip
    cuidado = CuidadoCompartilhado(
        chave=chave, profissional_chave=par[0], paciente_chave=par[1], por_chave=linhas["usuario"], motivo="x",
        desde=instante, ate=instante, encerrado_em=None,
    )  # fmt: skip
    vistos = linhas["alcances"][VerCuidados]
    pagina = page_of("emergencias", (datetime, bytes), ABERTO, first=20)
    return {
        store.sob_cuidado: [(*par, instante, list(Fonte))],
        store.ate_quando: [(*par, [Fonte.CONSULTA, Fonte.COMPARTILHADO])],
        store.segurar_paciente: [(par[1],)],
        store.outros_da_pessoa: [(par[1],)],
        store.por_consulta: [(par[1], instante)],
        store.partilhas_abertas: [(par[1], instante)],
        store.encurtar: [(chave, instante)],
        store.abrir: [(Fonte.CONSULTA, chave, par[0], [par[1]], instante)],
        store.mover: [(chave, instante)],
        store.fechar: [(chave,)],
        store.espelhar: [([par[1]],)],
        store.suspender: [(chave,)],
        store.pacientes_sob_cuidado: [(par[0], [par[1]], instante)],
        store.da_origem: [(chave,)],
        store.emergencias_abertas: [(par[0], instante)],
        store.inserir_acesso: [(acesso,)],
        store.inserir_partilha: [(cuidado,)],
        store.encerrar_acesso: [(chave, linhas["usuario"], instante)],
        store.encerrar_partilha: [(chave, linhas["usuario"], instante)],
        store.acessos: [(um, [chave]) for um in vistos],
        store.partilhas: [(um, [chave]) for um in vistos],
        store.ultimos_acessos: [(um, pagina) for um in vistos],
        store.contar_acessos: [(um,) for um in vistos],
        store.acessos_dos_pacientes: [(um, [par[1]]) for um in vistos],
        store.partilhas_dos_pacientes: [(um, [par[1]]) for um in vistos],
    }


async def _acessos(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    feito = (await emergencia(profissional, paciente.id)).data["acessarEmEmergencia"]["acesso"]["id"]
    return [
        (
            feito,
            lambda papel: papel == "ADMINISTRADOR",
            [
                Caminho("Query.node", f'node(id: "{feito}") {{ ... on AcessoDeEmergencia {{ %s }} }}'),
                Caminho("Query.acessosDeEmergencia", "acessosDeEmergencia(first: 100) { edges { node { %s } } }"),
                Caminho(
                    "Paciente.acessosDeEmergencia",
                    f'paciente(id: "{paciente.id}") {{ acessosDeEmergencia {{ %s }} }}',
                    acoes=(VerPacientes,),
                ),
            ],
        )
    ]


async def _partilhas(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    feito = (await compartilhar(paciente.cliente, paciente.id, profissional.id)).data["compartilharCuidado"]
    id = feito["cuidado"]["id"]
    return [
        (
            id,
            lambda papel: papel == "ADMINISTRADOR",
            [
                Caminho("Query.node", f'node(id: "{id}") {{ ... on CuidadoCompartilhado {{ %s }} }}'),
                Caminho(
                    "Paciente.cuidadosCompartilhados",
                    f'paciente(id: "{paciente.id}") {{ cuidadosCompartilhados {{ %s }} }}',
                    acoes=(VerPacientes,),
                ),
            ],
        )
    ]


async def _muitos(hospital: Hospital, quantos: int) -> None:
    colega = await hospital.profissional()
    for _ in range(quantos):
        profissional, paciente = await hospital.profissional(), await hospital.paciente()
        assert (await emergencia(profissional, paciente.id)).recusas == []
        assert (await compartilhar(paciente.cliente, paciente.id, colega.id)).recusas == []


async def _historia(hospital: Hospital, admin: Pessoa) -> list[Pessoa]:
    """An administrador does one of them; whoever may does the others."""
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    acesso = (await emergencia(profissional, paciente.id)).data["acessarEmEmergencia"]["acesso"]["id"]
    assert (await admin.cliente(ENCERRAR, id=acesso)).recusas == []
    feito = (await compartilhar(paciente.cliente, paciente.id, profissional.id)).data["compartilharCuidado"]
    assert (await profissional.cliente(DESCOMPARTILHAR, id=feito["cuidado"]["id"])).recusas == []
    return [profissional, paciente]


PROVAS = Provas(
    acoes={VerCuidados: "PFA", AcessarEmEmergencia: "F", CompartilharCuidado: "PF"},
    tipos={
        "AcessoDeEmergencia": Objetos(VerCuidados, _acessos),
        "CuidadoCompartilhado": Objetos(VerCuidados, _partilhas),
    },
    chamadas=_chamadas,
    operacoes={
        "cuidados": (
            "administrador",
            "query($n: Int) { acessosDeEmergencia(first: $n) { totalCount edges { node { justificativa"
            " paciente { nome acessosDeEmergencia { id } cuidadosCompartilhados { id por { nome } nomeDeQuem"
            " com { nome } paciente { nome } } } profissional { nome } } } } }",
        )
    },
    muitos=_muitos,
    historia=_historia,
)
