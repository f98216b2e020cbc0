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
from sghss_graphql.cadastro.usuarios.queries import UsuariosQuery
from sghss_graphql.cadastro.usuarios.regras import Atos, Codigos, Leituras
from sghss_graphql.cadastro.usuarios.types import CodigoDeAcesso, Usuario, UsuarioPayload
from sghss_graphql.confianca.acesso.tabela import (
    CadastrarFuncionarios,
    DesbloquearLogins,
    EmitirCodigos,
    Publica,
    SiMesmo,
)
from sghss_graphql.context import Contexto
from sghss_graphql.sala import Mostra, No, Raiz, Sala, Tarefa, Tipo


async def _eu_mesmo(contexto: Contexto, chave: bytes) -> Usuario | None:
    eu = await porta.eu(contexto.db, contexto.quem)
    return eu if eu.chave == chave else None


_PROPRIOS = "nome cpf email papeis ativo versao identidadeVerificada criadoEm"

SALA = Sala(
    nome="cadastro/usuarios",
    migracao=11,
    query=Raiz(UsuariosQuery, {SiMesmo: "eu"}),
    mutation=Raiz(
        UsuariosMutation,
        {
            Publica: "login renovarSessao definirSenha",
            SiMesmo: "sair trocarSenha",
            CadastrarFuncionarios: "cadastrarFuncionario",
            DesbloquearLogins: "desbloquearLogin",
            EmitirCodigos: "emitirCodigoDeAcesso",
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
        Tipo(CodigoDeAcesso, Publica, {Publica: "codigo expiraEm"}),
        Tipo(SessaoPayload, Publica, {Publica: "sessao erros"}),
        Tipo(SairPayload, Publica, {Publica: "erros"}),
        Tipo(UsuarioPayload, Publica, {Publica: "usuario codigoDeAcesso erros"}),
        Tipo(CodigoDeAcessoPayload, Publica, {Publica: "codigoDeAcesso erros"}),
    ),
    nos=(No(Usuario, _eu_mesmo),),
    tarefas=(Tarefa("vencer os códigos de acesso", 600, porta.vencer_codigos),),
    codigos=Codigos,
    atos=(Leituras, Atos),
    tabelas={
        "usuario": "SELECT, INSERT, UPDATE",
        "usuario_papel": "SELECT, INSERT",
        "codigo_de_acesso": "SELECT, INSERT, UPDATE, DELETE",
        "codigo_emitido": "SELECT, INSERT, UPDATE",
    },
    emprestadas={"pessoa": "quem entra é uma pessoa: nome, CPF e contatos estão nela"},
)
