"""A schema of every kind of field, whose resolvers give values, nulls and errors as dice say: the same for a seed."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Union

import strawberry
from strawberry.schema.config import StrawberryConfig

from sghss_graphql.machinery.engine import Check, Schema, relation
from sghss_graphql.machinery.engine.relations import wrapping
from sghss_graphql.vocabulario.errors import Proibido


class Strange:
    """What no scalar can write."""

    def __repr__(self) -> str:
        return "strange"


class Broken(Exception):
    """What a resolver raises when the dice say so."""


@strawberry.enum(description="k")
class Kind(Enum):
    """Three values, one of which has another name outside."""

    RED = "r"
    GREEN = "g"
    BLUE = strawberry.enum_value("b", name="AZUL")


@dataclass
class Context:
    """The dice of one request."""

    seed: int
    rate: float
    batches: dict[Any, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def roll(self, place: str) -> random.Random:
        """Give the dice of a place: the same whenever and by whomever it is asked."""
        return random.Random(f"{self.seed}:{place}")

    def outcome(self, place: str, value: Callable[[], Any], *, wrong: Any = ...) -> Any:
        """Give a value, null, something wrong, or raise."""
        dice = self.roll(place)
        if dice.random() >= self.rate:
            return value()
        fault = dice.choice(("null", "raise", "refuse", "wrong"))
        if fault == "null" or (fault == "wrong" and wrong is ...):
            return None
        if fault == "wrong":
            return wrong
        raise Broken(place) if fault == "raise" else Proibido()


@strawberry.interface(description="n")
class Node:
    """Something with an id."""

    id: strawberry.ID
    name: str | None


class Guard(Check):
    """Refuses or not, by the dice of the request."""

    def __init__(self, place: str) -> None:
        self.place = place

    def check(self, context: Any) -> None:
        """Check."""
        context.outcome(f"guard {self.place}", lambda: None)


@strawberry.type(description="l")
class Leaf(Node):
    """Leaves of every kind, and lists of them."""

    count: int | None
    ratio: float
    flag: bool | None
    kind: Kind
    tags: list[str | None] | None
    grid: list[list[int]] | None

    @strawberry.field(description="c")
    def shouted(self) -> str:
        """A method without arguments."""
        if self.count == 3:
            raise Broken(self.id)
        return f"{self.name}!"

    @strawberry.field(description="c")
    def repeated(self, info: strawberry.Info[Context, None], times: int = 2) -> str | None:
        """A method with info and an argument."""
        return info.context.outcome(f"{self.id} repeated", lambda: f"{self.name}" * (times % 4))

    guarded: str | None = strawberry.field(default="ok", description="g", extensions=[Guard("leaf")])


@strawberry.type(description="w")
class Around:
    """What stands around a leaf."""

    node: Leaf
    place: int


@strawberry.type(description="w")
class AroundGuarded:
    """What stands around a leaf that is behind a check."""

    node: Leaf = strawberry.field(description="g", extensions=[Guard("wrapped")])


@strawberry.type(description="w")
class AroundAny:
    """What stands around one of several types."""

    node: Node | None


@wrapping("leaves", "node")
def _around(self: "Branch") -> list[Around]:
    """Make what stands around each leaf."""
    return [Around(node=leaf, place=place) for place, leaf in enumerate(self.leaves)]


@strawberry.type(description="b")
class Branch(Node):
    """Objects of every kind, and lists of them."""

    leaf: Leaf | None
    needed: Leaf
    leaves: list[Leaf]
    holes: list[Leaf | None] | None
    nested: list[list[Leaf]] | None
    nodes: list[Node]
    around: list[Around] = strawberry.field(resolver=_around, description="w")
    around_maybe: list[Around] | None = strawberry.field(resolver=_around, description="w")
    around_guarded: list[Around] = strawberry.field(resolver=_around, description="w", extensions=[Guard("around")])

    @strawberry.field(description="w")
    @wrapping("nodes", "node")
    def around_any(self) -> list[AroundAny] | None:
        """Make what stands around each node."""
        return [AroundAny(node=node) for node in self.nodes]

    @strawberry.field(description="w")
    @wrapping("leaf", "node")
    def around_one(self) -> list[Around]:
        """Make what stands around a leaf that is in no list."""
        return [Around(node=self.leaf, place=0)] if self.leaf else []

    @strawberry.field(description="w")
    @wrapping("leaves", "node")
    def around_behind(self) -> list[AroundGuarded]:
        """Make what stands around each leaf, which is behind a check."""
        return [AroundGuarded(node=leaf) for leaf in self.leaves]

    @strawberry.field(description="l")
    async def later(self, info: strawberry.Info[Context, None]) -> Leaf:
        """An async method."""
        return info.context.outcome(f"{self.id} later", lambda: make_leaf(info.context, f"{self.id}.later"))

    @strawberry.field(description="s", extensions=[Guard("soon")])
    def soon(self, info: strawberry.Info[Context, None], name: str | None = None) -> Leaf | None:
        """A sync method that gives an object, behind a check."""
        return info.context.outcome(f"{self.id} soon", lambda: make_leaf(info.context, f"{self.id}.soon{name}"))


Either = Annotated[Union[Leaf, Branch], strawberry.union(name="Either", description="e")]  # noqa: UP007 - Strawberry wants a Union


def make_leaf(context: Context, id: str) -> Leaf:
    """Make a leaf as the dice say; some of its values don't fit their types."""

    def roll(name: str, value: Any, wrong: Any) -> Any:
        try:
            return context.outcome(f"{id} {name}", lambda: value, wrong=wrong)
        except (Broken, Proibido):
            return wrong

    dice = context.roll(id)
    return Leaf(
        id=strawberry.ID(id),
        name=roll("name", f"nome de {id}", Strange()),
        count=roll("count", dice.randrange(10), 2**40),
        ratio=roll("ratio", dice.random(), "x"),
        flag=roll("flag", True, "sim"),
        kind=roll("kind", dice.choice(list(Kind)), "z"),
        tags=roll("tags", ["a", roll("tag", "b", Strange())], 7),
        grid=roll("grid", [[1], roll("row", [2, roll("cell", 3, "x")], 4)], "x"),
    )


