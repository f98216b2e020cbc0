"""The page as a newcomer uses it: opened, logged in, clicked through; in Chromium."""

import asyncio
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.async_api import BrowserContext, FloatRect, Locator, Route, ViewportSize, expect
from validate_docbr import CPF

from e2e.visit import Visit
from pagina.montar import find_node
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from tests.hospital import CADASTRAR_FUNCIONARIO, DEFINIR, Cliente
from tests.processes import answers, environment, free_port

EXAMPLES = Path(__file__).parents[1] / "pagina/exemplos"
PACIENTE, PROFISSIONAL, RECEPCAO, ADMINISTRADOR = PESSOAS
PHONE: ViewportSize = {"width": 390, "height": 844}
ROLES = {"paciente": PACIENTE, "profissional": PROFISSIONAL, "recepção": RECEPCAO, "administrador": ADMINISTRADOR}


def _mistakes(answer: Any) -> list[Any]:
    """Give every error of an answer, at any depth."""
    if isinstance(answer, list):
        return [mistake for item in answer for mistake in _mistakes(item)]
    if not isinstance(answer, dict):
        return []
    own = [*answer.get("errors", ()), *answer.get("erros", ())]
    return own + [mistake for value in answer.values() for mistake in _mistakes(value)]


async def test_a_visitor_finds_the_editor_and_the_documentation(visit: Visit) -> None:
    await expect(visit.page).to_have_title("SGHSS GraphQL")
    assert await visit.tabs() == ["BoasVindas"]
    assert _mistakes(await visit.run()) == []
    await visit.page.get_by_role("button", name="Mostrar a documentação").click()
    await visit.page.locator(".graphiql-doc-explorer").get_by_text("Query", exact=True).click()
    await expect(visit.page.locator(".graphiql-doc-explorer")).to_contain_text("O que se pode perguntar ao hospital.")


@pytest.mark.parametrize("role", ROLES)
async def test_the_examples_of_a_role_tell_a_story_without_an_error(visit: Visit, role: str) -> None:
    folder = EXAMPLES / ROLES[role].papel.name.lower()
    names = [path.stem.split("-")[1] for path in sorted(folder.glob("*.graphql"))]
    await visit.enter_as(role)
    await expect(visit.page.locator(".sghss-quem")).to_contain_text(ROLES[role].nome)
    assert await visit.tabs() == names
    for following in [*names[1:], None]:
        answer = await visit.run()
        assert answer.get("data"), answer
        assert _mistakes(answer) == []
        if following:
            await visit.page.get_by_role("button", name=f"A seguir: {following}").click()
            await expect(visit.tab(following)).to_have_attribute("aria-current", "true")


async def test_the_story_of_one_role_goes_on_in_the_next(visit: Visit) -> None:
    """The profissional of the story writes the record of the paciente who booked, and the paciente reads it."""
    await visit.enter_as("paciente")
    await visit.run()
    for name in ("HorariosLivres", "ReservarHorario", "AgendarConsulta"):
        await visit.tab(name).click()
        answer = await visit.run()
    assert answer["data"]["agendarConsulta"]["consulta"]["profissional"]["nome"] == PROFISSIONAL.nome
    await visit.leave()
    await visit.enter_as("profissional")
    answer = await visit.run()
    assert PACIENTE.nome in {
        edge["node"]["paciente"]["nomeDeExibicao"] for edge in answer["data"]["consultas"]["edges"]
    }
    await visit.tab("EscreverProntuario").click()
    written = (await visit.run())["data"]["adicionarProntuario"]["prontuario"]
    assert written["tipo"] == "EVOLUCAO"
    await visit.leave()
    await visit.enter_as("paciente")
    await visit.tab("MeuProntuario").click()
    records = (await visit.run())["data"]["eu"]["paciente"]["prontuarios"]["edges"]
    assert records[0]["node"]["texto"].startswith("Palpitações esparsas")


