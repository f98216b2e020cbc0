"""The database server that the tests run on: SGHSS_TEST_SERVER is ``mariadb``, ``mysql``, or an empty server's URL."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.binaries import ServerBinaries, find_or_unpack, find_or_unpack_mysql
from sghss_graphql.machinery.database.embedded import APP_USER, DATABASE, EmbeddedServer, Reachable
from sghss_graphql.machinery.database.url import DatabaseUrl

CACHE = Path(os.environ.get("SGHSS_CACHE", "~/.cache/sghss")).expanduser()
DEFAULT = "mariadb"
SEGREDO = "segredo-dos-testes-com-mais-de-trinta-e-dois-bytes"
REDE = ("127.0.0.0/8",)  # from where the tests ask: many people, one address
CUSTO = 4  # bcrypt's least: the tests are about what is checked, not about how slowly
CHOICE = os.environ.get("SGHSS_TEST_SERVER", DEFAULT)


class Server(Reachable, Protocol):
    """What the tests need to know of the server."""

    @property
    def pid(self) -> int:
        """The server's process id."""
        ...


class NamedServer:
    """A server that someone made for the tests alone: nothing of a hospital may be there."""

    def __init__(self, url: DatabaseUrl) -> None:
        self._root = url
        self.owner_url = url.with_database(DATABASE)
        self.app_url = self.owner_url.with_user(APP_USER, "senha-so-dos-testes-4711")

    @property
    def pid(self) -> int:
        """Nobody knows: the test that would stop the process is skipped."""
        pytest.skip("o processo deste servidor não é nosso")

    async def must_be_empty(self) -> None:
        """Refuse a server that holds a hospital, or its user."""
        ((databases, users),) = await self._query(
            "SELECT (SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %(d)s),"
            " (SELECT COUNT(*) FROM mysql.user WHERE user = %(u)s)"
        )
        assert databases == users == 0, f"o servidor já tem o banco {DATABASE} ou o usuário {APP_USER}: use um vazio"

    async def clean(self) -> None:
        """Take away what the tests made."""
        db = Database(self._root)
        for statement in (f"DROP DATABASE IF EXISTS {DATABASE}", f"DROP USER IF EXISTS '{APP_USER}'@'%'"):
            await db.transaction(lambda tx, statement=statement: tx.execute(statement))
        await db.close()

    async def _query(self, sql: str) -> list[tuple]:
        db = Database(self._root)
        try:
            return await db.select(sql, d=DATABASE, u=APP_USER)
        finally:
            await db.close()


def on_a_port(port: int) -> list[str]:
    """Give what a server is told so that it listens on a port, too."""
    return ["--skip-networking=OFF", "--bind-address=127.0.0.1", f"--port={port}"]


def chosen_binaries() -> ServerBinaries:
    """Give the programs of the engine under test, unpacked if the machine has none."""
    return find_or_unpack_mysql(CACHE, print) if CHOICE == "mysql" else find_or_unpack(CACHE, print)


@asynccontextmanager
async def chosen_server(folder: Path) -> AsyncIterator[Server]:
    """Give the server under test, running."""
    if CHOICE.startswith("mysql://"):
        named = NamedServer(DatabaseUrl.parse(CHOICE))
        await named.must_be_empty()
        try:
            yield named
        finally:
            await named.clean()
    else:
        assert CHOICE in ("mariadb", "mysql"), "SGHSS_TEST_SERVER: mariadb, mysql ou mysql://…"
        async with EmbeddedServer(folder, chosen_binaries()) as server:
            yield server
