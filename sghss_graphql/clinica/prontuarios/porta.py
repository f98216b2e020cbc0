"""The door of prontuários: one record that the caller may read."""

from sghss_graphql.clinica.prontuarios import store
from sghss_graphql.clinica.prontuarios.store import ULTIMOS_ELOS
from sghss_graphql.clinica.prontuarios.types import Prontuario
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import LerProntuarios
from sghss_graphql.machinery.database import Reader

__all__ = ["ULTIMOS_ELOS", "um"]


async def um(db: Reader, quem: Quem | None, chave: bytes | None) -> Prontuario | None:
    """Give a record that the caller may read; None for any other.

    Raises:
        NaoAutenticado, Proibido: the caller may read no record at all.
    """
    alcance = exigir(quem, LerProntuarios)
    return (await store.por_ids(db, alcance, [chave])).get(chave) if chave else None
