"""The hospital that is simulated: two unidades, a hundred people, and a clock that jumps ahead after each round."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from sghss_graphql.app import create_app, grants, migrations
from sghss_graphql.cadastro.usuarios.porta import primeiro_administrador
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.embedded import EmbeddedServer, create_database
from sghss_graphql.machinery.database.migrations import migrate
from sghss_graphql.machinery.database.url import DatabaseUrl
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario.scalars import ler_cpf
from sghss_graphql.vocabulario.tempo import agora
from tests.cadastro.unidades.test_unidades import sala, tipo, unidade
from tests.hospital import DIAS, EXPEDIENTE, SENHA_DE_TESTE, TROCAR, Cliente, Hospital, Pessoa
from tests.servers import CUSTO, REDE, SEGREDO, chosen_binaries
from tests.simulador.livro import Conta, Livro
from tests.simulador.processos import Banco, Servidor
from tests.simulador.relogio import RelogioPartilhado
from tests.wire import connected

FUSOS = ("America/Sao_Paulo", "America/Manaus")
ABRE, FECHA = 7, 19
PACIENTES, PROFISSIONAIS, RECEPCAO, ADMINISTRADORES, ESTRANHOS = 64, 12, 10, 4, 10
LIMITE, LIMITE_DA_ESPECIALIDADE = 4, 2
"""Consultas to come that a paciente may book alone: in all, with one speciality."""
_TORTOS = (-700, 900)
"""Milliseconds by which the clocks of the two servers are off."""
_ENV = {"SGHSS_PATIENT_BOOKINGS": str(LIMITE), "SGHSS_PATIENT_BOOKINGS_BY_SPECIALTY": str(LIMITE_DA_ESPECIALIDADE)}


@dataclass(frozen=True)
class Onde:
    """A database that runs: as a server, and by which addresses its owner and the application find it."""

    embutido: EmbeddedServer
    do_dono: DatabaseUrl
    da_aplicacao: DatabaseUrl


@dataclass
class Mundo:
    """All that the actors and the proofs need to know."""

    acaso: random.Random
    relogio: RelogioPartilhado
    banco: Banco
    dono: Database
    servidores: list[Servidor]
    livro: Livro
    pacientes: list[Conta] = field(default_factory=list)
    estranhos: list[Conta] = field(default_factory=list)
    profissionais: list[Conta] = field(default_factory=list)
    recepcao: list[Conta] = field(default_factory=list)
    administradores: list[Conta] = field(default_factory=list)
    fuso: dict[str, str] = field(default_factory=dict)
    """Time zone of each profissional's unidade, by the profissional's id."""
    com_sala: str = ""
    """A kind of appointment that needs a sala."""
    unir: list[tuple[str, str]] = field(default_factory=list)

    @property
    def todos(self) -> list[Conta]:
        """Everybody."""
        return [*self.pacientes, *self.estranhos, *self.profissionais, *self.recepcao, *self.administradores]

    def instante(self, profissional: str, acaso: random.Random, passo: int = 5) -> datetime:
        """Give an instant of today or tomorrow at which a profissional works, most of the time one to come."""
        fuso = ZoneInfo(self.fuso[profissional])
        agora_la = agora_com_fuso().astimezone(fuso)
        dia = agora_la.date() + timedelta(days=acaso.choice((0, 0, 0, 1)))
        minutos = passo * acaso.randrange((FECHA - ABRE) * 60 // passo)
        achado = datetime.combine(dia, time(ABRE), fuso) + timedelta(minutes=minutos)
        return achado if achado > agora_la or acaso.random() < 0.1 else achado + timedelta(days=1)


def agora_com_fuso() -> datetime:
    """Give this instant of the simulation, with its offset."""
    return agora().replace(tzinfo=ZoneInfo("UTC"))


@asynccontextmanager
async def montar(
    pasta: Path,
    semente: int,
    defeito: str | None = None,
    estrada: Callable[[DatabaseUrl], Awaitable[DatabaseUrl]] | None = None,
    onde: Onde | None = None,
) -> AsyncIterator[Mundo]:
    """Make the hospital in a folder that is empty, and start its two servers.

    ``estrada`` gives the address by which they find the database, if it isn't the database's own; ``onde`` is a
    database that runs, if it isn't to be made.
    """
    relogio = RelogioPartilhado(pasta / "relogio")
    relogio.seguir()
    acaso = random.Random(semente)
    async with AsyncExitStack() as stack:
        if onde is None:
            embutido = await stack.enter_async_context(EmbeddedServer(pasta / "banco", chosen_binaries()))
            onde = Onde(embutido, embutido.owner_url, embutido.app_url)
        await create_database(onde.embutido, grants(), lambda db: migrate(db, migrations()))
        banco, dono = Banco(onde.embutido), Database(onde.do_dono, size=4, statement_timeout=600)
        url = str(await estrada(onde.da_aplicacao) if estrada else onde.da_aplicacao)
        servidores = [Servidor(url, pasta / "relogio", torto, defeito, **_ENV) for torto in _TORTOS]
        async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_keepalive_connections=0)) as http:
            mundo = Mundo(acaso, relogio, banco, dono, servidores, Livro(servidores, banco, http, acaso))
            await _povoar(mundo, onde.embutido)
            await asyncio.gather(*(servidor.ligar() for servidor in servidores))
            try:
                yield mundo
            finally:
                await asyncio.gather(*(servidor.desligar() for servidor in servidores))
                await dono.close()


async def _povoar(mundo: Mundo, embutido: EmbeddedServer) -> None:
    """Register everybody, by the API, before anything is disturbed."""
    settings = Settings(
        database_url=str(embutido.app_url), jwt_secret=SEGREDO, bcrypt_cost=CUSTO, shared_networks=REDE,
        requests_per_second=0, registrations_per_hour=0, database_seconds=0, stranger_requests_per_second=0,
        login_tries_per_second=0, tasks=False,
    )  # fmt: skip
    app = create_app(settings)
    async with connected(app) as http:
        hospital = Hospital(embutido, settings, app, http)
        cpf = hospital.cpf()
        senhas = Senhas(CUSTO)
        guardada = await senhas.guardar(SENHA_DE_TESTE)
        senhas.close()
        await mundo.dono.transaction(lambda tx: primeiro_administrador(tx, ler_cpf(cpf), "Primeiro", guardada))
        primeiro = await hospital.ninguem.entrar(cpf, SENHA_DE_TESTE)
        trocada = f"{SENHA_DE_TESTE}-2"
        sessao = (await primeiro(TROCAR, de=SENHA_DE_TESTE, para=trocada)).data["trocarSenha"]["sessao"]
        hospital.demo[Papel.ADMINISTRADOR] = Cliente(http, sessao["tokenDeAcesso"], sessao)
        mundo.administradores.append(Conta(cpf, trocada, sessao["usuario"]["id"], sessao["usuario"]["id"]))
        await _equipe(mundo, hospital)
        for _ in range(PACIENTES):
            mundo.pacientes.append(_conta(await hospital.paciente()))
        for _ in range(ESTRANHOS):
            mundo.estranhos.append(_conta(await hospital.estranho()))
        mundo.unir = [(mundo.pacientes[n].id, mundo.pacientes[n + 1].id) for n in (0, 2)]
        await hospital.close()


async def _equipe(mundo: Mundo, hospital: Hospital) -> None:
    for papel, quem, quantos in (
        ("ADMINISTRADOR", mundo.administradores, ADMINISTRADORES - 1),
        ("RECEPCAO", mundo.recepcao, RECEPCAO),
    ):
        quem.extend([_conta(await hospital.funcionario(papel)) for _ in range(quantos)])
    hospital.demo[Papel.RECEPCAO] = await hospital.ninguem.entrar(mundo.recepcao[0].cpf, SENHA_DE_TESTE)
    unidades = [await unidade(hospital, fuso=fuso, abreNosFeriados=True) for fuso in FUSOS]
    for onde in unidades:
        for _ in range(3):
            await sala(hospital, onde)
    mundo.com_sala = await tipo(hospital, exigeSala=True, duracaoEmMinutos=40, intervaloEmMinutos=10)
    for numero in range(PROFISSIONAIS):
        especialidade = [{"nome": ("Clínica Médica", "Cardiologia", "Pediatria")[numero % 3]}]
        profissional = await hospital.profissional(sempre=False, especialidades=especialidade)
        turnos = [
            {"dia": dia, "inicio": f"{ABRE:02}:00", "fim": f"{FECHA}:00", "unidadeId": unidades[numero % 2]}
            for dia in DIAS
        ]
        feito = await hospital.admin(EXPEDIENTE, input={"profissionalId": profissional.id, "turnos": turnos})
        assert feito.recusas == [], feito.corpo
        mundo.profissionais.append(_conta(profissional))
        mundo.fuso[profissional.id] = FUSOS[numero % 2]


def _conta(pessoa: Pessoa) -> Conta:
    sessao = pessoa.cliente.sessao
    return Conta(pessoa.cpf, SENHA_DE_TESTE, sessao["usuario"]["id"], pessoa.id, sessao["tokenDeAcesso"])
