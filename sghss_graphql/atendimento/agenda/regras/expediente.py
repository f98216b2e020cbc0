"""When a profissional works, as stretches in UTC; of the same hours and days always the same, and worked out once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sghss_graphql.atendimento.agenda.regras import (
    DIA,
    INICIO_DO_TEMPO,
    HorasDeTrabalho,
    Intervalo,
    Trecho,
    dias_de,
    dias_entre,
    turno_no_dia,
)
from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade

_ULTIMA = (datetime(9998, 1, 1, tzinfo=UTC).replace(tzinfo=None) - INICIO_DO_TEMPO).days // 7
"""The last week in which anybody works; the first is that of 1970-01-01."""


def expediente(
    turnos: Sequence[HorasDeTrabalho], dias: Mapping[bytes, DiasDeUmaUnidade], pedido: Intervalo
) -> list[Trecho]:
    """Give the working hours that touch a time, in order, each of them whole.

    Stretches that adjoin are one, but for one that would go on for more than a week: that begins anew on Mondays. So
    where a stretch begins and ends depends on the hours alone, never on what is asked for.
    """
    return list(trechos(turnos, dias, pedido))


def trechos(
    turnos: Sequence[HorasDeTrabalho], dias: Mapping[bytes, DiasDeUmaUnidade], pedido: Intervalo
) -> Iterator[Trecho]:
    """Give the working hours as ``expediente`` does, looked up as far as they are walked: a week at a time."""
    todos = tuple(turnos)
    lugares = tuple((unidade, dias[unidade]) for unidade in dict.fromkeys(turno.unidade for turno in todos))
    desde = datetime.min  # noqa: DTZ901 - before every instant
    for numero in range(max(0, _semana_em_utc(pedido.inicio)), min(_ULTIMA, _semana_em_utc(pedido.fim)) + 1):
        for trecho in _da_semana(todos, lugares, numero):
            if trecho.hora.inicio >= desde and trecho.hora.toca(pedido):
                yield trecho
        desde = INICIO_DO_TEMPO + timedelta(weeks=numero + 1)


@lru_cache(maxsize=4_000)
def _da_semana(
    turnos: tuple[HorasDeTrabalho, ...], lugares: tuple[tuple[bytes, DiasDeUmaUnidade], ...], numero: int
) -> tuple[Trecho, ...]:
    """Give the working hours that touch a week, in order: of the same hours and days always the same.

    Those of 400 profissionais for ten weeks are kept, 6 MiB.
    """
    semana = Intervalo(INICIO_DO_TEMPO + timedelta(weeks=numero), INICIO_DO_TEMPO + timedelta(weeks=numero + 1))
    inteiros: list[Trecho] = []
    corrente: list[_Parte] = []
    for parte in _partes(turnos, dict(lugares), semana):
        if corrente and not _continua(corrente, parte):
            inteiros.append(_trecho(corrente))
            corrente = []
        corrente.append(parte)
    if corrente:
        inteiros.append(_trecho(corrente))
    return tuple(trecho for trecho in inteiros if trecho.hora.toca(semana))


def _semana_em_utc(instante: datetime) -> int:
    """Number the weeks from the beginning of time on, whatever day that was."""
    return (instante - INICIO_DO_TEMPO).days // 7


def atende(trechos: Sequence[Trecho], hora: Intervalo, unidade: bytes | None, tipo: bytes | None) -> Trecho | None:
    """Give the stretch in which a time begins, if all of it is worked for this kind in one place, or else None."""
    primeiro: Trecho | None = None
    ate = hora.inicio
    for trecho in trechos:
        if not trecho.serve(unidade, tipo):
            continue
        if primeiro is None and trecho.hora.inicio <= hora.inicio < trecho.hora.fim:
            primeiro, ate = trecho, trecho.hora.fim
        elif primeiro is not None and trecho.hora.inicio <= ate and trecho.no_lugar_de(primeiro):
            ate = max(ate, trecho.hora.fim)
    return primeiro if primeiro is not None and hora.fim <= ate else None


@dataclass(frozen=True, slots=True)
class _Parte:
    """One stretch on one day."""

    hora: Intervalo
    dia: date
    turno: HorasDeTrabalho


def _partes(
    turnos: Sequence[HorasDeTrabalho], dias: Mapping[bytes, DiasDeUmaUnidade], pedido: Intervalo
) -> list[_Parte]:
    """Give what is worked from a fortnight before to one after, if it may be one with what is asked for.

    Or else from the eve to the day after: a stretch that stands alone may pass midnight.
    """
    adjoining = {turno.fim % DIA for turno in turnos} & {turno.inicio for turno in turnos}
    partes = []
    for unidade in dict.fromkeys(turno.unidade for turno in turnos):
        do_lugar = dias[unidade]
        dela: list[list[HorasDeTrabalho]] = [[] for _ in range(7)]
        for turno in turnos:
            if turno.unidade == unidade:
                dela[turno.dia].append(turno)
        if not do_lugar.ativa:
            continue
        primeiro, ultimo = dias_de(pedido, do_lugar.fuso)
        folga = timedelta(days=15 if adjoining else 1)
        primeiro, ultimo = primeiro - folga, ultimo + folga
        fechados = do_lugar.fechados(primeiro, ultimo)
        for dia in dias_entre(primeiro, ultimo):
            for turno in dela[dia.weekday()]:
                if dia not in fechados and turno.comeca_em(dia):
                    partes.append(_Parte(turno_no_dia(turno, dia, do_lugar.fuso), dia, turno))
    return sorted((parte for parte in partes if parte.hora.inicio < parte.hora.fim), key=lambda parte: parte.hora)


def _continua(corrente: Sequence[_Parte], parte: _Parte) -> bool:
    antes, agora = corrente[-1].turno, parte.turno
    if (antes.unidade, antes.sala, antes.tipos) != (agora.unidade, agora.sala, agora.tipos):
        return False
    if corrente[-1].hora.fim < parte.hora.inicio:
        return False
    return parte.dia.weekday() != 0 or parte.dia - corrente[0].dia < timedelta(days=7)


def _trecho(corrente: Sequence[_Parte]) -> Trecho:
    turno = corrente[0].turno
    hora = Intervalo(corrente[0].hora.inicio, max(parte.hora.fim for parte in corrente))
    return Trecho(hora, turno.unidade, turno.sala, turno.tipos)
