"""Registering pacientes, and finding them."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from cachetools import TTLCache

from sghss_graphql.cadastro.pacientes import store
from sghss_graphql.cadastro.pacientes.regras import listas
from sghss_graphql.cadastro.pacientes.regras.busca import ler_busca
from sghss_graphql.cadastro.pacientes.regras.listas import LEMBRADAS, Lista
from sghss_graphql.confianca.acesso.checagem import Alcance, exigir
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import BuscarPacientes
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.machinery.engine import Page, page_of
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario.texto import MAIOR_PALAVRA
from tests.hospital import (
    ABERTO,
    ATUALIZAR_PACIENTE,
    CADASTRAR_PACIENTE,
    CADASTRAR_PROFISSIONAL,
    EMITIR,
    LOGIN,
    SENHA_DE_TESTE,
    Cliente,
    Hospital,
)
from tests.machinery.database.statements_log import recorded

BUSCAR = (
    "query($busca: String, $first: Int, $after: String) { pacientes(busca: $busca, first: $first, after: $after)"
    " { totalCount pageInfo { hasNextPage endCursor hasPreviousPage } edges { cursor node { id nome nomeSocial } } } }"
)


def _entrada(hospital: Hospital, **dados: object) -> dict[str, object]:
    return {
        "cpf": hospital.cpf(),
        "nome": hospital.nome(),
        "nascimento": "1985-02-28",
        "mesmoSeDuplicado": True,
        "senha": SENHA_DE_TESTE,
        **dados,
    }


async def test_a_person_registers_themself_and_logs_in(hospital: Hospital) -> None:
    entrada = _entrada(
        hospital,
        nome="  José   da  Silva ",
        nomeSocial="Josi",
        cns="700 0000 0000 0005",
        sexo="INTERSEXO",
        email="jose@exemplo.com.br",
        telefone="(11) 91234-5678",
    )
    paciente = (await hospital.ninguem(CADASTRAR_PACIENTE, input=entrada)).data["cadastrarPaciente"]["paciente"]
    assert paciente["nome"] == "José da Silva"
    assert (paciente["nomeSocial"], paciente["cns"], paciente["sexo"]) == ("Josi", "700000000000005", "INTERSEXO")
    assert paciente["criadoEm"].endswith("Z")
    assert (await hospital.ninguem(LOGIN, cpf=entrada["cpf"], senha=SENHA_DE_TESTE)).recusas == []
    outra = _entrada(hospital, cns="700000000000005")
    assert (await hospital.ninguem(CADASTRAR_PACIENTE, input=outra)).recusas == ["CNS_JA_CADASTRADO"]
    assert (await hospital.ninguem(CADASTRAR_PACIENTE, input=entrada)).recusas == ["CPF_JA_CADASTRADO"]


async def test_a_refused_registration_leaves_nothing_behind(hospital: Hospital) -> None:
    cns = hospital.cns()
    primeiro = _entrada(hospital, cns=cns)
    assert (await hospital.ninguem(CADASTRAR_PACIENTE, input=primeiro)).recusas == []
    repetido = _entrada(hospital, cns=cns)
    assert (await hospital.ninguem(CADASTRAR_PACIENTE, input=repetido)).recusas == ["CNS_JA_CADASTRADO"]
    del repetido["cns"]
    assert (await hospital.ninguem(CADASTRAR_PACIENTE, input=repetido)).recusas == [], "the CPF was not taken"


@pytest.mark.parametrize(
    ("mudanca", "codigo", "campo"),
    [
        ({"senha": None}, "VALOR_INVALIDO", "senha"),
        ({"cpf": None}, "VALOR_INVALIDO", "cpf"),
        ({"senha": "fraca"}, "SENHA_FRACA", "senha"),
        ({"nome": "   "}, "VALOR_INVALIDO", "nome"),
        ({"nome": "x" * 201}, "VALOR_INVALIDO", "nome"),
        ({"nome": "12345"}, "VALOR_INVALIDO", "nome"),
        ({"nome": "Ana\0 Maria"}, "VALOR_INVALIDO", "nome"),
        ({"nascimento": "2999-01-01"}, "VALOR_INVALIDO", "nascimento"),
        ({"nascimento": "1801-01-01"}, "VALOR_INVALIDO", "nascimento"),
        ({"email": "isto não é"}, "VALOR_INVALIDO", "email"),
        ({"telefone": "ligue já"}, "VALOR_INVALIDO", "telefone"),
        ({"telefone": "+12345678901234567890"}, "VALOR_INVALIDO", "telefone"),
        ({"email": "a" * 60 + "@" + "b" * 200 + ".br"}, "VALOR_INVALIDO", "email"),
    ],
)
async def test_each_wrong_value_is_named(hospital: Hospital, mudanca, codigo: str, campo: str) -> None:
    resposta = await hospital.ninguem(CADASTRAR_PACIENTE, input=_entrada(hospital, **mudanca))
    (erro,) = resposta.data["cadastrarPaciente"]["erros"]
    assert (erro["codigo"], erro["campo"]) == (codigo, ["input", campo])
    assert resposta.data["cadastrarPaciente"]["paciente"] is None


NOMES = [
    "ﷺ" * 100,
    "x " * 20,
    "ʰ",
    "李小龍",
    "Þórdís Ævarsdóttir",
    "O'Neill-d\u2019Ávila",
    "é" * 200,
    "ß" * 200,
    "Zoë 👩",
]


@pytest.mark.parametrize("nome", NOMES)
async def test_any_name_of_people_can_be_registered_and_found(hospital: Hospital, nome: str) -> None:
    """Some letters become many when they are normalised, and some names have no Latin letter at all."""
    entrada = _entrada(hospital, nome=nome, nomeSocial=nome, telefone="+55 (11) 91234-5678")
    paciente = (await hospital.ninguem(CADASTRAR_PACIENTE, input=entrada)).data["cadastrarPaciente"]["paciente"]
    assert paciente["nome"] == nome.strip()
    achados = (await hospital.recepcao(BUSCAR, busca=nome.strip()[:100], first=100)).data["pacientes"]["edges"]
    assert paciente["id"] in [edge["node"]["id"] for edge in achados]
    entrada = {"cpf": hospital.cpf(), "nome": nome, **hospital.registro(uf="TO")}
    especialidades = {"especialidades": [{"nome": nome.strip()[:100]}]}
    assert (await hospital.admin(CADASTRAR_PROFISSIONAL, input={**entrada, **especialidades})).recusas == []


async def test_of_ten_registrations_of_one_cpf_at_once_one_wins(hospital: Hospital) -> None:
    entrada = _entrada(hospital)
    respostas = await asyncio.gather(*(hospital.ninguem(CADASTRAR_PACIENTE, input=entrada) for _ in range(10)))
    assert sorted(resposta.recusas for resposta in respostas) == [[]] + [["CPF_JA_CADASTRADO"]] * 9


async def test_someone_without_a_cpf_is_registered_at_the_desk_and_gets_it_later(hospital: Hospital) -> None:
    entrada = _entrada(hospital, cpf=None, senha=None, nome="Recém-nascido de Ana")
    paciente = (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).data["cadastrarPaciente"]["paciente"]
    assert paciente["cpf"] is None
    cpf = hospital.cpf()
    mudanca = {"pacienteId": paciente["id"], "cpf": cpf, "nome": "Bento de Ana Ramos", "email": "b@exemplo.com"}
    atual = (await hospital.recepcao(ATUALIZAR_PACIENTE, input=mudanca)).data["atualizarPaciente"]["paciente"]
    assert (atual["cpf"], atual["nome"]) == (cpf, "Bento de Ana Ramos")
    outro = {"pacienteId": paciente["id"], "cpf": hospital.cpf()}
    assert (await hospital.recepcao(ATUALIZAR_PACIENTE, input=outro)).recusas == ["VALOR_INVALIDO"]
    sem_email = {"pacienteId": paciente["id"], "email": None}
    atual = (await hospital.recepcao(ATUALIZAR_PACIENTE, input=sem_email)).data["atualizarPaciente"]["paciente"]
    assert (atual["email"], atual["nome"]) == (None, "Bento de Ana Ramos"), "what is not sent stays"
    assert (await hospital.recepcao(EMITIR, cpf=cpf)).recusas == []
    achados = (await hospital.recepcao(BUSCAR, busca="bento ana")).data["pacientes"]["edges"]
    assert paciente["id"] in [edge["node"]["id"] for edge in achados]
    achados = (await hospital.recepcao(BUSCAR, busca="recem-nascido")).data["pacientes"]["edges"]
    assert paciente["id"] not in [edge["node"]["id"] for edge in achados], "the old name is forgotten"


async def test_a_profissional_who_becomes_a_paciente_keeps_the_password(hospital: Hospital) -> None:
    profissional = await hospital.profissional(sempre=False)
    entrada = _entrada(hospital, cpf=profissional.cpf)
    assert (await hospital.ninguem(CADASTRAR_PACIENTE, input=entrada)).recusas == ["CPF_JA_CADASTRADO"]
    assert (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).recusas == ["VALOR_INVALIDO"]
    entrada["senha"] = None
    assert (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).recusas == []
    assert (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).recusas == ["CPF_JA_CADASTRADO"]
    eu = (await profissional.cliente("{ eu { papeis paciente { id } profissional { id } } }")).data["eu"]
    assert eu["papeis"] == ["PACIENTE", "PROFISSIONAL"]
    assert eu["profissional"]["id"] == profissional.id


async def test_a_paciente_becomes_a_profissional_too(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    entrada = {
        "cpf": paciente.cpf,
        "nome": paciente.nome,
        **hospital.registro(uf="RJ"),
        "especialidades": [{"nome": "Urologia"}],
    }
    cadastro = (await hospital.admin(CADASTRAR_PROFISSIONAL, input=entrada)).data["cadastrarProfissional"]
    assert (await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]
    eu = await hospital.com_codigo(paciente.cpf, cadastro["codigoDeAcesso"]["codigo"], "outro-cavalo-9-azul")
    assert (await eu("{ eu { papeis } }")).data["eu"]["papeis"] == ["PACIENTE", "PROFISSIONAL"]


@pytest.mark.parametrize(
    "busca", ["zacarias", "ZACARIAS tibú", "tibu", "ção", "zac xav", "Xavânte", "lua", "luã zac", "xavante-tibu"]
)
async def test_any_start_of_any_word_finds_without_accents_or_case(hospital: Hospital, busca: str) -> None:
    entrada = _entrada(hospital, nome="Zacarias Xavante Tibú Ção", nomeSocial="Luã Zacarias")
    paciente = (await hospital.recepcao(CADASTRAR_PACIENTE, input={**entrada, "senha": None})).data
    resposta = await hospital.recepcao(BUSCAR, busca=busca, first=100)
    achados = [edge["node"]["id"] for edge in resposta.data["pacientes"]["edges"]]
    assert paciente["cadastrarPaciente"]["paciente"]["id"] in achados
    assert resposta.data["pacientes"]["totalCount"] == len(achados)


@pytest.mark.parametrize("busca", ["acarias", "zacarias inexistente", "%", "_", "'; --", "...", "12345678901234"])
async def test_what_is_no_start_of_a_word_finds_nobody(hospital: Hospital, busca: str) -> None:
    resposta = await hospital.recepcao(BUSCAR, busca=busca)
    assert resposta.data["pacientes"]["edges"] == []
    assert resposta.data["pacientes"]["totalCount"] == 0


async def test_a_whole_cpf_or_cns_finds_one(hospital: Hospital) -> None:
    cns = hospital.cns()
    entrada = _entrada(hospital, cns=cns, senha=None)
    resposta = await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)
    paciente = resposta.data["cadastrarPaciente"]["paciente"]
    cpf = paciente["cpf"]
    for busca in (
        cpf,
        f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}",
        cns,
        f" {cns[:3]} {cns[3:7]} {cns[7:11]} {cns[11:]} ",
    ):
        achados = (await hospital.recepcao(BUSCAR, busca=busca)).data["pacientes"]
        assert [edge["node"]["id"] for edge in achados["edges"]] == [paciente["id"]], busca
        assert achados["totalCount"] == 1
        depois = await hospital.recepcao(BUSCAR, busca=busca, after=achados["edges"][0]["cursor"])
        assert depois.data["pacientes"]["edges"] == []
    assert (await hospital.recepcao(BUSCAR, busca=cpf[:10])).data["pacientes"]["edges"] == []


async def _todos(quem: Cliente, busca: str | None, first: int) -> list[str]:
    achados: list[str] = []
    after = None
    while True:
        pagina = (await quem(BUSCAR, busca=busca, first=first, after=after)).data["pacientes"]
        achados += [edge["node"]["id"] for edge in pagina["edges"]]
        assert pagina["pageInfo"]["hasPreviousPage"] is (after is not None)
        if not pagina["pageInfo"]["hasNextPage"]:
            assert len(achados) == pagina["totalCount"]
            return achados
        assert len(pagina["edges"]) == first, "never a page silently cut"
        after = pagina["pageInfo"]["endCursor"]


@pytest.mark.parametrize("busca", ["a", "ma", "sil", None])
async def test_paging_visits_everyone_once_by_name(hospital: Hospital, busca: str | None) -> None:
    """Frequent and rare starts take different ways through the index; each must page alike."""
    achados = await _todos(hospital.recepcao, busca, 97)
    assert len(achados) == len(set(achados)) > 0
    assert await _todos(hospital.recepcao, busca, 41) == achados


async def test_a_profissional_finds_only_pacientes_of_their_agenda(hospital: Hospital) -> None:
    profissional, outro = await hospital.profissional(), await hospital.paciente(nome="Quitéria Wanderlei")
    meu = await hospital.paciente(nome="Quitéria Wanderlei")
    await hospital.consulta(meu, profissional)
    for busca in ("quiteria", None, meu.cpf):
        achados = await _todos(profissional.cliente, busca, 50)
        assert achados == [meu.id]
    assert await _todos(profissional.cliente, outro.cpf, 50) == []


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Database]:
    db = Database(settings.app_database)
    yield db
    await db.close()


async def _lidas(db: Database, alcance: Alcance, busca: str) -> int:
    """Count the rows and index entries that the server reads for a first page."""

    async def work(tx: Transaction) -> int:
        async def ate_agora() -> int:
            return sum(int(n) for _, n in await tx.select("SHOW SESSION STATUS LIKE 'Handler_read%'"))

        antes = await ate_agora()
        medida = await ate_agora() - antes
        antes = await ate_agora()
        lida = ler_busca(busca)
        assert lida
        await store.buscar(tx, alcance, lida, page_of("pac", (int, str, bytes), ABERTO, first=20))
        return await ate_agora() - antes - medida

    return await db.transaction(work)


async def test_a_search_reads_about_a_page_however_many_pacientes_there_are(hospital: Hospital, app: Database) -> None:
    ((todos, maria),) = await hospital.dono.select(
        "SELECT COUNT(*), COUNT(IF(nome_ordem LIKE 'maria%', 1, NULL)) FROM paciente"
    )
    assert todos > 1_900
    assert maria > 25
    recepcao = Quem(bytes(16), bytes(16), frozenset({Papel.RECEPCAO}), None, None, False)
    for busca in ("", "a", "a maria", "maria a", "maria a d", "maria", "maria silva", "maria 12/03/1980", "12/03/1980"):
        assert await _lidas(app, exigir(recepcao, BuscarPacientes), busca) < todos / 2, busca
    ((profissional,),) = await hospital.dono.select(
        "SELECT profissional_id FROM consulta GROUP BY profissional_id ORDER BY COUNT(*) LIMIT 1"
    )
    ((seus,),) = await hospital.dono.select(
        "SELECT COUNT(*) FROM consulta WHERE profissional_id = %(m)s", m=profissional
    )
    quem = Quem(bytes(16), bytes(16), frozenset({Papel.PROFISSIONAL}), None, profissional, False)
    for busca in ("", "a", "maria a", "maria 12/03/1980"):
        assert await _lidas(app, exigir(quem, BuscarPacientes), busca) < 30 * seus + 100, busca


async def test_what_is_remembered_of_lists_never_decides_who_is_found(hospital: Hospital, app: Database) -> None:
    alcance = exigir(Quem(bytes(16), bytes(16), frozenset({Papel.RECEPCAO}), None, None, False), BuscarPacientes)

    async def achados(busca: str, **pagina: Any) -> list[tuple[int, str]]:
        lida = ler_busca(busca)
        assert lida
        pedida = replace(page_of("pac", (int, str, bytes), ABERTO, first=2), **pagina)
        return [(um.grau, um.nome) for um in (await store.buscar(app, alcance, lida, pedida))[: pedida.size]]

    for nome in ("Xantipa Quaresma", "Xanda Quaresmeira", "Xandinha Quarentina"):
        await hospital.paciente(nome=nome)
    pelo_inicio = [(2, "Xanda Quaresmeira"), (2, "Xandinha Quarentina")]
    async with recorded(hospital.dono) as log:
        assert await achados("xan quar") == pelo_inicio
    assert log.names.count("pacientes.buscar") == 2
    async with recorded(hospital.dono) as log:
        assert await achados("xan quar") == await achados("quar xan") == pelo_inicio
        assert await achados("xan nin") == []
    assert log.names.count("pacientes.buscar") == 4, "each start is looked up once"
    await hospital.paciente(nome="Quar Bento Xan")
    assert await achados("xan quar") == [(1, "Quar Bento Xan"), pelo_inicio[0]], "who has the words is first at once"
    assert await achados("quar bento xan") == [(0, "Quar Bento Xan")]
    assert (await achados("xan quar", backward=True))[0] == (2, "Xantipa Quaresma")
    melhores = (1, "quar bento xan", b"\xff" * 16)
    assert await achados("xan quar", backward=True, before=melhores) == [(1, "Quar Bento Xan")]


LONGO = "Zulmira Aparecida Conceicao Nascimento Albuquerque Cavalcanti Monte"
XARAS = (
    "Wanda Yuquita",
    "Wandinha Yuquara",
    "Zeca Wand Yuq",
    "Yuq Wandinha",
    "Wandayuq",
    "Wand Yuquita Wan",
    LONGO + "negro",
)
BUSCAS = (
    "wand yuq",
    "yuq wand",
    "wandayuq wand",
    "wanda yuquita",
    "wan yu w",
    "zeca yuq",
    "wandinha y",
    "yuq wandinha",
    LONGO,
)


async def test_the_answer_is_the_same_whatever_is_remembered_or_wrong_of_lists(
    hospital: Hospital, app: Database
) -> None:
    alcance = exigir(Quem(bytes(16), bytes(16), frozenset({Papel.RECEPCAO}), None, None, False), BuscarPacientes)
    for nome in XARAS:
        entrada = _entrada(hospital, nome=nome, senha=None)
        assert (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).recusas == []
    sorteio = random.Random(17)

    async def pagina(busca: str, pedida: Page, inteiras: bool | None) -> list[tuple[int, str, bytes]]:
        lida = ler_busca(busca)
        assert lida
        LEMBRADAS.clear()
        if inteiras is not None:
            LEMBRADAS.update({um: Lista(sorteio.choice((None, "m")), inteiras) for um in lida.inicios})
        achados = (await store.buscar(app, alcance, lida, pedida))[: pedida.size]
        return [(um.grau, um.ordem, um.pessoa) for um in achados]

    for busca in BUSCAS:
        inteira = replace(page_of("pac", (int, str, bytes), ABERTO, first=50))
        todos = await pagina(busca, inteira, inteiras=True)
        assert todos, "a search that finds nobody tells nothing"
        for backward in (False, True):
            for size in (1, 3, 50):
                for ponto in (None, *todos):
                    for lado in ("after", "before"):
                        pedida = replace(inteira, size=size, backward=backward, **{lado: ponto})
                        depois = todos.index(ponto) + 1 if ponto and lado == "after" else 0
                        antes = todos.index(ponto) if ponto and lado == "before" else len(todos)
                        esperada = todos[depois:antes][::-1] if backward else todos[depois:antes]
                        for inteiras in (None, False, True):
                            assert await pagina(busca, pedida, inteiras) == esperada[:size], (busca, pedida, inteiras)


async def test_a_whole_word_of_the_longest_is_better_than_its_start(hospital: Hospital) -> None:
    palavra = "Hipo" * 15
    assert len(palavra) == MAIOR_PALAVRA
    for nome in (f"Zenaide {palavra} Ubirajara", f"Aline {palavra}tomia Ubirajarana"):
        entrada = _entrada(hospital, nome=nome, senha=None)
        assert (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).recusas == []
    achados = (await hospital.recepcao(BUSCAR, busca=f"ubirajara {palavra}")).data["pacientes"]["edges"]
    assert [edge["node"]["nome"].split()[0] for edge in achados] == ["Zenaide", "Aline"]


async def test_a_list_is_remembered_for_a_minute_however_often_it_is_read(
    app: Database, monkeypatch: pytest.MonkeyPatch, hospital: Hospital
) -> None:
    agora = [0.0]
    monkeypatch.setattr(listas, "LEMBRADAS", TTLCache(100, ttl=60, timer=lambda: agora[0]))
    alcance = exigir(Quem(bytes(16), bytes(16), frozenset({Papel.RECEPCAO}), None, None, False), BuscarPacientes)
    async with recorded(hospital.dono) as log:
        for n in range(4):
            agora[0] = 25.0 * n
            lida = ler_busca(f"wan y{'u' * n}")
            assert lida
            await store.buscar(app, alcance, lida, page_of("pac", (int, str, bytes), ABERTO, first=5))
    procuradas = [statement.count("'wan' AS inicio") for statement in log.statements]
    assert sum(procuradas) == 2, "at 0 and at 75 seconds"


async def test_every_part_of_a_registration_is_corrected_and_found_by_the_new_name(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    novo = {
        "nome": hospital.nome(),
        "nomeSocial": hospital.nome(),
        "cns": hospital.cns(),
        "nascimento": "1979-02-28",
        "sexo": "FEMININO",
        "email": "novo@exemplo.com.br",
        "telefone": "+5511987654321",
    }
    resposta = await hospital.recepcao(ATUALIZAR_PACIENTE, input={"pacienteId": paciente.id, **novo})
    assert resposta.recusas == []
    lido = resposta.data["atualizarPaciente"]["paciente"]
    assert {nome: lido[nome] for nome in novo} == novo
    for nome in (novo["nome"], novo["nomeSocial"]):
        assert paciente.id in await _todos(hospital.recepcao, nome, 100)
    assert paciente.id not in await _todos(hospital.recepcao, paciente.nome, 100)
    assert (await paciente.cliente("{ eu { nome } }")).data["eu"] == {"nome": novo["nome"]}


async def test_a_search_that_is_too_long_is_refused(hospital: Hospital) -> None:
    resposta = await hospital.recepcao("query($b: String) { pacientes(busca: $b) { totalCount } }", b="a" * 201)
    assert resposta.codigos == ["REQUISICAO_INVALIDA"]


async def test_all_that_is_wrong_with_a_form_is_told_at_once(hospital: Hospital) -> None:
    errado = {"nome": "123", "nascimento": "2999-01-01", "email": "x", "telefone": "1", "nomeSocial": "9", "senha": "a"}
    resposta = await hospital.ninguem(CADASTRAR_PACIENTE, input=errado)
    erros = resposta.data["cadastrarPaciente"]["erros"]
    assert [erro["campo"][-1] for erro in erros] == [
        "cpf", "nome", "nomeSocial", "email", "telefone", "nascimento", "senha",
    ]  # fmt: skip
    assert {erro["codigo"] for erro in erros} == {"VALOR_INVALIDO", "SENHA_FRACA"}


@pytest.mark.parametrize("vazio", [{}, {"logradouro": "  "}, {"pais": None}])
async def test_an_address_says_something(hospital: Hospital, vazio: dict[str, str | None]) -> None:
    entrada = {"nome": hospital.nome(), "endereco": vazio}
    recusado = (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).data["cadastrarPaciente"]["erros"]
    assert [(erro["codigo"], erro["campo"]) for erro in recusado] == [("VALOR_INVALIDO", ["input", "endereco"])]
    fora = {"nome": hospital.nome(), "endereco": {"pais": "PY"}}
    assert (await hospital.recepcao(CADASTRAR_PACIENTE, input=fora)).recusas == []


async def test_of_two_desks_that_register_one_newborn_at_once_the_second_is_told(hospital: Hospital) -> None:
    for n in range(8):
        entrada = {"nome": hospital.nome(), "nascimento": f"2026-01-{n + 1:02}", "telefone": "(11) 91234-5678"}
        feitas = await asyncio.gather(*(hospital.recepcao(CADASTRAR_PACIENTE, input=entrada) for _ in range(3)))
        assert sorted(feita.recusas for feita in feitas) == [[], ["POSSIVEL_DUPLICADO"], ["POSSIVEL_DUPLICADO"]]
