"""Parameters become literals that mean the same to the server as to Python; anything else is refused."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sghss_graphql.machinery.database.statements import bind, for_each, literal
from tests.hospital import Hospital


@pytest.mark.parametrize(
    "valor",
    [
        {"a": 1},
        [["a"]],
        {1, 2},
        1.5,
        NotImplemented,
        datetime(2026, 1, 1, tzinfo=UTC),
        type("Texto", (str,), {})("'; DROP TABLE paciente; --"),
    ],
    ids=repr,
)
def test_only_scalars_are_bound(valor: object) -> None:
    with pytest.raises(TypeError):
        bind("SELECT %(x)s", {"x": valor})


def test_a_parameter_is_written_wherever_it_stands_and_nowhere_else() -> None:
    assert bind("SELECT %(a)s, %(a)s, '%%'", {"a": "it's", "b": 1}) == "SELECT 'it\\'s', 'it\\'s', '%'"
    with pytest.raises(KeyError):
        bind("SELECT %(c)s", {"a": 1})


def test_a_sequence_fills_an_in() -> None:
    assert bind("x IN %(x)s", {"x": [1, "a'b", b"\x00"]}) == "x IN (1, 'a\\'b', x'00')"
    assert bind("x IN %(x)s", {"x": []}) == "x IN (NULL)"


@pytest.mark.parametrize("outro", [1.5, ["a"], (b"a",), {"a": 1}], ids=repr)
def test_one_that_is_no_scalar_is_found_among_many_keys(outro: object) -> None:
    assert bind("%(x)s", {"x": [b"\x00", b"", b"'"]}) == "(x'00', x'', x'27')"
    with pytest.raises(TypeError):
        bind("%(x)s", {"x": [*[bytes(16)] * 50, outro]})


def test_a_select_is_repeated_for_each_key() -> None:
    assert for_each("SELECT %(key)s, %(a)s", [1, 2], {"a": "x"}) == "(SELECT 1, 'x') UNION ALL (SELECT 2, 'x')"


escalares = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
    st.dates(date(1000, 1, 1)),
)


async def test_the_server_reads_a_literal_as_the_same_value(hospital: Hospital) -> None:
    exemplos: list[object] = [
        "'",
        '"',
        "\\",
        "\\'",
        "%s %(x)s %%",
        "a\0b",
        "👩🏽‍⚕️",
        "",
        b"",
        b"\x00'\\",
        None,
        True,
        -1,
    ]

    @settings(database=None, suppress_health_check=list(HealthCheck), max_examples=300)
    @given(st.lists(escalares, min_size=1, max_size=20))
    def recolher(valores: list[object]) -> None:
        exemplos.extend(valores)

    recolher()
    for inicio in range(0, len(exemplos), 100):
        parte = exemplos[inicio : inicio + 100]
        (linha,) = await hospital.dono.select(f"SELECT {', '.join(map(literal, parte))}")
        for lido, enviado in zip(linha, parte, strict=True):
            if isinstance(enviado, date):
                assert str(lido) == str(enviado)
            elif isinstance(enviado, bytes):
                assert (lido if isinstance(lido, bytes) else lido.encode("latin-1")) == enviado
            else:
                assert lido == enviado


async def test_instants_keep_their_microseconds(hospital: Hospital) -> None:
    instante = datetime(2026, 11, 23, 12, 34, 56, 789012)  # noqa: DTZ001 - naive UTC
    ((lido,),) = await hospital.dono.select("SELECT CAST(%(i)s AS DATETIME(6))", i=instante)
    assert lido == instante
