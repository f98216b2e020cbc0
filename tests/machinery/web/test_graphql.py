"""The endpoint: GraphQL over HTTP, strict bodies, errors with codes and ids, and nothing of the caller's in them."""

import asyncio
import gzip
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query
from starlette.applications import Starlette
from starlette.routing import Route

from sghss_graphql.app import create_app
from sghss_graphql.machinery.database.failures import translate
from sghss_graphql.machinery.engine import Engine, Request
from sghss_graphql.machinery.faults import Excess, Malformed
from sghss_graphql.machinery.web.body import parse_json
from sghss_graphql.machinery.web.documents import Documents
from sghss_graphql.machinery.web.graphql import GraphQLEndpoint
from sghss_graphql.machinery.web.heads import GRAPHQL_JSON, JSON, accepted
from sghss_graphql.machinery.web.log import Book
from sghss_graphql.machinery.web.metrics import Served
from sghss_graphql.machinery.web.origin import Origins
from sghss_graphql.machinery.web.requests import RequestLog
from sghss_graphql.vocabulario.errors import ErroInterno, Falha, contar
from tests.hospital import CADASTRAR_PACIENTE, LOGIN, SENHA_DE_TESTE, Hospital
from tests.hospital import SCHEMA as schema

SEGREDO = "hunter2-segredo-do-paciente"


async def _post(hospital: Hospital, corpo: bytes | str, **cabecalhos: str) -> httpx.Response:
    return await hospital.http.post(
        "/graphql", content=corpo, headers={"Content-Type": "application/json", **cabecalhos}
    )


async def test_get_reads_and_never_writes(hospital: Hospital) -> None:
    resposta = await hospital.http.get(
        "/graphql", params={"query": "query($a: Boolean!) { __typename @include(if: $a) }", "variables": '{"a": true}'}
    )
    assert (resposta.status_code, resposta.json()) == (200, {"data": {"__typename": "Query"}})
    resposta = await hospital.http.get("/graphql", params={"query": "mutation { sair { erros { codigo } } }"})
    assert (resposta.status_code, resposta.headers["allow"]) == (405, "POST")
    assert resposta.json()["errors"][0]["extensions"]["code"] == "REQUISICAO_INVALIDA"
    assert "data" not in resposta.json()


@pytest.mark.parametrize("metodo", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_other_methods_are_not_allowed(hospital: Hospital, metodo: str) -> None:
    resposta = await hospital.http.request(metodo, "/graphql")
    assert resposta.status_code == 405
    assert set(resposta.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("aceita", "tipo"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL_JSON),
        ("application/json;q=0.1, application/graphql-response+json;q=0.2", GRAPHQL_JSON),
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
        ("multipart/mixed;deferSpec=20220824, application/graphql-response+json", GRAPHQL_JSON),
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json;q=x", None),
    ],
)
def test_the_media_type_is_the_clients_best_of_ours(aceita: str | None, tipo: str | None) -> None:
    assert accepted(aceita and aceita.encode()) == tipo


async def test_a_refused_operation_is_400_in_the_new_media_type_and_200_in_the_old(hospital: Hospital) -> None:
    for tipo, status in ((GRAPHQL_JSON, 400), (JSON, 200)):
        resposta = await _post(hospital, '{"query": "{ nada }"}', Accept=tipo)
        assert resposta.status_code == status
        assert resposta.headers["content-type"] == f"{tipo}; charset=utf-8"
        assert "data" not in resposta.json()
    resposta = await _post(hospital, '{"query": "{ eu { nome } }"}', Accept=GRAPHQL_JSON)
    assert (resposta.status_code, resposta.json()["data"]) == (200, None)
    assert (await _post(hospital, '{"query": "{ __typename }"}', Accept="text/html")).status_code == 406


@pytest.mark.parametrize(
    ("corpo", "tipo", "status"),
    [
        ("query=%7B__typename%7D", "application/x-www-form-urlencoded", 415),
        ('{"query": "{ __typename }"}', "text/plain", 415),
        ('{"query": "{ __typename }"}', "multipart/form-data; boundary=x", 415),
        ('{"query": "{ __typename }"}', "", 415),
        ('{"query": "{ __typename }"}', "application/json; charset=utf-8", 200),
        ('{"query": "{ __typename }"}', "APPLICATION/JSON", 200),
    ],
)
async def test_only_json_is_read(hospital: Hospital, corpo: str, tipo: str, status: int) -> None:
    resposta = await hospital.http.post("/graphql", content=corpo, headers={"Content-Type": tipo} if tipo else {})
    assert resposta.status_code == status


