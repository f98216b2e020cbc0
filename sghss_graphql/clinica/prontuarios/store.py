"""Records, added and read; who may read which is decided by LEGIVEL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sghss_graphql.clinica.prontuarios.regras import Elo, Registro, registro_do_autor
from sghss_graphql.clinica.prontuarios.types import Prontuario, TipoDeRegistro
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import LerProntuarios
from sghss_graphql.machinery.database import Columns, Fields, Reader, Transaction, members
from sghss_graphql.machinery.engine import Page

_TIPOS = members(TipoDeRegistro)
_COLUNAS = Columns(
    Prontuario,
    "r.id r.paciente_id r.profissional_id r.numero r.consulta_id r.retifica_id",
    "r.tipo r.texto r.cid10 r.registro_do_autor r.justificativa r.criado_em r.hash_anterior r.hash",
    named={
        "id": "chave",
        "paciente_id": "paciente_chave",
        "profissional_id": "profissional_chave",
        "consulta_id": "consulta_chave",
        "retifica_id": "retifica_chave",
    },
    read={
        "tipo": _TIPOS,
        "cid10": lambda codigos: codigos.split() if codigos else [],
        "registro_do_autor": lambda registro: registro and registro_do_autor(registro),
        "hash_anterior": lambda hash: hash and hash.hex(),
        "hash": lambda hash: hash and hash.hex(),
    },
)
_DE = " FROM prontuario r WHERE "
# Two indexes begin with the consulta: without a word both are looked at for each key (bench/README.md).
_DAS_CONSULTAS = " FROM prontuario r FORCE INDEX (prontuario_consulta) WHERE r.consulta_id IN %(consultas)s AND "
_CONTAR = "SELECT r.paciente_id, COUNT(*) FROM prontuario r WHERE r.paciente_id IN %(chaves)s AND "
_LEGIVEL = (
    "(r.paciente_id IN %(eu_paciente)s OR r.profissional_id = %(eu_profissional)s OR EXISTS (SELECT 1 FROM cuidado k"
    " WHERE k.profissional_id = %(eu_profissional)s AND k.paciente_id = r.paciente_id AND k.ate > %(agora)s))"
)
_PROPRIOS = "r.paciente_id IN %(eu_paciente)s"
_MAIOR_NUMERO = 2**32 - 1

ULTIMOS_ELOS = (
    "SELECT p.paciente_id, p.numero, p.hash FROM prontuario p JOIN (SELECT paciente_id, MAX(numero) AS numero"
    " FROM prontuario GROUP BY paciente_id) u ON u.paciente_id = p.paciente_id AND u.numero = p.numero"
    " ORDER BY p.paciente_id"
)
"""The end of each chain: a copy says what they are, and a database that is put back is compared with that."""


async def por_ids(
    db: Reader, alcance: Alcance[LerProntuarios], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Prontuario]:
    """Give those of the records that the caller may read, by key."""
    forma = _COLUNAS(campos)
    linhas = await db.look_up(
        "SELECT " + forma.sql + _DE + "r.id IN %(chaves)s AND " + _legivel(alcance),
        chaves=list(dict.fromkeys(chaves)),
        **_quem_le(alcance),
    )
    return {um.chave: um for um in forma.each(linhas)}


async def correcoes(
    db: Reader, alcance: Alcance[LerProntuarios], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Prontuario]:
    """Give the corrections of records that the caller may read, by the corrected record's key."""
    forma = _COLUNAS(campos)
    linhas = await db.look_up(
        "SELECT " + forma.sql + _DE + "r.retifica_id IN %(chaves)s AND " + _legivel(alcance),
        chaves=list(dict.fromkeys(chaves)),
        **_quem_le(alcance),
    )
    return {linha[5]: um for linha, um in zip(linhas, forma.each(linhas), strict=True)}


async def das_consultas(
    db: Reader, alcance: Alcance[LerProntuarios], consultas: Sequence[bytes], campos: Fields = None
) -> list[Prontuario]:
    """Give the records of consultas that the caller may read, newest first within each."""
    forma = _COLUNAS(campos)
    linhas = await db.look_up(
        "SELECT " + forma.sql + _DAS_CONSULTAS + _legivel(alcance) + " ORDER BY r.consulta_id, r.numero DESC",
        consultas=list(dict.fromkeys(consultas)),
        **_quem_le(alcance),
    )
    return forma.each(linhas)


