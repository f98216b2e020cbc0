"""The GraphQL endpoint: POST and GET by the GraphQL-over-HTTP specification (September 2025 draft).

With ``application/graphql-response+json`` a request that was refused before it ran is 400; with
``application/json`` it is 200, as the specification has it for old clients. GET never writes. Batches are off.
"""

import gzip
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

from sghss_graphql.machinery.deadline import Timers
from sghss_graphql.machinery.engine import Request
from sghss_graphql.machinery.engine.execution import log_fault, refusal
from sghss_graphql.machinery.faults import Malformed, Tell
from sghss_graphql.machinery.web.body import BYTES_OF_A_STRANGER, parse_json, read_body
from sghss_graphql.machinery.web.documents import Documents
from sghss_graphql.machinery.web.origin import Origins

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
_CONTENT_TYPE = {name: f"{name}; charset=utf-8".encode() for name in (JSON, GRAPHQL_JSON)}
_WORTH_COMPRESSING = 1024  # bytes
_RANGES = {
    GRAPHQL_JSON: GRAPHQL_JSON,
    JSON: JSON,
    "application/*": JSON,
    "*/*": JSON,
}


class NotAcceptable(Malformed):
    """The client accepts nothing that we can send."""

    status = 406
    words = f"A resposta é em {GRAPHQL_JSON} ou {JSON}: aceite um deles no cabeçalho Accept."


class PersistedQueryNotSupported(Malformed):
    """An automatic persisted query, as Apollo sends them: it falls back to the whole text when it is told this."""

    status = 200
    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    words = "PersistedQueryNotSupported"


@dataclass(slots=True)
class Caller:
    """Where a request comes from: its Authorization header, as it was sent, and its address, if it has them.

    ``placed`` is whether there is a place for a stranger's connection; ``known`` is called when the token is good.
    ``left`` is set by whoever lets them in: how many requests the caller may send now, and the seconds until they are
    all there again.
    """

    authorization: str | None
    address: str | None
    placed: bool = True
    known: Callable[[], None] = lambda: None
    left: tuple[int, int] | None = None
    compressible: bool = False
    """Whether no secret of theirs stands in the answer, beside text that somebody else may have chosen (BREACH)."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A caller who was let in: whether it is known who they are, what hears of their work, and what answers them.

    ``charge`` is given the share of the most that one request may be; ``answer`` a request, and its id.
    """

    known: bool
    charge: Callable[[float], None]
    answer: Callable[[Request, str], Awaitable[dict[str, Any]]]


Admit = Callable[[Caller], Awaitable[Admitted]]
"""Lets a caller in, before anything of the body is read; raises where they aren't."""


