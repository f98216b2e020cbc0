"""One consulta by id, lists of them, and what a consulta leads to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from operator import attrgetter
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.atendimento.agenda.regras import Intervalo, periodo
from sghss_graphql.atendimento.consultas import porta, store
from sghss_graphql.atendimento.consultas.regras import (
    MAIS_PASSOS,
    MAIS_PROFISSIONAIS,
    Donos,
    Filtro,
    Leituras,
    por_vir,
)
from sghss_graphql.atendimento.consultas.types import (
    Consulta,
    ContagemPorSituacao,
    MudancaDaConsulta,
    OrdemDasConsultas,
    SituacaoDaConsulta,
)
from sghss_graphql.cadastro.pacientes import porta as pacientes_porta
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.profissionais import porta as profissionais_porta
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades.types import Modalidade, TipoDeAtendimento, Unidade
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import VerConsultas
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
    groups_of,
    page_of,
    relation,
)
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import RequisicaoInvalida
from sghss_graphql.vocabulario.tempo import PRIMEIRO_INSTANTE, ULTIMO_INSTANTE, agora
from sghss_graphql.vocabulario.texto import MAIOR_BUSCA, inicios
from sghss_graphql.vocabulario.texto import ordem as plana


@strawberry.input(description="Quais consultas: todas as condições valem ao mesmo tempo.")
class FiltroDeConsultas:
    """A client's filter."""

    paciente_id: ID | None = strawberry.field(default=None, description="Só deste paciente.")
    profissional_id: ID | None = strawberry.field(default=None, description="Só deste profissional.")
    dia: date | None = strawberry.field(default=None, description="Só as deste dia, onde cada uma acontece.")
    busca: str | None = strawberry.field(
        default=None,
        description="Só as de pacientes com este nome: o início de palavras, até 200 caracteres, sem distinguir acentos"
        " nem maiúsculas.",
    )
    de: datetime | None = strawberry.field(default=None, description="Só as que começam neste instante ou depois.")
    ate: datetime | None = strawberry.field(default=None, description="Só as que começam antes deste instante.")
    situacoes: list[SituacaoDaConsulta] | None = strawberry.field(
        default=None,
        description=f"Só as que estão numa destas situações; até {len(SituacaoDaConsulta)}, cada uma uma vez.",
    )

    profissional_ids: list[ID] | None = strawberry.field(
        default=None, description=f"Só destes profissionais, até {MAIS_PROFISSIONAIS}."
    )
    unidade_id: ID | None = strawberry.field(default=None, description="Só as desta unidade.")
    tipo_id: ID | None = strawberry.field(default=None, description="Só as deste tipo de atendimento.")
    especialidade: str | None = strawberry.field(
        default=None,
        description="Só as de quem atende nesta especialidade, pelo nome inteiro, até 200 caracteres, sem distinguir"
        " acentos nem maiúsculas.",
    )
    modalidade: Modalidade | None = strawberry.field(default=None, description="Só as que acontecem assim.")
    encaixe: bool | None = strawberry.field(default=None, description="Só os encaixes; false, só o resto.")
    minhas: bool | None = strawberry.field(
        default=None, description="Só as da própria agenda; de quem não atende, só aquelas em que é atendido."
    )


Ordem = Annotated[OrdemDasConsultas | None, argument(description="Em que ordem.")]
FiltroOpcional = Annotated[FiltroDeConsultas | None, argument(description="Quais consultas; sem filtro, todas.")]


@strawberry.type
class ConsultasQuery:
    """The part of Query that is about consultas."""

    @strawberry.field(description="Uma consulta; null se não existe para quem pergunta.")
    async def consulta(self, info: Info, id: Annotated[ID, argument(description="Id da consulta.")]) -> Consulta | None:
        """Give one consulta."""
        return await porta.uma(info.context.db, info.context.quem, ids.chave(Consulta.prefixo, id), asked_for(info))

    @strawberry.field(description="As consultas que quem pergunta pode ver, das mais novas para as mais antigas.")
    async def consultas(
        self,
        info: Info,
        filtro: FiltroOpcional = None,
        ordem: Ordem = OrdemDasConsultas.MAIS_NOVAS,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Consulta]:
        """List consultas."""
        db, alcance = info.context.db, info.context.exigir(VerConsultas)
        lido = await _da_vida(info, await _ler(info, filtro, ordem))
        pagina = _pagina(info, "consultas", lido, first, after, last, before)
        achadas = await store.listar(db, alcance, lido, pagina, asked_for(info))
        await _soube(info, lido, bool(achadas))

        async def contar() -> int:
            if not lido.pacientes:
                info.context.contou("consultas")
            return await store.contar(db, alcance, lido)

        async def por_situacao() -> dict[str, int]:
            if not lido.pacientes:
                info.context.contou("consultas")
            return await store.contar_por_situacao(db, alcance, lido)

        return pagina.connection(achadas, _posicao, Count.of_one(contar, por_situacao))


