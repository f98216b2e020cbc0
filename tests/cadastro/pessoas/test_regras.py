"""What is written about a person is taken or refused by its own standard, and never cut."""

import re
import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.cadastro.pessoas import regras
from sghss_graphql.vocabulario.errors import Recusa
from sghss_graphql.vocabulario.tempo import fuso_canonico, fusos
from sghss_graphql.vocabulario.texto import ordem, palavras

LARGURA_INTEIRA = "".join(chr(0xFF10 + int(digito)) for digito in "11912345678")


@pytest.mark.parametrize(
    ("digitado", "lido"),
    [
        ("(11) 91234-5678", "+5511912345678"),
        ("11912345678", "+5511912345678"),
        ("+55 11 91234-5678", "+5511912345678"),
        ("0 11 91234-5678", "+5511912345678"),
        ("(68) 3223-4567", "+556832234567"),
        ("0800 727 2000", "+558007272000"),
        ("+1 202 555 0143", "+12025550143"),
        ("+351 912 345 678", "+351912345678"),
        ("  ", None),
        (None, None),
    ],
)
def test_a_phone_is_kept_as_the_itu_writes_it(digitado: str | None, lido: str | None) -> None:
    """E.164, and Anatel's plan for those of Brazil, as libphonenumber has them."""
    assert regras.telefone(digitado, "telefone") == lido


@pytest.mark.parametrize(
    "digitado",
    [
        *("........", "(((((())))))", "+++++++++", "912345678", "91234-5678", "(00) 91234-5678", "(11) 1234-5678"),
        *("(23) 91234-5678", "(11) 81234-5678", "190", "1191234567a", "11 91234-5678 ramal 2", "0", "1" * 30),
        *(
            "(11) 91234-5678 / 3333-4444",
            "+999 123 456",
            "".join(chr(0xFF10 + int(d)) for d in "11912345678"),
            "212 555 0123 4567",
            "4004-1234",
            "+55 4004-1234",
        ),
    ],
)
def test_what_is_no_phone_is_refused(digitado: str) -> None:
    with pytest.raises(Recusa, match="VALOR_INVALIDO"):
        regras.telefone(digitado, "telefone")


@pytest.mark.parametrize(
    ("digitado", "lido"),
    [
        (" ana@exemplo.com.br ", "ana@exemplo.com.br"),
        ("Ana.Lima+sus@Exemplo.COM.BR", "Ana.Lima+sus@exemplo.com.br"),
        ("joão@exemplo.com.br", "joão@exemplo.com.br"),
        ("ana@clínica.com.br", "ana@clínica.com.br"),
        ("", None),
    ],
)
def test_an_email_is_what_the_rfcs_say(digitado: str, lido: str | None) -> None:
    assert regras.email(digitado, "email") == lido


@pytest.mark.parametrize(
    "digitado",
    [
        *("ana", "ana@", "@exemplo.com", "ana@exemplo", "ana@@exemplo.com", "a b@exemplo.com", "ana@-exemplo.com"),
        *("ana@exemplo..com", ".ana@exemplo.com", "ana.@exemplo.com", "ana@exemplo.com\u200b", "ana\n@exemplo.com"),
        *("a" * 65 + "@exemplo.com", "ana@" + "a" * 250 + ".com", "ana@localhost", "Ana <ana@exemplo.com>"),
    ],
)
def test_what_is_no_email_is_refused(digitado: str) -> None:
    with pytest.raises(Recusa, match="VALOR_INVALIDO"):
        regras.email(digitado, "email")


@pytest.mark.parametrize(
    "nome",
    ["Ana", "Ð", "D'Ávila-Conceição", "  Ana   Lima ", "Nguyễn Văn A", "李小龍", "José 2º", " ".join(["a"] * 20)],
)
def test_a_name_is_kept_to_the_letter_with_its_spaces_folded(nome: str) -> None:
    assert regras.nome(nome, "nome") == " ".join(nome.split())


NAO_SE_VE = [
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u061c", "\u200e", "\u200f", "\u180e"),
    *("\u202a", "\u202e", "\u2066", "\u2069", "\u2028", "\u0000", "\u0007", "\u009f", "\u3164", "\u115f", "\u2800"),
    *("\ufe0f", "\ufe00", "\u180b", "\U000e0100", "\U0001d159"),
    *("\U000e0041", "\ue000", "\ufff9", "\ufdd0"),
]


