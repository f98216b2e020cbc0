"""How many statements were run on somebody's behalf, how long they took, and how long they waited for a connection."""

import time
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple

_MOST = 200
"""Statements of one request that are noted by their names."""


class Ran(NamedTuple):
    """One statement, by its name (``statements.named``): when it was begun, and when answered, in ns since 1970."""

    name: str
    began: int
    ended: int


@dataclass(slots=True)
class Meter:
    """What one request has cost the database, in seconds; a look-up that was shared, as long as it was waited for."""

    statements: int = 0
    working: float = 0.0
    waiting: float = 0.0
    ran: list[Ran] | None = None
    """The statements themselves, where somebody wants to know."""

    def note(self, statements: Sequence[str], seconds: float) -> None:
        """Take note of statements that were answered just now, as one command that took so long."""
        self.statements += len(statements)
        self.working += seconds
        if self.ran is not None and len(self.ran) < _MOST:
            ended = time.time_ns()
            began = ended - int(seconds * 1e9)
            self.ran += [Ran(_name_of(statement), began, ended) for statement in statements]


def _name_of(statement: str) -> str:
    """Give what stands before a statement, or else its first word: of what it says nothing is kept."""
    if statement.startswith("/* "):
        return statement[3 : statement.index(" */")]
    return statement.partition(" ")[0]


METER: ContextVar[Meter | None] = ContextVar("meter", default=None)
"""The meter of whoever asks; None where nobody reads it."""
