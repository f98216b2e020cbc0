"""What the room of access brings: who asks, and what they may."""

from sghss_graphql.confianca.acesso.regras import Codigos
from sghss_graphql.confianca.acesso.sessao import terminar
from sghss_graphql.confianca.acesso.tentativas import varrer
from sghss_graphql.sala import Sala, Tarefa

_DE_QUEM_E_A_SESSAO = "de quem é a sessão, em que papéis e com que cadastros, num comando só"

SALA = Sala(
    nome="confianca/acesso",
    migracao=11,
    codigos=Codigos,
    tabelas=dict.fromkeys(
        ("sessao", "token_de_renovacao", "tentativa_de_login", "falha_de_login", "rede_conhecida"),
        "SELECT, INSERT, UPDATE, DELETE",
    ),
    tarefas=(Tarefa("varrer as falhas de login", 600, varrer),),
    termina=(terminar,),
    emprestadas=dict.fromkeys(
        ("pessoa", "usuario", "usuario_papel", "paciente", "profissional", "mesma_pessoa"), _DE_QUEM_E_A_SESSAO
    ),
)
