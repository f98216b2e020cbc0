"""Inside the server an instant is naive, in UTC, as in the database; the offset exists only on the wire."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

FUSO_PADRAO = "America/Sao_Paulo"
PRIMEIRO_INSTANTE = datetime(1000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The first and the last instant that a DATETIME of MySQL holds, and that bound a list without bounds."""
ULTIMO_INSTANTE = datetime.max.replace(tzinfo=UTC).replace(tzinfo=None)


class Relogio:
    """The clock; ``tempo.relogio`` is the one that everything asks, and that a test may set ahead or back."""

    def agora(self) -> datetime:
        """Give this instant: naive, in UTC."""
        return datetime.now(UTC).replace(tzinfo=None)


relogio = Relogio()


def agora() -> datetime:
    """Give this instant, by the clock: naive, in UTC."""
    return relogio.agora()


def hora_local(instante: datetime, fuso: str = FUSO_PADRAO) -> str:
    """Write an instant for people: ``25/11/2026 14:00`` in the unit's time zone."""
    return instante.replace(tzinfo=UTC).astimezone(ZoneInfo(fuso)).strftime("%d/%m/%Y %H:%M")
