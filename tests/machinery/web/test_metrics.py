"""``/metrics`` tells how much was served, and nothing of whom."""

from prometheus_client.parser import text_string_to_metric_families

from tests.hospital import Hospital


async def _metrics(hospital: Hospital) -> dict[str, float]:
    answer = await hospital.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value for sample in samples
    }


async def test_what_was_served_is_counted(hospital: Hospital) -> None:
    before = await _metrics(hospital)
    await hospital.recepcao("{ eu { nome } }")
    await hospital.recepcao("{ __schema { queryType { name } } }")
    await hospital.http.get("/nada")
    after = await _metrics(hospital)
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert grown["sghss_requests_total{200}"] == 3  # /metrics, too
    assert grown["sghss_requests_total{404}"] == 1
    assert grown["sghss_operations_total"] == 2
    assert grown["sghss_fallbacks_total"] == 1
    assert grown["sghss_request_seconds_total"] > 0
    assert after["sghss_plans"] > 0


async def test_a_reading_of_someone_elses_data_grows_the_trail(hospital: Hospital) -> None:
    recepcao, paciente = await hospital.funcionario("RECEPCAO"), await hospital.paciente()
    before = await _metrics(hospital)
    await recepcao.cliente("query($id: ID!) { paciente(id: $id) { nome } }", id=paciente.id)
    assert (await _metrics(hospital))["sghss_trail_entries_total"] - before["sghss_trail_entries_total"] == 1


async def test_nothing_of_a_caller_is_in_it(hospital: Hospital) -> None:
    await hospital.http.get("/segredo-do-paciente")
    assert "segredo" not in (await hospital.http.get("/metrics")).text
