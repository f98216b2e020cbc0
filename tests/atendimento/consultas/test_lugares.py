"""Booking by kind, in a unidade, in a sala: who may, when, how long, and what of it stays taken after."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cadastro.unidades.test_unidades import ATUALIZAR_SALA, ATUALIZAR_TIPO, ATUALIZAR_UNIDADE, sala, tipo, unidade
from tests.hospital import AGENDAR, ATUALIZAR, CANCELAR, EXPEDIENTE, REMARCAR, Hospital, Pessoa

VER = (
    "query($id: ID!) { consulta(id: $id) { inicio fim modalidade dia hora fuso acoes"
    " unidade { id } sala { id } tipo { id } } }"
)
LIVRES = (
    "query($id: ID!, $de: Date!, $ate: Date!, $t: ID) { profissional(id: $id)"
    " { horariosDisponiveis(de: $de, ate: $ate, tipoId: $t) { inicio fim } } }"
)


async def _atende(hospital: Hospital, onde: str, **mais: Any) -> Pessoa:
    """Register a profissional who works at every hour, in a unidade."""
    profissional = await hospital.profissional(sempre=False)
    await hospital.sempre_em(profissional.id, onde, **mais)
    return profissional


def _pedido(
    paciente: Pessoa, profissional: Pessoa, inicio: str = "2031-03-03T12:00:00Z", **mais: Any
) -> dict[str, Any]:
    return {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": inicio, **mais}


async def _vista(hospital: Hospital, resposta: Any) -> Any:
    id = resposta.data[next(iter(resposta.data))]["consulta"]["id"]
    vista = (await hospital.recepcao(VER, id=id)).data["consulta"]
    del vista["acoes"]
    return vista


async def test_a_consulta_takes_its_length_its_way_and_its_place_from_its_kind_and_shift(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="America/Manaus", abreNosFeriados=True)
    nela, um = await sala(hospital, onde), await tipo(hospital, duracaoEmMinutos=50, modalidades=["TELECONSULTA"])
    profissional, paciente = await _atende(hospital, onde, salaId=nela), await hospital.paciente()
    feita = await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, tipoId=um))
    assert await _vista(hospital, feita) == {
        "inicio": "2031-03-03T12:00:00Z", "fim": "2031-03-03T12:50:00Z", "modalidade": "TELECONSULTA",
        "dia": "2031-03-03", "hora": "08:00", "fuso": "America/Manaus", "unidade": {"id": onde}, "sala": {"id": nela},
        "tipo": {"id": um},
    }  # fmt: skip
    longe = await unidade(hospital, fuso="UTC")
    alheia = await sala(hospital, longe)
    for mais, recusa in (
        ({"unidadeId": longe}, "FORA_DO_EXPEDIENTE"),
        ({"unidadeId": nela}, "NAO_ENCONTRADO"),
        ({"tipoId": onde}, "NAO_ENCONTRADO"),
        ({"salaId": alheia, "unidadeId": onde}, "NAO_ENCONTRADO"),
        ({"salaId": alheia}, "FORA_DO_EXPEDIENTE"),
    ):
        outra = _pedido(paciente, profissional, "2031-03-04T12:00:00Z", **mais)
        assert (await hospital.recepcao(AGENDAR, input=outra)).recusas == [recusa], mais


async def test_what_comes_after_stays_taken_for_profissional_and_sala_and_not_for_the_paciente(
    hospital: Hospital,
) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    nela = await sala(hospital, onde)
    um = await tipo(hospital, duracaoEmMinutos=30, intervaloEmMinutos=15)
    profissional, colega = await _atende(hospital, onde, salaId=nela), await _atende(hospital, onde)
    paciente, outro = await hospital.paciente(), await hospital.paciente()
    assert (await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, tipoId=um))).recusas == []
    for minutos, recusa in ((35, ["HORARIO_INDISPONIVEL"]), (45, [])):
        inicio = f"2031-03-03T12:{minutos}:00Z"
        assert (await hospital.recepcao(AGENDAR, input=_pedido(outro, profissional, inicio))).recusas == recusa
    na_sala = _pedido(paciente, colega, "2031-03-03T12:30:00Z", duracaoEmMinutos=10, salaId=nela)
    assert (await hospital.recepcao(AGENDAR, input=na_sala)).recusas == ["SALA_INDISPONIVEL"]
    assert (await hospital.recepcao(AGENDAR, input={**na_sala, "salaId": None})).recusas == []
    perguntado = {"id": colega.id, "de": "2031-03-05", "ate": "2031-03-05", "t": um}
    livres = (await paciente.cliente(LIVRES, **perguntado)).data["profissional"]["horariosDisponiveis"]
    inicios = [datetime.fromisoformat(vaga["inicio"]) for vaga in livres]
    assert {depois - antes for antes, depois in itertools.pairwise(inicios)} == {timedelta(minutes=45)}


async def test_a_kind_that_needs_a_sala_gets_a_free_one_and_no_two_the_same(hospital: Hospital) -> None:
    """Five at once for three salas: three are booked, each in its own, and two are told that there is none."""
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    salas = {await sala(hospital, onde, nome=f"Sala {n}") for n in (1, 2, 3)}
    fechada = await sala(hospital, onde, nome="Sala 0")
    fechar = {"nome": "Sala 0", "unidadeId": onde, "ativa": False}
    assert (await hospital.admin(ATUALIZAR_SALA, id=fechada, i=fechar)).recusas == []
    um = await tipo(hospital, exigeSala=True)
    pedidos = [_pedido(await hospital.paciente(), await _atende(hospital, onde), tipoId=um) for _ in range(5)]
    feitas = await asyncio.gather(*(hospital.recepcao(AGENDAR, input=pedido) for pedido in pedidos))
    assert sorted(feita.recusas for feita in feitas) == [[], [], [], ["SALA_INDISPONIVEL"], ["SALA_INDISPONIVEL"]]
    marcadas = [await _vista(hospital, feita) for feita in feitas if not feita.recusas]
    assert {vista["sala"]["id"] for vista in marcadas} == salas
    recusada = next(feita for feita in feitas if feita.recusas).data["agendarConsulta"]
    assert recusada["consulta"] is None
    assert recusada["horariosProximos"]
    marcada = next(feita for feita in feitas if not feita.recusas).data["agendarConsulta"]["consulta"]["id"]
    assert (await hospital.recepcao(CANCELAR, input={"consultaId": marcada, "motivo": "x"})).recusas == []
    pendente = next(pedido for pedido, feita in zip(pedidos, feitas, strict=True) if feita.recusas)
    assert (await hospital.recepcao(AGENDAR, input=pendente)).recusas == []


async def test_a_moved_consulta_takes_its_sala_along_or_another(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    primeira, segunda = [await sala(hospital, onde, nome=f"Consultório {n}") for n in range(2)]
    um = await tipo(hospital, exigeSala=True)
    profissional, colega = await _atende(hospital, onde), await _atende(hospital, onde)
    paciente, outro = await hospital.paciente(), await hospital.paciente()
    feita = await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, tipoId=um))
    assert (await _vista(hospital, feita))["sala"] == {"id": primeira}
    tarde = "2031-03-03T15:00:00Z"
    ocupa = _pedido(outro, colega, tarde, salaId=primeira)
    assert (await hospital.recepcao(AGENDAR, input=ocupa)).recusas == []
    id = feita.data["agendarConsulta"]["consulta"]["id"]
    mudar = {"consultaId": id, "inicio": tarde}
    levada = await hospital.recepcao(REMARCAR, input=mudar)
    assert (await _vista(hospital, levada))["sala"] == {"id": segunda}, "its own is taken then"
    ocupada = _pedido(outro, await _atende(hospital, onde), "2031-03-03T18:00:00Z", salaId=segunda)
    assert (
        await hospital.recepcao(AGENDAR, input={**ocupada, "pacienteId": (await hospital.paciente()).id})
    ).recusas == []
    pela_sala = await hospital.recepcao(AGENDAR, input={**ocupada, "profissionalId": colega.id})
    assert pela_sala.recusas == ["SALA_INDISPONIVEL"]
    nelas = [vaga["inicio"] for vaga in pela_sala.data["agendarConsulta"]["horariosProximos"]]
    assert "2031-03-03T18:00:00Z" not in nelas
    mudada = await hospital.recepcao(REMARCAR, input={**mudar, "inicio": "2031-03-03T12:10:00Z"})
    assert (await _vista(hospital, mudada))["sala"] == {"id": segunda}
    de_novo = await hospital.recepcao(REMARCAR, input={**mudar, "inicio": "2031-03-03T12:10:00Z"})
    assert de_novo.recusas == []


async def test_pacientes_book_what_is_theirs_to_book_as_long_before_as_it_says(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    profissional, paciente = await _atende(hospital, onde), await hospital.paciente()
    so_a_recepcao = await tipo(hospital, autoagendamento=False)
    com_prazo = await tipo(hospital, antecedenciaMinimaEmHoras=48, antecedenciaMaximaEmDias=10)
    cedo, tarde, certo = (
        (datetime.now(UTC) + timedelta(days=dias)).strftime("%Y-%m-%dT12:00:00Z") for dias in (1, 12, 5)
    )
    for mais, recusa in (
        ({"tipoId": so_a_recepcao, "inicio": certo}, ["VALOR_INVALIDO"]),
        ({"tipoId": com_prazo, "inicio": cedo}, ["FORA_DO_PRAZO"]),
        ({"tipoId": com_prazo, "inicio": tarde}, ["FORA_DO_PRAZO"]),
        ({"tipoId": com_prazo, "inicio": certo, "duracaoEmMinutos": 60}, ["VALOR_INVALIDO"]),
        ({"tipoId": com_prazo, "inicio": certo}, []),
    ):
        pedido = {**_pedido(paciente, profissional), **mais}
        assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == recusa, mais
    outro = await hospital.paciente()
    for inicio, mais in ((cedo, {"tipoId": com_prazo, "duracaoEmMinutos": 60}), (tarde, {"tipoId": so_a_recepcao})):
        pedido = _pedido(outro, profissional, inicio, **mais)
        assert (await hospital.recepcao(AGENDAR, input=pedido)).recusas == [], "staff may"


async def test_a_kind_of_a_speciality_is_for_those_who_attend_in_it(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    da_clinica, da_urologia = (
        await tipo(hospital, especialidade="CLÍNICA MÉDICA"),
        await tipo(hospital, especialidade="Urologia"),
    )
    profissional, paciente = await _atende(hospital, onde), await hospital.paciente()
    assert (await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, tipoId=da_urologia))).recusas == [
        "VALOR_INVALIDO"
    ]
    assert (await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, tipoId=da_clinica))).recusas == []


async def test_a_shift_for_some_kinds_is_for_those_alone(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    um, outro = await tipo(hospital), await tipo(hospital)
    profissional, paciente = await _atende(hospital, onde, tipoIds=[um]), await hospital.paciente()
    for mais, recusa in (
        ({}, ["FORA_DO_EXPEDIENTE"]),
        ({"tipoId": outro}, ["FORA_DO_EXPEDIENTE"]),
        ({"tipoId": um}, []),
    ):
        pedido = _pedido(paciente, profissional, **mais)
        assert (await hospital.recepcao(AGENDAR, input=pedido)).recusas == recusa
    for qual, ha in ((None, False), (outro, False), (um, True)):
        perguntado = {"id": profissional.id, "de": "2031-03-05", "ate": "2031-03-05", "t": qual}
        livres = (await paciente.cliente(LIVRES, **perguntado)).data["profissional"]["horariosDisponiveis"]
        assert bool(livres) is ha


@pytest.mark.parametrize("o_que", ["unidade", "tipo", "feriado"])
async def test_what_is_closed_is_not_booked_any_more_and_what_was_booked_stays(hospital: Hospital, o_que: str) -> None:
    nome = f"A fechar {hospital.nome()}"
    onde = await unidade(hospital, nome=nome, fuso="UTC", abreNosFeriados=True, endereco={"uf": "SP"})
    um = await tipo(hospital, nome=nome)
    profissional, paciente = await _atende(hospital, onde), await hospital.paciente()
    feita = await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, "2031-09-07T10:00:00Z", tipoId=um))
    assert feita.recusas == []
    if o_que == "unidade":
        fechada = await hospital.admin(ATUALIZAR_UNIDADE, id=onde, i={"nome": nome, "ativa": False})
    elif o_que == "feriado":
        fechada = await hospital.admin(ATUALIZAR_UNIDADE, id=onde, i={"nome": nome, "abreNosFeriados": False})
    else:
        fechada = await hospital.admin(ATUALIZAR_TIPO, id=um, i={"nome": nome, "duracaoEmMinutos": 30, "ativo": False})
    assert fechada.recusas == []
    depois = _pedido(paciente, profissional, "2031-09-07T14:00:00Z", tipoId=um)
    esperada = {"unidade": "FORA_DO_EXPEDIENTE", "feriado": "FORA_DO_EXPEDIENTE", "tipo": "NAO_ENCONTRADO"}[o_que]
    assert (await hospital.recepcao(AGENDAR, input=depois)).recusas == [esperada]
    vista = await _vista(hospital, feita)
    assert (vista["unidade"]["id"], vista["tipo"]["id"]) == (onde, um)


async def test_shifts_name_places_that_are_there(hospital: Hospital) -> None:
    onde, longe = await unidade(hospital), await unidade(hospital)
    nela, alheia, um = await sala(hospital, onde), await sala(hospital, longe), await tipo(hospital)
    profissional = await hospital.profissional(sempre=False)
    turno = {"dia": "SEGUNDA", "inicio": "08:00", "fim": "12:00", "unidadeId": onde}
    for mais, recusa, campo in (
        ({"unidadeId": nela}, "NAO_ENCONTRADO", "unidadeId"),
        ({"salaId": alheia}, "NAO_ENCONTRADO", "salaId"),
        ({"tipoIds": [nela]}, "NAO_ENCONTRADO", "tipoIds"),
        ({"aCadaSemanas": 5, "vigenciaDe": "2031-01-01"}, "VALOR_INVALIDO", "aCadaSemanas"),
        ({"aCadaSemanas": 2}, "VALOR_INVALIDO", "vigenciaDe"),
        ({"vigenciaDe": "2031-01-02", "vigenciaAte": "2031-01-01"}, "VALOR_INVALIDO", "vigenciaAte"),
    ):
        entrada = {"profissionalId": profissional.id, "turnos": [{**turno, **mais}]}
        erros = (await hospital.recepcao(EXPEDIENTE, input=entrada)).data["definirExpediente"]["erros"]
        assert [(erro["codigo"], erro["campo"]) for erro in erros] == [(recusa, ["input", "turnos", "0", campo])]
    certo = {
        "salaId": nela,
        "tipoIds": [um],
        "aCadaSemanas": 2,
        "vigenciaDe": "2031-01-06",
        "vigenciaAte": "2031-12-31",
    }
    entrada = {"profissionalId": profissional.id, "turnos": [{**turno, **certo}]}
    assert (await hospital.recepcao(EXPEDIENTE, input=entrada)).recusas == []
    ver = (
        "query($id: ID!) { profissional(id: $id) { fuso expediente { dia inicio fim aCadaSemanas vigenciaDe vigenciaAte"
        " unidade { id } sala { id } tipos { id } } } }"
    )
    assert (await profissional.cliente(ver, id=profissional.id)).data["profissional"]["expediente"] == [
        {
            "dia": "SEGUNDA", "inicio": "08:00", "fim": "12:00", "aCadaSemanas": 2, "vigenciaDe": "2031-01-06",
            "vigenciaAte": "2031-12-31", "unidade": {"id": onde}, "sala": {"id": nela}, "tipos": [{"id": um}],
        }
    ]  # fmt: skip
    assert (await hospital.recepcao(EXPEDIENTE, input=entrada)).recusas == ["VALOR_INVALIDO"], "nothing changes"
    perguntado = {"id": profissional.id, "de": "2031-01-06", "ate": "2031-02-05", "t": um}
    livres = (await profissional.cliente(LIVRES, **perguntado)).data["profissional"]["horariosDisponiveis"]
    assert sorted({vaga["inicio"][:10] for vaga in livres}) == ["2031-01-06", "2031-01-20", "2031-02-03"]


async def test_a_paciente_cancels_and_moves_until_so_long_before_and_staff_until_it_begins(hospital: Hospital) -> None:
    """What ``acoes`` says, at the same moment, is what happens."""
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    um = await tipo(hospital, cancelamentoAteEmHoras=24)
    for horas, pode in ((23, False), (25, True)):
        profissional, paciente = await _atende(hospital, onde), await hospital.paciente()
        feita = await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, tipoId=um))
        id = feita.data["agendarConsulta"]["consulta"]["id"]
        await hospital.comeca(id, timedelta(hours=horas))
        acoes = {
            quem: set((await cliente(VER, id=id)).data["consulta"]["acoes"])
            for quem, cliente in (("paciente", paciente.cliente), ("recepcao", hospital.recepcao))
        }
        assert ({"CANCELAR", "REMARCAR"} <= acoes["paciente"]) is pode
        assert {"CANCELAR", "REMARCAR"} <= acoes["recepcao"]
        assert "ATUALIZAR" in acoes["paciente"]
        mudar = {"consultaId": id, "inicio": (datetime.now(UTC) + timedelta(days=5)).strftime("%Y-%m-%dT12:00:00Z")}
        mudada = await paciente.cliente(REMARCAR, input=mudar)
        assert mudada.recusas == ([] if pode else ["TRANSICAO_INVALIDA"])
        if not pode:
            assert "24 h antes" in mudada.data["remarcarConsulta"]["erros"][0]["mensagem"]
            cancelada = await paciente.cliente(CANCELAR, input={"consultaId": id, "motivo": "x"})
            assert cancelada.recusas == ["TRANSICAO_INVALIDA"]
        assert (await hospital.recepcao(CANCELAR, input={"consultaId": id, "motivo": "x"})).recusas == []


async def test_nobody_gets_round_what_a_kind_says_by_correcting_or_moving(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    presencial = await tipo(hospital, duracaoEmMinutos=20)
    com_sala = await tipo(hospital, exigeSala=True, modalidades=["PRESENCIAL", "TELECONSULTA"])
    profissional, paciente = await _atende(hospital, onde), await hospital.paciente()
    marcadas = []
    for inicio, mais in (
        ("2031-03-03T12:00:00Z", {"tipoId": presencial}),
        ("2031-03-04T12:00:00Z", {"tipoId": com_sala, "modalidade": "TELECONSULTA"}),
    ):
        feita = await hospital.recepcao(AGENDAR, input=_pedido(paciente, profissional, inicio, **mais))
        marcadas.append(feita.data["agendarConsulta"]["consulta"]["id"])
    for id, modalidade in zip(marcadas, ("TELECONSULTA", "PRESENCIAL"), strict=True):
        mudada = await paciente.cliente(ATUALIZAR, input={"consultaId": id, "modalidade": modalidade})
        assert mudada.recusas == ["VALOR_INVALIDO"]
    logo = (datetime.now(UTC) + timedelta(days=5)).strftime("%Y-%m-%dT12:00:00Z")
    mudar = {"consultaId": marcadas[0], "inicio": logo}
    assert (await paciente.cliente(REMARCAR, input={**mudar, "duracaoEmMinutos": 480})).recusas == ["VALOR_INVALIDO"]
    assert (await paciente.cliente(REMARCAR, input={**mudar, "duracaoEmMinutos": 20})).recusas == []
