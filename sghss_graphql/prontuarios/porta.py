"""The door of prontuários: one record that the caller may read."""

from sghss_graphql.acesso.checagem import exigir
from sghss_graphql.acesso.papeis import Quem
from sghss_graphql.acesso.tabela import Acao
from sghss_graphql.database import Reader
from sghss_graphql.prontuarios import store
from sghss_graphql.prontuarios.types import Prontuario


async def um(db: Reader, quem: Quem | None, chave: bytes | None) -> Prontuario | None:
    """Give a record that the caller may read; None for any other.

    Raises:
        NaoAutenticado, Proibido: the caller may read no record at all.
    """
    alcance = exigir(quem, Acao.LER_PRONTUARIOS)
    return (await store.por_ids(db, alcance, [chave])).get(chave) if chave else None
