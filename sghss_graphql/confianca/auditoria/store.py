"""Entries of the trail are added; there is no statement that changes one."""

from collections.abc import Sequence

from sghss_graphql.confianca.auditoria.atos import Registro
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids

_MAIS_POR_VEZ = 1000  # rows in one statement


def inserir(tx: Transaction, registros: Sequence[Registro]) -> None:
    """Add entries, and whose data each of them showed."""
    chaves = [ids.nova_chave() for _ in registros]
    for inicio in range(0, len(registros), _MAIS_POR_VEZ):
        tx.write_rows(
            "INSERT INTO auditoria (id, instante, ato, usuario_id, papeis, paciente_id, alvo_id, campo, origem)"
            " VALUES %(rows)s",
            [
                (
                    chave,
                    registro.instante,
                    registro.ato.name,
                    registro.autor.usuario,
                    " ".join(registro.autor.papeis),
                    registro.paciente,
                    registro.alvo,
                    registro.campo,
                    registro.autor.origem,
                )
                for chave, registro in list(zip(chaves, registros, strict=True))[inicio : inicio + _MAIS_POR_VEZ]
            ],
        )
    vistos = [
        (alvo, registro.instante, chave, registro_lido)
        for chave, registro in zip(chaves, registros, strict=True)
        for alvo, registro_lido in sorted(registro.vistos)
    ]
    for inicio in range(0, len(vistos), _MAIS_POR_VEZ):
        tx.write_rows(
            "INSERT INTO auditoria_visto (alvo_id, instante, entrada_id, registro_id) VALUES %(rows)s",
            vistos[inicio : inicio + _MAIS_POR_VEZ],
        )
