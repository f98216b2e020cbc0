"""A demo hospital in a process of its own, and a headless Chromium that writes down all it asks and says."""

import os
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Response, async_playwright

from tests.processes import answers, environment, free_port, start


@pytest.fixture(scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The URL of ``sghss-graphql dev``."""
    port = free_port()
    env = environment(SGHSS_PORT=str(port), SGHSS_HOME=str(tmp_path_factory.mktemp("casa")))
    process = await start("dev", env=env)
    await answers(f"http://127.0.0.1:{port}", process)
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGINT)
    await process.communicate()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The machine's Chromium."""
    program = os.environ.get("SGHSS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "falta o Chromium: apt-get install chromium, ou diga onde está com SGHSS_CHROMIUM"
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=root)
        yield browser
        await browser.close()


@dataclass
class Visit:
    """A visit to the page: what it asked, what it complained of, and how to use it."""

    page: Page
    base: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Write down every request, error and violation from here on."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"{request.url} {request.failure}"))
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.complaints.append(message.text)

    async def open(self) -> "Visit":
        """Open the page and wait for its editor."""
        await self.page.goto(f"{self.base}/graphql")
        await self.page.locator(".graphiql-query-editor .view-line").first.wait_for()
        return self

    async def enter_as(self, role: str) -> None:
        """Log in with one click."""
        await self.page.get_by_role("button", name=f"Entrar como {role}").click()
        await self.page.locator(".sghss-quem").wait_for()

    async def enter(self, cpf: str, senha: str) -> None:
        """Type CPF and password, and press Enter."""
        await self.page.get_by_label("CPF").fill(cpf)
        await self.page.get_by_label("Senha", exact=True).fill(senha)
        await self.page.keyboard.press("Enter")

    async def tabs(self) -> list[str]:
        """Give the names of the open tabs."""
        return await self.page.get_by_role("tab").all_inner_texts()

    async def run(self) -> dict[str, Any]:
        """Run the open tab with the button, and give the answer."""
        async with self.page.expect_response(_is_operation) as answer:
            await self.page.locator(".graphiql-execute-button").click()
        response = await answer.value
        return await response.json()

    def only_asked(self, base: str) -> bool:
        """Whether every request went to the server itself (Monaco's fonts come as data:)."""
        own = urlsplit(base).netloc
        return bool(self.requests) and all(
            urlsplit(url).netloc == own for url in self.requests if not url.startswith(("data:", "blob:"))
        )


def _is_operation(response: Response) -> bool:
    sent = response.request.post_data or ""
    return response.request.method == "POST" and "renovarSessao" not in sent and "IntrospectionQuery" not in sent


@pytest.fixture
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh browser profile."""
    context = await chromium.new_context(viewport={"width": 1400, "height": 850}, locale="pt-BR")
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
