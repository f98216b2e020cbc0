"""The composition root: settings become services, services become routes, in one readable order."""

import asyncio
import gc
import importlib
import importlib.resources
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from sghss_graphql.atendimento.contingencia.porta import guardar
from sghss_graphql.confianca.acesso.chaves import jwk_set
from sghss_graphql.confianca.acesso.lacre import Cofre, Lacre
from sghss_graphql.confianca.acesso.redes import Redes, VazaoDeCadastros, rede_de
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.confianca.acesso.sessao import Sessoes
from sghss_graphql.confianca.acesso.tentativas import Tentativas
from sghss_graphql.confianca.acesso.token import Tokens
from sghss_graphql.confianca.acesso.vazao import Vazao, origem_de
from sghss_graphql.confianca.auditoria.trilha import Trilha
from sghss_graphql.confianca.repeticoes.regras import Marcas
from sghss_graphql.confianca.tarefas.porta import Vezes
from sghss_graphql.context import Contexto, Marcacoes, Servicos
from sghss_graphql.machinery.database import Database, DatabaseUrl, Transaction
from sghss_graphql.machinery.database.connections import ASKER, Hear
from sghss_graphql.machinery.database.meter import METER
from sghss_graphql.machinery.database.migrations import Migration, UnknownSchema, check_schema, read_migrations
from sghss_graphql.machinery.database.replicas import Replicas
from sghss_graphql.machinery.engine import Engine, Limits, Request, Schema
from sghss_graphql.machinery.faults import Unavailable
from sghss_graphql.machinery.tasks import Job, repeating
from sghss_graphql.machinery.web.crowd import Crowd
from sghss_graphql.machinery.web.direct import Direct
from sghss_graphql.machinery.web.documents import read_documents
from sghss_graphql.machinery.web.graphiql import PageForBrowsers, People, find_page, graphiql_routes
from sghss_graphql.machinery.web.graphql import Admit, Admitted, Caller, GraphQLEndpoint
from sghss_graphql.machinery.web.health import health_routes, plain_routes
from sghss_graphql.machinery.web.log import Book, configure_log, operation_name
from sghss_graphql.machinery.web.metrics import About, Figure, Figures, Served, publish
from sghss_graphql.machinery.web.origin import Origins
from sghss_graphql.machinery.web.places import Bounds, Sockets
from sghss_graphql.machinery.web.requests import LocalNames, RequestLog
from sghss_graphql.schema import SALAS, achar, create_schema
from sghss_graphql.settings import Settings, read_settings
from sghss_graphql.vocabulario.errors import NaoAutenticado, contar

OLDEST_SCHEMA = max(sala.migracao for sala in SALAS)
"""The last migration without which this version can't serve: that of the room that asks for the newest."""


def sql_folder() -> Path:
    """Give the folder ``sql/``: inside the package in a wheel, beside it in a checkout."""
    packaged = Path(str(importlib.resources.files("sghss_graphql"))) / "sql"
    return packaged if packaged.is_dir() else packaged.parents[1] / "sql"


def migrations() -> list[Migration]:
    """Read the migrations that this code was written for."""
    return read_migrations(sql_folder() / "migrations")


def grants() -> str:
    """Read the statements that give the application's user its rights."""
    return (sql_folder() / "grants.sql").read_text(encoding="utf-8")


def create_services(settings: Settings, heard: Hear | None = None) -> Servicos:
    """Make what all requests of this process share; ``heard`` hears their statements."""
    db = Database(
        settings.app_database,
        size=settings.pool_size,
        statement_timeout=settings.deadline_seconds,
        heard=heard,
        share=settings.database_seconds,
    )
    replicas = Replicas(db)
    if settings.read_url is not None:
        replicas.add(DatabaseUrl.parse(settings.read_url), size=settings.pool_size, heard=heard)
    tokens = Tokens(settings.keys, issuer=settings.jwt_issuer, audience=settings.jwt_audience)
    return Servicos(
        db=db,
        replicas=replicas,
        senhas=Senhas(settings.bcrypt_cost, Redes(settings.shared_networks)),
        sessoes=Sessoes(db, tokens, settings.session_idle),
        tentativas=Tentativas(
            db, settings.login_failures, Redes(settings.shared_networks), settings.login_tries_per_second
        ),
        trilha=Trilha(db),
        cadastros=VazaoDeCadastros(Redes(settings.shared_networks), settings.registrations_per_hour),
        lacre=Lacre([key.material for key in settings.keys]),
        dias_de_cuidado=settings.care_days,
        horas_de_emergencia=settings.emergency_hours,
        marcas=Marcas([key.material for key in settings.keys]),
        achar=achar,
        marcacoes=Marcacoes(
            settings.booking_days,
            settings.patient_booking_days,
            settings.patient_bookings,
            settings.patient_bookings_by_specialty,
            settings.encaixes,
        ),
        fuso=settings.time_zone,
        hospital=settings.hospital,
        demonstracao=settings.demonstration,
    )


