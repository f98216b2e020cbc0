"""The codes that can be used, by their hash, and all that were ever handed out."""

from datetime import datetime

from sghss_graphql.cadastro.codigos.types import CodigoEmitido
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import VerUsuarios
from sghss_graphql.machinery.database import Reader, Transaction
from sghss_graphql.machinery.engine import Page
from sghss_graphql.vocabulario.errors import Proibido
from sghss_graphql.vocabulario.tempo import ULTIMO_INSTANTE


async def emitidos(db: Reader, alcance: Alcance[VerUsuarios], pagina: Page) -> list[CodigoEmitido]:
    """Give a page of the codes that were handed out, the newest first."""
    if not alcance.todos:
        raise Proibido
    antes, antes_id = pagina.after or (ULTIMO_INSTANTE, b"")
    linhas = await db.select(
        "SELECT o.id, o.usuario_id, o.emitido_por, o.emitido_em, o.expira_em, o.usado_em, INET6_NTOA(o.usado_de)"
        " FROM codigo_emitido o FORCE INDEX (codigo_emitido_em)"  # a small table is sorted whole otherwise
        " WHERE o.emitido_em <= %(antes)s AND (o.emitido_em < %(antes)s OR o.id < %(antes_id)s)"
        " ORDER BY o.emitido_em DESC, o.id DESC LIMIT %(limite)s",
        antes=antes,
        antes_id=antes_id,
        limite=pagina.limit,
    )
    return [
        CodigoEmitido(
            chave=chave,
            para_chave=para,
            por_chave=por,
            emitido_em=emitido_em,
            expira_em=expira_em,
            usado_em=usado_em,
            usado_de=usado_de,
        )
        for chave, para, por, emitido_em, expira_em, usado_em, usado_de in linhas
    ]


async def contar(db: Reader, alcance: Alcance[VerUsuarios]) -> int:
    """Count the codes that were handed out."""
    if not alcance.todos:
        raise Proibido
    return int((await db.select("SELECT COUNT(*) FROM codigo_emitido"))[0][0])


def guardar(
    tx: Transaction,
    emitido: bytes,
    usuario: bytes,
    codigo: str,
    por: bytes | None,
    agora: datetime,
    expira_em: datetime,
) -> None:
    """Keep a one-time code in place of any other, and that it was handed out."""
    tx.write(
        "INSERT INTO codigo_emitido (id, usuario_id, emitido_por, emitido_em, expira_em)"
        " VALUES (%(emitido)s, %(usuario)s, %(por)s, %(agora)s, %(ate)s)",
        emitido=emitido,
        usuario=usuario,
        por=por,
        agora=agora,
        ate=expira_em,
    )
    tx.write(
        "INSERT INTO codigo_de_acesso (usuario_id, codigo, expira_em, emitido_id)"
        " VALUES (%(usuario)s, %(codigo)s, %(ate)s, %(emitido)s)"
        " ON DUPLICATE KEY UPDATE codigo = %(codigo)s, expira_em = %(ate)s, emitido_id = %(emitido)s, tentativas = 0",
        usuario=usuario,
        codigo=codigo,
        ate=expira_em,
        emitido=emitido,
    )


async def tentar(tx: Transaction, usuario: bytes, tentativas: int, agora: datetime) -> tuple[str, int] | None:
    """Take one of the tries that a code has; give its hash and the tries taken, None if there is nothing to try."""
    tomadas = await tx.execute(
        "UPDATE codigo_de_acesso SET tentativas = tentativas + 1"
        " WHERE usuario_id = %(usuario)s AND expira_em > %(agora)s AND tentativas < %(tentativas)s",
        usuario=usuario,
        agora=agora,
        tentativas=tentativas,
    )
    if not tomadas:
        return None
    sql = "SELECT codigo, tentativas FROM codigo_de_acesso WHERE usuario_id = %(usuario)s"
    linhas = await tx.select(sql, usuario=usuario)
    return (linhas[0][0], linhas[0][1]) if linhas else None


async def usar(tx: Transaction, usuario: bytes, codigo: str, origem: bytes | None, agora: datetime) -> bool:
    """Use a one-time code up; False if it is gone."""
    tx.write(
        "UPDATE codigo_emitido o JOIN codigo_de_acesso c ON c.emitido_id = o.id"
        " SET o.usado_em = %(agora)s, o.usado_de = %(origem)s"
        " WHERE c.usuario_id = %(usuario)s AND c.codigo = %(codigo)s",
        agora=agora,
        origem=origem,
        usuario=usuario,
        codigo=codigo,
    )
    return await _apagar(tx, usuario, codigo)


async def vencidos(tx: Transaction, agora: datetime) -> list[bytes]:
    """Give whose codes are past their time, a hundred at most; holds them until the transaction ends."""
    linhas = await tx.select(
        "SELECT usuario_id FROM codigo_de_acesso WHERE expira_em <= %(agora)s LIMIT 100 FOR UPDATE", agora=agora
    )
    return [usuario for (usuario,) in linhas]


async def anular(tx: Transaction, usuario: bytes, codigo: str) -> bool:
    """Take away a code by its hash; False if it is another one's turn."""
    return await _apagar(tx, usuario, codigo)


def devolver(tx: Transaction, usuario: bytes, codigo: str) -> None:
    """Give back a try that a code had taken."""
    tx.write(
        "UPDATE codigo_de_acesso SET tentativas = tentativas - 1"
        " WHERE usuario_id = %(usuario)s AND codigo = %(codigo)s AND tentativas > 0",
        usuario=usuario,
        codigo=codigo,
    )


def apagar_todos(tx: Transaction) -> None:
    """Take all codes away."""
    tx.write("DELETE FROM codigo_de_acesso")


def apagar(tx: Transaction, usuario: bytes) -> None:
    """Take a code away."""
    tx.write("DELETE FROM codigo_de_acesso WHERE usuario_id = %(usuario)s", usuario=usuario)


async def _apagar(tx: Transaction, usuario: bytes, codigo: str) -> bool:
    apagados = await tx.execute(
        "DELETE FROM codigo_de_acesso WHERE usuario_id = %(usuario)s AND codigo = %(codigo)s",
        usuario=usuario,
        codigo=codigo,
    )
    return apagados == 1
