"""What administrators do to accounts: roles, deactivation, corrections; never to their own, never to the last one."""

import asyncio

import pytest

from sghss_graphql.confianca.acesso.papeis import Papel
from tests.hospital import (
    ADICIONAR,
    DEFINIR,
    LOGIN,
    RENOVAR,
    SENHA_DE_TESTE,
    Cliente,
    Hospital,
    Pessoa,
    chave,
)

_PAYLOAD = (
    "{ usuario { id nome email papeis ativo versao identidadeVerificada } codigoDeAcesso { codigo }"
    " erros { codigo mensagem campo } } }"
)
CONCEDER = "mutation($id: ID!, $papel: Papel!) { concederPapel(usuarioId: $id, papel: $papel) " + _PAYLOAD
RETIRAR = "mutation($id: ID!, $papel: Papel!) { retirarPapel(usuarioId: $id, papel: $papel) " + _PAYLOAD
DESATIVAR = "mutation($id: ID!, $m: String!) { desativarUsuario(usuarioId: $id, motivo: $m) " + _PAYLOAD
REATIVAR = "mutation($id: ID!) { reativarUsuario(usuarioId: $id) " + _PAYLOAD
ATUALIZAR = "mutation($input: AtualizarUsuarioInput!) { atualizarUsuario(input: $input) " + _PAYLOAD
LISTAR = (
    "query($busca: String, $papel: Papel, $ativo: Boolean, $first: Int, $after: String, $last: Int, $before: String)"
    " { usuarios(busca: $busca, papel: $papel, ativo: $ativo, first: $first, after: $after, last: $last,"
    " before: $before) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    " edges { node { id nome cpf ativo papeis bloqueadoAte } } } }"
)


async def _id(cliente: Cliente) -> str:
    return str((await cliente("{ eu { id } }")).data["eu"]["id"])


@pytest.fixture
async def admin(hospital: Hospital) -> Pessoa:
    return await hospital.funcionario("ADMINISTRADOR")


async def test_a_role_is_given_and_taken_and_holds_at_once(hospital: Hospital, admin: Pessoa) -> None:
    recepcao = await hospital.funcionario("RECEPCAO")
    versao = (await recepcao.cliente("{ eu { versao } }")).data["eu"]["versao"]
    dado = (await admin.cliente(CONCEDER, id=recepcao.id, papel="ADMINISTRADOR")).data["concederPapel"]
    assert dado["usuario"]["papeis"] == ["RECEPCAO", "ADMINISTRADOR"]
    assert dado["usuario"]["versao"] > versao
    assert dado["codigoDeAcesso"] is None, "who was staff keeps the password"
    assert (await recepcao.cliente(LISTAR, first=1)).codigos == []
    assert (await admin.cliente(CONCEDER, id=recepcao.id, papel="ADMINISTRADOR")).recusas == ["VALOR_INVALIDO"]
    assert (await admin.cliente(RETIRAR, id=recepcao.id, papel="ADMINISTRADOR")).recusas == []
    assert (await recepcao.cliente(LISTAR, first=1)).codigos == ["PROIBIDO"]
    assert (await admin.cliente(RETIRAR, id=recepcao.id, papel="RECEPCAO")).recusas == ["VALOR_INVALIDO"]
    assert (await admin.cliente(RETIRAR, id=recepcao.id, papel="PROFISSIONAL")).recusas == ["VALOR_INVALIDO"]


async def test_roles_that_rest_on_a_registration_ask_for_it(hospital: Hospital, admin: Pessoa) -> None:
    recepcao, paciente = await hospital.funcionario("RECEPCAO"), await hospital.paciente()
    for papel in ("PACIENTE", "PROFISSIONAL"):
        assert (await admin.cliente(CONCEDER, id=recepcao.id, papel=papel)).recusas == ["VALOR_INVALIDO"]
    dado = (await admin.cliente(CONCEDER, id=await _id(paciente.cliente), papel="RECEPCAO")).data["concederPapel"]
    assert dado["codigoDeAcesso"] is not None, "the first role of staff voids the password"
    assert (await paciente.cliente("{ eu { id } }")).codigos == ["NAO_AUTENTICADO"]
    assert (await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]
    assert await hospital.com_codigo(paciente.cpf, dado["codigoDeAcesso"]["codigo"], "senha-nova-de-novo-7")


