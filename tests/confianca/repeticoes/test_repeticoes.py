"""What is asked for under an Idempotency-Key has one effect, however often, and whenever, it comes."""

import asyncio
import inspect
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from graphql import get_named_type

from sghss_graphql.confianca.repeticoes.porta import Repeticao, varrer
from sghss_graphql.confianca.repeticoes.regras import MAIS_GUARDADAS, Marcas, Pedido, tem_segredo
from sghss_graphql.confianca.repeticoes.store import inserir
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.schema import create_schema
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario.atos import Leitura
from sghss_graphql.vocabulario.tempo import agora, relogio
from tests.cadastro.cuidados.test_cuidados import compartilhar, emergencia
from tests.hospital import (
    ADICIONAR,
    AGENDAR,
    BLOQUEAR,
    CADASTRAR_FUNCIONARIO,
    CADASTRAR_PACIENTE,
    CADASTRAR_PROFISSIONAL,
    CANCELAR,
    CASA,
    CHAVE,
    DEFINIR,
    DESBLOQUEAR,
    EMITIR,
    LOGIN,
    REMARCAR,
    RENOVAR,
    SAIR,
    TROCAR,
    Hospital,
    Pessoa,
    Resposta,
    chave,
)
from tests.processes import until
from tests.test_dois_ao_mesmo_tempo import KINDS

T = TypeVar("T")
_RECUSAS = frozenset({"PROIBIDO", "CONTAR", "SABER_POR_RECUSA"})
SECRETS = {
    "login": LOGIN, "renovarSessao": RENOVAR, "sair": SAIR, "trocarSenha": TROCAR, "definirSenha": DEFINIR,
    "emitirCodigoDeAcesso": EMITIR, "cadastrarFuncionario": CADASTRAR_FUNCIONARIO,
    "cadastrarProfissional": CADASTRAR_PROFISSIONAL,
    "concederPapel": "mutation { concederPapel(usuarioId: \"x\", papel: RECEPCAO) { erros { codigo } } }",
    "reativarUsuario": "mutation { reativarUsuario(usuarioId: \"x\") { erros { codigo } } }",
}  # fmt: skip
"""What answers with a secret, or ends who asks: it is refused under a key."""


@contextmanager
def _sob(uma: str | None = None) -> Iterator[str]:
    """Let all clients ask under a key."""
    uma = uma or uuid.uuid4().hex
    token = CHAVE.set(uma)
    try:
        yield uma
    finally:
        CHAVE.reset(token)


@asynccontextmanager
async def _contando(hospital: Hospital) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """Count the changes that are on the trail since."""
    mudancas = [nome for nome, ato in CASA.atos.items() if not isinstance(ato, Leitura) and nome not in _RECUSAS]

    async def contar() -> int:
        linhas = await hospital.dono.select("SELECT COUNT(*) FROM auditoria WHERE ato IN %(atos)s", atos=mudancas)
        return int(linhas[0][0])

    antes = await contar()

    async def feitas() -> int:
        return await contar() - antes

    yield feitas


async def _marcar(hospital: Hospital) -> tuple[Pessoa, dict[str, str]]:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    pedido = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    return paciente, pedido


async def _consultas(paciente: Pessoa) -> int:
    return int((await paciente.cliente("{ consultas { totalCount } }")).data["consultas"]["totalCount"])


async def test_a_booking_that_comes_twice_is_one_and_answered_alike(hospital: Hospital) -> None:
    paciente, pedido = await _marcar(hospital)
    with _sob():
        uma, outra = [await paciente.cliente(AGENDAR, input=pedido) for _ in range(2)]
    assert uma.recusas == []
    assert uma.data == outra.data
    assert await _consultas(paciente) == 1


async def test_what_was_as_it_should_be_is_left_to_whoever_changes_it_since(hospital: Hospital) -> None:
    paciente, pedido = await _marcar(hospital)
    consulta = (await paciente.cliente(AGENDAR, input=pedido)).data["agendarConsulta"]["consulta"]["id"]
    para_onde_esta = {"consultaId": consulta, "inicio": pedido["inicio"]}
    with _sob() as sempre_a_mesma:
        assert (await paciente.cliente(REMARCAR, input=para_onde_esta)).recusas == []
    outra_hora = {"consultaId": consulta, "inicio": hospital.instante()}
    assert (await hospital.recepcao(REMARCAR, input=outra_hora)).recusas == []
    with _sob(sempre_a_mesma):
        de_novo = (await paciente.cliente(REMARCAR, input=para_onde_esta)).data["remarcarConsulta"]
    assert de_novo["erros"] == []
    assert datetime.fromisoformat(de_novo["consulta"]["inicio"]) == datetime.fromisoformat(outra_hora["inicio"])


