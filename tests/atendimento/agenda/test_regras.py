"""Cells, weekly hours and free hours, as pure rules."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.atendimento.agenda.regras import (
    HorasDeTrabalho,
    Intervalo,
    celulas,
    duracao_valida,
    em_celulas,
    expediente,
    livres,
    periodo,
    se_sobrepoem,
)

INICIO = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
cinco_minutos = st.integers(0, 200_000).map(lambda n: INICIO + n * timedelta(minutes=5))
duracoes = st.integers(1, 96).map(lambda n: n * timedelta(minutes=5))
intervalos = st.builds(lambda inicio, duracao: Intervalo(inicio, inicio + duracao), cinco_minutos, duracoes)


def _em_utc(*partes: int) -> datetime:
    return datetime(*partes, tzinfo=UTC).replace(tzinfo=None)


@given(intervalos, intervalos)
def test_two_times_share_a_cell_exactly_when_they_overlap(a: Intervalo, b: Intervalo) -> None:
    assert bool(set(celulas(a)) & set(celulas(b))) == a.toca(b) == b.toca(a)


@given(intervalos)
def test_a_time_occupies_a_cell_for_each_five_minutes(a: Intervalo) -> None:
    assert len(celulas(a)) == (a.fim - a.inicio) // timedelta(minutes=5)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - naive UTC
def test_only_multiples_of_five_minutes_are_on_the_grid(instante: datetime) -> None:
    assert em_celulas(instante) == (instante.minute % 5 == instante.second == instante.microsecond == 0)


@pytest.mark.parametrize(
    ("minutos", "vale"), [(5, True), (480, True), (0, False), (7, False), (485, False), (-5, False)]
)
def test_a_consulta_lasts_five_minutes_to_eight_hours(minutos: int, vale: bool) -> None:
    assert duracao_valida(minutos) is vale


def test_working_hours_are_local_time_whatever_the_clock_does() -> None:
    """New York put the clock forward on 2026-03-08 at 2:00; a morning shift starts at the same wall time."""
    turnos = [HorasDeTrabalho(dia, 8 * 60, 12 * 60) for dia in range(7)]
    antes, depois = (
        expediente(turnos, "America/New_York", dia, dia)[-1] for dia in (date(2026, 3, 7), date(2026, 3, 9))
    )
    assert (antes.inicio, antes.fim) == (_em_utc(2026, 3, 7, 13), _em_utc(2026, 3, 7, 17))
    assert (depois.inicio, depois.fim) == (_em_utc(2026, 3, 9, 12), _em_utc(2026, 3, 9, 16))


def test_a_night_shift_reaches_into_the_next_day_and_joins_the_morning() -> None:
    turnos = [HorasDeTrabalho(0, 19 * 60, 31 * 60), HorasDeTrabalho(1, 7 * 60, 12 * 60)]
    (trecho,) = expediente(turnos, "America/Sao_Paulo", date(2026, 11, 23), date(2026, 11, 24))
    assert (trecho.inicio, trecho.fim) == (_em_utc(2026, 11, 23, 22), _em_utc(2026, 11, 24, 15))


def test_a_day_sees_the_shift_that_began_the_evening_before() -> None:
    turnos = [HorasDeTrabalho(6, 22 * 60, 30 * 60)]
    (trecho,) = expediente(turnos, "UTC", date(2026, 11, 23), date(2026, 11, 23))
    assert trecho == Intervalo(_em_utc(2026, 11, 22, 22), _em_utc(2026, 11, 23, 6))


@pytest.mark.parametrize(
    ("turnos", "sobrepoem"),
    [
        ([(0, 480, 720), (0, 720, 1080)], False),
        ([(0, 480, 721), (0, 720, 1080)], True),
        ([(0, 1200, 1860), (1, 360, 720)], True),
        ([(6, 1200, 1860), (0, 0, 60)], True),
        ([(6, 1200, 1800), (0, 360, 400)], False),
        ([(0, 0, 1440)], False),
        ([], False),
    ],
)
def test_shifts_overlap_around_the_week_too(turnos, sobrepoem: bool) -> None:
    assert se_sobrepoem([HorasDeTrabalho(*turno) for turno in turnos]) is sobrepoem


@given(
    st.lists(intervalos, max_size=4),
    st.lists(intervalos, max_size=4),
    st.sets(st.integers(celulas(Intervalo(INICIO, INICIO + timedelta(5)))[0], 5_900_000), max_size=50),
    intervalos,
    duracoes,
)
def test_a_free_hour_is_within_hours_and_touches_nothing_taken(horas, bloqueios, ocupadas, dentro, duracao) -> None:
    for vaga in livres(horas, bloqueios, ocupadas, dentro, duracao):
        assert vaga.fim - vaga.inicio == duracao
        assert dentro.contem(vaga)
        assert any(trecho.contem(vaga) for trecho in horas)
        assert not any(bloqueio.toca(vaga) for bloqueio in bloqueios)
        assert ocupadas.isdisjoint(celulas(vaga))


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.sampled_from(["America/Sao_Paulo", "America/New_York", "UTC"])
)
def test_days_follow_each_other_without_gap_or_overlap(dia: date, fuso: str) -> None:
    seguinte = dia + timedelta(days=1)
    assert periodo(dia, dia, fuso).fim == periodo(seguinte, seguinte, fuso).inicio
