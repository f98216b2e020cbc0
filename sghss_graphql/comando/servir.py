"""``serve``: the API over one's own database, in as many processes as the settings say."""

import asyncio
import os
from collections.abc import Mapping

import click
import uvicorn

from sghss_graphql.comando.doctor import require_fit_database
from sghss_graphql.machinery.web.listening import refuse_taken_port, uvicorn_options
from sghss_graphql.settings import Settings


def serve(settings: Settings, options: Mapping[str, str | None]) -> None:
    """Serve until a signal; ``options`` of the command line go on to the processes that uvicorn starts.

    Raises:
        ConfiguracaoInvalida, PortTaken: something is in the way.
    """
    for name, value in options.items():
        if value is not None:
            os.environ[f"SGHSS_{name.upper()}"] = value
    _ = settings.keys
    refuse_taken_port(settings.host, settings.port)
    asyncio.run(require_fit_database(settings, lambda text: click.echo(text, err=True)))
    listening = uvicorn_options(settings.host, settings.port)
    uvicorn.run("sghss_graphql.app:from_environment", factory=True, workers=settings.workers, **listening)
