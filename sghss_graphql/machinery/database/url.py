"""A database's address is one URL: ``mysql://user:password@host:3306/db``, or ``?unix_socket=``.

Of a group of servers all are named, ``@one:3306,two:3306,three:3306/db``: whoever connects finds the one that can be
written to.
"""

import ssl
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

from sghss_graphql.machinery.faults import os_reason

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_OPTIONS = frozenset({"unix_socket", "ssl_ca"})


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """The parts of the URL. ``repr`` leaves the password out."""

    user: str
    password: str
    database: str
    host: str = "127.0.0.1"
    port: int = 3306
    unix_socket: str | None = None
    ssl_ca: str | None = None
    others: tuple[tuple[str, int], ...] = ()
    """Hosts and ports of the other servers of the group."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a URL.

        Raises:
            ValueError: in Portuguese, saying what the URL lacks, without quoting it (it has a password).
        """
        parts = urlsplit(text)
        if parts.scheme != "mysql":
            raise ValueError("o endereço do banco começa com mysql://")
        database = unquote(parts.path.removeprefix("/"))
        if not database or not parts.username:
            raise ValueError("o endereço do banco é mysql://usuario:senha@host:3306/banco")
        password = unquote(parts.password or "")
        if not password.isascii():
            raise ValueError("a senha do banco tem letras acentuadas, que nem todo servidor lê igual: use outra")
        options = parse_qs(parts.query)
        if unknown := options.keys() - _OPTIONS:
            raise ValueError(f"opção desconhecida no endereço do banco: {', '.join(sorted(unknown))}")
        (host, port), *others = map(_host_and_port, parts.netloc.rpartition("@")[2].split(","))
        return cls(
            user=unquote(parts.username),
            password=password,
            database=database,
            host=host,
            port=port,
            others=tuple(others),
            unix_socket=options.get("unix_socket", [None])[0],
            ssl_ca=options.get("ssl_ca", [None])[0],
        )

    def with_user(self, user: str, password: str) -> Self:
        """Give the same database as another user sees it."""
        return replace(self, user=user, password=password)

    def with_database(self, database: str) -> Self:
        """Give another database of the same server."""
        return replace(self, database=database)

    @property
    def servers(self) -> tuple[Self, ...]:
        """Each server of the group, as if it were alone."""
        hosts = ((self.host, self.port), *self.others)
        return tuple(replace(self, host=host, port=port, others=()) for host, port in hosts)

    @property
    def place(self) -> str:
        """Where the database is, for people: no user, no password."""
        return f"{self.unix_socket or self._hosts}, banco {self.database}"

    @property
    def _hosts(self) -> str:
        hosts = ((self.host, self.port), *self.others)
        return ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in hosts)

    @property
    def encrypted(self) -> bool:
        """Whether it is reached over TLS: it is on another machine."""
        return self.unix_socket is None and self.host not in _LOOPBACK

    def connect_arguments(self) -> dict[str, Any]:
        """Give aiomysql's arguments. A database on another host is reached over verified TLS only."""
        where: dict[str, Any]
        if self.unix_socket:
            where = {"unix_socket": self.unix_socket}
        else:
            where = {"host": self.host, "port": self.port}
            if self.encrypted:
                where["ssl"] = _verifying(self.ssl_ca)
        return {"user": self.user, "password": self.password, "db": self.database, **where}

    def __str__(self) -> str:
        """Give the URL back, in the form that ``parse`` reads."""
        query = f"?unix_socket={quote(self.unix_socket)}" if self.unix_socket else ""
        if self.ssl_ca:
            query += ("&" if query else "?") + f"ssl_ca={quote(self.ssl_ca)}"
        credentials = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"mysql://{credentials}@{self._hosts}/{quote(self.database)}{query}"

    def __repr__(self) -> str:
        return f"DatabaseUrl({self.user}@{self.unix_socket or self.host}/{self.database})"


def _host_and_port(text: str) -> tuple[str, int]:
    """Read one server's address; the port is MySQL's, if none is named.

    Raises:
        ValueError: the port isn't one.
    """
    parts = urlsplit(f"//{text}")
    try:
        return parts.hostname or "127.0.0.1", parts.port or 3306
    except ValueError:
        raise ValueError("a porta do banco é um número de 1 a 65535") from None


def _verifying(authority: str | None) -> ssl.SSLContext:
    """Give a context that verifies the server's certificate by the machine's authorities, or by one's own.

    Raises:
        ValueError: the authority's file can't be read.
    """
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise ValueError(f"o arquivo de ssl_ca não serve: {os_reason(error)}") from None
