"""The door of pessoas: one is written inside the caller's transaction, with all that finds it."""

from sghss_graphql.cadastro.pessoas import store
from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.machinery.database import Reader, Transaction
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.texto import inicios_das_palavras


async def por_cpf(db: Reader, cpf: CPF) -> bytes | None:
    """Give the key of whoever has a CPF."""
    return await store.por_cpf(db, cpf)


def registrar(tx: Transaction, pessoa: Pessoa) -> None:
    """Add a pessoa. Of two with one CPF the unique key ``pessoa_cpf`` refuses the second."""
    store.inserir(tx, pessoa)
    store.inserir_inicios(tx, pessoa, inicios_das_palavras(pessoa.nome, pessoa.nome_social))


def atualizar(tx: Transaction, pessoa: Pessoa) -> None:
    """Change a pessoa."""
    store.apagar_inicios(tx, pessoa.chave)
    store.atualizar(tx, pessoa)
    store.inserir_inicios(tx, pessoa, inicios_das_palavras(pessoa.nome, pessoa.nome_social))


def completar(tx: Transaction, chave: bytes, pessoa: Pessoa) -> None:
    """Fill in what isn't known of whoever is registered already; what is known stays."""
    store.completar(tx, chave, pessoa)


async def segurar(tx: Transaction, chave: bytes) -> tuple[Pessoa, int]:
    """Give a pessoa who exists, and the version that they are in; holds them until the transaction ends."""
    achada = await store.segurar(tx, chave)
    if achada is None:
        raise RuntimeError("whatever points to a pessoa does so by foreign key")
    return achada


def mudou(tx: Transaction, chave: bytes) -> None:
    """Count a change of what a pessoa is besides."""
    store.mudou(tx, chave)
