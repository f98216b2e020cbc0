"""The door of unificações: the registrations that are of one person."""

from collections.abc import Sequence
from dataclasses import dataclass

from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.profissionais.types import Profissional
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


async def pessoas(db: Reader, pacientes: Sequence[bytes]) -> dict[bytes, frozenset[bytes]]:
    """Give the pessoas that each paciente is, by all their registrations; whoever has died by one of them is none."""
    delas: dict[bytes, set[bytes]] = {}
    mortos = set()
    for paciente, pessoa, morreu in await store.pessoas(db, pacientes):
        delas.setdefault(paciente, set()).add(pessoa)
        if morreu:
            mortos.add(paciente)
    return {paciente: frozenset() if paciente in mortos else frozenset(uma) for paciente, uma in delas.items()}


@dataclass(frozen=True, slots=True)
class Vida:
    """One human being, held: the pessoas that they are, this registration's first; their other registrations."""

    pessoas: tuple[bytes, ...]
    outros: tuple[bytes, ...]
    segue_em_outra: bool
    """Whether what is to come is written in another registration than this."""


async def viva(tx: Transaction, paciente: bytes) -> Vida | None:
    """Give who a paciente is, now; None if they have died by any registration.

    They are held until the transaction ends: whoever joins them meanwhile, or registers their death, waits.
    """
    ela = await store.segurar(tx, paciente)
    if ela is None:
        return None
    pessoa, morreu, segue, juntos = ela
    outros = await store.outras_pessoas(tx, paciente) if juntos else []
    if morreu or any(morto for *_, morto in outros):
        return None
    return Vida((pessoa, *(outra for _, outra, _ in outros)), tuple(outro for outro, *_ in outros), segue)


async def de_quem_atende(tx: Transaction, profissional: Profissional) -> tuple[bytes, ...]:
    """Give the pessoas whose time a profissional's is: several, if they are a paciente by several registrations."""
    outras = await store.outras_de_quem_atende(tx, profissional.pessoa) if profissional.juntos else ()
    return (profissional.pessoa, *outras)
