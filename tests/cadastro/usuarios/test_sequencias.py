"""Whatever a few acts make of an account, each password opens what a small model of who may know what says."""

import os
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cadastro.unificacoes.test_unificacoes import desfazer, unificar
from tests.cadastro.usuarios.test_contas import ATUALIZAR, DESATIVAR, REATIVAR, RETIRAR
from tests.cadastro.usuarios.test_identidade import PRONTUARIOS
from tests.hospital import (
    ATUALIZAR_PACIENTE,
    CADASTRAR_FUNCIONARIO,
    CADASTRAR_PACIENTE,
    DEFINIR,
    EMITIR,
    LOGIN,
    TROCAR,
    Cliente,
    Hospital,
    Pessoa,
)

MANY = int(os.environ.get("SGHSS_EXAMPLES", "200"))


@dataclass
class Model:
    """What an account is, by the rules: whose password opens it, which code lives, and who saw it."""

    exists: bool = False
    staff: bool = False
    deactivated: bool = False
    left_over: bool = False
    password: str | None = None
    verified: bool = False
    waits: bool = False
    code: str | None = None
    codes: list[str] = field(default_factory=list)

    @property
    def closed(self) -> bool:
        """Whether nothing opens it, not even a code."""
        return not self.exists or self.deactivated or self.left_over

    def opens(self, password: str) -> str | None:
        """Say what a log-in gives: "all", "typed", "wait" or nothing."""
        if self.closed or self.password != password:
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

    def forget(self) -> None:
        """Nothing opens it until a code is handed out; who it is of is known no more."""
        self.password, self.verified, self.waits, self.code = None, False, False, None

    def use(self, code: str, password: str) -> bool:
        """Set a password with a code."""
        if self.closed or code != self.code:
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
    other: str | None = None
    """Another registration, which this one was joined with."""
    wrong: list[str] = field(default_factory=list)
    """CPFs that were typed wrongly, and corrected."""

    async def _usuario(self) -> str:
        achados = await self.hospital.admin(
            "query($c: String) { usuarios(busca: $c) { edges { node { id } } } }", c=self.cpf
        )
        (aresta,) = achados.data["usuarios"]["edges"]
        return str(aresta["node"]["id"])

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
        done = self.paciente is None and not self.model.deactivated
        assert (feita.recusas == []) is done, feita.corpo
        self.model.exists = True
        self.model.touched()
        if done:
            self.paciente = feita.data["cadastrarPaciente"]["paciente"]["id"]

    async def _correct(self, _: str) -> None:
        if self.paciente is not None:
            quem = self.hospital.admin if self.model.staff else self.hospital.recepcao
            mudanca = {"pacienteId": self.paciente, "nomeSocial": f"Dita {self.hospital.nome()}"}
            feita = await quem(ATUALIZAR_PACIENTE, input=mudanca)
            assert feita.recusas == []
            self.model.touched()

    async def _book(self, _: str) -> None:
        if self.paciente is not None and not self.model.left_over:
            quem = Pessoa(self.hospital.ninguem, self.paciente, self.cpf, "")
            await self.hospital.consulta(quem, await self.hospital.profissional())
            self.model.touched()

    async def _give_a_role(self, _: str) -> None:
        entrada = {"cpf": self.cpf, "nome": "Ana Ramos", "papel": "RECEPCAO"}
        feita = await self.hospital.admin(CADASTRAR_FUNCIONARIO, input=entrada)
        done = not self.model.staff and not self.model.deactivated and not self.model.left_over
        assert (feita.recusas == []) is done, feita.corpo
        if done:
            self.model.exists = self.model.staff = True
            self.model.void(feita.data["cadastrarFuncionario"]["codigoDeAcesso"]["codigo"])

    async def _issue_a_code(self, actor: str) -> None:
        quem = self.hospital.admin if actor == "administrator" else self.hospital.recepcao
        feita = await quem(EMITIR, cpf=self.cpf)
        if not self.model.closed and (actor == "administrator" or not self.model.staff):
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

    async def _take_the_role(self, _: str) -> None:
        if self.model.exists:
            feita = await self.hospital.admin(RETIRAR, id=await self._usuario(), papel="RECEPCAO")
            done = self.model.staff and self.paciente is not None
            assert (feita.recusas == []) is done, feita.corpo
            if done:
                self.model.staff = False
                self.model.touched()

    async def _deactivate(self, _: str) -> None:
        if self.model.exists:
            feita = await self.hospital.admin(DESATIVAR, id=await self._usuario(), m="Foi embora.")
            assert (feita.recusas == []) is not self.model.closed, feita.corpo
            if not self.model.closed:
                self.model.deactivated, self.model.code = True, None

    async def _reactivate(self, _: str) -> None:
        if self.model.exists:
            feita = await self.hospital.admin(REATIVAR, id=await self._usuario())
            done = self.model.deactivated and not self.model.left_over
            assert (feita.recusas == []) is done, feita.corpo
            if done:
                self.model.deactivated = False
                self.model.void(feita.data["reativarUsuario"]["codigoDeAcesso"]["codigo"])

    async def _correct_the_CPF(self, _: str) -> None:
        if self.model.exists:
            certo = self.hospital.cpf()
            mudanca = {"cpf": certo, "justificativa": "Dois dígitos trocados na ficha."}
            if self.paciente is not None:
                onde = {"pacienteId": self.paciente}
                feita = await self.hospital.admin(ATUALIZAR_PACIENTE, input={**onde, **mudanca})
            else:
                onde = {"usuarioId": await self._usuario()}
                feita = await self.hospital.admin(ATUALIZAR, input={**onde, **mudanca})
            assert feita.recusas == [], feita.corpo
            self.wrong.append(self.cpf)
            self.cpf = certo
            self.model.forget()

    async def _join(self, _: str) -> None:
        if self.paciente is not None and self.other is None:
            outro = await self.hospital.paciente()
            feita = await unificar(self.hospital.admin, self.paciente, outro.id)
            assert (feita.recusas == []) is not self.model.staff, feita.corpo
            if not self.model.staff:
                self.other, self.model.left_over, self.model.code = outro.id, True, None

    async def _take_apart(self, _: str) -> None:
        if self.other is not None and self.paciente is not None:
            assert (await desfazer(self.hospital.admin, self.paciente)).recusas == []
            self.other, self.model.left_over = None, False
            if not self.model.deactivated:
                self.model.forget()

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
    "administrator": (
        *("give a role", "take the role", "issue a code", "correct", "correct the CPF", "deactivate", "reactivate"),
        *("join", "take apart"),
    ),
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
    # All actors ask from one address, which is slowed when many log-ins fail: each story begins with none.
    await hospital.dono.transaction(lambda tx: tx.execute("DELETE FROM falha_de_login"))
    story = Story(hospital, hospital.cpf())
    for actor, act in sequence:
        await story.act(actor, act)
    for actor in SENHAS:
        await story.act(actor, "log in")
    for cpf in story.wrong:
        for senha in SENHAS.values():
            assert (await hospital.ninguem(LOGIN, cpf=cpf, senha=senha)).recusas == ["CREDENCIAIS_INVALIDAS"]
