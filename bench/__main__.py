"""``python -m bench``: every server in short turns, the same requests; medians, as ratios of each round."""

import argparse
import asyncio
import itertools
import json
import math
import os
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bench import kernel, report
from bench.fast_python import described, fastest
from bench.hospital import Hospital, Person, loaded
from bench.profile import shares
from bench.servers import (
    FOLDER,
    OURS,
    PRODUCT,
    SERVERS,
    Server,
    collecting,
    cores_of,
    install_peers,
    neighbours,
    ours_at,
    ours_in,
    ours_telling,
    running,
)
from bench.workloads import WORKLOADS, Asked, Workload, distinct
from bench.wrk import CONNECTIONS, Outcome, Wrk
from sghss_graphql.confianca.acesso.token import LIFETIME
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.embedded import EmbeddedServer

_CHECKED = 12  # requests of each workload whose answers are compared
_WRITTEN = ("consulta", "cuidado", "tempo", "consulta_mudanca", "auditoria")
_MOST = 40_000  # requests in a file


@dataclass
class Started:
    """A server that runs; the file that it is sent, how many it has and were sent, how many failed unheard."""

    server: Server
    pid: int
    port: int
    requests: Path = FOLDER
    known: int = 0
    sent: int = 0
    failed: int = 0


class Bench:
    """One size of the hospital, its database, and the load."""

    def __init__(self, hospital: Hospital, database: EmbeddedServer, options: argparse.Namespace) -> None:
        self.hospital = hospital
        self.database = database
        self.options = options
        self.log = FOLDER / "servidores.log"
        self.expected: dict[str, list[Any]] = {}
        self._runs = self._numbered()

    @cached_property
    def wrk(self) -> Wrk:
        """The load."""
        return Wrk()

    def check(self, server: Server) -> None:
        """Start a server and compare its answers; leave with words about the first that differs."""
        with running(server, self.database.app_url, self.log) as (_, port):
            for workload in self.workloads(server):
                if server.exact:
                    self._check(server, port, workload)

    @contextmanager
    def started(self, servers: Iterable[Server]) -> Iterator[list["Started"]]:
        """Start servers, all at once: whoever isn't asked anything costs nothing."""
        url, python = self.database.app_url, fastest()
        with ExitStack() as stack:
            yield [
                Started(server, *stack.enter_context(running(server, url, self.log, python=python)))
                for server in servers
            ]

    def measured(self, started: Sequence["Started"], workload: Workload, *, check: bool) -> Iterator[report.Result]:
        """Load each server in two short turns, and give what each took: what a machine does meanwhile hits them all.

        Answers are compared first, if ``check`` says so, and each is warmed up.
        """
        taught = [one for one in started if workload in self.workloads(one.server)]
        for one in taught:  # before any is loaded: rows are counted, and a load's last requests go on after it
            if check and one.server.exact:
                self._check(one.server, one.port, workload)
        for one in taught:
            self._prepare(one, workload)
            one.failed = self._load(one, workload, self.options.warm).failed
        for one in (*taught, *taught[::-1]):
            yield self._turn(one, workload)
        for one in taught:
            one.requests.unlink()

    def _prepare(self, one: "Started", workload: Workload) -> None:
        one.requests, one.known = self.requests(one.server, workload, f"{workload.name}-{one.port}")
        one.sent = 0

    def _load(self, one: "Started", workload: Workload, seconds: float) -> Outcome:
        connections = CONNECTIONS * one.server.processes
        told = self.wrk.run(one.port, one.requests, seconds, skip=one.sent, connections=connections)
        one.sent += told.requests + connections  # what was on its way at the end
        if workload.writes and one.sent > one.known:
            sys.exit(f"{workload.name}: os {one.known} pedidos acabaram antes do tempo; meça por menos (-s, -w).")
        return told

    def _turn(self, one: "Started", workload: Workload) -> report.Result:
        if workload.writes:  # what was written is taken
            self._prepare(one, workload)
        pids = kernel.tree(one.pid)
        before = kernel.cpu(pids), kernel.cpu([self.database.pid])
        with neighbours(one.server.neighbours):
            told = self._load(one, workload, self.options.seconds)
        after = kernel.cpu(pids), kernel.cpu([self.database.pid])
        failed, one.failed = one.failed + told.failed, 0
        if not told.requests:
            print(f"{one.server.name} não respondeu nada a {workload.name}; veja {self.log}.", flush=True)
            nan = math.nan
            return report.Result(one.server.name, workload.name, nan, 0, nan, nan, nan, max(failed, 1), nan)
        return report.Result(
            server=one.server.name,
            workload=workload.name,
            cpu=(after[0] - before[0]) / told.requests,
            rate=told.requests / told.seconds,
            p50=told.p50,
            p99=told.p99,
            database=(after[1] - before[1]) / told.requests,
            failed=failed,
            memory=kernel.memory(kernel.tree(one.pid)),
        )

    def workloads(self, server: Server) -> list[Workload]:
        """Give those that a server is taught."""
        ours = server.name.startswith(OURS)
        return [one for one in self.options.workloads if ours or one.homes is None or server.home in one.homes]

    def requests(self, server: Server, workload: Workload, name: str) -> tuple[Path, int]:
        """Write the file that wrk sends, and count it; one that writes has times of its own that nobody else books."""
        run = next(self._runs) if workload.writes else 0
        path = FOLDER / f"pedidos-{name}.tsv"
        every = itertools.islice(workload.requests(self.hospital, run), _MOST)
        return path, _write_requests(
            path,
            ((*_method_and_path(server, workload, one), one.caller, _body(server, workload, one)) for one in every),
        )

    def _check(self, server: Server, port: int, workload: Workload) -> None:
        """Compare answers with the product's; of one that writes, the rows too."""
        run = next(self._runs) if workload.writes else 0
        every = list(itertools.islice(workload.requests(self.hospital, run), 2_000))
        asked = every[:: max(len(every) // _CHECKED, 1)]
        rows = asyncio.run(self._count()) if workload.writes else {}
        answers = [_ask(server, port, workload, one) for one in asked]
        if workload.writes:
            now = asyncio.run(self._count())
            added = {table: now[table] - rows[table] for table in rows}
            answers = [added, *({**answer, "id": "…", "inicio": "…", "fim": "…"} for answer in answers)]
        expected = self.expected.setdefault(workload.name, answers)
        for mine, right in zip(answers, expected, strict=True):
            if mine != right:
                sys.exit(f"{server.name} responde outra coisa a {workload.name}:\n{mine}\nem vez de\n{right}"[:4000])

    async def _count(self) -> dict[str, int]:
        db = Database(self.database.owner_url)
        counted = {}
        for table in _WRITTEN:
            ((counted[table],),) = await db.select(f"SELECT COUNT(*) FROM {table}")
        await db.close()
        return counted

    def _numbered(self) -> Iterator[int]:
        """Number the runs that write, for as long as the database lasts."""
        path = self.database.folder / "marcadas"
        while True:
            number = int(path.read_text()) if path.exists() else 0
            path.write_text(str(number + 1))
            yield number


def _write_requests(path: Path, requests: Iterable[tuple[str, str, Person, str]]) -> int:
    """Write a file for wrk, and count it: method, path, a token of the caller's that is good from now on, body."""
    tokens: dict[Person, str] = {}
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for method, address, caller, body in requests:
            if caller not in tokens:
                tokens[caller] = caller.token()
            file.write(f"{method}\t{address}\t{tokens[caller]}\t{body}\n")
            count += 1
    return count


def _method_and_path(server: Server, workload: Workload, asked: Asked) -> tuple[str, str]:
    if not server.rest:
        return "POST", "/graphql"
    return ("POST" if workload.writes else "GET"), asked.path


def _body(server: Server, workload: Workload, asked: Asked) -> str:
    if not server.rest:
        return workload.body(asked)
    return json.dumps(asked.variables["input"]) if workload.writes else ""


def _ask(server: Server, port: int, workload: Workload, asked: Asked) -> Any:
    method, path = _method_and_path(server, workload, asked)
    body = _body(server, workload, asked)
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        method=method,
        data=body.encode() or None,
        headers={"Authorization": f"Bearer {asked.caller.token()}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own address
        return workload.answer(server.rest, json.loads(answer.read()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Mede o servidor ao lado dos outros.")
    parser.add_argument("-r", "--rounds", type=int, default=3, help="rodadas, cada uma com tudo de novo (3)")
    parser.add_argument("-s", "--seconds", type=int, default=3, help="segundos de cada vez (3)")
    parser.add_argument("-w", "--warm", type=int, default=3, help="segundos de aquecimento antes de cada medida (3)")
    parser.add_argument("--servers", default="", help="partes dos nomes dos servidores, separadas por vírgula")
    parser.add_argument("--before", default="", help="um commit: mede também o nosso como era nele")
    parser.add_argument("--workloads", default="", help="Q1,Q2,Q3,M1,S1,S2,S3,L1,H1")
    parser.add_argument("--consultas", type=int, default=200_000, help="tamanho do hospital (200000)")
    parser.add_argument("--told", action="store_true", help="só o nosso: o que custam registro, métricas e traços")
    parser.add_argument("--processes", type=int, default=0, help="só o nosso: quanto carregam tantos processos")
    parser.add_argument("--check", action="store_true", help="só confere que todos respondem o mesmo")
    parser.add_argument("--profile", action="store_true", help="só o nosso: em que partes o tempo passa (py-spy)")
    parser.add_argument("--memory", action="store_true", help="só a memória do nosso, sob textos sempre diferentes")
    parser.add_argument("--requests", type=int, default=1_000_000, help="pedidos de --memory (1000000)")
    parser.add_argument("--scale", action="store_true", help="só o nosso, de 20 mil a 2 milhões de consultas")
    options = parser.parse_args()
    parts = [part.lower() for part in options.servers.split(",") if part]
    options.servers = [server for server in SERVERS if not parts or any(part in server.name.lower() for part in parts)]
    options.servers += [ours_at(options.before)] if options.before else []
    names = options.workloads.upper().split(",") if options.workloads else []
    options.servers = ours_in(options.processes) if options.processes else options.servers
    ours_alone = options.scale or options.profile
    options.workloads = [one for one in WORKLOADS if (one.name in names if names else ours_alone or not one.alone)]
    if any(workload.alone for workload in options.workloads):
        options.servers = [server for server in options.servers if server.name == OURS]
    return options


async def _database(consultas: int) -> tuple[Hospital, EmbeddedServer]:
    hospital = Hospital(consultas)
    print(f"Hospital de {consultas:,} consultas …", flush=True)
    return hospital, await loaded(hospital, FOLDER, set(os.sched_getaffinity(0)))


def compare(options: argparse.Namespace) -> None:
    """Measure every server, started anew each round: two of the same aren't as fast, by where their memory lies."""
    hospital, database = asyncio.run(_database(options.consultas))
    try:
        bench = Bench(hospital, database, options)
        if options.check:
            for server in options.servers:
                bench.check(server)
                print(f"responde o mesmo: {server.name}", flush=True)
            return
        results: list[report.Result] = []
        for number in range(options.rounds):
            with bench.started(options.servers) as started:
                for workload in options.workloads:
                    began = time.monotonic()
                    found = list(bench.measured(started, workload, check=number == 0))
                    results += found
                    took = time.monotonic() - began
                    print(f"rodada {number + 1}  {report.brief(found)}  ({took:.0f} s)", flush=True)
                    report.write_json(results, FOLDER / "resultado.json")
        print(report.tables(results))
        if options.processes:
            print(report.carried(results, options.processes))
        report.plot(results, FOLDER / "resultado.svg")
        print(f"\nGravados: {FOLDER / 'resultado.json'} e {FOLDER / 'resultado.svg'}")
        if any(result.failed for result in results):
            raise SystemExit("Pedidos falharam: quem recusa gasta pouco, e as figuras destes não valem.")
    finally:
        asyncio.run(database.stop())


def scale(options: argparse.Namespace) -> None:
    """Measure the product alone, in hospitals of three sizes."""
    by_size: dict[int, list[report.Result]] = {}
    for consultas in (20_000, 200_000, 2_000_000):
        hospital, database = asyncio.run(_database(consultas))
        try:
            bench = Bench(hospital, database, options)
            for _ in range(options.rounds):
                with bench.started([PRODUCT]) as started:
                    for workload in options.workloads:
                        found = list(bench.measured(started, workload, check=False))
                        by_size.setdefault(consultas, []).extend(found)
                        print(report.brief(found), flush=True)
        finally:
            asyncio.run(database.stop())
    print(report.growth(by_size))


def profile(options: argparse.Namespace) -> None:
    """Load the product alone, and tell in which parts its time goes."""
    hospital, database = asyncio.run(_database(options.consultas))
    try:
        bench = Bench(hospital, database, options)
        with (
            running(PRODUCT, database.app_url, bench.log, python=fastest()) as (pid, port),
            ThreadPoolExecutor() as pool,
        ):
            for workload in options.workloads:
                requests, _ = bench.requests(PRODUCT, workload, workload.name)
                sent = bench.wrk.run(port, requests, options.warm).requests
                load = pool.submit(bench.wrk.run, port, requests, 12, skip=sent + CONNECTIONS)
                parts = shares(pid, 10)
                load.result()
                print(f"\n{workload.name}: {workload.title}")
                print("\n".join(f"  {share:5.1f} %  {part}" for part, share in parts))
    finally:
        asyncio.run(database.stop())


def memory(options: argparse.Namespace) -> None:
    """Send many requests of ten thousand distinct texts, and tell what the server holds meanwhile."""
    hospital, database = asyncio.run(_database(20_000))
    path = FOLDER / "pedidos-memoria.tsv"
    try:
        bench, asked = Bench(hospital, database, options), list(distinct(hospital))
        with running(PRODUCT, database.app_url, bench.log, python=fastest()) as (pid, port):
            sent, held, signed = 0, [], -math.inf
            while sent < options.requests:
                if time.monotonic() - signed > LIFETIME / 2:
                    _write_requests(path, (("POST", "/graphql", caller, body) for body, caller in asked))
                    signed = time.monotonic()
                told = bench.wrk.run(port, path, 60, skip=sent)
                sent += told.requests
                held.append(kernel.memory(kernel.tree(pid)))
                print(f"{sent:>10,} pedidos  {held[-1]:7.1f} MiB  falhas: {told.failed}", flush=True)
        print(f"do primeiro quarto ao fim: {held[-1] / held[len(held) // 4]:.2f} vezes")
    finally:
        asyncio.run(database.stop())


def main() -> None:
    """Run what was asked for."""
    options = _options()
    FOLDER.mkdir(parents=True, exist_ok=True)
    others = set(os.sched_getaffinity(0)) - cores_of(options.processes or 1)
    os.sched_setaffinity(0, others)  # the database and the load inherit it
    for chosen, work in ((options.scale, scale), (options.memory, memory), (options.profile, profile)):
        if chosen:
            work(options)
            return
    if options.told:
        with collecting() as collector:
            options.servers = ours_telling(collector)
            compare(options)
        return
    install_peers(options.servers)
    if not options.check:
        print(f"Os servidores em Python: {described()}", flush=True)
    compare(options)


if __name__ == "__main__":
    main()
