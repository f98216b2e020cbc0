"""Registrations that were joined hang together as a tree does; cut at one place, it falls into two."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sghss_graphql.vocabulario.atos import Ato, Nomeia
from sghss_graphql.vocabulario.errors import valor_invalido
from sghss_graphql.vocabulario.texto import linha

PRAZO_DE_DESFAZER = timedelta(days=30)
MENOR_JUSTIFICATIVA, MAIOR_JUSTIFICATIVA = 10, 1_000  # characters


class Atos(Ato):
    """What becomes of two registrations of one person."""

    UNIFICAR_PACIENTES = "Juntou dois cadastros da mesma pessoa.", Nomeia.PACIENTE, Nomeia.ALVO
    DESFAZER_UNIFICACAO = "Separou dois cadastros que tinham sido juntados.", Nomeia.PACIENTE, Nomeia.ALVO


def justificativa(texto: str, *campo: str) -> str:
    """Read why registrations are joined, or taken apart.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    lida = linha(texto, MAIOR_JUSTIFICATIVA, *campo)
    if len(lida) < MENOR_JUSTIFICATIVA or not any(map(str.isalpha, lida)):
        raise valor_invalido(f"Escreva por quê, de {MENOR_JUSTIFICATIVA} a {MAIOR_JUSTIFICATIVA} caracteres.", *campo)
    return lida


def vidas(membros: Iterable[bytes], ligados: Mapping[bytes, bytes]) -> list[frozenset[bytes]]:
    """Put registrations together into lives: ``ligados`` names, for each that is left over, where its life goes on."""
    de_cada = {membro: frozenset({membro}) for membro in membros}
    for de, para in ligados.items():
        juntos = de_cada[de] | de_cada[para]
        de_cada.update(dict.fromkeys(juntos, juntos))
    return sorted(set(de_cada.values()), key=min)
