"""What a request's head says is worked out once: one that comes again is known by its bytes.

A page asks with the same head again and again, and only its bodies differ; to read it, header by header, and to see
what each means, is a tenth of a small request (bench/README.md). What is kept of a head is kept by its hash, without
the token that stands in it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sghss_graphql.machinery.faults import Excess, Malformed

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
_RANGES = {
    GRAPHQL_JSON: GRAPHQL_JSON,
    JSON: JSON,
    "application/*": JSON,
    "*/*": JSON,
}
_HOPS = (b"x-forwarded-for", b"forwarded")
_MOST = 4_096
"""Heads that are kept, of less than two kilobytes each; the one that came first goes first."""
_LONGEST = 16 * 1024  # bytes of a head: no longer one is taken (``places.Bounds``)
_LONGEST_HOPS = 256  # bytes of what proxies say, in a head that is kept
_MOST_DIGITS = 20
_LOOKS, _WORTH_IT, _LEFT_ALONE = 1_024, 8, 16_384
"""Requests after which is seen whether it was worth it: in one of eight; and those of which none is looked for."""


class UnsupportedMediaType(Malformed):
    """The body is of another media type, or compressed."""

    status = 415
    words = "Envie o pedido em JSON, com Content-Type: application/json e sem compressão."


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a request to /graphql says, as far as it is answered by it; nothing of it is secret."""

    media_type: str | None
    """To answer in; None if the client accepts none of ours."""
    takes_gzip: bool
    is_json: bool
    """Whether a body is said to be JSON, and not compressed."""
    length: int | None
    """Bytes of the body, if that is said."""
    token: bytes | None
    """The hash of its Authorization, if it has one."""
    hops: Mapping[bytes, bytes]
    """What proxies say of whom they speak for."""
    key: bytes | None
    """Its Idempotency-Key, as it was sent."""

    @classmethod
    def of(cls, fields: Mapping[bytes, bytes]) -> "Head":
        """Read the fields of a head."""
        kind = fields.get(b"content-type", b"").partition(b";")[0].strip().lower()
        coding = fields.get(b"content-encoding", b"identity").strip().lower()
        authorization = fields.get(b"authorization")
        return cls(
            media_type=accepted(fields.get(b"accept")),
            takes_gzip=takes_gzip(fields.get(b"accept-encoding", b"")),
            is_json=kind == JSON.encode() and coding == b"identity",
            length=_length(fields.get(b"content-length", b"")),
            token=hashlib.sha256(authorization).digest() if authorization else None,
            hops={name: fields[name] for name in _HOPS if name in fields},
            key=fields.get(b"idempotency-key"),
        )

    def require_json(self, most_bytes: int) -> None:
        """Check what is said of the body, before it is read.

        Raises:
            UnsupportedMediaType, Excess: it isn't JSON, or too much of it.
        """
        if not self.is_json:
            raise UnsupportedMediaType
        if self.length is not None and self.length > most_bytes:
            raise Excess


@dataclass(frozen=True, slots=True)
class Known:
    """A head that was read before: what it says, where it ends, and where what it says of Authorization stands."""

    head: Head
    end: int
    authorization: slice


class Heads:
    """Those that were read lately.

    Where each is another one (a proxy may number the requests), they are left alone for a while: to look for what isn't
    there costs more than it brings.
    """

    def __init__(self) -> None:
        self._kept: dict[bytes, Known] = {}
        self._looked = self._found = self._left_alone = 0

    def known(self, data: bytes) -> Known | None:
        """Give what a request says that is here whole and alone, if its head was read before."""
        if self._left_alone:
            self._left_alone -= 1
            return None
        end = data.find(b"\r\n\r\n", 0, _LONGEST) + 4
        known = self._kept.get(hashlib.sha256(data[:end]).digest())
        if known is not None and len(data) != known.end + (known.head.length or 0):
            known = None
        self._looked += 1
        self._found += known is not None
        if self._looked == _LOOKS:
            self._left_alone = 0 if self._found * _WORTH_IT >= _LOOKS else _LEFT_ALONE
            self._looked = self._found = 0
        return known

    def __len__(self) -> int:
        """Count them."""
        return len(self._kept)

    def keep(self, data: bytes, head: Head, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep the head of a request that was read, with these headers, and which ``data`` is whole and alone.

        Only a head of as many lines as were read, each ended as it should be, ends where it seems to: of another the
        parser may have seen the end before, and a body behind it. One with a key of its own doesn't come again, and one
        with a long list of proxies would be dear to keep.
        """
        if self._left_alone:
            return
        end, values = data.find(b"\r\n\r\n") + 4, dict(headers)
        authorization = values.get(b"authorization", b"")
        start = data.find(authorization, 0, end)
        lines = data.count(b"\r\n", 0, end)
        plain = data.count(b"\n", 0, end) == lines == len(headers) + 2 and len(values) == len(headers)
        short = head.key is None and sum(map(len, head.hops.values())) <= _LONGEST_HOPS
        if plain and short and len(data) == end + (head.length or 0) and start >= 0:
            if len(self._kept) >= _MOST:
                del self._kept[next(iter(self._kept))]
            where = slice(start, start + len(authorization))
            self._kept[hashlib.sha256(data[:end]).digest()] = Known(head, end, where)


def _length(written: bytes) -> int | None:
    """Read a Content-Length; of one that is longer than any body, only that."""
    return int(written.lstrip(b"0")[:_MOST_DIGITS] or b"0") if written.isdigit() else None


def fields(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Give the headers by name; those of one name are one list (RFC 9110, section 5.3)."""
    fields = dict(headers)
    if len(fields) < len(headers):
        lists: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            lists.setdefault(name, []).append(value)
        fields = {name: b", ".join(values) for name, values in lists.items()}
    return fields


def as_text(value: bytes | None) -> str | None:
    """Give what a header says; None if that is nothing."""
    return value.decode("latin-1") if value else None


@lru_cache(maxsize=100)
def takes_gzip(header: bytes) -> bool:
    """Tell whether whoever sends this Accept-Encoding takes gzip (RFC 9110, section 12.5.3)."""
    for part in header.decode("latin-1").split(","):
        coding, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if coding in ("gzip", "*"):
            return _quality(parameters) > 0
    return False


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
