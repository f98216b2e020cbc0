"""The road between the servers and the database: it is slow, stands still, and is cut where one likes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sghss_graphql.machinery.database.url import DatabaseUrl


@dataclass(eq=False)
class Par:
    """One connection: the server's end and the database's; ``marca`` is what a watcher remembers of it."""

    servidor: asyncio.Transport
    banco: asyncio.Transport | None = None
    por_mandar: list[bytes] = field(default_factory=list)
    marca: Any = None

    def cortar(self) -> None:
        """Cut it, both ends at once."""
        for lado in (self.servidor, self.banco):
            if lado is not None:
                lado.abort()


Vigia = Callable[[Par, bytes, bool], int | None]
"""Sees a piece that goes by, and whether it is the database's; gives after how many of its bytes the road is cut."""


class Estrada:
    """Listens on a port of 127.0.0.1, and leads to a database; whoever opens it is told how a server finds it."""

    def __init__(self) -> None:
        self.atraso = 0.0
        """Seconds that each piece takes."""
        self.vigia: Vigia | None = None
        self.cortes = 0
        self._parada = False
        self._paradas: list[Callable[[], None]] = []
        self._pares: set[Par] = set()
        self._ouve: asyncio.Server | None = None
        self._destino: DatabaseUrl | None = None

    async def abrir(self, destino: DatabaseUrl) -> DatabaseUrl:
        """Open the road to a database; give the address by which servers go over it."""
        loop = asyncio.get_running_loop()
        self._destino = destino
        self._ouve = await loop.create_server(lambda: _Chegada(self), "127.0.0.1", 0)
        porta = self._ouve.sockets[0].getsockname()[1]
        return DatabaseUrl(destino.user, destino.password, destino.database, "127.0.0.1", porta)

    def fechar(self) -> None:
        """Close it."""
        if self._ouve is not None:
            self._ouve.close()
        self.cortar()

    def cortar(self) -> None:
        """Cut all that is on it."""
        for par in list(self._pares):
            par.cortar()

    def parar(self) -> None:
        """Let nothing through, and nobody know."""
        self._parada = True

    def seguir(self) -> None:
        """Let through what waits, and what comes."""
        self._parada = False
        esperam, self._paradas = self._paradas, []
        for manda in esperam:
            manda()

    def entrou(self, par: Par) -> None:
        """Take note of a connection."""
        self._pares.add(par)

    def saiu(self, par: Par) -> None:
        """Take note that one is no more."""
        self._pares.discard(par)

    async def ligar(self, par: Par) -> None:
        """Connect a server's end with the database."""
        loop, destino = asyncio.get_running_loop(), self._destino
        assert destino
        try:
            if destino.unix_socket:
                banco, _ = await loop.create_unix_connection(lambda: _Volta(self, par), destino.unix_socket)
            else:
                banco, _ = await loop.create_connection(lambda: _Volta(self, par), destino.host, destino.port)
        except OSError:
            par.cortar()
            return
        par.banco = banco
        esperam, par.por_mandar = par.por_mandar, []
        for pedaco in esperam:
            banco.write(pedaco)

    def passa(self, par: Par, pedaco: bytes, para: asyncio.Transport, *, do_banco: bool) -> None:
        """Let a piece through, as the road is now."""
        ate = self.vigia(par, pedaco, do_banco) if self.vigia else None
        if ate is not None:
            self.cortes += 1
            para.write(pedaco[:ate])
            asyncio.get_running_loop().call_soon(par.cortar)
            return

        def manda() -> None:
            if not para.is_closing():
                para.write(pedaco)

        if self._parada:
            self._paradas.append(manda)
        elif self.atraso:
            asyncio.get_running_loop().call_later(self.atraso, manda)
        else:
            manda()


class _Chegada(asyncio.Protocol):
    """A server's end."""

    def __init__(self, estrada: Estrada) -> None:
        self._estrada = estrada
        self._par: Par | None = None
        self._ligando: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin a connection."""
        self._par = Par(transport)
        self._estrada.entrou(self._par)
        self._ligando = asyncio.get_running_loop().create_task(self._estrada.ligar(self._par))

    def data_received(self, data: bytes) -> None:
        """Take what a server sends."""
        assert self._par
        if self._par.banco is None:
            self._par.por_mandar.append(data)
        else:
            self._estrada.passa(self._par, data, self._par.banco, do_banco=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server is gone: so is the other end."""
        del exc
        assert self._par
        self._estrada.saiu(self._par)
        self._par.cortar()


class _Volta(asyncio.Protocol):
    """The database's end."""

    def __init__(self, estrada: Estrada, par: Par) -> None:
        self._estrada, self._par = estrada, par

    def data_received(self, data: bytes) -> None:
        """Take what the database sends."""
        self._estrada.passa(self._par, data, self._par.servidor, do_banco=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """The database is gone: so is the other end."""
        del exc
        self._par.cortar()
