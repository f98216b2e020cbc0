"""Care by source, emergencies, shared care; who may see these two is decided by VISIVEL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sghss_graphql.cadastro.cuidados.regras import Fonte, Partilha
from sghss_graphql.cadastro.cuidados.types import AcessoDeEmergencia, CuidadoCompartilhado
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import VerCuidados
from sghss_graphql.machinery.database import Reader, Row, Transaction
from sghss_graphql.machinery.engine import Page
from sghss_graphql.vocabulario.tempo import PRIMEIRO_INSTANTE, ULTIMO_INSTANTE

_DO_ACESSO = "SELECT a.id, a.paciente_id, a.profissional_id, a.justificativa, a.inicio, a.ate, a.encerrado_em"
_DE_TODOS = " FROM acesso_de_emergencia a WHERE "
_ACESSOS = _DO_ACESSO + _DE_TODOS
# Whoever isn't shown all is shown few: they are found first, and sorted, however many the hospital has.
_DOS_SEUS = (
    " FROM (SELECT s.id FROM acesso_de_emergencia s WHERE s.paciente_id IN %(eu_paciente)s"
    " UNION SELECT k.origem_id FROM cuidado k WHERE k.profissional_id = %(eu_profissional)s"
    " AND k.fonte = 'EMERGENCIA' AND k.ate > %(agora)s) t JOIN acesso_de_emergencia a ON a.id = t.id WHERE "
)
_PARTILHAS = (
    "SELECT a.id, a.paciente_id, a.profissional_id, a.por, a.motivo, a.desde, a.ate, a.encerrado_em"
    " FROM cuidado_compartilhado a WHERE "
)
# A profissional sees what is open: what is over shows them nobody any more.
_VISIVEL = (
    "(%(todos)s OR a.paciente_id IN %(eu_paciente)s"
    " OR a.profissional_id = %(eu_profissional)s AND a.encerrado_em IS NULL AND a.ate > %(agora)s)"
)
_PARTILHA_VISIVEL = (
    "(%(todos)s OR a.paciente_id IN %(eu_paciente)s OR a.encerrado_em IS NULL AND a.ate > %(agora)s AND"
    " (a.profissional_id = %(eu_profissional)s OR a.por = %(eu_usuario)s))"
)
_ENCERRAR = (
    "SET encerrado_em = %(agora)s, encerrado_por = %(por)s"
    " WHERE id = %(chave)s AND encerrado_em IS NULL AND ate > %(agora)s"
)
_ABERTOS_PRIMEIRO = " ORDER BY (a.encerrado_em IS NULL AND a.ate > %(agora)s) DESC,"
_MAIS = 10  # of one paciente: those that are open, then the newest


async def sob_cuidado(
    db: Reader, profissional: bytes, paciente: bytes, agora: datetime, fontes: Sequence[Fonte]
) -> bool:
    """Tell whether a paciente is in a profissional's care, from one of some sources."""
    return bool(
        await db.select(
            "SELECT 1 FROM cuidado WHERE profissional_id = %(profissional)s AND paciente_id = %(paciente)s"
            " AND ate > %(agora)s AND fonte IN %(fontes)s LIMIT 1",
            profissional=profissional,
            paciente=paciente,
            agora=agora,
            fontes=[fonte.name for fonte in fontes],
        )
    )


async def ate_quando(db: Reader, profissional: bytes, paciente: bytes, fontes: Sequence[Fonte]) -> datetime | None:
    """Give until when a paciente is in a profissional's care from one of some sources; None if they never were."""
    linhas = await db.select(
        "SELECT MAX(ate) FROM cuidado WHERE profissional_id = %(profissional)s AND paciente_id = %(paciente)s"
        " AND fonte IN %(fontes)s",
        profissional=profissional,
        paciente=paciente,
        fontes=[fonte.name for fonte in fontes],
    )
    ate: datetime | None = linhas[0][0]
    return ate


