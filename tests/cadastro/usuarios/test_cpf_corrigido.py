"""A CPF that was typed wrongly is corrected by an administrator, who says why; the account behind it is closed."""

import asyncio
from typing import Any

import pytest

from tests.cadastro.usuarios.test_contas import ATUALIZAR, LISTAR
from tests.hospital import (
    ATUALIZAR_PACIENTE,
    CADASTRAR_PACIENTE,
    DEFINIR,
    EMITIR,
    LOGIN,
    RENOVAR,
    SENHA_DE_TESTE,
    Hospital,
    Pessoa,
    chave,
)

PORQUE = "O nove da ficha é um quatro."


async def _corrigir(hospital: Hospital, quem: Pessoa, certo: str, **resto: Any) -> Any:
    mudanca = {"pacienteId": quem.id, "cpf": certo, "justificativa": PORQUE} | resto
    return await hospital.admin(ATUALIZAR_PACIENTE, input=mudanca)


async def test_whoever_has_the_wrong_cpf_is_out_and_the_person_comes_in_with_a_code(hospital: Hospital) -> None:
    outro = await hospital.paciente()
    velho, certo, renovacao = outro.cpf, hospital.cpf(), outro.cliente.sessao["tokenDeRenovacao"]
    codigo = await hospital.codigo(velho)
    await hospital.com_codigo(velho, codigo, "senha-de-outro-9x")
    guardado = await hospital.codigo(velho)
    assert (await _corrigir(hospital, outro, certo)).recusas == []
    assert (await outro.cliente("{ eu { id } }")).codigos == ["NAO_AUTENTICADO"]
    assert (await hospital.ninguem(RENOVAR, t=renovacao)).recusas == ["CREDENCIAIS_INVALIDAS"]
    for cpf in (velho, certo):
        assert (await hospital.ninguem(LOGIN, cpf=cpf, senha="senha-de-outro-9x")).recusas == ["CREDENCIAIS_INVALIDAS"]
        tentado = await hospital.ninguem(DEFINIR, cpf=cpf, codigo=guardado, senha="senha-nova-9x")
        assert tentado.recusas == ["CREDENCIAIS_INVALIDAS"]
    assert (await hospital.recepcao(EMITIR, cpf=velho)).recusas == ["NAO_ENCONTRADO"]
    pessoa = await hospital.com_codigo(certo, await hospital.codigo(certo), "so-minha-senha-9")
    assert (await pessoa("{ eu { cpf paciente { id } } }")).data["eu"] == {"cpf": certo, "paciente": {"id": outro.id}}
    novo = {"cpf": velho, "nome": "Outra Pessoa", "nascimento": "1990-01-01", "senha": SENHA_DE_TESTE}
    assert (await hospital.ninguem(CADASTRAR_PACIENTE, input=novo)).recusas == [], "the CPF is its owner's to use"
    ((de, para, por_que),) = await hospital.dono.select(
        "SELECT c.de, c.para, c.justificativa FROM correcao_de_cpf c JOIN paciente p ON p.pessoa_id = c.pessoa_id"
        " WHERE p.id = %(p)s",
        p=chave(outro.id),
    )
    assert (de, para, por_que) == (velho, certo, PORQUE)
    atos = await hospital.dono.select("SELECT ato FROM auditoria WHERE alvo_id = %(p)s", p=chave(outro.id))
    assert ("CORRIGIR_CPF_DO_PACIENTE",) in atos


@pytest.mark.parametrize(
    ("mudanca", "campo"),
    [
        ({"justificativa": None}, "justificativa"),
        ({"justificativa": "errado"}, "justificativa"),
        ({"justificativa": "0123456789"}, "justificativa"),
        ({"cpf": None}, "cpf"),
    ],
)
async def test_a_correction_says_why_and_leaves_a_cpf(hospital: Hospital, mudanca: Any, campo: str) -> None:
    paciente = await hospital.paciente()
    feita = await _corrigir(hospital, paciente, hospital.cpf(), **mudanca)
    assert [erro["campo"] for erro in feita.data["atualizarPaciente"]["erros"]] == [["input", campo]]
    assert await hospital.ninguem.entrar(paciente.cpf, SENHA_DE_TESTE), "nothing was closed"


async def test_the_desk_corrects_no_cpf_and_nobody_their_own(hospital: Hospital) -> None:
    paciente, admin = await hospital.paciente(), await hospital.funcionario("ADMINISTRADOR")
    mudanca = {"pacienteId": paciente.id, "cpf": hospital.cpf(), "justificativa": PORQUE}
    feita = (await hospital.recepcao(ATUALIZAR_PACIENTE, input=mudanca)).data["atualizarPaciente"]
    assert [(erro["codigo"], erro["campo"]) for erro in feita["erros"]] == [("VALOR_INVALIDO", ["input", "cpf"])]
    assert "administrador" in feita["erros"][0]["mensagem"]
    seu = {"usuarioId": admin.id, "cpf": hospital.cpf(), "justificativa": PORQUE}
    assert (await admin.cliente(ATUALIZAR, input=seu)).codigos == ["PROIBIDO"]


async def test_a_cpf_that_somebody_has_is_refused_and_nothing_closes(hospital: Hospital) -> None:
    um, outro = await hospital.paciente(), await hospital.paciente()
    assert (await _corrigir(hospital, um, outro.cpf)).recusas == ["CPF_JA_CADASTRADO"]
    funcionario = await hospital.funcionario("RECEPCAO")
    mudanca = {"usuarioId": funcionario.id, "cpf": outro.cpf, "justificativa": PORQUE}
    assert (await hospital.admin(ATUALIZAR, input=mudanca)).recusas == ["CPF_JA_CADASTRADO"]
    assert await hospital.ninguem.entrar(um.cpf, SENHA_DE_TESTE)
    assert await hospital.ninguem.entrar(funcionario.cpf, SENHA_DE_TESTE)


