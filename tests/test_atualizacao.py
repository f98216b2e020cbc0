"""A hospital that was filled by the version before: migrations carry every row, and what is asked answers the same."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import httpx
import pytest

from sghss_graphql.app import create_app, grants, migrations
from sghss_graphql.cadastro.pessoas.porta import refazer_termos
from sghss_graphql.clinica.prontuarios.regras import Registro, calcular_hash
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.demo.carga import gerar
from sghss_graphql.demo.lugares import CENTRAL, MANAUS
from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from sghss_graphql.demo.store import INSERCOES
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.machinery.database.migrations import migrate, read_statements
from tests.hospital import Cliente, Hospital

BANCO = "ensaio_atualizacao"
DIA = datetime(2026, 11, 23)  # noqa: DTZ001 - naive UTC
BEFORE = 8
"""The last migration of the version before: médicos, and a name in each of three tables."""

Rows = Sequence[Sequence[Any]]


async def _execute(statement: str, tx: Transaction) -> None:
    await tx.execute(statement)


@pytest.fixture(scope="module")
async def demo() -> dict[str, Rows]:
    """The demo's rows of today, all of them médicos, as the version before knew no others; records of its form."""
    senhas = Senhas(4)
    tabelas: dict[str, Rows] = dict(gerar(await senhas.guardar(SENHA), DIA))
    senhas.close()
    registros = {chave: (conselho, numero, uf) for chave, _, _, conselho, numero, uf, *_ in tabelas["profissional"]}
    tabelas["profissional"] = [(*linha[:3], "CRM", *linha[4:]) for linha in tabelas["profissional"]]
    elos: dict[bytes, bytes] = {}
    escritos = []
    for linha in tabelas["prontuario"]:
        chave, paciente, numero, autor, _, _, consulta, tipo, texto, cid10, retifica, motivo, criado_em, _, _ = linha
        _, numero_do_conselho, uf = registros[autor]
        registro = Registro(
            chave, paciente, numero, autor, f"{numero_do_conselho}/{uf}", consulta, tipo, texto,
            tuple(cid10.split()), retifica, motivo, criado_em, elos.get(paciente, bytes(32)), forma=1,
        )  # fmt: skip
        elos[paciente] = calcular_hash(registro)
        antes = (chave, paciente, numero, autor, registro.registro, 1, consulta, tipo, texto, cid10, retifica, motivo)
        escritos.append((*antes, criado_em, registro.hash_anterior, elos[paciente]))
    tabelas["prontuario"] = escritos
    # Names, birth and contacts were all that it knew of a pessoa.
    tabelas["pessoa"] = [
        (*p[:5], None, None, *p[7:10], "NAO_INFORMADA", None, None, *p[13:]) for p in tabelas["pessoa"]
    ]
    tabelas["endereco"] = tabelas["documento_de_identificacao"] = tabelas["contato"] = []
    # Nor did it know of places: those that it becomes have a time zone each, and are open on holidays.
    tabelas["sala"] = tabelas["tipo_de_atendimento"] = []
    tabelas["unidade"] = [
        (CENTRAL, "Unidade principal", "unidade principal", None, "America/Sao_Paulo", *(None,) * 6, 1, None),
        (
            MANAUS,
            "Unidade em America/Manaus",
            "unidade em america/manaus",
            None,
            "America/Manaus",
            *(None,) * 6,
            1,
            None,
        ),
    ]
    semanas: dict[Any, list[Any]] = defaultdict(list)
    for profissional, _, dia, inicio, fim, unidade, *_ in tabelas["turno"]:
        semanas[profissional].append((dia, inicio, fim, unidade))
    tabelas["turno"] = [
        (profissional, numero, *turno, None, None, 1)
        for profissional, turnos in semanas.items()
        for numero, turno in enumerate(sorted(turnos), 1)
    ]
    tabelas["pessoa_inicio"] = [linha for linha in tabelas["pessoa_inicio"] if linha[0][0] not in "~#"]
    # Nobody was deactivated yet, whoever had a password and no trail had been given it by the staff, and care was of
    # consultas alone.
    tabelas["usuario"] = [(*u[:3], u[5] if u[2] else None, True, u[5]) for u in tabelas["usuario"]]
    tabelas["acesso_de_emergencia"] = tabelas["cuidado_compartilhado"] = []
    tabelas["cuidado"] = [linha for linha in tabelas["cuidado"] if linha[3] == "CONSULTA"]
    return tabelas


