"""Registering profissionais, and finding them."""

import asyncio

import pytest

from tests.hospital import AGENDAR, CADASTRAR_PROFISSIONAL, Hospital

BUSCAR = (
    "query($busca: String, $esp: String, $conselho: Conselho, $first: Int, $after: String)"
    " { profissionais(busca: $busca, especialidade: $esp, conselho: $conselho, first: $first, after: $after)"
    " { totalCount"
    " pageInfo { hasNextPage endCursor } edges { node { id nome registro especialidades { nome rqe } } } } }"
)


def _entrada(hospital: Hospital, registro: str, **dados: object) -> dict[str, object]:
    """Give what registers a profissional of ``CRM 123/SP``, or so."""
    conselho, numero, uf = registro.replace("/", " ").split()
    return {
        "cpf": hospital.cpf(),
        "nome": hospital.nome(),
        "conselho": conselho,
        "numero": numero,
        "uf": uf,
        "especialidades": [{"nome": "Urologia"}],
        **dados,
    }


async def test_a_registration_is_kept_in_one_form_and_belongs_to_one_profissional(hospital: Hospital) -> None:
    resposta = await hospital.admin(CADASTRAR_PROFISSIONAL, input=_entrada(hospital, "CRM 00-12.345/AC"))
    assert resposta.data["cadastrarProfissional"]["profissional"]["registro"] == "CRM 12345/AC"
    for registro in ("CRM 12345/AC", "CRM 12-345/AC", "CRM 012345/AC"):
        resposta = await hospital.admin(CADASTRAR_PROFISSIONAL, input=_entrada(hospital, registro))
        assert resposta.recusas == ["REGISTRO_JA_CADASTRADO"]
    for outro in ("CRM 12345/AM", "COREN 12345/AC", "CRM 1234512345/AC"):
        assert (await hospital.admin(CADASTRAR_PROFISSIONAL, input=_entrada(hospital, outro))).recusas == []


async def test_of_many_registrations_of_one_registration_at_once_one_wins(hospital: Hospital) -> None:
    entradas = [_entrada(hospital, "CRM 54321/AC") for _ in range(6)]
    respostas = await asyncio.gather(*(hospital.admin(CADASTRAR_PROFISSIONAL, input=entrada) for entrada in entradas))
    assert sorted(resposta.recusas for resposta in respostas) == [[]] + [["REGISTRO_JA_CADASTRADO"]] * 5


async def test_specialities_keep_their_order_and_count_once(hospital: Hospital) -> None:
    pedidas = [
        {"nome": "Cirurgia  Geral", "rqe": "12.345"},
        {"nome": "Oncologia"},
        {"nome": "cirurgia geral"},
        {"nome": "Mastologia", "rqe": " "},
    ]
    entrada = _entrada(hospital, "CRM 777/AC", especialidades=pedidas)
    resposta = await hospital.admin(CADASTRAR_PROFISSIONAL, input=entrada)
    profissional = resposta.data["cadastrarProfissional"]["profissional"]
    assert [um["nome"] for um in profissional["especialidades"]] == ["Cirurgia Geral", "Oncologia", "Mastologia"]
    (achado,) = (await hospital.admin(BUSCAR, busca=entrada["nome"])).data["profissionais"]["edges"]
    assert [um["rqe"] for um in achado["node"]["especialidades"]] == ["12345", None, None]


async def test_one_without_specialities_is_a_profissional_too(hospital: Hospital) -> None:
    entrada = _entrada(hospital, "COREN 778/AC", especialidades=[])
    resposta = await hospital.admin(CADASTRAR_PROFISSIONAL, input=entrada)
    assert resposta.data["cadastrarProfissional"]["profissional"]["especialidades"] == []
    achados = (await hospital.admin(BUSCAR, busca=entrada["nome"], conselho="COREN")).data["profissionais"]
    assert [um["node"]["registro"] for um in achados["edges"]] == ["COREN 778/AC"]
    achados = (await hospital.admin(BUSCAR, busca=entrada["nome"], conselho="CRM")).data["profissionais"]
    assert (achados["edges"], achados["totalCount"]) == ([], 0)


@pytest.mark.parametrize(
    ("mudanca", "codigo", "campo"),
    [
        ({"especialidades": [{"nome": " "}]}, "VALOR_INVALIDO", "especialidades.0.nome"),
        ({"especialidades": [{"nome": "a"}, {"nome": "b", "rqe": "x"}]}, "VALOR_INVALIDO", "especialidades.1.rqe"),
        ({"especialidades": [{"nome": f"Especialidade {n}"} for n in range(11)]}, "VALOR_INVALIDO", "especialidades"),
        ({"numero": "0"}, "VALOR_INVALIDO", "numero"),
        ({"numero": "12345678901"}, "VALOR_INVALIDO", "numero"),
        ({"numero": "12A"}, "VALOR_INVALIDO", "numero"),
        ({"numero": "١٢"}, "VALOR_INVALIDO", "numero"),
        ({"nome": ""}, "VALOR_INVALIDO", "nome"),
    ],
)
async def test_each_wrong_value_is_named(hospital: Hospital, mudanca, codigo: str, campo: str) -> None:
    resposta = await hospital.admin(CADASTRAR_PROFISSIONAL, input=_entrada(hospital, "CRM 888/AC", **mudanca))
    (erro,) = resposta.data["cadastrarProfissional"]["erros"]
    assert (erro["codigo"], erro["campo"]) == (codigo, ["input", *campo.split(".")])


