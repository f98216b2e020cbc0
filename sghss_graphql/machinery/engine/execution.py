"""An operation's text becomes a plan once: parsed and validated. A plan is run with each request's variables.

Every error that leaves carries a code, words and the request's id, as ``tell`` has them. A fault of ours is logged as
exception type and stack, without its message (it may quote a value).
"""

import asyncio
import inspect
import logging
import traceback
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationType,
    SourceLocation,
    VariableValues,
    execute,
    get_location,
    get_operation_ast,
    parse,
)

from sghss_graphql.machinery.deadline import Timers, within
from sghss_graphql.machinery.engine.branches import Run
from sghss_graphql.machinery.engine.compiling import Compiler
from sghss_graphql.machinery.engine.completing import Failure, Root
from sghss_graphql.machinery.engine.introspection import Introspection, only_asks
from sghss_graphql.machinery.engine.limits import STRANGER, Limits, require_small, values_in
from sghss_graphql.machinery.engine.plans import Plan, Plans, unchain
from sghss_graphql.machinery.engine.schema import Schema
from sghss_graphql.machinery.engine.turns import Turns
from sghss_graphql.machinery.engine.validation import check_variables, validate_operation
from sghss_graphql.machinery.faults import Excess, Fault, Malformed, Tell, Told, Unavailable

T = TypeVar("T")

log = logging.getLogger("sghss.graphql")
_LIMITS = Limits()
_SHORT = 500  # characters: planned at once, in about a millisecond for each hundred
_MOST_PLANNING = 16
_OF_ASKING = 0.2
"""What the largest question about the schema is, of all that one may ask at once."""
_CHARACTERS_OF_A_TOKEN = 5  # in texts as people write them
_MOST_PLACES = 10


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request, as the transport read it."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    read_only: bool = False
    """True for GET: a mutation is refused."""
    idempotency_key: bytes | None = None
    """What names this request among its caller's (IETF httpapi draft): whoever runs mutations may look at it."""


class WritesByGet(Malformed):
    """A mutation came by a method that may only read (GraphQL over HTTP, "GET")."""

    status, words = 405, "Mutations são enviadas por POST, nunca por GET."


class _Invalid(Exception):
    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(len(errors))
        self.errors = errors