async def test_staff_without_a_registration_as_paciente_are_corrected_whole(hospital: Hospital) -> None:
    funcionario, certo = await hospital.funcionario("RECEPCAO"), hospital.cpf()
    dados = {"cpf": certo, "justificativa": PORQUE, "nascimento": "1980-05-17", "telefone": "(11) 91234-5678"}
    feita = await hospital.admin(ATUALIZAR, input={"usuarioId": funcionario.id, **dados})
    assert feita.recusas == []
    assert feita.data["atualizarUsuario"]["usuario"]["identidadeVerificada"] is False
    assert (await funcionario.cliente("{ eu { id } }")).codigos == ["NAO_AUTENTICADO"]
    escrito = await hospital.dono.select(
        "SELECT e.cpf, e.nascimento, e.telefone FROM pessoa e JOIN usuario u ON u.pessoa_id = e.id WHERE u.id = %(u)s",
        u=chave(funcionario.id),
    )
    assert [(cpf, str(dia), telefone) for cpf, dia, telefone in escrito] == [(certo, "1980-05-17", "+5511912345678")]
    codigo = (await hospital.admin(EMITIR, cpf=certo)).data["emitirCodigoDeAcesso"]["codigoDeAcesso"]["codigo"]
    assert (await (await hospital.com_codigo(certo, codigo, "so-minha-senha-9"))("{ eu { papeis } }")).data["eu"]
    amanha = {"usuarioId": funcionario.id, "nascimento": "2999-01-01", "telefone": "........"}
    recusada = (await hospital.admin(ATUALIZAR, input=amanha)).data["atualizarUsuario"]["erros"]
    assert [erro["campo"] for erro in recusada] == [["input", "nascimento"], ["input", "telefone"]]


async def test_a_code_handed_out_while_the_cpf_is_corrected_opens_nothing_by_the_wrong_one(hospital: Hospital) -> None:
    for _ in range(8):
        paciente, certo = await hospital.paciente(), hospital.cpf()
        emitido, corrigido = await asyncio.gather(
            hospital.recepcao(EMITIR, cpf=paciente.cpf), _corrigir(hospital, paciente, certo)
        )
        assert corrigido.recusas == []
        codigo = (emitido.data["emitirCodigoDeAcesso"]["codigoDeAcesso"] or {}).get("codigo")
        for cpf in (paciente.cpf, certo):
            feita = await hospital.ninguem(DEFINIR, cpf=cpf, codigo=codigo or "ERRADO2345", senha="senha-nova-9x")
            assert feita.recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_whoever_is_corrected_is_found_by_the_new_cpf(hospital: Hospital) -> None:
    paciente, certo = await hospital.paciente(), hospital.cpf()
    await _corrigir(hospital, paciente, certo)
    achados = (await hospital.admin(LISTAR, busca=certo)).data["usuarios"]["edges"]
    assert [aresta["node"]["cpf"] for aresta in achados] == [certo]
    assert (await hospital.admin(LISTAR, busca=paciente.cpf)).data["usuarios"]["edges"] == []


@pytest.mark.parametrize("por_qual", ["atualizarPaciente", "atualizarUsuario"])
async def test_whoever_is_unverified_and_has_the_cpf_that_was_said_waits(hospital: Hospital, por_qual: str) -> None:
    estranho, paciente, funcionario = [
        await hospital.estranho(), await hospital.paciente(), await hospital.funcionario("RECEPCAO")
    ]  # fmt: skip
    if por_qual == "atualizarPaciente":
        feita = await _corrigir(hospital, paciente, estranho.cpf)
    else:
        mudanca = {"usuarioId": funcionario.id, "cpf": estranho.cpf, "justificativa": PORQUE}
        feita = await hospital.admin(ATUALIZAR, input=mudanca)
    assert feita.recusas == ["CPF_JA_CADASTRADO"]
    assert (await estranho.cliente("{ eu { id } }")).codigos == ["NAO_AUTENTICADO"]
    assert (await hospital.ninguem(LOGIN, cpf=estranho.cpf, senha=SENHA_DE_TESTE)).recusas == [
        "IDENTIDADE_NAO_VERIFICADA"
    ]


async def test_of_two_administrators_who_correct_each_other_one_does(hospital: Hospital) -> None:
    for _ in range(4):
        dois = [await hospital.funcionario("ADMINISTRADOR") for _ in range(2)]
        ids = []
        for um in dois:
            ficha = {"cpf": um.cpf, "nome": um.nome, "nascimento": "1970-01-01", "mesmoSeDuplicado": True}
            feita = await hospital.recepcao(CADASTRAR_PACIENTE, input=ficha)
            ids.append(feita.data["cadastrarPaciente"]["paciente"]["id"])
        mudar = {"justificativa": PORQUE}
        respostas = await asyncio.gather(
            dois[0].cliente(ATUALIZAR_PACIENTE, input={"pacienteId": ids[1], "cpf": hospital.cpf(), **mudar}),
            dois[1].cliente(ATUALIZAR_PACIENTE, input={"pacienteId": ids[0], "cpf": hospital.cpf(), **mudar}),
        )
        assert sorted(resposta.codigos for resposta in respostas) == [[], ["NAO_AUTENTICADO"]]
