"""``python -m tests.quedas.enxurrada``: callers who ask as fast as they are answered, in a process of their own.

It writes a JSON: how many were answered with which status, and the 99th percentile of what was answered as done, in
seconds.
"""

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from urllib.parse import urlsplit

from tests.processes import passing

PAGINA = "{ consultas(first: 100) { edges { node { id inicio paciente { nome } profissional { nome } } } } }"
_PAUSA = 0.2
"""Seconds after which whoever was turned away comes again, whatever Retry-After says."""


async def _um(url: str, token: str, fim: float, contagem: Counter[int], demoras: list[float]) -> None:
    corpo = json.dumps({"query": PAGINA}).encode()
    pedido = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(corpo)}\r\n\r\n"
    ).encode() + corpo
    host, porta = urlsplit(url).hostname, urlsplit(url).port
    escreve: asyncio.StreamWriter | None = None
    while time.monotonic() < fim:
        comeco = time.monotonic()
        try:
            if escreve is None:
                le, escreve = await asyncio.open_connection(host, porta, limit=2**24)
            escreve.write(pedido)
            cabeca = await le.readuntil(b"\r\n\r\n")
            tamanho = next(linha for linha in cabeca.lower().split(b"\r\n") if linha.startswith(b"content-length:"))
            await le.readexactly(int(tamanho.split(b":")[1]))
            status = int(cabeca.split(b" ", 2)[1])
        except (OSError, EOFError):
            status = 0
        contagem[status] += 1
        if status == 200:
            demoras.append(time.monotonic() - comeco)
            continue
        if escreve is not None:
            escreve.transport.abort()
            escreve = None
        await passing(_PAUSA)


async def _todos(url: str, quantos: int, segundos: float, tokens: list[str]) -> None:
    contagem: Counter[int] = Counter()
    demoras: list[float] = []
    fim = time.monotonic() + segundos
    await asyncio.gather(*(_um(url, tokens[n % len(tokens)], fim, contagem, demoras) for n in range(quantos)))
    p99 = statistics.quantiles(demoras, n=100)[98] if len(demoras) > 1 else None
    sys.stdout.write(json.dumps({"status": contagem, "p99": p99, "segundos": segundos}))


if __name__ == "__main__":
    _, url, quantos, segundos, *tokens = sys.argv
    asyncio.run(_todos(url, int(quantos), float(segundos), tokens))
