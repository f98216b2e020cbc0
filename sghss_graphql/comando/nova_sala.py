"""A new room of the hospital is written from moulds: table, type, list, mutation and tests, passing every check."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from string import Template

import click

from sghss_graphql.schema import casa

PACOTE = Path(__file__).parents[1]
RAIZ = PACOTE.parent
MOLDES = Path(__file__).parent / "moldes"
_NOME = re.compile(r"[a-z]{3,16}")


def write_room(grupo: str, sala: str, um: str) -> list[Path]:
    """Write the room ``grupo/sala`` of things each called ``um``; give the files that are new or changed.

    Raises:
        click.ClickException: this isn't a checkout, or a name is malformed or taken; nothing was written.
    """
    _require_free(grupo, sala, um)
    names = _names(grupo, sala, um)
    here, tests = PACOTE / grupo / sala, RAIZ / "tests" / grupo / sala
    moulds = {here / mould.stem: mould for mould in (MOLDES / "sala").iterdir()}
    moulds |= {tests / mould.stem.replace("sala", sala): mould for mould in (MOLDES / "testes").iterdir()}
    moulds[RAIZ / f"sql/migrations/{int(names['migracao']):04}_{sala}.sql"] = MOLDES / "migracao.sql.molde"
    written = {path: Template(mould.read_text(encoding="utf-8")).substitute(names) for path, mould in moulds.items()}
    written |= {PACOTE / "schema.py": _listed(names), PACOTE / "confianca/acesso/tabela.py": _ruled(names)}
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _tidy(path for path in written if path.suffix == ".py")
    return sorted(written)


def _require_free(grupo: str, sala: str, um: str) -> None:
    if not (RAIZ / "sql/migrations").is_dir():
        raise click.ClickException("nova-sala escreve no código: rode-o num clone do repositório.")
    for name in (sala, um):
        if not _NOME.fullmatch(name):
            raise click.BadParameter(f"{name}: de 3 a 16 letras minúsculas, sem acento.")
    if sala == um:
        raise click.BadParameter(f"{sala}: o nome da sala é um plural; diga em --um o nome de um só.")
    if any(room.nome.endswith(f"/{sala}") for room in casa().salas) or (PACOTE / grupo / sala).exists():
        raise click.BadParameter(f"já existe uma sala {sala}.")
    if um in casa().tabelas or um.capitalize() in casa().tipos:
        raise click.BadParameter(f"{um} já é de outra sala: diga outro nome em --um.")


def _names(grupo: str, sala: str, um: str) -> dict[str, str]:
    """Give what the moulds leave open."""
    numbers = [int(path.name[:4]) for path in (RAIZ / "sql/migrations").glob("*.sql")]
    return {
        "grupo": grupo,
        "sala": sala,
        "Sala": sala.capitalize(),
        "um": um,
        "Um": um.capitalize(),
        "UM": um.upper(),
        "prefixo": _prefix(um),
        "numero": str(casa().codigos[-1].numero + 1),
        "migracao": str(max(numbers) + 1),
    }


def _prefix(um: str) -> str:
    """Give three letters for its ids that no other room's begin with: its first two, and one of the rest."""
    free = [um[:2] + letter for letter in um[2:] + "abcdefghijklmnopqrstuvwxyz" if um[:2] + letter not in casa().nos]
    if not free:
        raise click.BadParameter(f"não sobra um prefixo de ids que comece por {um[:2]}: diga outro nome em --um.")
    return free[0]


def _listed(names: dict[str, str]) -> str:
    """Give ``schema.py`` with the room on the highest storey of its group."""
    text = (PACOTE / "schema.py").read_text(encoding="utf-8")
    new = Template("from sghss_graphql.$grupo.$sala.sala import SALA as ${lista}\n").substitute(
        names, lista=names["sala"].upper()
    )
    imports = list(re.finditer(r"^from (sghss_graphql\.\S+) import .*\n", text, re.MULTILINE))
    after = next(found for found in imports if found[0] > new)
    text = text[: after.start()] + new + text[after.start() :]
    of_group = rf"^from sghss_graphql\.{names['grupo']}\.\w+\.sala import SALA as (\w+)"
    neighbours = re.findall(of_group, text, re.MULTILINE)
    storey = re.compile(rf"^(    \(.*\b(?:{'|'.join(neighbours)})\b.*?),?\),$", re.MULTILINE)
    return storey.sub(lambda found: f"{found[1]}, {names['sala'].upper()}),", text, count=1)


def _ruled(names: dict[str, str]) -> str:
    """Give the matrix with the room's two lines: everyone sees, an administrador registers."""
    text = (PACOTE / "confianca/acesso/tabela.py").read_text(encoding="utf-8")
    actions = Template(
        'class Ver$Sala(Acao, faz="ver $sala"): ...\nclass Cadastrar$Sala(Acao, faz="cadastrar em $sala"): ...\n'
    ).substitute(names)
    rules = Template(
        "    Ver$Sala: _TODO_MUNDO,\n    Cadastrar$Sala: {Papel.ADMINISTRADOR: Escopo.TODOS},\n}\n"
    ).substitute(names)
    return text.replace("# fmt: on\n", f"{actions}# fmt: on\n").removesuffix("}\n") + rules


def _tidy(paths: Iterable[Path]) -> None:
    """Sort the imports and break the lines as the rest of the house has them."""
    files = [str(path) for path in paths]
    for command in (("check", "--quiet", "--select=I", "--fix"), ("format", "--quiet")):
        subprocess.run([sys.executable, "-m", "ruff", *command, *files], cwd=RAIZ, check=True)  # noqa: S603 - ours
