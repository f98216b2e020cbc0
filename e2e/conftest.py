"""A demo hospital in a process of its own, and someone who visits its page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext

from e2e.visit import WINDOW, Visit, browser, demo_server


@pytest.fixture(scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The URL of ``sghss-graphql dev``."""
    async with demo_server(tmp_path_factory.mktemp("casa")) as url:
        yield url


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The machine's Chromium."""
    async with browser() as chromium:
        yield chromium


@pytest.fixture
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh browser profile."""
    context = await chromium.new_context(viewport=WINDOW, locale="pt-BR")
    yield context
    await context.close()


@pytest.fixture
async def visit(context: BrowserContext, demo: str) -> AsyncIterator[Visit]:
    """The page of the demo, open; at the end nothing was asked of another host, and nothing complained."""
    visit = Visit(await context.new_page(), demo)
    visit.watch()
    await visit.open()
    yield visit
    assert visit.only_asked(demo), visit.requests
    assert visit.complaints == []
    assert all("token" not in url.lower() and "eyJ" not in url for url in visit.requests)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).parents[1]
