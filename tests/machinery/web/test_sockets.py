"""Sockets that say nothing, too much, or come in hundreds: the others are served, and health always answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from sghss_graphql.machinery.web.places import Bounds, Sockets, network_of
from sghss_graphql.machinery.web.proxy import BadIntroduction, read_introduction
from tests.hospital import Hospital
from tests.processes import answers, environment, free_port, serving, start, until

ASK = {"query": "{ __typename }"}


@pytest.fixture(scope="module")
async def url(hospital: Hospital) -> AsyncIterator[str]:
    """A server of its own, which takes twenty connections of a stranger's address."""
    more = {"SGHSS_CONNECTIONS_PER_ADDRESS": "20", "SGHSS_STRANGER_REQUESTS_PER_SECOND": "0"}
    async with serving(str(hospital.server.app_url), **more) as address:
        yield address


async def _open(url: str, said: bytes = b"", place: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection, from an address of this machine's if one is named, and say something."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), local_addr=(place, 0) if place else None)
    writer.write(said)
    return reader, writer


@contextlib.asynccontextmanager
async def _many(url: str, how_many: int, said: bytes = b"", place: str = "") -> AsyncIterator[None]:
    opened = await asyncio.gather(*(_open(url, said, place) for _ in range(how_many)))
    try:
        yield
    finally:
        for _, writer in opened:
            writer.close()


@pytest.mark.parametrize("said", [b"", b"POST /graphql HT", b"POST /graphql HTTP/1.1\r\nHost: x\r\n"])
async def test_silent_sockets_keep_out_neither_health_nor_whoever_has_a_token(
    hospital: Hospital, url: str, said: bytes
) -> None:
    token = {"authorization": f"Bearer {hospital.recepcao.token}"}
    async with _many(url, 300, said), httpx.AsyncClient(base_url=url) as http:
        for path in ("/healthz", "/readyz"):
            assert (await http.get(path)).status_code == 200
    async with _many(url, 300, said):
        async with httpx.AsyncClient(base_url=url) as http:
            refused = await http.post("/graphql", json=ASK)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        async with httpx.AsyncClient(base_url=url) as http:
            assert (await http.post("/graphql", json=ASK, headers=token)).json() == {"data": {"__typename": "Query"}}
        async with httpx.AsyncClient(base_url=url) as http:
            lie = {"authorization": "Bearer nada"}
            assert (await http.post("/graphql", json=ASK, headers=lie)).status_code == 503


async def test_places_come_back(url: str) -> None:
    for _ in range(3):
        async with _many(url, 30):
            pass

    async def served() -> bool:
        async with httpx.AsyncClient(base_url=url) as http:
            return (await http.post("/graphql", json=ASK)).status_code == 200

    async with asyncio.timeout(10):
        while not await served():
            pass


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"x-%d: y\r\n" % n for n in range(150)),
        b"x: " + b"y" * 20_000 + b"\r\n",
    ],
    ids=["many", "large"],
)
async def test_a_head_that_is_too_large_is_refused_at_once(url: str, head: bytes) -> None:
    reader, writer = await _open(url, b"GET /healthz HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n")
    answer = await asyncio.wait_for(reader.read(), 20)
    assert answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 408"))
    writer.close()


async def test_a_header_without_end_is_refused_before_it_ends(url: str) -> None:
    reader, writer = await _open(url, b"GET /healthz HTTP/1.1\r\nhost: x\r\ncookie: ")
    sent = 0
    async with asyncio.timeout(5):
        try:
            while not reader.at_eof() and sent < 50_000_000:
                writer.write(b"z" * 100_000)
                await writer.drain()
                sent += 100_000
        except ConnectionError:  # it was refused and closed, though more was on its way
            pass
    assert sent < 20_000_000
    writer.close()


async def test_a_trailer_without_end_is_refused_before_it_ends(url: str) -> None:
    kind = b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\n" + kind + b"2\r\n{}\r\n0\r\n"
    for trailers in (b"x: " + b"z" * 100_000, b"".join(b"x-%d: y\r\n" % n for n in range(10_000))):
        reader, writer = await _open(url, head)
        sent = 0
        async with asyncio.timeout(5):
            with contextlib.suppress(ConnectionError):
                while not reader.at_eof() and sent < 50_000_000:
                    writer.write(trailers)
                    await writer.drain()
                    sent += len(trailers)
        assert sent < 20_000_000
        writer.close()


