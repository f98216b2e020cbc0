"""Two servers and a database that are killed while everybody asks, and are there again a moment later."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from sghss_graphql.machinery.database.embedded import EmbeddedServer
from tests.processes import answers, environment, free_port

_LIVRES = {
    "SGHSS_REQUESTS_PER_SECOND": "0",
    "SGHSS_STRANGER_REQUESTS_PER_SECOND": "0",
    "SGHSS_LOGIN_TRIES_PER_SECOND": "0",
    "SGHSS_REGISTRATIONS_PER_HOUR": "0",
    "SGHSS_DATABASE_SECONDS": "0",
    "SGHSS_LOG_REQUESTS": "false",
    "SGHSS_SHARED_NETWORKS": "127.0.0.0/8",
}
"""A hundred people ask from one address, and without a pause."""


class Servidor:
    """A process that serves; ``no_ar`` is set while it does."""

    def __init__(self, banco: str, relogio: Path, torto: int, defeito: str | None, **mais: str) -> None:
        porta = free_port()
        self.url = f"http://127.0.0.1:{porta}"
        self.no_ar = asyncio.Event()
        self._argumentos = [str(relogio), str(torto), *([defeito] if defeito else [])]
        self._env = environment(SGHSS_DATABASE_URL=banco, SGHSS_PORT=str(porta), **_LIVRES, **mais)
        self._processo: asyncio.subprocess.Process | None = None
        self._lido: asyncio.Task[bytes] | None = None
        self.escreveu = ""
        """What its processes wrote, those that were killed too."""

    @property
    def pid(self) -> int:
        """Its process id, while it runs."""
        assert self._processo
        return self._processo.pid

    async def ligar(self) -> None:
        """Start it, and wait until it answers."""
        self._processo = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.simulador.servidor", *self._argumentos),
            env=self._env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        await answers(self.url, self._processo)
        assert self._processo.stdout
        self._lido = asyncio.create_task(self._processo.stdout.read())
        self.no_ar.set()

    async def desligar(self, sinal: signal.Signals = signal.SIGTERM) -> None:
        """End it, in good order or by SIGKILL."""
        self.no_ar.clear()
        processo, self._processo = self._processo, None
        if processo is None or self._lido is None:
            return
        if processo.returncode is None:
            processo.send_signal(sinal)
        await processo.wait()
        self.escreveu += (await self._lido).decode(errors="replace")

    async def cair(self) -> None:
        """Die in the middle of whatever it does, and start again."""
        await self.desligar(signal.SIGKILL)
        await self.ligar()


class Banco:
    """The database; ``no_ar`` is set while it answers."""

    def __init__(self, embutido: EmbeddedServer) -> None:
        self.embutido = embutido
        self.no_ar = asyncio.Event()
        self.no_ar.set()

    async def cair(self) -> None:
        """Die in the middle of whatever it does, and start again."""
        await self.parar(signal.SIGKILL)
        await self.voltar()

    async def parar(self, sinal: signal.Signals = signal.SIGTERM) -> None:
        """End it, in good order or by SIGKILL."""
        self.no_ar.clear()
        os.kill(self.embutido.pid, sinal)
        await self.embutido.stop()

    async def voltar(self) -> None:
        """Start it again."""
        await self.embutido.start()
        self.no_ar.set()
