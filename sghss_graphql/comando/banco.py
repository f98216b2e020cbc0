"""What the command does with a database: migrate it, register the first administrator."""

import asyncio
import sys
from collections.abc import Sequence

import click

from sghss_graphql.app import OLDEST_SCHEMA, migrations
from sghss_graphql.atendimento.andamento.porta import Conferencia, conferir
from sghss_graphql.cadastro.pessoas.regras import nome as ler_nome
from sghss_graphql.cadastro.unidades.porta import ajustar_a_primeira
from sghss_graphql.cadastro.usuarios.porta import desbloquear, primeiro_administrador
from sghss_graphql.confianca.acesso.redes import Redes
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.confianca.acesso.tentativas import Tentativas
from sghss_graphql.machinery.database import Database, with_database
from sghss_graphql.machinery.database.migrations import Progress, check_schema, migrate, read_progress
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario.scalars import ler_cpf

PENDING = 3


def migrate_or_tell(settings: Settings, *, status: bool, dry_run: bool) -> None:
    """Bring the database to the last migration, or tell what is due: exit code 3 where anything is."""
    url = settings.owner_database
    if status or dry_run:
        progress = asyncio.run(with_database(url, lambda db: read_progress(db, migrations())))
        click.echo("\n".join(_sql_left(progress) if dry_run else map(_status_line, progress)))
        sys.exit(PENDING if any(one.finished_at is None for one in progress) else 0)

    async def work(db: Database) -> None:
        await migrate(db, migrations(), click.echo)
        await ajustar_a_primeira(db, settings.time_zone)

    asyncio.run(with_database(url, work))
    click.echo("O banco de dados está na última migração.")


def register_administrator(settings: Settings, *, cpf: str, nome: str, senha: str) -> None:
    """Register the first administrator of an empty hospital."""
    lido, nome_lido = ler_cpf(cpf), ler_nome(nome)
    senhas = Senhas(settings.bcrypt_cost)

    async def work(db: Database) -> None:
        await check_schema(db, migrations())
        await senhas.exigir_forte(senha, [lido, nome_lido])
        guardada = await senhas.guardar(senha)
        await db.transaction(lambda tx: primeiro_administrador(tx, lido, nome_lido, guardada))

    asyncio.run(with_database(settings.app_database, work))
    click.echo("Administrador cadastrado. Ele troca a senha no primeiro acesso (mutation trocarSenha).")


def check_times(settings: Settings) -> bool:
    """Tell whether each consulta to come has its time, and no time is left over; False if something doesn't fit."""

    async def work(db: Database) -> Conferencia:
        await check_schema(db, migrations(), OLDEST_SCHEMA)
        return await conferir(db)

    found = asyncio.run(with_database(settings.app_database, work))
    return tell_check(found.quantas, found.sem_tempo, found.com_tempo_alheio)


def tell_check(quantas: int, sem_tempo: Sequence[str], com_tempo_alheio: Sequence[str]) -> bool:
    """Say what was found; True if all fits."""
    for id in sem_tempo:
        click.echo(f"{id}: o tempo dela não está todo reservado; remarque-a para o mesmo horário, ou cancele-a.")
    for id in com_tempo_alheio:
        click.echo(f"{id}: há tempo reservado para ela que não é dela; avise quem cuida do sistema.")
    if sem_tempo or com_tempo_alheio:
        return False
    click.echo(f"Tudo confere: {quantas} consultas por vir têm o seu tempo, e nenhum tempo sobrou.")
    return True


def unlock(settings: Settings, cpf: str) -> None:
    """Forget the failed log-ins of a CPF."""
    lido = ler_cpf(cpf)

    async def work(db: Database) -> None:
        await check_schema(db, migrations(), OLDEST_SCHEMA)
        tentativas = Tentativas(db, settings.login_failures, Redes())
        await db.transaction(lambda tx: desbloquear(tx, tentativas, lido))

    asyncio.run(with_database(settings.app_database, work))
    click.echo("Desbloqueado: as falhas de login deste CPF foram esquecidas.")


def _status_line(progress: Progress) -> str:
    migration, left = progress.migration, len(progress.left)
    if progress.finished_at is not None:
        state = f"aplicada em {progress.finished_at:%d/%m/%Y %H:%M} UTC"
    else:
        state = f"falta ({left} de {len(migration.statements)} comandos)"
    return f"{migration.number:04}  {migration.name:20}  {state}"


def _sql_left(progress: list[Progress]) -> list[str]:
    due = [one for one in progress if one.finished_at is None]
    return [
        text
        for one in due
        for text in (f"-- {one.migration.number:04} {one.migration.name}", *(f"{sql};\n" for sql in one.left))
    ] or ["-- nada a aplicar"]
