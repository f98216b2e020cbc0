"""A visit to the page in a headless Chromium, which writes down all it asks and all it complains of."""

import os
import re
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, Response, async_playwright

from tests.processes import answers, environment, free_port, start

WINDOW = {"width": 1400, "height": 850}


@asynccontextmanager
async def demo_server(folder: Path, **settings: str) -> AsyncIterator[str]:
    """Run ``sghss-graphql dev`` in a folder of its own; give its URL."""
    port = free_port()
    env = environment(SGHSS_PORT=str(port), SGHSS_HOME=str(folder), **settings)
    process = await start("dev", env=env)
    await answers(f"http://127.0.0.1:{port}", process)
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGINT)
    await process.communicate()


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Run the machine's Chromium."""
    program = os.environ.get("SGHSS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "falta o Chromium: apt-get install chromium, ou diga onde está com SGHSS_CHROMIUM"
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=root)
        yield chromium
        await chromium.close()


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
        self.page.on("requestfailed", self._miss)
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.complaints.append(message.text)

    def _miss(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # what a reload leaves behind
            self.complaints.append(f"{request.url} {request.failure}")

    @property
    def alert(self) -> Locator:
        """What the page says went wrong on the way in."""
        return self.page.locator(".sghss-entrada [role=alert]")

    def tab(self, name: str) -> Locator:
        """One tab, by the name of its operation."""
        return self.page.locator(".graphiql-tab-button").filter(has_text=re.compile(f"^{name}"))

    async def open(self) -> "Visit":
        """Open the page and wait for its editor."""
        await self.page.goto(f"{self.base}/graphql")
        await self.page.locator(".graphiql-query-editor .view-line").first.wait_for()
        return self

    async def enter_as(self, role: str) -> None:
        """Log in with one click."""
        await self.page.get_by_role("button", name=f"Entrar como {role}").click()
        await self.page.locator(f'[aria-label="Entrar como {role}"][aria-pressed=true]').wait_for()

    async def leave(self) -> None:
        """Log out."""
        await self.page.get_by_role("button", name="Sair").click()
        await self.page.get_by_label("CPF").wait_for()

    async def enter(self, cpf: str, senha: str) -> None:
        """Type CPF and password, and press Enter."""
        await self.page.get_by_label("CPF").fill(cpf)
        await self.page.get_by_label("Senha", exact=True).fill(senha)
        await self.page.keyboard.press("Enter")

    async def tabs(self) -> list[str]:
        """Give the names of the open tabs."""
        return await self.page.locator(".graphiql-tab-button").all_inner_texts()

    async def run(self) -> dict[str, Any]:
        """Run the open tab with the button, and give the answer."""
        async with self.page.expect_response(_is_operation) as answer:
            await self.page.locator(".graphiql-execute-button").click()
        response = await answer.value
        return await response.json()

    async def said(self) -> list[str]:
        """Give all that the editor says by itself: names of its buttons and places, and its open dialog's words."""
        return await self.page.evaluate(
            """() => [...document.querySelectorAll(".graphiql-container *, .graphiql-dialog *")]
              .filter((one) => !one.closest(`.monaco-editor, .graphiql-markdown-description, .graphiql-tab-button,
                .graphiql-history-item-label, [class*=-name], .graphiql-doc-explorer-root-type`))
              .flatMap((one) => [one.ariaLabel, one.title, one.placeholder,
                ...[...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data)])
              .filter((words) => words && /[a-z]{2}/i.test(words))"""
        )

    async def faults(self, axe: str) -> list[str]:
        """Give what axe finds on the page as it stands."""
        await self.page.wait_for_timeout(500)  # what fades in has its colour
        await self.page.evaluate(axe)
        found = await self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{fault['id']} {node['target']} {node['failureSummary']}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]

    def only_asked(self, base: str) -> bool:
        """Whether every request went to the server itself (Monaco's fonts come as data:)."""
        own = urlsplit(base).netloc
        return bool(self.requests) and all(
            urlsplit(url).netloc == own for url in self.requests if not url.startswith(("data:", "blob:"))
        )


def _is_operation(response: Response) -> bool:
    sent = response.request.post_data or ""
    return response.request.method == "POST" and "renovarSessao" not in sent and "IntrospectionQuery" not in sent
