"""A proof names its action, and only acesso makes one: at run time, and for mypy."""

import copy
import dataclasses
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sghss_graphql.confianca.acesso import checagem
from sghss_graphql.confianca.acesso.checagem import Alcance, exigir
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import VerConsultas, VerPacientes

ROOT = Path(__file__).parents[3]
QUEM = Quem(b"u" * 16, b"s" * 16, frozenset({Papel.PACIENTE}), b"p" * 16, None, troca_de_senha_obrigatoria=False)

ERRADAS = """
from sghss_graphql.cadastro.pacientes import store as pacientes
from sghss_graphql.atendimento.consultas import store as consultas
from sghss_graphql.confianca.acesso.checagem import Alcance, exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import BuscarPacientes, VerConsultas, VerPacientes
from sghss_graphql.machinery.database import Reader


async def ler(db: Reader, quem: Quem) -> None:
    await pacientes.por_ids(db, exigir(quem, VerPacientes), [])
    prova = exigir(quem, VerConsultas)
    await consultas.por_ids(db, prova, [])
    await pacientes.por_ids(db, prova, [])  # errada: made for another action
    await pacientes.por_ids(db, exigir(quem, BuscarPacientes), [])  # errada: for another one, at once
    await pacientes.por_ids(db, quem, [])  # errada: none at all
    await pacientes.por_ids(db, None, [])  # errada: none
    feita: Alcance[VerPacientes] = Alcance(quem=quem, todos=True, paciente=None, profissional=None)  # errada: by hand
    selada: Alcance[VerPacientes] = Alcance(object(), quem, True, None, None)  # errada: with a seal of one's own
    await pacientes.por_ids(db, feita, [])
    await pacientes.por_ids(db, selada, [])


class Falsa(Alcance[VerPacientes]):  # errada: a proof has no heirs
    pass
"""


def test_mypy_refuses_every_wrong_proof_and_no_right_one(tmp_path: Path) -> None:
    path = tmp_path / "erradas.py"
    path.write_text(ERRADAS, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml", path],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    esperadas = {n for n, linha in enumerate(ERRADAS.splitlines(), 1) if "# errada" in linha}
    achadas = {int(n) for n in re.findall(r"erradas\.py:(\d+): error", ran.stdout)}
    assert achadas == esperadas, ran.stdout + ran.stderr


def test_a_proof_is_made_by_exigir_alone() -> None:
    prova = exigir(QUEM, VerPacientes)
    assert prova.paciente == QUEM.paciente
    for selo in (None, object(), checagem._Selo()):  # noqa: SLF001 - what a forger would try
        with pytest.raises(TypeError, match="exigir"):
            Alcance(selo, QUEM, todos=True, paciente=None, profissional=None)
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(prova, todos=True)
    with pytest.raises(dataclasses.FrozenInstanceError):
        prova.todos = True


def test_a_copy_says_no_more_than_its_original() -> None:
    prova = exigir(QUEM, VerConsultas)
    for copia in (copy.copy(prova), copy.deepcopy(prova), pickle.loads(pickle.dumps(prova))):  # noqa: S301 - our own
        assert copia == prova
        assert not copia.todos
