"""A field that shows someone's data has an eye on it, which tells the request whose data was shown, and how.

The entry is of the person whose data it is, however the caller came to the object. Ids alone show nothing. What
a médico shows (name, CRM, speciality, hours) is the hospital's directory, and no one's secret. Which fields show what
is said by the rooms (``sala.py``).
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sghss_graphql.machinery.engine import Observer
from sghss_graphql.vocabulario.atos import Leitura


class Leitor(Protocol):
    """What a request's context does with what was read."""

    def mostrou(self, ato: Leitura, objetos: Sequence[Any], de_quem: Callable[[Any], bytes]) -> None:
        """Keep whose data it is until the answer leaves."""
        ...


class Olho(Observer):
    """Sees a field being read: ``ato`` is what reading it is called, ``de_quem`` gives whose data an object holds."""

    def __init__(self, ato: Leitura, de_quem: Callable[[Any], bytes]) -> None:
        self._ato = ato
        self._de_quem = de_quem

    def observe(self, context: Leitor, objects: list[Any]) -> None:
        """Keep whose data it is."""
        context.mostrou(self._ato, objects, self._de_quem)
