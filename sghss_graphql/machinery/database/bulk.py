"""The answer to a statement is read out of the chunks that come, and its rows are decoded in one loop.

aiomysql awaits twice for each packet, and a row is a packet. Here an answer is read by a generator to which chunks are
sent as they come (``connections.Stream``), so that whoever asked is woken once. Handshake, TLS, login, commands
and transactions stay aiomysql's. The packets are those of the text protocol (MySQL Internals, "Text Resultset"): three
bytes of length, one of sequence.
"""

import itertools
import linecache
import struct
import weakref
from collections.abc import Callable, Generator
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from aiomysql.connection import MySQLResult
from pymysql.constants import CR, FIELD_TYPE, SERVER_STATUS
from pymysql.converters import convert_date, convert_datetime, decoders, through
from pymysql.err import InternalError, OperationalError
from pymysql.protocol import FieldDescriptorPacket, MysqlPacket

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
_numbers = itertools.count(1)
Reading = Generator[None, bytes, None]
"""Is sent chunks of an answer until it has read it."""


class Answer:
    """The answer to a command of ``statements`` statements: a result for each, up to the first that failed."""

    def __init__(self, statements: int = 1) -> None:
        self._statements = statements
        self.results: list[BulkResult] = []
        """Those that were read whole, in the order of the statements."""
        self.ended = False
        """Whether it was read to its end, be it an error: the connection can be asked again."""

    def reading(self, number: int) -> Reading:
        """Read it, out of the chunks that are sent in; ``number`` is its first packet's.

        Raises:
            failures.DRIVER_ERRORS: the server says no, or what it says isn't its protocol.
        """
        packets, more = _Packets(number), True
        while more:
            result = BulkResult(None)
            yield from result.reading(packets)
            if result.refusal is not None:
                self.ended = True
                result.refusal.raise_for_error()
            self.results.append(result)
            more = result.has_next
        if packets.left:
            raise InternalError("data after the end of an answer")
        if len(self.results) != self._statements:
            raise InternalError("there are as many results as statements, or something was sent along")
        self.ended = True


_NO_FLAGS = bytes(4)
_FIRST = 2
"""The number of the packet that describes the first column of a command's first result."""


class BulkResult(MySQLResult):  # type: ignore[misc]  # aiomysql has no types
    """A result set whose rows come in bulk."""

    refusal: MysqlPacket | None = None
    """What the server said instead of a result, or of the rest of one."""

    def reading(self, packets: "_Packets") -> Reading:
        """Read the result of one statement."""
        first = yield from packets.next()
        kind = first[0]
        if kind == 0x00:
            self._read_done(first)
        elif kind == 0xFF:
            self.refusal = MysqlPacket(first, "utf8")
        elif kind == 0xFB:
            raise InternalError("the server asks for a file of ours")
        else:
            columns = kind if len(first) == 1 else int.from_bytes(first[1:], "little")
            yield from self._read_rows(packets, columns)

    def _read_done(self, payload: bytes) -> None:
        """Read what an OK packet says: rows changed, key made, status, warnings."""
        self.affected_rows, at = _number(payload, 1)
        self.insert_id, at = _number(payload, at)
        self.server_status, self.warning_count = _STATUS.unpack_from(payload, at)
        self.has_next = bool(self.server_status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS)

    def _read_rows(self, packets: "_Packets", columns: int) -> Reading:
        decode = _decoder(_renumbered((yield from packets.descriptions(columns))))
        rows: list[Row] = []
        last = yield from packets.rows(decode, rows)
        if last[0] == 0xFF:
            self.refusal = MysqlPacket(last, "utf8")
            return
        self.field_count = columns
        self.warning_count, self.server_status = _STATUS.unpack_from(last, 1)
        self.has_next = bool(self.server_status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS)
        self.affected_rows = len(rows)
        self.rows = tuple(rows)
        self.description = ()  # a cursor gives rows only where there is one


