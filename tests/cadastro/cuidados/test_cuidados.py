"""Who is in whose care: by a consulta that somebody else made, by a share, by an emergency; never for longer."""

import asyncio
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario.tempo import relogio
from tests.hospital import (
    ADICIONAR,
    AGENDAR,
    CADASTRAR_FUNCIONARIO,
    CADASTRAR_PACIENTE,
    CANCELAR,
    FALTAR,
    REMARCAR,
    RETIFICAR,
    Cliente,
    Hospital,
    Pessoa,
    chave,
)
from tests.machinery.database.statements_log import explain, recorded

MANY = int(os.environ.get("SGHSS_EXAMPLES", "200"))
LER = "query($id: ID!) { prontuarios(pacienteId: $id) { totalCount } }"
VER = "query($id: ID!) { paciente(id: $id) { nome } }"
EMERGENCIA = (
    "mutation($input: AcessarEmEmergenciaInput!) { acessarEmEmergencia(input: $input) { acesso { id inicio ate"
    " encerradoEm justificativa paciente { id nome } profissional { id } } erros { codigo mensagem campo } } }"
)
ENCERRAR = (
    "mutation($id: ID!) { encerrarAcessoDeEmergencia(acessoId: $id) { acesso { id encerradoEm paciente { nome } }"
    " erros { codigo campo } } }"
)
COMPARTILHAR = (
    "mutation($input: CompartilharCuidadoInput!) { compartilharCuidado(input: $input) { cuidado { id ate motivo"
    " nomeDeQuem por { id } com { id } paciente { nome } } erros { codigo campo } } }"
)
DESCOMPARTILHAR = (
    "mutation($id: ID!) { encerrarCuidado(cuidadoId: $id) { cuidado { encerradoEm } erros { codigo campo } } }"
)
PORQUE = "Chegou inconsciente ao pronto-socorro, sem acompanhante."


def daqui_a(dias: float) -> str:
    return (datetime.now(UTC) + timedelta(days=dias)).isoformat()


async def cuida(profissional: Pessoa, paciente: str) -> bool:
    """Tell whether a profissional may write about a paciente: whoever has them in care may."""
    entrada = {"pacienteId": paciente, "tipo": "EVOLUCAO", "texto": "x"}
    resposta = await profissional.cliente(ADICIONAR, input=entrada)
    return resposta.codigos == [] and resposta.recusas == []


async def emergencia(profissional: Pessoa, paciente: str, porque: str = PORQUE) -> Any:
    return await profissional.cliente(EMERGENCIA, input={"pacienteId": paciente, "justificativa": porque})


async def compartilhar(quem: Cliente, paciente: str, com: str, dias: float = 30, ate: str | None = None) -> Any:
    ate = ate or daqui_a(dias)
    entrada = {"pacienteId": paciente, "profissionalId": com, "ate": ate, "motivo": "segunda opinião"}
    return await quem(COMPARTILHAR, input=entrada)


@pytest.fixture
async def par(hospital: Hospital) -> tuple[Pessoa, Pessoa]:
    return await hospital.profissional(), await hospital.paciente()


async def test_a_profissional_who_also_sits_at_the_desk_gains_nothing_by_booking(hospital: Hospital, par) -> None:
    profissional, paciente = par
    entrada = {"cpf": profissional.cpf, "nome": profissional.nome, "papel": "RECEPCAO"}
    assert (await hospital.admin(CADASTRAR_FUNCIONARIO, input=entrada)).recusas == []
    profissional = Pessoa(
        await hospital.ninguem.entrar(profissional.cpf, "um-cavalo-7-bateria"), profissional.id, profissional.cpf, ""
    )
    marcar = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    marcada = await profissional.cliente(AGENDAR, input=marcar)
    assert marcada.recusas == [], "the desk may book anybody"
    assert not await cuida(profissional, paciente.id)
    assert (await profissional.cliente(LER, id=paciente.id)).data["prontuarios"]["totalCount"] == 0
    consulta = marcada.data["agendarConsulta"]["consulta"]["id"]
    mudar = {"consultaId": consulta, "inicio": hospital.instante()}
    assert (await profissional.cliente(REMARCAR, input=mudar)).recusas == []
    assert (await hospital.recepcao(REMARCAR, input={**mudar, "inicio": hospital.instante()})).recusas == []
    assert not await cuida(profissional, paciente.id), "a move chooses nobody"
    await hospital.consulta(paciente, profissional)
    assert await cuida(profissional, paciente.id)


