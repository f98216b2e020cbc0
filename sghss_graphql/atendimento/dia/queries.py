"""Days of the agendas of profissionais, or of a unidade."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import strawberry
from strawberry import ID, argument

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda.regras import HorasDeTrabalho, Intervalo, celulas, periodo
from sghss_graphql.atendimento.agenda.regras.expediente import expediente
from sghss_graphql.atendimento.agenda.types import Bloqueio
from sghss_graphql.atendimento.consultas import porta as consultas
from sghss_graphql.atendimento.consultas.regras import Filtro
from sghss_graphql.atendimento.consultas.types import Consulta, SituacaoDaConsulta
from sghss_graphql.atendimento.dia import regras
from sghss_graphql.atendimento.dia.regras import DE_UM, DE_UMA_UNIDADE, MAIS_DIAS, MAIS_PROFISSIONAIS, NUM_DIA, POR_DIA
from sghss_graphql.atendimento.dia.types import AgendaDoDia, ItemDaAgenda, TipoDeItemDaAgenda
from sghss_graphql.atendimento.horarios import porta as horarios
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade
from sghss_graphql.cadastro.unidades.types import Unidade
from sghss_graphql.confianca.acesso.checagem import exigir, pode
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import DefinirAgendas, VerProfissionais
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.engine import asked_for, dealt, relation, sized
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import RequisicaoInvalida
from sghss_graphql.vocabulario.tempo import agora

_QUE_OCUPAM = tuple(uma.name for uma in SituacaoDaConsulta if uma is not SituacaoDaConsulta.CANCELADA)
_TIPOS = list(TipoDeItemDaAgenda)


def _preco(argumentos: Mapping[str, Any]) -> int:
    dias: int = (argumentos["ate"] - argumentos["de"]).days + 1
    ditos = len(set(argumentos.get("profissionalIds") or ()))
    dias, quantos = min(max(dias, 1), MAIS_DIAS), min(ditos, MAIS_PROFISSIONAIS)
    if quantos == 0 and argumentos.get("unidadeId") is not None:
        return max(dias * DE_UMA_UNIDADE, NUM_DIA)
    return max(dias * max(quantos, 1), DE_UM)


@strawberry.type
class DiaQuery:
    """The part of Query that shows days of agendas."""

    @strawberry.field(
        description="Dias de agendas, em ordem: o que está marcado, livre e bloqueado. De alguns profissionais, de uma"
        " unidade inteira, ou a própria; até 31 dias. As consultas e os bloqueios são os que quem pergunta pode ver."
    )
    @sized(_preco)
    async def agendas(
        self,
        info: Info,
        de: Annotated[date, argument(description="O primeiro dia, onde a agenda acontece.")],
        ate: Annotated[date, argument(description="O último dia, incluído.")],
        profissional_ids: Annotated[
            list[ID] | None, argument(description="Ids dos profissionais, até 100; se ausente, todos os da unidade.")
        ] = None,
        unidade_id: Annotated[ID | None, argument(description="Id da unidade, se só ela interessa.")] = None,
    ) -> list[AgendaDoDia]:
        """Show days."""
        contexto = info.context
        alcance = contexto.exigir(VerProfissionais)
        if not de <= ate < de + timedelta(days=MAIS_DIAS):
            raise RequisicaoInvalida(f"Peça de 1 a {MAIS_DIAS} dias, com de antes de ate ou igual.", "ate")
        if len(profissional_ids or ()) > MAIS_PROFISSIONAIS:
            raise RequisicaoInvalida(f"Diga até {MAIS_PROFISSIONAIS} profissionais.", "profissionalIds")
        unidade = ids.chave(Unidade.prefixo, unidade_id) if unidade_id is not None else None
        if unidade_id is not None and await unidades.uma(contexto.db, contexto.quem, unidade) is None:
            return []
        de_quem = await _de_quem(contexto, alcance.quem, profissional_ids, unidade)
        if not de_quem and profissional_ids is not None:
            return []
        dias = {"de": de, "ate": ate, "profissionalIds": profissional_ids, "unidadeId": unidade_id}
        mais = _preco(dias) * POR_DIA
        so_deles = profissional_ids is not None or unidade is None
        return await _dias(contexto, _Pedido(de, ate, de_quem, unidade, mais, so_deles))


@dataclass(frozen=True, slots=True)
class _Pedido:
    """Which days of whose agendas, where if it matters; and how many items there may be in all.

    Unless it is ``so_deles``, consultas of others who are booked in the unidade are shown, too.
    """

    de: date
    ate: date
    profissionais: Mapping[bytes, Profissional]
    unidade: bytes | None
    mais: int
    so_deles: bool

    def periodo(self, fusos: Sequence[str]) -> Intervalo:
        """Give all instants that are on these days in any of some time zones."""
        todos = [periodo(self.de, self.ate, fuso) for fuso in fusos]
        return Intervalo(min(um.inicio for um in todos), max(um.fim for um in todos))


async def _de_quem(
    contexto: Contexto, quem: Quem, pedidos: list[ID] | None, unidade: bytes | None
) -> Mapping[bytes, Profissional]:
    """Give those whose agendas are shown, by key."""
    db = contexto.db
    if pedidos is not None:
        chaves = [chave for chave in (ids.chave(Profissional.prefixo, id) for id in pedidos) if chave]
    elif unidade is not None:
        chaves = await horarios.quem_atende_em(db, quem, unidade, MAIS_PROFISSIONAIS + 1)
    elif quem.profissional is not None:
        chaves = [quem.profissional]
    else:
        raise RequisicaoInvalida("Diga de que profissionais, ou de que unidade.", "profissionalIds")
    if len(chaves) > MAIS_PROFISSIONAIS:
        raise RequisicaoInvalida(f"Nesta unidade atendem mais de {MAIS_PROFISSIONAIS}: diga quais.", "profissionalIds")
    return await profissionais.por_ids(db, quem, list(dict.fromkeys(chaves)))


async def _dias(contexto: Contexto, pedido: _Pedido) -> list[AgendaDoDia]:
    """Look the agendas up, by the same statements however many they are, and lay them out by day."""
    db, quem, chaves = contexto.db, contexto.quem, list(pedido.profissionais)
    semanas = await agenda.semanas(db, chaves)
    onde = [pedido.unidade] if pedido.unidade else list(semanas.dias)
    de_fora = [] if not pedido.unidade or pedido.unidade in semanas.dias else onde
    fusos = {um: dias.fuso for um, dias in (dict(semanas.dias) | await unidades.dias(db, quem, de_fora)).items()}
    todos = sorted({fusos[um] for um in onde} or {um.fuso for um in pedido.profissionais.values()})
    dentro = pedido.periodo(todos)
    filtro = Filtro(
        profissionais=tuple(chaves) if pedido.so_deles else (),
        unidade=pedido.unidade,
        de=dentro.inicio,
        ate=dentro.fim,
        situacoes=_QUE_OCUPAM,
        antigas=True,
    )
    marcadas, fechados, ocupadas = await asyncio.gather(
        consultas.em_ordem(db, quem, filtro, pedido.mais + 1),
        agenda.bloqueios(db, list(pedido.profissionais.values()), dentro),
        horarios.ocupacao(db, [um.pessoa for um in pedido.profissionais.values()], celulas(dentro)),
    )
    fusos |= {
        chave: uma.fuso
        for chave, uma in (await unidades.por_ids(db, quem, [m.unidade_chave for m in marcadas])).items()
    }
    folha = _Folha(pedido, {(dia, fuso): [] for dia in _todos(pedido) for fuso in todos})
    for consulta in marcadas:
        folha.consulta(consulta, fusos[consulta.unidade_chave])
    mostram = _que_mostram_bloqueios(quem, chaves)
    de_cada = dealt(chaves, fechados, lambda bloqueio: bloqueio.profissional.chave)
    for profissional, bloqueios in zip(pedido.profissionais.values(), de_cada, strict=True):
        horas = semanas.de(profissional.chave)
        dele = sorted({semanas.dias[turno.unidade].fuso for turno in horas} & set(todos)) or todos
        for bloqueio in bloqueios if profissional.chave in mostram else ():
            folha.bloqueio(bloqueio, dele)
        tempo = _Tempo(horas, semanas.dias, bloqueios, ocupadas.get(profissional.pessoa, 0))
        if profissional.ativo:
            folha.livres(profissional, tempo, dentro)
        await asyncio.sleep(0)
    return folha.dias()


def _que_mostram_bloqueios(quem: Quem | None, profissionais: Sequence[bytes]) -> set[bytes]:
    """Give those whose blocks the caller may see, and not only that they attend nobody then."""
    if not pode(quem, DefinirAgendas):
        return set()
    alcance = exigir(quem, DefinirAgendas)
    return {chave for chave in profissionais if alcance.inclui(profissional=chave)}


def _todos(pedido: _Pedido) -> Iterator[date]:
    return (pedido.de + timedelta(days=n) for n in range((pedido.ate - pedido.de).days + 1))


@dataclass(frozen=True, slots=True)
class _Tempo:
    """One profissional's: weekly hours, the days of their unidades, blocks, what is taken."""

    horas: Sequence[HorasDeTrabalho]
    dias: Mapping[bytes, DiasDeUmaUnidade]
    bloqueios: Sequence[Bloqueio]
    ocupada: int


