"""MySQL's error numbers become ours here, and nowhere else.

The server's own text is dropped: it quotes values ("Duplicate entry '529…' for key …"), and those may
identify a patient. What stays is the number and, for a key, its name.
"""

import re

import pymysql.err

from sghss_graphql.errors import ErroInterno, Falha, ServicoIndisponivel, SghssError

_DUPLICATE = frozenset({1062, 1586})
_NO_PARENT = frozenset({1216, 1452})
# Deadlock, lock wait, row changed under a snapshot, node not ready (Galera), certification (Group Replication).
_CONFLICT = frozenset({1213, 1205, 1020, 1047, 3101, 4031})
_LOST = frozenset({2006, 2013, 2014, 2055, 1053, 1927, 1184, 1152, 1158, 1159, 1160, 1161})
_AWAY = frozenset({1040, 1203, 1226, 2002, 2003, 1290, 1836, 1317, 1969, 3024, 1021, 1114, 1037, 1041})
_KEY_NAME = re.compile(r"for key '(?:[^']*\.)?([^'.]+)'")


class ChaveDuplicada(SghssError):
    """A unique key refused a row; ``chave`` is the key's name in the schema."""

    def __init__(self, chave: str) -> None:
        super().__init__(chave)
        self.chave = chave


class ReferenciaAusente(SghssError):
    """A foreign key refused a row: what it points to isn't there."""


class Conflito(ServicoIndisponivel):
    """Two transactions met; the work was undone and can be done again."""


class ConexaoPerdida(ServicoIndisponivel):
    """The connection broke; whatever wasn't committed is undone by the server."""


class FalhaDoBanco(ErroInterno):
    """A statement failed in a way that no rule expects; only MySQL's number is kept."""

    def __init__(self, numero: int) -> None:
        super().__init__()
        self.numero = numero

    def __str__(self) -> str:
        return f"MySQL error {self.numero}"


def translate(error: Exception) -> Falha | ChaveDuplicada | ReferenciaAusente:
    """Give our exception for one of PyMySQL's, of asyncio's streams or of the operating system's."""
    number, text = _number_and_text(error)
    if number in _DUPLICATE:
        found = _KEY_NAME.search(text)
        return ChaveDuplicada(found.group(1) if found else "")
    if number in _NO_PARENT:
        return ReferenciaAusente()
    if number in _CONFLICT:
        return Conflito()
    if number in _LOST or isinstance(error, (OSError, EOFError, pymysql.err.InterfaceError)):
        return ConexaoPerdida()
    if number in _AWAY:
        return ServicoIndisponivel()
    return FalhaDoBanco(number)


def _number_and_text(error: Exception) -> tuple[int, str]:
    """Read MySQL's number (0 if there is none) and text off an exception."""
    arguments = error.args
    number = arguments[0] if arguments and isinstance(arguments[0], int) else 0
    text = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], str) else ""
    return number, text


DRIVER_ERRORS = (pymysql.err.Error, OSError, EOFError)
"""What aiomysql raises when a statement or a connection fails."""
