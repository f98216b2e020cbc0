"""What is shown of somebody is seen where it leaves: by eyes on the fields that lead to it.

The entry is of the person whose data it is, however the caller came to the object. An object is shown when it stands in
the answer, whatever is asked of it: its id, or its type's name, tells that it is there. A list tells as much by the
ends of its page. What a profissional shows (name, council, hours) is the hospital's directory, nobody's secret.
Which fields show what is said by the rooms (``sala.py``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sghss_graphql.machinery.engine import Observer, Reveal
from sghss_graphql.vocabulario.atos import Leitura


@dataclass(frozen=True, slots=True)
class Visto:
    """What showing an object of a type is called, whose data it is, and which registro of a prontuário, if any."""

    ato: Leitura
    de_quem: Callable[[Any], bytes]
    registro: Callable[[Any], bytes] | None = None


class Leitor(Protocol):
    """What a request's context does with what was read."""

    def mostrou(self, visto: Visto, objetos: Sequence[Any]) -> None:
        """Keep whose data it is until the answer leaves."""
        ...


@dataclass(frozen=True)
class Olho(Observer):
    """Sees a field being read: what reading it tells of its objects' people. Of several that see the same one looks."""

    visto: Visto

    def observe(self, context: Leitor, objects: list[Any]) -> None:
        """Keep whose data it is."""
        context.mostrou(self.visto, objects)


class Aparece(Reveal):
    """Sees the objects that a field leads to, of whatever type."""

    def __init__(self, por_classe: Mapping[type, Visto]) -> None:
        self._por_classe = por_classe

    def reveal(self, context: Leitor, objects: list[Any]) -> None:
        """Keep whose data they are."""
        mostrar(context, objects, self._por_classe)


class NaPagina(Observer):
    """Sees the ends or the cursors of a page: they tell that there are objects, though none is shown."""

    def __init__(self, por_classe: Mapping[type, Visto], nos: Callable[[Any], Sequence[Any]]) -> None:
        self._por_classe = por_classe
        self._nos = nos

    def observe(self, context: Leitor, objects: list[Any]) -> None:
        """Keep whose data they are."""
        nos = self._nos(objects[0]) if len(objects) == 1 else [no for um in objects for no in self._nos(um)]
        mostrar(context, nos, self._por_classe)


def mostrar(context: Leitor, objects: Sequence[Any], por_classe: Mapping[type, Visto]) -> None:
    """Keep whose data objects are: usually all of one class."""
    classes = set(map(type, objects))
    for classe in classes:
        visto = por_classe.get(classe)
        if visto is not None:
            context.mostrou(visto, objects if len(classes) == 1 else [um for um in objects if type(um) is classe])
