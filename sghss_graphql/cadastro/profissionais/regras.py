"""A profissional is registered once by council, number and UF, and has up to ten specialities, each once."""

import re
from dataclasses import dataclass

from sghss_graphql.vocabulario.atos import Ato, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro, valor_invalido

_NUMERO = re.compile(r"[\d ./-]{1,20}", re.ASCII)
_MAIS_DIGITOS = 10  # Rio de Janeiro's CRM has numbers as long


UNIDADE = "uni"
"""The prefix of the ids of unidades, which stand beside this room."""
MAIS_ESPECIALIDADES = 500


@dataclass(frozen=True, slots=True)
class Busca:
    """Which profissionais are asked for: starts of words, normalised speciality, council, where; None is any."""

    inicios: tuple[str, ...] = ()
    especialidade: str | None = None
    conselho: str | None = None
    unidade: bytes | None = None


class Codigos(CodigoDeErro):
    """Of profissionais."""

    REGISTRO_JA_CADASTRADO = 5, "Já existe um profissional com este registro no conselho."


class Atos(Ato):
    """What becomes of a registration."""

    ATUALIZAR_PROFISSIONAL = "Corrigiu o cadastro de um profissional.", Nomeia.ALVO
    CADASTRAR_PROFISSIONAL = "Cadastrou um profissional.", Nomeia.ALVO


def registro(conselho: str, numero: str, uf: str) -> str:
    """Write a registration as people do: ``CRM 123456/SP``."""
    return f"{conselho} {numero}/{uf}"


def numero(texto: str, *campo: str) -> str:
    """Read the number of a registration: its digits, without zeros before them.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    lido = texto.strip()
    digitos = re.sub(r"\D", "", lido).lstrip("0") if _NUMERO.fullmatch(lido) else ""
    if not 1 <= len(digitos) <= _MAIS_DIGITOS:
        raise valor_invalido(f"Escreva o número do registro: de 1 a {_MAIS_DIGITOS} dígitos, como 123456.", *campo)
    return digitos


def rqe(texto: str | None, *campo: str) -> str | None:
    """Read the number of a specialist's registration, if there is one.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    return numero(texto, *campo) if texto and texto.strip() else None
