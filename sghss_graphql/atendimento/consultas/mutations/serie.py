"""Book consultas that repeat: all of them or none, and of none which dates collide."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

import strawberry
from strawberry import argument

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda.regras import Intervalo, Trecho, celulas, semanas_depois
from sghss_graphql.atendimento.consultas import porta, store
from sghss_graphql.atendimento.consultas.mutations import limites, ocupacao
from sghss_graphql.atendimento.consultas.mutations import pedido as pedidos
from sghss_graphql.atendimento.consultas.mutations.entradas import AgendarSerieInput, RepeticaoInput
from sghss_graphql.atendimento.consultas.types import MAIS_VEZES, Consulta, SeriePayload
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.confianca.acesso.tabela import MarcarConsultas, VerConsultas
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Formulario, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.tempo import hora_local

_MAIS_SEMANAS, _MAIS_DITAS = 12, 5

T = TypeVar("T")


async def _de_novo(contexto: Contexto, primeira: bytes | None) -> SeriePayload:
    """Make the answer to a request that was answered before, by the first consulta of the series."""
    alcance = contexto.exigir(VerConsultas)
    return SeriePayload(consultas=await store.da_serie_de(contexto.db, alcance, primeira) if primeira else [])


@strawberry.type
class SerieMutation:
    """The part of Mutation that books several."""

    @mutation(
        "Marca consultas que se repetem, no mesmo dia da semana e na mesma hora local: todas, ou nenhuma, e então"
        " conflitos diz quais não cabem.",
        de_novo=_de_novo,
    )
    async def agendar_serie(
        self, info: Info, input: Annotated[AgendarSerieInput, argument(description="As consultas.")]
    ) -> SeriePayload:
        """Book a series."""
        contexto, primeira = info.context, input.primeira
        contexto.exigir(MarcarConsultas)
        with Formulario() as formulario:
            formulario.ler(_exigir_repeticao, input.repeticao)
            formulario.ler(_exigir_comum, input)
            lido = await formulario.esperar(_da_primeira(pedidos.ler(contexto, primeira)))
        marcacao = await _da_primeira(pedidos.preparar(contexto, primeira, lido))
        serie = await _da_primeira(_serie(contexto, marcacao, lido, input.repeticao))
        profissional, vezes = marcacao.pedido.profissional, input.repeticao.vezes
        for consulta in serie.consultas:
            _exigir_prazo(contexto, marcacao, lido, consulta)
        if marcacao.sozinho:
            await limites.exigir_que_caibam(contexto.db, contexto, marcacao.quem, profissional, vezes)
        if serie.fechadas:
            raise await _nao_cabem(contexto, marcacao, serie, serie.fechadas[min(serie.fechadas)])

        async def work(tx: Transaction) -> list[Consulta]:
            vida = await _da_primeira(pedidos.viva(tx, marcacao.pedido.paciente.chave, profissional))
            if vida.segue_em_outra:
                raise porta.fechado("input", "primeira", "pacienteId")
            if marcacao.sozinho:
                await limites.exigir_que_caibam(tx, contexto, marcacao.quem, profissional, vezes)
            return [
                await pedidos.marcar(tx, contexto, marcacao, trecho, consulta, vida)
                for trecho, consulta in zip(serie.trechos, serie.consultas, strict=True)
            ]

        try:
            return SeriePayload(consultas=await agenda.marcando(contexto.db, marcacao.quem, work))
        except agenda.Ocupado as ocupado:
            raise await _nao_cabem(contexto, marcacao, serie, ocupado) from None


@dataclass(frozen=True, slots=True)
class _Serie:
    """Consultas that are booked together, each in its stretch; ``fechadas`` says why one can't be, by its number."""

    consultas: Sequence[Consulta]
    trechos: Sequence[Trecho]
    fechadas: dict[int, Recusa]
    fuso: str


async def _serie(
    contexto: Contexto, marcacao: pedidos.Marcacao, lido: pedidos.Lido, repeticao: RepeticaoInput
) -> _Serie:
    """Lay out a series from its first consulta on, where the profissional works then, or else would.

    Raises:
        Recusa: they work nowhere.
    """
    pedido = marcacao.pedido
    trecho = pedido.na_agenda.onde_seria(pedido.unidade) or pedido.trecho()
    uma = pedidos.nova(pedido, trecho, lido.hora, lido.modalidade, lido.motivo)
    onde = await unidades.por_ids(contexto.db, contexto.quem, [trecho.unidade], frozenset({"fuso"}))
    fuso, serie, duracao = onde[trecho.unidade].fuso, ids.nova_chave(), lido.hora.fim - lido.hora.inicio
    inicios = [semanas_depois(lido.hora.inicio, fuso, n * repeticao.a_cada_semanas) for n in range(repeticao.vezes)]
    horas = [Intervalo(inicio, inicio + duracao) for inicio in inicios]
    trechos: list[Trecho] = []
    fechadas: dict[int, Recusa] = {}
    for n, na_agenda in enumerate(await agenda.nas_agendas(contexto.db, pedido.profissional.chave, horas)):
        try:
            trechos.append(replace(pedido, na_agenda=na_agenda).trecho())
        except Recusa as recusa:
            fechadas[n] = recusa
            trechos.append(trecho)
    consultas = [
        replace(
            uma,
            chave=ids.nova_chave(),
            inicio=hora.inicio,
            fim=hora.fim,
            unidade_chave=um.unidade,
            serie_chave=serie,
        )
        for hora, um in zip(horas, trechos, strict=True)
    ]
    return _Serie(consultas, trechos, fechadas, fuso)