@dataclass(frozen=True, slots=True)
class _Folha:
    """The days that are shown, each with its items, by local day and time zone."""

    pedido: _Pedido
    itens: dict[tuple[date, str], list[ItemDaAgenda]]

    def consulta(self, consulta: Consulta, fuso: str) -> None:
        """Put a consulta on the day on which it begins."""
        dia, hora = regras.dia_local(consulta.inicio, fuso), Intervalo(consulta.inicio, consulta.fim)
        dela = consulta.profissional_chave
        self._por(dia, fuso, _item(TipoDeItemDaAgenda.CONSULTA, hora, dela, consulta=consulta))

    def bloqueio(self, bloqueio: Bloqueio, fusos: Sequence[str]) -> None:
        """Put a block on each day that it touches."""
        inteiro = Intervalo(bloqueio.inicio, bloqueio.fim)
        for fuso in fusos:
            for dia, parte in regras.por_dia(inteiro, self.pedido.de, self.pedido.ate, fuso):
                dele = bloqueio.profissional.chave
                self._por(dia, fuso, _item(TipoDeItemDaAgenda.BLOQUEIO, parte, dele, bloqueio=bloqueio))

    def livres(self, profissional: Profissional, tempo: _Tempo, dentro: Intervalo) -> None:
        """Put what is free from now on on the day on which it begins; what goes on past midnight is one."""
        primeira, instante = celulas(dentro).start, max(agora(), dentro.inicio)
        fechados = [Intervalo(um.inicio, um.fim) for um in tempo.bloqueios]
        for trecho in expediente(tempo.horas, tempo.dias, dentro):
            hora = regras.a_partir_de(Intervalo(trecho.hora.inicio, min(trecho.hora.fim, dentro.fim)), instante)
            if hora.inicio >= hora.fim or self.pedido.unidade not in (None, trecho.unidade):
                continue
            fuso = tempo.dias[trecho.unidade].fuso
            for livre in regras.trechos_livres(hora, fechados, tempo.ocupada, primeira):
                dia = regras.dia_local(livre.inicio, fuso)
                self._por(dia, fuso, _item(TipoDeItemDaAgenda.LIVRE, livre, profissional.chave))

    def _por(self, dia: date, fuso: str, item: ItemDaAgenda) -> None:
        """Put an item where it belongs, if that is asked for; a consulta may be where nobody works, too."""
        if self.pedido.de <= dia <= self.pedido.ate:
            self.itens.setdefault((dia, fuso), []).append(item)

    def dias(self) -> list[AgendaDoDia]:
        """Give the days in order, and the items of each.

        Raises:
            RequisicaoInvalida: they are more than was counted on.
        """
        if sum(map(len, self.itens.values())) > self.pedido.mais:
            raise RequisicaoInvalida("São itens demais para um pedido: peça menos dias, ou menos agendas.", "ate")
        return [
            AgendaDoDia(dia=dia, fuso=fuso, itens_do_dia=sorted(itens, key=_ordem))
            for (dia, fuso), itens in sorted(self.itens.items(), key=lambda par: par[0])
        ]


def _item(tipo: TipoDeItemDaAgenda, hora: Intervalo, profissional: bytes, **o_que: Any) -> ItemDaAgenda:
    return ItemDaAgenda(tipo=tipo, inicio=hora.inicio, fim=hora.fim, profissional_chave=profissional, **o_que)


def _ordem(item: ItemDaAgenda) -> tuple[datetime, datetime, int, bytes]:
    return item.inicio, item.fim, _TIPOS.index(item.tipo), item.profissional_chave


@relation(
    AgendaDoDia,
    description=f"O que há no dia, pela hora em que começa; ao todo, até {POR_DIA} por dia e profissional.",
    size=lambda _: POR_DIA,
)
async def itens(dias: list[AgendaDoDia], info: Info) -> list[list[ItemDaAgenda]]:
    """Give the items of each day."""
    return [dia.itens_do_dia for dia in dias]


@relation(ItemDaAgenda, description="De quem é a agenda.", name="profissional")
async def profissional_do_item(itens: list[ItemDaAgenda], info: Info) -> list[Profissional]:
    """Give each item's profissional."""
    chaves = [item.profissional_chave for item in itens]
    return await profissionais.de_cada(info.context.db, info.context.quem, chaves, asked_for(info))