def make_branch(context: Context, id: str, depth: int = 2) -> Branch:
    """Make a branch as the dice say."""

    def roll(name: str, value: Callable[[str], Any]) -> Any:
        place = f"{id}.{name}"
        try:
            return context.outcome(place, lambda: value(place), wrong=[])
        except (Broken, Proibido) as error:
            return error

    def leaf(place: str) -> Leaf:
        return make_leaf(context, place)

    def some(place: str) -> list[Any]:
        dice = context.roll(place)
        return [roll(f"{place}{n}", leaf) for n in range(dice.randrange(4))] * dice.choice((1, 1, 3))  # the same again

    return Branch(
        id=strawberry.ID(id),
        name="galho",
        leaf=roll("leaf", leaf),
        needed=roll("needed", leaf),
        leaves=roll("leaves", some),
        holes=roll("holes", some),
        nested=roll("nested", lambda place: [some(f"{place}a"), some(f"{place}b")]),
        nodes=roll(
            "nodes",
            lambda place: [
                leaf(place),
                *([make_branch(context, f"{place}b", depth - 1)] if depth else []),
                leaf(place),
            ],
        ),
    )


def _for_each(context: Context, branches: Iterable[Branch], name: str, value: Callable[[str], Any]) -> list[Any]:
    """Give the value of each branch; an error stands for one of them."""
    values = []
    for branch in branches:
        place = f"{branch.id}.{name}"
        try:
            values.append(context.outcome(place, lambda place=place: value(place)))
        except (Broken, Proibido) as error:
            values.append(error)
    return values


@relation(Branch, description="r")
async def related(branches: list[Branch], info: strawberry.Info[Context, None]) -> list[Leaf | None]:
    """One leaf of each, or an error for all."""
    context = info.context
    context.outcome("related at once", lambda: None)
    return _for_each(context, branches, "related", lambda place: make_leaf(context, place))


@relation(Branch, description="m")
async def many(branches: list[Branch], info: strawberry.Info[Context, None], first: int = 2) -> list[list[Leaf]]:
    """Some leaves of each."""
    context = info.context
    return _for_each(
        context, branches, "many", lambda place: [make_leaf(context, f"{place}{n}") for n in range(first % 5)]
    )


@relation(Branch, description="t")
async def total(branches: list[Branch], info: strawberry.Info[Context, None]) -> list[int]:
    """A number for each; too few of them when the dice say so."""
    totals = _for_each(info.context, branches, "total", lambda place: len(place))
    return totals[1:] if info.context.roll("too few").random() < info.context.rate / 4 else totals


@relation(Branch, description="d")
async def deeper(branches: list[Branch], info: strawberry.Info[Context, None]) -> list[Branch | None]:
    """One branch of each."""
    context = info.context
    return _for_each(context, branches, "deeper", lambda place: make_branch(context, place, 0))


@strawberry.type(description="q")
class Query:
    """The root."""

    @strawberry.field(description="b")
    async def branch(self, info: strawberry.Info[Context, None], id: str = "a") -> Branch | None:
        """One branch."""
        return info.context.outcome(f"branch {id}", lambda: make_branch(info.context, id))

    @strawberry.field(description="b")
    async def branches(self, info: strawberry.Info[Context, None]) -> list[Branch]:
        """Several."""
        return info.context.outcome("branches", lambda: [make_branch(info.context, f"b{n}") for n in range(3)])

    @strawberry.field(description="n")
    def node(self, info: strawberry.Info[Context, None]) -> Node | None:
        """A sync field that leads to an interface."""
        make = info.context.roll("node").choice((make_leaf, make_branch))
        return info.context.outcome("node!", lambda: make(info.context, "n"))

    @strawberry.field(description="e")
    async def either(self, info: strawberry.Info[Context, None]) -> list[Either]:
        """A list of a union."""
        return [make_leaf(info.context, "e1"), make_branch(info.context, "e2"), make_leaf(info.context, "e3")]

    @strawberry.field(description="h", extensions=[Guard("hello")])
    def hello(self) -> str:
        """A leaf of the root, behind a check."""
        return "oi"


@strawberry.type(description="m")
class Mutation:
    """The root that writes."""

    @strawberry.mutation(description="s")
    async def step(self, info: strawberry.Info[Context, None], name: str) -> Branch:
        """Write down that it was called."""
        info.context.calls.append(name)
        return info.context.outcome(f"step {name}", lambda: make_branch(info.context, name))


schema = Schema(
    Query, mutation=Mutation, types=[Leaf, Branch], relations=[related, many, total, deeper], config=StrawberryConfig()
)
