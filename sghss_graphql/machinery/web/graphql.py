"""The GraphQL endpoint: POST and GET by the GraphQL-over-HTTP specification (September 2025 draft).

With ``application/graphql-response+json`` a request that was refused before it ran is 400; with
``application/json`` it is 200, as the specification has it for old clients. GET never writes. Batches are off.
"""

import asyncio
import gzip
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

from sghss_graphql.machinery.deadline import Timers
from sghss_graphql.machinery.engine import Request
from sghss_graphql.machinery.engine.telling import log_fault, refusal
from sghss_graphql.machinery.faults import Excess, Malformed, Tell
from sghss_graphql.machinery.web.body import BYTES_OF_A_STRANGER, parse_json, read_body
from sghss_graphql.machinery.web.documents import Documents
from sghss_graphql.machinery.web.heads import GRAPHQL_JSON, JSON, Head, as_text, fields
from sghss_graphql.machinery.web.metrics import About
from sghss_graphql.machinery.web.origin import Origins

_CONTENT_TYPE = {name: f"{name}; charset=utf-8".encode() for name in (JSON, GRAPHQL_JSON)}
_LONGEST_KEY = 255
_OBJECTS = "variables e extensions são objetos JSON."
_NOT_ALLOWED = 405
_WORTH_COMPRESSING = 1024  # bytes
_SOON_COMPRESSED = 65_536  # bytes: in a millisecond; more isn't done in the loop


class NotAcceptable(Malformed):
    """The client accepts nothing that we can send."""

    status = 406
    words = f"A resposta é em {GRAPHQL_JSON} ou {JSON}: aceite um deles no cabeçalho Accept."


class PersistedQueryNotSupported(Malformed):
    """An automatic persisted query, as Apollo sends them: it falls back to the whole text when it is told this."""

    status = 200
    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    words = "PersistedQueryNotSupported"


def _nobody(who: object) -> None:
    """Take no note of who has shown a good token."""
    del who


@dataclass(slots=True)
class Caller:
    """Where a request comes from: its Authorization header, as it was sent, and its address, if it has them.

    ``placed`` is whether there is a place for a stranger's connection; ``known`` is told whose good token it is.
    ``left`` is set by whoever lets them in: how many requests the caller may send now, and the seconds until they are
    all there again.
    """

    authorization: str | None
    address: str | None
    placed: bool = True
    known: Callable[[object], None] = _nobody
    token: bytes | None = None
    """The hash of the header."""
    left: tuple[int, int] | None = None
    compressible: bool = False
    """Whether no secret of theirs stands in the answer, beside text that somebody else may have chosen (BREACH)."""
    about: About | None = None
    """What the log says of the request, once it is known."""
    lapsed: Exception | None = None
    """What they are told in place of being refused for the size alone: the token that they sent is good no more, and
    with a good one they might have asked for as much."""


@dataclass(slots=True)
class Admitted:
    """A caller who was let in: whether it is known who they are, what hears of their work, and what answers them.

    ``charge`` is given the share of the most that one request may be; ``answer`` a request, and its id.
    """

    known: bool
    charge: Callable[[float], None]
    answer: Callable[[Request, str], Awaitable[dict[str, Any]]]


Admit = Callable[[Caller], Awaitable[Admitted]]
"""Lets a caller in, before anything of the body is read; raises where they aren't."""


@dataclass(slots=True)
class Asked:
    """One request, whichever way it came: ``body`` is what was read of it already, or reads up to so many bytes."""

    method: str
    query_string: bytes
    head: Head
    authorization: str | None
    client: tuple[str, int] | None
    body: bytes | Callable[[int], Awaitable[bytes]]
    request_id: str
    placed: bool = True
    known: Callable[[object], None] = _nobody


