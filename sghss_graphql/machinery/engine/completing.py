"""Values become a response a level at a time (GraphQL specification, 6.4.3 CompleteValue and 6.4.4 errors).

A level is all the objects that one field leads to, from all the parents above it. Its objects are flat, whatever
lists they came in; the values they came from are kept, so that an object's path can be told when something goes
wrong, and costs nothing when nothing does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from graphql import (
    FieldNode,
    GraphQLOutputType,
    Undefined,
    is_list_type,
    is_non_null_type,
)
from graphql.pyutils import is_iterable

PathPart = str | int
Row = dict[str, Any]


class _Bubble:
    """What a non-null place holds when it can't be null: its parent is null instead."""


BUBBLE: Any = _Bubble()


def no_null(nodes: Sequence[FieldNode]) -> str:
    """Say that a field has no value where there must be one."""
    return f"Cannot return null for non-nullable field {nodes[0].name.value}."


class Shape:
    """The lists and non-nulls around a named type: ``[Edge!]!`` is required, with items that are required."""

    __slots__ = ("depth", "item", "required")

    def __init__(self, type_: GraphQLOutputType) -> None:
        self.required = is_non_null_type(type_)
        inner: Any = type_.of_type if is_non_null_type(type_) else type_
        self.item = Shape(inner.of_type) if is_list_type(inner) else None
        self.depth: int = 0 if self.item is None else 1 + self.item.depth
        """How many lists there are, one in the other."""


class Root:
    """The level of the root: one object, at the path of nothing."""

    __slots__ = ()

    def path(self, index: int) -> list[PathPart]:
        """Give the path of the root."""
        del index
        return []


class Level:
    """The objects behind one field of all the objects of the level ``up``.

    ``values`` has one entry for each of those: an object, lists of objects, None, or an Exception. ``objects`` are
    the objects in it that can be completed, flat. ``plain`` tells the case to be fast in: nothing but objects of the
    ``expected`` classes, or lists of them.
    """

    __slots__ = ("_key", "_places", "_shape", "accepts", "objects", "plain", "up", "values")

    def __init__(
        self,
        up: Any,
        key: str,
        values: list[Any],
        shape: Shape,
        expected: frozenset[type],
        accepts: Callable[[Any], bool],
    ) -> None:
        self.up = up
        self._key = key
        self._shape = shape
        self.accepts = accepts
        self.values = values
        self._places: list[tuple[int, tuple[int, ...]]] | None = None
        plain = _plain_objects(values, shape.depth, expected)
        self.plain = plain is not None
        if plain is None:
            self.values = [_listed(value, shape) for value in values]
            plain = [found for value in self.values for found, _ in self._placed(value, shape, ())]
        self.objects = plain

    def path(self, index: int) -> list[PathPart]:
        """Give the path of the object with this index; where all of them are is found out once, for the first."""
        if self._places is None:
            self._places = [
                (parent, inside)
                for parent, value in enumerate(self.values)
                for _, inside in self._placed(value, self._shape, ())
            ]
        parent, inside = self._places[index]
        return [*self.up.path(parent), self._key, *inside]

    def _placed(self, value: Any, shape: Shape, inside: tuple[int, ...]) -> Iterator[tuple[Any, tuple[int, ...]]]:
        """Give the objects in a value, each with its place in the lists."""
        if shape.item is not None:
            if type(value) in _LISTS:
                for place, item in enumerate(value):
                    yield from self._placed(item, shape.item, (*inside, place))
        elif value is not None and not isinstance(value, Exception) and self.accepts(value):
            yield value, inside


class Subset:
    """Some of a level's objects: those of one type, where a field can lead to several."""

    __slots__ = ("_indices", "_level")

    def __init__(self, level: Any, indices: list[int]) -> None:
        self._level = level
        self._indices = indices

    def path(self, index: int) -> list[PathPart]:
        """Give the path of the object with this index."""
        path: list[PathPart] = self._level.path(self._indices[index])
        return path


@dataclass(frozen=True, slots=True)
class Failure:
    """A field that failed: what was raised, the nodes that asked for it, and its path in the response."""

    error: BaseException
    nodes: Sequence[FieldNode]
    path: list[PathPart]


class Errors:
    """What failed in one run."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Failure] = []

    def explaining(self, data: Any) -> list[Failure]:
        """Give the failures without those that tell of the same null: one is enough for each."""
        if len(self.found) < 2:
            return list(self.found)
        kept: dict[tuple[PathPart, ...], Failure] = {}
        for failure in self.found:
            kept.setdefault(_null_place(data, failure.path), failure)
        return list(kept.values())


def strict(complete: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Give a serialisation that never gives nothing."""
    if complete in SURE:
        return complete

    def serialise(value: Any) -> Any:
        done = complete(value)
        if done is None or done is Undefined:
            raise TypeError(NOTHING)
        return done

    return serialise


SURE = (str, date.isoformat)
"""They give text, or raise."""
NOTHING = "A leaf was serialised to nothing."


