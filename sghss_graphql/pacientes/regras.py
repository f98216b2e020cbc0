"""A search is a whole document number, or the starts of words of a name."""

import re
from dataclasses import dataclass

from sghss_graphql.errors import RequisicaoInvalida
from sghss_graphql.nomes import palavras

_DOCUMENTO = re.compile(r"[\d\s./-]+", re.ASCII)
_MAIOR_BUSCA = 200  # characters
_MAIS_PALAVRAS = 8


@dataclass(frozen=True, slots=True)
class Busca:
    """What is looked for: a CPF, a CNS, or words that all must be the start of some word of the names."""

    cpf: str | None = None
    cns: str | None = None
    inicios: tuple[str, ...] = ()

    @property
    def vazia(self) -> bool:
        """True when everyone is found."""
        return not (self.cpf or self.cns or self.inicios)


def ler_busca(texto: str | None) -> Busca | None:
    """Read what was typed; None when it can't find anyone (a number that is no CPF and no CNS, only signs).

    Raises:
        RequisicaoInvalida: over 200 characters.
    """
    if texto is None or not texto.strip():
        return Busca()
    if len(texto) > _MAIOR_BUSCA:
        raise RequisicaoInvalida(f"A busca tem até {_MAIOR_BUSCA} caracteres.")
    if _DOCUMENTO.fullmatch(texto):
        digitos = re.sub(r"\D", "", texto)
        if len(digitos) == 11:
            return Busca(cpf=digitos)
        return Busca(cns=digitos) if len(digitos) == 15 else None
    inicios = palavras(texto)[:_MAIS_PALAVRAS]
    return Busca(inicios=tuple(inicios)) if inicios else None