def _as_it_was(demo: Mapping[str, Rows]) -> Iterable[tuple[str, str, Rows]]:
    """Give the demo's rows as the version before kept them: table, columns, rows."""
    pessoas = {linha[0]: linha for linha in demo["pessoa"]}
    do_usuario = {usuario: pessoas[pessoa] for usuario, pessoa, *_ in demo["usuario"]}
    da_pessoa = {pessoa: usuario for usuario, pessoa, *_ in demo["usuario"]}
    pacientes = {linha[1] for linha in demo["paciente"]}
    medicos = {linha[1]: linha[0] for linha in demo["profissional"]}
    yield (
        "usuario",
        "id, cpf, nome, email, senha, criado_em",
        [
            (u, do_usuario[u][1], do_usuario[u][2], do_usuario[u][8], senha, em)
            for u, _, senha, _, _, em in demo["usuario"]
        ],
    )
    papeis = [(u, "MEDICO" if papel == "PROFISSIONAL" else papel) for u, papel in demo["usuario_papel"]]
    yield "usuario_papel", "usuario_id, papel", papeis
    yield (
        "paciente",
        "id, usuario_id, cpf, nome, nome_social, nome_ordem, cns, nascimento, sexo, email, telefone, criado_em",
        [
            (chave, da_pessoa.get(pessoa), cpf, nome, social, ordem, cns, nascimento, sexo, email, _typed(fone), em)
            for chave, pessoa, _, cns, sexo, em in demo["paciente"]
            for _, cpf, nome, social, ordem, _, _, nascimento, email, fone, *_ in [pessoas[pessoa]]
        ],
    )
    todos = [linha for linha in demo["pessoa_inicio"] if linha[0][0] not in "+=" and linha[0][-1] != "."]
    inicios = [linha for linha in todos if linha[2] in pacientes]
    yield "paciente_inicio", "inicio, nome_ordem, paciente_id", inicios
    yield (
        "medico",
        "id, usuario_id, nome, nome_ordem, crm, fuso, criado_em",
        [
            (chave, da_pessoa[pessoa], pessoas[pessoa][2], ordem, f"{numero}/{uf}", fuso, em)
            for chave, pessoa, ordem, _, numero, uf, fuso, em in demo["profissional"]
        ],
    )
    palavras = {(inicio, medicos[pessoa]) for inicio, _, pessoa in todos if pessoa in medicos}
    yield "medico_palavra", "palavra, medico_id", sorted(palavras)
    yield (
        "medico_especialidade",
        "medico_id, ordem, especialidade, especialidade_ordem",
        demo["profissional_especialidade"],
    )
    yield "turno", "medico_id, dia, inicio, fim", [(t[0], *t[2:5]) for t in demo["turno"]]
    colunas = "id, paciente_id, medico_id, inicio, fim, situacao, modalidade, motivo, criado_em"
    yield "consulta", colunas, [linha[:9] for linha in demo["consulta"]]
    colunas = "consulta_id, numero, situacao, inicio, fim, motivo, usuario_id, criado_em"
    yield "consulta_mudanca", colunas, demo["consulta_mudanca"]
    dos_medicos = [(medicos[quem], celula, c) for quem, celula, c in demo["tempo"] if quem in medicos]
    yield "celula_do_medico", "medico_id, celula, consulta_id", dos_medicos
    dos_pacientes = [linha for linha in demo["tempo"] if linha[0] in pacientes]
    yield "celula_do_paciente", "paciente_id, celula, consulta_id", dos_pacientes
    yield (
        "prontuario",
        "id, paciente_id, numero, medico_id, crm, consulta_id, tipo, texto, cid10, retifica_id, justificativa,"
        " criado_em, hash_anterior, hash",
        [(*linha[:5], *linha[6:]) for linha in demo["prontuario"]],
    )


def _typed(phone: str | None) -> str | None:
    """Write a telephone as people typed it."""
    return phone and f"({phone[3:5]}) {phone[5:10]}-{phone[10:]}"


@pytest.fixture(scope="module")
async def velho(hospital: Hospital, demo: dict[str, Rows]) -> AsyncIterator[Database]:
    """A database that the version before filled, and somebody whom it could book twice at once."""
    await hospital.dono.transaction(partial(_execute, f"CREATE DATABASE {BANCO} CHARACTER SET utf8mb4"))
    db = Database(hospital.server.owner_url.with_database(BANCO), statement_timeout=600)
    await migrate(db, migrations()[:BEFORE])

    async def fill(tx: Transaction) -> None:
        for tabela, colunas, linhas in _as_it_was(demo):
            for inicio in range(0, len(linhas), 1_000):
                sql = f"INSERT INTO {tabela} ({colunas}) VALUES %(rows)s"
                tx.write_rows(sql, linhas[inicio : inicio + 1_000])
                await tx.flush()

    await db.transaction(fill)
    await migrate(db, migrations())
    await refazer_termos(db)
    for statement in read_statements(grants()):
        await db.transaction(partial(_execute, statement))
    yield db
    await db.close()
    await hospital.dono.transaction(partial(_execute, f"DROP DATABASE {BANCO}"))


@pytest.mark.parametrize("tabela", INSERCOES)
async def test_every_row_is_there_as_if_the_new_version_had_written_it(
    velho: Database, demo: dict[str, Rows], tabela: str
) -> None:
    achadas = re.search(r"INTO \w+ \((.*?)\)", INSERCOES[tabela])
    assert achadas
    achou = await velho.select(f"SELECT {achadas[1]} FROM {tabela}")
    if tabela == "unidade":
        achou = [(*uma[:-1], None) for uma in achou]  # made when the upgrade was
    assert len(achou) == len(demo[tabela])
    assert set(map(tuple, achou)) == set(map(tuple, demo[tabela]))