async def test_ten_at_the_same_moment_are_one(hospital: Hospital) -> None:
    paciente, pedido = await _marcar(hospital)
    with _sob():
        respostas = await asyncio.gather(*(paciente.cliente(AGENDAR, input=pedido) for _ in range(10)))
    assert {resposta.data["agendarConsulta"]["consulta"]["id"] for resposta in respostas} == {
        respostas[0].data["agendarConsulta"]["consulta"]["id"]
    }
    assert await _consultas(paciente) == 1


async def test_the_answer_is_of_the_object_as_it_is_now(hospital: Hospital) -> None:
    paciente, pedido = await _marcar(hospital)
    with _sob() as sempre_a_mesma:
        uma = await paciente.cliente(AGENDAR, input=pedido)
    consulta = uma.data["agendarConsulta"]["consulta"]["id"]
    assert (await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})).recusas == []
    with _sob(sempre_a_mesma):
        outra = (await paciente.cliente(AGENDAR, input=pedido)).data["agendarConsulta"]["consulta"]
    assert (outra["id"], outra["situacao"]) == (consulta, "CANCELADA")


async def test_the_same_key_for_something_else_is_refused_and_of_someone_else_another_key(hospital: Hospital) -> None:
    paciente, pedido = await _marcar(hospital)
    outra_pessoa, outro_pedido = await _marcar(hospital)
    with _sob():
        assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == []
        assert (await paciente.cliente(AGENDAR, input=outro_pedido)).codigos == ["REQUISICAO_INVALIDA"]
        assert (await paciente.cliente(AGENDAR + " ", input=pedido)).codigos == ["REQUISICAO_INVALIDA"]
        assert (await outra_pessoa.cliente(AGENDAR, input=outro_pedido)).recusas == []
    assert await _consultas(paciente) == 1


async def test_a_refusal_is_kept_too(hospital: Hospital) -> None:
    paciente, pedido = await _marcar(hospital)
    profissional = Pessoa(paciente.cliente, pedido["profissionalId"], "", "")
    tomada = await hospital.consulta(await hospital.paciente(), profissional, pedido["inicio"])
    with _sob() as sempre_a_mesma:
        assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == ["HORARIO_INDISPONIVEL"]
    assert (await hospital.recepcao(CANCELAR, input={"consultaId": tomada, "motivo": "x"})).recusas == []
    with _sob(sempre_a_mesma):
        assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == ["HORARIO_INDISPONIVEL"]
    with _sob():
        assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == []


async def test_what_is_refused_while_the_same_is_on_its_way_elsewhere_waits_and_is_answered_as_done(
    hospital: Hospital,
) -> None:
    paciente, pedido = await _marcar(hospital)
    consulta = (await paciente.cliente(AGENDAR, input=pedido)).data["agendarConsulta"]["consulta"]["id"]
    tarde = pedido | {"inicio": "2020-01-06T12:00:00Z"}
    meu = {"usuario": chave((await paciente.cliente("{ eu { id } }")).data["eu"]["id"])}
    with _sob() as sempre_a_mesma:
        assert (await paciente.cliente(AGENDAR, input=tarde)).recusas == ["HORARIO_NO_PASSADO"]
    ((marca, cifra),) = await hospital.dono.select(
        "SELECT pedido, chave FROM repeticao WHERE usuario_id = %(usuario)s", **meu
    )
    await hospital.dono.execute("DELETE FROM repeticao WHERE usuario_id = %(usuario)s", **meu)

    async def pedir() -> Resposta:
        with _sob(sempre_a_mesma):
            return await paciente.cliente(AGENDAR, input=tarde)

    resposta = await _enquanto_se_confirma(hospital, Pedido(meu["usuario"], cifra, (marca,)), chave(consulta), pedir)
    assert resposta.recusas == []
    assert resposta.data["agendarConsulta"]["consulta"]["id"] == consulta


