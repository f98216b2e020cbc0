"""``contingencia`` opens the agenda that was kept on this machine, with no database there."""

import os
from datetime import timedelta
from pathlib import Path

import click

from sghss_graphql.atendimento.contingencia.porta import abrir
from sghss_graphql.atendimento.contingencia.regras import VELHA, pagina
from sghss_graphql.confianca.acesso.lacre import Cofre
from sghss_graphql.settings import ConfiguracaoInvalida, Settings
from sghss_graphql.vocabulario.tempo import agora, hora_local


def write_page(settings: Settings, path: Path | None) -> None:
    """Write the agenda as a page, to a file for its owner alone or to the standard output.

    Raises:
        ConfiguracaoInvalida, SemFolha: there is nothing to open.
    """
    if settings.contingency is None:
        raise ConfiguracaoInvalida("Diga em SGHSS_CONTINGENCY a pasta em que os servidores guardam a agenda.")
    folha = abrir(settings.contingency, Cofre([key.material for key in settings.keys]))
    page = pagina(folha, agora())
    if path is None:
        click.echo(page)
    else:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(page)
    age = agora() - folha.instante
    when = hora_local(folha.instante, folha.fuso)
    note = " É velha: veja se os servidores estavam no ar." if age > VELHA else ""
    told = f"Agenda de {when}, de há {age // timedelta(minutes=1)} minutos: {len(folha.marcadas)} consultas.{note}"
    click.echo(f"{told} Fica na auditoria que foi aberta, assim que o banco voltar.", err=True)
