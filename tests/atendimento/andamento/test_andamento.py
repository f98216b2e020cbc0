"""A consulta's day: what the clock allows, what a wrong click leads back to, and what the buttons say of both."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.atendimento.consultas.regras import CORRECOES, MAIS_PASSOS, cabe, inicios, origens
from sghss_graphql.atendimento.consultas.types import AcaoNaConsulta, Consulta, SituacaoDaConsulta
from sghss_graphql.cadastro.unidades.types import Modalidade
from sghss_graphql.machinery.database import Row, Transaction
from sghss_graphql.vocabulario.tempo import relogio
from tests.cadastro.cuidados.test_cuidados import compartilhar
from tests.hospital import (
    ATUALIZAR,
    CANCELAR,
    CONCLUIR,
    CONFIRMAR,
    CORRIGIR,
    FALTAR,
    INICIAR,
    REMARCAR,
    Cliente,
    Hospital,
    Pessoa,
    chave,
)

A, S = AcaoNaConsulta, SituacaoDaConsulta
ACOES = "query($id: ID!) { consulta(id: $id) { situacao acoes } }"
FUSOS = ("America/Sao_Paulo", "America/Santiago", "Europe/Lisbon", "Asia/Kathmandu", "Pacific/Apia", "UTC")
_INSTANTES = st.datetimes(datetime(2015, 1, 1), datetime(2031, 12, 31))  # noqa: DTZ001 - in UTC, as everything inside


def _local(instante: datetime, fuso: str) -> datetime:
    return instante.replace(tzinfo=UTC).astimezone(ZoneInfo(fuso))


def _slowly(acao: AcaoNaConsulta, inicio: datetime, instante: datetime, fuso: str) -> bool:
    """Say as the rules do, in their words, whether the clock allows this."""
    if acao in (A.CONFIRMAR, A.CANCELAR, A.REMARCAR, A.ATUALIZAR):
        return instante < inicio
    if acao is A.REGISTRAR_FALTA:
        return instante >= inicio
    if acao is A.INICIAR:
        return _local(instante, fuso).date() >= _local(inicio, fuso).date() and instante <= inicio + timedelta(hours=12)
    return True


@given(_INSTANTES, st.integers(-2 * 86_400, 2 * 86_400), st.sampled_from(FUSOS), st.sampled_from(A))
def test_the_clock_is_as_the_rules_say_in_every_time_zone(
    instante: datetime, seconds: int, fuso: str, acao: AcaoNaConsulta
) -> None:
    inicio = instante + timedelta(seconds=seconds)
    quando = inicios(acao, fuso, instante)
    assert (quando.inicio <= inicio < quando.fim) is _slowly(acao, inicio, instante, fuso)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
@pytest.mark.parametrize("acao", list(A), ids=str)
def test_to_the_second(acao: AcaoNaConsulta, seconds: int) -> None:
    """At the start itself, at the end of twelve hours, and at midnight."""
    for inicio, instante in (
        (datetime(2030, 6, 3, 12), datetime(2030, 6, 3, 12)),  # noqa: DTZ001 - in UTC, as everything inside
        (datetime(2030, 6, 3, 12), datetime(2030, 6, 4, 0)),  # noqa: DTZ001 - as above
        (datetime(2030, 6, 3, 12), datetime(2030, 6, 3, 3)),  # noqa: DTZ001 - as above: midnight in São Paulo
    ):
        agora = instante + timedelta(seconds=seconds)
        quando = inicios(acao, "America/Sao_Paulo", agora)
        assert (quando.inicio <= inicio < quando.fim) is _slowly(acao, inicio, agora, "America/Sao_Paulo")


def _consulta(situacao: SituacaoDaConsulta, inicio: datetime) -> Consulta:
    return Consulta(
        chave=bytes(16), paciente_chave=bytes(16), profissional_chave=bytes(16), versao=1, inicio=inicio,
        fim=inicio + timedelta(minutes=30), situacao=situacao, modalidade=Modalidade.PRESENCIAL, motivo=None,
        criado_em=inicio, unidade_chave=bytes(16),
    )  # fmt: skip


def test_a_refusal_by_the_clock_says_when_it_will_be_possible() -> None:
    inicio = datetime(2030, 6, 3, 12)  # noqa: DTZ001 - in UTC, as everything inside
    marcada = _consulta(S.AGENDADA, inicio)
    for acao, instante, dito in (
        (A.REGISTRAR_FALTA, inicio - timedelta(hours=1), "03/06/2030 09:00"),
        (A.INICIAR, inicio - timedelta(days=1), "03/06/2030 00:00"),
        (A.INICIAR, inicio + timedelta(days=1), "03/06/2030 21:00"),
        (A.CANCELAR, inicio + timedelta(minutes=1), "03/06/2030 09:00"),
    ):
        recusa = cabe(acao, marcada, "America/Sao_Paulo", instante)
        assert recusa is not None
        assert dito in recusa.mensagem


def test_a_wrong_click_is_mended_on_its_own_local_day() -> None:
    passo = datetime(2030, 6, 4, 2, 30)  # noqa: DTZ001 - in UTC: 23:30 of 3 June in São Paulo
    faltou = _consulta(S.FALTOU, datetime(2030, 6, 3, 12))  # noqa: DTZ001 - as above
    mesmo_dia, outro_dia = passo + timedelta(minutes=29), passo + timedelta(minutes=30)
    assert cabe(A.CORRIGIR_SITUACAO, faltou, "America/Sao_Paulo", mesmo_dia, passo) is None
    assert cabe(A.CORRIGIR_SITUACAO, faltou, "America/Sao_Paulo", outro_dia, passo) is not None
    assert cabe(A.CORRIGIR_SITUACAO, faltou, "UTC", outro_dia, passo) is None


async def _par(hospital: Hospital) -> tuple[Pessoa, Pessoa, str]:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, profissional)
    return profissional, paciente, consulta


async def _corrigir(quem: Cliente, consulta: str, para: str, **mais: Any) -> Any:
    return await quem(CORRIGIR, input={"consultaId": consulta, "para": para, "justificativa": "engano", **mais})


@contextmanager
def _adiante(quanto: timedelta) -> Iterator[None]:
    relogio.adiantado = quanto
    try:
        yield
    finally:
        relogio.adiantado = timedelta()


async def test_an_absence_is_not_registered_before_nor_a_start_on_another_day(hospital: Hospital) -> None:
    profissional, _, consulta = await _par(hospital)
    await hospital.comeca(consulta, timedelta(days=7))
    for mutation in (FALTAR, INICIAR):
        assert (await profissional.cliente(mutation, id=consulta)).recusas == ["TRANSICAO_INVALIDA"]
    await hospital.comeca(consulta, -timedelta(hours=13))
    assert (await profissional.cliente(INICIAR, id=consulta)).recusas == ["TRANSICAO_INVALIDA"]
    assert (await profissional.cliente(FALTAR, id=consulta)).recusas == []


async def test_what_has_begun_is_neither_cancelled_nor_moved_nor_confirmed(hospital: Hospital) -> None:
    _, paciente, consulta = await _par(hospital)
    await hospital.comecou(consulta)
    for quem in (paciente.cliente, hospital.recepcao):
        cancelar = {"consultaId": consulta, "motivo": "x"}
        mover = {"consultaId": consulta, "inicio": hospital.instante()}
        for resposta in (
            await quem(CANCELAR, input=cancelar),
            await quem(REMARCAR, input=mover),
            await quem(ATUALIZAR, input={"consultaId": consulta, "motivo": "outro"}),
            await quem(CONFIRMAR, id=consulta),
        ):
            assert resposta.recusas == ["TRANSICAO_INVALIDA"]


async def test_a_wrong_click_is_mended_and_the_history_tells(hospital: Hospital) -> None:
    profissional, _, consulta = await _par(hospital)
    await hospital.comecou(consulta)
    assert (await hospital.recepcao(FALTAR, id=consulta)).recusas == []
    errada = await _corrigir(hospital.recepcao, consulta, "REALIZADA")
    (erro,) = errada.data["corrigirSituacao"]["erros"]
    assert (erro["codigo"], erro["campo"]) == ("VALOR_INVALIDO", ["input", "para"])
    assert "CONFIRMADA" in erro["mensagem"]
    assert (await _corrigir(hospital.recepcao, consulta, "CONFIRMADA")).recusas == []
    assert (await profissional.cliente(INICIAR, id=consulta)).recusas == []
    assert (await profissional.cliente(CONCLUIR, id=consulta)).recusas == []
    assert (await _corrigir(profissional.cliente, consulta, "EM_ATENDIMENTO")).recusas == []
    feita = (await _corrigir(profissional.cliente, consulta, "CONFIRMADA")).data["corrigirSituacao"]["consulta"]
    passos = [(passo["situacao"], passo["motivo"]) for passo in feita["historico"]]
    assert passos[1:] == [
        ("FALTOU", None), ("CONFIRMADA", "engano"), ("EM_ATENDIMENTO", None), ("REALIZADA", None),
        ("EM_ATENDIMENTO", "engano"), ("CONFIRMADA", "engano"),
    ]  # fmt: skip
    assert (await _corrigir(profissional.cliente, consulta, "AGENDADA")).recusas == ["TRANSICAO_INVALIDA"]


async def test_a_correction_says_why_and_is_for_who_attends_or_staff(hospital: Hospital) -> None:
    profissional, paciente, consulta = await _par(hospital)
    colega = await hospital.profissional()
    assert (await compartilhar(paciente.cliente, paciente.id, colega.id)).recusas == []
    await hospital.comecou(consulta)
    assert (await profissional.cliente(FALTAR, id=consulta)).recusas == []
    for justificativa in ("", "  ", "x" * 1_001):
        resposta = await _corrigir(hospital.recepcao, consulta, "CONFIRMADA", justificativa=justificativa)
        (erro,) = resposta.data["corrigirSituacao"]["erros"]
        assert (erro["codigo"], erro["campo"]) == ("VALOR_INVALIDO", ["input", "justificativa"])
    assert (await _corrigir(paciente.cliente, consulta, "CONFIRMADA")).codigos == ["PROIBIDO"]
    assert (await _corrigir(colega.cliente, consulta, "CONFIRMADA")).codigos == ["PROIBIDO"]
    velha = await _corrigir(profissional.cliente, consulta, "CONFIRMADA", seVersao=1)
    assert velha.recusas == ["CONFLITO_DE_VERSAO"]
    assert (await _corrigir(profissional.cliente, consulta, "CONFIRMADA", seVersao=2)).recusas == []


async def test_on_the_next_day_nothing_is_mended(hospital: Hospital) -> None:
    profissional, _, consulta = await _par(hospital)
    await hospital.comecou(consulta)
    assert (await profissional.cliente(FALTAR, id=consulta)).recusas == []
    with _adiante(timedelta(days=1)):
        depois = await hospital.ninguem.entrar(profissional.cpf, "um-cavalo-7-bateria")
        assert "CORRIGIR_SITUACAO" not in (await depois(ACOES, id=consulta)).data["consulta"]["acoes"]
        assert (await _corrigir(depois, consulta, "CONFIRMADA")).recusas == ["TRANSICAO_INVALIDA"]


async def test_who_was_missed_by_mistake_is_in_care_again(hospital: Hospital) -> None:
    profissional, paciente, consulta = await _par(hospital)
    registro = {"pacienteId": paciente.id, "tipo": "EVOLUCAO", "texto": "Veio."}
    escrever = "mutation($i: AdicionarProntuarioInput!) { adicionarProntuario(input: $i) { erros { codigo } } }"
    await hospital.comecou(consulta)
    assert (await profissional.cliente(FALTAR, id=consulta)).recusas == []
    antes = await profissional.cliente(escrever, i=registro)
    assert antes.codigos == ["PROIBIDO"] or antes.recusas == ["NAO_ENCONTRADO"]
    assert (await _corrigir(profissional.cliente, consulta, "CONFIRMADA")).recusas == []
    assert (await profissional.cliente(escrever, i=registro)).recusas == []


async def test_a_consulta_that_gave_no_care_gives_none_by_being_mended(hospital: Hospital) -> None:
    profissional, _, consulta = await _par(hospital)
    await hospital.dono.transaction(
        lambda tx: tx.execute("DELETE FROM cuidado WHERE origem_id = %(c)s", c=chave(consulta))
    )
    await hospital.comecou(consulta)
    assert (await profissional.cliente(FALTAR, id=consulta)).recusas == []
    assert (await _corrigir(profissional.cliente, consulta, "CONFIRMADA")).recusas == []
    acoes = (await profissional.cliente(ACOES, id=consulta)).data["consulta"]["acoes"]
    assert not {"LER_PRONTUARIO", "ESCREVER_PRONTUARIO"} & set(acoes)


async def test_reason_and_modality_are_corrected_and_nothing_is_no_change(hospital: Hospital) -> None:
    _, paciente, consulta = await _par(hospital)
    vista = await paciente.cliente(ATUALIZAR, input={"consultaId": consulta, "motivo": "Dor", "modalidade": None})
    assert vista.data["atualizarConsulta"]["consulta"]["motivo"] == "Dor"
    igual = await paciente.cliente(ATUALIZAR, input={"consultaId": consulta, "motivo": "Dor"})
    assert igual.recusas == ["VALOR_INVALIDO"]
    outra = {"consultaId": consulta, "modalidade": "TELECONSULTA", "seVersao": 1}
    assert (await paciente.cliente(ATUALIZAR, input=outra)).recusas == ["CONFLITO_DE_VERSAO"]
    feita = await paciente.cliente(ATUALIZAR, input={**outra, "motivo": None, "seVersao": 2})
    depois = feita.data["atualizarConsulta"]["consulta"]
    assert (depois["modalidade"], depois["motivo"]) == ("TELECONSULTA", None)
    longo = await paciente.cliente(ATUALIZAR, input={"consultaId": consulta, "motivo": "x" * 1_001})
    assert longo.recusas == ["VALOR_INVALIDO"]


async def test_a_consulta_tells_its_local_day_and_hour(hospital: Hospital) -> None:
    profissional = await hospital.profissional(fuso="America/Manaus")
    consulta = await hospital.consulta(await hospital.paciente(), profissional, "2031-01-02T02:30:00Z")
    vista = await profissional.cliente("query($id: ID!) { consulta(id: $id) { dia hora fuso } }", id=consulta)
    assert vista.data["consulta"] == {"dia": "2031-01-01", "hora": "22:30", "fuso": "America/Manaus"}


def test_every_correction_leads_back_to_where_it_may_have_come_from() -> None:
    assert {S.FALTOU: S.CONFIRMADA, S.REALIZADA: S.EM_ATENDIMENTO, S.EM_ATENDIMENTO: S.CONFIRMADA} == CORRECOES
    assert origens(A.CORRIGIR_SITUACAO) == frozenset(CORRECOES)


# ───────────────────────── what the buttons say, and what happens when they are pressed ─────────────────────────
_CLOCKS = (timedelta(days=2), timedelta(minutes=30), -timedelta(minutes=10), -timedelta(hours=13))
Press = Callable[[Cliente, Hospital, str, str], Awaitable[Any]]


def _by_id(mutation: str) -> Press:
    async def press(quem: Cliente, hospital: Hospital, consulta: str, situacao: str) -> Any:
        return await quem(mutation, id=consulta)

    return press


async def _mend(quem: Cliente, hospital: Hospital, consulta: str, situacao: str) -> Any:
    destino = CORRECOES.get(S[situacao], S.CONFIRMADA)
    return await _corrigir(quem, consulta, destino.name)


PRESS: dict[AcaoNaConsulta, Press] = {
    A.ATUALIZAR: lambda quem, hospital, consulta, _: quem(
        ATUALIZAR, input={"consultaId": consulta, "motivo": hospital.nome()}
    ),
    A.REMARCAR: lambda quem, hospital, consulta, _: quem(
        REMARCAR, input={"consultaId": consulta, "inicio": hospital.instante()}
    ),
    A.CANCELAR: lambda quem, hospital, consulta, _: quem(CANCELAR, input={"consultaId": consulta, "motivo": "x"}),
    A.CONFIRMAR: _by_id(CONFIRMAR),
    A.INICIAR: _by_id(INICIAR),
    A.CONCLUIR: _by_id(CONCLUIR),
    A.REGISTRAR_FALTA: _by_id(FALTAR),
    A.CORRIGIR_SITUACAO: _mend,
}
_READ = "query($id: ID!) { consulta(id: $id) { paciente { prontuarios(first: 1) { edges { node { id } } } } } }"


class _Case:
    """A consulta that is put into any state at any time, and back into it."""

    def __init__(self, hospital: Hospital, consulta: str) -> None:
        self._hospital = hospital
        self._consulta = consulta
        self._care: list[Row] = []

    async def begin(self) -> None:
        self._care = await self._hospital.dono.select(
            "SELECT origem_id, profissional_id, paciente_id, fonte, ate, espelho FROM cuidado WHERE origem_id = %(c)s",
            c=chave(self._consulta),
        )

    async def put(self, situacao: str, em: timedelta) -> None:
        inicio = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + em

        async def work(tx: Transaction) -> None:
            dela = {"c": chave(self._consulta)}
            tx.write(
                "UPDATE consulta SET situacao = %(situacao)s, inicio = %(inicio)s, fim = %(fim)s WHERE id = %(c)s",
                situacao=situacao,
                inicio=inicio,
                fim=inicio + timedelta(minutes=30),
                **dela,
            )
            tx.write("DELETE FROM tempo WHERE consulta_id = %(c)s", **dela)
            tx.write("DELETE FROM cuidado WHERE origem_id = %(c)s", **dela)
            tx.write_rows(
                "INSERT INTO cuidado (origem_id, profissional_id, paciente_id, fonte, ate, espelho) VALUES %(rows)s",
                self._care,
            )

        await self._hospital.dono.transaction(work)


@pytest.mark.parametrize("who", ["paciente", "profissional", "colega", "recepcao", "admin", "ambos"])
async def test_what_the_buttons_say_is_what_happens(hospital: Hospital, who: str) -> None:
    """Every state, at every time, by everyone who sees the consulta: each mutation is executed, and put back."""
    profissional, colega = await hospital.profissional(), await hospital.profissional()
    atende = await hospital.profissional()
    paciente = await (hospital.tambem_paciente(atende) if who == "ambos" else hospital.paciente())
    consulta = await hospital.consulta(paciente, profissional)
    assert (await compartilhar(paciente.cliente, paciente.id, colega.id)).recusas == []
    people = {
        "paciente": paciente.cliente,
        "profissional": profissional.cliente,
        "colega": colega.cliente,
        "recepcao": hospital.recepcao,
        "admin": hospital.admin,
        "ambos": paciente.cliente,
    }
    case, quem = _Case(hospital, consulta), people[who]
    await case.begin()
    for situacao in S:
        for em in _CLOCKS:
            await case.put(situacao.name, em)
            said = set((await quem(ACOES, id=consulta)).data["consulta"]["acoes"])
            done = set()
            for acao, press in PRESS.items():
                resposta = await press(quem, hospital, consulta, situacao.name)
                if not resposta.codigos and not resposta.recusas:
                    done.add(acao.name)
                await case.put(situacao.name, em)
            assert said - {"LER_PRONTUARIO", "ESCREVER_PRONTUARIO"} == done, (situacao, em)
    lido = await quem(_READ, id=consulta)
    assert ("LER_PRONTUARIO" in said) is (not lido.codigos)


@pytest.mark.parametrize("who", ["profissional", "recepcao"])
async def test_for_whom_nobody_books_any_more_nothing_is_confirmed_or_moved(hospital: Hospital, who: str) -> None:
    profissional, paciente, consulta = await _par(hospital)
    quem = profissional.cliente if who == "profissional" else hospital.recepcao
    antes = (await quem(ACOES, id=consulta)).data["consulta"]["acoes"]
    assert {"CONFIRMAR", "REMARCAR", "CANCELAR"} <= set(antes)
    obito = "mutation($i: AtualizarPacienteInput!) { atualizarPaciente(input: $i) { erros { codigo } } }"
    morreu = {"pacienteId": paciente.id, "obitoEm": "2026-01-01"}
    assert (await hospital.recepcao(obito, i=morreu)).recusas == []
    depois = set((await quem(ACOES, id=consulta)).data["consulta"]["acoes"])
    assert {"CANCELAR"} == depois & {"CONFIRMAR", "REMARCAR", "CANCELAR"}
    assert (await quem(CONFIRMAR, id=consulta)).recusas == ["VALOR_INVALIDO"]
    mover = {"consultaId": consulta, "inicio": hospital.instante()}
    assert (await quem(REMARCAR, input=mover)).recusas == ["VALOR_INVALIDO"]


async def test_what_is_of_who_stopped_attending_goes_to_another_and_to_no_other_time(hospital: Hospital) -> None:
    profissional, _, consulta = await _par(hospital)
    parar = "mutation($i: AtualizarProfissionalInput!) { atualizarProfissional(input: $i) { erros { codigo } } }"
    assert (await hospital.admin(parar, i={"profissionalId": profissional.id, "ativo": False})).recusas == []
    acoes = (await hospital.recepcao(ACOES, id=consulta)).data["consulta"]["acoes"]
    assert {"REMARCAR", "CANCELAR"} <= set(acoes)
    mover = {"consultaId": consulta, "inicio": hospital.instante()}
    assert (await hospital.recepcao(REMARCAR, input=mover)).recusas == ["FORA_DO_EXPEDIENTE"]
    a_outro = {**mover, "profissionalId": (await hospital.profissional()).id}
    assert (await hospital.recepcao(REMARCAR, input=a_outro)).recusas == []


async def test_a_consulta_that_was_moved_again_and_again_is_moved_no_more(hospital: Hospital) -> None:
    """Its history has an end, and can still be told: whoever comes is attended."""
    profissional, paciente, consulta = await _par(hospital)
    recusas: list[list[str]] = []
    for _ in range(MAIS_PASSOS + 2):
        mover = {"consultaId": consulta, "inicio": hospital.instante()}
        recusas.append((await paciente.cliente(REMARCAR, input=mover)).recusas)
    assert recusas[0] == []
    assert recusas[-1] == ["TRANSICAO_INVALIDA"]
    assert not {"REMARCAR", "ATUALIZAR", "CONFIRMAR"} & set(
        (await paciente.cliente(ACOES, id=consulta)).data["consulta"]["acoes"]
    )
    await hospital.comecou(consulta)
    assert (await profissional.cliente(INICIAR, id=consulta)).recusas == []
    feita = (await profissional.cliente(CONCLUIR, id=consulta)).data["concluirConsulta"]["consulta"]
    assert len(feita["historico"]) <= MAIS_PASSOS
