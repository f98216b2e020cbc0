"""Unidades, salas and kinds of appointment: by administrators alone, each field on its own, and only so many."""

import asyncio
from datetime import date
from typing import Any

from sghss_graphql.cadastro.unidades import regras
from sghss_graphql.vocabulario.feriados import feriados
from sghss_graphql.vocabulario.texto import ordem
from tests.hospital import Cliente, Hospital

_UNIDADE = (
    "{ unidade { id versao nome cnes fuso ativa abreNosFeriados endereco { uf municipio }"
    " feriados(ano: 2027) { dia nome aberta } } erros { codigo mensagem campo } }"
)
_SALA = "{ sala { id versao nome ativa unidade { id } } erros { codigo mensagem campo } }"
_TIPO = (
    "{ tipoDeAtendimento { id versao nome especialidade duracaoEmMinutos intervaloEmMinutos modalidades autoagendamento"
    " antecedenciaMinimaEmHoras antecedenciaMaximaEmDias cancelamentoAteEmHoras exigeSala preparo ativo }"
    " erros { codigo mensagem campo } }"
)
CRIAR_UNIDADE = f"mutation($i: UnidadeInput!) {{ criarUnidade(input: $i) {_UNIDADE} }}"
ATUALIZAR_UNIDADE = (
    "mutation($id: ID!, $i: UnidadeInput!, $v: Int)"
    f" {{ atualizarUnidade(unidadeId: $id, input: $i, seVersao: $v) {_UNIDADE} }}"
)
CRIAR_SALA = f"mutation($i: SalaInput!) {{ criarSala(input: $i) {_SALA} }}"
ATUALIZAR_SALA = (
    f"mutation($id: ID!, $i: SalaInput!, $v: Int) {{ atualizarSala(salaId: $id, input: $i, seVersao: $v) {_SALA} }}"
)
CRIAR_TIPO = f"mutation($i: TipoDeAtendimentoInput!) {{ criarTipoDeAtendimento(input: $i) {_TIPO} }}"
ATUALIZAR_TIPO = (
    "mutation($id: ID!, $i: TipoDeAtendimentoInput!, $v: Int)"
    f" {{ atualizarTipoDeAtendimento(tipoId: $id, input: $i, seVersao: $v) {_TIPO} }}"
)


async def unidade(hospital: Hospital, por: Cliente | None = None, **dados: Any) -> str:
    """Create a unidade; its id."""
    feita = await (por or hospital.admin)(CRIAR_UNIDADE, i={"nome": f"Unidade {hospital.nome()}", **dados})
    assert feita.recusas == [], feita.corpo
    return str(feita.data["criarUnidade"]["unidade"]["id"])


async def sala(hospital: Hospital, onde: str, por: Cliente | None = None, **dados: Any) -> str:
    """Create a sala; its id."""
    entrada = {"nome": f"Sala {hospital.nome()}", "unidadeId": onde, **dados}
    feita = await (por or hospital.admin)(CRIAR_SALA, i=entrada)
    assert feita.recusas == [], feita.corpo
    return str(feita.data["criarSala"]["sala"]["id"])


async def tipo(hospital: Hospital, por: Cliente | None = None, **dados: Any) -> str:
    """Create a kind of appointment; its id."""
    entrada = {"nome": f"Tipo {hospital.nome()}", "duracaoEmMinutos": 30, **dados}
    feita = await (por or hospital.admin)(CRIAR_TIPO, i=entrada)
    assert feita.recusas == [], feita.corpo
    return str(feita.data["criarTipoDeAtendimento"]["tipoDeAtendimento"]["id"])


async def test_one_unidade_is_there_from_the_start(hospital: Hospital) -> None:
    todas = (await hospital.ninguem("{ unidades { nome } }")).codigos
    assert todas == ["NAO_AUTENTICADO"]
    nomes = [uma["nome"] for uma in (await hospital.recepcao("{ unidades { nome } }")).data["unidades"]]
    assert "Hospital Central" in nomes, "by the demo's name"
    assert nomes == sorted(nomes, key=ordem)


