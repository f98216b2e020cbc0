"""The door of pessoas: one is written inside the caller's transaction, with all that finds it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from sghss_graphql.cadastro.pessoas import store
from sghss_graphql.cadastro.pessoas.regras import termos
from sghss_graphql.cadastro.pessoas.types import Contato, DocumentoDeIdentificacao, Endereco, Ficha, Pessoa
from sghss_graphql.machinery.database import Conflict, Database, Reader, Transaction
from sghss_graphql.machinery.engine import dealt
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import ordem

_VEZES = 16  # migration 0015
_DE_CADA_VEZ = 200  # pessoas whose terms are made anew


async def por_cpf(db: Reader, cpf: CPF) -> bytes | None:
    """Give the key of whoever has a CPF."""
    return await store.por_cpf(db, cpf)


async def uma(db: Reader, chave: bytes) -> Pessoa:
    """Give a pessoa who exists, in the version that they are in."""
    achada = await store.por_chave(db, chave)
    if achada is None:
        raise RuntimeError("whatever points to a pessoa does so by foreign key")
    return achada


async def ficha(db: Reader, chave: bytes) -> Ficha:
    """Give all else that is written of a pessoa."""
    return Ficha(
        (await enderecos(db, [chave]))[0],
        tuple((await documentos(db, [chave]))[0]),
        tuple((await contatos(db, [chave]))[0]),
    )


async def enderecos(db: Reader, chaves: Sequence[bytes]) -> list[Endereco | None]:
    """Give the address of each key, in order."""
    achados = await store.enderecos(db, chaves)
    return [achados.get(chave) for chave in chaves]


async def documentos(db: Reader, chaves: Sequence[bytes]) -> list[list[DocumentoDeIdentificacao]]:
    """Give the identity documents of each key, in order."""
    return [[um for _, um in de_um] for de_um in dealt(chaves, await store.documentos(db, chaves), _da_pessoa)]


async def contatos(db: Reader, chaves: Sequence[bytes]) -> list[list[Contato]]:
    """Give whom to call of each key, in order."""
    return [[um for _, um in de_um] for de_um in dealt(chaves, await store.contatos(db, chaves), _da_pessoa)]


def registrar(tx: Transaction, pessoa: Pessoa, ficha: Ficha | None = None) -> None:
    """Add a pessoa. Of two with one CPF the unique key ``pessoa_cpf`` refuses the second."""
    store.inserir(tx, pessoa)
    ficha = ficha or Ficha()
    store.inserir_termos(tx, pessoa, termos(pessoa, ficha.documentos or ()))
    _escrever(tx, pessoa.chave, ficha)


async def mudar(tx: Transaction, atual: Pessoa, nova: Pessoa, ficha: Ficha | None = None) -> None:
    """Write what is new of a pessoa who was read in this transaction, and count it.

    Raises:
        Conflict: somebody else changed them meanwhile; the transaction is done again, from the reading on.
    """
    ficha = ficha or Ficha()
    if not await store.mudar(tx, atual, nova):
        raise Conflict
    _escrever(tx, atual.chave, ficha)
    if ficha.documentos is not None or nova.ordem != atual.ordem or termos(nova, ()) != termos(atual, ()):
        await _renovar_termos(tx, nova)


async def completar(tx: Transaction, chave: bytes, pessoa: Pessoa, nova: Ficha | None = None) -> None:
    """Fill in what isn't known of whoever is registered already; what is known stays."""
    store.completar(tx, chave, pessoa)
    nova, ha = nova or Ficha(), await ficha(tx, chave)
    falta = Ficha(
        endereco=nova.endereco if ha.endereco is None else None,
        documentos=nova.documentos if not ha.documentos else None,
        contatos=nova.contatos if not ha.contatos else None,
    )
    _escrever(tx, chave, falta)
    await _renovar_termos(tx, await uma(tx, chave))


def corrigiu_cpf(tx: Transaction, atual: Pessoa, para: CPF, justificativa: str, por: bytes) -> None:
    """Keep that the CPF of a pessoa, as it was read in this transaction, was typed wrongly; who says so, and why."""
    if atual.cpf is not None:
        store.inserir_correcao(tx, ids.nova_chave(), atual.chave, atual.cpf, para, justificativa, por, agora())


def um_de_cada_vez(tx: Transaction, nascimento: date | None) -> None:
    """Let whoever registers somebody born on the same day wait, until the transaction ends: it may be the same one."""
    if nascimento is not None:
        store.esperar_a_vez(tx, nascimento.toordinal() % _VEZES)


def mudou(tx: Transaction, chave: bytes) -> None:
    """Count a change of what a pessoa is besides."""
    store.mudou(tx, chave)


async def refazer_termos(db: Database) -> None:
    """Make the terms anew of those whose were made by an older rule, until none is left."""
    while velhas := await store.com_indice_velho(db, _DE_CADA_VEZ):
        for velha in velhas:
            await db.transaction(partial(_refazer, velha))


async def _refazer(velha: Pessoa, tx: Transaction) -> None:
    mae = None if velha.nome_da_mae is None else ordem(velha.nome_da_mae)
    nova = replace(velha, ordem=ordem(velha.nome), mae_ordem=mae)
    if await store.renovar_indice(tx, nova):
        await _renovar_termos(tx, nova)


async def _renovar_termos(tx: Transaction, pessoa: Pessoa) -> None:
    (deles,) = await documentos(tx, [pessoa.chave])
    store.apagar_termos(tx, pessoa.chave)
    store.inserir_termos(tx, pessoa, termos(pessoa, deles))


def _escrever(tx: Transaction, chave: bytes, ficha: Ficha) -> None:
    if ficha.endereco is not None or ficha.sem_endereco:
        store.trocar_endereco(tx, chave, ficha.endereco)
    if ficha.documentos is not None:
        store.trocar_documentos(tx, chave, ficha.documentos)
    if ficha.contatos is not None:
        store.trocar_contatos(tx, chave, ficha.contatos)


def _da_pessoa(linha: tuple[bytes, object]) -> bytes:
    return linha[0]
