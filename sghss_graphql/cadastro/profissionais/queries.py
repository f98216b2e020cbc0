"""One profissional by id, and profissionais by name and speciality."""

from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.cadastro.profissionais import porta, store
from sghss_graphql.cadastro.profissionais.regras import MAIS_ESPECIALIDADES, UNIDADE, Busca
from sghss_graphql.cadastro.profissionais.types import Conselho, Especialidade, Profissional
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.context import Info
from sghss_graphql.machinery.engine import (
    After,
    Before,
    Connection,
    Count,
    First,
    Last,
    asked_for,
    dealt,
    page_of,
    relation,
    sized,
)
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import RequisicaoInvalida
from sghss_graphql.vocabulario.texto import MAIOR_BUSCA, inicios, ordem

_ESPECIALIDADES = 2  # of a profissional; few have more


@strawberry.type
class ProfissionaisQuery:
    """The part of Query that is about profissionais."""

    @strawberry.field(description="Um profissional; null se não existe.")
    async def profissional(
        self, info: Info, id: Annotated[ID, argument(description="Id do profissional.")]
    ) -> Profissional | None:
        """Give one profissional."""
        return await porta.um(info.context.db, info.context.quem, ids.chave(Profissional.prefixo, id), asked_for(info))

    @strawberry.field(
        description=f"Os nomes das especialidades em que alguém atende, em ordem alfabética, até {MAIS_ESPECIALIDADES}."
    )
    @sized(lambda _: MAIS_ESPECIALIDADES)
    async def especialidades(self, info: Info) -> list[str]:
        """Name the specialities."""
        alcance = info.context.exigir(VerProfissionais)
        return await store.nomes_das_especialidades(info.context.db, alcance, MAIS_ESPECIALIDADES)

    @strawberry.field(description="Profissionais, por nome.")
    async def profissionais(
        self,
        info: Info,
        busca: Annotated[
            str | None,
            argument(
                description="O início de palavras do nome, até 200 caracteres, sem distinguir acentos nem maiúsculas."
            ),
        ] = None,
        especialidade: Annotated[
            str | None,
            argument(description="O nome da especialidade, até 200 caracteres, sem distinguir acentos nem maiúsculas."),
        ] = None,
        conselho: Annotated[
            Conselho | None, argument(description="O conselho em que têm registro; se ausente, todos.")
        ] = None,
        unidade_id: Annotated[ID | None, argument(description="Id da unidade em que atendem.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Profissional]:
        """Search profissionais."""
        db, alcance = info.context.db, info.context.exigir(VerProfissionais)
        if len(especialidade or "") > MAIOR_BUSCA:
            raise RequisicaoInvalida(f"A especialidade tem até {MAIOR_BUSCA} caracteres.", "especialidade")
        selo = info.context.selo
        pagina = page_of("profissionais", (str, bytes), selo, first=first, after=after, last=last, before=before)
        da_especialidade = ordem(especialidade) if especialidade and especialidade.strip() else None
        onde = None if unidade_id is None else ids.chave(UNIDADE, unidade_id) or b""
        lida = Busca(inicios(busca), da_especialidade, conselho and conselho.name, onde)
        achados = await store.buscar(db, alcance, lida, pagina, asked_for(info))
        contagem = Count.of_one(lambda: store.contar(db, alcance, lida))
        return pagina.connection(achados, lambda achado: (achado.ordem, achado.chave), contagem)


@relation(Usuario, description="O cadastro de profissional desta pessoa, se ela tem um.", name="profissional")
async def profissional_do_usuario(usuarios: list[Usuario], info: Info) -> list[Profissional | None]:
    """Give each usuario's registration as a profissional."""
    alcance = info.context.exigir(VerProfissionais)
    achados = await store.por_usuarios(info.context.db, alcance, [usuario.chave for usuario in usuarios])
    return [achados.get(usuario.chave) for usuario in usuarios]


@relation(Profissional, description="As especialidades em que atende, até 10.", size=lambda _: _ESPECIALIDADES)
async def especialidades(profissionais: list[Profissional], info: Info) -> list[list[Especialidade]]:
    """Give each profissional's specialities."""
    chaves = [profissional.chave for profissional in profissionais]
    linhas = await store.especialidades(info.context.db, chaves)
    de_cada = dealt(chaves, linhas, lambda linha: linha[0])
    return [[lida for _, lida in lidas] for lidas in de_cada]
