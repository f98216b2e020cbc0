"""What the pages say is so: requests are run, answers compared, commands, people and links are there."""

import json
import re
from pathlib import Path

import click
import pytest

from docs.gerar import EXAMPLE, PAGES, shown_answer
from sghss_graphql.comando import cli
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from tests.hospital import Hospital

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENGLISH = (ROOT / "README.en.md").read_text(encoding="utf-8")
TEXTS = {
    str(page.relative_to(ROOT)): page.read_text(encoding="utf-8")
    for page in (*PAGES, ROOT / "README.en.md", ROOT / "CONTRIBUTING.md")
}
EXAMPLES = [(page, *found.group(2, 3, 4)) for page, text in TEXTS.items() for found in EXAMPLE.finditer(text)]
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def commands(text: str) -> list[str]:
    """Give the commands of a page, without their comments."""
    lines = [line for block in SHELL.findall(text) for line in block.splitlines()]
    return [re.sub(r"\s+# .*", "", line).strip() for line in lines]


def test_the_pages_have_requests() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize(("page", "who", "query", "answer"), EXAMPLES)
async def test_a_request_of_a_page_gives_its_answer(
    hospital: Hospital, page: str, who: str, query: str, answer: str
) -> None:
    client = hospital.ninguem if who == "ninguem" else hospital.demo[Papel[who.upper()]]
    assert shown_answer((await client(query)).corpo) == json.loads(answer)


def test_the_people_of_the_demo_are_in_readme() -> None:
    for person in PESSOAS:
        cpf = f"{person.cpf[:3]}.{person.cpf[3:6]}.{person.cpf[6:9]}-{person.cpf[9:]}"
        assert f"| {cpf} | {person.nome} |" in README
    assert SENHA in README


def test_the_two_commands_are_in_the_first_screen() -> None:
    for text in (README, ENGLISH):
        first = "\n".join(text.splitlines()[:15])
        assert "make run" in first
        assert "make test" in first


def test_both_languages_have_the_same_commands() -> None:
    assert commands(README) == commands(ENGLISH)


@pytest.mark.parametrize("page", TEXTS)
def test_the_commands_of_a_page_exist(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z][\w-]*)", TEXTS[page]):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for command in re.findall(r"sghss-graphql ([a-z]\w*)(.*)", "\n".join(commands(TEXTS[page]))):
        name, rest = command
        named: click.Command = cli.app.commands[name]
        if isinstance(named, click.Group):
            named = named.commands[rest.split()[0]]
        options = {option for parameter in named.params for option in _options(parameter)}
        assert set(re.findall(r"--[\w-]+", rest)) <= options


def _options(parameter: click.Parameter) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]


@pytest.mark.parametrize("page", TEXTS)
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", TEXTS[page]):
        assert link.startswith("http") or ((ROOT / page).parent / link).exists(), link


@pytest.mark.parametrize("page", TEXTS)
def test_the_files_that_a_page_names_exist(page: str) -> None:
    for path in re.findall(r"`((?:sghss_graphql|tests|sql|docs|e2e|pagina)/[\w./-]+\.\w+)`", TEXTS[page]):
        assert (ROOT / path).exists(), path
