"""``usuario`` and ``token``: what whoever has the database may do to accounts, as they type it."""

import re

import pytest

from tests.hospital import SENHA_DE_TESTE, Cliente, Hospital
from tests.processes import completed, environment


@pytest.fixture
def env(hospital: Hospital) -> dict[str, str]:
    return environment(SGHSS_DATABASE_URL=str(hospital.server.app_url))


async def _codigo(env: dict[str, str], *arguments: str) -> str:
    code, text = await completed(*arguments, env=env)
    assert code == 0, text
    found = re.search(r"Código de acesso: (\w{10})", text)
    assert found, text
    return found[1]


async def test_an_account_is_made_given_a_role_deactivated_and_listed(hospital: Hospital, env: dict[str, str]) -> None:
    cpf, nome = hospital.cpf(), "Quirino Vasques Zanata"
    codigo = await _codigo(env, "usuario", "criar", "--cpf", cpf, "--nome", nome, "--papel", "RECEPCAO")
    assert await hospital.com_codigo(cpf, codigo)
    code, text = await completed("usuario", "criar", "--cpf", cpf, "--nome", nome, "--papel", "ADMINISTRADOR", env=env)
    assert (code, "CPF" in text) == (1, True), "who is known is given a papel"
    assert (await completed("usuario", "papel", cpf, "ADMINISTRADOR", env=env))[0] == 0
    code, text = await completed("usuario", "papel", cpf, "PROFISSIONAL", env=env)
    assert (code, "cadastrarProfissional" in text) == (1, True)
    code, text = await completed("usuario", "listar", "--busca", "quirino zanata", env=env)
    assert f"{cpf}  {nome}  RECEPCAO, ADMINISTRADOR" in text
    assert (await completed("usuario", "papel", cpf, "ADMINISTRADOR", "--tirar", env=env))[0] == 0
    assert (await completed("usuario", "desativar", cpf, "--motivo", "saiu", env=env))[0] == 0
    code, text = await completed("usuario", "listar", "--desativados", env=env)
    assert f"{cpf}  {nome}  RECEPCAO  (desativado)" in text
    code, text = await completed("usuario", "codigo", cpf, env=env)
    assert (code, "desativado" in text) == (1, True)
    feitos = await hospital.dono.select(
        "SELECT a.ato FROM auditoria a JOIN usuario u ON u.id = a.alvo_id JOIN pessoa e ON e.id = u.pessoa_id"
        " WHERE e.cpf = %(cpf)s AND a.usuario_id IS NULL AND a.ato <> 'DEFINIR_SENHA' ORDER BY a.id",
        cpf=cpf,
    )
    assert [ato for (ato,) in feitos] == [
        "CADASTRAR_FUNCIONARIO", "CONCEDER_PAPEL", "RETIRAR_PAPEL", "DESATIVAR_USUARIO",
    ]  # fmt: skip


async def test_a_code_from_the_command_line_opens_the_account_alone(hospital: Hospital, env: dict[str, str]) -> None:
    funcionario = await hospital.funcionario("RECEPCAO")
    codigo = await _codigo(env, "usuario", "codigo", funcionario.cpf)
    novo = await hospital.com_codigo(funcionario.cpf, codigo, SENHA_DE_TESTE + "-nova")
    assert (await novo("{ eu { identidadeVerificada } }")).data["eu"]["identidadeVerificada"]
    assert (await completed("usuario", "codigo", hospital.cpf(), env=env))[0] == 1


async def test_a_token_for_a_script_is_short_lived_and_on_the_trail(hospital: Hospital, env: dict[str, str]) -> None:
    funcionario = await hospital.funcionario("RECEPCAO")
    code, text = await completed("token", funcionario.cpf, "--minutos", "5", env=env)
    assert code == 0, text
    eu = Cliente(hospital.http, text.strip())
    assert (await eu("{ eu { cpf } }")).data["eu"]["cpf"] == funcionario.cpf
    ((segundos,),) = await hospital.dono.select(
        "SELECT TIMESTAMPDIFF(SECOND, s.criada_em, s.expira_em) FROM sessao s JOIN usuario u ON u.id = s.usuario_id"
        " JOIN pessoa e ON e.id = u.pessoa_id WHERE e.cpf = %(cpf)s ORDER BY s.criada_em DESC LIMIT 1",
        cpf=funcionario.cpf,
    )
    assert segundos == 300
    assert await hospital.dono.select(
        "SELECT 1 FROM auditoria a JOIN usuario u ON u.id = a.alvo_id JOIN pessoa e ON e.id = u.pessoa_id"
        " WHERE e.cpf = %(cpf)s AND a.ato = 'EMITIR_TOKEN'",
        cpf=funcionario.cpf,
    ) == [(1,)]
    assert (await completed("token", funcionario.cpf, "--minutos", "61", env=env))[0] == 2
