"""What the room of the servidor brings: one root field, for anyone."""

from sghss_graphql.cadastro.servidor.queries import ServidorQuery
from sghss_graphql.cadastro.servidor.types import Servidor
from sghss_graphql.confianca.acesso.tabela import Publica
from sghss_graphql.sala import Raiz, Sala, Tipo

SALA = Sala(
    nome="cadastro/servidor",
    query=Raiz(ServidorQuery, {Publica: "servidor"}),
    tipos=(Tipo(Servidor, Publica, {Publica: "versao hospital fuso agora demonstracao tamanhoMinimoDaSenha"}),),
)
