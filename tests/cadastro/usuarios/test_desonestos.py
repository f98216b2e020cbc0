"""What somebody dishonest tries at the edges of identity: in mid-request, at the same moment, again and again."""

import asyncio

import httpx
import pytest

from tests.cadastro.usuarios.test_contas import ATUALIZAR, CONCEDER, DESATIVAR
from tests.hospital import (
    ATUALIZAR_PACIENTE,
    CADASTRAR_FUNCIONARIO,
    CADASTRAR_PACIENTE,
    CADASTRAR_PROFISSIONAL,
    CANCELAR,
    DEFINIR,
    EMITIR,
    LOGIN,
    SENHA_DE_TESTE,
    Cliente,
    Hospital,
    Pessoa,
    chave,
)
from tests.wire import Wire

FRACA = "12345678a"
FUTURAS = (
    'mutation($id: ID!) { desativarUsuario(usuarioId: $id, motivo: "x") { consultasFuturas { id } erros { codigo } } }'
)


async def _usuario(hospital: Hospital, cpf: str) -> str:
    achados = await hospital.admin("query($b: String) { usuarios(busca: $b) { edges { node { id } } } }", b=cpf)
    return str(achados.data["usuarios"]["edges"][0]["node"]["id"])


async def _de(rede: int, hospital: Hospital) -> Cliente:
    """Ask from another network."""
    transport = hospital.http._transport  # noqa: SLF001 - the same application, from somewhere else
    assert isinstance(transport, Wire)
    return Cliente(httpx.AsyncClient(transport=transport.of((f"10.{rede}.0.9", 1)), base_url="http://t"))


async def test_a_code_that_a_clerk_gets_never_opens_what_became_staff_meanwhile(hospital: Hospital) -> None:
    """Whoever hands out codes and whoever gives roles wait for each other; the later one's word holds."""
    for _ in range(8):
        alvo = await hospital.paciente()
        id = await _usuario(hospital, alvo.cpf)
        codigos, dado = await asyncio.gather(
            asyncio.gather(*(hospital.recepcao(EMITIR, cpf=alvo.cpf) for _ in range(3))),
            hospital.admin(CONCEDER, id=id, papel="ADMINISTRADOR"),
        )
        assert dado.recusas == []
        for emitido in codigos:
            if emitido.codigos:
                assert emitido.codigos == ["PROIBIDO"]
                continue
            codigo = emitido.data["emitirCodigoDeAcesso"]["codigoDeAcesso"]["codigo"]
            feito = await hospital.ninguem(DEFINIR, cpf=alvo.cpf, codigo=codigo, senha="senha-de-outro-9x")
            assert feito.recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_who_is_deactivated_stops_in_the_middle_of_a_request(hospital: Hospital) -> None:
    admin = await hospital.funcionario("ADMINISTRADOR")
    emitir = " ".join(
        f'e{n}: emitirCodigoDeAcesso(cpf: "{hospital.cpf()}") {{ erros {{ codigo }} }}' for n in range(16)
    )

    async def parar() -> None:
        assert (await hospital.admin(DESATIVAR, id=admin.id, m="saiu")).recusas == []

    resposta, _ = await asyncio.gather(admin.cliente(f"mutation {{ {emitir} }}"), parar())
    assert "NAO_AUTENTICADO" in resposta.codigos
    depois = await admin.cliente("{ eu { id } }")
    assert depois.codigos == ["NAO_AUTENTICADO"]


async def test_what_follows_leaving_in_a_request_is_nobodys(hospital: Hospital) -> None:
    """Also where the session was ended by somebody else, in another process: nothing here was told."""
    recepcao = await hospital.funcionario("RECEPCAO")
    alvo = await hospital.paciente()
    emitir = f'emitirCodigoDeAcesso(cpf: "{alvo.cpf}") {{ codigoDeAcesso {{ codigo }} }}'
    await hospital.dono.transaction(
        lambda tx: tx.execute("UPDATE usuario SET ativo = FALSE WHERE id = %(id)s", id=chave(recepcao.id))
    )
    resposta = await recepcao.cliente(f"mutation {{ um: {emitir} dois: {emitir} }}")
    assert set(resposta.codigos) == {"NAO_AUTENTICADO"}
    assert resposta.corpo.get("data") is None


async def test_of_two_administrators_who_deactivate_each_other_one_does(hospital: Hospital) -> None:
    for _ in range(4):
        um, outro = await hospital.funcionario("ADMINISTRADOR"), await hospital.funcionario("ADMINISTRADOR")
        respostas = await asyncio.gather(
            um.cliente(DESATIVAR, id=outro.id, m="ele"), outro.cliente(DESATIVAR, id=um.id, m="ela")
        )
        assert sorted(resposta.codigos for resposta in respostas) == [[], ["NAO_AUTENTICADO"]]


