"""A result set is read in chunks, and its rows are decoded in one loop that awaits nothing between them.

aiomysql awaits twice for each packet, and a row is a packet. Here only the rows of a result, and the descriptions of
its columns, are read another way; handshake, TLS, authentication, commands and transactions stay aiomysql's. The
packets are those of the text protocol (MySQL Internals, "Text Resultset"): three bytes of length, one of sequence.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from aiomysql.connection import MySQLResult
from pymysql.constants import CR, FIELD_TYPE
from pymysql.converters import convert_datetime, decoders, through
from pymysql.err import InternalError, OperationalError
from pymysql.protocol import EOFPacketWrapper, FieldDescriptorPacket, MysqlPacket

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
Decoder = Callable[[bytes], Any] | None


class BulkResult(MySQLResult):  # type: ignore[misc]  # aiomysql has no types
    """A result set whose rows come in bulk."""

    async def _read_result_packet(self, first_packet: Any) -> None:
        self.field_count = first_packet.read_length_encoded_integer()
        packets = _Packets(self.connection)
        descriptions = await packets.several(self.field_count)
        _expect_eof(await packets.next(), self.connection)
        rows = await packets.rows(_decoders(descriptions))
        eof = EOFPacketWrapper(MysqlPacket(packets.last, "utf8"))
        self.warning_count, self.has_next = eof.warning_count, eof.has_next
        self.server_status = eof.server_status
        self.affected_rows = len(rows)
        self.rows = rows
        self.description = ()  # a cursor gives rows only where there is one


class _Packets:
    """The packets of one result, off the connection's stream."""

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

    async def several(self, count: int) -> tuple[bytes, ...]:
        """Give the next payloads, each in one packet."""
        payloads: list[bytes] = []
        while len(payloads) < count:
            length = self._whole()
            if length is None:
                await self._more()
            else:
                payloads.append(self._take(length))
        return tuple(payloads)

    async def rows(self, columns: tuple[Decoder, ...]) -> tuple[tuple[Any, ...], ...]:
        """Give all rows, up to the packet that ends them."""
        rows: list[tuple[Any, ...]] = []
        while True:
            while (length := self._whole()) is not None:
                start = self._at + 4
                first = self._data[start] if length else 0
                if length == _LONGEST or first == 0xFF or (first == 0xFE and length < 9):
                    payload = await self.next()
                    if self._ends(payload, length):
                        return tuple(rows)
                    rows.append(_row(payload, 0, columns))
                else:
                    rows.append(_row(self._data, start, columns))
                    self._skip(length)
            await self._more()

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
        if self._data[self._at + 3] != connection._next_seq_id:  # noqa: SLF001 - aiomysql counts it there
            connection.close()
            raise InternalError("packet sequence number wrong")
        connection._next_seq_id = (connection._next_seq_id + 1) % 256  # noqa: SLF001 - aiomysql counts it there
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


def _row(data: bytes, at: int, columns: tuple[Decoder, ...]) -> tuple[Any, ...]:
    """Decode one row: each value is a length-encoded string, or NULL."""
    row: list[Any] = []
    for decode in columns:
        size = data[at]
        at += 1
        if size > 250:
            if size == 251:
                row.append(None)
                continue
            width = _WIDTHS[size]
            size = int.from_bytes(data[at : at + width], "little")
            at += width
        value: Any = data[at : at + size]
        at += size
        row.append(value if decode is None else decode(value))
    return tuple(row)


_WIDTHS = {252: 2, 253: 3, 254: 8}


def _expect_eof(payload: bytes, connection: Any) -> None:
    if payload[:1] != b"\xfe":
        connection.close()
        raise InternalError("the descriptions of a result have no end")


@lru_cache(maxsize=1_000)
def _decoders(descriptions: tuple[bytes, ...]) -> tuple[Decoder, ...]:
    """Give the decoder of each column; the same statement describes its columns in the same bytes."""
    return tuple(_decoder(FieldDescriptorPacket(description, "utf8")) for description in descriptions)


def _decoder(field: Any) -> Decoder:
    """Choose as aiomysql does: the bytes, as text unless they are bytes, through PyMySQL's converter of the type."""
    kind, convert = field.type_code, decoders.get(field.type_code)
    if kind in _TEXT_TYPES and field.charsetnr == _BINARY:
        return None if convert is through else convert
    if kind in (FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP):
        return _datetime
    if convert in (int, float):
        return convert  # type: ignore[no-any-return]  # they read ASCII digits as they are
    return _text if convert in (None, through) else partial(_converted, convert)


def _text(value: bytes) -> str:
    return str(value, "utf-8")


def _converted(convert: Callable[[str], Any], value: bytes) -> Any:
    return convert(str(value, "ascii"))


def _datetime(value: bytes) -> Any:
    text = str(value, "ascii")
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # a date that only MySQL has
        return convert_datetime(text)
