"""A request is answered alike whichever way it comes in: whole, where it is read; in pieces, through ASGI."""

import re

import pytest

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


@pytest.mark.parametrize("name", ["too large a head", "too many headers", "a form", "no JSON", "another path"])
async def test_what_follows_adds_nothing_to_what_was_asked_before(wire: Wire, name: str) -> None:
    """Whatever becomes of the request behind it, with a body of its own: in one piece, or cut anywhere in it."""
    (alone,) = _plain(await wire.raw(_request(ASK)))
    both = _request(ASK) + REQUESTS[name]
    for at in {len(both), len(both) - 1, len(both) - len(ASK), len(_request(ASK)) + 10}:
        first, *_ = _plain(await wire.raw(both[:at], both[at:]))
        assert (first[0], first[2]) == (alone[0], alone[2]), at


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