async def _nao_cabem(
    contexto: Contexto, marcacao: pedidos.Marcacao, serie: _Serie, porque: Recusa | agenda.Ocupado
) -> Recusa:
    """Make the refusal of a series: all dates that collide, and why the first one does."""
    pedido, conflitos = marcacao.pedido, set(serie.fechadas)
    todas = Intervalo(serie.consultas[0].inicio, ocupacao.toda(serie.consultas[-1]).fim)
    pessoas, salas = await _pessoas(contexto, pedido), {trecho.sala for trecho in serie.trechos if trecho.sala}
    ja = await agenda.ocupadas(contexto.db, [pedido.profissional.pessoa, *pessoas, *salas], todas)
    for n, (consulta, trecho) in enumerate(zip(serie.consultas, serie.trechos, strict=True)):
        dela = [pedido.profissional.pessoa, *([trecho.sala] if trecho.sala else [])]
        toda, hora = celulas(ocupacao.toda(consulta)), celulas(Intervalo(consulta.inicio, consulta.fim))
        if any(ja[coisa].intersection(toda) for coisa in dela) or any(ja[um].intersection(hora) for um in pessoas):
            conflitos.add(n)
    quais = [serie.consultas[n].inicio for n in sorted(conflitos)]
    if not quais and isinstance(porque, agenda.Ocupado) and porque.hora is not None:
        quais = [porque.hora.inicio]  # it needs a sala, and none is free then
    ditas = ", ".join(hora_local(quando, serie.fuso) for quando in quais[:_MAIS_DITAS])
    mais = f" e mais {len(quais) - _MAIS_DITAS}" if len(quais) > _MAIS_DITAS else ""
    return Recusa(
        porque.codigo,
        f"Nenhuma foi marcada: não cabem {ditas}{mais}. Mude a primeira, ou de quantas em quantas semanas.",
        *("input", "repeticao"),
        conflitos=quais,
    )


async def _da_primeira(lido: Awaitable[T]) -> T:
    """Wait for what is read of the first consulta: what is wrong with it is wrong in ``input.primeira``."""
    try:
        return await lido
    except Recusa as recusa:
        for uma in recusa.todas:
            uma.campo = ("input", "primeira", *uma.campo[1:])
        raise


def _exigir_prazo(contexto: Contexto, marcacao: pedidos.Marcacao, lido: pedidos.Lido, consulta: Consulta) -> None:
    hora, profissional = Intervalo(consulta.inicio, consulta.fim), marcacao.pedido.profissional
    try:
        limites.exigir_prazo(contexto, profissional, hora, lido.tipo, sozinho=marcacao.sozinho)
    except Recusa as recusa:
        raise Recusa(recusa.codigo, recusa.mensagem, "input", "repeticao", "vezes") from None


async def _pessoas(contexto: Contexto, pedido: pedidos.Pedido) -> frozenset[bytes]:
    chave = pedido.paciente.chave
    return (await unificacoes.pessoas(contexto.db, [chave])).get(chave, frozenset())


def _exigir_repeticao(repeticao: RepeticaoInput) -> None:
    if not 2 <= repeticao.vezes <= MAIS_VEZES:
        raise valor_invalido(f"Uma série é de 2 a {MAIS_VEZES} consultas.", "input", "repeticao", "vezes")
    if not 1 <= repeticao.a_cada_semanas <= _MAIS_SEMANAS:
        raise valor_invalido(
            f"Uma série se repete a cada 1 a {_MAIS_SEMANAS} semanas.", "input", "repeticao", "aCadaSemanas"
        )


def _exigir_comum(input: AgendarSerieInput) -> None:
    for campo, dito in (("encaixe", input.primeira.encaixe), ("reservaId", input.primeira.reserva_id)):
        if dito is not None:
            raise valor_invalido("Isto é de uma consulta só, e não de uma série.", "input", "primeira", campo)
