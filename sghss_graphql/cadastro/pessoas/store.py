"""Pessoas, and the terms by which they are found."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sghss_graphql.cadastro.pessoas.regras import INDICE
from sghss_graphql.cadastro.pessoas.types import (
    Contato,
    DocumentoDeIdentificacao,
    Endereco,
    Pessoa,
    RacaCor,
    TipoDeDocumento,
)
from sghss_graphql.machinery.database import Reader, Row, Transaction, members
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.uf import UF

_RACAS, _TIPOS, _UFS = members(RacaCor), members(TipoDeDocumento), members(UF)
_COLUNAS = (
    "id, cpf, nome, nome_ordem, criado_em, nome_social, nome_da_mae, mae_ordem, nascimento, email, telefone, raca_cor,"
    " nacionalidade, obito_em, versao"
)
_DE = " FROM pessoa WHERE "
_PESSOA = "SELECT " + _COLUNAS + _DE
_MUDAR = "UPDATE pessoa SET "
_SE_ESTA = "versao = versao + 1 WHERE id = %(chave)s AND versao = %(versao)s"
_MUDA = {
    "cpf": "cpf = %(cpf)s",
    "nome": "nome = %(nome)s",
    "ordem": "nome_ordem = %(ordem)s",
    "nome_social": "nome_social = %(nome_social)s",
    "nome_da_mae": "nome_da_mae = %(nome_da_mae)s",
    "mae_ordem": "mae_ordem = %(mae_ordem)s",
    "nascimento": "nascimento = %(nascimento)s",
    "email": "email = %(email)s",
    "telefone": "telefone = %(telefone)s",
    "raca_cor": "raca_cor = %(raca_cor)s",
    "nacionalidade": "nacionalidade = %(nacionalidade)s",
    "obito_em": "obito_em = %(obito_em)s",
}


async def por_cpf(db: Reader, cpf: CPF) -> bytes | None:
    """Give the key of whoever has a CPF."""
    linhas = await db.select("SELECT id FROM pessoa WHERE cpf = %(cpf)s", cpf=cpf)
    return linhas[0][0] if linhas else None


async def por_chave(db: Reader, chave: bytes) -> Pessoa | None:
    """Give a pessoa."""
    linhas = await db.select(_PESSOA + "id = %(chave)s", chave=chave)
    return _pessoa(linhas[0]) if linhas else None


async def com_indice_velho(db: Reader, quantas: int) -> list[Pessoa]:
    """Give some of the pessoas whose terms were made by an older rule."""
    linhas = await db.select(
        _PESSOA + "indice < %(indice)s ORDER BY indice, id LIMIT %(quantas)s",
        indice=INDICE,
        quantas=quantas,
    )
    return [_pessoa(linha) for linha in linhas]


def inserir(tx: Transaction, pessoa: Pessoa) -> None:
    """Add a pessoa."""
    tx.write(
        "INSERT INTO pessoa (id, cpf, nome, nome_social, nome_ordem, nome_da_mae, mae_ordem, nascimento, email,"
        " telefone, raca_cor, nacionalidade, obito_em, criado_em, indice) VALUES (%(chave)s, %(cpf)s, %(nome)s,"
        " %(nome_social)s, %(ordem)s, %(nome_da_mae)s, %(mae_ordem)s, %(nascimento)s, %(email)s, %(telefone)s,"
        " %(raca_cor)s, %(nacionalidade)s, %(obito_em)s, %(criado_em)s, %(indice)s)",
        chave=pessoa.chave,
        criado_em=pessoa.criado_em,
        indice=INDICE,
        **{campo: _valor(pessoa, campo) for campo in _MUDA},
    )


async def mudar(tx: Transaction, atual: Pessoa, nova: Pessoa) -> bool:
    """Write what is new of a pessoa, and count it; False if they aren't as they were read any more."""
    mudados = [campo for campo in _MUDA if getattr(nova, campo) != getattr(atual, campo)]
    escritos = await tx.execute(
        _MUDAR + "".join(_MUDA[campo] + ", " for campo in mudados) + _SE_ESTA,
        chave=atual.chave,
        versao=atual.versao,
        **{campo: _valor(nova, campo) for campo in mudados},
    )
    return escritos == 1


