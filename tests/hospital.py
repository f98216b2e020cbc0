"""A hospital for the tests: a private MariaDB with the demo in it, the real application, and people who ask."""

import contextlib
import itertools
import random
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from faker import Faker
from starlette.applications import Starlette

from sghss_graphql.app import grants, migrations
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.demo.carga import carregar
from sghss_graphql.demo.pessoas import PESSOAS, SENHA, Sorteio
from sghss_graphql.machinery.database import Database, DuplicateKey, Transaction
from sghss_graphql.machinery.database.embedded import create_database
from sghss_graphql.machinery.database.migrations import migrate
from sghss_graphql.schema import casa, create_schema
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.atos import Leitura
from sghss_graphql.vocabulario.tempo import agora
from tests.servers import CUSTO, Server

SCHEMA = create_schema()
CASA = casa()
LEITURAS = frozenset(ato for ato in CASA.atos.values() if isinstance(ato, Leitura))
SENHA_DE_TESTE = "um-cavalo-7-bateria"
_faker = Faker("pt_BR")
_semente = random.SystemRandom().randrange(2**32)
_faker.seed_instance(_semente)
_acaso = random.Random(_semente)
_sorteio = Sorteio(_semente)
_dias = itertools.cycle(_acaso.sample(range(3, 900), 897))
_numeros = itertools.count(_acaso.randrange(200_000, 4_000_000))


@dataclass(frozen=True)
class Resposta:
    """What came back."""

    status: int
    corpo: dict[str, Any]
    cabecalhos: httpx.Headers

    @property
    def data(self) -> Any:
        """The data of an answer that has no errors."""
        assert "errors" not in self.corpo, self.corpo["errors"]
        return self.corpo["data"]

    @property
    def codigos(self) -> list[str]:
        """The codes of the GraphQL errors."""
        return [erro["extensions"]["code"] for erro in self.corpo.get("errors", [])]

    @property
    def recusas(self) -> list[str]:
        """The codes in ``erros`` of the only mutation."""
        (payload,) = self.data.values()
        return [erro["codigo"] for erro in payload["erros"]]


def chave(id_publico: str) -> bytes:
    """Give the key that a public id names."""
    lido = ids.separar(id_publico)
    assert lido is not None
    return lido[1]


class Aberto:
    """A seal that hides nothing, and is of nobody: for tests of what stands below the product's own."""

    def close(self, place: str, data: bytes) -> bytes:
        """Write the place before it."""
        return place.encode() + b"|" + data

    def open(self, place: str, sealed: bytes) -> bytes | None:
        """Take the place off."""
        found, _, data = sealed.partition(b"|")
        return data if found == place.encode() else None


ABERTO = Aberto()


CHAVE: ContextVar[str | None] = ContextVar("chave", default=None)
"""The Idempotency-Key with which clients ask, if there is one."""


@dataclass
class Cliente:
    """Someone who asks: ``await cliente("{ eu { nome } }")``."""

    http: httpx.AsyncClient
    token: str | None = None
    sessao: dict[str, Any] = field(default_factory=dict)

    async def __call__(self, query: str, **variables: Any) -> Resposta:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if (chave := CHAVE.get()) is not None:
            headers["Idempotency-Key"] = chave
        corpo = {"query": query, "variables": variables}
        resposta = await self.http.post("/graphql", json=corpo, headers=headers)
        return Resposta(resposta.status_code, resposta.json(), resposta.headers)

    async def entrar(self, cpf: str, senha: str) -> "Cliente":
        """Log in as someone else."""
        resposta = await self(LOGIN, cpf=cpf, senha=senha)
        sessao = resposta.data["login"]["sessao"]
        assert sessao is not None, resposta.corpo
        return Cliente(self.http, sessao["tokenDeAcesso"], sessao)


