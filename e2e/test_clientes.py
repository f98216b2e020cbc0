"""The clients that an app is written with tell one story against a running server: in Node, in a browser, in Python."""

import asyncio
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from playwright.async_api import Browser

from e2e.clientes.cliente import Hospital, codigos
from e2e.visit import demo_server
from pagina.montar import find_node
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from tests.processes import free_port

SOURCES = Path(__file__).parent / "clientes"
CLIENTS = ("fetch", "graphql-request", "apollo", "urql", "relay")
PACIENTE, _, RECEPCAO, _ = PESSOAS
STEPS = 10


async def run(*command: str, cwd: Path, path: str) -> tuple[int, str]:
    """Run a command to its end; give its exit code and all it wrote."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, "PATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


@pytest.fixture(scope="session")
async def built(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The stories, built: Relay's compiler, GraphQL Code Generator, tsc and Vite all accept the schema."""
    place = tmp_path_factory.mktemp("projeto")
    shutil.copy(root / "schema.graphql", place)
    left_out = shutil.ignore_patterns("node_modules", "dist", "gerado", "__generated__", "__pycache__")
    clients = shutil.copytree(SOURCES, place / "e2e/clientes", ignore=left_out)
    node, npm = find_node(Path(sys.prefix) / "pagina")
    path = f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"
    for command in (
        [*npm, "ci", "--ignore-scripts", "--no-progress"],
        *([*npm, "run", script] for script in ("relay", "codegen", "types", "build")),
    ):
        code, output = await run(*command, cwd=clients, path=path)
        assert code == 0, output
    return clients


@pytest.fixture(scope="session")
def elsewhere(built: Path) -> Iterator[str]:
    """The origin of another page, with the same stories in it."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(built / "dist/pagina"))
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_generated_types_know_the_schema(built: Path) -> None:
    generated = (built / "gerado/graphql.ts").read_text(encoding="utf-8")
    assert re.search(r"export type AgendarConsultaMutation = .*inicio: string", generated), "scalars have their types"


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_in_node(built: Path, demo: str, client: str) -> None:
    node, _ = find_node(Path(sys.prefix) / "pagina")
    code, output = await run(node, "dist/node/rodar.js", client, f"{demo}/graphql", cwd=built, path=os.environ["PATH"])
    assert code == 0, output
    assert len(output.splitlines()) >= STEPS + 1, output


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_in_a_page_of_a_listed_origin(
    chromium: Browser, listed: str, elsewhere: str, client: str
) -> None:
    page = await chromium.new_page()
    await page.goto(elsewhere)
    await page.wait_for_function("window.sghss")
    steps = await page.evaluate("([client, url]) => sghss.contar(client, url)", [client, f"{listed}/graphql"])
    assert len(steps) >= STEPS
    await page.close()


@pytest.fixture(scope="session")
async def introspection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``sghss-graphql schema --json`` writes."""
    code, output = await run(
        sys.executable, "-m", "sghss_graphql", "schema", "--json", cwd=Path(), path=os.environ["PATH"]
    )
    assert code == 0
    place = tmp_path_factory.mktemp("schema") / "introspeccao.json"
    place.write_text(output, encoding="utf-8")
    return place


@pytest.fixture(scope="session")
async def trusting(tmp_path_factory: pytest.TempPathFactory, built: Path):
    """A server that runs the documents of the guides alone."""
    documents = str(built / "gerado/persisted-documents.json")
    place = tmp_path_factory.mktemp("documentos")
    async with demo_server(place, SGHSS_DOCUMENTS=documents, SGHSS_ONLY_DOCUMENTS="true") as url:
        yield url


