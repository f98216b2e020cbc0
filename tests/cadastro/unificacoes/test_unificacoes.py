"""Two registrations of one person become one life, found from either; and two again, as they were."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.cadastro.unificacoes.regras import vidas
from tests.cadastro.cuidados.test_cuidados import LER, cuida
from tests.hospital import (
    AGENDAR,
    CADASTRAR_PACIENTE,
    CANCELAR,
    LOGIN,
    SENHA_DE_TESTE,
    Cliente,
    Hospital,
    chave,
)

_PAYLOAD = "{ paciente { id unificadoCom { id } } consultasEmConflito { id } erros { codigo mensagem campo } } }"
UNIFICAR = "mutation($input: UnificarPacientesInput!) { unificarPacientes(input: $input) " + _PAYLOAD
DESFAZER = "mutation($id: ID!, $j: String!) { desfazerUnificacao(pacienteId: $id, justificativa: $j) " + _PAYLOAD
VIDA = (
    "query($id: ID!, $first: Int, $after: String) { paciente(id: $id) { id unificadoCom { id }"
    " consultas(first: 100) { totalCount edges { node { id } } }"
    " prontuarios(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }"
    " edges { node { id } } } }"
    " consultas(filtro: {pacienteId: $id}, first: 100) { totalCount edges { node { id } } }"
    " prontuarios(pacienteId: $id, first: 100) { totalCount edges { node { id } } } }"
)
PORQUE = "Mesmo documento, mesma assinatura."


async def unificar(quem: Cliente, de: str, para: str) -> Any:
    return await quem(UNIFICAR, input={"deId": de, "paraId": para, "justificativa": PORQUE})


async def desfazer(quem: Cliente, de: str) -> Any:
    return await quem(DESFAZER, id=de, j="Eram duas pessoas afinal.")


def _ids(conexao: dict[str, Any]) -> list[str]:
    assert conexao["totalCount"] == len(conexao["edges"])
    return [edge["node"]["id"] for edge in conexao["edges"]]


async def _vida(quem: Cliente, id: str) -> tuple[list[str], list[str]]:
    """Give the consultas and the records that are found from a registration, by both ways, which agree."""
    lida = (await quem(VIDA, id=id, first=100)).data
    consultas, registros = _ids(lida["paciente"]["consultas"]), _ids(lida["paciente"]["prontuarios"])
    assert (consultas, registros) == (_ids(lida["consultas"]), _ids(lida["prontuarios"]))
    return consultas, registros


class Cena:
    """One person in two registrations, each with a profissional, a consulta and records."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital

    async def montar(self) -> "Cena":
        h = self.hospital
        self.de, self.para = await h.paciente(), await h.paciente()
        self.do_de, self.do_para = await h.profissional(), await h.profissional()
        self.consultas = [await h.consulta(self.de, self.do_de), await h.consulta(self.para, self.do_para)]
        self.registros = []
        for quem, de_quem in ((self.do_de, self.de), (self.do_para, self.para), (self.do_de, self.de)):
            self.registros.append(await h.prontuario(quem, de_quem))
        return self


@pytest.fixture
async def cena(hospital: Hospital) -> Cena:
    return await Cena(hospital).montar()


async def test_a_life_is_found_from_either_registration_by_all_who_saw_one(hospital: Hospital, cena: Cena) -> None:
    antes = await _vida(cena.para.cliente, cena.para.id)
    feita = (await unificar(hospital.admin, cena.de.id, cena.para.id)).data["unificarPacientes"]
    assert feita == {"paciente": {"id": cena.para.id, "unificadoCom": None}, "consultasEmConflito": [], "erros": []}
    for quem in (cena.para.cliente, cena.do_de.cliente, cena.do_para.cliente):
        for id in (cena.de.id, cena.para.id):
            consultas, registros = await _vida(quem, id)
            assert sorted(consultas) == sorted(cena.consultas)
            assert registros == cena.registros[::-1], "newest first, whichever they are in"
    dele = (
        await hospital.recepcao("query($id: ID!) { paciente(id: $id) { unificadoCom { id } } }", id=cena.de.id)
    ).data
    assert dele["paciente"]["unificadoCom"] == {"id": cena.para.id}
    assert await cuida(cena.do_de, cena.para.id)
    assert await cuida(cena.do_para, cena.de.id)
    assert (await desfazer(hospital.admin, cena.de.id)).recusas == []
    depois = await _vida(cena.para.cliente, cena.para.id)
    assert depois[0] == antes[0]
    assert set(antes[1]) <= set(depois[1])
    assert (await cena.do_de.cliente(LER, id=cena.para.id)).data["prontuarios"]["totalCount"] == 1, "what they wrote"
    assert not await cuida(cena.do_de, cena.para.id)


