"""A body is read whole or not at all: bounded in bytes and in seconds, and strict JSON.

Refused: NaN, duplicate keys, lone surrogates, invalid UTF-8, nesting past orjson's 1,024 levels; compressed
bodies; anything that isn't application/json (a form can be sent from any page: CVE-2024-47082).
"""

import json
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.types import Receive

from sghss_graphql.machinery.deadline import Timers, within
from sghss_graphql.machinery.engine.limits import values_in
from sghss_graphql.machinery.faults import Excess, Malformed

BYTES_OF_A_STRANGER = 64 * 1024
"""The largest body of whoever hasn't shown who they are."""


class UnsupportedMediaType(Malformed):
    """The body is of another media type, or compressed."""

    status = 415
    words = "Envie o pedido em JSON, com Content-Type: application/json e sem compressão."


class SlowBody(Malformed):
    """The body didn't arrive in time."""

    status = 408
    words = "O corpo do pedido demorou demais para chegar."


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, *, most_bytes: int, patience: Timers) -> bytes:
    """Read a request's body, which says that it is JSON.

    Raises:
        UnsupportedMediaType, SlowBody, Excess, Malformed: the body isn't what it must be.
    """
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media_type != b"application/json" or headers.get(b"content-encoding", b"identity") != b"identity":
        raise UnsupportedMediaType
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > most_bytes:
        raise Excess
    try:
        return await within(patience, _read(receive, most_bytes))
    except TimeoutError:
        raise SlowBody from None


async def _read(receive: Receive, most_bytes: int) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":  # the caller went away
            raise Malformed
        body += message.get("body", b"")
        if len(body) > most_bytes:
            raise Excess
        more = message.get("more_body", False)
    return bytes(body)


def parse_json(text: bytes | str) -> Any:
    """Parse strict JSON.

    Raises:
        Malformed: it isn't.
        Excess: it holds more values than any operation may take.
    """
    try:
        if values_in(orjson.loads(text), _MOST_VALUES) > _MOST_VALUES:
            raise Excess(f"O corpo do pedido traz valores demais: o máximo é {_MOST_VALUES}; divida-o em partes.")
        return _DECODER.decode(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError):
        raise Malformed("O corpo do pedido não é JSON válido.") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


_MOST_VALUES = 20_000
_DECODER = json.JSONDecoder(object_pairs_hook=_without_duplicates)
