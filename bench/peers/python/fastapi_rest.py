"""FastAPI with response models, on aiomysql's pool."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header
from hospital import L1, PACIENTE, Q2, Q3, Booking, Pool, key, of_l1, of_q2, of_q3, person, stored, verify
from pydantic import BaseModel

pool: Pool


class Named(BaseModel):
    id: str
    nome: str


class Paciente(Named):
    cpf: str
    nascimento: date


class PacienteDaAgenda(Named):
    cpf: str


class Profissional(Named):
    registro: str


class Prontuario(BaseModel):
    id: str
    criadoEm: str
    texto: str


class Marcada(BaseModel):
    id: str
    inicio: str
    fim: str
    situacao: str
    motivo: str


class ComProfissional(Marcada):
    profissional: Profissional


class DaAgenda(BaseModel):
    id: str
    inicio: str
    situacao: str
    paciente: PacienteDaAgenda
    profissional: Named
    prontuarios: list[Prontuario]


class DaLista(BaseModel):
    id: str
    inicio: str
    fim: str
    situacao: str
    paciente: Named
    profissional: Named


class Pedido(BaseModel):
    pacienteId: str
    profissionalId: str
    inicio: str
    duracaoEmMinutos: int
    motivo: str


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    global pool
    pool = await Pool.open()
    yield
    pool.close()


async def user(authorization: Annotated[str, Header()]) -> dict[str, Any]:
    return verify(authorization)


User = Annotated[dict[str, Any], Depends(user)]
app = FastAPI(lifespan=lifespan)


@app.get("/q1/{id}", response_model=Paciente)
async def q1(id: str, _: User) -> Any:
    return person((await pool.rows(PACIENTE, [key(id)]))[0])


@app.get("/q2/{id}", response_model=list[ComProfissional])
async def q2(id: str, _: User) -> Any:
    return of_q2(await pool.rows(Q2, [key(id)]))


@app.get("/q3/{id}", response_model=list[DaAgenda])
async def q3(id: str, _: User) -> Any:
    return of_q3(await pool.rows(Q3, [key(id)]))


@app.get("/l1/{until}", response_model=list[DaLista])
async def l1(until: str, _: User) -> Any:
    return of_l1(await pool.rows(L1, [stored(until)]))


@app.get("/s1/{text}", response_model=list[Paciente])
async def s1(text: str, _: User) -> Any:
    return [person(row) for row in await pool.search(text)]


@app.post("/m1", response_model=Marcada)
async def m1(wanted: Pedido, claims: User) -> Any:
    return await pool.book(Booking(wanted.model_dump(), claims["sub"]))
