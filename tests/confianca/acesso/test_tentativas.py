"""Who fails to log in is slowed and locked out where they are, and locks nobody else out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sghss_graphql.confianca.acesso.redes import Redes, rede_de
from sghss_graphql.confianca.acesso.tentativas import Tentativas, varrer
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.faults import TooOften
from sghss_graphql.machinery.throttle import Throttle
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario.errors import Recusa
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import relogio
from tests.hospital import DESBLOQUEAR_LOGIN, LOGIN, SENHA_DE_TESTE, Hospital
from tests.processes import completed, environment

DALI, DALEM, MUITAS = bytes([203, 0, 113, 7]), bytes([198, 51, 100, 9]), bytes([192, 0, 2, 55])


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Database]:
    db = Database(settings.app_database)
    yield db
    await db.close()


@pytest.fixture(autouse=True)
def _hora_certa():
    yield
    relogio.adiantado = timedelta()


def contador(db: Database, limite: int = 10) -> Tentativas:
    """A counter whose networks are let through as often as they like: what is kept is what is tried."""
    return Tentativas(db, limite, Redes(["0.0.0.0/0"]))


async def falhar(tentativas: Tentativas, cpf: str, de: bytes, vezes: int) -> int:
    """Fail as often; give how many were looked at."""
    vistas = 0
    for _ in range(vezes):
        try:
            await tentativas.contar(CPF(cpf), de)
            vistas += 1
        except Recusa:
            break
    return vistas


async def test_a_pair_is_locked_and_the_owner_logs_in_from_elsewhere(hospital: Hospital, app: Database) -> None:
    tentativas, cpf = contador(app), hospital.cpf()
    assert await falhar(tentativas, cpf, DALI, 30) == 10
    assert (await tentativas.contar(CPF(cpf), DALEM)).primeira
    relogio.adiantado = timedelta(seconds=61)
    assert await falhar(tentativas, cpf, DALI, 30) == 1


async def test_nobody_locks_a_cpf_out_of_a_network_where_it_logged_in(hospital: Hospital, app: Database) -> None:
    """A hundred failures an hour from many addresses: strangers' addresses are refused, one's own isn't."""
    paciente = await hospital.paciente()
    ((usuario,),) = await hospital.dono.select(
        "SELECT u.id FROM usuario u JOIN pessoa e ON e.id = u.pessoa_id WHERE e.cpf = %(c)s", c=paciente.cpf
    )
    tentativas = contador(app)
    boa = await tentativas.contar(CPF(paciente.cpf), DALI)
    await app.transaction(_acertar(tentativas, boa, usuario))
    atacadas = 0
    for numero in range(40):
        atacadas += await falhar(tentativas, paciente.cpf, bytes([10, 9, 8, numero]), 9)
    assert atacadas == 100
    assert await falhar(tentativas, paciente.cpf, DALEM, 1) == 0
    assert await falhar(tentativas, paciente.cpf, DALI, 1) == 1
    relogio.adiantado = timedelta(hours=1, seconds=1)
    assert await falhar(tentativas, paciente.cpf, DALEM, 1) == 1


def _acertar(tentativas: Tentativas, tentativa, usuario: bytes):
    async def work(tx) -> None:
        tentativas.acertou(tx, tentativa, usuario)

    return work


async def test_an_address_that_fails_on_many_cpfs_is_slowed_then_refused(hospital: Hospital, app: Database) -> None:
    tentativas = Tentativas(app, 10, Redes())
    tentativas._vazao = Throttle(10_000, 10_000)  # noqa: SLF001 - what is kept is what is tried here
    esperas = []
    for _ in range(40):
        esperas.append((await tentativas.contar(CPF(hospital.cpf()), MUITAS)).espera)
    assert esperas[:31] == [0.0] * 31
    assert esperas[31:] == sorted(esperas[31:])
    assert 0 < esperas[-1] <= 2
    await hospital.dono.transaction(
        lambda tx: tx.execute("UPDATE falha_de_login SET falhas = 100 WHERE chave = %(c)s", c=b"r" + MUITAS)
    )
    with pytest.raises(Recusa, match="MUITAS_TENTATIVAS"):
        await tentativas.contar(CPF(hospital.cpf()), MUITAS)


