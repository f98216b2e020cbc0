"""A patient's records, and what each is bound to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.atendimento.consultas import porta as consultas_porta
from sghss_graphql.atendimento.consultas.types import Consulta
from sghss_graphql.cadastro.pacientes import porta as pacientes_porta
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.profissionais import porta as profissionais_porta
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.clinica.prontuarios import store
from sghss_graphql.clinica.prontuarios.regras import MAIS_DA_CONSULTA, Leituras
from sghss_graphql.clinica.prontuarios.types import Prontuario
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import LerProntuarios, VerConsultas
from sghss_graphql.context import Info
from sghss_graphql.machinery.engine import (
    After,
    Before,
    Connection,
    Count,
    First,
    Last,
    Page,
    asked_for,
    dealt,
    page_of,
    relation,
)
from sghss_graphql.vocabulario import ids

_DE_UMA_VIDA = "prontuarios_de_uma_vida"
"""The list of somebody who has several registrations; its cursors are of another kind."""


@strawberry.type
class ProntuariosQuery:
    """The part of Query that is about records."""

    @strawberry.field(
        description="Os registros de um paciente que quem pergunta pode ler, dos mais novos para os mais antigos."
    )
    async def prontuarios(
        self,
        info: Info,
        paciente_id: Annotated[ID, argument(description="Id do paciente.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Prontuario] | None:
        """List a paciente's records."""
        alcance = info.context.exigir(LerProntuarios)
        chave = ids.chave(Paciente.prefixo, paciente_id) or b""
        vida = await unificacoes.vida(info.context.db, info.context.quem, chave)
        if len(vida) > 1:
            achados = await _da_vida(info, alcance, vida, _pagina(info, _DE_UMA_VIDA, first, after, last, before))
        else:
            pagina = _pagina(info, "prontuarios", first, after, last, before)
            achados = (await _listar(info, alcance, [chave], pagina))[0]
        if await pacientes_porta.e_visto(info.context.db, info.context.quem, chave, bool(achados.nodes)):
            info.context.leu(Leituras.LER_PRONTUARIO, [chave])  # that there are none is something to know, too
        return achados


