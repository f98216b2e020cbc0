"""What one request knows: who asks, the hospital's services, and the batches that gather."""

from dataclasses import dataclass, field
from typing import Any

import strawberry

from sghss_graphql.acesso.checagem import Alcance, exigir
from sghss_graphql.acesso.papeis import Quem
from sghss_graphql.acesso.senha import Senhas
from sghss_graphql.acesso.sessao import Sessoes
from sghss_graphql.acesso.tabela import Acao
from sghss_graphql.acesso.tentativas import Tentativas
from sghss_graphql.database import Database


@dataclass(frozen=True, slots=True)
class Servicos:
    """What all requests of a process share."""

    db: Database
    senhas: Senhas
    sessoes: Sessoes
    tentativas: Tentativas


@dataclass(slots=True)
class Contexto:
    """One request. ``quem`` changes when the request logs in or out."""

    servicos: Servicos
    quem: Quem | None
    batches: dict[tuple[object, ...], Any] = field(default_factory=dict)

    @property
    def db(self) -> Database:
        """The database."""
        return self.servicos.db

    def exigir(self, acao: Acao) -> Alcance:
        """Check that whoever asks may do this, and give whose data it reaches.

        Raises:
            NaoAutenticado, Proibido: they may not.
        """
        return exigir(self.quem, acao)


Info = strawberry.Info[Contexto, None]
