"""A branch reads one field of all objects of a level, then completes what it leads to."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from functools import partial
from operator import attrgetter
from typing import Any

import strawberry
from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    get_argument_values,
    is_abstract_type,
)
from strawberry.types.base import StrawberryObjectDefinition

from sghss_graphql.machinery.engine.arguments import Arguments
from sghss_graphql.machinery.engine.completing import Errors, Filler, Level, Row, Shape, Subset
from sghss_graphql.machinery.engine.fields import Attribute, Direct, ForAll, Method, Reveal, Wraps
from sghss_graphql.machinery.engine.info import FieldInfo, core_info
from sghss_graphql.machinery.engine.schema import Schema
from sghss_graphql.machinery.engine.selections import Selected
from sghss_graphql.machinery.engine.turns import LARGE, Part

Rows = list[Row | None]


class Run:
    """One request that runs a plan: its context, coerced variables and errors.

    ``frame`` is what all runs of the plan share, and ``turns`` its part in those that all runs of the engine take.
    """

    __slots__ = ("context", "errors", "frame", "turns", "variables")

    def __init__(self, frame: Any, context: Any, variables: Any, turns: Part) -> None:
        self.frame = frame
        self.context = context
        self.variables = variables
        self.turns = turns
        self.errors = Errors()


class Branch:
    """Reads a field by its ``source``, and fills it in; ``child`` completes the objects that it leads to."""

    def __init__(
        self,
        selected: Selected,
        source: Any,
        filler: Filler,
        shape: Shape,
        named: GraphQLNamedType | None = None,
        child: Callable[..., Any] | None = None,
        *,
        child_is_async: bool = False,
        reveals: tuple[Reveal, ...] = (),
    ) -> None:
        self._key = selected.key
        self._source = source
        self._filler = filler
        self._shape = shape
        self._child = child
        self._child_is_async = child_is_async
        self._expected, self._accepts = acceptance(named, selected)
        self._reveals = reveals
        self._reads = isinstance(source, Itself | Reads) and not source.checked
        self.is_async = child_is_async or not self._reads

    def fill(self, objects: list[Any], level: Any, run: Run, rows: Rows) -> None:
        """Fill the field in, where nothing is awaited."""
        values = self._source.read(objects)
        if self._child is None:
            self._filler.fill_leaves(rows, values, level, run.errors)
            return
        below = self._below(level, values, run)
        self._filler.fill(rows, below, self._child(below.objects, below, run), run.errors)

    async def fill_async(self, objects: list[Any], level: Any, run: Run, rows: Rows) -> None:
        """Fill the field in."""
        values = self._source.read(objects) if self._reads else await self._source.values(objects, level, run)
        if self._child is None:
            self._filler.fill_leaves(rows, values, level, run.errors)
            return
        below = self._below(level, values, run)
        if len(below.objects) >= LARGE:
            await run.turns.take()
        done = self._child(below.objects, below, run)
        self._filler.fill(rows, below, await done if self._child_is_async else done, run.errors)

    def _below(self, level: Any, values: list[Any], run: Run) -> Level:
        """Give the level that the field leads to, and tell of its objects whoever is to know."""
        below = Level(level, self._key, values, self._shape, self._expected, self._accepts)
        for one in self._reveals:
            one.reveal(run.context, below.objects)
        return below


class Unwrapped:
    """Fills a list of wrappers in that are asked for nothing but what they wrap, without making any.

    ``branch`` does it where that isn't plain objects, and ``child`` otherwise: it takes what is wrapped in place of the
    wrappers.
    """

    def __init__(
        self,
        branch: Branch,
        key: str,
        filler: Filler,
        shape: Shape,
        wraps: Wraps,
        expected: frozenset[type],
        child: Callable[..., Any],
    ) -> None:
        self.is_async = branch.is_async
        self._branch = branch
        self._key = key
        self._filler = filler
        self._shape = shape
        self._wrapped = attrgetter(wraps.attribute)
        self._expected = expected
        self._child = child

    def fill(self, objects: list[Any], level: Any, run: Run, rows: Rows) -> None:
        """Fill the field in, where nothing is awaited."""
        below = self._below(objects, level)
        if below.plain:
            self._filler.fill(rows, below, self._child(below.objects, below, run), run.errors)
        else:
            self._branch.fill(objects, level, run, rows)

    async def fill_async(self, objects: list[Any], level: Any, run: Run, rows: Rows) -> None:
        """Fill the field in."""
        below = self._below(objects, level)
        if below.plain:
            if len(below.objects) >= LARGE:
                await run.turns.take()
            done = self._child(below.objects, below, run)
            self._filler.fill(rows, below, await done if self.is_async else done, run.errors)
        else:
            await self._branch.fill_async(objects, level, run, rows)

    def _below(self, objects: list[Any], level: Any) -> Level:
        """Give the level of the wrappers, of what they wrap; it is only right if it is plain."""
        values = _of_each(self._wrapped, objects)
        below = Level(level, self._key, values, self._shape, self._expected, lambda _: True)
        if below.plain and len(values) == 1:
            below.objects = values[0]  # the page's own list: whoever was told of it needs not be told again
        return below


class Reads:
    """Reads a field off each object: its attribute, or what a method gives that only makes wrappers.

    Where one fails, all are read once more, to find out which.
    """

    def __init__(self, field: Attribute | Method) -> None:
        self._field = field
        self._of_one = attrgetter(field.name) if isinstance(field, Attribute) else field.function
        self.checked = bool(field.checks)

    def read(self, objects: list[Any]) -> list[Any]:
        """Give the value of each object, or its error."""
        return _of_each(self._of_one, objects)

    async def values(self, objects: list[Any], level: Any, run: Run) -> list[Any]:
        """Make the checks, if there are any; then give the value of each object, or its error."""
        del level
        try:
            _admit(self._field, objects, run)
        except Exception as error:  # noqa: BLE001 - a check's refusal is a field error
            return [error] * len(objects)
        return self.read(objects)


class Itself:
    """Gives the objects themselves, where they stand in place of what is around them."""

    checked = False

    def read(self, objects: list[Any]) -> list[Any]:
        """Give them."""
        return objects


class Relation:
    """Asks once for all objects."""

    def __init__(self, type_: GraphQLObjectType, selected: Selected, read: ForAll, schema: Schema) -> None:
        self._type = type_
        self._selected = selected
        self._read = read
        self._arguments = Arguments(selected, read.field, schema)

    async def values(self, objects: list[Any], level: Any, run: Run) -> list[Any]:
        """Give the relation's list, or its error once for each object."""
        if not objects:
            return []
        try:
            _admit(self._read, objects, run)
            info = FieldInfo(run, self._type, self._selected, self._read.field, level, None)
            values = await self._read.function(objects, info, **self._arguments.given(run.variables, info))
            if len(values) != len(objects):
                raise TypeError(f"{self._selected.name} gave {len(values)} values for {len(objects)} objects")
        except Exception as error:  # noqa: BLE001 - whatever a resolver raises is a field error
            return [error] * len(objects)
        return list(values)


