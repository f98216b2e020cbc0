"""A request is answered alike whichever way it comes in: whole, where it is read; in pieces, through ASGI."""

import itertools
import random
import re

import pytest

from sghss_graphql.machinery.web.places import Bounds, Sockets
from tests.hospital import Hospital
from tests.wire import Wire

ASK = b'{"query":"{ __typename }"}'
WHO = b'{"query":"{ eu { nome } }"}'


def _request(body: bytes, head: bytes = b"", *, path: bytes = b"/graphql", method: bytes = b"POST") -> bytes:
    kind = b"" if b"content-type" in head.lower() else b"content-type: application/json\r\n"
    length = b"" if b"transfer-encoding" in head else b"content-length: %d\r\n" % len(body)
    return b"%b %b HTTP/1.1\r\nhost: t\r\n%b%b%b\r\n%b" % (method, path, kind, length, head, body)


def _plain(answer: bytes) -> list[tuple[bytes, list[bytes], bytes]]:
    """Give the answers that stand one behind the other, without what differs each time: ids, and the time."""
    found = []
    while answer:
        head, _, rest = answer.partition(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        headers = {line.partition(b": ")[0].lower(): line.partition(b": ")[2] for line in lines}
        length = int(headers[b"content-length"])
        body, answer = rest[:length], rest[length:]
        for name in (b"date", b"x-request-id", b"ratelimit"):
            headers[name] = b"" if name in headers else b"absent"
        body = re.sub(rb'"requestId":"\w+"', b"", body)
        found.append((status, sorted(b": ".join(pair) for pair in headers.items()), body))
    return found


@pytest.fixture
def wire(hospital: Hospital) -> Wire:
    transport = hospital.http._transport  # noqa: SLF001 - the protocol that the tests ask through
    assert isinstance(transport, Wire)
    return transport


REQUESTS = {
    "plain": _request(ASK),
    "as JSON is written by hand": _request(b'{ "query" : "{ __typename }" }'),
    "nobody": _request(WHO),
    "a bad token": _request(ASK, b"authorization: Bearer nada\r\n"),
    "two tokens": _request(ASK, b"authorization: Bearer a\r\nauthorization: Bearer b\r\n"),
    "the new media type": _request(b'{"query":"{ nada }"}', b"accept: application/graphql-response+json\r\n"),
    "nothing acceptable": _request(ASK, b"accept: text/html\r\n"),
    "no JSON": _request(b"{", b""),
    "a key twice": _request(b'{"query":"{ __typename }","query":"{ eu { nome } }"}'),
    "a form": _request(b"query=x", b"content-type: application/x-www-form-urlencoded\r\n"),
    "compressed": _request(ASK, b"content-encoding: gzip\r\n"),
    "persisted": _request(b'{"extensions":{"persistedQuery":{"version":1}}}'),
    "gzip taken": _request(b'{"query":"{ __schema { types { name description } } }"}', b"accept-encoding: gzip\r\n"),
    "no body": _request(b""),
    "a length of thousands of zeros": _request(ASK).replace(b"length: ", b"length: " + b"0" * 4_400),
    "a length of many digits": _request(ASK).replace(b"length: ", b"length: 00"),
    "to be closed": _request(ASK, b"connection: close\r\n"),
    "of another origin": _request(ASK, b"origin: http://evil.example\r\n"),
    "expecting": _request(ASK, b"x-expect: 100\r\n"),
    "too large a head": _request(ASK, b"x: " + b"y" * 20_000 + b"\r\n"),
    "too many headers": _request(ASK, b"".join(b"x-%d: y\r\n" % n for n in range(150))),
    "another path": _request(ASK, path=b"/graphql/"),
    "a query string": _request(ASK, path=b"/graphql?a=1"),
    "another method": _request(ASK, method=b"PUT"),
    "deep": _request(b'{"query":"{ __typename }","variables":{"a":%b}}' % (b"[" * 300 + b"]" * 300)),
    "a trailer": _request(b"1a\r\n" + ASK + b"\r\n0\r\naccept: text/html\r\n\r\n", b"transfer-encoding: chunked\r\n"),
    "many trailers": _request(
        b"1a\r\n" + ASK + b"\r\n0\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(150)) + b"\r\n",
        b"transfer-encoding: chunked\r\n",
    ),
    "chunked": _request(b"1a\r\n" + ASK + b"\r\n0\r\n\r\n", b"transfer-encoding: chunked\r\n"),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_both_ways_answer_alike(wire: Wire, name: str) -> None:
    request = REQUESTS[name]
    whole = _plain(await wire.raw(request))
    assert len(whole) == 1
    head = request.index(b"\r\n\r\n") + 4
    for at in {len(request) // 2, head, head - 2, len(request) - 1} - {len(request)}:
        assert _plain(await wire.raw(request[:at], request[at:])) == whole, at
    assert (
        _plain(await wire.raw(*(request[at : at + 1] for at in range(min(len(request), 3_000))), request[3_000:]))
        == whole
    )


async def test_what_was_asked_before_is_answered_though_what_follows_is_refused(wire: Wire) -> None:
    answer = _plain(await wire.raw(_request(ASK), b"POST /graphql HTTP/1.1\r\nx: " + b"y" * 40_000))
    assert [status for status, _, _ in answer] == [b"HTTP/1.1 200 OK"]


PIPELINED = {name: request for name, request in REQUESTS.items() if name not in ("gzip taken", "deep")} | {
    "no HTTP": b"nada\r\n\r\n",
    "an address of other letters": "GET /é HTTP/1.1\r\nhost: t\r\n\r\n".encode(),
    "two lengths": _request(ASK, b"content-length: 3\r\n"),
    "a chunk that is none": _request(b"zz\r\n", b"transfer-encoding: chunked\r\n"),
    "another protocol": _request(b"", b"connection: upgrade\r\nupgrade: h2c\r\n", path=b"/healthz", method=b"GET"),
    "another protocol, a body": _request(ASK, b"connection: upgrade\r\nupgrade: h2c\r\n"),
    "another protocol, to be closed": _request(ASK, b"connection: Upgrade , close\r\nupgrade: h2c\r\n"),
    "another protocol, in chunks": _request(
        b"1a\r\n" + ASK + b"\r\n0\r\n\r\n",
        b"transfer-encoding: chunked\r\nconnection: upgrade\r\nupgrade: h2c\r\n",
    ),
    "a tunnel": b"CONNECT t:80 HTTP/1.1\r\nhost: t\r\n\r\n",
    "another protocol, elsewhere": _request(_request(ASK), b"connection: Upgrade\r\nupgrade: x\r\n", path=b"/healthz"),
    "answered before it ends": _request(
        b"1a\r\n" + ASK + b"\r\n0\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(150)) + b"\r\n",
        b"transfer-encoding: chunked\r\n",
        path=b"/nada",
    ),
    "health": _request(b"", path=b"/healthz", method=b"GET"),
}


@pytest.mark.parametrize("seed", range(60))
async def test_each_is_answered_once_in_its_turn_and_as_if_alone(wire: Wire, seed: int) -> None:
    """Requests behind each other, cut anywhere: what can't be read is refused last, if at all, and adds nothing."""
    chance = random.Random(seed)
    sent = [PIPELINED[name] for name in chance.choices(sorted(PIPELINED), k=4)]
    alone = [_plain(await wire.raw(one))[0] for one in sent]
    last = next((n for n, (_, headers, _) in enumerate(alone) if b"connection: close" in headers), len(sent) - 1)
    together = b"".join(sent)
    for cuts in [[], *(sorted(chance.choices(range(len(together)), k=chance.randint(1, 5))) for _ in range(6))]:
        pieces = [together[start:end] for start, end in itertools.pairwise([0, *cuts, len(together)])]
        answers = [(status, body) for status, _, body in _plain(await wire.raw(*pieces))]
        told = [(status, body) for status, _, body in alone[: last + 1]]
        if sent[last] == PIPELINED["answered before it ends"]:  # by either, as it is cut; never by both
            assert answers[:last] == told[:last], (sent, cuts)
            assert len(answers) <= last + 1, (sent, cuts)
        else:
            assert answers in (told, told[:last]), (sent, cuts)


async def test_answers_to_requests_behind_each_other_keep_their_order(hospital: Hospital, wire: Wire) -> None:
    token = b"authorization: Bearer %b\r\n" % (hospital.recepcao.token or "").encode()
    several = [_request(WHO, token), _request(ASK), _request(b"{"), _request(WHO), _request(ASK, token)]
    alone = [_plain(await wire.raw(one))[0] for one in several]
    assert _plain(await wire.raw(b"".join(several))) == alone
    together = b"".join(several)
    for at in range(1, len(together), 97):
        assert _plain(await wire.raw(together[:at], together[at:])) == alone


async def test_whoever_goes_away_leaves_nothing_behind(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """The answer of a request whose connection is gone is dropped, and the next connection is served."""
    await wire.gone(_request(WHO))
    assert [one for one in caplog.records if one.name == "asyncio"] == [], "the loop has nothing to complain of"
    assert _plain(await wire.raw(_request(ASK)))[0][0] == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    "more", [[], [b"\r\n"], [b"\r\n", b"\r\n"], [b"POST"], [b"POST /graphql HTTP/1.1\r\nhost: t\r\n"]]
)
async def test_whoever_says_nothing_that_is_a_request_is_not_waited_for(wire: Wire, more: list[bytes]) -> None:
    """An empty line behind a request is allowed (RFC 9112, section 2.2), and begins none."""
    impatient = Sockets(Bounds(head_seconds=0.1, idle_seconds=0.1))
    await Wire(wire.app, wire.state | {"sockets": impatient}).ended(_request(ASK), *more)
    assert impatient.open == 0


async def test_whoever_is_gone_is_counted_no_more(wire: Wire) -> None:
    """Their token may turn out to be good only then."""
    sockets = Sockets(Bounds(of_one=1))
    protocol = await Wire(wire.app, wire.state | {"sockets": sockets}).gone(_request(WHO))
    protocol.know(b"somebody")
    assert sockets.open == 0
    assert sockets.enter("127.0.0.1"), "their network's place is free"
    assert sockets.known("127.0.0.1", b"somebody"), "and so is theirs"
    assert sockets.enter("127.0.0.1")


@pytest.mark.parametrize("one", [_request(ASK), _request(b"", path=b"/healthz", method=b"GET")], ids=["direct", "ASGI"])
async def test_no_more_than_a_hundred_wait_behind_each_other(wire: Wire, one: bytes) -> None:
    """Thousands in one piece would be parsed at a stretch, and kept: what is past the bound isn't even read."""
    answers = _plain(await wire.raw(one * 5_000))
    assert len(answers) == 101
    assert {status for status, _, _ in answers} == {b"HTTP/1.1 200 OK"}
    assert [b"connection: close" in headers for _, headers, _ in answers] == [False] * 100 + [True]


@pytest.mark.parametrize("upgrade", [b"h2c", b"websocket", b"x"])
async def test_who_offers_another_protocol_is_answered_in_this_one(wire: Wire, upgrade: bytes) -> None:
    """As Java's own client does at every first request; what it sends as a body is one, however it looks."""
    offered = (
        b"connection: Upgrade, HTTP2-Settings\r\nupgrade: %b\r\nhttp2-settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n" % upgrade
    )
    request, plain = _request(ASK, offered), _plain(await wire.raw(_request(ASK)))
    for at in range(0, len(request), 7):
        assert _plain(await wire.raw(request[:at], request[at:])) == plain
    hidden = _request(_request(ASK), offered, path=b"/healthz")
    assert [status for status, _, _ in _plain(await wire.raw(hidden))] == [b"HTTP/1.1 405 Method Not Allowed"]
    assert _plain(await wire.raw(request + _request(WHO) + request)) == [
        *plain,
        *_plain(await wire.raw(_request(WHO))),
        *plain,
    ]


async def test_heads_are_weighed_one_by_one(wire: Wire) -> None:
    """Those of requests without a body don't add up, and one that is just small enough is, wherever it is cut."""
    cookie = b"cookie: %b\r\n" % (b"c" * 900)
    behind = _request(ASK, cookie)
    healthy = [_request(b"", cookie, path=b"/healthz", method=b"GET")] * 20
    answers = _plain(await wire.raw(*healthy, behind[: -len(ASK)], ASK))
    assert [status for status, _, _ in answers] == [b"HTTP/1.1 200 OK"] * 21
    large = _request(ASK, b"x: %b\r\n" % (b"y" * 16_300))
    assert _plain(await wire.raw(large[: -len(ASK)], ASK)) == _plain(await wire.raw(large))


async def test_whoever_expects_to_be_told_to_go_on_is(wire: Wire) -> None:
    request = _request(ASK, b"expect: 100-Continue\r\nexpect: another\r\n")
    answered = await wire.raw(request[: -len(ASK)], ASK)
    assert answered.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
