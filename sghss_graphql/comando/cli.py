"""The command ``sghss-graphql``: what runs the hospital, in Portuguese.

Exit codes: 0 done, 1 refused (the message says what to do), 2 wrong usage, 3 migrations are due, 130 interrupted.
"""

import asyncio
import gettext
import os
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import click
import uvicorn

from sghss_graphql.app import migrations
from sghss_graphql.cadastro.usuarios.porta import primeiro_administrador
from sghss_graphql.cadastro.usuarios.regras import nome as ler_nome
from sghss_graphql.comando import dev as development
from sghss_graphql.comando import doctor as diagnosis
from sghss_graphql.comando.plan import explain
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.machinery.database import Database, with_database
from sghss_graphql.machinery.database.failures import Unreachable
from sghss_graphql.machinery.database.inspection import Verdict
from sghss_graphql.machinery.database.migrations import Progress, check_schema, migrate, read_progress
from sghss_graphql.machinery.faults import Excess, Fault, Malformed, Unavailable, os_reason
from sghss_graphql.machinery.web.body import parse_json
from sghss_graphql.machinery.web.listening import refuse_taken_port, uvicorn_options
from sghss_graphql.schema import create_schema
from sghss_graphql.settings import Settings, read_settings
from sghss_graphql.vocabulario.errors import Falha, Recusa, RequisicaoInvalida, SghssError, contar
from sghss_graphql.vocabulario.scalars import ValorInvalido, ler_cpf

T = TypeVar("T")
PENDING = 3
INTERRUPTED = 130
_COLOURS = {Verdict.FINE: "green", Verdict.WARNS: "yellow", Verdict.LACKS: "red"}


