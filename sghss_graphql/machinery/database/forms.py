"""How the rows of a result are read: a function for each form of rows, which its columns' descriptions tell.

The descriptions are packets (MySQL Internals, "Column Definition"), and every answer begins with them. A form is
written out as source, column by column, so that a row costs no loop and a text no call. What a row begins with is
taken by one call of ``struct``: the packet's length, and the columns whose values are always as long (keys, instants).

Where there was a C compiler, ``rows.c`` reads them instead (``compiled.py``): the same rows, for far less work.
"""

import itertools
import linecache
import struct
import weakref
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from pymysql.constants import FIELD_TYPE, FLAG
from pymysql.converters import convert_date, convert_datetime, decoders, through
from pymysql.err import InternalError

from sghss_graphql.machinery.database.compiled import compiled_many

LONGEST = 0xFFFFFF
"""Bytes in one packet; a payload as long goes on in the next."""
_KEY_BYTES = 16
"""Of a BINARY(16): most columns are keys, and a key is as long as the last one."""
_NULL, _NO_LENGTH = 251, 255
WIDTHS = {252: 2, 253: 3, 254: 8}
"""By the first byte of a length-encoded number of over 250: in how many bytes it follows."""
_BINARY = 63
"""The charset of columns that hold bytes."""
_TEXT_TYPES = frozenset(
    {
        FIELD_TYPE.BIT,
        FIELD_TYPE.BLOB,
        FIELD_TYPE.GEOMETRY,
        FIELD_TYPE.LONG_BLOB,
        FIELD_TYPE.MEDIUM_BLOB,
        FIELD_TYPE.STRING,
        FIELD_TYPE.TINY_BLOB,
        FIELD_TYPE.VAR_STRING,
        FIELD_TYPE.VARCHAR,
    }
)
_AS_LONG = frozenset({FIELD_TYPE.DATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP})
"""As texts they are as long as the column says, in characters of ASCII."""
Row = tuple[Any, ...]
Decoder = Callable[[bytes], Any]
_numbers = itertools.count(1)
_FIXED = struct.Struct("<BHIBHB2x")
"""How a column's description ends: how long that is, its charset, length, type, flags and decimals."""


class Column(NamedTuple):
    """What of a column's description says how its values are read; its names say nothing of that."""

    type_code: int
    is_bytes: bool
    is_key: bool
    size: int | None
    """Of each of its values, in bytes; None if they differ, or may be NULL."""


class RowForm(NamedTuple):
    """How rows are read: ``one`` out of bytes, from where it begins in them; ``many``, as long as they are whole.

    ``many`` takes the bytes, where the first packet begins, its number, and what takes each row; it gives where the
    first packet begins that is no whole row, or one that ``one`` has to read, and its number.
    """

    one: Callable[[bytes, int], Row]
    many: Callable[[bytes, int, int, Callable[[Row], None]], tuple[int, int]]


