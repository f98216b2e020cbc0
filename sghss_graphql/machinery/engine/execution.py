"""An operation's text becomes a plan once: parsed and validated. A plan is run with each request's variables.

Every error that leaves carries a code, words and the request's id, as ``tell`` has them. A fault of ours is logged as
exception type and stack, without its message (it may quote a value).
"""

import inspect
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
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
from sghss_graphql.machinery.engine.limits import Limits
from sghss_graphql.machinery.engine.plans import Plan, Plans
from sghss_graphql.machinery.engine.schema import Schema
from sghss_graphql.machinery.engine.validation import check_variables, validate_operation
from sghss_graphql.machinery.faults import Excess, Fault, Malformed, Tell, Told, Unavailable

log = logging.getLogger("sghss.graphql")
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request, as the transport read it."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    read_only: bool = False
    """True for GET: a mutation is refused."""


class _Invalid(Exception):
    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(len(errors))
        self.errors = errors


class Engine:
    """Runs requests against one schema.

    ``limits`` bound what one operation may ask for, ``deadline`` (seconds) how long it may take, and ``plans`` how many
    plans are kept, by text and operation name. ``tell`` gives the code and the words of whatever was raised; ``failed``
    hears of each field that failed: the request's context, what was raised, and the field's name in the schema.
    ``operations`` counts the runs, and ``fallbacks`` those of them that were
    graphql-core's.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        tell: Tell,
        introspection: bool = True,
        limits: Limits = _LIMITS,
        deadline: float = 10.0,
        plans: int = 1_000,
        compiled: bool = True,
        failed: Callable[[Any, BaseException, str], None] = lambda *_: None,
    ) -> None:
        self._schema = schema
        self._introspection = introspection
        self._limits = limits
        self._deadline = Timers(deadline)
        self._plans = Plans(plans, self._make_plan)
        self._tell = tell
        self._failed = failed
        self.compiled = compiled
        self.operations = 0
        self.fallbacks = 0

    @property
    def plans(self) -> int:
        """How many plans are kept."""
        return len(self._plans)

    async def run(self, request: Request, context: Any, request_id: str) -> dict[str, Any]:
        """Give the response: ``data`` and ``errors`` as the specification has them, ready for JSON.

        A response without ``data`` was refused before any resolver ran.
        """
        try:
            plan = self._plan(request)
            variables = self._variables(plan, request)
            version = plan.version(variables.coerced)
            version.cost.check(variables)
        except _Invalid as invalid:
            return {"errors": [self._written(error, request_id) for error in invalid.errors]}
        except Excess as excess:
            return {"errors": [self._written(_error(excess), request_id)]}
        try:
            result = await within(self._deadline, self._execute(plan, version.compiled, variables, request, context))
        except TimeoutError:
            return {"errors": [self._written(_error(Unavailable()), request_id)], "data": None}
        if result.errors:
            errors = sorted(result.errors, key=lambda error: error.path is not None)
            for error in errors:
                for node in error.nodes or ():
                    self._failed(context, _cause(error), getattr(getattr(node, "name", None), "value", ""))
            return {"errors": [self._written(error, request_id) for error in errors], "data": result.data}
        return {"data": result.data}

    def _written(self, error: GraphQLError, request_id: str) -> dict[str, Any]:
        """Write one error: message, locations, path, code and request id."""
        cause = _cause(error)
        told = self._tell(cause)
        if told.ours:
            log_fault(cause, request_id)
        place: dict[str, Any] = {}
        if error.locations:
            place["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
        if error.path:
            place["path"] = error.path
        return _as_told(told, request_id, **place)

    async def _execute(
        self, plan: Plan, compiled: Compiler | None, variables: VariableValues, request: Request, context: Any
    ) -> ExecutionResult:
        self.operations += 1
        if compiled is not None and self.compiled:
            run = Run(plan.frame, context, variables)
            rows = compiled.root([None], Root(), run)
            (data,) = await rows if compiled.root_is_async else rows
            return ExecutionResult(data, run.errors.explaining(data) or None)
        self.fallbacks += self.compiled
        outcome = execute(
            self._schema.core,
            plan.document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
            executor_class=self._schema.execution_context_class,
        )
        return await outcome if inspect.isawaitable(outcome) else outcome

    def _plan(self, request: Request) -> Plan:
        plan = self._plans.get(request.query, request.operation_name)
        if request.read_only and plan.operation.operation is not OperationType.QUERY:
            raise _Invalid([_error(Malformed("Mutations são enviadas por POST, nunca por GET."))])
        return plan

    def _variables(self, plan: Plan, request: Request) -> VariableValues:
        coerced = plan.variables.coerced(request.variables)
        if isinstance(coerced, list):  # graphql-core's words quote the values: ours don't
            wrong = check_variables(self._schema.core, plan.operation, request.variables)
            raise _Invalid(wrong or [_error(Malformed())])
        return coerced

    def _make_plan(self, query: str, name: str | None) -> Plan:
        if len(query) > self._limits.characters:
            raise _Invalid([_error(Excess())])
        document = self._parse(query)
        try:
            errors = validate_operation(self._schema.core, document, introspection=self._introspection)
        except (RecursionError, ValueError):  # too deep a nesting; an Int literal of thousands of digits
            raise _Invalid([_error(Malformed())]) from None
        if errors:
            raise _Invalid(errors)
        operation = get_operation_ast(document, name)
        if operation is None:
            raise _Invalid([_error(Malformed("Diga em operationName qual das operações enviadas deve ser executada."))])
        return Plan(self._schema, document, operation, self._limits)

    def _parse(self, query: str) -> DocumentNode:
        try:
            return parse(query, max_tokens=self._limits.tokens)
        except GraphQLSyntaxError as error:
            if "tokens. Parsing aborted" in error.description:
                raise _Invalid([_error(Excess())]) from None
            place = error.locations[0] if error.locations else None
            where = f" na linha {place.line}, coluna {place.column}" if place else ""
            failure = Malformed(f"A operação tem um erro de sintaxe{where}.")
            raise _Invalid([_error(failure, source=error.source, positions=error.positions)]) from None
        except RecursionError:
            raise _Invalid([_error(Malformed("A operação tem níveis demais."))]) from None


def _error(fault: Fault, **place: Any) -> GraphQLError:
    return GraphQLError(fault.message, original_error=fault, **place)


def refusal(told: Told, request_id: str) -> dict[str, Any]:
    """Give the response for a request that was refused before there was an operation."""
    return {"errors": [_as_told(told, request_id)]}


def _as_told(told: Told, request_id: str, **place: Any) -> dict[str, Any]:
    return {"message": told.message, **place, "extensions": {"code": told.code, "requestId": request_id}}


def _cause(error: GraphQLError) -> BaseException:
    """Give what was raised; what graphql-core found wrong itself is the request's fault."""
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if isinstance(original, GraphQLError) or (original is None and not error.path):
        return Malformed("A operação não pode ser executada como está; simplifique-a ou consulte o schema.")
    return original or error


def log_fault(raised: BaseException, request_id: str) -> None:
    """Write a fault of ours to the log: its type and stack, and what it says only if those words are ours."""
    frames = "".join(traceback.format_tb(raised.__traceback__))
    detail = str(raised) if isinstance(raised, Fault) else ""
    log.error("internal error requestId=%s type=%s %s\n%s", request_id, type(raised).__qualname__, detail, frames)
