"""How many connections one network may open, and of those how many may say nothing.

Health and readiness always find a place: past the total, a connection is still taken, and refused at its head unless
it asks for one of them (``sockets``).
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from sghss_graphql.machinery.deadline import Timers

_RESERVE = 500
"""Connections past the total that are still taken, for health and for those who have a token to show."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds, bytes and numbers of connections.

    ``of_one`` are those of one network of which none has shown a valid token; ``shared`` networks have twenty times as
    many, ``trusted`` ones (proxies) no bound of their own. Where these
    are ``introduced``, each of their connections begins with the PROXY protocol's header.
    """

    head_seconds: float = 10.0
    reading_seconds: float = 30.0
    idle_seconds: float = 15.0
    parting_seconds: float = 0.5
    headers: int = 100
    head_bytes: int = 16 * 1024
    of_one: int = 100
    total: int = 2_000
    shared: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    introduced: bool = False


def in_any(address: str | None, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Tell whether an address is in one of some networks."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    return any(found in network for network in networks)


class Sockets:
    """The connections of one process, counted by network."""

    def __init__(self, bounds: Bounds = Bounds()) -> None:
        self.bounds = bounds
        self.heads = Timers(bounds.head_seconds)
        self.reading = Timers(bounds.reading_seconds)
        self.idle = Timers(bounds.idle_seconds)
        self.parting = Timers(bounds.parting_seconds)
        self._shared = [ip_network(one, strict=False) for one in bounds.shared]
        self._trusted = [ip_network(one, strict=False) for one in bounds.trusted]
        self._strangers: Counter[str] = Counter()
        self._of: Counter[object] = Counter()
        self._silent: dict[str, dict[asyncio.Transport, None]] = {}
        """Connections that haven't said anything whole, by network, the oldest first."""
        self.open = 0

    def enter(self, network: str) -> bool:
        """Count a connection; tell whether there was a place for it."""
        self.open += 1
        self._strangers[network] += 1
        return self.open <= self.bounds.total and self._strangers[network] <= self._most(network)

    def wait(self, network: str, one: asyncio.Transport) -> None:
        """Wait for what a connection has to say, unless there are too many.

        Past the bounds whoever comes may still say who they are, but of one network no more than as many as have a
        place: the one that has been silent for longest goes. Past all bounds whoever comes is turned away.
        """
        silent = self._silent.setdefault(network, {})
        silent[one] = None
        if self.open > self.bounds.total + _RESERVE:
            one.abort()
        elif self._strangers[network] > 2 * self._most(network):
            oldest = next(iter(silent))
            del silent[oldest]
            oldest.abort()

    def heard(self, network: str, one: asyncio.Transport) -> None:
        """Take note that a connection has said something whole, or is gone."""
        silent = self._silent.get(network)
        if silent is not None:
            silent.pop(one, None)
            if not silent:
                del self._silent[network]

    def known(self, network: str, who: object) -> bool:
        """Count a connection by who has shown a valid token on it, no more by its network; False if they have many."""
        if self._of[who] >= self.bounds.of_one:
            return False
        self._of[who] += 1
        self._gone(self._strangers, network)
        return True

    def leave(self, network: str, who: object) -> None:
        """Count a connection no more; ``who`` has shown a token on it, or None."""
        self.open -= 1
        if who is None:
            self._gone(self._strangers, network)
        else:
            self._gone(self._of, who)

    @staticmethod
    def _gone(counted: Counter[Any], whose: object) -> None:
        counted[whose] -= 1
        if counted[whose] <= 0:
            del counted[whose]

    def introduced(self, address: str | None) -> bool:
        """Tell whether a connection of this address has to say first whom it speaks for."""
        return self.bounds.introduced and bool(self._trusted) and (address is None or in_any(address, self._trusted))

    def _most(self, network: str) -> float:
        address = network.removesuffix("/64") + ("::" if network.endswith("/64") else "")
        if not network or in_any(address, self._trusted):
            return float("inf")
        return self.bounds.of_one * (20 if in_any(address, self._shared) else 1)


def network_of(address: str | None) -> str:
    """Name the network of an address: itself, or the /64 of an IPv6 address; nothing for a Unix socket."""
    if address is None or ":" not in address:
        return address or ""
    mapped = ip_address(address.partition("%")[0])
    if getattr(mapped, "ipv4_mapped", None) is not None:
        return str(mapped.ipv4_mapped)  # type: ignore[union-attr]  # an IPv6 address
    return f"{':'.join(mapped.exploded.split(':')[:4])}/64"
