"""One real database and one application for the whole run; who asks is a mark on the test."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from sghss_graphql.app import create_app, grants, migrations
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.demo.carga import carregar
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.binaries import ServerBinaries
from sghss_graphql.machinery.database.embedded import create_database
from sghss_graphql.machinery.database.migrations import migrate
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario.tempo import agora
from tests.hospital import Cliente, Hospital
from tests.loop import PRODUCT
from tests.servers import CHOICE, DEFAULT, Server, chosen_binaries, chosen_server
from tests.wire import connected

SEGREDO = "segredo-dos-testes-com-mais-de-trinta-e-dois-bytes"
REDE = ("127.0.0.0/8",)  # from where the tests ask: many people, one address
CUSTO = 4  # bcrypt's least: the tests are about what is checked, not about how slowly


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On another server than the usual one, run only what asks a server: the rest would be the same again."""
    if CHOICE == DEFAULT:
        return
    asks = {item for item in items if {"server", "binaries"} & set(getattr(item, "fixturenames", ()))}
    config.hook.pytest_deselected(items=[item for item in items if item not in asks])
    items[:] = [item for item in items if item in asks]


@pytest.fixture(scope="session", autouse=True)
def loop_is_watched() -> Iterator[None]:
    """Watch the event loop for as long as tests run."""
    end = PRODUCT.start()
    yield
    end()


@pytest.fixture(autouse=True)
def nobody_holds_the_loop(loop_is_watched: None) -> Iterator[None]:
    """Fail the test in which something of the product's held the event loop."""
    PRODUCT.seen.clear()
    yield
    assert not PRODUCT.seen, f"held the event loop: {', '.join(PRODUCT.seen)}"


@pytest.fixture(scope="session")
def binaries() -> ServerBinaries:
    """The server's programs, unpacked if the machine has none."""
    return chosen_binaries()


@pytest.fixture(scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server with the schema, the application's user and the demo."""
    async with chosen_server(tmp_path_factory.mktemp("banco")) as server:
        await create_database(server, grants(), lambda db: migrate(db, migrations()))
        senhas, db = Senhas(CUSTO), Database(server.app_url, statement_timeout=600)
        assert await carregar(db, senhas, agora())
        await db.close()
        senhas.close()
        yield server


@pytest.fixture(scope="session")
def settings(server: Server) -> Settings:
    """The application's settings."""
    return Settings(
        database_url=str(server.app_url),
        jwt_secret=SEGREDO,
        bcrypt_cost=CUSTO,
        shared_networks=REDE,
        requests_per_second=0,  # whoever tests asks more than a person would
        registrations_per_hour=0,
        database_seconds=0,
        stranger_requests_per_second=0,
        login_tries_per_second=0,
        booking_days=36_500,  # nor do the calendars of tests end
        patient_booking_days=36_500,
        patient_bookings=0,
        tasks=False,  # what is swept, tests sweep themselves
        patient_bookings_by_specialty=0,
    )


@pytest.fixture(scope="session")
async def hospital(server: Server, settings: Settings) -> AsyncIterator[Hospital]:
    """The application, and the people of the demo logged in."""
    app = create_app(settings)
    async with connected(app) as http:
        hospital = Hospital(server, settings, app, http)
        await hospital.entrar_todos()
        yield hospital
        await hospital.close()


@pytest.fixture
def pedir(request: pytest.FixtureRequest, hospital: Hospital) -> Cliente:
    """Ask as the person of the demo that the mark names; as nobody without one."""
    marca = request.node.get_closest_marker("como")
    return hospital.demo[Papel[marca.args[0].upper()]] if marca else hospital.ninguem


@pytest.fixture
def registros(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that the server logs, at every level; the client of the tests keeps silent."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with caplog.at_level(logging.DEBUG):
        yield caplog