@pytest.mark.parametrize("erros", [[], [{"codigo": "VALOR_INVALIDO", "mensagem": "x", "campo": []}]])
@pytest.mark.parametrize("guardadas", [0, MAIS_GUARDADAS])
async def test_no_refusal_is_told_of_what_is_being_done(
    hospital: Hospital, settings: Settings, erros: list[dict[str, Any]], guardadas: int
) -> None:
    """Of whatever kind it is, and of a caller of whom no more refusals are kept, too."""
    quem = await hospital.funcionario("RECEPCAO")
    usuario = chave((await quem.cliente("{ eu { id } }")).data["eu"]["id"])
    await _guardar(hospital, usuario, guardadas)
    pedido, db = Pedido(usuario, b"c" * 32, (b"m" * 32,)), Database(settings.app_database)
    repeticao = Repeticao(db, pedido)
    achado = await _enquanto_se_confirma(hospital, pedido, b"r" * 16, lambda: repeticao.recusar(erros))
    assert achado is not None
    assert (achado.pedido, achado.resultado, achado.erros) == (b"m" * 32, b"r" * 16, None)
    outro = Repeticao(db, replace(pedido, chave=b"d" * 32))
    assert await outro.recusar(erros) is None
    assert (await outro.anterior() is not None) is (bool(erros) and not guardadas)
    await db.close()


async def _enquanto_se_confirma(
    hospital: Hospital, pedido: Pedido, resultado: bytes, outro: Callable[[], Awaitable[T]]
) -> T:
    """Do something while the same request is written elsewhere; it is committed once this waits for it."""
    escrita = asyncio.Event()

    async def esperar(tx: Transaction) -> None:
        inserir(tx, pedido, resultado, None, agora(), agora())
        await tx.flush()
        escrita.set()
        await until(outra_espera)

    async def outra_espera() -> bool:
        return bool(
            await hospital.dono.select(
                "SELECT id FROM information_schema.processlist WHERE info REGEXP '(DELETE FROM|INSERT INTO) repeticao'"
                " AND info NOT LIKE '%processlist%'"
            )
        )

    async def depois() -> T:
        await escrita.wait()
        return await outro()

    _, feito = await asyncio.gather(hospital.dono.transaction(esperar), depois())
    return feito


async def test_a_refusal_that_is_told_again_is_on_the_trail_again(hospital: Hospital) -> None:
    conhecido, recepcao = await hospital.paciente(), await hospital.funcionario("RECEPCAO")
    pedido = {"nome": "Ana", "nascimento": "2000-01-01", "cpf": conhecido.cpf}
    usuario = chave((await recepcao.cliente("{ eu { id } }")).data["eu"]["id"])

    async def sabidas() -> int:
        sql = "SELECT COUNT(*) FROM auditoria WHERE usuario_id = %(u)s AND ato = 'SABER_POR_RECUSA'"
        return int((await hospital.dono.select(sql, u=usuario))[0][0])

    with _sob():
        assert (await recepcao.cliente(CADASTRAR_PACIENTE, input=pedido)).recusas == ["CPF_JA_CADASTRADO"]
        antes, relogio.adiantado = await sabidas(), timedelta(minutes=11)  # once in ten minutes is enough
        try:
            assert (await recepcao.cliente(CADASTRAR_PACIENTE, input=pedido)).recusas == ["CPF_JA_CADASTRADO"]
        finally:
            relogio.adiantado = timedelta()
    assert await sabidas() > antes > 0


async def _guardar(hospital: Hospital, usuario: bytes, quantas: int) -> None:
    """Let so many refusals be kept of somebody."""

    async def fill(tx: Transaction) -> None:
        linhas = [(usuario, n.to_bytes(32), bytes(32), None, "[]", agora()) for n in range(quantas)]
        tx.write_rows(
            "INSERT INTO repeticao (usuario_id, chave, pedido, resultado, erros, criado_em) VALUES %(rows)s", linhas
        )

    await hospital.dono.transaction(fill)


async def test_refusals_fill_no_table(hospital: Hospital) -> None:
    """What is refused under ever new keys is kept up to a number; what is done is kept all the same."""
    paciente, pedido = await _marcar(hospital)
    ((usuario,),) = await hospital.dono.select(
        "SELECT u.id FROM usuario u JOIN paciente p ON p.pessoa_id = u.pessoa_id WHERE p.id = %(p)s",
        p=chave(paciente.id),
    )

    async def kept() -> int:
        linhas = await hospital.dono.select("SELECT COUNT(*) FROM repeticao WHERE usuario_id = %(u)s", u=usuario)
        return int(linhas[0][0])

    await _guardar(hospital, usuario, MAIS_GUARDADAS - 1)
    for _ in range(3):
        with _sob():
            passado = {**pedido, "inicio": "2020-01-01T12:00:00Z"}
            assert (await paciente.cliente(AGENDAR, input=passado)).recusas == ["HORARIO_NO_PASSADO"]
    assert await kept() == MAIS_GUARDADAS
    with _sob():
        for _ in range(2):
            assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == []
    assert await kept() == MAIS_GUARDADAS + 1
    assert await _consultas(paciente) == 1


