"""A pool gives places in turn and takes back only what is whole; another host is reached over TLS or not at all."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.binaries import ServerBinaries
from sghss_graphql.machinery.database.connections import Pool
from sghss_graphql.machinery.database.embedded import EmbeddedServer
from sghss_graphql.machinery.database.failures import Unreachable
from sghss_graphql.machinery.database.url import DatabaseUrl
from tests.hospital import Hospital
from tests.processes import free_port

ELSEWHERE = "127.0.0.2"  # this machine, but not by a name that means "this machine"


def _pool(hospital: Hospital, size: int, patience: float = 5) -> Pool:
    arguments = {**hospital.server.owner_url.connect_arguments(), "autocommit": True}
    return Pool(size, [arguments], lambda version: "SET @nada = 1", patience)


async def test_places_are_given_in_the_order_of_asking(hospital: Hospital) -> None:
    pool = _pool(hospital, 1)
    only = await pool.acquire()
    order: list[int] = []

    async def ask(number: int) -> None:
        connection = await pool.acquire()
        order.append(number)
        pool.release(connection)

    asking = [asyncio.create_task(ask(number)) for number in range(5)]
    await asyncio.sleep(0)
    asking[2].cancel()
    pool.release(only)
    await asyncio.gather(*asking, return_exceptions=True)
    assert order == [0, 1, 3, 4]
    assert await asyncio.wait_for(pool.acquire(), 1) is only
    pool.close()


async def test_a_place_that_comes_to_someone_who_left_goes_to_the_next(hospital: Hospital) -> None:
    pool = _pool(hospital, 1)
    only = await pool.acquire()
    first, second = (asyncio.create_task(pool.acquire()) for _ in range(2))
    await asyncio.sleep(0)
    pool.release(only)
    first.cancel()
    assert await asyncio.wait_for(second, 1) is only
    pool.close()


async def test_a_connection_that_cannot_be_made_gives_its_place_back(hospital: Hospital) -> None:
    pool = Pool(1, [{"unix_socket": "/nao/existe.sock", "user": "x"}], lambda version: "", 5)
    for _ in range(3):
        with pytest.raises(Exception, match="connect"):
            await asyncio.wait_for(pool.acquire(), 1)


async def test_a_connection_in_the_middle_of_something_is_not_kept(hospital: Hospital) -> None:
    pool = _pool(hospital, 1)
    first = await pool.acquire()
    await first.begin()
    pool.release(first)
    second = await pool.acquire()
    assert second is not first
    assert first.closed
    pool.close()
    assert second.closed
    pool.release(second)
    third = await pool.acquire()
    assert third is not second
    pool.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that this machine doesn't know."""
    return trustme.CA()


@pytest.fixture(scope="module")
async def elsewhere(
    binaries: ServerBinaries, authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DatabaseUrl]:
    """A server on another host, with a certificate of our own authority."""
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    certificate = authority.issue_cert(ELSEWHERE)
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    options = [
        "--skip-networking=0",
        f"--bind-address={ELSEWHERE}",
        f"--port={port}",
        f"--ssl-ca={folder}/ca.pem",
        f"--ssl-cert={folder}/cert.pem",
        f"--ssl-key={folder}/key.pem",
    ]
    async with EmbeddedServer(folder / "banco", binaries, options) as server:
        owner = Database(server.owner_url.with_database("mysql"))
        for statement in (
            "CREATE USER longe@'%' IDENTIFIED BY 'uma-senha-4711' REQUIRE SSL",
            "GRANT SELECT ON mysql.* TO longe@'%'",
        ):
            await owner.transaction(lambda tx, statement=statement: tx.execute(statement))
        await owner.close()
        yield DatabaseUrl("longe", "uma-senha-4711", "mysql", host=ELSEWHERE, port=port, ssl_ca=str(folder / "ca.pem"))


async def _why_not(url: DatabaseUrl) -> str:
    db = Database(url, connect_timeout=1)
    with pytest.raises(Unreachable) as refused:
        await db.select("SELECT 1")
    await db.close()
    assert url.password not in str(refused.value) + refused.value.reason
    return refused.value.reason


async def test_another_host_is_reached_over_verified_tls(elsewhere: DatabaseUrl) -> None:
    db = Database(elsewhere)
    assert (await db.select("SHOW STATUS LIKE 'Ssl_version'"))[0][1].startswith("TLSv1")
    await db.close()


async def test_a_certificate_of_an_unknown_authority_is_refused(elsewhere: DatabaseUrl) -> None:
    assert "ssl_ca=" in await _why_not(replace(elsewhere, ssl_ca=None))


async def test_a_certificate_of_another_host_is_refused(elsewhere: DatabaseUrl) -> None:
    assert "certificado" in await _why_not(replace(elsewhere, host="127.2"))


async def test_a_server_that_offers_no_tls_never_sees_the_password(hospital: Hospital) -> None:
    """Whoever stands in the way could say so, too: the client stops at the greeting."""
    heard: list[bytes] = []

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        without_tls = 0xA68F & ~0x0800
        greeting = (
            b"\x0a8.0.36\0\1\0\0\0abcdefgh\0"
            + without_tls.to_bytes(2, "little")
            + b"\x2d\2\0\xff\xc1\x15"
            + bytes(10)
            + b"ijklmnopqrst\0mysql_clear_password\0"
        )
        writer.write(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
        await writer.drain()
        heard.append(await reader.read(100))
        writer.close()

    async with await asyncio.start_server(greet, ELSEWHERE, 0) as impostor:
        port = impostor.sockets[0].getsockname()[1]
        why = await _why_not(DatabaseUrl("ana", "uma-senha-4711", "sghss", host=ELSEWHERE, port=port))
    assert "não oferece TLS" in why
    assert heard in ([b""], [])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "outra-senha-4712"}, "usuário ou a senha"),
        ({"database": "nao_existe"}, "banco"),
        ({"port": 1}, "está no ar?"),
        ({"host": "nao-existe.invalid"}, "nome da máquina"),
        ({"unix_socket": "/nao/existe.sock"}, "está no ar?"),
    ],
    ids=["password", "database", "port", "host", "socket"],
)
async def test_what_is_in_the_way_is_said(elsewhere: DatabaseUrl, change: dict, words: str) -> None:
    assert words in await _why_not(replace(elsewhere, **change))


def test_the_authoritys_file_must_be_one(tmp_path: Path) -> None:
    url = DatabaseUrl("a", "b", "c", host="longe", ssl_ca=str(tmp_path / "nao-existe.pem"))
    with pytest.raises(ValueError, match="ssl_ca"):
        url.connect_arguments()
    (tmp_path / "vazio.pem").write_text("nada")
    with pytest.raises(ValueError, match="ssl_ca"):
        replace(url, ssl_ca=str(tmp_path / "vazio.pem")).connect_arguments()


def test_tls_is_verified_by_name_and_chain(authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = DatabaseUrl("a", "b", "c", host="longe", ssl_ca=str(tmp_path / "ca.pem")).connect_arguments()["ssl"]
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED


async def test_a_place_that_does_not_come_in_time_is_given_up(hospital: Hospital) -> None:
    pool = _pool(hospital, 1, patience=0.2)
    only = await pool.acquire()
    with pytest.raises(TimeoutError):
        await pool.acquire()
    pool.release(only)
    assert await pool.acquire() is only
    pool.close()