async def test_what_a_stranger_booked_gives_care_once_they_are_verified(hospital: Hospital) -> None:
    profissional, estranho = await hospital.profissional(), await hospital.estranho()
    marcar = {"pacienteId": estranho.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    assert (await estranho.cliente(AGENDAR, input=marcar)).recusas == []
    assert (await profissional.cliente(VER, id=estranho.id)).data["paciente"], "they are on the agenda"
    assert not await cuida(profissional, estranho.id)
    await hospital.com_codigo(estranho.cpf, await hospital.codigo(estranho.cpf), "senha-da-pessoa-8x")
    assert await cuida(profissional, estranho.id)


@pytest.mark.parametrize("como", ["cancelar", "faltar"])
async def test_what_was_cancelled_or_missed_gives_no_care_and_takes_nothing_that_was_written(
    hospital: Hospital, par, como: str
) -> None:
    profissional, paciente = par
    consulta = await hospital.consulta(paciente, profissional)
    meu = await hospital.prontuario(profissional, paciente)
    if como == "cancelar":
        await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})
    else:
        await hospital.comecou(consulta)
        assert (await hospital.recepcao(FALTAR, id=consulta)).recusas == []
    assert not await cuida(profissional, paciente.id)
    lidos = await profissional.cliente(
        "query($id: ID!) { prontuarios(pacienteId: $id) { edges { node { id texto } } } }", id=paciente.id
    )
    assert [edge["node"]["id"] for edge in lidos.data["prontuarios"]["edges"]] == [meu]


async def test_care_from_a_consulta_ends_a_year_after_it(hospital: Hospital, par) -> None:
    profissional, paciente = par
    consulta = await hospital.consulta(paciente, profissional)
    for ate, esperado in ((daqui_a(1), True), (daqui_a(-1), False)):
        await hospital.dono.transaction(
            lambda tx, ate=ate: tx.execute(
                "UPDATE cuidado SET ate = %(ate)s WHERE origem_id = %(c)s", ate=ate[:19], c=chave(consulta)
            )
        )
        assert await cuida(profissional, paciente.id) is esperado
    ((ate, fim),) = await hospital.dono.select(
        "SELECT k.ate, c.fim FROM consulta c JOIN cuidado k ON k.origem_id = c.id WHERE c.id = %(c)s",
        c=chave(await hospital.consulta(paciente, profissional)),
    )
    assert ate - fim == timedelta(days=365)
    mudar = {"consultaId": consulta, "inicio": hospital.instante()}
    await hospital.dono.transaction(lambda tx: tx.execute("DELETE FROM cuidado WHERE origem_id <> %(c)s AND"
        " paciente_id = %(p)s", c=chave(consulta), p=chave(paciente.id)))  # fmt: skip
    assert (await profissional.cliente(REMARCAR, input=mudar)).codigos == ["PROIBIDO"], "they care no more"
    assert (await hospital.recepcao(REMARCAR, input=mudar)).recusas == []
    assert await cuida(profissional, paciente.id), "whoever else moves it gives them the time to come"


async def test_an_emergency_opens_a_paciente_for_hours_and_is_seen(hospital: Hospital, par) -> None:
    profissional, paciente = par
    assert (await profissional.cliente(VER, id=paciente.id)).data["paciente"] is None
    for curta in ("", "urgente", " " * 30, "a" * 19):
        assert (await emergencia(profissional, paciente.id, curta)).recusas == ["VALOR_INVALIDO"]
    acesso = (await emergencia(profissional, paciente.id)).data["acessarEmEmergencia"]["acesso"]
    assert acesso["paciente"]["nome"] == paciente.nome
    horas = datetime.fromisoformat(acesso["ate"]) - datetime.fromisoformat(acesso["inicio"])
    assert horas == timedelta(hours=4)
    assert await cuida(profissional, paciente.id)
    assert (await profissional.cliente(VER, id=paciente.id)).data["paciente"]["nome"] == paciente.nome
    todos = "{ acessosDeEmergencia(first: 100) { totalCount edges { node { id justificativa paciente { nome } } } } }"
    vistos = (await hospital.admin(todos)).data["acessosDeEmergencia"]["edges"]
    assert acesso["id"] in [edge["node"]["id"] for edge in vistos]
    meus = "{ eu { paciente { acessosDeEmergencia { id profissional { nome } justificativa encerradoEm } } } }"
    (meu,) = (await paciente.cliente(meus)).data["eu"]["paciente"]["acessosDeEmergencia"]
    assert (meu["id"], meu["justificativa"]) == (acesso["id"], PORQUE)
    assert (await hospital.recepcao(todos)).codigos == ["PROIBIDO"]
    assert (await hospital.recepcao(ENCERRAR, id=acesso["id"])).codigos == ["PROIBIDO"]
    outro = await hospital.profissional()
    assert (await outro.cliente(ENCERRAR, id=acesso["id"])).recusas == ["NAO_ENCONTRADO"]
    encerrado = (await profissional.cliente(ENCERRAR, id=acesso["id"])).data["encerrarAcessoDeEmergencia"]["acesso"]
    assert encerrado["encerradoEm"] is not None
    assert not await cuida(profissional, paciente.id)
    assert (await profissional.cliente(VER, id=paciente.id)).data["paciente"] is None, "in mid-session"
    assert (await profissional.cliente(ENCERRAR, id=acesso["id"])).recusas == ["NAO_ENCONTRADO"]
    assert (await profissional.cliente("query($id: ID!) { node(id: $id) { id } }", id=acesso["id"])).data == {
        "node": None
    }