async def test_what_is_not_sent_stays_as_it_is(hospital: Hospital) -> None:
    id = await unidade(
        hospital, cnes="2077999", fuso="America/Manaus", endereco={"uf": "AM", "municipio": "Manaus"},
        abertaEm=["2027-09-07"],
    )  # fmt: skip
    nome = f"Outra {hospital.nome()}"
    mudada = (await hospital.admin(ATUALIZAR_UNIDADE, id=id, i={"nome": nome})).data["atualizarUnidade"]["unidade"]
    feriados_dela = {feriado["dia"]: feriado for feriado in mudada.pop("feriados")}
    assert mudada == {
        "id": id, "versao": 2, "nome": nome, "cnes": "2077999", "fuso": "America/Manaus", "ativa": True,
        "abreNosFeriados": False, "endereco": {"uf": "AM", "municipio": "Manaus"},
    }  # fmt: skip
    assert feriados_dela["2027-09-07"] == {"dia": "2027-09-07", "nome": "Independência do Brasil", "aberta": True}
    assert feriados_dela["2027-09-05"]["nome"] == "Elevação do Amazonas à categoria de província"
    assert feriados_dela["2027-12-25"]["aberta"] is False
    fechada = await hospital.admin(ATUALIZAR_UNIDADE, id=id, i={"nome": nome, "cnes": None, "abertaEm": []})
    fechada_ = fechada.data["atualizarUnidade"]["unidade"]
    assert (fechada_["cnes"], fechada_["versao"]) == (None, 3)
    assert not any(feriado["aberta"] for feriado in fechada_["feriados"])


async def test_a_name_a_cnes_and_a_zone_are_what_they_say(hospital: Hospital) -> None:
    nome = f"Única {hospital.nome()}"
    await unidade(hospital, nome=nome, cnes="7654321")
    for entrada, campo in (
        ({"nome": nome.upper()}, ["input", "nome"]),
        ({"nome": hospital.nome(), "cnes": "7654321"}, ["input", "cnes"]),
        ({"nome": hospital.nome(), "cnes": "123"}, ["input", "cnes"]),
        ({"nome": " "}, ["input", "nome"]),
        ({"nome": "x\u200by"}, ["input", "nome"]),
        ({"nome": hospital.nome(), "fuso": "Brazil/East"}, ["input", "fuso"]),
        ({"nome": hospital.nome(), "endereco": {"uf": "SP", "pais": "AR"}}, ["input", "endereco", "uf"]),
    ):
        recusada = (await hospital.admin(CRIAR_UNIDADE, i=entrada)).data["criarUnidade"]
        assert recusada["unidade"] is None
        assert [(erro["codigo"], erro["campo"]) for erro in recusada["erros"]] == [("VALOR_INVALIDO", campo)]


async def test_a_sala_stays_in_its_unidade(hospital: Hospital) -> None:
    onde, outra = await unidade(hospital), await unidade(hospital)
    id = await sala(hospital, onde, nome="Consultório 1")
    await sala(hospital, outra, nome="Consultório 1")
    mudar = await hospital.admin(ATUALIZAR_SALA, id=id, i={"nome": "Consultório 2", "unidadeId": outra})
    assert mudar.recusas == ["VALOR_INVALIDO"]
    repetida = await hospital.admin(CRIAR_SALA, i={"nome": "consultorio 1", "unidadeId": onde})
    assert repetida.recusas == ["VALOR_INVALIDO"]
    sem = await hospital.admin(CRIAR_SALA, i={"nome": "x", "unidadeId": id})
    assert sem.recusas == ["NAO_ENCONTRADO"]
    nenhuma = await hospital.admin(CRIAR_SALA, i={"nome": "x", "unidadeId": "uni_" + "0" * 32})
    assert nenhuma.recusas == ["NAO_ENCONTRADO"]
    fechada = await hospital.admin(
        ATUALIZAR_SALA, id=id, i={"nome": "Consultório 1", "unidadeId": onde, "ativa": False}
    )
    assert fechada.data["atualizarSala"]["sala"]["ativa"] is False
    assert (await hospital.admin(ATUALIZAR_SALA, id=onde, i={"nome": "x", "unidadeId": onde})).recusas == [
        "NAO_ENCONTRADO"
    ]


