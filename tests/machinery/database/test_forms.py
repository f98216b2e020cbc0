"""Rows are read the same way by what is written for their columns and by what is compiled, whatever the bytes are."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymysql.constants import FIELD_TYPE
from pymysql.err import InternalError

from sghss_graphql.machinery.database import forms
from sghss_graphql.machinery.database.compiled import NAME, compile_rows, compiled_many
from sghss_graphql.machinery.database.forms import Column, Row, RowForm, compiled_form, generated_form

KEY = Column(FIELD_TYPE.STRING, True, True, 16)
MAYBE_KEY = Column(FIELD_TYPE.STRING, True, True, None)
BLOB = Column(FIELD_TYPE.BLOB, True, False, None)
TEXT = Column(FIELD_TYPE.VAR_STRING, False, False, None)
NUMBER = Column(FIELD_TYPE.LONGLONG, False, False, None)
INSTANT = Column(FIELD_TYPE.DATETIME, False, False, 19)
_TEXTS = st.one_of(st.text(max_size=12), st.text(min_size=240, max_size=300), st.just("á" * 40_000))
VALUES: dict[Column, st.SearchStrategy[bytes | None]] = {
    KEY: st.binary(min_size=16, max_size=16),
    MAYBE_KEY: st.one_of(st.none(), st.binary(min_size=16, max_size=16), st.binary(max_size=20)),
    BLOB: st.one_of(st.none(), st.binary(max_size=20), st.binary(min_size=245, max_size=260)),
    TEXT: st.one_of(st.none(), _TEXTS.map(str.encode)),
    NUMBER: st.one_of(st.none(), st.integers(-(2**63), 2**64 - 1).map(lambda number: str(number).encode())),
    INSTANT: st.datetimes().map(lambda instant: f"{instant:%Y-%m-%d %H:%M:%S}".zfill(19).encode()),
}
FORMS = st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=6).map(tuple)


@st.composite
def results(draw: st.DrawFn) -> tuple[tuple[Column, ...], list[list[bytes | None]]]:
    """Draw columns, and some rows of them."""
    columns = draw(FORMS)
    return columns, draw(st.lists(st.tuples(*(VALUES[column] for column in columns)).map(list), max_size=5))


def _length(size: int) -> bytes:
    if size < 251:
        return bytes([size])
    return b"\xfc" + size.to_bytes(2, "little") if size < 2**16 else b"\xfd" + size.to_bytes(3, "little")


def packets(rows: list[list[bytes | None]], number: int) -> bytes:
    """Write rows as a server does (MySQL Internals, "Text Resultset")."""
    written = b""
    for row in rows:
        payload = b"".join(b"\xfb" if value is None else _length(len(value)) + value for value in row)
        written += len(payload).to_bytes(3, "little") + bytes([number]) + payload
        number = (number + 1) % 256
    return written


@st.composite
def damaged(draw: st.DrawFn) -> tuple[tuple[Column, ...], bytes, int]:
    """Draw columns that take any bytes, what a server would write of rows, some bytes of it changed, and its number."""
    (columns, rows), number = draw(results()), draw(st.integers(0, 255))
    changed = bytearray(packets(rows, number))
    for _ in range(draw(st.integers(0, 4))):
        if changed:
            changed[draw(st.integers(0, min(len(changed), 400) - 1))] = draw(st.integers(0, 255))
    return tuple(BLOB if column in (TEXT, NUMBER, INSTANT) else column for column in columns), bytes(changed), number


def strictly(columns: tuple[Column, ...], data: bytes, number: int) -> list[Row]:
    """Read rows slowly, up to the first packet that isn't as many values to the byte."""
    form, rows, at = generated_form(columns), [], 0
    while len(data) - at > 4:
        length = int.from_bytes(data[at : at + 3], "little")
        payload, inside = data[at + 4 : at + 4 + length], 0
        if not length or len(payload) < length or data[at + 3] != number or payload[0] > 253:
            break
        for _ in columns:
            told, inside = (payload[inside], inside + 1) if inside < length else (255, length + 1)
            if told > 251:
                width = {252: 2, 253: 3}.get(told, length + 1)
                told, inside = int.from_bytes(payload[inside : inside + width], "little"), inside + width
                inside += told
            elif told < 251:
                inside += told
            if inside > length:
                break
        if inside != length:
            break
        rows.append(form.one(payload, 0))
        at, number = at + 4 + length, (number + 1) % 256
    return rows