@pytest.mark.parametrize("letra", NAO_SE_VE, ids=lambda letra: f"U+{ord(letra):04X}")
@pytest.mark.parametrize("onde", ["An{}a", "{}Ana", "Ana {} Lima"])
def test_a_name_holds_nothing_that_is_not_seen(letra: str, onde: str) -> None:
    nome = onde.format(letra)
    if nome.split() == onde.format(" ").split():  # U+2028 is a space at the ends
        return
    with pytest.raises(Recusa, match="VALOR_INVALIDO"):
        regras.nome(nome, "nome")


@pytest.mark.parametrize("nome", ["", " ", "123", "-", "...", "😀", "a" * 201, " ".join(["a"] * 21)])
def test_a_name_has_letters_and_an_end(nome: str) -> None:
    with pytest.raises(Recusa, match="VALOR_INVALIDO"):
        regras.nome(nome, "nome")


@pytest.mark.parametrize(
    ("nome", "planas"),
    [
        ("Søren", "soren"),
        ("Łukasz", "lukasz"),
        ("Đorđe", "dorde"),
        ("Æsa", "aesa"),
        ("Œuvré", "oeuvre"),
        ("I\u011fd\u0131r", "igdir"),
        ("Strauß", "strauss"),
        ("Þór", "thor"),
        ("Ħal", "hal"),
        ("Ŧiina", "tiina"),
        ("ﬁlho", "filho"),
        ("Paral·lel", "parallel"),
        ("CONCEIÇÃO", "conceicao"),
        ("Ǿrsted", "orsted"),
        ("Ɓala", "bala"),
    ],
)
def test_letters_with_strokes_and_ligatures_are_found_by_plain_ones(nome: str, planas: str) -> None:
    assert ordem(nome) == planas
    assert palavras(nome) == [planas]


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "M", "Zs"]), max_size=40))
def test_what_was_made_plain_is_plain(nome: str) -> None:
    assert ordem(ordem(nome)) == ordem(nome)
    nomes = [unicodedata.name(letra, "") for letra in ordem(nome)]
    assert not any(re.search(r"LETTER [A-Z] WITH STROKE|COMBINING ACUTE", nome) for nome in nomes)


@pytest.mark.parametrize("fuso", ["America/Sao_Paulo", "America/Manaus", "America/Rio_Branco", "Etc/UTC", "UTC"])
def test_a_time_zone_has_one_name(fuso: str) -> None:
    assert fuso_canonico(f" {fuso} ") == fuso


@pytest.mark.parametrize(
    ("fuso", "dica"),
    [
        ("Brazil/East", "America/Sao_Paulo"),
        ("Brazil/West", "America/Manaus"),
        ("america/sao_paulo", "America/Sao_Paulo"),
        ("posix/America/Sao_Paulo", "America/Manaus"),
        *((fuso, "IANA") for fuso in ("Factory", "localtime", "GMT-3", "-03:00", "", "../etc/passwd", "Etc/GMT+3")),
    ],
)
def test_an_alias_of_a_time_zone_is_refused_with_its_name(fuso: str, dica: str) -> None:
    with pytest.raises(ValueError, match=dica):
        fuso_canonico(fuso)


def test_all_zones_of_brazil_are_known() -> None:
    brasil = ["Noronha", "Belem", "Fortaleza", "Recife", "Araguaina", "Maceio", "Bahia", "Sao_Paulo", "Campo_Grande"]
    brasil += ["Cuiaba", "Santarem", "Porto_Velho", "Boa_Vista", "Manaus", "Eirunepe", "Rio_Branco"]
    assert {f"America/{nome}" for nome in brasil} <= fusos()


def test_a_birth_is_not_tomorrow_nor_in_another_century() -> None:
    hoje = date(2026, 11, 28)
    assert regras.nascimento(hoje, hoje, "nascimento") == hoje
    for errada in (hoje + timedelta(days=1), date(1875, 11, 27), date(1, 1, 1)):
        with pytest.raises(Recusa, match="VALOR_INVALIDO"):
            regras.nascimento(errada, hoje, "nascimento")
