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
_ESQUECE_POR_VEZ = 1_000
"""Of what is too old, while somebody waits."""

_Modo = tuple[bytes | None, object]
_Visto = tuple[bytes, bytes]
"""Whose data, and which registro."""
_Vistos = set[_Visto] | frozenset[_Visto]


class _Lidas:
    """What somebody saw in one way, as far as it was written within INTERVALO by a clock that goes forward."""

    def __init__(self) -> None:
        self._quando: dict[_Visto, datetime] = {}
        self._entradas: list[tuple[datetime, Collection[_Visto]]] = []
        """As they were written, the oldest first: they are forgotten from the left, without a look at the rest."""

    def __len__(self) -> int:
        """Count what is remembered."""
        return len(self._quando)

    def lembrar(self, vistos: Collection[_Visto], quando: datetime) -> None:
        """Keep what an entry told."""
        self._se_voltou(quando)
        self._quando.update(dict.fromkeys(vistos, quando))
        self._entradas.append((quando, vistos))

    def faltam(self, vistos: _Vistos, instante: datetime) -> _Vistos:
        """Give those that aren't remembered: as one operation on sets, since most answers show what is known."""
        self._se_voltou(instante)
        limite = instante - INTERVALO
        if self._esquecer(limite):
            return vistos.difference(self._quando)
        return {visto for visto in vistos if self._quando.get(visto, limite) <= limite}

    def _esquecer(self, limite: datetime) -> bool:
        """Forget what was written until then, some of it at once; tell whether nothing of that is left."""
        entradas = esquecidas = 0
        for quando, vistos in self._entradas:
            if quando > limite or esquecidas >= _ESQUECE_POR_VEZ:
                break
            entradas, esquecidas = entradas + 1, esquecidas + len(vistos)
            for visto in vistos:
                if self._quando.get(visto) == quando:  # else it was written again since
                    del self._quando[visto]
        del self._entradas[:entradas]
        return not self._entradas or self._entradas[0][0] > limite

    def _se_voltou(self, instante: datetime) -> None:
        """Forget all if the clock was set back: how long ago something was written isn't known any more."""
        if self._entradas and instante < self._entradas[-1][0]:
            self._quando.clear()
            self._entradas.clear()


class Trilha:
    """Writes the trail of one process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._grupo = GroupCommit(self._gravar, most=_MAIS_POR_VEZ)
        self._lidas: dict[_Modo, _Lidas] = {}
        """By who saw, and in what way."""
        self._nos_campos: dict[tuple[_Modo, str], datetime] = {}
        """When an entry of what shows nobody's data was written, by who learned it and by what field."""
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

    def nova(self, ato: Leitura, autor: Autor, vistos: _Vistos) -> list[Registro]:
        """Give the entry that showing these needs, if it needs one: of those that aren't known to be there."""
        instante = agora()
        novos = self._novos(ato, autor, vistos, instante)
        return [_entrada(ato, autor, novos, instante)] if novos else []

    def nova_no_campo(self, ato: Ato, autor: Autor, campo: str, intervalo: timedelta = INTERVALO) -> list[Registro]:
        """Give the entry that a field needs that was refused, or told something, if it isn't known to be there."""
        instante = agora()
        falta = self._falta_no_campo(_modo(ato, autor), campo, instante, intervalo)
        return [Registro(ato, autor, campo=campo, instante=instante)] if falta else []

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
            self._lembrar(registro)

    def _sem_repetidas(self, registros: Sequence[Registro]) -> list[Registro]:
        faltam: list[Registro] = []
        neste_grupo: dict[_Modo, set[_Visto]] = {}
        nos_campos: set[tuple[_Modo, str]] = set()
        for registro in registros:
            modo = _modo(registro.ato, registro.autor)
            if isinstance(registro.ato, Leitura) and registro.vistos:
                aqui = neste_grupo.setdefault(modo, set())
                novos = self._novos(registro.ato, registro.autor, registro.vistos, registro.instante) - aqui
                aqui |= novos
                if novos:
                    faltam.append(_entrada(registro.ato, registro.autor, novos, registro.instante))
            elif registro.campo is None:
                faltam.append(registro)
            elif (modo, registro.campo) not in nos_campos:
                nos_campos.add((modo, registro.campo))
                if self._falta_no_campo(modo, registro.campo, registro.instante, INTERVALO):
                    faltam.append(registro)
        return faltam

    def _falta_no_campo(self, modo: _Modo, campo: str, instante: datetime, intervalo: timedelta) -> bool:
        ultima = self._nos_campos.get((modo, campo))
        return ultima is None or not instante - intervalo < ultima <= instante  # later: the clock was set back

    def _novos(self, ato: Ato, autor: Autor, vistos: _Vistos, instante: datetime) -> _Vistos:
        """Give those that aren't known to be there."""
        lidas = self._lidas.get(_modo(ato, autor))
        if lidas is None:
            return vistos
        antes = len(lidas)
        novos = lidas.faltam(vistos, instante)
        self._lembradas += len(lidas) - antes
        return novos

    def _lembrar(self, registro: Registro) -> None:
        modo = _modo(registro.ato, registro.autor)
        if self._lembradas >= _MAIS_LEMBRADAS:  # what is forgotten is written again
            self._lidas.clear()
            self._nos_campos.clear()
            self._lembradas = 0
        if registro.vistos:
            lidas = self._lidas.setdefault(modo, _Lidas())
            antes = len(lidas)
            lidas.lembrar(registro.vistos, registro.instante)
            self._lembradas += len(lidas) - antes
        elif registro.campo is not None:
            self._lembradas += (modo, registro.campo) not in self._nos_campos
            self._nos_campos[modo, registro.campo] = registro.instante


def _modo(ato: object, autor: Autor) -> _Modo:
    return autor.usuario or autor.origem, ato


def _entrada(ato: Leitura, autor: Autor, vistos: Collection[_Visto], instante: datetime) -> Registro:
    """Make the entry of a reading; of one person alone, it names them itself too."""
    registro = Registro(ato, autor, instante=instante, vistos=frozenset(vistos))
    pessoas = {alvo for alvo, _ in vistos}
    if len(pessoas) > 1:
        return registro
    (alvo,) = pessoas
    return replace(registro, paciente=alvo if Nomeia.PACIENTE in ato.nomeia else None, alvo=alvo)
