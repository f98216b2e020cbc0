"""What the machinery refuses or can't do is one of five faults; the layer above gives each its code and words, once.

    Fault
    ├── Malformed       the request isn't one
    ├── Excess          it is larger than is accepted
    ├── TooOften        it comes too often
    ├── Unavailable     something that it needs is away
    └── Broken          a fault of ours

No message carries a value that a caller sent: it may be a password.
"""

import errno
import math
from collections.abc import Callable
from dataclasses import dataclass


class Fault(Exception):
    """The root; ``message`` is for whoever asked, and empty where the usual words of the layer above will do."""

    words = ""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or "")
        self.message = message or self.words


class Malformed(Fault):
    """The request isn't in the form that it must have.

    ``argument`` is the path of the argument that isn't, if it is one: names of the schema, and positions in lists.
    """

    def __init__(self, message: str | None = None, argument: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.argument = argument


class Excess(Fault):
    """The request is larger than is accepted."""


class TooOften(Fault):
    """The caller asks too often; ``wait`` is in how many seconds they may ask again."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"Pedidos demais. Espere {math.ceil(wait)} s e tente de novo.")
        self.wait = wait


class Unavailable(Fault):
    """Something that the request needs is away; nothing was changed, or it can't be known."""


class Broken(Fault):
    """A fault of ours; what its text says is for the log alone."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a caller is told: a code for programs, words for people, and the HTTP status of a request that is no more.

    ``ours`` is whether it is a fault of ours, whose cause belongs in the log; ``argument`` the path of the argument in
    question, if it is about one.
    """

    code: str
    message: str
    status: int = 400
    ours: bool = False
    argument: tuple[str | int, ...] = ()
    wait: float = 0.0
    """Seconds after which it may go better."""
    became: str = ""
    """A word for programs of what became of the change that was asked for, where that isn't nothing."""


Tell = Callable[[BaseException], Told]
"""Gives what is told of whatever was raised."""

_REASONS = {
    errno.EACCES: "falta permissão",
    errno.EADDRINUSE: "a porta está ocupada por outro programa",
    errno.EADDRNOTAVAIL: "este endereço não é desta máquina",
    errno.EDQUOT: "a cota de disco acabou",
    errno.ENOSPC: "o disco está cheio",
    errno.EPERM: "falta permissão",
    errno.EROFS: "a pasta é só de leitura",
}


def os_reason(error: OSError) -> str:
    """Say in Portuguese why the operating system refused; in its own words where we have none."""
    return _REASONS.get(error.errno or 0, error.strerror or str(error))