def create_engine(settings: Settings, schema: Schema) -> Engine:
    """Make what runs operations."""
    limits = Limits(
        characters=settings.query_characters,
        tokens=settings.query_tokens,
        depth=settings.query_depth,
        fields=settings.query_fields,
        aliases=settings.query_aliases,
        directives=settings.query_directives,
        roots=settings.query_roots,
        objects=settings.query_objects,
    )
    return Engine(
        schema,
        tell=contar,
        introspection=settings.introspection,
        limits=limits,
        deadline=settings.deadline_seconds,
        at_once=settings.pool_size,
        failed=Contexto.falhou,
    )


def create_app(settings: Settings, demonstration: People = ()) -> Starlette:
    """Make the ASGI application; ``demonstration`` are the people that the page offers to log in as."""
    servicos, known = create_services(settings), migrations()
    schema = create_schema()
    engine = create_engine(settings, schema)
    crowd = Crowd(settings.requests_at_once)
    endpoint, sockets = _endpoint(settings, servicos, engine, crowd), _sockets(settings)
    page = find_page() if settings.graphiql else None
    served = Served()
    traces = importlib.import_module("sghss_graphql.machinery.web.traces").Traces() if settings.traces else None
    book = Book(served, every=settings.log_requests, slow=settings.slow_seconds, traces=traces.tell if traces else None)
    direct = None if demonstration else Direct(endpoint, book)  # the demo's answers to its own names
    figures = Figures(served, lambda: _figures(servicos, engine, crowd))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        try:
            await check_schema(servicos.db, known, OLDEST_SCHEMA)
            await asyncio.to_thread(_warm_up)
            _settle_garbage_collector()
            _let_the_loop_in()
            async with repeating(_repeated(settings, servicos.db, figures)):
                yield {"sockets": sockets, "direct": direct}
        finally:
            engine.close()
            if traces is not None:
                await asyncio.to_thread(traces.end)
            await servicos.close()

    app = Starlette(
        routes=[
            Route("/graphql", PageForBrowsers(page, endpoint) if page else endpoint, methods=["GET", "POST"]),
            *health_routes(partial(_ready, servicos.db, known)),
            *plain_routes(
                jwk_set(settings.keys),
                page=page is not None,
                schema=f"{schema.as_str()}\n" if settings.introspection else None,
            ),
            *(graphiql_routes(page, demonstration) if page else ()),
        ],
        middleware=_middleware(settings, book, local=bool(demonstration)),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would write the Host header, which is the caller's, into the answer
    return app


async def _ready(db: Database, known: list[Migration]) -> bool:
    """Tell whether requests can be served now."""
    try:
        await check_schema(db, known, OLDEST_SCHEMA)
    except (Unavailable, UnknownSchema):
        return False
    return True


def _endpoint(settings: Settings, servicos: Servicos, engine: Engine, crowd: Crowd) -> GraphQLEndpoint:
    return GraphQLEndpoint(
        _porteiro(
            servicos,
            engine,
            Vazao(Redes(settings.shared_networks), settings.requests_per_second, settings.stranger_requests_per_second),
            crowd,
            traced=settings.traces,
        ),
        contar,
        origins=Origins(settings.trusted_proxies, settings.forwarded_header),
        documents=read_documents(settings.documents, only=settings.only_documents),
        body_bytes=settings.body_bytes,
        body_seconds=settings.body_seconds,
    )


def _sockets(settings: Settings) -> Sockets:
    return Sockets(
        Bounds(
            of_one=settings.connections_per_address,
            total=settings.connections,
            shared=settings.shared_networks,
            trusted=settings.trusted_proxies,
            introduced=settings.forwarded_header == "proxy",
        )
    )


def _warm_up() -> None:
    """Do what takes long the first time."""
    for sala in SALAS:
        for load in sala.aquece:
            load()


def jobs(db: Database) -> list[Job]:
    """Give what the rooms do by themselves, each in one process at a time."""
    vezes = Vezes(db)
    return [Job(one.nome, one.segundos, partial(one.faz, db), vezes) for sala in SALAS for one in sala.tarefas]


async def encerrar_acessos(db: Database) -> None:
    """End what doesn't live on in a database that was put back from a copy: sessions, codes, keys of requests."""

    async def work(tx: Transaction) -> None:
        for sala in SALAS:
            for termina in sala.termina:
                termina(tx)

    await db.transaction(work)


def _repeated(settings: Settings, db: Database, figures: Figures) -> list[Job]:
    """Give what a server does by itself; the tasks of the rooms may be another process's."""
    return [
        *(jobs(db) if settings.tasks else ()),
        *_publishing(settings.metrics_folder, figures),
        *_keeping(settings, db),
    ]


def _keeping(settings: Settings, db: Database) -> list[Job]:
    """Give what keeps the sheet for when the database is away, on each machine."""
    if settings.contingency is None:
        return []
    cofre = Cofre([key.material for key in settings.keys])
    kept = partial(guardar, db, settings.contingency, cofre, settings.hospital, settings.time_zone)
    return [Job("contingência", 60.0, kept)]


def _publishing(folder: Path | None, figures: Figures) -> list[Job]:
    """Give what tells whoever sums the processes of this one, each second."""
    if folder is None:
        return []

    async def tell() -> None:
        await asyncio.to_thread(publish, folder, figures.text())

    return [Job("metrics", 1.0, tell)]


def _porteiro(servicos: Servicos, engine: Engine, vazao: Vazao, crowd: Crowd, *, traced: bool) -> Admit:
    """Give what lets callers in: each as whoever their token names, and answered once the trail has what was read."""

    async def admit(caller: Caller) -> Admitted:
        quem = await servicos.sessoes.quem_pede(caller.authorization, caller.token)
        if quem is not None:
            caller.known(quem.usuario)
        elif not caller.placed:
            raise Unavailable
        elif caller.authorization:
            caller.lapsed = NaoAutenticado()
        asker = quem.usuario if quem is not None else rede_de(origem_de(caller.address))
        ASKER.set(asker)
        charge = vazao.passar(quem, caller)
        usuario = quem.id if quem is not None else ""

        async def answer(request: Request, request_id: str) -> dict[str, Any]:
            caller.about = about = About(caller=usuario, ran=[] if traced else None)
            METER.set(about)
            began = time.monotonic()
            contexto = Contexto(servicos, quem, origem_de(caller.address))
            if request.idempotency_key is not None:
                contexto.chave, contexto.pedido = request.idempotency_key, _written(request)
            try:
                with crowd.one(asker):
                    known = quem is not None
                    result = await engine.run(request, contexto, request_id, known=known, asker=asker, charge=charge)
                    await contexto.concluir()
            except Exception as raised:
                ficou = contexto.como_ficou(raised)
                if ficou is raised:
                    raise
                raise ficou from raised
            finally:
                about.seconds = time.monotonic() - began
            if "data" in result:
                about.operation = operation_name(request.query, request.operation_name)
            caller.compressible = not contexto.feitos  # tokens and codes come with a change
            return contexto.contar(result)

        return Admitted(quem is not None, charge, answer)

    return admit


def _written(request: Request) -> bytes:
    """Write what a request asks for in one way, however its JSON was written."""
    asked = request.query, request.operation_name, request.variables
    written: bytes = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return written


def _figures(servicos: Servicos, engine: Engine, crowd: Crowd) -> list[Figure]:
    written, replicas = servicos.trilha.escritos, servicos.replicas
    return [
        Figure("sghss_operations", "Operações executadas.", engine.operations, total=True),
        Figure("sghss_fallbacks", "Das quais, pelo graphql-core.", engine.fallbacks, total=True),
        Figure("sghss_plans", "Planos guardados.", engine.plans, total=False),
        Figure("sghss_plan_bytes", "Bytes que eles ocupam, estimados.", engine.plan_bytes, total=False),
        Figure("sghss_requests_in_progress", "Pedidos que estão sendo respondidos.", crowd.count, total=False),
        Figure("sghss_requests_shed", "Pedidos recusados porque já havia outros demais.", crowd.refused, total=True),
        Figure("sghss_replica_reads", "Operações cujas leituras uma réplica fez.", replicas.followed, total=True),
        Figure("sghss_replica_misses", "Das que nenhuma réplica pôde fazer a tempo.", replicas.left, total=True),
        Figure("sghss_trail_entries", "Leituras e recusas escritas na auditoria.", written, total=True),
    ]


def _middleware(settings: Settings, book: Book, *, local: bool) -> list[Middleware]:
    """Give what every request goes through, the outermost first."""
    return [*((Middleware(LocalNames),) if local else ()), Middleware(RequestLog, book=book), *_cors(settings)]


def _cors(settings: Settings) -> list[Middleware]:
    """Let pages of the listed origins call, if there are any; no cookie is ever looked at, so none is allowed."""
    if not settings.cors_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
            expose_headers=["X-Request-Id", "Retry-After", "RateLimit"],
            max_age=600,
        )
    ]


def _settle_garbage_collector() -> None:
    """Leave alone what lives as long as the process, and look for cycles seldom.

    A large answer is thousands of objects without a cycle among them; looking at them again and again cost up to half
    of it (bench/README.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 50)


def _let_the_loop_in() -> None:
    """Let threads that plan texts hold the interpreter but briefly.

    The loop lets go of it at every call of the kernel's, some twenty times for a small request, and each time it would
    wait for as long.
    """
    sys.setswitchinterval(0.0001)


def from_environment() -> Starlette:
    """Make the application from the environment's settings: what each process of ``serve`` runs."""
    settings = read_settings()
    configure_log(settings.log_format)
    return create_app(settings)
