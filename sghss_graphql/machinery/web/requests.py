"""Each request has an id: in its answer's ``X-Request-Id``, in every error, and in its line of the log.

What its line holds is of ``log.py``.
"""

import time
from ipaddress import ip_address

import uuid_utils
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sghss_graphql.machinery.web.log import Book

HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
"""Of every answer."""


class RequestLog:
    """ASGI middleware: gives the id, adds the headers, and enters the request in the book."""

    def __init__(self, app: ASGIApp, *, book: Book) -> None:
        self._app = app
        self._book = book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = request_id = uuid_utils.uuid7().hex
        started = time.perf_counter()
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message.get("headers", ())
                names = {name for name, _ in given}
                ours = [*HEADERS, (b"x-request-id", request_id.encode())]
                message["headers"] = [*given, *(header for header in ours if header[0] not in names)]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            seconds = time.perf_counter() - started
            codes, about = scope.get("codes", ()), scope.get("about")
            self._book.enter(request_id, scope["method"], scope["path"], status, seconds, codes, about)


class LocalNames:
    """ASGI middleware: answers to this machine's own names alone, so that no other site's name can be led here.

    A page of any site may have its own name resolved to this machine's address (DNS rebinding), and would then be of
    the same origin as the demo. An address, written as one, can't be led anywhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and not _is_local(dict(scope["headers"]).get(b"host", b"").decode("latin-1")):
            words = "Aqui só se atende por localhost ou por um endereço IP."
            await PlainTextResponse(words, status_code=421)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_local(host: str) -> bool:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name.lower() == "localhost" or name.lower().endswith(".localhost"):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