async def test_a_compressed_body_is_refused_unread(hospital: Hospital) -> None:
    bomba = gzip.compress(b'{"query": "' + b" " * 50_000_000 + b'"}')
    assert (await _post(hospital, bomba, **{"Content-Encoding": "gzip"})).status_code == 415


CORPOS = {
    "nothing": b"",
    "half": b'{"query": "{ __typename',
    "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "infinity": b'{"query": "{ __typename }", "variables": {"a": 1e999}}',
    "duplicate keys": b'{"query": "{ __typename }", "query": "{ eu { nome } }"}',
    "duplicate keys below": b'{"query": "{ __typename }", "variables": {"a": 1, "a": 2}}',
    "lone surrogate": b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
    "invalid UTF-8": b'{"query": "{ __typename } # \xff"}',
    "30,000 levels": b'{"query": "x", "variables": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "a batch": b'[{"query": "{ __typename }"}]',
    "a text": b'"{ __typename }"',
    "no query": b"{}",
    "empty query": b'{"query": " "}',
    "query a number": b'{"query": 1}',
    "variables a list": b'{"query": "{ __typename }", "variables": []}',
    "operationName a number": b'{"query": "{ __typename }", "operationName": 1}',
    "extensions a text": b'{"query": "{ __typename }", "extensions": "x"}',
}


@pytest.mark.parametrize("corpo", CORPOS.values(), ids=CORPOS.keys())
async def test_a_body_that_is_not_a_request_is_refused_at_once(hospital: Hospital, corpo: bytes) -> None:
    inicio = time.process_time()
    resposta = await _post(hospital, corpo)
    if b"1e999" not in corpo:
        assert resposta.status_code == 400
        assert resposta.json()["errors"][0]["extensions"]["code"] == "REQUISICAO_INVALIDA"
    assert time.process_time() - inicio < 1


async def test_a_body_is_bounded_declared_or_not(hospital: Hospital) -> None:
    grande = b'{"query": "' + b"x" * 1_100_000 + b'"}'
    assert (await _post(hospital, grande)).status_code == 413

    async def aos_poucos():
        for n in range(0, len(grande), 50_000):
            yield grande[n : n + 50_000]

    resposta = await hospital.http.post("/graphql", content=aos_poucos(), headers={"Content-Type": "application/json"})
    assert resposta.status_code == 413
    assert resposta.json()["errors"][0]["extensions"]["code"] == "LIMITE_EXCEDIDO"


OPERACOES = {
    "syntax": ("{ login(cpf: " + SEGREDO, "REQUISICAO_INVALIDA"),
    "a word where none may be": ("{ eu { nome } } " + SEGREDO.replace("-", "_"), "REQUISICAO_INVALIDA"),
    "enum for a string": (
        "mutation { login(cpf: x, senha: " + SEGREDO.replace("-", "_") + ") { erros { codigo } } }",
        "REQUISICAO_INVALIDA",
    ),
    "object for a string": (
        'mutation { login(cpf: "529", senha: {x: "' + SEGREDO + '"}) { erros { codigo } } }',
        "REQUISICAO_INVALIDA",
    ),
    "wrong CPF": ('mutation { login(cpf: "' + SEGREDO + '", senha: "x") { erros { codigo } } }', "REQUISICAO_INVALIDA"),
    "type definition": ("type " + SEGREDO.replace("-", "_") + " { a: Int }", "REQUISICAO_INVALIDA"),
    "extend type": ("extend type Query { a: Int } { __typename }", "REQUISICAO_INVALIDA"),
    "subscription": ("subscription { x }", "REQUISICAO_INVALIDA"),
    "fragment cycle": ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", "REQUISICAO_INVALIDA"),
    "deep nesting": ("{ eu " * 8_000, "REQUISICAO_INVALIDA"),
    "deep list": ("{ profissionais(busca: " + "[" * 8_000 + "]" * 8_000 + ") { totalCount } }", "REQUISICAO_INVALIDA"),
    "an Int of 5,000 digits": ("{ profissionais(first: " + "9" * 5_000 + ") { totalCount } }", "REQUISICAO_INVALIDA"),
    "a lone surrogate": ('{ profissionais(busca: "\\uD800") { totalCount } }', "REQUISICAO_INVALIDA"),
    "too many tokens": ("{ " + "a: __typename " * 10_001 + "}", "LIMITE_EXCEDIDO"),
    "too long": ("# " + "x" * 300_000 + "\n{ __typename }", "LIMITE_EXCEDIDO"),
    "two operations": ("query a { __typename } query b { __typename }", "REQUISICAO_INVALIDA"),
    "fragments alone": ("fragment a on Query { __typename }", "REQUISICAO_INVALIDA"),
}


