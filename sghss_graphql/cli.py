"""The command ``sghss-graphql``: what runs the hospital, in Portuguese.

Exit codes: 0 done, 1 refused (the message says what to do), 2 wrong usage, 130 interrupted.
"""

import asyncio
import errno
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvicorn
from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sghss_graphql.acesso.senha import Senhas
from sghss_graphql.app import create_app, grants, migrations
from sghss_graphql.database import Database, DatabaseUrl
from sghss_graphql.database.binaries import find_or_unpack
from sghss_graphql.database.embedded import EmbeddedServer, create_database, die_with_parent
from sghss_graphql.database.migrations import check_schema, migrate
from sghss_graphql.demo.carga import carregar
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from sghss_graphql.errors import Falha, Recusa, SghssError
from sghss_graphql.scalars import ValorInvalido, agora, ler_cpf
from sghss_graphql.schema import schema as graphql_schema
from sghss_graphql.settings import Settings, read_settings
from sghss_graphql.usuarios.porta import primeiro_administrador
from sghss_graphql.usuarios.regras import nome as ler_nome
from sghss_graphql.web.requests import configure_log

T = TypeVar("T")

app = typer.Typer(
    name="sghss-graphql",
    help="SGHSS GraphQL: a API de um hospital.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

_EXAMPLE = "{ eu { nome papeis } medicos(first: 3) { edges { node { nome crm especialidades } } } }"


def main() -> None:
    """Run the command; a refusal is one message and exit code 1."""
    try:
        app()
    except (SghssError, ValorInvalido) as error:
        err.print(f"[red]Erro:[/red] {escape(_words(error))}")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(1)


def _words(error: SghssError | ValorInvalido) -> str:
    """Give what an error says to people."""
    if isinstance(error, Recusa | Falha):
        return error.mensagem
    return error.message if isinstance(error, ValorInvalido) else str(error)


@app.command()
def dev() -> None:
    """Sobe um hospital de demonstração: banco embutido, dados fictícios e a API. Ctrl-C encerra tudo."""
    settings = read_settings()
    request = die_with_parent(os.getppid())
    if request is not None:
        request()
    asyncio.run(_dev(settings))


@app.command()
def serve() -> None:
    """Serve a API sobre o banco de SGHSS_DATABASE_URL, já migrado."""
    settings = read_settings()
    _ = settings.secret
    _refuse_taken_port(settings)
    asyncio.run(_with_database(settings.app_database, lambda db: check_schema(db, migrations())))
    uvicorn.run("sghss_graphql.app:from_environment", factory=True, workers=settings.workers, **_uvicorn(settings))


@app.command(name="migrate")
def migrate_command() -> None:
    """Leva o banco de SGHSS_DATABASE_URL à última migração."""
    settings = read_settings()
    asyncio.run(_with_database(settings.owner_database, lambda db: migrate(db, migrations(), out.print)))
    out.print("O banco de dados está na última migração.")


@app.command()
def seed() -> None:
    """Carrega o hospital de demonstração num banco vazio."""
    settings = read_settings()

    async def work(db: Database) -> bool:
        await check_schema(db, migrations())
        return await _seed(db, settings)

    loaded = asyncio.run(_with_database(settings.app_database, work))
    out.print("Demonstração carregada." if loaded else "A demonstração já estava carregada.")


@app.command()
def schema() -> None:
    """Mostra o schema GraphQL."""
    sys.stdout.write(graphql_schema.as_str() + "\n")


@app.command()
def administrador(
    cpf: Annotated[str, typer.Option(prompt="CPF", help="CPF do administrador.")],
    nome: Annotated[str, typer.Option(prompt="Nome completo", help="Nome completo do administrador.")],
    senha: Annotated[
        str,
        typer.Option(
            prompt="Senha provisória",
            hide_input=True,
            confirmation_prompt="Repita a senha",
            envvar="SGHSS_SENHA_PROVISORIA",
            help="Senha provisória, trocada no primeiro acesso.",
        ),
    ],
) -> None:
    """Cadastra o primeiro administrador de um hospital vazio."""
    settings = read_settings()
    lido, nome_lido = ler_cpf(cpf), ler_nome(nome)
    senhas = Senhas(settings.bcrypt_cost)

    async def work(db: Database) -> None:
        await check_schema(db, migrations())
        guardada = await senhas.guardar_forte(senha, [lido, nome_lido])
        await db.transaction(lambda tx: primeiro_administrador(tx, lido, nome_lido, guardada))

    asyncio.run(_with_database(settings.app_database, work))
    out.print("Administrador cadastrado. Ele troca a senha no primeiro acesso (mutation trocarSenha).")


async def _dev(settings: Settings) -> None:
    _refuse_taken_port(settings)
    cache = settings.cache.expanduser()
    binaries = await asyncio.to_thread(find_or_unpack, cache, _step)
    async with EmbeddedServer(settings.home / "banco", binaries) as server:
        _step("banco de dados no ar")
        await create_database(server, grants(), lambda db: migrate(db, migrations(), _step))
        ready = settings.model_copy(
            update={
                "database_url": str(server.app_url),
                "jwt_secret": settings.jwt_secret or _kept_secret(settings.home),
            }
        )
        await _with_database(server.app_url, lambda db: _seed(db, ready))
        await _serve_until_signal(ready, server)


async def _serve_until_signal(settings: Settings, server: EmbeddedServer) -> None:
    configure_log()
    http = _Server(uvicorn.Config(create_app(settings), **_uvicorn(settings)), lambda: _announce(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, http.handle_exit, number, None)
    watch = asyncio.create_task(server.watch())
    try:
        await http.serve()
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        out.print("\nEncerrando o servidor e o banco de dados.")


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
    address = f"http://{settings.host}:{settings.port}/graphql"
    width = max(len(person.nome) for person in PESSOAS)
    people = "\n".join(
        f"  {_masked(person.cpf)}  {person.nome:{width}}  {person.papel.name.lower()}" for person in PESSOAS
    )
    out.print(
        f"\n[bold]SGHSS GraphQL[/bold] no ar: [bold]{address}[/bold]   (Ctrl-C encerra)\n\n"
        f"Quem pode entrar, com a senha [bold]{SENHA}[/bold]:\n{people}\n\n"
        "Para experimentar, entre e use o token:\n\n"
        f"  curl -s {address} -H 'Content-Type: application/json' \\\n"
        f"""    -d '{{"query": "mutation {{ login(cpf: \\"{PESSOAS[0].cpf}\\", senha: \\"{SENHA}\\")"""
        """ { sessao { tokenDeAcesso } } }"}'\n\n"""
        f"  curl -s {address} -H 'Content-Type: application/json' -H 'Authorization: Bearer O_TOKEN' \\\n"
        f"""    -d '{{"query": "{_EXAMPLE}"}}'\n""",
        markup=True,
    )


def _masked(cpf: str) -> str:
    return f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}"


async def _seed(db: Database, settings: Settings) -> bool:
    senhas = Senhas(settings.bcrypt_cost)
    columns = (
        TextColumn("  carregando a demonstração"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, disable=not err.is_terminal) as progress:
        task = progress.add_task("", total=None, visible=False)

        def start(total: int) -> None:
            progress.update(task, total=total, visible=True)
            if not err.is_terminal:
                _step(f"carregando a demonstração ({total} linhas)")

        try:
            return await carregar(db, senhas, agora(), comecar=start, avancar=lambda rows: progress.advance(task, rows))
        finally:
            senhas.close()


async def _with_database(url: DatabaseUrl, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
    db = Database(url, statement_timeout=3600)
    try:
        return await work(db)
    finally:
        await db.close()


def _kept_secret(home: Path) -> SecretStr:
    """Give the development secret, made at the first start and readable by its owner alone."""
    path = home / "segredo-jwt"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return SecretStr(path.read_text())
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return SecretStr(path.read_text())


_MOTIVOS: dict[int | None, str] = {
    errno.EADDRINUSE: "a porta está ocupada por outro programa",
    errno.EACCES: "falta permissão para usar esta porta",
    errno.EADDRNOTAVAIL: "este endereço não é desta máquina",
}


class PortaOcupada(SghssError):
    """Another program listens on the port; the text names the setting."""


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            motivo = _MOTIVOS.get(error.errno, "endereço recusado")
            raise PortaOcupada(
                f"Não é possível atender em {settings.host}:{settings.port}: {motivo}."
                " Escolha outra porta com SGHSS_PORT (por exemplo, SGHSS_PORT=8001) ou outro endereço com SGHSS_HOST."
            ) from None


def _uvicorn(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.host,
        "port": settings.port,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "limit_concurrency": 1_000,
        "timeout_keep_alive": 20,
        "timeout_graceful_shutdown": 10,
        "ws": "none",
        "forwarded_allow_ips": "127.0.0.1",
    }


def _step(text: str) -> None:
    err.print(f"  {text}", markup=False)