async def test_one_mutation_that_stands_twice_in_a_text_is_one(hospital: Hospital) -> None:
    _, pedido = await _marcar(hospital)
    text = "mutation($i: AgendarConsultaInput!) { ...A ...A ... on Mutation { %s { erros { codigo } } } }"
    text %= "agendarConsulta(input: $i)"
    text += " fragment A on Mutation { agendarConsulta(input: $i) { consulta { id } } }"
    hidden = "... on Mutation { " * 6 + "b: agendarConsulta(input: $i) { erros { codigo } }" + " }" * 6
    with _sob():
        assert (await hospital.recepcao(text, i=pedido)).recusas == []
    with _sob():
        deep = (
            "mutation($i: AgendarConsultaInput!) { a: agendarConsulta(input: $i) { erros { codigo } } " + hidden + " }"
        )
        assert set((await hospital.recepcao(deep, i=pedido)).codigos) == {"REQUISICAO_INVALIDA"}


async def test_after_a_day_a_key_is_new(hospital: Hospital) -> None:
    paciente, pedido = await _marcar(hospital)
    with _sob() as sempre_a_mesma:
        assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == []
    relogio.adiantado = timedelta(hours=24, minutes=1)
    try:
        amanha = await hospital.ninguem.entrar(paciente.cpf, "um-cavalo-7-bateria")
        with _sob(sempre_a_mesma):
            assert (await amanha(AGENDAR, input=pedido)).recusas == ["HORARIO_INDISPONIVEL"], "it isn't known any more"
        await varrer(hospital.dono)
        assert await hospital.dono.select(
            "SELECT COUNT(*) FROM repeticao r JOIN usuario u ON u.id = r.usuario_id"
            " JOIN paciente p ON p.pessoa_id = u.pessoa_id WHERE p.id = %(p)s",
            p=chave(paciente.id),
        ) == [(1,)], "the one of today stays"
    finally:
        relogio.adiantado = timedelta()


async def test_a_right_that_was_lost_meanwhile_is_lost(hospital: Hospital) -> None:
    funcionario = await hospital.funcionario("RECEPCAO")
    paciente, pedido = await _marcar(hospital)
    with _sob() as sempre_a_mesma:
        assert (await funcionario.cliente(AGENDAR, input=pedido)).recusas == []
    tirar = 'mutation($id: ID!) { desativarUsuario(usuarioId: $id, motivo: "x") { erros { codigo } } }'
    assert (await hospital.admin(tirar, id=funcionario.id)).recusas == []
    with _sob(sempre_a_mesma):
        assert (await funcionario.cliente(AGENDAR, input=pedido)).codigos == ["NAO_AUTENTICADO"]
    assert await _consultas(paciente) == 1


@pytest.mark.parametrize("wrong", ["", '""', "x" * 256, "é", "a\tb"])
async def test_a_key_is_up_to_255_characters_of_ascii(hospital: Hospital, wrong: str) -> None:
    paciente, pedido = await _marcar(hospital)
    headers = {"Authorization": f"Bearer {paciente.cliente.token}", "Idempotency-Key": wrong.encode("utf-8")}
    corpo = {"query": AGENDAR, "variables": {"input": pedido}}
    answer = await hospital.http.post("/graphql", json=corpo, headers=headers)  # type: ignore[arg-type]  # httpx takes bytes
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["REQUISICAO_INVALIDA"]
    assert await _consultas(paciente) == 0


async def test_a_key_in_quotes_is_the_same_key(hospital: Hospital) -> None:
    paciente, pedido = await _marcar(hospital)
    with _sob("abc"):
        assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == []
    with _sob('"abc"'):
        assert (await paciente.cliente(AGENDAR, input=pedido)).recusas == []
    assert await _consultas(paciente) == 1


