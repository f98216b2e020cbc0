"""Each attempt counts as a failure before it is judged, so that a hundred at once are a hundred.

Failures are counted for the pair of CPF and network, for the network alone and for the CPF alone, known or not. Ten in
a row of a pair lock the pair: a minute, then twice as long after each further failure, up to an hour. A network that
fails often is slowed, then refused, for the rest of its hour; a CPF that fails a hundred times in an hour, from
wherever, may be tried only from where its owner logged in well in the last 90 days. So nobody locks somebody else out
from where they live.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cachetools import TTLCache

from sghss_graphql.confianca.acesso import store
from sghss_graphql.confianca.acesso.redes import Redes, rede_de
from sghss_graphql.confianca.acesso.regras import Codigos
from sghss_graphql.confianca.acesso.store import Falhas
from sghss_graphql.machinery.database import Database, Reader, Transaction
from sghss_graphql.machinery.throttle import Throttle
from sghss_graphql.vocabulario.errors import Recusa
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import agora

_PRIMEIRO_BLOQUEIO = timedelta(minutes=1)
_MAIOR_BLOQUEIO = timedelta(hours=1)
_HORA = timedelta(hours=1)
_DIA = timedelta(days=1)
_CONHECIDA_POR = timedelta(days=90)
_DEVAGAR = 30
"""Failures of a network in an hour from which on it waits longer and longer before it is judged."""
_MAIS_DA_REDE = 100
_MAIS_DO_CPF = 100
_ESPERA = 0.05  # seconds more for each failure more
_MAIOR_ESPERA = 2.0  # seconds
_DE_UMA_VEZ = 30
"""Attempts of one network that are looked at at all, by each process."""
_MAIS_LEMBRADAS = 10_000


def bloqueio(falhas: int, limite: int) -> timedelta | None:
    """Give how long a pair is locked after this many failures in a row; None while it isn't."""
    if falhas < limite:
        return None
    vezes: int = 2 ** min(falhas - limite, 10)
    return min(_PRIMEIRO_BLOQUEIO * vezes, _MAIOR_BLOQUEIO)


@dataclass(frozen=True, slots=True)
class Tentativa:
    """An attempt that was counted: of whom, from where, and whether its failure is one that the trail tells of."""

    cpf: CPF
    rede: bytes
    primeira: bool
    bloqueia: bool
    espera: float
    """Seconds until it is judged."""
    conhecida: bool
    """Whether somebody logged in well from there lately: they don't wait behind those who never did."""


