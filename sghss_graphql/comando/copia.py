"""``backup`` and ``restaurar``: all of a hospital in one file that only its key opens (age-encryption.org, v1)."""

import asyncio
import gzip
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
import pyrage

from sghss_graphql.app import OLDEST_SCHEMA, encerrar_acessos, migrations
from sghss_graphql.atendimento.andamento.porta import conferir
from sghss_graphql.clinica.prontuarios.porta import ULTIMOS_ELOS
from sghss_graphql.comando.banco import tell_check
from sghss_graphql.machinery.database import Database, with_database
from sghss_graphql.machinery.database.copying import BadCopy, Holds, check, copy, restore, survey, tables
from sghss_graphql.machinery.database.migrations import check_schema, migrate, read_progress, reopen
from sghss_graphql.settings import ConfiguracaoInvalida, Settings

_OF_MIGRATIONS = ("migracao", "migracao_trava")
_LEAST_DISK = 2**20  # bytes
_ASKED = {"elos": ULTIMOS_ELOS}


def new_key(path: Path) -> None:
    """Make a key: the file keeps its secret part, and what is printed is the part that copies are made for."""
    identity = pyrage.x25519.Identity.generate()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"# criada em {datetime.now(UTC):%Y-%m-%d}; guarde-a longe do banco: sem ela nada se restaura\n")
        file.write(f"# SGHSS_BACKUP_RECIPIENTS={identity.to_public()}\n{identity}\n")
    click.echo(str(identity.to_public()))


def backup(settings: Settings, path: Path, recipients: Sequence[str]) -> None:
    """Copy the whole database, as it is at one instant, while it is served.

    Raises:
        ConfiguracaoInvalida: nobody is named for whom it is encrypted, or somebody wrongly.
    """
    url = settings.owner_database
    keys = _recipients(recipients or settings.backup_recipients)
    schema = asyncio.run(with_database(url, _schema))
    draft = path.with_name(f"{path.name}.parcial")
    head = {"schema": schema, "versao": version("sghss-graphql"), "instante": datetime.now(UTC).isoformat()}
    try:
        with _sealed(draft, keys) as out:
            holds = copy(url, out, head, _OF_MIGRATIONS, _ASKED, _tell)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"{path}: {holds.rows:,} linhas, {path.stat().st_size / 2**20:,.1f} MiB, schema {schema:04}.")


def restore_into(settings: Settings, path: Path, key: Path) -> bool:
    """Put a copy into an empty database, see that all of it is there, and end what should not live on.

    Nothing is written before the file is read to its end, and found to be whole. Gives whether all fits.

    Raises:
        BadCopy, ConfiguracaoInvalida: the file, its key or the database isn't right.
    """
    url, identities = settings.owner_database, _identities(key)
    with _unsealed(path, identities) as lines:
        head, told = check(lines)
    known = migrations()
    if head["schema"] > known[-1].number:
        raise BadCopy(f"A cópia é do schema {head['schema']:04}, mais novo que este programa: atualize-o.")
    click.echo(f"Cópia de {head['instante']}, inteira: {told.rows:,} linhas, schema {head['schema']:04}.")
    asyncio.run(with_database(url, _require_empty))
    then = [migration for migration in known if migration.number <= head["schema"]]
    asyncio.run(with_database(url, lambda db: migrate(db, then)))
    asyncio.run(with_database(url, lambda db: reopen(db, then[-1])))  # nobody serves on half of it
    with _unsealed(path, identities) as lines:
        restore(url, lines, _tell)
    click.echo("Conferindo …")
    there = survey(url, _OF_MIGRATIONS, _ASKED, lambda *_: None)
    if differ := _differences(told, there):
        raise BadCopy(f"O banco não ficou como a cópia ({differ}): apague-o e restaure de novo.")
    asyncio.run(with_database(url, encerrar_acessos))
    asyncio.run(with_database(url, lambda db: migrate(db, known)))
    found = asyncio.run(with_database(url, conferir))
    if told.position:
        click.echo(f"Para seguir pelo log binário do banco copiado, a partir de {told.position}: docs/operar.md.")
    click.echo("Está tudo como na cópia. As sessões e os códigos de acesso terminaram: cada um entra de novo.")
    return tell_check(found.quantas, found.sem_tempo, found.com_tempo_alheio)


def end_access(settings: Settings) -> None:
    """End all sessions, codes and keys of requests."""
    asyncio.run(with_database(settings.owner_database, encerrar_acessos))
    click.echo("As sessões, os códigos de acesso e as chaves de pedidos terminaram: cada um entra de novo.")