def abrir(
    tx: Transaction, fonte: Fonte, origem: bytes, profissional: bytes, pacientes: Sequence[bytes], ate: datetime
) -> None:
    """Give care of a paciente, the first, and of the other registrations that are of the same person."""
    tx.write_rows(
        "INSERT INTO cuidado (origem_id, profissional_id, paciente_id, fonte, ate, espelho) VALUES %(rows)s",
        [(origem, profissional, paciente, fonte.name, ate, n > 0) for n, paciente in enumerate(pacientes)],
    )


def mover(tx: Transaction, origem: bytes, ate: datetime) -> None:
    """Move the end of the care that comes from something."""
    tx.write("UPDATE cuidado SET ate = %(ate)s WHERE origem_id = %(origem)s", origem=origem, ate=ate)


def espelhar(tx: Transaction, pacientes: Sequence[bytes]) -> None:
    """Give the care of each registration for the others of the same person, in place of what was given so before."""
    tx.write("DELETE FROM cuidado WHERE paciente_id IN %(pacientes)s AND espelho", pacientes=pacientes)
    tx.write(
        "INSERT INTO cuidado (origem_id, profissional_id, paciente_id, fonte, ate, espelho)"
        " SELECT k.origem_id, k.profissional_id, g.outro_id, k.fonte, k.ate, TRUE FROM cuidado k"
        " JOIN mesma_pessoa g ON g.paciente_id = k.paciente_id WHERE k.paciente_id IN %(pacientes)s",
        pacientes=pacientes,
    )


def fechar(tx: Transaction, origem: bytes) -> None:
    """Take away the care that comes from something."""
    tx.write("DELETE FROM cuidado WHERE origem_id = %(origem)s", origem=origem)


async def da_origem(tx: Reader, origem: bytes) -> bool:
    """Tell whether something gives care."""
    return bool(await tx.select("SELECT 1 FROM cuidado WHERE origem_id = %(origem)s", origem=origem))


async def emergencias_abertas(tx: Transaction, profissional: bytes, agora: datetime) -> int:
    """Count a profissional's open emergencies."""
    linhas = await tx.select(
        "SELECT COUNT(*) FROM cuidado WHERE profissional_id = %(profissional)s AND fonte = 'EMERGENCIA'"
        " AND NOT espelho AND ate > %(agora)s",
        profissional=profissional,
        agora=agora,
    )
    return int(linhas[0][0])


async def segurar_paciente(tx: Transaction, paciente: bytes) -> None:
    """Hold a paciente until the transaction ends: whoever gives or takes care of theirs by sharing waits."""
    await tx.select("SELECT 1 FROM paciente WHERE id = %(paciente)s FOR UPDATE", paciente=paciente)


async def outros_da_pessoa(tx: Reader, paciente: bytes) -> list[bytes]:
    """Give the other registrations that are of the same person as one."""
    linhas = await tx.select("SELECT outro_id FROM mesma_pessoa WHERE paciente_id = %(paciente)s", paciente=paciente)
    return [outro for (outro,) in linhas]


async def por_consulta(tx: Reader, paciente: bytes, agora: datetime) -> dict[bytes, datetime]:
    """Give until when consultas give each profissional care of a paciente."""
    linhas = await tx.select(
        "SELECT profissional_id, MAX(ate) FROM cuidado WHERE paciente_id = %(paciente)s AND fonte = 'CONSULTA'"
        " AND ate > %(agora)s GROUP BY profissional_id",
        paciente=paciente,
        agora=agora,
    )
    return {linha[0]: linha[1] for linha in linhas}


async def partilhas_abertas(tx: Reader, paciente: bytes, agora: datetime) -> list[Partilha]:
    """Give the open shares of a paciente's care; whoever gave one and is no profissional is the paciente."""
    linhas = await tx.select(
        "SELECT a.id, a.profissional_id, f.id, a.desde, a.ate FROM cuidado_compartilhado a"
        " JOIN usuario u ON u.id = a.por JOIN paciente p ON p.id = a.paciente_id"
        " LEFT JOIN profissional f ON f.pessoa_id = u.pessoa_id AND u.pessoa_id <> p.pessoa_id"
        " WHERE a.paciente_id = %(paciente)s AND a.encerrado_em IS NULL AND a.ate > %(agora)s",
        paciente=paciente,
        agora=agora,
    )
    return [Partilha(*linha) for linha in linhas]


