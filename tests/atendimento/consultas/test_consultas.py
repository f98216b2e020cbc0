"""Booking, moving, cancelling; and the states a consulta goes through."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sghss_graphql.atendimento.consultas.regras import TRANSICOES
from sghss_graphql.atendimento.consultas.types import SituacaoDaConsulta
from sghss_graphql.cadastro.pacientes import porta as pacientes_porta
from tests.hospital import (
    ADICIONAR,
    AGENDAR,
    BLOQUEAR,
    CANCELAR,
    CONCLUIR,
    CONFIRMAR,
    FALTAR,
    INICIAR,
    REMARCAR,
    Cliente,
    Hospital,
    chave,
)

SEGUNDA = "2030-06-03T12:00:00Z"


async def _par(hospital: Hospital):
    return await hospital.profissional(), await hospital.paciente()


def _pedido(paciente, profissional, inicio: str = SEGUNDA, **mais: object) -> dict[str, object]:
    return {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": inicio, **mais}


async def test_a_paciente_books_for_themself(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    resposta = await paciente.cliente(AGENDAR, input=_pedido(paciente, profissional, motivo="Dor de cabeça"))
    consulta = resposta.data["agendarConsulta"]["consulta"]
    assert (consulta["inicio"], consulta["fim"]) == ("2030-06-03T12:00:00Z", "2030-06-03T12:30:00Z")
    assert (consulta["situacao"], consulta["modalidade"], consulta["motivo"]) == (
        "AGENDADA",
        "PRESENCIAL",
        "Dor de cabeça",
    )
    assert (consulta["paciente"]["id"], consulta["profissional"]["id"]) == (paciente.id, profissional.id)
    assert consulta["historico"] == [{"situacao": "AGENDADA", "inicio": "2030-06-03T12:00:00Z", "motivo": None}]


async def test_the_refusals_come_in_their_order(hospital: Hospital) -> None:
    """A request with every fault at once gets the first ones; mended one by one, it gets the next."""
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente()
    ninguem = "pac_" + "0" * 32
    pedido = {"pacienteId": ninguem, "profissionalId": "prf_" + "0" * 32, "inicio": "2020-01-01T00:00:00Z"}

    async def recusa(**mudanca: object) -> tuple[str, list[str]]:
        pedido.update(mudanca)
        resposta = await hospital.recepcao(AGENDAR, input=pedido)
        erros = resposta.data["agendarConsulta"]["erros"]
        return erros[0]["codigo"], [erro["campo"][-1] for erro in erros]

    assert await recusa() == ("NAO_ENCONTRADO", ["pacienteId", "profissionalId"])
    assert await recusa(pacienteId=paciente.id) == ("NAO_ENCONTRADO", ["profissionalId"])
    assert await recusa(profissionalId=profissional.id) == ("HORARIO_NO_PASSADO", ["inicio"])
    fechar = {
        "profissionalId": profissional.id,
        "inicio": "2030-06-01T00:00:00Z",
        "fim": "2030-06-04T00:00:00Z",
        "motivo": "x",
    }
    await hospital.recepcao(BLOQUEAR, input=fechar)
    assert await recusa(inicio=SEGUNDA) == ("AGENDA_BLOQUEADA", ["inicio"])
    assert await recusa(inicio="2030-06-05T12:00:00Z") == ("FORA_DO_EXPEDIENTE", ["inicio"])


@pytest.mark.parametrize(
    ("mudanca", "campo"),
    [
        ({"duracaoEmMinutos": 7}, "duracaoEmMinutos"),
        ({"duracaoEmMinutos": 0}, "duracaoEmMinutos"),
        ({"duracaoEmMinutos": 485}, "duracaoEmMinutos"),
        ({"inicio": "2030-06-03T12:03:00Z"}, "inicio"),
        ({"inicio": "2030-06-03T12:00:00.000001Z"}, "inicio"),
        ({"motivo": "x" * 1001}, "motivo"),
        ({"motivo": "nulo \0"}, "motivo"),
    ],
)
async def test_each_wrong_value_is_named(hospital: Hospital, mudanca, campo: str) -> None:
    profissional, paciente = await _par(hospital)
    resposta = await paciente.cliente(AGENDAR, input={**_pedido(paciente, profissional), **mudanca})
    (erro,) = resposta.data["agendarConsulta"]["erros"]
    assert (erro["codigo"], erro["campo"]) == ("VALOR_INVALIDO", ["input", campo])


async def test_an_instant_without_an_offset_is_refused(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    resposta = await paciente.cliente(AGENDAR, input=_pedido(paciente, profissional, "2030-06-03T12:00:00"))
    assert resposta.codigos == ["REQUISICAO_INVALIDA"]
    assert "fuso" in resposta.corpo["errors"][0]["message"]


async def test_an_occupied_time_is_refused_with_the_nearest_free_ones(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    outro = await hospital.paciente()
    await hospital.consulta(outro, profissional, SEGUNDA)
    await hospital.consulta(paciente, await hospital.profissional(), "2030-06-03T12:30:00Z")
    resposta = await paciente.cliente(AGENDAR, input=_pedido(paciente, profissional, "2030-06-03T12:00:00Z"))
    payload = resposta.data["agendarConsulta"]
    assert [erro["codigo"] for erro in payload["erros"]] == ["HORARIO_INDISPONIVEL"]
    assert [vaga["inicio"] for vaga in payload["horariosProximos"]] == [
        "2030-06-03T11:00:00Z",
        "2030-06-03T11:30:00Z",
        "2030-06-03T13:00:00Z",
    ], "free for both: not 12:30, when the paciente is elsewhere"
    assert "03/06/2030" in payload["erros"][0]["mensagem"]


@pytest.mark.parametrize(
    ("inicio", "minutos", "livre"),
    [
        ("2030-06-03T11:30:00Z", 30, True),
        ("2030-06-03T11:30:00Z", 35, False),
        ("2030-06-03T12:25:00Z", 5, False),
        ("2030-06-03T12:30:00Z", 30, True),
        ("2030-06-03T08:00:00Z", 480, False),
        ("2030-06-03T12:00:00Z", 30, False),
    ],
)
async def test_times_may_touch_but_not_overlap(hospital: Hospital, inicio: str, minutos: int, livre: bool) -> None:
    profissional, paciente = await _par(hospital)
    await hospital.consulta(await hospital.paciente(), profissional, SEGUNDA)
    pedido = _pedido(paciente, profissional, inicio, duracaoEmMinutos=minutos)
    assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == ([] if livre else ["HORARIO_INDISPONIVEL"])


async def test_a_consulta_crosses_midnight(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    await hospital.consulta(paciente, profissional, "2030-06-03T23:00:00Z", duracaoEmMinutos=120)
    outro = await hospital.paciente()
    resposta = await outro.cliente(AGENDAR, input=_pedido(outro, profissional, "2030-06-04T00:55:00Z"))
    assert resposta.recusas == ["HORARIO_INDISPONIVEL"]


async def test_a_paciente_is_never_in_two_places(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    await hospital.consulta(paciente, await hospital.profissional(), SEGUNDA)
    resposta = await paciente.cliente(AGENDAR, input=_pedido(paciente, profissional, "2030-06-03T12:15:00Z"))
    assert resposta.recusas == ["HORARIO_INDISPONIVEL"]
    assert "paciente" in resposta.data["agendarConsulta"]["erros"][0]["mensagem"]


async def test_a_profissional_books_on_their_own_agenda_for_pacientes_in_their_care(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    estranho, colega = await hospital.paciente(), await hospital.profissional()
    consulta = await hospital.consulta(paciente, profissional, SEGUNDA)
    retorno = "2030-07-01T12:00:00Z"
    assert (await profissional.cliente(AGENDAR, input=_pedido(paciente, profissional, retorno))).recusas == []
    assert (await profissional.cliente(AGENDAR, input=_pedido(estranho, profissional, retorno))).recusas == [
        "NAO_ENCONTRADO"
    ]
    assert (await profissional.cliente(AGENDAR, input=_pedido(paciente, colega, retorno))).codigos == ["PROIBIDO"]
    so_na_agenda = await hospital.paciente()
    cancelada = await hospital.consulta(so_na_agenda, profissional, "2030-06-04T12:00:00Z")
    await hospital.recepcao(CANCELAR, input={"consultaId": cancelada, "motivo": "x"})
    pedido = _pedido(so_na_agenda, profissional, "2030-07-02T12:00:00Z")
    assert (await profissional.cliente(AGENDAR, input=pedido)).codigos == ["PROIBIDO"]
    assert (await colega.cliente(CONFIRMAR, id=consulta)).recusas == ["NAO_ENCONTRADO"]


async def test_a_paciente_acts_on_their_own_consultas_alone(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    outro = await hospital.paciente()
    do_outro = await hospital.consulta(outro, profissional, SEGUNDA)
    assert (await paciente.cliente(AGENDAR, input=_pedido(outro, profissional, "2030-07-01T12:00:00Z"))).recusas == [
        "NAO_ENCONTRADO"
    ]
    for mutation, variaveis in (
        (CONFIRMAR, {"id": do_outro}),
        (CANCELAR, {"input": {"consultaId": do_outro, "motivo": "x"}}),
        (REMARCAR, {"input": {"consultaId": do_outro, "inicio": "2030-07-01T12:00:00Z"}}),
    ):
        assert (await paciente.cliente(mutation, **variaveis)).recusas == ["NAO_ENCONTRADO"]
    for mutation in (INICIAR, CONCLUIR, FALTAR):
        assert (await outro.cliente(mutation, id=do_outro)).codigos == ["PROIBIDO"]


async def test_only_the_profissional_of_the_consulta_attends(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    colega = await hospital.profissional()
    await hospital.consulta(paciente, colega, "2030-06-05T12:00:00Z")
    consulta = await hospital.consulta(paciente, profissional, SEGUNDA)
    for quem in (hospital.recepcao, hospital.admin, colega.cliente):
        assert (await quem(INICIAR, id=consulta)).codigos == ["PROIBIDO"], "the colleague sees it, but it isn't theirs"
    await hospital.comecou(consulta)
    assert (await profissional.cliente(INICIAR, id=consulta)).recusas == []
    assert (await profissional.cliente(CONCLUIR, id=consulta)).recusas == []


async def test_moving_keeps_the_id_and_the_history_and_unconfirms(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    consulta = await hospital.consulta(paciente, profissional, SEGUNDA, duracaoEmMinutos=45)
    await paciente.cliente(CONFIRMAR, id=consulta)
    entrada = {"consultaId": consulta, "inicio": "2030-06-03T12:30:00Z"}
    movida = (await paciente.cliente(REMARCAR, input=entrada)).data["remarcarConsulta"]["consulta"]
    assert (movida["id"], movida["situacao"]) == (consulta, "AGENDADA")
    assert (movida["inicio"], movida["fim"]) == ("2030-06-03T12:30:00Z", "2030-06-03T13:15:00Z")
    assert [passo["situacao"] for passo in movida["historico"]] == ["AGENDADA", "CONFIRMADA", "AGENDADA"]
    igual = (await paciente.cliente(REMARCAR, input=entrada)).data["remarcarConsulta"]["consulta"]
    assert igual["historico"] == movida["historico"], "moving to where it is changes nothing"
    outro = await hospital.paciente()
    assert (await outro.cliente(AGENDAR, input=_pedido(outro, profissional, SEGUNDA))).recusas == []


async def test_a_move_that_fails_leaves_the_consulta_where_it_was(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    consulta = await hospital.consulta(paciente, profissional, SEGUNDA)
    await hospital.consulta(await hospital.paciente(), profissional, "2030-06-03T14:00:00Z")
    for inicio, codigo in (
        ("2030-06-03T14:00:00Z", "HORARIO_INDISPONIVEL"),
        ("2020-01-01T00:00:00Z", "HORARIO_NO_PASSADO"),
    ):
        entrada = {"consultaId": consulta, "inicio": inicio}
        assert (await paciente.cliente(REMARCAR, input=entrada)).recusas == [codigo]
    outro = await hospital.paciente()
    assert (await outro.cliente(AGENDAR, input=_pedido(outro, profissional, SEGUNDA))).recusas == [
        "HORARIO_INDISPONIVEL"
    ]


async def test_cancelling_frees_the_time_at_once_and_says_why(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    consulta = await hospital.consulta(paciente, profissional, SEGUNDA)
    assert (await paciente.cliente(CANCELAR, input={"consultaId": consulta, "motivo": "  "})).recusas == [
        "VALOR_INVALIDO"
    ]
    resposta = await paciente.cliente(CANCELAR, input={"consultaId": consulta, "motivo": "vou viajar"})
    cancelada = resposta.data["cancelarConsulta"]["consulta"]
    assert (cancelada["situacao"], cancelada["historico"][-1]["motivo"]) == ("CANCELADA", "vou viajar")
    outro = await hospital.paciente()
    assert (await outro.cliente(AGENDAR, input=_pedido(outro, profissional, SEGUNDA))).recusas == []


CAMINHOS = {
    "AGENDADA": [],
    "CONFIRMADA": [CONFIRMAR],
    "EM_ATENDIMENTO": [INICIAR],
    "REALIZADA": [INICIAR, CONCLUIR],
    "CANCELADA": [CANCELAR],
    "FALTOU": [FALTAR],
}
_ADIANTE = timedelta(days=3)
DESTINOS = {
    "CONFIRMADA": CONFIRMAR,
    "EM_ATENDIMENTO": INICIAR,
    "REALIZADA": CONCLUIR,
    "CANCELADA": CANCELAR,
    "FALTOU": FALTAR,
}


async def _executar(hospital: Hospital, quem: Cliente, mutation: str, consulta: str):
    """Do it at a time at which it can be done."""
    await hospital.comeca(consulta, -timedelta(hours=1) if mutation in (INICIAR, CONCLUIR, FALTAR) else _ADIANTE)
    if mutation == CANCELAR:
        return await quem(CANCELAR, input={"consultaId": consulta, "motivo": "x"})
    return await quem(mutation, id=consulta)


@pytest.mark.parametrize(("de", "para"), list(itertools.product(CAMINHOS, DESTINOS)))
async def test_every_transition_is_as_the_table_says(hospital: Hospital, de: str, para: str) -> None:
    profissional, paciente = await _par(hospital)
    consulta = await hospital.consulta(paciente, profissional)
    for mutation in CAMINHOS[de]:
        assert (await _executar(hospital, profissional.cliente, mutation, consulta)).recusas == []
    resposta = await _executar(hospital, profissional.cliente, DESTINOS[para], consulta)
    permitida = SituacaoDaConsulta[para] in TRANSICOES[SituacaoDaConsulta[de]]
    assert resposta.recusas == ([] if permitida else ["TRANSICAO_INVALIDA"])
    visto = await profissional.cliente("query($id: ID!) { consulta(id: $id) { situacao } }", id=consulta)
    assert visto.data["consulta"]["situacao"] == (para if permitida else de)


@pytest.mark.parametrize("de", CAMINHOS)
async def test_only_what_has_not_begun_can_be_moved(hospital: Hospital, de: str) -> None:
    profissional, paciente = await _par(hospital)
    consulta = await hospital.consulta(paciente, profissional, SEGUNDA)
    for mutation in CAMINHOS[de]:
        await _executar(hospital, profissional.cliente, mutation, consulta)
    await hospital.comeca(consulta, _ADIANTE)
    resposta = await profissional.cliente(REMARCAR, input={"consultaId": consulta, "inicio": "2030-06-03T15:00:00Z"})
    assert resposta.recusas == ([] if de in ("AGENDADA", "CONFIRMADA") else ["TRANSICAO_INVALIDA"])


def test_the_table_is_the_domains() -> None:
    assert {de.name: {para.name for para in destinos} for de, destinos in TRANSICOES.items()} == {
        "AGENDADA": {"CONFIRMADA", "EM_ATENDIMENTO", "CANCELADA", "FALTOU"},
        "CONFIRMADA": {"EM_ATENDIMENTO", "CANCELADA", "FALTOU"},
        "EM_ATENDIMENTO": {"REALIZADA"},
        "REALIZADA": set(),
        "CANCELADA": set(),
        "FALTOU": set(),
    }


async def test_of_two_callers_racing_exactly_one_wins(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    for n in range(10):
        consulta = await hospital.consulta(paciente, profissional, f"2031-01-{n + 1:02}T12:00:00Z")
        await hospital.comeca(consulta, -timedelta(minutes=45 * (n + 1)))
        respostas = await asyncio.gather(
            *(profissional.cliente(mutation, id=consulta) for mutation in (INICIAR, FALTAR, INICIAR, FALTAR))
        )
        assert sorted(resposta.recusas for resposta in respostas) == [[]] + [["TRANSICAO_INVALIDA"]] * 3


FILTRAR = (
    "query($filtro: FiltroDeConsultas, $first: Int, $last: Int, $after: String, $before: String)"
    " { consultas(filtro: $filtro, first: $first, last: $last, after: $after, before: $before) { totalCount"
    " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id inicio situacao"
    " paciente { id } profissional { id } } } } }"
)


async def test_filters_hold_together(hospital: Hospital) -> None:
    profissional, paciente = await _par(hospital)
    outro = await hospital.paciente()
    a = await hospital.consulta(paciente, profissional, "2030-06-03T12:00:00Z")
    b = await hospital.consulta(paciente, profissional, "2030-06-03T13:00:00Z")
    c = await hospital.consulta(outro, profissional, "2030-06-03T14:00:00Z")
    await profissional.cliente(CONFIRMAR, id=b)

    async def achadas(**filtro: object) -> list[str]:
        lista = (await hospital.recepcao(FILTRAR, filtro=filtro)).data["consultas"]
        assert lista["totalCount"] == len(lista["edges"])
        return [edge["node"]["id"] for edge in lista["edges"]]

    assert await achadas(profissionalId=profissional.id) == [c, b, a]
    assert await achadas(profissionalId=profissional.id, pacienteId=paciente.id) == [b, a]
    assert await achadas(profissionalId=profissional.id, de="2030-06-03T13:00:00Z") == [c, b]
    assert await achadas(profissionalId=profissional.id, ate="2030-06-03T13:00:00Z") == [a]
    assert await achadas(pacienteId=paciente.id, situacoes=["CONFIRMADA", "FALTOU"]) == [b]
    assert await achadas(pacienteId=paciente.id, situacoes=[]) == []
    assert await achadas(pacienteId=profissional.id) == []
    assert await achadas(pacienteId="bobagem") == []


async def test_a_profissional_who_is_a_paciente_too_sees_both_sides_each_once(hospital: Hospital) -> None:
    profissional, colega, paciente = (
        await hospital.profissional(),
        await hospital.profissional(),
        await hospital.paciente(),
    )
    eu = await hospital.tambem_paciente(profissional)
    esperadas = {
        await hospital.consulta(eu, colega, "2030-06-03T12:00:00Z"),
        await hospital.consulta(paciente, profissional, "2030-06-05T12:00:00Z"),
        await hospital.consulta(paciente, colega, "2030-06-06T12:00:00Z"),
    }
    await hospital.consulta(await hospital.paciente(), colega, "2030-06-07T12:00:00Z")
    lista = (await profissional.cliente(FILTRAR)).data["consultas"]
    assert lista["totalCount"] == len(lista["edges"]) == len(esperadas)
    assert {edge["node"]["id"] for edge in lista["edges"]} == esperadas


async def test_nobody_attends_themself_whoever_books(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    eu = await hospital.tambem_paciente(profissional)
    entrada = {"pacienteId": eu.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    for quem in (hospital.recepcao, hospital.admin, profissional.cliente):
        assert (await quem(AGENDAR, input=entrada)).recusas == ["MESMA_PESSOA"]


async def test_a_consulta_with_oneself_of_before_is_neither_started_nor_written_about(hospital: Hospital) -> None:
    """As a database may hold one: booked when nothing refused it."""
    profissional, colega = await hospital.profissional(), await hospital.profissional()
    eu = await hospital.tambem_paciente(profissional)
    consulta = await hospital.consulta(eu, colega)
    await hospital.dono.transaction(
        lambda tx: tx.execute(
            "UPDATE consulta SET profissional_id = %(eu)s WHERE id = %(c)s",
            eu=chave(profissional.id),
            c=chave(consulta),
        )
    )
    assert (await profissional.cliente(INICIAR, id=consulta)).recusas == ["MESMA_PESSOA"]
    registro = {"pacienteId": eu.id, "tipo": "EVOLUCAO", "texto": "Estou ótimo."}
    assert (await profissional.cliente(ADICIONAR, input=registro)).recusas == ["MESMA_PESSOA"]


async def test_a_persons_time_is_one_time_in_whatever_role(hospital: Hospital) -> None:
    """Booked as who attends, they can't be attended then; nor the other way round; and free hours say so."""
    profissional, colega, paciente = (
        await hospital.profissional(),
        await hospital.profissional(),
        await hospital.paciente(),
    )
    eu = await hospital.tambem_paciente(profissional)
    manha, tarde = "2031-06-03T12:00:00Z", "2031-06-03T18:00:00Z"
    await hospital.consulta(paciente, profissional, manha)
    entrada = {"pacienteId": eu.id, "profissionalId": colega.id, "inicio": manha}
    assert (await hospital.recepcao(AGENDAR, input=entrada)).recusas == ["HORARIO_INDISPONIVEL"]
    como_paciente = await hospital.consulta(eu, colega, tarde)
    entrada = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": tarde}
    assert (await hospital.recepcao(AGENDAR, input=entrada)).recusas == ["HORARIO_INDISPONIVEL"]
    vagas = (
        "query($id: ID!) { profissional(id: $id)"
        ' { horariosDisponiveis(de: "2031-06-03", ate: "2031-06-03") { inicio } } }'
    )

    async def livres() -> set[str]:
        resposta = await hospital.recepcao(vagas, id=profissional.id)
        return {vaga["inicio"] for vaga in resposta.data["profissional"]["horariosDisponiveis"]}

    assert not {manha, tarde} & await livres()
    await hospital.recepcao(CANCELAR, input={"consultaId": como_paciente, "motivo": "viajou"})
    assert {manha, tarde} & await livres() == {tarde}


