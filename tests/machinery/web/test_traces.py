"""What a collector of OpenTelemetry's hears: operations and statements by their names, and no value of anybody's."""

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import ValidationError

from sghss_graphql.machinery.database.meter import METER, Meter
from sghss_graphql.settings import Settings
from tests.hospital import Hospital
from tests.processes import serving, until

SEGREDO = "Nome-Que-Ninguem-Deve-Ler"


class Coletor:
    """Listens as a collector does, and keeps what it is sent."""

    def __init__(self) -> None:
        self.recebido: list[bytes] = []
        recebido = self.recebido

        class Ouve(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                recebido.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._ouve = HTTPServer(("127.0.0.1", 0), Ouve)
        self.url = f"http://127.0.0.1:{self._ouve.server_port}"
        self._linha = threading.Thread(target=self._ouve.serve_forever)
        self._linha.start()

    def fechar(self) -> None:
        """Stop listening."""
        self._ouve.shutdown()
        self._linha.join()
        self._ouve.server_close()

    @property
    def trechos(self) -> list[Any]:
        """The spans so far."""
        return [
            span
            for corpo in self.recebido
            for recurso in ExportTraceServiceRequest.FromString(corpo).resource_spans
            for escopo in recurso.scope_spans
            for span in escopo.spans
        ]


@pytest.fixture
def coletor() -> Iterator[Coletor]:
    """A collector."""
    coletor = Coletor()
    yield coletor
    coletor.fechar()


async def test_an_operation_is_a_span_and_so_is_each_statement(hospital: Hospital, coletor: Coletor) -> None:
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": coletor.url, "OTEL_BSP_SCHEDULE_DELAY": "200", "SGHSS_TRACES": "true"}
    async with serving(str(hospital.server.app_url), **env) as url, httpx.AsyncClient() as http:
        corpo = {
            "query": "query Procurar($t: String!) { pacientes(busca: $t, first: 3) { edges { node { nome } } } }",
            "operationName": "Procurar",
            "variables": {"t": SEGREDO},
        }
        cabecalhos = {"Authorization": f"Bearer {hospital.recepcao.token}"}
        resposta = await http.post(f"{url}/graphql", json=corpo, headers=cabecalhos)
        assert resposta.json()["data"] == {"pacientes": {"edges": []}}

        async def chegou() -> bool:
            return any(span.name == "graphql Procurar" for span in coletor.trechos)

        await until(chegou)
    (operacao,) = [span for span in coletor.trechos if span.name == "graphql Procurar"]
    abaixo = {span.name: span for span in coletor.trechos if span.parent_span_id == operacao.span_id}
    assert any(nome.startswith("pacientes.") for nome in abaixo), sorted(abaixo)
    assert all(
        operacao.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        for nome, span in abaixo.items()
        if nome.startswith("pacientes.")
    )
    escrito = b"".join(coletor.recebido)
    assert SEGREDO.encode() not in escrito
    assert b"SELECT " not in escrito


def test_of_statements_that_nobody_wants_to_know_nothing_is_kept() -> None:
    meter = Meter()
    meter.note(["/* sala.funcao */ SELECT 1"], 0.1)
    assert meter.ran is None
    meter.ran = []
    meter.note(["/* sala.funcao */ SELECT 1", "COMMIT"], 0.5)
    assert [ran.name for ran in meter.ran] == ["sala.funcao", "COMMIT"]
    assert all(ran.ended - ran.began == 500_000_000 for ran in meter.ran)
    assert METER.get() is None


@pytest.mark.parametrize(
    "missing",
    ["opentelemetry.sdk.trace", "opentelemetry.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter"],
)
def test_without_its_packages_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.delitem(sys.modules, "sghss_graphql.machinery.web.traces", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ValidationError, match=r"sghss-graphql\[otel\]"):
        Settings(traces=True)


async def test_a_collector_that_is_away_disturbs_nobody(hospital: Hospital) -> None:
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_SCHEDULE_DELAY": "100", "SGHSS_TRACES": "1"}
    async with serving(str(hospital.server.app_url), **env) as url, httpx.AsyncClient() as http:
        for _ in range(5):
            assert (await http.post(f"{url}/graphql", json={"query": "{ __typename }"})).status_code == 200
