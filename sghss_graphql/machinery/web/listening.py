"""How uvicorn listens, and the words for a port that can't be had."""

import socket
from typing import Any

from sghss_graphql.machinery.faults import Fault, os_reason
from sghss_graphql.machinery.web.direct import DirectProtocol


class PortTaken(Fault):
    """The address or its port can't be had; the text names the settings."""


def refuse_taken_port(host: str, port: int) -> None:
    """Try the port before anything else is started.

    Raises:
        PortTaken: another program listens there, or the address isn't this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"Não é possível atender em {host}:{port}: {os_reason(error)}."
                " Escolha outra porta com SGHSS_PORT (por exemplo, SGHSS_PORT=8001) ou outro endereço com SGHSS_HOST."
            ) from None


def uvicorn_options(host: str, port: int) -> dict[str, Any]:
    """Give uvicorn's arguments: bounded, silent about itself, and without its own log."""
    return {
        "host": host,
        "port": port,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "http": DirectProtocol,
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": 10,
        "ws": "none",
        "proxy_headers": False,
    }