async def test_an_unknown_field_or_argument_is_named_with_the_nearest_there_is(hospital: Hospital) -> None:
    for query, message, argument in (
        ("{ profissional(id: 1) { nmoe } }", "Não há um campo nmoe em Profissional; quis dizer nome?", None),
        ("{ profissional(ident: 1) { nome } }", "Não há um argumento ident neste campo; quis dizer id?", ["ident"]),
        ("{ profissional { nome } }", "Falta o argumento id, que é obrigatório.", ["id"]),
        (
            "{ profissionais(first: x) { totalCount } }",
            "Argumento first: o valor não serve para o tipo Int.",
            ["first"],
        ),
    ):
        errors = (await hospital.ninguem(query)).corpo["errors"]
        assert message in [error["message"] for error in errors]
        assert argument in [error["extensions"].get("argumento") for error in errors]


@pytest.mark.parametrize(("query", "codigo"), OPERACOES.values(), ids=OPERACOES.keys())
async def test_an_operation_that_is_wrong_is_refused_in_portuguese_and_quotes_nothing(
    hospital: Hospital, registros: pytest.LogCaptureFixture, query: str, codigo: str
) -> None:
    resposta = await hospital.ninguem(query)
    assert set(resposta.codigos) <= {codigo, "REQUISICAO_INVALIDA"}
    assert codigo in resposta.codigos
    texto = json.dumps(resposta.corpo) + registros.text
    assert SEGREDO not in texto
    assert SEGREDO.replace("-", "_") not in texto
    for erro in resposta.corpo["errors"]:
        assert not any(
            palavra in erro["message"] for palavra in ("Expected", "Cannot", "Unknown", "Syntax", "must", "the ")
        )


VARIAVEIS = {
    "CPF": {"cpf": SEGREDO},
    "CPF an object": {"cpf": {"x": SEGREDO}},
    "CPF a list": {"cpf": [SEGREDO]},
    "name an object": {"nome": {"x": SEGREDO}},
    "date": {"nascimento": SEGREDO},
    "enum": {"sexo": SEGREDO},
    "unknown field": {SEGREDO: SEGREDO},
    "null where none may be": {"nome": None, "email": SEGREDO},
    "missing": {"email": SEGREDO, "nascimento": "2000-01-01"},
}


@pytest.mark.parametrize("entrada", VARIAVEIS.values(), ids=VARIAVEIS.keys())
async def test_a_wrong_variable_is_named_by_its_path_and_its_value_is_not_quoted(
    hospital: Hospital, registros: pytest.LogCaptureFixture, entrada: dict
) -> None:
    inteira = {"nome": "Ana", "nascimento": "2000-01-01", "senha": SEGREDO, **entrada}
    if "missing" and set(entrada) == {"email", "nascimento"}:
        inteira = entrada
    resposta = await hospital.ninguem(CADASTRAR_PACIENTE, input=inteira)
    assert set(resposta.codigos) == {"REQUISICAO_INVALIDA"}
    assert SEGREDO not in json.dumps(resposta.corpo) + registros.text
    mensagem = resposta.corpo["errors"][0]["message"]
    assert mensagem.startswith("Variável $input")
    campo = next(iter(entrada))
    if campo != SEGREDO and set(entrada) != {"email", "nascimento"}:
        assert f"$input.{campo}" in mensagem


async def test_whole_input_of_another_kind(hospital: Hospital, registros: pytest.LogCaptureFixture) -> None:
    for valor in (SEGREDO, [SEGREDO], 1, None):
        resposta = await hospital.ninguem(CADASTRAR_PACIENTE, input=valor)
        assert set(resposta.codigos) == {"REQUISICAO_INVALIDA"}
        assert SEGREDO not in json.dumps(resposta.corpo) + registros.text
    resposta = await hospital.ninguem("query($a: Int!) { profissionais(first: $a) { totalCount } }")
    assert resposta.codigos == ["REQUISICAO_INVALIDA"]


