"""A migration is one file of plain DDL, ``sql/migrations/0001_name.sql``, applied once and in order.

DDL commits by itself on both engines, so a file can't be undone as a whole. Instead each statement's start
and end are recorded: after a crash the runner goes on at the statement that was under way, and takes
"already exists" for "done" on that one statement alone. Files are checksummed: an applied file never changes.

A version serves on the schema before its own and on the one after, so that servers are upgraded one by one: a
migration expands or contracts, never both. One that can't be so says ``-- exige parada: why`` in its first line; that
is kept with its name, and a version that doesn't know it refuses to serve.

Two servers may start at once. The lock is a row with an expiry, renewed while a statement runs, because
GET_LOCK is per node on a cluster and a lock that outlives a kill needs a person to remove it.
"""

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from textwrap import shorten

from sghss_graphql.machinery.database.failures import DENIED, DatabaseFailure, DuplicateKey, MissingReference
from sghss_graphql.machinery.database.forms import Row
from sghss_graphql.machinery.database.pool import Database
from sghss_graphql.machinery.database.transactions import Reader, Transaction
from sghss_graphql.machinery.faults import Fault

_FILE = re.compile(r"^(\d{4})_(\w+)\.sql$")
_STATEMENT_END = re.compile(r";[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*--.*$", re.MULTILINE)
_ALREADY_DONE = frozenset({1050, 1060, 1061, 1091, 1304, 1359, 1826, 1022, 3822})
_NO_SUCH_TABLE = 1146
_TRIGGER_NEEDS_TRUST = 1419
_LOCK_SECONDS = 30
_NEEDS_STOP = re.compile(r"\A-- exige parada: \S")
_STOP_MARK = "!"
"""Ends the name that is kept of a migration that needs a stop."""

_BOOKKEEPING = (
    """
    CREATE TABLE IF NOT EXISTS migracao (
        numero SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
        nome VARCHAR(100) NOT NULL,
        soma BINARY(32) NOT NULL COMMENT 'SHA-256 of the file',
        iniciadas SMALLINT UNSIGNED NOT NULL COMMENT 'statements begun',
        feitas SMALLINT UNSIGNED NOT NULL COMMENT 'statements finished',
        concluida_em DATETIME(6) NULL
    ) ENGINE = InnoDB, DEFAULT CHARSET = utf8mb4
    """,
    """
    CREATE TABLE IF NOT EXISTS migracao_trava (
        id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
        dono CHAR(32) NOT NULL,
        expira_em DATETIME(6) NOT NULL
    ) ENGINE = InnoDB, DEFAULT CHARSET = ascii
    """,
    "INSERT IGNORE INTO migracao_trava (id, dono, expira_em) VALUES (1, '', '2000-01-01')",
)


class UnknownSchema(Fault):
    """The database's schema isn't the one this code was written for; the text says what to do."""


class MigrationRefused(Fault):
    """The server refused a statement for a reason that a person can mend; the text says how."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, name, SHA-256, statements in order, and whether all servers must stop for it."""

    number: int
    name: str
    checksum: bytes
    statements: tuple[str, ...]
    needs_stop: bool = False

    @property
    def kept_name(self) -> str:
        """The name that the database keeps."""
        return self.name + (_STOP_MARK if self.needs_stop else "")


@dataclass(frozen=True, slots=True)
class Progress:
    """A migration, the statements of it that are left, and the instant (UTC) when it was finished."""

    migration: Migration
    left: tuple[str, ...]
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Applied:
    checksum: bytes
    begun: int
    done: int
    finished_at: datetime | None
    name: str = ""

    @property
    def needs_stop(self) -> bool:
        """Whether versions that don't know it must not serve."""
        return self.name.endswith(_STOP_MARK)


def read_migrations(folder: Path) -> list[Migration]:
    """Read every migration of a folder, by number.

    Raises:
        ValueError: a file's name has another form, or a number is missing or twice there.
    """
    migrations = []
    for path in sorted(folder.glob("*.sql")):
        name = _FILE.match(path.name)
        if name is None:
            raise ValueError(f"{path.name}: a migration is named 0001_words.sql")
        text = path.read_text(encoding="utf-8")
        checksum = hashlib.sha256(text.encode()).digest()
        needs_stop = _NEEDS_STOP.match(text) is not None
        migrations.append(Migration(int(name[1]), name[2], checksum, read_statements(text), needs_stop))
    if [migration.number for migration in migrations] != list(range(1, len(migrations) + 1)):
        raise ValueError("migrations are numbered 0001, 0002, … without gaps")
    return migrations


