"""Free times of many are found one after the other: of each profissional the next one, and of those the earliest.

What is taken is a number for each pessoa and sala, with a bit for each cell of the time that is looked at.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sghss_graphql.atendimento.agenda.regras import (
    CELULA,
    HorasDeTrabalho,
    Intervalo,
    Trecho,
    celula,
    expediente,
    passos,
)
from sghss_graphql.atendimento.horarios.types import PeriodoDoDia
from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade

MAIS_DIAS = 62
MAIS_PROFISSIONAIS = 300
"""Whose agendas one search looks through."""
_PASSOS = 24
"""Steps between two places to pause: a stretch of each is one at least."""
_UM_DIA = timedelta(days=1)
"""Longer than any time that is looked for: one that begins in a part may end in the next."""
_DE_CADA_PERIODO: Mapping[PeriodoDoDia, tuple[time, time]] = {
    PeriodoDoDia.MANHA: (time(0), time(12)),
    PeriodoDoDia.TARDE: (time(12), time(18)),
    PeriodoDoDia.NOITE: (time(18), time.max),
}


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
    """One profissional's: their weekly hours, and when they are closed; ``ocupada`` has a bit for each taken cell."""

    profissional: bytes
    turnos: Sequence[HorasDeTrabalho]
    fechados: Sequence[Intervalo]
    ocupada: int


@dataclass(frozen=True, slots=True)
class Lugares:
    """Days of the unidades, which salas each has, and what is taken of those, from the first cell on."""

    dias: Mapping[bytes, DiasDeUmaUnidade]
    primeira: int
    ocupadas: Mapping[bytes, int]
    salas: Mapping[bytes, Sequence[bytes]]


@dataclass(frozen=True, slots=True, order=True)
class Vaga:
    """A free time of a profissional, and the stretch in which it is."""

    inicio: datetime
    profissional: bytes
    fim: datetime
    unidade: bytes
    sala: bytes | None


def vagas(agenda: Agenda, lugares: Lugares, procura: Procura) -> Iterator[Vaga | None]:
    """Give the free times of one profissional, in order; where each stretch begins depends on the hours alone.

    None is where whoever walks them may let others go on: after so many steps, found or not.
    """
    for parte in _partes(procura.dentro):
        com_sobra = Intervalo(parte.inicio, min(parte.fim + _UM_DIA, procura.dentro.fim))
        for trecho in expediente(agenda.turnos, lugares.dias, com_sobra):
            if trecho.serve(procura.unidade, procura.tipo):
                yield from _do_trecho(agenda, lugares, replace(procura, dentro=parte), trecho)
        yield None


def _partes(inteiro: Intervalo) -> Iterator[Intervalo]:
    """Divide a time: the first are short, since most searches end soon; each is twice as long as the one before."""
    inicio, tamanho = inteiro.inicio, 2 * _UM_DIA
    while inicio < inteiro.fim:
        fim = min(inicio + tamanho, inteiro.fim)
        yield Intervalo(inicio, fim)
        inicio, tamanho = fim, 2 * tamanho


def _do_trecho(agenda: Agenda, lugares: Lugares, procura: Procura, trecho: Trecho) -> Iterator[Vaga | None]:
    fuso = ZoneInfo(lugares.dias[trecho.unidade].fuso)
    mascara = (1 << (procura.duracao + procura.depois) // CELULA) - 1
    tomadas = [agenda.ocupada]
    if trecho.sala is not None:
        tomadas.append(lugares.ocupadas.get(trecho.sala, 0))
    alguma = [lugares.ocupadas.get(sala, 0) for sala in lugares.salas.get(trecho.unidade, ())]
    procura_sala = procura.precisa_de_sala and trecho.sala is None
    todas = passos(trecho.hora, procura.dentro.inicio, procura.duracao, procura.depois)
    for numero, vaga in enumerate(todas):
        if vaga.inicio >= procura.dentro.fim:
            return
        if numero % _PASSOS == 0:
            yield None
        bits = mascara << (celula(vaga.inicio) - lugares.primeira)
        if any(ocupada & bits for ocupada in tomadas) or any(fechado.toca(vaga) for fechado in agenda.fechados):
            continue
        if procura.periodos and not _no_periodo(vaga.inicio, fuso, procura.periodos):
            continue
        if procura_sala and all(ocupada & bits for ocupada in alguma):
            continue
        yield Vaga(vaga.inicio, agenda.profissional, vaga.fim, trecho.unidade, trecho.sala)


def _no_periodo(inicio: datetime, fuso: ZoneInfo, periodos: Collection[PeriodoDoDia]) -> bool:
    hora = _local(inicio, fuso).time()
    return any(de <= hora < ate for de, ate in (_DE_CADA_PERIODO[periodo] for periodo in periodos))


def _local(instante: datetime, fuso: ZoneInfo) -> datetime:
    return instante.replace(tzinfo=UTC).astimezone(fuso)


def dia_da_vaga(vaga: Vaga, lugares: Lugares) -> date:
    """Give the day of a free time, where it is."""
    return _local(vaga.inicio, ZoneInfo(lugares.dias[vaga.unidade].fuso)).date()
