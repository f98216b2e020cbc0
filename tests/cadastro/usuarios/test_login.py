"""Logging in, staying in, logging out."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from tests.hospital import (
    CADASTRAR_FUNCIONARIO,
    CADASTRAR_PACIENTE,
    DEFINIR,
    EMITIR,
    LOGIN,
    RENOVAR,
    SAIR,
    SENHA_DE_TESTE,
    TROCAR,
    Cliente,
    Hospital,
    chave,
)


@pytest.mark.parametrize("pessoa", PESSOAS, ids=lambda pessoa: pessoa.papel.name)
async def test_each_person_of_the_demo_logs_in(hospital: Hospital, pessoa) -> None:
    resposta = await hospital.ninguem(LOGIN, cpf=pessoa.cpf, senha=SENHA)
    sessao = resposta.data["login"]["sessao"]
    assert sessao["usuario"]["nome"] == pessoa.nome
    assert pessoa.papel.name in sessao["usuario"]["papeis"]
    validade = datetime.fromisoformat(sessao["expiraEm"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < validade <= timedelta(hours=1)


async def test_whoever_logs_in_may_ask_about_themself_in_the_same_request(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    resposta = await hospital.ninguem(
        "mutation($cpf: CPF!, $s: String!) { login(cpf: $cpf, senha: $s)"
        " { sessao { usuario { paciente { id consultas { totalCount } } } } } }",
        cpf=paciente.cpf,
        s=SENHA_DE_TESTE,
    )
    achado = resposta.data["login"]["sessao"]["usuario"]["paciente"]
    assert achado == {"id": paciente.id, "consultas": {"totalCount": 0}}


@pytest.mark.parametrize("senha", ["errada-mesmo-1", "x" * 200, "com nulo \0 1"])
async def test_unknown_cpf_and_wrong_password_get_the_same_answer(hospital: Hospital, senha: str) -> None:
    conhecido = (await hospital.paciente()).cpf
    certo = await hospital.ninguem(LOGIN, cpf=conhecido, senha=senha)
    desconhecido = await hospital.ninguem(LOGIN, cpf=hospital.cpf(), senha=senha)
    assert certo.corpo == desconhecido.corpo
    assert certo.recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_unknown_cpf_costs_as_many_statements_as_a_wrong_password(hospital: Hospital) -> None:
    conhecido = (await hospital.paciente()).cpf
    contas = []
    for cpf in (conhecido, hospital.cpf()):
        antes = await _perguntas(hospital)
        for _ in range(3):
            await hospital.ninguem(LOGIN, cpf=cpf, senha="errada-mesmo-1")
        contas.append(await _perguntas(hospital) - antes)
    assert contas[0] == contas[1]


async def _perguntas(hospital: Hospital) -> int:
    linhas = await hospital.dono.select("SHOW GLOBAL STATUS LIKE 'Questions'")
    return int(linhas[0][1])


async def test_ten_failures_lock_a_cpf_known_or_not(hospital: Hospital) -> None:
    for cpf in ((await hospital.paciente()).cpf, hospital.cpf()):
        for _ in range(10):
            resposta = await hospital.ninguem(LOGIN, cpf=cpf, senha="errada-mesmo-1")
            assert resposta.recusas == ["CREDENCIAIS_INVALIDAS"]
        for senha in ("errada-mesmo-1", SENHA_DE_TESTE):
            resposta = await hospital.ninguem(LOGIN, cpf=cpf, senha=senha)
            assert resposta.recusas == ["MUITAS_TENTATIVAS"]
            assert (
                "1 minuto" in resposta.data["login"]["erros"][0]["mensagem"]
                or "segundos" in (resposta.data["login"]["erros"][0]["mensagem"])
            )


async def test_a_hundred_guesses_at_once_are_a_hundred(hospital: Hospital) -> None:
    cpf = (await hospital.paciente()).cpf
    respostas = await asyncio.gather(*(hospital.ninguem(LOGIN, cpf=cpf, senha=f"chute-numero-{n}") for n in range(40)))
    recusas = [recusa for resposta in respostas for recusa in resposta.recusas]
    assert recusas.count("CREDENCIAIS_INVALIDAS") == 10
    assert recusas.count("MUITAS_TENTATIVAS") == 30


async def test_a_good_login_forgets_the_failures(hospital: Hospital) -> None:
    cpf = (await hospital.paciente()).cpf
    for _ in range(3):
        for _ in range(9):
            await hospital.ninguem(LOGIN, cpf=cpf, senha="errada-mesmo-1")
        assert (await hospital.ninguem(LOGIN, cpf=cpf, senha=SENHA_DE_TESTE)).recusas == []


async def test_a_renewal_token_is_used_once_and_its_return_ends_the_session(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    primeiro = paciente.cliente.sessao["tokenDeRenovacao"]
    renovada = (await hospital.ninguem(RENOVAR, t=primeiro)).data["renovarSessao"]["sessao"]
    novo = Cliente(hospital.http, renovada["tokenDeAcesso"])
    assert (await novo("{ eu { nome } }")).codigos == []
    assert (await hospital.ninguem(RENOVAR, t=primeiro)).recusas == ["CREDENCIAIS_INVALIDAS"]
    assert (await novo("{ eu { nome } }")).codigos == ["NAO_AUTENTICADO"]
    assert (await hospital.ninguem(RENOVAR, t=renovada["tokenDeRenovacao"])).recusas == ["CREDENCIAIS_INVALIDAS"]
    assert (await hospital.ninguem(RENOVAR, t="nunca existiu")).recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_of_two_renewals_at_once_at_most_one_wins(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    token = paciente.cliente.sessao["tokenDeRenovacao"]
    respostas = await asyncio.gather(*(hospital.ninguem(RENOVAR, t=token) for _ in range(8)))
    assert sum(resposta.recusas == [] for resposta in respostas) == 1


async def test_renewal_tokens_are_kept_as_hashes(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    token = paciente.cliente.sessao["tokenDeRenovacao"]
    guardados = await hospital.dono.select("SELECT hash FROM token_de_renovacao")
    assert guardados
    assert token.encode() not in b"".join(linha[0] for linha in guardados)


async def test_an_expired_session_can_neither_ask_nor_renew(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    await hospital.dono.transaction(
        lambda tx: tx.execute(
            "UPDATE sessao s JOIN usuario u ON u.id = s.usuario_id JOIN pessoa e ON e.id = u.pessoa_id"
            " SET s.expira_em = '2020-01-01' WHERE e.cpf = %(cpf)s",
            cpf=paciente.cpf,
        )
    )
    assert (await paciente.cliente("{ eu { nome } }")).codigos == ["NAO_AUTENTICADO"]
    resposta = await hospital.ninguem(RENOVAR, t=paciente.cliente.sessao["tokenDeRenovacao"])
    assert resposta.recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_logging_out_ends_the_session_at_once(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    assert (await paciente.cliente(SAIR)).recusas == []
    assert (await paciente.cliente("{ eu { nome } }")).codigos == ["NAO_AUTENTICADO"]
    resposta = await hospital.ninguem(RENOVAR, t=paciente.cliente.sessao["tokenDeRenovacao"])
    assert resposta.recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_a_changed_password_ends_all_sessions_but_the_new_one(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    outra = await hospital.ninguem.entrar(paciente.cpf, SENHA_DE_TESTE)
    resposta = await paciente.cliente(TROCAR, de=SENHA_DE_TESTE, para="outra-cadeira-verde-9")
    nova = Cliente(hospital.http, resposta.data["trocarSenha"]["sessao"]["tokenDeAcesso"])
    for velha in (paciente.cliente, outra):
        assert (await velha("{ eu { nome } }")).codigos == ["NAO_AUTENTICADO"]
    assert (await nova("{ eu { nome } }")).codigos == []
    assert (await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_neither_the_current_nor_the_previous_password_again(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    resposta = await paciente.cliente(TROCAR, de=SENHA_DE_TESTE, para="outra-cadeira-verde-9")
    nova = Cliente(hospital.http, resposta.data["trocarSenha"]["sessao"]["tokenDeAcesso"])
    for senha in ("outra-cadeira-verde-9", SENHA_DE_TESTE):
        assert (await nova(TROCAR, de="outra-cadeira-verde-9", para=senha)).recusas == ["SENHA_FRACA"]


async def test_a_wrong_current_password_counts_as_a_failed_login(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    for _ in range(10):
        resposta = await paciente.cliente(TROCAR, de="errada-mesmo-1", para="outra-cadeira-verde-9")
        assert resposta.recusas == ["CREDENCIAIS_INVALIDAS"]
    assert (await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha=SENHA_DE_TESTE)).recusas == ["MUITAS_TENTATIVAS"]


@pytest.mark.parametrize(
    "senha",
    ["curta1", "sem-numero-nenhum", "12345678", "senha123", "qwerty123", "á" * 40 + "1", "com-nulo-1\0", "a1" * 40],
)
async def test_weak_passwords_are_refused(hospital: Hospital, senha: str) -> None:
    paciente = await hospital.paciente()
    resposta = await paciente.cliente(TROCAR, de=SENHA_DE_TESTE, para=senha)
    assert resposta.recusas == ["SENHA_FRACA"]
    assert resposta.data["trocarSenha"]["erros"][0]["campo"] == ["senhaNova"]


async def test_a_password_of_72_bytes_works_and_every_byte_counts(hospital: Hospital) -> None:
    senha = "ação-de-graças 42 " + "x" * 51
    assert len(senha.encode()) == 72
    paciente = await hospital.paciente()
    await paciente.cliente(TROCAR, de=SENHA_DE_TESTE, para=senha)
    assert (await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha=senha[:-1] + "y")).recusas == [
        "CREDENCIAIS_INVALIDAS"
    ]
    assert (await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha=senha)).recusas == []


async def test_a_password_set_by_staff_is_changed_before_anything_else(hospital: Hospital) -> None:
    """As the first administrator's is, and those of before there were codes."""
    funcionario = await hospital.funcionario("RECEPCAO")
    await hospital.dono.transaction(
        lambda tx: tx.execute(
            "UPDATE usuario SET troca_de_senha_obrigatoria = TRUE WHERE id = %(u)s", u=chave(funcionario.id)
        )
    )
    novo = await hospital.ninguem.entrar(funcionario.cpf, SENHA_DE_TESTE)
    assert novo.sessao["trocaDeSenhaObrigatoria"] is True
    assert (await novo("{ eu { nome papeis } }")).codigos == []
    for proibida in (
        "{ pacientes { totalCount } }",
        "{ profissionais { totalCount } }",
        '{ node(id: "x") { id } }',
        "{ eu { profissional { id } } }",
        'mutation { emitirCodigoDeAcesso(cpf: "52998224725") { erros { codigo } } }',
        'mutation { cadastrarPaciente(input: {nome: "A", nascimento: "2000-01-01"}) { erros { codigo } } }',
    ):
        assert (await novo(proibida)).codigos == ["PROIBIDO"], proibida
    trocada = (await novo(TROCAR, de=SENHA_DE_TESTE, para="outra-cadeira-verde-9")).data["trocarSenha"]["sessao"]
    assert trocada["trocaDeSenhaObrigatoria"] is False
    assert (await Cliente(hospital.http, trocada["tokenDeAcesso"])("{ pacientes { totalCount } }")).codigos == []


