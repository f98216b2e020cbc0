"""The trail is written before the answer leaves: a reading that can't be on it isn't answered.

A reading is one entry, however many people it showed: each is a row beside it. Readings of all requests in flight share
one transaction. What the same caller saw in the same way in the last ten minutes, as far as this process remembers,
isn't written again.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sghss_graphql.confianca.auditoria import store
from sghss_graphql.confianca.auditoria.atos import Autor, Registro
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.machinery.database.groups import GroupCommit
from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.tempo import agora

INTERVALO = timedelta(minutes=10)
_MAIS_POR_VEZ = 2_000  # entries in one transaction
_MAIS_LEMBRADAS = 200_000

_Modo = tuple[bytes | None, str]
_Visto = tuple[bytes, bytes]
"""Whose data, and which registro; of what shows nobody's data, the field and nothing."""


class Trilha:
    """Writes the trail of one process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._grupo = GroupCommit(self._gravar, most=_MAIS_POR_VEZ)
        self._lidas: dict[_Modo, dict[_Visto, datetime]] = {}
        """When an entry was written, by who saw and in what way, then by what was seen."""
        self._lembradas = 0
        self.escritos = 0
        """Entries of readings and refusals that this process has written."""

    async def registrar(self, registros: Sequence[Registro]) -> None:
        """Write entries that belong to no transaction: what was read or refused.

        Raises:
            ServicoIndisponivel: they can't be written.
        """
        if registros:
            await self._grupo.add(registros)

    def nova(self, ato: Leitura, autor: Autor, vistos: Collection[_Visto]) -> list[Registro]:
        """Give the entry that showing these needs, if it needs one: of those that aren't known to be there."""
        instante = agora()
        novos = self._novos(ato, autor, vistos, instante)
        return [_entrada(ato, autor, novos, instante)] if novos else []

    def nova_no_campo(self, ato: Ato, autor: Autor, campo: str, intervalo: timedelta = INTERVALO) -> list[Registro]:
        """Give the entry that a field needs that was refused, or told something, if it isn't known to be there."""
        instante = agora()
        ultima = self._lidas.get(_modo(ato, autor), {}).get(_no_campo(campo))
        if ultima is not None and ultima > instante - intervalo:
            return []
        return [Registro(ato, autor, campo=campo, instante=instante)]

    async def _gravar(self, registros: Sequence[Registro]) -> None:
        """Write one group, without what another one has written since it was asked for."""
        faltam = self._sem_repetidas(registros)

        async def work(tx: Transaction) -> None:
            store.inserir(tx, faltam)

        if not faltam:
            return
        await self._db.transaction(work)
        self.escritos += len(faltam)
        for registro in faltam:
            self._lembrar(_modo(registro.ato, registro.autor), _o_que_viu(registro), registro.instante)

    def _sem_repetidas(self, registros: Sequence[Registro]) -> list[Registro]:
        faltam: list[Registro] = []
        neste_grupo: dict[_Modo, set[_Visto]] = {}
        for registro in registros:
            vistos = _o_que_viu(registro)
            if not vistos:
                faltam.append(registro)
                continue
            novos = self._novos(registro.ato, registro.autor, vistos, registro.instante)
            aqui = neste_grupo.setdefault(_modo(registro.ato, registro.autor), set())
            novos -= aqui
            aqui |= novos
            if novos and isinstance(registro.ato, Leitura) and registro.vistos:
                faltam.append(_entrada(registro.ato, registro.autor, novos, registro.instante))
            elif novos:
                faltam.append(registro)
        return faltam

    def _novos(self, ato: Ato, autor: Autor, vistos: Collection[_Visto], instante: datetime) -> set[_Visto]:
        lidas, limite = self._lidas.get(_modo(ato, autor), {}), instante - INTERVALO
        return {visto for visto in vistos if (ultima := lidas.get(visto)) is None or ultima <= limite}

    def _lembrar(self, modo: _Modo, vistos: Collection[_Visto], quando: datetime) -> None:
        if self._lembradas >= _MAIS_LEMBRADAS:  # what is forgotten is written again
            self._lidas.clear()
            self._lembradas = 0
        lidas = self._lidas.setdefault(modo, {})
        self._lembradas += len(set(vistos) - lidas.keys())
        lidas.update(dict.fromkeys(vistos, quando))


def _no_campo(campo: str) -> _Visto:
    return campo.encode(), b""


def _o_que_viu(registro: Registro) -> Collection[_Visto]:
    """Give what an entry tells of that needn't be told again for a while: who was seen, or the field."""
    return registro.vistos or ([_no_campo(registro.campo)] if registro.campo is not None else ())


def _modo(ato: object, autor: Autor) -> _Modo:
    return autor.usuario or autor.origem, getattr(ato, "name", "")


def _entrada(ato: Leitura, autor: Autor, vistos: Collection[_Visto], instante: datetime) -> Registro:
    """Make the entry of a reading; of one person alone, it names them itself too."""
    registro = Registro(ato, autor, instante=instante, vistos=frozenset(vistos))
    pessoas = {alvo for alvo, _ in vistos}
    if len(pessoas) > 1:
        return registro
    (alvo,) = pessoas
    return replace(registro, paciente=alvo if Nomeia.PACIENTE in ato.nomeia else None, alvo=alvo)