async def test_pages_of_a_life_visit_each_record_once(hospital: Hospital, cena: Cena) -> None:
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == []
    vistos: list[str] = []
    after = None
    while True:
        pagina = (await cena.do_de.cliente(VIDA, id=cena.de.id, first=1, after=after)).data["paciente"]["prontuarios"]
        vistos += [edge["node"]["id"] for edge in pagina["edges"]]
        assert pagina["totalCount"] == 3
        if not pagina["pageInfo"]["hasNextPage"]:
            break
        after = pagina["pageInfo"]["endCursor"]
    assert vistos == cena.registros[::-1]


async def test_whoever_saw_neither_sees_nothing_more(hospital: Hospital, cena: Cena) -> None:
    outro = await hospital.profissional()
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == []
    for id in (cena.de.id, cena.para.id):
        lida = (await outro.cliente(VIDA, id=id, first=10)).data
        assert lida["paciente"] is None
        assert _ids(lida["consultas"]) == _ids(lida["prontuarios"]) == []
    for quem in (hospital.recepcao, cena.para.cliente, cena.do_de.cliente):
        assert (await unificar(quem, cena.de.id, cena.para.id)).codigos == ["PROIBIDO"]


async def test_what_is_left_over_takes_no_bookings_and_opens_for_nobody(hospital: Hospital, cena: Cena) -> None:
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == []
    assert (await cena.de.cliente("{ eu { id } }")).codigos == ["NAO_AUTENTICADO"]
    assert (await hospital.ninguem(LOGIN, cpf=cena.de.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]
    marcar = {"pacienteId": cena.de.id, "profissionalId": cena.do_de.id, "inicio": hospital.instante()}
    recusado = (await hospital.recepcao(AGENDAR, input=marcar)).data["agendarConsulta"]["erros"]
    assert [(erro["codigo"], erro["campo"]) for erro in recusado] == [("VALOR_INVALIDO", ["input", "pacienteId"])]
    assert (await hospital.recepcao(AGENDAR, input={**marcar, "pacienteId": cena.para.id})).recusas == []
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == ["VALOR_INVALIDO"]
    outro = await hospital.paciente()
    assert (await unificar(hospital.admin, outro.id, cena.de.id)).recusas == ["VALOR_INVALIDO"]
    assert (await desfazer(hospital.admin, cena.de.id)).recusas == []
    assert (await hospital.ninguem(LOGIN, cpf=cena.de.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]
    assert await hospital.com_codigo(cena.de.cpf, await hospital.codigo(cena.de.cpf), "senha-de-volta-9x")
    marcar["inicio"] = hospital.instante()
    assert (await hospital.recepcao(AGENDAR, input=marcar)).recusas == []


async def test_consultas_that_overlap_are_listed_and_new_ones_dont(hospital: Hospital, cena: Cena) -> None:
    quando = hospital.instante()
    cruzadas = [
        await hospital.consulta(cena.de, cena.do_de, quando),
        await hospital.consulta(cena.para, cena.do_para, quando),
    ]
    feita = (await unificar(hospital.admin, cena.de.id, cena.para.id)).data["unificarPacientes"]
    assert sorted(um["id"] for um in feita["consultasEmConflito"]) == sorted(cruzadas)
    outro, mais_um = await hospital.profissional(), await hospital.profissional()
    marcar = {"pacienteId": cena.para.id, "profissionalId": outro.id, "inicio": quando}
    assert (await hospital.recepcao(AGENDAR, input=marcar)).recusas == ["HORARIO_INDISPONIVEL"]
    assert (await hospital.recepcao(CANCELAR, input={"consultaId": cruzadas[1], "motivo": "x"})).recusas == []
    assert (await hospital.recepcao(AGENDAR, input=marcar)).recusas == ["HORARIO_INDISPONIVEL"], "the other one stands"
    marcar = {"pacienteId": cena.para.id, "profissionalId": mais_um.id, "inicio": hospital.instante()}
    nova = (await hospital.recepcao(AGENDAR, input=marcar)).data["agendarConsulta"]["consulta"]["id"]
    assert (await desfazer(hospital.admin, cena.de.id)).recusas == []
    assert nova in (await _vida(cena.para.cliente, cena.para.id))[0], "what came after stays with whom it is for"
    assert nova not in (await _vida(cena.do_de.cliente, cena.de.id))[0]


async def test_care_given_after_joining_is_of_the_whole_life(hospital: Hospital, cena: Cena) -> None:
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == []
    novo = await hospital.profissional()
    consulta = await hospital.consulta(cena.para, novo)
    assert len((await _vida(novo.cliente, cena.de.id))[1]) == 3
    assert (await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})).recusas == []
    assert (await novo.cliente(LER, id=cena.de.id)).data["prontuarios"]["totalCount"] == 0


