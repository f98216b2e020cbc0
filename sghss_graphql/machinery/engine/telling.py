"""What failed is told with a code, words and the request's id, as ``tell`` has them, and where in the text it stands.

A fault of ours is logged as exception type and stack, without its message (it may quote a value).
"""

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLError, SourceLocation, get_location

from sghss_graphql.machinery.engine.completing import Failure
from sghss_graphql.machinery.faults import Fault, Malformed, Tell, Told

log = logging.getLogger("sghss.graphql")
_MOST_PLACES = 10


class Teller:
    """Writes what failed: ``tell`` gives its code and words, and ``failed`` hears of each kind of field that did."""

    def __init__(self, tell: Tell, failed: Callable[[Any, BaseException, str], None]) -> None:
        self._tell, self._failed = tell, failed

    def refused(self, error: GraphQLError, request_id: str) -> dict[str, Any]:
        """Write what was wrong with a request: message, locations, code and request id."""
        return _as_told(self._tell(_cause(error)), request_id, **_located(error.locations))

    def written(self, failures: Sequence[Failure], context: Any, request_id: str) -> list[dict[str, Any]]:
        """Write what failed, in order: message, locations, path, code and request id.

        What is the same for all objects of a level is done once: a fault of ours is one entry of the log, with how many
        fields it was for, and the place of a field in the text is looked up once.
        """
        kinds: dict[tuple[int, int], _Kind] = {}
        written = []
        for failure in failures:
            kind = kinds.get(key := (id(failure.nodes), id(failure.error)))
            if kind is None:
                told = self._tell(_cause(failure.error))
                kind = kinds[key] = _Kind(told, _located(_locations(failure.nodes)), failure)
                self._failed(context, failure.error, failure.nodes[0].name.value if failure.nodes else "")
            kind.count += 1
            place = {**kind.located, "path": failure.path} if failure.path else kind.located
            written.append(_as_told(kind.told, request_id, **place))
        for kind, count in _faults(kinds.values()):
            log_fault(kind.failure.error, request_id, count)
        return written


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


def failures_of(errors: Iterable[GraphQLError]) -> list[Failure]:
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


def error_of(fault: Fault, **place: Any) -> GraphQLError:
    """Give a fault as an error of graphql-core's, at a place of the text if it has one."""
    return GraphQLError(fault.message, original_error=fault, **place)


def refusal(told: Told, request_id: str) -> dict[str, Any]:
    """Give the response for a request that was refused before there was an operation."""
    return {"errors": [_as_told(told, request_id)]}


def _as_told(told: Told, request_id: str, **place: Any) -> dict[str, Any]:
    about = {"argumento": told.argument} if told.argument else {}
    became = {told.became: True} if told.became else {}
    extensions = {"code": told.code, "requestId": request_id, **about, **became}
    return {"message": told.message, **place, "extensions": extensions}


def _cause(error: BaseException) -> BaseException:
    """Give what was raised; what graphql-core found wrong itself is the request's fault."""
    if not isinstance(error, GraphQLError):
        return error
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
