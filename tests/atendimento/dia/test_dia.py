"""Days of agendas: what is taken, free and blocked, in local days, whoever asks."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.atendimento.agenda.regras import CELULA, Intervalo, celula
from sghss_graphql.atendimento.dia.regras import a_partir_de, por_dia, trechos_livres
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from tests.atendimento.consultas.test_encaixes_e_reservas import JUSTA, RESERVAR
from tests.cadastro.unidades.test_unidades import unidade
from tests.hospital import AGENDAR, BLOQUEAR, CANCELAR, EXPEDIENTE, Cliente, Hospital, Pessoa, chave
from tests.machinery.database.statements_log import recorded

_ITENS = "itens { tipo inicio fim profissional { id } consulta { id situacao } bloqueio { id } }"
VER = (
    "query($de: Date!, $ate: Date!, $p: [ID!], $u: ID) {"
    " agendas(de: $de, ate: $ate, profissionalIds: $p, unidadeId: $u) { dia fuso " + _ITENS + " } }"
)
DIA = "2031-04-07"


async def _dias(quem: Cliente, de: str = DIA, ate: str = DIA, **mais: Any) -> list[dict[str, Any]]:
    return list((await quem(VER, de=de, ate=ate, **mais)).data["agendas"])


def _itens(dia: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(item["tipo"], item["inicio"][11:16], item["fim"][11:16]) for item in dia["itens"]]


async def _que_atende(hospital: Hospital, onde: str, *trechos: tuple[str, str], dia: str = "SEGUNDA") -> Pessoa:
    profissional = await hospital.profissional(sempre=False)
    turnos = [{"dia": dia, "inicio": de, "fim": ate, "unidadeId": onde} for de, ate in trechos]
    feito = await hospital.admin(EXPEDIENTE, input={"profissionalId": profissional.id, "turnos": turnos})
    assert feito.recusas == []
    return profissional


async def test_a_day_is_what_is_taken_free_and_blocked_in_order(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    profissional = await _que_atende(hospital, onde, ("08:00", "12:00"), ("14:00", "16:00"))
    paciente = await hospital.paciente()
    consulta = await hospital.consulta(paciente, profissional, f"{DIA}T09:00:00Z")
    cancelada = await hospital.consulta(await hospital.paciente(), profissional, f"{DIA}T11:00:00Z")
    await hospital.recepcao(CANCELAR, input={"consultaId": cancelada, "motivo": "x"})
    fora = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": f"{DIA}T18:00:00Z"}
    await hospital.recepcao(AGENDAR, input={**fora, "encaixe": JUSTA})
    bloqueio = {"profissionalId": profissional.id, "inicio": f"{DIA}T10:00:00Z", "fim": f"{DIA}T10:32:00Z"}
    await hospital.admin(BLOQUEAR, input={**bloqueio, "motivo": "reunião"})
    reserva = {"profissionalId": profissional.id, "inicio": f"{DIA}T14:00:00Z"}
    await hospital.recepcao(RESERVAR, input=reserva)
    (dia,) = await _dias(hospital.recepcao, p=[profissional.id])
    assert (dia["dia"], dia["fuso"]) == (DIA, "UTC")
    assert _itens(dia) == [
        ("LIVRE", "08:00", "09:00"),
        ("CONSULTA", "09:00", "09:30"),
        ("LIVRE", "09:30", "10:00"),
        ("BLOQUEIO", "10:00", "10:32"),
        ("LIVRE", "10:35", "12:00"),
        ("LIVRE", "14:30", "16:00"),
        ("CONSULTA", "18:00", "18:30"),
    ]
    assert dia["itens"][1]["consulta"] == {"id": consulta, "situacao": "AGENDADA"}
    assert await _dias(profissional.cliente) == [dia], "one's own, without naming it"


async def test_a_day_is_local_and_every_day_is_there(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="America/Manaus", abreNosFeriados=True)
    profissional = await _que_atende(hospital, onde, ("20:00", "02:00"))
    longo = {"profissionalId": profissional.id, "inicio": "2031-04-09T12:00:00Z", "fim": "2031-04-10T12:00:00Z"}
    await hospital.admin(BLOQUEAR, input={**longo, "motivo": "folga"})
    await hospital.consulta(await hospital.paciente(), profissional, "2031-04-08T05:00:00Z")
    dias = await _dias(hospital.recepcao, "2031-04-07", "2031-04-10", p=[profissional.id])
    assert [dia["dia"] for dia in dias] == ["2031-04-07", "2031-04-08", "2031-04-09", "2031-04-10"]
    assert [_itens(dia) for dia in dias] == [
        [("LIVRE", "00:00", "05:00")],
        [("CONSULTA", "05:00", "05:30"), ("LIVRE", "05:30", "06:00")],
        [("BLOQUEIO", "12:00", "04:00")],
        [("BLOQUEIO", "04:00", "12:00")],
    ]


async def test_a_block_is_on_the_days_of_each_zone_in_which_one_works(hospital: Hospital) -> None:
    """From 02:00 to 03:00 UTC it is still yesterday in Manaus; and of one unidade its days alone are shown."""
    aqui = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    la = await unidade(hospital, fuso="America/Manaus", abreNosFeriados=True)
    profissional = await hospital.profissional(sempre=False)
    turnos = [
        {"dia": dia, "inicio": de, "fim": ate, "unidadeId": onde}
        for dia in ("DOMINGO", "SEGUNDA")
        for de, ate, onde in (("00:00", "06:00", aqui), ("08:00", "12:00", la))
    ]
    feito = await hospital.admin(EXPEDIENTE, input={"profissionalId": profissional.id, "turnos": turnos})
    assert feito.recusas == [], feito.corpo
    bloqueio = {"inicio": f"{DIA}T02:00:00Z", "fim": f"{DIA}T03:00:00Z", "motivo": "x"}
    await hospital.admin(BLOQUEAR, input={"profissionalId": profissional.id, **bloqueio})

    async def bloqueados(**onde: str) -> set[tuple[str, str]]:
        dias = await _dias(hospital.recepcao, "2031-04-06", DIA, p=[profissional.id], **onde)
        return {(dia["dia"], dia["fuso"]) for dia in dias if any(item["bloqueio"] for item in dia["itens"])}

    assert await bloqueados() == {(DIA, "UTC"), ("2031-04-06", "America/Manaus")}
    assert await bloqueados(u=la) == {("2031-04-06", "America/Manaus")}
    assert await bloqueados(u=aqui) == {(DIA, "UTC")}


async def test_of_a_unidade_all_who_are_there_and_nothing_from_elsewhere(hospital: Hospital) -> None:
    onde, alhures = await unidade(hospital, fuso="UTC", abreNosFeriados=True), await unidade(hospital, fuso="UTC")
    um, outro = (
        await _que_atende(hospital, onde, ("08:00", "09:00")),
        await _que_atende(hospital, onde, ("08:30", "09:00")),
    )
    de_la = await _que_atende(hospital, alhures, ("08:00", "09:00"))
    paciente = await hospital.paciente()
    de_visita = {"pacienteId": paciente.id, "profissionalId": de_la.id, "inicio": f"{DIA}T10:00:00Z"}
    await hospital.recepcao(AGENDAR, input={**de_visita, "unidadeId": onde, "encaixe": JUSTA})
    (dia,) = await _dias(hospital.recepcao, u=onde)
    assert [(item["tipo"], item["inicio"][11:16], item["profissional"]["id"]) for item in dia["itens"]] == [
        ("LIVRE", "08:00", um.id),
        ("LIVRE", "08:30", outro.id),
        ("CONSULTA", "10:00", de_la.id),
    ]
    (so_um,) = await _dias(hospital.recepcao, u=onde, p=[um.id])
    assert _itens(so_um) == [("LIVRE", "08:00", "09:00")]
    assert await _dias(hospital.recepcao, u="uni_0") == []
    assert await _dias(hospital.recepcao, p=["prf_0"]) == []


async def test_each_sees_of_a_day_what_they_may_see_of_it(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    eu = await _que_atende(hospital, onde, ("08:00", "12:00"))
    colega, paciente = await hospital.profissional(), await hospital.paciente()
    dele = await hospital.consulta(paciente, eu, f"{DIA}T09:00:00Z")
    await hospital.consulta(await hospital.paciente(), eu, f"{DIA}T10:00:00Z")
    fechar = {"profissionalId": eu.id, "inicio": f"{DIA}T11:00:00Z", "fim": f"{DIA}T11:30:00Z", "motivo": "x"}
    await hospital.admin(BLOQUEAR, input=fechar)
    livres = [("LIVRE", "08:00", "09:00"), ("LIVRE", "09:30", "10:00"), ("LIVRE", "10:30", "11:00")]
    livres.append(("LIVRE", "11:30", "12:00"))
    (do_colega,) = await _dias(colega.cliente, p=[eu.id])
    assert _itens(do_colega) == livres, "when a colleague is free, and nothing of whom they see"
    (do_paciente,) = await _dias(paciente.cliente, p=[eu.id])
    assert _itens(do_paciente) == sorted([*livres, ("CONSULTA", "09:00", "09:30")], key=lambda item: item[1])
    assert [item["consulta"]["id"] for item in do_paciente["itens"] if item["consulta"]] == [dele]
    (meu,) = await _dias(eu.cliente)
    assert [tipo for tipo, *_ in _itens(meu)].count("CONSULTA") == 2
    assert ("BLOQUEIO", "11:00", "11:30") in _itens(meu)
    assert (await hospital.ninguem(VER, de=DIA, ate=DIA, p=[eu.id])).codigos == ["NAO_AUTENTICADO"]
    assert (await hospital.recepcao(VER, de=DIA, ate=DIA)).codigos == ["REQUISICAO_INVALIDA"]
    for de, ate in ((DIA, "2031-04-06"), (DIA, "2031-05-09")):
        assert (await hospital.recepcao(VER, de=de, ate=ate, p=[eu.id])).codigos == ["REQUISICAO_INVALIDA"]


async def test_a_week_of_many_costs_the_statements_of_a_day_of_one(hospital: Hospital) -> None:
    deles = [await hospital.profissional() for _ in range(4)]
    for n, profissional in enumerate(deles):
        fechar = {"profissionalId": profissional.id, "inicio": f"{DIA}T20:00:00Z", "fim": f"{DIA}T21:00:00Z"}
        await hospital.admin(BLOQUEAR, input={**fechar, "motivo": "x"})
        for dia in range(7, 10):
            await hospital.consulta(await hospital.paciente(), profissional, f"2031-04-{dia:02}T{10 + n}:00:00Z")
    contados = []
    for ate, quais in ((DIA, deles[:1]), ("2031-04-13", deles)):
        async with recorded(hospital.dono) as log:
            dias = await _dias(hospital.recepcao, DIA, ate, p=[um.id for um in quais])
        assert any(item["consulta"] for dia in dias for item in dia["itens"])
        contados.append(len([um for um in log.names if not um.startswith(("acesso.", "auditoria."))]))
    assert contados[0] == contados[1]


async def test_what_is_over_is_free_no_more(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    hoje = datetime.now(UTC)
    (dia,) = await _dias(hospital.recepcao, f"{hoje:%Y-%m-%d}", f"{hoje:%Y-%m-%d}", p=[profissional.id])
    livres = [datetime.fromisoformat(item["inicio"]) for item in dia["itens"]]
    assert all(inicio >= hoje and inicio.minute % 5 == 0 for inicio in livres)
    (ontem,) = await _dias(
        hospital.recepcao, f"{hoje - timedelta(days=1):%Y-%m-%d}", f"{hoje - timedelta(days=1):%Y-%m-%d}",
        p=[profissional.id],
    )  # fmt: skip
    assert ontem["itens"] == []


async def test_a_full_day_is_shown_and_more_than_was_counted_on_is_refused(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    pacientes = [await hospital.paciente() for _ in range(2)]
    for n in range(32):
        hora = f"{DIA}T{8 + n // 3:02}:{n % 3 * 20:02}:00Z"
        await hospital.consulta(pacientes[n % 2], profissional, hora, duracaoEmMinutos=5)
    (dia,) = await _dias(hospital.recepcao, p=[profissional.id])
    assert len(dia["itens"]) == 32 + 33

    async def fechar(tx: Transaction) -> None:
        for n in range(140):
            tx.write(
                "INSERT INTO bloqueio (id, profissional_id, inicio, fim, motivo, criado_em) VALUES (%(id)s, %(p)s,"
                " %(de)s, %(de)s + INTERVAL 5 MINUTE, 'x', %(de)s)",
                id=ids.nova_chave(),
                p=chave(profissional.id),
                de=datetime(2031, 4, 7) + timedelta(minutes=10 * n),  # noqa: DTZ001 - naive UTC
            )

    await hospital.dono.transaction(fechar)
    assert (await hospital.recepcao(VER, de=DIA, ate=DIA, p=[profissional.id])).codigos == ["REQUISICAO_INVALIDA"]


async def test_who_attends_no_more_is_free_at_no_time(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    usuario = (await profissional.cliente("{ eu { id } }")).data["eu"]["id"]
    desativar = 'mutation($u: ID!) { desativarUsuario(usuarioId: $u, motivo: "saiu") { erros { codigo } } }'
    assert (await hospital.admin(desativar, u=usuario)).recusas == []
    (dia,) = await _dias(hospital.recepcao, p=[profissional.id])
    assert dia["itens"] == []


_ZERO = datetime(2031, 4, 7)  # noqa: DTZ001 - naive UTC


@given(
    inicio=st.integers(0, 40), quantas=st.integers(0, 60), tomadas=st.sets(st.integers(0, 110)),
    fechados=st.lists(st.tuples(st.integers(-60, 520), st.integers(1, 200)), max_size=3),
)  # fmt: skip
def test_free_stretches_are_those_that_a_walk_over_the_minutes_finds(
    inicio: int, quantas: int, tomadas: set[int], fechados: list[tuple[int, int]]
) -> None:
    trecho = Intervalo(_ZERO + inicio * CELULA, _ZERO + (inicio + quantas) * CELULA)
    blocos = [Intervalo(_ZERO + timedelta(minutes=de), _ZERO + timedelta(minutes=de + m)) for de, m in fechados]
    ocupada = sum(1 << tomada for tomada in tomadas)
    achados = list(trechos_livres(trecho, blocos, ocupada, celula(_ZERO)))
    livre = [
        n not in tomadas and not any(um.toca(Intervalo(_ZERO + n * CELULA, _ZERO + (n + 1) * CELULA)) for um in blocos)
        for n in range(inicio, inicio + quantas)
    ]
    assert [
        any(um.inicio <= _ZERO + n * CELULA < um.fim for um in achados) for n in range(inicio, inicio + quantas)
    ] == livre
    assert all(um.fim < outro.inicio for um, outro in itertools.pairwise(achados)), "each as long as it is"
    assert all(trecho.contem(um) for um in achados)


@given(st.integers(-500, 500))
def test_from_now_on_is_from_the_next_cell_on(segundos: int) -> None:
    trecho = Intervalo(_ZERO, _ZERO + timedelta(hours=1))
    instante = _ZERO + timedelta(seconds=segundos)
    daqui = a_partir_de(trecho, instante).inicio
    assert daqui >= max(instante, _ZERO)
    assert daqui - max(instante, _ZERO) < CELULA
    assert (daqui - _ZERO) % CELULA == timedelta()


@pytest.mark.parametrize("fuso", ["America/Sao_Paulo", "America/Santiago", "Europe/Lisbon", "UTC"])
@given(horas=st.integers(0, 24 * 400), duracao=st.integers(1, 24 * 10))
def test_what_touches_days_is_divided_among_them(fuso: str, horas: int, duracao: int) -> None:
    inteiro = Intervalo(_ZERO + timedelta(hours=horas), _ZERO + timedelta(hours=horas + duracao))
    primeiro, ultimo = _ZERO.date() - timedelta(days=2), _ZERO.date() + timedelta(days=450)
    partes = list(por_dia(inteiro, primeiro, ultimo, fuso))
    assert partes[0][1].inicio == inteiro.inicio
    assert partes[-1][1].fim == inteiro.fim
    assert all(um[1].fim == outro[1].inicio for um, outro in itertools.pairwise(partes))
    assert [dia for dia, _ in partes] == sorted({dia for dia, _ in partes})