def completar(tx: Transaction, chave: bytes, pessoa: Pessoa) -> None:
    """Fill in what isn't known of whoever is registered already."""
    tx.write(
        "UPDATE pessoa SET nascimento = COALESCE(nascimento, %(nascimento)s),"
        " nome_social = COALESCE(nome_social, %(nome_social)s), nome_da_mae = COALESCE(nome_da_mae, %(nome_da_mae)s),"
        " mae_ordem = COALESCE(mae_ordem, %(mae_ordem)s), nacionalidade = COALESCE(nacionalidade, %(nacionalidade)s),"
        " raca_cor = IF(raca_cor = 'NAO_INFORMADA', %(raca_cor)s, raca_cor), versao = versao + 1"
        " WHERE id = %(chave)s",
        chave=chave,
        **{
            campo: _valor(pessoa, campo)
            for campo in ("nascimento", "nome_social", "nome_da_mae", "mae_ordem", "nacionalidade", "raca_cor")
        },
    )


def inserir_correcao(
    tx: Transaction, chave: bytes, pessoa: bytes, de: CPF, para: CPF, justificativa: str, por: bytes, em: datetime
) -> None:
    """Keep that the CPF of a pessoa was corrected."""
    tx.write(
        "INSERT INTO correcao_de_cpf (id, pessoa_id, de, para, justificativa, por, em)"
        " VALUES (%(chave)s, %(pessoa)s, %(de)s, %(para)s, %(justificativa)s, %(por)s, %(em)s)",
        chave=chave,
        pessoa=pessoa,
        de=de,
        para=para,
        justificativa=justificativa,
        por=por,
        em=em,
    )


def esperar_a_vez(tx: Transaction, vez: int) -> None:
    """Let whoever registers somebody born on a day of this turn wait, until the transaction ends."""
    tx.write("UPDATE vez SET numero = numero + 1 WHERE de = %(de)s", de=f"nascidos {vez}")


def mudou(tx: Transaction, chave: bytes) -> None:
    """Count a change of what a pessoa is besides."""
    tx.write("UPDATE pessoa SET versao = versao + 1 WHERE id = %(chave)s", chave=chave)


def inserir_termos(tx: Transaction, pessoa: Pessoa, termos: Sequence[str]) -> None:
    """Add the terms by which a pessoa is found."""
    tx.write_rows(
        "INSERT INTO pessoa_inicio (inicio, nome_ordem, pessoa_id) VALUES %(rows)s",
        [(termo, pessoa.ordem, pessoa.chave) for termo in termos],
    )


def apagar_termos(tx: Transaction, chave: bytes) -> None:
    """Take away the terms by which a pessoa is found."""
    tx.write("DELETE FROM pessoa_inicio WHERE pessoa_id = %(chave)s", chave=chave)


async def renovar_indice(tx: Transaction, pessoa: Pessoa) -> bool:
    """Take note that a pessoa's terms are made by the rule of now; False if the pessoa was changed meanwhile."""
    escritos = await tx.execute(
        "UPDATE pessoa SET nome_ordem = %(ordem)s, mae_ordem = %(mae_ordem)s, indice = %(indice)s"
        " WHERE id = %(chave)s AND versao = %(versao)s AND indice < %(indice)s",
        chave=pessoa.chave,
        ordem=pessoa.ordem,
        mae_ordem=pessoa.mae_ordem,
        versao=pessoa.versao,
        indice=INDICE,
    )
    return escritos == 1


