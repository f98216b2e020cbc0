"""What only the people who run the server are told, on an address of its own: ``/metrics``, and why it isn't ready.

It lives in a thread of the process that started the others, so that it answers whatever they are busy with.
"""

import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sghss_graphql.machinery.web.metrics import heard_from, summed
from sghss_graphql.machinery.web.requests import LocalNames

_STOP_SECONDS = 5.0

Condition = Callable[[], Awaitable[tuple[bool, Mapping[str, Any]]]]
"""Tells whether requests can be served now, and what of."""


def create_admin(
    folder: Path,
    condition: Condition,
    more: Callable[[], Awaitable[bytes]],
    close: Callable[[], Awaitable[None]],
    *,
    local: bool,
) -> Starlette:
    """Make the application; ``folder`` is where the processes leave their figures, ``more`` others.

    ``local`` is whether it is reached from this machine alone: then no other name is answered (DNS rebinding).
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await close()

    async def metrics(_: Request) -> Response:
        return Response(summed(folder) + await more(), headers={"content-type": CONTENT_TYPE_LATEST})

    async def readyz(_: Request) -> Response:
        ready, detail = await condition()
        processes = [{"pid": pid, "segundos": round(age, 1)} for pid, age in heard_from(folder).items()]
        return JSONResponse({"pronto": ready, **detail, "processos": processes}, status_code=200 if ready else 503)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    routes = [Route("/metrics", metrics), Route("/readyz", readyz), Route("/healthz", healthz)]
    app = Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(LocalNames)] if local else [])
    app.router.redirect_slashes = False
    return app


@contextmanager
def beside(app: Starlette, host: str, port: int) -> Iterator[int]:
    """Serve in a thread while inside; give the port.

    Raises:
        OSError: the address or its port can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening:
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, ws="none", lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), name="admin", daemon=True)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)