class Known:
    """Forms by the very bytes that describe them: most answers begin with bytes that were read before.

    They hold numbers that say where in their answer they stand, so that one form is here many times; what is dear of it
    is shared.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._forms: dict[bytes, RowForm] = {}
        self._lengths: dict[int, tuple[int, ...]] = {}

    def lengths(self, columns: int) -> tuple[int, ...]:
        """Give how many bytes the descriptions of so many columns may have: those that were met last."""
        return self._lengths.get(columns, ())

    def get(self, block: bytes) -> RowForm | None:
        """Give a form, if it is known."""
        return self._forms.get(block)

    def add(self, columns: int, block: bytes, form: RowForm) -> RowForm:
        """Keep a form, and let the oldest ones go; it is given back."""
        while len(self._forms) >= self._most:
            del self._forms[next(iter(self._forms))]
        self._forms[block] = form
        if columns <= _MOST_COLUMNS:
            others = (length for length in self.lengths(columns) if length != len(block))
            self._lengths[columns] = (len(block), *others)[:_MOST_LENGTHS]
        return form


_MOST_COLUMNS, _MOST_LENGTHS = 100, 6
KNOWN = Known(2_000)


def form_of(block: bytes) -> RowForm:
    """Give the form of rows that packets describe.

    Raises:
        InternalError: the packets aren't the descriptions of columns, and their end.
    """
    return _form(tuple(map(_column, _descriptions(block))))


COMPILED = compiled_many()
_KINDS = {"key": b"b", "bytes": b"b", "text": b"t"}


@lru_cache(maxsize=1_000)
def _form(columns: tuple[Column, ...]) -> RowForm:
    """Make what reads rows: each value is a length-encoded string, or NULL."""
    return generated_form(columns) if COMPILED is None else compiled_form(columns)


def compiled_form(columns: tuple[Column, ...]) -> RowForm:
    """Have rows read in C, by what kind of value each column has."""
    assert COMPILED is not None  # noqa: S101 - whoever asks for it has it
    readings = [_reading(column) for column in columns]
    converters = tuple(convert for _, convert in readings)
    kinds = b"".join(b"i" if convert is int else _KINDS.get(kind, b"v") for kind, convert in readings)
    return RowForm(partial(_one, converters), partial(COMPILED, kinds, converters))


def generated_form(columns: tuple[Column, ...]) -> RowForm:
    """Write the source that reads rows, column by column."""
    readings = [_reading(column) for column in columns]
    names: dict[str, Any] = {f"convert{number}": convert for number, (_, convert) in enumerate(readings)}
    fixed = [column.size for column in itertools.takewhile(lambda column: column.size is not None, columns)]
    head = struct.Struct("<HBB" + "".join(f"B{size}s" for size in fixed))
    names |= {"head": head.unpack_from, "value_at": _value_at}
    lines: list[str] = []
    for number, (kind, _) in enumerate(readings):
        if number >= len(fixed):
            lines += _key(number) if kind == "key" else _any_value(number, kind)
        elif kind != "key":
            lines.append(f"v{number} = {_made_of(f'v{number}', number, kind)}")
    row = f"({''.join(f'v{number}, ' for number in range(len(columns)))})"
    source = "\n".join(_many(head.size, fixed, lines, row)) + "\n"
    filename = f"<rows of {len(columns)} columns {next(_numbers)}>"
    exec(compile(source, filename, "exec"), names)  # noqa: S102 - our own source, numbers alone
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    weakref.finalize(names["many"], linecache.cache.pop, filename, None)  # when it is forgotten, so is its source
    return RowForm(partial(_one, [convert for _, convert in readings]), names["many"])


def _made_of(raw: str, number: int, kind: str) -> str:
    """Write what is made of a value's bytes."""
    return {"bytes": raw, "text": f"{raw}.decode()"}.get(kind, f"convert{number}({raw})")


def _key(number: int) -> list[str]:
    """Write how a key is read that may be NULL, or stands after what is no key."""
    return [
        f"if data[at] == {_KEY_BYTES}:",
        f"    v{number} = data[at + 1 : at + {_KEY_BYTES + 1}]",
        f"    at += {_KEY_BYTES + 1}",
        f"elif data[at] == {_NULL}:",
        f"    v{number} = None",
        "    at += 1",
        "else:",
        f"    v{number}, at = value_at(data, at)",
    ]


def _any_value(number: int, kind: str) -> list[str]:
    """Write how a value of any length is read."""
    return [
        "size = data[at]",
        "at += 1",
        "if size < 251:",
        "    end = at + size",
        f"    v{number} = {_made_of('data[at:end]', number, kind)}",
        "    at = end",
        "elif size == 251:",
        f"    v{number} = None",
        "elif size == 252:",  # a text of more than 250 bytes
        "    end = at + 2 + (data[at] | data[at + 1] << 8)",
        f"    v{number} = {_made_of('data[at + 2 : end]', number, kind)}",
        "    at = end",
        "else:",
        "    value, at = value_at(data, at - 1)",
        f"    v{number} = {_made_of('value', number, kind)}",
    ]


def _one(converters: Sequence[Decoder], data: bytes, at: int) -> Row:
    """Read one row, column by column: the few that didn't come whole in one piece, or aren't as most are.

    Raises:
        InternalError: it isn't as many values, to the byte.
    """
    values = []
    for _ in converters:
        if at >= len(data) or data[at] == _NO_LENGTH:
            raise InternalError("a row has too few values")
        value, at = _value_at(data, at)
        values.append(value)
    if at != len(data):
        raise InternalError("a row isn't as long as its values")
    return tuple(None if value is None else convert(value) for convert, value in zip(converters, values, strict=True))