async def test_cpf_and_password_are_typed_and_a_wrong_one_is_told(visit: Visit) -> None:
    await visit.enter("529.982.247-25", "senha-errada-1")
    await expect(visit.alert).to_have_text("CPF ou senha não conferem.")
    for wrong in ("123", "111.111.111-11", "529.982.247-26"):
        await visit.enter(wrong, "x")
        await expect(visit.alert).to_have_text("Confira o CPF: são 11 números, como 529.982.247-25.")
    await visit.enter("529.982.247-25", SENHA)
    await expect(visit.page.locator(".sghss-quem")).to_contain_text(PACIENTE.nome)
    await expect(visit.alert).to_be_empty()
    visit.complaints.clear()  # Chromium writes every answer of 400 to the console


async def test_another_role_is_one_click_away(visit: Visit) -> None:
    """From whoever is in to whoever comes next; the token of before is over."""
    read = "JSON.parse(sessionStorage.getItem('sghss:sessao')).tokenDeAcesso"
    await visit.enter_as("paciente")
    before = await visit.page.evaluate(read)
    for role in ("administrador", "profissional", "recepção"):
        await visit.enter_as(role)
        await expect(visit.page.locator(".sghss-quem")).to_contain_text(ROLES[role].nome)
        pressed = visit.page.locator(".sghss-papeis [aria-pressed=true]")
        await expect(pressed).to_have_attribute("aria-label", f"Entrar como {role}")
        assert _mistakes(await visit.run()) == []
    async with httpx.AsyncClient(base_url=visit.base) as http:
        assert (await Cliente(http, before)("{ eu { nome } }")).codigos == ["NAO_AUTENTICADO"]


async def test_after_a_reload_an_example_still_speaks_of_whom_was_found(visit: Visit) -> None:
    """No tab more, the same one open, and what the page wrote in it is still there."""
    await visit.enter_as("recepção")
    await visit.run()
    tabs = await visit.tabs()
    await visit.tab("CorrigirCadastro").click()
    written = visit.page.locator(".graphiql-editor-tool .view-lines").first
    await expect(written).to_contain_text("pac_")
    before = await written.inner_text()
    await visit.page.wait_for_timeout(1_000)  # GraphiQL keeps its tabs a moment later
    await visit.page.reload()
    await visit.page.locator(".graphiql-query-editor .view-line").first.wait_for()
    assert await visit.tabs() == tabs
    await expect(visit.tab("CorrigirCadastro")).to_have_attribute("aria-current", "true")
    await expect(written).to_have_text(before, use_inner_text=True)


async def test_coming_back_to_a_role_its_examples_follow_the_last_answers(visit: Visit) -> None:
    """Whoever books takes the hour that was free; the next one gets the one after."""
    for role, first in (("recepção", "ProcurarPaciente"), ("paciente", "QuemSou"), ("recepção", "ProcurarPaciente")):
        await visit.enter_as(role)
        times = "AcharHorario" if first == "ProcurarPaciente" else "HorariosLivres"
        for name in (first, times, "ReservarHorario", "AgendarConsulta"):
            await visit.tab(name).click()
            assert _mistakes(await visit.run()) == []
        assert "<untitled>" not in await visit.tabs()


async def test_the_token_lives_in_the_tab_and_dies_on_the_way_out(visit: Visit, context: BrowserContext) -> None:
    await visit.enter_as("paciente")
    await visit.page.reload()
    await expect(visit.page.locator(".sghss-quem")).to_contain_text(PACIENTE.nome)
    assert visit.page.url == f"{visit.base}/graphql"
    token = await visit.page.evaluate("JSON.parse(sessionStorage.getItem('sghss:sessao')).tokenDeAcesso")
    assert await visit.page.evaluate("JSON.stringify(localStorage)") == "{}"
    assert await context.cookies() == []
    other = await Visit(await context.new_page(), visit.base).open()
    await expect(other.page.get_by_label("CPF")).to_be_visible()
    await visit.leave()
    assert await visit.page.evaluate("sessionStorage.getItem('sghss:sessao')") is None
    async with httpx.AsyncClient(base_url=visit.base) as http:
        assert (await Cliente(http, token)("{ eu { nome } }")).codigos == ["NAO_AUTENTICADO"]


