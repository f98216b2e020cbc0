"""A clerk finds somebody by whatever is known of them, and whoever was meant stands first."""

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.cadastro.pacientes.regras import escrever_numero, idade, ler_numero
from sghss_graphql.cadastro.pacientes.regras.busca import Busca, Numero, ler_busca
from sghss_graphql.vocabulario.texto import MAIOR_BUSCA, ordem, palavras
from tests.hospital import CADASTRAR_PACIENTE, Hospital
from tests.machinery.engine.steps import steps

BUSCAR = (
    "query($busca: String, $filtro: FiltroDePacientes, $first: Int, $after: String, $last: Int, $before: String)"
    " { pacientes(busca: $busca, filtro: $filtro, first: $first, after: $after, last: $last, before: $before)"
    " { totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor } edges { node { id nome nomeSocial"
    " numero } } } }"
)
FICHA = {
    "nome": "Iracema Quitéria Søndergård",
    "nomeSocial": "Cema",
    "nomeDaMae": "Jandira Œnone dos Prazeres",
    "nascimento": "1951-03-12",
    "telefone": "(68) 99234-8877",
    "documentosDeIdentificacao": [
        {"tipo": "PASSAPORTE", "numero": "FN123789"},
        {"tipo": "RG", "numero": "98.765.432-X"},
        {"tipo": "RNM", "numero": "V987654-3"},
    ],
}


@pytest.fixture(scope="module")
async def ela(hospital: Hospital) -> dict[str, str]:
    entrada = {**FICHA, "cpf": hospital.cpf(), "cns": hospital.cns()}
    campos = CADASTRAR_PACIENTE.replace("{ paciente { id", "{ paciente { numero id")
    feita = (await hospital.recepcao(campos, input=entrada)).data["cadastrarPaciente"]
    assert feita["erros"] == []
    return {**feita["paciente"], "cpf": entrada["cpf"], "cns": entrada["cns"]}


async def _achados(hospital: Hospital, busca: str | None, **filtro: str) -> list[str]:
    achados = (await hospital.recepcao(BUSCAR, busca=busca, filtro=filtro or None, first=100)).data["pacientes"]
    ids = [edge["node"]["id"] for edge in achados["edges"]]
    assert achados["totalCount"] == len(ids)
    return ids


@pytest.mark.parametrize(
    "busca",
    [
        *("tel. (68) 99234-8877", "Telefone: 68 99234 8877", "cel 99234-8877", "iracema tel 8877", "iracema, 8877"),
        *("RG 98.765.432-X", "rg: 98765432X", "passaporte FN123789", "Passaporte nº FN 123789", "RNM V987654-3"),
        *("Iracema nasc. 12/03/1951", "nascida em 12/03/1951 iracema", "DN: 12/03/1951 cema", "iracema,8877"),
        *(
            "iracema\u00a0sondergard",
            "99234\u20118877 iracema",
            "irac 12\u201303\u20131951",
            "(68)\u00a099234\u20138877",
        ),
        *("irac data de nascimento: 12/03/1951", "cema dt nasc 12 / 03 / 1951", "iracema nasceu em 12/03/1951"),
        *("celular/whatsapp: 99234-8877", "rg SP-98.765.432-X", "99234\u20158877 iracema"),
        *("iracema\u200b 8877", "FN123789, iracema; quiteria"),
    ],
)
async def test_she_is_found_as_people_write(hospital: Hospital, ela: dict[str, str], busca: str) -> None:
    assert await _achados(hospital, busca) == [ela["id"]]


@pytest.mark.parametrize(
    ("nome", "buscas"),
    [
        (
            "Zélia D'Ávila",
            ("zelia davila", "d'avila zelia", "avila zelia", "zelia d\u2019avila", "D'ÁVILA zelia", "zelia davil"),
        ),
        ("Zenaide Sant\u2019Anna", ("zenaide santanna", "sant'anna zenaide", "santann zenaide", "anna zenaide")),
        ("Zuleica O\u02bcBrien", ("zuleica obrien", "o'brien zuleica", "zuleica brien")),
        ("Zora Rita-Kleide", ("zora ritakleide", "rita-kleide zora", "zora rita kleide", "kleide zora")),
    ],
)
async def test_a_word_in_two_pieces_is_found_in_one(hospital: Hospital, nome: str, buscas: tuple[str, ...]) -> None:
    feita = await hospital.recepcao(CADASTRAR_PACIENTE, input={"nome": nome, "mesmoSeDuplicado": True})
    id = feita.data["cadastrarPaciente"]["paciente"]["id"]
    for busca in (nome, *buscas):
        assert await _achados(hospital, busca) == [id], busca