async def test_a_code_from_the_desk_sets_the_first_password_once(hospital: Hospital) -> None:

    cpf = hospital.cpf()
    entrada = {"cpf": cpf, "nome": hospital.nome(), "nascimento": "1950-01-01"}
    assert (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).recusas == []
    assert (await hospital.ninguem(LOGIN, cpf=cpf, senha="qualquer-uma-1")).recusas == ["CREDENCIAIS_INVALIDAS"]
    emitido = (await hospital.recepcao(EMITIR, cpf=cpf)).data["emitirCodigoDeAcesso"]["codigoDeAcesso"]
    assert (await hospital.ninguem(DEFINIR, cpf=cpf, codigo="ERRADO2345", senha=SENHA_DE_TESTE)).recusas == [
        "CREDENCIAIS_INVALIDAS"
    ]
    assert (await hospital.ninguem(DEFINIR, cpf=cpf, codigo=emitido["codigo"], senha="fraca")).recusas == [
        "SENHA_FRACA"
    ]
    definida = await hospital.ninguem(DEFINIR, cpf=cpf, codigo=emitido["codigo"].lower(), senha=SENHA_DE_TESTE)
    assert definida.data["definirSenha"]["sessao"]["trocaDeSenhaObrigatoria"] is False
    assert (await hospital.ninguem(DEFINIR, cpf=cpf, codigo=emitido["codigo"], senha="mais-uma-9-cadeira")).recusas == [
        "CREDENCIAIS_INVALIDAS"
    ]
    assert (await hospital.ninguem(LOGIN, cpf=cpf, senha=SENHA_DE_TESTE)).recusas == []


