"""Booking over what there is, holding a time, booking a series, and moving to another profissional."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sghss_graphql.app import create_app
from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.andamento.porta import conferir
from tests.cadastro.unidades.test_unidades import ATUALIZAR_TIPO, ATUALIZAR_UNIDADE, sala, tipo, unidade
from tests.hospital import (
    AGENDAR,
    ATUALIZAR,
    ATUALIZAR_PACIENTE,
    BLOQUEAR,
    CANCELAR,
    CHAVE,
    EXPEDIENTE,
    REMARCAR,
    SENHA_DE_TESTE,
    Cliente,
    Hospital,
    Pessoa,
    Resposta,
    chave,
)
from tests.wire import connected

RESERVAR = (
    "mutation($input: ReservarHorarioInput!) { reservarHorario(input: $input) { reserva { id expiraEm"
    " horario { inicio fim profissional { id } unidade { id } sala { id } tipo { id } modalidades } }"
    " horariosProximos { inicio } erros { codigo mensagem campo } } }"
)
LIBERAR = "mutation($id: ID!) { liberarReserva(reservaId: $id) { idRemovido reserva { id } erros { codigo campo } } }"
SERIE = (
    "mutation($input: AgendarSerieInput!) { agendarSerie(input: $input) { consultas { id serieId inicio dia hora"
    " unidade { id } } conflitos erros { codigo mensagem campo } } }"
)
VER = (
    "query($id: ID!) { consulta(id: $id) { inicio encaixe serieId situacao sala { id } unidade { id }"
    " profissional { id } historico { situacao motivo papel } } }"
)
LIVRES = "query($p: ID!, $d: Date!) { profissional(id: $p) { horariosDisponiveis(de: $d, ate: $d) { inicio } } }"
DIA = "2031-04-07"
JUSTA = {"justificativa": "Veio sem marcar, com dor."}


def _as(hora: str) -> str:
    return f"{DIA}T{hora}:00Z"


def _pedido(paciente: Pessoa, profissional: Pessoa, hora: str = "10:00", **mais: Any) -> dict[str, Any]:
    return {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": _as(hora), **mais}


async def _livres(hospital: Hospital, profissional: Pessoa) -> set[str]:
    vistos = (await hospital.recepcao(LIVRES, p=profissional.id, d=DIA)).data["profissional"]["horariosDisponiveis"]
    return {vaga["inicio"][11:16] for vaga in vistos}


async def _faixas(hospital: Hospital, profissional: Pessoa) -> dict[str, list[int]]:
    """Give which lanes of a profissional are taken at each time of the day, by the half hour."""
    linhas = await hospital.dono.select(
        "SELECT k.celula, k.faixa FROM tempo k JOIN profissional m ON m.pessoa_id = k.coisa_id WHERE m.id = %(p)s"
        " ORDER BY k.celula, k.faixa",
        p=chave(profissional.id),
    )
    delas: dict[str, list[int]] = {}
    for celula, faixa in linhas:
        quando = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * celula)
        if quando.minute % 30 == 0:
            delas.setdefault(f"{quando:%H:%M}", []).append(faixa)
    return delas


def _feita(resposta: Resposta) -> str:
    (payload,) = resposta.data.values()
    assert payload["erros"] == [], payload
    return str(payload["consulta"]["id"])


# ───────────────────────── encaixe ─────────────────────────
async def test_an_encaixe_goes_over_what_there_is_and_is_remembered(hospital: Hospital) -> None:
    profissional, um, outro = await hospital.profissional(), await hospital.paciente(), await hospital.paciente()
    await hospital.consulta(um, profissional, _as("10:00"))
    pedido = _pedido(outro, profissional, "10:15")
    assert (await hospital.recepcao(AGENDAR, input=pedido)).recusas == ["HORARIO_INDISPONIVEL"]
    encaixada = _feita(await hospital.recepcao(AGENDAR, input={**pedido, "encaixe": JUSTA}))
    vista = (await hospital.recepcao(VER, id=encaixada)).data["consulta"]
    assert vista["encaixe"] is True
    assert vista["historico"] == [{"situacao": "AGENDADA", "motivo": JUSTA["justificativa"], "papel": "RECEPCAO"}]
    assert await _faixas(hospital, profissional) == {"10:00": [0], "10:30": [0]}
    atos = await hospital.dono.select("SELECT ato FROM auditoria WHERE alvo_id = %(c)s", c=chave(encaixada))
    assert ("ENCAIXAR_CONSULTA",) in atos
    assert "10:30" not in await _livres(hospital, profissional), "what is left of its time is nobody else's"
    terceiro = await hospital.paciente()
    ordinaria = _pedido(terceiro, profissional, "10:30")
    assert (await hospital.recepcao(AGENDAR, input=ordinaria)).recusas == ["HORARIO_INDISPONIVEL"]


async def test_what_is_under_an_encaixe_goes_and_nobody_books_beside_it(hospital: Hospital) -> None:
    profissional, um, outro = await hospital.profissional(), await hospital.paciente(), await hospital.paciente()
    de_baixo = await hospital.consulta(um, profissional, _as("10:00"))
    de_cima = _feita(await hospital.recepcao(AGENDAR, input=_pedido(outro, profissional, encaixe=JUSTA)))
    assert await _faixas(hospital, profissional) == {"10:00": [0, 1]}
    await hospital.recepcao(CANCELAR, input={"consultaId": de_baixo, "motivo": "x"})
    assert await _faixas(hospital, profissional) == {"10:00": [0]}
    terceiro = _pedido(await hospital.paciente(), profissional)
    assert (await hospital.recepcao(AGENDAR, input=terceiro)).recusas == ["HORARIO_INDISPONIVEL"]
    await hospital.recepcao(CANCELAR, input={"consultaId": de_cima, "motivo": "x"})
    assert (await hospital.recepcao(AGENDAR, input=terceiro)).recusas == []


async def test_the_lanes_close_up_whichever_goes_first(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    feitas = [await hospital.consulta(await hospital.paciente(), profissional, _as("10:00"))]
    for hora in ("09:45", "10:00", "10:15"):
        pedido = _pedido(await hospital.paciente(), profissional, hora, encaixe=JUSTA)
        feitas.append(_feita(await hospital.recepcao(AGENDAR, input=pedido)))
    assert await _faixas(hospital, profissional) == {"10:00": [0, 1, 2], "10:30": [0]}
    for consulta in (feitas[1], feitas[0], feitas[3]):
        await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})
        linhas = await hospital.dono.select(
            "SELECT k.celula, COUNT(*), MAX(k.faixa) FROM tempo k JOIN profissional m ON m.pessoa_id = k.coisa_id"
            " WHERE m.id = %(p)s GROUP BY k.celula",
            p=chave(profissional.id),
        )
        assert linhas
        assert all(mais_alta == quantas - 1 for _, quantas, mais_alta in linhas)


async def test_an_encaixe_is_booked_where_nobody_works_too(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente()
    segunda = {"dia": "SEGUNDA", "inicio": "08:00", "fim": "09:00", "unidadeId": onde}
    await hospital.admin(EXPEDIENTE, input={"profissionalId": profissional.id, "turnos": [segunda]})
    pedido = _pedido(paciente, profissional, "20:00")
    assert (await hospital.recepcao(AGENDAR, input=pedido)).recusas == ["FORA_DO_EXPEDIENTE"]
    feita = _feita(await hospital.recepcao(AGENDAR, input={**pedido, "encaixe": JUSTA}))
    assert (await hospital.recepcao(VER, id=feita)).data["consulta"]["unidade"] == {"id": onde}
    outra = await unidade(hospital, fuso="UTC")
    la = {**_pedido(await hospital.paciente(), profissional, "21:00", unidadeId=outra), "encaixe": JUSTA}
    feita = _feita(await hospital.recepcao(AGENDAR, input=la))
    assert (await hospital.recepcao(VER, id=feita)).data["consulta"]["unidade"] == {"id": outra}
    bloqueio = {"profissionalId": profissional.id, "inicio": _as("08:00"), "fim": _as("09:00"), "motivo": "curso"}
    await hospital.admin(BLOQUEAR, input=bloqueio)
    dentro = _pedido(await hospital.paciente(), profissional, "08:00", encaixe=JUSTA)
    assert (await hospital.recepcao(AGENDAR, input=dentro)).recusas == []
    sem_lugar = await hospital.profissional(sempre=False)
    recusada = _pedido(await hospital.paciente(), sem_lugar, encaixe=JUSTA)
    resposta = await hospital.recepcao(AGENDAR, input=recusada)
    assert resposta.recusas == ["VALOR_INVALIDO"], "a hospital of several unidades has to say in which"
    assert resposta.data["agendarConsulta"]["erros"][0]["campo"] == ["input", "unidadeId"]


async def test_four_encaixes_at_one_time_and_no_more(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    pacientes = [await hospital.paciente() for _ in range(8)]
    feitas = await asyncio.gather(
        *(
            hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, encaixe=JUSTA))
            for paciente in pacientes[:7]
        )
    )
    recusas = sorted(str(feita.recusas) for feita in feitas)
    assert recusas == ["['HORARIO_INDISPONIVEL']"] * 3 + ["[]"] * 4
    assert await _faixas(hospital, profissional) == {"10:00": [0, 1, 2, 3]}
    cheia = await hospital.recepcao(AGENDAR, input=_pedido(pacientes[7], profissional, encaixe=JUSTA))
    assert "encaixes" in cheia.data["agendarConsulta"]["erros"][0]["mensagem"]


async def test_who_is_attended_then_attends_nobody_beside_and_nor_does_a_paciente_who_is_elsewhere(
    hospital: Hospital,
) -> None:
    profissional, outro, paciente = (
        await hospital.profissional(),
        await hospital.profissional(),
        await hospital.paciente(),
    )
    como_paciente = await hospital.tambem_paciente(profissional)
    await hospital.consulta(como_paciente, outro, _as("10:00"))
    recusada = await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, "10:15", encaixe=JUSTA))
    assert recusada.recusas == ["HORARIO_INDISPONIVEL"]
    assert "é atendido" in recusada.data["agendarConsulta"]["erros"][0]["mensagem"]
    await hospital.consulta(paciente, outro, _as("12:00"))
    assert (
        await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, "12:00", encaixe=JUSTA))
    ).recusas == ["HORARIO_INDISPONIVEL"], "nobody is attended twice at one time"
    await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, "14:00", encaixe=JUSTA))
    assert (await hospital.recepcao(AGENDAR, input=_pedido(como_paciente, outro, "14:00"))).recusas == [
        "HORARIO_INDISPONIVEL"
    ]


async def test_the_shifts_sala_is_left_to_whom_it_is_taken_by(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    nela, outra = await sala(hospital, onde), await sala(hospital, onde, nome="Outra")
    que_pede = await tipo(hospital, exigeSala=True, duracaoEmMinutos=30)
    profissional = await hospital.profissional(sempre=False)
    await hospital.sempre_em(profissional.id, onde, salaId=nela)
    await hospital.consulta(await hospital.paciente(), profissional, _as("10:00"))

    async def encaixada(hora: str, **mais: Any) -> Any:
        pedido = _pedido(await hospital.paciente(), profissional, hora, encaixe=JUSTA, **mais)
        feita = _feita(await hospital.recepcao(AGENDAR, input=pedido))
        return (await hospital.recepcao(VER, id=feita)).data["consulta"]["sala"]

    assert await encaixada("10:00") is None, "it is next door to the one that is taken"
    assert await encaixada("12:00") == {"id": nela}
    assert await encaixada("10:00", tipoId=que_pede) == {"id": outra}
    cheia = _pedido(await hospital.paciente(), profissional, tipoId=que_pede, encaixe=JUSTA)
    assert (await hospital.recepcao(AGENDAR, input=cheia)).recusas == ["SALA_INDISPONIVEL"]


@pytest.mark.parametrize("justificativa", ["", "   ", "x" * 1_001])
async def test_an_encaixe_says_why(hospital: Hospital, justificativa: str) -> None:
    pedido = _pedido(await hospital.paciente(), await hospital.profissional())
    resposta = await hospital.recepcao(AGENDAR, input={**pedido, "encaixe": {"justificativa": justificativa}})
    assert [(erro["codigo"], erro["campo"]) for erro in resposta.data["agendarConsulta"]["erros"]] == [
        ("VALOR_INVALIDO", ["input", "encaixe", "justificativa"])
    ]


async def test_a_paciente_books_over_nothing(hospital: Hospital) -> None:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    pedido = _pedido(paciente, profissional, encaixe=JUSTA)
    assert (await paciente.cliente(AGENDAR, input=pedido)).codigos == ["PROIBIDO"]
    consulta = await hospital.consulta(paciente, profissional, _as("10:00"))
    mudanca = {"consultaId": consulta, "inicio": _as("11:00"), "encaixe": JUSTA}
    assert (await paciente.cliente(REMARCAR, input=mudanca)).codigos == ["PROIBIDO"]
    assert (await profissional.cliente(REMARCAR, input=mudanca)).recusas == [], "who attends does, on their own agenda"


async def test_an_encaixe_that_is_moved_is_one_no_more_and_the_other_way_round(hospital: Hospital) -> None:
    profissional, um, outro = await hospital.profissional(), await hospital.paciente(), await hospital.paciente()
    fica = await hospital.consulta(um, profissional, _as("10:00"))
    outra = await hospital.consulta(outro, profissional, _as("12:00"))
    mudanca = {"consultaId": outra, "inicio": _as("10:00")}
    assert (await hospital.recepcao(REMARCAR, input=mudanca)).recusas == ["HORARIO_INDISPONIVEL"]
    assert (await hospital.recepcao(REMARCAR, input={**mudanca, "encaixe": JUSTA})).recusas == []
    assert (await hospital.recepcao(VER, id=outra)).data["consulta"]["encaixe"] is True
    assert (await hospital.recepcao(REMARCAR, input={"consultaId": fica, "inicio": _as("14:00")})).recusas == []
    assert await _faixas(hospital, profissional) == {"10:00": [0], "14:00": [0]}
    assert (await hospital.recepcao(REMARCAR, input={"consultaId": outra, "inicio": _as("15:00")})).recusas == []
    assert (await hospital.recepcao(VER, id=outra)).data["consulta"]["encaixe"] is False


async def test_an_encaixe_that_is_moved_goes_where_who_attends_is_then(hospital: Hospital) -> None:
    a, b = [await unidade(hospital, fuso="UTC", abreNosFeriados=True) for _ in range(2)]
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente()
    turnos = [
        {"dia": dia, "inicio": "08:00", "fim": "12:00", "unidadeId": onde}
        for dia, onde in (("SEGUNDA", a), ("QUARTA", b))
    ]
    await hospital.admin(EXPEDIENTE, input={"profissionalId": profissional.id, "turnos": turnos})
    consulta = await hospital.consulta(paciente, profissional, _as("10:00"))
    mudanca = {"consultaId": consulta, "inicio": "2031-04-09T10:00:00Z", "encaixe": JUSTA}
    assert (await hospital.recepcao(REMARCAR, input=mudanca)).recusas == []
    assert (await hospital.recepcao(VER, id=consulta)).data["consulta"]["unidade"] == {"id": b}
    fora = {**mudanca, "inicio": "2031-04-10T10:00:00Z"}
    assert (await hospital.recepcao(REMARCAR, input=fora)).recusas == []
    assert (await hospital.recepcao(VER, id=consulta)).data["consulta"]["unidade"] == {"id": b}, "where it was"
    nela = await sala(hospital, a)
    await hospital.admin(ATUALIZAR_UNIDADE, id=a, i={"nome": "Fechada", "fuso": "UTC", "ativa": False})
    la = {**_pedido(await hospital.paciente(), profissional, "20:00"), "salaId": nela, "encaixe": JUSTA}
    assert (await hospital.recepcao(AGENDAR, input=la)).recusas == ["NAO_ENCONTRADO"]


async def test_where_none_may_be_none_is(hospital: Hospital) -> None:
    nenhum = create_app(hospital.settings.model_copy(update={"encaixes": 0}))
    async with connected(nenhum) as http:
        recepcao = Cliente(http, hospital.recepcao.token)
        fora = {**_pedido(await hospital.paciente(), await hospital.profissional()), "encaixe": JUSTA}
        assert (await recepcao(AGENDAR, input=fora)).recusas == ["HORARIO_INDISPONIVEL"]


# ───────────────────────── reservas ─────────────────────────
def _reserva(profissional: Pessoa, hora: str = "10:00", **mais: Any) -> dict[str, Any]:
    return {"profissionalId": profissional.id, "inicio": _as(hora), **mais}


async def _reservada(quem: Any, profissional: Pessoa, hora: str = "10:00", **mais: Any) -> dict[str, Any]:
    payload = (await quem(RESERVAR, input=_reserva(profissional, hora, **mais))).data["reservarHorario"]
    assert payload["erros"] == [], payload
    return dict(payload["reserva"])


async def _expirar(hospital: Hospital, reserva: dict[str, Any]) -> None:
    for sql in (
        "UPDATE reserva SET expira_em = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = %(r)s",
        "UPDATE tempo SET ate = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE reserva_id = %(r)s",
    ):
        await hospital.dono.execute(sql, r=chave(reserva["id"]))


async def _celulas_de(hospital: Hospital, reserva: dict[str, Any]) -> int:
    ((quantas,),) = await hospital.dono.select(
        "SELECT COUNT(*) FROM tempo WHERE reserva_id = %(r)s", r=chave(reserva["id"])
    )
    return int(quantas)


async def test_a_time_that_is_held_is_its_holders_until_it_is_booked(hospital: Hospital) -> None:
    profissional, paciente, outro = await hospital.profissional(), await hospital.paciente(), await hospital.paciente()
    reserva = await _reservada(paciente.cliente, profissional)
    assert reserva["horario"]["profissional"] == {"id": profissional.id}
    falta = datetime.fromisoformat(reserva["expiraEm"]) - datetime.now(UTC)
    assert timedelta(minutes=4) < falta <= timedelta(minutes=5)
    assert "10:00" not in await _livres(hospital, profissional)
    recusada = await outro.cliente(AGENDAR, input=_pedido(outro, profissional))
    assert recusada.recusas == ["HORARIO_INDISPONIVEL"]
    assert "reservado" in recusada.data["agendarConsulta"]["erros"][0]["mensagem"]
    assert (await outro.cliente(RESERVAR, input=_reserva(profissional))).recusas == ["HORARIO_INDISPONIVEL"]
    alheia = _pedido(outro, profissional, reservaId=reserva["id"])
    assert (await outro.cliente(AGENDAR, input=alheia)).recusas == ["RESERVA_EXPIRADA"]
    feita = _feita(await paciente.cliente(AGENDAR, input=_pedido(paciente, profissional, reservaId=reserva["id"])))
    assert await _celulas_de(hospital, reserva) == 0
    de_novo = _pedido(paciente, profissional, reservaId=reserva["id"])
    assert (await paciente.cliente(AGENDAR, input=de_novo)).recusas == ["RESERVA_EXPIRADA"]
    achado = await conferir(hospital.dono)
    assert feita not in (*achado.sem_tempo, *achado.com_tempo_alheio)


async def test_a_hold_that_has_expired_counts_for_nothing(hospital: Hospital) -> None:
    profissional, paciente, outro = await hospital.profissional(), await hospital.paciente(), await hospital.paciente()
    reserva = await _reservada(paciente.cliente, profissional)
    await _expirar(hospital, reserva)
    assert "10:00" in await _livres(hospital, profissional)
    assert (await paciente.cliente("query($id: ID!) { node(id: $id) { id } }", id=reserva["id"])).data["node"] is None
    assert (await paciente.cliente(LIBERAR, id=reserva["id"])).recusas == ["NAO_ENCONTRADO"]
    tarde = _pedido(paciente, profissional, reservaId=reserva["id"])
    assert (await paciente.cliente(AGENDAR, input=tarde)).recusas == ["RESERVA_EXPIRADA"]
    feita = _feita(await outro.cliente(AGENDAR, input=_pedido(outro, profissional)))
    assert await _celulas_de(hospital, reserva) == 0
    achado = await conferir(hospital.dono)
    assert feita not in (*achado.sem_tempo, *achado.com_tempo_alheio)


async def test_a_hold_is_let_go_by_its_holder_alone_and_swept_when_it_has_expired(hospital: Hospital) -> None:
    profissional, paciente, outro = await hospital.profissional(), await hospital.paciente(), await hospital.paciente()
    reserva = await _reservada(paciente.cliente, profissional)
    assert (await outro.cliente(LIBERAR, id=reserva["id"])).recusas == ["NAO_ENCONTRADO"]
    assert (await outro.cliente("query($id: ID!) { node(id: $id) { id } }", id=reserva["id"])).data["node"] is None
    solta = (await paciente.cliente(LIBERAR, id=reserva["id"])).data["liberarReserva"]
    assert (solta["erros"], solta["idRemovido"]) == ([], reserva["id"])
    assert "10:00" in await _livres(hospital, profissional)
    assert (await paciente.cliente(LIBERAR, id=reserva["id"])).recusas == ["NAO_ENCONTRADO"]
    outra = await _reservada(paciente.cliente, profissional, "11:00")
    await _expirar(hospital, outra)
    await agenda.varrer(hospital.dono)
    assert await _celulas_de(hospital, outra) == 0
    assert await hospital.dono.select("SELECT 1 FROM reserva WHERE id = %(r)s", r=chave(outra["id"])) == []


async def test_a_paciente_holds_one_time_and_the_desk_five_the_oldest_of_which_goes(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    recepcao = await hospital.funcionario("RECEPCAO")
    primeira = await _reservada(paciente.cliente, profissional, "08:00")
    segunda = await _reservada(paciente.cliente, profissional, "08:30")
    assert [await _celulas_de(hospital, uma) for uma in (primeira, segunda)] == [0, 6]
    mesma = await _reservada(paciente.cliente, profissional, "08:30")
    assert [await _celulas_de(hospital, uma) for uma in (segunda, mesma)] == [0, 6], "asked again it is held anew"
    dela = [await _reservada(recepcao.cliente, profissional, f"{10 + n}:00") for n in range(6)]
    assert [await _celulas_de(hospital, uma) for uma in dela] == [0, 6, 6, 6, 6, 6]
    ao_mesmo_tempo = await asyncio.gather(
        *(paciente.cliente(RESERVAR, input=_reserva(profissional, f"{18 + n}:00")) for n in range(4))
    )
    assert all(resposta.recusas == [] for resposta in ao_mesmo_tempo)
    ((quantas,),) = await hospital.dono.select(
        "SELECT COUNT(*) FROM reserva r JOIN usuario u ON u.id = r.usuario_id JOIN paciente p"
        " ON p.pessoa_id = u.pessoa_id WHERE p.id = %(p)s",
        p=chave(paciente.id),
    )
    assert quantas == 1


async def test_a_hold_is_refused_as_a_booking_would_be(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    so_da_equipe = await tipo(hospital, autoagendamento=False)
    ontem = (datetime.now(UTC) - timedelta(days=1)).replace(minute=0, second=0, microsecond=0).isoformat()
    bloqueio = {"profissionalId": profissional.id, "inicio": _as("20:00"), "fim": _as("21:00"), "motivo": "curso"}
    await hospital.admin(BLOQUEAR, input=bloqueio)
    parado = await hospital.profissional(sempre=False)
    for pedido, codigo in (
        ({**_reserva(profissional), "profissionalId": paciente.id}, "NAO_ENCONTRADO"),
        ({**_reserva(profissional), "tipoId": paciente.id}, "NAO_ENCONTRADO"),
        ({**_reserva(profissional), "inicio": ontem}, "HORARIO_NO_PASSADO"),
        ({**_reserva(profissional), "tipoId": so_da_equipe}, "FORA_DO_PRAZO"),
        (_reserva(profissional, "20:00"), "AGENDA_BLOQUEADA"),
        (_reserva(parado), "FORA_DO_EXPEDIENTE"),
        (_reserva(profissional, "10:01"), "VALOR_INVALIDO"),
        (_reserva(profissional, duracaoEmMinutos=7), "VALOR_INVALIDO"),
    ):
        assert (await paciente.cliente(RESERVAR, input=pedido)).recusas == [codigo], pedido
    ela_mesma = await hospital.tambem_paciente(profissional)
    assert (await profissional.cliente(RESERVAR, input=_reserva(profissional))).recusas == []
    assert ela_mesma.id


async def test_a_hold_is_booked_as_what_was_held(hospital: Hospital) -> None:
    profissional, outro, paciente = (
        await hospital.profissional(),
        await hospital.profissional(),
        await hospital.paciente(),
    )
    reserva = await _reservada(hospital.recepcao, profissional)
    certo = _pedido(paciente, profissional, reservaId=reserva["id"])
    for mudado in (
        {"profissionalId": outro.id},
        {"inicio": _as("10:05")},
        {"duracaoEmMinutos": 60},
        {"tipoId": await tipo(hospital, duracaoEmMinutos=30)},
        {"encaixe": JUSTA},
    ):
        resposta = await hospital.recepcao(AGENDAR, input={**certo, **mudado})
        assert resposta.recusas == ["VALOR_INVALIDO"], mudado
        assert resposta.data["agendarConsulta"]["erros"][0]["campo"] == ["input", "reservaId"]
    assert await _celulas_de(hospital, reserva) == 6, "a refusal leaves it as it is"
    _feita(await hospital.recepcao(AGENDAR, input=certo))
    de_mudar = await _reservada(hospital.recepcao, profissional, "15:00")
    consulta = await hospital.consulta(await hospital.paciente(), profissional, _as("12:00"))
    mudanca = {"consultaId": consulta, "inicio": _as("15:00"), "reservaId": de_mudar["id"]}
    assert (await hospital.recepcao(REMARCAR, input=mudanca)).recusas == []
    assert await _celulas_de(hospital, de_mudar) == 0
    achado = await conferir(hospital.dono)
    assert consulta not in (*achado.sem_tempo, *achado.com_tempo_alheio)


async def test_a_sala_is_held_with_the_time_where_the_kind_needs_one(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    nela = await sala(hospital, onde)
    que_pede = await tipo(hospital, exigeSala=True, duracaoEmMinutos=30, intervaloEmMinutos=10)
    um, outro = await hospital.profissional(sempre=False), await hospital.profissional(sempre=False)
    for profissional in (um, outro):
        await hospital.sempre_em(profissional.id, onde)
    reserva = await _reservada(hospital.recepcao, um, tipoId=que_pede)
    assert reserva["horario"]["sala"] == {"id": nela}
    assert await _celulas_de(hospital, reserva) == 16
    assert (await hospital.recepcao(RESERVAR, input=_reserva(outro, tipoId=que_pede))).recusas == ["SALA_INDISPONIVEL"]
    paciente = await hospital.paciente()
    feita = _feita(
        await hospital.recepcao(AGENDAR, input=_pedido(paciente, um, tipoId=que_pede, reservaId=reserva["id"]))
    )
    assert (await hospital.recepcao(VER, id=feita)).data["consulta"]["sala"] == {"id": nela}
    segunda = await _reservada(hospital.recepcao, um, "12:00", tipoId=que_pede)
    await _expirar(hospital, segunda)
    pedido = _pedido(paciente, outro, "12:00", tipoId=que_pede)
    assert (await hospital.recepcao(AGENDAR, input=pedido)).recusas == [], "the expired hold's sala is free"


async def test_two_first_holds_at_once_are_two_or_one_and_neither_is_refused_for_the_other(hospital: Hospital) -> None:
    for _ in range(6):
        profissional, paciente = await hospital.profissional(), await hospital.paciente()
        recepcao = await hospital.funcionario("RECEPCAO")
        for quem, ficam in ((paciente, 1), (recepcao, 3)):
            feitas = await asyncio.gather(
                *(quem.cliente(RESERVAR, input=_reserva(profissional, f"{9 + 3 * ficam + n}:00")) for n in range(3))
            )
            assert [feita.recusas for feita in feitas] == [[], [], []]
            quantas = 0
            for feita in feitas:
                quantas += await _celulas_de(hospital, feita.data["reservarHorario"]["reserva"]) > 0
            assert quantas == ficam


async def test_a_sala_that_is_taken_or_held_is_told_as_a_sala(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    nela = await sala(hospital, onde)
    um, outro = await hospital.profissional(sempre=False), await hospital.profissional(sempre=False)
    for profissional in (um, outro):
        await hospital.sempre_em(profissional.id, onde, salaId=nela)
    await hospital.consulta(await hospital.paciente(), um, _as("10:00"))
    assert (await hospital.recepcao(RESERVAR, input=_reserva(outro))).recusas == ["SALA_INDISPONIVEL"]
    await _reservada(hospital.recepcao, um, "12:00")
    marcada = await hospital.recepcao(AGENDAR, input=_pedido(await hospital.paciente(), outro, "12:00"))
    assert marcada.recusas == ["SALA_INDISPONIVEL"]
    assert "sala está reservada" in marcada.data["agendarConsulta"]["erros"][0]["mensagem"]


async def test_ones_own_hold_is_told_as_ones_own(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    await _reservada(paciente.cliente, profissional)
    esquecida = await paciente.cliente(AGENDAR, input=_pedido(paciente, profissional))
    assert esquecida.recusas == ["HORARIO_INDISPONIVEL"]
    assert "reservaId" in esquecida.data["agendarConsulta"]["erros"][0]["mensagem"]


async def test_a_hold_doesn_t_outlive_the_hours_and_the_kind_that_it_was_of(hospital: Hospital) -> None:
    a, b = [await unidade(hospital, fuso="UTC", abreNosFeriados=True) for _ in range(2)]
    nela, um_tipo = await sala(hospital, a), await tipo(hospital, duracaoEmMinutos=30)
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente()
    await hospital.sempre_em(profissional.id, a, salaId=nela)
    mudada = await _reservada(hospital.recepcao, profissional)
    do_tipo = await _reservada(hospital.recepcao, profissional, "14:00", tipoId=um_tipo)
    consulta = await hospital.consulta(paciente, profissional, _as("16:00"), tipoId=um_tipo)
    mais_longo = {"nome": "Com pausa", "duracaoEmMinutos": 30, "intervaloEmMinutos": 15}
    await hospital.admin(ATUALIZAR_TIPO, id=um_tipo, i=mais_longo)
    com_o_tipo = _pedido(await hospital.paciente(), profissional, "14:00", tipoId=um_tipo, reservaId=do_tipo["id"])
    assert (await hospital.recepcao(AGENDAR, input=com_o_tipo)).recusas == ["RESERVA_EXPIRADA"]
    depois = await _reservada(hospital.recepcao, profissional, "18:00", tipoId=um_tipo)
    mudanca = {"consultaId": consulta, "inicio": _as("18:00"), "reservaId": depois["id"]}
    assert (await hospital.recepcao(REMARCAR, input=mudanca)).recusas == ["RESERVA_EXPIRADA"]
    await hospital.sempre_em(profissional.id, b)
    pedido = _pedido(await hospital.paciente(), profissional, reservaId=mudada["id"])
    assert (await hospital.recepcao(AGENDAR, input=pedido)).recusas == ["RESERVA_EXPIRADA"]


async def test_who_attends_and_is_attended_holds_as_both(hospital: Hospital) -> None:
    eu, outro = await hospital.profissional(), await hospital.profissional()
    await hospital.tambem_paciente(eu)
    cliente = await hospital.ninguem.entrar(eu.cpf, SENHA_DE_TESTE)
    minhas = [await _reservada(cliente, eu, f"{9 + n:02}:00") for n in range(5)]
    como_paciente = [await _reservada(cliente, outro, f"{18 + n}:00") for n in range(2)]
    assert [await _celulas_de(hospital, uma) for uma in minhas] == [6] * 5
    assert [await _celulas_de(hospital, uma) for uma in como_paciente] == [0, 6]


async def test_a_hold_that_is_over_replays_as_over(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    feita = CHAVE.set("reservar-e-usar")
    try:
        uma = await _reservada(paciente.cliente, profissional)
        await _expirar(hospital, uma)
        de_novo = (await paciente.cliente(RESERVAR, input=_reserva(profissional))).data["reservarHorario"]
    finally:
        CHAVE.reset(feita)
    assert (de_novo["reserva"], [erro["codigo"] for erro in de_novo["erros"]]) == (None, ["RESERVA_EXPIRADA"])


async def test_a_hold_under_a_key_is_one(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    feita = CHAVE.set("reservar-uma-vez")
    try:
        uma = await _reservada(paciente.cliente, profissional)
        assert (await _reservada(paciente.cliente, profissional))["id"] == uma["id"]
    finally:
        CHAVE.reset(feita)


async def test_an_encaixe_over_a_hold_comes_down_when_it_goes(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    reserva = await _reservada(paciente.cliente, profissional)
    _feita(await hospital.recepcao(AGENDAR, input=_pedido(await hospital.paciente(), profissional, encaixe=JUSTA)))
    assert await _faixas(hospital, profissional) == {"10:00": [0, 1]}
    await _expirar(hospital, reserva)
    await agenda.varrer(hospital.dono)
    assert await _faixas(hospital, profissional) == {"10:00": [0]}


# ───────────────────────── a series ─────────────────────────
def _serie(primeira: dict[str, Any], vezes: int = 3, cada: int = 1) -> dict[str, Any]:
    return {"primeira": primeira, "repeticao": {"aCadaSemanas": cada, "vezes": vezes}}


async def test_a_series_is_at_the_same_local_time_whatever_the_clock_does(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="America/Santiago", abreNosFeriados=True)
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente()
    await hospital.sempre_em(profissional.id, onde)
    primeira = {**_pedido(paciente, profissional), "inicio": "2031-03-28T13:00:00Z"}
    feitas = (await hospital.recepcao(SERIE, input=_serie(primeira, 3, 2))).data["agendarSerie"]
    assert feitas["erros"] == []
    assert [(uma["dia"], uma["hora"]) for uma in feitas["consultas"]] == [
        ("2031-03-28", "10:00"), ("2031-04-11", "10:00"), ("2031-04-25", "10:00"),
    ]  # fmt: skip
    assert [uma["inicio"][11:16] for uma in feitas["consultas"]] == ["13:00", "14:00", "14:00"]
    assert len({uma["serieId"] for uma in feitas["consultas"]}) == 1
    segunda = feitas["consultas"][1]["id"]
    assert (
        await hospital.recepcao(REMARCAR, input={"consultaId": segunda, "inicio": "2031-04-12T14:00:00Z"})
    ).recusas == []
    vistas = [(await hospital.recepcao(VER, id=uma["id"])).data["consulta"] for uma in feitas["consultas"]]
    assert [vista["inicio"][:10] for vista in vistas] == ["2031-03-28", "2031-04-12", "2031-04-25"]
    assert {vista["serieId"] for vista in vistas} == {feitas["consultas"][0]["serieId"]}


async def test_a_series_is_booked_whole_or_not_at_all_and_says_what_collides(hospital: Hospital) -> None:
    profissional, paciente, outro = await hospital.profissional(), await hospital.paciente(), await hospital.paciente()
    await hospital.consulta(outro, profissional, "2031-04-14T10:15:00Z")
    alhures = await hospital.profissional()
    await hospital.consulta(paciente, alhures, "2031-04-28T09:45:00Z")
    bloqueio = {"profissionalId": profissional.id, "inicio": "2031-05-05T00:00:00Z", "fim": "2031-05-06T00:00:00Z"}
    pedido = _serie(_pedido(paciente, profissional), 4)
    recusada = (await hospital.recepcao(SERIE, input=pedido)).data["agendarSerie"]
    assert [erro["codigo"] for erro in recusada["erros"]] == ["HORARIO_INDISPONIVEL"]
    assert recusada["conflitos"] == ["2031-04-14T10:00:00Z", "2031-04-28T10:00:00Z"]
    assert recusada["consultas"] == []
    await hospital.admin(BLOQUEAR, input={**bloqueio, "motivo": "férias"})
    recusada = (await hospital.recepcao(SERIE, input=_serie(_pedido(paciente, profissional), 5))).data["agendarSerie"]
    assert [erro["codigo"] for erro in recusada["erros"]] == ["AGENDA_BLOQUEADA"]
    assert recusada["conflitos"] == ["2031-04-14T10:00:00Z", "2031-04-28T10:00:00Z", "2031-05-05T10:00:00Z"]
    ((quantas,),) = await hospital.dono.select(
        "SELECT COUNT(*) FROM consulta WHERE paciente_id = %(p)s", p=chave(paciente.id)
    )
    assert quantas == 1


async def test_a_series_names_salas_pauses_and_its_first_date_too(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    nela = await sala(hospital, onde)
    com_pausa = await tipo(hospital, duracaoEmMinutos=30, intervaloEmMinutos=30)
    que_pede = await tipo(hospital, duracaoEmMinutos=30, exigeSala=True)
    um, outro = await hospital.profissional(sempre=False), await hospital.profissional(sempre=False)
    paciente = await hospital.paciente()
    await hospital.sempre_em(um.id, onde, salaId=nela)
    await hospital.sempre_em(outro.id, onde)
    await hospital.consulta(await hospital.paciente(), outro, "2031-04-14T10:00:00Z", salaId=nela)
    await hospital.consulta(await hospital.paciente(), um, "2031-04-21T10:45:00Z")
    await hospital.consulta(await hospital.paciente(), outro, "2031-05-05T10:45:00Z", salaId=nela)
    recusada = (await hospital.recepcao(SERIE, input=_serie(_pedido(paciente, um, tipoId=com_pausa), 5))).data
    assert [inicio[:10] for inicio in recusada["agendarSerie"]["conflitos"]] == [
        "2031-04-14", "2031-04-21", "2031-05-05",
    ]  # fmt: skip
    recusada = (await hospital.recepcao(SERIE, input=_serie(_pedido(paciente, outro, tipoId=que_pede), 2, 2))).data
    assert [inicio[:10] for inicio in recusada["agendarSerie"]["conflitos"]] == []
    fechar = {"profissionalId": um.id, "inicio": _as("09:00"), "fim": _as("11:00"), "motivo": "x"}
    await hospital.admin(BLOQUEAR, input=fechar)
    fechada = (await hospital.recepcao(SERIE, input=_serie(_pedido(paciente, um), 2))).data["agendarSerie"]
    assert [erro["codigo"] for erro in fechada["erros"]] == ["AGENDA_BLOQUEADA"]
    assert [inicio[:10] for inicio in fechada["conflitos"]] == ["2031-04-07", "2031-04-14"]


async def test_a_series_is_refused_for_what_is_wrong_with_it(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    certa = _pedido(paciente, profissional)
    for input, campo in (
        (_serie(certa, 1), ["input", "repeticao", "vezes"]),
        (_serie(certa, 27), ["input", "repeticao", "vezes"]),
        (_serie(certa, 2, 0), ["input", "repeticao", "aCadaSemanas"]),
        (_serie(certa, 2, 13), ["input", "repeticao", "aCadaSemanas"]),
        (_serie({**certa, "encaixe": JUSTA}), ["input", "primeira", "encaixe"]),
        (_serie({**certa, "reservaId": "res_0"}), ["input", "primeira", "reservaId"]),
        (_serie({**certa, "duracaoEmMinutos": 7}), ["input", "primeira", "duracaoEmMinutos"]),
        (_serie({**certa, "pacienteId": "pac_0"}), ["input", "primeira", "pacienteId"]),
    ):
        erros = (await hospital.recepcao(SERIE, input=input)).data["agendarSerie"]["erros"]
        assert [erro["campo"] for erro in erros] == [campo], erros


async def test_a_series_under_a_key_is_one_and_is_answered_whole(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    feita = CHAVE.set("serie-uma-vez")
    try:
        uma, outra = [
            (await hospital.recepcao(SERIE, input=_serie(_pedido(paciente, profissional)))).data["agendarSerie"]
            for _ in range(2)
        ]
    finally:
        CHAVE.reset(feita)
    assert len(uma["consultas"]) == 3
    assert uma == outra


# ───────────────────────── to another profissional, and to another sala ─────────────────────────
async def test_a_consulta_goes_to_another_profissional_and_the_care_with_it(hospital: Hospital) -> None:
    de, para, paciente = await hospital.profissional(), await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, de, _as("10:00"))
    ver = "query($id: ID!) { prontuarios(pacienteId: $id) { totalCount } }"
    assert (await de.cliente(ver, id=paciente.id)).data["prontuarios"]
    mudanca = {"consultaId": consulta, "inicio": _as("10:00"), "profissionalId": para.id}
    for quem in (de, para):
        assert (await quem.cliente(REMARCAR, input=mudanca)).codigos or (
            await quem.cliente(REMARCAR, input=mudanca)
        ).recusas == ["NAO_ENCONTRADO"], "neither gives nor takes it by themself"
    assert (await hospital.recepcao(REMARCAR, input=mudanca)).recusas == []
    vista = (await hospital.recepcao(VER, id=consulta)).data["consulta"]
    assert vista["profissional"] == {"id": para.id}
    assert len(vista["historico"]) == 2
    assert (await para.cliente(ver, id=paciente.id)).data["prontuarios"]
    assert (await de.cliente("query($id: ID!) { paciente(id: $id) { id } }", id=paciente.id)).data["paciente"] is None
    assert "10:00" in await _livres(hospital, de)
    assert "10:00" not in await _livres(hospital, para)
    achado = await conferir(hospital.dono)
    assert consulta not in (*achado.sem_tempo, *achado.com_tempo_alheio)


async def test_moving_gives_no_care_by_ones_own_choice_and_hinders_no_verification(hospital: Hospital) -> None:
    """What an unverified account booked is moved by the desk, or by who attends and is of the desk, too."""
    de, para, eu = [await hospital.profissional() for _ in range(3)]
    usuario = (await eu.cliente("{ eu { id } }")).data["eu"]["id"]
    dar = "mutation($u: ID!) { concederPapel(usuarioId: $u, papel: RECEPCAO) { erros { codigo } } }"
    await hospital.admin(dar, u=usuario)
    eu_na_recepcao = await hospital.ninguem.entrar(eu.cpf, SENHA_DE_TESTE)
    for quem, destino, cuida in ((hospital.recepcao, para, True), (eu_na_recepcao, eu, False)):
        conta = await hospital.estranho()
        consulta = (await conta.cliente(AGENDAR, input={**_pedido(conta, de), "inicio": hospital.instante()})).data[
            "agendarConsulta"
        ]["consulta"]
        mudanca = {"consultaId": consulta["id"], "inicio": consulta["inicio"], "profissionalId": destino.id}
        assert (await quem(REMARCAR, input=mudanca)).recusas == []
        codigo = await hospital.codigo(conta.cpf)
        assert await hospital.com_codigo(conta.cpf, codigo, "outra-senha-9-boa")
        linhas = await hospital.dono.select(
            "SELECT 1 FROM cuidado WHERE origem_id = %(c)s AND profissional_id = %(p)s AND ate > UTC_TIMESTAMP(6)",
            c=chave(consulta["id"]),
            p=chave(destino.id),
        )
        assert bool(linhas) is cuida


async def test_a_kind_that_only_staff_book_is_not_taken_elsewhere_by_its_paciente(hospital: Hospital) -> None:
    so_da_equipe = await tipo(hospital, autoagendamento=False, duracaoEmMinutos=30)
    de, para, paciente = await hospital.profissional(), await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, de, hospital.instante(20), tipoId=so_da_equipe)
    mudanca = {"consultaId": consulta, "inicio": hospital.instante(30)}
    a_outro = await paciente.cliente(REMARCAR, input={**mudanca, "profissionalId": para.id})
    assert a_outro.recusas == ["VALOR_INVALIDO"]
    assert (await paciente.cliente(REMARCAR, input=mudanca)).recusas == []


async def test_where_it_can_t_go_it_stays(hospital: Hospital) -> None:
    de, para, paciente = await hospital.profissional(), await hospital.profissional(), await hospital.paciente()
    psiquiatria = await tipo(hospital, especialidade="Clínica Médica", duracaoEmMinutos=30)
    outra_area = await hospital.profissional(especialidades=[{"nome": "Urologia"}])
    consulta = await hospital.consulta(paciente, de, _as("10:00"), tipoId=psiquiatria)
    await hospital.consulta(await hospital.paciente(), para, _as("10:00"))
    ele_mesmo = await hospital.profissional()
    dele = await hospital.consulta(await hospital.tambem_paciente(ele_mesmo), de, _as("11:00"))
    for quem, codigo in (
        ("pro_0", "NAO_ENCONTRADO"),
        (para.id, "HORARIO_INDISPONIVEL"),
        (outra_area.id, "VALOR_INVALIDO"),
    ):
        mudanca = {"consultaId": consulta, "inicio": _as("10:00"), "profissionalId": quem}
        assert (await hospital.recepcao(REMARCAR, input=mudanca)).recusas == [codigo], quem
    a_si_mesmo = {"consultaId": dele, "inicio": _as("11:00"), "profissionalId": ele_mesmo.id}
    assert (await hospital.recepcao(REMARCAR, input=a_si_mesmo)).recusas == ["MESMA_PESSOA"]
    vista = (await hospital.recepcao(VER, id=consulta)).data["consulta"]
    assert (vista["profissional"], len(vista["historico"])) == ({"id": de.id}, 1)


async def test_a_sala_is_chosen_changed_and_taken_away(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    uma, outra = await sala(hospital, onde), await sala(hospital, onde, nome="Outra")
    alheia = await sala(hospital, await unidade(hospital, fuso="UTC"))
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente()
    await hospital.sempre_em(profissional.id, onde)
    consulta = await hospital.consulta(paciente, profissional, _as("10:00"))
    ocupada = await hospital.profissional(sempre=False)
    await hospital.sempre_em(ocupada.id, onde)
    await hospital.consulta(await hospital.paciente(), ocupada, _as("10:15"), salaId=outra)

    async def trocar(quem: Any, sala: str | None) -> Resposta:
        return await quem(ATUALIZAR, input={"consultaId": consulta, "salaId": sala})

    assert (await trocar(paciente.cliente, uma)).codigos == ["PROIBIDO"]
    assert (await trocar(hospital.recepcao, uma)).recusas == []
    assert (await trocar(hospital.recepcao, uma)).recusas == ["VALOR_INVALIDO"], "nothing changes"
    assert (await trocar(hospital.recepcao, outra)).recusas == ["SALA_INDISPONIVEL"]
    assert (await trocar(hospital.recepcao, alheia)).recusas == ["NAO_ENCONTRADO"]
    assert (await hospital.recepcao(VER, id=consulta)).data["consulta"]["sala"] == {"id": uma}
    assert (await trocar(profissional.cliente, None)).recusas == []
    assert (await hospital.recepcao(VER, id=consulta)).data["consulta"]["sala"] is None
    achado = await conferir(hospital.dono)
    assert consulta not in (*achado.sem_tempo, *achado.com_tempo_alheio)


async def test_it_is_confirmed_as_it_is_though_it_goes_to_another_meanwhile(hospital: Hospital) -> None:
    """Two at once: whoever comes second acts on what is there then, and isn't told that it can't be."""
    for _ in range(5):
        de, para, paciente = await hospital.profissional(), await hospital.profissional(), await hospital.paciente()
        consulta = await hospital.consulta(paciente, de, _as("10:00"))
        mudanca = {"consultaId": consulta, "inicio": _as("10:00"), "profissionalId": para.id}
        motivo = {"consultaId": consulta, "motivo": "retorno"}
        feitas = await asyncio.gather(
            hospital.recepcao(REMARCAR, input=mudanca), hospital.recepcao(ATUALIZAR, input=motivo)
        )
        assert [feita.recusas for feita in feitas] == [[], []]


async def test_who_is_at_their_limit_holds_a_time_in_order_to_move_and_no_other(hospital: Hospital) -> None:
    """Whom nobody has verified may have one consulta: a hold for a second is refused, one in order to move isn't."""
    profissional, estranho = await hospital.profissional(), await hospital.estranho()
    pedido = {"pacienteId": estranho.id, "profissionalId": profissional.id, "inicio": _as("10:00")}
    consulta = (await estranho.cliente(AGENDAR, input=pedido)).data["agendarConsulta"]["consulta"]["id"]
    mais_uma = _reserva(profissional, "15:00")
    assert (await estranho.cliente(RESERVAR, input=mais_uma)).codigos == ["PROIBIDO"]
    alheia = await hospital.consulta(await hospital.paciente(), profissional, _as("12:00"))
    assert (await estranho.cliente(RESERVAR, input={**mais_uma, "consultaId": alheia})).recusas == ["NAO_ENCONTRADO"]
    guardada = await _reservada(estranho.cliente, profissional, "15:00", consultaId=consulta)
    mudanca = {"consultaId": consulta, "inicio": _as("15:00"), "reservaId": guardada["id"]}
    assert (await estranho.cliente(REMARCAR, input=mudanca)).recusas == []


