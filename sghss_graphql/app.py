"""The composition root: settings become services, services become routes, in one readable order."""

import asyncio
import gc
import importlib.resources
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from sghss_graphql.confianca.acesso.chaves import jwk_set
from sghss_graphql.confianca.acesso.lacre import Lacre
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.redes import Redes, VazaoDeCadastros, rede_de
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.confianca.acesso.sessao import Sessoes
from sghss_graphql.confianca.acesso.tentativas import Tentativas
from sghss_graphql.confianca.acesso.token import Tokens
from sghss_graphql.confianca.auditoria.trilha import Trilha
from sghss_graphql.confianca.repeticoes.regras import Marcas
from sghss_graphql.confianca.tarefas.porta import Vezes
from sghss_graphql.context import Contexto, Marcacoes, Servicos
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.connections import ASKER, Hear
from sghss_graphql.machinery.database.migrations import Migration, UnknownSchema, check_schema, read_migrations
from sghss_graphql.machinery.engine import Engine, Limits, Request, Schema
from sghss_graphql.machinery.faults import TooOften, Unavailable
from sghss_graphql.machinery.tasks import Job, repeating
from sghss_graphql.machinery.throttle import Throttle
from sghss_graphql.machinery.web.direct import Direct
from sghss_graphql.machinery.web.crowd import Crowd
from sghss_graphql.machinery.web.documents import read_documents
from sghss_graphql.machinery.web.graphiql import PageForBrowsers, People, find_page, graphiql_routes
from sghss_graphql.machinery.web.graphql import Admit, Admitted, Caller, GraphQLEndpoint
from sghss_graphql.machinery.web.health import health_routes, plain_routes
from sghss_graphql.machinery.web.metrics import Figure, Figures, Served, publish
from sghss_graphql.machinery.web.origin import Origins
from sghss_graphql.machinery.web.requests import LocalNames, RequestLog, configure_log
from sghss_graphql.machinery.web.sockets import Bounds, Sockets
from sghss_graphql.schema import SALAS, achar, create_schema
from sghss_graphql.settings import Settings, read_settings
from sghss_graphql.vocabulario.errors import Feito, Incerto, NaoAutenticado, contar, contar_feitos, contar_incerto

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
    tokens = Tokens(settings.keys, issuer=settings.jwt_issuer, audience=settings.jwt_audience)
    return Servicos(
        db=db,
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
        failed=Contexto.falhou,
    )