_SESSAO = (
    "{ sessao { tokenDeAcesso expiraEm tokenDeRenovacao trocaDeSenhaObrigatoria"
    " usuario { id nome papeis } } erros { codigo mensagem campo } }"
)
LOGIN = "mutation($cpf: CPF!, $senha: String!) { login(cpf: $cpf, senha: $senha) " + _SESSAO + " }"
RENOVAR = "mutation($t: String!) { renovarSessao(tokenDeRenovacao: $t) " + _SESSAO + " }"
TROCAR = "mutation($de: String!, $para: String!) { trocarSenha(senhaAtual: $de, senhaNova: $para) " + _SESSAO + " }"
DEFINIR = (
    "mutation($cpf: CPF!, $codigo: String!, $senha: String!)"
    " { definirSenha(cpf: $cpf, codigo: $codigo, senhaNova: $senha) " + _SESSAO + " }"
)
SAIR = "mutation { sair { erros { codigo } } }"
EMITIR = (
    "mutation($cpf: CPF!) { emitirCodigoDeAcesso(cpf: $cpf)"
    " { codigoDeAcesso { codigo expiraEm } erros { codigo campo } } }"
)
CADASTRAR_PACIENTE = (
    "mutation($input: CadastrarPacienteInput!) { cadastrarPaciente(input: $input)"
    " { paciente { id nome nomeSocial cpf cns nascimento sexo email telefone criadoEm }"
    " erros { codigo mensagem campo } } }"
)
ATUALIZAR_PACIENTE = CADASTRAR_PACIENTE.replace("CadastrarPaciente", "AtualizarPaciente").replace(
    "cadastrarPaciente", "atualizarPaciente"
)
CADASTRAR_PROFISSIONAL = (
    "mutation($input: CadastrarProfissionalInput!) { cadastrarProfissional(input: $input)"
    " { profissional { id nome registro especialidades { nome } fuso }"
    " codigoDeAcesso { codigo } erros { codigo mensagem campo } } }"
)
CADASTRAR_FUNCIONARIO = (
    "mutation($input: CadastrarFuncionarioInput!) { cadastrarFuncionario(input: $input)"
    " { usuario { id nome cpf papeis email } codigoDeAcesso { codigo } erros { codigo campo } } }"
)
EXPEDIENTE = (
    "mutation($input: DefinirExpedienteInput!) { definirExpediente(input: $input)"
    " { profissional { id fuso expediente { dia inicio fim } } erros { codigo mensagem campo } } }"
)
BLOQUEAR = (
    "mutation($input: BloquearAgendaInput!) { bloquearAgenda(input: $input)"
    " { bloqueio { id profissional { id } inicio fim motivo } erros { codigo campo } } }"
)
DIAS = ["SEGUNDA", "TERCA", "QUARTA", "QUINTA", "SEXTA", "SABADO", "DOMINGO"]
CRIAR_UNIDADE = "mutation($input: UnidadeInput!) { criarUnidade(input: $input) { unidade { id } erros { codigo } } }"
DESBLOQUEAR_LOGIN = "mutation($id: ID!) { desbloquearLogin(usuarioId: $id) { usuario { id } erros { codigo campo } } }"
DESBLOQUEAR = "mutation($id: ID!) { desbloquearAgenda(bloqueioId: $id) { bloqueio { id } erros { codigo campo } } }"
_CONSULTA = (
    "{ consulta { id inicio fim situacao modalidade motivo paciente { id } profissional { id }"
    " historico { situacao inicio motivo } } horariosProximos { inicio fim } erros { codigo mensagem campo } }"
)
AGENDAR = "mutation($input: AgendarConsultaInput!) { agendarConsulta(input: $input) " + _CONSULTA + " }"
REMARCAR = "mutation($input: RemarcarConsultaInput!) { remarcarConsulta(input: $input) " + _CONSULTA + " }"
CANCELAR = "mutation($input: CancelarConsultaInput!) { cancelarConsulta(input: $input) " + _CONSULTA + " }"
CONFIRMAR = "mutation($id: ID!) { confirmarConsulta(consultaId: $id) " + _CONSULTA + " }"
INICIAR = "mutation($id: ID!) { iniciarAtendimento(consultaId: $id) " + _CONSULTA + " }"
CONCLUIR = "mutation($id: ID!) { concluirConsulta(consultaId: $id) " + _CONSULTA + " }"
ATUALIZAR = "mutation($input: AtualizarConsultaInput!) { atualizarConsulta(input: $input) " + _CONSULTA + " }"
CORRIGIR = "mutation($input: CorrigirSituacaoInput!) { corrigirSituacao(input: $input) " + _CONSULTA + " }"
FALTAR = "mutation($id: ID!) { registrarFalta(consultaId: $id) " + _CONSULTA + " }"
_PRONTUARIO = (
    "{ prontuario { id numero tipo texto cid10 registroDoAutor justificativa hash hashAnterior criadoEm paciente { id }"
    " autor { id } consulta { id } retifica { id } } erros { codigo mensagem campo } }"
)
ADICIONAR = "mutation($input: AdicionarProntuarioInput!) { adicionarProntuario(input: $input) " + _PRONTUARIO + " }"
RETIFICAR = "mutation($input: RetificarProntuarioInput!) { retificarProntuario(input: $input) " + _PRONTUARIO + " }"


