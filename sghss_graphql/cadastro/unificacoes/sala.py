"""What the room of unificações brings: two registrations of one person become one life, and two again."""

from sghss_graphql.cadastro.unificacoes.mutations import UnificacoesMutation
from sghss_graphql.cadastro.unificacoes.regras import Atos
from sghss_graphql.confianca.acesso.tabela import UnificarPacientes
from sghss_graphql.sala import Raiz, Sala

SALA = Sala(
    nome="cadastro/unificacoes",
    migracao=18,
    mutation=Raiz(UnificacoesMutation, {UnificarPacientes: "unificarPacientes desfazerUnificacao"}),
    atos=(Atos,),
    tabelas={"unificacao": "SELECT, INSERT, UPDATE", "mesma_pessoa": "SELECT, INSERT, DELETE"},
    emprestadas={
        "paciente": "um cadastro diz em qual outro a vida da pessoa continua",
        "pessoa": "quem morreu, morreu em todos os seus cadastros",
        "tempo": "separados os cadastros, as horas de um não ocupam o outro",
        "consulta": "de quem são as horas",
        "profissional": "de quem são as horas",
    },
)
