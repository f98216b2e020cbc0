"""Each attempt counts as a failure before it is judged, so that a hundred at once are a hundred.

Counted for each CPF typed, known or not. From the tenth failure in a row on, the CPF is locked for a minute,
then for twice as long after each further failure, up to an hour.
"""

from datetime import datetime, timedelta

from sghss_graphql.confianca.acesso import store
from sghss_graphql.confianca.acesso.regras import Codigos
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.vocabulario.errors import Recusa
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import agora

_PRIMEIRO_BLOQUEIO = timedelta(minutes=1)
_MAIOR_BLOQUEIO = timedelta(hours=1)


def bloqueio(falhas: int, limite: int) -> timedelta | None:
    """Give how long a CPF is locked after this many failures in a row; None while it isn't."""
    if falhas < limite:
        return None
    vezes: int = 2 ** min(falhas - limite, 10)
    return min(_PRIMEIRO_BLOQUEIO * vezes, _MAIOR_BLOQUEIO)


class Tentativas:
    """Counts failed logins; ``limite`` of them in a row lock the CPF."""

    def __init__(self, db: Database, limite: int) -> None:
        self._db = db
        self._limite = limite

    async def contar(self, cpf: CPF, *campo: str) -> None:
        """Count an attempt that is about to be judged.

        Raises:
            Recusa: MUITAS_TENTATIVAS; the CPF is locked, and this attempt is neither judged nor counted.
        """

        async def work(tx: Transaction) -> datetime | None:
            store.segurar_tentativa(tx, cpf)
            falhas, ate = await store.tentativa(tx, cpf)
            instante = agora()
            if ate is not None and ate > instante:
                return ate
            prazo = bloqueio(falhas + 1, self._limite)
            store.guardar_tentativa(tx, cpf, falhas + 1, instante + prazo if prazo else None)
            return None

        ate = await self._db.transaction(work)
        if ate is not None:
            segundos = max(1, round((ate - agora()).total_seconds()))
            raise Recusa(
                Codigos.MUITAS_TENTATIVAS,
                f"Tentativas demais. Espere {_por_extenso(segundos)} e tente de novo.",
                *campo,
            )

    def esquecer(self, tx: Transaction, cpf: CPF) -> None:
        """Forget the failures of a CPF whose owner proved who they are."""
        store.apagar_tentativa(tx, cpf)

    async def perdoar(self, cpf: CPF) -> None:
        """Forget them at once, in a transaction of their own."""

        async def work(tx: Transaction) -> None:
            self.esquecer(tx, cpf)

        await self._db.transaction(work)


def _por_extenso(segundos: int) -> str:
    if segundos < 60:
        return f"{segundos} segundo{'s' if segundos > 1 else ''}"
    minutos = -(-segundos // 60)
    return f"{minutos} minuto{'s' if minutos > 1 else ''}"
