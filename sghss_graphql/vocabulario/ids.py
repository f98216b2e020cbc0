"""An id is a type's prefix and a time-ordered UUID in hex: ``pac_0192f5c4…``; in the database, BINARY(16).

Clients treat it as opaque. An id that doesn't parse, or one of another type, is "not found", never an error.
"""

import re

import uuid_utils
from strawberry import ID

PREFIXO = re.compile(r"[a-z]{3}")
_FORM = re.compile(r"([a-z]{3})_([0-9a-f]{32})")


def nova_chave() -> bytes:
    """Make a UUIDv7 (RFC 9562, section 5.7): 16 bytes that sort by the time they were made."""
    return uuid_utils.uuid7().bytes


def publico(prefixo: str, chave: bytes) -> ID:
    """Give the id that clients see."""
    return prefixo + "_" + chave.hex()  # type: ignore[return-value]  # made for every object: not even a call of ID


def chave(prefixo: str, texto: str) -> bytes | None:
    """Read an id of the type with this prefix; None for anything else."""
    lido = separar(texto)
    return lido[1] if lido and lido[0] == prefixo else None


def separar(texto: str) -> tuple[str, bytes] | None:
    """Read an id of any type: its prefix and its key; None for what isn't one."""
    found = _FORM.fullmatch(texto)
    return (found[1], bytes.fromhex(found[2])) if found else None
