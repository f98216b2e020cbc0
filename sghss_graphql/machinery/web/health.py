"""``/healthz`` says that the process lives; ``/readyz``, that it can serve. And what a passer-by asks for first."""

import gzip
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sghss_graphql.machinery.web.heads import takes_gzip

_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0a6ebd"/>'
    '<path d="M6.5 3h3v3.5H13v3H9.5V13h-3V9.5H3v-3h3.5z" fill="#fff"/></svg>'
)


def health_routes(ready: Callable[[], Awaitable[bool]]) -> list[Route]:
    """Make both routes; ``ready`` tells whether requests can be served now."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        return PlainTextResponse("ok") if await ready() else PlainTextResponse("indisponível", status_code=503)

    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]


def plain_routes(keys: Mapping[str, Any], *, page: bool, schema: str | None) -> list[Route]:
    """Make the routes of what is the same for everybody: the entrance, its picture, the public keys of tokens.

    And the ``schema``, if whoever asks may know it; a tool that has it already is told so (RFC 9110, section 13.1.2).
    Nothing of the request is in the answers: an address that they name is relative.
    """

    more = {} if schema is None else {"schema": "/schema.graphql"}
    plain = (schema or "").encode()
    packed, tag = gzip.compress(plain, mtime=0), f'"{sha256(plain).hexdigest()[:32]}"'

    async def entrance(request: Request) -> Response:
        if page and "text/html" in request.headers.get("accept", ""):
            return Response(status_code=307, headers={"location": "/graphql"})
        return JSONResponse({"graphql": "/graphql", "saude": "/healthz", "prontidao": "/readyz", **more})

    async def favicon(_: Request) -> Response:
        return Response(_PICTURE, media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"})

    async def jwks(_: Request) -> Response:
        return JSONResponse(keys, headers={"cache-control": "public, max-age=300"})

    async def sdl(request: Request) -> Response:
        headers = {"etag": tag, "cache-control": "no-cache", "vary": "accept-encoding"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if takes_gzip(request.headers.get("accept-encoding", "").encode("latin-1")):
            return PlainTextResponse(packed, headers={**headers, "content-encoding": "gzip"})
        return PlainTextResponse(plain, headers=headers)

    return [
        *([] if schema is None else [Route("/schema.graphql", sdl, methods=["GET"])]),
        Route("/", entrance, methods=["GET"]),
        Route("/favicon.ico", favicon, methods=["GET"]),
        Route("/.well-known/jwks.json", jwks, methods=["GET"]),
    ]
