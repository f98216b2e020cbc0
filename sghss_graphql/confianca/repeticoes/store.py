"""Requests under a key, for a day."""

from datetime import datetime

import orjson

from sghss_graphql.confianca.repeticoes.regras import Anterior, Pedido
from sghss_graphql.machinery.database import Reader, Transaction


async def achar(db: Reader, pedido: Pedido, desde: datetime) -> Anterior | None:
    """Give what became of a request under the same key, if it was sent since."""
    linhas = await db.look_up(
        "SELECT pedido, resultado, erros FROM repeticao WHERE usuario_id = %(usuario)s AND chave = %(chave)s"
        " AND criado_em >= %(desde)s",
        usuario=pedido.usuario,
        chave=pedido.chave,
        desde=desde,
    )
    for feito, resultado, erros in linhas:
        return Anterior(feito, resultado, None if erros is None else orjson.loads(erros))
    return None


async def quantas(db: Reader, usuario: bytes, mais: int) -> int:
    """Count what is kept of a caller, no further than ``mais``."""
    linhas = await db.select(
        "SELECT COUNT(*) FROM (SELECT 1 FROM repeticao WHERE usuario_id = %(usuario)s LIMIT %(mais)s) AS guardadas",
        usuario=usuario,
        mais=mais,
    )
    return int(linhas[0][0])


def inserir(
    tx: Transaction, pedido: Pedido, resultado: bytes | None, erros: str | None, agora: datetime, desde: datetime
) -> None:
    """Keep what becomes of a request, in place of what was kept before ``desde`` under the same key."""
    tx.write(
        "DELETE FROM repeticao WHERE usuario_id = %(usuario)s AND chave = %(chave)s AND criado_em < %(desde)s",
        usuario=pedido.usuario,
        chave=pedido.chave,
        desde=desde,
    )
    tx.write(
        "INSERT INTO repeticao (usuario_id, chave, pedido, resultado, erros, criado_em)"
        " VALUES (%(usuario)s, %(chave)s, %(pedido)s, %(resultado)s, %(erros)s, %(agora)s)",
        usuario=pedido.usuario,
        chave=pedido.chave,
        pedido=pedido.marcas[0],
        resultado=resultado,
        erros=erros,
        agora=agora,
    )


def apagar_todas(tx: Transaction) -> None:
    """Take away all that was kept."""
    tx.write("DELETE FROM repeticao")


async def apagar(tx: Transaction, ate: datetime, mais: int) -> int:
    """Take away what was kept before ``ate``, so many at most; give how many they were."""
    return await tx.execute(
        "DELETE FROM repeticao WHERE criado_em < %(ate)s ORDER BY criado_em LIMIT %(mais)s", ate=ate, mais=mais
    )
