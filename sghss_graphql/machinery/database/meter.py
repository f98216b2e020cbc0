"""How many statements were run on somebody's behalf, how long they took, and how long they waited for a connection."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Meter:
    """What one request has cost the database, in seconds; a look-up that was shared, as long as it was waited for."""

    statements: int = 0
    working: float = 0.0
    waiting: float = 0.0


METER: ContextVar[Meter | None] = ContextVar("meter", default=None)
"""The meter of whoever asks; None where nobody reads it."""
