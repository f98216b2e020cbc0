"""``doctor`` looks at all that serving takes, and says how to mend what isn't right."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from sghss_graphql.app import OLDEST_SCHEMA, grants, jobs, migrations
from sghss_graphql.confianca.tarefas.porta import Ultima, ultimas
from sghss_graphql.machinery.database import Database, DatabaseUrl
from sghss_graphql.machinery.database.embedded import find_running
from sghss_graphql.machinery.database.failures import Unreachable
from sghss_graphql.machinery.database.inspection import Finding, Verdict, inspect_replica, inspect_room, inspect_server
from sghss_graphql.machinery.database.migrations import UnknownSchema, check_schema
from sghss_graphql.machinery.faults import Unavailable, os_reason
from sghss_graphql.machinery.web.graphiql import find_page
from sghss_graphql.settings import ConfiguracaoInvalida, Settings, read_settings
from sghss_graphql.vocabulario.errors import contar

_COLOURS = {Verdict.FINE: "green", Verdict.WARNS: "yellow", Verdict.LACKS: "red"}
_LEAST_DISK = 2 * 2**30  # bytes
_OLD_KEY = 365  # days
_LATE = timedelta(days=1)
_MADE_IN = 2026  # a clock before this year is wrong


async def examine() -> AsyncIterator[Finding]:
    """Look at everything, the quickest first; a part that rests on one that fails is left out."""
    yield Finding("Python", Verdict.FINE, f"{sys.version.split()[0]}, em {sys.prefix}")
    yield look_at_clock(datetime.now(UTC))
    yield look_at_page()
    yield look_at_disk(Path.cwd(), shutil.disk_usage(Path.cwd()).free)
    try:
        settings = read_settings()
    except ConfiguracaoInvalida as error:
        yield Finding("configurações", Verdict.LACKS, str(error))
        return
    if settings.jwt_key_file is not None:
        yield look_at_key_file(settings.jwt_key_file, datetime.now(UTC))
    demo = None if settings.database_url else await find_running(settings.embedded_folder)
    missing = list(_missing(settings))
    for text in missing:
        yield Finding("configurações", Verdict.WARNS if demo else Verdict.LACKS, text)
    if not missing:
        yield Finding("configurações", Verdict.FINE, "as necessárias, e válidas")
    if demo:
        yield Finding("demonstração", Verdict.FINE, f"no ar, em {settings.embedded_folder}; o que falta é para serve")
        settings = settings.model_copy(update={"database_url": str(demo)})
    if settings.database_url is not None:
        async for finding in examine_database(settings):
            yield finding


async def examine_database(settings: Settings) -> AsyncIterator[Finding]:
    """Look at the database as the application's user sees it."""
    db = Database(settings.app_database)
    try:
        for finding in await inspect_server(db, grants()):
            yield finding
        yield await inspect_room(db, settings.workers * settings.pool_size)
        for replica in DatabaseUrl.parse(settings.read_url).servers if settings.read_url else ():
            yield await inspect_replica(db, replica)
        left = await check_schema(db, migrations(), OLDEST_SCHEMA)
        yield look_at_migrations(left)
        if not left:
            yield look_at_tasks(await ultimas(db, [job.name for job in jobs(db)]), datetime.now(UTC))
    except Unreachable as error:
        yield Finding("banco de dados", Verdict.LACKS, error.reason)
    except Unavailable as error:
        yield Finding("banco de dados", Verdict.LACKS, contar(error).message)
    except UnknownSchema as error:
        yield Finding("migrações", Verdict.LACKS, str(error))
    finally:
        await db.close()


async def require_fit_database(settings: Settings, warn: Callable[[str], None]) -> None:
    """Say all that the database lacks at once, and warn of what is unwise.

    Raises:
        ConfiguracaoInvalida: something is in the way of serving.
    """
    findings = [finding async for finding in examine_database(settings)]
    for finding in findings:
        if finding.verdict is Verdict.WARNS:
            warn(f"Aviso: {finding.name}: {finding.text}")
    lacking = [finding.text for finding in findings if finding.verdict is Verdict.LACKS]
    if lacking:
        raise ConfiguracaoInvalida("\n".join(["O banco de dados ainda não serve.", *lacking]))


