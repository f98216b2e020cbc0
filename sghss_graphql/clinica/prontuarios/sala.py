"""What the room of prontuários brings: a patient's history, which is added to and never changed."""

from operator import attrgetter

from sghss_graphql.clinica.prontuarios import porta
from sghss_graphql.clinica.prontuarios.mutations import ProntuarioPayload, ProntuariosMutation
from sghss_graphql.clinica.prontuarios.queries import (
    ProntuariosQuery,
    autor,
    consulta,
    paciente,
    prontuarios_da_consulta,
    prontuarios_do_paciente,
    retifica,
    retificado_por,
)
from sghss_graphql.clinica.prontuarios.regras import Atos, Codigos, Leituras
from sghss_graphql.clinica.prontuarios.types import Prontuario
from sghss_graphql.confianca.acesso.tabela import (
    EscreverProntuarios,
    LerProntuarios,
    Publica,
    VerConsultas,
    VerPacientes,
    VerProfissionais,
)
from sghss_graphql.context import Contexto
from sghss_graphql.sala import Ligacao, Mostra, No, Raiz, Sala, Tipo
from sghss_graphql.vocabulario import cid10


async def _um(contexto: Contexto, chave: bytes) -> Prontuario | None:
    return await porta.um(contexto.db, contexto.quem, chave)


_PROPRIOS = "numero tipo texto cid10 registroDoAutor justificativa criadoEm hash hashAnterior"

SALA = Sala(
    nome="clinica/prontuarios",
    migracao=12,
    aquece=(cid10.codigos,),
    query=Raiz(ProntuariosQuery, {LerProntuarios: "prontuarios"}),
    mutation=Raiz(ProntuariosMutation, {EscreverProntuarios: "adicionarProntuario retificarProntuario"}),
    tipos=(
        Tipo(
            Prontuario,
            LerProntuarios,
            {LerProntuarios: f"id {_PROPRIOS}"},
            Mostra(Leituras.LER_PRONTUARIO, attrgetter("paciente_chave"), _PROPRIOS, registro=attrgetter("chave")),
        ),
        Tipo(ProntuarioPayload, Publica, {Publica: "prontuario erros"}),
    ),
    ligacoes=(
        Ligacao(prontuarios_do_paciente, LerProntuarios, Leituras.LER_PRONTUARIO),
        Ligacao(prontuarios_da_consulta, LerProntuarios, Leituras.LER_PRONTUARIO),
        Ligacao(paciente, VerPacientes, Leituras.LER_PRONTUARIO),
        Ligacao(autor, VerProfissionais, Leituras.LER_PRONTUARIO),
        Ligacao(consulta, VerConsultas, Leituras.LER_PRONTUARIO),
        Ligacao(retifica, LerProntuarios, Leituras.LER_PRONTUARIO),
        Ligacao(retificado_por, LerProntuarios, Leituras.LER_PRONTUARIO),
    ),
    paginas={Prontuario: LerProntuarios},
    nos=(No(Prontuario, _um),),
    codigos=Codigos,
    atos=(Leituras, Atos),
    tabelas={"prontuario": "SELECT, INSERT"},
    emprestadas={"cuidado": "quem cuida de um paciente lê o seu prontuário"},
)
