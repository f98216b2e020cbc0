"""``usuario`` and ``token``: accounts, by whoever has the database. All of it is on the trail, done by nobody known."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import click

from sghss_graphql.app import OLDEST_SCHEMA, create_services, migrations
from sghss_graphql.cadastro.codigos.porta import Codigo, novo_codigo
from sghss_graphql.cadastro.pessoas.regras import email as ler_email
from sghss_graphql.cadastro.pessoas.regras import nome as ler_nome
from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.cadastro.usuarios import porta
from sghss_graphql.cadastro.usuarios.regras import Atos, Busca, motivo_da_desativacao
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.sessao import Sessoes
from sghss_graphql.confianca.acesso.token import Tokens
from sghss_graphql.confianca.auditoria import porta as auditoria
from sghss_graphql.confianca.auditoria.atos import Autor, Registro
from sghss_graphql.context import Servicos
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.machinery.database.migrations import check_schema
from sghss_graphql.machinery.engine import page_of
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.atos import Ato
from sghss_graphql.vocabulario.scalars import ler_cpf
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import inicios, ordem

T = TypeVar("T")
_POR_VEZ = 100


def create(settings: Settings, *, cpf: str, nome: str, papel: str, email: str | None) -> None:
    """Register somebody of the staff, and show the code that opens the account."""
    lido, nome_lido, email_lido = ler_cpf(cpf), ler_nome(nome), ler_email(email)

    async def work(servicos: Servicos) -> Codigo:
        codigo = await novo_codigo(servicos.senhas)
        pessoa = Pessoa(ids.nova_chave(), lido, nome_lido, ordem(nome_lido), agora(), email=email_lido)

        async def change(tx: Transaction) -> None:
            conta, _ = await porta.dar_papel(tx, servicos, Papel[papel], pessoa, por=None, codigo=codigo)
            _tell(tx, Atos.CADASTRAR_FUNCIONARIO, conta.usuario)

        await servicos.db.transaction(change)
        return codigo

    _show_code(with_services(settings, work))


def show(settings: Settings, *, busca: str | None, papel: str | None, desativados: bool) -> None:
    """List accounts, by name."""

    async def work(servicos: Servicos) -> list[Usuario]:
        found: list[Usuario] = []
        wanted = Busca(inicios(busca), None, Papel[papel] if papel else None, False if desativados else None)
        page = page_of("usuarios", (str, bytes), servicos.lacre.de(None), first=_POR_VEZ)
        while True:
            some = await porta.todos(servicos.db, wanted, page)
            found += some[:_POR_VEZ]
            if len(some) <= _POR_VEZ:
                return found
            page = replace(page, after=(some[_POR_VEZ - 1].ordem, some[_POR_VEZ - 1].pessoa))

    for one in with_services(settings, work):
        papeis = ", ".join(papel.name for papel in one.papeis)
        state = "" if one.ativo else "  (desativado)"
        click.echo(f"{one.cpf}  {one.nome}  {papeis}{state}")


def hand_out(settings: Settings, cpf: str) -> None:
    """Hand a code out."""
    lido = ler_cpf(cpf)

    async def work(servicos: Servicos) -> Codigo:
        codigo = await novo_codigo(servicos.senhas)

        async def change(tx: Transaction) -> None:
            conta = await porta.do_cpf(tx, lido)
            if not conta.ativo:
                raise click.ClickException("Este cadastro está desativado.")
            porta.entregar(tx, servicos, conta.usuario, lido, codigo, None)
            _tell(tx, Atos.EMITIR_CODIGO_DE_ACESSO, conta.usuario)

        await servicos.db.transaction(change)
        return codigo

    _show_code(with_services(settings, work))


def change_role(settings: Settings, cpf: str, papel: str, *, tirar: bool) -> None:
    """Give or take a papel."""
    lido = ler_cpf(cpf)

    async def work(servicos: Servicos) -> Codigo | None:
        codigo = None if tirar else await novo_codigo(servicos.senhas)

        async def change(tx: Transaction) -> bool:
            conta = await porta.do_cpf(tx, lido)
            _tell(tx, Atos.RETIRAR_PAPEL if tirar else Atos.CONCEDER_PAPEL, conta.usuario)
            if codigo is not None:
                return await porta.conceder(tx, servicos, conta, Papel[papel], codigo, None)
            await porta.retirar(tx, servicos, conta, Papel[papel])
            return False

        return codigo if await servicos.db.transaction(change) else None

    codigo = with_services(settings, work)
    click.echo("Papel retirado." if tirar else "Papel concedido.")
    if codigo is not None:
        _show_code(codigo)


def deactivate(settings: Settings, cpf: str, motivo: str) -> None:
    """Deactivate an account."""
    lido, porque = ler_cpf(cpf), motivo_da_desativacao(motivo)

    async def work(servicos: Servicos) -> None:
        async def change(tx: Transaction) -> None:
            conta = await porta.do_cpf(tx, lido)
            await porta.desativar(tx, servicos, conta, porque)
            _tell(tx, Atos.DESATIVAR_USUARIO, conta.usuario)

        await servicos.db.transaction(change)

    with_services(settings, work)
    click.echo("Desativado: as sessões e os códigos terminaram.")


def print_token(settings: Settings, cpf: str, minutos: int) -> None:
    """Print a token for a script, good for so many minutes, and nothing else."""
    lido = ler_cpf(cpf)

    async def work(servicos: Servicos) -> str:
        tokens = Tokens(settings.keys, issuer=settings.jwt_issuer, audience=settings.jwt_audience)
        short = Sessoes(servicos.db, tokens, timedelta(minutes=minutos))

        async def change(tx: Transaction) -> str:
            conta = await porta.do_cpf(tx, lido)
            porta.exigir_que_entre(conta)
            opened = await short.abrir(tx, conta.usuario)
            _tell(tx, Atos.EMITIR_TOKEN, conta.usuario)
            return opened.token_de_acesso

        return await servicos.db.transaction(change)

    click.echo(with_services(settings, work))


def with_services(settings: Settings, work: Callable[[Servicos], Awaitable[T]]) -> T:
    """Do something with the hospital's services, on a database that this version knows."""

    async def run() -> T:
        servicos = create_services(settings)
        try:
            await check_schema(servicos.db, migrations(), OLDEST_SCHEMA)
            return await work(servicos)
        finally:
            await servicos.close()

    return asyncio.run(run())


def _tell(tx: Transaction, ato: Ato, usuario: bytes) -> None:
    auditoria.registrar(tx, Registro(ato, Autor(None), alvo=usuario))


def _show_code(codigo: Codigo) -> None:
    until = f"{codigo.expira_em:%d/%m/%Y %H:%M} UTC"
    click.echo(f"Código de acesso: {codigo.texto}  (até {until}; só aparece agora)")
