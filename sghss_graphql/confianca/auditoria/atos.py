"""An entry of the trail: who did what of whom, when; nothing but ids."""

from dataclasses import dataclass, field
from datetime import datetime

from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.tempo import agora


class Atos(Ato):
    """The act of no room in particular."""

    PROIBIDO = "Pediu o que os seus papéis não permitem.", Nomeia.CAMPO


class Leituras(Leitura):
    """What is learned without anybody's data being shown."""

    CONTAR = "Soube quantos há numa lista; o campo é a lista, e o que se procurou não fica.", Nomeia.CAMPO
    SABER_POR_RECUSA = "Uma recusa contou que alguém já tem cadastro; o campo é a mutation.", Nomeia.CAMPO


_PELOS_VISTOS = frozenset({Nomeia.PACIENTE, Nomeia.ALVO})
SEM_REGISTRO = bytes(16)


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
    """Of what: the paciente, consulta, registro, profissional or usuario."""
    campo: str | None = None
    instante: datetime = field(default_factory=agora)
    vistos: frozenset[tuple[bytes, bytes]] = frozenset()
    """Of a reading: whose data was shown, and which registro of their prontuário (zeros: none in particular)."""

    def __post_init__(self) -> None:
        nomeados = self.ato.nomeia - (_PELOS_VISTOS if self.vistos else frozenset())
        if any(getattr(self, nomeado.value) is None for nomeado in nomeados):
            raise ValueError(
                f"an entry of {self.ato.name} names {sorted(nomeado.value for nomeado in self.ato.nomeia)}"
            )
