"""``serve``: the API over one's own database, in as many processes as the settings say."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click
import uvicorn

from sghss_graphql.app import OLDEST_SCHEMA, jobs, migrations
from sghss_graphql.comando.doctor import require_fit_database
from sghss_graphql.confianca.tarefas.porta import ultimas
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.failures import Unreachable
from sghss_graphql.machinery.database.migrations import UnknownSchema, check_schema
from sghss_graphql.machinery.faults import Unavailable, os_reason
from sghss_graphql.machinery.tasks import repeating
from sghss_graphql.machinery.web.admin import Condition, beside, create_admin
from sghss_graphql.machinery.web.listening import PortTaken, refuse_taken_port, uvicorn_options
from sghss_graphql.machinery.web.metrics import Gauge, labelled
from sghss_graphql.settings import Settings


def serve(settings: Settings, options: Mapping[str, str | None]) -> None:
    """Serve until a signal; ``options`` of the command line go on to the processes that uvicorn starts.

    Raises:
        ConfiguracaoInvalida, PortTaken: something is in the way.
    """
    for name, value in options.items():
        if value is not None:
            os.environ[f"SGHSS_{name.upper()}"] = value
    _ = settings.keys
    refuse_taken_port(settings.host, settings.port)
    asyncio.run(require_fit_database(settings, _warn))
    listening = uvicorn_options(settings.host, settings.port)
    signal.signal(signal.SIGTERM, _leave)  # uvicorn raises it again once it has ended: what stands around it ends too
    with administered(settings) as told:
        if told.metrics_folder is not None:
            os.environ["SGHSS_METRICS_FOLDER"] = str(told.metrics_folder)
        uvicorn.run("sghss_graphql.app:from_environment", factory=True, workers=settings.workers, **listening)


def _leave(*_: object) -> None:
    sys.exit(0)


def run_tasks(settings: Settings) -> None:
    """Do what the hospital does by itself, and serve nobody, until a signal.

    Raises:
        ConfiguracaoInvalida, Unavailable: something is in the way.
    """
    asyncio.run(_run_tasks(settings))


async def _run_tasks(settings: Settings) -> None:
    await require_fit_database(settings, _warn)
    db, stop = Database(settings.app_database, size=2), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with repeating(jobs(db)):
            click.echo("As tarefas estão a cargo deste processo; encerre-o com Ctrl+C.")
            await stop.wait()
    finally:
        await db.close()


@contextmanager
def administered(settings: Settings) -> Iterator[Settings]:
    """Serve ``/metrics`` and the detail of ``/readyz`` on their own address; give the settings of the processes.

    Raises:
        PortTaken: the address that the settings name can't be had. Of one that they don't name, a warning is enough.
    """
    if settings.admin_port == 0:
        yield settings
        return
    with ExitStack() as entered:
        folder = settings.metrics_folder or Path(entered.enter_context(tempfile.TemporaryDirectory(prefix="sghss-")))
        db = Database(settings.app_database, size=1)
        host, port = settings.admin_address
        admin = create_admin(folder, condition_of(db), tasks_of(db), db.close, local=_is_loopback(host))
        try:
            entered.enter_context(beside(admin, host, port))
        except OSError as error:
            refused = "Não é possível atender quem administra em {}:{}: {}.".format(
                *settings.admin_address, os_reason(error)
            )
            if settings.admin_port is not None:
                raise PortTaken(f"{refused} Escolha outra porta com SGHSS_ADMIN_PORT, ou 0 para nenhuma.") from None
            _warn(f"Aviso: {refused} Fica sem /metrics; escolha outra porta com SGHSS_ADMIN_PORT, ou 0 para nenhuma.")
            yield settings
            return
        yield settings.model_copy(update={"metrics_folder": folder})


def tasks_of(db: Database) -> Callable[[], Awaitable[bytes]]:
    """Give what tells when each task was done last, and whether it failed, as Prometheus reads it."""

    async def last_runs() -> bytes:
        ran = Gauge("sghss_task_last_run_seconds", "Quando cada tarefa terminou pela última vez, desde 1970.", "tarefa")
        failed = Gauge("sghss_task_failed", "Se a última vez de cada tarefa falhou.", "tarefa")
        try:
            for ultima in await ultimas(db, [job.name for job in jobs(db)]):
                if ultima.terminou_em is not None:
                    ran.values[ultima.nome] = ultima.terminou_em.replace(tzinfo=UTC).timestamp()
                    failed.values[ultima.nome] = float(ultima.falha is not None)
        except Unavailable:
            return b""
        return labelled([ran, failed])

    return last_runs


def condition_of(db: Database) -> Condition:
    """Give what tells whether a database can be served on, and why not."""
    known = migrations()

    async def condition() -> tuple[bool, dict[str, Any]]:
        detail = {"versaoDoSchema": known[-1].number, "menorVersaoQueServe": OLDEST_SCHEMA}
        try:
            left = await check_schema(db, known, OLDEST_SCHEMA)
        except Unreachable as error:
            return False, {**detail, "motivo": error.reason}
        except UnknownSchema as error:
            return False, {**detail, "motivo": str(error)}
        except Unavailable:
            return False, {**detail, "motivo": "O banco de dados não respondeu a tempo."}
        return True, {**detail, "migracoesPorAplicar": left}

    return condition


def _warn(text: str) -> None:
    click.echo(text, err=True)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
