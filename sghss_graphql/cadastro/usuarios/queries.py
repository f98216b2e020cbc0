"""Who one is: the root field of usuarios."""

import strawberry

from sghss_graphql.cadastro.usuarios import porta
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.context import Info


@strawberry.type
class UsuariosQuery:
    """The part of Query that is about oneself."""

    @strawberry.field(description="Quem fez este pedido, conforme o token.")
    async def eu(self, info: Info) -> Usuario:
        """Give oneself."""
        return await porta.eu(info.context.db, info.context.quem)
