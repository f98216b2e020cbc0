"""The trail: every reading of someone else's data, every change, login and refusal; ids only, once, and for good."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type, is_object_type

from sghss_graphql.app import create_engine, create_services
from sghss_graphql.atendimento.consultas import regras as consultas_regras
from sghss_graphql.cadastro.codigos import regras as codigos_regras
from sghss_graphql.cadastro.pacientes import regras as pacientes_regras
from sghss_graphql.cadastro.usuarios import regras as usuarios_regras
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import QUEM_PODE
from sghss_graphql.confianca.auditoria.atos import SEM_REGISTRO, Atos, Autor, Leituras
from sghss_graphql.confianca.auditoria.trilha import Trilha
from sghss_graphql.context import Contexto, Servicos
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.failures import DatabaseFailure
from sghss_graphql.machinery.engine import Engine, Request
from sghss_graphql.machinery.faults import Unavailable
from sghss_graphql.machinery.web.heads import Head
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.atos import Leitura
from sghss_graphql.vocabulario.errors import contar
from sghss_graphql.vocabulario.tempo import agora, relogio
from tests.cadastro.cuidados.test_cuidados import compartilhar
from tests.hospital import (
    ADICIONAR,
    AGENDAR,
    ATUALIZAR,
    ATUALIZAR_PACIENTE,
    BLOQUEAR,
    CADASTRAR_FUNCIONARIO,
    CADASTRAR_PACIENTE,
    CADASTRAR_PROFISSIONAL,
    CANCELAR,
    CASA,
    CONCLUIR,
    CONFIRMAR,
    CORRIGIR,
    DEFINIR,
    DESBLOQUEAR,
    DESBLOQUEAR_LOGIN,
    DIAS,
    EMITIR,
    EXPEDIENTE,
    FALTAR,
    INICIAR,
    LEITURAS,
    LOGIN,
    REMARCAR,
    RENOVAR,
    RETIFICAR,
    SAIR,
    SCHEMA,
    SENHA_DE_TESTE,
    TROCAR,
    Hospital,
    Pessoa,
    chave,
)
from tests.hospital import SCHEMA as schema
from tests.machinery.engine.steps import steps
from tests.processes import PROCESSES
from tests.provas import PROVAS

TELAS = {
    "nome": "query($id: ID!) { paciente(id: $id) { nome } }",
    "consultas": "query($id: ID!) { paciente(id: $id) { consultas { totalCount } } }",
}
_LEMBRAM = max(PROCESSES, 1)
"""How many processes remember, each for itself, what was written just now."""


async def _entradas(hospital: Hospital, condicao: str, **parametros: Any) -> list[tuple[str, bytes | None]]:
    """Give the entries, oldest first: ato and alvo."""
    linhas = await hospital.dono.select(
        f"SELECT ato, alvo_id FROM auditoria WHERE {condicao} ORDER BY id",
        **parametros,
    )
    return [(ato, alvo) for ato, alvo in linhas]


async def _usuario(hospital: Hospital, pessoa: Pessoa) -> bytes:
    ((chave,),) = await hospital.dono.select(
        "SELECT u.id FROM usuario u JOIN pessoa e ON e.id = u.pessoa_id WHERE e.cpf = %(cpf)s", cpf=pessoa.cpf
    )
    return chave


async def _lidos(hospital: Hospital, quem: Pessoa) -> list[tuple[str, bytes | None]]:
    """Give what someone read of others, as the trail has it: the ato and whose data, once for each entry."""
    linhas = await hospital.dono.select(
        "SELECT DISTINCT a.id, a.ato, v.alvo_id FROM auditoria a JOIN auditoria_visto v ON v.entrada_id = a.id"
        " WHERE a.usuario_id = %(u)s AND a.ato IN %(atos)s ORDER BY a.id",
        u=await _usuario(hospital, quem),
        atos=_NOMES_DAS_LEITURAS,
    )
    return [(ato, alvo) for _, ato, alvo in linhas]


async def _numero_de_entradas(hospital: Hospital, quem: Pessoa) -> int:
    """Count the entries of someone's readings."""
    entradas = await _entradas(
        hospital,
        "usuario_id = %(u)s AND ato IN %(atos)s",
        u=await _usuario(hospital, quem),
        atos=_NOMES_DAS_LEITURAS,
    )
    return len(entradas)


_NOMES_DAS_LEITURAS = [ato.name for ato in LEITURAS]
CAMPOS = [(*lugar.split("."), dito.ato) for lugar, dito in CASA.campos.items() if dito.ato is not None]
PESSOAIS = {tipo: {campo for um, campo, _ in CAMPOS if um == tipo} for tipo, _, _ in CAMPOS}


@dataclass
class Cena:
    """A paciente with a consulta and a record that was corrected; the services and both executors."""

    paciente: Pessoa
    consulta: str
    registro: str
    servicos: Servicos
    motores: dict[str, Engine]


@pytest.fixture(scope="module")
async def cena(hospital: Hospital, settings: Settings) -> AsyncIterator[Cena]:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, profissional)
    registro = await hospital.prontuario(profissional, paciente, consultaId=consulta)
    servicos = create_services(settings)
    motores = {
        "compiled": create_engine(settings, SCHEMA),
        "graphql-core": Engine(schema, tell=contar, compiled=False, failed=Contexto.falhou),
    }
    yield Cena(paciente, consulta, registro, servicos, motores)
    await servicos.close()


async def _quem(hospital: Hospital, cena: Cena, pessoa: Pessoa) -> Any:
    autorizacao = f"Bearer {pessoa.cliente.token}"
    return await cena.servicos.sessoes.quem_pede(autorizacao, Head.of({b"authorization": autorizacao.encode()}).token)


