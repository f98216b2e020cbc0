"""Run with a checkout's own ``bench`` on its path (``bench.beside``): loads that checkout's product when it is told to.

It says when it is ready, then reads a workload and seconds a line, and answers with what a request took: microseconds
of CPU, the server's and the database's. It knows what every version of the bench has, and no more.
"""

import argparse
import asyncio
import itertools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from bench import __main__ as of_then
from bench import servers


def serve(command: tuple[str, ...], orders: TextIO, answers: TextIO) -> None:
    """Start the product by a command, beside its own database; take the turns that are asked for."""
    os.sched_setaffinity(0, set(os.sched_getaffinity(0)) - {servers.CORE})
    servers.FOLDER.mkdir(parents=True, exist_ok=True)
    hospital, database = asyncio.run(of_then._database(200_000))  # noqa: SLF001 - it has no other door
    try:
        ours = next(server for server in servers.SERVERS if server.name == servers.OURS)
        ours, every = replace(ours, command=command), {workload.name: workload for workload in of_then.WORKLOADS}
        bench = of_then.Bench(hospital, database, argparse.Namespace(workloads=[]))
        with servers.running(ours, database.app_url, bench.log) as (pid, port):
            print("ready", file=answers, flush=True)
            for order in orders:
                name, seconds = order.split()
                with _requests(bench, ours, every[name]) as path:
                    print(*_loaded(bench, pid, port, path, int(seconds)), file=answers, flush=True)
    finally:
        asyncio.run(database.stop())


@contextmanager
def _requests(bench: Any, ours: Any, workload: Any) -> Iterator[Path]:
    """Write a file that wrk sends."""
    run = next(bench._runs) if workload.writes else 0  # noqa: SLF001
    where, body, write = (getattr(of_then, name) for name in ("_method_and_path", "_body", "_write_requests"))
    asked = itertools.islice(workload.requests(bench.hospital, run), of_then._MOST)  # noqa: SLF001
    path = servers.FOLDER / f"vez-{workload.name}.tsv"
    write(path, ((*where(ours, workload, one), one.caller, body(ours, workload, one)) for one in asked))
    try:
        yield path
    finally:
        path.unlink()


def _loaded(bench: Any, pid: int, port: int, path: Path, seconds: int) -> tuple[float, float]:
    kernel = of_then.kernel
    pids = kernel.tree(pid)
    before = kernel.cpu(pids), kernel.cpu([bench.database.pid])
    told = bench.wrk.run(port, path, seconds)
    after = kernel.cpu(pids), kernel.cpu([bench.database.pid])
    if told.failed or not told.requests:
        sys.exit(f"{path.stem}: {told.failed} pedidos falharam.")
    return (after[0] - before[0]) / told.requests, (after[1] - before[1]) / told.requests


if __name__ == "__main__":
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what is said meanwhile is for people
    serve(tuple(sys.argv[1:]), sys.stdin, channel)