@pytest.fixture(scope="module", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compile what reads rows as it stands here, if this machine can."""
    made = compile_rows(tmp_path_factory.mktemp("compilado"))
    if made is None:
        pytest.skip("there is no C compiler, or no headers of Python's")
    spec = importlib.util.spec_from_file_location(NAME, made)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forms, "COMPILED", module.many)
        patch.setitem(sys.modules, NAME, module)
        yield


@given(results(), st.integers(0, 255))
def test_what_is_compiled_reads_what_is_written(
    result: tuple[tuple[Column, ...], list[list[bytes | None]]], number: int
) -> None:
    columns, rows = result
    data = packets(rows, number)
    read: dict[str, list[Row]] = {}
    for name, make in (("compiled", compiled_form), ("generated", generated_form)):
        form, at, here = make(columns), 0, number
        read[name] = []
        while at < len(data):
            at, here = form.many(data, at, here, read[name].append)
            if at < len(data):  # one that isn't as most are
                length = int.from_bytes(data[at : at + 3], "little")
                read[name].append(form.one(data[at + 4 : at + 4 + length], 0))
                at, here = at + 4 + length, (here + 1) % 256
    assert read["compiled"] == read["generated"]
    assert len(read["compiled"]) == len(rows)


@given(damaged(), st.data())
def test_whatever_the_bytes_are_nothing_is_read_but_rows(
    result: tuple[tuple[Column, ...], bytes, int], data: st.DataObject
) -> None:
    columns, changed, number = result
    cut = changed[: data.draw(st.integers(0, len(changed)))]
    read: list[Row] = []
    compiled_form(columns).many(cut, 0, number, read.append)
    assert read == strictly(columns, cut, number)


@given(damaged())
def test_rows_that_are_none_are_refused_either_way(result: tuple[tuple[Column, ...], bytes, int]) -> None:
    columns, changed, number = result

    def read(make: Callable[[tuple[Column, ...]], RowForm]) -> list[Row] | str:
        form, found, at, here = make(columns), list[Row](), 0, number
        while True:
            at, here = form.many(changed, at, here, found.append)
            length = int.from_bytes(changed[at : at + 3], "little")
            if len(changed) - at - 4 < length or changed[at + 3 : at + 4] != bytes([here]):
                return found
            try:
                found.append(form.one(changed[at + 4 : at + 4 + length], 0))
            except InternalError:
                return "refused"
            at, here = at + 4 + length, (here + 1) % 256

    assert read(compiled_form) == read(generated_form)


def test_only_what_was_compiled_of_this_source_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiled_many() is forms.COMPILED
    for other in (SimpleNamespace(), SimpleNamespace(many=len), SimpleNamespace(many=len, SOURCE="another")):
        monkeypatch.setitem(sys.modules, NAME, other)
        assert compiled_many() is None
    monkeypatch.setitem(sys.modules, NAME, None)
    assert compiled_many() is None, "it can't be imported"


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [
        (TEXT, b"\xff", UnicodeDecodeError),
        (NUMBER, b"1x", ValueError),
        (NUMBER, b"", ValueError),
        (NUMBER, b"-", ValueError),
    ],
)
def test_what_cannot_be_made_is_raised(column: Column, value: bytes, error: type[Exception]) -> None:
    for make in (compiled_form, generated_form):
        with pytest.raises(error):
            make((column,)).many(packets([[value]], 0), 0, 0, list[Any]().append)


@pytest.mark.parametrize("at", [-1, 2])
def test_a_place_outside_of_the_bytes_is_refused(at: int) -> None:
    with pytest.raises(ValueError, match="place"):
        compiled_form((KEY,)).many(b"x", at, 0, list[Any]().append)


def test_a_compiler_that_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"sghss_rows|No such"):
        compile_rows(tmp_path / "nada")
