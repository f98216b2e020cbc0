"""Free times across profissionais: those that each of them has, in order, and each of them can be booked."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sghss_graphql.atendimento.agenda.regras import HorasDeTrabalho, Intervalo, Trecho, celulas, passos
from sghss_graphql.atendimento.agenda.regras.expediente import expediente
from sghss_graphql.atendimento.horarios.regras import (
    Agenda,
    Lugares,
    Procura,
    celulas_de,
    dias_livres,
    impedida,
    vagas,
)
from sghss_graphql.atendimento.horarios.types import PeriodoDoDia
from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade
from tests.atendimento.agenda.test_regras import FUSOS, horas_de_trabalho
from tests.atendimento.consultas.test_lugares import LIVRES
from tests.cadastro.unidades.test_unidades import sala, tipo, unidade
from tests.hospital import AGENDAR, BLOQUEAR, DIAS, EXPEDIENTE, Hospital, Pessoa

HORARIOS = (
    "query($f: FiltroDeHorarios!, $n: Int, $a: String) { horarios(filtro: $f, first: $n, after: $a) { totalCount"
    " pageInfo { hasNextPage endCursor } edges { node { inicio fim modalidades profissional { id } unidade { id fuso }"
    " sala { id } tipo { id } } } } }"
)
COM_HORARIO = "query($f: FiltroDeHorarios!) { diasComHorario(filtro: $f) { dia livres primeiro } }"
INICIO = datetime(2031, 3, 3, tzinfo=UTC).replace(tzinfo=None)
SEMANA = {"de": "2031-03-03T00:00:00Z", "ate": "2031-03-10T00:00:00Z"}


async def _equipe(hospital: Hospital, quantos: int, **mais: Any) -> tuple[str, list[Pessoa]]:
    """Register profissionais of a speciality that nobody else has; they work on three mornings, in one unidade."""
    nome = f"Especialidade {hospital.nome()}"
    onde = mais.pop("onde", None) or await unidade(hospital, fuso="America/Manaus", abreNosFeriados=True)
    equipe = []
    for n in range(quantos):
        profissional = await hospital.profissional(sempre=False, especialidades=[{"nome": nome}])
        turnos = [
            {"dia": dia, "inicio": "08:00", "fim": "12:00", "unidadeId": onde, **mais}
            for dia in DIAS[n % 3 : n % 3 + 3]
        ]
        feito = await hospital.admin(EXPEDIENTE, input={"profissionalId": profissional.id, "turnos": turnos})
        assert feito.recusas == [], feito.corpo
        equipe.append(profissional)
    return nome, equipe


async def _todas(quem: Any, filtro: dict[str, Any], n: int = 7, depois: Any = None) -> list[Any]:
    """Visit all pages; ``depois`` is called after each."""
    vistas, cursor = [], None
    while True:
        pagina = (await quem(HORARIOS, f=filtro, n=n, a=cursor)).data["horarios"]
        vistas += [edge["node"] for edge in pagina["edges"]]
        if not pagina["pageInfo"]["hasNextPage"]:
            return vistas
        cursor = pagina["pageInfo"]["endCursor"]
        if depois is not None:
            await depois(vistas)


async def test_all_pages_are_what_each_of_them_has_free_in_order(hospital: Hospital) -> None:
    nome, equipe = await _equipe(hospital, 4)
    paciente = await hospital.paciente()
    marcada = {"pacienteId": paciente.id, "profissionalId": equipe[0].id, "inicio": "2031-03-03T12:30:00Z"}
    assert (await hospital.recepcao(AGENDAR, input=marcada)).recusas == []
    bloqueio = {
        "profissionalId": equipe[1].id, "inicio": "2031-03-04T13:00:00Z", "fim": "2031-03-04T14:10:00Z", "motivo": "x",
    }  # fmt: skip
    assert (await hospital.recepcao(BLOQUEAR, input=bloqueio)).recusas == []
    esperadas = []
    for um in equipe:
        perguntado = {"id": um.id, "de": "2031-03-02", "ate": "2031-03-10", "t": None}
        livres = (await hospital.recepcao(LIVRES, **perguntado)).data["profissional"]["horariosDisponiveis"]
        esperadas += [(v["inicio"], um.id, v["fim"]) for v in livres if SEMANA["de"] <= v["inicio"] < SEMANA["ate"]]
    vistas = await _todas(hospital.recepcao, {**SEMANA, "especialidade": nome.upper()})
    assert [(v["inicio"], v["profissional"]["id"], v["fim"]) for v in vistas] == sorted(esperadas)
    assert len(vistas) > 60
    total = await hospital.recepcao(HORARIOS, f={**SEMANA, "especialidade": nome}, n=1)
    assert total.data["horarios"]["totalCount"] == len(vistas)
    dias = (await hospital.recepcao(COM_HORARIO, f={**SEMANA, "especialidade": nome})).data["diasComHorario"]
    assert sum(dia["livres"] for dia in dias) == len(vistas)
    for dia in dias:
        dele = [v["inicio"] for v in vistas if v["inicio"].startswith(dia["dia"])]
        assert (len(dele), dele[0]) == (dia["livres"], dia["primeiro"]), "mornings in Manaus are on one day in UTC too"
    so_um = await _todas(hospital.recepcao, {**SEMANA, "profissionalId": equipe[2].id})
    assert [v["inicio"] for v in so_um] == [v["inicio"] for v in vistas if v["profissional"]["id"] == equipe[2].id]


async def test_a_search_goes_on_past_its_first_week(hospital: Hospital) -> None:
    """A page begins in the one and ends in the other; whoever works weeks later alone is found as well."""
    nome, _ = await _equipe(hospital, 2)
    depois, _ = await _equipe(hospital, 1, vigenciaDe="2031-04-01")
    for uma, quantas in ((nome, (7, 20, 50)), (depois, (1, 50))):
        filtro = {"especialidade": uma, "de": SEMANA["de"], "ate": "2031-04-14T00:00:00Z"}
        inteiras = [await _todas(hospital.recepcao, filtro, n=n) for n in quantas]
        assert all(inteira == inteiras[0] for inteira in inteiras)
        dias = (await hospital.recepcao(COM_HORARIO, f=filtro)).data["diasComHorario"]
        assert len(inteiras[0]) == sum(dia["livres"] for dia in dias) > 0
        assert inteiras[0][0]["inicio"] == dias[0]["primeiro"]
        assert inteiras[0] == sorted(inteiras[0], key=lambda v: v["inicio"])
    assert {v["inicio"][:10] for v in inteiras[0]} <= {f"2031-04-{dia:02}" for dia in range(1, 14)}


async def test_a_time_that_begins_in_the_first_week_may_not_end_in_a_block_after_it(hospital: Hospital) -> None:
    """From a Monday at 13:07 on: on the next one at 13:00 somebody is free, but for a block that begins at 13:15."""
    nome, (profissional,) = await _equipe(hospital, 1, inicio="08:00", fim="20:00")
    bloqueio = {"profissionalId": profissional.id, "inicio": "2031-03-10T13:15:00Z", "fim": "2031-03-10T18:00:00Z"}
    assert (await hospital.admin(BLOQUEAR, input={**bloqueio, "motivo": "Curso"})).recusas == []
    for ate in ("2031-03-10T13:07:23Z", "2031-03-20T00:00:00Z"):
        filtro = {"especialidade": nome, "de": "2031-03-03T13:07:23Z", "ate": ate}
        vistas = await _todas(hospital.recepcao, filtro)
        assert not [v for v in vistas if v["inicio"] < bloqueio["fim"] and v["fim"] > bloqueio["inicio"]]
        dias = (await hospital.recepcao(COM_HORARIO, f=filtro)).data["diasComHorario"]
        assert sum(dia["livres"] for dia in dias) == len(vistas) > 0


async def test_from_when_one_searches_hides_nothing(hospital: Hospital) -> None:
    """Now is seldom a multiple of five minutes; and the time before one that is taken is free."""
    nome, (um,) = await _equipe(hospital, 1)
    paciente = await hospital.paciente()
    marcada = {"pacienteId": paciente.id, "profissionalId": um.id, "inicio": "2031-03-03T13:00:00Z"}
    assert (await hospital.recepcao(AGENDAR, input=marcada)).recusas == []
    inteira = await _todas(hospital.recepcao, {**SEMANA, "especialidade": nome})
    for de in ("2031-03-03T00:03:00Z", "2031-03-03T00:04:59.999Z", "2031-03-03T12:01:00Z"):
        vistas = await _todas(hospital.recepcao, {**SEMANA, "de": de, "especialidade": nome})
        assert [v["inicio"] for v in vistas] == [v["inicio"] for v in inteira if v["inicio"] >= de]
        assert "2031-03-03T12:30:00Z" in {v["inicio"] for v in vistas}


def test_a_walk_through_full_agendas_lets_others_go_on() -> None:
    """Two months, day and night, in steps of five minutes, all of them taken: it pauses after each stretch."""
    dias = {b"u": DiasDeUmaUnidade("UTC")}
    turnos = [HorasDeTrabalho(dia, 0, 1440, b"u") for dia in range(7)]
    dentro = Intervalo(INICIO, INICIO + timedelta(days=62))
    procura, lugares = Procura(dentro, timedelta(minutes=5)), Lugares(dias, celulas(dentro).start, {}, {})
    cheia = Agenda(b"m", turnos, impedida(procura, (1 << 62 * 288) - 1))
    passos = list(vagas(cheia, lugares, procura))
    assert set(passos) == {None}
    assert len(passos) == len(expediente(turnos, dias, dentro)) == 9, "a stretch is a week"
    assert list(dias_livres(cheia, lugares, procura)) == passos
    vazia = Agenda(b"m", turnos, 0)
    assert len([vaga for vaga in vagas(vazia, lugares, procura) if vaga]) == 62 * 288
    assert [dia.livres for dia in dias_livres(vazia, lugares, procura) if dia] == [288] * 62


_sem_parar = st.integers(0, 47).map(
    lambda hora: [HorasDeTrabalho(dia, hora * 30, hora * 30 + 1440, b"a" * 16) for dia in range(7)]
)
_celulas = st.sets(st.integers(0, 20 * 288)).map(lambda quais: sum(1 << qual for qual in quais))
_horas_em_minutos = {PeriodoDoDia.MANHA: (0, 720), PeriodoDoDia.TARDE: (720, 1080), PeriodoDoDia.NOITE: (1080, 1440)}


@settings(deadline=None)
@given(
    st.one_of(st.lists(horas_de_trabalho, max_size=6), _sem_parar),
    st.integers(0, 20 * 24),
    st.sampled_from([5, 45, 480]),
    st.data(),
)
def test_free_is_each_step_that_meets_nothing(
    turnos: list[HorasDeTrabalho], horas: int, minutos: int, data: st.DataObject
) -> None:
    """The slow model: step by step, each looked up in all that is taken or closed, and in the clock of the unidade."""
    dias = {unidade: DiasDeUmaUnidade(data.draw(st.sampled_from(FUSOS)), "SP") for unidade in (b"a" * 16, b"b" * 16)}
    de = datetime(2026, 6, 1) + timedelta(minutes=data.draw(st.integers(0, 540_000)))  # noqa: DTZ001 - naive, in UTC
    dentro, duracao = Intervalo(de, de + timedelta(hours=horas)), timedelta(minutes=minutos)
    depois = timedelta(minutes=data.draw(st.sampled_from([0, 10, 120])))
    periodos = data.draw(st.frozensets(st.sampled_from(PeriodoDoDia)))
    precisa, tipo = data.draw(st.booleans()), data.draw(st.sampled_from([None, b"t" * 16]))
    procura = Procura(dentro, duracao, depois, tipo, periodos=periodos, precisa_de_sala=precisa)
    todas = celulas(Intervalo(de, dentro.fim + duracao + depois))
    dele, da_fixa, das_outras = data.draw(_celulas), data.draw(_celulas), data.draw(st.lists(_celulas, max_size=2))
    fechados = [
        Intervalo(de + timedelta(minutes=inicio), de + timedelta(minutes=inicio + dura))
        for inicio, dura in data.draw(st.lists(st.tuples(st.integers(-9, 3_000), st.integers(1, 900)), max_size=2))
    ]

    def tomada(ocupadas: int, inicio: datetime) -> bool:
        return any(ocupadas >> (n - todas.start) & 1 for n in celulas(Intervalo(inicio, inicio + duracao + depois)))

    def serve(inicio: datetime, trecho: Trecho) -> bool:
        local = inicio.replace(tzinfo=UTC).astimezone(ZoneInfo(dias[trecho.unidade].fuso))
        minuto = 60 * local.hour + local.minute
        return not (
            tomada(dele, inicio)
            or any(fechado.toca(Intervalo(inicio, inicio + duracao)) for fechado in fechados)
            or (trecho.sala and tomada(da_fixa, inicio))
            or (precisa and not trecho.sala and all(tomada(dela, inicio) for dela in das_outras))
            or (periodos and not any(a <= minuto < b for a, b in (_horas_em_minutos[um] for um in periodos)))
        )

    esperadas = [
        (vaga.inicio, trecho.unidade, trecho.sala)
        for trecho in expediente(turnos, dias, dentro)
        if trecho.serve(None, tipo)
        for vaga in passos(trecho.hora, de, duracao, depois)
        if vaga.inicio < dentro.fim and serve(vaga.inicio, trecho)
    ]
    lotada = -1
    for dela in das_outras:
        lotada &= impedida(procura, dela)
    lugares = Lugares(dias, todas.start, {b"s" * 16: impedida(procura, da_fixa)}, dict.fromkeys(dias, lotada))
    agenda = Agenda(b"m", turnos, impedida(procura, dele, celulas_de(fechados, todas)))
    achadas = [vaga for vaga in vagas(agenda, lugares, procura) if vaga is not None]
    assert [(vaga.inicio, vaga.unidade, vaga.sala) for vaga in achadas] == esperadas
    por_dia: dict[Any, list[datetime]] = {}
    for vaga in achadas:
        local = vaga.inicio.replace(tzinfo=UTC).astimezone(ZoneInfo(dias[vaga.unidade].fuso))
        por_dia.setdefault((local.date(), vaga.unidade), []).append(vaga.inicio)
    contadas = [dia for dia in dias_livres(agenda, lugares, procura) if dia is not None]
    for dia in {dia for dia, _ in por_dia} | {dia.dia for dia in contadas}:
        juntas = [inicio for (quando, _), inicios in por_dia.items() if quando == dia for inicio in inicios]
        delas = [uma for uma in contadas if uma.dia == dia]
        assert (sum(uma.livres for uma in delas), min(uma.primeiro for uma in delas)) == (len(juntas), min(juntas))


async def test_pages_stay_right_while_others_book(hospital: Hospital) -> None:
    """What was taken meanwhile is gone; nothing else is missed, and nothing comes twice."""
    nome, _ = await _equipe(hospital, 3)
    filtro = {**SEMANA, "especialidade": nome}
    antes = await _todas(hospital.recepcao, filtro, n=50)
    tomadas: set[tuple[str, str]] = set()
    sorteio = random.Random(7)

    async def alguem_marca(vistas: list[Any]) -> None:
        restam = [(v["inicio"], v["profissional"]["id"]) for v in antes]
        qual = sorteio.choice([um for um in restam if um not in tomadas])
        paciente = await hospital.paciente()
        feita = {"pacienteId": paciente.id, "profissionalId": qual[1], "inicio": qual[0]}
        assert (await hospital.recepcao(AGENDAR, input=feita)).recusas == []
        if qual not in {(v["inicio"], v["profissional"]["id"]) for v in vistas}:
            tomadas.add(qual)

    vistas = await _todas(hospital.recepcao, filtro, depois=alguem_marca)
    chaves = [(v["inicio"], v["profissional"]["id"]) for v in vistas]
    assert chaves == [um for v in antes if (um := (v["inicio"], v["profissional"]["id"])) not in tomadas]
    assert tomadas


async def test_what_a_paciente_is_shown_the_paciente_books(hospital: Hospital) -> None:
    """Neither sooner nor later than the kind allows, nor a kind that isn't theirs to book, nor a time that is past."""
    nome, equipe = await _equipe(hospital, 2)
    um = await tipo(hospital, especialidade=nome, antecedenciaMinimaEmHoras=30, antecedenciaMaximaEmDias=20)
    agora = datetime.now(UTC)
    filtro = {
        "de": (agora - timedelta(days=3)).isoformat(), "ate": (agora + timedelta(days=40)).isoformat(), "tipoId": um,
    }  # fmt: skip
    paciente = await hospital.paciente()
    vistas = await _todas(paciente.cliente, filtro, n=50)
    assert vistas
    assert min(v["inicio"] for v in vistas) >= (agora + timedelta(hours=30)).strftime("%Y-%m-%dT%H:%M:%S")
    assert max(v["inicio"] for v in vistas) <= (agora + timedelta(days=20, minutes=1)).strftime("%Y-%m-%dT%H:%M:%S")
    assert len(await _todas(hospital.recepcao, filtro, n=50)) > len(vistas)
    for vaga in (vistas[0], vistas[-1]):
        pedido = {"pacienteId": paciente.id, "profissionalId": vaga["profissional"]["id"], "tipoId": um}
        pedido |= {"inicio": vaga["inicio"], "unidadeId": vaga["unidade"]["id"]}
        assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == []
    dele = await tipo(hospital, especialidade=nome, autoagendamento=False)
    assert await _todas(paciente.cliente, {**filtro, "tipoId": dele}) == []
    assert await _todas(hospital.recepcao, {**filtro, "tipoId": dele}) != []
    assert equipe


