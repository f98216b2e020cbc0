"""``python -m bench.abuse``: what the worst requests of each kind cost the server, and whoever asks beside them.

One server, watched (``bench.watched``), with the throttles that it has by default; known people ask a steady Q1, from
one address. Beside them somebody sends one kind of hostile request after the other from another address, known or not,
over a few connections, as fast as they are answered. A new limit of the product's comes with a line here.
"""

import argparse
import asyncio
import contextlib
import gzip
import itertools
import json
import multiprocessing
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench import kernel
from bench.hospital import Hospital, Person, loaded
from bench.servers import CORE, FOLDER, OURS, Server, running
from bench.workloads import WORKLOADS
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.demo.pessoas import Sorteio
from sghss_graphql.vocabulario import ids

SEEN = Path(tempfile.gettempdir()) / f"sghss-vigiado-{os.getpid()}.json"
CALM = "127.0.0.1"
RATE = 50
"""Requests of the normal load in a second; what they wait is counted from when they should have been sent."""
CONNECTIONS = 4
PAUSE = 0.01  # seconds between an answer and the next request
_WAIT = 15.0  # seconds for an answer
_WARM = 2.0  # seconds of the normal load before anything is measured

Send = Callable[[int], bytes]
"""Gives the nth request's bytes."""
Lay = Callable[[int, str, float], Awaitable[int]]
"""Does something else to a port, from an address, for so many seconds; gives how often."""


@dataclass(frozen=True)
class Kind:
    """A kind of hostile request; ``person`` is who sends it, nobody if None."""

    title: str
    send: Send | None = None
    person: Person | None = None
    lay: Lay | None = None


@dataclass(frozen=True)
class Outcome:
    """What a kind did: see ``table``."""

    kind: Kind
    sent: int
    refused: int
    longest: float
    whose: str
    cpu: float
    kept: float
    p99: float


def http(body: bytes, person: Person | None, headers: str = "") -> bytes:
    """Write a POST as browsers do."""
    token = f"Authorization: Bearer {person.token()}\r\n" if person else ""
    head = f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{token}{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def operation(query: str, **variables: Any) -> bytes:
    """Write a GraphQL request's body."""
    return json.dumps({"query": query, "variables": variables}).encode()


def _cadastrar(**values: Any) -> bytes:
    return operation(
        "mutation($i: CadastrarPacienteInput!) { cadastrarPaciente(input: $i) { erros { codigo } } }", i=values
    )


def _login(cpf: str, senha: str) -> bytes:
    return operation(
        "mutation($c: CPF!, $s: String!) { login(cpf: $c, senha: $s) { erros { codigo } } }", c=cpf, s=senha
    )


def _doubling(levels: int) -> str:
    parts = [f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels)]
    return "{ ...f0 } " + " ".join(parts) + f" fragment f{levels} on Query {{ __typename }}"