class Filler:
    """Completes one field of all the objects of a level, and puts it into their rows."""

    __slots__ = ("_complete", "_key", "_nodes", "_shape")

    def __init__(
        self, key: str, nodes: Sequence[FieldNode], shape: Shape, complete: Callable[[Any], Any] | None = None
    ) -> None:
        self._key = key
        self._nodes = nodes
        self._shape = shape
        self._complete = complete and strict(complete)

    def fill(self, rows: list[Row | None], level: Level, results: list[Row | None], errors: Errors) -> None:
        """Put the completed objects of ``level`` into the rows above it."""
        if level.plain and None not in results and None not in rows:
            key, depth = self._key, self._shape.depth
            if depth == 0:
                for row, result in zip(rows, results, strict=True):
                    row[key] = result  # type: ignore[index]  # no row is None here
                return
            if depth == 1:
                start = 0
                for row, value in zip(rows, level.values, strict=True):
                    end = start + len(value)
                    row[key] = results[start:end]  # type: ignore[index]  # no row is None here
                    start = end
                return
        self._fill_each(rows, level.values, level.up, _Taken(level, results, errors))

    def fill_leaves(self, rows: list[Row | None], values: list[Any], up: Any, errors: Errors) -> None:
        """Put completed leaves, or lists of them, into the rows."""
        assert self._complete is not None  # noqa: S101 - made for leaves
        self._fill_each(rows, values, up, _Serialised(self._complete, errors))

    def leaf(self, value: Any, level: Any, index: int, errors: Errors) -> Any:
        """Complete one leaf, or list of them, of the object ``index``; BUBBLE if that object is to be null."""
        assert self._complete is not None  # noqa: S101 - made for leaves
        return self._finish(value, self._shape, _Serialised(self._complete, errors), (level, index), ())

    def _fill_each(self, rows: list[Row | None], values: list[Any], up: Any, take: Any) -> None:
        for index, (row, value) in enumerate(zip(rows, values, strict=True)):
            done = self._finish(value, self._shape, take, (up, index), ())
            if done is BUBBLE:
                rows[index] = None
            elif row is not None:
                row[self._key] = done

    def _finish(self, value: Any, shape: Shape, take: Any, owner: tuple[Any, int], inside: tuple[int, ...]) -> Any:
        """Complete one value: a null where none may be, or an error, makes it null or goes up.

        An error that came as a value isn't raised: each time would add to its traceback.
        """
        try:
            if isinstance(value, Exception):
                done = self._failed(value, take.errors, owner, inside)
            elif value is None:
                done = None
                if shape.required:
                    raise TypeError(no_null(self._nodes))
            elif shape.item is not None:
                done = self._finish_items(value, shape.item, take, owner, inside)
            else:
                done = take(value)
        except Exception as error:  # noqa: BLE001 - whatever a resolver or a scalar raises is a field error
            done = self._failed(error, take.errors, owner, inside)
        if done is BUBBLE:
            return BUBBLE if shape.required else None
        return done

    def _failed(self, error: Exception, errors: Errors, owner: tuple[Any, int], inside: tuple[int, ...]) -> Any:
        level, index = owner
        errors.found.append(Failure(error, self._nodes, [*level.path(index), self._key, *inside]))
        return BUBBLE

    def _finish_items(
        self, value: Any, shape: Shape, take: Any, owner: tuple[Any, int], inside: tuple[int, ...]
    ) -> Any:
        if not is_iterable(value):
            raise TypeError(f"Expected a list for field {self._nodes[0].name.value}.")
        done = [self._finish(item, shape, take, owner, (*inside, place)) for place, item in enumerate(value)]
        return BUBBLE if BUBBLE in done else done


class _Taken:
    """Takes the completed objects of a level, one after the other; one that is null was bubbled to here."""

    __slots__ = ("_accepts", "_results", "errors")

    def __init__(self, level: Level, results: list[Row | None], errors: Errors) -> None:
        self._accepts = level.accepts
        self._results = iter(results)
        self.errors = errors

    def __call__(self, value: Any) -> Any:
        if not self._accepts(value):
            raise TypeError(f"An object of another type was returned: {type(value).__name__}.")
        done = next(self._results)
        return BUBBLE if done is None else done


class _Serialised:
    """Serialises leaves."""

    __slots__ = ("_complete", "errors")

    def __init__(self, complete: Callable[[Any], Any], errors: Errors) -> None:
        self._complete = complete
        self.errors = errors

    def __call__(self, value: Any) -> Any:
        return self._complete(value)


_LISTS = frozenset({list, tuple})


def _plain_objects(values: list[Any], depth: int, expected: frozenset[type]) -> list[Any] | None:
    """Give the objects in plain values, flat; None if there is anything else among them."""
    for _ in range(depth):
        if not set(map(type, values)) <= _LISTS:
            return None
        values = [item for value in values for item in value]
    return values if set(map(type, values)) <= expected else None


def _listed(value: Any, shape: Shape) -> Any:
    """Make lists of all that can be iterated, which may be only once."""
    if shape.item is None or not is_iterable(value):
        return value
    return [_listed(item, shape.item) for item in value]


def _null_place(data: Any, path: Sequence[PathPart]) -> tuple[PathPart, ...]:
    """Give the part of a path that ends at the first null in the data."""
    for length, part in enumerate(path):
        if data is None:
            return tuple(path[:length])
        data = data[part]
    return tuple(path)