async def test_a_code_expires(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    emitido = (await hospital.recepcao(EMITIR, cpf=paciente.cpf)).data["emitirCodigoDeAcesso"]["codigoDeAcesso"]
    await hospital.dono.transaction(
        lambda tx: tx.execute(
            "UPDATE codigo_de_acesso c JOIN usuario u ON u.id = c.usuario_id JOIN pessoa e ON e.id = u.pessoa_id"
            " SET c.expira_em = '2020-01-01' WHERE e.cpf = %(cpf)s",
            cpf=paciente.cpf,
        )
    )
    resposta = await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=emitido["codigo"], senha="mais-uma-9-cadeira")
    assert resposta.recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_a_code_takes_an_account_back_from_whoever_registered_it(hospital: Hospital) -> None:
    intruso = await hospital.paciente()
    assert (await hospital.recepcao(EMITIR, cpf=intruso.cpf)).recusas == []
    assert (await intruso.cliente("{ eu { nome } }")).codigos == ["NAO_AUTENTICADO"]
    assert (await hospital.ninguem(LOGIN, cpf=intruso.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_the_reception_cannot_take_a_colleagues_account(hospital: Hospital) -> None:
    for pessoa in (await hospital.funcionario("ADMINISTRADOR"), await hospital.profissional(sempre=False)):
        assert (await hospital.recepcao(EMITIR, cpf=pessoa.cpf)).codigos == ["PROIBIDO"]
        assert (await pessoa.cliente("{ eu { nome } }")).codigos == []
        assert (await hospital.admin(EMITIR, cpf=pessoa.cpf)).recusas == []


async def test_nobody_changes_their_own_roles(hospital: Hospital) -> None:
    admin = await hospital.funcionario("ADMINISTRADOR")
    entrada = {"cpf": admin.cpf, "nome": admin.nome, "papel": "RECEPCAO"}
    assert (await admin.cliente(CADASTRAR_FUNCIONARIO, input=entrada)).codigos == ["PROIBIDO"]
    assert (await hospital.admin(CADASTRAR_FUNCIONARIO, input=entrada)).recusas == []
    assert (await hospital.admin(CADASTRAR_FUNCIONARIO, input=entrada)).recusas == ["CPF_JA_CADASTRADO"]
    for papel in ("PACIENTE", "PROFISSIONAL"):
        entrada = {**entrada, "papel": papel}
        assert (await hospital.admin(CADASTRAR_FUNCIONARIO, input=entrada)).recusas == ["VALOR_INVALIDO"]
