"""Where the product's time goes under a workload: samples of py-spy, each counted for the part that was running."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

PARTS = (
    ("HTTP (uvicorn)", ("(uvicorn/protocols/", "(uvicorn/middleware/")),
    ("Starlette", ("(starlette/",)),
    ("o endereço (web)", ("(sghss_graphql/machinery/web/", "(sghss_graphql/app.py", "(json/")),
    ("tokens, sessões, permissões (acesso)", ("(sghss_graphql/confianca/acesso/", "(cachetools/", "(jwt/")),
    ("auditoria", ("(sghss_graphql/confianca/auditoria/", "(sghss_graphql/context.py")),
    ("o motor (engine) e o código compilado", ("(sghss_graphql/machinery/engine/", "(<operation")),
    ("graphql-core", ("(graphql/",)),
    ("Strawberry", ("(strawberry/",)),
    (
        "o banco (database), com as linhas",
        ("(sghss_graphql/machinery/database/", "decode (<rows of", "(aiomysql/", "(pymysql/"),
    ),
    ("os domínios", ("(sghss_graphql/",)),
)
"""A sample belongs to the first part that its innermost known frame fits; what the event loop does alone is its own."""


def shares(pid: int, seconds: int) -> list[tuple[str, float]]:
    """Watch a process for some seconds; give each part's share of its time, in percent, the largest first."""
    raw = Path(sys.prefix) / "pyspy.raw"
    # Of what runs while the interpreter is held, and without stopping it: else most samples are of a loop that waits.
    command = [
        "record",
        "--gil",
        "--nonblocking",
        "--rate",
        "400",
        "--duration",
        str(seconds),
        "--format",
        "raw",
        "--output",
        str(raw),
    ]
    ran = subprocess.run(  # noqa: S603 - our own command line
        [str(Path(sys.prefix) / "bin/py-spy"), *command, "--pid", str(pid)], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        sys.exit(f"py-spy: {ran.stderr.strip()} (ele precisa poder observar processos: rode como root)")
    counted: Counter[str] = Counter()
    for line in raw.read_text(encoding="utf-8").splitlines():
        stack, count = line.rsplit(" ", 1)
        counted[_part(stack.split(";"))] += int(count)
    raw.unlink()
    return [(part, 100 * count / counted.total()) for part, count in counted.most_common()]


def _part(stack: list[str]) -> str:
    below = next((n for n, frame in enumerate(stack) if "(uvicorn/server.py" in frame), 0)  # what started the server
    for frame in reversed(stack[below:]):
        for name, marks in PARTS:
            if any(mark in frame for mark in marks):
                return name
    return "event loop"
