"""The door of horários: who attends somewhere, and what of their time is taken."""

from collections.abc import Sequence

from sghss_graphql.atendimento.horarios import store
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.machinery.database import Reader
from sghss_graphql.vocabulario.tempo import agora


async def quem_atende_em(db: Reader, quem: Quem | None, unidade: bytes, mais: int) -> list[bytes]:
    """Give the keys of those who have working hours in a unidade, and attend."""
    servem = await store.quem_atende(db, exigir(quem, VerProfissionais), [], None, unidade, mais)
    return [chave for chave, _ in servem]


async def ocupacao(db: Reader, pessoas: Sequence[bytes], celulas: range) -> dict[bytes, int]:
    """Give what is taken of pessoas within a range of cells: a number with a bit for each cell that is."""
    return await store.ocupacao(db, pessoas, celulas, agora()) if pessoas else {}