async def test_afternoons_of_either_unidade_of_a_kind_that_needs_a_sala(hospital: Hospital) -> None:
    """In each unidade's own time; while its only sala is taken, a unidade has none."""
    la, aqui = await unidade(hospital, fuso="America/Manaus"), await unidade(hospital, fuso="America/Sao_Paulo")
    nome = f"Especialidade {hospital.nome()}"
    um = await tipo(hospital, especialidade=nome, exigeSala=True, duracaoEmMinutos=60)
    for onde in (la, aqui):
        profissional = await hospital.profissional(sempre=False, especialidades=[{"nome": nome}])
        turnos = [{"dia": "TERCA", "inicio": "10:00", "fim": "19:00", "unidadeId": onde}]
        entrada = {"profissionalId": profissional.id, "turnos": turnos}
        assert (await hospital.admin(EXPEDIENTE, input=entrada)).recusas == []
    filtro = {**SEMANA, "tipoId": um, "periodos": ["TARDE"]}
    assert await _todas(hospital.recepcao, filtro) == [], "there is no sala yet"
    nelas = {onde: await sala(hospital, onde) for onde in (la, aqui)}
    vistas = await _todas(hospital.recepcao, filtro)
    achadas = sorted((v["inicio"][11:13], v["unidade"]["id"]) for v in vistas)
    assert achadas == sorted([*((str(h), aqui) for h in range(15, 21)), *((str(h), la) for h in range(16, 22))])
    colega = await hospital.profissional(sempre=False)
    turnos = [{"dia": "TERCA", "inicio": "00:00", "fim": "24:00", "unidadeId": la, "salaId": nelas[la]}]
    assert (await hospital.admin(EXPEDIENTE, input={"profissionalId": colega.id, "turnos": turnos})).recusas == []
    paciente = await hospital.paciente()
    pedido = {"pacienteId": paciente.id, "profissionalId": colega.id, "inicio": "2031-03-04T16:30:00Z"}
    assert (await hospital.recepcao(AGENDAR, input=pedido)).recusas == []
    depois = await _todas(hospital.recepcao, {**filtro, "unidadeId": la})
    assert [v["inicio"][11:13] for v in depois] == ["17", "18", "19", "20", "21"]
    assert all(v["unidade"] == {"id": la, "fuso": "America/Manaus"} for v in depois)
    assert await _todas(hospital.recepcao, {**filtro, "modalidade": "TELECONSULTA"}) == []
    assert await _todas(hospital.recepcao, {**filtro, "periodos": ["NOITE"]}) != []
    assert await _todas(hospital.recepcao, {**filtro, "especialidade": "Outra"}) == []
    assert await _todas(hospital.recepcao, {**filtro, "unidadeId": nelas[la]}) == []


