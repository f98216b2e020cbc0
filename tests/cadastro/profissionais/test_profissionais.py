"""Registering profissionais, and finding them."""

import asyncio

import pytest

from tests.hospital import CADASTRAR_PROFISSIONAL, SENHA_DE_TESTE, Hospital

BUSCAR = (
    "query($busca: String, $esp: String, $first: Int, $after: String)"
    " { profissionais(busca: $busca, especialidade: $esp, first: $first, after: $after) { totalCount"
    " pageInfo { hasNextPage endCursor } edges { node { id nome crm especialidades } } } }"
)


def _entrada(hospital: Hospital, crm: str, **dados: object) -> dict[str, object]:
    return {
        "cpf": hospital.cpf(),
        "nome": hospital.nome(),
        "crm": crm,
        "especialidades": ["Urologia"],
        "senha": SENHA_DE_TESTE,
        **dados,
    }


async def test_a_crm_is_kept_in_one_form_and_belongs_to_one_profissional(hospital: Hospital) -> None:
    resposta = await hospital.admin(CADASTRAR_PROFISSIONAL, input=_entrada(hospital, "0012345/ac"))
    assert resposta.data["cadastrarProfissional"]["profissional"]["crm"] == "12345/AC"
    for crm in ("12345/AC", "12345-AC", "012345/ac"):
        resposta = await hospital.admin(CADASTRAR_PROFISSIONAL, input=_entrada(hospital, crm))
        assert resposta.recusas == ["CRM_JA_CADASTRADO"]
    assert (await hospital.admin(CADASTRAR_PROFISSIONAL, input=_entrada(hospital, "12345/AM"))).recusas == []


async def test_of_many_registrations_of_one_crm_at_once_one_wins(hospital: Hospital) -> None:
    entradas = [_entrada(hospital, "54321/AC") for _ in range(6)]
    respostas = await asyncio.gather(*(hospital.admin(CADASTRAR_PROFISSIONAL, input=entrada) for entrada in entradas))
    assert sorted(resposta.recusas for resposta in respostas) == [[]] + [["CRM_JA_CADASTRADO"]] * 5


async def test_specialities_keep_their_order_and_count_once(hospital: Hospital) -> None:
    nomes = ["Cirurgia  Geral", "Oncologia", "cirurgia geral", "Mastologia"]
    resposta = await hospital.admin(CADASTRAR_PROFISSIONAL, input=_entrada(hospital, "777/AC", especialidades=nomes))
    profissional = resposta.data["cadastrarProfissional"]["profissional"]
    assert profissional["especialidades"] == ["Cirurgia Geral", "Oncologia", "Mastologia"]


@pytest.mark.parametrize(
    ("mudanca", "codigo", "campo"),
    [
        ({"especialidades": []}, "VALOR_INVALIDO", "especialidades"),
        ({"especialidades": [" "]}, "VALOR_INVALIDO", "especialidades"),
        ({"especialidades": [f"Especialidade {n}" for n in range(11)]}, "VALOR_INVALIDO", "especialidades"),
        ({"senha": "12345678"}, "SENHA_FRACA", "senha"),
        ({"nome": ""}, "VALOR_INVALIDO", "nome"),
    ],
)
async def test_each_wrong_value_is_named(hospital: Hospital, mudanca, codigo: str, campo: str) -> None:
    resposta = await hospital.admin(CADASTRAR_PROFISSIONAL, input=_entrada(hospital, "888/AC", **mudanca))
    (erro,) = resposta.data["cadastrarProfissional"]["erros"]
    assert (erro["codigo"], erro["campo"]) == (codigo, ["input", campo])


@pytest.mark.como("paciente")
@pytest.mark.parametrize(
    ("busca", "esp"),
    [("álva", None), ("ALVARO quint", None), (None, "neurocirurgía"), ("quint", "NEUROCIRURGIA")],
)
async def test_found_by_starts_of_the_name_and_by_speciality(hospital: Hospital, pedir, busca, esp) -> None:
    cadastro = _entrada(
        hospital, f"{int(hospital.cpf()[:6]) + 1}/RR", nome="Álvaro Quintanilha", especialidades=["Neurocirurgia"]
    )
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
    entrada = _entrada(hospital, f"{int(hospital.cpf()[:6])}/TO")
    assert (await hospital.admin(CADASTRAR_PROFISSIONAL, input=entrada)).recusas == []
    outro = {**entrada, "crm": f"{int(hospital.cpf()[:6])}/AP"}
    assert (await hospital.admin(CADASTRAR_PROFISSIONAL, input=outro)).recusas == ["CPF_JA_CADASTRADO"]
    assert (await hospital.admin(BUSCAR, esp="a" * 201, first=1)).codigos == ["REQUISICAO_INVALIDA"]