@pytest.mark.parametrize("quem", ["recepcao", "profissional"])
async def test_paging_both_ways_visits_each_once_while_rows_are_inserted(hospital: Hospital, quem: str) -> None:
    profissional, paciente = await _par(hospital)
    cliente = hospital.recepcao if quem == "recepcao" else profissional.cliente
    inicio = datetime(2032, 1, 1, 12, tzinfo=UTC)
    for n in range(25):
        await hospital.consulta(paciente, profissional, (inicio + timedelta(hours=n)).isoformat())
    filtro = {"profissionalId": profissional.id} if quem == "recepcao" else None
    antes = [e["node"]["id"] for e in (await cliente(FILTRAR, filtro=filtro, first=100)).data["consultas"]["edges"]]
    for tamanho, cursor, seta, resto in (
        ("first", "after", "endCursor", "hasNextPage"),
        ("last", "before", "startCursor", "hasPreviousPage"),
    ):
        vistas: list[str] = []
        pagina: dict[str, object] = {tamanho: 4}
        novo = 0
        while True:
            lista = (await cliente(FILTRAR, filtro=filtro, **pagina)).data["consultas"]
            ids = [edge["node"]["id"] for edge in lista["edges"]]
            vistas = vistas + ids if tamanho == "first" else ids + vistas
            novo += 1
            marcar = inicio + timedelta(hours=novo, minutes=30 if tamanho == "first" else 0)
            await hospital.consulta(
                paciente, profissional, (marcar if tamanho == "first" else marcar - timedelta(days=30)).isoformat()
            )
            if not lista["pageInfo"][resto]:
                break
            pagina[cursor] = lista["pageInfo"][seta]
        assert len(vistas) == len(set(vistas))
        assert [id for id in vistas if id in antes] == antes


async def test_what_goes_from_sight_while_it_is_moved_is_judged_anew(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where another takes the consulta over just then; the moment is made inside of hospital.app."""
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, profissional)
    ver, vistos = pacientes_porta.um, 0

    async def um(*quais: Any, **mais: Any) -> Any:
        nonlocal vistos
        vistos += 1
        return None if vistos == 1 else await ver(*quais, **mais)

    monkeypatch.setattr(pacientes_porta, "um", um)
    para = {"consultaId": consulta, "inicio": hospital.instante()}
    assert (await profissional.cliente(REMARCAR, input=para)).recusas == []
    assert vistos == 2
