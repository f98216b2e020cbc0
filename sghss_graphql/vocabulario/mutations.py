"""A mutation answers a payload; what the caller can mend (Recusa) is its ``erros``, with the rest null."""

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from sghss_graphql.machinery.engine import Around
from sghss_graphql.vocabulario.errors import Recusa

SE_VERSAO = "Só muda se esta ainda for a versão; se não, CONFLITO_DE_VERSAO."
"""What ``seVersao`` is, on each input that has it."""


class _RecusaEmErros(Around):
    payload: Any

    def apply(self, field: StrawberryField) -> None:
        self.payload = field.type

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any, Any], **kwargs: Any
    ) -> Any:
        await info.context.comecar_mudanca()
        try:
            return await next_(source, info, **kwargs)
        except Recusa as recusa:
            for uma in recusa.todas:
                info.context.recusou(uma, info.field_name)
            return self.payload(erros=recusa.como_erros(), **recusa.dados)


def mutation(description: str) -> Callable[[Callable[..., Any]], Any]:
    """Declare an async method as a mutation whose payload has ``erros``."""

    def decorate(function: Callable[..., Any]) -> Any:
        return strawberry.mutation(function, description=description, extensions=[_RecusaEmErros()])

    return decorate
