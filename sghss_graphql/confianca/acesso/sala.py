"""What the room of access brings: who asks, and what they may."""

from sghss_graphql.confianca.acesso.regras import Codigos
from sghss_graphql.sala import Sala

_DE_QUEM_E_A_SESSAO = "de quem é a sessão, em que papéis e com que cadastros, num comando só"

SALA = Sala(
    nome="confianca/acesso",
    migracao=1,
    codigos=Codigos,
    tabelas=dict.fromkeys(("sessao", "token_de_renovacao", "tentativa_de_login"), "SELECT, INSERT, UPDATE, DELETE"),
    emprestadas=dict.fromkeys(("usuario", "usuario_papel", "paciente", "medico"), _DE_QUEM_E_A_SESSAO),
)
