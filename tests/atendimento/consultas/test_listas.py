"""What a list is of: further filters, counts by state, and who knows why somebody comes."""

from typing import Any

from sghss_graphql.atendimento.consultas import store
from sghss_graphql.cadastro.pacientes import porta as pacientes_porta
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import VerConsultas
from sghss_graphql.machinery.database import Database
from sghss_graphql.settings import Settings
from tests.cadastro.cuidados.test_cuidados import ENCERRAR, emergencia
from tests.cadastro.unidades.test_unidades import tipo, unidade
from tests.hospital import AGENDAR, ATUALIZAR, CANCELAR, Hospital, Pessoa, chave


async def test_a_list_is_counted_by_state_whatever_page_of_it_is_shown(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    pacientes = [await hospital.paciente() for _ in range(3)]
    for n in range(5):
        consulta = await hospital.consulta(pacientes[n % 3], profissional, f"2034-05-0{n + 1}T12:00:00Z")
        if n % 2:
            await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})
    contar = "{ totalCount contagens { situacao total } edges { node { id } } }"
    esperado = [{"situacao": "AGENDADA", "total": 3}, {"situacao": "CANCELADA", "total": 2}]
    filtro = "query($p: ID!) { consultas(filtro: { profissionalId: $p }, first: 1) " + contar + " }"
    de_um = "query($p: ID!) { profissional(id: $p) { consultas(first: 1) " + contar + " } }"
    for quem in (hospital.recepcao, profissional.cliente):
        assert (await quem(filtro, p=profissional.id)).data["consultas"]["contagens"] == esperado
        assert (await quem(de_um, p=profissional.id)).data["profissional"]["consultas"]["contagens"] == esperado
    ids = ", ".join(f'p{n}: paciente(id: "{um.id}") {{ consultas {contar} }}' for n, um in enumerate(pacientes))
    vistas = (await hospital.recepcao("{ " + ids + " }")).data
    assert [[uma["total"] for uma in vistas[f"p{n}"]["consultas"]["contagens"]] for n in range(3)] == [
        [1, 1],
        [1, 1],
        [1],
    ]
    sem = await hospital.paciente()
    vazia = "query($p: ID!) { paciente(id: $p) { consultas " + contar + " } }"
    assert (await hospital.recepcao(vazia, p=sem.id)).data["paciente"]["consultas"]["contagens"] == []