def read_statements(text: str) -> tuple[str, ...]:
    """Separate the statements of a file of plain SQL.

    A statement ends with a semicolon at the end of a line; ``--`` comments stand on lines of their own.
    """
    parts = (part.strip() for part in _STATEMENT_END.split(_COMMENT.sub("", text)))
    return tuple(filter(None, parts))


async def check_schema(database: Reader, migrations: list[Migration], oldest: int | None = None) -> list[int]:
    """Refuse a database whose schema can't be served on; give the numbers of those migrations that may still come.

    ``oldest`` is the last migration that must be there; without it, all of ``migrations`` must. Newer ones than this
    code knows may be there too, unless one of them needs a stop.

    Raises:
        UnknownSchema: migrations are missing, unfinished, changed, or newer and in need of a stop.
    """
    applied = await _applied_if_any(database)
    _refuse_strangers(applied, migrations, serving=True)
    left = [progress.migration.number for progress in _progress(applied, migrations) if progress.finished_at is None]
    missing = [number for number in left if oldest is None or number <= oldest]
    if missing:
        raise UnknownSchema(f"Faltam migrações no banco de dados ({_listed(missing)}). Rode: sghss-graphql migrate")
    return left


async def read_progress(database: Reader, migrations: list[Migration]) -> list[Progress]:
    """Tell how far each migration got; changes nothing.

    Raises:
        UnknownSchema: an applied file was changed since, or the database is newer than this code.
    """
    applied = await _applied_if_any(database)
    _refuse_strangers(applied, migrations)
    return _progress(applied, migrations)


def _progress(applied: dict[int, _Applied], migrations: list[Migration]) -> list[Progress]:
    return [
        Progress(m, m.statements[applied[m.number].done :], applied[m.number].finished_at)
        if m.number in applied
        else Progress(m, m.statements, None)
        for m in migrations
    ]


