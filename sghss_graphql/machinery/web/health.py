"""``/healthz`` says that the process lives; ``/readyz``, that it can serve."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


def health_routes(ready: Callable[[], Awaitable[bool]]) -> list[Route]:
    """Make both routes; ``ready`` tells whether requests can be served now."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        return PlainTextResponse("ok") if await ready() else PlainTextResponse("indisponível", status_code=503)

    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]
