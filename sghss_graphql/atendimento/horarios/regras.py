"""Free times of many are found one after the other: of each profissional the next one, and of those the earliest.

What is taken is a number for each pessoa and sala, with a bit for each cell of the time that is looked at. So is where
in a stretch of working hours free times begin: a search through a month of somebody is a few operations on numbers.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from sghss_graphql.atendimento.agenda.regras import (
    CELULA,
    HorasDeTrabalho,
    Intervalo,
    Trecho,
    celula,
    celulas,
    dias_de,
    dias_entre,
    em_utc,
    periodo,
)
from sghss_graphql.atendimento.agenda.regras.expediente import trechos
from sghss_graphql.atendimento.horarios.types import PeriodoDoDia
from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade

MAIS_DIAS = 62
MAIS_PROFISSIONAIS = 300
"""Whose agendas one search looks through."""
_DE_CADA_PERIODO: Mapping[PeriodoDoDia, tuple[int, int]] = {
    PeriodoDoDia.MANHA: (0, 720),
    PeriodoDoDia.TARDE: (720, 1080),
    PeriodoDoDia.NOITE: (1080, 1440),
}
"""Minutes after local midnight."""


@dataclass(frozen=True, slots=True)
class Procura:
    """What is looked for: within which time, how long, what stays taken after; for which kind, where, at what hours."""

    dentro: Intervalo
    duracao: timedelta
    depois: timedelta = timedelta()
    tipo: bytes | None = None
    unidade: bytes | None = None
    periodos: Collection[PeriodoDoDia] = ()
    precisa_de_sala: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """One profissional's: their weekly hours, and the cells in which what is looked for can't begin."""

    profissional: bytes
    turnos: Sequence[HorasDeTrabalho]
    impedida: int


@dataclass(frozen=True, slots=True)
class Lugares:
    """Days of the unidades, the first cell that is looked at, and where what is looked for can't begin.

    That is of each sala, and of each unidade where all of its salas are taken.
    """

    dias: Mapping[bytes, DiasDeUmaUnidade]
    primeira: int
    impedidas: Mapping[bytes, int]
    lotadas: Mapping[bytes, int]


class Vaga(NamedTuple):
    """A free time of a profissional, and the stretch in which it is; in order of time."""

    inicio: datetime
    profissional: bytes
    fim: datetime
    unidade: bytes
    sala: bytes | None


class DiaLivre(NamedTuple):
    """How many free times begin on a day, where they are, and the first."""

    dia: date
    livres: int
    primeiro: datetime


def vagas(agenda: Agenda, lugares: Lugares, procura: Procura) -> Iterator[Vaga | None]:
    """Give the free times of one profissional, in order; where each stretch begins depends on the hours alone.

    None is where whoever walks them may let others go on: after each stretch, found or not.
    """
    for trecho in trechos(agenda.turnos, lugares.dias, procura.dentro):
        livres = _livres(agenda, lugares, procura, trecho)
        while livres:
            inicio = trecho.hora.inicio + _primeira(livres) * CELULA
            yield Vaga(inicio, agenda.profissional, inicio + procura.duracao, trecho.unidade, trecho.sala)
            livres &= livres - 1
        yield None


def dias_livres(agenda: Agenda, lugares: Lugares, procura: Procura) -> Iterator[DiaLivre | None]:
    """Count the free times of one profissional by the day, where they are; None is as in ``vagas``.

    A day comes again where somebody works in several stretches on it.
    """
    for trecho in trechos(agenda.turnos, lugares.dias, procura.dentro):
        livres, fuso = _livres(agenda, lugares, procura, trecho), lugares.dias[trecho.unidade].fuso
        while livres:
            inicio = trecho.hora.inicio + _primeira(livres) * CELULA
            dia, _ = dias_de(Intervalo(inicio, inicio), fuso)
            dele = livres & (_entre(trecho, periodo(dia, dia, fuso)) | livres & -livres)
            yield DiaLivre(dia, dele.bit_count(), inicio)
            livres ^= dele
        yield None


def _livres(agenda: Agenda, lugares: Lugares, procura: Procura, trecho: Trecho) -> int:
    """Give where in a stretch free times begin: of its cells, those."""
    if not trecho.serve(procura.unidade, procura.tipo):
        return 0
    passo = procura.duracao + procura.depois
    quantas = (trecho.hora.fim - trecho.hora.inicio - procura.duracao) // passo + 1
    impedida = agenda.impedida
    if trecho.sala is not None:
        impedida |= lugares.impedidas.get(trecho.sala, 0)
    elif procura.precisa_de_sala:
        impedida |= lugares.lotadas.get(trecho.unidade, -1)
    longe = celula(trecho.hora.inicio) - lugares.primeira
    livres = _de_tantas_em_tantas(passo // CELULA, quantas) & _entre(trecho, procura.dentro)
    livres &= ~(impedida >> longe if longe >= 0 else impedida << -longe)
    if livres and procura.periodos:
        livres &= _nos_periodos(trecho, lugares.dias[trecho.unidade].fuso, procura.periodos)
    return livres


def impedida(procura: Procura, ocupada: int, fechada: int = 0) -> int:
    """Give the cells in which what is looked for can't begin, by those that are taken and those that are closed.

    What stays taken after it may not meet what is taken, but may go on into what is closed.
    """
    return _cairia_em(ocupada, (procura.duracao + procura.depois) // CELULA) | _cairia_em(
        fechada, procura.duracao // CELULA
    )


def celulas_de(horas: Iterable[Intervalo], todas: range) -> int:
    """Give the cells that share an instant with some times, within a range."""
    feitas = 0
    for hora in horas:
        delas = celulas(hora)
        feitas |= _ate(min(delas.stop, todas.stop) - todas.start) & ~_ate(delas.start - todas.start)
    return feitas


def _primeira(celulas: int) -> int:
    return (celulas & -celulas).bit_length() - 1


@lru_cache(maxsize=2_000)
def _de_tantas_em_tantas(passo: int, quantas: int) -> int:
    """Give so many cells, each so far from the one before."""
    return ((1 << passo * quantas) - 1) // ((1 << passo) - 1) if quantas > 0 else 0


def _cairia_em(tomadas: int, tamanho: int) -> int:
    """Give the cells from which on something so long would meet one of those that are taken."""
    feito = 1
    while feito < tamanho:
        passo = min(feito, tamanho - feito)
        tomadas |= tomadas >> passo
        feito += passo
    return tomadas


def _entre(trecho: Trecho, hora: Intervalo) -> int:
    """Give the cells of a stretch that begin within a time."""
    inicio, fim = trecho.hora.inicio, min(hora.fim, trecho.hora.fim)
    return _ate(-((inicio - fim) // CELULA)) & ~_ate(-((inicio - hora.inicio) // CELULA))


def _ate(celula: int) -> int:
    return (1 << max(celula, 0)) - 1


def _nos_periodos(trecho: Trecho, fuso: str, periodos: Collection[PeriodoDoDia]) -> int:
    """Give the cells of a stretch that begin in some parts of the day, where it is."""
    primeiro, ultimo = dias_de(trecho.hora, fuso)
    neles = 0
    for dia in dias_entre(primeiro, ultimo):
        for de, ate in (_DE_CADA_PERIODO[um] for um in periodos):
            neles |= _entre(trecho, Intervalo(em_utc(dia, de, fuso), em_utc(dia, ate, fuso)))
    return neles
