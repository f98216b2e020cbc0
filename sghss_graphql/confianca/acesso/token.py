"""A token is taken only when everything about it is right; why it wasn't is told to nobody.

PyJWT checks the signature, ``aud`` and ``iss``; the rest is ours, because PyJWT 2.15.1 also accepts padding, ``exp`` as
text and any lifetime (as tried), and asks a clock of its own what time it is.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
import orjson
from cachetools import TLRUCache

from sghss_graphql.confianca.acesso.chaves import Key
from sghss_graphql.confianca.acesso.papeis import PREFIXO_DO_USUARIO
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.tempo import relogio

LIFETIME = 3600  # seconds
_LEEWAY = 10  # seconds by which the clock of whoever signed may be ahead of ours
_LONGEST = 4096
_MOST_REMEMBERED = 10_000
_LONGEST_HEADER = 160
_FORM = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_CLAIMS = ["sub", "sid", "jti", "iss", "aud", "iat", "exp"]


@dataclass(frozen=True, slots=True)
class Identity:
    """What a good token says: keys of the usuario and of the session."""

    usuario: bytes
    sessao: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """A token that was good when it was verified, and is until ``expires_at`` (seconds since 1970)."""

    identity: Identity
    expires_at: int


class Tokens:
    """Signs access tokens with the first of some keys, and verifies what any of them signed."""

    def __init__(self, keys: Sequence[Key], *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._verified: TLRUCache[bytes, Verified] = TLRUCache(
            _MOST_REMEMBERED, ttu=lambda _, verified, __: verified.expires_at, timer=relogio.segundos
        )

    def sign(self, who: Identity, now: datetime, expires_at: datetime) -> str:
        """Sign a token (RFC 7519); ``expires_at`` is at most one hour after ``now``, both naive in UTC."""
        claims = {
            "sub": ids.publico(PREFIXO_DO_USUARIO, who.usuario),
            "sid": who.sessao.hex(),
            "jti": secrets.token_hex(16),
            "iss": self._issuer,
            "aud": self._audience,
            "iat": int(now.replace(tzinfo=UTC).timestamp()),
            "exp": int(expires_at.replace(tzinfo=UTC).timestamp()),
        }
        key = self._keys[0]
        headers = {name: value for name, value in key.header.items() if name == "kid"}
        return jwt.encode(claims, key.signs_with, algorithm=key.algorithm, headers=headers)

    def verify(self, digest: bytes, authorization: str) -> Verified | None:
        """Read an Authorization header, of which ``digest`` is the hash; None unless it holds a good token.

        A token is verified once: one that was good is remembered until it expires.
        """
        remembered = self._verified.get(digest)
        if remembered is None:
            remembered = self._verify(authorization)
            if remembered is not None:
                self._verified[digest] = remembered
        return remembered

    def _verify(self, authorization: str) -> Verified | None:
        if len(authorization) > _LONGEST:
            return None
        scheme, _, token = authorization.partition(" ")
        header = _header(token) if scheme.lower() == "bearer" else None
        for key in self._keys:
            claims = self._claims(token, key) if header == key.header else None
            identity = _identity(claims) if claims is not None else None
            if claims is not None and identity is not None:
                return Verified(identity, claims["exp"])
        return None

    def _claims(self, token: str, key: Key) -> dict[str, Any] | None:
        """Give what a token says, if this key signed it for us; each key is tried by its own algorithm alone."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key.verifies_with,
                algorithms=[key.algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": _CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None
        return claims


def _header(token: str) -> Any:
    """Give the header of a token of three unpadded, canonical base64url parts; None if it isn't one."""
    parts = _FORM.fullmatch(token)
    if parts is None or len(parts[1]) > _LONGEST_HEADER:
        return None
    try:
        header, *_ = [_decode(part) for part in parts.groups()]
        return orjson.loads(header)
    except (ValueError, binascii.Error):
        return None


def _decode(part: str) -> bytes:
    data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise ValueError
    return data


def _identity(claims: dict[str, Any]) -> Identity | None:
    iat, exp, nbf = claims["iat"], claims["exp"], claims.get("nbf", 0)
    if not all(type(instant) is int for instant in (iat, exp, nbf)):
        return None
    now = relogio.segundos()
    if exp - iat > LIFETIME or iat > now + _LEEWAY or nbf > now + _LEEWAY or exp <= now:
        return None
    texts = [claims[name] for name in ("sub", "sid", "jti", "iss", "aud")]
    if not all(isinstance(text, str) and text for text in texts):
        return None
    usuario = ids.chave(PREFIXO_DO_USUARIO, claims["sub"])
    sessao = _session_key(claims["sid"])
    return Identity(usuario, sessao) if usuario and sessao else None


def _session_key(text: str) -> bytes | None:
    return bytes.fromhex(text) if re.fullmatch(r"[0-9a-f]{32}", text) else None