async def test_a_key_is_for_one_mutation_of_somebody_who_is_known(hospital: Hospital) -> None:
    _, pedido = await _marcar(hospital)
    twice = "mutation($a: BloquearAgendaInput!) { a: bloquearAgenda(input: $a) { erros { codigo } } ...B }"
    twice += " fragment B on Mutation { b: bloquearAgenda(input: $a) { erros { codigo } } }"
    bloqueio = {
        "profissionalId": pedido["profissionalId"],
        "inicio": "2035-01-01T00:00:00Z",
        "fim": "2035-01-02T00:00:00Z",
    }
    with _sob():
        duas = await hospital.admin(twice, a=bloqueio)
        assert set(duas.codigos) == {"REQUISICAO_INVALIDA"}
        entrada = {"cpf": hospital.cpf(), "nome": "Ana Souza", "nascimento": "1990-01-01"}
        assert (await hospital.ninguem(CADASTRAR_PACIENTE, input=entrada)).codigos == ["REQUISICAO_INVALIDA"]
        assert (await hospital.recepcao(CADASTRAR_PACIENTE, input={**entrada, "senha": "um-cavalo-7"})).codigos == [
            "REQUISICAO_INVALIDA"
        ]
        assert (await hospital.admin("{ eu { nome } }")).data["eu"]["nome"], "to a question it says nothing"


@pytest.mark.parametrize("mutation", SECRETS)
async def test_what_answers_with_a_secret_takes_no_key(hospital: Hospital, mutation: str) -> None:
    variables: dict[str, Any] = {
        "cpf": hospital.cpf(), "senha": "x" * 12, "t": "x", "de": "x" * 12, "para": "y" * 12, "codigo": "ABCDEFGHJK",
        "input": {"cpf": hospital.cpf(), "nome": "Ana Souza"},
    }  # fmt: skip
    if mutation == "cadastrarFuncionario":
        variables["input"]["papel"] = "RECEPCAO"
    if mutation == "cadastrarProfissional":
        variables["input"] |= hospital.registro()
    text = SECRETS[mutation]
    asked = {name: value for name, value in variables.items() if f"${name}:" in text}
    async with _contando(hospital) as feitas:
        with _sob():
            resposta = await hospital.admin(text, **asked)
        assert resposta.codigos == ["REQUISICAO_INVALIDA"], resposta.corpo
        assert await feitas() == 0


def test_every_mutation_may_have_a_key_or_has_a_secret() -> None:
    mutation = create_schema().core.mutation_type
    assert mutation is not None
    refused = set()
    for name, field in mutation.fields.items():
        strawberry_field = field.extensions["strawberry-definition"]
        (around,) = [one for one in strawberry_field.extensions if hasattr(one, "repete")]
        if not around.repete:
            refused.add(name)
        else:
            assert "sessao" not in get_named_type(field.type).fields, name
            resolver = inspect.getsource(strawberry_field.base_resolver.wrapped_func)
            assert not re.search(r"\bcodigo(_de_acesso)?=", resolver), f"{name} answers with a code: repete=False"
    assert refused == SECRETS.keys()


_ELSEWHERE = {"remarcarConsulta", *SECRETS}
"""It asks for another time each time; and those that take no key."""


@pytest.mark.parametrize(
    ("kind", "change"),
    [(kind, one) for kind, of in KINDS.items() for one in of.changes if one.mutation not in _ELSEWHERE],
    ids=str,
)
async def test_each_change_that_comes_twice_is_made_once(hospital: Hospital, kind: str, change: Any) -> None:
    thing = await KINDS[kind].make(hospital)
    with _sob():
        first = await change.ask(thing)
        then = await KINDS[kind].see(thing)
        async with _contando(hospital) as feitas:
            again = await change.ask(thing)
            assert await feitas() == 0
    assert first.corpo == again.corpo
    assert await KINDS[kind].see(thing) == then


Ask = Callable[[Hospital], Awaitable[Callable[[], Awaitable[Resposta]]]]


async def _registering(hospital: Hospital) -> Callable[[], Awaitable[Resposta]]:
    entrada = {"cpf": hospital.cpf(), "nome": hospital.nome(), "nascimento": "1990-01-01", "mesmoSeDuplicado": True}
    return lambda: hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)


async def _writing(hospital: Hospital) -> Callable[[], Awaitable[Resposta]]:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    await hospital.consulta(paciente, profissional)
    registro = {"pacienteId": paciente.id, "tipo": "EVOLUCAO", "texto": "Evolui bem."}
    return lambda: profissional.cliente(ADICIONAR, input=registro)


