"""Writes what is generated: schema.graphql, sql/grants.sql, pages of what the rooms say, what other pages show.

``make docs`` runs it. ``--check`` writes nothing, and its exit code tells whether anything differs but the answers to
requests, which are compared by a test that has a hospital to ask.
"""

import asyncio
import json
import re
import secrets
import sys
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import click
import httpx
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from sghss_graphql.app import create_app, migrations
from sghss_graphql.comando import cli
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.confianca.acesso.tabela import QUEM_PODE, Publica
from sghss_graphql.demo.carga import carregar
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.binaries import find_or_unpack
from sghss_graphql.machinery.database.embedded import EmbeddedServer, create_database
from sghss_graphql.machinery.database.migrations import migrate
from sghss_graphql.schema import casa, create_schema
from sghss_graphql.settings import Settings, settings_table
from sghss_graphql.vocabulario.acoes import Acao
from sghss_graphql.vocabulario.errors import Falha
from sghss_graphql.vocabulario.tempo import agora

ROOT = Path(__file__).parents[1]
SETTINGS = ROOT / "docs/configuracao.md"
WRITTEN = {ROOT / "docs/referencia.md", ROOT / "docs/permissoes.md"}
PAGES = sorted({ROOT / "README.md", *(ROOT / "docs").rglob("*.md")} - WRITTEN)
CATALOGUE = ROOT / "sghss_graphql/comando/locale/pt_BR/LC_MESSAGES/messages.po"
CACHE = Path("~/.cache/sghss").expanduser()
EXAMPLE = re.compile(r"(```graphql\n# como (\w+)\n(.*?)```\n\n```json\n)(.*?)(```)", re.DOTALL)
FILE = re.compile(r"(<!-- arquivo (\S+) -->\n).*?(<!-- /arquivo -->)", re.DOTALL)
SCHEMA, HOUSE = create_schema(), casa()
LANGUAGES = {".js": "js", ".json": "json", ".py": "python", ".ts": "ts"}
_LOGIN = "mutation($c: CPF!, $s: String!) { login(cpf: $c, senha: $s) { sessao { tokenDeAcesso } } }"


def generated() -> dict[Path, bytes]:
    """Give each generated file as it should be, README's answers apart."""
    return {
        ROOT / "schema.graphql": f"{SCHEMA.as_str()}\n".encode(),
        ROOT / "sql/grants.sql": rights().encode(),
        ROOT / "docs/referencia.md": reference().encode(),
        ROOT / "docs/permissoes.md": permissions().encode(),
        CATALOGUE.with_suffix(".mo"): compiled(CATALOGUE),
        **{page: filled(page).encode() for page in PAGES},
    }


def compiled(catalogue: Path) -> bytes:
    """Compile a catalogue of messages into the form that gettext reads."""
    with catalogue.open("rb") as source:
        messages = read_po(source)
    written = BytesIO()
    write_mo(written, messages)
    return written.getvalue()


def filled(page: Path) -> str:
    """Put into a page what it takes from elsewhere: the settings, and the files that it shows."""
    text = page.read_text(encoding="utf-8")
    if page == SETTINGS:
        text = between(text, "configuracoes", settings_table())

    def shown(found: re.Match[str]) -> str:
        path = ROOT / found[2]
        return f"{found[1]}```{LANGUAGES[path.suffix]}\n{path.read_text(encoding='utf-8')}```\n{found[3]}"

    return FILE.sub(shown, text)


def reference() -> str:
    """Write the page of codes and commands."""
    falhas = {falha.codigo: falha.mensagem for falha in Falha.__subclasses__()}
    return "\n".join(
        [
            "# Códigos e comandos",
            "",
            "Esta página é gerada (`make docs`).",
            "",
            "## Em `erros`: o que quem pede pode corrigir",
            "",
            *table("Código", "O que é", {codigo.name: codigo.descricao for codigo in HOUSE.codigos}),
            "",
            "## Em `errors[].extensions.code`: o que não pode",
            "",
            *table("Código", "A mensagem de costume", falhas),
            "",
            "## Na auditoria: os atos",
            "",
            "Cada entrada diz quem, em que papéis, quando e de onde, e nomeia o que está na última coluna.",
            "",
            *acts(),
            "",
            "## `sghss-graphql`",
            "",
            *(line for name in ("", *cli.app.commands) for line in ["```text", command_help(name), "```", ""]),
        ]
    )


def acts() -> list[str]:
    """Write the table of the trail's acts, with the room of each."""
    rows = [
        f"| `{ato.name}` | {ato.descricao} | {sala.nome} | {', '.join(sorted(n.value for n in ato.nomeia)) or '—'} |"
        for sala in HOUSE.salas
        for atos in sala.atos
        for ato in atos
    ]
    return ["| Ato | O que houve | Sala | Nomeia |", "|---|---|---|---|", *rows]


