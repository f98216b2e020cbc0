"""CONTRIBUTING's examples are followed, one on the other, in a clone; then its own tests run there."""

import os
import re
import subprocess
import sys
from pathlib import Path

PLACES = (
    *("tests/cadastro/profissionais", "tests/cadastro/convenios", "tests/atendimento/bbbbbbbbbbbbbbbb"),
    *("tests/machinery/engine/test_operacoes.py", "tests/machinery/engine/test_statements_per_operation.py"),
    *("tests/comando/test_nova_sala.py", "tests/test_casa.py", "tests/test_schema.py", "tests/test_sala.py"),
    *("tests/confianca/acesso/test_permissoes.py", "tests/confianca/auditoria/test_trilha.py"),
    *("tests/machinery/database/test_inspection.py", "tests/machinery/database/test_planos.py"),
)


def test_each_example_applies_and_the_tests_pass(root: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    environment = {**os.environ, "PYTHONPATH": str(clone), "SGHSS_EXAMPLES": "5"}
    _run(root, environment, "git", "clone", "--quiet", str(root), str(clone))
    patches = sorted((clone / "docs/contribuir").glob("*.patch"))
    assert [patch.name for patch in patches] == _linked(clone)
    for patch in patches:
        _run(clone, environment, "git", "apply", str(patch))
    for room in (["convenios"], ["bbbbbbbbbbbbbbbb", "--um", "aaaaaaaaaaaaaaaa", "--grupo", "atendimento"]):
        _run(clone, environment, sys.executable, "-m", "sghss_graphql", "nova-sala", *room)
    _run(clone, environment, "git", "add", "--all")
    _run(clone, environment, sys.executable, "docs/gerar.py")
    rewrite = {**environment, "SGHSS_REWRITE": "1"}  # make operacoes
    _run(clone, rewrite, sys.executable, "-m", "pytest", "--quiet", "tests/machinery/engine/test_operacoes.py")
    _run(clone, environment, sys.executable, "-m", "pytest", "--quiet", "-n2", "--dist=loadfile", *PLACES)


def _linked(clone: Path) -> list[str]:
    guide = (clone / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return re.findall(r"\]\(docs/contribuir/([\w.-]+)\)", guide)


def _run(folder: Path, environment: dict[str, str], *command: str) -> None:
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-4000:]}{ran.stderr[-2000:]}"
