"""The door of andamento: whether what is booked and the time that is taken fit each other."""

from dataclasses import dataclass

from sghss_graphql.atendimento.andamento import store
from sghss_graphql.atendimento.consultas.types import Consulta
from sghss_graphql.machinery.database import Reader
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.tempo import agora


@dataclass(frozen=True, slots=True)
class Conferencia:
    """How many consultas to come there are; ids of those without their time, and of those that have others' time."""

    quantas: int
    sem_tempo: tuple[str, ...]
    com_tempo_alheio: tuple[str, ...]


async def conferir(db: Reader) -> Conferencia:
    """Compare all consultas to come with the time that is taken for them."""
    instante = agora()
    sem, alheio = await store.sem_tempo(db, instante), await store.tempo_de_ninguem(db, instante)
    return Conferencia(await store.quantas(db, instante), _ids(sem), _ids(alheio))


def _ids(chaves: set[bytes]) -> tuple[str, ...]:
    return tuple(ids.publico(Consulta.prefixo, chave) for chave in sorted(chaves))