async def _blocking(hospital: Hospital) -> Callable[[], Awaitable[Resposta]]:
    profissional = await hospital.profissional()
    bloqueio = {"inicio": "2035-01-01T00:00:00Z", "fim": "2035-01-02T00:00:00Z", "motivo": "x"}
    return lambda: hospital.admin(BLOQUEAR, input={**bloqueio, "profissionalId": profissional.id})


async def _unblocking(hospital: Hospital) -> Callable[[], Awaitable[Resposta]]:
    feito = (await (await _blocking(hospital))()).data["bloquearAgenda"]["bloqueio"]["id"]
    sem = DESBLOQUEAR.replace("{ bloqueio { id }", "{ idRemovido")
    return lambda: hospital.admin(sem, id=feito)


async def _sharing(hospital: Hospital) -> Callable[[], Awaitable[Resposta]]:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    ate = hospital.instante(20)
    return lambda: compartilhar(paciente.cliente, paciente.id, profissional.id, ate=ate)


async def _in_an_emergency(hospital: Hospital) -> Callable[[], Awaitable[Resposta]]:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    return lambda: emergencia(profissional, paciente.id)


async def _moving(hospital: Hospital) -> Callable[[], Awaitable[Resposta]]:
    consulta = await hospital.consulta(await hospital.paciente(), await hospital.profissional())
    mover = {"consultaId": consulta, "inicio": hospital.instante()}
    return lambda: hospital.recepcao(REMARCAR, input=mover)


async def _joining(hospital: Hospital) -> Callable[[], Awaitable[Resposta]]:
    um, outro = await hospital.paciente(), await hospital.paciente()
    unir = "mutation($i: UnificarPacientesInput!) { unificarPacientes(input: $i) { paciente { id } erros { codigo } } }"
    juntar = {"deId": um.id, "paraId": outro.id, "justificativa": "A mesma pessoa."}
    return lambda: hospital.admin(unir, i=juntar)


@pytest.mark.parametrize(
    "ask",
    [_registering, _writing, _blocking, _unblocking, _sharing, _in_an_emergency, _moving, _joining],
    ids=lambda f: f.__name__,
)
async def test_what_is_made_twice_is_there_once_and_answered_alike(hospital: Hospital, ask: Ask) -> None:
    asks = await ask(hospital)
    with _sob():
        first = await asks()
        async with _contando(hospital) as feitas:
            again = await asks()
            assert await feitas() == 0
    assert first.recusas == []
    assert first.corpo["data"] == again.corpo["data"]


def test_a_mark_tells_nothing_and_survives_another_first_key() -> None:
    old, new = b"a" * 32, b"b" * 32
    before = Marcas([old]).de(b"u", b"k", b"p")
    after = Marcas([new, old]).de(b"u", b"k", b"p")
    assert before.marcas[0] in after.marcas
    assert before.marcas[0] != after.marcas[0]
    assert Marcas([old]).de(b"v", b"k", b"p").marcas != before.marcas
    assert b"p" not in before.marcas[0] + before.chave


def test_secrets_are_found_at_any_depth() -> None:
    assert tem_segredo({"input": {"senha": "x"}})
    assert tem_segredo({"input": [{"codigo": "x"}]})
    assert not tem_segredo({"input": {"senha": None, "nome": "senha"}})


async def test_of_a_server_that_died_between_commit_and_answer_the_next_one_answers(hospital: Hospital) -> None:
    """As it is then: the effect is there, and nothing was answered; the caller asks another process."""
    paciente, pedido = await _marcar(hospital)
    with _sob():
        gone = asyncio.create_task(paciente.cliente(AGENDAR, input=pedido))
        await anext(n async for n in _consultas_no_banco(hospital, paciente) if n)
        gone.cancel()
        await asyncio.wait([gone])
        again = await paciente.cliente(AGENDAR, input=pedido)
    assert again.recusas == []
    assert await _consultas(paciente) == 1


async def _consultas_no_banco(hospital: Hospital, paciente: Pessoa) -> AsyncIterator[int]:
    """Look again and again."""
    sql = "SELECT COUNT(*) FROM consulta WHERE paciente_id = %(p)s"
    while True:
        yield (await hospital.dono.select(sql, p=chave(paciente.id)))[0][0]
