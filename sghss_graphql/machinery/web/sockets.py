"""A socket is bounded before anything is asked through it: how long it may say nothing, and how much its head may hold.

So is how many of them one network may open, and for how long one may read nothing of an answer.

uvicorn bounds none of these for a connection that hasn't asked yet. Health and readiness always find a place: past the
total, a connection is still taken, and refused at its head unless it asks for one of them.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from sghss_graphql.machinery.deadline import Timer, Timers
from sghss_graphql.machinery.web.proxy import BadIntroduction, read_introduction

ALWAYS = (b"/healthz", b"/readyz")
_RESERVE = 500
"""Connections past the total that are still taken, for health and for those who have a token to show."""
_MOST_UNREAD = 2**20  # bytes of a body that nobody reads
_REFUSALS = {
    408: "O pedido demorou demais para chegar.",
    431: "O pedido tem cabeçalhos demais, ou grandes demais.",
    503: "O servidor já atende tantas conexões quantas pode. Tente de novo em alguns segundos.",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds, bytes and numbers of connections.

    ``of_one`` are those of one network of which none has shown a valid token; ``shared`` networks have twenty times as
    many, ``trusted`` ones (proxies) no bound of their own. Where these
    are ``introduced``, each of their connections begins with the PROXY protocol's header.
    """

    head_seconds: float = 10.0
    reading_seconds: float = 30.0
    idle_seconds: float = 15.0
    parting_seconds: float = 0.5
    headers: int = 100
    head_bytes: int = 16 * 1024
    of_one: int = 100
    total: int = 2_000
    shared: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    introduced: bool = False


def in_any(address: str | None, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Tell whether an address is in one of some networks."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    return any(found in network for network in networks)


class Sockets:
    """The connections of one process, counted by network."""

    def __init__(self, bounds: Bounds = Bounds()) -> None:
        self.bounds = bounds
        self.heads = Timers(bounds.head_seconds)
        self.reading = Timers(bounds.reading_seconds)
        self.idle = Timers(bounds.idle_seconds)
        self.parting = Timers(bounds.parting_seconds)
        self._shared = [ip_network(one, strict=False) for one in bounds.shared]
        self._trusted = [ip_network(one, strict=False) for one in bounds.trusted]
        self._strangers: Counter[str] = Counter()
        self._of: Counter[object] = Counter()
        self._silent: dict[str, dict[asyncio.Transport, None]] = {}
        """Connections that haven't said anything whole, by network, the oldest first."""
        self.open = 0

    def enter(self, network: str) -> bool:
        """Count a connection; tell whether there was a place for it."""
        self.open += 1
        self._strangers[network] += 1
        return self.open <= self.bounds.total and self._strangers[network] <= self._most(network)

    def wait(self, network: str, one: asyncio.Transport) -> None:
        """Wait for what a connection has to say, unless there are too many.

        Past the bounds whoever comes may still say who they are, but of one network no more than as many as have a
        place: the one that has been silent for longest goes. Past all bounds whoever comes is turned away.
        """
        silent = self._silent.setdefault(network, {})
        silent[one] = None
        if self.open > self.bounds.total + _RESERVE:
            one.abort()
        elif self._strangers[network] > 2 * self._most(network):
            oldest = next(iter(silent))
            del silent[oldest]
            oldest.abort()

    def heard(self, network: str, one: asyncio.Transport) -> None:
        """Take note that a connection has said something whole, or is gone."""
        silent = self._silent.get(network)
        if silent is not None:
            silent.pop(one, None)
            if not silent:
                del self._silent[network]

    def known(self, network: str, who: object) -> bool:
        """Count a connection by who has shown a valid token on it, no more by its network; False if they have many."""
        if self._of[who] >= self.bounds.of_one:
            return False
        self._of[who] += 1
        self._gone(self._strangers, network)
        return True

    def leave(self, network: str, who: object) -> None:
        """Count a connection no more; ``who`` has shown a token on it, or None."""
        self.open -= 1
        if who is None:
            self._gone(self._strangers, network)
        else:
            self._gone(self._of, who)

    @staticmethod
    def _gone(counted: Counter[Any], whose: object) -> None:
        counted[whose] -= 1
        if counted[whose] <= 0:
            del counted[whose]

    def introduced(self, address: str | None) -> bool:
        """Tell whether a connection of this address has to say first whom it speaks for."""
        return self.bounds.introduced and bool(self._trusted) and (address is None or in_any(address, self._trusted))

    def _most(self, network: str) -> float:
        address = network.removesuffix("/64") + ("::" if network.endswith("/64") else "")
        if not network or in_any(address, self._trusted):
            return float("inf")
        return self.bounds.of_one * (20 if in_any(address, self._shared) else 1)


def network_of(address: str | None) -> str:
    """Name the network of an address: itself, or the /64 of an IPv6 address; nothing for a Unix socket."""
    if address is None or ":" not in address:
        return address or ""
    mapped = ip_address(address.partition("%")[0])
    if getattr(mapped, "ipv4_mapped", None) is not None:
        return str(mapped.ipv4_mapped)  # type: ignore[union-attr]  # an IPv6 address
    return f"{':'.join(mapped.exploded.split(':')[:4])}/64"


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
        super().data_received(data)
        if self._in_body and self._aside > self._sockets.bounds.head_bytes:
            self._refuse(431)
        if self._in_head:
            self._weigh()
            if self._timer is None:  # the rest of it may take some time, but not for ever
                self._wait_for_head()
        if self._timer is not None and self._head_received > self._sockets.bounds.head_bytes:
            self._refuse(431)

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
        """Begin to weigh the head of a request."""
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
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._weigh()
        if not self.placed and not self.url.startswith(ALWAYS) and b"authorization" not in dict(self.headers):
            self._refuse(503)
        self._in_head, self._in_body = False, True
        self._sockets.heard(self._network, self.transport)
        if not self._refused:
            self.begin()

    def begin(self) -> None:
        """Begin the request: as uvicorn does; the last one, once the server ends."""
        self.expect_100_continue = dict(self.headers).get(b"expect", b"").lower() == b"100-continue"
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
        if self.url_begun:
            self._refuse(408)
        elif not self.transport.is_closing():
            self.transport.close()

    @property
    def url_begun(self) -> bool:
        """Whether anything was asked yet."""
        return bool(getattr(self, "url", b""))

    def _weigh(self) -> None:
        bounds = self._sockets.bounds
        if self._head_bytes > bounds.head_bytes or self._fields > bounds.headers:
            self._refuse(431)

    def know(self, who: object) -> None:
        """Take note of who has shown a good token."""
        if self._who is None and self._sockets.known(self._network, who):
            self._who = who

    def _refuse(self, status: int) -> None:
        """Answer without the application, and close."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        if self._in_head and self._answers():  # what was asked before is answered, and then it is closed
            self.cycle.keep_alive = False
            return
        words = _REFUSALS[status].encode()
        retry = b"retry-after: 5\r\n" if status == 503 else b""
        head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n" % len(words)
        self.transport.write(b"".join([STATUS_LINE[status], head, retry, b"\r\n", words]))
        self.transport.close()
