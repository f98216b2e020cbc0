"""A token is taken only when everything about it is right."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.vocabulario import ids
from tests.hospital import CADASTRAR_PACIENTE, LOGIN, SENHA_DE_TESTE, Cliente, Hospital, Pessoa
from tests.processes import PROCESSES
from tests.servers import SEGREDO

Claims = dict[str, Any]


@pytest.fixture(scope="module")
async def pessoa(hospital: Hospital) -> Pessoa:
    return await hospital.paciente()


def _b64(dados: bytes) -> str:
    return base64.urlsafe_b64encode(dados).rstrip(b"=").decode()


def _claims(pessoa: Pessoa) -> Claims:
    meio = pessoa.cliente.token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(meio + "=" * (-len(meio) % 4)))


def _assinar(claims: Any, cabecalho: Any = None, segredo: str = SEGREDO, resumo: str = "sha256") -> str:
    cabecalho = {"alg": "HS256", "typ": "JWT"} if cabecalho is None else cabecalho
    partes = [_b64(parte if isinstance(parte, bytes) else json.dumps(parte).encode()) for parte in (cabecalho, claims)]
    assinatura = hmac.new(segredo.encode(), ".".join(partes).encode(), resumo).digest()
    return ".".join([*partes, _b64(assinatura)])


async def _codigos(hospital: Hospital, *autorizacoes: str) -> list[str]:
    cabecalhos = [("Authorization", autorizacao) for autorizacao in autorizacoes]
    try:
        resposta = await hospital.http.post("/graphql", json={"query": "{ eu { nome } }"}, headers=cabecalhos)
    except httpx.LocalProtocolError:
        assert PROCESSES, "over a network no client sends it"
        return ["NAO_AUTENTICADO"]
    if PROCESSES and resposta.status_code == 431:  # nor is so long a head read
        return ["NAO_AUTENTICADO"]
    assert resposta.status_code == 200
    corpo = resposta.json()
    for erro in corpo.get("errors", []):
        assert erro["message"].startswith("Entre com CPF e senha"), "nothing of why"
    return [erro["extensions"]["code"] for erro in corpo.get("errors", [])]


async def test_a_token_signed_as_ours_is_taken(hospital: Hospital, pessoa: Pessoa) -> None:
    assert await _codigos(hospital, f"Bearer {_assinar(_claims(pessoa))}") == []
    assert await _codigos(hospital, f"bearer {pessoa.cliente.token}") == []


MUDANCAS: dict[str, Callable[[Claims], Any]] = {
    "exp as text": lambda c: {**c, "exp": str(c["exp"])},
    "exp as float": lambda c: {**c, "exp": float(c["exp"])},
    "exp as bool": lambda c: {**c, "exp": True},
    "iat as text": lambda c: {**c, "iat": str(c["iat"])},
    "longer than an hour": lambda c: {**c, "exp": c["iat"] + 3601},
    "iat in the future": lambda c: {**c, "iat": int(time.time()) + 60, "exp": int(time.time()) + 120},
    "nbf in the future": lambda c: {**c, "nbf": int(time.time()) + 60},
    "nbf as text": lambda c: {**c, "nbf": "0"},
    "expired": lambda c: {**c, "iat": c["iat"] - 7200, "exp": c["exp"] - 7200},
    "another issuer": lambda c: {**c, "iss": "outro"},
    "another audience": lambda c: {**c, "aud": "outro"},
    "audience as list": lambda c: {**c, "aud": [c["aud"]]},
    "sub as number": lambda c: {**c, "sub": 1},
    "sub of another type": lambda c: {**c, "sub": c["sub"].replace("usr_", "pac_")},
    "sub of nobody": lambda c: {**c, "sub": ids.publico(Usuario.prefixo, bytes(16))},
    "session of nobody": lambda c: {**c, "sid": "0" * 32},
    "session malformed": lambda c: {**c, "sid": "zz"},
    "jti empty": lambda c: {**c, "jti": ""},
    "a list": lambda c: [c],
    "not JSON": lambda c: b"{",
    "nested 20,000 deep": lambda c: b"[" * 20_000 + b"]" * 20_000,
    **{f"without {nome}": lambda c, nome=nome: {k: v for k, v in c.items() if k != nome}
       for nome in ("sub", "sid", "jti", "iss", "aud", "iat", "exp")},
}  # fmt: skip


@pytest.mark.parametrize("mudar", MUDANCAS.values(), ids=MUDANCAS.keys())
async def test_a_claim_that_is_not_right_is_refused(hospital: Hospital, pessoa: Pessoa, mudar) -> None:
    assert await _codigos(hospital, f"Bearer {_assinar(mudar(_claims(pessoa)))}") == ["NAO_AUTENTICADO"]


CABECALHOS = {
    "none": {"alg": "none", "typ": "JWT"},
    "None": {"alg": "None", "typ": "JWT"},
    "HS512": {"alg": "HS512", "typ": "JWT"},
    "RS256": {"alg": "RS256", "typ": "JWT"},
    "jwk": {"alg": "HS256", "typ": "JWT", "jwk": {}},
    "jku": {"alg": "HS256", "typ": "JWT", "jku": "http://x"},
    "x5u": {"alg": "HS256", "typ": "JWT", "x5u": "http://x"},
    "crit": {"alg": "HS256", "typ": "JWT", "crit": ["exp"]},
    "b64": {"alg": "HS256", "typ": "JWT", "b64": False},
    "kid": {"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"},
    "no typ": {"alg": "HS256"},
    "a list": ["HS256"],
    "not JSON": b"{",
    "nested 20,000 deep": b"[" * 20_000,
}


@pytest.mark.parametrize("cabecalho", CABECALHOS.values(), ids=CABECALHOS.keys())
async def test_any_header_but_ours_is_refused(hospital: Hospital, pessoa: Pessoa, cabecalho) -> None:
    token = _assinar(_claims(pessoa), cabecalho, resumo="sha512" if "HS512" in str(cabecalho) else "sha256")
    assert await _codigos(hospital, f"Bearer {token}") == ["NAO_AUTENTICADO"]


async def test_the_form_must_be_three_unpadded_canonical_parts(hospital: Hospital, pessoa: Pessoa) -> None:
    bom = pessoa.cliente.token
    cabecalho, claims, assinatura = bom.split(".")
    alfabeto = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    vizinha = alfabeto[alfabeto.index(assinatura[-1]) ^ 1]
    for token in (
        f"{bom}=",
        f"{bom}.",
        f"{bom}.{assinatura}",
        f"{cabecalho}.{claims}.",
        f"{cabecalho}.{claims}",
        f"{cabecalho}.{claims}.{assinatura[:-1]}{vizinha}",
        f"{cabecalho}.{claims}\n.{assinatura}",
        f"{bom} ",
        f" {bom}",
        "",
        "x" * 5000,
        _assinar(_claims(pessoa), segredo="outro segredo, também de trinta e dois bytes"),
    ):
        assert await _codigos(hospital, f"Bearer {token}") == ["NAO_AUTENTICADO"], token[:80]


async def test_one_bearer_header_and_nowhere_else(hospital: Hospital, pessoa: Pessoa) -> None:
    bom = pessoa.cliente.token
    for dois in ((f"Bearer {bom}", f"Bearer {bom}"), (f"Bearer {bom}", ""), ("", f"Bearer {bom}")):
        assert await _codigos(hospital, *dois) == ["NAO_AUTENTICADO"]
    assert await _codigos(hospital, bom) == ["NAO_AUTENTICADO"]
    assert await _codigos(hospital, f"Basic {bom}") == ["NAO_AUTENTICADO"]
    resposta = await hospital.http.get("/graphql", params={"query": "{ eu { nome } }", "access_token": bom})
    assert resposta.json()["errors"][0]["extensions"]["code"] == "NAO_AUTENTICADO"
    resposta = await hospital.http.post(
        "/graphql", json={"query": "{ eu { nome } }", "token": bom}, headers={"Cookie": f"token={bom}"}
    )
    assert resposta.json()["errors"][0]["extensions"]["code"] == "NAO_AUTENTICADO"


async def test_an_old_token_is_ignored_where_none_is_needed(hospital: Hospital, pessoa: Pessoa) -> None:

    velho = Cliente(hospital.http, _assinar({**_claims(pessoa), "exp": 1}))
    assert (await velho("{ __typename }")).data == {"__typename": "Query"}
    assert (await velho(LOGIN, cpf=pessoa.cpf, senha=SENHA_DE_TESTE)).recusas == []
    entrada = {"cpf": hospital.cpf(), "nome": "Ana Ramos", "nascimento": "1990-01-01", "senha": SENHA_DE_TESTE}
    assert (await velho(CADASTRAR_PACIENTE, input=entrada)).recusas == []
    assert (await velho("{ eu { nome } }")).codigos == ["NAO_AUTENTICADO"]


def test_the_digest_is_what_the_signature_is(pessoa: Pessoa) -> None:
    """The signing of this file is checked against the product's, or its refusals would prove nothing."""
    cabecalho, claims, assinatura = pessoa.cliente.token.split(".")
    esperada = hmac.new(SEGREDO.encode(), f"{cabecalho}.{claims}".encode(), hashlib.sha256).digest()
    assert _b64(esperada) == assinatura
