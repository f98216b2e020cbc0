"""The door of médicos."""

from collections.abc import Sequence

from sghss_graphql.cadastro.medicos import store
from sghss_graphql.cadastro.medicos.types import Medico
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import VerMedicos
from sghss_graphql.machinery.database import Reader, Transaction


async def de_cada(db: Reader, quem: Quem | None, chaves: Sequence[bytes]) -> list[Medico]:
    """Give the médico of each key, in order: those of a consulta or a record that the caller sees.

    Raises:
        NaoAutenticado, Proibido: the caller may see no médico at all.
    """
    achados = await store.por_ids(db, exigir(quem, VerMedicos), chaves)
    return [achados[chave] for chave in chaves]


async def um(db: Reader, quem: Quem | None, chave: bytes | None) -> Medico | None:
    """Give a médico; None if there is none.

    Raises:
        NaoAutenticado, Proibido: the caller may see no médico.
    """
    alcance = exigir(quem, VerMedicos)
    return (await store.por_ids(db, alcance, [chave])).get(chave) if chave else None


def mudar_fuso(tx: Transaction, chave: bytes, fuso: str) -> None:
    """Set the time zone of a médico's working hours."""
    store.mudar_fuso(tx, chave, fuso)
