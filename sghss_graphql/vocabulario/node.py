"""What has an id of its own can be asked for again by it (Relay, Global Object Identification)."""

from typing import Any, ClassVar

import strawberry
from strawberry import ID, Private


@strawberry.interface(description="Um objeto com identidade, que pode ser pedido de novo pelo id.")
class Node:
    """Relay's Node; each type that is one has a ``prefixo`` of three letters, which its ids begin with."""

    prefixo: ClassVar[str]
    chave: Private[bytes]

    @strawberry.field(description="Identificador opaco: guarde-o e devolva-o como veio.")
    def id(self) -> ID:
        """Give the id that clients see."""
        return self.prefixo + "_" + self.chave.hex()  # type: ignore[return-value]  # as ids.publico: called for each object


def innermost(type_: Any) -> type | None:
    """Give the class that stands in whatever lists and optionals of Strawberry's; None if what stands there is none."""
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    return type_ if isinstance(type_, type) else None
