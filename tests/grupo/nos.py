"""Three database servers that are one, on this machine and without rights: MySQL's group, or MariaDB's cluster."""

import asyncio
import os
import re
import shutil
import signal
import warnings
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiomysql

from sghss_graphql.machinery.database import DatabaseUrl
from sghss_graphql.machinery.database.binaries import ServerBinaries
from sghss_graphql.machinery.database.embedded import APP_USER, DATABASE, EmbeddedServer
from tests.processes import free_port, until
from tests.servers import on_a_port

QUANTOS = 3
DONO, SENHA = "dono", "senha-do-grupo-4711"
_VOLTA = 90.0
"""Seconds in which a server is one of the group again."""


class Grupo(ABC):
    """Servers that hold the same; ``perde`` is whether what was answered as done may be lost with the server."""

    nome: str
    perde: bool
    feito: str
    """Asks one of them how far it is."""

    def __init__(self, pasta: Path, programas: ServerBinaries) -> None:
        self.portas = [free_port() for _ in range(QUANTOS)]
        self.conversas = [free_port() for _ in range(QUANTOS)]
        self._pasta, self._programas = pasta, programas
        self.nos = [self.no(n) for n in range(QUANTOS)]

    def no(self, n: int, *mais: str) -> EmbeddedServer:
        """Give one of the servers as it is started, with more on its command line."""
        opcoes = [*on_a_port(self.portas[n]), f"--server-id={n + 1}", *self.opcoes(n), *mais]
        return EmbeddedServer(self._pasta / str(n), self._programas, opcoes)

    @abstractmethod
    def opcoes(self, n: int) -> list[str]:
        """Give the command line of one of the servers."""

    @abstractmethod
    async def formar(self) -> None:
        """Start all of them, for the first time, as a group that holds nothing."""

    @abstractmethod
    async def juntar(self, n: int) -> None:
        """Let one that runs again be one of the group, if it isn't by itself."""

    @abstractmethod
    async def reunidos(self) -> bool:
        """Tell whether all of them are one group; whoever isn't, and could be, is asked to join."""

    async def iguais(self) -> bool:
        """Tell whether all of them have done the same, once nobody asks for more."""
        feitos = [await self.comandos(n, self.feito) for n in range(QUANTOS)]
        return feitos[0] == feitos[1] == feitos[2]

    @abstractmethod
    async def primeiro(self) -> int:
        """Give the one that is written to."""

    def url(self, usuario: str, senha: str) -> DatabaseUrl:
        """Give the address of all of them."""
        (porta, *outras) = self.portas
        outros = tuple(("127.0.0.1", outra) for outra in outras)
        return DatabaseUrl(usuario, senha, DATABASE, "127.0.0.1", porta, others=outros)

    @property
    def da_aplicacao(self) -> DatabaseUrl:
        """The group, as the servers of the product have it."""
        return self.url(APP_USER, self.nos[0].app_url.password)

    @property
    def do_dono(self) -> DatabaseUrl:
        """The group, as its owner has it."""
        return self.url(DONO, SENHA)

    async def comandos(self, n: int, *comandos: str) -> list[tuple[Any, ...]]:
        """Run statements on one of them, one after the other; the rows of the last."""
        conexao = await aiomysql.connect(
            unix_socket=self.nos[n].owner_url.unix_socket, user="root", autocommit=True, connect_timeout=3
        )
        try:
            async with conexao.cursor() as cursor:
                for comando in comandos:
                    with warnings.catch_warnings():  # of what MySQL would rather have, it warns
                        warnings.simplefilter("ignore", aiomysql.Warning)
                        await cursor.execute(comando)
                return list(await cursor.fetchall())
        finally:
            conexao.close()

    async def morrer(self, n: int, sinal: signal.Signals) -> None:
        """End one of them, by SIGKILL or in good order."""
        os.kill(self.nos[n].pid, sinal)
        await self.nos[n].stop()

    async def voltar(self, n: int) -> None:
        """Start one of them again, and let it be one of the group."""
        await self.nos[n].start()
        await self.juntar(n)

    async def reunir(self) -> None:
        """Wait until all of them are one group."""
        await until(self.reunidos, _VOLTA)

    async def sair(self) -> None:
        """End all of them."""
        await asyncio.gather(*(no.stop() for no in self.nos))


