"""What the room of pacientes brings: their registration, and finding them."""

from operator import attrgetter

from sghss_graphql.cadastro.pacientes import porta
from sghss_graphql.cadastro.pacientes.mutations import PacientesMutation
from sghss_graphql.cadastro.pacientes.queries import (
    PacientesQuery,
    contatos,
    documentos_de_identificacao,
    endereco,
    idade,
    identidade_verificada,
    paciente_do_usuario,
    possiveis_duplicados,
    unificado_com,
)
from sghss_graphql.cadastro.pacientes.regras import Atos, Codigos, Leituras
from sghss_graphql.cadastro.pacientes.types import Paciente, PacientePayload
from sghss_graphql.cadastro.usuarios.regras import Leituras as LeiturasDoUsuario
from sghss_graphql.confianca.acesso.tabela import (
    BuscarPacientes,
    CadastrarPacientes,
    MudarContato,
    Publica,
    VerPacientes,
)
from sghss_graphql.context import Contexto
from sghss_graphql.sala import Ligacao, Mostra, No, Raiz, Sala, Tipo

_CAMPOS = (
    "versao numero nome nomeSocial nomeDaMae cpf cns nascimento sexo racaCor nacionalidade email telefone obitoEm"
    " criadoEm nomeDeExibicao"
)


async def _um(contexto: Contexto, chave: bytes) -> Paciente | None:
    return await porta.um(contexto.db, contexto.quem, chave)


SALA = Sala(
    nome="cadastro/pacientes",
    migracao=13,
    query=Raiz(PacientesQuery, {VerPacientes: "paciente", BuscarPacientes: "pacientes"}),
    mutation=Raiz(
        PacientesMutation,
        {Publica: "cadastrarPaciente", CadastrarPacientes: "atualizarPaciente", MudarContato: "atualizarMeuContato"},
    ),
    tipos=(
        Tipo(
            Paciente,
            VerPacientes,
            {VerPacientes: "id " + _CAMPOS},
            Mostra(
                Leituras.LER_CADASTRO,
                attrgetter("chave"),
                _CAMPOS,
            ),
        ),
        Tipo(PacientePayload, Publica, {Publica: "paciente possiveisDuplicados erros"}),
    ),
    ligacoes=(
        Ligacao(paciente_do_usuario, VerPacientes, LeiturasDoUsuario.LER_USUARIO),
        Ligacao(identidade_verificada, VerPacientes, Leituras.LER_CADASTRO),
        *(
            Ligacao(relacao, VerPacientes, Leituras.LER_CADASTRO)
            for relacao in (idade, endereco, documentos_de_identificacao, contatos)
        ),
        Ligacao(possiveis_duplicados, CadastrarPacientes, Leituras.LER_CADASTRO),
        Ligacao(unificado_com, VerPacientes, Leituras.LER_CADASTRO),
    ),
    paginas={Paciente: BuscarPacientes},
    nos=(No(Paciente, _um),),
    codigos=Codigos,
    atos=(Leituras, Atos),
    tabelas={"paciente": "SELECT, INSERT, UPDATE"},
    emprestadas={
        **dict.fromkeys(
            ("pessoa", "pessoa_inicio", "usuario"), "um paciente é uma pessoa: nome, CPF e contatos estão nela"
        ),
        "mesma_pessoa": "quem tem vários cadastros é visto por qualquer um deles",
        "vinculo": "quem está na agenda de um profissional: a definição é uma só, em SQL",
        "cuidado": "quem está sob os cuidados de um profissional",
    },
)