@pytest.mark.parametrize(
    "mais",
    [
        {"ate": "2031-05-10T00:00:00Z"},
        {"ate": "2031-03-03T00:00:00Z"},
        {"duracaoEmMinutos": 7},
        {"especialidade": "x" * 201},
        {"periodos": ["TARDE"] * 4},
    ],
)
async def test_a_search_that_is_none_says_what_to_do(hospital: Hospital, mais: dict[str, Any]) -> None:
    for texto in (HORARIOS, COM_HORARIO):
        resposta = await hospital.recepcao(texto, f={**SEMANA, **mais})
        assert resposta.codigos == ["REQUISICAO_INVALIDA"]
        assert resposta.corpo["errors"][0]["extensions"]["argumento"][0] == "filtro"


async def test_a_search_is_priced_by_what_is_walked_through_whatever_it_finds(hospital: Hospital) -> None:
    """Days, and steps of a day: of a kind the shortest is assumed, since what it takes isn't known beforehand."""
    longe = 'de: "2031-03-03T00:00:00Z", ate: "2031-05-03T00:00:00Z", unidadeId: "x"'
    for campo in ("diasComHorario(filtro: {%s}) { dia }", "horarios(filtro: {%s}, first: 1) { totalCount }"):
        for mais, cabe in (("", True), (", duracaoEmMinutos: 5", False), (', tipoId: "tip_x"', False)):
            pedido = " ".join(f"a{n}: {campo % (longe + mais)}" for n in range(4))
            resposta = await hospital.recepcao(f"{{ {pedido} }}")
            assert resposta.codigos == ([] if cabe else ["LIMITE_EXCEDIDO"]), (campo, mais)