@pytest.mark.parametrize(
    "nome", ["Em", "Nasc", "Dn", "Num", "Livro", "Folha", "Cel", "Tel", "Termo", "Fone Matrícula", "Sus Em"]
)
async def test_whoever_is_called_like_a_label_is_found_by_the_end_of_a_phone(hospital: Hospital, nome: str) -> None:
    final = f"{4_000 + len(nome) * 37 + ord(nome[0])}"
    ficha = {"nome": f"{nome} Rotulada", "telefone": f"(68) 99231-{final}", "mesmoSeDuplicado": True}
    id = (await hospital.recepcao(CADASTRAR_PACIENTE, input=ficha)).data["cadastrarPaciente"]["paciente"]["id"]
    for busca in (f"{nome} {final}", f"{nome.lower()} rotulada {final}", f"{final} {nome}", f"{nome} rotulada"):
        assert id in await _achados(hospital, busca), busca


async def test_a_document_is_found_by_its_digits_and_by_its_pieces(hospital: Hospital) -> None:
    documentos = [
        {"tipo": "RG", "numero": "MG-19.345.678"},
        {"tipo": "CERTIDAO_DE_NASCIMENTO", "numero": "Livro A-127 Folha 333 Termo 45671"},
    ]
    ficha = {"nome": "Zuma Certa", "documentosDeIdentificacao": documentos}
    id = (await hospital.recepcao(CADASTRAR_PACIENTE, input=ficha)).data["cadastrarPaciente"]["paciente"]["id"]
    for busca in (
        "MG-19.345.678",
        "RG MG 19345678",
        "19.345.678",
        "identidade nº 19345678",
        "livro A-127, folha 333, termo 45671",
        "termo 45671",
    ):
        assert await _achados(hospital, busca) == [id], busca


@pytest.mark.parametrize(
    "busca",
    [
        *(
            "iracema sondergard",
            "SONDERG",
            "cema quiteria",
            "irac 12/03/1951",
            "12/03/1951 cema",
            "quiteria 1951-03-12",
        ),
        *("12-03-1951 irac", "(68) 99234-8877", "68992348877", "992348877", "99234-8877", "+55 68 99234-8877"),
        *("068 99234-8877", "irac 8877", "8877 iracema", "fn123789", "FN123789", "98.765.432-X", "98765432x"),
        *("V9876543", "v987654-3", "iracema FN123789", "12/03/1951 99234-8877"),
        *(
            "FN 123789",
            "fn 123.789",
            "iracema FN 123789",
            "V 987654-3",
            "iracema (68) 99234 8877 8877",
            "99234-8877 FN123789",
        ),
    ],
)
async def test_she_is_found_by(hospital: Hospital, ela: dict[str, str], busca: str) -> None:
    assert await _achados(hospital, busca) == [ela["id"]]


@pytest.mark.parametrize(
    "busca",
    [
        *("8877", "iracema 8878", "iracema 13/03/1951", "31/02/1951 iracema", "FN12378", "iracema inexistente"),
        *("98765432", "234-8877", "jandira prazeres", "...", "iracema 12/03/1951 joana"),
    ],
)
async def test_she_is_not_found_by(hospital: Hospital, ela: dict[str, str], busca: str) -> None:
    assert ela["id"] not in await _achados(hospital, busca)


async def test_the_last_digits_of_a_phone_may_begin_with_a_zero(hospital: Hospital) -> None:
    ficha = {"nome": "Zoraide Quirina Zero", "telefone": "(68) 99234-0077"}
    feita = (await hospital.recepcao(CADASTRAR_PACIENTE, input=ficha)).data["cadastrarPaciente"]["paciente"]
    assert await _achados(hospital, "zoraide quirina", telefone="0077") == [feita["id"]]
    assert await _achados(hospital, "zoraide 0077") == [feita["id"]]