def encurtar(tx: Transaction, chave: bytes, ate: datetime) -> None:
    """Let a share end before it was to."""
    tx.write("UPDATE cuidado_compartilhado SET ate = %(ate)s WHERE id = %(chave)s", chave=chave, ate=ate)
    tx.write("UPDATE cuidado SET ate = %(ate)s WHERE origem_id = %(chave)s", chave=chave, ate=ate)


def suspender(tx: Transaction, origem: bytes) -> None:
    """Let the care that comes from something be over, by whichever server's clock, and remember that it gave some."""
    tx.write("UPDATE cuidado SET ate = %(nunca)s WHERE origem_id = %(origem)s", origem=origem, nunca=PRIMEIRO_INSTANTE)


async def pacientes_sob_cuidado(
    db: Reader, profissional: bytes, pacientes: Sequence[bytes], agora: datetime
) -> set[bytes]:
    """Give those of some pacientes who are in a profissional's care."""
    linhas = await db.look_up(
        "SELECT DISTINCT paciente_id FROM cuidado WHERE profissional_id = %(profissional)s"
        " AND paciente_id IN %(pacientes)s AND ate > %(agora)s",
        profissional=profissional,
        pacientes=list(dict.fromkeys(pacientes)),
        agora=agora,
    )
    return {paciente for (paciente,) in linhas}


def inserir_acesso(tx: Transaction, acesso: AcessoDeEmergencia) -> None:
    """Add an emergency."""
    tx.write(
        "INSERT INTO acesso_de_emergencia (id, profissional_id, paciente_id, justificativa, inicio, ate)"
        " VALUES (%(chave)s, %(profissional)s, %(paciente)s, %(justificativa)s, %(inicio)s, %(ate)s)",
        chave=acesso.chave,
        profissional=acesso.profissional_chave,
        paciente=acesso.paciente_chave,
        justificativa=acesso.justificativa,
        inicio=acesso.inicio,
        ate=acesso.ate,
    )


def inserir_partilha(tx: Transaction, cuidado: CuidadoCompartilhado) -> None:
    """Add shared care."""
    tx.write(
        "INSERT INTO cuidado_compartilhado (id, profissional_id, paciente_id, por, motivo, desde, ate)"
        " VALUES (%(chave)s, %(profissional)s, %(paciente)s, %(por)s, %(motivo)s, %(desde)s, %(ate)s)",
        chave=cuidado.chave,
        profissional=cuidado.profissional_chave,
        paciente=cuidado.paciente_chave,
        por=cuidado.por_chave,
        motivo=cuidado.motivo,
        desde=cuidado.desde,
        ate=cuidado.ate,
    )


async def encerrar_acesso(tx: Transaction, chave: bytes, por: bytes, agora: datetime) -> bool:
    """End an emergency that is open; False if it is over."""
    return await tx.execute("UPDATE acesso_de_emergencia " + _ENCERRAR, chave=chave, por=por, agora=agora) == 1


async def encerrar_partilha(tx: Transaction, chave: bytes, por: bytes, agora: datetime) -> bool:
    """End shared care that is open; False if it is over."""
    return await tx.execute("UPDATE cuidado_compartilhado " + _ENCERRAR, chave=chave, por=por, agora=agora) == 1


async def acessos(
    db: Reader, alcance: Alcance[VerCuidados], chaves: Sequence[bytes]
) -> dict[bytes, AcessoDeEmergencia]:
    """Give those of some emergencies that the caller may see."""
    linhas = await db.look_up(
        _ACESSOS + "a.id IN %(chaves)s AND " + _VISIVEL, chaves=list(dict.fromkeys(chaves)), **_quem_ve(alcance)
    )
    return {linha[0]: _acesso(linha) for linha in linhas}


