"""The door of cuidados: whether a paciente is in a profissional's care, and what gives care or ends it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sghss_graphql.cadastro.cuidados import store
from sghss_graphql.cadastro.cuidados.regras import Fonte, limites
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.machinery.database import Reader, Transaction
from sghss_graphql.vocabulario.tempo import agora


async def sob_cuidado(db: Reader, profissional: bytes, paciente: bytes) -> bool:
    """Tell whether a paciente is in a profissional's care now, from wherever."""
    return await store.sob_cuidado(db, profissional, paciente, agora(), list(Fonte))


async def pacientes_sob_cuidado(db: Reader, profissional: bytes, pacientes: Sequence[bytes]) -> set[bytes]:
    """Give those of some pacientes who are in a profissional's care now."""
    return await store.pacientes_sob_cuidado(db, profissional, pacientes, agora())


@dataclass(frozen=True, slots=True)
class DaConsulta:
    """A consulta as what gives care: its key, those of who attends and who is attended, its end."""

    chave: bytes
    profissional: bytes
    paciente: bytes
    fim: datetime


async def marcou(tx: Transaction, quem: Quem, consulta: DaConsulta, outros: Iterable[bytes], dias: int) -> None:
    """Give the care that a consulta gives which somebody books, until so many days after its end.

    ``outros`` are the other registrations of the paciente's person.

    Who attends is chosen by somebody else, or it gives nothing new: whoever books for themself, in whatever role, has
    to have the paciente in care already. What somebody booked whom nobody has verified counts once they are.
    """
    if consulta.paciente in quem.seus and not quem.verificada:
        return
    if quem.profissional != consulta.profissional or await _por_consulta(tx, consulta):
        pacientes = (consulta.paciente, *outros)
        store.abrir(tx, Fonte.CONSULTA, consulta.chave, consulta.profissional, pacientes, _ate(consulta, dias))


async def mudou(tx: Transaction, quem: Quem, consulta: DaConsulta, dias: int) -> None:
    """Move the end of the care that a consulta gives; whoever moves their own gets back none that is over."""
    if not await store.da_origem(tx, consulta.chave):
        return
    if quem.profissional == consulta.profissional and not await _por_consulta(tx, consulta):
        store.fechar(tx, consulta.chave)
    else:
        store.mover(tx, consulta.chave, _ate(consulta, dias))
    await acertar_partilhas(tx, consulta.paciente, quem)


async def segurar_paciente(tx: Transaction, paciente: bytes) -> None:
    """Hold a paciente until the transaction ends: whoever gives or takes care of theirs, or books, waits."""
    await store.segurar_paciente(tx, paciente)


def espelhar(tx: Transaction, pacientes: Iterable[bytes]) -> None:
    """Let whoever has one registration of a person in care have all of them: those in ``mesma_pessoa`` now."""
    store.espelhar(tx, sorted(pacientes))


async def acertar_partilhas(tx: Transaction, paciente: bytes, quem: Quem) -> None:
    """Let what was lent of a paciente's care, by any of their registrations, end with that of whoever lent it.

    Each registration is held: whoever shares meanwhile waits, and then has no more to share than there is.
    """
    await store.segurar_paciente(tx, paciente)
    outros = sorted(await store.outros_da_pessoa(tx, paciente))
    for outro in outros:
        await store.segurar_paciente(tx, outro)
    for cadastro in (paciente, *outros):
        await _acertar_um(tx, cadastro, quem)


async def _acertar_um(tx: Transaction, paciente: bytes, quem: Quem) -> None:
    instante = agora()
    abertas = await store.partilhas_abertas(tx, paciente, instante)
    if abertas:
        ate = limites(await store.por_consulta(tx, paciente, instante), abertas)
        for uma in abertas:
            limite = ate[uma.chave]
            if limite is None:
                await store.encerrar_partilha(tx, uma.chave, quem.usuario, instante)
                store.fechar(tx, uma.chave)
            elif limite < uma.ate:
                store.encurtar(tx, uma.chave, limite)


async def _por_consulta(tx: Transaction, consulta: DaConsulta) -> bool:
    """Tell whether a consulta gives care now: what somebody books for themself goes on from this, and no further.

    What is lent until a date, or for hours, isn't made longer by whoever has it.
    """
    return await store.sob_cuidado(tx, consulta.profissional, consulta.paciente, agora(), [Fonte.CONSULTA])


def _ate(consulta: DaConsulta, dias: int) -> datetime:
    return consulta.fim + timedelta(days=dias)


async def encerrar(tx: Transaction, quem: Quem, origem: bytes, paciente: bytes) -> None:
    """End the care that comes from something, and what was lent of it."""
    store.fechar(tx, origem)
    await acertar_partilhas(tx, paciente, quem)


async def suspender(tx: Transaction, quem: Quem, origem: bytes, paciente: bytes) -> None:
    """End the care that comes from something as ``encerrar`` does, but so that it can be taken up again."""
    store.suspender(tx, origem)
    await acertar_partilhas(tx, paciente, quem)


async def retomar(tx: Transaction, consulta: DaConsulta, dias: int) -> None:
    """Take up the care that a consulta gave when it was suspended; what was lent of it stays ended.

    It gives no more than it had: what it didn't give before it doesn't give now, whoever asks.
    """
    if await store.da_origem(tx, consulta.chave):
        store.mover(tx, consulta.chave, _ate(consulta, dias))
