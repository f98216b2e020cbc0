"""An id is a type prefix and a time-ordered UUID in hex: ``pac_0192f5c4…``; in the database, BINARY(16).

Clients treat it as opaque. An id that doesn't parse, or one of another type, is "not found", never an error.
"""

import re
from enum import StrEnum

import uuid_utils
from strawberry import ID

_FORM = re.compile(r"([a-z]{3})_([0-9a-f]{32})")


class Tipo(StrEnum):
    """The prefix of each type that implements Node."""

    USUARIO = "usr"
    PACIENTE = "pac"
    MEDICO = "med"
    CONSULTA = "con"
    PRONTUARIO = "pro"
    BLOQUEIO = "blo"


_PREFIXOS = frozenset(tipo.value for tipo in Tipo)


def nova_chave() -> bytes:
    """Make a UUIDv7 (RFC 9562, section 5.7): 16 bytes that sort by the time they were made."""
    return uuid_utils.uuid7().bytes


def publico(tipo: Tipo, chave: bytes) -> ID:
    """Give the id that clients see."""
    return tipo + "_" + chave.hex()  # type: ignore[return-value]  # made for every object: not even a call of ID


def chave(tipo: Tipo, texto: str) -> bytes | None:
    """Read an id of this type; None for anything else."""
    lido = separar(texto)
    return lido[1] if lido and lido[0] is tipo else None


def separar(texto: str) -> tuple[Tipo, bytes] | None:
    """Read an id of any type; None for what isn't one."""
    found = _FORM.fullmatch(texto)
    if found is None or found[1] not in _PREFIXOS:
        return None
    return Tipo(found[1]), bytes.fromhex(found[2])
