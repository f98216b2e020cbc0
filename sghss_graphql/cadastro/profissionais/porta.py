"""The door of profissionais."""

from collections.abc import Sequence

from sghss_graphql.cadastro.profissionais import store
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.machinery.database import Fields, Reader, Transaction
from sghss_graphql.vocabulario.texto import ordem


async def de_cada(db: Reader, quem: Quem | None, chaves: Sequence[bytes], campos: Fields = None) -> list[Profissional]:
    """Give the profissional of each key, in order: those of a consulta or a record that the caller sees.

    Raises:
        NaoAutenticado, Proibido: the caller may see no profissional at all.
    """
    achados = await store.por_ids(db, exigir(quem, VerProfissionais), chaves, campos)
    return [achados[chave] for chave in chaves]


async def por_ids(
    db: Reader, quem: Quem | None, chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Profissional]:
    """Give profissionais by key."""
    alcance = exigir(quem, VerProfissionais)
    return await store.por_ids(db, alcance, chaves, campos) if chaves else {}


async def um(db: Reader, quem: Quem | None, chave: bytes | None, campos: Fields = None) -> Profissional | None:
    """Give a profissional; None if there is none.

    Raises:
        NaoAutenticado, Proibido: the caller may see no profissional.
    """
    alcance = exigir(quem, VerProfissionais)
    return (await store.por_ids(db, alcance, [chave], campos)).get(chave) if chave else None


async def especialidades(db: Reader, chave: bytes) -> frozenset[str]:
    """Give the specialities of a profissional, in plain letters, to whoever has found them."""
    return frozenset(ordem(uma.nome) for _, uma in await store.especialidades(db, [chave]))


async def dos_usuarios(db: Reader, quem: Quem | None, usuarios: Sequence[bytes]) -> dict[bytes, Profissional]:
    """Give the registrations of usuarios as profissionais, by the usuario's key.

    Raises:
        NaoAutenticado, Proibido: the caller may see no profissional.
    """
    return await store.por_usuarios(db, exigir(quem, VerProfissionais), usuarios)


async def dos_pacientes(db: Reader, pacientes: Sequence[bytes]) -> list[bytes]:
    """Give the keys of the profissionais that some pacientes are, to whoever sees all of both."""
    return await store.dos_pacientes(db, pacientes)


def mudar_fuso(tx: Transaction, chave: bytes, fuso: str) -> None:
    """Set the time zone of a profissional's working hours."""
    store.mudar_fuso(tx, chave, fuso)


async def segurar(tx: Transaction, chave: bytes) -> None:
    """Hold a profissional until the transaction ends: whoever else counts on what is theirs waits."""
    await store.segurar(tx, chave)
