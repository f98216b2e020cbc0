"""How far ahead is booked, how many consultas to come a paciente may have, and the refusals in their order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sghss_graphql.app import create_app
from tests.atendimento.consultas.test_encaixes_e_reservas import RESERVAR, SERIE
from tests.hospital import AGENDAR, BLOQUEAR, CANCELAR, REMARCAR, Cliente, Hospital, Pessoa
from tests.wire import connected

PEDIDO = {"booking_days": 300, "patient_booking_days": 60, "patient_bookings": 4, "patient_bookings_by_specialty": 2}


@asynccontextmanager
async def _com(hospital: Hospital, **settings: int) -> AsyncIterator[Any]:
    """Give a way to ask a server with these settings as somebody asks the usual one."""
    async with connected(create_app(hospital.settings.model_copy(update=PEDIDO | settings))) as http:
        yield lambda quem: Cliente(http, quem.token)


def _em(dias: float, hora: int = 12) -> str:
    dia = (datetime.now(UTC) + timedelta(days=dias)).replace(hour=hora, minute=0, second=0, microsecond=0)
    return dia.isoformat()


def _pedido(paciente: Pessoa, profissional: Pessoa, inicio: str) -> dict[str, str]:
    return {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": inicio}


async def _psiquiatra(hospital: Hospital) -> Pessoa:
    return await hospital.profissional(especialidades=[{"nome": "Psiquiatria"}])


async def test_a_paciente_books_sixty_days_ahead_and_staff_three_hundred(hospital: Hospital) -> None:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    async with _com(hospital) as por:
        dele, da_recepcao = por(paciente.cliente), por(hospital.recepcao)
        longe = await dele(AGENDAR, input=_pedido(paciente, profissional, _em(62)))
        (erro,) = longe.data["agendarConsulta"]["erros"]
        assert (erro["codigo"], erro["campo"]) == ("FORA_DO_PRAZO", ["input", "inicio"])
        assert (datetime.now(UTC) + timedelta(days=60)).strftime("%d/%m/%Y") in erro["mensagem"]
        assert (await dele(AGENDAR, input=_pedido(paciente, profissional, _em(58)))).recusas == []
        marcada = await da_recepcao(AGENDAR, input=_pedido(paciente, profissional, _em(298)))
        assert marcada.recusas == []
        assert (await da_recepcao(AGENDAR, input=_pedido(paciente, profissional, _em(302)))).recusas == [
            "FORA_DO_PRAZO"
        ]
        consulta = marcada.data["agendarConsulta"]["consulta"]["id"]
        for quem, dias, recusas in ((dele, 62, ["FORA_DO_PRAZO"]), (da_recepcao, 299, []), (dele, 57, [])):
            mover = {"consultaId": consulta, "inicio": _em(dias, 15)}
            assert (await quem(REMARCAR, input=mover)).recusas == recusas


async def test_a_paciente_has_two_to_come_with_one_especialidade_and_four_in_all(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    clinicos = [await hospital.profissional() for _ in range(2)]
    outros = [await _psiquiatra(hospital), await hospital.profissional(especialidades=[{"nome": "Urologia"}])]
    ainda = await hospital.profissional(especialidades=[{"nome": "Geriatria"}])
    async with _com(hospital) as por:
        dele = por(paciente.cliente)
        for n, profissional in enumerate(clinicos):
            assert (await dele(AGENDAR, input=_pedido(paciente, profissional, _em(10 + n)))).recusas == []
        mais_uma = await dele(AGENDAR, input=_pedido(paciente, clinicos[0], _em(20)))
        assert mais_uma.recusas == ["LIMITE_DE_MARCACOES"]
        assert "2 consultas por vir com esta especialidade" in mais_uma.data["agendarConsulta"]["erros"][0]["mensagem"]
        feitas = [await dele(AGENDAR, input=_pedido(paciente, um, _em(30 + n))) for n, um in enumerate(outros)]
        assert [feita.recusas for feita in feitas] == [[], []]
        assert (await dele(AGENDAR, input=_pedido(paciente, ainda, _em(40)))).recusas == ["LIMITE_DE_MARCACOES"]
        da_recepcao = await por(hospital.recepcao)(AGENDAR, input=_pedido(paciente, ainda, _em(40)))
        assert da_recepcao.recusas == [], "staff not"
        for feita in (feitas[0], da_recepcao):
            fora = {"consultaId": feita.data["agendarConsulta"]["consulta"]["id"], "motivo": "x"}
            assert (await dele(CANCELAR, input=fora)).recusas == []
        assert (await dele(AGENDAR, input=_pedido(paciente, ainda, _em(41)))).recusas == []


async def test_what_is_over_doesnt_count(hospital: Hospital) -> None:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    for dias in (11, 12):
        passada = await hospital.consulta(paciente, profissional, _em(dias))
        await hospital.comeca(passada, -timedelta(days=dias))
    async with _com(hospital) as por:
        assert (await por(paciente.cliente)(AGENDAR, input=_pedido(paciente, profissional, _em(13)))).recusas == []


async def test_of_many_at_once_no_more_are_booked_than_may_be(hospital: Hospital) -> None:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    async with _com(hospital) as por:
        dele = por(paciente.cliente)
        pedidos = [dele(AGENDAR, input=_pedido(paciente, profissional, _em(3 + n))) for n in range(8)]
        recusas = [resposta.recusas for resposta in await asyncio.gather(*pedidos)]
    assert sorted(recusas) == [[]] * 2 + [["LIMITE_DE_MARCACOES"]] * 6


async def test_whoever_attends_books_for_themself_as_a_paciente_does(hospital: Hospital) -> None:
    atende, profissional = await hospital.profissional(), await hospital.profissional()
    eu = await hospital.tambem_paciente(atende)
    pedido = {"pacienteId": eu.id, "profissionalId": profissional.id, "inicio": _em(62)}
    async with _com(hospital) as por:
        assert (await por(atende.cliente)(AGENDAR, input=pedido)).recusas == ["FORA_DO_PRAZO"]


async def test_the_refusals_come_in_their_order(hospital: Hospital) -> None:
    """What is wrong in every way is refused for the first of them; that mended, for the next."""
    atende = await hospital.profissional()
    eu = await hospital.tambem_paciente(atende)
    outro = await hospital.profissional(sempre=False)
    fechar = {"inicio": "2019-01-01T00:00:00Z", "fim": _em(400), "motivo": "x", "profissionalId": outro.id}
    assert (await hospital.admin(BLOQUEAR, input=fechar)).recusas == []
    for n in range(2):
        await hospital.consulta(eu, await hospital.profissional(), _em(20 + n))
    async with _com(hospital, patient_bookings=2) as por:
        eu_mesmo = por(atende.cliente)

        async def recusa(profissional: str, inicio: str) -> list[str]:
            pedido = {"pacienteId": eu.id, "profissionalId": profissional, "inicio": inicio}
            return (await eu_mesmo(AGENDAR, input=pedido)).recusas

        passado = "2020-01-01T12:00:00Z"
        assert await recusa("prf_" + "0" * 32, passado) == ["NAO_ENCONTRADO"]
        assert await recusa(atende.id, passado) == ["MESMA_PESSOA"]
        assert await recusa(outro.id, passado) == ["HORARIO_NO_PASSADO"]
        assert await recusa(outro.id, _em(70)) == ["FORA_DO_PRAZO"]
        assert await recusa(outro.id, _em(50)) == ["LIMITE_DE_MARCACOES"]
    async with _com(hospital, patient_bookings=0, patient_bookings_by_specialty=0) as por:
        pedido = {"pacienteId": eu.id, "profissionalId": outro.id, "inicio": _em(50)}
        assert (await por(atende.cliente)(AGENDAR, input=pedido)).recusas == ["AGENDA_BLOQUEADA"]


@pytest.mark.parametrize("limite", ["patient_bookings", "patient_bookings_by_specialty"])
async def test_nought_is_no_limit(hospital: Hospital, limite: str) -> None:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    sem_limite = {"patient_bookings": 0, "patient_bookings_by_specialty": 0} | {limite: 1}
    async with _com(hospital, **sem_limite) as por:
        dele = por(paciente.cliente)
        assert (await dele(AGENDAR, input=_pedido(paciente, profissional, _em(3)))).recusas == []
        assert (await dele(AGENDAR, input=_pedido(paciente, profissional, _em(4)))).recusas == ["LIMITE_DE_MARCACOES"]
    async with _com(hospital, **(sem_limite | {limite: 0})) as por:
        assert (await por(paciente.cliente)(AGENDAR, input=_pedido(paciente, profissional, _em(5)))).recusas == []


async def test_a_paciente_books_no_longer_a_series_than_they_may_have(hospital: Hospital) -> None:
    profissional, paciente = await _psiquiatra(hospital), await hospital.paciente()
    async with _com(hospital, patient_bookings=5, patient_bookings_by_specialty=3) as por:
        serie = {"primeira": _pedido(paciente, profissional, _em(3)), "repeticao": {"vezes": 4}}
        assert (await por(paciente.cliente)(SERIE, input=serie)).recusas == ["LIMITE_DE_MARCACOES"]
        longa = await por(paciente.cliente)(SERIE, input={**serie, "repeticao": {"vezes": 3, "aCadaSemanas": 5}})
        assert longa.recusas == ["FORA_DO_PRAZO"]
        assert longa.data["agendarSerie"]["erros"][0]["campo"] == ["input", "repeticao", "vezes"]
        serie["repeticao"] = {"vezes": 3}
        assert (await por(paciente.cliente)(SERIE, input=serie)).recusas == []
        outra = {**serie, "primeira": _pedido(paciente, profissional, _em(4))}
        assert (await por(paciente.cliente)(SERIE, input=outra)).recusas == ["LIMITE_DE_MARCACOES"]


async def test_a_time_is_held_within_the_limits_of_a_booking(hospital: Hospital) -> None:
    profissional, paciente = await _psiquiatra(hospital), await hospital.paciente()
    async with _com(hospital, patient_bookings=1) as por:
        longe = {"profissionalId": profissional.id, "inicio": _em(100)}
        assert (await por(paciente.cliente)(RESERVAR, input=longe)).recusas == ["FORA_DO_PRAZO"]
        assert (await por(hospital.recepcao)(RESERVAR, input=longe)).recusas == []
        await por(paciente.cliente)(AGENDAR, input=_pedido(paciente, profissional, _em(5)))
        perto = {"profissionalId": profissional.id, "inicio": _em(6)}
        assert (await por(paciente.cliente)(RESERVAR, input=perto)).recusas == ["LIMITE_DE_MARCACOES"]


async def test_a_consulta_goes_to_another_speciality_where_there_is_room_for_it(hospital: Hospital) -> None:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    outro = await _psiquiatra(hospital)
    async with _com(hospital, patient_bookings=10, patient_bookings_by_specialty=1) as por:
        quem = por(paciente.cliente)
        feita = await quem(AGENDAR, input=_pedido(paciente, profissional, _em(5)))
        consulta = feita.data["agendarConsulta"]["consulta"]["id"]
        mudanca = {"consultaId": consulta, "inicio": _em(6), "profissionalId": outro.id}
        await quem(AGENDAR, input=_pedido(paciente, outro, _em(8)))
        assert (await quem(REMARCAR, input=mudanca)).recusas == ["LIMITE_DE_MARCACOES"]
        assert (await quem(REMARCAR, input={"consultaId": consulta, "inicio": _em(6)})).recusas == []
        assert (await por(hospital.recepcao)(REMARCAR, input=mudanca)).recusas == []
