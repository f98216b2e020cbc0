"""A server that is killed once it has committed, and whose answer nobody hears: the same again has no second effect."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest

from tests.atendimento.consultas.test_encaixes_e_reservas import RESERVAR, SERIE
from tests.hospital import AGENDAR, CHAVE, Hospital, Pessoa, chave
from tests.processes import answers, environment, free_port, start, until


def _pedido(paciente: Pessoa, profissional: Pessoa) -> dict[str, str]:
    return {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": "2034-09-04T12:00:00Z"}


QUANTAS = "SELECT COUNT(*) FROM consulta WHERE profissional_id = %(p)s"
CASOS = {
    "agendarConsulta": (AGENDAR, lambda pedido: pedido, QUANTAS, 1),
    "agendarSerie": (SERIE, lambda pedido: {"primeira": pedido, "repeticao": {"vezes": 3}}, QUANTAS, 3),
    "reservarHorario": (
        RESERVAR,
        lambda pedido: {"profissionalId": pedido["profissionalId"], "inicio": pedido["inicio"]},
        "SELECT COUNT(*) FROM reserva WHERE profissional_id = %(p)s",
        1,
    ),
}


@pytest.mark.parametrize("nome", CASOS)
async def test_a_server_killed_after_it_committed_and_before_anyone_heard(hospital: Hospital, nome: str) -> None:
    mutation, entrada, sql, esperadas = CASOS[nome]
    profissional, recepcao = await hospital.profissional(), await hospital.funcionario("RECEPCAO")
    variaveis = {"input": entrada(_pedido(await hospital.paciente(), profissional))}
    onde = {"SGHSS_DATABASE_URL": str(hospital.server.app_url), "SGHSS_BOOKING_DAYS": "36500", "SGHSS_TASKS": "false"}

    async def feitas() -> int:
        return int((await hospital.dono.select(sql, p=chave(profissional.id)))[0][0])

    porta = free_port()
    servidor = await start("serve", env=environment(**onde, SGHSS_PORT=str(porta)))
    try:
        await answers(f"http://127.0.0.1:{porta}", servidor)
        aberta = await _pedir_e_nao_ouvir(f"http://127.0.0.1:{porta}", recepcao, nome, mutation, variaveis)

        async def ha() -> bool:
            return await feitas() == esperadas

        await until(ha)
        servidor.kill()
        aberta.close()
    finally:
        if servidor.returncode is None:
            servidor.kill()
        await servidor.wait()
    feita = CHAVE.set(nome)
    try:
        resposta = await recepcao.cliente(mutation, **variaveis)
    finally:
        CHAVE.reset(feita)
    (payload,) = resposta.data.values()
    assert payload["erros"] == []
    assert payload.get("consulta") or payload.get("reserva") or len(payload["consultas"]) == esperadas
    assert await feitas() == esperadas


async def _pedir_e_nao_ouvir(
    url: str, quem: Pessoa, chave_do_pedido: str, mutation: str, variaveis: dict[str, object]
) -> asyncio.StreamWriter:
    """Send a request under a key, and hear nothing of it; give the connection, which stays open."""
    corpo = json.dumps({"query": mutation, "variables": variaveis}).encode()
    cabecalho = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(corpo)}\r\n"
        f"Authorization: Bearer {quem.cliente.token}\r\nIdempotency-Key: {chave_do_pedido}\r\n\r\n"
    )
    host, porta = urlsplit(url).hostname, urlsplit(url).port
    _, escreve = await asyncio.open_connection(host, porta)
    escreve.write(cabecalho.encode() + corpo)
    await escreve.drain()
    return escreve