async def test_she_is_found_by_her_numbers(hospital: Hospital, ela: dict[str, str]) -> None:
    cpf, cns, numero = ela["cpf"], ela["cns"], ela["numero"]
    escritos = [cpf, f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}", f"{cpf[:3]} {cpf[3:6]} {cpf[6:9]} {cpf[9:]}", cns]
    rotulados = [f"CPF: {cpf}", f"cpf nº {escritos[1]}", f"CNS {cns}", f"Cartão SUS: {cns}", f"prontuário {numero}"]
    juntos = [
        f"{numero} 99234-8877",
        *rotulados,
        f"{cpf} 99234-8877",
        f"99234-8877 {escritos[1]}",
        f"{numero} (68) 99234-8877",
        f"{cns} {cpf}",
    ]
    for busca in (*escritos, *juntos, numero, numero.replace("-", ""), f"iracema {numero}", f"{cpf} 12/03/1951"):
        assert await _achados(hospital, busca) == [ela["id"]], busca
    errado = numero[:-1] + str((int(numero[-1]) + 1) % 10)
    assert ela["id"] not in await _achados(hospital, errado)


@pytest.mark.parametrize(
    "filtro",
    [
        {"nomeDaMae": "jandira"},
        {"nomeDaMae": "prazeres oenone"},
        {"nascimento": "1951-03-12"},
        {"telefone": "(68) 99234-8877"},
        {"telefone": "99234-8877"},
        {"telefone": "8877", "nomeDaMae": "jand"},
    ],
)
async def test_she_is_found_field_by_field(hospital: Hospital, ela: dict[str, str], filtro: dict[str, str]) -> None:
    assert await _achados(hospital, "iracema", **filtro) == [ela["id"]]
    assert ela["id"] in await _achados(hospital, None, **filtro)
    assert await _achados(hospital, "iracema", **{**filtro, "cpf": ela["cpf"], "numero": ela["numero"]}) == [ela["id"]]
    assert await _achados(hospital, "iracema", **{**filtro, "nascimento": "1951-03-13"}) == []
    assert await _achados(hospital, None, **{**filtro, "numero": "1-1"}) == []


@pytest.mark.parametrize("nome", ["RN2 de Zoraide", "Zoroastro 12 da Portaria", "Homem 40 Zacarino", "Zenóbio 3º Neto"])
async def test_a_digit_in_a_name_is_part_of_it(hospital: Hospital, nome: str) -> None:
    feita = await hospital.recepcao(CADASTRAR_PACIENTE, input={"nome": nome, "mesmoSeDuplicado": True})
    id = feita.data["cadastrarPaciente"]["paciente"]["id"]
    primeira, segunda, ultima = nome.split()[0], nome.split()[1], nome.split()[-1]
    for busca in (nome, f"{segunda} {primeira} {ultima}", f"{primeira} {ultima}", f"{ultima} {segunda} {primeira[:3]}"):
        assert id in await _achados(hospital, busca), busca


async def test_whoever_was_meant_stands_first(hospital: Hospital) -> None:
    nomes = [
        "Ubirajara Sá",
        "Abel Ubirajara de Sá",
        "Ubirajara Salvador",
        "Ubirajara Sá Zeferino",
        "Alda Sabino Ubirajarão",
    ]
    ids = {}
    for nome in nomes:
        feita = await hospital.recepcao(CADASTRAR_PACIENTE, input={"nome": nome, "nascimento": "1980-01-01"})
        ids[feita.data["cadastrarPaciente"]["paciente"]["id"]] = nome
    achados = [ids[id] for id in await _achados(hospital, "ubirajara sá")]
    assert achados == [
        "Ubirajara Sá", "Abel Ubirajara de Sá", "Ubirajara Sá Zeferino", "Alda Sabino Ubirajarão", "Ubirajara Salvador",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("nome", "busca"),
    [
        ("Vera D'Ávila", "vera davila"),
        ("Vera-Lúcia", "vera lucia"),
        ("Vera Jr.", "vera jr"),
        ("Vera 7", "vera 7"),
        ("Vera 3º", "vera 3º"),
        ("Verônica", "Vera Social"),
    ],
)
async def test_whoever_has_the_name_as_it_is_said_stands_first(hospital: Hospital, nome: str, busca: str) -> None:
    sinal = "Vkw" + "".join(chr(97 + ord(letra) % 26) for letra in nome)
    social = {"nomeSocial": f"{busca} {sinal}"} if "Social" in busca else {}
    for um in (f"Abel {busca} {sinal}", f"Aba {nome} {sinal}"):
        await hospital.recepcao(CADASTRAR_PACIENTE, input={"nome": um, "mesmoSeDuplicado": True})
    feita = await hospital.recepcao(CADASTRAR_PACIENTE, input={"nome": f"{nome} {sinal}", **social})
    id = feita.data["cadastrarPaciente"]["paciente"]["id"]
    assert (await _achados(hospital, f"{busca} {sinal}"))[0] == id