@relation(
    Connection[Consulta],
    description="Quantas consultas da lista inteira estão em cada situação; só as situações em que há alguma.",
    size=lambda _: len(SituacaoDaConsulta),
)
async def contagens(paginas: list[Connection[Consulta]], info: Info) -> list[list[ContagemPorSituacao]]:
    """Count each list by state."""
    return [
        [
            ContagemPorSituacao(situacao=uma, total=contadas[uma.name])
            for uma in SituacaoDaConsulta
            if uma.name in contadas
        ]
        for contadas in await groups_of(paginas)
    ]


@relation(
    Paciente,
    description="As consultas do paciente que quem pergunta pode ver, das mais novas para as mais antigas.",
    name="consultas",
)
async def consultas_do_paciente(
    pacientes: list[Paciente],
    info: Info,
    filtro: FiltroOpcional = None,
    ordem: Ordem = OrdemDasConsultas.MAIS_NOVAS,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> list[Connection[Consulta]]:
    """List each paciente's consultas."""
    lido = await _ler(info, filtro, ordem)
    pagina = _pagina(info, "consultas_do_paciente", lido, first, after, last, before)
    vidas = await unificacoes.vidas(info.context.db, pacientes)
    cadastros = {paciente.chave: vidas.get(paciente.chave, (paciente.chave,)) for paciente in pacientes}
    listas = await _das_vidas(info, cadastros, lido, pagina)
    return [listas[paciente.chave] for paciente in pacientes]


async def _das_vidas(
    info: Info, cadastros: Mapping[bytes, tuple[bytes, ...]], filtro: Filtro, pagina: Page
) -> dict[bytes, Connection[Consulta]]:
    """List the consultas of each paciente, by all their registrations as one list: the same statements for all."""
    db, alcance = info.context.db, info.context.exigir(VerConsultas)

    def todos(de_quem: Iterable[bytes]) -> Donos:
        return Donos(list(dict.fromkeys(um for quem in de_quem for um in cadastros[quem])), atendem=False)

    donos = todos(cadastros)
    achadas = await store.listar_de_cada(db, alcance, donos, filtro, pagina, asked_for(info))
    await _soube(info, filtro, bool(achadas))
    de_cada = dict(zip(donos.chaves, dealt([*donos.chaves], achadas, attrgetter("paciente_chave")), strict=True))
    antigas = pagina.backward is not filtro.antigas

    async def contar(pedidas: list[bytes]) -> list[int]:
        ha = await store.contar_de_cada(db, alcance, todos(pedidas), filtro)
        return [sum(ha.get(um, 0) for um in cadastros[quem]) for quem in pedidas]

    async def por_situacao(pedidas: list[bytes]) -> list[Mapping[str, int]]:
        ha = await store.contar_por_situacao_de_cada(db, alcance, todos(pedidas), filtro)
        return [sum((Counter(ha.get(um, {})) for um in cadastros[quem]), Counter()) for quem in pedidas]

    listas = {}
    for quem, delas in cadastros.items():
        dela = sorted((uma for um in delas for uma in de_cada[um]), key=_posicao, reverse=not antigas)
        listas[quem] = pagina.connection(dela[: pagina.limit], _posicao, Count(contar, quem, por_situacao))
    return listas


async def _da_vida(info: Info, filtro: Filtro) -> Filtro:
    """Let a filter by a paciente find all registrations of the same person."""
    if not filtro.pacientes:
        return filtro
    vida = await unificacoes.vida(info.context.db, info.context.quem, filtro.pacientes[0])
    return filtro if vida == filtro.pacientes else replace(filtro, pacientes=vida)


_ACONTECIDAS = (SituacaoDaConsulta.REALIZADA.name, SituacaoDaConsulta.EM_ATENDIMENTO.name)


@relation(Paciente, description="A última consulta que aconteceu, se quem pergunta pode vê-la.")
async def ultima_consulta(pacientes: list[Paciente], info: Info) -> list[Consulta | None]:
    """Give each paciente's last consulta that took place."""
    return await _uma_de_cada(info, pacientes, Filtro(ate=agora(), situacoes=_ACONTECIDAS))


@relation(Paciente, description="A próxima consulta marcada, se quem pergunta pode vê-la.")
async def proxima_consulta(pacientes: list[Paciente], info: Info) -> list[Consulta | None]:
    """Give each paciente's next consulta."""
    return await _uma_de_cada(info, pacientes, replace(por_vir(), antigas=True))


async def _uma_de_cada(info: Info, pacientes: list[Paciente], filtro: Filtro) -> list[Consulta | None]:
    """Give the first consulta of each paciente's list, whichever of their registrations it is in."""
    vidas = await unificacoes.vidas(info.context.db, pacientes)
    deles = {paciente.chave: vidas.get(paciente.chave, (paciente.chave,)) for paciente in pacientes}
    todas = list(dict.fromkeys(chave for vida in deles.values() for chave in vida))
    pagina = page_of("uma_consulta", (datetime, bytes), info.context.selo, first=1)
    alcance = info.context.exigir(VerConsultas)
    achadas = await store.listar_de_cada(
        info.context.db, alcance, Donos(todas, atendem=False), filtro, pagina, asked_for(info)
    )
    return [
        next((consulta for consulta in achadas if consulta.paciente_chave in deles[paciente.chave]), None)
        for paciente in pacientes
    ]


@relation(
    Profissional,
    description="As consultas do profissional que quem pergunta pode ver, das mais novas para as mais antigas.",
    name="consultas",
)
async def consultas_do_profissional(
    profissionais: list[Profissional],
    info: Info,
    filtro: FiltroOpcional = None,
    ordem: Ordem = OrdemDasConsultas.MAIS_NOVAS,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> list[Connection[Consulta]]:
    """List each profissional's consultas."""
    lido = await _ler(info, filtro, ordem)
    pagina = _pagina(info, "consultas_do_profissional", lido, first, after, last, before)
    db, alcance = info.context.db, info.context.exigir(VerConsultas)
    donos = Donos([profissional.chave for profissional in profissionais], atendem=True)
    achadas = await store.listar_de_cada(db, alcance, donos, lido, pagina, asked_for(info))
    await _soube(info, lido, bool(achadas))

    async def contar(pedidas: list[bytes]) -> dict[bytes, int]:
        info.context.contou("consultas")
        return await store.contar_de_cada(db, alcance, replace(donos, chaves=pedidas), lido)

    async def por_situacao(pedidas: list[bytes]) -> dict[bytes, dict[str, int]]:
        info.context.contou("consultas")
        return await store.contar_por_situacao_de_cada(db, alcance, replace(donos, chaves=pedidas), lido)

    quem_atende = attrgetter("profissional_chave")
    return pagina.connections([*donos.chaves], achadas, quem_atende, _posicao, contar, por_situacao)


@relation(Consulta, description="Quem é atendido.")
async def paciente(consultas: list[Consulta], info: Info) -> list[Paciente]:
    """Give each consulta's paciente: whoever sees a consulta sees its paciente."""
    return await pacientes_porta.dos_vistos(info.context.db, info.context.quem, consultas, asked_for(info))


@relation(Consulta, description="O profissional que atende.")
async def profissional(consultas: list[Consulta], info: Info) -> list[Profissional]:
    """Give each consulta's profissional."""
    chaves = [consulta.profissional_chave for consulta in consultas]
    return await profissionais_porta.de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(
    Consulta,
    description=f"O que aconteceu com a consulta desde que foi marcada, em ordem; até {MAIS_PASSOS} passos.",
    size=lambda _: MAIS_PASSOS,
)
async def historico(consultas: list[Consulta], info: Info) -> list[list[MudancaDaConsulta]]:
    """Give each consulta's history."""
    chaves = [consulta.chave for consulta in consultas]
    linhas = await store.historico(info.context.db, chaves)
    de_cada = dealt(chaves, linhas, lambda linha: linha[0])
    return [[mudanca for _, mudanca in mudancas] for mudancas in de_cada]


async def _soube(info: Info, filtro: Filtro, ha: bool) -> None:
    """Take note of a paciente who is named: that there are no consultas of theirs is something to know, too."""
    contexto = info.context
    for paciente in filter(None, filtro.pacientes[:1]):
        if await pacientes_porta.e_visto(contexto.db, contexto.quem, paciente, ha):
            contexto.leu(Leituras.LER_CONSULTAS, [paciente])


def _pagina(
    info: Info, lista: str, filtro: Filtro, first: int | None, after: str | None, last: int | None, before: str | None
) -> Page:
    """Read the arguments of a page; a cursor is of one order."""
    lista += "_antigas" if filtro.antigas else ""
    return page_of(lista, (datetime, bytes), info.context.selo, first=first, after=after, last=last, before=before)


def _posicao(consulta: Consulta) -> tuple[datetime, bytes]:
    return consulta.inicio, consulta.chave


_TODAS = tuple(SituacaoDaConsulta.__members__)


async def _ler(
    info: Info, filtro: FiltroDeConsultas | None, ordem: OrdemDasConsultas | None = OrdemDasConsultas.MAIS_NOVAS
) -> Filtro:
    pedido = filtro or FiltroDeConsultas()
    if pedido.situacoes is not None and len(pedido.situacoes) > len(_TODAS):
        raise RequisicaoInvalida("Diga cada situação uma vez só.", "filtro", "situacoes")
    lido = Filtro(
        pacientes=() if pedido.paciente_id is None else (_chave(Paciente.prefixo, pedido.paciente_id) or b"",),
        profissionais=_profissionais(pedido),
        de=pedido.de or PRIMEIRO_INSTANTE,
        ate=pedido.ate or ULTIMO_INSTANTE,
        situacoes=_TODAS if pedido.situacoes is None else tuple({uma.name: None for uma in pedido.situacoes}),
        antigas=ordem is OrdemDasConsultas.MAIS_ANTIGAS,
        unidade=_chave(Unidade.prefixo, pedido.unidade_id),
        tipo=_chave(TipoDeAtendimento.prefixo, pedido.tipo_id),
        especialidade=None if pedido.especialidade is None else plana(pedido.especialidade),
        modalidade=pedido.modalidade and pedido.modalidade.name,
        encaixe=pedido.encaixe,
        nomes=_nomes(pedido.busca),
        no_dia=None if pedido.dia is None else await _no_dia(info, pedido.dia),
    )
    return _so_minhas(lido, info.context.exigir(VerConsultas)) if pedido.minhas else lido


def _nomes(busca: str | None) -> tuple[str, ...]:
    """Read starts of words; signs alone are of nobody's name."""
    if busca is not None and len(busca) > MAIOR_BUSCA:
        raise RequisicaoInvalida(f"Escreva até {MAIOR_BUSCA} caracteres.", "filtro", "busca")
    return inicios(busca) or (("",) if (busca or "").strip() else ())


async def _no_dia(info: Info, dia: date) -> tuple[tuple[tuple[bytes, ...], Intervalo], ...]:
    """Give when a day is in each time zone, and which unidades are there."""
    por_fuso: dict[str, list[bytes]] = {}
    for uma in await unidades.todas(info.context.db, info.context.quem, frozenset({"fuso"})):
        por_fuso.setdefault(uma.fuso, []).append(uma.chave)
    return tuple((tuple(delas), periodo(dia, dia, fuso)) for fuso, delas in sorted(por_fuso.items()))


def _profissionais(pedido: FiltroDeConsultas) -> tuple[bytes, ...]:
    """Read whose they are, by one id or several: all that is said holds."""
    varios = pedido.profissional_ids
    if varios is not None and len(varios) > MAIS_PROFISSIONAIS:
        raise RequisicaoInvalida(f"Diga até {MAIS_PROFISSIONAIS} profissionais.", "filtro", "profissionalIds")
    if pedido.especialidade is not None and len(pedido.especialidade) > MAIOR_BUSCA:
        raise RequisicaoInvalida(f"Escreva até {MAIOR_BUSCA} caracteres.", "filtro", "especialidade")
    um = _chave(Profissional.prefixo, pedido.profissional_id)
    if varios is None:
        return () if um is None else (um,)
    deles = {_chave(Profissional.prefixo, id) or b"" for id in varios}
    return tuple(sorted(deles if um is None else deles & {um})) or (b"",)


def _so_minhas(filtro: Filtro, alcance: Alcance[VerConsultas]) -> Filtro:
    """Leave those of the caller's own agenda; of who attends nobody, those in which they are attended."""
    if alcance.profissional is not None:
        meu = not filtro.profissionais or alcance.profissional in filtro.profissionais
        return replace(filtro, profissionais=(alcance.profissional if meu else b"",))
    seus = alcance.pacientes if not filtro.pacientes or filtro.pacientes[0] in alcance.pacientes else ()
    return replace(filtro, pacientes=seus or (b"",))


def _chave(prefixo: str, id: str | None) -> bytes | None:
    """Read an id of the filter: None if there is none, an empty key (which matches nothing) if it isn't one."""
    return None if id is None else ids.chave(prefixo, id) or b""
