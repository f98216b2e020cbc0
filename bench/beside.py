"""``python -m bench.beside COMMIT``: the product beside itself as it was, each in its own tables, in short turns.

``--before`` measures a commit that runs in the tables of today. One that doesn't is started by its own ``bench``, in
another process, and told when it is its turn; both are served by the same Python.
"""

import argparse
import asyncio
import itertools
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

_MOST = 40_000  # requests in a file
_START = "from sghss_graphql.comando.cli import main; main()"


@dataclass(frozen=True)
class Turn:
    """What one turn took: microseconds of CPU a request, ours and the database's."""

    cpu: float
    database: float


class One:
    """A checkout whose server runs, in a process that has its ``bench``."""

    def __init__(self, folder: Path, python: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, __file__, str(folder), python],
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
    from bench.fast_python import described, fastest  # noqa: PLC0415 - a child has the bench of its own commit
    from bench.servers import CORE, ROOT, ours_at  # noqa: PLC0415

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


def serve_turns(python: str, orders: Iterator[str], answers: TextIO) -> None:
    """Start the product of this checkout as its bench does, by this Python; take the turns that are asked for."""
    from bench import __main__ as of_then  # noqa: PLC0415 - of this checkout
    from bench import servers  # noqa: PLC0415

    os.sched_setaffinity(0, set(os.sched_getaffinity(0)) - {servers.CORE})
    servers.FOLDER.mkdir(parents=True, exist_ok=True)
    hospital, database = asyncio.run(of_then._database(200_000))  # noqa: SLF001
    try:
        ours = next(server for server in servers.SERVERS if server.name == servers.OURS)
        ours = replace(ours, command=(python, "-c", _START, "serve"))
        every = {workload.name: workload for workload in of_then.WORKLOADS}
        bench = of_then.Bench(hospital, database, argparse.Namespace(workloads=[]))
        with servers.running(ours, database.app_url, bench.log) as (pid, port):
            print("ready", file=answers, flush=True)
            for order in orders:
                name, seconds = order.split()
                with _requests(of_then, bench, ours, every[name]) as path:
                    print(*_loaded(of_then, bench, (pid, port), path, int(seconds)), file=answers, flush=True)
    finally:
        asyncio.run(database.stop())


@contextmanager
def _requests(of_then: Any, bench: Any, ours: Any, workload: Any) -> Iterator[Path]:
    """Write a file that wrk sends, as each version of the bench does."""
    run = next(bench._runs) if workload.writes else 0  # noqa: SLF001
    asked = itertools.islice(workload.requests(bench.hospital, run), _MOST)
    path = Path(of_then.FOLDER) / f"vez-{workload.name}.tsv"
    where, body, write = (getattr(of_then, name) for name in ("_method_and_path", "_body", "_write_requests"))
    write(path, ((*where(ours, workload, one), one.caller, body(ours, workload, one)) for one in asked))
    try:
        yield path
    finally:
        path.unlink()


def _loaded(of_then: Any, bench: Any, server: tuple[int, int], path: Path, seconds: int) -> tuple[float, float]:
    """Give the CPU of a request, in microseconds: the server's and the database's."""
    (pid, port), kernel = server, of_then.kernel
    pids = kernel.tree(pid)
    before = kernel.cpu(pids), kernel.cpu([bench.database.pid])
    told = bench.wrk.run(port, path, seconds)
    after = kernel.cpu(pids), kernel.cpu([bench.database.pid])
    if told.failed or not told.requests:
        sys.exit(f"{path.stem}: {told.failed} pedidos falharam.")
    return (after[0] - before[0]) / told.requests, (after[1] - before[1]) / told.requests


if __name__ == "__main__":
    if Path(sys.argv[0]).parent.name == "bench" and len(sys.argv) == 3 and Path(sys.argv[1]).is_dir():
        channel = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)  # what is said meanwhile is for people
        sys.path[0] = sys.argv[1]
        serve_turns(sys.argv[2], sys.stdin, channel)
    else:
        main()