async def test_what_follows_a_refusal_is_not_read_for_ever(url: str) -> None:
    """A body that was refused unread may come to its end, but not a gigabyte of it, nor a byte now and then."""
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 1000000000\r\n\r\n"
    reader, writer = await _open(url, head)
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)).startswith(b"HTTP/1.1 415")
    sent = 0
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):
            while sent < 500_000_000:
                writer.write(b"z" * 100_000)
                await writer.drain()
                sent += 100_000
    assert sent < 50_000_000
    slow, idle = await _open(url, head)
    idle.write(b"z")
    assert (await asyncio.wait_for(slow.read(), 20)).startswith(b"HTTP/1.1 415"), "it is closed after ten seconds"
    idle.close()
    small = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\n"
    reader, writer = await _open(url, small)
    async with asyncio.timeout(5):
        await reader.readuntil(b"HTTP/1.1 415")
        writer.write(b"12345GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        await reader.readuntil(b"HTTP/1.1 200")
    writer.close()


async def test_a_head_behind_a_large_body_is_no_large_head(hospital: Hospital, url: str) -> None:
    body = b'{"query": "{ __typename }", "variables": {"a": "' + b"x" * 40_000 + b'"}}'
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    reader, writer = await _open(url, head % len(body) + body + b"GET /healthz HTTP/1.1\r\n")
    async with asyncio.timeout(5):
        answered = await reader.readuntil(b"200 OK")
        writer.write(b"host: x\r\n\r\n")
        while answered.count(b"200 OK") < 2:
            answered += await reader.read(65_536)
    writer.close()


async def test_whoever_says_no_more_still_hears_the_answer(url: str) -> None:
    body = b'{"query":"{ __typename }"}'
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(
        body
    )
    reader, writer = await _open(url, head + body)
    writer.write_eof()
    assert b"__typename" in await asyncio.wait_for(reader.read(), 5)
    writer.close()
    reader, writer = await _open(url, head)
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(), 5) == b"", "half a request has no answer"
    writer.close()


async def test_an_address_that_is_too_long_is_refused(url: str) -> None:
    reader, writer = await _open(url, b"GET /healthz?" + b"a" * 20_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n")
    assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 431")
    writer.close()


async def test_requests_of_one_connection_are_served_one_after_the_other(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as http:
        for _ in range(50):
            assert (await http.post("/graphql", json=ASK)).status_code == 200
    one = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    reader, writer = await _open(url, one * 5)
    answered = b""
    async with asyncio.timeout(5):
        while answered.count(b"200 OK") < 5:
            answered += await reader.read(65_536)
    writer.close()


def test_a_network_is_an_address_or_a_64() -> None:
    assert network_of("203.0.113.7") == network_of("::ffff:203.0.113.7") == "203.0.113.7"
    assert network_of("2001:db8:1:2:3::4") == "2001:0db8:0001:0002/64"
    assert network_of(None) == ""


def test_shared_networks_have_more_places_and_proxies_have_all() -> None:
    sockets = Sockets(Bounds(of_one=2, total=1_000, shared=("10.0.0.0/8", "2001:db8::/32"), trusted=("192.0.2.1/32",)))

    def fit(network: str, how_many: int) -> int:
        return sum([sockets.enter(network) for _ in range(how_many)])

    assert fit(network_of("203.0.113.7"), 5) == 2
    assert fit(network_of("10.1.1.1"), 50) == 40
    assert fit(network_of("2001:db8::1"), 50) == 40
    assert fit(network_of("192.0.2.1"), 50) == 50
    assert sockets.known("203.0.113.7", "ana")
    sockets.leave("203.0.113.7", "ana")
    assert fit("203.0.113.7", 1) == 0
    for _ in range(4):
        sockets.leave("203.0.113.7", None)
    assert fit("203.0.113.7", 5) == 1


def test_whoever_has_a_token_has_no_more_places_by_it_than_a_network() -> None:
    sockets = Sockets(Bounds(of_one=3, total=1_000))
    for _ in range(3):
        sockets.enter("203.0.113.7")
        assert sockets.known("203.0.113.7", "ana")
    assert not sockets.enter("203.0.113.7") or not sockets.known("203.0.113.7", "ana")
    assert sockets.known("203.0.113.7", "rui")
    sockets.leave("203.0.113.7", "ana")
    sockets.enter("203.0.113.7")
    assert sockets.known("203.0.113.7", "ana")


async def test_silent_sockets_of_one_network_fill_no_more_than_twice_its_places(hospital: Hospital) -> None:
    """The oldest ones go: whoever comes from elsewhere, or from there with a token, is served all the same."""
    bounds = {"SGHSS_CONNECTIONS_PER_ADDRESS": "20", "SGHSS_CONNECTIONS": "100"}
    token = {"authorization": f"Bearer {hospital.recepcao.token}"}
    async with serving(str(hospital.server.app_url), **bounds) as url, _many(url, 700, place="127.0.0.9"):
        elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.10")
        async with httpx.AsyncClient(base_url=url, transport=elsewhere) as http:
            assert (await http.get("/healthz")).status_code == 200
            assert (await http.post("/graphql", json=ASK)).status_code == 200
        there = httpx.AsyncHTTPTransport(local_address="127.0.0.9")
        async with httpx.AsyncClient(base_url=url, transport=there) as http:
            assert (await http.post("/graphql", json=ASK, headers=token)).status_code == 200
            assert (await http.get("/healthz")).status_code == 200


PROXY = "127.0.0.2"
V2 = b"\r\n\r\n\x00\r\nQUIT\n"
V4 = b"\xcb\x00\x71\x07\x0a\x00\x00\x01\x1f\x90\x01\xbb"  # 203.0.113.7:8080, to 10.0.0.1:443
INTRODUCTIONS: list[tuple[bytes, tuple[str, int] | None]] = [
    (b"PROXY TCP4 203.0.113.7 10.0.0.1 8080 443\r\n", ("203.0.113.7", 8080)),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 8080 443\r\n", ("2001:db8::7", 8080)),
    (b"PROXY UNKNOWN\r\n", None),
    (V2 + b"\x21\x11\x00\x0c" + V4, ("203.0.113.7", 8080)),
    (V2 + b"\x21\x11\x00\x0f" + V4 + b"\x04\x00\x00", ("203.0.113.7", 8080)),
    (V2 + b"\x20\x00\x00\x00", None),
    (V2 + b"\x21\x31\x00\x02ab", None),
]


@pytest.mark.parametrize(("header", "peer"), INTRODUCTIONS)
def test_a_proxy_introduces_whom_it_speaks_for(header: bytes, peer: tuple[str, int] | None) -> None:
    assert read_introduction(header + b"GET / HTTP/1.1\r\n") == (peer, b"GET / HTTP/1.1\r\n")
    for length in range(len(header)):
        assert read_introduction(header[:length]) is None, "the rest may still come"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"PROXY TCP4 203.0.113.7\r\n",
        b"PROXY TCP4 2001:db8::7 ::1 1 2\r\n",
        b"PROXY TCP4 203.0.113.7 10.0.0.1 99999 443\r\n",
        b"PROXY TCP4 " + b"1" * 200,
        V2 + b"\x11\x11\x00\x0c" + V4,
        V2 + b"\x21\x11\x00\x02ab",
        V2 + b"\x21\x11\xff\xff",
    ],
)
def test_what_isnt_the_protocol_is_refused(data: bytes) -> None:
    with pytest.raises(BadIntroduction):
        read_introduction(data)


