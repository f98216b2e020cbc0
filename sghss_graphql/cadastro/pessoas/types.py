"""A pessoa has names, a birth date, contacts, and a CPF or none yet."""

from dataclasses import dataclass
from datetime import date, datetime

from sghss_graphql.vocabulario.scalars import CPF


@dataclass(frozen=True, slots=True)
class Pessoa:
    """As it is kept; ``ordem`` is the folded name, along which people are listed."""

    chave: bytes
    cpf: CPF | None
    nome: str
    nome_social: str | None
    ordem: str
    nascimento: date | None
    email: str | None
    telefone: str | None
    criado_em: datetime
