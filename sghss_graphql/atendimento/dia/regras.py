"""What is free of a stretch of working hours, found in a number with a bit for each cell that is taken."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sghss_graphql.atendimento.agenda.regras import CELULA, Intervalo, celula, celulas, periodo

MAIS_DIAS = 31
MAIS_PROFISSIONAIS = 100
POR_DIA = 30
"""Items of one profissional on one day, as they are counted."""
DE_UM = 5
"""Days of one profissional, as they are counted however few are asked for: one may be full."""
DE_UMA_UNIDADE, NUM_DIA = 20, 60
"""Profissionais of a unidade, on each of several days and on one, as they are counted before it is known."""


def trechos_livres(
    trecho: Intervalo, fechados: Sequence[Intervalo], ocupada: int, primeira: int
) -> Iterator[Intervalo]:
    """Give the free parts of a stretch that begins with a cell, each as long as it is.

    ``primeira`` is the cell of the lowest bit of what is taken.
    """
    de, quantas = celula(trecho.inicio), (trecho.fim - trecho.inicio) // CELULA
    tomada = ocupada >> (de - primeira)
    for fechado in fechados:
        if fechado.toca(trecho):
            dele = celulas(Intervalo(max(fechado.inicio, trecho.inicio), min(fechado.fim, trecho.fim)))
            tomada |= (1 << len(dele)) - 1 << (dele.start - de)
    livre, posicao = ~tomada & (1 << quantas) - 1, 0
    while livre:
        salto = (livre & -livre).bit_length() - 1
        livre, posicao = livre >> salto, posicao + salto
        tamanho = (~livre & -~livre).bit_length() - 1
        inicio = trecho.inicio + posicao * CELULA
        yield Intervalo(inicio, inicio + tamanho * CELULA)
        livre, posicao = livre >> tamanho, posicao + tamanho


def a_partir_de(trecho: Intervalo, instante: datetime) -> Intervalo:
    """Give what of a stretch begins with a cell from an instant on; nothing of it may be left."""
    atraso = -((trecho.inicio - instante) // CELULA) * CELULA
    return Intervalo(trecho.inicio + max(timedelta(), atraso), trecho.fim)


def dia_local(instante: datetime, fuso: str) -> date:
    """Give the day on which an instant is in a time zone."""
    return instante.replace(tzinfo=UTC).astimezone(ZoneInfo(fuso)).date()


def por_dia(intervalo: Intervalo, de: date, ate: date, fuso: str) -> Iterator[tuple[date, Intervalo]]:
    """Divide what touches local days among those from ``de`` to ``ate``."""
    ultimo = dia_local(intervalo.fim - timedelta(microseconds=1), fuso)
    dia = max(de, dia_local(intervalo.inicio, fuso))
    while dia <= min(ate, ultimo):
        inteiro = periodo(dia, dia, fuso)
        yield dia, Intervalo(max(inteiro.inicio, intervalo.inicio), min(inteiro.fim, intervalo.fim))
        dia += timedelta(days=1)
