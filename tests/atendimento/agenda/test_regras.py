"""Cells, weekly hours and free hours, as pure rules."""

import time as time_module
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.atendimento.agenda.regras import (
    HorasDeTrabalho,
    Intervalo,
    celulas,
    em_celulas,
    livres,
    periodo,
    se_sobrepoem,
)
from sghss_graphql.atendimento.agenda.regras.expediente import expediente
from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade, duracao_valida

INICIO = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
cinco_minutos = st.integers(0, 200_000).map(lambda n: INICIO + n * timedelta(minutes=5))
duracoes = st.integers(1, 96).map(lambda n: n * timedelta(minutes=5))
intervalos = st.builds(lambda inicio, duracao: Intervalo(inicio, inicio + duracao), cinco_minutos, duracoes)


def _expediente(turnos: list[HorasDeTrabalho], fuso: str, de: date, ate: date | None = None) -> list[Intervalo]:
    """Give what is worked on local days, in one unidade."""
    pedido = periodo(de, ate or de, fuso)
    return [trecho.hora for trecho in expediente(turnos, {b"": DiasDeUmaUnidade(fuso)}, pedido)]


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
    antes, depois = (_expediente(turnos, "America/New_York", dia)[-1] for dia in (date(2026, 3, 7), date(2026, 3, 9)))
    assert (antes.inicio, antes.fim) == (_em_utc(2026, 3, 7, 13), _em_utc(2026, 3, 7, 17))
    assert (depois.inicio, depois.fim) == (_em_utc(2026, 3, 9, 12), _em_utc(2026, 3, 9, 16))


def test_a_night_shift_reaches_into_the_next_day_and_joins_the_morning() -> None:
    turnos = [HorasDeTrabalho(0, 19 * 60, 31 * 60), HorasDeTrabalho(1, 7 * 60, 12 * 60)]
    (trecho,) = _expediente(turnos, "America/Sao_Paulo", date(2026, 11, 23), date(2026, 11, 24))
    assert (trecho.inicio, trecho.fim) == (_em_utc(2026, 11, 23, 22), _em_utc(2026, 11, 24, 15))


def test_a_day_sees_the_shift_that_began_the_evening_before() -> None:
    turnos = [HorasDeTrabalho(6, 22 * 60, 30 * 60)]
    (trecho,) = _expediente(turnos, "UTC", date(2026, 11, 23))
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
    assert se_sobrepoem([HorasDeTrabalho(*turno) for turno in turnos], {b"": DiasDeUmaUnidade("UTC")}) is sobrepoem


@given(
    intervalos,
    st.lists(intervalos, max_size=4),
    st.sets(st.integers(celulas(Intervalo(INICIO, INICIO + timedelta(5)))[0], 5_900_000), max_size=50),
    intervalos,
    duracoes,
    st.integers(0, 24).map(lambda n: n * timedelta(minutes=5)),
)
def test_free_hours_are_what_a_walk_minute_by_minute_finds(
    trecho, bloqueios, ocupadas, dentro, duracao, depois
) -> None:
    """The slow model: every step of the stretch, from its beginning, is looked at cell by cell."""
    esperadas, inicio = [], trecho.inicio
    while inicio + duracao <= trecho.fim:
        vaga = Intervalo(inicio, inicio + duracao)
        tomada = ocupadas & set(celulas(Intervalo(inicio, inicio + duracao + depois)))
        if dentro.contem(vaga) and not tomada and not any(bloqueio.toca(vaga) for bloqueio in bloqueios):
            esperadas.append(vaga)
        inicio += duracao + depois
    assert list(livres(trecho, bloqueios, ocupadas, dentro, duracao, depois)) == esperadas


