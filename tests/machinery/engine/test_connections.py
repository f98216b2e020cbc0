"""Cursors and page sizes: what is taken and what is refused."""

import base64
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.confianca.acesso.lacre import Lacre
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.machinery.engine import page_of
from sghss_graphql.machinery.faults import Malformed
from tests.hospital import Hospital

SELO = Lacre([b"um segredo qualquer, dos testes"]).de(None)
CHAVES = st.tuples(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.binary(min_size=16, max_size=16))  # noqa: DTZ001


def _cursor(kind: str, types: tuple[type, ...], key: tuple[object, ...]) -> str:
    return page_of(kind, types, SELO).connection([key], lambda k: k, None).edges()[0].cursor()


@given(CHAVES)
def test_a_cursor_gives_its_key_back(key: tuple[datetime, bytes]) -> None:
    cursor = _cursor("con", (datetime, bytes), key)
    assert page_of("con", (datetime, bytes), SELO, after=cursor).after == key
    assert cursor.isascii()
    assert "=" not in cursor


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "====", "á", "a" * 5000, "W10", base64.urlsafe_b64encode(b'["con", 1, 2]').decode().rstrip("="),
     base64.urlsafe_b64encode(b'["con", "2026-01-01T00:00:00", "zz"]').decode().rstrip("="),
     base64.urlsafe_b64encode(b"[" * 2000).decode().rstrip("="),
     _cursor("pac", (str, bytes), ("ana", bytes(16)))],
)  # fmt: skip
def test_a_cursor_of_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(Malformed, match="Cursor"):
        page_of("con", (datetime, bytes), SELO, after=cursor)


def _quem(numero: int) -> Quem:
    return Quem(bytes([numero]) * 16, bytes(16), frozenset({Papel.PROFISSIONAL}), None, None, False)


@given(CHAVES)
def test_a_cursor_tells_nothing_and_fits_one_list_and_one_caller(key: tuple[datetime, bytes]) -> None:
    types, segredos = (datetime, bytes), [b"novo" * 8, b"velho" * 8]
    meu, alheio = Lacre(segredos).de(_quem(1)), Lacre(segredos).de(_quem(2))
    cursor = page_of("con", types, meu).cursor(key)
    sealed = base64.urlsafe_b64decode(cursor + "==")
    assert key[1].hex().encode() not in sealed
    assert key[0].isoformat().encode() not in sealed
    assert page_of("con", types, meu, after=cursor).after == key
    others = (alheio, Lacre(segredos).de(None), Lacre([b"x"]).de(_quem(1)))
    for place, seal in (("pro", meu), *(("con", other) for other in others)):
        with pytest.raises(Malformed):
            page_of(place, types, seal, after=cursor)
    velho = page_of("con", types, Lacre(segredos[1:]).de(_quem(1))).cursor(key)
    assert page_of("con", types, meu, after=velho).after == key


@given(st.text(), st.integers())
def test_no_text_makes_a_crash(texto: str, numero: int) -> None:
    for types in ((datetime, bytes), (str, bytes), (int,)):
        try:
            page_of("con", types, SELO, after=texto)
        except Malformed:
            continue


@pytest.mark.parametrize(
    "pedido", [{"first": 0}, {"first": 101}, {"first": -1}, {"last": 0}, {"last": 101}, {"first": 1, "last": 1}]
)
async def test_a_page_has_one_to_a_hundred_rows_from_one_end(hospital: Hospital, pedido: dict[str, int]) -> None:
    resposta = await hospital.recepcao(
        "query($first: Int, $last: Int) { consultas(first: $first, last: $last) { edges { cursor } } }", **pedido
    )
    assert resposta.codigos == ["REQUISICAO_INVALIDA"]


async def test_without_first_and_last_the_first_twenty(hospital: Hospital) -> None:
    for campo in ("consultas", "pacientes", "profissionais"):
        resposta = await hospital.recepcao(f"{{ {campo} {{ edges {{ cursor }} pageInfo {{ hasNextPage }} }} }}")
        assert len(resposta.data[campo]["edges"]) == 20
        assert resposta.data[campo]["pageInfo"]["hasNextPage"] is True


async def test_an_empty_page_has_no_cursors(hospital: Hospital) -> None:
    campos = "edges { cursor } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }"
    consulta = f'{{ pacientes(busca: "ninguém com este nome") {{ {campos} }} }}'
    pagina = (await hospital.recepcao(consulta)).data["pacientes"]["pageInfo"]
    assert pagina == {"startCursor": None, "endCursor": None, "hasNextPage": False, "hasPreviousPage": False}


def test_pages_of_a_list_in_memory_visit_each_row_once_both_ways() -> None:
    linhas = [(n,) for n in range(50, 0, -1)]

    def pagina(**argumentos: object):
        pedida = page_of("pro", (int,), SELO, **argumentos)
        dentro = [
            linha
            for linha in linhas
            if (pedida.after is None or linha < pedida.after) and (pedida.before is None or linha > pedida.before)
        ]
        return pedida.connection(
            dentro[::-1][: pedida.limit] if pedida.backward else dentro[: pedida.limit], lambda k: k, None
        )

    for tamanho in (1, 7, 50):
        vistas, after = [], None
        while True:
            atual = pagina(first=tamanho, after=after)
            vistas += [edge.node for edge in atual.edges()]
            if not atual.page_info.has_next_page:
                break
            after = atual.page_info.end_cursor()
        assert vistas == linhas
        vistas, before = [], None
        while True:
            atual = pagina(last=tamanho, before=before)
            vistas = [edge.node for edge in atual.edges()] + vistas
            if not atual.page_info.has_previous_page:
                break
            before = atual.page_info.start_cursor()
        assert vistas == linhas
