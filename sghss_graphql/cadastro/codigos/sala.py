"""What the room of códigos brings: one-time codes, and the list of those that were handed out."""

from sghss_graphql.cadastro.codigos.porta import terminar, vencer_codigos
from sghss_graphql.cadastro.codigos.queries import CodigosQuery
from sghss_graphql.cadastro.codigos.regras import Atos
from sghss_graphql.cadastro.codigos.types import CodigoDeAcesso, CodigoEmitido
from sghss_graphql.confianca.acesso.tabela import Publica, VerUsuarios
from sghss_graphql.sala import Raiz, Sala, Tarefa, Tipo

SALA = Sala(
    nome="cadastro/codigos",
    migracao=11,
    query=Raiz(CodigosQuery, {VerUsuarios: "codigosDeAcesso"}),
    tipos=(
        Tipo(CodigoDeAcesso, Publica, {Publica: "codigo expiraEm"}),
        Tipo(CodigoEmitido, VerUsuarios, {VerUsuarios: "emitidoEm expiraEm usadoEm usadoDe"}),
    ),
    paginas={CodigoEmitido: VerUsuarios},
    atos=(Atos,),
    tabelas={
        "codigo_de_acesso": "SELECT, INSERT, UPDATE, DELETE",
        "codigo_emitido": "SELECT, INSERT, UPDATE",
    },
    termina=(terminar,),
    tarefas=(Tarefa("vencer os códigos de acesso", 600, vencer_codigos),),
)