async def enderecos(db: Reader, chaves: Sequence[bytes]) -> dict[bytes, Endereco]:
    """Give the addresses of pessoas, by key."""
    linhas = await db.by_keys(
        "SELECT pessoa_id, cep, logradouro, numero, complemento, bairro, municipio, uf, pais FROM endereco",
        "pessoa_id",
        chaves,
    )
    return {
        chave: Endereco(
            cep=cep,
            logradouro=logradouro,
            numero=numero,
            complemento=complemento,
            bairro=bairro,
            municipio=municipio,
            uf=_UFS[uf],
            pais=pais,
        )
        for chave, cep, logradouro, numero, complemento, bairro, municipio, uf, pais in linhas
    }


async def documentos(db: Reader, chaves: Sequence[bytes]) -> list[tuple[bytes, DocumentoDeIdentificacao]]:
    """Give the identity documents of pessoas, each with the pessoa's key, in order."""
    linhas = await db.look_up(
        "SELECT pessoa_id, tipo, numero, orgao, pais FROM documento_de_identificacao WHERE pessoa_id IN %(chaves)s"
        " ORDER BY pessoa_id, ordem",
        chaves=list(dict.fromkeys(chaves)),
    )
    return [
        (chave, DocumentoDeIdentificacao(tipo=_TIPOS[tipo], numero=numero, orgao=orgao, pais=pais))
        for chave, tipo, numero, orgao, pais in linhas
    ]


async def contatos(db: Reader, chaves: Sequence[bytes]) -> list[tuple[bytes, Contato]]:
    """Give whom to call of pessoas, each with the pessoa's key, in order."""
    linhas = await db.look_up(
        "SELECT pessoa_id, nome, parentesco, telefone FROM contato WHERE pessoa_id IN %(chaves)s"
        " ORDER BY pessoa_id, ordem",
        chaves=list(dict.fromkeys(chaves)),
    )
    return [
        (chave, Contato(nome=nome, parentesco=parentesco, telefone=telefone))
        for chave, nome, parentesco, telefone in linhas
    ]


def trocar_endereco(tx: Transaction, chave: bytes, endereco: Endereco | None) -> None:
    """Put a pessoa's address in the place of the one there was."""
    tx.write("DELETE FROM endereco WHERE pessoa_id = %(chave)s", chave=chave)
    if endereco is not None:
        tx.write_rows(
            "INSERT INTO endereco (pessoa_id, cep, logradouro, numero, complemento, bairro, municipio, uf, pais)"
            " VALUES %(rows)s",
            [
                (
                    chave,
                    endereco.cep,
                    endereco.logradouro,
                    endereco.numero,
                    endereco.complemento,
                    endereco.bairro,
                    endereco.municipio,
                    endereco.uf.name if endereco.uf else None,
                    endereco.pais,
                )
            ],
        )


def trocar_documentos(tx: Transaction, chave: bytes, documentos: Iterable[DocumentoDeIdentificacao]) -> None:
    """Put a pessoa's identity documents in the place of those there were."""
    tx.write("DELETE FROM documento_de_identificacao WHERE pessoa_id = %(chave)s", chave=chave)
    tx.write_rows(
        "INSERT INTO documento_de_identificacao (pessoa_id, ordem, tipo, numero, orgao, pais) VALUES %(rows)s",
        [(chave, n, um.tipo.name, um.numero, um.orgao, um.pais) for n, um in enumerate(documentos)],
    )


def trocar_contatos(tx: Transaction, chave: bytes, contatos: Iterable[Contato]) -> None:
    """Put whom to call in the place of those there were."""
    tx.write("DELETE FROM contato WHERE pessoa_id = %(chave)s", chave=chave)
    tx.write_rows(
        "INSERT INTO contato (pessoa_id, ordem, nome, parentesco, telefone) VALUES %(rows)s",
        [(chave, n, um.nome, um.parentesco, um.telefone) for n, um in enumerate(contatos)],
    )


def _valor(pessoa: Pessoa, campo: str) -> Any:
    valor = getattr(pessoa, campo)
    return valor.name if isinstance(valor, RacaCor) else valor


def _pessoa(linha: Row) -> Pessoa:
    valores = dict(zip((campo.name for campo in fields(Pessoa)), linha, strict=True))
    return Pessoa(**{**valores, "raca_cor": _RACAS[valores["raca_cor"]]})