def _missing(settings: Settings) -> list[str]:
    """Give what ``serve`` would refuse to start without."""
    demands: tuple[Callable[[], object], ...] = (lambda: settings.app_database, lambda: settings.keys)
    found = []
    for demand in demands:
        try:
            demand()
        except ConfiguracaoInvalida as error:
            found.append(str(error))
    return found


def look_at_clock(now: datetime) -> Finding:
    """Tell a clock that can't be right."""
    words = f"{now.astimezone():%d/%m/%Y %H:%M:%S %Z}"
    if now.year < _MADE_IN:
        return Finding("relógio", Verdict.LACKS, f"marca {words}: acerte-o (NTP), ou certificados e tokens não valem")
    return Finding("relógio", Verdict.FINE, words)


def look_at_migrations(left: list[int]) -> Finding:
    """Tell whether migrations may still come, on a schema that can be served on."""
    if left:
        due = ", ".join(f"{number:04}" for number in left)
        return Finding("migrações", Verdict.WARNS, f"por aplicar: {due}. Esta versão já atende; rode migrate")
    return Finding("migrações", Verdict.FINE, f"até a {migrations()[-1].number:04}, a última")


def look_at_tasks(last: Sequence[Ultima], now: datetime) -> Finding:
    """Look at what the hospital does by itself: when each was done last, and what failed."""
    failed = [f"{one.nome}: {one.falha}" for one in last if one.falha is not None]
    if failed:
        return Finding("tarefas", Verdict.WARNS, "a última vez falhou, e virá outra: " + "; ".join(failed))
    late = [one.nome for one in last if one.terminou_em and now - one.terminou_em.replace(tzinfo=UTC) > _LATE]
    if late:
        return Finding(
            "tarefas", Verdict.WARNS, f"paradas há mais de um dia: {', '.join(late)}; há um servidor ou"
            " sghss-graphql tarefas no ar?",
        )  # fmt: skip
    done = [f"{one.nome}, {_ago(now - one.terminou_em.replace(tzinfo=UTC))}" for one in last if one.terminou_em]
    if not done:
        return Finding("tarefas", Verdict.FINE, "nenhuma foi feita ainda; um servidor no ar as faz")
    return Finding("tarefas", Verdict.FINE, "; ".join(done))


def _ago(time: timedelta) -> str:
    minutes = int(time.total_seconds()) // 60
    if minutes < 1:
        return "há menos de um minuto"
    return f"há {minutes} min" if minutes < 120 else f"há {minutes // 60} h"


def look_at_disk(folder: Path, free: int) -> Finding:
    """Tell whether there is room for logs, copies and the page."""
    words = f"{free / 2**30:.1f} GiB livres em {folder}"
    if free < _LEAST_DISK:
        return Finding("disco", Verdict.WARNS, f"{words}: abra espaço antes que falte")
    return Finding("disco", Verdict.FINE, words)


def look_at_key_file(path: Path, now: datetime) -> Finding:
    """Look at the keys that sign tokens: who can read them, and how old they are."""
    try:
        state = path.stat()
    except OSError as error:
        return Finding("chaves", Verdict.LACKS, f"{path}: {os_reason(error)}")
    age = (now - datetime.fromtimestamp(state.st_mtime, UTC)).days
    if state.st_mode & 0o077:
        return Finding("chaves", Verdict.WARNS, f"outros usuários desta máquina leem {path}: chmod 600 {path}")
    if age > _OLD_KEY:
        return Finding("chaves", Verdict.WARNS, f"{path} é de há {age} dias: ponha uma chave nova à frente dela")
    return Finding("chaves", Verdict.FINE, f"{path}, de há {age} dias, só seu")


def look_at_page() -> Finding:
    """Tell whether there is a page to show."""
    page = find_page()
    if page.built:
        return Finding("página", Verdict.FINE, "montada; em serve, SGHSS_GRAPHIQL=true a liga")
    return Finding("página", Verdict.WARNS, f"sem a página GraphiQL: {page.reason} Para montá-la: make pagina")


def report() -> bool:
    """Print what is found, and tell whether the server could serve."""

    async def work() -> bool:
        serves = True
        async for finding in examine():
            verdict = click.style(f"{finding.verdict:5}", fg=_COLOURS[finding.verdict])
            click.echo(f"{verdict}  {finding.name:14}  {finding.text}")
            serves = serves and finding.verdict is not Verdict.LACKS
        return serves

    return asyncio.run(work())
