"""A pool holds at most ``size`` connections, hands them out in the order of asking, and makes them outside of any lock.

The connections are aiomysql's, but for two things: rows come in bulk, and where aiomysql goes on in plain text when
a server (or whoever stands in the way) says that it has no TLS, ours stops before the password leaves.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import partial
from time import monotonic
from typing import Any, Self

import aiomysql
from pymysql.constants import CLIENT, COMMAND, CR
from pymysql.err import Error as MySQLError
from pymysql.err import InternalError, OperationalError

from sghss_graphql.machinery.database.bulk import Answer, BulkResult, Reading
from sghss_graphql.machinery.database.waiting import fail, succeed
from sghss_graphql.machinery.deadline import Timers, within
from sghss_graphql.machinery.throttle import Throttle

NO_TLS = 2026  # MySQL's CR_SSL_CONNECTION_ERROR
READ_ONLY = frozenset({1290, 1836})
"""A server of which nothing is written: ``super_read_only``, ``read_only``."""
TOGETHER = ";\n"
"""Between the statements of one command; a literal has no line end, for they are escaped in it."""


Hear = Callable[[str], None]
"""Hears every statement, its values in it: for tools on demo data, never for a log."""


class Stream(asyncio.Protocol):
    """What a server sends once one is logged in: answers, each to the reading that waits for it."""

    def __init__(self) -> None:
        self.broken = False
        """Whether the server went away, or said what nobody had asked for: goodbye, most of the time."""
        self._reading: Reading | None = None
        self._read: asyncio.Future[None] | None = None

    def answer(self, reading: Reading) -> asyncio.Future[None]:
        """Send what comes to a reading, which has been begun; done when it is."""
        self._reading = reading
        self._read = read = asyncio.get_running_loop().create_future()
        if self.broken:
            self._lose()
        return read

    def data_received(self, data: bytes) -> None:
        """Take a chunk."""
        reading, read = self._reading, self._read
        if reading is None or read is None:
            self.broken = True
            return
        try:
            reading.send(data)
        except StopIteration:
            self._reading = None
            succeed(read, None)
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever asked hears of it
            self._reading = None
            fail(read, error)
        finally:
            del reading, read  # or what failed would hold itself, by its traceback

    def eof_received(self) -> None:
        """Take note that the server closed its end."""
        self._lose()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the connection is gone."""
        del exc
        self._lose()

    def _lose(self) -> None:
        self.broken = True
        reading, self._reading = self._reading, None
        if reading is not None and self._read is not None:
            fail(self._read, OperationalError(CR.CR_SERVER_LOST, "lost in the middle of an answer"))