async def test_the_session_is_renewed_before_the_token_ends(visit: Visit) -> None:
    await visit.page.clock.install()
    await visit.open()  # again: a timer that was set by the real clock could not be taken back by the other
    await visit.enter_as("paciente")
    read = "JSON.parse(sessionStorage.getItem('sghss:sessao')).tokenDeAcesso"
    before = await visit.page.evaluate(read)
    await visit.page.clock.fast_forward("59:30")
    assert _mistakes(await visit.run()) == []
    assert await visit.page.evaluate(read) != before


async def test_a_session_that_ended_elsewhere_asks_to_enter_again(visit: Visit) -> None:
    await visit.enter_as("recepção")
    stored = await visit.page.evaluate("JSON.parse(sessionStorage.getItem('sghss:sessao')).tokenDeAcesso")
    async with httpx.AsyncClient(base_url=visit.base) as http:
        await Cliente(http, stored)("mutation { sair { erros { codigo } } }")
    answer = await visit.run()
    assert answer["errors"][0]["extensions"]["code"] == "NAO_AUTENTICADO"
    await expect(visit.page.get_by_label("CPF")).to_be_visible()
    await expect(visit.alert).to_have_text("Sua sessão terminou. Entre de novo.")
    visit.complaints.clear()  # Chromium writes every answer of 400 to the console


async def test_who_begins_with_a_code_chooses_the_password_and_is_in(visit: Visit) -> None:
    cpf, codigo = await _code_of_the_desk(visit)
    page = visit.page
    await page.get_by_role("button", name="Tenho um código").click()
    await page.get_by_label("CPF").fill(cpf)
    await page.get_by_label("Código").fill("AAAAAAAAAA")
    await page.get_by_label("Senha nova").fill("um-cavalo-7-bateria")
    await page.get_by_role("button", name="Definir a senha").click()
    await expect(visit.alert).to_have_text(re.compile("código", re.IGNORECASE))
    await page.get_by_label("Código").fill(codigo)
    await page.get_by_role("button", name="Definir a senha").click()
    await page.locator(".sghss-quem").wait_for()
    assert _mistakes(await visit.run()) == []
    visit.complaints.clear()  # Chromium writes every answer of 400 to the console


async def test_an_example_can_be_run_once_more(visit: Visit) -> None:
    variables = visit.page.locator(".graphiql-editor-tool .view-lines").first
    for role, first, again in (
        ("recepção", "ProcurarPaciente", "CorrigirCadastro"),
        ("administrador", None, "CadastrarFuncionario"),
    ):
        await visit.enter_as(role)
        if first is not None:
            await visit.tab(first).click()
            assert _mistakes(await visit.run()) == []
        await visit.tab(again).click()
        await expect(variables).not_to_contain_text("rode ")
        for _ in range(2):
            before = await variables.inner_text()
            assert _mistakes(await visit.run()) == []
            await expect(variables).not_to_have_text(before)  # whoever runs it again has read the answer


async def test_an_answer_that_is_not_the_hospitals_is_told_in_words(visit: Visit) -> None:
    await visit.page.route("**/graphql", lambda route: route.fulfill(json={"proxy": "manutenção"}), times=1)
    await visit.enter("529.982.247-25", SENHA)
    await expect(visit.alert).to_have_text("A resposta não veio do hospital. Tente de novo.")


async def test_a_provisional_password_is_changed_in_the_page(visit: Visit) -> None:
    """Only the first administrador has one, so the answer to this log-in is told to say it of somebody else."""
    cpf = await _new_at_the_desk(visit, "um-cavalo-7-bateria")

    async def provisional(route: Route) -> None:
        answer = await route.fetch()
        text = (await answer.text()).replace('"trocaDeSenhaObrigatoria":false', '"trocaDeSenhaObrigatoria":true')
        await route.fulfill(response=answer, body=text)

    await visit.page.route("**/graphql", provisional, times=1)
    await visit.enter(cpf, "um-cavalo-7-bateria")
    await visit.page.get_by_label("Senha provisória").fill("um-cavalo-7-bateria")
    await visit.page.get_by_label("Senha nova").fill("outro-cavalo-8-grampo")
    await visit.page.get_by_role("button", name="Trocar a senha").click()
    await expect(visit.page.get_by_label("Senha nova")).to_have_count(0)
    assert _mistakes(await visit.run()) == []


