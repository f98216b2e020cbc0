"""``/metrics`` tells how much all processes served, and nothing of whom; only on the address of those who run them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sghss_graphql.app import create_app
from sghss_graphql.comando.servir import administered
from sghss_graphql.machinery.web.listening import PortTaken
from sghss_graphql.machinery.web.metrics import heard_from, publish, summed
from tests.hospital import Cliente, Hospital
from tests.processes import free_port, freeze, serving, until


def _numbers(text: str) -> dict[str, float]:
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value for sample in samples
    }


@asynccontextmanager
async def _process(hospital: Hospital, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An application of its own, that leaves its figures in a folder."""
    app = create_app(hospital.settings.model_copy(update={"metrics_folder": folder}))
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        yield http


async def _once(folder: Path, **expected: float) -> dict[str, float]:
    """Give the sums, once they hold what they must."""

    async def there() -> bool:
        numbers = _numbers(summed(folder).decode())
        return all(numbers.get(f"sghss_{name}") == value for name, value in expected.items())

    await until(there)
    return _numbers(summed(folder).decode())


async def test_what_was_served_is_counted(hospital: Hospital, tmp_path: Path) -> None:
    async with _process(hospital, tmp_path) as http:
        recepcao = Cliente(http, hospital.recepcao.token)
        await recepcao("{ eu { nome } }")
        await recepcao("{ eu { nome } }")
        await recepcao("{ __schema { queryType { name } } }")
        await http.get("/segredo-do-paciente")
        found = await _once(tmp_path, operations_total=3, fallbacks_total=1)
    assert found["sghss_requests_total{200}"] == 3
    assert found["sghss_requests_total{404}"] == 1
    assert found["sghss_request_seconds_total"] > 0
    assert found["sghss_plans"] == 1
    assert found["sghss_processes"] == 1
    assert "segredo" not in summed(tmp_path).decode(), "nothing of a caller"


async def test_a_reading_of_someone_elses_data_grows_the_trail(hospital: Hospital, tmp_path: Path) -> None:
    funcionario, paciente = await hospital.funcionario("RECEPCAO"), await hospital.paciente()
    async with _process(hospital, tmp_path) as http:
        recepcao = Cliente(http, funcionario.cliente.token)
        await recepcao("query($id: ID!) { paciente(id: $id) { nome } }", id=paciente.id)
        await _once(tmp_path, trail_entries_total=1)


def test_who_is_gone_takes_no_count_along(tmp_path: Path) -> None:
    text = '# TYPE a_total counter\na_total{b="1"} 2.0\n# TYPE c gauge\nc 5.0\n'
    publish(tmp_path, text.encode())
    (tmp_path / "999999.prom").write_text(text)
    assert _numbers(summed(tmp_path).decode()) == {"a_total{1}": 4, "c": 10, "sghss_processes": 2}
    os.utime(tmp_path / "999999.prom", (0, 0))
    assert _numbers(summed(tmp_path).decode()) == {"a_total{1}": 4, "c": 5, "sghss_processes": 1}
    assert list(heard_from(tmp_path)) == [os.getpid()]


async def test_only_the_address_of_its_own_tells(hospital: Hospital) -> None:
    """Two processes, summed; nothing of it where everybody asks."""
    port = free_port()
    more = {"SGHSS_ADMIN_PORT": str(port), "SGHSS_WORKERS": "2"}
    async with serving(str(hospital.server.app_url), **more) as url, httpx.AsyncClient() as http:
        admin = f"http://127.0.0.1:{port}"
        for _ in range(20):
            answer = await http.post(
                f"{url}/graphql", json={"query": "{ __typename }"}, headers={"connection": "close"}
            )
            assert answer.status_code == 200

        async def all_told() -> bool:
            numbers = _numbers((await http.get(f"{admin}/metrics")).text)
            return numbers.get("sghss_operations_total") == 20 and numbers["sghss_processes"] == 2

        await until(all_told)
        assert (await http.get(f"{admin}/metrics")).headers["content-type"].startswith("text/plain; version=")
        led_here = await http.get(f"{admin}/readyz", headers={"host": "mau.example"})
        assert (led_here.status_code, "pronto" in led_here.text) == (421, False)
        detail = (await http.get(f"{admin}/readyz")).json()
        assert detail["pronto"] is True
        assert detail["migracoesPorAplicar"] == []
        assert len(detail["processos"]) == 2
        assert (await http.get(f"{url}/metrics")).status_code == 404
        assert (await http.get(f"{url}/readyz")).text == "ok"
        assert (await http.post(f"{admin}/graphql", json={"query": "{ __typename }"})).status_code == 404
        try:
            await freeze(hospital.server.pid)
            refused = await http.get(f"{admin}/readyz", timeout=30)
            assert refused.status_code == 503
            assert refused.json()["motivo"]
        finally:
            os.kill(hospital.server.pid, signal.SIGCONT)


async def test_a_taken_port_that_was_asked_for_is_refused_and_another_is_warned_of(
    hospital: Hospital, capsys: pytest.CaptureFixture[str]
) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        taken = server.sockets[0].getsockname()[1]
        asked_for = hospital.settings.model_copy(update={"admin_port": taken})
        with pytest.raises(PortTaken, match="SGHSS_ADMIN_PORT"), administered(asked_for):
            pass
        beside_it = hospital.settings.model_copy(update={"port": taken - 1})
        with administered(beside_it) as told:
            assert told.metrics_folder is None
        assert "SGHSS_ADMIN_PORT" in capsys.readouterr().err
