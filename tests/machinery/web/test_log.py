"""What the log says of a request: who, what, how long; in lines for people or in JSON; never a value that was sent."""

import json

import pytest

from sghss_graphql.machinery.web.log import Book, Format, formatter, operation_name
from sghss_graphql.machinery.web.metrics import About, Figures, Served
from tests.hospital import Hospital


@pytest.mark.parametrize(
    ("text", "told", "name"),
    [
        ("query Agenda($de: Date!) { x }", None, "Agenda"),
        ("\n  mutation Marcar{ x }", None, "Marcar"),
        ("{ eu { id } }", None, ""),
        ("query A { x } query B { y }", "B", "B"),
        ("query A { x }", "uma senha com espaço", ""),
        (f"query {'a' * 65} {{ x }}", None, ""),
        ("query A { x }", "a" * 65, ""),
        ("query Paciente_52998224725 { x }", None, ""),
    ],
)
def test_an_operation_is_called_as_it_calls_itself(text: str, told: str | None, name: str) -> None:
    assert operation_name(text, told) == name


def _enter(book: Book, seconds: float = 0.25, status: int = 200) -> None:
    about = About(3, 0.1, 0.05, operation="Agenda", caller="usr_1", seconds=seconds)
    book.enter("ab12", "POST", "/graphql", status, seconds, ["PROIBIDO", "PROIBIDO"], about)


def _lines(registros: pytest.LogCaptureFixture, form: Format) -> list[str]:
    """Write what was logged of requests."""
    write = formatter(form)
    return [write.format(record) for record in registros.records if record.name == "sghss.http"]


def test_a_line_for_people(registros: pytest.LogCaptureFixture) -> None:
    _enter(Book(Served()))
    (line,) = _lines(registros, "texto")
    for word in ("requestId=ab12", "operacao=Agenda", "quem=usr_1", "comandos=3", "bancoMs=100.0", "codes=PROIBIDO "):
        assert word in line


def test_a_line_for_what_collects_them(registros: pytest.LogCaptureFixture) -> None:
    _enter(Book(Served()))
    line = json.loads(_lines(registros, "json")[0])
    assert line["requestId"] == "ab12"
    assert (line["operacao"], line["quem"], line["ms"], line["esperaMs"]) == ("Agenda", "usr_1", 250.0, 50.0)
    assert (line["nivel"], line["de"]) == ("INFO", "sghss.http")


def test_what_is_slow_or_failed_by_our_fault_is_written_always(registros: pytest.LogCaptureFixture) -> None:
    book = Book(Served(), every=False, slow=1.0)
    _enter(book)
    assert _lines(registros, "texto") == []
    _enter(book, seconds=2.0)
    assert "WARNING sghss.http lenta requestId=ab12" in _lines(registros, "texto")[-1]
    _enter(book, status=503)
    assert "status=503" in _lines(registros, "texto")[-1]


def test_names_are_counted_up_to_a_hundred_and_of_strangers_none() -> None:
    served = Served()
    for number in range(150):
        served.add(200, 0.01, About(operation=f"Op{number}", caller=f"usr_{number // 5}"))
        served.add(200, 0.01, About(operation=f"Estranha{number}"))
    assert len(served.operations) == 100
    assert served.operations["outras"].count == 51 + 150
    text = Figures(served, lambda: ()).text().decode()
    assert 'sghss_operation_total{operacao="Op7"} 1.0' in text
    assert 'sghss_request_duration_seconds_bucket{le="0.01"} 300.0' in text
    assert "Estranha" not in text


def test_one_caller_brings_but_a_few_names() -> None:
    served = Served()
    for number in range(150):
        served.add(200, 0.01, About(operation=f"Inventada{number}", caller="usr_1"))
    served.add(200, 0.01, About(operation="Agenda", caller="usr_2"))
    assert len(served.operations) == 12
    assert served.operations["Agenda"].count == 1


async def test_a_request_says_what_it_cost(hospital: Hospital, registros: pytest.LogCaptureFixture) -> None:
    await hospital.recepcao("query Lista { consultas(first: 3) { totalCount edges { node { paciente { nome } } } } }")
    (line,) = [record for record in registros.records if getattr(record, "operacao", "") == "Lista"]
    assert line.quem.startswith("usr_")
    assert line.comandos >= 3
    assert 0 < line.bancoMs <= line.ms
    assert 0 <= line.esperaMs <= line.ms