async def _asked(url: str, *parts: bytes) -> bytes:
    """Send the parts one by one; give all that came until the end."""
    reader, writer = await _open(url, place=PROXY)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_connections_are_counted_by_whom_the_proxy_names(hospital: Hospital) -> None:
    more = {
        "SGHSS_FORWARDED_HEADER": "proxy",
        "SGHSS_TRUSTED_PROXIES": PROXY,
        "SGHSS_CONNECTIONS_PER_ADDRESS": "4",
        "SGHSS_STRANGER_REQUESTS_PER_SECOND": "0",
    }
    body = b'{"query":"{ __typename }"}'
    ask = (
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    ) + body
    v1 = b"PROXY TCP4 203.0.113.%d 10.0.0.1 8080 443\r\n"
    async with serving(str(hospital.server.app_url), **more) as url:
        async with _many(url, 4, v1 % 7, PROXY):
            assert b" 503 " in await _asked(url, v1 % 7 + ask), "the fifth of one address"
            assert b'{"data":{"__typename":"Query"}}' in await _asked(url, v1 % 8, ask), "another address has its own"
            parts = V2, b"\x21\x11\x00\x0c\xcb\x00\x71\x09", V4[4:] + ask
            assert b'{"data":{"__typename":"Query"}}' in await _asked(url, *parts)
        assert await _asked(url, ask) == b"", "a proxy that doesn't say whom it speaks for"


async def _asks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Ask for something small, and give all that comes back."""
    body = b'{"query": "{ __typename }"}'
    head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    writer.write((head % len(body)).encode() + body)
    return await reader.read()


async def test_what_is_on_its_way_when_the_server_ends_is_answered(hospital: Hospital) -> None:
    """On a connection nothing was asked yet, or one thing, and now the next: both are answered, then closed."""
    port = free_port()
    env = environment(SGHSS_DATABASE_URL=str(hospital.server.app_url), SGHSS_PORT=str(port))
    process = await start("serve", env=env)
    try:
        await answers(f"http://127.0.0.1:{port}", process)
        fresh = await asyncio.open_connection("127.0.0.1", port)
        used = await asyncio.open_connection("127.0.0.1", port)
        used[1].write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" in await used[0].readuntil(b"ok")
        silent = await asyncio.open_connection("127.0.0.1", port)
        process.terminate()
        await until(lambda: _is_closed(port))
        for one in (fresh, used):
            told = await _asks(*one)
            assert b" 200 " in told
            assert b"connection: close" in told
        assert await silent[0].read() == b""
        for _, writer in (fresh, used, silent):
            writer.close()
        async with asyncio.timeout(5):
            assert await process.wait() is not None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _is_closed(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return True
    writer.close()
    return False