class Tentativas:
    """Counts failed logins; ``limite`` of them in a row lock the pair of CPF and network.

    A network may try ``por_segundo``, of which thirty may come at once; 0 is no limit.
    """

    def __init__(self, db: Database, limite: int, redes: Redes, por_segundo: float = 1.0) -> None:
        self._db = db
        self._limite = limite
        self._redes = redes
        self._vazao = Throttle(por_segundo, _DE_UMA_VEZ)
        self._conhecidas: TTLCache[bytes, bool] = TTLCache(_MAIS_LEMBRADAS, _DIA.total_seconds())
        """Networks from which somebody logged in well, to this process."""

    async def contar(self, cpf: CPF, origem: bytes | None, *campo: str, com_codigo: bool = False) -> Tentativa:
        """Count an attempt that is about to be judged.

        One by a code handed over at the desk, which has five tries of its own, passes however many have failed by
        password, from wherever: so nobody keeps out whoever was at the desk.

        Raises:
            Recusa: MUITAS_TENTATIVAS; this attempt is neither judged nor counted.
        """
        rede = rede_de(origem)
        folga = self._redes.folga(rede)
        espera = self._vazao.take(rede, times=folga)
        if espera:
            raise _espere(espera, *campo)
        contada = await self._db.transaction(lambda tx: self._contar(tx, cpf, rede, folga, com_codigo))
        if isinstance(contada, datetime):
            raise _espere((contada - agora()).total_seconds(), *campo)
        if contada.espera:
            await asyncio.sleep(contada.espera)
        return contada

    async def _contar(
        self, tx: Transaction, cpf: CPF, rede: bytes, folga: int, com_codigo: bool
    ) -> Tentativa | datetime:
        """Count it, or give until when it isn't looked at."""
        instante = agora()
        do_par, da_rede, do_cpf = chaves = _chaves(cpf, rede)
        store.segurar_falhas(tx, sorted(chaves), instante)
        lidas = await store.falhas(tx, sorted(chaves))
        par = _vigentes(lidas[do_par], _DIA, instante)
        rede_toda, cpf_todo = (_vigentes(lidas[chave], _HORA, instante) for chave in (da_rede, do_cpf))
        if par.bloqueada_ate is not None and par.bloqueada_ate > instante:
            return par.bloqueada_ate
        if rede_toda.falhas >= _MAIS_DA_REDE * folga:
            return rede_toda.desde + _HORA
        if (
            not com_codigo
            and cpf_todo.falhas >= _MAIS_DO_CPF
            and not await store.conhece_a_rede(tx, cpf, rede, instante - _CONHECIDA_POR)
        ):
            return cpf_todo.desde + _HORA
        prazo = bloqueio(par.falhas + 1, self._limite)
        store.guardar_falhas(tx, do_par, par.mais_uma(instante, instante + prazo if prazo else None), instante)
        store.guardar_falhas(tx, da_rede, rede_toda.mais_uma(instante), instante)
        store.guardar_falhas(tx, do_cpf, cpf_todo.mais_uma(instante), instante)
        demais = rede_toda.falhas - _DEVAGAR * folga
        espera = min(max(0, demais) * _ESPERA, _MAIOR_ESPERA)
        return Tentativa(cpf, rede, par.falhas == 0, prazo is not None, espera, rede in self._conhecidas)

    def nao_errou(self, tx: Transaction, tentativa: Tentativa) -> None:
        """Forget a pair's failures, since the password was right, and take back what the others counted."""
        do_par, da_rede, do_cpf = _chaves(tentativa.cpf, tentativa.rede)
        store.apagar_falhas(tx, do_par)
        store.descontar_falha(tx, sorted([da_rede, do_cpf]))

    def acertou(self, tx: Transaction, tentativa: Tentativa, usuario: bytes) -> None:
        """Take note that somebody proved who they are, from where they are."""
        self.nao_errou(tx, tentativa)
        store.conhecer_a_rede(tx, usuario, tentativa.rede, agora())
        self._conhecidas[tentativa.rede] = True

    def estranhar(self, tx: Transaction, usuario: bytes) -> None:
        """Forget from where an account was opened: whoever did it may have been somebody else."""
        store.esquecer_redes(tx, usuario)

    async def bloqueados(self, db: Reader, cpfs: Sequence[CPF]) -> dict[CPF, datetime]:
        """Give until when log in is locked for each CPF, from somewhere; one that isn't is left out."""
        inicios = {_chaves(cpf, b"")[0]: cpf for cpf in cpfs}
        achados = await store.bloqueios_dos_pares(db, list(inicios), agora())
        de_toda_parte = {_chaves(cpf, b"")[2]: cpf for cpf in cpfs}
        falhas = await store.muitas_falhas(db, list(de_toda_parte), _MAIS_DO_CPF, agora() - _HORA)
        ate = {de_toda_parte[chave]: desde + _HORA for chave, desde in falhas.items()}
        for inicio, do_par in achados.items():
            ate[inicios[inicio]] = max(do_par, ate.get(inicios[inicio], do_par))
        return ate

    def desbloquear(self, tx: Transaction, cpf: CPF) -> None:
        """Forget all failures of a CPF, from wherever."""
        store.apagar_falhas(tx, _chaves(cpf, b"")[2])
        store.apagar_falhas_dos_pares(tx, _chaves(cpf, b"")[0])


async def varrer(db: Database) -> None:
    """Delete what no longer counts."""

    async def work(tx: Transaction) -> None:
        store.varrer_falhas(tx, agora() - _DIA)
        store.varrer_redes(tx, agora() - _CONHECIDA_POR)
        store.varrer_tentativas_antigas(tx, agora() - _DIA)

    await db.transaction(work)


def _chaves(cpf: CPF, rede: bytes) -> tuple[bytes, bytes, bytes]:
    """Give the keys of the pair, the network and the CPF."""
    return b"p" + cpf.encode() + rede, b"r" + rede, b"c" + cpf.encode()


def _vigentes(falhas: Falhas, prazo: timedelta, instante: datetime) -> Falhas:
    """Give what still counts of some failures: none of those that began too long ago."""
    return falhas if falhas.desde > instante - prazo else Falhas(0, instante, None)


def _espere(segundos: float, *campo: str) -> Recusa:
    recusa = Recusa(
        Codigos.MUITAS_TENTATIVAS,
        f"Tentativas demais. Espere {_por_extenso(max(1, round(segundos)))} e tente de novo.",
        *campo,
    )
    recusa.tentar_de_novo_em = agora() + timedelta(seconds=segundos)
    return recusa


def _por_extenso(segundos: int) -> str:
    if segundos < 60:
        return f"{segundos} segundo{'s' if segundos > 1 else ''}"
    minutos = -(-segundos // 60)
    return f"{minutos} minuto{'s' if minutos > 1 else ''}"