async def test_the_filters_of_a_list_hold_all_at_once(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    um_tipo = await tipo(hospital, duracaoEmMinutos=30, modalidades=["PRESENCIAL", "TELECONSULTA"])
    um, outro = (
        await hospital.profissional(sempre=False),
        await hospital.profissional(especialidades=[{"nome": "Gerião"}]),
    )
    await hospital.sempre_em(um.id, onde)
    paciente = await hospital.paciente()

    async def marcada(profissional: Pessoa, dia: int, **mais: Any) -> str:
        return await hospital.consulta(paciente, profissional, f"2034-06-{dia:02}T12:00:00Z", **mais)

    simples = await marcada(um, 1)
    com_tipo = await marcada(um, 2, tipoId=um_tipo, modalidade="TELECONSULTA")
    alhures = await marcada(outro, 3)
    encaixada = await marcada(outro, 4, encaixe={"justificativa": "veio"})
    for filtro, esperadas in (
        ({}, {simples, com_tipo, alhures, encaixada}),
        ({"profissionalIds": [um.id]}, {simples, com_tipo}),
        ({"profissionalIds": [um.id, outro.id]}, {simples, com_tipo, alhures, encaixada}),
        ({"profissionalIds": [um.id], "profissionalId": outro.id}, set()),
        ({"profissionalIds": []}, set()),
        ({"profissionalIds": ["prf_0"]}, set()),
        ({"unidadeId": onde}, {simples, com_tipo}),
        ({"unidadeId": "uni_0"}, set()),
        ({"tipoId": um_tipo}, {com_tipo}),
        ({"especialidade": "geriao"}, {alhures, encaixada}),
        ({"especialidade": "geri"}, set()),
        ({"modalidade": "TELECONSULTA"}, {com_tipo}),
        ({"dia": "2034-06-02"}, {com_tipo}),
        ({"dia": "2034-06-05"}, set()),
        ({"busca": paciente.nome}, {simples, com_tipo, alhures, encaixada}),
        ({"busca": paciente.nome[:3].upper()}, {simples, com_tipo, alhures, encaixada}),
        ({"busca": f"{paciente.nome} xyz"}, set()),
        ({"busca": "!!"}, set()),
        ({"encaixe": True}, {encaixada}),
        ({"encaixe": False, "profissionalId": outro.id}, {alhures}),
    ):
        texto = "query($f: FiltroDeConsultas) { consultas(filtro: $f) { totalCount edges { node { id } } } }"
        lista = (await hospital.recepcao(texto, f={"pacienteId": paciente.id, **filtro})).data["consultas"]
        assert {aresta["node"]["id"] for aresta in lista["edges"]} == esperadas, filtro
        assert lista["totalCount"] == len(esperadas), filtro
    muitos = {"profissionalIds": [um.id] * 101}
    assert (await hospital.recepcao(texto, f=muitos)).codigos == ["REQUISICAO_INVALIDA"]


async def test_staff_know_why_somebody_comes_where_they_booked_it(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    pedido = {"pacienteId": paciente.id, "profissionalId": profissional.id, "motivo": "dor no peito"}
    dele = await paciente.cliente(AGENDAR, input={**pedido, "inicio": "2034-07-03T12:00:00Z"})
    dela = await hospital.recepcao(AGENDAR, input={**pedido, "inicio": "2034-07-04T12:00:00Z"})
    ids = [resposta.data["agendarConsulta"]["consulta"]["id"] for resposta in (dele, dela)]
    ver, lista = (
        "query($id: ID!) { consulta(id: $id) { motivo } }",
        "query($p: ID!) { consultas(filtro: { pacienteId: $p },",
    )
    lista += " ordem: MAIS_ANTIGAS) { edges { node { motivo } } } }"
    for quem, esperados in (
        (paciente.cliente, ["dor no peito"] * 2),
        (profissional.cliente, ["dor no peito"] * 2),
        (hospital.recepcao, [None, "dor no peito"]),
        (hospital.admin, [None, "dor no peito"]),
    ):
        assert [(await quem(ver, id=id)).data["consulta"]["motivo"] for id in ids] == esperados
        vistas = (await quem(lista, p=paciente.id)).data["consultas"]["edges"]
        assert [aresta["node"]["motivo"] for aresta in vistas] == esperados
    for id, recusas in zip(ids, (["VALOR_INVALIDO"], []), strict=True):
        novo = {"consultaId": id, "motivo": "retorno"}
        assert (await hospital.recepcao(ATUALIZAR, input=novo)).recusas == recusas, "what isn't seen isn't written over"
    assert (await paciente.cliente(ver, id=ids[0])).data["consulta"]["motivo"] == "dor no peito"
    do_paciente = {"consultaId": ids[1], "motivo": "é outra coisa"}
    assert (await paciente.cliente(ATUALIZAR, input=do_paciente)).recusas == []
    assert (await hospital.recepcao(ver, id=ids[1])).data["consulta"]["motivo"] is None, "what they didn't write"
    a_distancia = {"consultaId": ids[0], "modalidade": "TELECONSULTA"}
    assert (await hospital.recepcao(ATUALIZAR, input=a_distancia)).recusas == []
    assert (await paciente.cliente(ver, id=ids[0])).data["consulta"]["motivo"] == "dor no peito"


async def test_a_second_role_shows_what_each_shows_and_no_more(hospital: Hospital, settings: Settings) -> None:
    atende, outro = await hospital.profissional(), await hospital.profissional()
    um, dois = await hospital.paciente(), await hospital.paciente()
    marcadas = []
    for dia, (paciente, profissional) in enumerate(((um, atende), (dois, outro), (um, outro))):
        pedido = {"pacienteId": paciente.id, "profissionalId": profissional.id, "motivo": "dor"}
        pedido["inicio"] = f"2034-07-1{dia}T12:00:00Z"
        marcada = (await paciente.cliente(AGENDAR, input=pedido)).data["agendarConsulta"]["consulta"]["id"]
        marcadas.append(chave(marcada))
    db = Database(settings.app_database)
    papeis, nada = (Papel.PROFISSIONAL, Papel.RECEPCAO, Papel.PACIENTE), "não se vê"
    for tem, esperados in (
        ({0}, ["dor", nada, "dor"]),
        ({1}, [None, None, None]),
        ({2}, [nada, "dor", nada]),
        ({0, 1}, ["dor", None, "dor"]),
        ({1, 2}, [None, "dor", None]),
        ({0, 2}, ["dor", "dor", "dor"]),
        ({0, 1, 2}, ["dor", "dor", "dor"]),
    ):
        quem = Quem(
            bytes(16),
            bytes(16),
            frozenset(papeis[n] for n in tem),
            chave(dois.id) if 2 in tem else None,
            chave(atende.id) if 0 in tem else None,
            False,
        )
        vistas = await store.por_ids(db, exigir(quem, VerConsultas), marcadas)
        assert [vistas[uma].motivo if uma in vistas else nada for uma in marcadas] == esperados, tem
        pacientes = await pacientes_porta.dos_vistos(db, quem, [*vistas.values()])
        assert [paciente.chave for paciente in pacientes] == [uma.paciente_chave for uma in vistas.values()], tem
    so_atende = Quem(bytes(16), bytes(16), frozenset({Papel.PROFISSIONAL}), None, chave(atende.id), False)
    assert await pacientes_porta.um(db, so_atende, chave(dois.id)) is None
    await db.close()


async def test_what_was_seen_shows_its_paciente_though_care_ends_meanwhile(
    hospital: Hospital, settings: Settings
) -> None:
    colega, plantonista, paciente = (
        await hospital.profissional(),
        await hospital.profissional(),
        await hospital.paciente(),
    )
    consulta = chave(await hospital.consulta(paciente, colega, "2034-08-01T12:00:00Z"))
    acesso = (await emergencia(plantonista, paciente.id)).data["acessarEmEmergencia"]["acesso"]["id"]
    db, quem = (
        Database(settings.app_database),
        Quem(bytes(16), bytes(16), frozenset({Papel.PROFISSIONAL}), None, chave(plantonista.id), False),
    )
    vistas = await store.por_ids(db, exigir(quem, VerConsultas), [consulta])
    assert (await plantonista.cliente(ENCERRAR, id=acesso)).recusas == []
    assert await store.por_ids(db, exigir(quem, VerConsultas), [consulta]) == {}
    assert await pacientes_porta.um(db, quem, chave(paciente.id)) is None
    assert [um.chave for um in await pacientes_porta.dos_vistos(db, quem, [*vistas.values()])] == [chave(paciente.id)]
    await db.close()


async def test_a_day_is_the_day_of_where_each_consulta_is(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    feitas = {}
    for fuso in ("America/Manaus", "Asia/Tokyo", "UTC"):
        profissional = await hospital.profissional(fuso=fuso)
        for hora in ("2034-08-09T02:00:00Z", "2034-08-09T16:00:00Z"):
            vaga = {"Asia/Tokyo": ":05:00Z", "UTC": ":15:00Z"}.get(fuso, ":25:00Z")
            feitas[fuso, hora] = await hospital.consulta(
                paciente, profissional, hora.replace(":00:00Z", vaga), duracaoEmMinutos=5
            )
    texto = "query($f: FiltroDeConsultas) { consultas(filtro: $f) { edges { node { id dia } } } }"
    for dia in ("2034-08-08", "2034-08-09", "2034-08-10"):
        lista = (await hospital.recepcao(texto, f={"pacienteId": paciente.id, "dia": dia})).data["consultas"]["edges"]
        assert all(aresta["node"]["dia"] == dia for aresta in lista)
        assert len(lista) == {"2034-08-08": 1, "2034-08-09": 4, "2034-08-10": 1}[dia]


async def test_specialities_and_who_attends_where(hospital: Hospital) -> None:
    onde = await unidade(hospital, fuso="UTC")
    um = await hospital.profissional(sempre=False, especialidades=[{"nome": "Ótica Rara"}, {"nome": "Angiologia"}])
    await hospital.sempre_em(um.id, onde)
    paciente = await hospital.paciente()
    nomes = (await paciente.cliente("{ especialidades }")).data["especialidades"]
    assert {"Ótica Rara", "Angiologia", "Cardiologia"} <= set(nomes)
    assert nomes.index("Angiologia") < nomes.index("Cardiologia") < nomes.index("Ótica Rara")
    assert len({nome.casefold() for nome in nomes}) == len(nomes)
    texto = "query($u: ID) { profissionais(unidadeId: $u) { totalCount edges { node { id } } } }"
    achados = (await paciente.cliente(texto, u=onde)).data["profissionais"]
    assert achados == {"totalCount": 1, "edges": [{"node": {"id": um.id}}]}
    assert (await paciente.cliente(texto, u="uni_0")).data["profissionais"]["totalCount"] == 0
    assert (await hospital.ninguem("{ especialidades }")).codigos == ["NAO_AUTENTICADO"]