def _selecao(tipo: str, campo: str) -> str:
    """Write a field with the least of what is below it."""
    objeto = schema.core.type_map[tipo]
    assert isinstance(objeto, GraphQLObjectType)
    embaixo = get_named_type(objeto.fields[campo].type)
    return campo if is_leaf_type(embaixo) else campo + " { __typename }"


DE_UM_PROFISSIONAL = [
    (tipo, campo, ato)
    for tipo, campo, ato in CAMPOS
    if tipo != "Usuario" and Papel.PROFISSIONAL in QUEM_PODE[CASA.campos[f"{tipo}.{campo}"].acao]
]


@pytest.mark.parametrize("motor", ["compiled", "graphql-core"])
@pytest.mark.parametrize(("tipo", "campo", "ato"), DE_UM_PROFISSIONAL)
async def test_each_field_that_shows_someones_data_leaves_its_entry(
    hospital: Hospital, cena: Cena, tipo: str, campo: str, ato: Leitura, motor: str
) -> None:
    profissional = await hospital.profissional()
    await hospital.consulta(cena.paciente, profissional)
    objeto = {"Paciente": cena.paciente.id, "Consulta": cena.consulta, "Prontuario": cena.registro}.get(tipo)
    if tipo == "AcessoDeEmergencia":
        so_o_id = "mutation($i: AcessarEmEmergenciaInput!) { acessarEmEmergencia(input: $i) { acesso { id } } }"
        entrada = {"pacienteId": cena.paciente.id, "justificativa": "O paciente chegou inconsciente."}
        feito = await profissional.cliente(so_o_id, i=entrada)
        objeto = feito.data["acessarEmEmergencia"]["acesso"]["id"]
    elif tipo == "CuidadoCompartilhado":
        feito = await compartilhar(cena.paciente.cliente, cena.paciente.id, profissional.id)
        objeto = feito.data["compartilharCuidado"]["cuidado"]["id"]
    quem = await _quem(hospital, cena, profissional)
    contexto = Contexto(cena.servicos, quem)
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on {tipo} {{ {_selecao(tipo, campo)} }} }} }}"
    resposta = await cena.motores[motor].run(Request(query, {"id": objeto}), contexto, "…")
    assert "errors" not in resposta
    assert resposta["data"]["node"] is not None
    nada = tipo not in ("AcessoDeEmergencia", "CuidadoCompartilhado")  # of which making one shows it
    assert await _lidos(hospital, profissional) == [] or not nada
    await contexto.concluir()
    esperados = {(ato.name, chave(cena.paciente.id))}
    objeto_e = {"Paciente": "LER_CADASTRO", "Consulta": "LER_CONSULTAS", "Prontuario": "LER_PRONTUARIO"}
    embaixo = get_named_type(schema.core.type_map[tipo].fields[campo].type).name  # type: ignore[union-attr]  # an object
    vistos = {objeto_e[um] for um in (tipo, embaixo) if um in objeto_e}
    assert esperados <= set(await _lidos(hospital, profissional))
    assert {lido for lido, _ in await _lidos(hospital, profissional)} == vistos | {ato.name}


@pytest.mark.parametrize("campo", sorted(PESSOAIS["Usuario"]))
async def test_a_usuario_who_is_shown_to_someone_else_is_on_the_trail(
    hospital: Hospital, cena: Cena, campo: str
) -> None:
    admin = await hospital.funcionario("ADMINISTRADOR")
    contexto = Contexto(cena.servicos, await _quem(hospital, cena, admin))
    query = (
        "mutation($input: CadastrarFuncionarioInput!) { cadastrarFuncionario(input: $input) { usuario { "
        + _selecao("Usuario", campo)
        + " } } }"
    )
    novo = {"cpf": hospital.cpf(), "nome": hospital.nome(), "papel": "RECEPCAO"}
    resposta = await cena.motores["compiled"].run(Request(query, {"input": novo}), contexto, "…")
    assert "errors" not in resposta
    await contexto.concluir()
    (cadastro,) = await _entradas(
        hospital, "usuario_id = %(u)s AND ato = 'CADASTRAR_FUNCIONARIO'", u=await _usuario(hospital, admin)
    )
    assert ("LER_USUARIO", cadastro[1]) in await _lidos(hospital, admin)


def test_every_field_of_a_type_with_personal_data_is_on_the_list() -> None:
    for tipo, campos in PESSOAIS.items():
        objeto = schema.core.type_map[tipo]
        assert isinstance(objeto, GraphQLObjectType)
        assert {"id", *campos} == set(objeto.fields)


PUBLICOS = {
    *(
        "Profissional",
        "Especialidade",
        "Turno",
        "HorarioDisponivel",
        "Bloqueio",
    ),  # the directory of profissionais and their hours
    *("Query", "Mutation", "PageInfo", "ErroDeUsuario", "Sessao", "CodigoDeAcesso", "CodigoEmitido"),
    "MudancaDaConsulta",  # stands below Consulta.historico alone
    *(tipo for provas in PROVAS for tipo in provas.publicos),
}


def test_a_new_type_is_either_public_or_on_the_list() -> None:
    tipos = {
        nome
        for nome, tipo in schema.core.type_map.items()
        if is_object_type(tipo) and not nome.startswith("__") and not nome.endswith(("Connection", "Edge", "Payload"))
    }
    assert tipos == PUBLICOS | set(PESSOAIS)