_A, _B = b"a" * 16, b"b" * 16
FUSOS = ["America/Sao_Paulo", "America/Santiago", "Europe/Lisbon", "America/Manaus"]
horas_de_trabalho = st.builds(
    lambda dia, inicio, duracao, unidade, sala, desde, dura, semanas, tipos: HorasDeTrabalho(
        dia, inicio * 30, inicio * 30 + duracao * 30, unidade, sala, desde,
        None if dura is None else desde + timedelta(dura), semanas, tipos,
    ),
    st.integers(0, 6), st.integers(0, 47), st.integers(1, 48), st.sampled_from([_A, _B]),
    st.sampled_from([None, b"s" * 16]), st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    st.one_of(st.none(), st.integers(0, 60)), st.integers(1, 4),
    st.sampled_from([frozenset(), frozenset({b"t" * 16})]),
)  # fmt: skip


def _minuto_a_minuto(turnos, dias, de: datetime, ate: datetime) -> list[datetime]:
    """The slow model: each five minutes are worked if some shift, read on some local day, has them in it."""
    trabalhados = []
    for turno in turnos:
        zona = ZoneInfo(dias[turno.unidade].fuso)
        dia = de.date() - timedelta(days=3)
        while dia <= ate.date() + timedelta(days=3):
            vale = (
                dia.weekday() == turno.dia
                and dia >= turno.desde
                and (turno.ate is None or dia <= turno.ate)
                and ((dia - timedelta(dia.weekday())) - (turno.desde - timedelta(turno.desde.weekday()))).days
                % (7 * turno.semanas)
                == 0
            )
            if vale:
                meia_noite = datetime.combine(dia, time(), tzinfo=zona)
                comeca, acaba = (
                    (meia_noite + timedelta(minutes=m)).astimezone(UTC).replace(tzinfo=None)
                    for m in (turno.inicio, turno.fim)
                )
                while comeca < acaba:
                    if de <= comeca < ate:
                        trabalhados.append(comeca)
                    comeca += timedelta(minutes=5)
            dia += timedelta(days=1)
    return sorted(set(trabalhados))


@given(
    st.lists(horas_de_trabalho, max_size=4),
    st.sampled_from(FUSOS),
    st.sampled_from(FUSOS),
    st.integers(0, 8_700).map(lambda horas: INICIO + timedelta(hours=horas)),
    st.integers(1, 72),
)
def test_what_is_worked_is_what_a_walk_minute_by_minute_finds(turnos, fuso_a, fuso_b, de, horas) -> None:
    """In zones that put their clocks forward and back, over midnight, for a while, every few weeks."""
    dias = {_A: DiasDeUmaUnidade(fuso_a), _B: DiasDeUmaUnidade(fuso_b)}
    pedido = Intervalo(de, de + timedelta(hours=horas))
    achados = {
        pedido.inicio + n * timedelta(minutes=5)
        for trecho in expediente(turnos, dias, pedido)
        for n in range(horas * 12)
        if trecho.hora.inicio <= pedido.inicio + n * timedelta(minutes=5) < trecho.hora.fim
    }
    assert sorted(achados) == _minuto_a_minuto(turnos, dias, pedido.inicio, pedido.fim)


@given(
    st.lists(horas_de_trabalho, min_size=1, max_size=4),
    st.sampled_from(FUSOS),
    st.dates(date(2026, 2, 1), date(2026, 12, 31)),
)
def test_the_grid_is_the_same_whatever_is_asked_for(turnos, fuso: str, dia: date) -> None:
    """A day alone has the times that it has in its month, also where shifts go on for weeks."""
    dias = {_A: DiasDeUmaUnidade(fuso), _B: DiasDeUmaUnidade(fuso)}
    sempre = [HorasDeTrabalho(d, 0, 1440, _A) for d in range(7)]
    so_o_dia, o_mes = periodo(dia, dia, fuso), periodo(dia - timedelta(days=16), dia + timedelta(days=15), fuso)
    for semana in (turnos, sempre):
        de_um_e_outro = [
            [
                vaga
                for trecho in expediente(semana, dias, pedido)
                for vaga in livres(trecho.hora, [], set(), so_o_dia, timedelta(minutes=50))
            ]
            for pedido in (so_o_dia, o_mes)
        ]
        assert de_um_e_outro[0] == de_um_e_outro[1]


