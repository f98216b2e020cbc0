"""A statement is text with ``%(name)s`` places, and a parameter is a scalar or a sequence of scalars.

A dict or a nested list bound to a statement was an injection in PyMySQL (CVE-2024-36039), so anything but a
scalar is refused here, before the driver sees it. The literals are written here too: aiomysql 0.3.2 can't
write bytes with PyMySQL 1.2 (it imports an alias that is gone), and a sequence is no longer turned into a list.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import CodeType
from typing import Any

from pymysql.converters import escape_string

Scalar = str | bytes | int | bool | None | datetime | date
Parameters = Mapping[str, Scalar | Sequence[Scalar]]


def bind(sql: str, parameters: Parameters) -> str:
    """Write the parameters into the places of a statement.

    A sequence fills an ``IN %(name)s``; an empty one becomes ``(NULL)``, and ``IN (NULL)`` matches no row.

    Raises:
        TypeError: a parameter is neither a scalar nor a sequence of scalars.
    """
    if not parameters:
        return sql
    return sql % _Places(parameters)


def named(statement: str) -> str:
    """Write before a statement who asks: ``/* pacientes.por_ids */``, the room and the function that awaits or calls.

    So the database's slow log and ``plan`` speak of rooms. It is called by what the function calls; a helper of a store
    stands for whoever called it. bench/README.md has what it costs.
    """
    asked = frame = sys._getframe(2)  # noqa: SLF001 - the caller of our caller, without making a list of all
    name = _ASKED.get(asked.f_code)
    if name is None:
        while (
            frame.f_code.co_name.startswith(("_", "<")) and frame.f_back and frame.f_back.f_globals is frame.f_globals
        ):
            frame = frame.f_back
        *_, room, module = f".{frame.f_globals['__name__']}".split(".")
        name = f"/* {room if module == 'store' else module}.{frame.f_code.co_name.strip('<>')} */ "
        if frame is asked:
            _ASKED[asked.f_code] = name
    return name + statement


_ASKED: dict[CodeType, str] = {}
"""The names of functions that were asked for; there are as many as the program has."""


def rows(values: Sequence[Sequence[Scalar]]) -> str:
    """Write rows for ``VALUES``: ``(1, 'a'), (2, 'b')``."""
    return ", ".join(f"({', '.join(map(literal, row))})" for row in values)


def for_each(sql: str, keys: Sequence[Scalar], parameters: Parameters) -> str:
    """Repeat a SELECT once for each key, as one UNION ALL, and bind it.

    It is how the first N rows of each of many parents are read from an index. ``sql`` names the parent
    ``%(key)s``; all the other parameters are shared.
    """
    return " UNION ALL ".join(f"({bind(sql, {**parameters, 'key': key})})" for key in keys)


def of_keys(sql: str, column: str, keys: Sequence[bytes]) -> str:
    """Write a SELECT of the rows whose column is one of some keys; with IN, MariaDB works a tenth more for one."""
    where = f"= {literal(keys[0])}" if len(keys) == 1 else f"IN {_written(keys)}"
    return f"{sql} WHERE {column} {where}"


def literal(value: Any) -> str:
    """Write a scalar as MySQL reads it (no NO_BACKSLASH_ESCAPES: the session's mode is ours).

    Raises:
        TypeError: it isn't a scalar, or is a datetime with an offset, which the column would drop without a word.
    """
    kind = type(value)
    if kind is str:
        return f"'{escape_string(value)}'"
    if kind is bytes:
        return f"x'{value.hex()}'"
    if kind is int or kind is bool:
        return str(int(value))
    if value is None:
        return "NULL"
    if kind is datetime and value.tzinfo is None:
        return f"'{value.isoformat(' ', 'microseconds')}'"
    if kind is date:
        return f"'{value.isoformat()}'"
    raise TypeError(f"not a scalar for SQL: {kind.__name__}")


class _Places(dict[str, str]):
    """Parameters as they are written: each once, and only what stands in the statement."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def __missing__(self, name: str) -> str:
        self[name] = text = _written(self._parameters[name])
        return text


def _written(value: Any) -> str:
    if not isinstance(value, (list, tuple)):
        return literal(value)
    if set(map(type, value)) == {bytes}:  # keys, as long lists are
        return "(x'" + "', x'".join([key.hex() for key in value]) + "')"
    return f"({', '.join(map(literal, value)) or 'NULL'})"
