"""Strawberry as its documentation shows it: resolvers, DataLoaders, the parser's and the validation's caches."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, NewType

import strawberry
from hospital import BEFORE, OF_PACIENTE, OF_PROFISSIONAL, PACIENTE, Booking, Pool, instant, key, stored, verify
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

CPF = NewType("CPF", str)
Id = strawberry.ID


@strawberry.enum
class SituacaoDaConsulta(Enum):
    AGENDADA = "AGENDADA"
    CONFIRMADA = "CONFIRMADA"
    EM_ATENDIMENTO = "EM_ATENDIMENTO"
    REALIZADA = "REALIZADA"
    CANCELADA = "CANCELADA"
    FALTOU = "FALTOU"


@strawberry.enum
class CodigoDeErro(Enum):
    HORARIO_INDISPONIVEL = "HORARIO_INDISPONIVEL"


@strawberry.type
class Paciente:
    id: Id
    nome: str
    cpf: CPF | None
    nascimento: date


@strawberry.type
class Profissional:
    id: Id
    nome: str
    registro: str


@strawberry.type
class Prontuario:
    id: Id
    criado_em: datetime
    texto: str


@strawberry.type
class Consulta:
    id: Id
    inicio: datetime
    fim: datetime
    situacao: SituacaoDaConsulta
    motivo: str | None
    chave: strawberry.Private[bytes]
    paciente_id: strawberry.Private[bytes]
    profissional_id: strawberry.Private[bytes]

    @strawberry.field
    async def paciente(self, info: strawberry.Info) -> Paciente:
        return await info.context["pacientes"].load(self.paciente_id)

    @strawberry.field
    async def profissional(self, info: strawberry.Info) -> Profissional:
        return await info.context["profissionais"].load(self.profissional_id)

    @strawberry.field
    async def prontuarios(self, info: strawberry.Info) -> list[Prontuario]:
        return await info.context["prontuarios"].load(self.chave)


@strawberry.type
class ConsultaEdge:
    node: Consulta


@strawberry.type
class ConsultaConnection:
    edges: list[ConsultaEdge]


@strawberry.type
class PacienteEdge:
    node: Paciente


@strawberry.type
class PacienteConnection:
    edges: list[PacienteEdge]


@strawberry.input
class FiltroDeConsultas:
    paciente_id: Id | None = None
    profissional_id: Id | None = None
    ate: datetime | None = None


@strawberry.input
class AgendarConsultaInput:
    paciente_id: Id
    profissional_id: Id
    inicio: datetime
    duracao_em_minutos: int | None = 30
    motivo: str | None = None


@strawberry.type
class ErroDeUsuario:
    codigo: CodigoDeErro
    mensagem: str


@strawberry.type
class ConsultaPayload:
    consulta: Consulta | None
    erros: list[ErroDeUsuario]


def to_paciente(row: Any) -> Paciente:
    return Paciente(id=Id(f"pac_{row[0].hex()}"), nome=row[1], cpf=row[2], nascimento=row[3])


def to_consulta(row: Any) -> Consulta:
    chave, paciente, profissional, inicio, fim, situacao, motivo = row
    return Consulta(
        id=Id(f"con_{chave.hex()}"),
        inicio=inicio.replace(tzinfo=UTC),
        fim=fim.replace(tzinfo=UTC),
        situacao=SituacaoDaConsulta(situacao),
        motivo=motivo,
        chave=chave,
        paciente_id=paciente,
        profissional_id=profissional,
    )


@strawberry.type
class Query:
    @strawberry.field
    async def paciente(self, info: strawberry.Info, id: Id) -> Paciente | None:
        rows = await info.context["pool"].rows(PACIENTE, [key(id)])
        return to_paciente(rows[0]) if rows else None

    @strawberry.field
    async def pacientes(
        self, info: strawberry.Info, busca: str | None = None, first: int | None = None
    ) -> PacienteConnection:
        rows = await info.context["pool"].search(busca)
        return PacienteConnection(edges=[PacienteEdge(node=to_paciente(row)) for row in rows])

    @strawberry.field
    async def consultas(
        self, info: strawberry.Info, filtro: FiltroDeConsultas | None = None, first: int | None = None
    ) -> ConsultaConnection:
        assert filtro is not None
        if filtro.paciente_id:
            sql, value = OF_PACIENTE, key(filtro.paciente_id)
        elif filtro.profissional_id:
            sql, value = OF_PROFISSIONAL, key(filtro.profissional_id)
        else:
            sql, value = BEFORE, filtro.ate.replace(tzinfo=None)
        rows = await info.context["pool"].rows(sql, [value, first])
        return ConsultaConnection(edges=[ConsultaEdge(node=to_consulta(row)) for row in rows])


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def agendar_consulta(self, info: strawberry.Info, input: AgendarConsultaInput) -> ConsultaPayload:
        wanted = {
            "pacienteId": input.paciente_id,
            "profissionalId": input.profissional_id,
            "inicio": input.inicio.isoformat(),
            "duracaoEmMinutos": input.duracao_em_minutos,
            "motivo": input.motivo,
        }
        booking = Booking(wanted, info.context["user"]["sub"])
        await info.context["pool"].book(booking)
        row = (
            *(booking.consulta, booking.paciente, booking.profissional),
            *(booking.start, booking.end, "AGENDADA", booking.motivo),
        )
        return ConsultaPayload(consulta=to_consulta(row), erros=[])


def _places(keys: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(keys))


def by_key(pool: Pool, columns: str, table: str, make: Callable[[Any], Any]) -> Callable[[list[bytes]], Awaitable[Any]]:
    async def load(keys: list[bytes]) -> list[Any]:
        rows = await pool.rows(
            f"SELECT {columns} FROM {table} x JOIN pessoa e ON e.id = x.pessoa_id WHERE x.id IN ({_places(keys)})", keys
        )
        found = {row[0]: make(row) for row in rows}
        return [found.get(one) for one in keys]

    return load


def prontuarios_of(pool: Pool) -> Callable[[list[bytes]], Awaitable[list[list[Prontuario]]]]:
    async def load(keys: list[bytes]) -> list[list[Prontuario]]:
        found: dict[bytes, list[Prontuario]] = {one: [] for one in keys}
        sql = (
            f"SELECT id, criado_em, texto, consulta_id FROM prontuario WHERE consulta_id IN ({_places(keys)})"
            " ORDER BY consulta_id, numero DESC"
        )
        for id, criado_em, texto, consulta in await pool.rows(sql, keys):
            record = Prontuario(id=Id(f"pro_{id.hex()}"), criado_em=criado_em.replace(tzinfo=UTC), texto=texto)
            found[consulta].append(record)
        return [found[one] for one in keys]

    return load


def to_profissional(row: Any) -> Profissional:
    return Profissional(id=Id(f"prf_{row[0].hex()}"), nome=row[1], registro=row[2])


class App(GraphQL):
    pool: Pool

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        pool = App.pool
        return {
            "user": verify(request.headers["authorization"]),
            "pool": pool,
            "pacientes": DataLoader(by_key(pool, "x.id, e.nome, e.cpf, e.nascimento", "paciente", to_paciente)),
            "profissionais": DataLoader(
                by_key(
                    pool,
                    "x.id, e.nome, CONCAT(x.conselho, ' ', x.numero, '/', x.uf)",
                    "profissional",
                    to_profissional,
                )
            ),
            "prontuarios": DataLoader(prontuarios_of(pool)),
        }


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    App.pool = await Pool.open()
    yield
    App.pool.close()


SCALARS = {
    CPF: strawberry.scalar(name="CPF"),
    datetime: strawberry.scalar(
        name="DateTime",
        serialize=lambda at: instant(at.replace(tzinfo=None)),
        parse_value=lambda text: datetime.fromisoformat(f"{stored(text)}+00:00"),
    ),
}
schema = strawberry.Schema(
    Query, Mutation, extensions=[ParserCache, ValidationCache], config=StrawberryConfig(scalar_map=SCALARS)
)
app = Starlette(routes=[Route("/graphql", App(schema))], lifespan=lifespan)
