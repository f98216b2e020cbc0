"""One consulta by id, lists of them, and what a consulta leads to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.atendimento.agenda import porta as agenda_porta
from sghss_graphql.atendimento.agenda.porta import Marcada
from sghss_graphql.atendimento.agenda.regras import Intervalo
from sghss_graphql.atendimento.consultas import porta, store
from sghss_graphql.atendimento.consultas.regras import MAIS_PASSOS, REMARCAVEIS, Filtro, Leituras
from sghss_graphql.atendimento.consultas.types import Consulta, MudancaDaConsulta, OrdemDasConsultas, SituacaoDaConsulta
from sghss_graphql.cadastro.pacientes import porta as pacientes_porta
from sghss_graphql.cadastro.pacientes.types import Paciente, PacientePayload
from sghss_graphql.cadastro.profissionais import porta as profissionais_porta
from sghss_graphql.cadastro.profissionais.types import Profissional, ProfissionalPayload
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.cadastro.usuarios.types import UsuarioPayload
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import VerConsultas
from sghss_graphql.context import Info
from sghss_graphql.machinery.database import Fields, Reader
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
from sghss_graphql.vocabulario.errors import RequisicaoInvalida
from sghss_graphql.vocabulario.tempo import PRIMEIRO_INSTANTE, ULTIMO_INSTANTE, agora


@strawberry.input(description="Quais consultas: todas as condições valem ao mesmo tempo.")
class FiltroDeConsultas:
    """A client's filter."""

    paciente_id: ID | None = strawberry.field(default=None, description="Só deste paciente.")
    profissional_id: ID | None = strawberry.field(default=None, description="Só deste profissional.")
    de: datetime | None = strawberry.field(default=None, description="Só as que começam neste instante ou depois.")
    ate: datetime | None = strawberry.field(default=None, description="Só as que começam antes deste instante.")
    situacoes: list[SituacaoDaConsulta] | None = strawberry.field(
        default=None,
        description=f"Só as que estão numa destas situações; até {len(SituacaoDaConsulta)}, cada uma uma vez.",
    )

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
        lido = await _da_vida(info, _ler(info, filtro, ordem))
        pagina = _pagina(info, "consultas", lido, first, after, last, before)
        achadas = await store.listar(db, alcance, lido, pagina, asked_for(info))
        await _soube(info, lido, bool(achadas))

        async def contar() -> int:
            if not lido.pacientes:
                info.context.contou("consultas")
            return await store.contar(db, alcance, lido)

        return pagina.connection(achadas, _posicao, Count.of_one(contar))


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
    lido = _ler(info, filtro, ordem)
    pagina = _pagina(info, "consultas_do_paciente", lido, first, after, last, before)
    vidas = await unificacoes.vidas(info.context.db, pacientes)
    sozinhos = [paciente.chave for paciente in pacientes if paciente.chave not in vidas]
    de_cada = await _de_cada(info, _DOS_PACIENTES, sozinhos, lido, pagina)
    achadas = dict(zip(sozinhos, de_cada, strict=True))
    for chave, vida in vidas.items():
        achadas[chave] = await _de_uma_vida(info, vida, lido, pagina)
    return [achadas[paciente.chave] for paciente in pacientes]


async def _de_uma_vida(info: Info, vida: tuple[bytes, ...], filtro: Filtro, pagina: Page) -> Connection[Consulta]:
    """List the consultas of somebody who has several registrations, as one list."""
    db, alcance = info.context.db, info.context.exigir(VerConsultas)
    pedidos = [chave for chave in vida if chave in filtro.pacientes] or [b""]
    desta = replace(filtro, pacientes=tuple(pedidos) if filtro.pacientes else vida)
    achadas = await store.listar(db, alcance, desta, pagina, asked_for(info))
    await _soube(info, desta, bool(achadas))
    return pagina.connection(achadas, _posicao, Count.of_one(lambda: store.contar(db, alcance, desta)))


async def _da_vida(info: Info, filtro: Filtro) -> Filtro:
    """Let a filter by a paciente find all registrations of the same person."""
    if not filtro.pacientes:
        return filtro
    vida = await unificacoes.vida(info.context.db, info.context.quem, filtro.pacientes[0])
    return replace(filtro, pacientes=vida)


_ACONTECIDAS = (SituacaoDaConsulta.REALIZADA.name, SituacaoDaConsulta.EM_ATENDIMENTO.name)


@relation(Paciente, description="A última consulta que aconteceu, se quem pergunta pode vê-la.")
async def ultima_consulta(pacientes: list[Paciente], info: Info) -> list[Consulta | None]:
    """Give each paciente's last consulta that took place."""
    return await _uma_de_cada(info, pacientes, Filtro((), None, PRIMEIRO_INSTANTE, agora(), _ACONTECIDAS))


@relation(Paciente, description="A próxima consulta marcada, se quem pergunta pode vê-la.")
async def proxima_consulta(pacientes: list[Paciente], info: Info) -> list[Consulta | None]:
    """Give each paciente's next consulta."""
    marcadas = tuple(um.name for um in REMARCAVEIS)
    return await _uma_de_cada(info, pacientes, Filtro((), None, agora(), ULTIMO_INSTANTE, marcadas, antigas=True))