async def test_one_reads_ones_own_data_without_an_entry(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    await hospital.consulta(paciente, profissional)
    await hospital.prontuario(profissional, paciente)
    query = (
        "query($id: ID!) { eu { nome paciente { nome cpf } } prontuarios(pacienteId: $id) { edges { node { texto }}}"
    )
    resposta = await paciente.cliente(query + " consultas { totalCount edges { node { inicio } } } }", id=paciente.id)
    assert resposta.data["prontuarios"]["edges"]
    assert await _lidos(hospital, paciente) == []


async def test_nothing_is_read_where_nothing_is_found(hospital: Hospital, cena: Cena) -> None:
    profissional = await hospital.profissional()
    await hospital.consulta(cena.paciente, profissional)
    outro = await hospital.paciente()
    for query in TELAS.values():
        assert (await profissional.cliente(query, id=outro.id)).data == {"paciente": None}
    ler = "query($id: ID!) { prontuarios(pacienteId: $id) { totalCount } consultas(filtro: {pacienteId: $id}) "
    assert (await profissional.cliente(ler + "{ totalCount } }", id=outro.id)).data["prontuarios"] == {"totalCount": 0}
    assert await _lidos(hospital, profissional) == []


@pytest.mark.parametrize(
    ("query", "ato"),
    [
        ("paciente(id: $id) { __typename }", "LER_CADASTRO"),
        ("paciente(id: $id) { id }", "LER_CADASTRO"),
        ("node(id: $id) { id }", "LER_CADASTRO"),
        ("paciente(id: $id) { consultas(first: 1) { __typename } }", "LER_CONSULTAS"),
        ("paciente(id: $id) { consultas(first: 1) { pageInfo { hasNextPage } } }", "LER_CONSULTAS"),
        ("paciente(id: $id) { prontuarios { totalCount } }", "LER_PRONTUARIO"),
        ("prontuarios(pacienteId: $id) { totalCount }", "LER_PRONTUARIO"),
        ("prontuarios(pacienteId: $id) { pageInfo { endCursor } }", "LER_PRONTUARIO"),
        ("prontuarios(pacienteId: $id) { edges { cursor } }", "LER_PRONTUARIO"),
        ("prontuarios(pacienteId: $id) { edges { __typename } }", "LER_PRONTUARIO"),
        ("consultas(filtro: {pacienteId: $id}) { totalCount }", "LER_CONSULTAS"),
        ("consultas(filtro: {pacienteId: $id}) { edges { node { id } } }", "LER_CONSULTAS"),
        ("consultas(filtro: {pacienteId: $id}) { edges { node { paciente { id } } } }", "LER_CADASTRO"),
    ],
)
@pytest.mark.parametrize("motor", ["compiled", "graphql-core"])
async def test_whoever_learns_of_someone_without_a_row_is_on_the_trail(
    hospital: Hospital, cena: Cena, query: str, ato: str, motor: str
) -> None:
    profissional = await hospital.profissional()
    await hospital.consulta(cena.paciente, profissional)
    contexto = Contexto(cena.servicos, await _quem(hospital, cena, profissional))
    resposta = await cena.motores[motor].run(
        Request(f"query($id: ID!) {{ {query} }}", {"id": cena.paciente.id}), contexto, "…"
    )
    assert "errors" not in resposta
    await contexto.concluir()
    assert (ato, chave(cena.paciente.id)) in await _lidos(hospital, profissional)


async def test_that_there_is_nothing_is_learned_too(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, profissional)
    await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})
    await profissional.cliente("query($id: ID!) { prontuarios(pacienteId: $id) { totalCount } }", id=paciente.id)
    assert await _lidos(hospital, profissional) == [("LER_PRONTUARIO", chave(paciente.id))]


