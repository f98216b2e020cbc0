"""A result set is read in chunks, and its rows are decoded in one loop that awaits nothing between them.

aiomysql awaits twice for each packet, and a row is a packet. Here only the rows of a result, and the descriptions of
its columns, are read another way; handshake, TLS, authentication, commands and transactions stay aiomysql's. The
packets are those of the text protocol (MySQL Internals, "Text Resultset"): three bytes of length, one of sequence.
"""

import asyncio
import struct
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from aiomysql.connection import MySQLResult
from pymysql.constants import CR, FIELD_TYPE, SERVER_STATUS
from pymysql.converters import convert_date, convert_datetime, decoders, through
from pymysql.err import InternalError, OperationalError
from pymysql.protocol import FieldDescriptorPacket, MysqlPacket

_CHUNK = 65_536
_LONGEST = 0xFFFFFF
"""Bytes in one packet; a payload as long goes on in the next."""
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
_WIDTHS = {252: 2, 253: 3, 254: 8}
_STATUS = struct.Struct("<HH")
Row = tuple[Any, ...]
RowDecoder = Callable[[bytes, int], Row]
"""Takes bytes, and where in them a row begins."""
Decoder = Callable[[bytes], Any]


class BulkResult(MySQLResult):  # type: ignore[misc]  # aiomysql has no types
    """A result set whose rows come in bulk."""

    connection: Any

    async def read(self) -> None:
        """Read the answer to a statement.

        Raises:
            failures.DRIVER_ERRORS: the server says no, or the connection breaks.
        """
        connection = self.connection
        try:
            packets = _Packets(connection)
            first = await packets.next()
            kind = first[0]
            if kind == 0x00:
                self._read_done(first)
            elif kind == 0xFF:
                MysqlPacket(first, connection.encoding).raise_for_error()
            elif kind == 0xFB:
                connection.close()
                raise InternalError("the server asks for a file of ours")
            else:
                columns = kind if len(first) == 1 else int.from_bytes(first[1:], "little")
                await self._read_rows(packets, columns)
        finally:
            self.connection = None

    def _read_done(self, payload: bytes) -> None:
        """Read what an OK packet says: rows changed, key made, status, warnings."""
        self.affected_rows, at = _number(payload, 1)
        self.insert_id, at = _number(payload, at)
        self.server_status, self.warning_count = _STATUS.unpack_from(payload, at)
        self.has_next = bool(self.server_status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS)

    async def _read_rows(self, packets: "_Packets", columns: int) -> None:
        try:
            decode = _decoder(await packets.descriptions(columns))
        except InternalError:
            self.connection.close()
            raise
        rows = await packets.rows(decode)
        self.field_count = columns
        self.warning_count, self.server_status = _STATUS.unpack_from(packets.last, 1)
        self.has_next = bool(self.server_status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS)
        self.affected_rows = len(rows)
        self.rows = rows
        self.description = ()  # a cursor gives rows only where there is one


