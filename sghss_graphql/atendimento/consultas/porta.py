"""The door of consultas: those that the caller may see."""

from collections.abc import Sequence

from sghss_graphql.atendimento.consultas import store
from sghss_graphql.atendimento.consultas.types import Consulta
from sghss_graphql.confianca.acesso.checagem import Alcance, exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import VerConsultas
from sghss_graphql.machinery.database import Fields, Reader


async def por_ids(
    db: Reader, alcance: Alcance[VerConsultas], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Consulta]:
    """Give those of the consultas that the caller may see, by key."""
    return await store.por_ids(db, alcance, chaves, campos) if chaves else {}


async def uma(db: Reader, quem: Quem | None, chave: bytes | None, campos: Fields = None) -> Consulta | None:
    """Give a consulta that the caller may see; None for any other.

    Raises:
        NaoAutenticado, Proibido: the caller may see no consulta at all.
    """
    alcance = exigir(quem, VerConsultas)
    return (await store.por_ids(db, alcance, [chave], campos)).get(chave) if chave else None
