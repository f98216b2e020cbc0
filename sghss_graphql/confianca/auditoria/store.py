"""Entries of the trail are added, and read; there is no statement that changes one."""

from collections.abc import Sequence
from datetime import datetime

from sghss_graphql.confianca.auditoria.atos import Registro
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids

_MAIS_POR_VEZ = 1000  # rows in one statement


def inserir(tx: Transaction, registros: Sequence[Registro]) -> None:
    """Add entries."""
    for inicio in range(0, len(registros), _MAIS_POR_VEZ):
        tx.write_rows(
            "INSERT INTO auditoria (id, instante, ato, usuario_id, papeis, paciente_id, alvo_id, campo, origem)"
            " VALUES %(rows)s",
            [
                (
                    ids.nova_chave(),
                    registro.instante,
                    registro.ato.name,
                    registro.autor.usuario,
                    " ".join(registro.autor.papeis),
                    registro.paciente,
                    registro.alvo,
                    registro.campo,
                    registro.autor.origem,
                )
                for registro in registros[inicio : inicio + _MAIS_POR_VEZ]
            ],
        )


async def leituras(
    tx: Transaction, usuario: bytes | None, alvos: Sequence[bytes | None], desde: datetime
) -> list[tuple[str, bytes, datetime]]:
    """Give what a usuario has read of these since an instant: the ato's name, of what, and when last."""
    linhas = await tx.select(
        "SELECT ato, alvo_id, MAX(instante) FROM auditoria"
        " WHERE usuario_id = %(usuario)s AND alvo_id IN %(alvos)s AND instante > %(desde)s GROUP BY ato, alvo_id",
        usuario=usuario,
        alvos=list(dict.fromkeys(alvos)),
        desde=desde,
    )
    return [(ato, alvo, instante) for ato, alvo, instante in linhas]
