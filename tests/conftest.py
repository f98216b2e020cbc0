"""One real database and one application for the whole run; who asks is a mark on the test."""

import asyncio
import inspect
import logging
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from sghss_graphql.app import create_app
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.machinery.database.binaries import ServerBinaries
from sghss_graphql.settings import Settings
from tests.hospital import Cliente, Hospital, with_the_demo
from tests.loop import PRODUCT
from tests.processes import PROCESSES, InTurns, serving
from tests.replica import Replicado, replicado
from tests.servers import CHOICE, CUSTO, DEFAULT, REDE, SEGREDO, Server, chosen_binaries, chosen_server
from tests.wire import connected

REPLICA = bool(os.environ.get("SGHSS_TEST_REPLICA"))
"""Whether queries are read from a replica."""
_INSIDE = re.compile(r"relogio|recorded|create_app|create_services|hospital\.app|hospital\.settings|Wire\b|PRODUCT")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On another server than the usual one, run only what asks a server: the rest would be the same again.

    Through several processes, or by a replica, only what asks them and looks at nothing inside of one.
    """
    if PROCESSES or REPLICA:
        asks = {item for item in items if "hospital" in getattr(item, "fixturenames", ()) and not _looks_inside(item)}
    elif CHOICE == DEFAULT:
        return
    else:
        asks = {item for item in items if {"server", "binaries"} & set(getattr(item, "fixturenames", ()))}
    config.hook.pytest_deselected(items=[item for item in items if item not in asks])
    items[:] = [item for item in items if item in asks]


def _looks_inside(item: pytest.Item) -> bool:
    """Tell whether a test sets the clock, reads the log or the statements, or makes an application of its own.

    It may do so by a fixture or a function that stands beside it.
    """
    test: Any = item.function  # type: ignore[attr-defined]  # a function's
    names = {*re.findall(r"\w+", inspect.getsource(test)), *item.fixturenames}  # type: ignore[attr-defined]  # as above
    beside = [vars(item.module).get(name) for name in sorted(names)]  # type: ignore[attr-defined]  # as above
    beside = [inspect.unwrap(getattr(one, "_fixture_function", one)) for one in beside if callable(one)]
    own = [one for one in beside if inspect.isfunction(one) and one.__module__ == test.__module__]
    reads_the_log = "registros" in item.fixturenames  # type: ignore[attr-defined]  # as above
    return reads_the_log or any(_INSIDE.search(inspect.getsource(one)) for one in (test, *own))


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
async def replicated(
    tmp_path_factory: pytest.TempPathFactory, binaries: ServerBinaries
) -> AsyncIterator[Replicado | None]:
    """A server and its replica, if queries are to be read from one."""
    if not REPLICA:
        yield None
        return
    async with replicado(tmp_path_factory.mktemp("replicado"), binaries) as pair:
        yield pair


@pytest.fixture(scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory, replicated: Replicado | None) -> AsyncIterator[Server]:
    """A server with the schema, the application's user and the demo."""
    async with (
        nullcontext(replicated.banco) if replicated else chosen_server(tmp_path_factory.mktemp("banco")) as server
    ):
        await with_the_demo(server)
        yield server


@pytest.fixture(scope="session")
def settings(server: Server, replicated: Replicado | None) -> Settings:
    """The application's settings."""
    return Settings(
        database_url=str(server.app_url),
        read_url=str(replicated.url) if replicated else None,
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


@asynccontextmanager
async def _asked(app: Starlette, server: Server, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Give what asks the application; or as many processes of it as are wanted, each in its turn."""
    if not PROCESSES:
        async with connected(app) as http:
            yield http
        return
    given = settings.model_dump(exclude_unset=True, exclude_none=True, exclude={"database_url", "jwt_secret"})
    env = {
        f"SGHSS_{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in given.items()
    }
    async with AsyncExitStack() as stack:
        servers = [serving(str(server.app_url), **env, SGHSS_LOG_REQUESTS="false") for _ in range(PROCESSES)]
        urls = await asyncio.gather(*map(stack.enter_async_context, servers))
        asking = httpx.AsyncClient(transport=InTurns(urls), base_url="http://hospital", timeout=60)
        yield await stack.enter_async_context(asking)


@pytest.fixture(scope="session")
async def hospital(server: Server, settings: Settings) -> AsyncIterator[Hospital]:
    """The application, and the people of the demo logged in."""
    app = create_app(settings)
    async with _asked(app, server, settings) as http:
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
