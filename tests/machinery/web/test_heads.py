"""A head that was read before is known by its bytes; whoever sends it is answered as if it had been read again."""

import gc
import hashlib
import random
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from httptools import HttpRequestParser

from sghss_graphql.machinery.web import heads as module
from sghss_graphql.machinery.web.direct import Direct, DirectProtocol
from sghss_graphql.machinery.web.heads import Head, Heads
from sghss_graphql.machinery.web.places import Bounds, Sockets
from tests.hospital import Hospital
from tests.machinery.web.test_direct import ASK, PIPELINED, REQUESTS, WHO, _plain, _request
from tests.wire import Wire

OTHER = b'{"query":"{ __typename }    "}'
"""Another body, of a length of its own."""
SAME = b'{"query":"{ nada_disto }"}'
"""Another body, as long as ASK."""


def _afresh(wire: Wire) -> Wire:
    """Give the same application, which has read no head yet."""
    return Wire(wire.app, wire.state | {"direct": replace(wire.state["direct"], heads=Heads())})


@pytest.fixture
def wire(hospital: Hospital) -> Wire:
    transport = hospital.http._transport  # noqa: SLF001 - the protocol that the tests ask through
    assert isinstance(transport, Wire)
    return _afresh(transport)


@pytest.fixture
def heads(wire: Wire) -> Heads:
    """Give those that it keeps."""
    direct: Direct = wire.state["direct"]
    return direct.heads


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Give the requests whose head was read."""
    found: list[bytes] = []
    real = DirectProtocol.on_message_begin

    def begin(self: DirectProtocol) -> None:
        found.append(b"")
        real(self)

    monkeypatch.setattr(DirectProtocol, "on_message_begin", begin)
    return found


def token_of(hospital: Hospital) -> bytes:
    return b"authorization: Bearer %b\r\n" % (hospital.recepcao.token or "").encode()


async def test_a_head_is_read_once_whatever_comes_behind_it(
    wire: Wire, heads: Heads, read: list[bytes], hospital: Hospital
) -> None:
    assert len(SAME) == len(ASK)
    token = token_of(hospital)
    first, second = _plain(await wire.raw(_request(ASK, token))), _plain(await wire.raw(_request(SAME, token)))
    assert len(read) == len(heads) == 1
    assert first[0][2] == b'{"data":{"__typename":"Query"}}'
    assert b"REQUISICAO_INVALIDA" in second[0][2]
    await wire.raw(_request(OTHER, token))
    assert len(read) == len(heads) == 2, "its length is said in the head"


@pytest.mark.parametrize("name", PIPELINED)
async def test_whoever_is_known_is_answered_as_if_read_again(wire: Wire, heads: Heads, name: str) -> None:
    request = PIPELINED[name]
    first = _plain(await wire.raw(request))
    kept = len(heads)
    assert [_plain(await wire.raw(request)) for _ in range(2)] == [first, first]
    assert len(heads) == kept
    assert _plain(await _afresh(wire).raw(request)) == first


@pytest.mark.parametrize("seed", range(20))
async def test_those_that_are_known_and_others_may_follow_each_other(wire: Wire, seed: int) -> None:
    """On one connection, each sent once the one before is answered, whole or in two pieces, known or not."""
    chance = random.Random(seed)
    names = chance.choices(sorted(REQUESTS.keys() - {"gzip taken", "deep", "to be closed"}), k=3)
    names = [name for name in names for _ in range(chance.randint(1, 3))]
    chance.shuffle(names)
    alone = {name: _plain(await _afresh(wire).raw(REQUESTS[name]))[0] for name in names}
    last = next((n for n, name in enumerate(names) if b"connection: close" in alone[name][1]), len(names) - 1)
    pieces: list[tuple[bytes, ...]] = []
    for name in names[: last + 1]:
        at = chance.randrange(1, len(REQUESTS[name]))
        pieces.append(chance.choice([(REQUESTS[name],), (REQUESTS[name],), (REQUESTS[name][:at], REQUESTS[name][at:])]))
    assert _plain(await wire.in_turn(*pieces)) == [alone[name] for name in names[: last + 1]]


@pytest.mark.parametrize(
    "request_",
    [
        _request(b"\r\n\r\n" + ASK).replace(b"\r\n", b"\n", 5),
        _request(b"\r\n\r\n" + ASK + b"  ").replace(b"json\r\n", b"json\n", 1).replace(b"\r\n\r\n", b"\n\n\r\n\r\n", 1),
        b"\r\n" + _request(ASK),
        b"\r\n\r\n" + _request(ASK),
        _request(ASK) + b"\r\n",
        _request(ASK) + b"\r\n\r\n",
        _request(ASK) + b"POST",
        _request(ASK) + _request(ASK),
        _request(ASK, b"idempotency-key: um\r\n"),
        _request(ASK, b"authorization: a\r\nauthorization: b\r\n"),
        _request(ASK, b"accept: a\r\naccept: */*\r\n"),
        _request(ASK, b"origin: http://t\r\n"),
        _request(ASK, b"connection: close\r\n"),
        _request(b"19\r\n" + ASK + b"\r\n0\r\n\r\n", b"transfer-encoding: chunked\r\n"),
        _request(ASK, path=b"/graphql?a=1"),
        _request(b"", path=b"/healthz", method=b"GET"),
        _request(ASK).replace(b"HTTP/1.1", b"HTTP/1.0"),
    ],
)
async def test_no_head_is_kept_that_may_end_elsewhere_or_that_says_more(
    wire: Wire, heads: Heads, request_: bytes
) -> None:
    await wire.raw(request_)
    assert len(heads) == 0


async def test_only_where_a_request_begins_is_a_head_looked_for(wire: Wire, heads: Heads) -> None:
    """What has the form of one inside a body, or behind a part of another, is none."""
    known = _request(ASK)
    await wire.raw(known)
    assert len(heads) == 1
    outer = b'{"query":"{ __typename }","variables":{"a":"' + b"x" * 9 + b'"}}' + b" " * len(known)
    head, _, _ = _request(outer).partition(b"\r\n\r\n")
    answers = _plain(await wire.raw(head + b"\r\n\r\n" + outer[: -len(known)], known))
    assert len(answers) == 1, "the second piece was the rest of the body"
    assert b"nada" not in answers[0][2]
    early = _request(b" " * 50 + known, path=b"/nada")[: -len(known)]
    assert len(_plain(await wire.in_turn((early,), (known,)))) == 1, "it is answered, and its body goes on"
    begun = await wire.raw(b"POST /graphql HTTP/1.1\r\nhost: t\r\nx-", known)
    assert begun.startswith(b"HTTP/1.1 400"), "it was the rest of a header"
    assert _plain(await wire.raw(b"\r\n", known)) == _plain(await wire.raw(known)), "an empty line begins none"


async def test_whoever_has_no_place_is_turned_away_though_the_head_is_known(wire: Wire, heads: Heads) -> None:
    await wire.raw(_request(ASK))
    assert len(heads) == 1
    full = Sockets(Bounds(of_one=1))
    assert full.enter("127.0.0.1"), "somebody has the only place"
    crowded = Wire(wire.app, wire.state | {"sockets": full})
    turned_away = await crowded.raw(_request(ASK))
    assert turned_away.startswith(b"HTTP/1.1 503")
    assert turned_away == await _afresh(crowded).raw(_request(ASK))


async def test_a_token_that_is_good_no_more_is_refused_though_the_head_is_known(
    wire: Wire, heads: Heads, hospital: Hospital
) -> None:
    pessoa = await hospital.paciente()
    request = _request(WHO, b"authorization: Bearer %b\r\n" % (pessoa.cliente.token or "").encode())
    assert b'"nome"' in await wire.raw(request)
    assert b'"nome"' in await wire.raw(request)
    assert (await pessoa.cliente("mutation { sair { erros { codigo } } }")).recusas == []
    assert b"NAO_AUTENTICADO" in await wire.raw(request)


async def test_no_token_is_kept(wire: Wire, heads: Heads, hospital: Hospital) -> None:
    secret = (hospital.recepcao.token or "").encode()
    await wire.raw(_request(WHO, token_of(hospital) + b"cookie: de-outro-programa\r\n"))
    assert len(heads) == 1
    assert not [one for one in _held_by(heads) if secret in one or b"de-outro-programa" in one]


def _held_by(owner: Any) -> list[bytes]:
    """Give all bytes and texts that an object holds, at any depth."""
    found, pending, seen = [], [owner], set[int]()
    while pending:
        one = pending.pop()
        if id(one) in seen or isinstance(one, type):
            continue
        seen.add(id(one))
        if isinstance(one, bytes | str):
            found.append(one if isinstance(one, bytes) else one.encode())
        pending += gc.get_referents(one)
    return found


async def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    heads = Heads()
    requests = [_request(ASK, b"x-%d: y\r\n" % n) for n in range(5)]
    for request in requests:
        heads.keep(request, *_read(request))
    assert len(heads) == 3
    assert [heads.known(request) is not None for request in requests] == [False, False, True, True, True]


async def test_where_each_head_is_another_none_is_looked_for() -> None:
    """For a while: a proxy that numbers the requests may be gone, or an attacker."""
    heads, same = Heads(), _request(ASK)
    heads.keep(same, *_read(same))
    for n in range(module._LOOKS):  # noqa: SLF001 - how long it tries
        assert heads.known(_request(ASK, b"x-%d: y\r\n" % n)) is None
    assert heads.known(same) is None, "not even one that is kept"
    other = _request(ASK, b"x: y\r\n")
    heads.keep(other, *_read(other))
    assert len(heads) == 1, "nor is one kept"
    for _ in range(module._LEFT_ALONE - 1):  # noqa: SLF001 - how long it doesn't
        heads.known(same)
    found = [heads.known(same) is not None for _ in range(3 * module._LOOKS)]  # noqa: SLF001
    assert all(found)


NAMES = [
    "accept",
    "accept-encoding",
    "content-type",
    "content-encoding",
    "content-length",
    "authorization",
    "forwarded",
]
VALUES = [
    "",
    "0" * 5_000,
    "9" * 5_000,
    "-1",
    "+5",
    "5, 5",
    "\xb2",
    "gzip;q=" + "9" * 5_000,
    "*/*;q=nan",
    ",;=,",
    "\xff",
]


@pytest.mark.parametrize("name", [*NAMES, "forwarded", "x-forwarded-for", "idempotency-key"])
def test_whatever_a_head_says_it_is_read_without_an_error(name: str) -> None:
    """It is read before anybody is let in, and outside of what turns errors into answers."""
    for value in VALUES:
        head = Head.of({name.encode(): value.encode("latin-1")})
        assert head.length is None or head.length < 10**21


def test_what_is_no_head_isnt_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked for in whatever comes, before anybody has weighed it."""
    hashed: list[int] = []
    real = hashlib.sha256

    def sha256(data: bytes) -> Any:
        hashed.append(len(data))
        return real(data)

    monkeypatch.setattr(module.hashlib, "sha256", sha256)
    heads = Heads()
    for one in (b"x" * 250_000, b"x" * 250_000 + b"\r\n\r\n", _request(b" " * 250_000)):
        assert heads.known(one) is None
    assert max(hashed) < 200


def test_what_is_kept_of_a_head_is_small() -> None:
    """However long it is: whoever sends it needn't have shown who they are."""
    heads = Heads()
    tracemalloc.start()
    for n in range(4_000):
        long = b"x-forwarded-for: %b\r\n" % (b"1.2.3.4, " * (n % 1_500)) if n % 2 else b""
        request = _request(ASK, b"x-%d: %b\r\n%b" % (n, b"y" * 14_000 if not n % 100 else b"y", long))
        heads.keep(request, *_read(request))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 2_000 < len(heads) < 2_100
    assert held / len(heads) < 2_000, "bytes"


def _read(request: bytes) -> tuple[Head, list[tuple[bytes, bytes]]]:
    """Read a head, as a protocol does."""

    class Reading:
        def __init__(self) -> None:
            self.headers: list[tuple[bytes, bytes]] = []

        def on_header(self, name: bytes, value: bytes) -> None:
            self.headers.append((name.lower(), value))

    reading = Reading()
    HttpRequestParser(reading).feed_data(request)
    return Head.of(dict(reading.headers)), reading.headers
