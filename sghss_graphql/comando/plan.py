"""What an operation becomes, on the demo: the code that it is compiled to, the statements that it runs, its answer."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import click
import orjson
from graphql import GraphQLError, OperationDefinitionNode, get_operation_ast, get_variable_values, parse

from sghss_graphql.app import create_engine, create_services
from sghss_graphql.comando.dev import hospital
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.context import Contexto, Servicos
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from sghss_graphql.machinery.engine import Engine, Limits, Request, Schema
from sghss_graphql.machinery.engine.plans import Plan, unchain
from sghss_graphql.machinery.faults import Excess
from sghss_graphql.machinery.web.body import parse_json
from sghss_graphql.schema import create_schema
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario.errors import RequisicaoInvalida

_LOGIN = "mutation($cpf: CPF!, $senha: String!) { login(cpf: $cpf, senha: $senha) { erros { codigo } } }"
_LONGEST_VALUE = re.compile(r"('(?:[^'\\]|\\.){60})(?:[^'\\]|\\.)+'")


def show(settings: Settings, text: str, variables: str, como: str | None) -> None:
    """Print what an operation of a file becomes.

    Raises:
        RequisicaoInvalida: the file has no operations, or the variables are no JSON object.
    """
    values = parse_json(variables)
    if not isinstance(values, dict):
        raise RequisicaoInvalida("--variaveis é um objeto JSON.")

    async def work() -> None:
        async with hospital(settings, as_guest=True) as ready:
            async for title, content in explain(ready, text, values, Papel[como.upper()] if como else None):
                click.echo(f"{click.style(f'── {title}', bold=True)}\n\n{content}\n")

    asyncio.run(work())


async def explain(
    settings: Settings, text: str, variables: Mapping[str, Any], papel: Papel | None
) -> AsyncIterator[tuple[str, str]]:
    """Give the title and the content of each part, for each operation of a text, asked by someone of the demo.

    Raises:
        RequisicaoInvalida: the text is no document with operations.
    """
    statements: list[str] = []
    schema = create_schema()
    servicos, engine = create_services(settings, statements.append), create_engine(settings, schema)
    try:
        quem = await _enter(servicos, engine, papel)
        for name in operation_names(text):
            yield f"{name or 'operação anônima'}: o código", compiled_source(schema, text, name, variables)
            statements.clear()
            contexto = Contexto(servicos, quem)
            answer = await engine.run(Request(text, variables, name), contexto, "explain")
            await contexto.concluir()
            yield "o SQL", "\n\n".join(_LONGEST_VALUE.sub(r"\1…'", statement) for statement in statements) or "(nenhum)"
            yield "a resposta", orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode()
    finally:
        await servicos.close()


def operation_names(text: str) -> list[str | None]:
    """Give the names of the operations of a text.

    Raises:
        RequisicaoInvalida: it is no document with operations.
    """
    try:
        parts = [part for part in parse(text).definitions if isinstance(part, OperationDefinitionNode)]
    except GraphQLError:
        raise RequisicaoInvalida("O arquivo não é um documento GraphQL.") from None
    if not parts:
        raise RequisicaoInvalida("O arquivo não tem operações.")
    return [part.name.value if part.name else None for part in parts]


def compiled_source(schema: Schema, text: str, name: str | None, variables: Mapping[str, Any]) -> str:
    """Give the source that an operation is compiled to, or say who runs it instead."""
    document = parse(text)
    operation = get_operation_ast(document, name)
    assert operation is not None  # noqa: S101 - the name came from the document
    values = get_variable_values(schema.core, operation.variable_definitions or (), dict(variables))
    try:
        coerced = {} if isinstance(values, list) else values.coerced
        version = Plan(schema, document, operation, unchain(document)).make_version(coerced, Limits())
    except (Excess, KeyError):
        return "(recusada: veja a resposta)"
    return version.compiled.source.rstrip() if version.compiled else "(executada pelo graphql-core)"


async def _enter(servicos: Servicos, engine: Engine, papel: Papel | None) -> Any:
    """Give whoever asks: someone of the demo, logged in, or nobody."""
    contexto = Contexto(servicos, None)
    for person in PESSOAS:
        if person.papel is papel:
            await engine.run(Request(_LOGIN, {"cpf": person.cpf, "senha": SENHA}), contexto, "explain")
    return contexto.quem