def test_at_both_ends_of_the_calendar_nobody_works() -> None:
    sempre = [HorasDeTrabalho(d, 0, 1440, _A) for d in range(7)]
    dias = {_A: DiasDeUmaUnidade("UTC")}
    for ano, mes in ((1, 1), (9999, 12)):
        dia = datetime(ano, mes, 20, tzinfo=UTC).replace(tzinfo=None)
        assert expediente(sempre, dias, Intervalo(dia, dia + timedelta(days=11))) == []


def test_a_holiday_isnt_worked_but_the_night_that_leads_into_it_is() -> None:
    """2027-09-07 is a Tuesday."""
    turnos = [HorasDeTrabalho(dia, 480, 720, _A) for dia in range(7)] + [HorasDeTrabalho(0, 1320, 1560, _A)]
    fechada = {_A: DiasDeUmaUnidade("UTC", "SP", abre_nos_feriados=False)}
    semana = periodo(date(2027, 9, 6), date(2027, 9, 8), "UTC")
    inicios = [trecho.hora.inicio for trecho in expediente(turnos, fechada, semana)]
    assert inicios == [_em_utc(2027, 9, 6, 8), _em_utc(2027, 9, 6, 22), _em_utc(2027, 9, 8, 8)]
    aberta = {_A: DiasDeUmaUnidade("UTC", "SP", abre_nos_feriados=False, abertos=frozenset({date(2027, 9, 7)}))}
    assert len(expediente(turnos, aberta, semana)) == 4
    assert expediente(turnos, {_A: DiasDeUmaUnidade("UTC", ativa=False)}, semana) == []


@pytest.mark.parametrize(
    ("um", "outro", "cruzam"),
    [
        ({"semanas": 2, "desde": date(2026, 1, 5)}, {"semanas": 2, "desde": date(2026, 1, 12)}, False),
        ({"semanas": 2, "desde": date(2026, 1, 5)}, {"semanas": 2, "desde": date(2026, 1, 19)}, True),
        ({"semanas": 2, "desde": date(2026, 1, 5)}, {"semanas": 3, "desde": date(2026, 1, 12)}, True),
        ({"ate": date(2026, 3, 1)}, {"desde": date(2026, 3, 2)}, False),
        ({"ate": date(2026, 3, 2)}, {"desde": date(2026, 3, 2)}, True),
        ({"unidade": _A}, {"unidade": _B}, False),
        ({"inicio": 1320, "fim": 1800, "dia": 6, "desde": date(2026, 3, 8), "ate": date(2026, 3, 8)}, {}, True),
    ],
)
def test_shifts_that_take_turns_do_not_overlap(um, outro, cruzam: bool) -> None:
    """Nor do those of one wall time in zones an hour apart, if they take less."""
    dias = {
        b"": DiasDeUmaUnidade("UTC"),
        _A: DiasDeUmaUnidade("America/Sao_Paulo"),
        _B: DiasDeUmaUnidade("America/Manaus"),
    }
    turnos = [HorasDeTrabalho(**{"dia": 0, "inicio": 300, "fim": 360, **qual}) for qual in (um, outro)]
    assert se_sobrepoem(turnos, dias) is cruzam


def test_fifty_shifts_are_compared_in_milliseconds() -> None:
    turnos = [HorasDeTrabalho(n % 7, 20 * n, 20 * n + 5, (_A, _B)[n % 2], semanas=1 + n % 4) for n in range(50)]
    antes = time_module.process_time()
    assert se_sobrepoem(turnos, {_A: DiasDeUmaUnidade("UTC"), _B: DiasDeUmaUnidade("Asia/Tokyo")}) is False
    assert time_module.process_time() - antes < 1


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.sampled_from(["America/Sao_Paulo", "America/New_York", "UTC"])
)
def test_days_follow_each_other_without_gap_or_overlap(dia: date, fuso: str) -> None:
    seguinte = dia + timedelta(days=1)
    assert periodo(dia, dia, fuso).fim == periodo(seguinte, seguinte, fuso).inicio
