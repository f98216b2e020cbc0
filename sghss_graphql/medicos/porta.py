"""The door of médicos."""

from collections.abc import Sequence

from sghss_graphql.acesso.checagem import Alcance, exigir
from sghss_graphql.acesso.papeis import Quem
from sghss_graphql.acesso.tabela import Acao
from sghss_graphql.database import Reader, Transaction
from sghss_graphql.medicos import store
from sghss_graphql.medicos.types import Medico


async def por_ids(db: Reader, alcance: Alcance, chaves: Sequence[bytes]) -> dict[bytes, Medico]:
    """Give médicos by key."""
    return await store.por_ids(db, alcance, chaves) if chaves else {}


async def um(db: Reader, quem: Quem | None, chave: bytes | None) -> Medico | None:
    """Give a médico; None if there is none.

    Raises:
        NaoAutenticado, Proibido: the caller may see no médico.
    """
    alcance = exigir(quem, Acao.VER_MEDICOS)
    return (await store.por_ids(db, alcance, [chave])).get(chave) if chave else None


async def mudar_fuso(tx: Transaction, chave: bytes, fuso: str) -> None:
    """Set the time zone of a médico's working hours."""
    await store.mudar_fuso(tx, chave, fuso)