class GrupoDoMySQL(Grupo):
    """MySQL Group Replication: one is written to, and what it answers as done most of them have."""

    nome, perde = "MySQL Group Replication", False
    feito = "SELECT @@GLOBAL.gtid_executed"

    def opcoes(self, n: int) -> list[str]:
        """Give the command line of one of the servers."""
        todos = ",".join(f"127.0.0.1:{porta}" for porta in self.conversas)
        grupo = {
            "group-name": "7d0b1c8e-5a4f-4e0a-9b6d-2f1c3a5e7b90",
            "start-on-boot": "OFF",
            "local-address": f"127.0.0.1:{self.conversas[n]}",
            "group-seeds": todos,
            "ip-allowlist": "127.0.0.1",
            "bootstrap-group": "OFF",
            "recovery-get-public-key": "ON",
            "consistency": "BEFORE_ON_PRIMARY_FAILOVER",
            "member-expel-timeout": "0",
            "unreachable-majority-timeout": "5",
            "autorejoin-tries": "3",
        }
        return [
            *("--log-bin=banco", "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--super-read-only=ON"),
            *("--report-host=127.0.0.1", f"--report-port={self.portas[n]}", "--plugin-load-add=group_replication.so"),
            *(f"--loose-group-replication-{nome}={valor}" for nome, valor in grupo.items()),
        ]

    async def formar(self) -> None:
        """Start all of them, for the first time, as a group that holds nothing."""
        await asyncio.gather(*(no.start() for no in self.nos))
        for n in range(QUANTOS):
            await self.comandos(
                n,
                "SET GLOBAL super_read_only = OFF",
                "SET SESSION sql_log_bin = 0",
                f"CREATE USER recupera@'%' IDENTIFIED BY '{SENHA}'",
                "GRANT REPLICATION SLAVE, GROUP_REPLICATION_STREAM ON *.* TO recupera@'%'",
                f"CHANGE REPLICATION SOURCE TO SOURCE_USER = 'recupera', SOURCE_PASSWORD = '{SENHA}'"
                " FOR CHANNEL 'group_replication_recovery'",
                "SET GLOBAL super_read_only = ON",
            )
        comeca = ("SET GLOBAL group_replication_bootstrap_group = ON", "START GROUP_REPLICATION")
        await self.comandos(0, *comeca, "SET GLOBAL group_replication_bootstrap_group = OFF")
        for n in range(1, QUANTOS):
            await self.juntar(n)
        await self.comandos(
            await self.primeiro(),
            f"CREATE USER {DONO}@'%' IDENTIFIED BY '{SENHA}'",
            f"GRANT ALL ON *.* TO {DONO}@'%'",
        )

    async def juntar(self, n: int) -> None:
        """Ask one that runs again to be one of the group; it is asked again (``reunidos``) if the group says no.

        It does as long as it hasn't let go of who the server was before it died.
        """
        if await self._estado(n) != "ONLINE":
            with suppress(aiomysql.OperationalError):
                await self.comandos(n, "STOP GROUP_REPLICATION", "START GROUP_REPLICATION")

    async def reunidos(self) -> bool:
        """Tell whether all of them are one group; whoever isn't, and could be, is asked to join."""
        estados = await asyncio.gather(*(self._estado(n) for n in range(QUANTOS)))
        for n, estado in enumerate(estados):
            if estado in ("ERROR", "OFFLINE"):
                await self.juntar(n)
        return set(estados) == {"ONLINE"}

    async def primeiro(self) -> int:
        """Give the one that is written to."""
        for n in range(QUANTOS):
            try:
                papel = await self.comandos(
                    n,
                    "SELECT MEMBER_PORT FROM performance_schema.replication_group_members WHERE MEMBER_ROLE = 'PRIMARY'"
                    " AND MEMBER_STATE = 'ONLINE'",
                )
            except (aiomysql.Error, OSError):
                continue
            if papel:
                return self.portas.index(int(papel[0][0]))
        raise RuntimeError("nenhum servidor do grupo aceita escritas")

    async def _estado(self, n: int) -> str:
        try:
            ((estado,),) = await self.comandos(
                n,
                "SELECT MEMBER_STATE FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid"
                " UNION ALL SELECT 'OFFLINE' LIMIT 1",
            )
        except (aiomysql.Error, OSError):
            return "AWAY"
        return str(estado)


