"""Who is behind a password: an account opened over the network is a claim until the person has been at the desk."""

import asyncio
import os
import unicodedata
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sghss_graphql.cadastro.codigos.porta import vencer_codigos
from tests.hospital import (
    AGENDAR,
    ATUALIZAR_PACIENTE,
    CADASTRAR_FUNCIONARIO,
    CADASTRAR_PACIENTE,
    CADASTRAR_PROFISSIONAL,
    CANCELAR,
    CONFIRMAR,
    DEFINIR,
    EMITIR,
    LOGIN,
    REMARCAR,
    RENOVAR,
    SENHA_DE_TESTE,
    TROCAR,
    Cliente,
    Hospital,
    Pessoa,
    chave,
)

MANY = int(os.environ.get("SGHSS_EXAMPLES", "200"))
EU = "{ eu { nome identidadeVerificada paciente { nome telefone identidadeVerificada } } }"
PRONTUARIOS = "query($id: ID!) { prontuarios(pacienteId: $id) { totalCount } }"


async def _verificada(cliente: Cliente) -> bool:
    return (await cliente("{ eu { identidadeVerificada } }")).data["eu"]["identidadeVerificada"]


async def test_a_stranger_keeps_what_they_typed_and_books_one_consulta_at_a_time(hospital: Hospital) -> None:
    estranho, profissional = await hospital.estranho(telefone="(11) 91234-5678"), await hospital.profissional()
    eu = (await estranho.cliente(EU)).data["eu"]
    assert eu["identidadeVerificada"] is eu["paciente"]["identidadeVerificada"] is False
    assert eu["paciente"]["telefone"] == "+5511912345678"
    marcar = {"pacienteId": estranho.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    primeira = (await estranho.cliente(AGENDAR, input=marcar)).data["agendarConsulta"]["consulta"]["id"]
    marcar["inicio"] = hospital.instante()
    segunda = await estranho.cliente(AGENDAR, input=marcar)
    assert segunda.codigos == ["PROIBIDO"]
    assert "código" in segunda.corpo["errors"][0]["message"], "it says what to do"
    mudar = {"consultaId": primeira, "inicio": hospital.instante()}
    assert (await estranho.cliente(REMARCAR, input=mudar)).recusas == []
    assert (await estranho.cliente("{ consultas { totalCount } profissionais { totalCount } }")).codigos == []
    assert (await estranho.cliente(CANCELAR, input={"consultaId": primeira, "motivo": "x"})).recusas == []
    assert (await estranho.cliente(AGENDAR, input=marcar)).recusas == []
    assert (await estranho.cliente(PRONTUARIOS, id=estranho.id)).codigos == ["PROIBIDO"]
    assert (await estranho.cliente(CONFIRMAR, id=primeira)).codigos == ["PROIBIDO"]


async def test_of_two_bookings_at_once_a_stranger_gets_one(hospital: Hospital) -> None:
    estranho, profissional = await hospital.estranho(), await hospital.profissional()
    entradas = [
        {"pacienteId": estranho.id, "profissionalId": profissional.id, "inicio": hospital.instante()} for _ in range(5)
    ]
    respostas = await asyncio.gather(*(estranho.cliente(AGENDAR, input=entrada) for entrada in entradas))
    assert sorted(resposta.codigos for resposta in respostas) == [[]] + [["PROIBIDO"]] * 4


async def _corrigir(hospital: Hospital, quem: Pessoa) -> None:
    mudanca = {"pacienteId": quem.id, "telefone": "(21) 99999-0000"}
    assert (await hospital.recepcao(ATUALIZAR_PACIENTE, input=mudanca)).recusas == []


async def _marcar(hospital: Hospital, quem: Pessoa) -> None:
    await hospital.consulta(quem, await hospital.profissional())


async def _registrar(hospital: Hospital, quem: Pessoa) -> None:
    entrada = {"cpf": quem.cpf, "nome": quem.nome, "nascimento": "1980-05-17"}
    assert (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).recusas == ["CPF_JA_CADASTRADO"]


async def _confirmar(hospital: Hospital, quem: Pessoa) -> None:
    profissional = await hospital.profissional()
    marcar = {"pacienteId": quem.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    consulta = (await quem.cliente(AGENDAR, input=marcar)).data["agendarConsulta"]["consulta"]["id"]
    assert (await hospital.recepcao(CONFIRMAR, id=consulta)).recusas == []


@pytest.mark.parametrize("agir", [_corrigir, _marcar, _registrar, _confirmar])
async def test_once_staff_act_on_a_person_the_account_waits_for_its_code(hospital: Hospital, agir) -> None:
    estranho = await hospital.estranho()
    renovacao = estranho.cliente.sessao["tokenDeRenovacao"]
    await agir(hospital, estranho)
    assert (await estranho.cliente(EU)).codigos == ["NAO_AUTENTICADO"], "the session that was open is over"
    assert (await hospital.ninguem(RENOVAR, t=renovacao)).recusas == ["CREDENCIAIS_INVALIDAS"]
    assert (await hospital.ninguem(LOGIN, cpf=estranho.cpf, senha=SENHA_DE_TESTE)).recusas == [
        "IDENTIDADE_NAO_VERIFICADA"
    ]
    assert (await hospital.ninguem(LOGIN, cpf=estranho.cpf, senha="outra-errada-9")).recusas == [
        "CREDENCIAIS_INVALIDAS"
    ]
    pessoa = await hospital.com_codigo(estranho.cpf, await hospital.codigo(estranho.cpf), "senha-da-pessoa-9x")
    assert await _verificada(pessoa)
    assert (await pessoa(PRONTUARIOS, id=estranho.id)).codigos == []
    assert (await hospital.ninguem(LOGIN, cpf=estranho.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_a_person_who_was_verified_goes_on_whoever_acts_on_them(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    await _corrigir(hospital, paciente)
    await _marcar(hospital, paciente)
    assert await _verificada(paciente.cliente)
    trocada = await paciente.cliente(TROCAR, de=SENHA_DE_TESTE, para="outra-senha-boa-8")
    assert trocada.recusas == []
    assert await _verificada(await hospital.ninguem.entrar(paciente.cpf, "outra-senha-boa-8"))


@pytest.mark.parametrize("verificada", [True, False])
@pytest.mark.parametrize("mutacao", ["profissional", "funcionario"])
async def test_the_first_staff_role_never_rests_on_a_password_of_before(
    hospital: Hospital, verificada: bool, mutacao: str
) -> None:
    """A stranger registered the CPF of somebody who is to be a médico; or the clerk issued the patient's code."""
    pessoa = await (hospital.paciente() if verificada else hospital.estranho())
    guardado = await hospital.codigo(pessoa.cpf) if verificada else None
    entrada = {"cpf": pessoa.cpf, "nome": pessoa.nome}
    if mutacao == "profissional":
        feita = await hospital.admin(CADASTRAR_PROFISSIONAL, input={**entrada, **hospital.registro()})
        payload = feita.data["cadastrarProfissional"]
    else:
        feita = await hospital.admin(CADASTRAR_FUNCIONARIO, input={**entrada, "papel": "RECEPCAO"})
        payload = feita.data["cadastrarFuncionario"]
    assert (await pessoa.cliente(EU)).codigos == ["NAO_AUTENTICADO"]
    assert (await hospital.ninguem(LOGIN, cpf=pessoa.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]
    if guardado:
        velho = await hospital.ninguem(DEFINIR, cpf=pessoa.cpf, codigo=guardado, senha="senha-do-outro-9")
        assert velho.recusas == ["CREDENCIAIS_INVALIDAS"]
    novo = await hospital.com_codigo(pessoa.cpf, payload["codigoDeAcesso"]["codigo"], "so-minha-senha-9")
    assert len((await novo("{ eu { papeis } }")).data["eu"]["papeis"]) == 2


async def test_a_further_role_keeps_the_password(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    entrada = {"cpf": profissional.cpf, "nome": profissional.nome, "papel": "RECEPCAO"}
    feita = (await hospital.admin(CADASTRAR_FUNCIONARIO, input=entrada)).data["cadastrarFuncionario"]
    assert feita["codigoDeAcesso"] is None
    assert await _verificada(await hospital.ninguem.entrar(profissional.cpf, SENHA_DE_TESTE))


async def test_nobody_issues_themself_a_code_and_the_desk_none_for_staff(hospital: Hospital) -> None:
    admin, recepcao = await hospital.funcionario("ADMINISTRADOR"), await hospital.funcionario("RECEPCAO")
    assert (await admin.cliente(EMITIR, cpf=admin.cpf)).codigos == ["PROIBIDO"]
    assert (await recepcao.cliente(EMITIR, cpf=admin.cpf)).codigos == ["PROIBIDO"]
    assert (await recepcao.cliente(EMITIR, cpf=recepcao.cpf)).codigos == ["PROIBIDO"]
    assert (await admin.cliente(EMITIR, cpf=recepcao.cpf)).recusas == []


async def test_a_code_is_good_for_five_tries_however_many_come_at_once(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    codigo = await hospital.codigo(paciente.cpf)
    for n in range(4):
        errada = await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=f"ERRADO234{n}", senha="senha-nova-9x")
        assert errada.recusas == ["CREDENCIAIS_INVALIDAS"]
    await asyncio.gather(
        *(hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=f"ERRADO23{n}", senha="x") for n in range(3))
    )
    certa = await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=codigo, senha="senha-nova-9x")
    assert certa.recusas == ["CREDENCIAIS_INVALIDAS"], "it was used up by wrong ones"
    anulados = await hospital.dono.select(
        "SELECT COUNT(*) FROM auditoria a JOIN usuario u ON u.id = a.alvo_id"
        " JOIN paciente p ON p.pessoa_id = u.pessoa_id WHERE a.ato = 'CODIGO_ANULADO' AND p.id = %(p)s",
        p=chave(paciente.id),
    )
    assert anulados == [(1,)]
    assert await hospital.com_codigo(paciente.cpf, await hospital.codigo(paciente.cpf), "senha-nova-9x")


async def test_a_code_that_nobody_used_in_time_is_told_to_the_trail(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    codigo = await hospital.codigo(paciente.cpf)
    await hospital.dono.transaction(
        lambda tx: tx.execute(
            "UPDATE codigo_de_acesso c JOIN usuario u ON u.id = c.usuario_id"
            " JOIN paciente p ON p.pessoa_id = u.pessoa_id SET c.expira_em = '2020-01-01' WHERE p.id = %(p)s",
            p=chave(paciente.id),
        )
    )
    await vencer_codigos(hospital.dono)
    vencida = await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=codigo, senha="senha-nova-9x")
    assert vencida.recusas == ["CREDENCIAIS_INVALIDAS"]
    ((quantos,),) = await hospital.dono.select(
        "SELECT COUNT(*) FROM auditoria a JOIN usuario u ON u.id = a.alvo_id"
        " JOIN paciente p ON p.pessoa_id = u.pessoa_id WHERE a.ato = 'CODIGO_VENCIDO' AND p.id = %(p)s",
        p=chave(paciente.id),
    )
    assert quantos == 1


async def test_who_handed_a_code_out_and_from_where_it_was_used_is_kept(hospital: Hospital) -> None:
    recepcao, paciente = await hospital.funcionario("RECEPCAO"), await hospital.paciente()
    codigo = (await recepcao.cliente(EMITIR, cpf=paciente.cpf)).data["emitirCodigoDeAcesso"]["codigoDeAcesso"]["codigo"]
    await hospital.com_codigo(paciente.cpf, codigo, "senha-nova-9x")
    ((por, usado_em, usado_de),) = await hospital.dono.select(
        "SELECT o.emitido_por, o.usado_em, INET6_NTOA(o.usado_de) FROM codigo_emitido o JOIN usuario u"
        " ON u.id = o.usuario_id JOIN paciente p ON p.pessoa_id = u.pessoa_id WHERE p.id = %(p)s"
        " ORDER BY o.emitido_em DESC LIMIT 1",
        p=chave(paciente.id),
    )
    assert por == chave(recepcao.id)
    assert usado_em is not None
    assert usado_de == "127.0.0.1"


@pytest.mark.parametrize("forma", ["NFC", "NFD"])
async def test_a_password_is_the_same_however_its_letters_are_composed(hospital: Hospital, forma: str) -> None:
    paciente = await hospital.paciente()
    senha = "maçã-número-7-avô"
    await hospital.com_codigo(paciente.cpf, await hospital.codigo(paciente.cpf), unicodedata.normalize(forma, senha))
    for outra in ("NFC", "NFD"):
        assert await hospital.ninguem.entrar(paciente.cpf, unicodedata.normalize(outra, senha))


# ── generated sequences, against a model of who may know what ──


@dataclass
class Model:
    """What an account is, by the rules: whose password opens it, which code lives, and who saw it."""

    exists: bool = False
    staff: bool = False
    password: str | None = None
    verified: bool = False
    waits: bool = False
    code: str | None = None
    codes: list[str] = field(default_factory=list)

    def opens(self, password: str) -> str | None:
        """Say what a log-in gives: "all", "typed", "wait" or nothing."""
        if not self.exists or self.password != password:
            return None
        if self.verified:
            return "all"
        return "wait" if self.waits else "typed"

    def touched(self) -> None:
        """Staff act on the person."""
        if self.password is not None and not self.verified:
            self.waits = True

    def void(self, code: str) -> None:
        """Nothing but a code opens it."""
        self.password, self.verified, self.waits, self.code = None, False, False, code
        self.codes.append(code)

    def use(self, code: str, password: str) -> bool:
        """Set a password with a code."""
        if not self.exists or code != self.code:
            return False
        self.password, self.verified, self.waits, self.code = password, True, False, None
        return True


SENHAS = {"stranger": "senha-do-estranho-1", "person": "senha-da-pessoa-2", "clerk": "senha-do-balcao-3"}


@dataclass
class Story:
    """One CPF, and what is done with it."""

    hospital: Hospital
    cpf: str
    model: Model = field(default_factory=Model)
    paciente: str | None = None

    async def act(self, actor: str, act: str) -> None:
        """Do one thing on the product and in the model."""
        await getattr(self, "_" + act.replace(" ", "_"))(actor)

    async def _register_oneself(self, actor: str) -> None:
        entrada = {"cpf": self.cpf, "nome": "Ana Ramos", "nascimento": "1980-05-17", "senha": SENHAS[actor]}
        feita = await self.hospital.ninguem(CADASTRAR_PACIENTE, input=entrada)
        assert (feita.recusas == []) is not self.model.exists
        if not self.model.exists:
            self.model.exists, self.model.password = True, SENHAS[actor]
            self.paciente = feita.data["cadastrarPaciente"]["paciente"]["id"]

    async def _register_at_the_desk(self, _: str) -> None:
        entrada = {"cpf": self.cpf, "nome": "Ana Ramos", "nascimento": "1980-05-17", "mesmoSeDuplicado": True}
        feita = await self.hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)
        assert (feita.recusas == []) is (self.paciente is None)
        self.model.exists = True
        self.model.touched()
        if self.paciente is None:
            self.paciente = feita.data["cadastrarPaciente"]["paciente"]["id"]

    async def _correct(self, _: str) -> None:
        if self.paciente is not None:
            quem = self.hospital.admin if self.model.staff else self.hospital.recepcao
            mudanca = {"pacienteId": self.paciente, "nomeSocial": f"Dita {self.hospital.nome()}"}
            feita = await quem(ATUALIZAR_PACIENTE, input=mudanca)
            assert feita.recusas == []
            self.model.touched()

    async def _book(self, _: str) -> None:
        if self.paciente is not None:
            quem = Pessoa(self.hospital.ninguem, self.paciente, self.cpf, "")
            await self.hospital.consulta(quem, await self.hospital.profissional())
            self.model.touched()

    async def _give_a_role(self, _: str) -> None:
        entrada = {"cpf": self.cpf, "nome": "Ana Ramos", "papel": "RECEPCAO"}
        feita = await self.hospital.admin(CADASTRAR_FUNCIONARIO, input=entrada)
        assert (feita.recusas == []) is not self.model.staff
        if not self.model.staff:
            self.model.exists = self.model.staff = True
            self.model.void(feita.data["cadastrarFuncionario"]["codigoDeAcesso"]["codigo"])

    async def _issue_a_code(self, actor: str) -> None:
        quem = self.hospital.admin if actor == "administrator" else self.hospital.recepcao
        feita = await quem(EMITIR, cpf=self.cpf)
        if self.model.exists and (actor == "administrator" or not self.model.staff):
            self.model.void(feita.data["emitirCodigoDeAcesso"]["codigoDeAcesso"]["codigo"])
        else:
            assert feita.codigos == ["PROIBIDO"] or feita.recusas == ["NAO_ENCONTRADO"]

    async def _use_it(self, actor: str) -> None:
        await self._use(actor, self.model.codes[-1:])

    async def _use_the_first(self, actor: str) -> None:
        await self._use(actor, self.model.codes[:1])

    async def _use(self, actor: str, codes: list[str]) -> None:
        for code in codes:
            before = self.model.password
            feita = await self.hospital.ninguem(DEFINIR, cpf=self.cpf, codigo=code, senha=SENHAS[actor])
            if "SENHA_FRACA" in feita.recusas:  # the one of before: the code is still good
                return
            assert (feita.recusas == []) is self.model.use(code, SENHAS[actor]), (before, feita.corpo)

    async def _log_in(self, actor: str) -> None:
        feita = await self.hospital.ninguem(LOGIN, cpf=self.cpf, senha=SENHAS[actor])
        opens = self.model.opens(SENHAS[actor])
        assert feita.recusas == {None: ["CREDENCIAIS_INVALIDAS"], "wait": ["IDENTIDADE_NAO_VERIFICADA"]}.get(opens, [])
        if opens in ("all", "typed"):
            sessao = Cliente(self.hospital.http, feita.data["login"]["sessao"]["tokenDeAcesso"])
            eu = (await sessao("{ eu { identidadeVerificada paciente { id nomeSocial } } }")).data["eu"]
            assert eu["identidadeVerificada"] is (opens == "all")
            if opens == "typed":
                assert eu["paciente"]["nomeSocial"] is None, "nothing that the desk wrote"
                assert (await sessao(PRONTUARIOS, id=eu["paciente"]["id"])).codigos == ["PROIBIDO"]

    async def _change_the_password(self, actor: str) -> None:
        feita = await self.hospital.ninguem(LOGIN, cpf=self.cpf, senha=SENHAS[actor])
        if self.model.opens(SENHAS[actor]) in ("all", "typed"):
            sessao = Cliente(self.hospital.http, feita.data["login"]["sessao"]["tokenDeAcesso"])
            outra = SENHAS["person" if actor == "stranger" else "stranger"]
            if (await sessao(TROCAR, de=SENHAS[actor], para=outra)).recusas == []:
                self.model.password = outra


MAY = {
    "stranger": ("register oneself", "use it", "use the first", "log in", "change the password"),
    "person": ("register oneself", "use it", "log in", "change the password"),
    "clerk": ("register at the desk", "correct", "book", "issue a code", "use the first", "log in"),
    "administrator": ("give a role", "issue a code", "correct"),
}
FIRST = (("stranger", "register oneself"), ("clerk", "register at the desk"), ("administrator", "give a role"))
steps = st.sampled_from([(actor, act) for actor, acts in MAY.items() for act in acts])
sequences = st.builds(
    lambda first, rest: [first, *rest], st.sampled_from(FIRST), st.lists(steps, min_size=1, max_size=4)
)


@settings(max_examples=max(20, MANY // 2), deadline=None, suppress_health_check=list(HealthCheck))
@given(sequences)
async def test_no_sequence_lets_a_password_open_more_than_its_owner_may(hospital: Hospital, sequence) -> None:
    """After up to five acts, each known password opens exactly what the model says."""
    story = Story(hospital, hospital.cpf())
    for actor, act in sequence:
        await story.act(actor, act)
    for actor in SENHAS:
        await story.act(actor, "log in")
