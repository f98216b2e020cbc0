"""How a field of the schema gets its value: read off the object, by a method, by a relation, or as Strawberry does it.

Strawberry's own definition of a field hangs on graphql-core's (``extensions``). Only what is understood whole is
taken a short way; anything else is resolved by the function that Strawberry gave to graphql-core, one object at a time.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import GraphQLField
from strawberry.extensions import FieldExtension
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

_DEFINITION = "strawberry-definition"


class Check(FieldExtension):
    """A check that depends on who asks, and not on the object: it is made once for all objects of a level."""

    def check(self, context: Any) -> None:
        """Raise what the field answers instead of a value."""
        raise NotImplementedError

    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any, Any], **kwargs: Any) -> Any:
        """Check, then resolve."""
        self.check(info.context)
        return next_(source, info, **kwargs)

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any, Any], **kwargs: Any
    ) -> Any:
        """Check, then resolve."""
        self.check(info.context)
        return await next_(source, info, **kwargs)


class Observer(FieldExtension):
    """Is told of the objects whose field is given out, once for all objects of a level; it refuses nothing."""

    def observe(self, context: Any, objects: list[Any]) -> None:
        """Take note."""
        raise NotImplementedError

    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any, Any], **kwargs: Any) -> Any:
        """Take note, then resolve."""
        self.observe(info.context, [source])
        return next_(source, info, **kwargs)

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any, Any], **kwargs: Any
    ) -> Any:
        """Take note, then resolve."""
        self.observe(info.context, [source])
        return await next_(source, info, **kwargs)


class Reveal(FieldExtension):
    """Is told of the objects that a field leads to, once for all of a level, whatever is asked for below it."""

    def reveal(self, context: Any, objects: list[Any]) -> None:
        """Take note."""
        raise NotImplementedError

    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any, Any], **kwargs: Any) -> Any:
        """Resolve, then take note."""
        found = next_(source, info, **kwargs)
        self.reveal(info.context, list(_flat(found)))
        return found

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any, Any], **kwargs: Any
    ) -> Any:
        """Resolve, then take note."""
        found = await next_(source, info, **kwargs)
        self.reveal(info.context, list(_flat(found)))
        return found


def _flat(found: Any) -> Iterator[Any]:
    if isinstance(found, list | tuple):
        for item in found:
            yield from _flat(item)
    elif found is not None and not isinstance(found, Exception):
        yield found


class Around(FieldExtension):
    """Stands around the call of a method, and depends on nothing but that; it has ``resolve_async`` alone."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Read off the object."""

    name: str
    checks: tuple[Check, ...] = ()
    observers: tuple[Observer, ...] = ()
    reveals: tuple[Reveal, ...] = ()


@dataclass(frozen=True, slots=True)
class Wraps:
    """What the objects of a list stand around: the parent has it as ``attribute``, and each gives it as ``field``."""

    attribute: str
    field: str


@dataclass(frozen=True, slots=True)
class Method:
    """A plain method of the object, without arguments; ``wraps`` if it makes a list of wrappers."""

    function: Callable[..., Any]
    checks: tuple[Check, ...] = ()
    observers: tuple[Observer, ...] = ()
    wraps: Wraps | None = None


@dataclass(frozen=True, slots=True)
class Direct:
    """An async method of the object, called with ``info`` and the field's arguments; ``around`` from the inside out."""

    function: Callable[..., Awaitable[Any]]
    field: StrawberryField
    checks: tuple[Check, ...] = ()
    observers: tuple[Observer, ...] = ()
    around: tuple[Around, ...] = ()
    reveals: tuple[Reveal, ...] = ()
    size: Callable[[Mapping[str, Any]], int] | None = None


@dataclass(frozen=True, slots=True)
class ForAll:
    """A relation: one call for all objects, which gives a list as long."""

    function: Callable[..., Awaitable[list[Any]]]
    field: StrawberryField
    checks: tuple[Check, ...] = ()
    observers: tuple[Observer, ...] = ()
    size: Callable[[Mapping[str, Any]], int] | None = None
    reveals: tuple[Reveal, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """As Strawberry resolves it for graphql-core, one object at a time; checks and observers are part of that."""


def how(definition: GraphQLField) -> Attribute | Method | Direct | ForAll | Resolved:
    """Tell how a field gets its value."""
    field = definition.extensions.get(_DEFINITION)
    if not isinstance(field, StrawberryField) or field.permission_classes:
        return Resolved()
    if not all(isinstance(extension, Check | Observer | Around | Reveal) for extension in field.extensions):
        return Resolved()
    around = tuple(extension for extension in field.extensions if isinstance(extension, Around))
    checks = tuple(extension for extension in field.extensions if isinstance(extension, Check))
    observers = tuple(extension for extension in field.extensions if isinstance(extension, Observer))
    reveals = tuple(extension for extension in field.extensions if isinstance(extension, Reveal))
    resolver = field.base_resolver
    if resolver is None:
        return Resolved() if around else Attribute(field.python_name, checks, observers, reveals)
    function = resolver.wrapped_func
    for_all = getattr(function, "for_all", None)
    if for_all is not None and not around:
        return ForAll(for_all, field, checks, observers, getattr(function, "size", None), reveals)
    if isinstance(function, staticmethod | classmethod) or not resolver.self_parameter or resolver.root_parameter:
        return Resolved()
    return _method(field, resolver, checks, observers, around, reveals)


def _method(
    field: StrawberryField,
    resolver: StrawberryResolver[Any],
    checks: tuple[Check, ...],
    observers: tuple[Observer, ...],
    around: tuple[Around, ...],
    reveals: tuple[Reveal, ...],
) -> Method | Direct | Resolved:
    """Tell what kind of method resolves a field."""
    function: Any = resolver.wrapped_func
    info = resolver.info_parameter
    if resolver.parent_parameter:
        return Resolved()
    if not (field.is_async or field.arguments or info or around or reveals):
        return Method(function, checks, observers, getattr(function, "wraps", None))
    if field.is_async and info is not None and info.name == "info":
        return Direct(function, field, checks, observers, around, reveals, getattr(function, "size", None))
    return Resolved()