async def test_three_registrations_are_one_life_and_come_apart_one_by_one(hospital: Hospital, cena: Cena) -> None:
    terceiro = await hospital.paciente()
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == []
    assert (await unificar(hospital.admin, cena.para.id, terceiro.id)).recusas == []
    assert sorted((await _vida(terceiro.cliente, cena.de.id))[0]) == sorted(cena.consultas)
    assert (await desfazer(hospital.admin, cena.para.id)).recusas == []
    assert (await _vida(terceiro.cliente, terceiro.id))[0] == []
    assert sorted((await _vida(cena.do_para.cliente, cena.de.id))[0]) == sorted(cena.consultas)


async def test_joining_can_be_undone_for_a_month(hospital: Hospital, cena: Cena) -> None:
    assert (await desfazer(hospital.admin, cena.de.id)).recusas == ["VALOR_INVALIDO"]
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == []
    await hospital.dono.transaction(
        lambda tx: tx.execute(
            "UPDATE unificacao SET em = em - INTERVAL 31 DAY WHERE de_id = %(de)s", de=chave(cena.de.id)
        )
    )
    assert (await desfazer(hospital.admin, cena.de.id)).recusas == ["VALOR_INVALIDO"]


@pytest.mark.parametrize("errado", ["deId", "paraId", "justificativa", "mesmo"])
async def test_what_is_wrong_is_named(hospital: Hospital, cena: Cena, errado: str) -> None:
    entrada = {"deId": cena.de.id, "paraId": cena.para.id, "justificativa": PORQUE}
    campo = "paraId" if errado == "mesmo" else errado
    entrada[campo] = {"justificativa": "....", "mesmo": cena.de.id}.get(errado, "pac_nada")
    (erro,) = (await hospital.admin(UNIFICAR, input=entrada)).data["unificarPacientes"]["erros"]
    assert erro["campo"] == ["input", campo]


