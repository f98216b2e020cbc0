"""A password is checked off the event loop, and as slowly when there is none to check against.

bcrypt sees at most 72 bytes: a longer password is refused, never cut.
"""

import asyncio
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import bcrypt

from sghss_graphql.confianca.acesso.regras import Codigos
from sghss_graphql.vocabulario.errors import Recusa

T = TypeVar("T")

MENOR_SENHA = 8  # characters
MAIOR_SENHA = 72  # bytes of UTF-8
_NOTA_MINIMA = 2  # zxcvbn's score, 0 to 4: below it a million guesses find the password


class Senhas:
    """Makes and checks bcrypt hashes of one cost, on threads of its own (bcrypt frees the GIL)."""

    def __init__(self, custo: int) -> None:
        self._custo = custo
        self._threads = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="senha")
        self._de_ninguem = bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(custo)).decode()

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def guardar(self, senha: str) -> str:
        """Give the hash of a password: 60 characters."""
        return (await self._fora(bcrypt.hashpw, senha.encode(), bcrypt.gensalt(self._custo))).decode()

    async def confere(self, senha: str, guardada: str | None) -> bool:
        """Tell whether a password is the one that was kept; with none kept, or one too long, take as long."""
        dados = senha.encode()
        cabe = len(dados) <= MAIOR_SENHA and b"\0" not in dados
        certa = await self._fora(bcrypt.checkpw, dados if cabe else b"-", (guardada or self._de_ninguem).encode())
        return certa and cabe and guardada is not None

    async def guardar_forte(self, senha: str, dados_pessoais: list[str], *campo: str) -> str:
        """Give the hash of a new password, if it is strong.

        Raises:
            Recusa: SENHA_FRACA, saying which rule it breaks.
        """
        await self.exigir_forte(senha, dados_pessoais, *campo)
        return await self.guardar(senha)

    async def exigir_forte(self, senha: str, dados_pessoais: list[str], *campo: str) -> None:
        """Refuse a password that breaks the rules; it may not be made of the words of the person's data either.

        Raises:
            Recusa: SENHA_FRACA, saying which rule.
        """
        motivo = _motivo(senha)
        if motivo is None and await self._fora(_conhecida, senha, dados_pessoais):
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

    async def _fora(self, funcao: Callable[..., T], *argumentos: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, funcao, *argumentos)


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


def _conhecida(senha: str, dados_pessoais: list[str]) -> bool:
    from zxcvbn import zxcvbn  # noqa: PLC0415 - 12 MiB of words, for those who set passwords alone

    palavras = [palavra for dado in dados_pessoais for palavra in dado.split()]
    return int(zxcvbn(senha, user_inputs=palavras)["score"]) < _NOTA_MINIMA
