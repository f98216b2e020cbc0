"""``python -m bench.instructions``: how many instructions a request costs us, counted by valgrind's callgrind.

Time says little on a shared machine: a neighbour empties the caches, and a process isn't as fast as the next one. What
is counted is nearly the same each time, whatever else runs. It isn't time: a call that misses the caches costs more
than one that doesn't. Requests come one after the other on one connection, so that nothing is shared by chance.
"""

import argparse
import asyncio
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPResponse
from pathlib import Path

from bench.__main__ import Bench, _database
from bench.fast_python import described, fastest
from bench.servers import CORE, FOLDER, PRODUCT, Server, ours_at, running
from bench.workloads import WORKLOADS, Workload
from bench.wrk import unpacked

_WARM = 40
_PATIENCE = 300.0
"""Seconds until a server has started: it runs tens of times slower."""
_TOTAL = re.compile(rb"^totals: (\d+)", re.MULTILINE)


class Valgrind:
    """Starts servers under callgrind, and counts what they do."""

    def __init__(self, folder: Path) -> None:
        root = Path("/") if shutil.which("valgrind") and shutil.which("vgdb") else unpacked("valgrind", "valgrind")
        self._bin, self._folder = root / "usr/bin", folder
        self._environment = {} if root == Path("/") else {"VALGRIND_LIB": str(root / "usr/libexec/valgrind")}
        self._dumps = 0

    def around(self, server: Server) -> Server:
        """Give a server that runs under callgrind, which counts nothing until it is asked to."""
        options = ("--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={self._folder}/out")
        command = (str(self._bin / "valgrind"), *options, f"--vgdb-prefix={self._folder}/vgdb", *server.command)
        environment = {**server.environment, **self._environment, "PYTHONHASHSEED": "0", "SGHSS_TASKS": "false"}
        return replace(server, command=command, environment=environment, patience=_PATIENCE)

    @contextmanager
    def counting(self, pid: int) -> Iterator[list[int]]:
        """Count the instructions that a server runs meanwhile; they are in the list at the end."""
        counted: list[int] = []
        self._say(pid, "instrumentation", "on")
        self._say(pid, "zero")
        yield counted
        self._say(pid, "dump")
        self._say(pid, "instrumentation", "off")
        self._dumps += 1
        found = _TOTAL.findall((self._folder / f"out.{self._dumps}").read_bytes())
        counted.append(sum(map(int, found)))

    def _say(self, pid: int, *words: str) -> None:
        command = [str(self._bin / "vgdb"), f"--vgdb-prefix={self._folder}/vgdb", f"--pid={pid}", *words]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command line


def _ask(server: socket.socket, requests: Iterable[str]) -> None:
    """Send requests one after the other, each in one piece, as browsers do and http.client doesn't."""
    for line in requests:
        method, path, token, body = line.split("\t")
        content = body.encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        server.sendall(head.encode() + content)
        answer = HTTPResponse(server)
        answer.begin()
        if b'"errors"' in answer.read() or answer.status != 200:
            sys.exit(f"Um pedido foi recusado ({answer.status}), e o seu custo não vale: {body[:200]}")


def _count(bench: Bench, server: Server, workloads: Iterable[Workload], many: int) -> dict[str, float]:
    """Give the instructions of a request, by workload."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        valgrind = Valgrind(Path(folder))
        under = valgrind.around(server)
        with running(under, bench.database.app_url, bench.log, python=fastest()) as (pid, port):
            asked: dict[str, list[str]] = {}
            for workload in workloads:
                path, _ = bench.requests(server, workload, f"instrucoes-{workload.name}")
                lines = path.read_text(encoding="utf-8").splitlines()
                if not workload.writes:  # of so many callers, whose tokens are known by then
                    lines = list(itertools.islice(itertools.cycle(lines[: _WARM // 2]), _WARM + many))
                path.unlink()
                asked[workload.name] = lines[: _WARM + many]
            with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
                for lines in asked.values():  # all, before any is counted: what is made once is made by then
                    _ask(client, lines[:_WARM])
                for name, lines in asked.items():
                    with valgrind.counting(pid) as counted:
                        _ask(client, lines[_WARM:])
                    found[name] = counted[0] / many
    return found


def main() -> None:
    """Count, and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.instructions", description="Conta as instruções de cada pedido (valgrind)."
    )
    parser.add_argument("--before", default="", help="um commit: conta também as do nosso como era nele")
    parser.add_argument("--workloads", default="Q1,Q2,Q3,M1,S1,L1", help="Q1,Q2,Q3,M1,S1,S3,L1,H1")
    parser.add_argument("-n", type=int, default=60, help="pedidos contados de cada um (60)")
    parser.add_argument("--consultas", type=int, default=200_000, help="tamanho do hospital (200000)")
    options = parser.parse_args()
    names = options.workloads.upper().split(",")
    workloads = [one for one in WORKLOADS if one.name in names]
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.sched_setaffinity(0, set(os.sched_getaffinity(0)) - {CORE})
    print(f"Em {described()}", flush=True)
    hospital, database = asyncio.run(_database(options.consultas))
    try:
        bench = Bench(hospital, database, options)
        servers = [PRODUCT, *([ours_at(options.before)] if options.before else [])]
        counted = [_count(bench, server, workloads, options.n) for server in servers]
    finally:
        asyncio.run(database.stop())
    print(f"{'mil instruções por pedido':34}" + "".join(f"{one.name:>9}" for one in workloads))
    for server, found in zip(servers, counted, strict=True):
        print(f"  {server.name:32}" + "".join(f"{found[one.name] / 1000:9.0f}" for one in workloads))
    if options.before:
        today, then = counted
        print(f"  {'razão':32}" + "".join(f"{today[one.name] / then[one.name]:9.3f}" for one in workloads))


if __name__ == "__main__":
    main()