async def test_who_works_here_is_not_left_over(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    entrada = {"cpf": profissional.cpf, "nome": profissional.nome, "nascimento": "1980-01-01"}
    dele = (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).data["cadastrarPaciente"]["paciente"]["id"]
    assert (await unificar(hospital.admin, dele, paciente.id)).recusas == ["VALOR_INVALIDO"]
    assert (await unificar(hospital.admin, paciente.id, dele)).recusas == []
    marcar = {"pacienteId": dele, "profissionalId": profissional.id, "inicio": hospital.instante()}
    assert (await hospital.recepcao(AGENDAR, input=marcar)).recusas == ["MESMA_PESSOA"]


async def test_joining_races_with_bookings_and_entries(hospital: Hospital) -> None:
    """Whatever wins, care is whole: who has one registration in care has both; what is left over isn't booked after."""
    for _ in range(6):
        cena = await Cena(hospital).montar()
        novo = await hospital.profissional()
        marcar = {"pacienteId": cena.de.id, "profissionalId": novo.id, "inicio": hospital.instante()}
        juntada, marcada, _ = await asyncio.gather(
            unificar(hospital.admin, cena.de.id, cena.para.id),
            hospital.recepcao(AGENDAR, input=marcar),
            hospital.prontuario(cena.do_de, cena.de),
        )
        assert juntada.recusas == []
        assert await cuida(novo, cena.para.id) is (marcada.recusas == [])
        assert await cuida(novo, cena.de.id) is (marcada.recusas == [])
        assert marcada.recusas in ([], ["VALOR_INVALIDO"])


_chaves = st.sampled_from([b"a", b"b", b"c", b"d", b"e"])


@given(st.dictionaries(_chaves, _chaves))
def test_lives_are_what_hangs_together(ligados: dict[bytes, bytes]) -> None:
    todos = {b"a", b"b", b"c", b"d", b"e"}
    achadas = vidas(todos, ligados)
    assert sorted(um for vida in achadas for um in vida) == sorted(todos)
    for um in todos:
        alcancados, pendentes = {um}, [um]
        while pendentes:
            este = pendentes.pop()
            vizinhos = {ligados[este]} if este in ligados else set()
            vizinhos |= {de for de, para in ligados.items() if para == este}
            pendentes += vizinhos - alcancados
            alcancados |= vizinhos
        assert frozenset(alcancados) in achadas


async def test_somebody_who_may_be_the_same_is_told_before_registering_again(hospital: Hospital) -> None:
    nascimento = (datetime(1950, 1, 1) + timedelta(days=int(hospital.cpf()[:4]))).date().isoformat()  # noqa: DTZ001
    campos = CADASTRAR_PACIENTE.replace("{ paciente { id", "{ possiveisDuplicados { id } paciente { id")
    ela = {"nome": "Adélia Ñuñes", "nascimento": nascimento, "nomeDaMae": "Rosa Ñuñes", "telefone": "(11) 93456-7890"}
    primeira = (await hospital.recepcao(campos, input=ela)).data["cadastrarPaciente"]["paciente"]["id"]
    for outra in (
        {"nome": "ADELIA NUNES", "nascimento": nascimento},
        {"nome": "Delia", "nascimento": nascimento, "nomeDaMae": "rosa nunes"},
        {"nome": "Delia", "nascimento": nascimento, "telefone": "11 93456-7890"},
    ):
        feita = (await hospital.recepcao(campos, input=outra)).data["cadastrarPaciente"]
        assert [erro["codigo"] for erro in feita["erros"]] == ["POSSIVEL_DUPLICADO"]
        assert (feita["possiveisDuplicados"], feita["paciente"]) == ([{"id": primeira}], None)
    assert (await hospital.recepcao(campos, input={"nome": "Delia", "nascimento": nascimento})).recusas == []
    gemea = {**ela, "nome": "Amélia Ñuñes", "mesmoSeDuplicado": True}
    segunda = (await hospital.recepcao(campos, input=gemea)).data["cadastrarPaciente"]["paciente"]["id"]
    ver = "query($id: ID!) { paciente(id: $id) { possiveisDuplicados { id nome } } }"
    assert (await hospital.recepcao(ver, id=segunda)).data["paciente"]["possiveisDuplicados"] == [
        {"id": primeira, "nome": "Adélia Ñuñes"}
    ]
    sozinha = await hospital.ninguem(campos, input={**ela, "cpf": hospital.cpf(), "senha": SENHA_DE_TESTE})
    assert sozinha.recusas == [], "a stranger learns nothing"


async def test_possible_duplicates_are_for_staff(hospital: Hospital) -> None:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    await hospital.consulta(paciente, profissional)
    ver = "query($id: ID!) { paciente(id: $id) { nome possiveisDuplicados { id } } }"
    for quem in (paciente, profissional):
        resposta = await quem.cliente(ver, id=paciente.id)
        assert resposta.codigos == ["PROIBIDO"]
        assert resposta.corpo["data"]["paciente"] == {"nome": paciente.nome, "possiveisDuplicados": None}


async def test_after_a_death_nothing_is_booked_and_what_was_to_come_is_listed(hospital: Hospital) -> None:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    consulta = await hospital.consulta(paciente, profissional)
    morrer = (
        "mutation($input: AtualizarPacienteInput!) { atualizarPaciente(input: $input) { paciente { obitoEm }"
        " consultasEmConflito { id } erros { codigo campo } } }"
    )
    for quando in ("2999-01-01", "1970-01-01"):
        errado = await hospital.recepcao(morrer, input={"pacienteId": paciente.id, "obitoEm": quando})
        assert errado.recusas == ["VALOR_INVALIDO"]
    feito = (await hospital.recepcao(morrer, input={"pacienteId": paciente.id, "obitoEm": "2026-01-05"})).data
    assert feito["atualizarPaciente"] == {
        "paciente": {"obitoEm": "2026-01-05"}, "consultasEmConflito": [{"id": consulta}], "erros": [],
    }  # fmt: skip
    marcar = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    assert (await hospital.recepcao(AGENDAR, input=marcar)).recusas == ["VALOR_INVALIDO"]
    assert (await hospital.recepcao(morrer, input={"pacienteId": paciente.id, "obitoEm": None})).recusas == []
    assert (await hospital.recepcao(AGENDAR, input=marcar)).recusas == []


async def test_whoever_was_joined_is_told_as_the_one_they_go_on_as(hospital: Hospital) -> None:
    nascimento = (datetime(1930, 1, 1) + timedelta(days=int(hospital.cpf()[:4]))).date().isoformat()  # noqa: DTZ001
    campos = CADASTRAR_PACIENTE.replace("{ paciente { id", "{ possiveisDuplicados { id } paciente { id")
    ids = []
    for nome in ("Zuleide Velha", "Zuleide do Meio", "Zuleide Nova"):
        entrada = {"nome": nome, "nascimento": nascimento, "mesmoSeDuplicado": True}
        ids.append((await hospital.recepcao(campos, input=entrada)).data["cadastrarPaciente"]["paciente"]["id"])
    velha, meio, nova = ids
    assert (await unificar(hospital.admin, velha, meio)).recusas == []
    assert (await unificar(hospital.admin, meio, nova)).recusas == []
    for nome in ("Zuleide Velha", "zuleide do meio", "ZULEIDE NOVA"):
        feita = (await hospital.recepcao(campos, input={"nome": nome, "nascimento": nascimento})).data
        assert [erro["codigo"] for erro in feita["cadastrarPaciente"]["erros"]] == ["POSSIVEL_DUPLICADO"], nome
        assert feita["cadastrarPaciente"]["possiveisDuplicados"] == [{"id": nova}], nome


async def test_a_list_of_those_who_have_several_registrations_and_those_who_have_one_counts_each_right(
    hospital: Hospital,
) -> None:
    """Their lists are read apart, and yet counted at one level of the operation."""
    profissional = await hospital.profissional()
    juntos, outro, sozinho = [await hospital.paciente(nome=f"Zenóbia Contada {n}") for n in ("A", "B", "C")]
    for paciente, dias in ((juntos, (1, 2)), (outro, (3,)), (sozinho, (4, 5, 6, 7))):
        for dia in dias:
            await hospital.consulta(paciente, profissional, f"2035-03-0{dia}T12:00:00Z")
    assert (await unificar(hospital.admin, outro.id, juntos.id)).recusas == []
    texto = (
        '{ pacientes(busca: "zenobia contada") { edges { node { id consultas(first: 1)'
        " { totalCount contagens { total } edges { node { id } } } } } } }"
    )
    vistos = {
        aresta["node"]["id"]: aresta["node"]["consultas"]
        for aresta in (await hospital.recepcao(texto)).data["pacientes"]["edges"]
    }
    esperado = {juntos.id: 3, outro.id: 3, sozinho.id: 4}
    assert {id: vista["totalCount"] for id, vista in vistos.items()} == {id: esperado[id] for id in vistos}
    assert {id: vista["contagens"][0]["total"] for id, vista in vistos.items()} == {id: esperado[id] for id in vistos}
    assert sozinho.id in vistos