async def test_secrets_never_reach_the_log_or_an_answer(
    hospital: Hospital, registros: pytest.LogCaptureFixture
) -> None:
    cpf = hospital.cpf()
    await hospital.ninguem(LOGIN, cpf=cpf, senha=SEGREDO)
    paciente = await hospital.paciente()
    await paciente.cliente("{ eu { nome cpf } pacientes { totalCount } }")
    await hospital.http.get("/graphql", params={"query": f'{{ profissionais(busca: "{SEGREDO}") {{ totalCount }} }}'})
    await hospital.http.get(f"/{SEGREDO}")
    for segredo in (SEGREDO, cpf, paciente.cpf, paciente.nome, paciente.cliente.token):
        assert segredo not in registros.text


async def test_every_answer_has_a_request_id_that_is_in_the_log(
    hospital: Hospital, registros: pytest.LogCaptureFixture
) -> None:
    resposta = await hospital.ninguem("{ eu { nome } }")
    (erro,) = resposta.corpo["errors"]
    numero = resposta.cabecalhos["x-request-id"]
    assert erro["extensions"] == {"code": "NAO_AUTENTICADO", "requestId": numero}
    assert erro["path"] == ["eu"]
    assert erro["locations"] == [{"line": 1, "column": 3}]
    linha = next(r.getMessage() for r in registros.records if numero in r.getMessage())
    assert "status=200" in linha
    assert "codes=NAO_AUTENTICADO" in linha
    assert (await hospital.http.get("/nada")).headers["x-request-id"] != numero


async def test_headers_that_every_answer_has(hospital: Hospital) -> None:
    resposta = await hospital.http.get("/healthz")
    assert resposta.headers["x-content-type-options"] == "nosniff"
    assert resposta.headers["cache-control"] == "no-store"


async def test_a_fault_of_ours_leaves_as_internal_error_and_its_words_stay_inside(
    hospital: Hospital, registros: pytest.LogCaptureFixture
) -> None:
    """The schema is broken for a moment under the server: a real fault, with SQL and a table's name in it."""
    await hospital.dono.transaction(lambda tx: tx.execute("RENAME TABLE turno TO turno_escondido"))
    try:
        resposta = await hospital.recepcao("{ profissionais(first: 1) { edges { node { expediente { dia } } } } }")
    finally:
        await hospital.dono.transaction(lambda tx: tx.execute("RENAME TABLE turno_escondido TO turno"))
    assert resposta.codigos == ["ERRO_INTERNO"]
    assert resposta.corpo["errors"][0]["message"] == ErroInterno.mensagem
    for palavra in ("turno", "SELECT", "1146", "Traceback", ".py", "DatabaseFailure"):
        assert palavra not in json.dumps(resposta.corpo)
    assert resposta.cabecalhos["x-request-id"] in registros.text
    assert "1146" in registros.text


