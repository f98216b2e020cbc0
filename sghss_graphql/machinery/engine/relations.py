"""A relation's resolver takes all the parents of its level and gives a list as long: N+1 can't be written.

    @relation(Paciente, description="As consultas do paciente.")
    async def consultas(pacientes: list[Paciente], info: Info, first: First = None) -> list[ConsultaConnection]: ...

A relation may point up: it stands in the room that owns its data, and the parent's room knows nothing of it. It is a
value, which the schema takes along when it is made (``schema.Schema``); nothing is added to the parent's class.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, get_args, get_origin

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types.field import StrawberryField

from sghss_graphql.machinery.engine.fields import Wraps

T = TypeVar("T")
Resolver = Callable[..., Awaitable[Sequence[Any]]]


class HasBatches(Protocol):
    """What a request's context holds for us: the batches that gather, by field and path."""

    batches: dict[tuple[object, ...], Any]


@dataclass(frozen=True, slots=True)
class Relation:
    """A field of ``parent`` that is resolved for all its objects at once, by ``function``."""

    parent: type
    field: StrawberryField
    function: Resolver


def relation(
    parent: type,
    *,
    description: str,
    name: str | None = None,
    size: Callable[[Mapping[str, Any]], int] | None = None,
) -> Callable[[Resolver], Relation]:
    """Make a field of ``parent`` that is resolved for all parents of a level at once.

    ``size`` tells how many objects a list has for each parent, from the field's arguments: it is for the limits, and
    only needed where a list has no pages and may be long.

    The function's first parameter is the list of parents, which it leaves as it is (it may be the page's own), the next
    one ``info``; the others are the field's arguments.
    It returns ``list[T]`` or ``Sequence[T]``, in the parents' order, and the field's type is ``T``.
    """

    def decorate(function: Resolver) -> Relation:
        field = strawberry.field(for_one_parent(function, size), description=description, name=name)
        field.python_name = function.__name__
        field.origin = parent
        return Relation(parent, field, function)

    return decorate


async def gathered(
    info: strawberry.Info[HasBatches, Any],
    owner: object,
    load: Callable[[list[T]], Awaitable[Sequence[Any]]],
    item: T,
) -> Any:
    """Give ``load``'s answer for ``item``, having called it once for all items of this level."""
    batches = info.context.batches
    key = (owner, *(part for part in info.path.as_list() if isinstance(part, str)))
    batch = batches.get(key)
    if batch is None:
        batch = batches[key] = DataLoader(load, cache=False)
    return await batch.load(item)


def for_one_parent(
    function: Resolver, size: Callable[[Mapping[str, Any]], int] | None = None
) -> Callable[..., Awaitable[Any]]:
    """Give Strawberry a resolver for one parent, whose signature says what the function's says for all.

    It keeps the function as ``for_all``, which the compiled executor calls, and ``size`` for the limits.
    """

    async def resolve(root: Any, info: strawberry.Info[Any, Any], **arguments: Any) -> Any:
        return await gathered(info, function, lambda parents: function(parents, info, **arguments), root)

    signature = inspect.signature(function)
    _, _, *parameters = signature.parameters.values()
    if get_origin(signature.return_annotation) not in (list, Sequence):
        raise TypeError(f"{function.__qualname__} must be annotated to return list[…] or Sequence[…]")
    (item,) = get_args(signature.return_annotation)
    root = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    info = root.replace(name="info", annotation=strawberry.Info)
    resolve.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # a function's own, by PEP 362
        [root, info, *parameters], return_annotation=item
    )
    resolve.for_all = function  # type: ignore[attr-defined]  # marks of our own
    resolve.size = size  # type: ignore[attr-defined]  # marks of our own
    resolve.__name__ = function.__name__
    resolve.__module__ = function.__module__
    return resolve


def sized(size: int | Callable[[Mapping[str, Any]], int]) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Say how many objects the list of a root field has at most: it is for the limits, as a relation's ``size``.

    Of a connection it is what a page costs beside its objects.
    """

    def decorate(function: Callable[..., T]) -> Callable[..., T]:
        function.size = size if callable(size) else lambda _: size  # type: ignore[attr-defined]  # a mark of our own
        return function

    return decorate


def wrapping(attribute: str, field: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Say that a method makes a wrapper around each of what ``self`` has as ``attribute``, which gives it as ``field``.

    One for each, in their order, and nothing besides; the attribute is a list, which nobody changes. Where an operation
    asks the wrappers for nothing else, they aren't made.
    """

    def decorate(function: Callable[..., T]) -> Callable[..., T]:
        function.wraps = Wraps(attribute, field)  # type: ignore[attr-defined]  # a mark of our own
        return function

    return decorate