class _Packets:
    """The packets of one answer, off the connection's stream."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._data = b""
        self._at = 0
        self.last = b""
        """The payload that ended the rows."""

    async def next(self) -> bytes:
        """Give the next payload, whole."""
        payload = b""
        while True:
            while (length := self._whole()) is None:
                await self._more()
            part = self._take(length)
            payload = payload + part if payload else part
            if length < _LONGEST:
                return payload

    async def descriptions(self, columns: int) -> bytes:
        """Give the packets that describe the columns, and the one that ends them, as they are.

        They are the same bytes each time that a statement of the same form is asked, down to their numbers.
        """
        while (end := self._end_of(columns + 1)) is None:
            await self._more()
        connection = self._connection
        if self._data[self._at + 3] != connection._next_seq_id:  # noqa: SLF001 - aiomysql counts it there
            connection.close()
            raise InternalError("packet sequence number wrong")
        connection._next_seq_id = (connection._next_seq_id + columns + 1) % 256  # noqa: SLF001 - as above
        block, self._at = self._data[self._at : end], end
        return block

    def _end_of(self, count: int) -> int | None:
        """Give where the next packets end; None if they aren't all here."""
        data, at, size = self._data, self._at, len(self._data)
        for _ in range(count):
            if size - at < 4:
                return None
            at += 4 + (data[at] | data[at + 1] << 8 | data[at + 2] << 16)
        return at if at <= size else None

    async def rows(self, decode: RowDecoder) -> tuple[Row, ...]:
        """Give all rows, up to the packet that ends them."""
        rows: list[Row] = []
        connection = self._connection
        while True:
            data, at, number = self._data, self._at, connection._next_seq_id  # noqa: SLF001 - aiomysql counts it there
            last = len(data) - 4
            while at <= last and data[at + 3] == number:
                length = data[at] | data[at + 1] << 8 | data[at + 2] << 16
                start = at + 4
                end = start + length
                if end > last + 4 or length == _LONGEST or data[start] == 0xFF or (data[start] == 0xFE and length < 9):
                    break
                rows.append(decode(data, start))
                at, number = end, (number + 1) % 256
            self._at, connection._next_seq_id = at, number  # noqa: SLF001 - as above
            length_here = self._whole()
            if length_here is None:
                await self._more()
                continue
            payload = await self.next()
            if self._ends(payload, length_here):
                return tuple(rows)
            rows.append(decode(payload, 0))

    def _ends(self, payload: bytes, length: int) -> bool:
        """Tell whether a payload ends the rows; one that is an error is raised."""
        if length < _LONGEST and payload[:1] == b"\xff":
            MysqlPacket(payload, self._connection.encoding).raise_for_error()
        if length >= _LONGEST or payload[:1] != b"\xfe":
            return False
        if self._at != len(self._data):
            self._connection.close()
            raise InternalError("data after the end of a result")
        self.last = payload
        return True

    def _whole(self) -> int | None:
        """Give the length of the packet that is here in whole; None if it isn't."""
        data, at = self._data, self._at
        if len(data) - at < 4:
            return None
        length = data[at] | data[at + 1] << 8 | data[at + 2] << 16
        return length if len(data) - at - 4 >= length else None

    def _take(self, length: int) -> bytes:
        start = self._at + 4
        payload = self._data[start : start + length]
        self._skip(length)
        return payload

    def _skip(self, length: int) -> None:
        """Go on to the next packet, if this one has its turn."""
        connection = self._connection
        number = self._data[self._at + 3]
        if number != connection._next_seq_id:  # noqa: SLF001 - aiomysql counts it there
            connection.close()
            if number == 0:  # how MySQL says that it shuts down
                raise OperationalError(CR.CR_SERVER_LOST, "the server shuts down")
            raise InternalError("packet sequence number wrong")
        connection._next_seq_id = (number + 1) % 256  # noqa: SLF001 - aiomysql counts it there
        self._at += 4 + length

    async def _more(self) -> None:
        """Wait for more of the stream; a connection that ends here, or is given up, is closed."""
        connection, rest = self._connection, self._data[self._at :]
        missing = 4 + int.from_bytes(rest[:3], "little") - len(rest) if len(rest) >= 4 else 0
        try:
            chunk = await (connection.read_exactly(missing) if missing > _CHUNK else connection.read_chunk(_CHUNK))
        except asyncio.CancelledError:
            connection.close()
            raise
        except (OSError, EOFError):
            chunk = b""
        if not chunk:
            connection.close()
            raise OperationalError(CR.CR_SERVER_LOST, "lost in the middle of a result")
        self._data, self._at = rest + chunk, 0


@lru_cache(maxsize=1_000)
def _decoder(block: bytes) -> RowDecoder:
    """Make the function that decodes a row: each value is a length-encoded string, or NULL.

    It is written out, column by column, so that a row costs no loop and a text no call.

    Raises:
        InternalError: the packets aren't the descriptions of columns, and their end.
    """
    descriptions = _descriptions(block)
    names: dict[str, Any] = {"longer": _longer}
    lines = ["def decode(data, at):"]
    for number, description in enumerate(descriptions):
        kind, convert = _column(FieldDescriptorPacket(description, "utf8"))
        names[f"convert{number}"] = convert
        value = {"bytes": "{raw}", "text": "{raw}.decode()"}.get(kind, f"convert{number}({{raw}})")
        lines += [
            "    size = data[at]",
            "    if size < 251:",
            "        end = at + 1 + size",
            f"        v{number} = {value.format(raw='data[at + 1 : end]')}",
            "        at = end",
            "    elif size == 251:",
            f"        v{number} = None",
            "        at += 1",
            "    else:",
            "        value, at = longer(data, at)",
            f"        v{number} = {value.format(raw='value')}",
        ]
    lines.append(f"    return ({''.join(f'v{number}, ' for number in range(len(descriptions)))})")
    exec("\n".join(lines), names)  # noqa: S102 - our own source, numbers alone
    decode: RowDecoder = names["decode"]
    return decode


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


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Give a length-encoded number, and where what follows it begins."""
    first = data[at]
    if first < 251:
        return first, at + 1
    end = at + 1 + _WIDTHS[first]
    return int.from_bytes(data[at + 1 : end], "little"), end


def _longer(data: bytes, at: int) -> tuple[bytes, int]:
    """Give a value of over 250 bytes, and where the next one begins."""
    start = at + 1 + _WIDTHS[data[at]]
    end = start + int.from_bytes(data[at + 1 : start], "little")
    return data[start:end], end


def _column(field: Any) -> tuple[str, Decoder]:
    """Choose as aiomysql does: the bytes, as text unless they are bytes, through PyMySQL's converter of the type."""
    kind, convert = field.type_code, decoders.get(field.type_code)
    if kind in _TEXT_TYPES and field.charsetnr == _BINARY:
        return ("bytes", bytes) if convert is through else ("value", convert)
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


@lru_cache(maxsize=50_000)
def _date(value: bytes) -> Any:
    return convert_date(str(value, "ascii"))
