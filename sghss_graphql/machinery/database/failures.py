"""MySQL's error numbers become ours here, and nowhere else.

The server's own text is dropped: it quotes values ("Duplicate entry '529…' for key …"), and those may
identify a patient. What stays is the number and, for a key, its name.
"""

import re
import socket
import ssl

import pymysql.err

from sghss_graphql.machinery.database.connections import NO_TLS, READ_ONLY
from sghss_graphql.machinery.faults import Broken, Fault, Unavailable

_DUPLICATE = frozenset({1062, 1586})
_NO_PARENT = frozenset({1216, 1452})
# Deadlock, lock wait, row changed under a snapshot, node not ready (Galera), certification (Group Replication).
_CONFLICT = frozenset({1213, 1205, 1020, 1047, 3101, 4031})
_LOST = frozenset({2006, 2013, 2014, 2055, 1053, 1927, 1184, 1152, 1158, 1159, 1160, 1161})
_TOO_MANY = frozenset({1040, 1203, 1226})
_AWAY = _TOO_MANY | READ_ONLY | frozenset({2002, 2003, 1317, 1969, 3024, 1021, 1114, 1037, 1041})
DENIED = frozenset({1044, 1142, 1143, 1227, 1370})
"""The user lacks a right."""
_KEY_NAME = re.compile(r"for key '(?:[^']*\.)?([^'.]+)'")


class Unreachable(Unavailable):
    """No connection can be made; ``reason`` says why and what to do, to those who run the server alone."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class DuplicateKey(Fault):
    """A unique key refused a row; ``key`` is the key's name in the schema."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class MissingReference(Fault):
    """A foreign key refused a row: what it points to isn't there."""


class Conflict(Unavailable):
    """Two transactions met; the work was undone and can be done again."""


class ConnectionLost(Unavailable):
    """The connection broke; whatever wasn't committed is undone by the server."""


class DatabaseFailure(Broken):
    """A statement failed in a way that no rule expects; only MySQL's number is kept."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def __str__(self) -> str:
        return f"MySQL error {self.number}"


def is_read_only(error: Exception) -> bool:
    """Tell whether a server says that it isn't written to: another one of its group is, by now."""
    return _number_and_text(error)[0] in READ_ONLY


def translate(error: Exception) -> Fault:
    """Give our exception for one of PyMySQL's, of asyncio's streams or of the operating system's."""
    number, text = _number_and_text(error)
    if number in _DUPLICATE:
        found = _KEY_NAME.search(text)
        return DuplicateKey(found.group(1) if found else "")
    if number in _NO_PARENT:
        return MissingReference()
    if number in _CONFLICT:
        return Conflict()
    if number in _LOST or isinstance(error, (OSError, EOFError, pymysql.err.InterfaceError)):
        return ConnectionLost()
    if number in _AWAY:
        return Unavailable()
    return DatabaseFailure(number)


_REFUSALS = {
    1044: "o usuário não alcança o banco: confira o nome do banco e os direitos (sql/grants.sql)",
    1045: "o usuário ou a senha foram recusados",
    1049: "o servidor responde, mas não tem este banco: crie-o com CREATE DATABASE … CHARACTER SET utf8mb4",
    1130: "o servidor não aceita conexões desta máquina",
    1698: "o usuário ou a senha foram recusados",
    2059: "o servidor pede uma autenticação que não conhecemos: crie o usuário com caching_sha2_password (MySQL) ou"
    " mysql_native_password (MariaDB)",
    NO_TLS: "o servidor não oferece TLS, e em outra máquina ele é exigido: ligue-o no servidor",
    **dict.fromkeys(_TOO_MANY, "o servidor já tem conexões demais: aumente max_connections ou diminua SGHSS_POOL_SIZE"),
}


def unreachable(error: Exception, place: str) -> Unreachable:
    """Say why no connection to ``place`` can be made."""
    number, _ = _number_and_text(error)
    return Unreachable(f"Não há conexão com o banco de dados em {place}: {_refusal(number, error.__cause__)}.")


def _refusal(number: int, cause: BaseException | None) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"o certificado do servidor não confere ({cause.verify_message}); a autoridade que o assinou se indica com"
            " ?ssl_ca=/caminho no fim do endereço"
        )
    if isinstance(cause, ssl.SSLError):
        return "o TLS falhou: confira as versões que o servidor aceita"
    if isinstance(cause, TimeoutError):
        return "ninguém respondeu a tempo: confira o endereço e o firewall"
    if isinstance(cause, socket.gaierror):
        return "o nome da máquina não existe na rede"
    if isinstance(cause, OSError):
        return "ninguém atende neste endereço: o servidor de banco está no ar?"
    return _REFUSALS.get(number, f"o servidor recusou a conexão (erro {number} do MySQL)")


def _number_and_text(error: Exception) -> tuple[int, str]:
    """Read MySQL's number (0 if there is none) and text off an exception."""
    arguments = error.args
    number = arguments[0] if arguments and isinstance(arguments[0], int) else 0
    text = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], str) else ""
    return number, text


DRIVER_ERRORS = (pymysql.err.Error, OSError, EOFError)
"""What aiomysql raises when a statement or a connection fails."""
