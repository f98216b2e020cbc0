"""What the room of the servidor brings to the tests of all rooms."""

from tests.provas import Provas

PROVAS = Provas(publicos=frozenset({"Servidor"}))
