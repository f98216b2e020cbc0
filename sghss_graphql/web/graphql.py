"""The GraphQL endpoint: POST and GET by the GraphQL-over-HTTP specification (September 2025 draft).

With ``application/graphql-response+json`` a request that was refused before it ran is 400; with
``application/json`` it is 200, as the specification has it for old clients. GET never writes. Batches are off.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from sghss_graphql.engine import Engine, Request
from sghss_graphql.engine.execution import error_response
from sghss_graphql.errors import ErroInterno, Falha, LimiteExcedido, RequisicaoInvalida, ServicoIndisponivel
from sghss_graphql.web.body import CorpoDemorado, TipoNaoSuportado, parse_json, read_json

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
_RANGES = {
    GRAPHQL_JSON: GRAPHQL_JSON,
    JSON: JSON,
    "application/*": JSON,
    "*/*": JSON,
}


class NaoAceitavel(RequisicaoInvalida):
    """The client accepts nothing that we can send."""

    mensagem = f"A resposta é em {GRAPHQL_JSON} ou {JSON}: aceite um deles no cabeçalho Accept."


_STATUS: dict[type[Falha], int] = {
    NaoAceitavel: 406,
    TipoNaoSuportado: 415,
    CorpoDemorado: 408,
    LimiteExcedido: 413,
    ServicoIndisponivel: 503,
    ErroInterno: 500,
}


class GraphQLEndpoint:
    """Answers GraphQL requests; ``context`` makes each one's context from its Authorization headers."""

    def __init__(
        self,
        engine: Engine,
        context: Callable[[list[str]], Awaitable[Any]],
        *,
        body_bytes: int,
        body_seconds: float,
    ) -> None:
        self._engine = engine
        self._context = context
        self._body_bytes = body_bytes
        self._body_seconds = body_seconds

    async def __call__(self, http: HttpRequest) -> Response:
        """Answer one request."""
        request_id: str = http.scope["request_id"]
        media_type = accepted(http.headers.get("accept"))
        try:
            if media_type is None:
                raise NaoAceitavel
            request = await self._read(http)
            context = await self._context(http.headers.getlist("authorization"))
            result = await self._engine.run(request, context, request_id)
        except Falha as failure:
            return self._refused(http, failure, media_type)
        except Exception as fault:  # noqa: BLE001 - the outermost boundary: nothing of a fault's words leaves
            internal = ErroInterno()
            internal.__cause__ = fault
            return self._refused(http, internal, media_type)
        http.scope["codes"] = [error["extensions"]["code"] for error in result.get("errors", ())]
        refused = "data" not in result
        return _response(result, media_type, 400 if refused and media_type == GRAPHQL_JSON else 200)

    def _refused(self, http: HttpRequest, failure: Falha, media_type: str | None) -> Response:
        """Answer a request that never became an operation."""
        http.scope["codes"] = [failure.codigo]
        status = next((code for kind, code in _STATUS.items() if isinstance(failure, kind)), 400)
        return _response(error_response(failure, http.scope["request_id"]), media_type or JSON, status)

    async def _read(self, http: HttpRequest) -> Request:
        if http.method == "GET":
            parameters: dict[str, Any] = dict(http.query_params)
            for name in ("variables", "extensions"):
                if parameters.get(name):
                    parameters[name] = parse_json(parameters[name])
            return _request(parameters, read_only=True)
        body = await read_json(http, most_bytes=self._body_bytes, most_seconds=self._body_seconds)
        return _request(body, read_only=False)


def accepted(header: str | None) -> str | None:
    """Give the media type to answer in: the client's best among ours; None if it accepts neither.

    Quality values are read (RFC 9110, section 12.4.2); at the same quality, what stands first wins.
    """
    if not header:
        return JSON
    best, best_quality = None, 0.0
    for part in header.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        ours = _RANGES.get(media_range)
        quality = _quality(parameters)
        if ours is not None and quality > best_quality:
            best, best_quality = ours, quality
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _request(body: Any, *, read_only: bool) -> Request:
    """Read the parameters of a GraphQL request.

    Raises:
        RequisicaoInvalida: one is missing or of another type.
    """
    if not isinstance(body, dict):
        raise RequisicaoInvalida("Envie um objeto JSON com query, e um pedido por vez.")
    query, variables = body.get("query"), body.get("variables")
    name, extensions = body.get("operationName"), body.get("extensions")
    if not isinstance(query, str) or not query.strip():
        raise RequisicaoInvalida("Falta query, o texto da operação GraphQL.")
    if not isinstance(variables, dict | None) or not isinstance(extensions, dict | None):
        raise RequisicaoInvalida("variables e extensions são objetos JSON.")
    if not isinstance(name, str | None):
        raise RequisicaoInvalida("operationName é um texto.")
    return Request(query=query, variables=variables or {}, operation_name=name or None, read_only=read_only)


def _response(result: dict[str, Any], media_type: str, status: int) -> Response:
    return Response(orjson.dumps(result), status_code=status, media_type=f"{media_type}; charset=utf-8")
