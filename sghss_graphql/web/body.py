"""A body is read whole or not at all: bounded in bytes and in seconds, and strict JSON.

Refused: NaN, duplicate keys, lone surrogates, invalid UTF-8, nesting past orjson's 1,024 levels; compressed
bodies; anything that isn't application/json (a form can be sent from any page: CVE-2024-47082).
"""

import asyncio
import json
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from sghss_graphql.errors import LimiteExcedido, RequisicaoInvalida


class TipoNaoSuportado(RequisicaoInvalida):
    """The body is of another media type, or compressed."""

    mensagem = "Envie o pedido em JSON, com Content-Type: application/json e sem compressão."


class CorpoDemorado(RequisicaoInvalida):
    """The body didn't arrive in time."""

    mensagem = "O corpo do pedido demorou demais para chegar."


async def read_json(request: Request, *, most_bytes: int, most_seconds: float) -> Any:
    """Read a request's body as JSON.

    Raises:
        TipoNaoSuportado, CorpoDemorado, LimiteExcedido, RequisicaoInvalida: the body isn't what it must be.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
        raise TipoNaoSuportado
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most_bytes:
        raise LimiteExcedido
    try:
        async with asyncio.timeout(most_seconds):
            return parse_json(await _read(request, most_bytes))
    except TimeoutError:
        raise CorpoDemorado from None
    except ClientDisconnect:
        raise RequisicaoInvalida from None


def parse_json(text: bytes | str) -> Any:
    """Parse strict JSON.

    Raises:
        RequisicaoInvalida: it isn't.
    """
    try:
        orjson.loads(text)
        return json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        raise RequisicaoInvalida("O corpo do pedido não é JSON válido.") from None


async def _read(request: Request, most_bytes: int) -> bytes:
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > most_bytes:
            raise LimiteExcedido
    return bytes(chunks)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found