class Calls:
    """Calls a method of each object, side by side; its checks are made, and its observers told, before."""

    def __init__(self, type_: GraphQLObjectType, selected: Selected, read: Direct, schema: Schema) -> None:
        self._type = type_
        self._selected = selected
        self._read = read
        self._arguments = Arguments(selected, read.field, schema)
        self._call: Callable[..., Awaitable[Any]] = self._method if read.around else read.function
        for extension in read.around:
            self._call = partial(extension.resolve_async, self._call)

    async def values(self, objects: list[Any], level: Any, run: Run) -> list[Any]:
        """Give the value of each object, or its error."""
        try:
            _admit(self._read, objects, run)
        except Exception as error:  # noqa: BLE001 - a check's refusal is a field error
            return [error] * len(objects)
        if len(objects) == 1:
            return [await self._value(objects[0], level, 0, run)]
        return await asyncio.gather(*(self._value(it, level, index, run) for index, it in enumerate(objects)))

    async def _value(self, it: Any, level: Any, index: int, run: Run) -> Any:
        try:
            info = FieldInfo(run, self._type, self._selected, self._read.field, level, index)
            return await self._call(it, info=info, **self._arguments.given(run.variables, info))
        except Exception as error:  # noqa: BLE001 - whatever a resolver raises is a field error
            return error

    def _method(self, it: Any, info: strawberry.Info[Any, Any], **arguments: Any) -> Awaitable[Any]:
        called: Awaitable[Any] = self._read.function(it, info=info, **arguments)
        return called