async def test_who_wrote_a_record_reads_it_always_and_its_paciente_while_they_may(hospital: Hospital, par) -> None:
    profissional, paciente = par
    acesso = (await emergencia(profissional, paciente.id)).data["acessarEmEmergencia"]["acesso"]["id"]
    assert await cuida(profissional, paciente.id)
    ler = "query($id: ID!) { prontuarios(pacienteId: $id) { edges { node { id texto %s } } } }"
    um_so = ler % "paciente { nome telefone }"
    (lido,) = (await profissional.cliente(um_so, id=paciente.id)).data["prontuarios"]["edges"]
    assert lido["node"]["paciente"]["nome"] == paciente.nome
    assert (await profissional.cliente(ENCERRAR, id=acesso)).recusas == []
    (lido,) = (await profissional.cliente(ler % "", id=paciente.id)).data["prontuarios"]["edges"]
    assert lido["node"]["texto"] == "x"
    recusado = await profissional.cliente(um_so, id=paciente.id)
    assert recusado.codigos == ["PROIBIDO"]
    assert paciente.nome not in str(recusado)
    certo = {"prontuarioId": lido["node"]["id"], "texto": "y", "justificativa": "engano"}
    corrigido = (await profissional.cliente(RETIFICAR, input=certo)).corpo  # asks for the paciente, too
    (erro,) = corrigido["errors"]
    assert (erro["extensions"]["code"], erro["extensions"]["feito"]) == ("PROIBIDO", True)
    assert "foi feito (RETIFICAR_PRONTUARIO)" in erro["message"]
    assert corrigido["data"] == {"retificarProntuario": {"prontuario": None, "erros": []}}
    lidos = (await profissional.cliente(ler % "", id=paciente.id)).data["prontuarios"]["edges"]
    assert {um["node"]["texto"] for um in lidos} == {"x", "y"}


async def test_what_a_list_of_ones_own_emergencies_reads_is_ones_own(hospital: Hospital, par) -> None:
    """And of these the open ones, however many there were: those are few, and found first."""
    profissional, paciente = par
    inicio, passadas = datetime(2020, 1, 1), 2_000  # noqa: DTZ001 - as the column has it
    linhas = [
        (os.urandom(16), chave(profissional.id), chave(paciente.id), PORQUE, dia, dia + timedelta(hours=4))
        for dia in (inicio + timedelta(hours=n) for n in range(passadas))
    ]

    async def antigas(tx: Transaction) -> None:
        tx.write_rows(
            "INSERT INTO acesso_de_emergencia (id, profissional_id, paciente_id, justificativa, inicio, ate)"
            " VALUES %(rows)s",
            linhas,
        )

    await hospital.dono.transaction(antigas)
    await hospital.dono.select("ANALYZE TABLE acesso_de_emergencia")
    meu = (await emergencia(profissional, (await hospital.paciente()).id)).data["acessarEmEmergencia"]["acesso"]["id"]
    async with recorded(hospital.dono) as log:
        vistos = await profissional.cliente("{ acessosDeEmergencia { totalCount edges { node { id } } } }")
    assert vistos.data["acessosDeEmergencia"] == {"totalCount": 1, "edges": [{"node": {"id": meu}}]}
    ditas = [statement for statement in log.statements if "acesso_de_emergencia a " in statement]
    lidas = [sum(step.rows for step in await explain(hospital.dono, statement)) for statement in ditas]
    assert len(lidas) == 2, "the page and its count"
    assert max(lidas) < passadas / 20
    de_paciente = await paciente.cliente("{ acessosDeEmergencia(first: 1) { totalCount } }")
    assert de_paciente.data["acessosDeEmergencia"]["totalCount"] == passadas
    await hospital.dono.transaction(
        lambda tx: tx.execute(
            "DELETE FROM acesso_de_emergencia WHERE profissional_id = %(p)s", p=chave(profissional.id)
        )
    )


