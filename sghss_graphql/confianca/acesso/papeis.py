"""A person asks in the roles they have; several roles add up."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import strawberry
from strawberry import enum_value

from sghss_graphql.vocabulario import ids


@strawberry.enum(description="O papel de uma pessoa no hospital; uma pessoa pode ter vários.")
class Papel(Enum):
    """The four roles."""

    PACIENTE = enum_value("PACIENTE", description="É atendido no hospital.")
    PROFISSIONAL = enum_value("PROFISSIONAL", description="Atende pacientes e escreve prontuários.")
    RECEPCAO = enum_value("RECEPCAO", description="Cadastra pacientes e cuida das agendas; nunca lê prontuários.")
    ADMINISTRADOR = enum_value(
        "ADMINISTRADOR", description="Cadastra profissionais e funcionários; nunca lê prontuários."
    )


PREFIXO_DO_USUARIO = "usr"
"""What the ids of usuarios begin with; a token names one."""


@dataclass(frozen=True, slots=True)
class Quem:
    """Who asks, as their living session says: keys of the usuario, and of their registrations if any."""

    usuario: bytes
    sessao: bytes
    papeis: frozenset[Papel]
    paciente: bytes | None
    profissional: bytes | None
    troca_de_senha_obrigatoria: bool
    verificada: bool = True
    """Whether the person set the password in use with a code that they were handed at the desk."""
    outros: frozenset[bytes] = frozenset()
    """Other registrations as a paciente that turned out to be this person's."""
    seus: tuple[bytes, ...] = field(init=False, compare=False, repr=False)
    """The keys of all registrations as a paciente that are this person's."""
    proprias: frozenset[bytes] = field(init=False, compare=False, repr=False)
    """Those, and the usuario's: whose data is the person's own."""
    id: str = field(init=False, compare=False, repr=False)
    """The usuario's, as clients see it."""
    nomes: tuple[str, ...] = field(init=False, compare=False, repr=False)
    """Those of the papeis, in order."""
    alcances: dict[type, Any] = field(init=False, compare=False, repr=False, default_factory=dict)
    """What was found that they may, by action (``checagem.exigir``); it depends on nothing else."""

    def __post_init__(self) -> None:
        seus = () if self.paciente is None else (self.paciente, *sorted(self.outros))
        object.__setattr__(self, "seus", seus)
        object.__setattr__(self, "proprias", frozenset((self.usuario, *seus)))
        object.__setattr__(self, "id", ids.publico(PREFIXO_DO_USUARIO, self.usuario))
        object.__setattr__(self, "nomes", tuple(sorted(papel.name for papel in self.papeis)))

    def __hash__(self) -> int:
        """Tell them apart by their session, whose hash costs nothing: what they may is looked up in every request."""
        return hash(self.sessao)
