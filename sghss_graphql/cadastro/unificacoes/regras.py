"""Registrations that were joined hang together as a tree does; cut at one place, it falls into two."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sghss_graphql.vocabulario.atos import Ato, Nomeia

PRAZO_DE_DESFAZER = timedelta(days=30)


class Atos(Ato):
    """What becomes of two registrations of one person."""

    UNIFICAR_PACIENTES = "Juntou dois cadastros da mesma pessoa.", Nomeia.PACIENTE, Nomeia.ALVO
    DESFAZER_UNIFICACAO = "Separou dois cadastros que tinham sido juntados.", Nomeia.PACIENTE, Nomeia.ALVO


def vidas(membros: Iterable[bytes], ligados: Mapping[bytes, bytes]) -> list[frozenset[bytes]]:
    """Put registrations together into lives: ``ligados`` names, for each that is left over, where its life goes on."""
    de_cada = {membro: frozenset({membro}) for membro in membros}
    for de, para in ligados.items():
        juntos = de_cada[de] | de_cada[para]
        de_cada.update(dict.fromkeys(juntos, juntos))
    return sorted(set(de_cada.values()), key=min)