@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo", "Asia/Tokyo"])
async def test_what_the_guides_tell_comes_true(
    built: Path, demo: str, introspection: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    await _guides(built, demo, "textos", introspection)


async def test_what_the_guides_tell_comes_true_of_documents(built: Path, trusting: str, introspection: Path) -> None:
    await _guides(built, trusting, "documentos", introspection)


async def _guides(built: Path, url: str, mode: str, introspection: Path) -> None:
    node, _ = find_node(Path(sys.prefix) / "pagina")
    asked = (f"{url}/graphql", mode, str(introspection))
    code, output = await run(node, "dist/node/guias.js", *asked, cwd=built, path=os.environ["PATH"])
    assert code == 0, output
    assert output.splitlines() == ["tipos", "formulários", "datas", "caches"], "nothing else was said, no warning"


@pytest.fixture(scope="session")
async def listed(tmp_path_factory: pytest.TempPathFactory, elsewhere: str):
    """A server that lists the other page's origin."""
    async with demo_server(tmp_path_factory.mktemp("listada"), SGHSS_CORS_ORIGINS=elsewhere) as url:
        yield url


async def test_a_page_of_an_origin_that_is_not_listed_reaches_nothing(
    chromium: Browser, demo: str, elsewhere: str
) -> None:
    page = await chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(elsewhere)
    await page.wait_for_function("window.sghss")
    for client in CLIENTS:
        assert (
            await page.evaluate("([client, url]) => sghss.alcanca(client, url)", [client, f"{demo}/graphql"]) is False
        )
    assert any("CORS" in complaint for complaint in complaints)
    await page.close()


async def test_the_same_story_in_python(demo: str) -> None:
    hospital = Hospital(f"{demo}/graphql")
    with pytest.raises(TransportQueryError) as refused:
        await hospital.pedir("{ eu { nome } }")
    assert codigos(refused.value) == ["NAO_AUTENTICADO"]
    assert [erro["codigo"] for erro in await hospital.entrar(PACIENTE.cpf, "errada-123")] == ["CREDENCIAIS_INVALIDAS"]
    assert await hospital.entrar(PACIENTE.cpf, SENHA) == []
    eu = (await hospital.pedir("{ eu { nome paciente { id } } }"))["eu"]
    assert eu["nome"] == PACIENTE.nome
    profissionais = (
        "query($first: Int!, $after: String) { profissionais(first: $first, after: $after)"
        " { edges { node { id } } pageInfo { hasNextPage endCursor } } }"
    )
    ids = [profissional["id"] async for profissional in hospital.paginas(profissionais, 20)]
    assert len(ids) == len(set(ids)) == 60
    with pytest.raises(TransportQueryError) as refused:
        await hospital.pedir("{ pacientes(first: 1) { totalCount } }")
    assert (codigos(refused.value), refused.value.data) == (["PROIBIDO"], {"pacientes": None})
    await _book_and_cancel(hospital, eu["paciente"]["id"])
    assert hospital.tokens
    hospital.tokens["tokenDeAcesso"] = "token.que.venceu"
    assert (await hospital.pedir("{ eu { nome } }"))["eu"]["nome"] == PACIENTE.nome
    assert await hospital.entrar(RECEPCAO.cpf, SENHA) == []
    with pytest.raises(TransportQueryError) as partial_answer:
        await hospital.pedir(
            "query($id: ID!) { eu { nome } paciente(id: $id) { prontuarios { totalCount } } }", id=eu["paciente"]["id"]
        )
    assert partial_answer.value.data == {"eu": {"nome": RECEPCAO.nome}, "paciente": {"prontuarios": None}}
    with pytest.raises(TransportConnectionFailed):
        await Hospital("http://127.0.0.1:1/graphql").pedir("{ eu { nome } }")


async def _book_and_cancel(hospital: Hospital, paciente: str) -> None:
    hours = (
        "query($de: Date!, $ate: Date!) { profissionais(first: 1)"
        " { edges { node { id horariosDisponiveis(de: $de, ate: $ate) { inicio } } } } }"
    )
    de = date.today() + timedelta(days=1)  # noqa: DTZ011 - a day of the hospital's calendar
    found = await hospital.pedir(hours, de=de.isoformat(), ate=(de + timedelta(days=14)).isoformat())
    profissional = found["profissionais"]["edges"][0]["node"]
    book = (
        "mutation($input: AgendarConsultaInput!) { agendarConsulta(input: $input)"
        " { consulta { id } erros { codigo } } }"
    )
    cancel = "mutation($input: CancelarConsultaInput!) { cancelarConsulta(input: $input) { erros { codigo } } }"
    inicio = profissional["horariosDisponiveis"][-1]["inicio"]
    booked = await hospital.pedir(
        book, input={"pacienteId": paciente, "profissionalId": profissional["id"], "inicio": inicio}
    )
    assert booked["agendarConsulta"]["erros"] == []
    dados = {"consultaId": booked["agendarConsulta"]["consulta"]["id"], "motivo": "Mudança de planos"}
    assert await hospital.pedir(cancel, input=dados) == {"cancelarConsulta": {"erros": []}}
    again = await hospital.pedir(cancel, input=dados)
    assert again["cancelarConsulta"]["erros"][0]["codigo"] == "TRANSICAO_INVALIDA"
