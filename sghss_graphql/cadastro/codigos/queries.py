"""The codes that were handed out, for administrators."""

from datetime import datetime

import strawberry

from sghss_graphql.cadastro.codigos import store
from sghss_graphql.cadastro.codigos.types import CodigoEmitido
from sghss_graphql.confianca.acesso.tabela import VerUsuarios
from sghss_graphql.context import Info
from sghss_graphql.machinery.engine import After, Connection, Count, First, page_of


@strawberry.type
class CodigosQuery:
    """The part of Query that is about codes."""

    @strawberry.field(description="Os códigos de acesso que se emitiram, dos mais novos para os mais antigos.")
    async def codigos_de_acesso(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[CodigoEmitido] | None:
        """List the codes."""
        db, alcance = info.context.db, info.context.exigir(VerUsuarios)
        pagina = page_of("codigos", (datetime, bytes), info.context.selo, first=first, after=after)
        achados = await store.emitidos(db, alcance, pagina)
        return pagina.connection(
            achados, lambda um: (um.emitido_em, um.chave), Count.of_one(lambda: store.contar(db, alcance))
        )
