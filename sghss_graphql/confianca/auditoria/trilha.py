"""The trail is written before the answer leaves: a reading that can't be on it isn't answered.

Readings of all requests in flight share one transaction. What the same usuario read of the same person in the same
way in the last ten minutes stands there already, in an entry of any process, and isn't written again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sghss_graphql.confianca.auditoria import store
from sghss_graphql.confianca.auditoria.atos import Autor, Registro
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.machinery.database.groups import GroupCommit
from sghss_graphql.vocabulario.atos import Leitura, Nomeia
from sghss_graphql.vocabulario.tempo import agora

INTERVALO = timedelta(minutes=10)
_MAIS_POR_VEZ = 2_000  # entries in one transaction
_MAIS_LEMBRADAS = 200_000

_Chave = tuple[bytes | None, str]


class Trilha:
    """Writes the trail of one process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._grupo = GroupCommit(self._gravar, most=_MAIS_POR_VEZ)
        self._lidas: dict[_Chave, dict[bytes | None, datetime]] = {}
        """When an entry was written, by usuario and name of the ato, then by what was read."""
        self._lembradas = 0
        self.escritos = 0
        """Entries of readings and refusals that this process has written."""

    async def registrar(self, registros: Sequence[Registro]) -> None:
        """Write entries that belong to no transaction: what was refused.

        Raises:
            ServicoIndisponivel: they can't be written.
        """
        if registros:
            await self._grupo.add(registros)

    def novas(self, ato: Leitura, autor: Autor, alvos: Iterable[bytes]) -> list[Registro]:
        """Give the entries that reading these pacientes (or usuarios) needs: those that aren't known to be there."""
        instante, da_pessoa = agora(), Nomeia.PACIENTE in ato.nomeia
        limite = instante - INTERVALO
        lidas = self._lidas.get((autor.usuario, ato.name), {})
        return [
            Registro(ato, autor, alvo if da_pessoa else None, alvo, None, instante)
            for alvo in alvos
            if (ultima := lidas.get(alvo)) is None or ultima <= limite
        ]

    async def _gravar(self, registros: Sequence[Registro]) -> None:
        """Write one group, without the readings that turn out to be there already."""

        async def work(tx: Transaction) -> list[Registro]:
            for usuario, alvos in self._a_confirmar(registros).items():
                for ato, alvo, quando in await store.leituras(tx, usuario, alvos, agora() - INTERVALO):
                    self._lembrar(usuario, ato, alvo, quando)
            faltam = self._sem_repetidas(registros)
            store.inserir(tx, faltam)
            return faltam

        escritos = await self._db.transaction(work)
        self.escritos += len(escritos)
        for registro in escritos:
            if isinstance(registro.ato, Leitura):
                self._lembrar(registro.autor.usuario, registro.ato.name, registro.alvo, registro.instante)

    def _a_confirmar(self, registros: Sequence[Registro]) -> dict[bytes | None, list[bytes | None]]:
        """Give, by usuario, what was read and may stand on the trail without our knowing."""
        alvos: dict[bytes | None, list[bytes | None]] = {}
        for registro in registros:
            if isinstance(registro.ato, Leitura):
                alvos.setdefault(registro.autor.usuario, []).append(registro.alvo)
        return alvos

    def _sem_repetidas(self, registros: Sequence[Registro]) -> list[Registro]:
        faltam: dict[object, Registro] = {}
        for numero, registro in enumerate(registros):
            if not isinstance(registro.ato, Leitura):
                faltam[numero] = registro
                continue
            ultima = self._lidas.get((registro.autor.usuario, registro.ato.name), {}).get(registro.alvo)
            if ultima is None or ultima <= registro.instante - INTERVALO:
                faltam.setdefault((registro.autor.usuario, registro.ato, registro.alvo), registro)
        return list(faltam.values())

    def _lembrar(self, usuario: bytes | None, ato: str, alvo: bytes | None, quando: datetime) -> None:
        if self._lembradas >= _MAIS_LEMBRADAS:  # what is forgotten is looked up again
            self._lidas.clear()
            self._lembradas = 0
        lidas = self._lidas.setdefault((usuario, ato), {})
        self._lembradas += alvo not in lidas
        lidas[alvo] = max(quando, lidas.get(alvo, quando))