class Engine:
    """Runs requests against one schema.

    ``limits`` bound what one operation may ask for, and ``strangers`` what it may for a caller who is nobody;
    ``deadline`` (seconds) is how long it may take, planning included, and ``plans`` how many bytes of plans are kept.
    ``tell`` gives the code and the words of whatever was raised; ``failed`` hears of each kind of field that failed:
    the request's context, what was raised, and the field's name in the schema. ``operations`` counts the runs, and
    ``fallbacks`` those of them that were graphql-core's.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        tell: Tell,
        introspection: bool = True,
        limits: Limits = _LIMITS,
        strangers: Limits = STRANGER,
        deadline: float = 10.0,
        plans: int = 64 * 2**20,
        compiled: bool = True,
        failed: Callable[[Any, BaseException, str], None] = lambda *_: None,
    ) -> None:
        self._schema = schema
        self._introspection = introspection
        self._limits = limits
        self._strangers = strangers
        self._deadline = Timers(deadline)
        self._plans = Plans(plans)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="plan")
        self._planning: dict[Hashable, asyncio.Future[Any]] = {}
        self._asking = Introspection(schema.core)
        self._turns = Turns()
        self._tell, self._failed = tell, failed
        self.compiled = compiled
        self.operations = self.fallbacks = 0

    @property
    def plans(self) -> int:
        """How many plans are kept."""
        return len(self._plans)

    @property
    def plan_bytes(self) -> int:
        """How many bytes the plans that are kept hold, about."""
        return self._plans.weight

    def close(self) -> None:
        """End the thread that plans."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def run(
        self,
        request: Request,
        context: Any,
        request_id: str,
        *,
        known: bool = True,
        charge: Callable[[float], None] = lambda _: None,
    ) -> dict[str, Any]:
        """Give the response: ``data`` and ``errors`` as the specification has them, ready for JSON.

        ``known`` is whether the caller has shown who they are; ``charge`` hears of work before it is done: of the most
        that they may ask for, the share that this is (1 is all of it). A response without ``data`` was refused before
        any resolver ran.

        Raises:
            Unavailable: too many texts wait to be planned.
            TooOften: ``charge`` says so.
            WritesByGet: it is a mutation, and may only read.
        """
        limits = self._limits if known else self._strangers
        try:
            return await within(self._deadline, self._run(request, context, request_id, limits, charge))
        except _Invalid as invalid:
            return {"errors": [self._refused(error, request_id) for error in invalid.errors]}
        except WritesByGet:
            raise
        except (Excess, Malformed) as fault:
            return {"errors": [self._refused(_error(fault), request_id)]}
        except TimeoutError:
            return {"errors": [self._refused(_error(Unavailable()), request_id)], "data": None}

    async def _run(
        self, request: Request, context: Any, request_id: str, limits: Limits, charge: Callable[[float], None]
    ) -> dict[str, Any]:
        key = request.query, request.operation_name
        plan = self._plans.get(key)
        fresh = plan is None
        if plan is None:
            if len(request.query) > limits.characters:
                raise Excess
            charge(_length(request.query, limits))
            plan = await self._planned(request.query, (*key, limits), self._make_plan, *key, limits)
        if request.read_only and plan.operation.operation is not OperationType.QUERY:
            raise WritesByGet
        variables = self._variables(plan, request, limits, charge)
        version = plan.version(variables.coerced, limits)
        if version is None:
            if not fresh:
                charge(_length(request.query, limits))
            which = plan, plan.key(variables.coerced), limits
            version = await self._planned(request.query, which, plan.make_version, variables.coerced, limits)
            fresh = True
        charge(version.cost.check(variables) / limits.objects + _OF_ASKING * plan.asking)
        if fresh:
            self._plans.keep(key, plan)
        return await self._execute(plan, version.compiled, variables, request, context, request_id)

    async def _planned(self, text: str, what: Hashable, make: Callable[..., T], *arguments: Any) -> T:
        """Plan a text: a long one on a thread, so that the others go on meanwhile."""
        return make(*arguments) if len(text) <= _SHORT else await self._elsewhere(what, make, *arguments)

    async def _elsewhere(self, what: Hashable, make: Callable[..., T], *arguments: Any) -> T:
        """Call what awaits nothing and takes long on the thread for that, once for all who ask for the same meanwhile.

        Raises:
            Unavailable: too many others wait for it.
        """
        making = self._planning.get(what)
        if making is None:
            if len(self._planning) >= _MOST_PLANNING:
                raise Unavailable
            loop = asyncio.get_running_loop()
            self._planning[what] = making = loop.run_in_executor(self._thread, make, *arguments)
            making.add_done_callback(lambda _: self._planning.pop(what))
        try:
            return cast("T", await asyncio.shield(making))  # one who leaves ends nobody else's
        finally:
            del making  # or what failed would hold itself, by its traceback

    def _refused(self, error: GraphQLError, request_id: str) -> dict[str, Any]:
        """Write what was wrong with a request: message, locations, code and request id."""
        return _as_told(self._tell(_cause(error)), request_id, **_located(error.locations))

    def _written(self, failures: Sequence[Failure], context: Any, request_id: str) -> list[dict[str, Any]]:
        """Write what failed, in order: message, locations, path, code and request id.

        What is the same for all objects of a level is done once: a fault of ours is one entry of the log, with how many
        fields it was for, and the place of a field in the text is looked up once.
        """
        kinds: dict[tuple[int, int], _Kind] = {}
        written = []
        for failure in failures:
            kind = kinds.get(key := (id(failure.nodes), id(failure.error)))
            if kind is None:
                kind = kinds[key] = _Kind(self._tell(failure.error), _located(_locations(failure.nodes)), failure)
                self._failed(context, failure.error, failure.nodes[0].name.value if failure.nodes else "")
            kind.count += 1
            place = {**kind.located, "path": failure.path} if failure.path else kind.located
            written.append(_as_told(kind.told, request_id, **place))
        for kind, count in _faults(kinds.values()):
            log_fault(kind.failure.error, request_id, count)
        return written

    async def _execute(
        self,
        plan: Plan,
        compiled: Compiler | None,
        variables: VariableValues,
        request: Request,
        context: Any,
        request_id: str,
    ) -> dict[str, Any]:
        self.operations += 1
        if compiled is not None and self.compiled:
            run = Run(plan.frame, context, variables, self._turns.begin())
            try:
                rows = compiled.root([None], Root(), run)
                (data,) = await rows if compiled.root_is_async else rows
            finally:
                run.turns.end()
            failures = run.errors.explaining(data)
        else:
            self.fallbacks += self.compiled
            run_by_core = partial(
                execute,
                self._schema.core,
                plan.document,
                context_value=context,
                variable_values=dict(request.variables),
                operation_name=request.operation_name,
                executor_class=self._schema.execution_context_class,
            )
            outcome = await self._elsewhere(run_by_core, run_by_core) if only_asks(plan.operation) else run_by_core()
            result = await outcome if inspect.isawaitable(outcome) else outcome
            data, failures = result.data, _failures(result.errors or ())
        return {"errors": self._written(failures, context, request_id), "data": data} if failures else {"data": data}

    def _variables(
        self, plan: Plan, request: Request, limits: Limits, charge: Callable[[float], None]
    ) -> VariableValues:
        values = values_in(request.variables, limits.values)
        charge(values / limits.values)
        if values > limits.values:
            raise Excess(f"As variáveis trazem valores demais: o máximo é {limits.values}; divida o pedido em partes.")
        coerced = plan.variables.coerced(request.variables)
        if coerced is not None:
            return coerced
        raise _Invalid(
            check_variables(
                self._schema.core,
                plan.operation,
                request.variables,
                plan.variables.places(),
                suggest=self._introspection,
            )
            or [_error(Malformed())]
        )

    def _make_plan(self, query: str, name: str | None, limits: Limits) -> Plan:
        document, tokens = self._parse(query, limits)
        require_small(document, limits)
        try:
            errors = validate_operation(self._schema.core, document, introspection=self._introspection)
        except (RecursionError, ValueError):  # too deep a nesting; an Int literal of thousands of digits
            raise _Invalid([_error(Malformed())]) from None
        if errors:
            raise _Invalid(errors)
        operation = get_operation_ast(document, name)
        if operation is None:
            raise _Invalid([_error(Malformed("Diga em operationName qual das operações enviadas deve ser executada."))])
        return Plan(self._schema, document, operation, tokens, self._asking.share(document))

    def _parse(self, query: str, limits: Limits) -> tuple[DocumentNode, int]:
        try:
            document = parse(query, max_tokens=limits.tokens)
            return document, unchain(document)
        except GraphQLSyntaxError as error:
            if "tokens. Parsing aborted" in error.description:
                raise Excess from None
            place = error.locations[0] if error.locations else None
            where = f" na linha {place.line}, coluna {place.column}" if place else ""
            failure = Malformed(f"A operação tem um erro de sintaxe{where}.")
            raise _Invalid([_error(failure, source=error.source, positions=error.positions)]) from None
        except RecursionError:
            raise _Invalid([_error(Malformed("A operação tem níveis demais."))]) from None


