"""Each request leaves a line in the log and its figures: who asked for what, how long it took; no value that they sent.

What an operation is called is the word of whoever wrote it: of those alone that were run it is there.

A line is text for people, or JSON for what collects logs. A slow operation leaves its line whatever else is left out.
"""

import logging
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

from pythonjsonlogger.orjson import OrjsonFormatter

from sghss_graphql.machinery.web.metrics import About, Served

log = logging.getLogger("sghss.http")
_NOBODY = About()
_PATHS = frozenset({"/graphql", "/healthz", "/readyz"})
_METHODS = frozenset({"GET", "POST", "OPTIONS", "HEAD"})
_NAME = re.compile(r"([_A-Za-z][_0-9A-Za-z]*)")
_LONG_NUMBER = re.compile(r"\d{5}")
_NAMED = re.compile(r"\s*(?:query|mutation|subscription)\s+([_A-Za-z][_0-9A-Za-z]*)")
_LONGEST_NAME = 64
_SHORT = 2_000  # characters of a text of which the name is remembered
Format = Literal["texto", "json"]
Tell = Callable[[str, int, float, About], None]
"""Hears of each operation that is answered: the request's id, its status, seconds, and what is known of it."""


def configure_log(form: Format = "texto") -> None:
    """Write the log to standard error, a line an event; uvicorn's own words only when something is wrong."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # nobody asks for them
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def formatter(form: Format) -> logging.Formatter:
    """Give what writes an event out."""
    if form == "texto":
        return logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    return OrjsonFormatter(
        ["asctime", "levelname", "name", "message"],
        rename_fields={"asctime": "instante", "levelname": "nivel", "name": "de", "message": "mensagem"},
    )


def operation_name(text: str, told: str | None) -> str:
    """Give the name of an operation: what the request says, or else what stands before the first brace of its text.

    A name in which a number could stand that tells of somebody isn't given.
    """
    return _name_of(text, told) if len(text) <= _SHORT else _find_name(text, told)


def _find_name(text: str, told: str | None) -> str:
    found = _NAMED.match(text) if told is None else _NAME.fullmatch(told)
    name = found[1] if found else ""
    return "" if len(name) > _LONGEST_NAME or _LONG_NUMBER.search(name) else name


_name_of = lru_cache(maxsize=500)(_find_name)


class Book:
    """Where requests are entered: all, or those that failed by our fault and those that took ``slow`` seconds."""

    def __init__(
        self, served: Served, *, every: bool = True, slow: float = float("inf"), traces: Tell | None = None
    ) -> None:
        self._served = served
        self.traces = traces
        self._every = every
        self._slow = slow

    def enter(
        self,
        request_id: str,
        method: str,
        path: str,
        status: int,
        seconds: float,
        codes: Sequence[str] = (),
        about: About | None = None,
    ) -> None:
        """Enter one request that is answered."""
        self._served.add(status, seconds, about)
        if self.traces is not None and about is not None:
            self.traces(request_id, status, seconds, about)
        slow = about is not None and about.seconds >= self._slow
        if not (self._every or slow or status >= 500):
            return
        about = about or _NOBODY
        said = {
            "requestId": request_id,
            "method": method if method in _METHODS else "other",
            "path": path if path in _PATHS else _family(path),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "codes": ",".join(dict.fromkeys(codes)) or "-",
            "operacao": about.operation or "-",
            "quem": about.caller or "-",
            "comandos": about.statements,
            "bancoMs": round(about.working * 1000, 1),
            "esperaMs": round(about.waiting * 1000, 1),
        }
        line = " ".join(f"{name}={value}" for name, value in said.items())
        log.log(logging.WARNING if slow else logging.INFO, "lenta %s" if slow else "%s", line, extra=said)


def _family(path: str) -> str:
    """Name a path that the log doesn't write out: what a caller typed stays out of it."""
    return "/graphiql" if path.startswith("/graphiql/") else "other"
