"""Scalars verify what they carry, and ids are opaque."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.scalars import (
    ValorInvalido,
    escrever_hora,
    escrever_instante,
    ler_cid10,
    ler_cns,
    ler_cpf,
    ler_data,
    ler_hora,
    ler_instante,
)
from sghss_graphql.vocabulario.texto import ordem, palavras
from tests.hospital import CASA

LARGURA_INTEIRA = "".join(chr(0xFF10 + int(digito)) for digito in "52998224725")
LEITORES = (ler_cpf, ler_cns, ler_cid10, ler_data, ler_instante, ler_hora)


@pytest.mark.parametrize(
    ("ler", "valor", "lido"),
    [
        (ler_cpf, "529.982.247-25", "52998224725"),
        (ler_cpf, " 52998224725 ", "52998224725"),
        (ler_cpf, "529982247-25", "52998224725"),
        (ler_cns, "700 0000 0000 0005", "700000000000005"),
        (ler_cid10, "j45.0", "J45.0"),
        (ler_cid10, "J450", "J45.0"),
        (ler_cid10, "J45", "J45"),
        (ler_data, "2024-02-29", date(2024, 2, 29)),
        (ler_hora, "24:00", 1440),
        (ler_hora, "08:05", 485),
    ],
)
def test_what_is_right_is_read_into_one_form(ler, valor: str, lido: object) -> None:
    assert ler(valor) == lido


ERRADOS = [
    (ler_cpf, ["52998224724", "11111111111", "5299822472", "052998224725", "529-982-247.25", LARGURA_INTEIRA, 529]),
    (ler_cns, ["700000000000006", "300000000000005", "70000000000000", ""]),
    (ler_cid10, ["J99.9", "J45.00", "X", "J", "A00-A09", "XXI", "Z99.99"]),
    (ler_data, ["2023-02-29", "2026-1-1", "20260101", "2026-W01-1", "2026-01-01T00:00:00Z", "0001-01-01"]),
    (ler_hora, ["24:01", "25:00", "8:00", "08:60", "08:00:00", "0800"]),
    (
        ler_instante,
        [
            *("2027-03-05T14:00:00", "2027-03-05", "2027-03-05 14:00:00Z", "2027-03-05T14:00:00z"),
            *("2027-03-05T25:00:00Z", "2027-02-30T00:00:00Z", "2027-03-05T14:00:00+0300"),
            *("2027-03-05T14:00:00.1234567Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"),
            *("2027-03-05T14:00:00+99:00", 1700000000),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ler", "valor"), [(ler, valor) for ler, valores in ERRADOS for valor in [*valores, None, [], {}]]
)
def test_what_is_wrong_is_refused_without_being_quoted(ler, valor: object) -> None:
    with pytest.raises(ValorInvalido) as recusa:
        ler(valor)
    if isinstance(valor, str) and len(valor) > 4:
        assert valor not in recusa.value.message


@given(st.text())
def test_no_text_makes_a_crash(texto: str) -> None:
    for ler in LEITORES:
        try:
            ler(texto)
        except ValorInvalido:
            continue


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(9000, 1, 1)),  # noqa: DTZ001 - the offset comes next
    st.integers(-14 * 60, 14 * 60).map(lambda minutos: timezone(timedelta(minutes=minutos))),
)
def test_an_instant_is_the_same_whatever_its_offset(local: datetime, fuso: timezone) -> None:
    instante = local.replace(tzinfo=fuso)
    lido = ler_instante(instante.isoformat())
    assert lido.replace(tzinfo=UTC) == instante
    assert ler_instante(escrever_instante(lido)) == lido


@given(st.integers(0, 1440))
def test_an_hour_is_written_as_it_is_read(minutos: int) -> None:
    assert ler_hora(escrever_hora(minutos)) == minutos


PREFIXOS = sorted(CASA.nos)


@given(st.sampled_from(PREFIXOS), st.binary(min_size=16, max_size=16))
def test_an_id_gives_its_key_back_to_its_own_type_alone(tipo: str, chave: bytes) -> None:
    publico = ids.publico(tipo, chave)
    assert ids.separar(publico) == (tipo, chave)
    assert [ids.chave(outro, publico) for outro in PREFIXOS if outro != tipo] == [None] * (len(PREFIXOS) - 1)


@given(st.text())
def test_no_text_is_an_id_by_accident(texto: str) -> None:
    assert ids.separar(texto) is None
    assert ids.chave(Paciente.prefixo, texto) is None


def test_keys_sort_by_the_time_they_were_made() -> None:
    chaves = [ids.nova_chave() for _ in range(1000)]
    assert sorted(chaves) == chaves
    assert len(set(chaves)) == 1000
    assert all(chave[6] >> 4 == 7 for chave in chaves), "version 7"


@given(st.text())
def test_normalised_names_have_no_accents_case_or_signs(texto: str) -> None:
    for palavra in palavras(texto):
        assert palavra.isalnum()
        assert 1 <= len(palavra) <= 60
    assert len(ordem(texto)) <= 200


def test_names_are_normalised_as_people_type_them() -> None:
    assert palavras("José da Conceição", "Zé D'Ávila") == ["jose", "da", "conceicao", "ze", "d", "avila"]
    assert ordem("  Ágatha   Álvares ") == "agatha alvares"
