"""The page's address: what a browser gets there, and what everybody else does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from sghss_graphql.app import create_app
from sghss_graphql.machinery.web import graphiql
from sghss_graphql.machinery.web.graphiql import POLICY, Page, find_page
from sghss_graphql.settings import Settings

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
PEOPLE = ({"cpf": "52998224725", "nome": "Maria", "papel": "PACIENTE", "senha": "s"},)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built page of two files."""
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    (tmp_path / "pagina/dist/assets").mkdir(parents=True)
    (tmp_path / "pagina/dist/index.html").write_text("<title>a página</title>")
    (tmp_path / "pagina/dist/assets/main-a1b2.js").write_text("let a = 1;" * 200)
    (tmp_path / "segredo.txt").write_text("segredo")
    return tmp_path / "pagina"


@asynccontextmanager
async def _client(settings: Settings, **more: bool) -> AsyncIterator[httpx.AsyncClient]:
    app: Starlette = create_app(settings.model_copy(update={"graphiql": True, **more}), PEOPLE)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield http


async def test_a_browser_gets_the_page_and_a_program_the_api(settings: Settings, page: Path) -> None:
    async with _client(settings) as http:
        answer = await http.get("/graphql", headers=BROWSER)
        assert (answer.status_code, answer.text) == (200, "<title>a página</title>")
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
        for headers, query in (({}, "{ __typename }"), (BROWSER, "{ __typename }")):
            answer = await http.get("/graphql", params={"query": query}, headers=headers)
            assert answer.json() == {"data": {"__typename": "Query"}}
        answer = await http.post("/graphql", json={"query": "{ __typename }"}, headers=BROWSER)
        assert answer.json() == {"data": {"__typename": "Query"}}
        assert (await http.get("/graphql")).json()["errors"]


async def test_the_files_have_the_policy_and_a_long_life(settings: Settings, page: Path) -> None:
    async with _client(settings) as http:
        answer = await http.get("/graphiql/assets/main-a1b2.js")
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers.get_list("cache-control") == ["public, max-age=31536000, immutable"]
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["x-content-type-options"] == "nosniff"
        for path in (
            "/graphiql/",
            "/graphiql/outra.js",
            "/graphiql/../segredo.txt",
            "/graphiql/%2e%2e/%2e%2e/segredo.txt",
        ):
            answer = await http.get(path)
            assert answer.status_code in (404, 405), path
            assert "segredo" not in answer.text


async def test_the_people_of_a_demo_are_offered_and_nobody_elsewhere(settings: Settings, page: Path) -> None:
    async with _client(settings) as http:
        assert (await http.get("/graphiql/entrada.json")).json() == {"demonstracao": list(PEOPLE)}
    app = create_app(settings.model_copy(update={"graphiql": True}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as http:
        assert (await http.get("/graphiql/entrada.json")).json() == {"demonstracao": []}


async def test_without_a_page_its_address_says_why_and_what_to_do(settings: Settings, page: Path) -> None:
    (page / "dist/index.html").unlink()
    (page / "motivo.txt").write_text("o passo <npm ci> falhou\n")
    async with _client(settings) as http:
        answer = await http.get("/graphql", headers=BROWSER)
        assert answer.status_code == 503
        assert "o passo &lt;npm ci&gt; falhou" in answer.text
        assert "make pagina" in answer.text
        assert (await http.post("/graphql", json={"query": "{ __typename }"})).json()["data"]
        assert (await http.get("/graphiql/assets/main-a1b2.js")).status_code == 404


async def test_the_page_is_off_unless_asked_for(settings: Settings, page: Path) -> None:
    assert Settings.model_fields["graphiql"].default is False
    async with _client(settings, graphiql=False) as http:
        answer = await http.get("/graphql", headers=BROWSER)
        assert answer.json()["errors"][0]["extensions"]["code"] == "REQUISICAO_INVALIDA"
        assert (await http.get("/graphiql/entrada.json")).status_code == 404


def test_a_wheel_brings_its_own_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphiql.importlib.resources, "files", lambda _: tmp_path)
    (tmp_path / "pagina").mkdir()
    assert find_page() == Page(tmp_path / "pagina")
    assert not find_page().built
