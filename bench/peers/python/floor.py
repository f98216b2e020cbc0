"""The floor: bare ASGI on uvicorn. MODE is ``fixed`` (an answer made before) or ``rows`` (a joined SELECT, orjson)."""

import os
from typing import Any
from urllib.parse import unquote

import orjson
from hospital import L1, PACIENTE, Q2, Q3, Booking, Pool, key, of_l1, of_q2, of_q3, person, stored, verify

FIXED = os.environ["MODE"] == "fixed"
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
pool: Pool
made: dict[str, bytes] = {}


async def ask(name: str, argument: str) -> Any:
    if name == "q1":
        return person((await pool.rows(PACIENTE, [key(argument)]))[0])
    if name == "q2":
        return of_q2(await pool.rows(Q2, [key(argument)]))
    if name == "q3":
        return of_q3(await pool.rows(Q3, [key(argument)]))
    if name == "l1":
        return of_l1(await pool.rows(L1, [stored(argument)]))
    return [person(row) for row in await pool.search(argument)]


async def app(scope: Any, receive: Any, send: Any) -> None:
    global pool
    if scope["type"] == "lifespan":
        await receive()
        pool = await Pool.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        pool.close()
        await send({"type": "lifespan.shutdown.complete"})
        return
    headers = dict(scope["headers"])
    claims = verify(headers[b"authorization"].decode())
    _, name, *rest = scope["path"].split("/")
    if FIXED and name in made:
        await receive()
        answer = made[name]
    else:
        if name == "m1":
            answer = orjson.dumps(await pool.book(Booking(orjson.loads((await receive())["body"]), claims["sub"])))
        else:
            answer = orjson.dumps(await ask(name, unquote(rest[0])))
        if FIXED:
            made[name] = answer
    await send(START)
    await send({"type": "http.response.body", "body": answer})