def _many(head: int, fixed: Sequence[int | None], lines: list[str], row: str) -> list[str]:
    """Write the function that reads rows until one isn't here whole, or the packet is none as most are.

    ``head`` are the bytes of what is read at once: the packet's length and number, then the values of ``fixed`` length,
    each after its own length. An end and an error begin as no row does that is read here.
    """
    sizes = "".join(f"s{number}, v{number}, " for number, _ in enumerate(fixed))
    differ = "".join(f" or s{number} != {size}" for number, size in enumerate(fixed))
    return [
        "def many(data, at, number, add):",
        "    whole = len(data)",
        f"    last = whole - {head if fixed else head + 1}",
        "    while at <= last:",
        f"        low, high, counted, {sizes}= head(data, at)",
        "        stop = at + 4 + low + (high << 16)",
        f"        if stop > whole or counted != number or high == 255{differ or ' or data[at + 4] > 253'}:",
        "            break",
        "        begun = at",
        f"        at += {head}",
        "        try:",
        *(f"            {line}" for line in lines or ["pass"]),
        "        except (IndexError, KeyError):",  # it goes on where there is nothing, or has no length
        "            at = 0",
        "        if at != stop:",  # it isn't as many values: ``one`` says so
        "            at = begun",
        "            break",
        f"        add({row})",
        "        at, number = stop, (number + 1) % 256",
        "    return at, number",
    ]


def _descriptions(block: bytes) -> list[bytes]:
    """Take the packets apart; the one that ends them is left out."""
    payloads: list[bytes] = []
    at, number = 0, block[3]
    while at < len(block):
        length = int.from_bytes(block[at : at + 3], "little")
        if block[at + 3] != number:
            raise InternalError("packet sequence number wrong")
        payloads.append(block[at + 4 : at + 4 + length])
        at, number = at + 4 + length, (number + 1) % 256
    if payloads.pop()[:1] != b"\xfe":
        raise InternalError("the descriptions of a result have no end")
    return payloads


def _value_at(data: bytes, at: int) -> tuple[bytes | None, int]:
    """Give a value, however long, and where the next one begins."""
    size, start = data[at], at + 1
    if size == _NULL:
        return None, start
    if size > _NULL:
        start += WIDTHS[size]
        size = int.from_bytes(data[at + 1 : start], "little")
    return data[start : start + size], start + size


def _column(description: bytes) -> Column:
    """Read how a column's description ends (MySQL Internals, "Column Definition", text protocol)."""
    if len(description) < _FIXED.size or description[-_FIXED.size] != _FIXED.size - 1:
        raise InternalError("a column's description isn't one")
    _, charset, length, type_code, flags, _ = _FIXED.unpack(description[-_FIXED.size :])
    is_bytes = type_code in _TEXT_TYPES and charset == _BINARY
    is_key = is_bytes and type_code == FIELD_TYPE.STRING and length == _KEY_BYTES
    as_long = is_key or type_code in _AS_LONG or (type_code == FIELD_TYPE.TINY and length == 1)
    return Column(type_code, is_bytes, is_key, length if as_long and flags & FLAG.NOT_NULL else None)


def _reading(column: Column) -> tuple[str, Decoder]:
    """Choose as aiomysql does: the bytes, as text unless they are bytes, through PyMySQL's converter of the type."""
    kind, convert = column.type_code, decoders.get(column.type_code)
    if column.is_bytes:
        if convert is not through:
            return "value", convert
        return ("key" if column.is_key else "bytes"), bytes
    if kind in (FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP):
        return "value", _datetime
    if kind == FIELD_TYPE.DATE:
        return "value", _date
    if convert in (int, float):
        return "value", convert  # they read ASCII digits as they are
    return ("text", bytes.decode) if convert in (None, through) else ("value", partial(_converted, convert))


def _converted(convert: Callable[[str], Any], value: bytes) -> Any:
    return convert(str(value, "ascii"))


@lru_cache(maxsize=50_000)
def _datetime(value: bytes) -> Any:
    """Read an instant; consultas begin at few of them, so most have been read before."""
    text = str(value, "ascii")
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # a date that only MySQL has
        return convert_datetime(text)


def _date(value: bytes) -> Any:
    """Read a date; of birth dates there are too many: to look one up takes longer than to read it."""
    text = str(value, "ascii")
    try:
        return date.fromisoformat(text)
    except ValueError:  # as above
        return convert_date(text)