def _differences(told: Holds, there: Holds) -> str:
    tables = {name for name in told.tables | there.tables if told.tables.get(name) != there.tables.get(name)}
    answers = {name for name in told.answers if told.answers[name] != there.answers.get(name)}
    return ", ".join(sorted(tables | answers))


async def _schema(db: Database) -> int:
    """Give the number of the last migration that was applied.

    Raises:
        UnknownSchema: it isn't one that this program serves.
    """
    known = migrations()
    await check_schema(db, known, OLDEST_SCHEMA)
    done = [one.migration.number for one in await read_progress(db, known) if one.finished_at is not None]
    return max(done)


async def _require_empty(db: Database) -> None:
    if await tables(db):
        raise ConfiguracaoInvalida("Só se restaura num banco vazio: crie outro, e indique-o em SGHSS_DATABASE_URL.")


def _recipients(names: Sequence[str]) -> list[Any]:
    if not names:
        raise ConfiguracaoInvalida(
            "Diga para que chave a cópia é cifrada: --para age1…, ou SGHSS_BACKUP_RECIPIENTS. sghss-graphql backup"
            " --nova-chave ARQUIVO faz uma."
        )
    try:
        return [pyrage.x25519.Recipient.from_str(name) for name in names]
    except pyrage.RecipientError:
        raise ConfiguracaoInvalida("Uma chave pública de age é age1 e 58 letras e algarismos: confira-a.") from None


def _identities(path: Path) -> list[Any]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise ConfiguracaoInvalida(f"{path} não tem uma chave secreta de age (AGE-SECRET-KEY-1…).")
    return found


@contextmanager
def _sealed(path: Path, recipients: list[Any]) -> Iterator[BinaryIO]:
    """Give where to write what is compressed, encrypted and then stored, as it comes."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:

        def encrypt(reader: BinaryIO) -> None:
            try:
                pyrage.encrypt_io(reader, file, recipients)
            except (pyrage.EncryptError, OSError):
                full = shutil.disk_usage(path.parent).free < _LEAST_DISK
                why = "o disco está cheio" if full else "o arquivo não pôde ser escrito"
                raise BadCopy(f"A cópia não foi feita: {why}.") from None

        with _beside(encrypt, reads=True) as end, gzip.GzipFile(fileobj=end, mode="wb", compresslevel=1) as packed:
            yield cast(BinaryIO, packed)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _unsealed(path: Path, identities: list[Any]) -> Iterator[BinaryIO]:
    """Give where to read from what is decrypted and unpacked, as it is asked for.

    Raises:
        BadCopy: the key isn't its, or it was changed or cut.
    """
    with path.open("rb") as file:

        def decrypt(writer: BinaryIO) -> None:
            try:
                pyrage.decrypt_io(file, writer, identities)
            except pyrage.DecryptError as error:
                words = "não é desta chave" if "key" in str(error) else "não é um arquivo de age"
                raise BadCopy(f"{path} {words}.") from None
            except OSError:
                raise BadCopy(f"{path} está cortado, ou foi mudado: use outra cópia.") from None

        with _beside(decrypt, reads=False) as end, gzip.GzipFile(fileobj=end, mode="rb") as packed:
            try:
                yield cast(BinaryIO, packed)
            except (EOFError, gzip.BadGzipFile):
                raise BadCopy(f"{path} está cortado, ou foi mudado: use outra cópia.") from None


@contextmanager
def _beside(work: Callable[[BinaryIO], None], *, reads: bool) -> Iterator[BinaryIO]:
    """Let a thread work at one end of a pipe, and give the other; what it raises is raised here, and wins.

    What it raises because nobody reads on, since something else was wrong, doesn't.
    """
    reader, writer = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
    its, ours = (reader, writer) if reads else (writer, reader)
    failed: list[BaseException] = []

    def run() -> None:
        with suppress(BrokenPipeError), its:
            try:
                work(cast(BinaryIO, its))
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield cast(BinaryIO, ours)
    except BaseException:
        first = list(failed)
        with suppress(BrokenPipeError):
            ours.close()
        thread.join()
        if first:
            raise first[0] from None
        raise
    with suppress(BrokenPipeError):
        ours.close()
    thread.join()
    if failed:
        raise failed[0]


def _tell(table: str, rows: int) -> None:
    click.echo(f"  {table}: {rows:,} linhas", err=True)