async def _uma_de_cada(info: Info, pacientes: list[Paciente], filtro: Filtro) -> list[Consulta | None]:
    """Give the first consulta of each paciente's list, whichever of their registrations it is in."""
    vidas = await unificacoes.vidas(info.context.db, pacientes)
    deles = {paciente.chave: vidas.get(paciente.chave, (paciente.chave,)) for paciente in pacientes}
    todas = list(dict.fromkeys(chave for vida in deles.values() for chave in vida))
    pagina = page_of("uma_consulta", (datetime, bytes), info.context.selo, first=1)
    alcance = info.context.exigir(VerConsultas)
    achadas = await store.listar_dos_pacientes(info.context.db, alcance, todas, filtro, pagina, asked_for(info))
    return [
        next((consulta for consulta in achadas if consulta.paciente_chave in deles[paciente.chave]), None)
        for paciente in pacientes
    ]


@relation(
    PacientePayload,
    description="Depois de unificar: as consultas por vir que se cruzam. Depois de um óbito: as que estavam por vir."
    " Até 100, em ordem.",
    size=lambda _: _MAIS_FUTURAS,
)
async def consultas_em_conflito(payloads: list[PacientePayload], info: Info) -> list[list[Consulta]]:
    """Give what can't be as it is booked."""
    achadas: list[list[Consulta]] = []
    for payload in payloads:
        if payload.vida:
            db, alcance = info.context.db, info.context.exigir(VerConsultas)
            que_atendem = await profissionais_porta.dos_pacientes(db, payload.vida)
            achadas.append(await store.em_conflito(db, alcance, payload.vida, que_atendem, agora()))
        elif payload.morreu and payload.paciente is not None:
            achadas.append(await _que_viriam(info, payload.paciente))
        else:
            achadas.append([])
    return achadas


@relation(
    ProfissionalPayload,
    description="Depois de mudar o expediente: as consultas por vir que ficam fora dele, até 100, em ordem.",
    size=lambda _: _MAIS_FUTURAS,
)
async def consultas_fora_do_expediente(payloads: list[ProfissionalPayload], info: Info) -> list[list[Consulta]]:
    """Give what the new hours of each profissional leave out."""
    fora: list[list[Consulta]] = []
    for payload in payloads:
        if payload.mudou_o_expediente and payload.profissional is not None:
            fora.append(await _fora(info, payload.profissional))
        else:
            fora.append([])
    return fora


async def _fora(info: Info, profissional: Profissional) -> list[Consulta]:
    db, alcance = info.context.db, info.context.exigir(VerConsultas)
    marcadas = await store.por_vir(db, alcance, profissional.chave, agora(), _MAIS_POR_VIR)
    horas = [Marcada(Intervalo(uma.inicio, uma.fim), uma.unidade_chave, uma.tipo_chave) for uma in marcadas]
    estao_fora = await agenda_porta.fora_do_expediente(db, profissional.chave, horas)
    return [consulta for consulta, fora in zip(marcadas, estao_fora, strict=True) if fora][:_MAIS_FUTURAS]


async def _que_viriam(info: Info, paciente: Paciente) -> list[Consulta]:
    vida = (await unificacoes.vidas(info.context.db, [paciente])).get(paciente.chave, (paciente.chave,))
    por_vir = Filtro(vida, None, agora(), ULTIMO_INSTANTE, tuple(um.name for um in REMARCAVEIS))
    pagina = page_of("consultas_em_conflito", (datetime, bytes), info.context.selo, last=_MAIS_FUTURAS)
    return (await store.listar(info.context.db, info.context.exigir(VerConsultas), por_vir, pagina))[:_MAIS_FUTURAS]


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
    lido = _ler(info, filtro, ordem)
    pagina = _pagina(info, "consultas_do_profissional", lido, first, after, last, before)
    return await _de_cada(
        info, _DOS_PROFISSIONAIS, [profissional.chave for profissional in profissionais], lido, pagina
    )


@relation(
    UsuarioPayload,
    description="De quem foi desativado: as consultas marcadas, que atendia ou em que era atendido, até 100, em ordem.",
    size=lambda _: _MAIS_FUTURAS,
)
async def consultas_futuras(payloads: list[UsuarioPayload], info: Info) -> list[list[Consulta]]:
    """Give what whoever was deactivated leaves to be attended."""
    parados = [p.usuario.chave for p in payloads if p.usuario is not None and not p.usuario.ativo]
    if not parados:
        return [[] for _ in payloads]
    por_vir = Filtro((), None, agora(), ULTIMO_INSTANTE, tuple(um.name for um in REMARCAVEIS))
    que_atendem = await profissionais_porta.dos_usuarios(info.context.db, info.context.quem, parados)
    atendidos = await pacientes_porta.dos_usuarios(info.context.db, info.context.quem, parados)
    de_quem_atende = await _por_vir(info, _DOS_PROFISSIONAIS, que_atendem, por_vir)
    de_quem_e_atendido = await _por_vir(info, _DOS_PACIENTES, atendidos, por_vir)
    return [
        sorted((*de_quem_atende.get(chave, ()), *de_quem_e_atendido.get(chave, ())), key=_posicao)[:_MAIS_FUTURAS]
        for chave in (payload.usuario.chave if payload.usuario else b"" for payload in payloads)
    ]


