"""What is booked outside of the hours that are worked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sghss_graphql.atendimento.agenda.regras import HorasDeTrabalho, Intervalo
from sghss_graphql.atendimento.agenda.regras.expediente import atende, expediente
from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade


@dataclass(frozen=True, slots=True)
class Marcada:
    """What is booked: when, in which unidade, for which kind of appointment."""

    hora: Intervalo
    unidade: bytes
    tipo: bytes | None


def fora_do_expediente(
    turnos: Sequence[HorasDeTrabalho], dias: Mapping[bytes, DiasDeUmaUnidade], marcadas: Sequence[Marcada]
) -> list[bool]:
    """Tell of each time that is booked whether it is outside of the hours that a profissional works."""
    por_dia: dict[date, Intervalo] = {}
    for uma in marcadas:  # the hours once for each day
        dia = uma.hora.inicio.date()
        ate = por_dia.get(dia, uma.hora)
        por_dia[dia] = Intervalo(min(ate.inicio, uma.hora.inicio), max(ate.fim, uma.hora.fim))
    abertas = {dia: expediente(turnos, dias, pedido) for dia, pedido in por_dia.items()}
    return [atende(abertas[uma.hora.inicio.date()], uma.hora, uma.unidade, uma.tipo) is None for uma in marcadas]