async def test_an_entry_about_a_prontuario_names_what_was_read_of_it(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    await hospital.consulta(paciente, profissional)
    registros = [await hospital.prontuario(profissional, paciente) for _ in range(3)]
    outro = await hospital.profissional()
    await hospital.consulta(paciente, outro)
    await outro.cliente(
        "query($id: ID!) { prontuarios(pacienteId: $id, first: 2) { edges { node { texto } } } }", id=paciente.id
    )
    linhas = await hospital.dono.select(
        "SELECT v.registro_id FROM auditoria a JOIN auditoria_visto v ON v.entrada_id = a.id"
        " WHERE a.usuario_id = %(u)s AND a.ato = 'LER_PRONTUARIO' AND v.alvo_id = %(p)s",
        u=await _usuario(hospital, outro),
        p=chave(paciente.id),
    )
    lidos = {registro for (registro,) in linhas}
    assert {chave(registro) for registro in registros[1:]} <= lidos
    assert chave(registros[0]) not in lidos


async def test_counting_many_is_one_entry_that_says_which_list(hospital: Hospital) -> None:
    recepcao = await hospital.funcionario("RECEPCAO")
    for _ in range(3):
        await recepcao.cliente('{ pacientes(busca: "maria segredo") { totalCount } consultas { totalCount } }')
    linhas = await hospital.dono.select(
        "SELECT ato, campo, alvo_id FROM auditoria WHERE usuario_id = %(u)s AND ato = 'CONTAR' ORDER BY campo",
        u=await _usuario(hospital, recepcao),
    )
    assert linhas == sorted(um for um in set(linhas) for _ in range(_LEMBRAM))
    assert set(linhas) == {("CONTAR", "consultas", None), ("CONTAR", "pacientes", None)}
    paciente = await hospital.paciente()
    await paciente.cliente("{ consultas { totalCount } }")
    assert (
        await _entradas(hospital, "usuario_id = %(u)s AND ato = 'CONTAR'", u=await _usuario(hospital, paciente)) == []
    )


async def test_a_refusal_that_tells_that_someone_is_registered_is_on_the_trail(hospital: Hospital) -> None:
    conhecido, recepcao = await hospital.paciente(), await hospital.funcionario("RECEPCAO")
    novo = {"nome": "Ana", "nascimento": "2000-01-01", "cpf": conhecido.cpf}
    for _ in range(2):
        assert (await recepcao.cliente(CADASTRAR_PACIENTE, input=novo)).recusas == ["CPF_JA_CADASTRADO"]
    usuario = await _usuario(hospital, recepcao)
    saber = "ato = 'SABER_POR_RECUSA' AND campo = 'cadastrarPaciente'"
    assert len(await _entradas(hospital, f"usuario_id = %(u)s AND {saber}", u=usuario)) == _LEMBRAM
    antes = len(await _entradas(hospital, f"usuario_id IS NULL AND {saber}"))
    for _ in range(3):
        de_fora = await hospital.ninguem(CADASTRAR_PACIENTE, input={**novo, "senha": SENHA_DE_TESTE})
        assert de_fora.recusas == ["CPF_JA_CADASTRADO"]
    assert len(await _entradas(hospital, f"usuario_id IS NULL AND {saber}")) <= antes + _LEMBRAM


@pytest.mark.parametrize(
    ("mutation", "ato"),
    [
        ("confirmarConsulta(consultaId: $c)", "LER_CONSULTAS"),
        ('remarcarConsulta(input: {consultaId: $c, inicio: "2036-03-03T12:00:00Z"})', "LER_CONSULTAS"),
        ('cancelarConsulta(input: {consultaId: $c, motivo: "x"})', "LER_CONSULTAS"),
        (
            'agendarConsulta(input: {pacienteId: $p, profissionalId: "prf_nada", inicio: "2036-03-03T12:00:00Z"})',
            "LER_CONSULTAS",
        ),
        ("atualizarPaciente(input: {pacienteId: $p, seVersao: 99})", "LER_CADASTRO"),
    ],
)
async def test_a_refusal_that_tells_of_someone_who_is_named_is_a_reading(
    hospital: Hospital, mutation: str, ato: str
) -> None:
    profissional, paciente, recepcao = (
        await hospital.profissional(),
        await hospital.paciente(),
        await hospital.funcionario("RECEPCAO"),
    )
    consulta = await hospital.consulta(paciente, profissional)
    await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})
    variables = {"c": consulta} if "$c" in mutation else {"p": paciente.id}
    (name,) = variables
    resposta = await recepcao.cliente(f"mutation(${name}: ID!) {{ {mutation} {{ erros {{ codigo }} }} }}", **variables)
    assert resposta.recusas
    assert await _lidos(hospital, recepcao) == [(ato, chave(paciente.id))]


async def test_that_a_profissional_never_saw_someone_is_learned_too(hospital: Hospital) -> None:
    profissional, paciente, recepcao = (
        await hospital.profissional(),
        await hospital.paciente(),
        await hospital.funcionario("RECEPCAO"),
    )
    await recepcao.cliente(
        "query($m: ID!, $p: ID!) { profissional(id: $m) { consultas(filtro: {pacienteId: $p}) { totalCount } } }",
        m=profissional.id,
        p=paciente.id,
    )
    assert await _lidos(hospital, recepcao) == [("LER_CONSULTAS", chave(paciente.id))]


