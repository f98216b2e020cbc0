"""README tells the truth: its requests are run, its answers compared, its people and commands are there."""

import json
import re
from pathlib import Path

import pytest

from sghss_graphql.acesso.papeis import Papel
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from tests.hospital import Hospital

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```graphql\n# como (\w+)\n(.*?)```\n\n```json\n(.*?)```", README, re.DOTALL)


def test_there_are_three_requests() -> None:
    assert len(EXAMPLES) == 3 == README.count("```graphql")


@pytest.mark.parametrize(("who", "query", "answer"), EXAMPLES)
async def test_a_request_of_readme_gives_its_answer(hospital: Hospital, who: str, query: str, answer: str) -> None:
    client = hospital.ninguem if who == "ninguem" else hospital.demo[Papel[who.upper()]]
    assert (await client(query)).data == json.loads(answer)


def test_the_people_of_the_demo_are_in_readme() -> None:
    for person in PESSOAS:
        cpf = f"{person.cpf[:3]}.{person.cpf[3:6]}.{person.cpf[6:9]}-{person.cpf[9:]}"
        assert f"| {cpf} | {person.nome} |" in README
    assert SENHA in README


def test_the_commands_of_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    cli = (ROOT / "sghss_graphql/cli.py").read_text(encoding="utf-8")
    for command in re.findall(r"^sghss-graphql (\w+)", README, re.MULTILINE):
        assert re.search(rf"def {command}(_command)?\(", cli)


def test_the_links_of_readme_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert link.startswith("http") or (page.parent / link).exists(), link
