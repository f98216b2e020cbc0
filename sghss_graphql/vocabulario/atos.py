"""What stands on the trail is an act: each room names its own, and what an entry of it must name.

Lei 13.709/2018 (LGPD), art. 37; SBIS NGS1.07. What a mutation changes is named as the mutation is.
"""

from enum import Enum


class Nomeia(Enum):
    """What an entry names besides who acts, when and from where."""

    PACIENTE = "paciente"
    """Whose data."""
    ALVO = "alvo"
    """Of what: the paciente, consulta, registro, profissional or usuario."""
    CAMPO = "campo"
    """The field of the schema that was refused."""


class Ato(Enum):
    """An act, for rooms to extend: what it is, for people, then what its entries name. The names are stored.

    A name that was used is never given to another act.
    """

    def __init__(self, descricao: str, *nomeia: Nomeia) -> None:
        self.descricao = descricao
        self.nomeia = frozenset(nomeia)

    __hash__ = object.__hash__  # of each there is one; an enum's own is a call of Python's for each look


class Leitura(Ato):
    """An act of reading, for rooms to extend: one entry in ten minutes tells enough."""
