"""A list of consultas goes either way in time; one's own are asked for alone; a change holds for what was seen."""

import asyncio
from typing import Any

import pytest

from tests.hospital import CANCELAR, CONFIRMAR, REMARCAR, Cliente, Hospital

LISTAR = (
    "query($filtro: FiltroDeConsultas, $ordem: OrdemDasConsultas, $first: Int, $after: String, $last: Int,"
    " $before: String) { consultas(filtro: $filtro, ordem: $ordem, first: $first, after: $after, last: $last,"
    " before: $before) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    " edges { node { id inicio versao } } } }"
)
DO_PACIENTE = (
    "query($id: ID!, $ordem: OrdemDasConsultas) { paciente(id: $id) { proximaConsulta { id } ultimaConsulta { id }"
    " consultas(ordem: $ordem, first: 100) { edges { node { id } } } } }"
)
HISTORIA = "query($id: ID!) { consulta(id: $id) { versao historico { situacao nomeDeQuem papel } } }"


async def _todas(quem: Cliente, filtro: dict[str, Any], **como: Any) -> list[str]:
    para_tras = "last" in como
    ids: list[str] = []
    while True:
        pagina = (await quem(LISTAR, filtro=filtro, **como)).data["consultas"]
        desta = [edge["node"]["id"] for edge in pagina["edges"]]
        ids = [*desta, *ids] if para_tras else [*ids, *desta]
        if not pagina["pageInfo"]["hasPreviousPage" if para_tras else "hasNextPage"]:
            assert len(ids) == pagina["totalCount"]
            return ids
        como["before" if para_tras else "after"] = pagina["pageInfo"]["startCursor" if para_tras else "endCursor"]


async def test_both_orders_visit_each_once_both_ways(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    marcadas = [await hospital.consulta(paciente, profissional, hospital.instante(dias)) for dias in (9, 4, 7, 2, 5)]
    em_ordem = [marcadas[n] for n in (3, 1, 4, 2, 0)]
    for quem in (paciente.cliente, profissional.cliente, hospital.recepcao):
        for filtro in ({"pacienteId": paciente.id}, {"profissionalId": profissional.id}):
            for tamanho in ({"first": 2}, {"last": 2}):
                assert await _todas(quem, filtro, ordem="MAIS_ANTIGAS", **tamanho) == em_ordem
                assert await _todas(quem, filtro, ordem="MAIS_NOVAS", **tamanho) == em_ordem[::-1]
        lido = (await quem(DO_PACIENTE, id=paciente.id, ordem="MAIS_ANTIGAS")).data["paciente"]
        assert [edge["node"]["id"] for edge in lido["consultas"]["edges"]] == em_ordem
        assert lido["proximaConsulta"] == {"id": em_ordem[0]}
        assert lido["ultimaConsulta"] is None
    nova = (await hospital.recepcao(LISTAR, filtro={"pacienteId": paciente.id}, first=1)).data["consultas"]
    outra = {"filtro": {"pacienteId": paciente.id}, "ordem": "MAIS_ANTIGAS", "after": nova["pageInfo"]["endCursor"]}
    assert (await hospital.recepcao(LISTAR, **outra)).codigos == ["REQUISICAO_INVALIDA"], "a cursor is of one order"


async def test_ones_own_agenda_is_asked_for_alone(hospital: Hospital) -> None:
    """What others booked with one's own pacientes is seen, but not in one's agenda."""
    profissional, outro, paciente = (
        await hospital.profissional(),
        await hospital.profissional(),
        await hospital.paciente(),
    )
    minha, dele = await hospital.consulta(paciente, profissional), await hospital.consulta(paciente, outro)
    assert set(await _todas(profissional.cliente, {})) == {minha, dele}
    assert await _todas(profissional.cliente, {"minhas": True}) == [minha]
    assert await _todas(profissional.cliente, {"minhas": True, "profissionalId": outro.id}) == []
    assert set(await _todas(paciente.cliente, {"minhas": True})) == {minha, dele}
    assert await _todas(hospital.recepcao, {"minhas": True}) == []
    visto = (await outro.cliente(DO_PACIENTE, id=paciente.id)).data["paciente"]["proximaConsulta"]
    assert visto is not None
    de_fora = await hospital.profissional()
    assert (await de_fora.cliente(DO_PACIENTE, id=paciente.id)).data["paciente"] is None


async def test_a_change_to_what_was_seen_holds_for_one_of_two(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, profissional)
    versao = (await hospital.recepcao(HISTORIA, id=consulta)).data["consulta"]["versao"]
    mudar = [{"consultaId": consulta, "seVersao": versao, "inicio": hospital.instante()} for _ in range(4)]
    feitas = await asyncio.gather(*(hospital.recepcao(REMARCAR, input=um) for um in mudar))
    assert sorted(feita.recusas for feita in feitas) == [[], *[["CONFLITO_DE_VERSAO"]] * 3]
    for feita in feitas:
        assert feita.data["remarcarConsulta"]["consulta"]["id"] == consulta, "what is there now comes with the refusal"
    velha = {"consultaId": consulta, "seVersao": versao, "motivo": "x"}
    assert (await hospital.recepcao(CANCELAR, input=velha)).recusas == ["CONFLITO_DE_VERSAO"]
    assert (await hospital.recepcao(CANCELAR, input={**velha, "seVersao": versao + 1})).recusas == []


@pytest.mark.parametrize("quem", ["paciente", "profissional", "recepcao", "admin"])
async def test_the_history_says_who_and_as_whom(hospital: Hospital, quem: str) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, profissional)
    cliente = {"paciente": paciente.cliente, "profissional": profissional.cliente}.get(quem) or getattr(hospital, quem)
    assert (await cliente(CONFIRMAR, id=consulta)).recusas == []
    marcada, confirmada = (await paciente.cliente(HISTORIA, id=consulta)).data["consulta"]["historico"]
    assert marcada["papel"] == "RECEPCAO"
    assert confirmada["papel"] == {"recepcao": "RECEPCAO", "admin": "ADMINISTRADOR"}.get(quem, quem.upper())
    nome = (await cliente("{ eu { nome } }")).data["eu"]["nome"]
    assert confirmada["nomeDeQuem"] == nome
