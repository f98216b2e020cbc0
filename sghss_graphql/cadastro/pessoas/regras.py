"""What people write about themselves is short, on one line, and has a form."""

import re
from datetime import date

from sghss_graphql.vocabulario.errors import CodigoDeErro, Recusa, valor_invalido
from sghss_graphql.vocabulario.texto import linha


class Codigos(CodigoDeErro):
    """Of pessoas."""

    MESMA_PESSOA = 15, "O profissional e o paciente são a mesma pessoa."


def mesma_pessoa(mensagem: str, *campo: str) -> Recusa:
    """Make the refusal of whoever would attend themself, or write about themself."""
    return Recusa(Codigos.MESMA_PESSOA, mensagem, *campo)


MAIOR_NOME = 200  # characters
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
_MAIOR_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, less the brackets
_TELEFONE = re.compile(r"(?=.{8,20}$)\+?[\d\s().-]+", re.ASCII)
_MAIOR_IDADE = 150  # years


def nome(texto: str, *campo: str) -> str:
    """Read a person's name: at least one letter.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    lido = linha(texto, MAIOR_NOME, *campo)
    if not any(letra.isalpha() for letra in lido):
        raise valor_invalido("O nome precisa de letras.", *campo)
    return lido


def email(texto: str | None, *campo: str) -> str | None:
    """Read an e-mail address, if there is one.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if texto is None or not texto.strip():
        return None
    lido = texto.strip()
    if len(lido) > _MAIOR_EMAIL or not _EMAIL.fullmatch(lido):
        raise valor_invalido("E-mail inválido: escreva como nome@exemplo.com.br.", *campo)
    return lido


def telefone(texto: str | None, *campo: str) -> str | None:
    """Read a telephone number, if there is one.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if texto is None or not texto.strip():
        return None
    lido = " ".join(texto.split())
    if not _TELEFONE.fullmatch(lido):
        raise valor_invalido("Telefone inválido: escreva com DDD, como (11) 91234-5678.", *campo)
    return lido


def nascimento(data: date, hoje: date, *campo: str) -> date:
    """Check a birth date: not in the future, not over 150 years ago.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if not hoje.year - _MAIOR_IDADE <= data.year or data > hoje:
        raise valor_invalido("Confira a data de nascimento.", *campo)
    return data
