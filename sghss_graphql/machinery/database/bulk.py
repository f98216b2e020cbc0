"""The answer to a statement is read out of the chunks that come, and its rows are decoded in one loop.

aiomysql awaits twice for each packet, and a row is a packet. Here an answer is read by a generator to which chunks are
sent as they come (``connections.Stream``), so that whoever asked is woken once. Handshake, TLS, login, commands
and transactions stay aiomysql's. The packets are those of the text protocol (MySQL Internals, "Text Resultset"): three
bytes of length, one of sequence.
"""

import struct
from collections.abc import Generator

from aiomysql.connection import MySQLResult
from pymysql.constants import CR, SERVER_STATUS
from pymysql.err import InternalError, OperationalError
from pymysql.protocol import MysqlPacket

from sghss_graphql.machinery.database.forms import KNOWN, LONGEST, WIDTHS, Row, RowForm, form_of

_END = 9
"""Bytes that the packet which ends rows has fewer than: a row may begin as it does (MySQL Internals, EOF_Packet)."""
_STATUS = struct.Struct("<HH")
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


class BulkResult(MySQLResult):  # type: ignore[misc]  # aiomysql has no types
    """A result set whose rows come in bulk."""

    refusal: MysqlPacket | None = None
    """What the server said instead of a result, or of the rest of one."""

    def reading(self, packets: "_Packets") -> Reading:
        """Read the result of one statement."""
        first = packets.here()
        if first is None:
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
        form = packets.known(columns)
        if form is None:
            block = yield from packets.descriptions(columns)
            form = KNOWN.add(columns, block, form_of(block))
        rows: list[Row] = []
        last = yield from packets.rows(form, rows)
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

    def here(self) -> bytes | None:
        """Give the next payload, if all of it is here in one packet, as nearly always."""
        length = self._whole()
        return None if length is None or length >= LONGEST else self._take(length)

    def next(self) -> Generator[None, bytes, bytes]:
        """Give the next payload, whole."""
        payload = b""
        while True:
            while (length := self._whole()) is None:
                yield from self._more()
            part = self._take(length)
            payload = payload + part if payload else part
            if length < LONGEST:
                return payload

    def known(self, columns: int) -> RowForm | None:
        """Give the form of the rows, if their descriptions are here and have been read before; they are then read."""
        for length in KNOWN.lengths(columns):
            end = self._at + length
            block = self._data[self._at : end]
            form = KNOWN.get(block)
            if form is not None and block[3] == self._number:
                self._number = (self._number + columns + 1) % 256
                self._at = end
                return form
        return None

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

    def rows(self, form: RowForm, rows: list[Row]) -> Generator[None, bytes, bytes]:
        """Add all rows; give the payload that ends them: their end, or an error."""
        while True:
            self._at, self._number = form.many(self._data, self._at, self._number, rows.append)
            payload = self.here()
            if payload is not None:
                if payload[:1] == b"\xff" or (payload[:1] == b"\xfe" and len(payload) < _END):
                    return payload
            elif self._whole() is None:
                yield from self._more()
                continue
            else:  # a row of several packets
                payload = yield from self.next()
            rows.append(form.one(payload, 0))

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


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Give a length-encoded number, and where what follows it begins."""
    first = data[at]
    if first < 251:
        return first, at + 1
    end = at + 1 + WIDTHS[first]
    return int.from_bytes(data[at + 1 : end], "little"), end
