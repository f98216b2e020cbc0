"""What a block leaves to be looked at."""

from tests.hospital import BLOQUEAR, CANCELAR, Hospital

AFETADAS = BLOQUEAR.replace("{ bloqueio { id", "{ bloqueio { id consultasAfetadas { id }")


async def test_a_block_names_those_who_are_booked_in_it(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    horas = ("09:30", "10:00", "11:45", "12:15", "10:30")
    antes, dentro, no_fim, depois, cancelada = [
        await hospital.consulta(await hospital.paciente(), profissional, f"2031-04-07T{hora}:00Z") for hora in horas
    ]
    await hospital.recepcao(CANCELAR, input={"consultaId": cancelada, "motivo": "x"})
    fechar = {"profissionalId": profissional.id, "inicio": "2031-04-07T10:00:00Z", "fim": "2031-04-07T12:00:00Z"}
    feito = await hospital.recepcao(AFETADAS, input={**fechar, "motivo": "congresso"})
    bloqueio = feito.data["bloquearAgenda"]["bloqueio"]
    assert [uma["id"] for uma in bloqueio["consultasAfetadas"]] == [dentro, no_fim]
    assert {antes, depois}.isdisjoint({dentro, no_fim})
    ver = (
        'query($p: ID!) { profissional(id: $p) { bloqueios(de: "2031-04-01T00:00:00Z", ate: "2031-05-01T00:00:00Z")'
        " { id consultasAfetadas { id } } } }"
    )
    for quem in (hospital.recepcao, profissional.cliente):
        (visto,) = (await quem(ver, p=profissional.id)).data["profissional"]["bloqueios"]
        assert [uma["id"] for uma in visto["consultasAfetadas"]] == [dentro, no_fim]
