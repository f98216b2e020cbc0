"""What one deploys with, tried: Caddy and nginx before two servers of which one goes, and Prometheus's own check."""

import asyncio
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from sghss_graphql.app import grants, migrations
from sghss_graphql.machinery.database.binaries import find_or_unpack
from sghss_graphql.machinery.database.embedded import EmbeddedServer, create_database
from sghss_graphql.machinery.database.migrations import migrate
from sghss_graphql.machinery.database.unpacking import Apt
from tests.processes import environment, free_port, start, until
from tests.servers import CACHE

ROOT = Path(__file__).parents[1]
_PROGRAMAS = ["caddy", "nginx", "prometheus"]
_PEDIDOS = 200


@pytest.fixture(scope="session")
def programas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Debian's Caddy, nginx and Prometheus are, unpacked."""
    pasta = tmp_path_factory.mktemp("programas")
    apt = Apt(pasta)
    apt.update()
    apt.unpack(_PROGRAMAS)
    return pasta / "root/usr"


def test_prometheus_takes_the_rules(programas: Path) -> None:
    feito = subprocess.run(
        [programas / "bin/promtool", "check", "rules", ROOT / "docs/operar/alertas.yml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert feito.returncode == 0, feito.stdout + feito.stderr


@pytest.fixture(scope="session")
async def banco(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServer]:
    """A database with the schema."""
    async with EmbeddedServer(tmp_path_factory.mktemp("banco"), find_or_unpack(CACHE, print)) as banco:
        await create_database(banco, grants(), lambda db: migrate(db, migrations()))
        yield banco


@asynccontextmanager
async def dois_servidores(banco: EmbeddedServer) -> AsyncIterator[dict[str, asyncio.subprocess.Process]]:
    """Serve twice, on ports of their own."""
    servidores = {}
    for _ in range(2):
        porta = str(free_port())
        env = environment(
            SGHSS_DATABASE_URL=str(banco.app_url), SGHSS_PORT=porta, SGHSS_TRUSTED_PROXIES="127.0.0.1/32",
            SGHSS_FORWARDED_HEADER="x-forwarded-for", SGHSS_LOG_REQUESTS="false", SGHSS_REQUESTS_PER_SECOND="0",
            SGHSS_STRANGER_REQUESTS_PER_SECOND="0",
        )  # fmt: skip
        servidores[porta] = await start("serve", env=env)
    try:
        yield servidores
    finally:
        for processo in servidores.values():
            if processo.returncode is None:
                processo.send_signal(signal.SIGTERM)
            await processo.communicate()


async def pedir_enquanto_um_sai(
    url: str, verify: ssl.SSLContext | bool, sai: asyncio.subprocess.Process, falham: int = 0
) -> None:
    """Ask through a proxy; after a third of it one of the servers is ended in good order: everybody is answered.

    ``falham`` is how many may not be, at that moment.
    """
    async with httpx.AsyncClient(verify=verify, timeout=30) as http:

        async def responde() -> bool:
            try:
                return (await http.get(f"{url}/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        async def um(numero: int) -> int:
            if numero == _PEDIDOS // 3:
                sai.send_signal(signal.SIGTERM)
            de_quem = {"X-Forwarded-For": f"203.0.113.{numero}"}
            try:
                feita = await http.post(f"{url}/graphql", json={"query": "{ __typename }"}, headers=de_quem)
            except httpx.TransportError:
                return 0
            return feita.status_code

        await until(responde)
        respostas = []
        for numero in range(0, _PEDIDOS, 4):
            respostas += await asyncio.gather(*(um(numero + n) for n in range(4)))
    sem = [status for status in respostas if status != 200]
    assert len(sem) <= falham, sem
    assert set(respostas[-_PEDIDOS // 3 :]) == {200}, "long after it left"


@pytest.fixture
def proxy() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Proxies that a test starts: they end with it."""
    rodam: list[subprocess.Popen[bytes]] = []
    yield rodam
    for um in rodam:
        um.terminate()
        um.wait(20)


def correr(pasta: Path, *comando: str | Path) -> subprocess.Popen[bytes]:
    """Start a program that ends with the test."""
    env = {"HOME": str(pasta), "PATH": "/usr/bin:/bin"}
    with (pasta / "erros.txt").open("wb") as erros:
        return subprocess.Popen(comando, env=env, stdout=subprocess.DEVNULL, stderr=erros)


async def test_caddy_before_two_servers(
    programas: Path, banco: EmbeddedServer, tmp_path: Path, proxy: list[subprocess.Popen[bytes]]
) -> None:
    texto, porta = (ROOT / "implantar/Caddyfile").read_text(encoding="utf-8"), free_port()
    async with dois_servidores(banco) as servidores:
        (um, outro) = servidores
        texto = texto.replace("127.0.0.1:8000", f"127.0.0.1:{um}").replace("127.0.0.1:8001", f"127.0.0.1:{outro}")
        texto = texto.replace("hospital.exemplo.br {", f"http://127.0.0.1:{porta} {{")
        config = tmp_path / "Caddyfile"
        config.write_text("{\n\tadmin off\n}\n" + texto, encoding="utf-8")
        proxy.append(correr(tmp_path, programas / "bin/caddy", "run", "--config", config, "--adapter", "caddyfile"))
        await pedir_enquanto_um_sai(f"http://127.0.0.1:{porta}", False, servidores[um], falham=8)


async def test_nginx_before_two_servers(
    programas: Path, banco: EmbeddedServer, tmp_path: Path, proxy: list[subprocess.Popen[bytes]]
) -> None:
    texto, porta = (ROOT / "implantar/nginx.conf").read_text(encoding="utf-8"), free_port()
    autoridade = trustme.CA()
    certificado = autoridade.issue_cert("127.0.0.1")
    certificado.private_key_pem.write_to_path(tmp_path / "chave.pem")
    for parte in certificado.cert_chain_pems:
        parte.write_to_path(tmp_path / "cadeia.pem", append=True)
    async with dois_servidores(banco) as servidores:
        (um, outro) = servidores
        texto = texto.replace("127.0.0.1:8000", f"127.0.0.1:{um}").replace("127.0.0.1:8001", f"127.0.0.1:{outro}")
        texto = texto.replace("/etc/ssl/sghss/", f"{tmp_path}/").replace("listen 443", f"listen 127.0.0.1:{porta}")
        pastas = "".join(
            f"{nome}_temp_path {tmp_path}/{nome};" for nome in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = tmp_path / "nginx.conf"
        config.write_text(
            f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/erros; events {{}}\n"
            f"http {{ access_log off; {pastas}\n{texto}\n}}\n",
            encoding="utf-8",
        )
        nginx = programas / "sbin/nginx"
        proxy.append(correr(tmp_path, nginx, "-p", tmp_path, "-c", config))
        contexto = ssl.create_default_context()
        autoridade.configure_trust(contexto)
        await pedir_enquanto_um_sai(f"https://127.0.0.1:{porta}", contexto, servidores[um])
