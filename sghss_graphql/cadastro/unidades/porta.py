"""The door of unidades: where and for what one is booked, and on which days a unidade is closed."""

from collections.abc import Sequence
from datetime import date

from sghss_graphql.cadastro.unidades import store
from sghss_graphql.cadastro.unidades.regras import PRIMEIRA, DiasDeUmaUnidade
from sghss_graphql.cadastro.unidades.types import Sala, TipoDeAtendimento, Unidade
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.machinery.database import Database, Fields, Reader, Transaction


async def todas(db: Reader, quem: Quem | None, campos: Fields = None) -> list[Unidade]:
    """Give all unidades, by name."""
    return await store.unidades(db, exigir(quem, VerProfissionais), campos)


async def por_ids(
    db: Reader, quem: Quem | None, chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Unidade]:
    """Give unidades by key."""
    alcance = exigir(quem, VerProfissionais)
    return await store.por_ids(db, alcance, chaves, campos) if chaves else {}


async def de_cada(db: Reader, quem: Quem | None, chaves: Sequence[bytes], campos: Fields = None) -> list[Unidade]:
    """Give the unidade of each key, in order: those of shifts and consultas, which there are."""
    achadas = await por_ids(db, quem, chaves, campos)
    return [achadas[chave] for chave in chaves]


async def sala_de_cada(
    db: Reader, quem: Quem | None, chaves: Sequence[bytes | None], campos: Fields = None
) -> list[Sala | None]:
    """Give the sala of each key, in order; None where there is no key."""
    achadas = await salas(db, quem, [chave for chave in chaves if chave], campos)
    return [achadas.get(chave or b"") for chave in chaves]


async def tipo_de_cada(
    db: Reader, quem: Quem | None, chaves: Sequence[bytes | None], campos: Fields = None
) -> list[TipoDeAtendimento | None]:
    """Give the kind of each key, in order; None where there is no key."""
    achados = await tipos(db, quem, [chave for chave in chaves if chave], campos)
    return [achados.get(chave or b"") for chave in chaves]


async def ajustar_a_primeira(db: Database, fuso: str) -> None:
    """Let the unidade that is there from the start be in the hospital's time zone, until somebody works there."""
    await store.ajustar_a_primeira(db, PRIMEIRA, fuso)


async def uma(db: Reader, quem: Quem | None, chave: bytes | None) -> Unidade | None:
    """Give a unidade; None if there is none."""
    return (await por_ids(db, quem, [chave])).get(chave) if chave else None


async def segurar(tx: Transaction, chave: bytes) -> None:
    """Hold a unidade until the transaction ends: whoever else counts on what is in it waits."""
    await store.segurar_unidade(tx, chave)


async def salas(db: Reader, quem: Quem | None, chaves: Sequence[bytes], campos: Fields = None) -> dict[bytes, Sala]:
    """Give salas by key."""
    alcance = exigir(quem, VerProfissionais)
    return await store.salas_por_ids(db, alcance, chaves, campos) if chaves else {}


async def salas_das_unidades(db: Reader, quem: Quem | None, unidades: Sequence[bytes]) -> list[Sala]:
    """Give the salas of some unidades, by name within each."""
    alcance = exigir(quem, VerProfissionais)
    return await store.salas_das_unidades(db, alcance, unidades, frozenset({"ativa"})) if unidades else []


async def sala(db: Reader, quem: Quem | None, chave: bytes | None) -> Sala | None:
    """Give a sala; None if there is none."""
    return (await salas(db, quem, [chave])).get(chave) if chave else None


async def tipos(
    db: Reader, quem: Quem | None, chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, TipoDeAtendimento]:
    """Give kinds of appointment by key."""
    alcance = exigir(quem, VerProfissionais)
    return await store.tipos_por_ids(db, alcance, chaves, campos) if chaves else {}


async def tipo(db: Reader, quem: Quem | None, chave: bytes | None) -> TipoDeAtendimento | None:
    """Give a kind of appointment; None if there is none."""
    return (await tipos(db, quem, [chave])).get(chave) if chave else None


async def dias(db: Reader, quem: Quem | None, chaves: Sequence[bytes]) -> dict[bytes, DiasDeUmaUnidade]:
    """Give the days of unidades, by key: two look-ups, however many they are."""
    if not chaves:
        return {}
    achadas = await por_ids(db, quem, chaves, frozenset({"fuso", "abre_nos_feriados", "endereco"}))
    com_dias: dict[bytes, set[date]] = {}
    for unidade, dia in await store.abertas(db, list(achadas)):
        com_dias.setdefault(unidade, set()).add(dia)
    return {
        chave: DiasDeUmaUnidade(
            uma.fuso,
            uma.endereco.uf.name if uma.endereco is not None and uma.endereco.uf is not None else None,
            uma.abre_nos_feriados,
            frozenset(com_dias.get(chave, ())),
        )
        for chave, uma in achadas.items()
    }
