"""Care comes from a consulta, from somebody who shares it, or from an emergency; each ends by itself."""

from enum import Enum

from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.errors import valor_invalido

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
    lido = " ".join(escrito.split())
    if not menor <= len(lido) <= MAIOR_TEXTO or "\0" in lido:
        raise valor_invalido(f"Escreva por quê, em {menor} a {MAIOR_TEXTO} caracteres.", *campo)
    return lido