async def migrate(
    database: Database,
    migrations: list[Migration],
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Bring the database to the last migration, one runner at a time.

    Raises:
        UnknownSchema: an applied file was changed since, or the database is newer than this code.
    """
    for statement in _BOOKKEEPING:
        await _define(database, statement)
    owner = secrets.token_hex(16)
    async with _lock(database, owner, report):
        applied = await _applied(database)
        _refuse_strangers(applied, migrations)
        for migration in migrations:
            before = applied.get(migration.number)
            if before is None or before.finished_at is None:
                report(f"migração {migration.number:04} {migration.name}")
                await _apply(database, migration, before, owner)


async def reopen(database: Database, migration: Migration) -> None:
    """Let a migration that was applied count as not finished, so that no server takes the schema for whole.

    ``migrate`` finishes it, and does none of its statements again.
    """
    sql = "UPDATE migracao SET concluida_em = NULL WHERE numero = %(n)s"
    await _execute(database, sql, n=migration.number)


async def _apply(database: Database, migration: Migration, before: _Applied | None, owner: str) -> None:
    """Run the statements that are left, recording each one's start and end."""
    if before is None:
        await _execute(
            database,
            "INSERT INTO migracao (numero, nome, soma, iniciadas, feitas) VALUES (%(n)s, %(nome)s, %(soma)s, 0, 0)",
            n=migration.number,
            nome=migration.kept_name,
            soma=migration.checksum,
        )
        before = _Applied(migration.checksum, begun=0, done=0, finished_at=None)
    for index, statement in enumerate(migration.statements[before.done :], start=before.done):
        was_under_way = before.begun > index
        await _record(database, migration, owner, begun=index + 1, done=index)
        try:
            await _define(database, statement)
        except (DatabaseFailure, DuplicateKey, MissingReference) as failure:
            if not (was_under_way and getattr(failure, "number", None) in _ALREADY_DONE):
                raise _stopped(migration, index, failure) from failure
        await _record(database, migration, owner, begun=index + 1, done=index + 1)
    await _execute(
        database,
        "UPDATE migracao SET concluida_em = UTC_TIMESTAMP(6) WHERE numero = %(n)s",
        n=migration.number,
    )


async def _define(database: Database, statement: str) -> None:
    """Run one statement of DDL.

    Raises:
        MigrationRefused: for a reason that a person can mend.
    """
    try:
        await database.execute(statement)
    except DatabaseFailure as failure:
        raise _explained(failure) from None


def _explained(failure: DatabaseFailure) -> Fault:
    """Say what a person must do where that is known."""
    if failure.number == _TRIGGER_NEEDS_TRUST:
        return MigrationRefused(
            "O MySQL, com o log binário ligado, só aceita gatilhos com log_bin_trust_function_creators = ON:"
            " SET PERSIST log_bin_trust_function_creators = ON, e rode migrate de novo; ele continua de onde parou."
        )
    if failure.number in DENIED:
        return MigrationRefused(
            "O usuário que migra não tem os direitos de que precisa: dê-lhe os de sql/grants_migracao.sql e indique-o"
            " com SGHSS_MIGRATE_DATABASE_URL; migrate continua de onde parou."
        )
    return failure


def _stopped(migration: Migration, index: int, failure: Fault) -> MigrationRefused:
    match failure:
        case DuplicateKey(key=key):
            why = f"duas linhas teriam a mesma chave {key}"
        case MissingReference():
            why = "uma linha aponta para outra que não existe"
        case _:
            why = f"o banco respondeu {failure}"
    return MigrationRefused(
        f"A migração {migration.number:04} {migration.name} parou na instrução {index + 1} de"
        f" {len(migration.statements)}, «{shorten(migration.statements[index], 80, placeholder=' …')}»: {why}."
        " O que veio antes está feito; desfeita a causa, rode migrate de novo: ele continua daí."
    )


async def _record(database: Database, migration: Migration, owner: str, *, begun: int, done: int) -> None:
    """Record progress, and only as the lock's owner: a runner that lost it stops here."""

    async def work(tx: Transaction) -> None:
        held = await tx.select(
            "SELECT 1 FROM migracao_trava WHERE id = 1 AND dono = %(dono)s AND expira_em > UTC_TIMESTAMP(6) FOR UPDATE",
            dono=owner,
        )
        if not held:
            raise UnknownSchema("Outra migração assumiu o banco de dados; esta parou sem alterar nada.")
        await tx.execute(
            "UPDATE migracao SET iniciadas = %(begun)s, feitas = %(done)s WHERE numero = %(n)s",
            begun=begun,
            done=done,
            n=migration.number,
        )

    await database.transaction(work)


async def _applied(database: Reader) -> dict[int, _Applied]:
    rows: list[Row] = await database.select("SELECT numero, soma, iniciadas, feitas, concluida_em, nome FROM migracao")
    return {number: _Applied(*rest) for number, *rest in rows}


async def _applied_if_any(database: Reader) -> dict[int, _Applied]:
    try:
        return await _applied(database)
    except DatabaseFailure as failure:
        if failure.number != _NO_SUCH_TABLE:
            raise
        return {}


def _refuse_strangers(applied: dict[int, _Applied], migrations: list[Migration], *, serving: bool = False) -> None:
    known = {migration.number: migration.checksum for migration in migrations}
    newer = sorted(applied.keys() - known.keys())
    if newer and not (serving and not any(applied[number].needs_stop for number in newer)):
        raise UnknownSchema(
            f"O banco de dados está numa versão mais nova ({_listed(newer)}) que este programa. Atualize-o."
        )
    if changed := sorted(n for n, row in applied.items() if row.checksum != known.get(n, row.checksum)):
        raise UnknownSchema(
            f"Migrações já aplicadas foram alteradas depois ({_listed(changed)}). Restaure os arquivos originais"
            " e crie uma migração nova."
        )


def _listed(numbers: list[int]) -> str:
    return ", ".join(f"{number:04}" for number in numbers)


@asynccontextmanager
async def _lock(database: Database, owner: str, report: Callable[[str], None]) -> AsyncIterator[None]:
    """Hold the lock row, renewing it, and free it at the end."""
    waiting = False
    while not await _take(database, owner):
        if not waiting:
            report("outra migração está em andamento; esperando")
            waiting = True
        await asyncio.sleep(0.2)
    renewal = asyncio.create_task(_renew(database, owner))
    try:
        yield
    finally:
        renewal.cancel()
        await asyncio.gather(renewal, return_exceptions=True)
        await _execute(
            database,
            "UPDATE migracao_trava SET expira_em = '2000-01-01' WHERE id = 1 AND dono = %(dono)s",
            dono=owner,
        )


async def _take(database: Database, owner: str) -> bool:
    taken = await _execute(
        database,
        "UPDATE migracao_trava SET dono = %(dono)s, expira_em = UTC_TIMESTAMP(6) + INTERVAL %(s)s SECOND"
        " WHERE id = 1 AND (dono = %(dono)s OR expira_em < UTC_TIMESTAMP(6))",
        dono=owner,
        s=_LOCK_SECONDS,
    )
    return taken == 1


async def _renew(database: Database, owner: str) -> None:
    while True:
        await asyncio.sleep(_LOCK_SECONDS / 3)
        await _take(database, owner)


async def _execute(database: Database, sql: str, **parameters: str | int | bytes) -> int:
    return await database.transaction(lambda tx: tx.execute(sql, **parameters))