class GrupoDoMariaDB(Grupo):
    """MariaDB with Galera: each may be written to; what it answered as done may be lost (Jepsen, 2026)."""

    nome, perde = "MariaDB Galera", True
    feito = "SHOW STATUS LIKE 'wsrep_last_committed'"

    def __init__(self, pasta: Path, programas: ServerBinaries, biblioteca: Path) -> None:
        self._biblioteca = biblioteca
        self._transferencias = [free_port() for _ in range(QUANTOS)]
        super().__init__(pasta, programas)

    def opcoes(self, n: int) -> list[str]:
        """Give the command line of one of the servers; who misses little gets it from the others (IST), or nothing."""
        provedor = {
            "gmcast.listen_addr": f"tcp://127.0.0.1:{self.conversas[n]}",
            "ist.recv_addr": f"127.0.0.1:{self._transferencias[n]}",
            "gcache.size": "512M",
            "evs.keepalive_period": "PT0.5S",
            "evs.inactive_check_period": "PT0.5S",
            "evs.suspect_timeout": "PT2S",
            "evs.inactive_timeout": "PT4S",
        }
        return [
            *("--wsrep-on=ON", f"--wsrep-provider={self._biblioteca}", "--binlog-format=ROW"),
            *("--innodb-autoinc-lock-mode=2", "--wsrep-sst-method=ist", "--wsrep-sync-wait=7"),
            *(f"--wsrep-node-name=n{n}", f"--wsrep-node-address=127.0.0.1:{self.conversas[n]}"),
            f"--wsrep-provider-options={';'.join(f'{nome}={valor}' for nome, valor in provedor.items())}",
        ]

    @property
    def _todos(self) -> str:
        return f"--wsrep-cluster-address=gcomm://{','.join(f'127.0.0.1:{porta}' for porta in self.conversas)}"

    def no(self, n: int, *mais: str) -> EmbeddedServer:
        """Give one of the servers as it is started, with more on its command line."""
        aqui = str(Path(__file__).parent)  # the server looks there for what it lets others run
        if aqui not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] += os.pathsep + aqui
        return super().no(n, *mais)

    async def formar(self) -> None:
        """Start all of them, for the first time, as a group that holds nothing: copies of one that was alone."""
        sozinho = self.no(0, "--wsrep-cluster-address=gcomm://")
        await sozinho.start()
        self.nos[0] = sozinho
        await until(self._ha_quem_escreva, _VOLTA)
        await self.comandos(
            0, f"CREATE USER {DONO}@'%' IDENTIFIED BY '{SENHA}'", f"GRANT ALL ON *.* TO {DONO}@'%' WITH GRANT OPTION"
        )
        await sozinho.stop()
        for n in range(1, QUANTOS):
            destino = self._pasta / str(n)
            destino.mkdir()
            await asyncio.to_thread(shutil.copytree, self._pasta / "0" / "mariadb", destino / "mariadb")
            (destino / "mariadb" / "gvwstate.dat").unlink(missing_ok=True)
        await sozinho.start()
        await until(self._ha_quem_escreva, _VOLTA)
        for n in range(1, QUANTOS):
            self.nos[n] = self.no(n, self._todos)
            await self.nos[n].start()

    async def voltar(self, n: int) -> None:
        """Start one of them again, from where it stopped: who was killed is asked where that was."""
        onde = await self._onde_parou(n)
        self.nos[n] = self.no(n, self._todos, *([f"--wsrep-start-position={onde}"] if onde else []))
        await self.nos[n].start()

    async def juntar(self, n: int) -> None:
        """It is one of the group by itself."""

    async def reunidos(self) -> bool:
        """Tell whether all of them are one group."""
        for n in range(QUANTOS):
            try:
                como = dict(await self.comandos(n, "SHOW STATUS LIKE 'wsrep_%'"))
            except (aiomysql.Error, OSError):
                return False
            if (como["wsrep_local_state_comment"], como["wsrep_cluster_size"]) != ("Synced", str(QUANTOS)):
                return False
        return True

    async def primeiro(self) -> int:
        """Give the first that can be written to: it is the first that the product tries."""
        for n in range(QUANTOS):
            try:
                ((_, pronto),) = await self.comandos(n, "SHOW STATUS LIKE 'wsrep_ready'")
            except (aiomysql.Error, OSError):
                continue
            if pronto == "ON":
                return n
        raise RuntimeError("nenhum servidor do grupo aceita escritas")

    async def _ha_quem_escreva(self) -> bool:
        try:
            return await self.primeiro() >= 0
        except RuntimeError:
            return False

    async def _onde_parou(self, n: int) -> str:
        servir = self._programas.serve(self._pasta / str(n) / "mariadb")
        comando = [*servir, *self.opcoes(n), self._todos, "--wsrep-recover"]
        processo = await asyncio.create_subprocess_exec(
            *(*comando, f"--socket={self._pasta}/{n}/recupera.sock", "--skip-networking"),
            env=self._programas.environment,
            stderr=asyncio.subprocess.PIPE,
        )
        _, escrito = await processo.communicate()
        achado = re.search(rb"Recovered position:\s*(\S+:\d+)", escrito)
        return achado[1].decode() if achado else ""


@asynccontextmanager
async def formado(grupo: Grupo) -> AsyncIterator[Grupo]:
    """Give a group that runs."""
    try:
        await grupo.formar()
        await grupo.reunir()
        yield grupo
    finally:
        await grupo.sair()
