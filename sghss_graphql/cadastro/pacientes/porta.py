"""The door of pacientes: those whom the caller may see."""

from collections.abc import Sequence

from sghss_graphql.cadastro.pacientes import store
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.confianca.acesso.checagem import Alcance, exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import AcessarEmEmergencia, VerCuidados, VerPacientes
from sghss_graphql.machinery.database import Fields, Reader


async def de_cada(db: Reader, quem: Quem | None, chaves: Sequence[bytes], campos: Fields = None) -> list[Paciente]:
    """Give the paciente of each key, in order: those of a consulta or a record that the caller sees.

    Raises:
        NaoAutenticado, Proibido: the caller may see no paciente at all.
    """
    achados = await store.por_ids(db, exigir(quem, VerPacientes), chaves, campos)
    return [achados[chave] for chave in chaves]


async def um(db: Reader, quem: Quem | None, chave: bytes | None, campos: Fields = None) -> Paciente | None:
    """Give a paciente whom the caller may see; None for anyone else.

    Raises:
        NaoAutenticado, Proibido: the caller may see no paciente at all.
    """
    alcance = exigir(quem, VerPacientes)
    return (await store.por_ids(db, alcance, [chave], campos)).get(chave) if chave else None


async def e_visto(db: Reader, quem: Quem | None, chave: bytes, achou: bool) -> bool:
    """Tell whether the caller may see a paciente: they do where they ``achou`` (found) something of theirs."""
    return achou or await um(db, quem, chave, frozenset()) is not None


async def dos_usuarios(db: Reader, quem: Quem | None, usuarios: Sequence[bytes]) -> dict[bytes, Paciente]:
    """Give the registrations as pacientes of usuarios, by the usuario's key: those that the caller may see."""
    return await store.por_usuarios(db, exigir(quem, VerPacientes), usuarios)


async def do_cuidado(db: Reader, quem: Quem | None, chaves: Sequence[bytes], campos: Fields = None) -> list[Paciente]:
    """Give the paciente of each key, in order: those of emergencies and shared cares that the caller sees.

    Raises:
        NaoAutenticado, Proibido: the caller may see no such thing.
    """
    achados = await store.do_cuidado(db, exigir(quem, VerCuidados), chaves, campos)
    return [achados[chave] for chave in chaves]


async def existe(db: Reader, alcance: Alcance[AcessarEmEmergencia], chave: bytes) -> bool:
    """Tell whether there is a paciente whom a profissional would reach in an emergency."""
    return await store.existe(db, alcance, chave)


async def cadastrado(db: Reader, chave: bytes) -> Paciente:
    """Give the paciente who was just registered, to whoever did it."""
    return await store.cadastrado(db, chave)
