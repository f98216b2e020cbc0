"""All unidades, with their salas and holidays; and the kinds of appointment."""

from typing import Annotated

import strawberry
from strawberry import argument

from sghss_graphql.cadastro.unidades import porta, store
from sghss_graphql.cadastro.unidades.regras import MAIS_SALAS, MAIS_TIPOS, MAIS_UNIDADES
from sghss_graphql.cadastro.unidades.types import Feriado, Sala, TipoDeAtendimento, Unidade
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.context import Info
from sghss_graphql.machinery.engine import asked_for, dealt, relation, sized
from sghss_graphql.vocabulario.errors import RequisicaoInvalida
from sghss_graphql.vocabulario.feriados import PRIMEIRO_ANO, ULTIMO_ANO, feriados
from sghss_graphql.vocabulario.texto import MAIOR_BUSCA, ordem

_FERIADOS_POR_ANO = 15


@strawberry.type
class UnidadesQuery:
    """The part of Query that is about unidades and kinds of appointment."""

    @strawberry.field(description=f"As unidades do hospital, por nome; até {MAIS_UNIDADES}.")
    @sized(MAIS_UNIDADES)
    async def unidades(self, info: Info) -> list[Unidade]:
        """Give all unidades."""
        return await porta.todas(info.context.db, info.context.quem, asked_for(info))

    @strawberry.field(description=f"Os tipos de atendimento, por nome; até {MAIS_TIPOS}.")
    @sized(MAIS_TIPOS)
    async def tipos_de_atendimento(
        self,
        info: Info,
        especialidade: Annotated[
            str | None,
            argument(description="Os desta especialidade e os de qualquer uma; até 200 caracteres."),
        ] = None,
        autoagendamento: Annotated[
            bool | None, argument(description="Só os que o próprio paciente marca, ou só os outros.")
        ] = None,
    ) -> list[TipoDeAtendimento]:
        """Give the kinds of appointment."""
        alcance = info.context.exigir(VerProfissionais)
        if len(especialidade or "") > MAIOR_BUSCA:
            raise RequisicaoInvalida(f"A especialidade tem até {MAIOR_BUSCA} caracteres.", "especialidade")
        dela = ordem(especialidade) if especialidade and especialidade.strip() else None
        return await store.tipos(info.context.db, alcance, dela, autoagendamento, asked_for(info))


@relation(Unidade, description=f"As salas da unidade, por nome; até {MAIS_SALAS}.", size=lambda _: MAIS_SALAS)
async def salas(unidades: list[Unidade], info: Info) -> list[list[Sala]]:
    """Give each unidade's salas."""
    alcance, chaves = info.context.exigir(VerProfissionais), [unidade.chave for unidade in unidades]
    achadas = await store.salas_das_unidades(info.context.db, alcance, chaves, asked_for(info))
    return dealt(chaves, achadas, lambda sala: sala.unidade_chave)


@relation(
    Unidade,
    description="Os feriados nacionais e do estado da unidade, num ano, em ordem, e se ela atende neles.",
    size=lambda _: _FERIADOS_POR_ANO,
    name="feriados",
)
async def feriados_da_unidade(
    unidades: list[Unidade],
    info: Info,
    ano: Annotated[int, argument(description=f"O ano, de {PRIMEIRO_ANO} a {ULTIMO_ANO}.")],
) -> list[list[Feriado]]:
    """Give each unidade's holidays."""
    if not PRIMEIRO_ANO <= ano <= ULTIMO_ANO:
        raise RequisicaoInvalida(f"Peça um ano de {PRIMEIRO_ANO} a {ULTIMO_ANO}.", "ano")
    dias = await porta.dias(info.context.db, info.context.quem, [unidade.chave for unidade in unidades])
    respostas = []
    for unidade in unidades:
        da_unidade = dias[unidade.chave]
        todos = feriados(da_unidade.uf, ano)
        fechados = da_unidade.fechados(min(todos), max(todos)) if todos else {}
        respostas.append([Feriado(dia=dia, nome=nome, aberta=dia not in fechados) for dia, nome in todos.items()])
    return respostas


@relation(Sala, description="A unidade em que fica.")
async def unidade(salas: list[Sala], info: Info) -> list[Unidade]:
    """Give each sala's unidade."""
    chaves = [sala.unidade_chave for sala in salas]
    achadas = await porta.por_ids(info.context.db, info.context.quem, chaves, asked_for(info))
    return [achadas[chave] for chave in chaves]