async def test_an_administrator_ends_an_emergency(hospital: Hospital, par) -> None:
    profissional, paciente = par
    acesso = (await emergencia(profissional, paciente.id)).data["acessarEmEmergencia"]["acesso"]
    assert (await hospital.admin(ENCERRAR, id=acesso["id"])).recusas == []
    assert not await cuida(profissional, paciente.id)


async def test_an_emergency_ends_by_the_clock_and_becomes_nothing_longer(hospital: Hospital, par) -> None:
    """Neither by booking for oneself meanwhile, nor by a colleague who shares it back."""
    profissional, paciente = par
    colega = await hospital.profissional()
    acesso = (await emergencia(profissional, paciente.id)).data["acessarEmEmergencia"]["acesso"]
    marcar = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    assert (await profissional.cliente(AGENDAR, input=marcar)).recusas == []
    assert (await compartilhar(profissional.cliente, paciente.id, colega.id)).codigos == ["PROIBIDO"]
    await hospital.dono.transaction(
        lambda tx: tx.execute("UPDATE cuidado SET ate = '2020-01-01' WHERE origem_id = %(a)s", a=chave(acesso["id"]))
    )
    assert not await cuida(profissional, paciente.id)


async def test_at_most_ten_emergencies_are_open_at_once(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    pacientes = [await hospital.paciente() for _ in range(12)]
    respostas = await asyncio.gather(*(emergencia(profissional, paciente.id) for paciente in pacientes))
    assert sorted(resposta.recusas for resposta in respostas) == [[]] * 10 + [["VALOR_INVALIDO"]] * 2


async def test_nobody_reaches_themself_in_an_emergency(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    entrada = {"cpf": profissional.cpf, "nome": profissional.nome, "nascimento": "1980-01-01"}
    eu = (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).data["cadastrarPaciente"]["paciente"]["id"]
    assert (await emergencia(profissional, eu)).recusas == ["MESMA_PESSOA"]
    assert (await emergencia(profissional, "pac_nenhum")).recusas == ["NAO_ENCONTRADO"]
    for papel in ("recepcao", "admin"):
        quem = Pessoa(getattr(hospital, papel), "", "", "")
        assert (await emergencia(quem, eu)).codigos == ["PROIBIDO"]


async def test_care_is_shared_by_the_paciente_or_by_who_has_it_and_ended_by_either(hospital: Hospital, par) -> None:
    profissional, paciente = par
    colega, terceiro = await hospital.profissional(), await hospital.profissional()
    assert (await compartilhar(colega.cliente, paciente.id, terceiro.id)).recusas == ["NAO_ENCONTRADO"]
    await hospital.consulta(paciente, profissional)
    partilha = (await compartilhar(profissional.cliente, paciente.id, colega.id)).data["compartilharCuidado"]["cuidado"]
    assert partilha["nomeDeQuem"] == profissional.nome
    assert partilha["com"] == {"id": colega.id}
    assert await cuida(colega, paciente.id)
    assert (await colega.cliente(VER, id=paciente.id)).data["paciente"]["nome"] == paciente.nome
    longe = await compartilhar(colega.cliente, paciente.id, terceiro.id, dias=60)
    assert longe.recusas == ["VALOR_INVALIDO"], "no longer than it was lent"
    assert (await compartilhar(colega.cliente, paciente.id, terceiro.id, dias=10)).recusas == []
    assert await cuida(terceiro, paciente.id)
    assert (await paciente.cliente(DESCOMPARTILHAR, id=partilha["id"])).recusas == []
    assert not await cuida(colega, paciente.id)
    meus = "{ eu { paciente { cuidadosCompartilhados { id por { id } nomeDeQuem com { nome } encerradoEm } } } }"
    vistos = (await paciente.cliente(meus)).data["eu"]["paciente"]["cuidadosCompartilhados"]
    assert len(vistos) == 2
    assert all(visto["por"] is None for visto in vistos), "a CPF is nobody's business"
    do_paciente = await compartilhar(paciente.cliente, paciente.id, colega.id, dias=1)
    assert do_paciente.recusas == []
    id = do_paciente.data["compartilharCuidado"]["cuidado"]["id"]
    assert (await terceiro.cliente(DESCOMPARTILHAR, id=id)).recusas == ["NAO_ENCONTRADO"]
    assert (await colega.cliente(DESCOMPARTILHAR, id=id)).recusas == []
    assert not await cuida(colega, paciente.id)


@pytest.mark.parametrize("dias", [-1, 366])
async def test_care_is_shared_for_a_year_at_most(hospital: Hospital, par, dias: int) -> None:
    profissional, paciente = par
    await hospital.consulta(paciente, profissional)
    assert (await compartilhar(paciente.cliente, paciente.id, profissional.id, dias)).recusas == ["VALOR_INVALIDO"]


async def test_a_stranger_shares_nothing(hospital: Hospital) -> None:
    estranho, profissional = await hospital.estranho(), await hospital.profissional()
    assert (await compartilhar(estranho.cliente, estranho.id, profissional.id)).codigos == ["PROIBIDO"]


async def test_care_that_ends_is_over_by_whichever_servers_clock(hospital: Hospital, par) -> None:
    profissional, paciente = par
    consulta = await hospital.consulta(paciente, profissional)
    await hospital.comecou(consulta)
    assert await cuida(profissional, paciente.id)
    relogio.adiantado = timedelta(seconds=5)  # the server that is told of the absence is ahead of the one asked next
    try:
        assert (await hospital.recepcao(FALTAR, id=consulta)).recusas == []
    finally:
        relogio.adiantado = timedelta()
    assert not await cuida(profissional, paciente.id)


# ── generated histories, judged by a slow definition ──


@dataclass
class History:
    """One paciente, two profissionais; what gives care, as somebody would keep it on paper."""

    hospital: Hospital
    paciente: Pessoa
    profissionais: tuple[Pessoa, Pessoa]
    consultas: list[tuple[str, int, bool]] = field(default_factory=list)
    """id, whose, whether it gives care."""
    shares: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Whose, from whom, in the order in which they were given."""
    emergencies: dict[str, int] = field(default_factory=dict)

    def by_consulta(self, who: int) -> bool:
        return any(whose == who and gives for _, whose, gives in self.consultas)

    def in_care(self, who: int) -> bool:
        return self.by_consulta(who) or self.lent(who) or who in self.emergencies.values()

    def lent(self, who: int) -> bool:
        return any(whose == who for whose, _ in self.shares.values())

    def _unlend(self) -> None:
        """End what is lent by whoever has nothing left to lend: from a consulta, or lent to them before."""
        stand: dict[str, tuple[int, int]] = {}
        for id, (whose, giver) in self.shares.items():
            if self.by_consulta(giver) or any(whose == giver for whose, _ in stand.values()):
                stand[id] = (whose, giver)
        self.shares = stand

    async def desk_books(self, who: int) -> None:
        self.consultas.append((await self.hospital.consulta(self.paciente, self.profissionais[who]), who, True))

    async def paciente_books(self, who: int) -> None:
        await self._book(self.paciente.cliente, who, gives=True)

    async def profissional_books(self, who: int) -> None:
        may, gives = self.in_care(who), self.by_consulta(who)
        quem = self.profissionais[who].cliente
        entrada = {
            "pacienteId": self.paciente.id,
            "profissionalId": self.profissionais[who].id,
            "inicio": self.hospital.instante(),
        }
        feita = await quem(AGENDAR, input=entrada)
        if may:
            self.consultas.append((feita.data["agendarConsulta"]["consulta"]["id"], who, gives))
        else:
            assert feita.codigos == ["PROIBIDO"] or feita.recusas == ["NAO_ENCONTRADO"]

    async def _book(self, quem: Cliente, who: int, *, gives: bool) -> None:
        entrada = {
            "pacienteId": self.paciente.id,
            "profissionalId": self.profissionais[who].id,
            "inicio": self.hospital.instante(),
        }
        feita = await quem(AGENDAR, input=entrada)
        self.consultas.append((feita.data["agendarConsulta"]["consulta"]["id"], who, gives))

    async def move(self, who: int) -> None:
        """By the profissional; what gives care goes on, if there is any left."""
        for id, whose, _ in self.consultas[-1:]:
            if whose == who:
                mudar = {"consultaId": id, "inicio": self.hospital.instante()}
                feita = await self.profissionais[who].cliente(REMARCAR, input=mudar)
                assert feita.recusas == [] if self.in_care(who) else feita.codigos == ["PROIBIDO"]

    async def cancel(self, who: int) -> None:
        await self._end(CANCELAR, who)

    async def miss(self, who: int) -> None:
        await self._end(FALTAR, who)

    async def _end(self, how: str, who: int) -> None:
        for one in [one for one in self.consultas if one[1] == who][-1:]:
            dados: dict[str, Any] = (
                {"input": {"consultaId": one[0], "motivo": "x"}} if how == CANCELAR else {"id": one[0]}
            )
            if how == FALTAR:
                await self.hospital.comecou(one[0])
            assert (await self.hospital.recepcao(how, **dados)).recusas == []
            self.consultas.remove(one)
            self._unlend()

    async def emergency(self, who: int) -> None:
        feita = (await emergencia(self.profissionais[who], self.paciente.id)).data["acessarEmEmergencia"]
        self.emergencies[feita["acesso"]["id"]] = who

    async def end_emergency(self, who: int) -> None:
        for id in [id for id, whose in self.emergencies.items() if whose == who][:1]:
            assert (await self.hospital.admin(ENCERRAR, id=id)).recusas == []
            del self.emergencies[id]

    async def share(self, who: int) -> None:
        """By the other profissional, if they have what they would share."""
        outro = 1 - who
        feita = await compartilhar(
            self.profissionais[outro].cliente, self.paciente.id, self.profissionais[who].id, 30 - len(self.shares)
        )
        if self.by_consulta(outro) or self.lent(outro):
            self.shares[feita.data["compartilharCuidado"]["cuidado"]["id"]] = (who, outro)
        else:
            assert feita.codigos == ["PROIBIDO"] or feita.recusas == ["NAO_ENCONTRADO"]

    async def end_share(self, who: int) -> None:
        for id in [id for id, (whose, _) in self.shares.items() if whose == who][:1]:
            assert (await self.paciente.cliente(DESCOMPARTILHAR, id=id)).recusas == []
            del self.shares[id]
            self._unlend()


ACTS = (
    "desk_books", "paciente_books", "profissional_books", "move", "cancel", "miss", "emergency", "end_emergency",
    "share", "end_share",
)  # fmt: skip
histories = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1)), min_size=2, max_size=7)


@settings(max_examples=max(10, MANY // 4), deadline=None, suppress_health_check=list(HealthCheck))
@given(histories)
async def test_care_is_what_the_slow_definition_says_after_any_history(hospital: Hospital, acts) -> None:
    """Written, read and seen, for both profissionais, and by the SQL that goes through the whole history."""
    profissionais = await hospital.profissional(), await hospital.profissional()
    history = History(hospital, await hospital.paciente(), profissionais)
    for act, who in acts:
        await getattr(history, act)(who)
    for who, profissional in enumerate(profissionais):
        assert await cuida(profissional, history.paciente.id) is history.in_care(who), acts
        ((devagar,),) = await hospital.dono.select(SLOW, m=chave(profissional.id), p=chave(history.paciente.id))
        assert bool(devagar) is history.in_care(who), acts


SLOW = """
    SELECT EXISTS (
        SELECT 1 FROM consulta c JOIN consulta_mudanca m ON m.consulta_id = c.id AND m.numero = 1
        JOIN usuario u ON u.id = m.usuario_id JOIN profissional f ON f.id = c.profissional_id
        WHERE c.profissional_id = %(m)s AND c.paciente_id = %(p)s AND c.situacao NOT IN ('CANCELADA', 'FALTOU')
            AND c.fim + INTERVAL 365 DAY > UTC_TIMESTAMP(6) AND (
                u.pessoa_id <> f.pessoa_id OR EXISTS (SELECT 1 FROM cuidado k WHERE k.origem_id = c.id)
            )
    ) OR EXISTS (
        SELECT 1 FROM cuidado_compartilhado s WHERE s.profissional_id = %(m)s AND s.paciente_id = %(p)s
            AND s.encerrado_em IS NULL AND s.ate > UTC_TIMESTAMP(6)
    ) OR EXISTS (
        SELECT 1 FROM acesso_de_emergencia e WHERE e.profissional_id = %(m)s AND e.paciente_id = %(p)s
            AND e.encerrado_em IS NULL AND e.ate > UTC_TIMESTAMP(6)
    )
"""
