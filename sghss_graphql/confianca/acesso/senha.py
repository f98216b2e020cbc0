"""A password is checked off the event loop, and as slowly when there is none to check against.

bcrypt sees at most 72 bytes: a longer password is refused, never cut.
"""

import asyncio
import os
import secrets
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any, TypeVar

import bcrypt

from sghss_graphql.confianca.acesso.redes import NENHUMA_REDE, Redes
from sghss_graphql.confianca.acesso.regras import Codigos
from sghss_graphql.machinery.database.connections import ASKER
from sghss_graphql.vocabulario.errors import Recusa, ServicoIndisponivel

T = TypeVar("T")

MENOR_SENHA = 8  # characters
MAIOR_SENHA = 72  # bytes of UTF-8
_NOTA_MINIMA = 2  # zxcvbn's score, 0 to 4: below it a million guesses find the password
_MAIOR_PALAVRA, _MAIS_PALAVRAS = 60, 20  # of the person's own data, which the password may not be made of
_MAIOR_FILA = 32
"""Passwords that wait for a thread; half of the places are for those who are known."""
_MAIS_DE_UM = 8
"""Of them, those of one usuario, or of one network whom nobody has declared to be many."""

_CEDE = 10  # nice value: ten times less of a core than the loop, when both want it


class _Fila:
    """Threads that work passwords off, and a queue before them that says at once when it is full."""

    def __init__(self, threads: int, nome: str, redes: Redes) -> None:
        self._redes = redes
        self._de_cada: Counter[object] = Counter()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=nome, initializer=_ceder)
        self._esperando = 0
        self._trava = Lock()

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def fazer(self, funcao: Callable[..., T], *argumentos: Any, conhecido: bool = True) -> T:
        """Call a function on one of the threads.

        Raises:
            ServicoIndisponivel: too many wait already.
        """
        de_quem = ASKER.get()
        cheia = self._esperando >= (_MAIOR_FILA if conhecido else _MAIOR_FILA // 2)
        if cheia or (self._de_cada[de_quem] >= _MAIS_DE_UM and not self._redes.de_muitos(de_quem)):
            raise ServicoIndisponivel("Muitas pessoas estão entrando agora. Tente de novo em alguns segundos.")
        with self._trava:
            self._esperando += 1
            self._de_cada[de_quem] += 1
        feita = self._threads.submit(funcao, *argumentos)
        feita.add_done_callback(partial(self._menos_uma, de_quem))  # whatever becomes of whoever asked
        return await asyncio.wrap_future(feita)

    def _menos_uma(self, de_quem: object, _: object) -> None:
        with self._trava:
            self._esperando -= 1
            self._de_cada[de_quem] -= 1
            if not self._de_cada[de_quem]:
                del self._de_cada[de_quem]


def _ceder() -> None:
    """Let the event loop go first, where a thread has a priority of its own (Linux): see setpriority(2)."""
    if sys.platform == "linux":
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, _CEDE)


class Senhas:
    """Makes and checks bcrypt hashes of one cost, and judges new passwords: each on threads of its own, with its queue.

    bcrypt frees the GIL; one core is left to whoever isn't logging in.
    """

    def __init__(self, custo: int, redes: Redes = NENHUMA_REDE) -> None:
        self._custo = custo
        self._hashes = _Fila(max(1, (os.cpu_count() or 1) - 1), "senha", redes)
        self._juizos = _Fila(1, "juizo", redes)
        self._de_ninguem = bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(custo)).decode()

    def close(self) -> None:
        """End the threads."""
        self._hashes.close()
        self._juizos.close()

    async def guardar(self, senha: str, *, conhecido: bool = True) -> str:
        """Give the hash of a password: 60 characters. Here and below, ``conhecido`` is whether it is for someone known.

        Raises:
            ServicoIndisponivel: too many wait already; so do the others.
        """
        sal = bcrypt.gensalt(self._custo)
        return (await self._hashes.fazer(bcrypt.hashpw, normal(senha).encode(), sal, conhecido=conhecido)).decode()

    def de_outro_custo(self, guardada: str | None) -> bool:
        """Tell whether a hash was made at another cost than that of now, by which its answer would be told apart."""
        return guardada is not None and not guardada.startswith(f"$2b${self._custo:02}$")

    async def confere(self, senha: str, guardada: str | None, *, conhecido: bool = True) -> bool:
        """Tell whether a password is the one that was kept; with none kept, or one too long, take as long."""
        contra = (guardada or self._de_ninguem).encode()
        certa = False
        for escrita in dict.fromkeys((normal(senha), senha)):  # as it was typed: so it was kept in the versions before
            dados = escrita.encode()
            cabe = len(dados) <= MAIOR_SENHA and b"\0" not in dados
            confere = await self._hashes.fazer(bcrypt.checkpw, dados if cabe else b"-", contra, conhecido=conhecido)
            certa = certa or (confere and cabe)
        return certa and guardada is not None

    async def exigir_forte(self, senha: str, dados_pessoais: list[str], *campo: str, conhecido: bool = True) -> None:
        """Refuse a password that breaks the rules; it may not be made of the words of the person's data either.

        Raises:
            Recusa: SENHA_FRACA, saying which rule.
        """
        senha = normal(senha)
        motivo = _motivo(senha)
        if motivo is None and await self._juizos.fazer(_adivinhavel, senha, dados_pessoais, conhecido=conhecido):
            motivo = "Esta senha é fácil de adivinhar: misture palavras, números e sinais sem relação entre si."
        if motivo is not None:
            raise Recusa(Codigos.SENHA_FRACA, motivo, *campo)

    async def exigir_nova(self, senha: str, anteriores: list[str | None], *campo: str) -> None:
        """Refuse a password that is the current or the previous one.

        Raises:
            Recusa: SENHA_FRACA.
        """
        for anterior in filter(None, anteriores):
            if await self.confere(senha, anterior):
                raise Recusa(Codigos.SENHA_FRACA, "Escolha uma senha diferente da atual e da anterior.", *campo)


def normal(senha: str) -> str:
    """Write a password in NFC: the same letters, however a keyboard composes them (RFC 8265, section 4.2.2)."""
    return unicodedata.normalize("NFC", senha)


def _motivo(senha: str) -> str | None:
    if len(senha) < MENOR_SENHA:
        return f"A senha precisa de {MENOR_SENHA} caracteres ou mais."
    if len(senha.encode()) > MAIOR_SENHA:
        return f"A senha pode ter até {MAIOR_SENHA} bytes em UTF-8 (letras acentuadas contam dois)."
    if "\0" in senha:
        return "A senha não pode conter o caractere nulo."
    if not (any(c.isalpha() for c in senha) and any(c.isdigit() for c in senha)):
        return "A senha precisa de pelo menos uma letra e um número."
    return None


def _adivinhavel(senha: str, dados_pessoais: list[str]) -> bool:
    """Tell whether a password is soon guessed: milliseconds, whatever it is (the same in Python took 12 s on one)."""
    from zxcvbn_rs_py import zxcvbn  # noqa: PLC0415 - its words are for those who set passwords alone

    palavras = [palavra[:_MAIOR_PALAVRA] for dado in dados_pessoais for palavra in dado.split()[:_MAIS_PALAVRAS]]
    return int(zxcvbn(senha, palavras).score) < _NOTA_MINIMA