async def test_a_list_leaves_an_entry_for_each_way_that_names_each_person_in_it(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    pacientes = [await hospital.paciente() for _ in range(5)]
    for paciente in pacientes:
        await hospital.consulta(paciente, profissional)
    await profissional.cliente("{ consultas { edges { node { inicio paciente { nome } prontuarios { texto } } } } }")
    esperados = {
        (ato, chave(paciente.id))
        for paciente in pacientes
        for ato in ("LER_CONSULTAS", "LER_CADASTRO", "LER_PRONTUARIO")
    }
    lidos = await _lidos(hospital, profissional)
    assert len(lidos) == len(esperados)
    assert set(lidos) == esperados
    assert await _numero_de_entradas(hospital, profissional) == 3


@pytest.mark.parametrize("tela", TELAS)
async def test_ten_minutes_of_the_same_reading_are_one_entry_of_each_process(
    hospital: Hospital, cena: Cena, settings: Settings, tela: str
) -> None:
    profissional = await hospital.profissional()
    await hospital.consulta(cena.paciente, profissional)
    outro_processo = create_services(settings)
    quem = await _quem(hospital, cena, profissional)

    async def ler(servicos: Servicos) -> None:
        contexto = Contexto(servicos, quem)
        await cena.motores["compiled"].run(Request(TELAS[tela], {"id": cena.paciente.id}), contexto, "…")
        await contexto.concluir()

    await asyncio.gather(*(ler(cena.servicos) for _ in range(20)))
    await ler(outro_processo)
    await ler(cena.servicos)
    atos = {ato for ato, _ in await _lidos(hospital, profissional)}
    assert await _numero_de_entradas(hospital, profissional) == 2 * len(atos)
    await outro_processo.close()


@pytest.mark.parametrize(("minutos", "novas"), [(11, 1), (9, 0)])
async def test_after_ten_minutes_it_is_written_again(
    hospital: Hospital, settings: Settings, minutos: int, novas: int
) -> None:
    db = Database(settings.app_database)
    trilha, autor, visto = Trilha(db), Autor(ids.nova_chave(), ("PROFISSIONAL",)), (ids.nova_chave(), SEM_REGISTRO)
    ler = pacientes_regras.Leituras.LER_CADASTRO
    try:
        relogio.adiantado = timedelta(minutes=-minutos)
        await trilha.registrar(trilha.nova(ler, autor, {visto}))
    finally:
        relogio.adiantado = timedelta()
    for _ in range(2):
        await trilha.registrar(trilha.nova(ler, autor, {visto}))
    assert len(await _entradas(hospital, "alvo_id = %(p)s", p=visto[0])) == 1 + novas
    assert trilha.nova(ler, autor, {visto}) == []
    await db.close()


async def test_only_what_was_written_too_long_ago_is_forgotten(hospital: Hospital, settings: Settings) -> None:
    db = Database(settings.app_database)
    trilha, autor, ler = Trilha(db), Autor(ids.nova_chave(), ("RECEPCAO",)), pacientes_regras.Leituras.LER_CADASTRO
    cedo, sempre, tarde = ((ids.nova_chave(), SEM_REGISTRO) for _ in range(3))
    try:
        for minutos, vistos in ((25, {cedo, sempre}), (12, {cedo, sempre}), (8, {sempre, tarde}), (1, {cedo, tarde})):
            relogio.adiantado = timedelta(minutes=-minutos)
            await trilha.registrar(trilha.nova(ler, autor, vistos))
        relogio.adiantado = timedelta()
        (entrada,) = trilha.nova(ler, autor, {cedo, sempre, tarde, (b"novo" * 4, SEM_REGISTRO)})
        assert entrada.vistos == {sempre, (b"novo" * 4, SEM_REGISTRO)}, "that of 12 minutes ago, and one never seen"
        relogio.adiantado = timedelta(minutes=3)
        (entrada,) = trilha.nova(ler, autor, {cedo, sempre, tarde})
        assert entrada.vistos == {sempre, tarde}
    finally:
        relogio.adiantado = timedelta()
    quantas = [len(await _entradas(hospital, "alvo_id = %(p)s", p=visto[0])) for visto in (cedo, sempre, tarde)]
    assert quantas == [1, 0, 1], "an entry of several names none of them itself"
    await db.close()


async def test_a_clock_that_is_set_back_hides_no_reading(hospital: Hospital) -> None:
    trilha, autor, ler = (
        Trilha(hospital.dono),
        Autor(ids.nova_chave(), ("RECEPCAO",)),
        pacientes_regras.Leituras.LER_CADASTRO,
    )
    um, outro = ((ids.nova_chave(), SEM_REGISTRO) for _ in range(2))

    async def ver(minutos: float, visto: tuple[bytes, bytes]) -> bool:
        relogio.adiantado = timedelta(minutes=minutos)
        entradas = trilha.nova(ler, autor, {visto})
        await trilha.registrar(entradas)
        return bool(entradas)

    try:
        assert [await ver(0, um), await ver(1, um)] == [True, False]
        assert await ver(-60, outro), "the clock was set back by an hour"
        for minutos in (11, 22, 59, 70):
            assert await ver(-60 + minutos, outro), minutos
            assert not await ver(-60 + minutos + 9, outro), minutos
        assert await ver(-30, um)
        relogio.adiantado = timedelta()
        await trilha.registrar(trilha.nova_no_campo(Leituras.CONTAR, autor, "consultas"))
        assert not trilha.nova_no_campo(Leituras.CONTAR, autor, "consultas")
        relogio.adiantado = timedelta(minutes=-60)
        assert trilha.nova_no_campo(Leituras.CONTAR, autor, "consultas")
    finally:
        relogio.adiantado = timedelta()


async def test_nobody_waits_while_much_is_forgotten(hospital: Hospital) -> None:
    trilha, autor, ler = (
        Trilha(hospital.dono),
        Autor(ids.nova_chave(), ("RECEPCAO",)),
        pacientes_regras.Leituras.LER_CADASTRO,
    )
    vistos = [(ids.nova_chave(), SEM_REGISTRO) for _ in range(20_000)]
    try:
        for start in range(0, len(vistos), 500):
            await trilha.registrar(trilha.nova(ler, autor, set(vistos[start : start + 500])))
        relogio.adiantado = timedelta(minutes=11)
        for visto in vistos[:40]:
            assert steps(trilha.nova, ler, autor, {visto}) < 5_000
            assert trilha.nova(ler, autor, {visto, vistos[-1]})[0].vistos == {visto, vistos[-1]}
    finally:
        relogio.adiantado = timedelta()


async def test_what_is_refused_was_not_read_and_is_on_the_trail_by_the_fields_name(
    hospital: Hospital, cena: Cena
) -> None:
    recepcao = await hospital.funcionario("RECEPCAO")
    for motor in cena.motores.values():
        contexto = Contexto(cena.servicos, await _quem(hospital, cena, recepcao))
        query = f"query($id: ID!) {{ paciente(id: $id) {{ cpf{cena.paciente.cpf}: prontuarios {{ totalCount }} }} }}"
        resposta = await motor.run(Request(query, {"id": cena.paciente.id}), contexto, "…")
        assert resposta["errors"][0]["extensions"]["code"] == "PROIBIDO"
        await contexto.concluir()
    usuario = await _usuario(hospital, recepcao)
    linhas = await hospital.dono.select(
        "SELECT ato, campo, papeis FROM auditoria WHERE usuario_id = %(u)s AND ato = 'PROIBIDO'", u=usuario
    )
    assert linhas == [("PROIBIDO", "prontuarios", "RECEPCAO")], "once in ten minutes, however often"
    assert await _lidos(hospital, recepcao) == [("LER_CADASTRO", chave(cena.paciente.id))]  # that there is one


async def test_who_leaves_in_the_same_operation_is_still_the_one_who_was_refused(
    hospital: Hospital, cena: Cena
) -> None:
    recepcao = await hospital.funcionario("RECEPCAO")
    usuario = await _usuario(hospital, recepcao)
    query = """
        mutation($input: AtualizarPacienteInput!) {
          atualizarPaciente(input: $input) { paciente { prontuarios { totalCount } } }
          sair { erros { codigo } }
        }
    """
    nova = {"pacienteId": cena.paciente.id, "nomeDaMae": hospital.nome()}
    resposta = await recepcao.cliente(query, input=nova)
    assert resposta.codigos == ["PROIBIDO"]
    assert resposta.corpo["data"]["sair"] == {"erros": []}
    linhas = await hospital.dono.select(
        "SELECT campo, papeis FROM auditoria WHERE usuario_id = %(u)s AND ato = 'PROIBIDO'", u=usuario
    )
    assert linhas == [("prontuarios", "RECEPCAO")]


async def test_an_entry_says_who_in_which_roles_when_and_from_where(hospital: Hospital, cena: Cena) -> None:
    recepcao = await hospital.funcionario("RECEPCAO")
    await recepcao.cliente(TELAS["nome"], id=cena.paciente.id)
    (linha,) = await hospital.dono.select(
        "SELECT usuario_id, papeis, instante, paciente_id, alvo_id, campo, INET6_NTOA(origem) FROM auditoria"
        " WHERE usuario_id = %(u)s AND ato = 'LER_CADASTRO'",
        u=await _usuario(hospital, recepcao),
    )
    usuario, papeis, instante, paciente, alvo, campo, origem = linha
    assert usuario == await _usuario(hospital, recepcao)
    assert (papeis, paciente, alvo) == ("RECEPCAO", chave(cena.paciente.id), chave(cena.paciente.id))
    assert abs(agora() - instante) < timedelta(minutes=1)
    assert (campo, origem) == (None, "127.0.0.1")


async def test_a_trail_that_cannot_be_written_refuses_the_reading_and_undoes_the_change(
    hospital: Hospital, cena: Cena
) -> None:
    profissional, recepcao = await hospital.profissional(), await hospital.funcionario("RECEPCAO")
    marcar = {"pacienteId": cena.paciente.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    contar = "SELECT COUNT(*) FROM consulta WHERE profissional_id = %(m)s"
    await hospital.dono.transaction(lambda tx: tx.execute("RENAME TABLE auditoria TO auditoria_escondida"))
    try:
        lida = await recepcao.cliente(TELAS["nome"], id=cena.paciente.id)
        marcada = await recepcao.cliente(AGENDAR, input=marcar)
        propria = await cena.paciente.cliente(TELAS["nome"], id=cena.paciente.id)
        recusada = await recepcao.cliente('{ prontuarios(pacienteId: "x") { totalCount } }')
    finally:
        await hospital.dono.transaction(lambda tx: tx.execute("RENAME TABLE auditoria_escondida TO auditoria"))
    assert "data" not in lida.corpo
    assert cena.paciente.nome not in str(lida.corpo)
    assert (lida.status, lida.codigos) == (500, ["ERRO_INTERNO"])
    assert marcada.codigos == ["ERRO_INTERNO"]
    assert await hospital.dono.select(contar, m=chave(profissional.id)) == [(0,)]
    assert recusada.status == 500
    assert propria.data["paciente"]["nome"] == cena.paciente.nome
    assert (await recepcao.cliente(TELAS["nome"], id=cena.paciente.id)).data["paciente"]
    assert await _lidos(hospital, recepcao) == [("LER_CADASTRO", chave(cena.paciente.id))]


async def test_a_database_that_is_away_refuses_the_reading_as_unavailable(hospital: Hospital, cena: Cena) -> None:
    url = hospital.settings.app_database
    longe = Database(url.with_database("nao_existe"))
    trilha = Trilha(longe)
    ler, autor, visto = pacientes_regras.Leituras.LER_CADASTRO, Autor(b"u" * 16), (b"p" * 16, SEM_REGISTRO)
    with pytest.raises(Unavailable):
        await trilha.registrar(trilha.nova(ler, autor, {visto}))
    assert trilha.nova(ler, autor, {visto})
    await longe.close()


async def test_nobody_changes_or_deletes_an_entry(hospital: Hospital, settings: Settings) -> None:
    app = Database(settings.app_database)
    for sql in (
        *("UPDATE auditoria SET ato = 'X'", "DELETE FROM auditoria", "TRUNCATE TABLE auditoria"),
        *("UPDATE auditoria_visto SET alvo_id = 'X'", "DELETE FROM auditoria_visto", "TRUNCATE TABLE auditoria_visto"),
    ):
        with pytest.raises(DatabaseFailure):
            await app.transaction(lambda tx, sql=sql: tx.execute(sql))
        if not sql.startswith("TRUNCATE"):
            with pytest.raises(DatabaseFailure):
                await hospital.dono.transaction(lambda tx, sql=sql: tx.execute(sql))
    await app.close()


async def test_good_logins_are_on_the_trail_and_of_bad_ones_the_first_and_each_lock(hospital: Hospital) -> None:
    """What an outsider may repeat at will would be rows that nobody may delete."""
    paciente, desconhecido = await hospital.paciente(), hospital.cpf()
    usuario = await _usuario(hospital, paciente)
    await hospital.ninguem.entrar(paciente.cpf, SENHA_DE_TESTE)
    await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha="errada-1")
    await paciente.cliente(TROCAR, de="errada-2", para="outra-senha-9x")
    await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo="NAOEXISTE2", senha="outra-senha-9x")
    bons = [("LOGIN", usuario)]
    assert await _entradas(hospital, "usuario_id = %(u)s AND ato LIKE 'LOGIN'", u=usuario) == bons
    recusados = await _entradas(hospital, "alvo_id = %(u)s AND ato LIKE 'LOGIN_%%' AND ato <> 'LOGIN'", u=usuario)
    assert recusados == [("LOGIN_RECUSADO", usuario)]
    de_ninguem = "ato IN ('LOGIN_RECUSADO', 'LOGIN_BLOQUEADO') AND alvo_id IS NULL"
    antes = await _entradas(hospital, de_ninguem)
    for _ in range(hospital.settings.login_failures + 5):
        await hospital.ninguem(LOGIN, cpf=desconhecido, senha="errada-3")
    depois = await _entradas(hospital, de_ninguem)
    assert depois[len(antes) :] == [("LOGIN_RECUSADO", None), ("LOGIN_BLOQUEADO", None)]


