"""Working hours, blocks and free hours, as callers set and ask for them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sghss_graphql.atendimento.agenda import store
from sghss_graphql.atendimento.agenda.regras import MAIS_BLOQUEIOS
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario.ids import nova_chave
from tests.hospital import AGENDAR, BLOQUEAR, CANCELAR, DESBLOQUEAR, DIAS, EXPEDIENTE, Hospital, Pessoa, chave

LIVRES = (
    "query($id: ID!, $de: Date!, $ate: Date!, $min: Int) { profissional(id: $id)"
    " { horariosDisponiveis(de: $de, ate: $ate, duracaoEmMinutos: $min) { inicio fim } } }"
)
VER = (
    "query($id: ID!, $de: DateTime!, $ate: DateTime!) { profissional(id: $id)"
    " { fuso expediente { dia inicio fim } bloqueios(de: $de, ate: $ate) { id inicio fim motivo } } }"
)
ANO = {"de": "2030-01-01T00:00:00Z", "ate": "2030-12-31T00:00:00Z"}


async def _livres(quem, profissional: Pessoa, de: str, ate: str | None = None, minutos: int | None = 30) -> list[str]:
    resposta = await quem(LIVRES, id=profissional.id, de=de, ate=ate or de, min=minutos)
    return [vaga["inicio"] for vaga in resposta.data["profissional"]["horariosDisponiveis"]]


async def _com_expediente(hospital: Hospital, *turnos: tuple[str, str, str], fuso: str = "America/Sao_Paulo") -> Pessoa:
    profissional = await hospital.profissional(sempre=False)
    onde = await hospital.unidade_em(fuso)
    entrada = {
        "profissionalId": profissional.id,
        "turnos": [{"dia": dia, "inicio": inicio, "fim": fim, "unidadeId": onde} for dia, inicio, fim in turnos],
    }
    assert (await profissional.cliente(EXPEDIENTE, input=entrada)).recusas == []
    return profissional


FORA = EXPEDIENTE.replace("{ profissional {", "{ consultasForaDoExpediente { id } profissional { versao", 1)


async def test_hours_that_change_tell_which_consultas_are_left_outside(hospital: Hospital) -> None:
    """What is cancelled, over, or another's isn't among them."""
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    dias = [f"2033-05-0{dia}T12:00:00Z" for dia in (2, 3, 4)]
    uma, outra, cancelada = [await hospital.consulta(paciente, profissional, dia) for dia in dias]
    dela = {"consultaId": cancelada, "motivo": "x"}
    assert (await hospital.recepcao(CANCELAR, input=dela)).recusas == []
    await hospital.consulta(paciente, await hospital.profissional())
    ver = "query($id: ID!) { consulta(id: $id) { inicio fim } }"
    hora = (await hospital.recepcao(ver, id=uma)).data["consulta"]
    inicio = datetime.fromisoformat(hora["inicio"])
    dia = DIAS[inicio.weekday()]
    turno = {"dia": dia, "inicio": hora["inicio"][11:16], "fim": hora["fim"][11:16]}
    novo = {"profissionalId": profissional.id, "turnos": [turno], "fuso": "UTC"}
    mudado = (await profissional.cliente(FORA, input=novo)).data["definirExpediente"]
    assert mudado["erros"] == []
    assert [fora["id"] for fora in mudado["consultasForaDoExpediente"]] == [outra]
    nenhum = (await hospital.recepcao(FORA, input={**novo, "turnos": []})).data["definirExpediente"]
    assert {fora["id"] for fora in nenhum["consultasForaDoExpediente"]} == {uma, outra}
    recusado = (await hospital.recepcao(FORA, input={**novo, "turnos": []})).data["definirExpediente"]
    assert recusado["consultasForaDoExpediente"] == []
    assert [(erro["codigo"], erro["campo"]) for erro in recusado["erros"]] == [("VALOR_INVALIDO", ["input"])]


@pytest.mark.parametrize(
    ("mutation", "lista"),
    [
        ('definirExpediente(input: {profissionalId: "x", turnos: []})', "consultasForaDoExpediente"),
        ('unificarPacientes(input: {deId: "x", paraId: "y", justificativa: "z"})', "consultasEmConflito"),
        ('desativarUsuario(usuarioId: "x", motivo: "y")', "consultasFuturas"),
    ],
)
async def test_what_a_mutation_lists_is_priced_by_how_many_it_may_list(
    hospital: Hospital, mutation: str, lista: str
) -> None:
    """A hundred of them, each with three lists of a hundred, are more than a request may have."""
    listas = " ".join(f"a{n}: consultas(first: 100) {{ edges {{ node {{ id }} }} }}" for n in range(3))
    pedido = f"mutation {{ {mutation} {{ {lista} {{ paciente {{ {listas} }} }} }} }}"
    assert (await hospital.admin(pedido)).codigos == ["LIMITE_EXCEDIDO"]


async def test_hours_are_set_on_what_was_seen(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    ver = "query($id: ID!) { profissional(id: $id) { versao } }"
    versao = (await hospital.recepcao(ver, id=profissional.id)).data["profissional"]["versao"]
    horas = {
        "profissionalId": profissional.id,
        "turnos": [{"dia": "SEXTA", "inicio": "08:00", "fim": "12:00"}],
        "fuso": "UTC",
    }
    feito = (await profissional.cliente(FORA, input={**horas, "seVersao": versao})).data["definirExpediente"]
    assert feito["profissional"]["versao"] > versao
    tarde = await hospital.recepcao(FORA, input={**horas, "turnos": [], "seVersao": versao})
    assert tarde.recusas == ["CONFLITO_DE_VERSAO"]
    assert tarde.data["definirExpediente"]["profissional"]["versao"] == feito["profissional"]["versao"]


async def test_a_new_profissional_can_be_booked_once_there_are_hours(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente()
    pedido = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": "2030-06-03T09:00:00-03:00"}
    assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == ["FORA_DO_EXPEDIENTE"]
    turno = {"dia": "SEGUNDA", "inicio": "08:00", "fim": "12:00"}
    entrada = {"profissionalId": profissional.id, "turnos": [turno]}
    assert (await profissional.cliente(EXPEDIENTE, input=entrada)).recusas == ["VALOR_INVALIDO"], "in which unidade?"
    turno["unidadeId"] = await hospital.unidade_em("America/Sao_Paulo")
    assert (await profissional.cliente(EXPEDIENTE, input=entrada)).recusas == []
    assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == []


async def test_free_hours_are_what_is_left_of_the_working_hours(hospital: Hospital) -> None:
    profissional = await _com_expediente(hospital, ("SEGUNDA", "08:00", "10:00"))
    paciente = await hospital.paciente()
    assert await _livres(paciente.cliente, profissional, "2030-06-03") == [
        "2030-06-03T11:00:00Z",
        "2030-06-03T11:30:00Z",
        "2030-06-03T12:00:00Z",
        "2030-06-03T12:30:00Z",
    ]
    consulta = await hospital.consulta(paciente, profissional, "2030-06-03T11:30:00Z", duracaoEmMinutos=35)
    assert await _livres(paciente.cliente, profissional, "2030-06-03") == [
        "2030-06-03T11:00:00Z",
        "2030-06-03T12:30:00Z",
    ]
    assert await _livres(paciente.cliente, profissional, "2030-06-03", minutos=60) == []
    await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "desistiu"})
    assert len(await _livres(paciente.cliente, profissional, "2030-06-03")) == 4
    bloqueio = {
        "profissionalId": profissional.id,
        "inicio": "2030-06-03T11:00:00Z",
        "fim": "2030-06-03T12:00:00Z",
        "motivo": "x",
    }
    await profissional.cliente(BLOQUEAR, input=bloqueio)
    assert await _livres(paciente.cliente, profissional, "2030-06-03") == [
        "2030-06-03T12:00:00Z",
        "2030-06-03T12:30:00Z",
    ]


async def test_free_hours_of_a_month_and_none_in_the_past(hospital: Hospital) -> None:
    profissional = await _com_expediente(hospital, ("SEGUNDA", "08:00", "10:00"), ("QUINTA", "22:00", "02:00"))
    assert len(await _livres(hospital.recepcao, profissional, "2030-06-01", "2030-07-01")) == 5 * 4 + 4 * 8
    assert await _livres(hospital.recepcao, profissional, "2020-06-01", "2020-07-01") == []


@pytest.mark.parametrize(
    ("de", "ate", "minutos"),
    [
        ("2030-06-01", "2030-07-02", 30),
        ("2030-06-02", "2030-06-01", 30),
        ("2030-06-01", "2030-06-01", 7),
        ("2030-06-01", "2030-06-01", 0),
        ("2030-06-01", "2030-06-01", 500),
    ],
)
async def test_a_question_that_is_too_large_is_refused(hospital: Hospital, de: str, ate: str, minutos: int) -> None:
    profissional = await hospital.profissional()
    resposta = await hospital.recepcao(LIVRES, id=profissional.id, de=de, ate=ate, min=minutos)
    assert resposta.codigos == ["REQUISICAO_INVALIDA"]


async def test_hours_are_shown_as_they_were_set_in_the_units_time_zone(hospital: Hospital) -> None:
    profissional = await _com_expediente(
        hospital, ("TERCA", "19:00", "07:00"), ("SEGUNDA", "00:00", "24:00"), fuso="America/Manaus"
    )
    visto = (await profissional.cliente(VER, id=profissional.id, **ANO)).data["profissional"]
    assert visto["fuso"] == "America/Manaus"
    assert visto["expediente"] == [
        {"dia": "SEGUNDA", "inicio": "00:00", "fim": "24:00"},
        {"dia": "TERCA", "inicio": "19:00", "fim": "07:00"},
    ]
    assert (await _livres(profissional.cliente, profissional, "2030-06-04"))[-1] == "2030-06-05T03:30:00Z"


@pytest.mark.parametrize(
    "mudanca",
    [
        {"turnos": [{"dia": "SEGUNDA", "inicio": inicio, "fim": "13:00"} for inicio in ("08:00", "11:00")]},
        {"turnos": [{"dia": "SEGUNDA", "inicio": "08:03", "fim": "12:00"}]},
        {"turnos": [{"dia": "SEGUNDA", "inicio": "24:00", "fim": "12:00"}]},
        {"turnos": [], "fuso": "America/Atlantida"},
    ],
)  # fmt: skip
async def test_hours_that_make_no_sense_are_refused_and_the_old_ones_stay(hospital: Hospital, mudanca) -> None:
    profissional = await _com_expediente(hospital, ("SEGUNDA", "08:00", "10:00"))
    resposta = await profissional.cliente(EXPEDIENTE, input={"profissionalId": profissional.id, **mudanca})
    assert resposta.recusas == ["VALOR_INVALIDO"]
    assert len((await profissional.cliente(VER, id=profissional.id, **ANO)).data["profissional"]["expediente"]) == 1


async def test_a_block_closes_the_agenda_until_it_is_removed(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    entrada = {
        "profissionalId": profissional.id,
        "inicio": "2030-06-03T00:00:00Z",
        "fim": "2030-06-04T00:00:00Z",
        "motivo": "feriado",
    }
    bloqueio = (await profissional.cliente(BLOQUEAR, input=entrada)).data["bloquearAgenda"]["bloqueio"]
    pedido = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": "2030-06-03T23:45:00Z"}
    assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == ["AGENDA_BLOQUEADA"]
    visto = (await hospital.recepcao(VER, id=profissional.id, **ANO)).data["profissional"]["bloqueios"]
    assert visto == [{"id": bloqueio["id"], "inicio": entrada["inicio"], "fim": entrada["fim"], "motivo": "feriado"}]
    for id in (bloqueio["id"].replace("blo_", "pac_"), "blo_" + "0" * 32):
        assert (await profissional.cliente(DESBLOQUEAR, id=id)).recusas == ["NAO_ENCONTRADO"]
    assert (await profissional.cliente(DESBLOQUEAR, id=bloqueio["id"])).recusas == []
    assert (await profissional.cliente(DESBLOQUEAR, id=bloqueio["id"])).recusas == ["NAO_ENCONTRADO"]
    assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == []


@pytest.mark.parametrize(
    "mudanca",
    [
        {"fim": "2030-06-03T00:00:00Z"},
        {"motivo": " "},
        {"motivo": "x" * 201},
        {"inicio": "1950-01-01T00:00:00Z", "fim": "1950-01-02T00:00:00Z"},
    ],
)
async def test_a_block_that_makes_no_sense_is_refused(hospital: Hospital, mudanca) -> None:
    profissional = await hospital.profissional()
    entrada = {
        "profissionalId": profissional.id,
        "inicio": "2030-06-03T00:00:00Z",
        "fim": "2030-06-04T00:00:00Z",
        "motivo": "x",
    }
    assert (await profissional.cliente(BLOQUEAR, input={**entrada, **mudanca})).recusas == ["VALOR_INVALIDO"]


async def test_only_ones_own_agenda_or_the_staff(hospital: Hospital) -> None:
    profissional, colega, paciente = (
        await hospital.profissional(),
        await hospital.profissional(),
        await hospital.paciente(),
    )
    horas = {"profissionalId": profissional.id, "turnos": []}
    fechar = {
        "profissionalId": profissional.id,
        "inicio": "2030-06-03T00:00:00Z",
        "fim": "2030-06-04T00:00:00Z",
        "motivo": "x",
    }
    bloqueio = (await hospital.recepcao(BLOQUEAR, input=fechar)).data["bloquearAgenda"]["bloqueio"]["id"]
    for quem in (colega.cliente, paciente.cliente):
        assert (await quem(EXPEDIENTE, input=horas)).codigos == ["PROIBIDO"]
        assert (await quem(BLOQUEAR, input=fechar)).codigos == ["PROIBIDO"]
    assert (await colega.cliente(DESBLOQUEAR, id=bloqueio)).recusas == ["NAO_ENCONTRADO"]
    assert (await paciente.cliente(DESBLOQUEAR, id=bloqueio)).codigos == ["PROIBIDO"]
    assert (await colega.cliente(VER, id=profissional.id, **ANO)).data["profissional"]["bloqueios"] == []
    assert (await paciente.cliente(VER, id=profissional.id, **ANO)).codigos == ["PROIBIDO"]
    assert (await hospital.admin(EXPEDIENTE, input={**horas, "profissionalId": "prf_" + "0" * 32})).recusas == [
        "NAO_ENCONTRADO"
    ]


async def test_too_many_shifts_and_too_long_a_period_are_refused(hospital: Hospital) -> None:
    profissional = await hospital.profissional(sempre=False)
    turnos = [{"dia": "SEGUNDA", "inicio": "08:00", "fim": "08:05"}] * 200
    resposta = await hospital.admin(
        EXPEDIENTE, input={"profissionalId": profissional.id, "turnos": turnos, "fuso": "UTC"}
    )
    assert resposta.recusas == ["VALOR_INVALIDO"]
    query = (
        "query($id: ID!, $de: DateTime!, $ate: DateTime!)"
        " { profissional(id: $id) { bloqueios(de: $de, ate: $ate) { id } } }"
    )
    for de, ate in (("2026-01-01", "2027-01-03"), ("2026-01-02", "2026-01-01")):
        periodo = {"de": f"{de}T00:00:00Z", "ate": f"{ate}T00:00:00Z"}
        assert (await hospital.admin(query, id=profissional.id, **periodo)).codigos == ["REQUISICAO_INVALIDA"]


async def test_an_agenda_has_so_many_blocks_to_come_and_no_more(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    dono = chave(profissional.id)
    dia = datetime(2031, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    linhas = [(nova_chave(), dono, dia, dia + timedelta(days=1), "x", dia) for _ in range(MAIS_BLOQUEIOS - 1)]

    async def work(tx: Transaction) -> None:
        tx.write_rows(
            "INSERT INTO bloqueio (id, profissional_id, inicio, fim, motivo, criado_em) VALUES %(rows)s", linhas
        )

    await hospital.dono.transaction(work)
    entrada = {
        "profissionalId": profissional.id,
        "inicio": "2030-06-03T00:00:00Z",
        "fim": "2030-06-04T00:00:00Z",
        "motivo": "x",
    }
    ultimo = await profissional.cliente(BLOQUEAR, input=entrada)
    assert ultimo.recusas == []
    assert (await profissional.cliente(BLOQUEAR, input=entrada)).recusas == ["VALOR_INVALIDO"]
    await profissional.cliente(DESBLOQUEAR, id=ultimo.data["bloquearAgenda"]["bloqueio"]["id"])
    assert (await profissional.cliente(BLOQUEAR, input=entrada)).recusas == []


async def test_hours_that_change_while_they_are_read_are_those_before_or_those_after(hospital: Hospital) -> None:
    """The hours and the days of their unidades are two statements: in between somebody works elsewhere from now on."""
    profissional = await hospital.profissional(sempre=False)
    antes, depois = await hospital.unidade_em("America/Manaus"), await hospital.unidade_em("America/Belem")

    async def definir(onde: str) -> None:
        turnos = [{"dia": "SEGUNDA", "inicio": "08:00", "fim": "10:00", "unidadeId": onde}]
        entrada = {"profissionalId": profissional.id, "turnos": turnos}
        assert (await hospital.admin(EXPEDIENTE, input=entrada)).recusas == []

    class MudaNoMeio:
        """Reads; once the hours were read, before their unidades are, they are changed, once."""

        def __init__(self) -> None:
            self.lidas, self.mudou = asyncio.Event(), False

        async def look_up(self, sql: str, **parametros: Any) -> list[Any]:
            if "JOIN unidade" in sql and not self.mudou:
                await self.lidas.wait()
                await definir(depois)
                self.mudou = True
            linhas = await hospital.dono.look_up(sql, **parametros)
            if "FROM turno WHERE" in sql:
                self.lidas.set()
            return linhas

    await definir(antes)
    leitor = MudaNoMeio()
    semanas = await store.turnos(leitor, [chave(profissional.id)])  # type: ignore[arg-type]  # what it needs of one
    assert leitor.mudou
    assert list(semanas.dias) == [turno.unidade for turno in semanas.de(chave(profissional.id))] == [chave(depois)]