async def partilhas(
    db: Reader, alcance: Alcance[VerCuidados], chaves: Sequence[bytes]
) -> dict[bytes, CuidadoCompartilhado]:
    """Give those of some shared cares that the caller may see."""
    linhas = await db.look_up(
        _PARTILHAS + "a.id IN %(chaves)s AND " + _PARTILHA_VISIVEL,
        chaves=list(dict.fromkeys(chaves)),
        **_quem_ve(alcance),
    )
    return {linha[0]: _partilha(linha) for linha in linhas}


async def ultimos_acessos(db: Reader, alcance: Alcance[VerCuidados], pagina: Page) -> list[AcessoDeEmergencia]:
    """Give a page of the emergencies that the caller may see, the newest first."""
    antes, antes_id = pagina.after or (ULTIMO_INSTANTE, b"")
    linhas = await db.select(
        _DO_ACESSO
        + _de(alcance)
        + _VISIVEL
        + " AND a.inicio <= %(antes)s AND (a.inicio < %(antes)s OR a.id < %(antes_id)s)"
        + " ORDER BY a.inicio DESC, a.id DESC LIMIT %(limite)s",
        antes=antes,
        antes_id=antes_id,
        limite=pagina.limit,
        **_quem_ve(alcance),
    )
    return [_acesso(linha) for linha in linhas]


async def contar_acessos(db: Reader, alcance: Alcance[VerCuidados]) -> int:
    """Count the emergencies that the caller may see."""
    linhas = await db.select("SELECT COUNT(*)" + _de(alcance) + _VISIVEL, **_quem_ve(alcance))
    return int(linhas[0][0])


async def acessos_dos_pacientes(
    db: Reader, alcance: Alcance[VerCuidados], pacientes: Sequence[bytes]
) -> list[AcessoDeEmergencia]:
    """Give the emergencies of pacientes that the caller may see, the newest first."""
    linhas = await db.select_for_each(
        _ACESSOS + "a.paciente_id = %(key)s AND " + _VISIVEL + _ABERTOS_PRIMEIRO + " a.inicio DESC LIMIT %(mais)s",
        list(dict.fromkeys(pacientes)),
        mais=_MAIS,
        **_quem_ve(alcance),
    )
    return [_acesso(linha) for linha in linhas]


async def partilhas_dos_pacientes(
    db: Reader, alcance: Alcance[VerCuidados], pacientes: Sequence[bytes]
) -> list[CuidadoCompartilhado]:
    """Give the shared care of pacientes that the caller may see, the newest first."""
    linhas = await db.select_for_each(
        _PARTILHAS
        + "a.paciente_id = %(key)s AND "
        + _PARTILHA_VISIVEL
        + _ABERTOS_PRIMEIRO
        + " a.desde DESC LIMIT %(mais)s",
        list(dict.fromkeys(pacientes)),
        mais=_MAIS,
        **_quem_ve(alcance),
    )
    return [_partilha(linha) for linha in linhas]


def _de(alcance: Alcance[VerCuidados]) -> str:
    return _DE_TODOS if alcance.todos else _DOS_SEUS


def _quem_ve(alcance: Alcance[VerCuidados]) -> dict[str, Any]:
    """Give who asks; who shared it as a profissional sees it as one: who gave of their own is its paciente."""
    return {**alcance.parametros, "eu_usuario": alcance.profissional and alcance.quem.usuario}


def _acesso(linha: Row) -> AcessoDeEmergencia:
    chave, paciente, profissional, justificativa, inicio, ate, encerrado_em = linha
    return AcessoDeEmergencia(
        chave=chave,
        paciente_chave=paciente,
        profissional_chave=profissional,
        justificativa=justificativa,
        inicio=inicio,
        ate=ate,
        encerrado_em=encerrado_em,
    )


def _partilha(linha: Row) -> CuidadoCompartilhado:
    chave, paciente, profissional, por, motivo, desde, ate, encerrado_em = linha
    return CuidadoCompartilhado(
        chave=chave,
        paciente_chave=paciente,
        profissional_chave=profissional,
        por_chave=por,
        motivo=motivo,
        desde=desde,
        ate=ate,
        encerrado_em=encerrado_em,
    )