async def test_what_the_demo_asks_is_answered(hospital: Hospital, velho: Database) -> None:
    """The people of the demo log in with the password that they had, and find their records whole."""
    url = hospital.server.app_url.with_database(BANCO)
    app = create_app(hospital.settings.model_copy(update={"database_url": str(url)}))
    transport = httpx.ASGITransport(app=app)
    eu = "{ eu { nome papeis profissional { registro } paciente { nome prontuarios { totalCount edges { node {"
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        for pessoa in PESSOAS:
            cliente = await Cliente(http).entrar(pessoa.cpf, SENHA)
            achado = (await cliente("{ eu { nome papeis profissional { registro } } }")).data["eu"]
            assert (achado["nome"], achado["papeis"]) == (pessoa.nome, [pessoa.papel.name])
        paciente = await Cliente(http).entrar(PESSOAS[0].cpf, SENHA)
        lidos = (await paciente(eu + " registroDoAutor autor { nome registro } } } } } } }")).data["eu"]["paciente"]
        assert lidos["prontuarios"]["totalCount"] >= 10
        for edge in lidos["prontuarios"]["edges"]:
            assert edge["node"]["registroDoAutor"] == edge["node"]["autor"]["registro"]


async def test_somebody_in_two_roles_becomes_one_person(hospital: Hospital) -> None:
    """With another name at the desk, another e-mail, and two consultas at once, one in each role."""
    outro = f"{BANCO}_2"
    await hospital.dono.transaction(partial(_execute, f"CREATE DATABASE {outro} CHARACTER SET utf8mb4"))
    db = Database(hospital.server.owner_url.with_database(outro))
    try:
        await migrate(db, migrations()[:BEFORE])
        for sql in (
            "INSERT INTO usuario (id, cpf, nome, email, criado_em) VALUES"
            " (x'01', '12345678909', 'Ana Sá', 'a@x.br', '2026-01-01'),"
            " (x'02', '98765432100', 'Zoé D''Ávila', NULL, NOW())",
            "INSERT INTO usuario_papel VALUES (x'01', 'MEDICO'), (x'01', 'PACIENTE'), (x'02', 'RECEPCAO')",
            "INSERT INTO medico VALUES (x'11', x'01', 'Ana Sá', 'ana sa', '1/SP', 'UTC', NOW())",
            "INSERT INTO paciente VALUES (x'21', x'01', '12345678909', 'Ana de Sá', NULL, 'ana de sa', NULL,"
            " '1980-01-01', 'FEMININO', 'b@x.br', NULL, NOW()), (x'22', NULL, NULL, 'Bebê', NULL, 'bebe', NULL,"
            " '2026-01-01', 'FEMININO', NULL, NULL, NOW())",
            "INSERT INTO consulta VALUES (x'31', x'22', x'11', '2026-02-01 10:00', '2026-02-01 10:05', 'AGENDADA',"
            " 'PRESENCIAL', NULL, NOW()), (x'32', x'21', x'11', '2026-02-01 10:00', '2026-02-01 10:05', 'AGENDADA',"
            " 'PRESENCIAL', NULL, NOW())",
            "INSERT INTO celula_do_medico VALUES (x'11', 7, x'31')",
            "INSERT INTO celula_do_paciente VALUES (x'21', 7, x'32'), (x'22', 7, x'31')",
        ):
            padded = re.sub(r"x'([0-9]{2})'", lambda found: f"x'{found[1] * 16}'", sql)
            await db.transaction(partial(_execute, padded))
        await migrate(db, migrations())
        await refazer_termos(db)
        one, two, ana, baby = (bytes.fromhex(part) * 16 for part in ("01", "02", "21", "22"))
        found = await db.select("SELECT id, cpf, nome, nome_ordem, email FROM pessoa ORDER BY id")
        assert found == [
            (two, "98765432100", "Zoé D'Ávila", "zoe d'avila", None),
            (ana, "12345678909", "Ana de Sá", "ana de sa", "b@x.br"),
            (baby, None, "Bebê", "bebe", None),
        ]
        assert await db.select("SELECT id, pessoa_id FROM usuario ORDER BY id") == [(one, ana), (two, two)]
        assert await db.select("SELECT pessoa_id, nome_ordem, numero FROM profissional") == [(ana, "ana de sa", "1")]
        cells = await db.select("SELECT coisa_id, consulta_id FROM tempo ORDER BY coisa_id")
        assert cells == [(ana, b"\x32" * 16), (baby, b"\x31" * 16)], "the time is hers as a paciente"
        starts = {
            start for (start,) in await db.select("SELECT inicio FROM pessoa_inicio WHERE pessoa_id = %(z)s", z=two)
        }
        words = ("zoe", "d", "avila", "davila")
        assert starts == {word[:n] for word in words for n in range(1, len(word) + 1)} | {
            *(f"{word}." for word in words),
            "!zoedavila",
        }
    finally:
        await db.close()
        await hospital.dono.transaction(partial(_execute, f"DROP DATABASE {outro}"))
