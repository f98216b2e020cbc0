"""Where a request comes from: the address of its connection or, behind a trusted proxy, the one that this names."""

import logging
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Literal

from sghss_graphql.machinery.web.places import in_any

log = logging.getLogger("sghss.http")

Named = Literal["x-forwarded-for", "forwarded", "proxy"]
"""Where the proxies write whom they speak for: a header, or before HTTP begins (``sockets.py`` reads that)."""


class Origins:
    """Reads addresses; only ``trusted`` networks are believed, and only in the header ``named``.

    Each proxy adds the address that it saw at the right end. So the list is read from there, past those that are
    trusted: what stands left of the first one that isn't was written by whoever asked.
    """

    def __init__(self, trusted: Iterable[str] = (), named: Named = "x-forwarded-for") -> None:
        self._trusted = [ip_network(one, strict=False) for one in trusted]
        self._header = named.encode() if named != "proxy" else b""
        self._warned = False

    def address(self, client: tuple[str, int] | None, headers: Mapping[bytes, bytes]) -> str | None:
        """Give the address of whoever asks; None over a Unix socket without a proxy's word."""
        direct = client[0] if client else None
        written = headers.get(self._header)
        if written is None:
            return direct
        if not self._believed(direct):
            self._warn()
            return direct
        found = direct
        for part in reversed(written.decode("latin-1").split(",")):
            if not part.strip():  # an empty element of a list is none (RFC 9110, section 5.6.1)
                continue
            named = _address_in(part)
            if named is None:  # "unknown", "_hidden": whatever stands left of it may be its own invention
                break
            found = named
            if not in_any(found, self._trusted):
                break
        return found

    def _believed(self, direct: str | None) -> bool:
        return bool(self._trusted) and (direct is None or in_any(direct, self._trusted))

    def _warn(self) -> None:
        """Say once that a proxy speaks that nobody declared: behind it all would be one address."""
        if not self._warned:
            self._warned = True
            log.warning(
                "a proxy that isn't in SGHSS_TRUSTED_PROXIES sends %s; it isn't believed", self._header.decode()
            )


def _address_in(part: str) -> str | None:
    """Read one hop: an address, ``address:port``, ``[v6]:port``, or ``for="…"`` among others (RFC 7239)."""
    for pair in part.split(";"):
        name, _, value = pair.strip().rpartition("=")
        if name.lower() in ("", "for"):
            text = value.strip().strip('"')
            bare = text[1:].partition("]")[0] if text.startswith("[") else text
            for candidate in (bare, bare.partition(":")[0]):
                try:
                    return str(ip_address(candidate))
                except ValueError:
                    continue
    return None
