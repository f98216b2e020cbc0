"""The PROXY protocol: whom a proxy speaks for stands before the first byte of HTTP, in version 1's text or 2's bytes.

Source: "The PROXY protocol, versions 1 & 2" of HAProxy's documentation.
"""

import struct
from ipaddress import ip_address

_V1, _V2 = b"PROXY ", b"\r\n\r\n\x00\r\nQUIT\n"
_LONGEST_V1 = 107
_LONGEST_V2 = 16 + 2_048
_ADDRESSES = {0x11: "!4s4sHH", 0x21: "!16s16sHH"}  # family and transport: TCP over IPv4, over IPv6

Peer = tuple[str, int]


class BadIntroduction(Exception):
    """What was sent isn't the protocol's header."""


def read_introduction(data: bytes) -> tuple[Peer | None, bytes] | None:
    """Give whom the proxy speaks for (None: for itself) and what follows; None while more must come.

    Raises:
        BadIntroduction: no header can begin like this.
    """
    if data.startswith(_V2):
        return _read_v2(data)
    if data.startswith(_V1):
        line, end, rest = data.partition(b"\r\n")
        if end and len(line) < _LONGEST_V1:
            return _read_v1(line), rest
        if len(data) < _LONGEST_V1:
            return None
    elif _V1.startswith(data) or _V2.startswith(data):
        return None
    raise BadIntroduction


def _read_v1(line: bytes) -> Peer | None:
    match line.split(b" "):
        case [_, b"UNKNOWN", *_]:
            return None
        case [_, b"TCP4" | b"TCP6" as family, source, _, port, _]:
            try:
                address = ip_address(source.decode("ascii"))
                number = int(port)
            except ValueError:
                raise BadIntroduction from None
            if address.version == int(family[-1:]) and 0 <= number <= 65_535:
                return str(address), number
    raise BadIntroduction


def _read_v2(data: bytes) -> tuple[Peer | None, bytes] | None:
    if len(data) < 16:
        return None
    command, family, length = struct.unpack_from("!BBH", data, 12)
    end = 16 + length
    if end > _LONGEST_V2 or command not in (0x20, 0x21):
        raise BadIntroduction
    if len(data) < end:
        return None
    if command == 0x20 or family not in _ADDRESSES:  # a check of the proxy's own, or a peer without an IP address
        return None, data[end:]
    layout = _ADDRESSES[family]
    if length < struct.calcsize(layout):
        raise BadIntroduction
    source, _, port, _ = struct.unpack_from(layout, data, 16)
    return (str(ip_address(source)), int(port)), data[end:]
