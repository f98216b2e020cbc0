"""A socket is bounded before anything is asked through it: how long it may say nothing, and how much its head may hold.

So is for how long one may read nothing of an answer. uvicorn bounds none of these for a connection that hasn't asked
yet. What can't be read is refused in its turn: never before what was asked before it is answered, and never twice.
"""

import asyncio

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from sghss_graphql.machinery.deadline import Timer
from sghss_graphql.machinery.web.places import Sockets, network_of
from sghss_graphql.machinery.web.proxy import BadIntroduction, read_introduction

ALWAYS = (b"/healthz", b"/readyz")
_MOST_BEHIND = 100
"""Requests that one connection sends before the first of them is answered."""
_MOST_UNREAD = 2**20  # bytes of a body that nobody reads
_REFUSALS = {
    408: "O pedido demorou demais para chegar.",
    431: "O pedido tem cabeçalhos demais, ou grandes demais.",
    503: "O servidor já atende tantas conexões quantas pode. Tente de novo em alguns segundos.",
}


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, bounded by the ``sockets`` of the application's lifespan.

    ``scope["known"]`` is to be called when a request's token is good; ``scope["placed"]`` is whether there is a place
    for the connection: past the bounds only whoever is known is served.
    """

    _sockets: Sockets
    _network = ""
    placed = True
    _who: object = None
    """Who has shown a valid token on it."""
    _refused = False
    _silent = True
    """Whether nothing whole has come on it."""
    _head_received = 0
    _in_head = False
    _in_body = False
    _aside = 0
    """Bytes since the head that were of no body: trailers, and what stands before a chunk."""
    _fields = 0
    _timer: Timer | None = None
    _reader: Timer | None = None
    _rest: Timer | None = None
    _parting: Timer | None = None
    """Runs from when the server ends until the connection does, if nothing is asked on it any more."""
    _without_upgrade: bytes | None = None
    """A head that is to be read again; nothing, of one that can't be."""
    _unread = 0
    _introduction: bytes | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Count it, and give it time to ask."""
        super().connection_made(transport)
        self._sockets = self.app_state.get("sockets") or Sockets()
        address = self.client[0] if self.client else None
        self._network = network_of(address)
        self.placed = self._sockets.enter(self._network)
        self._introduction = b"" if self._sockets.introduced(address) else None
        self._sockets.wait(self._network, transport)
        self._wait_for_head()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio's: whether the other end may still be written to
        """Let whoever says no more still hear the answer to what they asked whole."""
        asked = self._answers() and not self.cycle.more_body
        if asked:
            self.cycle.keep_alive = False
        return asked

    def _answers(self) -> bool:
        """Tell whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def shutdown(self) -> None:
        """End it, once what is asked on it is answered: a request may have been sent that isn't here yet."""
        if self._answers():
            self.cycle.keep_alive = False
        elif self._parting is None:
            self._parting = self._sockets.parting.start(self._part)

    def _part(self) -> None:
        if not self._answers():
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self._sockets.heard(self._network, self.transport)
        self._sockets.leave(self._network, self._who)
        for timer in (self._timer, self._reader, self._rest, self._parting):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)
        # These hold us: what was sent would be kept until the collector finds it.
        self.scope = {}  # type: ignore[typeddict-item]  # whoever still answers has it
        if self.cycle is not None and self.cycle.response_complete:
            self.cycle = None  # type: ignore[assignment]  # as before the first request

    def data_received(self, data: bytes) -> None:
        """Read on, unless it was refused already, or a head grows without end: a header's parts are kept until then."""
        if self._introduction is not None and not self._refused:
            data = self._meet(self._introduction + data)
        if self._refused or not data:
            return
        self._head_received += len(data)
        self._aside += len(data)
        self._feed(data)
        if self._in_body and self._aside > self._sockets.bounds.head_bytes:
            self._refuse(431)
        if self._in_head:
            self._weigh()
        if self._timer is None and not (self._in_body or self._answers()):  # what says nothing ends the idle one
            self._wait_for_head()
        if self._timer is not None and self._head_received > self._sockets.bounds.head_bytes:
            self._refuse(431)

    def _feed(self, data: bytes) -> None:
        """Have the parser read a piece; who asks for another protocol is answered in this one (RFC 9110, section 7.8).

        The parser takes what follows such a head for that protocol, a body too: so the head is read again without it.
        """
        self._unset_keepalive_if_required()
        rest = memoryview(data)
        try:
            while rest:
                try:
                    self.parser.feed_data(rest)
                    return
                except HttpParserUpgrade as pause:
                    if not self._without_upgrade:
                        raise HttpParserError("CONNECT") from None
                    rest = rest[pause.args[0] :]
                    head, self._without_upgrade = self._without_upgrade, None
                    self.parser = HttpRequestParser(self)
                    self.parser.feed_data(head)
        except HttpParserError:
            self.send_400_response("Invalid HTTP request received.")

    def _meet(self, data: bytes) -> bytes:
        """Learn from a trusted proxy whom it speaks for; give what it has sent after that."""
        try:
            read = read_introduction(data)
        except BadIntroduction:
            self._refused = True
            self.transport.abort()
            return b""
        self._introduction = data if read is None else None
        if read is None:
            return b""
        peer, rest = read
        if peer is not None:
            self._sockets.heard(self._network, self.transport)
            self._sockets.leave(self._network, self._who)
            self.client, self._network = peer, network_of(peer[0])
            self.placed = self._sockets.enter(self._network)
            self._sockets.wait(self._network, self.transport)
        return rest

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.tell_of_connection()
        self.bound()

    def tell_of_connection(self) -> None:
        """Tell the application what is known of the connection."""
        self.scope["known"] = self.know  # type: ignore[typeddict-unknown-key]  # ours, for the application
        self.scope["placed"] = self.placed  # type: ignore[typeddict-unknown-key]  # ours, for the application

    def bound(self) -> None:
        """Begin to weigh the head of a request; none is begun behind many that wait, nor behind one that was refused.

        Raises:
            HttpParserError: the parser reads no further.
        """
        if len(self.pipeline) >= _MOST_BEHIND:
            self._ends()
        if self._refused:
            raise HttpParserError("nothing more is read")
        self._head_bytes = self._head_received = self._fields = 0
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        super().on_url(url)
        self._head_bytes += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header: as uvicorn does, and weighed; what comes behind a body isn't one (RFC 9110, section 6.5.1)."""
        self._fields += 1
        self._head_bytes += len(name) + len(value)
        if self._in_head:
            self.headers.append((name.lower(), value))
        else:
            self._weigh()

    def on_headers_complete(self) -> None:
        """Begin the request, if there is a place for it."""
        self.heard()
        self._weigh()
        if self.parser.should_upgrade():
            self._without_upgrade = b"" if self.parser.get_method() == b"CONNECT" else self._head()
            return
        if not self.placed and not self.url.startswith(ALWAYS) and b"authorization" not in dict(self.headers):
            self._refuse(503)
        self._in_head, self._in_body, self._aside = False, True, 0
        if not self._refused:
            self.begin()

    def heard(self) -> None:
        """Take note that it has said something whole."""
        self._unset_keepalive_if_required()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._silent:
            self._silent = False
            self._sockets.heard(self._network, self.transport)

    def _head(self) -> bytes:
        """Write the head that was read, without what asks for another protocol."""
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())]
        lines += [b"%b: %b" % header for header in self.headers if header[0] not in (b"connection", b"upgrade")]
        tokens = b",".join(value.lower() for name, value in self.headers if name == b"connection").split(b",")
        kept = [token for token in (b"close", b"keep-alive") if token in map(bytes.strip, tokens)]
        return b"\r\n".join([*lines, *(b"connection: " + token for token in kept), b"", b""])

    def begin(self) -> None:
        """Begin the request: as uvicorn does; the last one, once the server ends."""
        expects = [value.lower() for name, value in self.headers if name == b"expect"]
        self.expect_100_continue = b"100-continue" in expects
        super().on_headers_complete()
        if self._parting is not None:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; of one that was answered already, no more than there is patience for."""
        self._aside = 0
        if self._rest is not None:
            self._unread += len(body)
            if self._unread > _MOST_UNREAD:
                self._close_unread()
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        if self._without_upgrade is not None:
            return
        self._in_body = False
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        if not self._refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the rest of what was answered before it had come, but not for ever."""
        if self.cycle is not None and self.cycle.response_complete and self.cycle.more_body:
            self._unread = 0
            self._rest = self._sockets.heads.start(self._close_unread)
        if self._refused and not self.pipeline:  # all that was asked before it is answered
            self.transport.close()
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self.timeout_keep_alive_task = self._sockets.idle.start(self.timeout_keep_alive_handler)  # type: ignore[assignment]  # it can be cancelled too

    def _close_unread(self) -> None:
        self._refused = True
        self.transport.close()

    def pause_writing(self) -> None:
        """Wait for whoever reads, but not for ever."""
        super().pause_writing()
        self._reader = self._sockets.reading.start(self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    def _wait_for_head(self) -> None:
        self._timer = self._sockets.heads.start(self._too_slow)

    def _too_slow(self) -> None:
        self._timer = None
        if self._in_head and self.url:
            self._refuse(408)
        elif not self.transport.is_closing():
            self.transport.close()

    def _weigh(self) -> None:
        bounds = self._sockets.bounds
        if self._head_bytes > bounds.head_bytes or self._fields > bounds.headers:
            self._refuse(431)

    def know(self, who: object) -> None:
        """Take note of who has shown a good token."""
        if self._who is None and not self.transport.is_closing() and self._sockets.known(self._network, who):
            self._who = who

    def _refuse(self, status: int) -> None:
        """Answer without the application, and close."""
        if not self._ends():
            return
        words = _REFUSALS[status].encode()
        retry = b"retry-after: 5\r\n" if status == 503 else b""
        head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n" % len(words)
        self.transport.write(b"".join([STATUS_LINE[status], head, retry, b"\r\n", words]))
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what isn't HTTP."""
        if self._ends():
            super().send_400_response(msg)

    def _ends(self) -> bool:
        """Read nothing more; tell whether this is to be told at once.

        What was asked before is answered first, and then it is closed; what is answered already isn't answered again.
        """
        if self._refused or self.transport.is_closing():
            return False
        self._refused = True
        cycle = self.cycle
        if cycle is None or (cycle.response_complete and not cycle.more_body):
            return True
        if self._in_head or not cycle.more_body:  # it is behind all that were begun
            cycle.keep_alive = False
            return False
        if cycle.response_started:
            self.transport.close()
            return False
        if self.pipeline:  # it was begun, behind others that are answered
            self.pipeline.popleft()
            return False
        cycle.disconnected = True  # what the application still says of it isn't sent
        cycle.message_event.set()
        return True
