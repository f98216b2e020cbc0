"""The GraphiQL page is static files under ``/graphiql/``, and ``/graphql`` itself for a browser that opens it.

It asks no other host, and its policy lets it: scripts come from here alone, and only Monaco's styles are inline.
Who may log in to a demo stands in ``/graphiql/entrada.json``.
"""

import html
import importlib.resources
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers, QueryParams
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; font-src 'self' data:;"
    " img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
_FOREVER = "public, max-age=31536000, immutable"  # Vite writes a file's hash into its name
_MISSING = """<!doctype html>
<html lang="pt-BR">
<meta charset="utf-8">
<title>SGHSS GraphQL</title>
<h1>A API está no ar, mas a página GraphiQL não foi montada</h1>
<p>{reason}</p>
<p>Para montá-la: <code>make pagina</code>, na pasta do projeto, e depois reinicie o servidor. A API não precisa dela:
envie as operações por POST a <code>/graphql</code>.</p>
</html>
"""

People = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """Where the built page is; without it, ``reason`` says why."""

    folder: Path
    reason: str = ""

    @property
    def built(self) -> bool:
        """Whether there is a page to show."""
        return (self.folder / "index.html").is_file()


def find_page() -> Page:
    """Find the page: inside an installed wheel, or built beside the environment's programs."""
    packaged = Path(str(importlib.resources.files("sghss_graphql"))) / "pagina"
    if packaged.is_dir():
        return Page(packaged)
    place = Path(sys.prefix) / "pagina"
    written = place / "motivo.txt"
    reason = written.read_text(encoding="utf-8").strip() if written.is_file() else "Ela ainda não foi montada."
    return Page(place / "dist", reason)


class PageForBrowsers:
    """ASGI application: the page for a browser that opens the address; for a program that asks, what stands behind.

    A browser names text/html, and sends no operation.
    """

    def __init__(self, page: Page, behind: ASGIApp) -> None:
        self._page = page
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app = _page_response(self._page) if scope["method"] == "GET" and _wants_page(scope) else self._behind
        await app(scope, receive, send)


def _wants_page(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "") and "query" not in QueryParams(scope["query_string"])


def _page_response(page: Page) -> Response:
    """Give the page, or say why there is none and what to do."""
    headers = {"content-security-policy": POLICY}
    if not page.built:
        missing = _MISSING.format(reason=html.escape(page.reason))
        return HTMLResponse(missing, status_code=503, headers=headers)
    return HTMLResponse(_index(page.folder), headers=headers)


@lru_cache(maxsize=4)
def _index(folder: Path) -> bytes:
    """Read the page once: nobody waits for a disk."""
    return (folder / "index.html").read_bytes()


def graphiql_routes(page: Page, people: People) -> list[Route | Mount]:
    """Make the routes under ``/graphiql``; ``people`` are those of the demo, each with a password to log in with."""

    async def entrance(_: Request) -> Response:
        return JSONResponse({"demonstracao": list(people)})

    routes: list[Route | Mount] = [Route("/graphiql/entrada.json", entrance, methods=["GET"])]
    if page.built:
        routes.append(Mount("/graphiql", _Policy(GZipMiddleware(StaticFiles(directory=page.folder)))))
    return routes


class _Policy:
    """ASGI middleware: the policy on every file (a worker obeys its own), and a long life for what has a hash."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one file."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [(b"content-security-policy", POLICY.encode())]
                if message["status"] == 200 and "/assets/" in scope["path"]:
                    more.append((b"cache-control", _FOREVER.encode()))
                message["headers"] = [*message.get("headers", ()), *more]
            await send(message)

        await self._app(scope, receive, send_with_headers)
