"""What the room of cuidados brings: care by source, emergencies, shared care."""

from operator import attrgetter

from sghss_graphql.cadastro.cuidados import store
from sghss_graphql.cadastro.cuidados.mutations import CuidadosMutation
from sghss_graphql.cadastro.cuidados.queries import (
    CuidadosQuery,
    acessos_do_paciente,
    com,
    nome_de_quem,
    paciente_do_acesso,
    paciente_do_cuidado,
    partilhas_do_paciente,
    por_quem,
    profissional_do_acesso,
)
from sghss_graphql.cadastro.cuidados.regras import Atos, Leituras
from sghss_graphql.cadastro.cuidados.types import (
    AcessoDeEmergencia,
    AcessoDeEmergenciaPayload,
    CuidadoCompartilhado,
    CuidadoCompartilhadoPayload,
)
from sghss_graphql.confianca.acesso.tabela import (
    AcessarEmEmergencia,
    CompartilharCuidado,
    Publica,
    VerCuidados,
    VerPacientes,
    VerProfissionais,
)
from sghss_graphql.context import Contexto
from sghss_graphql.sala import Ligacao, Mostra, No, Raiz, Sala, Tipo

_DO_ACESSO = "justificativa inicio ate encerradoEm"
_DO_CUIDADO = "motivo desde ate encerradoEm"


async def _acesso(contexto: Contexto, chave: bytes) -> AcessoDeEmergencia | None:
    return (await store.acessos(contexto.db, contexto.exigir(VerCuidados), [chave])).get(chave)


async def _cuidado(contexto: Contexto, chave: bytes) -> CuidadoCompartilhado | None:
    return (await store.partilhas(contexto.db, contexto.exigir(VerCuidados), [chave])).get(chave)


SALA = Sala(
    nome="cadastro/cuidados",
    migracao=12,
    query=Raiz(CuidadosQuery, {VerCuidados: "acessosDeEmergencia"}),
    mutation=Raiz(
        CuidadosMutation,
        {
            AcessarEmEmergencia: "acessarEmEmergencia",
            CompartilharCuidado: "compartilharCuidado",
            VerCuidados: "encerrarAcessoDeEmergencia encerrarCuidado",
        },
    ),
    tipos=(
        Tipo(
            AcessoDeEmergencia,
            VerCuidados,
            {VerCuidados: f"id {_DO_ACESSO}"},
            Mostra(Leituras.LER_CUIDADOS, attrgetter("paciente_chave"), _DO_ACESSO),
        ),
        Tipo(
            CuidadoCompartilhado,
            VerCuidados,
            {VerCuidados: f"id {_DO_CUIDADO}"},
            Mostra(Leituras.LER_CUIDADOS, attrgetter("paciente_chave"), _DO_CUIDADO),
        ),
        Tipo(AcessoDeEmergenciaPayload, Publica, {Publica: "acesso erros"}),
        Tipo(CuidadoCompartilhadoPayload, Publica, {Publica: "cuidado erros"}),
    ),
    ligacoes=(
        Ligacao(acessos_do_paciente, VerCuidados, Leituras.LER_CUIDADOS),
        Ligacao(partilhas_do_paciente, VerCuidados, Leituras.LER_CUIDADOS),
        Ligacao(paciente_do_acesso, VerPacientes, Leituras.LER_CUIDADOS),
        Ligacao(profissional_do_acesso, VerProfissionais, Leituras.LER_CUIDADOS),
        Ligacao(paciente_do_cuidado, VerPacientes, Leituras.LER_CUIDADOS),
        Ligacao(com, VerProfissionais, Leituras.LER_CUIDADOS),
        Ligacao(por_quem, VerCuidados, Leituras.LER_CUIDADOS),
        Ligacao(nome_de_quem, VerCuidados, Leituras.LER_CUIDADOS),
    ),
    paginas={AcessoDeEmergencia: VerCuidados},
    nos=(No(AcessoDeEmergencia, _acesso), No(CuidadoCompartilhado, _cuidado)),
    atos=(Leituras, Atos),
    tabelas={
        "cuidado": "SELECT, INSERT, UPDATE, DELETE",
        "acesso_de_emergencia": "SELECT, INSERT, UPDATE",
        "cuidado_compartilhado": "SELECT, INSERT, UPDATE",
    },
    emprestadas={
        "profissional": "dois acessos de emergência ao mesmo tempo esperam um pelo outro",
        "paciente": "quem compartilha espera por quem desmarca; quem é o próprio paciente compartilha o que é seu",
        "usuario": "quem compartilhou é uma pessoa",
        "mesma_pessoa": "quem cuida de uma pessoa cuida dela em todos os seus cadastros",
    },
)