async def test_a_renewal_token_that_comes_back_is_on_the_trail(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    token = paciente.cliente.sessao["tokenDeRenovacao"]
    await hospital.ninguem(RENOVAR, t=token)
    await hospital.ninguem(RENOVAR, t=token)
    usuario = await _usuario(hospital, paciente)
    ((_, sessao),) = await _entradas(hospital, "usuario_id = %(u)s AND ato = 'RENOVAR_SESSAO'", u=usuario)
    assert await _entradas(hospital, "alvo_id = %(s)s AND ato = 'TOKEN_REUSADO'", s=sessao) == [
        ("TOKEN_REUSADO", sessao)
    ]


CPFS_CORRIGIDOS = (usuarios_regras.Atos.CORRIGIR_CPF, pacientes_regras.Atos.CORRIGIR_CPF_DO_PACIENTE)
"""Done by mutations that correct other things, too, whose own ato comes beside."""


SEM_ENTRADA = {"RESERVAR_HORARIO", "LIBERAR_RESERVA"}
"""They tell of nobody, and nothing of them stays: entries of them anyone could grow, and nobody could delete."""


def test_every_mutation_has_its_ato() -> None:
    mutation = schema.core.mutation_type
    assert mutation is not None
    nomes = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", nome).upper() for nome in mutation.fields} - SEM_ENTRADA
    outros = {
        *LEITURAS,
        Atos.PROIBIDO,
        usuarios_regras.Atos.LOGIN_RECUSADO,
        usuarios_regras.Atos.LOGIN_BLOQUEADO,
        usuarios_regras.Atos.TOKEN_REUSADO,
        usuarios_regras.Atos.CRIAR_ADMINISTRADOR,
        usuarios_regras.Atos.EMITIR_TOKEN,
        pacientes_regras.Atos.EXPORTAR_PACIENTES,
        codigos_regras.Atos.CODIGO_ANULADO,
        codigos_regras.Atos.CODIGO_VENCIDO,
        *CPFS_CORRIGIDOS,
        consultas_regras.Atos.ENCAIXAR_CONSULTA,
    }
    assert set(CASA.atos) == nomes | {ato.name for ato in outros}


async def test_every_mutation_leaves_its_entry(hospital: Hospital) -> None:
    """One story with all of them; the names of the actors are the sessions that did them."""
    admin, recepcao = await hospital.funcionario("ADMINISTRADOR"), await hospital.funcionario("RECEPCAO")
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    outro = Pessoa(admin.cliente, profissional.id, hospital.cpf(), hospital.nome())
    await _mudancas_do_cadastro(hospital, admin, recepcao, profissional, paciente, outro)
    await _mudancas_da_agenda(hospital, recepcao, profissional, paciente)
    outros: list[Pessoa] = []
    for provas in PROVAS:
        if provas.historia is not None:
            outros += await provas.historia(hospital, admin) or ()
    chaves = [await _usuario(hospital, pessoa) for pessoa in (admin, recepcao, profissional, paciente, *outros)]
    feitas = await _entradas(
        hospital, "usuario_id IN %(chaves)s OR paciente_id = %(p)s", chaves=chaves, p=chave(paciente.id)
    )
    agenda = await _entradas(hospital, "alvo_id = %(m)s", m=chave(profissional.id))
    atos = {ato for ato, _ in [*feitas, *agenda]} - {ato.name for ato in LEITURAS}
    mutation = schema.core.mutation_type
    assert mutation is not None
    nomes = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", nome).upper() for nome in mutation.fields} - SEM_ENTRADA
    assert atos == nomes | {ato.name for ato in CPFS_CORRIGIDOS}


async def _mudancas_do_cadastro(
    hospital: Hospital, admin: Pessoa, recepcao: Pessoa, profissional: Pessoa, paciente: Pessoa, outro: Pessoa
) -> None:
    novo = {"cpf": outro.cpf, "nome": outro.nome}
    await admin.cliente(CADASTRAR_FUNCIONARIO, input={**novo, "papel": "RECEPCAO"})
    await admin.cliente(
        CADASTRAR_PROFISSIONAL,
        input={**novo, "cpf": hospital.cpf(), **hospital.registro(uf="AC"), "especialidades": [{"nome": "X"}]},
    )
    corrigir = "mutation($i: AtualizarProfissionalInput!) { atualizarProfissional(input: $i) { erros { codigo } } }"
    assert (
        await admin.cliente(corrigir, i={"profissionalId": profissional.id, "especialidades": [{"nome": "Y"}]})
    ).recusas == []
    turnos = [{"dia": dia, "inicio": "00:00", "fim": "24:00"} for dia in DIAS]
    await admin.cliente(EXPEDIENTE, input={"profissionalId": profissional.id, "turnos": turnos, "fuso": "UTC"})
    await recepcao.cliente(ATUALIZAR_PACIENTE, input={"pacienteId": paciente.id, "telefone": "11987654321"})
    usuario = (await paciente.cliente("{ eu { id } }")).data["eu"]["id"]
    assert (await admin.cliente(DESBLOQUEAR_LOGIN, id=usuario)).recusas == []
    resposta = await recepcao.cliente(EMITIR, cpf=paciente.cpf)
    codigo = resposta.data["emitirCodigoDeAcesso"]["codigoDeAcesso"]["codigo"]
    resposta = await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=codigo, senha="cavalo-bateria-7")
    sessao = resposta.data["definirSenha"]["sessao"]
    await hospital.ninguem(RENOVAR, t=sessao["tokenDeRenovacao"])
    entrou = await hospital.ninguem.entrar(paciente.cpf, "cavalo-bateria-7")
    await entrou(TROCAR, de="cavalo-bateria-7", para="cavalo-bateria-8")
    entrou = await hospital.ninguem.entrar(paciente.cpf, "cavalo-bateria-8")
    await entrou(SAIR)


