"""A database's address, read and written."""

import ssl

import pytest

from sghss_graphql.machinery.database.url import DatabaseUrl


def test_an_address_is_read_and_written_back() -> None:
    url = DatabaseUrl.parse("mysql://ana:s%40nha%2F1@banco.local:3307/sghss")
    assert (url.user, url.password, url.host, url.port, url.database) == (
        "ana",
        "s@nha/1",
        "banco.local",
        3307,
        "sghss",
    )
    assert DatabaseUrl.parse(str(url)) == url
    socket = DatabaseUrl.parse("mysql://ana@localhost/sghss?unix_socket=/tmp/a%20b.sock")
    assert (socket.unix_socket, socket.port) == ("/tmp/a b.sock", 3306)  # noqa: S108 - not a file
    assert DatabaseUrl.parse(str(socket)) == socket


@pytest.mark.parametrize(
    "texto",
    [
        "",
        "postgres://a:b@c/d",
        "mysql://c/d",
        "mysql://a:segredo@c",
        "mysql://a:segredo@c:x/d",
        "mysql://a:segredo@c/d?x=1",
    ],
)
def test_what_is_no_address_is_refused_without_quoting_it(texto: str) -> None:
    with pytest.raises(ValueError) as erro:  # noqa: PT011 - the text is Portuguese, and checked below
        DatabaseUrl.parse(texto)
    assert "segredo" not in str(erro.value)


def test_the_password_is_not_shown() -> None:
    assert "segredo" not in repr(DatabaseUrl.parse("mysql://a:segredo@c/d"))


@pytest.mark.parametrize(("host", "tls"), [("127.0.0.1", False), ("localhost", False), ("banco.hospital.br", True)])
def test_another_host_is_reached_over_verified_tls_alone(host: str, tls: bool) -> None:
    contexto = DatabaseUrl.parse(f"mysql://a:b@{host}/d").connect_arguments().get("ssl")
    assert (contexto is not None) is tls
    if contexto is not None:
        assert contexto.verify_mode is ssl.CERT_REQUIRED
        assert contexto.check_hostname


def test_the_servers_of_a_group_are_all_named() -> None:
    url = DatabaseUrl.parse("mysql://ana:x@um:3307,dois,[::1]:3308/sghss?ssl_ca=/ca.pem")
    assert [(one.host, one.port, one.others) for one in url.servers] == [
        ("um", 3307, ()),
        ("dois", 3306, ()),
        ("::1", 3308, ()),
    ]
    assert DatabaseUrl.parse(str(url)) == url
    assert url.place == "um:3307,dois:3306,[::1]:3308, banco sghss"
    assert [one.encrypted for one in url.servers] == [True, True, False]
    with pytest.raises(ValueError, match="porta"):
        DatabaseUrl.parse("mysql://ana:x@um,dois:x/sghss")