def create_app(settings: Settings, demonstration: People = ()) -> Starlette:
    """Make the ASGI application; ``demonstration`` are the people that the page offers to log in as."""
    servicos = create_services(settings)
    known = migrations()
    schema = create_schema()
    engine = create_engine(settings, schema)

    crowd = Crowd(settings.requests_at_once)
    endpoint, sockets = _endpoint(settings, servicos, engine, crowd), _sockets(settings)
    page = find_page() if settings.graphiql else None
    served = Served()
    direct = None if demonstration else Direct(endpoint, served, settings.log_requests)  # that answers to its own names
    figures = Figures(served, lambda: _figures(servicos, engine, crowd))

    async def ready() -> bool:
        try:
            await check_schema(servicos.db, known, OLDEST_SCHEMA)
        except (Unavailable, UnknownSchema):
            return False
        return True

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
            await servicos.db.close()
            servicos.senhas.close()

    app = Starlette(
        routes=[
            Route("/graphql", PageForBrowsers(page, endpoint) if page else endpoint, methods=["GET", "POST"]),
            *health_routes(ready),
            *plain_routes(
                jwk_set(settings.keys),
                page=page is not None,
                schema=f"{schema.as_str()}\n" if settings.introspection else None,
            ),
            *(graphiql_routes(page, demonstration) if page else ()),
        ],
        middleware=_middleware(settings, served, local=bool(demonstration)),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would write the Host header, which is the caller's, into the answer
    return app


def _endpoint(settings: Settings, servicos: Servicos, engine: Engine, crowd: Crowd) -> GraphQLEndpoint:
    return GraphQLEndpoint(
        _porteiro(servicos, engine, _Vazao(settings), crowd),
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


def _repeated(settings: Settings, db: Database, figures: Figures) -> list[Job]:
    """Give what a server does by itself; the tasks of the rooms may be another process's."""
    return [*(jobs(db) if settings.tasks else ()), *_publishing(settings.metrics_folder, figures)]


def _publishing(folder: Path | None, figures: Figures) -> list[Job]:
    """Give what tells whoever sums the processes of this one, each second."""
    if folder is None:
        return []

    async def tell() -> None:
        await asyncio.to_thread(publish, folder, figures.text())

    return [Job("metrics", 1.0, tell)]


def _vazao(por_segundo: float) -> Throttle:
    """Make the buckets of so many requests a second, of which some may come at once."""
    return Throttle(por_segundo, max(10.0, 5 * por_segundo))


class _Vazao:
    """How often one may ask: each usuario, and each network of those who haven't said who they are."""

    def __init__(self, settings: Settings) -> None:
        self._redes = Redes(settings.shared_networks)
        self._conhecidos = _vazao(settings.requests_per_second)
        self._estranhos = _vazao(settings.stranger_requests_per_second)

    def passar(self, quem: Quem | None, caller: Caller) -> Callable[[float], None]:
        """Take a request, or refuse it; give what its work is charged to, before it is done, which may refuse it too.

        Raises:
            TooOften: it is one too many.
        """
        vazao, chave, vezes = self._balde(quem, caller)
        espera = vazao.take(chave, times=vezes)
        caller.left = vazao.left(chave, vezes)
        if espera:
            raise TooOften(espera)
        conta = vazao.bill(chave, vezes)

        def charge(share: float) -> None:
            espera = conta.charge(share)
            if espera:
                raise TooOften(espera)

        return charge

    def _balde(self, quem: Quem | None, caller: Caller) -> tuple[Throttle, bytes, int]:
        if quem is not None:
            return self._conhecidos, quem.usuario, 1
        rede = rede_de(_packed(caller.address))
        return self._estranhos, rede, self._redes.folga(rede)


def _porteiro(servicos: Servicos, engine: Engine, vazao: _Vazao, crowd: Crowd) -> Admit:
    """Give what lets callers in: each as whoever their token names, and answered once the trail has what was read."""

    async def admit(caller: Caller) -> Admitted:
        quem = await servicos.sessoes.quem_pede(caller.authorization) if caller.authorization else None
        if quem is not None:
            caller.known(quem.usuario)
        elif not caller.placed:
            raise Unavailable
        elif caller.authorization:
            caller.lapsed = NaoAutenticado()
        asker = quem.usuario if quem is not None else rede_de(_packed(caller.address))
        ASKER.set(asker)
        charge = vazao.passar(quem, caller)

        async def answer(request: Request, request_id: str) -> dict[str, Any]:
            contexto = Contexto(servicos, quem, _packed(caller.address))
            if request.idempotency_key is not None:
                contexto.chave, contexto.pedido = request.idempotency_key, _written(request)
            try:
                with crowd.one(asker):
                    result = await engine.run(request, contexto, request_id, known=quem is not None, charge=charge)
                    await contexto.concluir()
            except Exception as raised:
                if contexto.incerto:
                    raise Incerto(contexto.feitos, com_chave=contexto.chave is not None) from raised
                if contexto.feitos:
                    raise Feito(contexto.feitos) from raised
                raise
            caller.compressible = not contexto.feitos  # tokens and codes come with a change
            if contexto.incerto:
                return contar_incerto(result, contexto.feitos, com_chave=contexto.chave is not None)
            return contar_feitos(result, contexto.feitos)

        return Admitted(quem is not None, charge, answer)

    return admit


def _written(request: Request) -> bytes:
    """Write what a request asks for in one way, however its JSON was written."""
    asked = request.query, request.operation_name, request.variables
    written: bytes = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return written


def _figures(servicos: Servicos, engine: Engine, crowd: Crowd) -> list[Figure]:
    written = servicos.trilha.escritos
    return [
        Figure("sghss_operations", "Operações executadas.", engine.operations, total=True),
        Figure("sghss_fallbacks", "Das quais, pelo graphql-core.", engine.fallbacks, total=True),
        Figure("sghss_plans", "Planos guardados.", engine.plans, total=False),
        Figure("sghss_plan_bytes", "Bytes que eles ocupam, estimados.", engine.plan_bytes, total=False),
        Figure("sghss_requests_in_progress", "Pedidos que estão sendo respondidos.", crowd.count, total=False),
        Figure("sghss_requests_shed", "Pedidos recusados porque já havia outros demais.", crowd.refused, total=True),
        Figure("sghss_trail_entries", "Leituras e recusas escritas na auditoria.", written, total=True),
    ]


@lru_cache(maxsize=1_000)
def _packed(address: str | None) -> bytes | None:
    """Pack an IP address; None for a caller that has none."""
    try:
        return ip_address(address).packed if address else None
    except ValueError:  # a proxy's own word for a caller it doesn't name
        return None


def _middleware(settings: Settings, served: Served, *, local: bool) -> list[Middleware]:
    """Give what every request goes through, the outermost first."""
    log = Middleware(RequestLog, served=served, every=settings.log_requests)
    return [*((Middleware(LocalNames),) if local else ()), log, *_cors(settings)]


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
    configure_log()
    return create_app(read_settings())
