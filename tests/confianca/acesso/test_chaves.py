"""Keys: strong ones alone, followed by others without logging anyone out, published where they may be."""

from datetime import datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sghss_graphql.app import create_app
from sghss_graphql.confianca.acesso.chaves import BadKey, pem_keys, require_strong, secret_key
from sghss_graphql.confianca.acesso.token import Identity, Tokens
from sghss_graphql.settings import ConfiguracaoInvalida, Settings
from sghss_graphql.vocabulario.tempo import agora
from tests.hospital import Cliente, Hospital

OLD, NEW = b"um segredo velho, de mais de 32 bytes", b"um segredo novo, de mais de 32 bytes!"
WHO = Identity(bytes(range(16)), bytes(16))


def _pem(private) -> bytes:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    path = tmp_path / "chaves.pem"
    path.write_bytes(_pem(Ed25519PrivateKey.generate()))
    return path


def _tokens(*keys) -> Tokens:
    return Tokens(keys, issuer="i", audience="a")


def _taken(tokens: Tokens, token: str) -> bool:
    return tokens.verify(token.encode(), f"Bearer {token}") is not None


def _signed(tokens: Tokens, now: datetime | None = None) -> str:
    instant = (now or agora()).replace(microsecond=0)
    return tokens.sign(WHO, instant, instant + timedelta(hours=1))


def test_a_secret_is_followed_by_another_without_logging_anyone_out(pem: Path) -> None:
    (ed25519,) = pem_keys(pem)
    before, during = _tokens(secret_key(OLD)), _tokens(ed25519, secret_key(NEW), secret_key(OLD))
    after = _tokens(ed25519)
    assert _taken(during, _signed(before))
    assert jwt.get_unverified_header(_signed(during))["alg"] == "EdDSA"
    assert _taken(after, _signed(during))
    assert not _taken(after, _signed(before))
    assert not _taken(before, _signed(during))


def test_the_public_key_verifies_and_signs_nothing(pem: Path) -> None:
    """The confusion of families: an HS256 token whose secret is the public key."""
    (key,) = pem_keys(pem)
    raw = key.verifies_with.public_bytes_raw()
    claims = jwt.decode(_signed(_tokens(key)), key.verifies_with, algorithms=["EdDSA"], audience="a")
    for header in (key.header, {"alg": "HS256", "typ": "JWT"}, {"alg": "none", "typ": "JWT"}):
        signed = jwt.encode(claims, raw, algorithm="HS256", headers={k: v for k, v in header.items() if k == "kid"})
        assert not _taken(_tokens(key, secret_key(NEW)), signed)


def test_a_clock_that_is_some_seconds_ahead_is_borne_and_no_more() -> None:
    tokens = _tokens(secret_key(NEW))
    assert _taken(tokens, _signed(tokens, agora() + timedelta(seconds=5)))
    assert not _taken(tokens, _signed(tokens, agora() + timedelta(seconds=60)))


@pytest.mark.parametrize("weak", ["curto", "x" * 40, "abc" * 20, "senha-do-hospital!" * 2, "aabbaabb" * 5 + "a"])
def test_a_weak_secret_is_refused(weak: str) -> None:
    with pytest.raises(BadKey):
        require_strong(weak)


def test_a_file_that_holds_no_such_key_is_refused_in_words(tmp_path: Path) -> None:
    for content in (b"", b"nada", _pem(generate_private_key(65537, 2048)), b"-----END PRIVATE KEY-----"):
        path = tmp_path / "ruim.pem"
        path.write_bytes(content)
        with pytest.raises(BadKey, match="openssl genpkey"):
            pem_keys(path)
    with pytest.raises(ConfiguracaoInvalida, match="SGHSS_JWT_KEY_FILE"):
        _ = Settings(jwt_key_file=tmp_path / "nao-existe").keys


async def test_a_hospital_serves_with_a_file_of_keys_and_publishes_their_public_halves(
    hospital: Hospital, pem: Path
) -> None:
    app = create_app(hospital.settings.model_copy(update={"jwt_key_file": pem}))
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        (published,) = (await http.get("/.well-known/jwks.json")).json()["keys"]
        pessoa = await hospital.paciente()
        assert (await Cliente(http, pessoa.cliente.token)("{ eu { nome } }")).codigos == []
        renovada = (
            await Cliente(http)(
                "mutation($t: String!) { renovarSessao(tokenDeRenovacao: $t) { sessao { tokenDeAcesso } } }",
                t=pessoa.cliente.sessao["tokenDeRenovacao"],
            )
        ).data["renovarSessao"]["sessao"]["tokenDeAcesso"]
        assert jwt.decode(renovada, jwt.PyJWK(published), algorithms=["EdDSA"], audience="sghss-api")["sub"]
        assert (await Cliente(http, renovada)("{ eu { nome } }")).codigos == []