def by_strangers() -> Iterator[Kind]:
    """Give what nobody in particular sends."""
    unknown = "mutation {{ cadastrarPaciente(input: {{{}}}) {{ erros {{ codigo }} }} }}".format
    hard = "aA1!qwertyP@ssw0rd"  # to judge
    draw = Sorteio(1)
    cpfs = [draw.cpf() for _ in range(5_000)]
    room = 60_000  # bytes: of the 64 KiB that a stranger's body may have
    ruim = ["x"] * (room // 5)
    profissional = "mutation($i: CadastrarProfissionalInput!) { cadastrarProfissional(input: $i) { erros { codigo } } }"
    texts: dict[str, Send] = {
        "variável: lista de valores errados": lambda _: operation(profissional, i={"especialidades": [1] * 190}),
        "variável: lista longa demais": lambda _: operation(profissional, i={"especialidades": ruim}),
        "variável: um texto longo": lambda _: _cadastrar(nome="a" * room, nascimento="1990-01-01"),
        "45 x __schema": lambda _: operation("{" + "__schema { types { name } } " * 45 + "}"),
        "o mesmo nome 2.000 vezes": lambda _: operation("{" + "eu { id } " * 2_000 + "}"),
        "o mesmo nome no limite dos símbolos": lambda _: operation("{" + "eu { id } " * 49 + "}"),
        "3.200 campos desconhecidos": lambda _: operation(unknown(" ".join(f"x{n}: 1" for n in range(3_200)))),
        "campos desconhecidos no limite dos símbolos": lambda n: operation(
            unknown(" ".join(f"x{n}_{i}: 1" for i in range(320)))
        ),
        "níveis de [": lambda _: (
            b'{"query": "{ eu { id } }", "variables": {"a": ' + b"[" * (room // 2) + b"]" * (room // 2) + b"}}"
        ),
        "níveis de { no texto": lambda _: operation("{ eu " * 300 + "{ id }" + " }" * 300),
        "fragmentos que dobram": lambda _: operation(_doubling(40)),
        "textos sempre novos": lambda n: operation("{ " + " ".join(f"a{n}_{i}: __typename" for i in range(45)) + " }"),
        "introspecção, textos sempre novos": lambda n: operation(
            f"query I{n} {{ __schema {{ types {{ name fields {{ name args {{ name type {{ name }} }} }} }} }} }}"
        ),
        "comentários": lambda n: operation("#" + "x" * room + f"\n{{ a{n}: __typename }}"),
        "um inteiro de 50.000 dígitos": lambda _: operation(
            "{ pacientes(first: " + "9" * 50_000 + ") { totalCount } }"
        ),
        "entrar, sempre com a mesma senha errada": lambda n: _login(cpfs[n % 50], "errada1234"),
        "entrar, CPF por CPF": lambda n: _login(cpfs[n % len(cpfs)], "errada1234"),
        "cadastrar-se, com senhas difíceis de julgar": lambda n: _cadastrar(
            cpf=cpfs[n % len(cpfs)], nome="Ana Souza", nascimento="1990-01-01", senha=(hard * 4)[n % 9 :][:72]
        ),
        "uma chave repetida": lambda _: (
            b'{"query": "{ eu { id } }", "variables": {' + b'"a": 1, ' * 7_000 + b'"a": 1}}'
        ),
    }
    for title, body in texts.items():
        yield Kind(title, lambda n, body=body: http(body(n), None))  # type: ignore[misc]
    packed = gzip.compress(b"[" * 30_000_000)
    yield Kind("um corpo gzip", lambda _: http(packed, None, headers="Content-Encoding: gzip\r\n"))
    big = "".join(f"X-{n}: {'y' * 60}\r\n" for n in range(300))
    yield Kind("300 cabeçalhos", lambda _: http(operation("{ eu { id } }"), None, headers=big))
    long = f"X-Longo: {'y' * 200_000}\r\n"
    yield Kind("um cabeçalho de 200 kB", lambda _: http(operation("{ eu { id } }"), None, headers=long))
    forged = f"Authorization: Bearer {'e' * 1_000}.{'e' * 2_000}.{'e' * 900}\r\n"
    yield Kind("tokens falsos", lambda _: http(operation("{ eu { id } }"), None, headers=forged))
    behind = b"GET / HTTP/1.1\r\n\r\n" * 14_000
    yield Kind("14.000 pedidos de uma vez", lambda _: behind)
    yield Kind("1.000 conexões caladas", lay=_idle)
    yield Kind("1.000 conexões que dizem meio cabeçalho", lay=partial(_idle, words=b"POST /gr"))
    yield Kind("quem não lê as respostas", lay=_unread)


def by_known(hospital: Hospital) -> Iterator[Kind]:
    """Give what someone sends who has a token."""
    paciente, profissional, desk = (
        itertools.cycle(people[::-1]) for people in (hospital.pacientes, hospital.profissionais, hospital.desks)
    )
    room = 1_000_000
    registrar = "mutation($i: AdicionarProntuarioInput!) { adicionarProntuario(input: $i) { erros { codigo } } }"
    listed = "consultas(first: 100) { edges { node { id inicio paciente { id nome } profissional { id nome } } } }"
    pages = (
        "consultas(first: 100) { edges { node { profissional { consultas(first: 100) { edges { node { id } } } } } } }"
    )
    nobody = f"pac_{'0' * 32}"
    known: list[tuple[str, Iterator[Person], Callable[[int], bytes]]] = [
        ("variável: 1 MB de valores errados", paciente, lambda _: operation(registrar, i={"cid10": [1] * (room // 3)})),
        ("variável: 9.900 valores errados", paciente, lambda _: operation(registrar, i={"cid10": [{}] * 9_900})),
        ("100.000 códigos da CID-10", profissional, lambda _: operation(registrar, i={"cid10": ["I10"] * 100_000})),
        (
            "9.000 códigos da CID-10",
            profissional,
            lambda _: operation(
                registrar, i={"pacienteId": nobody, "tipo": "EVOLUCAO", "texto": "x", "cid10": ["I10"] * 9_000}
            ),
        ),
        (
            "1 MB numa variável",
            profissional,
            lambda _: operation(
                registrar, i={"pacienteId": nobody, "tipo": "EVOLUCAO", "texto": "á" * (room // 6), "cid10": []}
            ),
        ),
        (
            "first: -2147483648 ao lado de 100 x 100 x 100",
            desk,
            lambda n: operation(f"{{ x{n}: pacientes(first: -2147483648) {{ totalCount }} {pages} }}"),
        ),
        (
            "listas no limite do custo",
            desk,
            lambda _: operation("{ " + " ".join(f"a{n}: {listed}" for n in range(40)) + " }"),
        ),
        (
            "uma página de 100 dez vezes",
            desk,
            lambda _: operation("{ " + " ".join(f"a{n}: {listed}" for n in range(10)) + " }"),
        ),
        (
            "50 x totalCount",
            desk,
            lambda _: operation(
                "{ " + " ".join(f"a{n}: consultas(first: 1) {{ totalCount }}" for n in range(50)) + " }"
            ),
        ),
        (
            "19 x totalCount",
            desk,
            lambda _: operation(
                "{ " + " ".join(f"a{n}: consultas(first: 1) {{ totalCount }}" for n in range(19)) + " }"
            ),
        ),
        (
            "100 objetos recusados, oito vezes",
            desk,
            lambda _: operation(
                "{ "
                + " ".join(
                    f"a{n}: consultas(first: 100) {{ edges {{ node {{ prontuarios {{ id }} }} }} }}" for n in range(8)
                )
                + " }"
            ),
        ),
        (
            "textos novos de 900 campos",
            paciente,
            lambda n: operation("{ " + " ".join(f"a{n}_{i}: __typename" for i in range(450)) + " }"),
        ),
        (
            "textos novos de 10.000 símbolos",
            paciente,
            lambda n: operation(f"query Q{n} {{ eu {{ " + "...{ id } " * 2_400 + "} }"),
        ),
        (
            "textos novos, de argumentos",
            paciente,
            lambda n: operation(f"query Q{n} {{ eu {{ " + "id @include(if: true) " * 190 + "} }"),
        ),
    ]
    for title, role, body in known:
        person = next(role)  # somebody else for each kind, if there are as many: who owes nothing yet
        yield Kind(title, lambda n, body=body, person=person: http(body(n), person), person)  # type: ignore[misc]
    writer = next(profissional)

    def block(n: int) -> bytes:
        query = "mutation($i: BloquearAgendaInput!) { bloquearAgenda(input: $i) { erros { codigo } } }"
        period = {"inicio": "2035-01-01T00:00:00Z", "fim": f"2035-01-02T{n // 60 % 24:02d}:{n % 60:02d}:00Z"}
        rest = {"profissionalId": ids.publico(Profissional.prefixo, writer.chave), "motivo": "x"}
        return http(operation(query, i={**period, **rest}), writer)

    yield Kind("escritas sem fim: bloqueios da agenda", block, writer)


async def _idle(port: int, address: str, seconds: float, words: bytes = b"") -> int:
    """Open a thousand connections and say as good as nothing."""
    opened = []
    for _ in range(1_000):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
            writer.write(words)
            opened.append(writer)
    await asyncio.sleep(seconds)
    for writer in opened:
        writer.close()
    return len(opened)


async def _unread(port: int, address: str, seconds: float) -> int:
    """Ask for the schema again and again, and read nothing."""
    asked = http(operation("{ __schema { types { name description fields { name description } } } }"), None)
    opened = []
    for _ in range(80):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0), limit=1)
            writer.write(asked * 20)
            opened.append(writer)
    await asyncio.sleep(seconds)
    for writer in opened:
        writer.transport.abort()
    return 20 * len(opened)


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read an answer; give its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    await reader.readexactly(int(length.split(b":")[1]))
    return status


class Asker:
    """One connection, opened anew where it was closed."""

    def __init__(self, port: int, address: str) -> None:
        self._port = port
        self._address = address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> int:
        """Send a request, and give the status; 0 if the connection was closed instead.

        One that had lain idle may have been closed meanwhile: it is opened once more.
        """
        fresh = self._streams is None
        status = await self._ask(request)
        return status if status or fresh else await self._ask(request)

    async def _ask(self, request: bytes) -> int:
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(
                    "127.0.0.1", self._port, local_addr=(self._address, 0), limit=2**26
                )
            reader, writer = self._streams
            writer.write(request)
            return await asyncio.wait_for(_answer(reader), _WAIT)
        except (OSError, EOFError, TimeoutError):
            self.close()
            return 0

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].transport.abort()
        self._streams = None


async def attack(kind: Kind, port: int, address: str, seconds: float) -> tuple[int, int]:
    """Send a kind's requests for some seconds; give how many, and how many of them were slowed (429, 503)."""
    if kind.lay is not None:
        return await kind.lay(port, address, seconds), 0
    assert kind.send
    send, numbers, end = kind.send, itertools.count(), time.monotonic() + seconds
    statuses: list[int] = []

    async def one() -> None:
        asker = Asker(port, address)
        while time.monotonic() < end:
            statuses.append(await asker.ask(send(next(numbers))))
            await asyncio.sleep(PAUSE)
        asker.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(one())
    return len(statuses), sum(status in (0, 429, 503) for status in statuses)


async def _steady(port: int, requests: list[bytes], told: Connection) -> None:
    """Ask at a steady rate until told to end; tell the milliseconds that answers took, whenever asked."""
    taken: list[float] = []
    failed = 0
    idle = [Asker(port, CALM) for _ in range(20)]

    async def one(request: bytes, due: float) -> None:
        nonlocal failed
        asker = idle.pop() if idle else Asker(port, CALM)
        status = await asker.ask(request)
        taken.append(1000 * (time.monotonic() - due))
        failed += status != 200
        idle.append(asker)

    due, number, tasks = time.monotonic(), 0, set()
    while True:
        if told.poll():
            if told.recv() is None:
                return
            told.send((taken[:], failed))
            taken.clear()
            failed = 0
        tasks.add(task := asyncio.create_task(one(requests[number % len(requests)], due)))
        task.add_done_callback(tasks.discard)
        number, due = number + 1, due + 1 / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))


def _keep_asking(port: int, requests: list[bytes], told: Connection) -> None:
    asyncio.run(_steady(port, requests, told))


class Run:
    """The server, the normal load beside it, and what a kind does to both."""

    def __init__(self, pid: int, port: int, hospital: Hospital) -> None:
        self._pids = kernel.tree(pid)
        self._pid, self._port = pid, port
        q1 = WORKLOADS[0]
        requests = [http(q1.body(asked).encode(), asked.caller) for asked in q1.requests(hospital, 0)]
        self._load, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_keep_asking, args=(port, requests, theirs), daemon=True)
        self._process.start()
        time.sleep(_WARM)
        self._calm_cpu = 0.0
        self._addresses = itertools.count(1)
        os.nice(10)  # whoever asks beside them is on the same core

    def end(self) -> None:
        """Ask no more."""
        self._load.send(None)
        self._process.join()

    def measure(self, kind: Kind | None, seconds: float) -> Outcome:
        """Let a kind do its worst for some seconds; None is the calm before."""
        self._waited(), self._seen()
        memory, cpu, began = kernel.memory(self._pids), kernel.cpu(self._pids), time.monotonic()
        if kind is None:
            time.sleep(seconds)
            sent, refused = 0, 0
        else:
            sent, refused = asyncio.run(attack(kind, self._port, f"127.0.1.{next(self._addresses)}", seconds))
        spent, took = kernel.cpu(self._pids) - cpu, time.monotonic() - began
        if kind is None:
            self._calm_cpu = spent / took
        seen, waited = self._seen(), self._waited()
        return Outcome(
            kind=kind or Kind("a carga normal, sozinha"),
            sent=sent,
            refused=refused,
            longest=seen["longest"],
            whose=seen["whose"],
            cpu=max(0.0, spent - self._calm_cpu * took) / 1000 / max(sent, 1),
            kept=kernel.memory(self._pids) - memory,
            p99=statistics.quantiles(waited, n=100)[98],
        )

    def _waited(self) -> list[float]:
        self._load.send("")
        waited, failed = self._load.recv()
        if failed:
            print(f"  {failed} pedidos da carga normal falharam", flush=True)
        return list(waited)

    def _seen(self) -> dict[str, Any]:
        SEEN.unlink(missing_ok=True)
        os.kill(self._pid, signal.SIGUSR1)
        for _ in range(200):
            if SEEN.exists():
                return dict(json.loads(SEEN.read_text()))
            time.sleep(0.05)
        sys.exit("o servidor vigiado não responde")


def table(calm: Outcome, outcomes: list[Outcome]) -> str:
    """Write what each kind did, in Markdown."""
    lines = [
        "| O que se envia | quem | pedidos | recusados¹ | trecho² | CPU por pedido | memória | p99 ao lado³ |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
        f"| {calm.kind.title} | | | | {calm.longest:.0f} ms | | | {calm.p99:.1f} ms |",
    ]
    for one in outcomes:
        who = "com token" if one.kind.person else "estranho"
        lines.append(
            f"| {one.kind.title} | {who} | {one.sent:,} | {one.refused:,} | {one.longest:.0f} ms | {one.cpu:.1f} ms"
            f" | {one.kept:+.1f} MiB | {one.p99:.1f} ms ({one.p99 / calm.p99:.1f} x) |"
        )
    notes = [
        f"¹ Com 429 ou 503, ou fechando a conexão. São {CONNECTIONS} conexões, e em cada uma o próximo pedido vai"
        " assim que o anterior é respondido.",
        "² O trecho mais longo em que o laço de eventos não atendeu mais ninguém, em CPU da sua thread.",
        f"³ O que {RATE} pedidos Q1 por segundo esperam, de outro endereço; entre parênteses,"
        " em relação à primeira linha.",
    ]
    return "\n".join([*lines, "", *notes])


def main() -> None:
    """Measure every kind, print the table, and leave with 1 if a stretch was too long."""
    parser = argparse.ArgumentParser(prog="python -m bench.abuse", description="Mede o que os piores pedidos custam.")
    parser.add_argument("-s", "--seconds", type=float, default=20, help="segundos de cada espécie (20)")
    parser.add_argument("--consultas", type=int, default=20_000, help="tamanho do hospital (20000)")
    parser.add_argument("--only", default="", help="só o que tem isto no nome")
    parser.add_argument("--most", type=float, default=50, help="o trecho mais longo que se aceita, em ms (50)")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.sched_setaffinity(0, set(os.sched_getaffinity(0)) - {CORE})
    hospital = Hospital(options.consultas)
    database = asyncio.run(loaded(hospital, FOLDER, set(os.sched_getaffinity(0))))
    kinds = [k for k in (*by_strangers(), *by_known(hospital)) if options.only.lower() in k.title.lower()]
    server = Server(OURS, (sys.executable, "-m", "bench.watched", str(SEEN)))
    outcomes = []
    try:
        with running(server, database.app_url, FOLDER / "abuso.log") as (pid, port):
            run = Run(pid, port, hospital)
            calm = run.measure(None, max(5, options.seconds))
            for kind in kinds:
                outcomes.append(run.measure(kind, options.seconds))
                one = outcomes[-1]
                print(
                    f"{one.longest:6.0f} ms  {one.cpu:7.1f} ms  {one.p99:7.1f} ms  {kind.title}  {one.whose}",
                    flush=True,
                )
            run.end()
    finally:
        asyncio.run(database.stop())
        SEEN.unlink(missing_ok=True)
    print(f"\n{table(calm, outcomes)}")
    if max(one.longest for one in outcomes) > options.most:
        sys.exit(f"um trecho passou de {options.most:g} ms")


if __name__ == "__main__":
    main()
