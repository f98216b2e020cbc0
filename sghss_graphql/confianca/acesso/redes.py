"""Where a request comes from, as far as it counts: an IPv4 address, or the half of an IPv6 address that a site has."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from sghss_graphql.machinery.faults import TooOften
from sghss_graphql.machinery.throttle import Throttle

_MUITAS_VEZES = 20
"""By how much the bounds are higher where many people share an address: the hospital's own network, a lobby's Wi-Fi."""


_CADASTROS_DE_UMA_VEZ = 10


def rede_de(origem: bytes | None) -> bytes:
    """Give the network of a packed address: 4 bytes, or the first 8 of an IPv6 address; nothing if there is none."""
    if origem is None:
        return b""
    if len(origem) == 16 and origem[:12] == bytes(10) + b"\xff\xff":  # an IPv4 address written as an IPv6 one
        return origem[12:]
    return origem[:8]


class Redes:
    """The networks that many people share."""

    def __init__(self, compartilhadas: Iterable[str] = ()) -> None:
        self._compartilhadas: tuple[IPv4Network | IPv6Network, ...] = tuple(
            ip_network(rede, strict=False) for rede in compartilhadas
        )

    def folga(self, rede: bytes) -> int:
        """Give by how much a network's bounds are higher than those of others."""
        if len(rede) not in (4, 8):
            return 1
        endereco = ip_address(rede if len(rede) == 4 else rede + bytes(8))
        return _MUITAS_VEZES if any(endereco in uma for uma in self._compartilhadas) else 1

    def de_muitos(self, quem: object) -> bool:
        """Tell whether a network stands for many people: it is shared, or it isn't known which one it is."""
        return quem is None or quem == b"" or (isinstance(quem, bytes) and self.folga(quem) > 1)


NENHUMA_REDE = Redes()


class VazaoDeCadastros:
    """How often somebody unknown may try to register, from one network: each answer tells whether a CPF is known."""

    def __init__(self, redes: Redes, por_hora: float) -> None:
        self._redes = redes
        self._vazao = Throttle(por_hora / 3600, _CADASTROS_DE_UMA_VEZ)

    def passar(self, origem: bytes | None) -> None:
        """Let one try pass.

        Raises:
            TooOften: it is one too many.
        """
        rede = rede_de(origem)
        espera = self._vazao.take(rede, times=self._redes.folga(rede))
        if espera:
            raise TooOften(espera)
