"""A body is read whole or not at all: bounded in bytes and in seconds, and strict JSON.

Refused: NaN, duplicate keys, lone surrogates, invalid UTF-8, nesting past orjson's 1,024 levels; compressed
bodies; anything that isn't application/json (a form can be sent from any page: CVE-2024-47082).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.types import Receive

from sghss_graphql.machinery.deadline import Timers, within
from sghss_graphql.machinery.faults import Excess, Malformed

_OF_A_STRANGER = 64 * 1024  # bytes


class UnsupportedMediaType(Malformed):
    """The body is of another media type, or compressed."""

    status = 415
    words = "Envie o pedido em JSON, com Content-Type: application/json e sem compressão."


class SlowBody(Malformed):
    """The body didn't arrive in time."""

    status = 408
    words = "O corpo do pedido demorou demais para chegar."


async def read_json(
    headers: Mapping[bytes, bytes], receive: Receive, *, most_bytes: int, known: Callable[[], bool], patience: Timers
) -> Any:
    """Read a request's body as JSON; of more than 64 KiB only if the caller is ``known``.

    Raises:
        UnsupportedMediaType, SlowBody, Excess, Malformed: the body isn't what it must be.
    """
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media_type != b"application/json" or headers.get(b"content-encoding", b"identity") != b"identity":
        raise UnsupportedMediaType
    declared = headers.get(b"content-length", b"")
    if declared.isdigit():
        _require_small(int(declared), most_bytes, known)
    try:
        body = await within(patience, _read(receive, most_bytes, known))
    except TimeoutError:
        raise SlowBody from None
    return parse_json(body)


def _require_small(size: int, most_bytes: int, known: Callable[[], bool]) -> None:
    if size > most_bytes or (size > _OF_A_STRANGER and not known()):
        raise Excess


async def _read(receive: Receive, most_bytes: int, known: Callable[[], bool]) -> bytes:
    message = await receive()
    body = bytearray(message.get("body", b""))
    while message["type"] == "http.request" and message.get("more_body"):
        _require_small(len(body), most_bytes, known)
        message = await receive()
        body += message.get("body", b"")
    if message["type"] != "http.request":  # the caller went away
        raise Malformed
    _require_small(len(body), most_bytes, known)
    return bytes(body)


def parse_json(text: bytes | str) -> Any:
    """Parse strict JSON.

    Raises:
        Malformed: it isn't.
    """
    try:
        orjson.loads(text)
        return _DECODER.decode(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError):
        raise Malformed("O corpo do pedido não é JSON válido.") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_without_duplicates)
