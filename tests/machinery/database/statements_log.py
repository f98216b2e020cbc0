"""The server's own log of statements: what was really run, and how it would be run."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.connections import TOGETHER
from sghss_graphql.machinery.database.embedded import APP_USER

_NAMED = re.compile(r"/\* ([\w.]+) \*/ ")
_OURS = ("SET ", "START TRANSACTION", "COMMIT", "ROLLBACK")


@dataclass
class Log:
    """The application's statements, in order, and who asked for each; filled when the block ends."""

    statements: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


@asynccontextmanager
async def recorded(owner: Database) -> AsyncIterator[Log]:
    """Record what the application's user runs inside the block."""
    log = Log()
    await _run(
        owner, "SET GLOBAL log_output = 'TABLE'", "TRUNCATE TABLE mysql.general_log", "SET GLOBAL general_log = ON"
    )
    try:
        yield log
    finally:
        await _run(owner, "SET GLOBAL general_log = OFF")
        rows = await owner.select(
            "SELECT argument FROM mysql.general_log WHERE command_type = 'Query' AND user_host LIKE %(user)s"
            " ORDER BY event_time",
            user=f"{APP_USER}%",
        )
        texts = [row[0].decode() if isinstance(row[0], bytes) else row[0] for row in rows]
        statements = (statement for text in texts for statement in text.split(TOGETHER))  # MySQL logs each by itself
        named = [divided(statement) for statement in statements]
        log.names = [name for name, statement in named if not statement.startswith(_OURS)]
        log.statements = [statement for _, statement in named if not statement.startswith(_OURS)]


def divided(statement: str) -> tuple[str, str]:
    """Take the name off a statement: ``pacientes.por_ids``, and what it is; no name, where it has none."""
    found = _NAMED.match(statement)
    return (found[1], statement[found.end() :]) if found else ("", statement)


@dataclass(frozen=True)
class Step:
    """One row of EXPLAIN."""

    table: str
    access: str
    key: str | None
    rows: int
    extra: str


async def explain(owner: Database, statement: str) -> list[Step]:
    """Say how the server would run a statement; tables alone, not the results in between."""
    steps = []
    for row in await owner.select(f"EXPLAIN FORMAT = TRADITIONAL {statement}"):
        table, access, key, rows, extra = (
            (row[2], row[3], row[5], row[8], row[9]) if len(row) == 10 else (row[2], row[4], row[6], row[9], row[11])
        )
        if table and not table.startswith("<"):
            count = str(rows or 0).partition(" ")[0]  # MariaDB adds in percent what a filter leaves
            steps.append(Step(table, access or "", key, int(count), extra or ""))
    return steps


async def _run(owner: Database, *statements: str) -> None:
    for statement in statements:
        await owner.transaction(lambda tx, statement=statement: tx.execute(statement))
