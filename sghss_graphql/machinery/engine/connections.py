"""A connection is a page of a list that has a total order (Relay, GraphQL Cursor Connections).

A cursor holds the ordering key of its row, not an offset, so paging visits each row once while others are
inserted. It is sealed: it tells nothing, belongs to one list and one caller, and any other is refused.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, Protocol, Self, TypeVar

import orjson
import strawberry
from strawberry import argument

from sghss_graphql.machinery.engine.relations import for_one_parent, wrapping
from sghss_graphql.machinery.faults import Malformed

T = TypeVar("T")
Key = tuple[Any, ...]
Groups = Mapping[str, int]
"""How many there are of each group."""

DEFAULT_SIZE = 20
LARGEST_SIZE = 100
_LONGEST_CURSOR = 4_096

First = Annotated[
    int | None,
    argument(description="Quantos itens, do início para o fim: de 1 a 100; sem first e sem last, 20."),
]
After = Annotated[str | None, argument(description="Só os itens depois deste cursor, de até 4.096 caracteres.")]
Last = Annotated[int | None, argument(description="Quantos itens, do fim para o início: de 1 a 100.")]
Before = Annotated[str | None, argument(description="Só os itens antes deste cursor, de até 4.096 caracteres.")]


class Seal(Protocol):
    """Seals what is given out and comes back, for one caller; ``place`` is the list that it is of."""

    def close(self, place: str, data: bytes) -> bytes:
        """Seal."""
        ...

    def open(self, place: str, sealed: bytes) -> bytes | None:
        """Give what was sealed here, for this caller; None for anything else."""
        ...


@strawberry.type(description="Onde esta página fica na lista.")
class PageInfo:
    """Relay's PageInfo; ``first`` and ``last`` write the cursors of its ends."""

    first: strawberry.Private[Callable[[], str] | None]
    last: strawberry.Private[Callable[[], str] | None]
    has_next_page: bool = strawberry.field(description="Se há itens depois desta página.")
    has_previous_page: bool = strawberry.field(description="Se há itens antes desta página.")

    @strawberry.field(description="O cursor do primeiro item; null se a página é vazia.")
    def start_cursor(self) -> str | None:
        """Write the cursor of the first item."""
        return self.first() if self.first else None

    @strawberry.field(description="O cursor do último item; null se a página é vazia.")
    def end_cursor(self) -> str | None:
        """Write the cursor of the last item."""
        return self.last() if self.last else None


@strawberry.type(description="Um item da lista e o seu cursor.")
class Edge(Generic[T]):
    """Relay's edge; its cursor is written only when it is asked for, out of its page and the item's key."""

    page: strawberry.Private["Page"]
    key: strawberry.Private[Callable[[Any], Key]]

    @strawberry.field(description="A posição do item na lista, para after e before.")
    def cursor(self) -> str:
        """Write the cursor."""
        return self.page.cursor(self.key(self.node))

    node: T = strawberry.field(description="O item.")


@dataclass(frozen=True, slots=True)
class Count:
    """How to count the whole list of one parent, together with those of its level.

    ``count`` takes the keys of all parents and gives as many numbers; ``groups``, where the list has any, as many
    tables of numbers by group.
    """

    count: Callable[[list[Any]], Awaitable[Sequence[int]]]
    key: Any
    groups: Callable[[list[Any]], Awaitable[Sequence[Groups]]] | None = None

    @classmethod
    def of_one(cls, total: Callable[[], Awaitable[int]], groups: Callable[[], Awaitable[Groups]] | None = None) -> Self:
        """Count a list that has no parent."""

        async def count(keys: list[None]) -> list[int]:
            return [await total()] * len(keys)

        async def by_group(keys: list[None]) -> list[Groups]:
            return [await groups() if groups else {}] * len(keys)

        return cls(count, None, by_group)


async def groups_of(connections: Sequence["Connection[Any]"]) -> list[Groups]:
    """Count the groups of the lists of a level, those at once that share the way to be counted."""
    return await _each_way(connections, lambda count: count.groups)


async def _each_way(
    connections: Sequence["Connection[Any]"],
    way: Callable[[Count], Callable[[list[Any]], Awaitable[Sequence[T]]] | None],
) -> list[T]:
    """Count lists, each in its own way: those of one level may have come by several."""
    ways = {way(connection.count): None for connection in connections}
    counted: dict[int, T] = {}
    for one in ways:
        if one is None:
            raise TypeError("nobody said how these lists are counted")
        of_this = [n for n, connection in enumerate(connections) if way(connection.count) == one]
        found = await one([connections[n].count.key for n in of_this])
        counted.update(zip(of_this, found, strict=True))
    return [counted[n] for n in range(len(connections))]


async def _total_counts(connections: list[Any], info: strawberry.Info[Any, Any]) -> list[int]:
    """Count the lists of a level, those at once that share the way to be counted."""
    del info
    return [int(number) for number in await _each_way(connections, lambda count: count.count)]


@wrapping("nodes", "node")
def _edges(self: "Connection[T]") -> list[Edge[T]]:
    """Make each item's edge."""
    return [Edge(page=self.page, key=self.key, node=node) for node in self.nodes]