async def _mudancas_da_agenda(hospital: Hospital, recepcao: Pessoa, profissional: Pessoa, paciente: Pessoa) -> None:
    fechar = {"inicio": "2036-02-01T00:00:00Z", "fim": "2036-02-02T00:00:00Z", "motivo": "x"}
    bloqueado = await recepcao.cliente(BLOQUEAR, input={"profissionalId": profissional.id, **fechar})
    await recepcao.cliente(DESBLOQUEAR, id=bloqueado.data["bloquearAgenda"]["bloqueio"]["id"])
    consultas = []
    for dia in (3, 4, 5):
        marcar = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": hospital.instante(dia)}
        resposta = await recepcao.cliente(AGENDAR, input=marcar)
        consultas.append(resposta.data["agendarConsulta"]["consulta"]["id"])
    await recepcao.cliente(REMARCAR, input={"consultaId": consultas[0], "inicio": hospital.instante(8)})
    await recepcao.cliente(CANCELAR, input={"consultaId": consultas[1], "motivo": "x"})
    await hospital.comecou(consultas[2])
    await recepcao.cliente(FALTAR, id=consultas[2])
    voltar = {"consultaId": consultas[2], "para": "CONFIRMADA", "justificativa": "Estava na outra sala."}
    await recepcao.cliente(CORRIGIR, input=voltar)
    await recepcao.cliente(CONFIRMAR, id=consultas[0])
    await recepcao.cliente(ATUALIZAR, input={"consultaId": consultas[0], "motivo": "Retorno"})
    await hospital.comecou(consultas[0])
    await profissional.cliente(INICIAR, id=consultas[0])
    await profissional.cliente(CONCLUIR, id=consultas[0])
    registro = await hospital.prontuario(profissional, paciente)
    corrigir = {"prontuarioId": registro, "texto": "Melhor.", "justificativa": "Faltou algo."}
    assert (await profissional.cliente(ADICIONAR, input={"pacienteId": paciente.id, "tipo": "ALTA", "texto": "x"})).data
    assert (await profissional.cliente(RETIFICAR, input=corrigir)).recusas == []