class Resolves:
    """Has each object's field resolved as graphql-core would, side by side."""

    def __init__(self, type_: GraphQLObjectType, selected: Selected) -> None:
        self._type = type_
        self._selected = selected

    async def values(self, objects: list[Any], level: Any, run: Run) -> list[Any]:
        """Give the value of each object, or its error."""
        if len(objects) == 1:
            return [await self._value(objects[0], level, 0, run)]
        return await asyncio.gather(*(self._value(it, level, index, run) for index, it in enumerate(objects)))

    async def _value(self, it: Any, level: Any, index: int, run: Run) -> Any:
        definition = self._selected.definition
        assert definition is not None  # noqa: S101 - __typename has no resolver
        assert definition.resolve is not None  # noqa: S101 - Strawberry always gives one
        try:
            arguments = get_argument_values(definition, self._selected.nodes[0], run.variables)
            info = core_info(run, self._type, self._selected, [*level.path(index), self._selected.key])
            value = definition.resolve(it, info, **arguments)
            return await value if inspect.isawaitable(value) else value
        except Exception as error:  # noqa: BLE001 - whatever a resolver raises is a field error
            return error


def abstract(
    functions: Mapping[str, tuple[str, bool, bool]], names: Mapping[str, Any]
) -> Callable[..., Awaitable[Rows]]:
    """Give what completes objects of several types: those of each type by the function of their own selection."""

    async def complete(objects: list[Any], level: Any, run: Run) -> Rows:
        by_type: dict[str, list[int]] = {}
        for index, it in enumerate(objects):
            by_type.setdefault(str(_type_name(it)), []).append(index)
        rows: Rows = [None] * len(objects)
        for type_name, indices in by_type.items():
            function, is_async, _ = functions[type_name]
            done = names[function]([objects[index] for index in indices], Subset(level, indices), run)
            for index, row in zip(indices, await done if is_async else done, strict=True):
                rows[index] = row
        return rows

    return complete


def each_once(child: Callable[[list[Any], Any, Run], Rows]) -> Callable[[list[Any], Any, Run], Rows]:
    """Give what completes an object of leaves once, in however many places of a level it stands; they share its row.

    A page of consultas has the same profissional in each. Where one fails, each place tells of its own failure.
    """

    def complete(objects: list[Any], level: Any, run: Run) -> Rows:
        if 2 * len(set(map(id, objects))) > len(objects):
            return child(objects, level, run)
        distinct = dict(zip(map(id, objects), objects, strict=True))
        failed = len(run.errors.found)
        done = child(list(distinct.values()), level, run)
        if len(run.errors.found) > failed:
            del run.errors.found[failed:]
            return child(objects, level, run)
        rows = dict(zip(distinct, done, strict=True))
        return [rows[id(it)] for it in objects]

    return complete


async def together(*fillings: Coroutine[Any, Any, None]) -> None:
    """Await several fillings side by side; when this is cancelled, or one of them raises, so are the others."""
    try:
        async with asyncio.TaskGroup() as group:
            for filling in fillings:
                group.create_task(filling)
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None


def _of_each(read: Callable[[Any], Any], objects: list[Any]) -> list[Any]:
    try:
        return list(map(read, objects))
    except Exception:  # noqa: BLE001 - one of them fails: find out which
        return [_of_one(read, it) for it in objects]


def _of_one(read: Callable[[Any], Any], it: Any) -> Any:
    try:
        return read(it)
    except Exception as error:  # noqa: BLE001 - a property may raise anything
        return error


def _admit(read: Attribute | Method | Direct | ForAll, objects: list[Any], run: Run) -> None:
    """Make a field's checks, then tell its observers of the objects: what is refused isn't seen."""
    for check in read.checks:
        check.check(run.context)
    for observer in read.observers:
        observer.observe(run.context, objects)


def acceptance(named: GraphQLNamedType | None, selected: Selected) -> tuple[frozenset[type], Callable[[Any], bool]]:
    """Give the classes that are accepted at a glance, and the test for all others."""
    if named is None:
        return frozenset(), lambda _: True
    if is_abstract_type(named):
        return frozenset(), lambda it: _type_name(it) in selected.inside
    assert isinstance(named, GraphQLObjectType)  # noqa: S101 - what is neither leaf nor abstract
    definition, test = named.extensions.get("strawberry-definition"), named.is_type_of
    expected = frozenset(_classes(definition)) if definition is not None else frozenset()
    if test is None:
        return expected, lambda _: True
    return expected, lambda it: bool(test(it, None))  # type: ignore[arg-type]  # Strawberry's takes no info


def _classes(definition: StrawberryObjectDefinition) -> Iterator[type]:
    """Give the classes of a type's objects: of a generic type's, those of the generic one, as Strawberry takes them."""
    yield definition.origin
    if definition.concrete_of is not None:
        yield definition.concrete_of.origin


def _type_name(it: Any) -> str | None:
    """Give the name of an object's own type, as Strawberry tells it."""
    definition = getattr(type(it), "__strawberry_definition__", None)
    return None if definition is None else str(definition.name)