async def _new_at_the_desk(visit: Visit, senha: str) -> str:
    """Register somebody for the desk, who sets a password with the code; give their CPF."""
    cpf, codigo = await _code_of_the_desk(visit)
    async with httpx.AsyncClient(base_url=visit.base) as http:
        definida = await Cliente(http)(DEFINIR, cpf=cpf, codigo=codigo, senha=senha)
        assert definida.data["definirSenha"]["erros"] == []
    return cpf


async def _code_of_the_desk(visit: Visit) -> tuple[str, str]:
    """Register somebody for the desk; give their CPF and their code."""
    cpf = CPF().generate()
    async with httpx.AsyncClient(base_url=visit.base) as http:
        admin = await Cliente(http).entrar(ADMINISTRADOR.cpf, SENHA)
        feito = await admin(CADASTRAR_FUNCIONARIO, input={"cpf": cpf, "nome": "Rui Prado Neto", "papel": "RECEPCAO"})
    return cpf, feito.data["cadastrarFuncionario"]["codigoDeAcesso"]["codigo"]


async def test_what_was_run_is_in_the_history(visit: Visit) -> None:
    await visit.enter_as("paciente")
    await visit.run()
    await visit.page.get_by_role("button", name="Mostrar o histórico").click()
    await expect(visit.page.locator(".graphiql-history")).to_contain_text("QuemSou")


async def test_the_page_is_used_by_keyboard_alone(visit: Visit) -> None:
    page = visit.page
    await page.locator("body").focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Entrar como paciente")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.locator(".sghss-quem").wait_for()
    await expect(page.locator(".graphiql-query-editor .view-line").first).to_be_visible()
    async with page.expect_response(lambda response: "QuemSou" in (response.request.post_data or "")) as answer:
        await page.locator(".graphiql-query-editor textarea, .graphiql-query-editor .native-edit-context").first.focus()
        await page.keyboard.press("Control+Enter")
    assert _mistakes(await (await answer.value).json()) == []


async def test_a_dark_room_gets_a_dark_page(visit: Visit) -> None:
    async def darkness() -> list[str]:
        places = ["document.querySelector('header')", "document.querySelector('.graphiql-container')"]
        return [await visit.page.evaluate(f"getComputedStyle({place}).backgroundColor") for place in places]

    light = await darkness()
    await visit.page.emulate_media(color_scheme="dark")
    dark = await darkness()
    assert all(before != after for before, after in zip(light, dark, strict=True))


