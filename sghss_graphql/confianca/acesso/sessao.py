"""A session is a family of single-use renewal tokens; it ends when a used one comes back.

The access token names its session, and every request asks whether the session lives: what ends it ends the
token too. The answer is remembered for a second, so that a session isn't looked up at each of its requests; one that
is ended in this process is looked up from then on, so it ends here at once, and everywhere else within the second.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from cachetools import TTLCache

from sghss_graphql.confianca.acesso import store
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.token import LIFETIME, Identity, Tokens
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.acoes import Acao
from sghss_graphql.vocabulario.errors import NaoAutenticado
from sghss_graphql.vocabulario.tempo import agora, relogio

_GUARDA = timedelta(days=7)  # how long an ended session's tokens are still recognised as used
_MAIOR_TOKEN = 100
_LEMBRANCA = 1.0  # seconds; what ends a session is seen by every process within two
_DESCONFIANCA = 300.0  # seconds: longer than any transaction and its retries
_MAIS_LEMBRADAS = 10_000


@dataclass(frozen=True, slots=True)
class Credenciais:
    """What a client gets: the access token and its end, the renewal token, and who they are now."""

    token_de_acesso: str
    expira_em: datetime
    token_de_renovacao: str
    quem: Quem


@dataclass(frozen=True, slots=True)
class Renovacao:
    """What became of a renewal token: new credentials, or a session that ended because it was used before."""

    credenciais: Credenciais | None = None
    encerrada: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Viva:
    """Whose session was found alive, and until when (``time.monotonic``) it is taken to be."""

    quem: Quem
    ate: float


class Sessoes:
    """Opens, renews and ends sessions, and says who is asking. ``ociosa`` is how long one may go unused."""

    def __init__(self, db: Database, tokens: Tokens, ociosa: timedelta) -> None:
        self._db = db
        self._tokens = tokens
        self._ociosa = ociosa
        self._vivas: dict[bytes, _Viva] = {}
        """By the hash of the header that names them; a plain dict, because every request looks here."""
        self._mortas: TTLCache[bytes, bool] = TTLCache(_MAIS_LEMBRADAS, _LEMBRANCA)
        """Those, by the same hash, of which no session was found alive: who sends one again and again asks once."""
        self._encerradas: TTLCache[bytes, bool] = TTLCache(_MAIS_LEMBRADAS, _DESCONFIANCA)
        """Keys of sessions, usuarios and pacientes, whose end was asked for here: they aren't remembered."""

    async def quem_pede(self, autorizacao: str | None, resumo: bytes | None) -> Quem | None:
        """Give who sends this Authorization header, of this hash; None unless its token and session are good."""
        if autorizacao is None or resumo is None:
            return None
        viva = self._vivas.get(resumo)
        if viva is not None and time.monotonic() < viva.ate:
            return viva.quem
        if resumo in self._mortas:
            return None
        verificado = self._tokens.verify(resumo, autorizacao)
        if verificado is None:
            return None
        identidade = verificado.identity
        quem = await store.quem(self._db, identidade.usuario, identidade.sessao, agora())
        if quem is None:
            self._mortas[resumo] = True
        elif not _chaves(quem) & self._encerradas.keys():
            if viva is not None and viva.quem == quem:
                quem = viva.quem  # the one by whom what they may is remembered
            self._lembrar(resumo, quem, verificado.expires_at - relogio.segundos())
        return quem

    async def abrir(self, tx: Transaction, usuario: bytes) -> Credenciais:
        """Open a session for a usuario who has just proved who they are."""
        instante = agora()
        store.apagar_tokens_velhos(tx, usuario, instante - _GUARDA)
        store.apagar_sessoes_velhas(tx, usuario, instante - _GUARDA)
        sessao = ids.nova_chave()
        store.inserir_sessao(tx, sessao, usuario, instante, instante + self._ociosa)
        return await self._emitir(tx, Identity(usuario, sessao), instante)

    async def renovar(self, tx: Transaction, token: str) -> Renovacao:
        """Change a renewal token for new credentials; none if it is unknown, used or expired.

        A used one ends its session, so the transaction must be committed whatever the answer.
        """
        instante = agora()
        resumo = _resumo(token)
        usado_agora = await store.usar_token(tx, resumo, instante)
        encontrada = await store.sessao_do_token(tx, resumo)
        if encontrada is None:
            return Renovacao()
        sessao, usuario = encontrada
        if not usado_agora:
            self._desconfiar(sessao)
            store.encerrar_sessao(tx, sessao, instante)
            return Renovacao(encerrada=sessao)
        if not await store.prorrogar_sessao(tx, sessao, instante, instante + self._ociosa):
            return Renovacao()
        if await store.quem(tx, usuario, sessao, instante) is None:
            return Renovacao()  # its account is deactivated, or waits for a code
        return Renovacao(await self._emitir(tx, Identity(usuario, sessao), instante))

    def encerrar(self, tx: Transaction, quem: Quem) -> None:
        """End the session of whoever asks."""
        self._desconfiar(quem.sessao)
        store.encerrar_sessao(tx, quem.sessao, agora())

    def encerrar_todas(self, tx: Transaction, usuario: bytes) -> None:
        """End all sessions of a usuario."""
        self._desconfiar(usuario)
        store.encerrar_sessoes(tx, usuario, agora())

    def reconsiderar(self, usuario: bytes) -> None:
        """Look up who a usuario is from now on: what they may has changed."""
        self._desconfiar(usuario)

    def suspender(self, tx: Transaction, paciente: bytes) -> None:
        """Let the account of a paciente on whom staff act wait for its code, if nobody has verified it."""
        self._desconfiar(paciente)
        store.suspender(tx, paciente)

    def suspender_usuario(self, tx: Transaction, usuario: bytes) -> None:
        """Let an account that staff correct wait for its code, if nobody has verified it."""
        self._desconfiar(usuario)
        store.suspender_usuario(tx, usuario)

    async def ainda(self, quem: Quem) -> Quem | None:
        """Give who a session belongs to now; None if it has ended since it was looked up."""
        return await store.quem(self._db, quem.usuario, quem.sessao, agora())

    async def exigir_ainda(self, tx: Transaction, quem: Quem, acao: type[Acao]) -> None:
        """Check that whoever asks still may, and that nobody takes it from them before the transaction ends.

        Raises:
            NaoAutenticado, Proibido: they may no more.
        """
        exigir(await store.quem_ainda(tx, quem.usuario, quem.sessao, agora()), acao)

    def _lembrar(self, resumo: bytes, quem: Quem, segundos: float) -> None:
        """Remember who sends a token that expires in so many seconds."""
        if len(self._vivas) >= _MAIS_LEMBRADAS:
            self._vivas.clear()
        self._vivas[resumo] = _Viva(quem, time.monotonic() + min(segundos, _LEMBRANCA))

    def _desconfiar(self, chave: bytes) -> None:
        """Remember no session of this key (its own, its usuario's or paciente's) until what ends it is committed."""
        self._encerradas[chave] = True
        suspeitas = [
            r for r, viva in self._vivas.items() if chave in (viva.quem.sessao, viva.quem.usuario, viva.quem.paciente)
        ]
        for resumo in suspeitas:
            del self._vivas[resumo]

    async def _emitir(self, tx: Transaction, identidade: Identity, instante: datetime) -> Credenciais:
        token_de_renovacao = secrets.token_urlsafe(32)
        store.inserir_token(tx, _resumo(token_de_renovacao), identidade.sessao, instante)
        inteiro = instante.replace(microsecond=0)
        expira_em = inteiro + min(timedelta(seconds=LIFETIME), self._ociosa)
        quem = await store.quem(tx, identidade.usuario, identidade.sessao, instante)
        if quem is None:
            raise NaoAutenticado("Esta conta está desativada, ou espera o código da recepção: não se abre sessão.")
        return Credenciais(
            token_de_acesso=self._tokens.sign(identidade, inteiro, expira_em),
            expira_em=expira_em,
            token_de_renovacao=token_de_renovacao,
            quem=quem,
        )


def _chaves(quem: Quem) -> set[bytes | None]:
    """Give the keys by whose end a session ends."""
    return {quem.sessao, quem.usuario, quem.paciente}


def _resumo(token: str) -> bytes:
    """Hash a renewal token; 256 random bits need no salt and no stretching."""
    return hashlib.sha256(token[:_MAIOR_TOKEN].encode(errors="replace")).digest()


def terminar(tx: Transaction) -> None:
    """End all sessions: of a database that was put back from a copy, nobody knows any more who holds one."""
    store.encerrar_as_de_todos(tx, agora())
