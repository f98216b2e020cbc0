"""``dev`` is a whole hospital in one process: a database (embedded unless one is named), the demo, API and page."""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from typing import Any

import click
import uvicorn
from pydantic import SecretStr

from sghss_graphql.app import create_app, grants, migrations
from sghss_graphql.comando.doctor import require_fit_database
from sghss_graphql.comando.servir import administered
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.demo.carga import carregar
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from sghss_graphql.machinery.database import Database, DatabaseUrl, with_database
from sghss_graphql.machinery.database.binaries import find_or_unpack
from sghss_graphql.machinery.database.embedded import EmbeddedServer, create_database, die_with_parent, find_running
from sghss_graphql.machinery.database.migrations import check_schema, migrate
from sghss_graphql.machinery.web.listening import refuse_taken_port, uvicorn_options
from sghss_graphql.machinery.web.log import configure_log
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario.tempo import agora

_PAPEIS = {
    Papel.PACIENTE: "paciente",
    Papel.PROFISSIONAL: "profissional",
    Papel.RECEPCAO: "recepção",
    Papel.ADMINISTRADOR: "administrador",
}
_CPF = "{}{}{}.{}{}{}.{}{}{}-{}{}"


def start(settings: Settings, *, only_prepare: bool) -> None:
    """Serve the demo until a signal, or only make what it needs."""
    asyncio.run(prepare(settings) if only_prepare else run(settings))


def fill(settings: Settings) -> None:
    """Load the demo into the empty hospital of ``SGHSS_DATABASE_URL``."""

    async def work(db: Database) -> bool:
        await check_schema(db, migrations())
        return await seed(db, settings)

    loaded = asyncio.run(with_database(settings.app_database, work))
    click.echo("Demonstração carregada." if loaded else "A demonstração já estava carregada.")


async def run(settings: Settings) -> None:
    """Serve the demo until a signal; an embedded database ends with it."""
    refuse_taken_port(settings.host, settings.port)
    request = die_with_parent(os.getppid())
    if request is not None:
        request()
    async with hospital(settings) as ready:
        with administered(ready) as told:
            await _serve_until_signal(told)


async def prepare(settings: Settings) -> None:
    """Make the database and load the demo, so that ``run`` has only to start."""
    async with hospital(settings):
        pass


async def seed(db: Database, settings: Settings) -> bool:
    """Load the demo into an empty hospital, showing progress; tell whether it was due."""
    senhas = Senhas(settings.bcrypt_cost)
    bars: list[Any] = []
    with ExitStack() as shown:

        def start(total: int) -> None:
            label = "  carregando a demonstração"
            bar = click.progressbar(length=total, label=label, file=sys.stderr)
            bars.append(shown.enter_context(bar))

        try:
            return await carregar(db, senhas, agora(), comecar=start, avancar=lambda rows: bars[0].update(rows))
        finally:
            senhas.close()


@asynccontextmanager
async def hospital(settings: Settings, *, as_guest: bool = False) -> AsyncIterator[Settings]:
    """Give the settings of a demo hospital whose database is up, migrated and full.

    A guest uses the embedded database that another process runs, if there is one, and changes nothing of it.
    """
    running = await find_running(settings.embedded_folder) if as_guest and not settings.database_url else None
    async with _opened(settings, running) as url:
        given = settings.jwt_secret or settings.jwt_secrets or settings.jwt_key_file
        secret = settings.jwt_secret if given else _kept_secret(settings)
        ready = settings.model_copy(
            update={"database_url": str(url), "jwt_secret": secret, "graphiql": True, "demonstration": True}
        )
        if running is None:
            await with_database(url, lambda db: seed(db, ready))
        yield ready


def _opened(settings: Settings, running: DatabaseUrl | None) -> AbstractAsyncContextManager[DatabaseUrl]:
    if running is not None:
        return _running_database(running)
    return _named_database(settings) if settings.database_url else _embedded_database(settings)


@asynccontextmanager
async def _running_database(url: DatabaseUrl) -> AsyncIterator[DatabaseUrl]:
    await with_database(url, lambda db: check_schema(db, migrations()))
    yield url


@asynccontextmanager
async def _embedded_database(settings: Settings) -> AsyncIterator[DatabaseUrl]:
    binaries = await asyncio.to_thread(find_or_unpack, settings.cache_folder, step)
    async with EmbeddedServer(settings.embedded_folder, binaries) as server:
        step("banco de dados no ar")
        await create_database(server, grants(), lambda db: migrate(db, migrations(), step))
        watch = asyncio.create_task(server.watch())
        try:
            yield server.app_url
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)


@asynccontextmanager
async def _named_database(settings: Settings) -> AsyncIterator[DatabaseUrl]:
    """Use one's own server, if it is fit and holds nothing but a demo."""
    await with_database(settings.owner_database, lambda db: migrate(db, migrations(), step))
    await require_fit_database(settings, step)
    yield settings.app_database


async def _serve_until_signal(settings: Settings) -> None:
    configure_log(settings.log_format)
    people = [{"cpf": p.cpf, "nome": p.nome, "papel": p.papel.name, "senha": SENHA} for p in PESSOAS]
    config = uvicorn.Config(create_app(settings, people), **uvicorn_options(settings.host, settings.port))
    http = _Server(config, lambda: _announce(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, http.handle_exit, number, None)
    await http.serve()
    click.echo("\nEncerrando.")


class _Server(uvicorn.Server):
    """uvicorn's server, whose signals are ours, so that the database is stopped in good order."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then announce."""
        await super().startup(sockets)
        if self.started:
            self._announce()


def _announce(settings: Settings) -> None:
    width = max(len(person.nome) for person in PESSOAS)
    people = "\n".join(
        f"  {_CPF.format(*person.cpf)}  {person.nome:{width}}  {_PAPEIS[person.papel]}" for person in PESSOAS
    )
    address = click.style(f"http://{settings.host}:{settings.port}/graphql", bold=True)
    click.echo(
        f"\n{click.style('SGHSS GraphQL', bold=True)} no ar. Abra num navegador: {address}   (Ctrl-C encerra)\n\n"
        f"Quem pode entrar, com a senha {click.style(SENHA, bold=True)}:\n{people}\n"
    )


def _kept_secret(settings: Settings) -> SecretStr:
    """Give the development secret, made at the first start and readable by its owner alone."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.home / "segredo-jwt"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return SecretStr(path.read_text())
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return SecretStr(path.read_text())


def step(text: str) -> None:
    """Tell of progress on standard error."""
    click.echo(f"  {text}", err=True)
