"""A token is taken only when everything about it is right; why it wasn't is told to nobody.

PyJWT checks the signature, ``aud``, ``iss`` and the dates; the rest is ours, because PyJWT 2.15.1 also
accepts padding, ``exp`` as text and any lifetime (as tried).
"""

import base64
import binascii
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
import orjson
from cachetools import TLRUCache

from sghss_graphql.vocabulario import ids

ALGORITHM = "HS256"
LIFETIME = 3600  # seconds
_HEADER = {"alg": ALGORITHM, "typ": "JWT"}
_LONGEST = 4096
_MAIS_LEMBRADOS = 10_000
_LONGEST_HEADER = 64
_FORM = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_CLAIMS = ["sub", "sid", "jti", "iss", "aud", "iat", "exp"]


@dataclass(frozen=True, slots=True)
class Identidade:
    """What a good token says: keys of the usuario and of the session."""

    usuario: bytes
    sessao: bytes


@dataclass(frozen=True, slots=True)
class Verificado:
    """A token that was good when it was verified, and is until ``expira_em`` (seconds since 1970)."""

    identidade: Identidade
    expira_em: int


class Tokens:
    """Signs and verifies access tokens with one key (32 bytes or more)."""

    def __init__(self, secret: bytes, *, issuer: str, audience: str) -> None:
        self._secret = secret
        self._issuer = issuer
        self._audience = audience
        self._verificados: TLRUCache[bytes, Verificado] = TLRUCache(
            _MAIS_LEMBRADOS, ttu=lambda _, verificado, __: verificado.expira_em, timer=time.time
        )

    def assinar(self, quem: Identidade, agora: datetime, expira_em: datetime) -> str:
        """Sign a token (RFC 7519); ``expira_em`` is at most one hour after ``agora``, both naive in UTC."""
        claims = {
            "sub": ids.publico(ids.Tipo.USUARIO, quem.usuario),
            "sid": quem.sessao.hex(),
            "jti": secrets.token_hex(16),
            "iss": self._issuer,
            "aud": self._audience,
            "iat": int(agora.replace(tzinfo=UTC).timestamp()),
            "exp": int(expira_em.replace(tzinfo=UTC).timestamp()),
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def verificar(self, resumo: bytes, autorizacao: str) -> Verificado | None:
        """Read an Authorization header, of which ``resumo`` is the hash; None unless it holds a good token.

        A token is verified once: one that was good is remembered until it expires.
        """
        lembrado = self._verificados.get(resumo)
        if lembrado is None:
            lembrado = self._verificar(autorizacao)
            if lembrado is not None:
                self._verificados[resumo] = lembrado
        return lembrado

    def _verificar(self, autorizacao: str) -> Verificado | None:
        if len(autorizacao) > _LONGEST:
            return None
        esquema, _, token = autorizacao.partition(" ")
        if esquema.lower() != "bearer" or not _bem_formado(token):
            return None
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": _CLAIMS},
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None
        identidade = _identidade(claims)
        return None if identidade is None else Verificado(identidade, claims["exp"])


def _bem_formado(token: str) -> bool:
    """Tell whether there are three unpadded, canonical base64url parts and exactly our header."""
    partes = _FORM.fullmatch(token)
    if partes is None or len(partes[1]) > _LONGEST_HEADER:
        return False
    try:
        decodificadas = [_decodificar(parte) for parte in partes.groups()]
        return bool(orjson.loads(decodificadas[0]) == _HEADER)
    except (ValueError, binascii.Error):
        return False


def _decodificar(parte: str) -> bytes:
    dados = base64.b64decode(parte + "=" * (-len(parte) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(dados).rstrip(b"=").decode() != parte:
        raise ValueError
    return dados


def _identidade(claims: dict[str, Any]) -> Identidade | None:
    iat, exp, nbf = claims["iat"], claims["exp"], claims.get("nbf", 0)
    if not all(type(instante) is int for instante in (iat, exp, nbf)):
        return None
    agora = datetime.now(UTC).timestamp()
    if exp - iat > LIFETIME or iat > agora or nbf > agora or exp <= agora:
        return None
    textos = [claims[nome] for nome in ("sub", "sid", "jti", "iss", "aud")]
    if not all(isinstance(texto, str) and texto for texto in textos):
        return None
    usuario = ids.chave(ids.Tipo.USUARIO, claims["sub"])
    sessao = _chave_da_sessao(claims["sid"])
    return Identidade(usuario, sessao) if usuario and sessao else None


def _chave_da_sessao(texto: str) -> bytes | None:
    return bytes.fromhex(texto) if re.fullmatch(r"[0-9a-f]{32}", texto) else None