def _length(query: str, limits: Limits) -> float:
    """Give how long a text is, of the longest that whoever has these limits may send."""
    return min(1.0, len(query) / (_CHARACTERS_OF_A_TOKEN * limits.tokens))


@dataclass(slots=True)
class _Kind:
    """What fields failed alike: what is told of it, where they are asked for, and how many they are."""

    told: Told
    located: dict[str, Any]
    failure: Failure
    count: int = 0


def _faults(kinds: Iterable[_Kind]) -> Iterator[tuple[_Kind, int]]:
    """Give those that are faults of ours, one for each type of exception and field, with how many fields had it."""
    alike: dict[tuple[type, int], tuple[_Kind, int]] = {}
    for kind in kinds:
        if kind.told.ours:
            key = type(kind.failure.error), id(kind.failure.nodes)
            first, count = alike.get(key, (kind, 0))
            alike[key] = first, count + kind.count
    yield from alike.values()


def _failures(errors: Iterable[GraphQLError]) -> list[Failure]:
    """Give what graphql-core says that failed as the compiled executor does."""
    nodes: dict[tuple[int, ...], list[Any]] = {}
    found = []
    for error in sorted(errors, key=lambda error: error.path is not None):
        asking = [node for node in error.nodes or () if isinstance(node, FieldNode)]
        same = nodes.setdefault(tuple(map(id, asking)), asking)
        found.append(Failure(_cause(error), same, error.path or []))
    return found


def _locations(nodes: Sequence[FieldNode]) -> list[SourceLocation]:
    """Give where a field is asked for in the text: the first places, if there are many."""
    return [get_location(node.loc.source, node.loc.start) for node in nodes[:_MOST_PLACES] if node.loc]


def _located(locations: Sequence[SourceLocation] | None) -> dict[str, Any]:
    found = [{"line": place.line, "column": place.column} for place in (locations or ())[:_MOST_PLACES]]
    return {"locations": found} if found else {}


def _error(fault: Fault, **place: Any) -> GraphQLError:
    return GraphQLError(fault.message, original_error=fault, **place)


def refusal(told: Told, request_id: str) -> dict[str, Any]:
    """Give the response for a request that was refused before there was an operation."""
    return {"errors": [_as_told(told, request_id)]}


def _as_told(told: Told, request_id: str, **place: Any) -> dict[str, Any]:
    about = {"argumento": told.argument} if told.argument else {}
    became = {told.became: True} if told.became else {}
    extensions = {"code": told.code, "requestId": request_id, **about, **became}
    return {"message": told.message, **place, "extensions": extensions}


def _cause(error: GraphQLError) -> BaseException:
    """Give what was raised; what graphql-core found wrong itself is the request's fault."""
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if isinstance(original, GraphQLError) or (original is None and not error.path):
        return Malformed("A operação não pode ser executada como está; simplifique-a ou consulte o schema.")
    return original or error


def log_fault(raised: BaseException, request_id: str, count: int = 1) -> None:
    """Write a fault of ours to the log: its type, how often, its stack, and what it says if those words are ours."""
    frames = "".join(traceback.format_tb(raised.__traceback__))
    detail = str(raised) if isinstance(raised, Fault) else ""
    often = f" fields={count}" if count > 1 else ""
    log.error(
        "internal error requestId=%s type=%s%s %s\n%s", request_id, type(raised).__qualname__, often, detail, frames
    )