async def test_what_is_wrong_with_whom_a_series_is_for_is_said_of_its_first(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    ela_mesma = await hospital.tambem_paciente(profissional)
    obito = {"pacienteId": paciente.id, "obitoEm": "2026-11-01"}
    assert (await hospital.admin(ATUALIZAR_PACIENTE, input=obito)).recusas == []
    for quem, codigo in ((ela_mesma, "MESMA_PESSOA"), (paciente, "VALOR_INVALIDO")):
        erros = (await hospital.recepcao(SERIE, input=_serie(_pedido(quem, profissional)))).data["agendarSerie"][
            "erros"
        ]
        assert [(erro["codigo"], erro["campo"][:2]) for erro in erros] == [(codigo, ["input", "primeira"])]


async def test_a_sala_that_is_given_while_its_consulta_goes_to_another_unidade_is_of_where_it_is(
    hospital: Hospital,
) -> None:
    """Two at once: a consulta is never in a sala of another unidade, and its sala is taken for it, or free."""
    daqui, dali = [await unidade(hospital, fuso="UTC", abreNosFeriados=True) for _ in range(2)]
    a_sala = await sala(hospital, daqui)
    for hora in ("08:00", "09:00", "11:00", "12:00", "13:00"):
        de, para = await hospital.profissional(sempre=False), await hospital.profissional(sempre=False)
        await hospital.sempre_em(de.id, daqui)
        await hospital.sempre_em(para.id, dali)
        consulta = await hospital.consulta(await hospital.paciente(), de, _as(hora))
        await asyncio.gather(
            hospital.recepcao(ATUALIZAR, input={"consultaId": consulta, "salaId": a_sala}),
            hospital.recepcao(REMARCAR, input={"consultaId": consulta, "inicio": _as(hora), "profissionalId": para.id}),
        )
        vista = (await hospital.recepcao(VER, id=consulta)).data["consulta"]
        assert (vista["unidade"]["id"], vista["sala"]) == (dali, None)
        achado = await conferir(hospital.dono)
        assert consulta not in (*achado.sem_tempo, *achado.com_tempo_alheio)