def permissions() -> str:
    """Write the page of who may do what to whose data, and of the action that each field asks for."""
    actions = [
        f"| {acao.faz} | {' | '.join(quem[papel].value if papel in quem else '' for papel in Papel)} |"
        for acao, quem in QUEM_PODE.items()
    ]
    fields: dict[str, dict[type[Acao], list[str]]] = {}
    for place, said in HOUSE.campos.items():
        type_name, _, field = place.partition(".")
        fields.setdefault(type_name, {}).setdefault(said.acao, []).append(field)
    rules = [
        f"| {f'`{type_name}`' if first else ''} | {acao.faz} | {', '.join(f'`{name}`' for name in names)} |"
        for type_name, rules in fields.items()
        if not type_name.endswith(("Payload", "Connection", "Edge"))
        for first, (acao, names) in zip([True, *[False] * len(rules)], rules.items(), strict=False)
    ]
    return "\n".join(
        [
            "# Quem pode o quê",
            "",
            "Esta página é gerada (`make docs`). A tabela está em `sghss_graphql/confianca/acesso/tabela.py`; a regra",
            "de cada campo, na `sala.py` de quem o traz. Os papéis de uma pessoa se somam.",
            "",
            f"| O que se faz | {' | '.join(papel.name for papel in Papel)} |",
            f"|---|{'---|' * len(Papel)}",
            *actions,
            "",
            f"Sem entrar: {Publica.faz}.",
            "",
            "## Campo por campo",
            "",
            "O que uma mutation devolve e as páginas das listas seguem a regra de quem as dá.",
            "",
            "| Tipo | Pede | Campos |",
            "|---|---|---|",
            *rules,
            "",
        ]
    )


def rights() -> str:
    """Write the statements that give the application's user its rights, room by room."""
    grants = [
        f"GRANT {direitos} ON {tabela} TO 'sghss_app'@'%';"
        for sala in HOUSE.salas
        for tabela, direitos in sala.tabelas.items()
    ]
    return "\n".join(
        [
            "-- The least rights that the application's own user needs, given table by table after the migrations.",
            "-- Generated (make docs) from what each room says of its tables in its sala.py.",
            "-- Run as an administrator in the application's database; the user itself is made beforehand:",
            "--     CREATE USER 'sghss_app'@'%' IDENTIFIED BY '…';",
            "-- No DELETE or UPDATE where records must stay, no DROP, ALTER or TRIGGER anywhere.",
            "",
            *grants,
            "",
        ]
    )


def command_help(name: str) -> str:
    """Give what ``sghss-graphql NAME --help`` prints."""
    cli.speak_portuguese()
    top = click.Context(cli.app, info_name="sghss-graphql", terminal_width=100, help_option_names=["-h", "--help"])
    command = cli.app.commands[name] if name else cli.app
    return command.get_help(click.Context(command, parent=top, info_name=name) if name else top)


def table(left: str, right: str, rows: Mapping[str, str | None]) -> list[str]:
    """Write a table of names and what they are, in Markdown."""
    return [f"| {left} | {right} |", "|---|---|", *(f"| `{name}` | {text} |" for name, text in rows.items())]


def between(text: str, name: str, content: str) -> str:
    """Put content between ``<!-- name -->`` and ``<!-- /name -->``."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"a page lacks <!-- {name} -->")
    return pattern.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


async def with_answers(pages: Mapping[Path, str]) -> dict[Path, str]:
    """Run the requests of pages on a demo hospital of their own, and put its answers in."""
    binaries = find_or_unpack(CACHE, print)
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedServer(Path(folder), binaries) as server:
            await create_database(server, rights(), lambda db: migrate(db, migrations()))
            senhas, db = Senhas(4), Database(server.app_url)
            await carregar(db, senhas, agora())
            await db.close()
            senhas.close()
            app = create_app(
                Settings(database_url=str(server.app_url), jwt_secret=secrets.token_urlsafe(32), bcrypt_cost=4)
            )
            transport = httpx.ASGITransport(app=app)
            async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as http:
                return {page: await answered(http, text) for page, text in pages.items()}


async def answered(http: httpx.AsyncClient, text: str) -> str:
    """Put the answer under each request of a page."""
    answers = iter([await ask(http, found[2], found[3]) for found in EXAMPLE.finditer(text)])
    return EXAMPLE.sub(lambda found: f"{found[1]}{next(answers)}\n{found[5]}", text)


async def ask(http: httpx.AsyncClient, who: str, query: str) -> str:
    """Give the answer to a request of one of the demo's people."""
    headers = {}
    for person in PESSOAS:
        if person.papel.name == who.upper():
            login = {"query": _LOGIN, "variables": {"c": person.cpf, "s": SENHA}}
            sessao = (await http.post("http://sghss/graphql", json=login)).json()["data"]["login"]["sessao"]
            headers = {"Authorization": f"Bearer {sessao['tokenDeAcesso']}"}
    answer = (await http.post("http://sghss/graphql", json={"query": query}, headers=headers)).json()
    return json.dumps(shown_answer(answer), ensure_ascii=False, indent=2)


def shown_answer(answer: dict[str, Any]) -> Any:
    """Give what a page shows of an answer: its data or, with errors, all of it but what differs each time."""
    for error in answer.get("errors", ()):
        error["extensions"]["requestId"] = "…"
    return answer if "errors" in answer else answer["data"]


def main() -> None:
    """Write, or check."""
    files = generated()
    if "--check" not in sys.argv:
        pages = asyncio.run(with_answers({page: files[page].decode() for page in PAGES}))
        files |= {page: text.encode() for page, text in pages.items()}
    differs = [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]
    if "--check" in sys.argv:
        sys.exit("\n".join(f"{path.name} is out of date: run make docs" for path in differs) or 0)
    for path in differs:
        path.write_bytes(files[path])
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
