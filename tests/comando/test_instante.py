"""A copy, and the binary log after it, put a hospital back as it was a moment before somebody's mistake."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sghss_graphql.app import grants, migrations
from sghss_graphql.cadastro.usuarios.porta import primeiro_administrador
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.binaries import ServerBinaries
from sghss_graphql.machinery.database.embedded import DATABASE, EmbeddedServer, create_database
from sghss_graphql.machinery.database.migrations import migrate
from sghss_graphql.vocabulario.scalars import ler_cpf
from tests.comando.test_copia import rodar
from tests.processes import free_port, until
from tests.replica import DE_QUEM_SEGUE, GTIDS, seguir
from tests.servers import CHOICE, on_a_port

pytestmark = pytest.mark.skipif(CHOICE.startswith("mysql://"), reason="os servidores deste teste são dele")
CPF_DA_ANA = "52998224725"


@pytest.fixture
async def banco(tmp_path: Path, binaries: ServerBinaries) -> AsyncIterator[tuple[EmbeddedServer, int]]:
    """A hospital whose database keeps a binary log, and the port on which it lets others follow it."""
    porta = free_port()
    log = ["--server-id=1", "--log-bin=banco", *GTIDS[binaries.name]]
    async with EmbeddedServer(tmp_path / "banco", binaries, [*on_a_port(porta), *log]) as servidor:
        await create_database(servidor, grants(), lambda db: migrate(db, migrations()))
        yield servidor, porta


async def test_what_was_done_until_a_mistake_is_there_again(
    banco: tuple[EmbeddedServer, int], tmp_path: Path, binaries: ServerBinaries
) -> None:
    """Somebody is there before the copy, is changed after it, and then loses by mistake what they may do."""
    servidor, porta = banco
    dono, chave, arquivo = Database(servidor.owner_url), tmp_path / "chave.txt", tmp_path / "hospital.age"
    await dono.transaction(lambda tx: primeiro_administrador(tx, ler_cpf(CPF_DA_ANA), "Ana", "guardada"))
    codigo, publica = await rodar(servidor, "backup", "--nova-chave", str(chave))
    assert codigo == 0, publica
    para = ("--para", publica.strip().splitlines()[-1])
    codigo, texto = await rodar(servidor, "backup", str(arquivo), *para)
    assert codigo == 0, texto
    await dono.transaction(lambda tx: tx.execute("UPDATE pessoa SET nome_da_mae = 'Eva'"))
    posicao = "@@GLOBAL.gtid_binlog_pos" if binaries.name == "mariadb" else "@@GLOBAL.gtid_executed"
    ((antes,),) = await dono.select(f"SELECT {posicao}")
    await dono.transaction(lambda tx: tx.execute("DELETE FROM usuario_papel"))
    for sql in DE_QUEM_SEGUE:
        await dono.execute(sql)
    await dono.close()

    async with EmbeddedServer(tmp_path / "outro", binaries, ["--server-id=2", *GTIDS[binaries.name]]) as outro:
        mysql = Database(outro.owner_url.with_database("mysql"))
        await mysql.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
        await mysql.close()
        codigo, texto = await rodar(outro, "restaurar", str(arquivo), "--chave", str(chave))
        assert codigo == 0, texto
        (daqui,) = [linha for linha in texto.splitlines() if "a partir de" in linha]
        de = daqui.partition("a partir de ")[2].removesuffix(": docs/operar.md.")
        la = Database(outro.owner_url)

        async def chegou() -> bool:
            return await la.select("SELECT nome_da_mae FROM pessoa") == [("Eva",)]

        assert not await chegou(), "it was in the copy"
        await seguir(outro, binaries.name, porta, de=de, ate=antes)
        await until(chegou)
        assert await la.select("SELECT papel FROM usuario_papel") == [("ADMINISTRADOR",)]
        await la.close()
        codigo, texto = await rodar(outro, "encerrar-acessos")
        assert codigo == 0, texto
