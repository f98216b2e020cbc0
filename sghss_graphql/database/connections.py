"""A pool holds at most ``size`` connections, hands them out in the order of asking, and makes them outside of any lock.

The connections are aiomysql's, but for two things: rows come in bulk, and where aiomysql goes on in plain text when
a server (or whoever stands in the way) says that it has no TLS, ours stops before the password leaves.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Self

import aiomysql
from pymysql.constants import CLIENT, COMMAND
from pymysql.err import OperationalError

from sghss_graphql.database.bulk import BulkResult

_PATIENCE = 5.0  # seconds for the statement that sets a session up
NO_TLS = 2026  # MySQL's CR_SSL_CONNECTION_ERROR


Hear = Callable[[str], None]
"""Hears every statement, its values in it: for tools on demo data, never for a log."""


class Connection(aiomysql.Connection):  # type: ignore[misc]  # aiomysql has no types
    """One connection; ``open`` makes it."""

    _result: Any
    heard: Hear | None = None
    expired = False
    """Whether a statement took longer than it may, and the connection was given up."""

    async def open(self, session: Callable[[str], str]) -> Self:
        """Connect, shake hands, log in, and set the session up; ``session`` writes that from the server's version.

        Raises:
            failures.DRIVER_ERRORS: any of it failed.
        """
        try:
            await self._connect()
            await self.run(session(self.get_server_info()), _PATIENCE)
        except BaseException:
            self.close()  # aiomysql forgets to, when the handshake is cancelled
            raise
        return self

    @property
    def usable(self) -> bool:
        """Whether it can serve again: open, outside a transaction, and the server hasn't said goodbye."""
        reader = self._reader
        return not (
            self.closed
            or self.get_transaction_status()
            or reader.at_eof()
            or reader.eof_received
            or reader.exception() is not None
        )

    async def run(self, sql: str, limit: float) -> BulkResult:
        """Run a statement for ``limit`` seconds at most; what takes longer is given up, and the connection with it.

        Raises:
            failures.DRIVER_ERRORS: it failed, or took too long (``expired`` tells).
        """
        if self.heard is not None:
            self.heard(sql)
        timer = self._loop.call_later(limit, self._expire)
        try:
            await self._execute_command(COMMAND.COM_QUERY, sql.encode())
            await self._read_query_result()
        finally:
            timer.cancel()
        result: BulkResult = self._result
        self._result = None  # its rows are the caller's
        return result

    def _expire(self) -> None:
        self.expired = True
        self._writer.transport.abort()

    async def read_chunk(self, most: int) -> bytes:
        """Give what the stream holds, or what comes next; nothing at its end."""
        chunk: bytes = await self._reader.read(most)
        return chunk

    async def read_exactly(self, size: int) -> bytes:
        """Give as many bytes.

        Raises:
            EOFError: the stream ends before.
        """
        chunk: bytes = await self._reader.readexactly(size)
        return chunk

    async def _read_query_result(self, unbuffered: bool = False) -> None:
        assert not unbuffered  # noqa: S101 - our cursors hold their rows
        self._result = None
        result = BulkResult(self)
        await result.read()
        self._result = result
        self._affected_rows = result.affected_rows
        if result.server_status is not None:
            self.server_status = result.server_status

    async def _get_server_information(self) -> None:
        await super()._get_server_information()
        if self._ssl_context and not self.server_capabilities & CLIENT.SSL:
            raise OperationalError(NO_TLS, "the server offers no TLS")


class Pool:
    """Connections made with ``arguments`` (aiomysql's), ``size`` at most."""

    def __init__(
        self, size: int, arguments: dict[str, Any], session: Callable[[str], str], heard: Hear | None = None
    ) -> None:
        self._arguments = arguments
        self._heard = heard
        self._session = session
        self._places = size
        self._free: deque[Connection] = deque()
        self._used: set[Connection] = set()
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self, limit: float) -> Connection:
        """Give a connection that nobody else uses; make one, or wait for one in turn, for ``limit`` seconds each.

        Raises:
            failures.DRIVER_ERRORS: it can't be made.
            TimeoutError: it wasn't there in time.
        """
        await self._take_place(limit)
        try:
            connection = self._take_free()
            if connection is None:
                async with asyncio.timeout(limit):
                    connection = await Connection(**self._arguments).open(self._session)
        except BaseException:
            self._give_place()
            raise
        connection.heard = self._heard
        self._used.add(connection)
        return connection

    def release(self, connection: Connection) -> None:
        """Take a connection back; one in an unknown state is closed instead of kept."""
        if connection in self._used and connection.usable:
            self._free.append(connection)
        else:
            connection.close()
        self._used.discard(connection)
        self._give_place()

    def close(self) -> None:
        """Close every connection, used ones too."""
        for connection in (*self._free, *self._used):
            connection.close()
        self._free.clear()
        self._used.clear()

    def _take_free(self) -> Connection | None:
        """Give the connection that was used last, if it still works."""
        while self._free:
            connection = self._free.pop()
            if connection.usable:
                return connection
            connection.close()
        return None

    async def _take_place(self, limit: float) -> None:
        if self._places:
            self._places -= 1
            return
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(limit, _give_up, turn)  # far cheaper than asyncio.timeout, and every wait has one
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.exception() is None:  # the place came at the same moment
                self._give_place()
            raise
        finally:
            timer.cancel()

    def _give_place(self) -> None:
        """Give a place to whoever has waited longest, or back."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._places += 1


def _give_up(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())
