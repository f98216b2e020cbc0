"""A registration is changed from what was seen, and only where something differs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sghss_graphql.cadastro.pacientes.regras import com_ordem
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.pessoas.types import Ficha
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.vocabulario.errors import valor_invalido


def mudado(atual: Paciente, lidos: Mapping[str, Any]) -> Paciente:
    """Give a registration with what was read."""
    return replace(atual, **com_ordem(lidos))


def exigir_mudanca(atual: Paciente, novo: Paciente, antes: Ficha, ficha: Ficha) -> None:
    """Refuse what would change nothing.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    muda_a_ficha = (
        (ficha.endereco is not None and ficha.endereco != antes.endereco)
        or (ficha.sem_endereco and antes.endereco is not None)
        or (ficha.documentos is not None and ficha.documentos != antes.documentos)
        or (ficha.contatos is not None and ficha.contatos != antes.contatos)
    )
    if novo == atual and not muda_a_ficha:
        raise valor_invalido("Nada muda: envie o que é diferente do que há.", "input")


def exigir_versao(paciente: Paciente, versao: int | None) -> None:
    """Go on only with what the caller saw, if they say what they saw.

    Raises:
        Recusa: CONFLITO_DE_VERSAO, with the paciente as they are now.
    """
    if versao is not None and versao != paciente.versao:
        raise usuarios.conflito_de_versao(paciente=paciente)
