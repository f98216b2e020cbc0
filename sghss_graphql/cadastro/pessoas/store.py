"""Pessoas, and the starts of words of their names."""

from collections.abc import Sequence
from typing import Any

from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.machinery.database import Reader, Transaction
from sghss_graphql.vocabulario.scalars import CPF


async def por_cpf(db: Reader, cpf: CPF) -> bytes | None:
    """Give the key of whoever has a CPF."""
    linhas = await db.select("SELECT id FROM pessoa WHERE cpf = %(cpf)s", cpf=cpf)
    return linhas[0][0] if linhas else None


def inserir(tx: Transaction, pessoa: Pessoa) -> None:
    """Add a pessoa."""
    tx.write(
        "INSERT INTO pessoa (id, cpf, nome, nome_social, nome_ordem, nascimento, email, telefone, criado_em) VALUES"
        " (%(chave)s, %(cpf)s, %(nome)s, %(nome_social)s, %(ordem)s, %(nascimento)s, %(email)s, %(telefone)s,"
        " %(criado_em)s)",
        criado_em=pessoa.criado_em,
        **_valores(pessoa),
    )


def atualizar(tx: Transaction, pessoa: Pessoa) -> None:
    """Change a pessoa."""
    tx.write(
        "UPDATE pessoa SET cpf = %(cpf)s, nome = %(nome)s, nome_social = %(nome_social)s, nome_ordem = %(ordem)s,"
        " nascimento = %(nascimento)s, email = %(email)s, telefone = %(telefone)s, versao = versao + 1"
        " WHERE id = %(chave)s",
        **_valores(pessoa),
    )


def completar(tx: Transaction, chave: bytes, pessoa: Pessoa) -> None:
    """Fill in what isn't known of whoever is registered already: the birth date and the name that they go by."""
    tx.write(
        "UPDATE pessoa SET nascimento = COALESCE(nascimento, %(nascimento)s),"
        " nome_social = COALESCE(nome_social, %(nome_social)s) WHERE id = %(chave)s",
        chave=chave,
        nascimento=pessoa.nascimento,
        nome_social=pessoa.nome_social,
    )


async def segurar(tx: Transaction, chave: bytes) -> tuple[Pessoa, int] | None:
    """Give a pessoa and the version that they are in; holds them until the transaction ends."""
    linhas = await tx.select(
        "SELECT id, cpf, nome, nome_social, nome_ordem, nascimento, email, telefone, criado_em, versao FROM pessoa"
        " WHERE id = %(chave)s FOR UPDATE",
        chave=chave,
    )
    return (Pessoa(*linhas[0][:-1]), linhas[0][-1]) if linhas else None


def mudou(tx: Transaction, chave: bytes) -> None:
    """Count a change of what a pessoa is besides."""
    tx.write("UPDATE pessoa SET versao = versao + 1 WHERE id = %(chave)s", chave=chave)


def inserir_inicios(tx: Transaction, pessoa: Pessoa, inicios: Sequence[str]) -> None:
    """Add the starts of words by which a pessoa is found."""
    tx.write_rows(
        "INSERT INTO pessoa_inicio (inicio, nome_ordem, pessoa_id) VALUES %(rows)s",
        [(inicio, pessoa.ordem, pessoa.chave) for inicio in inicios],
    )


def apagar_inicios(tx: Transaction, chave: bytes) -> None:
    """Take away the starts of words by which a pessoa is found."""
    tx.write("DELETE FROM pessoa_inicio WHERE pessoa_id = %(chave)s", chave=chave)


def _valores(pessoa: Pessoa) -> dict[str, Any]:
    return {
        "chave": pessoa.chave,
        "cpf": pessoa.cpf,
        "nome": pessoa.nome,
        "nome_social": pessoa.nome_social,
        "ordem": pessoa.ordem,
        "nascimento": pessoa.nascimento,
        "email": pessoa.email,
        "telefone": pessoa.telefone,
    }