@pytest.mark.como("paciente")
@pytest.mark.parametrize(
    ("busca", "esp"),
    [("álva", None), ("ALVARO quint", None), (None, "neurocirurgía"), ("quint", "NEUROCIRURGIA")],
)
async def test_found_by_starts_of_the_name_and_by_speciality(hospital: Hospital, pedir, busca, esp) -> None:
    cadastro = {
        **_entrada(hospital, "CRM 1/RR", nome="Álvaro Quintanilha", especialidades=[{"nome": "Neurocirurgia"}]),
        **hospital.registro(),
    }
    profissional = (await hospital.admin(CADASTRAR_PROFISSIONAL, input=cadastro)).data["cadastrarProfissional"][
        "profissional"
    ]
    achados = (await pedir(BUSCAR, busca=busca, esp=esp, first=100)).data["profissionais"]
    assert profissional["id"] in [edge["node"]["id"] for edge in achados["edges"]]
    assert achados["totalCount"] == len(achados["edges"])
    nada = (await pedir(BUSCAR, busca="quintanilha", esp="Pediatria")).data["profissionais"]
    assert (nada["edges"], nada["totalCount"]) == ([], 0)


@pytest.mark.como("recepcao")
async def test_paging_visits_each_once_by_name(pedir) -> None:
    vistos: list[str] = []
    after = None
    while True:
        pagina = (await pedir(BUSCAR, first=17, after=after)).data["profissionais"]
        vistos += [edge["node"]["id"] for edge in pagina["edges"]]
        if not pagina["pageInfo"]["hasNextPage"]:
            break
        after = pagina["pageInfo"]["endCursor"]
    assert len(vistos) == len(set(vistos)) == pagina["totalCount"] >= 40


async def test_a_cpf_is_one_profissionais_and_a_search_is_not_endless(hospital: Hospital) -> None:
    entrada = {**_entrada(hospital, "CRM 1/TO"), **hospital.registro()}
    assert (await hospital.admin(CADASTRAR_PROFISSIONAL, input=entrada)).recusas == []
    outro = {**entrada, **hospital.registro(uf="AP")}
    assert (await hospital.admin(CADASTRAR_PROFISSIONAL, input=outro)).recusas == ["CPF_JA_CADASTRADO"]
    assert (await hospital.admin(BUSCAR, esp="a" * 201, first=1)).codigos == ["REQUISICAO_INVALIDA"]


ATUALIZAR = (
    "mutation($input: AtualizarProfissionalInput!) { atualizarProfissional(input: $input)"
    " { profissional { nome ativo versao registro especialidades { nome rqe } } erros { codigo campo } } }"
)


async def test_a_registration_is_corrected_by_administrators_alone(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    mudanca = {
        "profissionalId": profissional.id,
        "nome": "Otávio Brandão Luz",
        "especialidades": [{"nome": "Urologia", "rqe": "77"}, {"nome": "Andrologia"}],
    }
    for quem in (hospital.recepcao, profissional.cliente):
        assert (await quem(ATUALIZAR, input=mudanca)).codigos == ["PROIBIDO"]
    novo = (await hospital.admin(ATUALIZAR, input=mudanca)).data["atualizarProfissional"]["profissional"]
    assert novo["nome"] == "Otávio Brandão Luz"
    assert [um["rqe"] for um in novo["especialidades"]] == ["77", None]
    assert (await profissional.cliente("{ eu { nome } }")).data["eu"]["nome"] == "Otávio Brandão Luz"
    velha = await hospital.admin(ATUALIZAR, input={**mudanca, "seVersao": novo["versao"] - 1, "nome": "Outro Nome"})
    assert velha.recusas == ["CONFLITO_DE_VERSAO"]
    assert velha.data["atualizarProfissional"]["profissional"]["nome"] == "Otávio Brandão Luz"
    assert (await hospital.admin(ATUALIZAR, input={"profissionalId": "prf_nenhum"})).recusas == ["NAO_ENCONTRADO"]


@pytest.mark.parametrize("como", ["profissional", "usuario"])
async def test_who_attends_no_more_is_booked_by_nobody_and_what_was_booked_is_listed(
    hospital: Hospital, como: str
) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    marcada = await hospital.consulta(paciente, profissional)
    if como == "profissional":
        feito = await hospital.admin(ATUALIZAR, input={"profissionalId": profissional.id, "ativo": False})
        assert feito.recusas == []
    else:
        usuario = (await profissional.cliente("{ eu { id } }")).data["eu"]["id"]
        parar = (
            'mutation($id: ID!) { desativarUsuario(usuarioId: $id, motivo: "mudou de cidade")'
            " { usuario { ativo } consultasFuturas { id paciente { nome } } erros { codigo } } }"
        )
        feito = await hospital.admin(parar, id=usuario)
        assert feito.data["desativarUsuario"]["consultasFuturas"] == [
            {"id": marcada, "paciente": {"nome": paciente.nome}}
        ]
    visto = (
        "query($id: ID!) { profissional(id: $id)"
        ' { ativo horariosDisponiveis(de: "2031-01-01", ate: "2031-01-03") { inicio } } consultas { totalCount } }'
    )
    achado = (await hospital.recepcao(visto, id=profissional.id)).data["profissional"]
    assert achado == {"ativo": False, "horariosDisponiveis": []}
    marcar = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    assert (await hospital.recepcao(AGENDAR, input=marcar)).recusas == ["FORA_DO_EXPEDIENTE"]
    uma = "query($id: ID!) { consulta(id: $id) { situacao profissional { nome } } }"
    assert (await paciente.cliente(uma, id=marcada)).data["consulta"]["situacao"] == "AGENDADA", "nothing is cancelled"