@strawberry.type(description="Uma página de uma lista ordenada.")
class Connection(Generic[T]):
    """Relay's connection; ``totalCount`` costs a statement only when it is asked for."""

    edges: list[Edge[T]] = strawberry.field(resolver=_edges, description="Os itens da página, em ordem.")
    page_info: PageInfo = strawberry.field(description="Onde esta página fica na lista.")
    nodes: strawberry.Private[list[T]]
    page: strawberry.Private["Page"]
    key: strawberry.Private[Callable[[Any], Key]]
    count: strawberry.Private[Count]

    total_count: int = strawberry.field(
        resolver=for_one_parent(_total_counts), description="Quantos itens a lista inteira tem."
    )


@dataclass(frozen=True, slots=True)
class Page:
    """What was asked: ``size`` items from one end, within the open interval of two keys in list order.

    ``after`` and ``before`` are ordering keys or None; ``backward`` takes from the end. ``place`` is the list that it
    is of, and ``seal`` what closes its cursors.
    """

    place: str
    seal: Seal
    size: int
    backward: bool
    after: Key | None
    before: Key | None

    @property
    def limit(self) -> int:
        """Rows to read: one more than the page, to know whether there are more."""
        return self.size + 1

    def connection(self, rows: Sequence[T], key: Callable[[T], Key], count: Count) -> Connection[T]:
        """Make the page out of up to ``limit`` rows, in the order in which they were read."""
        more = len(rows) > self.size
        kept = list(rows[: self.size])
        if self.backward:
            kept.reverse()
        return Connection(
            nodes=kept,
            page=self,
            key=key,
            page_info=PageInfo(
                has_next_page=self.before is not None if self.backward else more,
                has_previous_page=more if self.backward else self.after is not None,
                first=(lambda: self.cursor(key(kept[0]))) if kept else None,
                last=(lambda: self.cursor(key(kept[-1]))) if kept else None,
            ),
            count=count,
        )

    def cursor(self, key: Key) -> str:
        """Write the cursor of a key."""
        parts = [part.hex() if isinstance(part, bytes) else part for part in key]
        return base64.urlsafe_b64encode(self.seal.close(self.place, orjson.dumps(parts))).rstrip(b"=").decode()

    def connections(
        self,
        keys: Sequence[bytes],
        rows: Sequence[T],
        parent: Callable[[T], bytes],
        key: Callable[[T], Key],
        totals: Callable[[list[bytes]], Awaitable[Mapping[bytes, int]]],
        groups: Callable[[list[bytes]], Awaitable[Mapping[bytes, Groups]]] | None = None,
    ) -> list[Connection[T]]:
        """Make one page for each parent's key; ``totals`` and ``groups`` count many, and may leave some out."""

        async def count(parents: list[bytes]) -> list[int]:
            counted = await totals(parents)
            return [counted.get(one, 0) for one in parents]

        async def by_group(parents: list[bytes]) -> list[Groups]:
            counted = await groups(parents) if groups else {}
            return [counted.get(one, {}) for one in parents]

        return [
            self.connection(own, key, Count(count, one, by_group))
            for one, own in zip(keys, dealt(keys, rows, parent), strict=True)
        ]


def page_of(
    place: str,
    types: tuple[type, ...],
    seal: Seal,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page:
    """Check the arguments of a connection.

    ``place`` names the list, whose cursors ``seal`` closes; ``types`` are those of the parts of its ordering key.

    Raises:
        Malformed: both first and last, a size outside 1 to 100, or a cursor of something else.
    """
    if first is not None and last is not None:
        raise Malformed("Peça first ou last, não os dois.", ("last",))
    size = DEFAULT_SIZE
    for name, value in (("first", first), ("last", last)):
        if value is not None:
            size = page_size(name, value)
    return Page(
        place=place,
        seal=seal,
        size=size,
        backward=last is not None,
        after=None if after is None else _read_cursor(place, types, seal, "after", after),
        before=None if before is None else _read_cursor(place, types, seal, "before", before),
    )


def page_size(name: str, value: int) -> int:
    """Check the size of a page, given as the argument of this name.

    Raises:
        Malformed: it isn't 1 to 100.
    """
    if not 1 <= value <= LARGEST_SIZE:
        raise Malformed(f"O argumento {name} vai de 1 a {LARGEST_SIZE}; para mais, siga os cursores.", (name,))
    return value


def dealt(keys: Sequence[Any], rows: Sequence[T], parent: Callable[[T], Any]) -> list[list[T]]:
    """Deal rows out to their parents' keys, keeping their order."""
    hands: dict[Any, list[T]] = {key: [] for key in keys}
    for row in rows:
        hands[parent(row)].append(row)
    return [hands[key] for key in keys]


def _read_cursor(place: str, types: tuple[type, ...], seal: Seal, name: str, cursor: str) -> Key:
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts = orjson.loads(seal.open(place, sealed) or b"")
        return tuple(_READ[type_](part) for type_, part in zip(types, parts, strict=True))
    except (ValueError, TypeError, binascii.Error):
        raise Malformed("Cursor inválido: use um cursor que esta mesma lista deu a você.", (name,)) from None


def _read_text(part: Any) -> str:
    if not isinstance(part, str):
        raise TypeError
    return part


def _read_number(part: Any) -> int:
    if type(part) is not int or not 0 <= part < 2**32:
        raise TypeError
    return part


def _read_key(part: Any) -> bytes:
    value = bytes.fromhex(part)
    if len(value) != 16:
        raise ValueError
    return value


_READ: dict[type, Callable[[Any], Any]] = {
    str: _read_text,
    int: _read_number,
    bytes: _read_key,
    date: date.fromisoformat,
    datetime: lambda part: datetime.fromisoformat(part).replace(tzinfo=None),
}