async def test_the_desk_writes_nothing_about_staff_by_registering_them(hospital: Hospital) -> None:
    admin = await hospital.funcionario("ADMINISTRADOR")
    antes = await hospital.dono.select(
        "SELECT nome, nome_social, nascimento, email FROM pessoa WHERE cpf = %(c)s", c=admin.cpf
    )
    entrada = {
        "cpf": admin.cpf, "nome": "X Y", "nomeSocial": "Palhaço", "nascimento": "1901-01-01", "email": "x@exemplo.com",
        "nomeDaMae": "Ninguém", "endereco": {"cep": "01310-100"},
    }  # fmt: skip
    assert (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).recusas == []
    depois = await hospital.dono.select(
        "SELECT nome, nome_social, nascimento, email FROM pessoa WHERE cpf = %(c)s", c=admin.cpf
    )
    assert depois == antes
    assert not await hospital.dono.select(
        "SELECT 1 FROM pessoa e LEFT JOIN endereco n ON n.pessoa_id = e.id"
        " WHERE e.cpf = %(c)s AND (e.nome_da_mae IS NOT NULL OR n.cep IS NOT NULL)", c=admin.cpf,
    )  # fmt: skip


async def test_a_code_passes_however_many_passwords_were_tried_from_wherever(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    codigo = await hospital.codigo(paciente.cpf)
    for rede in range(1, 13):
        estranho = await _de(rede, hospital)
        for _ in range(9):
            await estranho(LOGIN, cpf=paciente.cpf, senha="errada-errada-9")
    assert (await (await _de(99, hospital))(LOGIN, cpf=paciente.cpf, senha="x-errada-9")).recusas == [
        "MUITAS_TENTATIVAS"
    ]
    visto = await hospital.admin(
        "query($b: String) { usuarios(busca: $b) { edges { node { bloqueadoAte } } } }", b=paciente.cpf
    )
    assert visto.data["usuarios"]["edges"][0]["node"]["bloqueadoAte"], "an administrador sees why"
    certo = await (await _de(98, hospital))(DEFINIR, cpf=paciente.cpf, codigo=codigo, senha="senha-da-pessoa-9x")
    assert certo.recusas == []


async def test_a_right_code_is_no_wrong_try_whatever_becomes_of_the_password(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    codigo = await hospital.codigo(paciente.cpf)
    for _ in range(6):
        feito = await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=codigo, senha=FRACA)
        assert feito.recusas == ["SENHA_FRACA"]
    assert await hospital.com_codigo(paciente.cpf, codigo, "senha-da-pessoa-9x")


async def test_the_last_try_of_an_old_code_takes_nothing_from_the_new_one(hospital: Hospital) -> None:
    for _ in range(4):
        paciente = await hospital.paciente()
        await hospital.codigo(paciente.cpf)
        errar = {"cpf": paciente.cpf, "codigo": "2222222222", "senha": "senha-da-pessoa-9x"}
        for _ in range(4):
            await hospital.ninguem(DEFINIR, **errar)
        _, codigo = await asyncio.gather(hospital.ninguem(DEFINIR, **errar), hospital.codigo(paciente.cpf))
        assert await hospital.com_codigo(paciente.cpf, codigo, "senha-da-pessoa-9x")


async def _corrige_o_nome(hospital: Hospital, estranho: Pessoa) -> None:
    mudanca = {"usuarioId": await _usuario(hospital, estranho.cpf), "nome": hospital.nome()}
    assert (await hospital.admin(ATUALIZAR, input=mudanca)).recusas == []


async def _digita_o_cpf(hospital: Hospital, estranho: Pessoa) -> None:
    sem_cpf = {"nome": hospital.nome(), "nascimento": "1980-01-01"}
    outro = (await hospital.recepcao(CADASTRAR_PACIENTE, input=sem_cpf)).data["cadastrarPaciente"]["paciente"]["id"]
    feito = await hospital.recepcao(ATUALIZAR_PACIENTE, input={"pacienteId": outro, "cpf": estranho.cpf})
    assert feito.recusas == ["CPF_JA_CADASTRADO"]


@pytest.mark.parametrize("agir", [_corrige_o_nome, _digita_o_cpf])
async def test_whatever_staff_do_about_a_person_the_account_waits(hospital: Hospital, agir) -> None:
    estranho = await hospital.estranho()
    await agir(hospital, estranho)
    assert (await estranho.cliente("{ eu { nome } }")).codigos == ["NAO_AUTENTICADO"]
    for _ in range(12):
        entrou = await hospital.ninguem(LOGIN, cpf=estranho.cpf, senha=SENHA_DE_TESTE)
        assert entrou.recusas == ["IDENTIDADE_NAO_VERIFICADA"], "a right password is no failure"


async def test_nobody_deactivated_gets_a_role(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    assert (await hospital.admin(DESATIVAR, id=await _usuario(hospital, paciente.cpf), m="x")).recusas == []
    funcionario = {"cpf": paciente.cpf, "nome": paciente.nome, "papel": "ADMINISTRADOR"}
    assert (await hospital.admin(CADASTRAR_FUNCIONARIO, input=funcionario)).recusas == ["VALOR_INVALIDO"]
    profissional = {"cpf": paciente.cpf, "nome": paciente.nome, **hospital.registro()}
    assert (await hospital.admin(CADASTRAR_PROFISSIONAL, input=profissional)).recusas == ["VALOR_INVALIDO"]


async def test_staff_go_by_what_an_administrator_types_and_not_by_a_strangers_word(hospital: Hospital) -> None:
    estranho = await hospital.estranho(
        nome="Dr. Impostor Falso", email="ladrao@exemplo.com", telefone="(11) 91234-5678"
    )
    entrada = {"cpf": estranho.cpf, "nome": "Ana Correta Lima", "email": "ana@exemplo.com", **hospital.registro()}
    assert (await hospital.admin(CADASTRAR_PROFISSIONAL, input=entrada)).recusas == []
    ((nome, email, telefone),) = await hospital.dono.select(
        "SELECT nome, email, telefone FROM pessoa WHERE cpf = %(c)s", c=estranho.cpf
    )
    assert (nome, email, telefone) == ("Ana Correta Lima", "ana@exemplo.com", None)
    verificado = await hospital.paciente(email="ela@exemplo.com")
    outra = {"cpf": verificado.cpf, "nome": "Outro Nome", "papel": "RECEPCAO", "email": "outro@exemplo.com"}
    assert (await hospital.admin(CADASTRAR_FUNCIONARIO, input=outra)).recusas == []
    ((nome, email),) = await hospital.dono.select("SELECT nome, email FROM pessoa WHERE cpf = %(c)s", c=verificado.cpf)
    assert (nome, email) == (verificado.nome, "ela@exemplo.com"), "what was verified stays"


async def test_where_a_stranger_logged_in_is_known_no_more_once_the_person_has_a_code(hospital: Hospital) -> None:
    estranho = await hospital.estranho()
    contar = "SELECT COUNT(*) FROM rede_conhecida r JOIN usuario u ON u.id = r.usuario_id JOIN pessoa e ON e.id = u.pessoa_id WHERE e.cpf = %(c)s"  # noqa: E501
    assert await hospital.dono.select(contar, c=estranho.cpf) == [(1,)]
    await hospital.codigo(estranho.cpf)
    assert await hospital.dono.select(contar, c=estranho.cpf) == [(0,)]


async def test_what_a_deactivated_paciente_had_booked_is_listed(hospital: Hospital) -> None:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    consulta = await hospital.consulta(paciente, profissional)
    outra = await hospital.consulta(paciente, profissional)
    assert (await hospital.recepcao(CANCELAR, input={"consultaId": outra, "motivo": "x"})).recusas == []
    parado = await hospital.admin(FUTURAS, id=await _usuario(hospital, paciente.cpf))
    assert parado.data["desativarUsuario"]["consultasFuturas"] == [{"id": consulta}]


async def test_a_hash_of_another_cost_is_made_anew_at_log_in(hospital: Hospital) -> None:
    """So that how long an answer takes doesn't tell for ever who was registered when the cost was another."""
    import bcrypt  # noqa: PLC0415 - of this test alone

    paciente = await hospital.paciente()
    velha = bcrypt.hashpw(SENHA_DE_TESTE.encode(), bcrypt.gensalt(hospital.settings.bcrypt_cost + 1)).decode()
    await hospital.dono.transaction(
        lambda tx: tx.execute(
            "UPDATE usuario u JOIN pessoa e ON e.id = u.pessoa_id SET u.senha = %(v)s WHERE e.cpf = %(c)s",
            v=velha, c=paciente.cpf,
        )
    )  # fmt: skip
    assert (await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha=SENHA_DE_TESTE)).recusas == []
    ((nova,),) = await hospital.dono.select(
        "SELECT u.senha FROM usuario u JOIN pessoa e ON e.id = u.pessoa_id WHERE e.cpf = %(c)s", c=paciente.cpf
    )
    assert nova.startswith(f"$2b${hospital.settings.bcrypt_cost:02}$")
    assert (await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha=SENHA_DE_TESTE)).recusas == []
