"""What the room of profissionais brings: the directory of those who attend."""

from sghss_graphql.cadastro.profissionais import porta
from sghss_graphql.cadastro.profissionais.mutations import ProfissionaisMutation
from sghss_graphql.cadastro.profissionais.queries import ProfissionaisQuery, especialidades, profissional_do_usuario
from sghss_graphql.cadastro.profissionais.regras import Atos, Codigos
from sghss_graphql.cadastro.profissionais.types import Especialidade, Profissional, ProfissionalPayload
from sghss_graphql.cadastro.usuarios.regras import Leituras as LeiturasDoUsuario
from sghss_graphql.confianca.acesso.tabela import CadastrarProfissionais, Publica, VerProfissionais
from sghss_graphql.context import Contexto
from sghss_graphql.sala import Ligacao, No, Raiz, Sala, Tipo


async def _um(contexto: Contexto, chave: bytes) -> Profissional | None:
    return await porta.um(contexto.db, contexto.quem, chave)


SALA = Sala(
    nome="cadastro/profissionais",
    migracao=18,
    query=Raiz(ProfissionaisQuery, {VerProfissionais: "especialidades profissional profissionais"}),
    mutation=Raiz(ProfissionaisMutation, {CadastrarProfissionais: "cadastrarProfissional atualizarProfissional"}),
    tipos=(
        Tipo(
            Profissional, VerProfissionais, {VerProfissionais: "id nome conselho numero uf registro fuso ativo versao"}
        ),
        Tipo(Especialidade, VerProfissionais, {VerProfissionais: "nome rqe"}),
        Tipo(ProfissionalPayload, Publica, {Publica: "profissional codigoDeAcesso erros"}),
    ),
    ligacoes=(
        Ligacao(profissional_do_usuario, VerProfissionais, LeiturasDoUsuario.LER_USUARIO),
        Ligacao(especialidades, VerProfissionais),
    ),
    paginas={Profissional: VerProfissionais},
    nos=(No(Profissional, _um),),
    codigos=Codigos,
    atos=(Atos,),
    tabelas={
        "profissional": "SELECT, INSERT, UPDATE",
        "profissional_especialidade": "SELECT, INSERT, DELETE",
    },
    emprestadas=dict.fromkeys(
        ("pessoa", "pessoa_inicio", "usuario", "usuario_papel", "paciente"),
        "quem atende é uma pessoa: o nome está nela, e ela pode ser atendida",
    )
    | {"turno": "em que unidade alguém atende"},
)