class Connection(aiomysql.Connection):  # type: ignore[misc]  # aiomysql has no types
    """One connection; ``open`` makes it."""

    _result: Any
    _stream: Stream | None = None
    _patience: Timers
    heard: Hear | None = None
    asker: object = None
    """Who has it: see ``ASKER``."""
    since = 0.0
    """When they got it (``time.monotonic``)."""
    beside = 1
    """How many connections were in use then, this one too."""
    demoted: Callable[[], None] | None = None
    """Is to be called when it turns out that its server isn't written to any more."""
    generation = 0
    """Of the pool, when it was made."""
    expired = False
    """Whether a command took longer than it may, and the connection was given up."""
    results: Sequence[BulkResult] = ()
    """Of the last command: those of its statements that were answered by anything but an error."""

    async def open(self, session: Callable[[str], str], patience: Timers) -> Self:
        """Connect, shake hands, log in, and set the session up; ``session`` writes that from the server's version.

        ``patience`` is how long each command may take.

        Raises:
            failures.DRIVER_ERRORS: any of it failed.
        """
        self._patience = patience
        try:
            await self._connect()
            self._stream = Stream()
            self._writer.transport.set_protocol(self._stream)
            await self.run(session(self.get_server_info()))
        except BaseException:
            self.close()  # aiomysql forgets to, when the handshake is cancelled
            raise
        return self

    @property
    def usable(self) -> bool:
        """Whether it can serve again: open, outside a transaction, and the server hasn't said goodbye."""
        return not (self.closed or self.get_transaction_status() or self._stream is None or self._stream.broken)

    async def run(self, *statements: str) -> BulkResult:
        """Run statements as one command, each if the one before it didn't fail; give the last one's result.

        A command that takes longer than it may is given up, and the connection with it.

        Raises:
            failures.DRIVER_ERRORS: one failed (the one after ``results``), or it took too long (``expired`` tells).
        """
        if self.heard is not None:
            for statement in statements:
                self.heard(statement)
        self.results = ()
        timer = self._patience.start(self._expire)
        try:
            await self._execute_command(COMMAND.COM_QUERY, TOGETHER.join(statements).encode())
            await self._read_answer(Answer(len(statements)))
        finally:
            timer.cancel()
        result: BulkResult = self._result
        self._result = None  # its rows are the caller's
        return result

    def _expire(self) -> None:
        self.expired = True
        self._writer.transport.abort()

    async def _read_query_result(self, unbuffered: bool = False) -> None:
        assert not unbuffered  # noqa: S101 - our cursors hold their rows
        await self._read_answer(Answer())

    async def _read_answer(self, answer: Answer) -> None:
        assert self._stream is not None  # noqa: S101 - it is open
        self._result = None
        reading = answer.reading(self._next_seq_id)
        next(reading)
        try:
            await self._stream.answer(reading)
        finally:
            self.results = answer.results
            if not answer.ended:  # nobody knows what comes next on it
                self.close()
        self._result = result = answer.results[-1]
        self._affected_rows = result.affected_rows
        if result.server_status is not None:
            self.server_status = result.server_status

    async def _read_ok_packet(self) -> bool:
        if self._stream is None:
            return bool(await super()._read_ok_packet())
        await self._read_query_result()
        return True

    async def show_warnings(self) -> Any:
        """Give the warnings of the last statement."""
        return (await self.run("SHOW WARNINGS")).rows

    async def _read_packet(self, *arguments: Any) -> Any:
        if self._stream is not None:  # aiomysql's own reader gets nothing any more: it would wait for ever
            raise InternalError("packets are read whole answers at a time")
        return await super()._read_packet(*arguments)

    async def _get_server_information(self) -> None:
        await super()._get_server_information()
        if self._ssl_context and not self.server_capabilities & CLIENT.SSL:
            raise OperationalError(NO_TLS, "the server offers no TLS")


ASKER: ContextVar[object] = ContextVar("asker", default=None)
"""On whose behalf statements are run.

Where connections are scarce, all of them get one in turn, and nobody has more than a third of them; who has kept them
busy for long has one at a time. None is the program itself.
"""


class Several(tuple[object, ...]):
    """Askers on whose behalf one command is run together: each pays a part, and none waits for another's share."""

    __slots__ = ()


def together(askers: Sequence[object]) -> object:
    """Give on whose behalf a command is that these ask for: one's own, if it is nobody else's."""
    return askers[0] if len(set(askers)) == 1 else Several(askers)


_AT_ONCE = 2.0
"""Seconds of the database's that an asker takes before their share is less."""


