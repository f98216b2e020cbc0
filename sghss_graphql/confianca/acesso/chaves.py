"""The keys of access tokens: the first signs, and each of the others verifies what it signed before it was followed.

A key is a secret of 32 bytes or more (HS256, RFC 7518) or an Ed25519 key in a PEM file (EdDSA, RFC 8037). The public
half of the latter is published as a JWK Set (RFC 7517), so that other systems can verify tokens and sign none.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SHORTEST_SECRET = 32  # bytes
_FEWEST_LETTERS = 8
_USE = {"alg": "EdDSA", "use": "sig"}
_END = b"-----END PRIVATE KEY-----"
_ANOTHER = "o arquivo tem algo que não é uma chave Ed25519 sem senha: gere uma com openssl genpkey -algorithm ed25519"
_GUESSES = 15.0
"""Tries that guess a secret, in powers of ten, as zxcvbn counts them: no further than 19."""
_JUDGED = 40
"""Characters that are judged: of more it takes long."""


class BadKey(ValueError):
    """What is wrong with a key, for whoever runs the server."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its algorithm, the header of what it signs, and what it signs and verifies with."""

    algorithm: str
    header: dict[str, str]
    signs_with: Any = field(repr=False)
    verifies_with: Any = field(repr=False)
    material: bytes = field(repr=False)
    """From which other secrets are derived."""


def secret_key(secret: bytes) -> Key:
    """Make the key of a secret."""
    return Key("HS256", {"alg": "HS256", "typ": "JWT"}, secret, secret, secret)


def derived(material: bytes, purpose: bytes) -> bytes:
    """Derive a key of 32 bytes for one purpose (HKDF, RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(material)


def require_strong(secret: str) -> None:
    """Check that a secret is one.

    Raises:
        BadKey: it is short, or so uniform that it can be guessed.
    """
    if len(secret.encode()) < SHORTEST_SECRET:
        raise BadKey(f"o segredo precisa de {SHORTEST_SECRET} bytes ou mais")
    repeats = any(secret == (secret[:length] * len(secret))[: len(secret)] for length in range(1, len(secret) // 2 + 1))
    if repeats or len(set(secret)) < _FEWEST_LETTERS:
        raise BadKey("o segredo é repetitivo, e pode ser adivinhado: gere um com openssl rand -base64 48")
    from zxcvbn_rs_py import zxcvbn  # noqa: PLC0415 - its words are for those who set passwords and secrets alone

    if zxcvbn(secret[:_JUDGED]).guesses_log10 < _GUESSES:
        raise BadKey("o segredo é de palavras ou sequências conhecidas: gere um com openssl rand -base64 48")


def pem_keys(path: Path) -> list[Key]:
    """Read the Ed25519 private keys of a PEM file: the first signs.

    Raises:
        BadKey: it can't be read, or holds anything else.
    """
    try:
        parts = path.read_bytes().split(_END)
    except OSError as error:
        raise BadKey(f"o arquivo de chaves não pôde ser lido: {error.strerror}") from None
    keys = []
    for part in parts[:-1]:
        try:
            private = load_pem_private_key(part.strip() + b"\n" + _END + b"\n", password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):  # of another kind, or encrypted
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise BadKey(_ANOTHER)
        keys.append(_pem_key(private))
    if parts[-1].strip():
        raise BadKey(_ANOTHER)
    if not keys:
        raise BadKey("o arquivo não tem uma chave privada em PEM: gere uma com openssl genpkey -algorithm ed25519")
    return keys


def _pem_key(private: Ed25519PrivateKey) -> Key:
    public = private.public_key()
    thumbprint = hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{_x(public)}"}}'.encode()).digest()  # RFC 7638
    header = {"alg": "EdDSA", "kid": _base64url(thumbprint), "typ": "JWT"}
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return Key("EdDSA", header, private, public, raw)


def jwk_set(keys: Sequence[Key]) -> dict[str, Any]:
    """Give the JWK Set of the keys that have a public half."""
    return {
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": _x(key.verifies_with), "kid": key.header["kid"], **_USE}
            for key in keys
            if isinstance(key.verifies_with, Ed25519PublicKey)
        ]
    }  # fmt: skip


def _x(public: Ed25519PublicKey) -> str:
    return _base64url(public.public_bytes(Encoding.Raw, PublicFormat.Raw))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
