"""The command as its users run it: real processes, real signals."""

import asyncio
import json
import os
import signal
from functools import partial
from pathlib import Path

import httpx
import pytest
from graphql import build_client_schema, print_schema

from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from sghss_graphql.machinery.database import Database
from tests.hospital import Cliente, Hospital
from tests.processes import answers, completed, environment, free_port, freeze, serving, start, until


async def _output(process: asyncio.subprocess.Process) -> str:
    text, _ = await process.communicate()
    return text.decode()


def _descendants(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == pid:
                found += [int(entry.name), *_descendants(int(entry.name))]
    return found


async def _gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


async def _ready(http: httpx.AsyncClient) -> bool:
    return (await http.get("/readyz")).status_code == 200


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_dev_brings_the_hospital_up_and_leaves_no_process(tmp_path: Path, with_signal: signal.Signals) -> None:
    """Started twice on the same folder: the second time there is nothing to make, and all is still there."""
    port = free_port()
    env = environment(SGHSS_PORT=str(port), SGHSS_HOME=str(tmp_path / "casa"))
    for turn in range(2 if with_signal is signal.SIGINT else 1):
        process = await start("dev", env=env)
        await answers(f"http://127.0.0.1:{port}", process)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            paciente = await Cliente(http).entrar(PESSOAS[0].cpf, SENHA)
            assert (await paciente("{ eu { nome } }")).data["eu"]["nome"] == PESSOAS[0].nome
        children = _descendants(process.pid)
        assert children
        process.send_signal(with_signal)
        text = await _output(process)
        await until(partial(_gone, children))
        for person in PESSOAS:
            assert f"{person.cpf[:3]}.{person.cpf[3:6]}" in text
        assert SENHA in text
        assert ("carregando a demonstração" in text) is (turn == 0)
        assert "Traceback" not in text
        if with_signal is not signal.SIGKILL:
            assert process.returncode == 0


async def test_dev_survives_the_death_of_its_database(tmp_path: Path) -> None:
    port = free_port()
    env = environment(SGHSS_PORT=str(port), SGHSS_HOME=str(tmp_path))
    process = await start("dev", env=env)
    await answers(f"http://127.0.0.1:{port}", process)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        paciente = await Cliente(http).entrar(PESSOAS[0].cpf, SENHA)
        (database,) = _descendants(process.pid)
        os.kill(database, signal.SIGKILL)

        async def serves_again() -> bool:
            resposta = await paciente("{ eu { nome } }")
            assert set(resposta.codigos) <= {"SERVICO_INDISPONIVEL"}
            return resposta.codigos == [] and database not in _descendants(process.pid)

        await until(serves_again)
    process.send_signal(signal.SIGINT)
    await _output(process)
    assert process.returncode == 0


async def test_dev_uses_a_named_database_and_keeps_out_of_one_with_people(hospital: Hospital, tmp_path: Path) -> None:
    await hospital.dono.transaction(lambda tx: tx.execute("CREATE DATABASE ensaio_dev CHARACTER SET utf8mb4"))
    try:
        url = hospital.server.owner_url.with_database("ensaio_dev")
        env = environment(SGHSS_DATABASE_URL=str(url), SGHSS_HOME=str(tmp_path), SGHSS_PORT=str(free_port()))
        assert (await completed("migrate", env=env))[0] == 0
        db = Database(url)
        someone = (
            "INSERT INTO pessoa (id, cpf, nome, nome_ordem, criado_em)"
            " VALUES (x'01', '00000000191', 'Ana', 'ana', '2026-01-01')"
        )
        await db.transaction(lambda tx: tx.execute(someone))
        code, text = await completed("dev", "--preparar", env=env)
        assert (code, "só é carregada num banco vazio" in text) == (1, True)
        await db.transaction(lambda tx: tx.execute("DELETE FROM pessoa"))
        code, text = await completed("dev", "--preparar", env=env)
        assert code == 0, text
        assert "Aviso: direitos" in text
        assert not (tmp_path / "banco").exists()
        assert (await db.select("SELECT COUNT(*) FROM paciente"))[0][0] > 1000
        await db.close()
    finally:
        await hospital.dono.transaction(lambda tx: tx.execute("DROP DATABASE ensaio_dev"))


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_each_worker_writes_the_log_and_leaves_nothing_behind(
    hospital: Hospital, tmp_path: Path, workers: str
) -> None:
    port = free_port()
    with_database = {
        "SGHSS_DATABASE_URL": str(hospital.server.app_url),
        "SGHSS_PORT": str(port),
        "SGHSS_ADMIN_PORT": str(free_port()),
    }
    process = await start("serve", env=environment(**with_database, SGHSS_WORKERS=workers, TMPDIR=str(tmp_path)))
    await answers(f"http://127.0.0.1:{port}", process)
    assert list(tmp_path.iterdir()), "where figures are told"
    process.send_signal(signal.SIGTERM)
    text = await _output(process)
    assert "path=/healthz status=200" in text
    assert "Traceback" not in text
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


async def test_a_taken_port_is_named_with_its_setting(hospital: Hospital, tmp_path: Path) -> None:
    async with serving(str(hospital.server.app_url)) as url:
        port = url.rsplit(":", 1)[1]
        for command in ("dev", "serve"):
            env = environment(
                SGHSS_PORT=port, SGHSS_HOME=str(tmp_path), SGHSS_DATABASE_URL=str(hospital.server.app_url)
            )
            process = await start(command, env=env)
            text = await _output(process)
            assert process.returncode == 1
            assert "SGHSS_PORT" in text
            assert "Traceback" not in text


@pytest.mark.parametrize("missing", ["SGHSS_DATABASE_URL", "SGHSS_JWT_SECRET"])
async def test_serve_says_what_is_missing(hospital: Hospital, missing: str) -> None:
    env = environment(SGHSS_DATABASE_URL=str(hospital.server.app_url), SGHSS_PORT=str(free_port()))
    del env[missing]
    process = await start("serve", env=env)
    text = await _output(process)
    assert process.returncode == 1
    assert missing in text
    assert "Traceback" not in text


async def test_serve_refuses_a_schema_it_does_not_know_until_migrate(hospital: Hospital) -> None:
    await hospital.dono.transaction(lambda tx: tx.execute("CREATE DATABASE ensaio_cli"))
    try:
        url = str(hospital.server.owner_url.with_database("ensaio_cli"))
        env = environment(SGHSS_DATABASE_URL=url, SGHSS_PORT=str(free_port()))
        process = await start("serve", env=env)
        text = await _output(process)
        assert (process.returncode, "sghss-graphql migrate" in text) == (1, True)
        env["SGHSS_SENHA_PROVISORIA"] = "um-cavalo-7-bateria"
        for cedo in (("seed",), ("administrador", "--cpf", hospital.cpf(), "--nome", "Ana Ramos")):
            process = await start(*cedo, env=env)
            text = await _output(process)
            assert (process.returncode, "sghss-graphql migrate" in text) == (1, True)
        process = await start("migrate", env=env)
        assert "0001" in await _output(process)
        assert process.returncode == 0
        cpf = hospital.cpf()
        dados = ("--cpf", cpf, "--nome", "Ana Ramos")
        intruso = hospital.cpf()
        outro = Database(hospital.server.owner_url.with_database("ensaio_cli"))
        await outro.transaction(
            lambda tx: tx.execute(
                "INSERT INTO pessoa (id, cpf, nome, nome_ordem, criado_em)"
                " VALUES (x'01', %(cpf)s, 'Ana', 'ana', '2026-01-01')",
                cpf=intruso,
            )
        )
        await outro.close()
        process = await start("administrador", "--cpf", intruso, "--nome", "Ana Ramos", env=env)
        text = await _output(process)
        assert (process.returncode, "Já existe cadastro com este CPF" in text) == (1, True)
        for esperado in (0, 1):
            process = await start("administrador", *dados, env=env)
            text = await _output(process)
            assert process.returncode == esperado, text
            assert "Traceback" not in text
        async with serving(url) as servidor, httpx.AsyncClient(base_url=servidor) as http:
            sessao = (await Cliente(http).entrar(cpf, env["SGHSS_SENHA_PROVISORIA"])).sessao
            assert sessao["trocaDeSenhaObrigatoria"] is True
            assert sessao["usuario"]["papeis"] == ["ADMINISTRADOR"]
    finally:
        await hospital.dono.transaction(lambda tx: tx.execute("DROP DATABASE ensaio_cli"))


async def test_the_database_gone_and_back(hospital: Hospital) -> None:
    """SIGSTOP is a server that answers nothing any more; SIGCONT is its return."""
    pid = hospital.server.pid
    async with (
        serving(str(hospital.server.app_url), SGHSS_DEADLINE_SECONDS="1") as url,
        httpx.AsyncClient(base_url=url, timeout=20) as http,
    ):
        recepcao = Cliente(http, hospital.recepcao.token)
        assert (await recepcao("{ pacientes { edges { cursor } } }")).codigos == []
        try:
            await freeze(pid)
            respostas = await asyncio.gather(*(recepcao("{ pacientes { edges { cursor } } }") for _ in range(3)))
            assert [resposta.codigos for resposta in respostas] == [["SERVICO_INDISPONIVEL"]] * 3
            assert (await http.get("/healthz")).status_code == 200
            assert (await http.get("/readyz")).status_code == 503
        finally:
            os.kill(pid, signal.SIGCONT)
        await until(partial(_ready, http))
        assert (await recepcao("{ pacientes { edges { cursor } } }")).codigos == []


async def test_a_session_ended_in_one_process_is_ended_in_the_other(hospital: Hospital) -> None:
    banco = str(hospital.server.app_url)
    paciente = await hospital.paciente()
    async with serving(banco) as um, serving(banco, SGHSS_WORKERS="2") as outro, httpx.AsyncClient() as http:

        async def eu(base: str) -> dict:
            cabecalhos = {"Authorization": f"Bearer {paciente.cliente.token}"}
            return (await http.post(f"{base}/graphql", json={"query": "{ eu { nome } }"}, headers=cabecalhos)).json()

        async def ended(base: str) -> bool:
            return [erro["extensions"]["code"] for erro in (await eu(base)).get("errors", ())] == ["NAO_AUTENTICADO"]

        assert (await eu(um))["data"] == (await eu(outro))["data"] == {"eu": {"nome": paciente.nome}}
        await http.post(
            f"{um}/graphql",
            json={"query": "mutation { sair { erros { codigo } } }"},
            headers={"Authorization": f"Bearer {paciente.cliente.token}"},
        )
        assert await ended(um), "at once where it was asked"
        await until(partial(ended, outro), 2)


async def test_a_body_that_never_ends_is_given_up(hospital: Hospital) -> None:
    async with serving(str(hospital.server.app_url), SGHSS_BODY_SECONDS="0.5") as url:
        leitor, escritor = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
        escritor.write(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        await escritor.drain()
        async with asyncio.timeout(5):
            assert b"408" in await leitor.readline()
        escritor.close()
        await escritor.wait_closed()


async def test_only_listed_origins_may_call_from_a_page(hospital: Hospital) -> None:
    banco = str(hospital.server.app_url)
    async with serving(banco, SGHSS_CORS_ORIGINS="https://app.hospital.br") as url, httpx.AsyncClient() as http:
        for origem, permitida in (("https://app.hospital.br", True), ("https://outra.br", False)):
            cabecalhos = {
                "Origin": origem,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type",
            }
            resposta = await http.options(f"{url}/graphql", headers=cabecalhos)
            assert (resposta.headers.get("access-control-allow-origin") == origem) is permitida
            assert "access-control-allow-credentials" not in resposta.headers


async def test_the_servers_own_name_is_not_told(hospital: Hospital) -> None:
    async with serving(str(hospital.server.app_url)) as url, httpx.AsyncClient() as http:
        assert "server" not in (await http.get(f"{url}/healthz")).headers


async def test_schema_prints_the_schema(tmp_path: Path) -> None:
    process = await start("schema", env=environment(), cwd=tmp_path)
    published = (Path(__file__).parents[2] / "schema.graphql").read_text(encoding="utf-8")
    assert (await _output(process)) == published
    process = await start("schema", "--json", env=environment(), cwd=tmp_path)
    told = json.loads(await _output(process))
    assert print_schema(build_client_schema(told["data"])) + "\n" == published


async def test_usage_errors_are_exit_code_2() -> None:
    for arguments in (["voar"], ["serve", "--nada"]):
        process = await start(*arguments, env=environment())
        await _output(process)
        assert process.returncode == 2