async def listar(
    db: Reader, alcance: Alcance[LerProntuarios], pacientes: Sequence[bytes], pagina: Page, campos: Fields = None
) -> list[Prontuario]:
    """Give a page of each paciente's records that the caller may read, newest first within each."""
    forma = _COLUNAS(campos)
    ordem = " ORDER BY r.numero" if pagina.backward else " ORDER BY r.numero DESC"
    (antes,) = pagina.after or (_MAIOR_NUMERO,)
    (depois,) = pagina.before or (0,)
    linhas = await db.select_for_each(
        "SELECT "
        + forma.sql
        + _DE
        + "r.paciente_id = %(key)s AND r.numero < %(antes)s AND r.numero > %(depois)s AND "
        + _legivel(alcance)
        + ordem
        + " LIMIT %(limite)s",
        list(dict.fromkeys(pacientes)),
        antes=antes,
        depois=depois,
        limite=pagina.limit,
        **_quem_le(alcance),
    )
    linhas.sort(key=lambda linha: linha[3], reverse=not pagina.backward)
    return forma.each(linhas)


async def da_vida(
    db: Reader, alcance: Alcance[LerProntuarios], pacientes: Sequence[bytes]
) -> list[tuple[datetime, bytes]]:
    """Give when each record of the registrations of one person was written, of those that the caller may read."""
    linhas = await db.select(
        "SELECT r.criado_em, r.id" + _DE + "r.paciente_id IN %(pacientes)s AND " + _legivel(alcance),
        pacientes=list(pacientes),
        **_quem_le(alcance),
    )
    return [(linha[0], linha[1]) for linha in linhas]


async def contar(db: Reader, alcance: Alcance[LerProntuarios], pacientes: Sequence[bytes]) -> dict[bytes, int]:
    """Count each paciente's records that the caller may read; one without any is left out."""
    linhas = await db.select(
        _CONTAR + _legivel(alcance) + " GROUP BY r.paciente_id",
        chaves=list(dict.fromkeys(pacientes)),
        **_quem_le(alcance),
    )
    return {linha[0]: linha[1] for linha in linhas}


async def quantos_na_consulta(tx: Reader, consulta: bytes) -> int:
    """Count the records that were made in a consulta; corrections of them are none of their own."""
    linhas = await tx.select(
        "SELECT COUNT(*) FROM prontuario WHERE consulta_id = %(consulta)s AND retifica_id IS NULL", consulta=consulta
    )
    return int(linhas[0][0])


async def ultimo(tx: Reader, paciente: bytes) -> Elo:
    """Give the end of a paciente's chain."""
    linhas = await tx.select(
        "SELECT numero, hash, criado_em FROM prontuario WHERE paciente_id = %(paciente)s ORDER BY numero DESC LIMIT 1",
        paciente=paciente,
    )
    return Elo(*linhas[0]) if linhas else Elo()


def inserir(tx: Transaction, registro: Registro, hash: bytes) -> None:
    """Add a record."""
    tx.write(
        "INSERT INTO prontuario (id, paciente_id, numero, profissional_id, registro_do_autor, forma, consulta_id, tipo,"
        " texto, cid10, retifica_id, justificativa, criado_em, hash_anterior, hash) VALUES (%(chave)s, %(paciente)s,"
        " %(numero)s, %(profissional)s, %(registro)s, %(forma)s, %(consulta)s, %(tipo)s, %(texto)s, %(cid10)s,"
        " %(retifica)s, %(justificativa)s, %(criado_em)s, %(hash_anterior)s, %(hash)s)",
        chave=registro.chave,
        paciente=registro.paciente,
        numero=registro.numero,
        profissional=registro.profissional,
        registro=registro.registro,
        forma=registro.forma,
        consulta=registro.consulta,
        tipo=registro.tipo,
        texto=registro.texto,
        cid10=" ".join(registro.cid10),
        retifica=registro.retifica,
        justificativa=registro.justificativa,
        criado_em=registro.criado_em,
        hash_anterior=registro.hash_anterior,
        hash=hash,
    )


def _legivel(alcance: Alcance[LerProntuarios]) -> str:
    """Give LEGIVEL; for whoever is no profissional, the only part of it that can hold."""
    return _PROPRIOS if alcance.profissional is None else _LEGIVEL


def _quem_le(alcance: Alcance[LerProntuarios]) -> dict[str, Any]:
    return {nome: valor for nome, valor in alcance.parametros.items() if nome != "todos"}
