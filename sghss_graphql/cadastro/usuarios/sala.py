"""What the room of usuarios brings: people who log in, their sessions, the staff."""

from operator import attrgetter

from sghss_graphql.cadastro.usuarios import porta
from sghss_graphql.cadastro.usuarios.mutations import (
    CodigoDeAcessoPayload,
    SairPayload,
    Sessao,
    SessaoPayload,
    UsuariosMutation,
)
from sghss_graphql.cadastro.usuarios.queries import UsuariosQuery, bloqueado_ate, para, por
from sghss_graphql.cadastro.usuarios.regras import Atos, Codigos, Leituras
from sghss_graphql.cadastro.usuarios.types import Usuario, UsuarioPayload
from sghss_graphql.confianca.acesso.tabela import (
    CadastrarFuncionarios,
    CuidarDeUsuarios,
    DesbloquearLogins,
    EmitirCodigos,
    Publica,
    SiMesmo,
    VerUsuarios,
)
from sghss_graphql.context import Contexto
from sghss_graphql.sala import Ligacao, Mostra, No, Raiz, Sala, Tipo


async def _um(contexto: Contexto, chave: bytes) -> Usuario | None:
    return await porta.um(contexto.db, contexto.quem, chave)


_PROPRIOS = "nome cpf email papeis ativo versao identidadeVerificada criadoEm"

SALA = Sala(
    nome="cadastro/usuarios",
    migracao=12,
    query=Raiz(UsuariosQuery, {SiMesmo: "eu", VerUsuarios: "usuario usuarios"}),
    mutation=Raiz(
        UsuariosMutation,
        {
            Publica: "login renovarSessao definirSenha",
            SiMesmo: "sair trocarSenha",
            CadastrarFuncionarios: "cadastrarFuncionario",
            DesbloquearLogins: "desbloquearLogin",
            EmitirCodigos: "emitirCodigoDeAcesso",
            CuidarDeUsuarios: "concederPapel retirarPapel desativarUsuario reativarUsuario atualizarUsuario",
        },
    ),
    tipos=(
        Tipo(
            Usuario,
            SiMesmo,
            {SiMesmo: f"id {_PROPRIOS}"},
            Mostra(Leituras.LER_USUARIO, attrgetter("chave"), _PROPRIOS),
        ),
        Tipo(Sessao, Publica, {Publica: "tokenDeAcesso expiraEm tokenDeRenovacao trocaDeSenhaObrigatoria usuario"}),
        Tipo(SessaoPayload, Publica, {Publica: "sessao erros"}),
        Tipo(SairPayload, Publica, {Publica: "erros"}),
        Tipo(UsuarioPayload, Publica, {Publica: "usuario codigoDeAcesso erros"}),
        Tipo(CodigoDeAcessoPayload, Publica, {Publica: "codigoDeAcesso erros"}),
    ),
    ligacoes=(
        Ligacao(para, VerUsuarios),
        Ligacao(por, VerUsuarios),
        Ligacao(bloqueado_ate, SiMesmo, Leituras.LER_USUARIO),
    ),
    paginas={Usuario: VerUsuarios},
    nos=(No(Usuario, _um),),
    codigos=Codigos,
    atos=(Leituras, Atos),
    tabelas={
        "usuario": "SELECT, INSERT, UPDATE",
        "usuario_papel": "SELECT, INSERT, DELETE",
        "vez": "UPDATE, SELECT",
    },
    emprestadas={
        **dict.fromkeys(("pessoa", "pessoa_inicio"), "quem entra é uma pessoa: nome, CPF e contatos estão nela"),
        "mesma_pessoa": "quem trabalha no hospital trabalha nele por qualquer dos seus cadastros",
        **dict.fromkeys(("paciente", "profissional"), "estes papéis só se dão a quem tem o cadastro"),
        **dict.fromkeys(("consulta", "cuidado"), "o que alguém marcou antes de ser verificado dá cuidado depois"),
    },
)