async def test_a_flood_is_refused_before_it_reaches_the_database(hospital: Hospital, app: Database) -> None:
    tentativas, cpf = Tentativas(app, 10, Redes()), CPF(hospital.cpf())
    feitas = await asyncio.gather(*(tentativas.contar(cpf, bytes(4)) for _ in range(300)), return_exceptions=True)
    ((falhas,),) = await hospital.dono.select(
        "SELECT falhas FROM falha_de_login WHERE chave = %(c)s", c=b"c" + cpf.encode()
    )
    assert falhas <= 10
    assert sum(isinstance(feita, Recusa) for feita in feitas) >= 290


async def test_an_administrator_unlocks_by_the_api_and_by_the_command(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    id = (await paciente.cliente("{ eu { id } }")).data["eu"]["id"]

    async def trancar() -> None:
        for _ in range(11):
            resposta = await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha="errada-mesmo-1")
        assert resposta.recusas == ["MUITAS_TENTATIVAS"]

    await trancar()
    assert (await hospital.recepcao(DESBLOQUEAR_LOGIN, id=id)).codigos == ["PROIBIDO"]
    assert (await hospital.admin(DESBLOQUEAR_LOGIN, id="usu_" + "0" * 32)).recusas == ["NAO_ENCONTRADO"]
    assert (await hospital.admin(DESBLOQUEAR_LOGIN, id=id)).recusas == []
    assert (await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha=SENHA_DE_TESTE)).recusas == []
    await trancar()
    env = environment(SGHSS_DATABASE_URL=str(hospital.server.app_url))
    code, text = await completed("usuario", "desbloquear", paciente.cpf, env=env)
    assert (code, "Desbloqueado" in text) == (0, True), text
    assert (await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha=SENHA_DE_TESTE)).recusas == []
    code, text = await completed("usuario", "desbloquear", hospital.cpf(), env=env)
    assert (code, "Não há cadastro" in text) == (1, True), text


async def test_what_no_longer_counts_is_swept(hospital: Hospital, app: Database) -> None:
    tentativas, cpf = contador(app), hospital.cpf()
    await falhar(tentativas, cpf, DALI, 3)
    await varrer(app)
    contar = "SELECT COUNT(*) FROM falha_de_login WHERE chave = %(c)s"
    assert await hospital.dono.select(contar, c=b"c" + cpf.encode()) == [(1,)]
    relogio.adiantado = timedelta(days=2)
    for _ in range(20):  # a thousand at a time, of whatever the other tests left
        await varrer(app)
    assert await hospital.dono.select(contar, c=b"c" + cpf.encode()) == [(0,)]


def test_a_network_is_an_ipv4_address_or_half_an_ipv6_one() -> None:
    assert rede_de(None) == b""
    assert rede_de(DALI) == rede_de(bytes(10) + b"\xff\xff" + DALI) == DALI
    assert rede_de(bytes(range(16))) == bytes(range(8))
    redes = Redes(["10.0.0.0/8", "2001:db8::/32"])
    assert [redes.folga(rede) for rede in (bytes([10, 1, 2, 3]), DALI, b"", bytes.fromhex("20010db800000001"))] == [
        20,
        1,
        1,
        20,
    ]


def test_a_bucket_refills_and_forgets_whom_it_has_no_room_for() -> None:
    vazao = Throttle(rate=1, burst=3, most=100)
    assert [vazao.take("a") for _ in range(3)] == [0, 0, 0]
    assert 0 < vazao.take("a") <= 1
    assert vazao.take("b", times=20) == 0
    for numero in range(1_000):
        vazao.take(numero)
    assert len(vazao._full_at) <= 100  # noqa: SLF001 - what it keeps


def test_work_is_owed_by_whoever_did_it_and_their_next_request_waits() -> None:
    vazao = Throttle(rate=10, burst=50)
    conta = vazao.bill("a", TooOften)
    for _ in range(2):
        conta.charge(1.0)  # a request may do all that one may, of each kind
    assert 4.5 <= vazao.take("a") <= 5.2
    assert vazao.left("a") == (0, 10)
    with pytest.raises(TooOften) as waits:
        vazao.bill("a", TooOften).charge(0.1)
    assert 4.5 <= waits.value.wait <= 5.1, "another one at the same time waits too"
    assert vazao.take("b") == 0
    vazao.bill("b", TooOften).charge(0.5)
    Throttle(rate=0, burst=10).bill("a", TooOften).charge(9.0)
    full = Throttle(rate=10, burst=50)
    for _ in range(3):
        full.bill("a", TooOften).charge(0.0009)
    assert full.left("a") == (50, 1), "less than a thousandth is in the price of a request"
    assert full.owed("a", 0.0, 1, 0.0) == 0, "nothing of a full bucket is nothing"
