"""One clock for several processes: eight bytes of a file that each of them maps say by how much it is ahead."""

import mmap
import struct
from datetime import timedelta
from pathlib import Path

from sghss_graphql.vocabulario.tempo import relogio

_MICROS = struct.Struct("<q")


class RelogioPartilhado:
    """The clock of a simulated hospital: it runs as this machine's does, and is put ahead between two rounds."""

    def __init__(self, arquivo: Path) -> None:
        if not arquivo.exists():
            arquivo.write_bytes(bytes(_MICROS.size))
        with arquivo.open("r+b") as aberto:
            self._bytes = mmap.mmap(aberto.fileno(), _MICROS.size)

    @property
    def adiantado(self) -> timedelta:
        """By how much it is ahead of this machine's."""
        return timedelta(microseconds=_MICROS.unpack_from(self._bytes)[0])

    def adiantar(self, quanto: timedelta) -> None:
        """Put it ahead, in all processes at once."""
        _MICROS.pack_into(self._bytes, 0, (self.adiantado + quanto) // timedelta(microseconds=1))

    def seguir(self, torto: timedelta = timedelta()) -> None:
        """Let the product's clock in this process be this one, as a clock that is a little off shows it."""
        type(relogio).adiantado = property(lambda _: self.adiantado + torto)  # type: ignore[assignment,method-assign]  # one clock