class Pool:
    """Connections made with ``arguments`` (aiomysql's), ``size`` at most; ``patience`` (seconds) bounds each wait.

    Of several servers the one is taken that can be written to. When it can't any more, all connections are made anew.

    Of the seconds that all connections work, each asker may use ``share`` a second (0: any), two at once; beyond that
    they have one connection at a time. Those who work beside each other share a second between them.
    """

    def __init__(
        self,
        size: int,
        arguments: Sequence[dict[str, Any]],
        session: Callable[[str], str],
        patience: float,
        heard: Hear | None = None,
        share: float = 0.0,
    ) -> None:
        self._used_up = Throttle(share, _AT_ONCE)
        self._arguments = list(arguments)
        self._generation = 0
        self._heard = heard
        self._session = session
        self._patience = Timers(patience)
        self._places = size
        self._most_of_one = max(1, size // 3)
        self._held: Counter[object] = Counter()
        """Places by ``ASKER``: of one that asks for much the others keep two thirds."""
        self._free: deque[Connection] = deque()
        self._used: set[Connection] = set()
        self._waiting: OrderedDict[object, deque[asyncio.Future[None]]] = OrderedDict()
        """Those who wait, by ``ASKER``, whose turn it is next first."""

    async def acquire(self) -> Connection:
        """Give a connection that nobody else uses; make one, or wait for one in turn.

        Raises:
            failures.DRIVER_ERRORS: it can't be made.
            TimeoutError: it wasn't there in time.
        """
        asker = ASKER.get()
        await self._take_place(asker)
        try:
            connection = self._take_free()
            if connection is None:
                connection = await within(self._patience, self._make())
        except BaseException:
            self._give_place(asker)
            raise
        connection.asker, connection.since, connection.beside = asker, monotonic(), len(self._used) + 1
        connection.heard = self._heard
        self._used.add(connection)
        return connection

    def release(self, connection: Connection) -> None:
        """Take a connection back; one in an unknown state is closed instead of kept."""
        connection.results = ()  # its rows are whoever asked's
        if connection.asker is not None and connection in self._used:
            asker, beside = connection.asker, max(connection.beside, len(self._used))
            each = asker if isinstance(asker, Several) else (asker,)
            for one in each:
                self._used_up.spend(one, (monotonic() - connection.since) / beside / len(each))
        if connection in self._used and connection.usable and connection.generation == self._generation:
            self._free.append(connection)
        else:
            connection.close()
        self._used.discard(connection)
        self._give_place(connection.asker)

    def close(self) -> None:
        """Close every connection, used ones too."""
        for connection in (*self._free, *self._used):
            connection.close()
        self._free.clear()
        self._used.clear()

    async def _make(self) -> Connection:
        """Make a connection; of several servers to the one that can be written to, the last that could be first.

        Raises:
            failures.DRIVER_ERRORS: none can be made, or none of them is written to.
        """
        if len(self._arguments) == 1:
            return await Connection(**self._arguments[0]).open(self._session, self._patience)
        failure: Exception = OperationalError(min(READ_ONLY), "no server of the group can be written to")
        for arguments in tuple(self._arguments):
            connection, generation = Connection(**arguments), self._generation
            try:
                await connection.open(self._session, self._patience)
                if await _can_be_written_to(connection):
                    self._arguments.remove(arguments)
                    self._arguments.insert(0, arguments)
                    connection.demoted, connection.generation = self._renew, generation
                    return connection
            except (MySQLError, OSError, EOFError) as error:
                failure = error
            except BaseException:
                connection.close()
                raise
            connection.close()
        raise failure

    def _renew(self) -> None:
        """Keep none of the connections that there are: another server is written to."""
        self._generation += 1
        while self._free:
            self._free.pop().close()

    def _take_free(self) -> Connection | None:
        """Give the connection that was used last, if it still works."""
        while self._free:
            connection = self._free.pop()
            if connection.usable:
                return connection
            connection.close()
        return None

    async def _take_place(self, asker: object) -> None:
        if self._places and not self._has_its_share(asker):
            self._places -= 1
            self._held[asker] += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker, deque()).append(turn)
        timer = self._patience.start(partial(fail, turn, TimeoutError()))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.exception() is None:  # the place came at the same moment
                self._give_place(asker)
            raise
        finally:
            timer.cancel()

    def _has_its_share(self, asker: object) -> bool:
        if asker is None or isinstance(asker, Several):
            return False
        held = self._held[asker]
        return held > 0 and (held >= self._most_of_one or self._used_up.take(asker, 0) > 0)

    def _give_place(self, asker: object) -> None:
        """Take a place back, and give it to whoever has waited longest, of each asker one in turn."""
        self._places += 1
        self._held[asker] -= 1
        if not self._held[asker]:
            del self._held[asker]
        while self._places and (following := self._next_turn()):
            asker, turn = following
            if not turn.done():
                self._places -= 1
                self._held[asker] += 1
                turn.set_result(None)

    def _next_turn(self) -> tuple[object, asyncio.Future[None]] | None:
        for asker, turns in self._waiting.items():
            if not self._has_its_share(asker):
                turn = turns.popleft()
                if turns:
                    self._waiting.move_to_end(asker)
                else:
                    del self._waiting[asker]
                return asker, turn
        return None


async def _can_be_written_to(connection: Connection) -> bool:
    """Tell whether a server is the one of its group that is written to."""
    ((read_only,),) = (await connection.run("SELECT @@read_only")).rows or ()
    return str(read_only).upper() in ("0", "OFF")