async def test_an_entry_of_a_count_that_could_not_be_written_is_written_the_next_time(hospital: Hospital) -> None:
    trilha, autor = Trilha(hospital.dono), Autor(b"u" * 16, ("RECEPCAO",), None)
    (entrada,) = trilha.nova_no_campo(Leituras.CONTAR, autor, "consultas")
    assert trilha.nova_no_campo(Leituras.CONTAR, autor, "consultas"), "what wasn't written isn't remembered"
    fechado = Database(hospital.server.owner_url)
    await fechado.close()
    with pytest.raises(Unavailable):
        await Trilha(fechado).registrar([entrada])
    await trilha.registrar([entrada])
    assert trilha.nova_no_campo(Leituras.CONTAR, autor, "consultas") == []


async def test_counts_through_a_profissional_are_on_the_trail(hospital: Hospital) -> None:
    funcionario, profissional = await hospital.funcionario("RECEPCAO"), await hospital.profissional()
    contar = "query($id: ID!) { profissional(id: $id) { consultas { totalCount } } }"
    assert (await funcionario.cliente(contar, id=profissional.id)).data
    linhas = await hospital.dono.select(
        "SELECT campo FROM auditoria WHERE ato = 'CONTAR' AND usuario_id = %(u)s", u=chave(funcionario.id)
    )
    assert linhas == [("consultas",)]


async def test_what_is_refused_again_and_again_is_one_entry_of_each_field(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    pedido = "{ pacientes(first: 1) { totalCount } usuarios(first: 1) { totalCount } }"
    for _ in range(5):
        assert set((await paciente.cliente(pedido)).codigos) == {"PROIBIDO"}
    linhas = await hospital.dono.select(
        "SELECT a.campo FROM auditoria a JOIN usuario u ON u.id = a.usuario_id JOIN paciente p"
        " ON p.pessoa_id = u.pessoa_id WHERE a.ato = 'PROIBIDO' AND p.id = %(p)s ORDER BY 1",
        p=chave(paciente.id),
    )
    assert linhas == [(campo,) for campo in ("pacientes", "usuarios") for _ in range(_LEMBRAM)]


async def test_what_was_done_before_a_sibling_was_refused_is_told(hospital: Hospital) -> None:
    consulta = await hospital.consulta(await hospital.paciente(), await hospital.profissional())
    duas = (
        "mutation($i: AtualizarConsultaInput!, $id: ID!) { a: atualizarConsulta(input: $i) { erros { codigo } }"
        " b: iniciarAtendimento(consultaId: $id) { erros { codigo } } }"
    )
    corpo = (await hospital.recepcao(duas, i={"consultaId": consulta, "motivo": "outro"}, id=consulta)).corpo
    (erro,) = corpo["errors"]
    assert (corpo["data"], erro["extensions"]["code"], erro["extensions"]["feito"]) == (None, "PROIBIDO", True)
    assert "ATUALIZAR_CONSULTA" in erro["message"]
