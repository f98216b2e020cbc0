"""A search is a whole document number, or the starts of words of a name."""

import re
from dataclasses import dataclass
from datetime import date

from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro
from sghss_graphql.vocabulario.texto import inicios


class Codigos(CodigoDeErro):
    """Of pacientes."""

    CNS_JA_CADASTRADO = 4, "Já existe um paciente com este Cartão Nacional de Saúde.", True


class Leituras(Leitura):
    """What is read of a paciente."""

    LER_CADASTRO = "Viu o cadastro de um paciente.", Nomeia.PACIENTE, Nomeia.ALVO


class Atos(Ato):
    """What becomes of a registration."""

    CADASTRAR_PACIENTE = "Cadastrou um paciente.", Nomeia.PACIENTE, Nomeia.ALVO
    ATUALIZAR_MEU_CONTATO = "Corrigiu o próprio contato.", Nomeia.PACIENTE, Nomeia.ALVO
    ATUALIZAR_PACIENTE = "Corrigiu ou completou o cadastro de um paciente.", Nomeia.PACIENTE, Nomeia.ALVO


def escrever_numero(numero: int | None) -> str:
    """Write the hospital's number of a paciente with its check digit (ISO/IEC 7064, MOD 11,10): ``1234-5``.

    Where nobody asked for it there is none.
    """
    return "" if numero is None else f"{numero}-{_verificador(str(numero))}"


def ler_numero(texto: str) -> int | None:
    """Read the hospital's number of a paciente, with or without its hyphen; None if its check digit is wrong."""
    digitos = texto.strip().replace("-", "")
    if not (digitos.isascii() and digitos.isdecimal() and 2 <= len(digitos) <= _MAIOR_NUMERO):
        return None
    return int(digitos[:-1]) if _verificador(digitos[:-1]) == digitos[-1] else None


def _verificador(digitos: str) -> str:
    resto = 10
    for digito in digitos:
        resto = (resto + int(digito)) % 10 or 10
        resto = resto * 2 % 11
    return str((11 - resto) % 10)


def idade(nascimento: date, hoje: date) -> int:
    """Count the full years of somebody's life; who is born on 29 February has their birthday on 1 March."""
    return hoje.year - nascimento.year - ((hoje.month, hoje.day) < (nascimento.month, nascimento.day))


_MAIOR_NUMERO = 11  # digits, the check digit too
_DOCUMENTO = re.compile(r"[\d\s./-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Busca:
    """What is looked for: a CPF, a CNS, or words that all must be the start of some word of the names."""

    cpf: str | None = None
    cns: str | None = None
    inicios: tuple[str, ...] = ()

    @property
    def por_documento(self) -> bool:
        """True when one person is looked for, by CPF or CNS."""
        return bool(self.cpf or self.cns)


def ler_busca(texto: str | None) -> Busca | None:
    """Read what was typed; None when it can't find anyone (a number that is no CPF and no CNS, only signs).

    Raises:
        RequisicaoInvalida: over 200 characters.
    """
    if texto is None or not texto.strip():
        return Busca()
    lidos = inicios(texto)
    if _DOCUMENTO.fullmatch(texto):
        digitos = re.sub(r"\D", "", texto)
        if len(digitos) == 11:
            return Busca(cpf=digitos)
        return Busca(cns=digitos) if len(digitos) == 15 else None
    return Busca(inicios=lidos) if lidos else None