async def test_a_fault_outside_the_operation_is_logged_by_its_type_and_place_alone(
    registros: pytest.LogCaptureFixture,
) -> None:
    async def falhar(*_: object) -> dict[str, Any]:
        raise LookupError(SEGREDO)

    bounds = {"origins": Origins(), "documents": Documents({}, only=False), "body_bytes": 1000, "body_seconds": 1}
    endpoint = GraphQLEndpoint(falhar, contar, **bounds)
    app = RequestLog(Starlette(routes=[Route("/graphql", endpoint, methods=["POST"])]), book=Book(Served()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://t") as http:
        resposta = await http.post("/graphql", json={"query": "{ __typename }"})
    assert resposta.status_code == 500
    assert resposta.json()["errors"][0]["extensions"]["code"] == "ERRO_INTERNO"
    assert "type=LookupError" in registros.text
    assert "falhar" in registros.text
    assert SEGREDO not in registros.text + resposta.text


def test_foreign_errors_keep_no_words_of_their_own() -> None:
    erro = translate(Exception(1062, f"Duplicate entry '{SEGREDO}' for key 'paciente.paciente_cns'"))
    assert SEGREDO not in f"{erro!r} {erro} {erro.__dict__}"
    assert all(classe.mensagem.endswith(".") for classe in Falha.__subclasses__())


async def test_introspection_can_be_turned_off(hospital: Hospital) -> None:

    fechado = Engine(schema, tell=contar, introspection=False)
    resposta = await fechado.run(Request(query="{ __schema { types { name } } }"), None, "id")
    assert resposta["errors"][0]["extensions"]["code"] == "REQUISICAO_INVALIDA"
    assert (await hospital.ninguem("{ __schema { queryType { name } } }")).data["__schema"] == {
        "queryType": {"name": "Query"}
    }


async def test_many_different_texts_do_not_pile_up(hospital: Hospital) -> None:

    engine = Engine(schema, tell=contar, plans=500_000)
    for n in range(50):
        for _ in range(2):
            await engine.run(Request(query=f"{{ a{n}: __typename }}"), None, "id")
            await engine.run(Request(query=f"{{ inexistente{n} }}"), None, "id")
    assert 5 <= engine.plans < 50
    assert engine.plan_bytes <= 500_000


async def test_a_text_that_is_seen_once_is_not_kept(hospital: Hospital) -> None:
    engine = Engine(schema, tell=contar)
    for n in range(50):
        await engine.run(Request(query=f"{{ a{n}: __typename }}"), None, "id")
    assert engine.plans == 0
    for _ in range(3):
        await engine.run(Request(query="{ a1: __typename }"), None, "id")
    assert engine.plans == 1


async def test_an_operation_ends_at_its_deadline(hospital: Hospital) -> None:
    """A lock held on the profissional's row makes a real statement wait."""

    app = create_app(hospital.settings.model_copy(update={"deadline_seconds": 0.3}))
    profissional = await hospital.profissional()
    preso, solto = asyncio.Event(), asyncio.Event()

    async def segurar(tx) -> None:
        await tx.select("SELECT 1 FROM profissional WHERE id = %(m)s FOR UPDATE", m=bytes.fromhex(profissional.id[4:]))
        preso.set()
        await solto.wait()

    segurando = asyncio.create_task(hospital.dono.transaction(segurar))
    await preso.wait()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://t") as http,
    ):
        entrada = f'{{profissionalId: "{profissional.id}", turnos: [], fuso: "UTC"}}'
        mudar = f"mutation {{ definirExpediente(input: {entrada}) {{ __typename }} }}"
        resposta = await http.post(
            "/graphql", json={"query": mudar}, headers={"Authorization": f"Bearer {hospital.admin.token}"}
        )
        assert [erro["extensions"]["code"] for erro in resposta.json()["errors"]] == ["SERVICO_INDISPONIVEL"]
        solto.set()
        await segurando


async def test_a_strangers_body_has_64_kib_and_one_of_someone_known_a_megabyte(hospital: Hospital) -> None:
    large = {"query": "{ __typename }", "variables": {"a": "x" * 200_000}}
    stranger = await hospital.http.post("/graphql", json=large)
    assert stranger.json()["errors"][0]["extensions"]["code"] == "LIMITE_EXCEDIDO"
    lie = await hospital.http.post("/graphql", json=large, headers={"authorization": "Bearer nada"})
    assert (lie.status_code, lie.json()["errors"][0]["extensions"]["code"]) == (400, "NAO_AUTENTICADO")
    assert (await hospital.recepcao("{ __typename }", a="x" * 200_000)).data == {"__typename": "Query"}
    for authorization in ({}, {"authorization": f"Bearer {hospital.recepcao.token}"}):
        huge = b'{"query": "{ __typename }", "a": "' + b"x" * 1_100_000 + b'"}'
        headers = {"content-type": "application/json", **authorization}
        answer = await hospital.http.post("/graphql", content=huge, headers=headers)
        assert answer.json()["errors"][0]["extensions"]["code"] == "LIMITE_EXCEDIDO"


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ __typename }", "variables": {"a": "x" * 200_000}},
        {"query": "mutation { " + " ".join(f"a{n}: sair {{ erros {{ codigo }} }}" for n in range(20)) + " }"},
        {"query": "{ " + " ".join(f"a{n}: __typename" for n in range(90)) + " }"},
        {"query": "{ __typename " + "e " * 1_000 + "}"},
        {
            "query": "query($c: FiltroDeConsultas) { consultas(filtro: $c) { totalCount } }",
            "variables": {"c": [1] * 300},
        },
    ],
    ids=["bytes", "roots", "aliases", "tokens", "values"],
)
async def test_what_a_lapsed_token_no_longer_allows_is_told_as_that(hospital: Hospital, body: dict[str, Any]) -> None:
    """Else a page whose session has ended would tell its user to divide their request, and never to log in."""
    gone = await hospital.funcionario("RECEPCAO")
    assert (await gone.cliente("mutation { sair { erros { codigo } } }")).recusas == []
    for authorization, code in ((None, "LIMITE_EXCEDIDO"), (f"Bearer {gone.cliente.token}", "NAO_AUTENTICADO")):
        headers = {"authorization": authorization} if authorization else {}
        answer = await hospital.http.post("/graphql", json=body, headers=headers)
        assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]
        assert "data" not in answer.json()


