"""Which secrets and key files are refused, and in which words."""

import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from sghss_graphql.confianca.acesso.chaves import BadKey, pem_keys, require_strong

_PLAIN = NoEncryption()


@pytest.mark.parametrize(
    "secret",
    [
        "abcdefghijklmnopqrstuvwxyzabcdef",
        "segredosegredosegredosegredo1234",
        "11111111111111111111111112345678",
        "password-password-password-passwd",
        "changeme-changeme-please-changeme",
        "qwertyuiopasdfghjklzxcvbnm123456",
    ],
)
def test_a_secret_of_known_words_and_sequences_is_refused(secret: str) -> None:
    with pytest.raises(BadKey):
        require_strong(secret)


def test_what_openssl_makes_is_taken() -> None:
    for _ in range(50):
        require_strong(secrets.token_urlsafe(36))
        require_strong(secrets.token_hex(16))


def _pem(private: object, how: KeySerializationEncryption = _PLAIN, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    written: bytes = private.private_bytes(Encoding.PEM, form, how)  # type: ignore[attr-defined]  # any kind of key
    return written


@pytest.mark.parametrize("place", ["first", "last"])
@pytest.mark.parametrize("wrong", ["encrypted", "another kind", "another form", "words"])
def test_a_file_holds_ed25519_keys_and_nothing_else(tmp_path: Path, wrong: str, place: str) -> None:
    curve = generate_private_key(SECP256R1())
    other = {
        "encrypted": _pem(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"x")),
        "another kind": _pem(curve),
        "another form": _pem(curve, form=PrivateFormat.TraditionalOpenSSL),
        "words": b"um segredo\n",
    }[wrong]
    good = _pem(Ed25519PrivateKey.generate())
    path = tmp_path / "chaves.pem"
    path.write_bytes(other + good if place == "first" else good + other)
    if wrong == "words" and place == "first":  # a comment before a key, as PEM allows (RFC 7468, section 2)
        assert len(pem_keys(path)) == 1
        return
    with pytest.raises(BadKey):
        pem_keys(path)
