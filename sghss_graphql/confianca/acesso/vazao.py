"""How often one may ask: each usuario, and each network of those who haven't said who they are."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address

from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.redes import Redes, rede_de
from sghss_graphql.machinery.faults import TooOften
from sghss_graphql.machinery.throttle import Throttle
from sghss_graphql.machinery.web.graphql import Caller


@lru_cache(maxsize=1_000)
def origem_de(endereco: str | None) -> bytes | None:
    """Pack an IP address; None for a caller that has none."""
    try:
        return ip_address(endereco).packed if endereco else None
    except ValueError:  # a proxy's own word for a caller it doesn't name
        return None


def _balde(por_segundo: float) -> Throttle:
    """Make the buckets of so many requests a second, of which some may come at once."""
    return Throttle(por_segundo, max(10.0, 5 * por_segundo))


class Vazao:
    """The buckets of all who ask: so many requests a second for whoever is known, and for a stranger's network."""

    def __init__(self, redes: Redes, conhecidos: float, estranhos: float) -> None:
        self._redes = redes
        self._conhecidos = _balde(conhecidos)
        self._estranhos = _balde(estranhos)

    def passar(self, quem: Quem | None, caller: Caller) -> Callable[[float], None]:
        """Take a request, or refuse it; give what its work is charged to, before it is done, which may refuse it too.

        Raises:
            TooOften: it is one too many.
        """
        vazao, chave, vezes = self._de(quem, caller)
        espera = vazao.take(chave, times=vezes)
        caller.left = vazao.left(chave, vezes)
        if espera:
            raise TooOften(espera)
        return vazao.bill(chave, TooOften, vezes).charge

    def _de(self, quem: Quem | None, caller: Caller) -> tuple[Throttle, bytes, int]:
        if quem is not None:
            return self._conhecidos, quem.usuario, 1
        rede = rede_de(origem_de(caller.address))
        return self._estranhos, rede, self._redes.folga(rede)
