"""An Idempotency-Key names one request of one caller (IETF httpapi draft, The Idempotency-Key HTTP Header Field).

What is kept of a request tells nothing of it: hashes under a key that is derived from the server's.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from typing import Any

from sghss_graphql.confianca.acesso.chaves import derived

VALIDADE = timedelta(hours=24)
MAIS_GUARDADAS = 1_000
"""Requests of one caller, beyond which refusals are kept no more."""
_SEGREDOS = frozenset({"senha", "senha_atual", "senha_nova", "codigo", "token_de_renovacao"})


@dataclass(frozen=True, slots=True)
class Pedido:
    """A request under a key: whose, the key's hash, and the marks that it has under each of the server's keys.

    It is written with the first of them; the others are of keys that were the first before.
    """

    usuario: bytes
    chave: bytes
    marcas: tuple[bytes, ...]


class Marcas:
    """Makes the marks of requests, under keys that are derived from the server's secrets."""

    def __init__(self, segredos: Sequence[bytes]) -> None:
        self._chaves = [derived(segredo, b"sghss repeticoes 1") for segredo in segredos]

    def de(self, usuario: bytes, chave: bytes, pedido: bytes) -> Pedido:
        """Read what a caller asks for under a key; ``pedido`` is operation and variables, written in one way."""
        marcas = tuple(hmac.digest(uma, usuario + pedido, "sha256") for uma in self._chaves)
        return Pedido(usuario, hashlib.sha256(chave).digest(), marcas)


@dataclass(frozen=True, slots=True)
class Anterior:
    """What became of a request that was sent before: the key of what it made or changed, or why it was refused."""

    pedido: bytes
    resultado: bytes | None
    erros: list[Mapping[str, Any]] | None


def tem_segredo(valor: Any) -> bool:
    """Tell whether there is a secret among a mutation's arguments."""
    if isinstance(valor, Mapping):
        return any((nome in _SEGREDOS and dito is not None) or tem_segredo(dito) for nome, dito in valor.items())
    if is_dataclass(valor) and not isinstance(valor, type):
        return tem_segredo({campo.name: getattr(valor, campo.name) for campo in fields(valor)})
    return any(tem_segredo(um) for um in valor) if isinstance(valor, list) else False
