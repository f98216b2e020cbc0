"""A body is read whole or not at all: bounded in bytes and in seconds, and strict JSON.

Refused: NaN, duplicate keys, lone surrogates, invalid UTF-8, nesting past orjson's 1,024 levels; compressed
bodies; anything that isn't application/json (a form can be sent from any page: CVE-2024-47082).
"""

import json
import re
from typing import Any

import orjson
from starlette.types import Receive

from sghss_graphql.machinery.deadline import Timers, within
from sghss_graphql.machinery.engine.limits import values_in
from sghss_graphql.machinery.faults import Excess, Malformed

BYTES_OF_A_STRANGER = 64 * 1024
"""The largest body of whoever hasn't shown who they are."""


class SlowBody(Malformed):
    """The body didn't arrive in time."""

    status = 408
    words = "O corpo do pedido demorou demais para chegar."


async def read_body(receive: Receive, *, most_bytes: int, patience: Timers) -> bytes:
    """Read a request's body.

    Raises:
        SlowBody, Excess, Malformed: it doesn't come, or isn't what it must be.
    """
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
        read = orjson.loads(text)
        if len(text) > _MOST_VALUES and values_in(read, _MOST_VALUES) > _MOST_VALUES:  # each is written with one
            raise _too_many()
        if _is_canonical(read, text):
            return read
        written = len(_KEY.findall(text if isinstance(text, bytes) else text.encode()))
        if written == _keys_in(read):  # there are no fewer in the text than were read: none of them came twice
            return read
        if written > 2 * _MOST_VALUES:  # what reads it with an eye on its keys would hold everyone up
            raise _too_many()
        return _DECODER.decode(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError):
        raise Malformed("O corpo do pedido não é JSON válido.") from None


def _is_canonical(read: Any, text: bytes | str) -> bool:
    """Tell whether a text is as JSON.stringify writes it: what can be written again to the letter has no key twice."""
    try:
        return orjson.dumps(read) == text
    except TypeError:  # it is read more deeply than it is written
        return False


def _too_many() -> Excess:
    return Excess(f"O corpo do pedido traz valores demais: o máximo é {_MOST_VALUES}; divida-o em partes.")


def _keys_in(read: Any) -> int:
    """Count the keys of all objects."""
    found, pending = 0, [read]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            found += len(value)
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return found


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


_MOST_VALUES = 20_000
_KEY = re.compile(rb'"[ \t\r\n]*:')
"""The end of a key; in a text there are more of them, where a string holds one."""
_DECODER = json.JSONDecoder(object_pairs_hook=_without_duplicates)
