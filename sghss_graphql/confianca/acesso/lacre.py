"""What is given out sealed and comes back: whoever holds it learns nothing from it, and it fits nowhere else.

AES-GCM-SIV (RFC 8452) under a key derived from the secret (HKDF, RFC 5869), bound to its place and to who asks. The
nonce is always the same: the mode is made to bear that, and tells by it that two sealed things are equal, no more.
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

from sghss_graphql.confianca.acesso.chaves import derived
from sghss_graphql.confianca.acesso.papeis import Quem

_NONCE = bytes(12)
_DO_NONCE = 12


class Lacre:
    """Seals with the first of some secrets, and opens what any of them sealed."""

    def __init__(self, segredos: Sequence[bytes]) -> None:
        self._chaves = [AESGCMSIV(derived(segredo, b"sghss cursores 1")) for segredo in segredos]

    def de(self, quem: Quem | None) -> "LacreDe":
        """Give the seal of whoever asks."""
        return LacreDe(self._chaves, quem.usuario if quem is not None else b"")


class LacreDe:
    """The seal of one caller; ``place`` is the field that something is of."""

    def __init__(self, chaves: Sequence[AESGCMSIV], dono: bytes) -> None:
        self._chaves = chaves
        self._dono = dono

    def close(self, place: str, data: bytes) -> bytes:
        """Seal: 16 bytes more than there were."""
        return self._chaves[0].encrypt(_NONCE, data, self._dono + place.encode())

    def open(self, place: str, sealed: bytes) -> bytes | None:
        """Give what was sealed here, for this caller; None for anything else."""
        for chave in self._chaves:
            try:
                return chave.decrypt(_NONCE, sealed, self._dono + place.encode())
            except (InvalidTag, ValueError):
                continue
        return None


class Cofre:
    """Keeps what is stored outside of the database: closed with the first of some secrets, opened by any of them."""

    def __init__(self, segredos: Sequence[bytes]) -> None:
        self._chaves = [AESGCM(derived(segredo, b"sghss cofre 1")) for segredo in segredos]

    def fechar(self, dados: bytes) -> bytes:
        """Close: 28 bytes more than there were."""
        nonce = os.urandom(_DO_NONCE)
        return nonce + self._chaves[0].encrypt(nonce, dados, None)

    def abrir(self, fechado: bytes) -> bytes | None:
        """Give what was closed; None for anything else."""
        for chave in self._chaves:
            try:
                return chave.decrypt(fechado[:_DO_NONCE], fechado[_DO_NONCE:], None)
            except (InvalidTag, ValueError):
                continue
        return None
