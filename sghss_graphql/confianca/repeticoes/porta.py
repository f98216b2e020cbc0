"""The door of repetições: what was asked for before under the same key, and keeping what becomes of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from sghss_graphql.confianca.repeticoes import store
from sghss_graphql.confianca.repeticoes.regras import MAIS_GUARDADAS, VALIDADE, Anterior, Pedido
from sghss_graphql.machinery.database import Database, DuplicateKey, Transaction
from sghss_graphql.vocabulario.errors import RequisicaoInvalida
from sghss_graphql.vocabulario.tempo import agora

_MAIS_POR_VEZ = 1_000


class JaFeito(Exception):
    """Another request under the same key was committed meanwhile: this one's effect is undone."""


class _NaoSeGuarda(Exception):
    """What was written of a refusal is taken back."""


class Repeticao:
    """A request under a key."""

    JA_FEITO = JaFeito

    def __init__(self, db: Database, pedido: Pedido) -> None:
        self._db = db
        self._pedido = pedido
        self._escrita: Transaction | None = None
        self._ficou = False

    async def anterior(self) -> Anterior | None:
        """Give what became of it, if it was sent before.

        Raises:
            RequisicaoInvalida: what was sent before under this key was something else.
        """
        achado = await store.achar(self._db, self._pedido, agora() - VALIDADE)
        if achado is not None and achado.pedido not in self._pedido.marcas:
            raise RequisicaoInvalida("Esta Idempotency-Key já foi usada em outro pedido: use uma nova para cada um.")
        return achado

    def escrever(self, tx: Transaction, resultado: bytes | None) -> None:
        """Keep what was made or changed, in the transaction that does it; of several things, the first."""
        if self._escrita is not tx:
            self._escrita = tx
            with tx.on_duplicate(lambda _: JaFeito()):
                store.inserir(tx, self._pedido, resultado, None, agora(), agora() - VALIDADE)
            tx.after_commit.append(self._gravou)

    def _gravou(self) -> None:
        self._ficou = True

    async def nada_mudou(self, resultado: bytes | None) -> None:
        """Keep what was answered, where all was as it should be already and nothing was written.

        Else the same would have an effect later on, once somebody has changed it. As refusals do, it costs whoever asks
        nothing: of a caller of whom much is kept already it isn't.

        Raises:
            JaFeito: it was done under this key meanwhile.
        """
        if self._ficou:
            return

        async def work(tx: Transaction) -> None:
            if await store.quantas(tx, self._pedido.usuario, MAIS_GUARDADAS) < MAIS_GUARDADAS:
                self.escrever(tx, resultado)

        await self._db.transaction(work)

    async def recusar(self, erros: Sequence[Mapping[str, Any]]) -> Anterior | None:
        """Keep why it was refused, if it is by ``erros``; give what became of it, if it was done or refused meanwhile.

        The same may be on its way elsewhere, written and not yet committed, while here what it needs is gone: this
        waits for it. Refusals cost whoever asks nothing else: of a caller of whom much is kept already they aren't,
        and what was refused without an effect is judged anew.
        """

        async def work(tx: Transaction) -> None:
            store.inserir(tx, self._pedido, None, orjson.dumps(erros).decode(), agora(), agora() - VALIDADE)
            guardadas = await store.quantas(tx, self._pedido.usuario, MAIS_GUARDADAS + 1)
            if not erros or guardadas > MAIS_GUARDADAS:
                raise _NaoSeGuarda

        try:
            await self._db.transaction(work)
        except DuplicateKey:
            return await self.anterior()
        except _NaoSeGuarda:
            pass
        return None


async def varrer(db: Database) -> None:
    """Take away what was kept for a day."""
    ate = agora() - VALIDADE
    while await db.transaction(lambda tx: store.apagar(tx, ate, _MAIS_POR_VEZ)) == _MAIS_POR_VEZ:
        pass


def terminar(tx: Transaction) -> None:
    """Forget all keys: what was done under them may not be there, in a database that was put back from a copy."""
    store.apagar_todas(tx)