class GraphQLEndpoint:
    """The ASGI application that reads requests, has them answered, and writes the answers."""

    def __init__(
        self,
        admit: Admit,
        tell: Tell,
        origins: Origins,
        documents: Documents,
        *,
        body_bytes: int,
        body_seconds: float,
    ) -> None:
        self._admit = admit
        self._tell = tell
        self._origins = origins
        self._documents = documents
        self._body_bytes = body_bytes
        self._patience = Timers(body_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = _fields(scope["headers"])
        media_type = accepted(headers.get(b"accept"))
        caller = self._caller(scope, headers)
        try:
            if media_type is None:
                raise NotAcceptable
            admitted = await self._admit(caller)
            request = await self._read(scope, headers, receive, admitted)
            result = await admitted.answer(request, scope["request_id"])
            status = 200 if "data" in result or media_type == JSON else 400
        except Exception as raised:  # noqa: BLE001 - the outermost boundary: nothing of a fault's words leaves
            status, result = self._refused(scope, raised)
        if "errors" in result:
            scope["codes"] = [error["extensions"]["code"] for error in result["errors"]]
        body, more = orjson.dumps(result), _told_apart(scope, caller)
        if len(body) > _WORTH_COMPRESSING and caller.compressible and _takes_gzip(headers):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            more += [(b"content-encoding", b"gzip")]
        await _send(send, body, media_type or JSON, status, [*more, (b"vary", b"accept-encoding")])

    def _caller(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Caller:
        authorization = headers.get(b"authorization", b"").decode("latin-1") or None
        address = self._origins.address(scope, headers)
        return Caller(authorization, address, scope.get("placed", True), scope.get("known", _nothing))

    def _asked(self, body: Any) -> Any:
        """Put the text of a document that is known in place of its id."""
        if not isinstance(body, dict):
            return body
        extensions = body.get("extensions")
        if body.get("query") is None and isinstance(extensions, dict) and "persistedQuery" in extensions:
            raise PersistedQueryNotSupported
        return {**body, "query": self._documents.text(body)}

    def _refused(self, scope: Scope, raised: Exception) -> tuple[int, dict[str, Any]]:
        told = self._tell(raised)
        scope["wait"] = told.wait
        if told.ours:
            log_fault(raised, scope["request_id"])
        if isinstance(raised, PersistedQueryNotSupported):
            told = replace(told, code=raised.code)
        return getattr(raised, "status", told.status), refusal(told, scope["request_id"])

    async def _read(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, admitted: Admitted
    ) -> Request:
        if scope["method"] == "POST":
            most = self._body_bytes if admitted.known else min(self._body_bytes, BYTES_OF_A_STRANGER)
            text = await read_body(headers, receive, most_bytes=most, patience=self._patience)
            admitted.charge(len(text) / most)
            body = parse_json(text)
            return _request(self._asked(body), read_only=False)
        parameters: dict[str, Any] = dict(QueryParams(scope["query_string"]))
        for name in ("variables", "extensions"):
            written = parameters.pop(name, "")
            if written:  # some clients send an empty one
                parameters[name] = parse_json(written)
        return _request(self._asked(parameters), read_only=True)


def _fields(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Give the headers by name; those of one name are one list (RFC 9110, section 5.3)."""
    fields = dict(headers)
    if len(fields) < len(headers):
        lists: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            lists.setdefault(name, []).append(value)
        fields = {name: b", ".join(values) for name, values in lists.items()}
    return fields


def _takes_gzip(headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether the caller takes gzip (RFC 9110, section 12.5.3)."""
    for part in headers.get(b"accept-encoding", b"").decode("latin-1").split(","):
        coding, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if coding in ("gzip", "*"):
            return _quality(parameters) > 0
    return False


def _nothing() -> None:
    """Do nothing: what a server that counts no connections is told."""


def _told_apart(scope: Scope, caller: Caller) -> list[tuple[bytes, bytes]]:
    """Give the headers that say how often the caller may ask (IETF draft RateLimit header fields, RFC 9110 10.2.3)."""
    found = []
    if caller.left is not None:
        found.append((b"ratelimit", b'"pedidos";r=%d;t=%d' % caller.left))
    if scope.get("wait"):
        found.append((b"retry-after", b"%d" % math.ceil(scope["wait"])))
        found.append((b"connection", b"close"))  # what was sent behind it, and would be refused too, isn't read
    return found


async def _send(
    send: Send, body: bytes, media_type: str, status: int, more: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    headers = [(b"content-type", _CONTENT_TYPE[media_type]), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@lru_cache(maxsize=100)
def accepted(header: bytes | None) -> str | None:
    """Give the media type to answer in: the client's best among ours; None if it accepts neither.

    Quality values are read (RFC 9110, section 12.4.2); at the same quality, what stands first wins.
    """
    if not header:
        return JSON
    best, best_quality = None, 0.0
    for part in header.decode("latin-1").split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        ours = _RANGES.get(media_range)
        quality = _quality(parameters)
        if ours is not None and quality > best_quality:
            best, best_quality = ours, quality
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _request(body: Any, *, read_only: bool) -> Request:
    """Read the parameters of a GraphQL request.

    Raises:
        Malformed: one is missing or of another type.
    """
    if not isinstance(body, dict):
        raise Malformed("Envie um objeto JSON com query, e um pedido por vez.")
    query, variables = body.get("query"), body.get("variables")
    name, extensions = body.get("operationName"), body.get("extensions")
    if not isinstance(query, str) or not query.strip():
        raise Malformed("Falta query, o texto da operação GraphQL.")
    if not isinstance(variables, dict | None) or not isinstance(extensions, dict | None):
        raise Malformed("variables e extensions são objetos JSON.")
    if not isinstance(name, str | None):
        raise Malformed("operationName é um texto.")
    return Request(query=query, variables=variables or {}, operation_name=name or None, read_only=read_only)
