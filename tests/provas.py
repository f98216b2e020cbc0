"""What a room's tests bring to those of all rooms: ``PROVAS`` of the ``provas.py`` in its folder, if it has one.

So that a new room edits no test but its own. Those of the first rooms stand in the tests of all themselves.
"""

import importlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sghss_graphql.vocabulario.acoes import Acao
from tests.hospital import Hospital, Pessoa

Ve = Callable[[str], bool]
"""Whether a role sees an object."""


@dataclass(frozen=True)
class Caminho:
    """One way to an object: ``texto`` with %s where its fields go; ``aresta`` is the field of the schema it walks.

    ``via`` are the objects that must be seen on the way, as oracle's answers; ``acoes`` the rules of its fields.
    """

    aresta: str
    texto: str
    via: Ve = lambda papel: True
    acoes: tuple[type[Acao], ...] = ()


@dataclass(frozen=True)
class Objetos:
    """The objects of a type: the action that they ask for, and each with its id, who sees it, and the paths to it."""

    acao: type[Acao]
    de_cada: Callable[[Hospital], Awaitable[list[tuple[str, Ve, list[Caminho]]]]]


@dataclass(frozen=True)
class Provas:
    """Of one room.

    ``acoes`` are its lines of the matrix, each with the first letters of the papéis. ``tipos`` are its types, by name;
    ``publicos`` those that tell of no paciente. ``chamadas`` gives what each function of its store is called with.
    ``operacoes`` are those whose statements are counted: papel, text with ``$n``; ``muitos`` makes what they list.
    ``historia`` does each of its mutations once, as an administrador; it gives whoever else did one.
    """

    acoes: Mapping[type[Acao], str] = field(default_factory=dict)
    tipos: Mapping[str, Objetos] = field(default_factory=dict)
    publicos: frozenset[str] = frozenset()
    chamadas: Callable[[Mapping[str, Any]], Mapping[Any, list[tuple[Any, ...]]]] = lambda linhas: {}
    operacoes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    muitos: Callable[[Hospital, int], Awaitable[None]] | None = None
    historia: Callable[[Hospital, Pessoa], Awaitable[Sequence[Pessoa] | None]] | None = None


def _todas() -> Iterator[Provas]:
    tests = Path(__file__).parent
    for path in sorted(tests.glob("*/*/provas.py")):
        yield importlib.import_module(".".join(["tests", *path.relative_to(tests).with_suffix("").parts])).PROVAS


PROVAS = tuple(_todas())
"""Of every room that has its own."""
