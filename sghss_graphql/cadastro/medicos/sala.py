"""What the room of médicos brings: the directory of those who attend."""

from sghss_graphql.cadastro.medicos import porta
from sghss_graphql.cadastro.medicos.mutations import MedicosMutation
from sghss_graphql.cadastro.medicos.queries import MedicosQuery, especialidades, medico_do_usuario
from sghss_graphql.cadastro.medicos.regras import Atos, Codigos
from sghss_graphql.cadastro.medicos.types import Medico, MedicoPayload
from sghss_graphql.cadastro.usuarios.regras import Leituras as LeiturasDoUsuario
from sghss_graphql.confianca.acesso.tabela import CadastrarMedicos, Publica, VerMedicos
from sghss_graphql.context import Contexto
from sghss_graphql.sala import Ligacao, No, Raiz, Sala, Tipo


async def _um(contexto: Contexto, chave: bytes) -> Medico | None:
    return await porta.um(contexto.db, contexto.quem, chave)


SALA = Sala(
    nome="cadastro/medicos",
    migracao=1,
    query=Raiz(MedicosQuery, {VerMedicos: "medico medicos"}),
    mutation=Raiz(MedicosMutation, {CadastrarMedicos: "cadastrarMedico"}),
    tipos=(
        Tipo(Medico, VerMedicos, {VerMedicos: "id nome crm fuso"}),
        Tipo(MedicoPayload, Publica, {Publica: "medico erros"}),
    ),
    ligacoes=(
        Ligacao(medico_do_usuario, VerMedicos, LeiturasDoUsuario.LER_USUARIO),
        Ligacao(especialidades, VerMedicos),
    ),
    paginas={Medico: VerMedicos},
    nos=(No(Medico, _um),),
    codigos=Codigos,
    atos=(Atos,),
    tabelas={
        "medico": "SELECT, INSERT, UPDATE",
        "medico_palavra": "SELECT, INSERT",
        "medico_especialidade": "SELECT, INSERT",
    },
)