@relation(
    Paciente,
    description="Os registros do paciente que quem pergunta pode ler, dos mais novos para os mais antigos.",
    name="prontuarios",
)
async def prontuarios_do_paciente(
    pacientes: list[Paciente],
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Sequence[Connection[Prontuario] | None]:
    """List each paciente's records."""
    alcance = info.context.exigir(LerProntuarios)
    vidas = await unificacoes.vidas(info.context.db, pacientes)
    sozinhos = [paciente.chave for paciente in pacientes if paciente.chave not in vidas]
    achadas: dict[bytes, Connection[Prontuario]] = {}
    if sozinhos:
        pagina = _pagina(info, "prontuarios_do_paciente", first, after, last, before)
        achadas.update(zip(sozinhos, await _listar(info, alcance, sozinhos, pagina), strict=True))
    for chave, vida in vidas.items():
        pagina = _pagina(info, _DE_UMA_VIDA, first, after, last, before)
        achadas[chave] = await _da_vida(info, alcance, vida, pagina)
    return [achadas[paciente.chave] for paciente in pacientes]


@relation(
    Consulta,
    description="Os registros feitos na consulta que quem pergunta pode ler, dos mais novos para os mais antigos; até"
    f" {MAIS_DA_CONSULTA}.",
    name="prontuarios",
    size=lambda _: MAIS_DA_CONSULTA,
)
async def prontuarios_da_consulta(consultas: list[Consulta], info: Info) -> Sequence[list[Prontuario] | None]:
    """List each consulta's records."""
    alcance = info.context.exigir(LerProntuarios)
    chaves = [consulta.chave for consulta in consultas]
    achados = await store.das_consultas(info.context.db, alcance, chaves, asked_for(info))
    return dealt(chaves, achados, lambda prontuario: prontuario.consulta_chave)


@relation(Prontuario, description="De quem é o registro; PROIBIDO a quem só o escreveu, e não vê mais o cadastro.")
async def paciente(prontuarios: list[Prontuario], info: Info) -> list[Paciente]:
    """Give each record's paciente; to whom only wrote it, only the record is shown."""
    chaves = [prontuario.paciente_chave for prontuario in prontuarios]
    return await pacientes_porta.dos_registros(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(Prontuario, description="Quem escreveu o registro.")
async def autor(prontuarios: list[Prontuario], info: Info) -> list[Profissional]:
    """Give each record's author."""
    chaves = [prontuario.profissional_chave for prontuario in prontuarios]
    return await profissionais_porta.de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(Prontuario, description="A consulta em que o registro foi feito, se houve uma.")
async def consulta(prontuarios: list[Prontuario], info: Info) -> list[Consulta | None]:
    """Give each record's consulta, if the caller may see it."""
    alcance = info.context.exigir(VerConsultas)
    chaves = [prontuario.consulta_chave for prontuario in prontuarios]
    pedidas = [chave for chave in chaves if chave]
    achadas = await consultas_porta.por_ids(info.context.db, alcance, pedidas, asked_for(info))
    return [achadas.get(chave) if chave else None for chave in chaves]


@relation(Prontuario, description="O registro que este retifica, se é uma retificação.")
async def retifica(prontuarios: list[Prontuario], info: Info) -> list[Prontuario | None]:
    """Give the record that each one corrects."""
    alcance = info.context.exigir(LerProntuarios)
    chaves = [prontuario.retifica_chave for prontuario in prontuarios]
    pedidas = [chave for chave in chaves if chave]
    achados = await store.por_ids(info.context.db, alcance, pedidas, asked_for(info)) if pedidas else {}
    return [achados.get(chave) if chave else None for chave in chaves]


@relation(Prontuario, description="O registro que retifica este, se há um.")
async def retificado_por(prontuarios: list[Prontuario], info: Info) -> list[Prontuario | None]:
    """Give each record's correction."""
    alcance = info.context.exigir(LerProntuarios)
    chaves = [prontuario.chave for prontuario in prontuarios]
    achados = await store.correcoes(info.context.db, alcance, chaves, asked_for(info))
    return [achados.get(chave) for chave in chaves]


def _pagina(info: Info, lista: str, first: int | None, after: str | None, last: int | None, before: str | None) -> Page:
    lugar = (datetime, bytes) if lista == _DE_UMA_VIDA else (int,)
    return page_of(lista, lugar, info.context.selo, first=first, after=after, last=last, before=before)


async def _listar(
    info: Info, alcance: Alcance[LerProntuarios], chaves: list[bytes], pagina: Page
) -> list[Connection[Prontuario]]:
    contexto = info.context
    achados = await store.listar(contexto.db, alcance, chaves, pagina, asked_for(info))

    async def contar(donos: list[bytes]) -> dict[bytes, int]:
        return await store.contar(contexto.db, alcance, donos)

    return pagina.connections(
        chaves,
        achados,
        lambda prontuario: prontuario.paciente_chave,
        lambda prontuario: (prontuario.numero,),
        contar,
    )


async def _da_vida(
    info: Info, alcance: Alcance[LerProntuarios], vida: tuple[bytes, ...], pagina: Page
) -> Connection[Prontuario]:
    """List the records of somebody who has several registrations, as one list: the newest first, whichever they are in.

    Each registration numbers its own, so that a place in this list is an instant.
    """
    db = info.context.db
    escritos = sorted(await store.da_vida(db, alcance, vida))
    desta = [lugar for lugar in escritos if _na_pagina(lugar, pagina)]
    desta = desta[: pagina.limit] if pagina.backward else desta[::-1][: pagina.limit]
    achados = await store.por_ids(db, alcance, [chave for _, chave in desta], asked_for(info)) if desta else {}
    lugares = {chave: (escrito_em, chave) for escrito_em, chave in desta}

    async def contar() -> int:
        return len(escritos)

    return pagina.connection(
        [achados[chave] for chave in lugares if chave in achados],
        lambda prontuario: lugares[prontuario.chave],
        Count.of_one(contar),
    )


def _na_pagina(lugar: tuple[datetime, bytes], pagina: Page) -> bool:
    return (pagina.after is None or lugar < pagina.after) and (pagina.before is None or lugar > pagina.before)