async def _por_vir(
    info: Info, donos: "_Donos", dos_usuarios: Mapping[bytes, Profissional | Paciente], filtro: Filtro
) -> dict[bytes, Sequence[Consulta]]:
    """Give the consultas to come of those who attend, or are attended, by their usuario's key; the next ones first."""
    chaves = [um.chave for um in dos_usuarios.values()]
    pagina = page_of("consultas_futuras", (datetime, bytes), info.context.selo, last=_MAIS_FUTURAS)
    achadas = await donos.listar(info.context.db, info.context.exigir(VerConsultas), chaves, filtro, pagina, None)
    de_cada = dict(zip(chaves, dealt(chaves, achadas, donos.chave), strict=True))
    return {usuario: de_cada[um.chave] for usuario, um in dos_usuarios.items()}


@relation(Consulta, description="Quem é atendido.")
async def paciente(consultas: list[Consulta], info: Info) -> list[Paciente]:
    """Give each consulta's paciente: whoever sees a consulta sees its paciente."""
    chaves = [consulta.paciente_chave for consulta in consultas]
    return await pacientes_porta.de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


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


@dataclass(frozen=True)
class _Donos:
    """Whose consultas are listed: the store's functions for them, and which key of a consulta is theirs.

    Where they are ``atendidos`` it is their own data, and the trail names them.
    """

    listar: Callable[[Reader, Alcance[VerConsultas], Sequence[bytes], Filtro, Page, Fields], Awaitable[list[Consulta]]]
    contar: Callable[[Reader, Alcance[VerConsultas], Sequence[bytes], Filtro], Awaitable[dict[bytes, int]]]
    chave: Callable[[Consulta], bytes]
    atendidos: bool


_MAIS_FUTURAS = 100
_MAIS_POR_VIR = 2_000  # consultas of a profissional that are looked at, when their hours change
_DOS_PACIENTES = _Donos(
    store.listar_dos_pacientes, store.contar_dos_pacientes, attrgetter("paciente_chave"), atendidos=True
)
_DOS_PROFISSIONAIS = _Donos(
    store.listar_dos_profissionais, store.contar_dos_profissionais, attrgetter("profissional_chave"), atendidos=False
)


async def _de_cada(
    info: Info, donos: _Donos, chaves: list[bytes], filtro: Filtro, pagina: Page
) -> list[Connection[Consulta]]:
    """List the consultas of each owner that the caller may see."""
    db, alcance = info.context.db, info.context.exigir(VerConsultas)
    achadas = await donos.listar(db, alcance, chaves, filtro, pagina, asked_for(info))
    await _soube(info, filtro, bool(achadas))

    async def contar(pedidas: list[bytes]) -> dict[bytes, int]:
        if not donos.atendidos:
            info.context.contou("consultas")
        return await donos.contar(db, alcance, pedidas, filtro)

    return pagina.connections(chaves, achadas, donos.chave, _posicao, contar)


def _ler(
    info: Info, filtro: FiltroDeConsultas | None, ordem: OrdemDasConsultas | None = OrdemDasConsultas.MAIS_NOVAS
) -> Filtro:
    pedido = filtro or FiltroDeConsultas()
    situacoes = list(SituacaoDaConsulta) if pedido.situacoes is None else pedido.situacoes
    if len(situacoes) > len(SituacaoDaConsulta):
        raise RequisicaoInvalida("Diga cada situação uma vez só.", "filtro", "situacoes")
    lido = Filtro(
        pacientes=() if pedido.paciente_id is None else (_chave(Paciente.prefixo, pedido.paciente_id) or b"",),
        profissional=_chave(Profissional.prefixo, pedido.profissional_id),
        de=pedido.de or PRIMEIRO_INSTANTE,
        ate=pedido.ate or ULTIMO_INSTANTE,
        situacoes=tuple(dict.fromkeys(situacao.name for situacao in situacoes)),
        antigas=ordem is OrdemDasConsultas.MAIS_ANTIGAS,
    )
    return _so_minhas(lido, info.context.exigir(VerConsultas)) if pedido.minhas else lido


def _so_minhas(filtro: Filtro, alcance: Alcance[VerConsultas]) -> Filtro:
    """Leave those of the caller's own agenda; of who attends nobody, those in which they are attended."""
    if alcance.profissional is not None:
        meu = filtro.profissional in (None, alcance.profissional)
        return replace(filtro, profissional=alcance.profissional if meu else b"")
    seus = alcance.pacientes if not filtro.pacientes or filtro.pacientes[0] in alcance.pacientes else ()
    return replace(filtro, pacientes=seus or (b"",))


def _chave(prefixo: str, id: str | None) -> bytes | None:
    """Read an id of the filter: None if there is none, an empty key (which matches nothing) if it isn't one."""
    return None if id is None else ids.chave(prefixo, id) or b""
