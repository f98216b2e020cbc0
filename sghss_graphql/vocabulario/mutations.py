"""A mutation answers a payload; what the caller can mend (Recusa) is its ``erros``, with the rest null.

What is asked for under an Idempotency-Key has one effect, however often it comes: the answer to what came before is
made of the same object, read anew.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import strawberry
from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from sghss_graphql.machinery.engine import Around
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import ErroDeUsuario, Proibido, Recusa, SghssError
from sghss_graphql.vocabulario.node import Node, innermost

SE_VERSAO = "Só muda se esta ainda for a versão; se não, CONFLITO_DE_VERSAO."
"""What ``seVersao`` is, on each input that has it."""

DeNovo = Callable[[Any, bytes | None], Awaitable[Any]]
"""Makes a payload for whoever asks, of the key of what was made."""


class _RecusaEmErros(Around):
    payload: Any

    def __init__(self, *, repete: bool, de_novo: DeNovo | None) -> None:
        self.repete, self.de_novo = repete, de_novo

    def apply(self, field: StrawberryField) -> None:
        self.payload = field.type

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info[Any, Any], **kwargs: Any
    ) -> Any:
        contexto = info.context
        await contexto.comecar_mudanca()
        repeticao = None
        if contexto.chave is not None:
            repeticao = contexto.repeticao(aceita=self.repete, mutations=_mutations(info), argumentos=kwargs)
            if (anterior := await repeticao.anterior()) is not None:
                return await self._de_novo(contexto, anterior, info.field_name)
        try:
            payload = await next_(source, info, **kwargs)
            if repeticao is not None:
                await repeticao.nada_mudou(self._resultado(payload))
            return payload
        except Exception as raised:
            resposta = await self._recusado(contexto, repeticao, raised, info.field_name)
            if resposta is None:
                raise
            return resposta

    async def _recusado(self, contexto: Any, repeticao: Any, raised: Exception, nome: str) -> Any:
        """Make the answer to what was refused; None if it is nothing that its caller can mend."""
        anterior = None
        if repeticao is not None and isinstance(raised, (SghssError, repeticao.JA_FEITO)):
            anterior = await repeticao.anterior()  # it may be refused because the same was done a moment ago
        recusa = raised if isinstance(raised, Recusa) else None
        erros = recusa.como_erros() if recusa else []
        if anterior is None and repeticao is not None and isinstance(raised, (Recusa, Proibido)):
            anterior = await repeticao.recusar([_escrito(erro) for erro in erros])
        if anterior is not None:
            return await self._de_novo(contexto, anterior, nome)
        return self._recusa(contexto, erros, nome, recusa.dados) if recusa else None

    def _recusa(self, contexto: Any, erros: Sequence[ErroDeUsuario], nome: str, dados: Mapping[str, object]) -> Any:
        for erro in erros:
            contexto.recusou(erro, nome)
        return self.payload(erros=erros, **dados)

    def _resultado(self, payload: Any) -> bytes | None:
        """Give the key of the object that a payload answers with."""
        objetos = (getattr(payload, campo.python_name) for campo in self._campos())
        return next((objeto.chave for objeto in objetos if isinstance(objeto, Node)), None)

    def _campos(self) -> list[StrawberryField]:
        return get_object_definition(self.payload, strict=True).fields

    async def _de_novo(self, contexto: Any, anterior: Any, nome: str) -> Any:
        """Make the answer to a request that was answered before: of the same object, as it is for its caller now."""
        if anterior.erros is not None:
            return self._recusa(contexto, [ErroDeUsuario(**erro) for erro in anterior.erros], nome, {})
        if self.de_novo is not None:
            return await self.de_novo(contexto, anterior.resultado)
        for campo in self._campos():
            classe = innermost(campo.type)
            if classe is not None and issubclass(classe, Node) and anterior.resultado is not None:
                id = ids.publico(classe.prefixo, anterior.resultado)
                achado = await contexto.achar(id)
                removido = achado is None and hasattr(self.payload, "id_removido")
                return self.payload(id_removido=id) if removido else self.payload(**{campo.python_name: achado})
        return self.payload()


def _escrito(erro: ErroDeUsuario) -> Mapping[str, Any]:
    return {"codigo": erro.codigo, "mensagem": erro.mensagem, "campo": erro.campo}


def _mutations(info: strawberry.Info[Any, Any]) -> int:
    """Count the mutations that an operation has, as it is written."""
    raw = info._raw_info  # noqa: SLF001 - Strawberry's own selected_fields converts the whole tree
    keys: set[str] = set()
    spread: set[str] = set()
    pending: list[SelectionSetNode] = [raw.operation.selection_set]
    while pending:
        for node in pending.pop().selections:
            if isinstance(node, FieldNode):
                keys.add((node.alias or node.name).value)
            elif isinstance(node, InlineFragmentNode):
                pending.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                pending.append(raw.fragments[node.name.value].selection_set)
    return len(keys)


def mutation(
    description: str, *, repete: bool = True, de_novo: DeNovo | None = None
) -> Callable[[Callable[..., Any]], Any]:
    """Declare an async method as a mutation whose payload has ``erros``.

    ``repete`` is whether it may be asked for under an Idempotency-Key: not what answers with a secret. ``de_novo``
    makes the answer to what was done before, of the key that was kept of it, where that isn't one object.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        return strawberry.mutation(
            function, description=description, extensions=[_RecusaEmErros(repete=repete, de_novo=de_novo)]
        )

    return decorate
