"""A search is a whole document number, or the starts of words of a name."""

import re
from dataclasses import dataclass

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
    ATUALIZAR_PACIENTE = "Corrigiu ou completou o cadastro de um paciente.", Nomeia.PACIENTE, Nomeia.ALVO


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