async def test_the_editor_speaks_portuguese(visit: Visit) -> None:
    """What GraphiQL itself says, in each of its corners, has no word of English."""
    await visit.enter_as("paciente")
    await visit.run()
    said = [await visit.said()]
    for corner in (
        "Mostrar a documentação",
        "Mostrar o histórico",
        "Abrir os atalhos do teclado",
        "Abrir as preferências",
    ):
        await visit.page.get_by_role("button", name=corner).click()
        said.append(await visit.said())
        if corner.startswith("Abrir"):
            await visit.page.keyboard.press("Escape")
        elif corner.endswith("documentação"):
            await visit.page.locator(".graphiql-doc-explorer").get_by_text("Query", exact=True).click()
            said.append(await visit.said())
            await visit.page.locator(".graphiql-doc-explorer").get_by_text("pacientes", exact=True).click()
            said.append(await visit.said())
    english = re.compile(
        r"\b(show|hide|open|close|new|run|execute|editor tools|copy|merge|prettify|settings|theme|search|fields|history"
        r"|headers|variables|short|keys?|clear|storage|docs|documentation|types?|root|tab|select|the|of|with|response)\b",
        re.IGNORECASE,
    )
    assert [words for corner in said for words in corner if english.search(words)] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_who_sees_badly_or_hears_the_page_can_use_it(
    visit: Visit, axe: str, scheme: Literal["light", "dark"]
) -> None:
    """Whatever axe knows of WCAG, in the bar, the editor, the documentation and the history; on a phone too."""
    await visit.page.emulate_media(color_scheme=scheme)
    await visit.open()
    assert await visit.faults(axe) == []
    await visit.enter_as("recepção")
    await visit.run()
    for corner in ("Mostrar a documentação", "Mostrar o histórico"):
        await visit.page.get_by_role("button", name=corner).click()
        assert await visit.faults(axe) == []
    await visit.page.set_viewport_size(PHONE)
    assert await visit.faults(axe) == []
    await visit.page.set_viewport_size({"width": 320, "height": 568})
    assert await visit.page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_on_a_phone_the_documentation_lies_over_the_editor(visit: Visit) -> None:
    page = visit.page
    await page.set_viewport_size(PHONE)
    tops = [await _box(page.get_by_label(label, exact=True)) for label in ("CPF", "Senha")]
    tops.append(await _box(page.get_by_role("button", name="Entrar", exact=True)))
    assert len({round(place["y"]) for place in tops}) == 1, "the log-in is one line"
    await page.get_by_role("button", name="Mostrar a documentação").click()
    docs = await _box(page.locator(".graphiql-plugin"))
    assert docs["width"] > 300
    assert docs["height"] > 600
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await page.get_by_role("button", name="Esconder a documentação").click()
    assert _mistakes(await visit.run()) == []


async def test_a_phone_shows_editor_and_answer(visit: Visit) -> None:
    await visit.page.set_viewport_size(PHONE)
    await visit.enter_as("paciente")
    assert _mistakes(await visit.run()) == []
    for place in (".graphiql-query-editor", ".graphiql-response"):
        found = await _box(visit.page.locator(place))
        assert found["width"] > 250
        assert found["height"] > 150
        assert found["x"] + found["width"] <= 390
    assert await visit.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.fixture(scope="module")
async def workshop(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The page's sources, with all that its developers use installed."""
    node, npm = find_node(Path(sys.prefix) / "pagina")
    place = shutil.copytree(root / "pagina", tmp_path_factory.mktemp("oficina") / "pagina")
    path = f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"
    await _run(*npm, "ci", "--ignore-scripts", cwd=place, env={**os.environ, "PATH": path})
    return place


@pytest.fixture
def axe(workshop: Path) -> str:
    """The program that looks for what keeps people out (axe-core)."""
    return (workshop / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


async def test_the_types_of_the_page_hold(workshop: Path) -> None:
    node, _ = find_node(Path(sys.prefix) / "pagina")
    await _run(node, "node_modules/typescript/bin/tsc", "--noEmit", cwd=workshop)


async def test_an_installed_wheel_carries_the_page(tmp_path: Path, root: Path, demo: str) -> None:
    """Built, installed beside nothing else of ours, and served from there: the page and every file it names."""
    del demo  # the page is being built here: one thing at a time on two cores
    wheels, place = tmp_path / "wheels", tmp_path / "instalado"
    await _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), str(root))
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert "sghss_graphql/pagina/index.html" in names
        assert "sghss_graphql/sql/grants.sql" in names
        archive.extractall(place)
    port = free_port()
    env = environment(SGHSS_PORT=str(port), SGHSS_HOME=str(tmp_path / "casa"), PYTHONPATH=str(place))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "sghss_graphql", "dev"),
        env=env,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    await answers(f"http://127.0.0.1:{port}", process)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert 'id="pagina"' in (await http.get("/graphql", headers={"Accept": "text/html"})).text
        for name in names:
            if name.startswith("sghss_graphql/pagina/assets/"):
                file = await http.get(f"/graphiql/{name.removeprefix('sghss_graphql/pagina/')}")
                assert file.status_code == 200
                assert file.headers["content-security-policy"].startswith("default-src 'none'")
    process.terminate()
    await process.communicate()


async def _box(place: Locator) -> FloatRect:
    """Where something is on the screen."""
    found = await place.bounding_box()
    assert found
    return found


async def _run(*command: str, **options: Any) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, **options
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
