"""Care comes from a consulta, from somebody who shares it, or from an emergency; each ends by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.errors import valor_invalido
from sghss_graphql.vocabulario.texto import linha

MENOR_JUSTIFICATIVA, MAIOR_TEXTO = 20, 1_000  # characters
MAIS_EMERGENCIAS = 10  # open at a time, of one profissional
MAIOR_PARTILHA = 365  # days


class Fonte(Enum):
    """Where care comes from."""

    CONSULTA = "consulta"
    COMPARTILHADO = "compartilhado"
    EMERGENCIA = "emergencia"


class Leituras(Leitura):
    """What is read of care."""

    LER_CUIDADOS = "Viu quem cuida de um paciente por emergência, ou porque alguém compartilhou.", Nomeia.PACIENTE


class Atos(Ato):
    """What becomes of care that no consulta gives."""

    ACESSAR_EM_EMERGENCIA = "Acessou um paciente em emergência.", Nomeia.PACIENTE, Nomeia.ALVO
    ENCERRAR_ACESSO_DE_EMERGENCIA = "Encerrou um acesso de emergência.", Nomeia.PACIENTE, Nomeia.ALVO
    COMPARTILHAR_CUIDADO = "Compartilhou o cuidado de um paciente.", Nomeia.PACIENTE, Nomeia.ALVO
    ENCERRAR_CUIDADO = "Encerrou um cuidado compartilhado.", Nomeia.PACIENTE, Nomeia.ALVO


def texto(escrito: str, menor: int, *campo: str) -> str:
    """Read why somebody takes care of a paciente.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    lido = linha(escrito, MAIOR_TEXTO, *campo)
    if len(lido) < menor or sum(map(str.isalnum, lido)) < menor / 2:
        raise valor_invalido(f"Escreva por quê, em palavras: de {menor} a {MAIOR_TEXTO} caracteres.", *campo)
    return lido


@dataclass(frozen=True, slots=True)
class Partilha:
    """Care that is lent: its key, the keys of who has it and of who gave it (None: the paciente), from when to when."""

    chave: bytes
    com: bytes
    de: bytes | None
    desde: datetime
    ate: datetime


def limites(por_consulta: Mapping[bytes, datetime], partilhas: Iterable[Partilha]) -> dict[bytes, datetime | None]:
    """Give until when each of some shares holds, by key: never beyond the care of whoever gave it; None, no more.

    ``por_consulta`` is until when consultas give each profissional care. A share rests on that, or on what was lent
    before it: so none rests on itself, however often care is handed round.
    """
    tem = dict(por_consulta)
    achados: dict[bytes, datetime | None] = {}
    for uma in sorted(partilhas, key=lambda partilha: (partilha.desde, partilha.chave)):
        limite = uma.ate if uma.de is None else tem.get(uma.de)
        achados[uma.chave] = ate = None if limite is None else min(uma.ate, limite)
        if ate is not None:
            tem[uma.com] = max(ate, tem.get(uma.com, ate))
    return achados
