"""One paciente by id, and pacientes by name or document."""

from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql import ids
from sghss_graphql.acesso.tabela import Acao
from sghss_graphql.context import Info
from sghss_graphql.engine import After, Connection, Count, First, page_of, relation
from sghss_graphql.pacientes import porta, store
from sghss_graphql.pacientes.regras import ler_busca
from sghss_graphql.pacientes.types import Paciente
from sghss_graphql.usuarios.types import Usuario


@strawberry.type
class PacientesQuery:
    """The part of Query that is about pacientes."""

    @strawberry.field(description="Um paciente; null se não existe para quem pergunta.")
    async def paciente(self, info: Info, id: Annotated[ID, argument(description="Id do paciente.")]) -> Paciente | None:
        """Give one paciente."""
        return await porta.um(info.context.db, info.context.quem, ids.chave(ids.Tipo.PACIENTE, id))

    @strawberry.field(description="Pacientes por nome, que quem pergunta pode ver.")
    async def pacientes(
        self,
        info: Info,
        busca: Annotated[
            str | None,
            argument(
                description="O início de palavras do nome ou do nome social, sem distinguir acentos nem"
                " maiúsculas; ou um CPF ou CNS inteiro."
            ),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Paciente]:
        """Search pacientes."""
        db, alcance = info.context.db, info.context.exigir(Acao.BUSCAR_PACIENTES)
        pagina = page_of("pac", (str, bytes), first=first, after=after)
        lida = ler_busca(busca)
        if lida is None:
            achados: list[Paciente] = []
        elif lida.cpf or lida.cns:
            achados = await store.por_documento(db, alcance, lida)
            if pagina.after is not None:
                achados = [achado for achado in achados if (achado.ordem, achado.chave) > pagina.after]
        else:
            achados = await store.buscar(db, alcance, lida.inicios, pagina)

        async def contar(listas: list[None]) -> list[int]:
            if lida is None:
                total = 0
            elif lida.cpf or lida.cns:
                total = len(await store.por_documento(db, alcance, lida))
            else:
                total = await store.contar(db, alcance, lida.inicios)
            return [total] * len(listas)

        return pagina.connection(achados, lambda achado: (achado.ordem, achado.chave), Count(contar, None))


@relation(Usuario, description="O cadastro de paciente desta pessoa, se ela tem um.", name="paciente")
async def paciente_do_usuario(usuarios: list[Usuario], info: Info) -> list[Paciente | None]:
    """Give each usuario's registration as a paciente."""
    alcance = info.context.exigir(Acao.VER_PACIENTES)
    achados = await store.por_usuarios(info.context.db, alcance, [usuario.chave for usuario in usuarios])
    return [achados.get(usuario.chave) for usuario in usuarios]
