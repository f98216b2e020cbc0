"""Inside the server an instant is naive, in UTC, as in the database; the offset exists only on the wire."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

FUSO_PADRAO = "America/Sao_Paulo"
PRIMEIRO_INSTANTE = datetime(1000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The first and the last instant that a DATETIME of MySQL holds, and that bound a list without bounds."""
ULTIMO_INSTANTE = datetime.max.replace(tzinfo=UTC).replace(tzinfo=None)


class Relogio:
    """The clock that everything asks what time it is; a test may set it ahead or back (``adiantado``)."""

    def __init__(self) -> None:
        self.adiantado = timedelta()

    def agora(self) -> datetime:
        """Give this instant: naive, in UTC."""
        return datetime.now(UTC).replace(tzinfo=None) + self.adiantado

    def segundos(self) -> float:
        """Give this instant: seconds since 1970."""
        return time.time() + self.adiantado.total_seconds()


relogio = Relogio()
agora = relogio.agora


@lru_cache(maxsize=1)
def fusos() -> frozenset[str]:
    """Give the names of all time zones; the first time it reads hundreds of files."""
    return frozenset(available_timezones())


def hora_local(instante: datetime, fuso: str = FUSO_PADRAO) -> str:
    """Write an instant for people: ``25/11/2026 14:00`` in the unit's time zone."""
    return instante.replace(tzinfo=UTC).astimezone(ZoneInfo(fuso)).strftime("%d/%m/%Y %H:%M")