class _Packets:
    """The packets of one answer, out of chunks: each generator here waits for the next chunk where it yields."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._data = b""
        self._at = 0

    @property
    def left(self) -> int:
        """How many bytes are here and unread."""
        return len(self._data) - self._at

    def next(self) -> Generator[None, bytes, bytes]:
        """Give the next payload, whole."""
        payload = b""
        while True:
            while (length := self._whole()) is None:
                yield from self._more()
            part = self._take(length)
            payload = payload + part if payload else part
            if length < _LONGEST:
                return payload

    def descriptions(self, columns: int) -> Generator[None, bytes, bytes]:
        """Give the packets that describe the columns, and the one that ends them, as they are.

        They are the same bytes each time that a statement of the same form is asked, down to their numbers.
        """
        while (end := self._end_of(columns + 1)) is None:
            yield from self._more()
        if self._data[self._at + 3] != self._number:
            raise InternalError("packet sequence number wrong")
        self._number = (self._number + columns + 1) % 256
        block, self._at = self._data[self._at : end], end
        return block

    def rows(self, decode: RowDecoder, rows: list[Row]) -> Generator[None, bytes, bytes]:
        """Add all rows; give the payload that ends them: their end, or an error."""
        while True:
            data, at, number = self._data, self._at, self._number
            last = len(data) - 4
            while at <= last and data[at + 3] == number:
                length = data[at] | data[at + 1] << 8 | data[at + 2] << 16
                start = at + 4
                end = start + length
                if end > last + 4 or length == _LONGEST or data[start] == 0xFF or (data[start] == 0xFE and length < 9):
                    break
                rows.append(decode(data, start))
                at, number = end, (number + 1) % 256
            self._at, self._number = at, number
            length_here = self._whole()
            if length_here is None:
                yield from self._more()
                continue
            payload = yield from self.next()
            if length_here < _LONGEST and payload[:1] in (b"\xff", b"\xfe"):
                return payload
            rows.append(decode(payload, 0))

    def _end_of(self, count: int) -> int | None:
        """Give where the next packets end; None if they aren't all here."""
        data, at, size = self._data, self._at, len(self._data)
        for _ in range(count):
            if size - at < 4:
                return None
            at += 4 + (data[at] | data[at + 1] << 8 | data[at + 2] << 16)
        return at if at <= size else None

    def _whole(self) -> int | None:
        """Give the length of the packet that is here in whole; None if it isn't."""
        data, at = self._data, self._at
        if len(data) - at < 4:
            return None
        length = data[at] | data[at + 1] << 8 | data[at + 2] << 16
        return length if len(data) - at - 4 >= length else None

    def _take(self, length: int) -> bytes:
        """Take the payload of the next packet, if it has its turn."""
        number, start = self._data[self._at + 3], self._at + 4
        if number != self._number:
            if number == 0:  # how MySQL says that it shuts down
                raise OperationalError(CR.CR_SERVER_LOST, "the server shuts down")
            raise InternalError("packet sequence number wrong")
        self._number = (number + 1) % 256
        self._at = start + length
        return self._data[start : self._at]

    def _more(self) -> Generator[None, bytes, None]:
        """Wait for more; for all of a packet whose length is known, so that a long one is put together once."""
        rest = self._data[self._at :]
        missing = 4 + int.from_bytes(rest[:3], "little") - len(rest) if len(rest) >= 4 else 1
        chunks = [rest] if rest else []
        while True:
            chunk = yield
            chunks.append(chunk)
            missing -= len(chunk)
            if missing <= 0:
                break
        self._data, self._at = b"".join(chunks), 0


def _renumbered(block: bytes) -> bytes:
    """Give packets as they are when they are the only ones of an answer: one form of rows is known by one text.

    A packet's number, and the flags of the last one, say where in its command's answer it stands, and nothing of the
    rows.
    """
    block = block[:-4] + _NO_FLAGS
    if block[3] == _FIRST:
        return block
    numbered, at, number = bytearray(block), 0, block[3]
    while at < len(block):
        if block[at + 3] != number:
            raise InternalError("packet sequence number wrong")
        numbered[at + 3] = (number - block[3] + _FIRST) % 256
        at, number = at + 4 + int.from_bytes(block[at : at + 3], "little"), (number + 1) % 256
    return bytes(numbered)


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
    source, filename = "\n".join(lines) + "\n", f"<rows of {len(descriptions)} columns {next(_numbers)}>"
    exec(compile(source, filename, "exec"), names)  # noqa: S102 - our own source, numbers alone
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    decode: RowDecoder = names["decode"]
    weakref.finalize(decode, linecache.cache.pop, filename, None)  # when it is forgotten, so is its source
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
