"""What the hospital does by itself is done by one process at a time, whoever dies with it."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta

from sghss_graphql.comando.doctor import look_at_tasks
from sghss_graphql.comando.servir import tasks_of
from sghss_graphql.confianca.tarefas.porta import Ultima, Vezes, ultimas
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.inspection import Verdict
from sghss_graphql.machinery.tasks import Job, repeating
from tests.atendimento.consultas.test_encaixes_e_reservas import RESERVAR
from tests.hospital import Hospital, chave
from tests.processes import environment, serving, start, until


async def _adiar(hospital: Hospital, nome: str) -> None:
    """Let a task be due."""
    await hospital.dono.execute("UPDATE tarefa SET proxima = NULL WHERE nome = %(nome)s", nome=nome)


async def test_of_two_processes_one_does_it_and_the_other_when_it_is_due_again(hospital: Hospital) -> None:
    um, outro = Vezes(hospital.dono), Vezes(hospital.dono)
    tomadas = await asyncio.gather(*(vezes.take("uma de duas") for vezes in (um, outro) for _ in range(4)))
    assert sum(tomadas) == 1
    dona, outra = (um, outro) if any(tomadas[:4]) else (outro, um)
    assert await dona.keep("uma de duas") is True
    assert await outra.keep("uma de duas") is False
    await outra.done("uma de duas", 600, None)
    assert await outra.take("uma de duas") is False, "what isn't one's own one doesn't end"
    await dona.done("uma de duas", 600, "ValueError")
    assert await outra.take("uma de duas") is False, "it isn't due"
    assert [ultima.falha for ultima in await ultimas(hospital.dono, ["uma de duas"])] == ["ValueError"]
    await _adiar(hospital, "uma de duas")
    assert await outra.take("uma de duas") is True
    await outra.drop("uma de duas")
    assert await dona.take("uma de duas") is True, "what was dropped is due at once"


async def test_a_dead_ones_turn_passes_on_and_it_is_told_if_it_lives(hospital: Hospital) -> None:
    morto, vivo = Vezes(hospital.dono, 0.2), Vezes(hospital.dono)
    assert await morto.take("de um morto") is True
    assert await vivo.take("de um morto") is False

    async def passou() -> bool:
        return await vivo.take("de um morto")

    await until(passou)
    assert await morto.keep("de um morto") is False
    await morto.done("de um morto", 600, None)
    assert (await ultimas(hospital.dono, ["de um morto"]))[0].terminou_em is None


async def test_who_loses_the_turn_stops_and_who_keeps_it_goes_on(hospital: Hospital) -> None:
    comecou, parou, vezes = asyncio.Event(), asyncio.Event(), Vezes(hospital.dono, 0.3)
    nunca = asyncio.Event()

    async def longa() -> None:
        comecou.set()
        try:
            await nunca.wait()
        finally:
            parou.set()

    async with repeating([Job("longa", 0.01, longa, vezes)]):
        await asyncio.wait_for(comecou.wait(), 10)
        antes = await hospital.dono.select("SELECT ate FROM tarefa WHERE nome = 'longa'")

        async def manteve() -> bool:
            return await hospital.dono.select("SELECT ate FROM tarefa WHERE nome = 'longa'") > antes

        await until(manteve)
        assert not parou.is_set()
        await hospital.dono.execute("UPDATE tarefa SET dono = %(outro)s WHERE nome = 'longa'", outro=bytes(16))
        await asyncio.wait_for(parou.wait(), 10)


async def test_what_ends_in_the_middle_lets_it_go_and_what_fails_is_kept(hospital: Hospital) -> None:
    comecou, nunca = asyncio.Event(), asyncio.Event()

    async def longa() -> None:
        comecou.set()
        await nunca.wait()

    async def falha() -> None:
        raise ValueError

    async with repeating([Job("no meio", 600, longa, Vezes(hospital.dono, 0.3))]):
        await asyncio.wait_for(comecou.wait(), 10)
    assert await hospital.dono.select("SELECT dono, ate, terminou_em FROM tarefa WHERE nome = 'no meio'") == [
        (None, None, None)
    ]
    async with repeating([Job("que falha", 600, falha, Vezes(hospital.dono, 0.3))]):

        async def falhou() -> bool:
            return (await ultimas(hospital.dono, ["que falha"]))[0].falha == "ValueError"

        await until(falhou)


SOLTAR = "soltar as reservas que expiraram"


async def test_a_process_of_its_own_does_them_and_a_server_without_does_none(hospital: Hospital) -> None:
    """A hold that expired is swept by whoever has the tasks."""
    banco = str(hospital.server.app_url)
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    pedido = {"profissionalId": profissional.id, "inicio": "2033-01-03T12:00:00Z"}
    reserva = (await paciente.cliente(RESERVAR, input=pedido)).data["reservarHorario"]["reserva"]["id"]
    expira = "UPDATE reserva SET expira_em = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = %(r)s"
    await hospital.dono.execute(expira, r=chave(reserva))
    await _adiar(hospital, SOLTAR)

    async def varrida() -> bool:
        return await hospital.dono.select("SELECT 1 FROM reserva WHERE id = %(r)s", r=chave(reserva)) == []

    async with serving(banco, SGHSS_TASKS="false"):
        assert not await varrida()
    process = await start("tarefas", env=environment(SGHSS_DATABASE_URL=banco))
    assert process.stdout
    assert "As tarefas estão a cargo" in (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
    try:
        await until(varrida, 40)
    finally:
        process.send_signal(signal.SIGTERM)
        texto, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0, texto.decode()
    assert await hospital.dono.select("SELECT dono FROM tarefa WHERE nome = %(n)s", n=SOLTAR) == [(None,)]


async def test_the_last_runs_are_told_to_who_administers(hospital: Hospital) -> None:
    vezes = Vezes(hospital.dono)
    await hospital.dono.execute("UPDATE tarefa SET dono = NULL, ate = NULL, proxima = NULL")
    assert await vezes.take(SOLTAR)
    await vezes.done(SOLTAR, 600, "ValueError")
    texto = (await tasks_of(hospital.dono)()).decode()
    assert f'sghss_task_failed{{tarefa="{SOLTAR}"}} 1.0' in texto
    assert f'sghss_task_last_run_seconds{{tarefa="{SOLTAR}"}} 1.' in texto
    fechado = Database(hospital.server.owner_url)
    await fechado.close()
    assert await tasks_of(fechado)() == b""


def test_doctor_says_when_and_what_failed() -> None:
    agora = datetime(2026, 11, 29, 12, tzinfo=UTC)
    antes = agora.replace(tzinfo=None) - timedelta(minutes=5)
    assert "há 5 min" in look_at_tasks([Ultima("varrer", antes, None)], agora).text
    assert "há 3 h" in look_at_tasks([Ultima("varrer", antes - timedelta(hours=3), None)], agora).text
    falhou = look_at_tasks([Ultima("varrer", antes, "ValueError")], agora)
    assert (falhou.verdict, "varrer: ValueError" in falhou.text) == (Verdict.WARNS, True)
    assert look_at_tasks([Ultima("varrer", None, None)], agora).verdict is Verdict.FINE
