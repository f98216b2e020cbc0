"""The door of unificações: the registrations that are of one person."""

from collections.abc import Sequence

from sghss_graphql.cadastro.cuidados import porta as cuidados
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.unificacoes import store
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.machinery.database import Reader, Transaction


async def vida(db: Reader, quem: Quem | None, paciente: bytes | None) -> tuple[bytes, ...]:
    """Give the keys of all registrations of the person of one, this one first; one's own are known."""
    if paciente is None:
        return ()
    if quem is not None and paciente in quem.seus:
        return (paciente, *(outro for outro in quem.seus if outro != paciente))
    return (paciente, *(outro for _, outro in await store.outros(db, [paciente])))


async def vidas(db: Reader, pacientes: Sequence[Paciente]) -> dict[bytes, tuple[bytes, ...]]:
    """Give of each paciente who has several registrations the keys of all of them; of the others nothing is read."""
    juntos = [paciente.chave for paciente in pacientes if paciente.juntos]
    achadas: dict[bytes, tuple[bytes, ...]] = {}
    for um, outro in await store.outros(db, juntos) if juntos else ():
        achadas[um] = (*achadas.get(um, (um,)), outro)
    return achadas


async def vivas(tx: Transaction, paciente: bytes) -> list[bytes] | None:
    """Give the keys of the pessoas that one human being is, now; None if they have died by any registration.

    The paciente is held until the transaction ends: who joins them meanwhile waits.
    """
    await cuidados.segurar_paciente(tx, paciente)
    delas = await store.pessoas(tx, paciente)
    return None if any(morreu for _, morreu in delas) else [pessoa for pessoa, _ in delas]
