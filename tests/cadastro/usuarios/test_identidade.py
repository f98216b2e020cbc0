"""Who is behind a password: an account opened over the network is a claim until the person has been at the desk."""

import asyncio
import unicodedata

import pytest

from sghss_graphql.cadastro.codigos.porta import vencer_codigos
from tests.hospital import (
    AGENDAR,
    ATUALIZAR_PACIENTE,
    CADASTRAR_FUNCIONARIO,
    CADASTRAR_PACIENTE,
    CADASTRAR_PROFISSIONAL,
    CANCELAR,
    CONFIRMAR,
    DEFINIR,
    EMITIR,
    LOGIN,
    REMARCAR,
    RENOVAR,
    SENHA_DE_TESTE,
    TROCAR,
    Cliente,
    Hospital,
    Pessoa,
    chave,
)
from tests.processes import PROCESSES, until

EU = "{ eu { nome identidadeVerificada paciente { nome telefone identidadeVerificada } } }"
PRONTUARIOS = "query($id: ID!) { prontuarios(pacienteId: $id) { totalCount } }"


async def _verificada(cliente: Cliente) -> bool:
    return (await cliente("{ eu { identidadeVerificada } }")).data["eu"]["identidadeVerificada"]


async def test_a_stranger_keeps_what_they_typed_and_books_one_consulta_at_a_time(hospital: Hospital) -> None:
    estranho, profissional = await hospital.estranho(telefone="(11) 91234-5678"), await hospital.profissional()
    eu = (await estranho.cliente(EU)).data["eu"]
    assert eu["identidadeVerificada"] is eu["paciente"]["identidadeVerificada"] is False
    assert eu["paciente"]["telefone"] == "+5511912345678"
    marcar = {"pacienteId": estranho.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    primeira = (await estranho.cliente(AGENDAR, input=marcar)).data["agendarConsulta"]["consulta"]["id"]
    marcar["inicio"] = hospital.instante()
    segunda = await estranho.cliente(AGENDAR, input=marcar)
    assert segunda.codigos == ["PROIBIDO"]
    assert "código" in segunda.corpo["errors"][0]["message"], "it says what to do"
    mudar = {"consultaId": primeira, "inicio": hospital.instante()}
    assert (await estranho.cliente(REMARCAR, input=mudar)).recusas == []
    assert (await estranho.cliente("{ consultas { totalCount } profissionais { totalCount } }")).codigos == []
    assert (await estranho.cliente(CANCELAR, input={"consultaId": primeira, "motivo": "x"})).recusas == []
    assert (await estranho.cliente(AGENDAR, input=marcar)).recusas == []
    assert (await estranho.cliente(PRONTUARIOS, id=estranho.id)).codigos == ["PROIBIDO"]
    assert (await estranho.cliente(CONFIRMAR, id=primeira)).codigos == ["PROIBIDO"]


async def test_of_two_bookings_at_once_a_stranger_gets_one(hospital: Hospital) -> None:
    estranho, profissional = await hospital.estranho(), await hospital.profissional()
    entradas = [
        {"pacienteId": estranho.id, "profissionalId": profissional.id, "inicio": hospital.instante()} for _ in range(5)
    ]
    respostas = await asyncio.gather(*(estranho.cliente(AGENDAR, input=entrada) for entrada in entradas))
    assert sorted(resposta.codigos for resposta in respostas) == [[]] + [["PROIBIDO"]] * 4


async def _corrigir(hospital: Hospital, quem: Pessoa) -> None:
    mudanca = {"pacienteId": quem.id, "telefone": "(21) 99999-0000"}
    assert (await hospital.recepcao(ATUALIZAR_PACIENTE, input=mudanca)).recusas == []


async def _marcar(hospital: Hospital, quem: Pessoa) -> None:
    await hospital.consulta(quem, await hospital.profissional())


async def _registrar(hospital: Hospital, quem: Pessoa) -> None:
    entrada = {"cpf": quem.cpf, "nome": quem.nome, "nascimento": "1980-05-17"}
    assert (await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).recusas == ["CPF_JA_CADASTRADO"]


async def _confirmar(hospital: Hospital, quem: Pessoa) -> None:
    profissional = await hospital.profissional()
    marcar = {"pacienteId": quem.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    consulta = (await quem.cliente(AGENDAR, input=marcar)).data["agendarConsulta"]["consulta"]["id"]
    assert (await hospital.recepcao(CONFIRMAR, id=consulta)).recusas == []


@pytest.mark.parametrize("agir", [_corrigir, _marcar, _registrar, _confirmar])
async def test_once_staff_act_on_a_person_the_account_waits_for_its_code(hospital: Hospital, agir) -> None:
    estranho = await hospital.estranho()
    renovacao = estranho.cliente.sessao["tokenDeRenovacao"]
    await agir(hospital, estranho)
    if PROCESSES:  # the others hear of it within two seconds

        async def acabou() -> bool:
            return [(await estranho.cliente(EU)).codigos for _ in range(PROCESSES)] == [["NAO_AUTENTICADO"]] * PROCESSES

        await until(acabou, 2)
    assert (await estranho.cliente(EU)).codigos == ["NAO_AUTENTICADO"], "the session that was open is over"
    assert (await hospital.ninguem(RENOVAR, t=renovacao)).recusas == ["CREDENCIAIS_INVALIDAS"]
    assert (await hospital.ninguem(LOGIN, cpf=estranho.cpf, senha=SENHA_DE_TESTE)).recusas == [
        "IDENTIDADE_NAO_VERIFICADA"
    ]
    assert (await hospital.ninguem(LOGIN, cpf=estranho.cpf, senha="outra-errada-9")).recusas == [
        "CREDENCIAIS_INVALIDAS"
    ]
    pessoa = await hospital.com_codigo(estranho.cpf, await hospital.codigo(estranho.cpf), "senha-da-pessoa-9x")
    assert await _verificada(pessoa)
    assert (await pessoa(PRONTUARIOS, id=estranho.id)).codigos == []
    assert (await hospital.ninguem(LOGIN, cpf=estranho.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_a_person_who_was_verified_goes_on_whoever_acts_on_them(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    await _corrigir(hospital, paciente)
    await _marcar(hospital, paciente)
    assert await _verificada(paciente.cliente)
    trocada = await paciente.cliente(TROCAR, de=SENHA_DE_TESTE, para="outra-senha-boa-8")
    assert trocada.recusas == []
    assert await _verificada(await hospital.ninguem.entrar(paciente.cpf, "outra-senha-boa-8"))


@pytest.mark.parametrize("verificada", [True, False])
@pytest.mark.parametrize("mutacao", ["profissional", "funcionario"])
async def test_the_first_staff_role_never_rests_on_a_password_of_before(
    hospital: Hospital, verificada: bool, mutacao: str
) -> None:
    """A stranger registered the CPF of somebody who is to be a médico; or the clerk issued the patient's code."""
    pessoa = await (hospital.paciente() if verificada else hospital.estranho())
    guardado = await hospital.codigo(pessoa.cpf) if verificada else None
    entrada = {"cpf": pessoa.cpf, "nome": pessoa.nome}
    if mutacao == "profissional":
        feita = await hospital.admin(CADASTRAR_PROFISSIONAL, input={**entrada, **hospital.registro()})
        payload = feita.data["cadastrarProfissional"]
    else:
        feita = await hospital.admin(CADASTRAR_FUNCIONARIO, input={**entrada, "papel": "RECEPCAO"})
        payload = feita.data["cadastrarFuncionario"]
    assert (await pessoa.cliente(EU)).codigos == ["NAO_AUTENTICADO"]
    assert (await hospital.ninguem(LOGIN, cpf=pessoa.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]
    if guardado:
        velho = await hospital.ninguem(DEFINIR, cpf=pessoa.cpf, codigo=guardado, senha="senha-do-outro-9")
        assert velho.recusas == ["CREDENCIAIS_INVALIDAS"]
    novo = await hospital.com_codigo(pessoa.cpf, payload["codigoDeAcesso"]["codigo"], "so-minha-senha-9")
    assert len((await novo("{ eu { papeis } }")).data["eu"]["papeis"]) == 2


async def test_a_further_role_keeps_the_password(hospital: Hospital) -> None:
    profissional = await hospital.profissional()
    entrada = {"cpf": profissional.cpf, "nome": profissional.nome, "papel": "RECEPCAO"}
    feita = (await hospital.admin(CADASTRAR_FUNCIONARIO, input=entrada)).data["cadastrarFuncionario"]
    assert feita["codigoDeAcesso"] is None
    assert await _verificada(await hospital.ninguem.entrar(profissional.cpf, SENHA_DE_TESTE))


async def test_nobody_issues_themself_a_code_and_the_desk_none_for_staff(hospital: Hospital) -> None:
    admin, recepcao = await hospital.funcionario("ADMINISTRADOR"), await hospital.funcionario("RECEPCAO")
    assert (await admin.cliente(EMITIR, cpf=admin.cpf)).codigos == ["PROIBIDO"]
    assert (await recepcao.cliente(EMITIR, cpf=admin.cpf)).codigos == ["PROIBIDO"]
    assert (await recepcao.cliente(EMITIR, cpf=recepcao.cpf)).codigos == ["PROIBIDO"]
    assert (await admin.cliente(EMITIR, cpf=recepcao.cpf)).recusas == []


async def test_a_code_is_good_for_five_tries_however_many_come_at_once(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    codigo = await hospital.codigo(paciente.cpf)
    for n in range(4):
        errada = await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=f"ERRADO234{n}", senha="senha-nova-9x")
        assert errada.recusas == ["CREDENCIAIS_INVALIDAS"]
    await asyncio.gather(
        *(hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=f"ERRADO23{n}", senha="x") for n in range(3))
    )
    certa = await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=codigo, senha="senha-nova-9x")
    assert certa.recusas == ["CREDENCIAIS_INVALIDAS"], "it was used up by wrong ones"
    anulados = await hospital.dono.select(
        "SELECT COUNT(*) FROM auditoria a JOIN usuario u ON u.id = a.alvo_id"
        " JOIN paciente p ON p.pessoa_id = u.pessoa_id WHERE a.ato = 'CODIGO_ANULADO' AND p.id = %(p)s",
        p=chave(paciente.id),
    )
    assert anulados == [(1,)]
    assert await hospital.com_codigo(paciente.cpf, await hospital.codigo(paciente.cpf), "senha-nova-9x")


async def test_a_code_that_nobody_used_in_time_is_told_to_the_trail(hospital: Hospital) -> None:
    paciente = await hospital.paciente()
    codigo = await hospital.codigo(paciente.cpf)
    await hospital.dono.transaction(
        lambda tx: tx.execute(
            "UPDATE codigo_de_acesso c JOIN usuario u ON u.id = c.usuario_id"
            " JOIN paciente p ON p.pessoa_id = u.pessoa_id SET c.expira_em = '2020-01-01' WHERE p.id = %(p)s",
            p=chave(paciente.id),
        )
    )
    await vencer_codigos(hospital.dono)
    vencida = await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=codigo, senha="senha-nova-9x")
    assert vencida.recusas == ["CREDENCIAIS_INVALIDAS"]
    ((quantos,),) = await hospital.dono.select(
        "SELECT COUNT(*) FROM auditoria a JOIN usuario u ON u.id = a.alvo_id"
        " JOIN paciente p ON p.pessoa_id = u.pessoa_id WHERE a.ato = 'CODIGO_VENCIDO' AND p.id = %(p)s",
        p=chave(paciente.id),
    )
    assert quantos == 1


async def test_who_handed_a_code_out_and_from_where_it_was_used_is_kept(hospital: Hospital) -> None:
    recepcao, paciente = await hospital.funcionario("RECEPCAO"), await hospital.paciente()
    codigo = (await recepcao.cliente(EMITIR, cpf=paciente.cpf)).data["emitirCodigoDeAcesso"]["codigoDeAcesso"]["codigo"]
    await hospital.com_codigo(paciente.cpf, codigo, "senha-nova-9x")
    ((por, usado_em, usado_de),) = await hospital.dono.select(
        "SELECT o.emitido_por, o.usado_em, INET6_NTOA(o.usado_de) FROM codigo_emitido o JOIN usuario u"
        " ON u.id = o.usuario_id JOIN paciente p ON p.pessoa_id = u.pessoa_id WHERE p.id = %(p)s"
        " ORDER BY o.emitido_em DESC LIMIT 1",
        p=chave(paciente.id),
    )
    assert por == chave(recepcao.id)
    assert usado_em is not None
    assert usado_de == "127.0.0.1"


@pytest.mark.parametrize("forma", ["NFC", "NFD"])
async def test_a_password_is_the_same_however_its_letters_are_composed(hospital: Hospital, forma: str) -> None:
    paciente = await hospital.paciente()
    senha = "maçã-número-7-avô"
    await hospital.com_codigo(paciente.cpf, await hospital.codigo(paciente.cpf), unicodedata.normalize(forma, senha))
    for outra in ("NFC", "NFD"):
        assert await hospital.ninguem.entrar(paciente.cpf, unicodedata.normalize(outra, senha))
