"""A POST to /graphql is answered where it is read: from the parser's callbacks to the socket, without ASGI between.

Scope, receive, send, routes and middleware are a third of what a small request costs (bench/README.md). What came whole
in one piece is answered here, by the same endpoint and with the same headers; all else (another method or path, a body
in parts, a request behind another, another origin's page) goes the way of every ASGI application, from the place
where it is.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import uuid_utils
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from sghss_graphql.machinery.web.graphql import Answered, Asked, GraphQLEndpoint
from sghss_graphql.machinery.web.heads import Head, Heads, Known, as_text, fields
from sghss_graphql.machinery.web.log import Book
from sghss_graphql.machinery.web.requests import HEADERS
from sghss_graphql.machinery.web.sockets import BoundedProtocol

_PATH = "/graphql"
_ALWAYS = b"".join(b"%b: %b\r\n" % header for header in HEADERS)
_CLOSE = (b"connection", b"close")
_ELSEWHERE = frozenset({b"expect", b"origin", b"transfer-encoding", b"upgrade"})
"""Headers that say more than what is answered here."""


@dataclass(frozen=True, slots=True)
class Direct:
    """What answers, the book in which it is entered, and the heads that are known."""

    endpoint: GraphQLEndpoint
    book: Book
    heads: Heads = field(default_factory=Heads)


class _Body:
    """Stands for uvicorn's cycle while the body comes: its names are those that the protocol looks for."""

    __slots__ = ("body", "disconnected", "headers", "keep_alive", "more_body", "response_complete")
    response_started = False  # it is written at once

    def __init__(self, headers: dict[bytes, bytes]) -> None:
        self.headers = headers
        self.body = b""
        self.more_body = True
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = True

    @property
    def message_event(self) -> "_Body":
        """Stand for the event that tells of a part of the body, and of the end of the connection."""
        return self

    def set(self) -> None:
        """Tell nobody: it is looked at once the piece that came is read."""


class DirectProtocol(BoundedProtocol):
    """The bounded protocol, which answers operations itself (``app_state["direct"]``, if there is one)."""

    _whole: _Body | None = None
    """The request that has begun in the piece that is being read."""

    def on_message_begin(self) -> None:
        """Begin a request; what ASGI needs of it is made only where it goes that way."""
        self.url = b""
        self.headers = []
        self.scope = {}  # type: ignore[typeddict-item]  # none yet
        self.bound()

    def begin(self) -> None:
        """Take an operation, or let uvicorn begin the request."""
        headers = fields(self.headers)
        if self._is_direct(headers):
            self.cycle = self._whole = _Body(headers)  # type: ignore[assignment]  # it stands for one
        else:
            self._begin_asgi()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if self._whole is not None and self._whole.more_body:  # what follows a whole one isn't its own
            self._aside = 0
            self._whole.body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request: what is answered here is looked at once the piece that came is read."""
        if self._whole is not None and self._whole.more_body:
            self._in_body = self._whole.more_body = False
        else:
            super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read a piece; what came whole in it is answered, what didn't goes on as ASGI has it."""
        direct: Direct | None = self.app_state.get("direct") if self._is_between() else None
        known = None if direct is None else direct.heads.known(data)
        if known is not None:
            self._answer_known(known, data)
            return
        super().data_received(data)
        if self._whole is None or self.transport.is_closing():
            return
        whole, self._whole = self._whole, None
        if whole.more_body:
            whole.response_complete = True
            self._begin_asgi()
            if whole.body:
                self.on_body(whole.body)
            return
        head = Head.of(whole.headers)
        if direct is not None:
            direct.heads.keep(data, head, self.headers)
        self._answer(whole, head, as_text(whole.headers.get(b"authorization")))

    def _is_between(self) -> bool:
        """Tell whether all that came is answered, to the last byte: what comes now begins a request, if it is taken."""
        cycle = self.cycle
        return (
            self._head_received == 0
            and not (self._in_head or self._in_body or self._refused)
            and self._introduction is None
            and self._parting is None
            and self.placed
            and (cycle is None or cycle.response_complete)
        )

    def _answer_known(self, known: Known, data: bytes) -> None:
        """Answer a request whose head was read before: the parser sees nothing of it."""
        self.heard()
        whole = _Body({})
        whole.body, whole.more_body = data[known.end :], False
        self.cycle = whole  # type: ignore[assignment]  # it stands for one
        self._answer(whole, known.head, as_text(data[known.authorization]))

    def _is_direct(self, headers: dict[bytes, bytes]) -> bool:
        cycle, parser = self.cycle, self.parser
        return (
            self.url == b"/graphql"
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and self._parting is None
            and (cycle is None or cycle.response_complete)
            and self.app_state.get("direct") is not None
            and _ELSEWHERE.isdisjoint(headers)
        )

    def _begin_asgi(self) -> None:
        """Make what ASGI needs of a request whose head is read, and begin it."""
        url, headers = self.url, self.headers
        HttpToolsProtocol.on_message_begin(self)
        self.url = url
        self.headers.extend(headers)  # the scope holds this list
        self.tell_of_connection()
        super().begin()

    def _answer(self, whole: _Body, head: Head, authorization: str | None) -> None:
        asked = Asked(
            method="POST",
            query_string=b"",
            head=head,
            authorization=authorization,
            client=self.client,
            body=whole.body,
            request_id=uuid_utils.uuid7().hex,
            placed=self.placed,
            known=self.know,
        )
        task = self.loop.create_task(self._serve(self.app_state["direct"], asked, whole))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _serve(self, direct: Direct, asked: Asked, whole: _Body) -> None:
        started = time.perf_counter()
        try:
            answered = await direct.endpoint.answer(asked)
            if self.flow.write_paused:
                await self.flow.drain()
            self._write(answered, asked.request_id, whole)
        except asyncio.CancelledError:
            self.transport.close()
            raise
        seconds = time.perf_counter() - started
        direct.book.enter(asked.request_id, "POST", _PATH, answered.status, seconds, answered.codes, answered.about)

    def _write(self, answered: Answered, request_id: str, whole: _Body) -> None:
        headers = [*self.server_state.default_headers, *answered.headers]
        closes = not whole.keep_alive or _CLOSE in headers
        if closes and _CLOSE not in headers:
            headers.append(_CLOSE)
        if not self.transport.is_closing():
            self.transport.write(_head(answered.status, headers, request_id) + answered.body)
        whole.response_complete = True
        if closes:
            self.transport.close()
        self.on_response_complete()


def _head(status: int, headers: Sequence[tuple[bytes, bytes]], request_id: str) -> bytes:
    """Write the head of an answer, with all that every answer has."""
    parts: list[Any] = [STATUS_LINE[status]]
    for name, value in headers:
        parts += (name, b": ", value, b"\r\n")
    parts += (_ALWAYS, b"x-request-id: ", request_id.encode(), b"\r\n\r\n")
    return b"".join(parts)