class _InOrder(click.Group):
    """A group that lists its commands in the order in which one needs them."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self.commands)


def main() -> None:
    """Run the command, and leave with its exit code."""
    speak_portuguese()
    try:
        colour = False if "NO_COLOR" in os.environ else None
        sys.exit(app.main(prog_name="sghss-graphql", standalone_mode=False, color=colour))
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (SghssError, Fault, ValorInvalido) as error:
        _refuse(_words(error))
    except OSError as error:
        _refuse(f"Não foi possível usar {error.filename or 'o disco'}: {os_reason(error)}.")


def speak_portuguese() -> None:
    """Let click's own words come from our catalogue (gettext's: the language is chosen by LANGUAGE)."""
    gettext.bindtextdomain("messages", str(files("sghss_graphql.comando") / "locale"))
    os.environ["LANGUAGE"] = "pt_BR"


def _words(error: SghssError | Fault | ValorInvalido) -> str:
    """Give what an error says to the people who run the server."""
    if isinstance(error, Unreachable):
        return error.reason
    if isinstance(error, Recusa | Falha):
        return error.mensagem
    if isinstance(error, Malformed | Excess | Unavailable):
        return contar(error).message
    return error.message if isinstance(error, ValorInvalido) else str(error)


def _refuse(words: str) -> None:
    click.echo(f"{click.style('Erro:', fg='red')} {words}", err=True)
    sys.exit(1)


@click.group(
    cls=_InOrder,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="",
    subcommand_metavar="COMANDO [OPÇÕES]",
    epilog="As configurações são variáveis de ambiente, SGHSS_…; doctor diz o que falta. Códigos de saída: 0 feito,"
    " 1 recusado, 2 uso errado, 3 há migrações por aplicar, 130 interrompido.",
)
@click.version_option(version("sghss-graphql"), message="%(prog)s %(version)s", help="Mostra a versão.")
def app() -> None:
    """SGHSS GraphQL: a API de um hospital."""


@app.command(options_metavar="[OPÇÕES]")
@click.option("--host", metavar="ENDEREÇO", help="Onde atender; se ausente, SGHSS_HOST.")
@click.option("--port", metavar="PORTA", help="Em que porta atender; se ausente, SGHSS_PORT.")
@click.option("--preparar", is_flag=True, help="Só cria o banco e carrega a demonstração, sem atender.")
def dev(host: str | None, port: str | None, preparar: bool) -> None:
    """Sobe um hospital de demonstração.

    Banco de dados embutido (ou o de SGHSS_DATABASE_URL, se vazio), dados fictícios, a API e a página GraphiQL.
    Ctrl-C encerra tudo.
    """
    settings = _settings(host=host, port=port)
    asyncio.run(development.prepare(settings) if preparar else development.run(settings))


@app.command(options_metavar="[OPÇÕES]")
@click.option("--host", metavar="ENDEREÇO", help="Onde atender; se ausente, SGHSS_HOST.")
@click.option("--port", metavar="PORTA", help="Em que porta atender; se ausente, SGHSS_PORT.")
@click.option("--workers", metavar="N", help="Quantos processos; se ausente, SGHSS_WORKERS.")
def serve(**options: str | None) -> None:
    """Serve a API sobre o banco de SGHSS_DATABASE_URL.

    O banco já está migrado, e o usuário só pode o que sql/grants.sql lhe dá. Antes de atender, confere a versão, a
    sessão, os direitos e o relógio do banco, e diz o que falta.
    """
    settings = _settings(**options)
    for name, value in options.items():
        if value is not None:
            os.environ[f"SGHSS_{name.upper()}"] = value  # for the processes that uvicorn starts
    _ = settings.secret
    refuse_taken_port(settings.host, settings.port)
    asyncio.run(diagnosis.require_fit_database(settings, lambda text: click.echo(text, err=True)))
    listening = uvicorn_options(settings.host, settings.port)
    uvicorn.run("sghss_graphql.app:from_environment", factory=True, workers=settings.workers, **listening)


@app.command(name="migrate", options_metavar="[OPÇÕES]")
@click.option("--status", is_flag=True, help="Só mostra cada migração e quando foi aplicada.")
@click.option("--dry-run", is_flag=True, help="Só mostra o SQL que seria executado.")
def migrate_command(status: bool, dry_run: bool) -> None:
    """Leva o banco à última migração.

    Usa SGHSS_MIGRATE_DATABASE_URL (o usuário que altera tabelas) ou, na falta dele, SGHSS_DATABASE_URL. Interrompido,
    continua de onde parou; dois ao mesmo tempo esperam um pelo outro. Com --status ou --dry-run, nada muda, e o código
    de saída é 3 quando há o que aplicar.
    """
    url = _settings().owner_database
    if status or dry_run:
        progress = asyncio.run(with_database(url, lambda db: read_progress(db, migrations())))
        click.echo("\n".join(_sql_left(progress) if dry_run else map(_status_line, progress)))
        sys.exit(PENDING if any(one.finished_at is None for one in progress) else 0)
    asyncio.run(with_database(url, lambda db: migrate(db, migrations(), click.echo)))
    click.echo("O banco de dados está na última migração.")


@app.command(options_metavar="")
def seed() -> None:
    """Carrega o hospital de demonstração num banco vazio."""
    settings = _settings()

    async def work(db: Database) -> bool:
        await check_schema(db, migrations())
        return await development.seed(db, settings)

    loaded = asyncio.run(with_database(settings.app_database, work))
    click.echo("Demonstração carregada." if loaded else "A demonstração já estava carregada.")


@app.command(options_metavar="[OPÇÕES]")
@click.option("--cpf", prompt="CPF", metavar="CPF", help="CPF do administrador.")
@click.option("--nome", prompt="Nome completo", metavar="NOME", help="Nome completo do administrador.")
@click.option(
    "--senha",
    prompt="Senha provisória",
    metavar="SENHA",
    hide_input=True,
    confirmation_prompt="Repita a senha",
    envvar="SGHSS_SENHA_PROVISORIA",
    help="Senha provisória, trocada no primeiro acesso; melhor perguntada, ou em SGHSS_SENHA_PROVISORIA.",
)
def administrador(cpf: str, nome: str, senha: str) -> None:
    """Cadastra o primeiro administrador de um hospital vazio."""
    settings = _settings()
    lido, nome_lido = ler_cpf(cpf), ler_nome(nome)
    senhas = Senhas(settings.bcrypt_cost)

    async def work(db: Database) -> None:
        await check_schema(db, migrations())
        guardada = await senhas.guardar_forte(senha, [lido, nome_lido])
        await db.transaction(lambda tx: primeiro_administrador(tx, lido, nome_lido, guardada))

    asyncio.run(with_database(settings.app_database, work))
    click.echo("Administrador cadastrado. Ele troca a senha no primeiro acesso (mutation trocarSenha).")


@app.command(options_metavar="")
def doctor() -> None:
    """Examina a instalação e diz como consertar o que falta.

    Configurações, banco de dados, migrações, direitos, relógio e página. O código de saída é 1 quando algo impede de
    servir.
    """

    async def work() -> bool:
        serves = True
        async for finding in diagnosis.examine():
            verdict = click.style(f"{finding.verdict:5}", fg=_COLOURS[finding.verdict])
            click.echo(f"{verdict}  {finding.name:14}  {finding.text}")
            serves = serves and finding.verdict is not Verdict.LACKS
        return serves

    if not asyncio.run(work()):
        sys.exit(1)


@app.command(options_metavar="[OPÇÕES]")
@click.argument("arquivo", metavar="ARQUIVO", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--como", type=click.Choice([papel.name.lower() for papel in Papel]), help="Quem pede, na demonstração.")
@click.option("--variaveis", metavar="JSON", default="{}", help="As variáveis, num objeto JSON.")
def plan(arquivo: Path, como: str | None, variaveis: str) -> None:
    """Mostra em que uma operação se transforma.

    O código em que é compilada, o SQL que executa e a resposta, na demonstração.
    """
    text, variables = arquivo.read_text(encoding="utf-8"), parse_json(variaveis)
    if not isinstance(variables, dict):
        raise RequisicaoInvalida("--variaveis é um objeto JSON.")
    papel = Papel[como.upper()] if como else None

    async def work() -> None:
        async with development.hospital(_settings()) as settings:
            async for title, content in explain(settings, text, variables, papel):
                click.echo(f"{click.style(f'── {title}', bold=True)}\n\n{content}\n")

    asyncio.run(work())


@app.command(options_metavar="")
def schema() -> None:
    """Mostra o schema GraphQL."""
    click.echo(create_schema().as_str())


def _settings(**options: str | None) -> Settings:
    return read_settings(**{name: value for name, value in options.items() if value is not None})


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
