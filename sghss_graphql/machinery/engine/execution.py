"""An operation's text becomes a plan once: parsed and validated. A plan is run with each request's variables."""

import asyncio
import inspect
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationType,
    VariableValues,
    execute,
    get_operation_ast,
    parse,
)

from sghss_graphql.machinery.deadline import Timers, within
from sghss_graphql.machinery.engine.branches import Run
from sghss_graphql.machinery.engine.compiling import Compiler
from sghss_graphql.machinery.engine.completing import Root
from sghss_graphql.machinery.engine.introspection import Introspection, only_asks
from sghss_graphql.machinery.engine.limits import STRANGER, Limits, require_small, values_in
from sghss_graphql.machinery.engine.plans import Plan, Plans, unchain
from sghss_graphql.machinery.engine.schema import Schema
from sghss_graphql.machinery.engine.seats import Seats
from sghss_graphql.machinery.engine.telling import Teller, error_of, failures_of
from sghss_graphql.machinery.engine.turns import LARGE, Turns
from sghss_graphql.machinery.engine.validation import check_variables, validate_operation
from sghss_graphql.machinery.faults import Excess, Malformed, Tell, Unavailable

T = TypeVar("T")

_LIMITS = Limits()
_SHORT = 500  # characters: planned at once, in about a millisecond for each hundred
_MOST_PLANNING = 16
_OF_ASKING = 0.2
"""What the largest question about the schema is, of all that one may ask at once."""
_CHARACTERS_OF_A_TOKEN = 5  # in texts as people write them


@dataclass(slots=True)
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
    ``at_once`` are how many large queries run at once (``seats``): as many as there are connections to the database.
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
        at_once: int = 10,
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
        self._turns, self._seats = Turns(), Seats(at_once)
        self._teller = Teller(tell, failed)
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
        asker: Hashable = None,
        charge: Callable[[float], None] = lambda _: None,
    ) -> dict[str, Any]:
        """Give the response: ``data`` and ``errors`` as the specification has them, ready for JSON.

        ``known`` is whether the caller has shown who they are, and ``asker`` whom they are, or their address, among
        those who share what there is; ``charge`` hears of work before it is done: of the most that they may ask for,
        the share that this is (1 is all of it). A response without ``data`` was refused before any resolver ran.

        Raises:
            Unavailable: too many texts wait to be planned.
            TooOften: ``charge`` says so.
            WritesByGet: it is a mutation, and may only read.
        """
        limits = self._limits if known else self._strangers
        try:
            return await within(self._deadline, self._run(request, context, request_id, limits, asker, charge))
        except _Invalid as invalid:
            return {"errors": [self._teller.refused(error, request_id) for error in invalid.errors]}
        except WritesByGet:
            raise
        except (Excess, Malformed) as fault:
            return {"errors": [self._teller.refused(error_of(fault), request_id)]}
        except TimeoutError:
            return {"errors": [self._teller.refused(error_of(Unavailable()), request_id)], "data": None}

    async def _run(
        self,
        request: Request,
        context: Any,
        request_id: str,
        limits: Limits,
        asker: Hashable,
        charge: Callable[[float], None],
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
        objects = version.cost.check(variables)
        charge(objects / limits.objects + _OF_ASKING * plan.asking)
        if fresh:
            self._plans.keep(key, plan)
        if objects < LARGE or plan.operation.operation is not OperationType.QUERY:  # a change waits for much else
            return await self._execute(plan, version.compiled, variables, request, context, request_id)
        async with self._seats.one(asker):
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
                failures = run.errors.explaining(data)
            finally:
                run.turns.end()
                run.errors.found.clear()  # what was raised holds the run that it failed in, by its traceback
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
            data, failures = result.data, failures_of(result.errors or ())
        if not failures:
            return {"data": data}
        return {"errors": self._teller.written(failures, context, request_id), "data": data}

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
            or [error_of(Malformed())]
        )

    def _make_plan(self, query: str, name: str | None, limits: Limits) -> Plan:
        document, tokens = self._parse(query, limits)
        require_small(document, limits)
        try:
            errors = validate_operation(self._schema.core, document, introspection=self._introspection)
        except (RecursionError, ValueError):  # too deep a nesting; an Int literal of thousands of digits
            raise _Invalid([error_of(Malformed())]) from None
        if errors:
            raise _Invalid(errors)
        operation = get_operation_ast(document, name)
        if operation is None:
            raise _Invalid(
                [error_of(Malformed("Diga em operationName qual das operações enviadas deve ser executada."))]
            )
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
            raise _Invalid([error_of(failure, source=error.source, positions=error.positions)]) from None
        except RecursionError:
            raise _Invalid([error_of(Malformed("A operação tem níveis demais."))]) from None


def _length(query: str, limits: Limits) -> float:
    """Give how long a text is, of the longest that whoever has these limits may send."""
    return min(1.0, len(query) / (_CHARACTERS_OF_A_TOKEN * limits.tokens))
