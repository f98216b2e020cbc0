"""``python -m bench.beside COMMIT``: the product beside itself as it was, each in its own tables, in short turns.

``--before`` measures a commit that runs in the tables of today. One that doesn't is started by its own ``bench``
(``turns.py``), in another process, and told when it is its turn; both are served by the same Python.
"""

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.fast_python import described, fastest
from bench.servers import CORE, PRODUCT, ROOT, ours_at

_TURNS = Path(__file__).with_name("turns.py")


@dataclass(frozen=True)
class Turn:
    """What one turn took: microseconds of CPU a request, ours and the database's."""

    cpu: float
    database: float


class One:
    """A checkout whose server runs, in a process that has its ``bench``."""

    def __init__(self, folder: Path, python: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-P", str(_TURNS), *(part.format(python=python) for part in PRODUCT.command)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._hear()

    def take(self, workload: str, seconds: int) -> Turn:
        """Have it loaded for some seconds."""
        assert self._process.stdin is not None
        print(workload, seconds, file=self._process.stdin, flush=True)
        return Turn(*map(float, self._hear().split()))

    def end(self) -> None:
        """End its server and its database."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            sys.exit("Um dos dois parou; o que houve está acima.")
        return line


def main() -> None:
    """Measure in turns, each first as often as the other, and print the ratios."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.beside", description="Mede o de hoje ao lado do de um commit."
    )
    parser.add_argument("commit", help="o commit, com as suas tabelas e o seu bench")
    parser.add_argument("-r", "--rounds", type=int, default=6, help="vezes de cada um (6)")
    parser.add_argument("-s", "--seconds", type=int, default=1, help="segundos de cada vez (1)")
    parser.add_argument("--workloads", default="Q1,Q2,Q3,M1,S1,L1", help="Q1,Q2,Q3,M1,S1,L1")
    options = parser.parse_args()
    os.sched_setaffinity(0, set(os.sched_getaffinity(0)) - {CORE})
    print(f"Os dois em {described()}", flush=True)
    with ExitStack() as stack:
        both = [One(folder, fastest()) for folder in (ROOT, Path(ours_at(options.commit).home))]
        for one in both:
            stack.callback(one.end)
        print(f"{'':10}{'CPU, µs: hoje':>16}{'então':>8}{'razão':>8}{'banco':>8}")
        for workload in options.workloads.split(","):
            print(f"  {workload:8}{_told(_turns(both, workload, options.rounds, options.seconds))}", flush=True)


def _turns(both: Sequence[One], workload: str, rounds: int, seconds: int) -> list[tuple[Turn, Turn]]:
    for one in both:
        one.take(workload, 2)  # warmed up
    found = []
    for number in range(rounds):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        taken = {which: both[which].take(workload, seconds) for which in order}
        found.append((taken[0], taken[1]))
    return found


def _told(turns: Sequence[tuple[Turn, Turn]]) -> str:
    today, then = (statistics.median(turn[which].cpu for turn in turns) for which in (0, 1))
    cpu = statistics.median(one.cpu / other.cpu for one, other in turns)
    database = statistics.median(one.database / other.database for one, other in turns)
    return f"{today:16.0f}{then:8.0f}{cpu:8.2f}{database:8.2f}"


if __name__ == "__main__":
    main()
