"""What stands on the trail: each reading of someone's data, each change, login, refusal; nothing but ids.

Lei 13.709/2018 (LGPD), art. 37; SBIS NGS1.07. What a mutation changes is named as the mutation is.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from sghss_graphql.vocabulario.tempo import agora


class Ato(Enum):
    """What was done. The names are stored: one that was used is never renamed."""

    LER_USUARIO = auto()
    """Saw who someone is: their name, CPF, papéis. Their key is ``alvo``."""
    LER_CADASTRO = auto()
    """Saw a paciente's registration."""
    LER_CONSULTAS = auto()
    LER_PRONTUARIO = auto()
    PROIBIDO = auto()
    """Asked for what their papéis don't allow; ``campo`` is the field."""
    LOGIN_RECUSADO = auto()
    """A wrong password or code, or one that came while the CPF was locked; ``alvo`` is the usuario, if there is one."""
    TOKEN_REUSADO = auto()
    """A renewal token came back after it was used; its session, ``alvo``, ended."""
    CRIAR_ADMINISTRADOR = auto()
    """The first one, on the command line."""

    LOGIN = auto()
    RENOVAR_SESSAO = auto()
    SAIR = auto()
    TROCAR_SENHA = auto()
    DEFINIR_SENHA = auto()
    EMITIR_CODIGO_DE_ACESSO = auto()
    CADASTRAR_FUNCIONARIO = auto()
    CADASTRAR_PACIENTE = auto()
    ATUALIZAR_PACIENTE = auto()
    CADASTRAR_MEDICO = auto()
    DEFINIR_EXPEDIENTE = auto()
    BLOQUEAR_AGENDA = auto()
    DESBLOQUEAR_AGENDA = auto()
    AGENDAR_CONSULTA = auto()
    REMARCAR_CONSULTA = auto()
    CANCELAR_CONSULTA = auto()
    CONFIRMAR_CONSULTA = auto()
    INICIAR_ATENDIMENTO = auto()
    CONCLUIR_CONSULTA = auto()
    REGISTRAR_FALTA = auto()
    ADICIONAR_PRONTUARIO = auto()
    RETIFICAR_PRONTUARIO = auto()


LEITURAS = frozenset({Ato.LER_USUARIO, Ato.LER_CADASTRO, Ato.LER_CONSULTAS, Ato.LER_PRONTUARIO})
"""Those of which one entry in ten minutes tells enough."""


@dataclass(frozen=True, slots=True)
class Autor:
    """Who acts: key of the usuario (None: nobody known), names of their papéis, packed address they ask from."""

    usuario: bytes | None
    papeis: tuple[str, ...] = ()
    origem: bytes | None = None


@dataclass(frozen=True, slots=True)
class Registro:
    """One entry."""

    ato: Ato
    autor: Autor
    paciente: bytes | None = None
    """Whose data."""
    alvo: bytes | None = None
    """Of what: the paciente, consulta, registro, médico or usuario."""
    campo: str | None = None
    instante: datetime = field(default_factory=agora)