async def test_whoever_asks_too_often_is_told_when_to_ask_again(hospital: Hospital) -> None:
    app = create_app(hospital.settings.model_copy(update={"stranger_requests_per_second": 0.1, "shared_networks": ()}))
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        answers = [await http.post("/graphql", json={"query": "{ __typename }"}) for _ in range(11)]
        refused = answers[-1]
        assert (answers[0].status_code, refused.status_code) == (200, 429)
        assert refused.json()["errors"][0]["extensions"]["code"] == "LIMITE_EXCEDIDO"
        assert 1 <= int(refused.headers["retry-after"]) <= 10
        assert answers[0].headers["ratelimit"].startswith('"pedidos";r=')
        token = {"authorization": f"Bearer {hospital.recepcao.token}"}
        assert (await http.post("/graphql", json={"query": "{ __typename }"}, headers=token)).status_code == 200


async def test_work_that_is_owed_is_told_as_a_request_too_many(hospital: Hospital) -> None:
    slow = {"stranger_requests_per_second": 0.1, "shared_networks": ()}
    app = create_app(hospital.settings.model_copy(update=slow))
    transport = httpx.ASGITransport(app=app)
    texts = ["{ " + " ".join(f"a{number}_{n}: __typename" for n in range(45)) + " }" for number in range(6)]
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        answers = await asyncio.gather(*(http.post("/graphql", json={"query": text}) for text in texts))
    statuses = [answer.status_code for answer in answers]
    assert 200 in statuses
    assert set(statuses) == {200, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["retry-after"]) > 0
    assert [error["extensions"]["code"] for error in refused.json()["errors"]] == ["LIMITE_EXCEDIDO"]


async def test_empty_parameters_of_a_get_are_none(hospital: Hospital) -> None:
    answer = await hospital.http.get("/graphql?query=%7B__typename%7D&variables=&extensions=&operationName=")
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_what_apollo_asks_for_first_is_answered_so_that_it_falls_back(hospital: Hospital) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    answers = [
        await hospital.http.post("/graphql", json={"extensions": extensions}),
        await hospital.http.get("/graphql", params={"extensions": json.dumps(extensions)}),
    ]
    for answer in answers:
        (error,) = answer.json()["errors"]
        assert (error["message"], error["extensions"]["code"]) == (
            "PersistedQueryNotSupported",
            "PERSISTED_QUERY_NOT_SUPPORTED",
        )
        assert answer.status_code == 200
    both = await hospital.http.post("/graphql", json={"query": "{ __typename }", "extensions": extensions})
    assert both.json() == {"data": {"__typename": "Query"}}


async def test_a_large_answer_is_compressed_where_it_is_asked_for_and_holds_no_secret(hospital: Hospital) -> None:
    token = {"authorization": f"Bearer {hospital.recepcao.token}"}
    lista = {"query": "{ pacientes(first: 50) { edges { node { nome } } } }"}
    for taken, compressed in (("gzip, br", True), ("identity", False), ("gzip;q=0", False), ("br", False)):
        answer = await hospital.http.post("/graphql", json=lista, headers={**token, "accept-encoding": taken})
        assert (answer.headers.get("content-encoding") == "gzip") is compressed
        assert len(answer.json()["data"]["pacientes"]["edges"]) == 50
        assert "accept-encoding" in answer.headers["vary"]
    pessoa = await hospital.paciente()
    aliases = " ".join(f"a{n}: tokenDeAcesso" for n in range(9))
    entrar = {
        "query": f'mutation {{ login(cpf: "{pessoa.cpf}", senha: "{SENHA_DE_TESTE}") {{ sessao {{ {aliases} }} }} }}'
    }
    answer = await hospital.http.post("/graphql", json=entrar, headers={"accept-encoding": "gzip"})
    assert len(answer.content) > 1024
    assert "content-encoding" not in answer.headers


