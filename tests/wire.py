"""The application behind the protocol that serves it, without a socket: what httpx asks goes through the parser."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import h11
import httpx
from starlette.applications import Starlette
from uvicorn import Config
from uvicorn.server import ServerState

from sghss_graphql.machinery.web.direct import DirectProtocol
from sghss_graphql.machinery.web.listening import uvicorn_options
from sghss_graphql.machinery.web.places import Bounds

_PIECE = 65_536
"""Bytes that a socket gives at once."""
_LONGEST = Bounds().head_bytes


class Wire(httpx.AsyncBaseTransport):
    """Sends each request over a connection of its own, whose other end is the protocol."""

    def __init__(self, app: Starlette, state: dict[str, Any], client: tuple[str, int] = ("127.0.0.1", 123)) -> None:
        self.app = app
        self.state = state
        self._client = client
        options = {key: value for key, value in uvicorn_options("t", 80).items() if key not in ("host", "port")}
        self._config = Config(app, **options)
        self._config.load()

    def of(self, client: tuple[str, int]) -> "Wire":
        """Give the same application as it is met from another address."""
        return Wire(self.app, self.state, client)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and wait for the answer; what no socket would carry is asked of the application itself."""
        if any(value != value.strip() or b"\n" in value or len(value) > _LONGEST for _, value in request.headers.raw):
            return await httpx.ASGITransport(app=self.app, client=self._client).handle_async_request(request)
        asking = h11.Connection(h11.CLIENT)
        target = request.url.raw_path
        sent = asking.send(h11.Request(method=request.method, target=target, headers=request.headers.raw)) or b""
        body = await request.aread()
        if body:
            sent += asking.send(h11.Data(data=body)) or b""
        sent += asking.send(h11.EndOfMessage()) or b""
        _, end = await self._sent(sent[start : start + _PIECE] for start in range(0, len(sent), _PIECE))
        try:
            return await self._answer(asking, end)
        finally:
            end.close()

    async def raw(self, *pieces: bytes) -> bytes:
        """Send bytes as they are, piece by piece, over one connection; give all that comes back."""
        protocol, end = await self._sent(pieces)
        await _done(protocol)
        end.close()
        return end.all_written()

    async def in_turn(self, *requests: tuple[bytes, ...]) -> bytes:
        """Send requests, each in its pieces, once the one before is answered; give all that comes back."""
        protocol, end = self._open()
        for pieces in requests:
            for piece in pieces:
                if not end.is_closing():
                    protocol.data_received(piece)
            await _done(protocol)
        end.close()
        return end.all_written()

    async def gone(self, piece: bytes) -> DirectProtocol:
        """Send bytes, and be gone before anything is answered; give the protocol that is left."""
        protocol, end = self._open()
        protocol.data_received(piece)
        end.close()
        await _done(protocol)
        assert end.all_written() == b""
        return protocol

    async def ended(self, *pieces: bytes) -> None:
        """Send bytes, each piece once what came before it is answered, and wait for the protocol to close."""
        protocol, end = self._open()
        for piece in pieces:
            protocol.data_received(piece)
            await _done(protocol)
        async with asyncio.timeout(5):
            while await end.written():
                pass
        await _turn()

    def _open(self) -> "tuple[DirectProtocol, _End]":
        """Open a connection."""
        protocol = DirectProtocol(self._config, ServerState(), self.state)
        end = _End(self._client, protocol)
        protocol.access_log = False  # as it is where pytest doesn't listen to it
        protocol.connection_made(end)
        return protocol, end

    async def _sent(self, pieces: Iterable[bytes]) -> "tuple[DirectProtocol, _End]":
        """Send bytes over a connection of their own, until it is closed."""
        protocol, end = self._open()
        for piece in pieces:
            if not end.is_closing():
                protocol.data_received(piece)
            await _turn()
        return protocol, end

    async def _answer(self, asking: h11.Connection, end: "_End") -> httpx.Response:
        head: h11.Response | None = None
        body = b""
        while True:
            event = asking.next_event()
            if event is h11.NEED_DATA:
                asking.receive_data(await end.written())
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                assert head is not None
                return httpx.Response(head.status_code, headers=head.headers.raw_items(), content=body)


async def _turn() -> None:
    """Let everybody else have a turn of the loop."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_soon(over.set_result, None)
    await over


async def _done(protocol: DirectProtocol) -> None:
    """Wait until nothing is being answered."""
    async with asyncio.timeout(10):
        while protocol.tasks:
            await asyncio.wait(set(protocol.tasks))


class _End(asyncio.Transport):
    """The protocol's end of a connection."""

    def __init__(self, client: tuple[str, int], protocol: DirectProtocol) -> None:
        super().__init__({"peername": client, "sockname": ("t", 80)})
        self._protocol = protocol
        self._written: asyncio.Queue[bytes] = asyncio.Queue()
        self._closing = False

    async def written(self) -> bytes:
        """Give what was written next; nothing once it is closed."""
        return await self._written.get()

    def all_written(self) -> bytes:
        """Give what was written and nobody took."""
        return b"".join(self._written.get_nowait() for _ in range(self._written.qsize()))

    def write(self, data: Any) -> None:
        """Take what the protocol writes."""
        self._written.put_nowait(bytes(data))

    def close(self) -> None:
        """Close it; the protocol hears of it in the next turn of the loop."""
        if self._closing:
            return
        self._closing = True
        asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)
        self._written.put_nowait(b"")

    def abort(self) -> None:
        """Close it."""
        self.close()

    def is_closing(self) -> bool:
        """Tell whether it is closed."""
        return self._closing

    def pause_reading(self) -> None:
        """Do nothing: all is sent at once."""

    def resume_reading(self) -> None:
        """Do nothing."""


@asynccontextmanager
async def connected(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Start the application, and give who asks it as a client over the network would."""
    async with (
        app.router.lifespan_context(app) as state,
        httpx.AsyncClient(transport=Wire(app, dict(state or {})), base_url="http://t") as http,
    ):
        yield http