@dataclass(slots=True)
class Answered:
    """What is sent back; ``codes`` of its errors, and what there is to say ``about`` it, are for the log."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    codes: Sequence[str] = ()
    about: About | None = None


class GraphQLEndpoint:
    """Reads requests, has them answered, and writes the answers; an ASGI application."""

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
        self._excess = [tell(Excess()).code]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def body(most: int) -> bytes:
            return await read_body(receive, most_bytes=most, patience=self._patience)

        headers = fields(scope["headers"])
        asked = Asked(
            method=scope["method"],
            query_string=scope["query_string"],
            head=Head.of(headers),
            authorization=as_text(headers.get(b"authorization")),
            client=scope.get("client"),
            body=body,
            request_id=scope["request_id"],
            placed=scope.get("placed", True),
            known=scope.get("known", _nobody),
        )
        answered = await self.answer(asked)
        scope["codes"], scope["about"] = answered.codes, answered.about
        await send({"type": "http.response.start", "status": answered.status, "headers": answered.headers})
        await send({"type": "http.response.body", "body": answered.body})

    async def answer(self, asked: Asked) -> Answered:
        """Give the answer to a request, whatever becomes of it."""
        head, wait = asked.head, 0.0
        media_type = head.media_type
        address = self._origins.address(asked.client, head.hops)
        caller = Caller(asked.authorization, address, asked.placed, asked.known, head.token)
        try:
            if media_type is None:
                raise NotAcceptable
            admitted = await self._admit(caller)
            request = await self._read(asked, admitted)
            result = await admitted.answer(request, asked.request_id)
            status = 200 if "data" in result or media_type == JSON else 400
        except Exception as raised:  # noqa: BLE001 - the outermost boundary: nothing of a fault's words leaves
            status, wait, result = self._refused(asked.request_id, raised)
        codes = _codes(result)
        if caller.lapsed is not None and codes == self._excess and not wait:
            status, result = min(status, 400), refusal(self._tell(caller.lapsed), asked.request_id)
            codes = _codes(result)
        body, more = orjson.dumps(result), _told_apart(caller, status, wait)
        if len(body) > _WORTH_COMPRESSING and caller.compressible and head.takes_gzip:
            body = _gzip(body) if len(body) <= _SOON_COMPRESSED else await asyncio.to_thread(_gzip, body)
            more.append((b"content-encoding", b"gzip"))
        kind = _CONTENT_TYPE[media_type or JSON]
        headers_sent = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *more]
        return Answered(status, headers_sent, body, codes, caller.about)

    def _refused(self, request_id: str, raised: Exception) -> tuple[int, float, dict[str, Any]]:
        """Give the status, the seconds to wait, and the words for what was raised."""
        told = self._tell(raised)
        if told.ours:
            log_fault(raised, request_id)
        if isinstance(raised, PersistedQueryNotSupported):
            told = replace(told, code=raised.code)
        return getattr(raised, "status", told.status), told.wait or 0.0, refusal(told, request_id)

    async def _read(self, asked: Asked, admitted: Admitted) -> Request:
        if asked.method == "POST":
            most = self._body_bytes if admitted.known else min(self._body_bytes, BYTES_OF_A_STRANGER)
            asked.head.require_json(most)
            text = asked.body if isinstance(asked.body, bytes) else await asked.body(most)
            admitted.charge(len(text) / most)
            body = parse_json(text)
            key = asked.head.key
            return self._request(body, read_only=False, key=_key(key) if key is not None else None)
        parameters: dict[str, Any] = dict(QueryParams(asked.query_string))
        for name in ("variables", "extensions"):
            written = parameters.pop(name, "")
            if written:  # some clients send an empty one
                parameters[name] = parse_json(written)
        return self._request(parameters, read_only=True)

    def _request(self, body: Any, *, read_only: bool, key: bytes | None = None) -> Request:
        """Read the parameters of a GraphQL request; the text of a document that is known stands for its id.

        Raises:
            Malformed: one is missing or of another type.
            PersistedQueryNotSupported: it has no text, but the hash of one.
        """
        if not isinstance(body, dict):
            raise Malformed("Envie um objeto JSON com query, e um pedido por vez.")
        variables, extensions, name = body.get("variables"), body.get("extensions"), body.get("operationName")
        if isinstance(extensions, dict) and "persistedQuery" in extensions and _names_nothing(body):
            raise PersistedQueryNotSupported
        query = self._documents.text(body)
        if not isinstance(query, str) or not query or query.isspace():
            raise Malformed("Falta query, o texto da operação GraphQL.")
        if variables is not None and not isinstance(variables, dict):
            raise Malformed(_OBJECTS)
        if extensions is not None and not isinstance(extensions, dict):
            raise Malformed(_OBJECTS)
        if name is not None and not isinstance(name, str):
            raise Malformed("operationName é um texto.")
        return Request(query, variables or {}, name or None, read_only=read_only, idempotency_key=key)


def _names_nothing(body: Mapping[str, Any]) -> bool:
    return body.get("query") is None and body.get("documentId") is None


def _codes(result: Mapping[str, Any]) -> list[str]:
    """Give the codes of a result's errors."""
    return [error["extensions"]["code"] for error in result["errors"]] if "errors" in result else []


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=1, mtime=0)


def _told_apart(caller: Caller, status: int, wait: float) -> list[tuple[bytes, bytes]]:
    """Give the headers that say how often the caller may ask, and how (IETF draft RateLimit headers, RFC 9110)."""
    found = [(b"vary", b"accept-encoding")]
    if caller.left is not None:
        found.append((b"ratelimit", b'"pedidos";r=%d;t=%d' % caller.left))
    if status == _NOT_ALLOWED:
        found.append((b"allow", b"POST"))
    if wait:
        found.append((b"retry-after", b"%d" % math.ceil(wait)))
        found.append((b"connection", b"close"))  # what was sent behind it, and would be refused too, isn't read
    return found


def _key(header: bytes) -> bytes:
    """Read an Idempotency-Key: a string in quotes, as the draft has it, or without, as it is often sent.

    Raises:
        Malformed: it is empty, too long, or has other characters than those of ASCII that one sees.
    """
    key = header[1:-1] if header[:1] == header[-1:] == b'"' and len(header) > 1 else header
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isascii() or not key.decode().isprintable():
        raise Malformed(f"Idempotency-Key tem de 1 a {_LONGEST_KEY} caracteres de ASCII: um UUID, por exemplo.")
    return key