async def test_nobody_changes_their_own_account(hospital: Hospital, admin: Pessoa) -> None:
    for resposta in (
        await admin.cliente(CONCEDER, id=admin.id, papel="RECEPCAO"),
        await admin.cliente(RETIRAR, id=admin.id, papel="ADMINISTRADOR"),
        await admin.cliente(DESATIVAR, id=admin.id, m="férias"),
        await admin.cliente(ATUALIZAR, input={"usuarioId": admin.id, "nome": "Outro Nome"}),
    ):
        assert resposta.codigos == ["PROIBIDO"]


async def test_who_is_deactivated_is_out_at_once_and_comes_back_with_a_code_alone(
    hospital: Hospital, admin: Pessoa
) -> None:
    recepcao = await hospital.funcionario("RECEPCAO")
    renovacao = recepcao.cliente.sessao["tokenDeRenovacao"]
    parado = (await admin.cliente(DESATIVAR, id=recepcao.id, m="saiu do hospital")).data["desativarUsuario"]
    assert parado["usuario"]["ativo"] is False
    assert (await recepcao.cliente("{ eu { id } }")).codigos == ["NAO_AUTENTICADO"]
    assert (await hospital.ninguem(RENOVAR, t=renovacao)).recusas == ["CREDENCIAIS_INVALIDAS"]
    assert (await hospital.ninguem(LOGIN, cpf=recepcao.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]
    assert (await admin.cliente(DESATIVAR, id=recepcao.id, m="de novo")).recusas == ["VALOR_INVALIDO"]
    achados = (await admin.cliente(LISTAR, ativo=False, first=100)).data["usuarios"]
    assert recepcao.id in [edge["node"]["id"] for edge in achados["edges"]]
    volta = (await admin.cliente(REATIVAR, id=recepcao.id)).data["reativarUsuario"]
    assert volta["usuario"]["ativo"] is True
    assert (await hospital.ninguem(LOGIN, cpf=recepcao.cpf, senha=SENHA_DE_TESTE)).recusas == ["CREDENCIAIS_INVALIDAS"]
    assert await hospital.com_codigo(recepcao.cpf, volta["codigoDeAcesso"]["codigo"], "senha-da-volta-9")


async def test_a_code_dies_with_the_account(hospital: Hospital, admin: Pessoa) -> None:
    paciente = await hospital.paciente()
    codigo, id = await hospital.codigo(paciente.cpf), await _id((await hospital.paciente()).cliente)
    id = (await admin.cliente(LISTAR, busca=paciente.cpf)).data["usuarios"]["edges"][0]["node"]["id"]
    assert (await admin.cliente(DESATIVAR, id=id, m="CPF de outra pessoa")).recusas == []
    velho = await hospital.ninguem(DEFINIR, cpf=paciente.cpf, codigo=codigo, senha="senha-qualquer-9x")
    assert velho.recusas == ["CREDENCIAIS_INVALIDAS"]


async def _so_estes(hospital: Hospital, ids: list[str]) -> list[bytes]:
    """Leave these the only active administrators, for a while; give the others."""
    linhas = await hospital.dono.select(
        "SELECT u.id FROM usuario u JOIN usuario_papel r ON r.usuario_id = u.id WHERE r.papel = 'ADMINISTRADOR'"
        " AND u.ativo AND u.id NOT IN %(ids)s",
        ids=[chave(id) for id in ids],
    )
    outros = [linha[0] for linha in linhas]
    await hospital.dono.transaction(
        lambda tx: tx.execute("UPDATE usuario SET ativo = FALSE WHERE id IN %(outros)s", outros=outros)
    )
    return outros


@pytest.mark.parametrize("como", ["desativar", "retirar"])
async def test_two_administrators_at_once_leave_one(hospital: Hospital, admin: Pessoa, como: str) -> None:
    """Each takes the other away, five times over; somebody always remains."""
    for _ in range(5):
        um, outro = await hospital.funcionario("ADMINISTRADOR"), await hospital.funcionario("ADMINISTRADOR")
        for pessoa in (um, outro):
            assert (await admin.cliente(CONCEDER, id=pessoa.id, papel="RECEPCAO")).recusas == []
        outros = await _so_estes(hospital, [um.id, outro.id])
        try:
            if como == "desativar":
                respostas = await asyncio.gather(
                    um.cliente(DESATIVAR, id=outro.id, m="x"), outro.cliente(DESATIVAR, id=um.id, m="x")
                )
            else:
                respostas = await asyncio.gather(
                    um.cliente(RETIRAR, id=outro.id, papel="ADMINISTRADOR"),
                    outro.cliente(RETIRAR, id=um.id, papel="ADMINISTRADOR"),
                )
            ((restam,),) = await hospital.dono.select(
                "SELECT COUNT(*) FROM usuario u JOIN usuario_papel r ON r.usuario_id = u.id"
                " WHERE r.papel = 'ADMINISTRADOR' AND u.ativo"
            )
            assert restam == 1, [resposta.corpo for resposta in respostas]
        finally:
            await hospital.dono.transaction(
                lambda tx, outros=outros: tx.execute(
                    "UPDATE usuario SET ativo = TRUE WHERE id IN %(outros)s", outros=outros
                )
            )


async def test_a_name_is_corrected_everywhere(hospital: Hospital, admin: Pessoa) -> None:
    profissional = await hospital.profissional()
    usuario = await _id(profissional.cliente)
    feito = (await admin.cliente(ATUALIZAR, input={"usuarioId": usuario, "nome": "Zuleica Quintão"})).data
    assert feito["atualizarUsuario"]["usuario"]["nome"] == "Zuleica Quintão"
    visto = 'query($id: ID!) { profissional(id: $id) { nome } profissionais(busca: "zuleica quintao") { totalCount } }'
    achado = (await admin.cliente(visto, id=profissional.id)).data
    assert achado["profissional"]["nome"] == "Zuleica Quintão"
    assert achado["profissionais"]["totalCount"] >= 1
    assert (await admin.cliente(ATUALIZAR, input={"usuarioId": usuario, "nome": "Zuleica Quintão"})).recusas == [
        "VALOR_INVALIDO"
    ], "nothing changes, and it says so"
    for errado in ({"nome": None}, {"nome": " "}, {"email": "x"}):
        assert (await admin.cliente(ATUALIZAR, input={"usuarioId": usuario, **errado})).recusas == ["VALOR_INVALIDO"]


async def test_a_change_on_what_was_seen_before_another_is_refused_with_what_is_there(
    hospital: Hospital, admin: Pessoa
) -> None:
    recepcao = await hospital.funcionario("RECEPCAO")
    versao = (await recepcao.cliente("{ eu { versao } }")).data["eu"]["versao"]
    primeira = {"usuarioId": recepcao.id, "seVersao": versao, "email": "a@exemplo.com.br"}
    assert (await admin.cliente(ATUALIZAR, input=primeira)).recusas == []
    segunda = await admin.cliente(ATUALIZAR, input={**primeira, "email": "b@exemplo.com.br"})
    assert segunda.recusas == ["CONFLITO_DE_VERSAO"]
    assert segunda.data["atualizarUsuario"]["usuario"]["email"] == "a@exemplo.com.br"


async def test_the_list_of_usuarios_is_paged_both_ways_and_filtered(hospital: Hospital, admin: Pessoa) -> None:
    todos: list[str] = []
    after = None
    while True:
        pagina = (await admin.cliente(LISTAR, papel="RECEPCAO", first=3, after=after)).data["usuarios"]
        todos += [edge["node"]["id"] for edge in pagina["edges"]]
        after = pagina["pageInfo"]["endCursor"]
        if not pagina["pageInfo"]["hasNextPage"]:
            break
    assert len(todos) == len(set(todos)) == pagina["totalCount"]
    volta: list[str] = []
    before = None
    while True:
        pagina = (await admin.cliente(LISTAR, papel="RECEPCAO", last=4, before=before)).data["usuarios"]
        volta = [edge["node"]["id"] for edge in pagina["edges"]] + volta
        before = pagina["pageInfo"]["startCursor"]
        if not pagina["pageInfo"]["hasPreviousPage"]:
            break
    assert volta == todos
    for filtro in ({"papel": "PACIENTE"}, {"ativo": True}, {"busca": "maria"}, {"busca": "maria", "papel": "PACIENTE"}):
        achados = (await admin.cliente(LISTAR, first=20, **filtro)).data["usuarios"]
        nomes = [edge["node"]["nome"] for edge in achados["edges"]]
        assert nomes
        assert all("papel" not in filtro or filtro["papel"] in edge["node"]["papeis"] for edge in achados["edges"])


async def test_who_is_locked_out_is_shown_until_when(hospital: Hospital, admin: Pessoa) -> None:
    paciente = await hospital.paciente()
    for _ in range(hospital.settings.login_failures):
        await hospital.ninguem(LOGIN, cpf=paciente.cpf, senha="errada-demais-1")
    (um,) = (await admin.cliente(LISTAR, busca=paciente.cpf)).data["usuarios"]["edges"]
    assert um["node"]["bloqueadoAte"] is not None
    assert (await paciente.cliente("{ eu { bloqueadoAte } }")).data["eu"]["bloqueadoAte"] is not None
    desbloquear = "mutation($id: ID!) { desbloquearLogin(usuarioId: $id) { usuario { bloqueadoAte } } }"
    assert (await admin.cliente(desbloquear, id=um["node"]["id"])).data["desbloquearLogin"]["usuario"] == {
        "bloqueadoAte": None
    }


async def test_administrators_see_the_codes_that_were_handed_out(hospital: Hospital, admin: Pessoa) -> None:
    paciente = await hospital.paciente()
    lista = (
        "{ codigosDeAcesso(first: 100) { totalCount edges { node { emitidoEm expiraEm usadoEm usadoDe para { cpf }"
        " por { nome papeis } } } } }"
    )
    edges = (await admin.cliente(lista)).data["codigosDeAcesso"]["edges"]
    (novo,) = (edge for edge in edges if edge["node"]["para"]["cpf"] == paciente.cpf)
    assert novo["node"]["por"]["papeis"] == ["ADMINISTRADOR"]
    assert novo["node"]["usadoDe"] == "127.0.0.1"
    for papel in (Papel.RECEPCAO, Papel.PROFISSIONAL, Papel.PACIENTE):
        assert (await hospital.demo[papel](lista)).codigos == ["PROIBIDO"]


async def test_a_usuario_is_found_by_id_by_administrators_and_by_themself(hospital: Hospital, admin: Pessoa) -> None:
    paciente = await hospital.paciente()
    id = await _id(paciente.cliente)
    no = "query($id: ID!) { node(id: $id) { ... on Usuario { cpf } } }"
    assert (await admin.cliente("query($id: ID!) { usuario(id: $id) { cpf } }", id=id)).data["usuario"] == {
        "cpf": paciente.cpf
    }
    assert (await admin.cliente(no, id=id)).data["node"] == {"cpf": paciente.cpf}
    assert (await paciente.cliente(no, id=id)).data["node"] == {"cpf": paciente.cpf}
    assert (await hospital.recepcao(no, id=id)).data["node"] is None
    assert (await hospital.recepcao("query($id: ID!) { usuario(id: $id) { cpf } }", id=id)).codigos == ["PROIBIDO"]
    assert (await admin.cliente('{ usuario(id: "usr_nenhum") { cpf } }')).data["usuario"] is None


async def test_an_administrator_reads_no_record_for_all_that(hospital: Hospital, admin: Pessoa) -> None:
    paciente = await hospital.paciente()
    registro = {"pacienteId": paciente.id, "tipo": "EVOLUCAO", "texto": "x"}
    assert (await admin.cliente(ADICIONAR, input=registro)).codigos == ["PROIBIDO"]
