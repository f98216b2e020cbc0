"""An entry of the trail: who did what of whom, when; nothing but ids."""

from dataclasses import dataclass, field
from datetime import datetime

from sghss_graphql.vocabulario.atos import Ato, Nomeia
from sghss_graphql.vocabulario.tempo import agora


class Atos(Ato):
    """The act of no room in particular."""

    PROIBIDO = "Pediu o que os seus papéis não permitem.", Nomeia.CAMPO


@dataclass(frozen=True, slots=True)
class Autor:
    """Who acts: key of the usuario (None: nobody known), names of their papéis, packed address they ask from."""

    usuario: bytes | None
    papeis: tuple[str, ...] = ()
    origem: bytes | None = None


@dataclass(frozen=True, slots=True)
class Registro:
    """One entry."""

    ato: Ato
    autor: Autor
    paciente: bytes | None = None
    """Whose data."""
    alvo: bytes | None = None
    """Of what: the paciente, consulta, registro, médico or usuario."""
    campo: str | None = None
    instante: datetime = field(default_factory=agora)

    def __post_init__(self) -> None:
        if any(getattr(self, nomeado.value) is None for nomeado in self.ato.nomeia):
            raise ValueError(
                f"an entry of {self.ato.name} names {sorted(nomeado.value for nomeado in self.ato.nomeia)}"
            )