@pytest.mark.parametrize("busca", ["maria", "ana", "a", "maria s", "silva", "ana c", "m a", None])
async def test_pages_visit_everyone_once_the_better_matches_first_both_ways(
    hospital: Hospital, busca: str | None
) -> None:
    """By as much as a slow, obvious sort says."""
    adiante = [edge["node"] for edge in await _paginas(hospital, busca, ("first", "after", "endCursor", "hasNextPage"))]
    atras = await _paginas(hospital, busca, ("last", "before", "startCursor", "hasPreviousPage"))
    de_tras = list(itertools.chain.from_iterable(reversed(list(_em_paginas(atras)))))
    assert [edge["node"]["id"] for edge in de_tras] == [node["id"] for node in adiante]
    assert len({node["id"] for node in adiante}) == len(adiante) > 0

    def grau(node: dict[str, str]) -> tuple[int, str]:
        digitadas, dele = palavras(busca), set(palavras(node["nome"], node["nomeSocial"]))
        if not digitadas or ordem(node["nome"]) == ordem(busca or ""):
            return 0, ordem(node["nome"])
        return (1 if dele >= set(digitadas) else 2), ordem(node["nome"])

    assert [grau(node) for node in adiante] == sorted(map(grau, adiante))


_TAMANHO = 37


def _em_paginas(edges: list) -> list:
    return [edges[inicio : inicio + _TAMANHO] for inicio in range(0, len(edges), _TAMANHO)]


async def _paginas(hospital: Hospital, busca: str | None, nomes: tuple[str, str, str, str]) -> list:
    quantos, ponto, cursor, ha_mais = nomes
    achados: list = []
    variaveis: dict = {quantos: _TAMANHO}
    while True:
        pagina = (await hospital.recepcao(BUSCAR, busca=busca, **variaveis)).data["pacientes"]
        achados += pagina["edges"]
        if not pagina["pageInfo"][ha_mais]:
            assert len(achados) == pagina["totalCount"]
            return achados
        variaveis[ponto] = pagina["pageInfo"][cursor]


@given(st.integers(1, 999_999_999))
def test_a_number_is_read_as_it_is_written_and_a_slip_is_noticed(numero: int) -> None:
    """ISO/IEC 7064: every single wrong digit."""
    escrito = escrever_numero(numero)
    assert ler_numero(escrito) == ler_numero(escrito.replace("-", "")) == numero
    digitos = escrito.replace("-", "")
    for n, certo in enumerate(digitos):
        for errado in "0123456789":
            if errado != certo and not (n == 0 and errado == "0"):
                assert ler_numero(digitos[:n] + errado + digitos[n + 1 :]) is None


@pytest.mark.parametrize(
    ("nascimento", "hoje", "anos"),
    [
        (date(2000, 2, 29), date(2001, 2, 28), 0),
        (date(2000, 2, 29), date(2001, 3, 1), 1),
        (date(2000, 6, 15), date(2026, 6, 14), 25),
        (date(2000, 6, 15), date(2026, 6, 15), 26),
        (date(2026, 6, 15), date(2026, 6, 15), 0),
    ],
)
def test_years_are_full(nascimento: date, hoje: date, anos: int) -> None:
    assert idade(nascimento, hoje) == anos


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read(texto: str) -> None:
    lida = ler_busca(texto)
    assert lida is None or isinstance(lida, Busca)
    if lida is not None:
        assert all(numero != Numero() for numero in lida.numeros)


@pytest.mark.parametrize(
    "pedaco",
    [
        "1 ",
        "12 ",
        "1 - ",
        "ab 1 ",
        "1234 ",
        "(1) ",
        "n° ",
        "nº",
        "em ",
        "tel / ",
        "cpf: ",
        "d.n. ",
        "data de nascimento ",
    ],
)
def test_reading_what_was_typed_costs_what_it_holds(pedaco: str) -> None:
    """Numbers in however many pieces: some steps for each character, and no more for the last than for the first."""
    texto = (pedaco * MAIOR_BUSCA)[:MAIOR_BUSCA]
    assert steps(ler_busca, texto) <= 150 * MAIOR_BUSCA