async def test_a_kind_of_appointment_has_usual_values_and_bounds(hospital: Hospital) -> None:
    nome = f"Retorno {hospital.nome()}"
    feito = (await hospital.admin(CRIAR_TIPO, i={"nome": nome, "duracaoEmMinutos": 20})).data["criarTipoDeAtendimento"]
    usual = feito["tipoDeAtendimento"]
    id = usual.pop("id")
    assert usual == {
        "versao": 1, "nome": nome, "especialidade": None, "duracaoEmMinutos": 20, "intervaloEmMinutos": 0,
        "modalidades": ["PRESENCIAL"], "autoagendamento": True, "antecedenciaMinimaEmHoras": 0,
        "antecedenciaMaximaEmDias": 180, "cancelamentoAteEmHoras": 0, "exigeSala": False, "preparo": None,
        "ativo": True,
    }  # fmt: skip
    for campo, valor in {
        "duracaoEmMinutos": 7, "intervaloEmMinutos": 125, "modalidades": [], "antecedenciaMinimaEmHoras": -1,
        "antecedenciaMaximaEmDias": 0, "cancelamentoAteEmHoras": 100_000, "preparo": "jejum\x00",
    }.items():  # fmt: skip
        recusado = await hospital.admin(ATUALIZAR_TIPO, id=id, i={"nome": nome, "duracaoEmMinutos": 20, campo: valor})
        erros = recusado.data["atualizarTipoDeAtendimento"]["erros"]
        assert [erro["campo"] for erro in erros] == [["input", campo]]
    certo = {
        "especialidade": "Cardiologia",
        "modalidades": ["TELECONSULTA", "PRESENCIAL"],
        "preparo": "Jejum.\nExames.",
    }
    mudado = await hospital.admin(ATUALIZAR_TIPO, id=id, i={"nome": nome, "duracaoEmMinutos": 20, **certo}, v=1)
    lido = mudado.data["atualizarTipoDeAtendimento"]["tipoDeAtendimento"]
    assert certo.items() <= lido.items()
    assert lido["versao"] == 2
    da_cardiologia = '{ tiposDeAtendimento(especialidade: "CARDIOLOGIA") { id } }'
    da_urologia = '{ tiposDeAtendimento(especialidade: "urologia") { id } }'
    assert {"id": id} in (await hospital.recepcao(da_cardiologia)).data["tiposDeAtendimento"]
    assert {"id": id} not in (await hospital.recepcao(da_urologia)).data["tiposDeAtendimento"]
    velho = await hospital.admin(ATUALIZAR_TIPO, id=id, i={"nome": nome, "duracaoEmMinutos": 25}, v=1)
    assert velho.recusas == ["CONFLITO_DE_VERSAO"]
    assert velho.data["atualizarTipoDeAtendimento"]["tipoDeAtendimento"]["versao"] == 2
    nada = await hospital.admin(ATUALIZAR_TIPO, id=id, i={"nome": nome, "duracaoEmMinutos": 20})
    assert nada.recusas == ["VALOR_INVALIDO"]


async def test_of_five_at_once_with_one_name_one_is_made(hospital: Hospital) -> None:
    onde = await unidade(hospital)
    feitas = await asyncio.gather(
        *(hospital.admin(CRIAR_SALA, i={"nome": "Sala do meio", "unidadeId": onde}) for _ in range(5))
    )
    assert sorted(uma.recusas == [] for uma in feitas) == [False] * 4 + [True]


def test_holidays_are_the_countrys_and_the_states() -> None:
    de_sp, de_ninguem = feriados("SP", 2026), feriados(None, 2026)
    assert de_sp[date(2026, 7, 9)] == "Revolução Constitucionalista"
    assert date(2026, 7, 9) not in de_ninguem
    assert date(2026, 11, 20) in de_ninguem
    assert date(2023, 11, 20) not in feriados(None, 2023), "Lei 14.759/2023 made it one"
    assert feriados("SP", 1900) == {}
    abertos = frozenset({date(2026, 12, 25)})
    dias = regras.DiasDeUmaUnidade("America/Sao_Paulo", "SP", abre_nos_feriados=False, abertos=abertos)
    fechados = dias.fechados(date(2026, 7, 1), date(2027, 1, 1))
    assert date(2026, 12, 25) not in fechados
    assert {date(2026, 7, 9), date(2027, 1, 1)} <= set(fechados)
