"""A session that lives is looked up once a second; one that ended is noticed at once, and remembered nowhere."""

import asyncio
from datetime import timedelta

from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from sghss_graphql.vocabulario.tempo import relogio
from tests.hospital import RENOVAR, SAIR, SENHA_DE_TESTE, TROCAR, Hospital
from tests.machinery.database.statements_log import recorded

EU = "{ eu { nome } }"


async def test_who_asks_is_not_looked_up_at_each_request(hospital: Hospital) -> None:
    recepcao = await hospital.ninguem.entrar(PESSOAS[2].cpf, SENHA)
    async with recorded(hospital.dono) as log:
        for _ in range(10):
            assert (await recepcao(EU)).codigos == []
    looked_up = [statement for statement in log.statements if "FROM sessao s" in statement]
    assert 1 <= len(looked_up) < 10


async def test_a_session_that_ended_is_not_looked_up_at_each_request_either(hospital: Hospital) -> None:
    """Before it is known whose it is, its request has no bucket that it could be too much for."""
    pessoa = await hospital.paciente()
    assert (await pessoa.cliente(SAIR)).recusas == []
    async with recorded(hospital.dono) as log:
        for _ in range(10):
            assert (await pessoa.cliente(EU)).codigos == ["NAO_AUTENTICADO"]
    assert 1 <= len([statement for statement in log.statements if "FROM sessao s" in statement]) < 10


async def test_a_session_that_ended_is_refused_at_once_however_often_it_was_seen(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    assert (await paciente.cliente(EU)).codigos == []
    assert (await paciente.cliente(SAIR)).recusas == []
    assert (await paciente.cliente(EU)).codigos == ["NAO_AUTENTICADO"]


async def test_a_changed_password_ends_every_session_at_once(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    others = [await hospital.ninguem.entrar(paciente.cpf, SENHA_DE_TESTE) for _ in range(3)]
    assert [(await other(EU)).codigos for other in others] == [[]] * 3
    changed = await paciente.cliente(TROCAR, de=SENHA_DE_TESTE, para="outro-cavalo-8-grampo")
    assert changed.recusas == []
    assert [(await other(EU)).codigos for other in others] == [["NAO_AUTENTICADO"]] * 3


async def test_a_renewal_token_that_comes_back_ends_the_session_at_once(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    token = paciente.cliente.sessao["tokenDeRenovacao"]
    renewed = (await hospital.ninguem(RENOVAR, t=token)).data["renovarSessao"]["sessao"]
    assert (await paciente.cliente(EU)).codigos == []
    assert (await hospital.ninguem(RENOVAR, t=token)).recusas == ["CREDENCIAIS_INVALIDAS"]
    assert renewed
    assert (await paciente.cliente(EU)).codigos == ["NAO_AUTENTICADO"]


async def test_requests_that_race_with_the_end_leave_nothing_behind(hospital: Hospital) -> None:
    for _ in range(5):
        paciente = await hospital.paciente()
        await asyncio.gather(paciente.cliente(SAIR), *(paciente.cliente(EU) for _ in range(10)))
        assert (await paciente.cliente(EU)).codigos == ["NAO_AUTENTICADO"]


async def test_an_access_token_ends_after_its_hour_and_one_from_the_future_is_none(hospital: Hospital) -> None:
    """Each token is used once: that its session lives is remembered for a second, whatever the clock says."""
    paciente = await hospital.paciente()
    depois = await hospital.ninguem.entrar(paciente.cpf, SENHA_DE_TESTE)
    try:
        relogio.adiantado = timedelta(minutes=59)
        assert (await paciente.cliente(EU)).codigos == []
        relogio.adiantado = timedelta(minutes=61)
        assert (await depois(EU)).codigos == ["NAO_AUTENTICADO"]
        adiante = await hospital.ninguem.entrar(paciente.cpf, SENHA_DE_TESTE)
        assert (await adiante(EU)).codigos == []
        adiante = await hospital.ninguem.entrar(paciente.cpf, SENHA_DE_TESTE)
        relogio.adiantado = timedelta()
        assert (await adiante(EU)).codigos == ["NAO_AUTENTICADO"]
    finally:
        relogio.adiantado = timedelta()
