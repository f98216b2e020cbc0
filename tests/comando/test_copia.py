"""A copy holds all of one instant, opens with its key alone, and is put back whole or not at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest

from sghss_graphql.app import create_app
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.embedded import DATABASE, EmbeddedServer
from tests.hospital import AGENDAR, Cliente, Hospital
from tests.processes import completed, environment
from tests.servers import Server, chosen_binaries
from tests.wire import connected

MARCA = "Sigilo-que-nao-se-le-7731"
VISTO = (
    "{ pacientes(first: 5) { totalCount edges { node { nome cpf } } } consultas(first: 20) { totalCount"
    " contagens { situacao total } edges { node { id inicio situacao paciente { nome } } } } }"
)


@dataclass
class Copia:
    """A copy of the hospital of the tests, its key, and what it was made of."""

    arquivo: Path
    chave: Path
    marcada: str


async def rodar(servidor: Server, *argumentos: str, **mais: str) -> tuple[int, str]:
    env = environment(
        SGHSS_DATABASE_URL=str(servidor.app_url), SGHSS_MIGRATE_DATABASE_URL=str(servidor.owner_url), **mais
    )
    return await completed(*argumentos, env=env)


@pytest.fixture(scope="module")
async def copia(hospital: Hospital, tmp_path_factory: pytest.TempPathFactory) -> Copia:
    """Made while somebody books."""
    pasta = tmp_path_factory.mktemp("copia")
    arquivo, chave = pasta / "hospital.age", pasta / "chave.txt"
    codigo, publica = await rodar(hospital.server, "backup", "--nova-chave", str(chave))
    assert codigo == 0, publica
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    marcada = await hospital.consulta(paciente, profissional, motivo=MARCA)
    feita = asyncio.Event()

    async def marcar() -> None:
        while not feita.is_set():
            pedido = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
            await hospital.recepcao(AGENDAR, input=pedido)

    async with asyncio.TaskGroup() as grupo:
        grupo.create_task(marcar())
        codigo, texto = await rodar(
            hospital.server, "backup", str(arquivo), SGHSS_BACKUP_RECIPIENTS=publica.strip().splitlines()[-1]
        )
        feita.set()
    assert codigo == 0, texto
    return Copia(arquivo, chave, marcada)


@asynccontextmanager
async def _vazio(pasta: Path) -> AsyncIterator[EmbeddedServer]:
    async with EmbeddedServer(pasta, chosen_binaries()) as servidor:
        db = Database(servidor.owner_url.with_database("mysql"))
        await db.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
        await db.close()
        yield servidor


async def test_all_of_it_is_put_back_and_nobody_is_logged_in(hospital: Hospital, copia: Copia, tmp_path: Path) -> None:
    assert copia.arquivo.stat().st_mode & 0o777 == copia.chave.stat().st_mode & 0o777 == 0o600
    assert MARCA.encode() not in copia.arquivo.read_bytes()
    async with _vazio(tmp_path) as servidor:
        la, _ = await rodar(hospital.server, "verificar")  # what other tests broke on purpose is broken there, too
        codigo, texto = await rodar(servidor, "restaurar", str(copia.arquivo), "--chave", str(copia.chave))
        assert codigo == la, texto
        assert "Está tudo como na cópia" in texto
        settings = hospital.settings.model_copy(update={"database_url": str(servidor.owner_url)})
        async with connected(create_app(settings)) as http:
            assert (await Cliente(http, hospital.recepcao.token)("{ eu { id } }")).codigos == ["NAO_AUTENTICADO"]
            recepcao = await Cliente(http).entrar("390.533.447-05", "sghss-demo-2026")
            ver = "query($id: ID!) { consulta(id: $id) { motivo situacao } }"
            vista = (await recepcao(ver, id=copia.marcada)).data["consulta"]
            assert vista == {"motivo": MARCA, "situacao": "AGENDADA"}
            do_outro = (await hospital.recepcao(ver, id=copia.marcada)).data["consulta"]
            assert vista == do_outro
            assert (await recepcao(VISTO)).data["pacientes"]["totalCount"] > 1_000
        db = Database(servidor.owner_url)
        assert await db.select("SELECT COUNT(*) FROM codigo_de_acesso") == [(0,)]
        assert await db.select("SELECT COUNT(*) FROM sessao WHERE encerrada_em IS NULL") == [(1,)], "the one of now"
        await db.close()
        codigo, texto = await rodar(servidor, "restaurar", str(copia.arquivo), "--chave", str(copia.chave))
        assert codigo == 1
        assert "banco vazio" in texto


async def test_what_is_not_whole_or_of_another_key_is_refused_and_nothing_is_written(
    copia: Copia, tmp_path: Path
) -> None:
    inteiro = copia.arquivo.read_bytes()
    outra = tmp_path / "outra.txt"
    outra.write_text(str(pyrage.x25519.Identity.generate()))
    mudado = bytearray(inteiro)
    mudado[len(mudado) // 2] ^= 1
    casos = {
        "cortado": (inteiro[: len(inteiro) // 2], copia.chave, "está cortado"),
        "sem o fim": (inteiro[:-20], copia.chave, "está cortado"),
        "mudado": (bytes(mudado), copia.chave, "está cortado, ou foi mudado"),
        "de outra chave": (inteiro, outra, "não é desta chave"),
        "outra coisa": (b"PK\x03\x04" + bytes(500), copia.chave, "não é um arquivo de age"),
        "sem chave": (inteiro, copia.arquivo.with_name("vazia.txt"), "não tem uma chave secreta"),
    }
    copia.arquivo.with_name("vazia.txt").write_text("# nada\n")
    async with _vazio(tmp_path / "banco") as servidor:
        for nome, (conteudo, chave, palavras) in casos.items():
            arquivo = tmp_path / "outra.age"
            arquivo.write_bytes(conteudo)
            codigo, texto = await rodar(servidor, "restaurar", str(arquivo), "--chave", str(chave))
            assert (codigo, palavras in texto) == (1, True), f"{nome}: {texto}"
            assert "Traceback" not in texto
        db = Database(servidor.owner_url)
        assert await db.select("SHOW TABLES") == []
        await db.close()


async def test_for_whom_it_is_encrypted_must_be_said(hospital: Hospital, tmp_path: Path) -> None:
    arquivo = tmp_path / "x.age"
    for argumentos, palavras in (((), "--nova-chave"), (("--para", "age1x"), "58 letras")):
        codigo, texto = await rodar(hospital.server, "backup", str(arquivo), *argumentos)
        assert (codigo, palavras in texto) == (1, True), texto
    assert list(tmp_path.iterdir()) == []
