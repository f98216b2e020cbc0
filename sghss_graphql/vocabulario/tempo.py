"""Inside the server an instant is naive, in UTC, as in the database; the offset exists only on the wire."""

import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

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


def neste_segundo() -> datetime:
    """Give the second of this instant: what begins or ends by the clock does so for all who ask within it."""
    return _segundo(int(relogio.segundos()))


@lru_cache(maxsize=2)
def _segundo(segundos: int) -> datetime:
    return datetime.fromtimestamp(segundos, UTC).replace(tzinfo=None)


def hoje(fuso: str) -> date:
    """Give today's date in a time zone."""
    return agora().replace(tzinfo=UTC).astimezone(ZoneInfo(fuso)).date()


@lru_cache(maxsize=1)
def fusos() -> frozenset[str]:
    """Give the canonical names of time zones: those that IANA lists for countries (zone.tab), and UTC."""
    linhas = (files("tzdata") / "zoneinfo/zone.tab").read_text(encoding="utf-8").splitlines()
    return frozenset(linha.split("\t")[2] for linha in linhas if not linha.startswith("#")) | {"Etc/UTC", "UTC"}


@lru_cache(maxsize=1)
def _apelidos() -> dict[str, str]:
    """Give the canonical name of each alias (the links of IANA's tzdata.zi)."""
    linhas = (files("tzdata") / "zoneinfo/tzdata.zi").read_text(encoding="utf-8").splitlines()
    ligados = (linha.split() for linha in linhas if linha.startswith("L "))
    return {apelido: nome for _, nome, apelido in ligados if nome in fusos()}


def fuso_canonico(texto: str) -> str:
    """Read the name of a time zone.

    Raises:
        ValueError: it is unknown, or an alias; the text says which name is meant.
    """
    lido = texto.strip()
    if lido in fusos():
        return lido
    canonico = _apelidos().get(lido) or next((nome for nome in fusos() if nome.lower() == lido.lower()), None)
    escreva = f"o nome canônico é {canonico}" if canonico else "escreva um nome da IANA, como America/Manaus"
    raise ValueError(f"Fuso horário desconhecido: {escreva}.")


def hora_local(instante: datetime, fuso: str = FUSO_PADRAO) -> str:
    """Write an instant for people: ``25/11/2026 14:00`` in the unit's time zone."""
    return instante.replace(tzinfo=UTC).astimezone(ZoneInfo(fuso)).strftime("%d/%m/%Y %H:%M")