@dataclass(frozen=True)
class Pessoa:
    """Someone registered for a test: their client, their registration's id and their CPF."""

    cliente: Cliente
    id: str
    cpf: str
    nome: str


async def with_the_demo(server: Server) -> None:
    """Give a server the schema, the application's user and the demo."""
    await create_database(server, grants(), lambda db: migrate(db, migrations()))
    senhas, db = Senhas(CUSTO), Database(server.app_url, statement_timeout=600)
    assert await carregar(db, senhas, agora())
    await db.close()
    senhas.close()


class Hospital:
    """The application under test, and people made for one test."""

    def __init__(self, server: Server, settings: Settings, app: Starlette, http: httpx.AsyncClient) -> None:
        self.server = server
        self.settings = settings
        self.app = app
        self.http = http
        self.ninguem = Cliente(http)
        self.demo: dict[Papel, Cliente] = {}
        self.unidades: dict[str, str] = {}
        self._dono: Database | None = None
        self._cpfs: set[str] = set()
        """Those that somebody has."""

    async def entrar_todos(self) -> None:
        """Log the four people of the demo in."""
        self._cpfs |= {cpf for (cpf,) in await self.dono.select("SELECT cpf FROM pessoa WHERE cpf IS NOT NULL")}
        for pessoa in PESSOAS:
            self.demo[pessoa.papel] = await self.ninguem.entrar(pessoa.cpf, SENHA)

    @property
    def admin(self) -> Cliente:
        """The demo's administrador."""
        return self.demo[Papel.ADMINISTRADOR]

    @property
    def recepcao(self) -> Cliente:
        """The demo's reception."""
        return self.demo[Papel.RECEPCAO]

    @property
    def dono(self) -> Database:
        """The database as its owner."""
        if self._dono is None:
            self._dono = Database(self.server.owner_url, size=4)
        return self._dono

    async def close(self) -> None:
        """End what the tests opened."""
        if self._dono is not None:
            await self._dono.close()

    def cpf(self) -> str:
        """Make a CPF that nobody has."""
        cpf = next(
            novo for novo in iter(lambda: _faker.cpf().replace(".", "").replace("-", ""), "") if novo not in self._cpfs
        )
        self._cpfs.add(cpf)
        return cpf

    def registro(self, conselho: str = "CRM", uf: str = "SP") -> dict[str, str]:
        """Make a registration in a council that nobody has."""
        return {"conselho": conselho, "numero": str(next(_numeros)), "uf": uf}

    def cns(self) -> str:
        """Make a CNS that nobody has."""
        return _sorteio.cns()

    def nome(self) -> str:
        """Make a name."""
        return f"{_faker.first_name()} {_faker.last_name()} {_faker.last_name()}"

    async def paciente(self, **dados: Any) -> Pessoa:
        """Register a new paciente at the desk, who sets a password with the code that they get there."""
        entrada = {"cpf": self.cpf(), "nome": self.nome(), "nascimento": "1980-05-17", **dados}
        entrada["mesmoSeDuplicado"] = True
        resposta = await self.recepcao(CADASTRAR_PACIENTE, input=entrada)
        paciente = resposta.data["cadastrarPaciente"]["paciente"]
        assert paciente, resposta.corpo
        cliente = await self.com_codigo(entrada["cpf"], await self.codigo(entrada["cpf"]))
        return Pessoa(cliente, paciente["id"], entrada["cpf"], entrada["nome"])

    async def estranho(self, **dados: Any) -> Pessoa:
        """Register somebody over the network, as whoever typed this CPF first would: nobody has verified them."""
        entrada = {
            "cpf": self.cpf(), "nome": self.nome(), "nascimento": "1980-05-17", "senha": SENHA_DE_TESTE, **dados
        }  # fmt: skip
        resposta = await self.ninguem(CADASTRAR_PACIENTE, input=entrada)
        paciente = resposta.data["cadastrarPaciente"]["paciente"]
        assert paciente, resposta.corpo
        cliente = await self.ninguem.entrar(entrada["cpf"], SENHA_DE_TESTE)
        return Pessoa(cliente, paciente["id"], entrada["cpf"], entrada["nome"])

    async def codigo(self, cpf: str) -> str:
        """Hand a code out, as an administrador."""
        emitido = (await self.admin(EMITIR, cpf=cpf)).data["emitirCodigoDeAcesso"]["codigoDeAcesso"]
        return str(emitido["codigo"])

    async def com_codigo(self, cpf: str, codigo: str, senha: str = SENHA_DE_TESTE) -> Cliente:
        """Set a password with a code, and ask as whoever did."""
        resposta = await self.ninguem(DEFINIR, cpf=cpf, codigo=codigo, senha=senha)
        sessao = resposta.data["definirSenha"]["sessao"]
        assert sessao, resposta.corpo
        return Cliente(self.http, sessao["tokenDeAcesso"], sessao)

    async def profissional(self, *, sempre: bool = True, fuso: str = "UTC", **dados: Any) -> Pessoa:
        """Register a new profissional; unless ``sempre`` is False, they work at every hour of every day."""
        cpf, nome = self.cpf(), self.nome()
        entrada = {
            "cpf": cpf,
            "nome": nome,
            **self.registro(),
            "especialidades": [{"nome": "Clínica Médica"}],
            **dados,
        }
        resposta = await self.admin(CADASTRAR_PROFISSIONAL, input=entrada)
        profissional = resposta.data["cadastrarProfissional"]["profissional"]
        assert profissional, resposta.corpo
        codigo = resposta.data["cadastrarProfissional"]["codigoDeAcesso"]["codigo"]
        cliente = await self.com_codigo(entrada["cpf"], codigo)
        cpf = entrada["cpf"]
        if sempre:
            await self.sempre_em(profissional["id"], await self.unidade_em(fuso))
        return Pessoa(cliente, profissional["id"], cpf, entrada["nome"])

    async def sempre_em(self, profissional: str, unidade: str, **mais: Any) -> None:
        """Let a profissional work at every hour of every day, in a unidade; ``mais`` of each shift is said."""
        turnos = [{"dia": dia, "inicio": "00:00", "fim": "24:00", "unidadeId": unidade, **mais} for dia in DIAS]
        feito = await self.admin(EXPEDIENTE, input={"profissionalId": profissional, "turnos": turnos})
        assert feito.recusas == [], feito.corpo

    async def unidade_em(self, fuso: str) -> str:
        """Give the id of a unidade in a time zone, open on holidays."""
        if fuso not in self.unidades:
            entrada = {"nome": f"Em {fuso}", "fuso": fuso, "abreNosFeriados": True}
            feita = await self.admin(CRIAR_UNIDADE, input=entrada)
            self.unidades[fuso] = str(feita.data["criarUnidade"]["unidade"]["id"])
        return self.unidades[fuso]

    async def tambem_paciente(self, profissional: Pessoa) -> Pessoa:
        """Register a profissional as a paciente, at the desk, and give them as one."""
        entrada = {"cpf": profissional.cpf, "nome": profissional.nome, "nascimento": "1975-01-01"}
        feito = (await self.recepcao(CADASTRAR_PACIENTE, input=entrada)).data["cadastrarPaciente"]
        return replace(profissional, id=feito["paciente"]["id"])

    async def funcionario(self, papel: str) -> Pessoa:
        """Register someone new of the staff."""
        cpf, nome = self.cpf(), self.nome()
        entrada = {"cpf": cpf, "nome": nome, "papel": papel}
        feito = (await self.admin(CADASTRAR_FUNCIONARIO, input=entrada)).data["cadastrarFuncionario"]
        cliente = await self.com_codigo(cpf, feito["codigoDeAcesso"]["codigo"])
        return Pessoa(cliente, feito["usuario"]["id"], cpf, nome)

    async def consulta(self, paciente: Pessoa, profissional: Pessoa, inicio: str | None = None, **dados: Any) -> str:
        """Book a consulta at the desk; give its id."""
        entrada = {
            "pacienteId": paciente.id,
            "profissionalId": profissional.id,
            "inicio": inicio or self.instante(),
            **dados,
        }
        resposta = await self.recepcao(AGENDAR, input=entrada)
        consulta = resposta.data["agendarConsulta"]["consulta"]
        assert consulta, resposta.corpo
        return str(consulta["id"])

    async def comeca(self, consulta: str, em: timedelta) -> None:
        """Let a consulta begin so long from now, or ago, as if it had been booked so: no mutation does."""

        async def work(tx: Transaction) -> None:
            chave_dela = chave(consulta)
            ((inicio,),) = await tx.select("SELECT inicio FROM consulta WHERE id = %(c)s FOR UPDATE", c=chave_dela)
            celulas = (datetime.now(UTC).replace(tzinfo=None) + em - inicio) // timedelta(minutes=5)
            ordem = "DESC" if celulas > 0 else ""
            tx.write(
                "UPDATE consulta SET inicio = inicio + INTERVAL %(m)s MINUTE, fim = fim + INTERVAL %(m)s MINUTE"
                " WHERE id = %(c)s",
                m=5 * celulas,
                c=chave_dela,
            )
            tx.write(
                f"UPDATE tempo SET celula = celula + %(n)s WHERE consulta_id = %(c)s ORDER BY celula {ordem}",
                n=celulas,
                c=chave_dela,
            )

        await self.dono.transaction(work)

    async def comecou(self, consulta: str) -> None:
        """Let a consulta have begun, at a time at which its people have no other one."""
        for minutos in _acaso.sample(range(10, 650, 5), 100):
            with contextlib.suppress(DuplicateKey):
                await self.comeca(consulta, -timedelta(minutes=minutos))
                return
        raise AssertionError("its people have no time at all")

    async def prontuario(self, profissional: Pessoa, paciente: Pessoa, **dados: Any) -> str:
        """Write a record; give its id."""
        entrada = {"pacienteId": paciente.id, "tipo": "EVOLUCAO", "texto": "Evolui bem.", **dados}
        resposta = await profissional.cliente(ADICIONAR, input=entrada)
        prontuario = resposta.data["adicionarProntuario"]["prontuario"]
        assert prontuario, resposta.corpo
        return str(prontuario["id"])

    def instante(self, dias: float | None = None) -> str:
        """Give an instant ahead, on a multiple of 30 minutes; unless the days are given, on a day that is new."""
        adiante = timedelta(days=dias if dias is not None else next(_dias))
        dia = (datetime.now(UTC) + adiante).replace(hour=0, minute=0, second=0, microsecond=0)
        return (dia + timedelta(minutes=30 * _acaso.randrange(40))).isoformat()