async def test_the_answer_to_somebody_unknown_is_compressed_too_and_a_large_one_away_from_the_loop(
    hospital: Hospital,
) -> None:
    asked = {"query": get_introspection_query()}
    large = await hospital.http.post("/graphql", json=asked, headers={"accept-encoding": "gzip"})
    assert large.headers["content-encoding"] == "gzip"
    assert len(large.content) > 65_536
    assert large.json() == (await hospital.http.post("/graphql", json=asked, headers={"accept-encoding": "br"})).json()


async def test_the_entrance_leads_on_and_no_host_that_a_caller_names_is_repeated(hospital: Hospital) -> None:
    evil = {"host": "mau.example"}
    entrance = await hospital.http.get("/", headers=evil)
    assert entrance.json()["graphql"] == "/graphql"
    assert (await hospital.http.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"
    for path in ("/healthz/", "/graphql/", "//mau.example/", "/healthz//", "/"):
        answer = await hospital.http.get(path, headers={**evil, "accept": "text/html"})
        assert "mau.example" not in str(answer.headers) + answer.text


async def test_the_schema_is_there_to_be_read_where_it_may_be_known(hospital: Hospital) -> None:
    published = (Path(__file__).parents[3] / "schema.graphql").read_text(encoding="utf-8")
    first = await hospital.http.get("/schema.graphql")
    assert first.text == published
    assert (await hospital.http.get("/")).json()["schema"] == "/schema.graphql"
    plain = await hospital.http.get("/schema.graphql", headers={"accept-encoding": "identity"})
    assert (first.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert plain.text == first.text
    again = await hospital.http.get("/schema.graphql", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    hidden = create_app(hospital.settings.model_copy(update={"introspection": False}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=hidden), base_url="http://t") as http:
        assert (await http.get("/schema.graphql")).status_code == 404
        assert "schema" not in (await http.get("/")).json()


async def test_a_demo_answers_to_this_machines_names_alone(hospital: Hospital) -> None:
    app = create_app(hospital.settings, [{"nome": "Ana", "cpf": "0", "senha": "x", "papel": "paciente"}])
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        for host, status in (
            *(("localhost", 200), ("localhost:8000", 200), ("a.localhost", 200), ("127.0.0.1:8000", 200)),
            *(("[::1]:8000", 200), ("mau.example", 421), ("localhost.mau.example", 421), ("", 421)),
        ):
            assert (await http.get("/healthz", headers={"host": host})).status_code == status, host


async def test_whoever_registers_from_one_place_too_often_waits(hospital: Hospital) -> None:
    app = create_app(hospital.settings.model_copy(update={"shared_networks": (), "registrations_per_hour": 60}))
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        entrada = {
            "cpf": (await hospital.paciente()).cpf,
            "nome": "Ana",
            "nascimento": "2000-01-01",
            "senha": "x-1-y-2-zz",
        }
        respostas = [
            (await http.post("/graphql", json={"query": CADASTRAR_PACIENTE, "variables": {"input": entrada}})).json()
            for _ in range(11)
        ]
        assert respostas[0]["data"]["cadastrarPaciente"]["erros"]
        assert respostas[-1]["errors"][0]["extensions"]["code"] == "LIMITE_EXCEDIDO"


@pytest.mark.parametrize(
    "text", ['{"a": 1, "b": {"c": [1, 2]}}', '{"a" : "x\\": y"}', '{"a":{"a":{"a":1}}, "b":[{"a":1},{"a":2}]}']
)
def test_json_that_is_written_in_another_way_is_read_as_it_is(text: str) -> None:
    assert parse_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 2}', '{"a": 1, "a" \t: 2}', '{"x": "b\\":", "a": {"k":1, "k":2}}', '[{"a":1},{"b":1,"b":1}]'],
)
def test_a_key_that_comes_twice_is_refused_however_it_is_written(text: str) -> None:
    with pytest.raises(Malformed):
        parse_json(text.encode())


def test_a_body_of_one_key_again_and_again_is_refused_before_it_is_read_slowly() -> None:
    with pytest.raises(Excess):
        parse_json(b'{"a": {' + b'"k":1, ' * 100_000 + b'"k":1}}')
