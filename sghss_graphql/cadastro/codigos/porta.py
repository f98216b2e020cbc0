"""The door of códigos: one is made, kept, tried, used up, taken away."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sghss_graphql.cadastro.codigos import store
from sghss_graphql.cadastro.codigos.regras import Atos
from sghss_graphql.cadastro.codigos.types import CodigoDeAcesso
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.confianca.auditoria import porta as auditoria
from sghss_graphql.confianca.auditoria.atos import Autor, Registro
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.tempo import agora

_VALIDADE_DO_CODIGO = timedelta(days=3)
_LETRAS_DO_CODIGO = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread
_TAMANHO_DO_CODIGO = 10  # 49 bits, and five tries
TENTATIVAS = 5


@dataclass(frozen=True, slots=True)
class Codigo:
    """A one-time code: as it is handed over, as it is kept, and until when it can be used."""

    texto: str
    guardado: str
    expira_em: datetime

    def para_mostrar(self) -> CodigoDeAcesso:
        """Give it as the payload shows it, once."""
        return CodigoDeAcesso(codigo=self.texto, expira_em=self.expira_em)


async def novo_codigo(senhas: Senhas) -> Codigo:
    """Make a code of 49 bits; it is nobody's yet."""
    texto = "".join(secrets.choice(_LETRAS_DO_CODIGO) for _ in range(_TAMANHO_DO_CODIGO))
    return Codigo(texto, await senhas.guardar(texto), agora() + _VALIDADE_DO_CODIGO)


def guardar(tx: Transaction, usuario: bytes, codigo: Codigo, por: bytes | None) -> None:
    """Keep a code of an account in place of any other, and that it was handed out."""
    store.guardar(tx, ids.nova_chave(), usuario, codigo.guardado, por, agora(), codigo.expira_em)


async def tentar(tx: Transaction, usuario: bytes) -> tuple[str, int] | None:
    """Take a try of an account's code, before it is judged; give its hash, and how many tries that makes."""
    return await store.tentar(tx, usuario, TENTATIVAS, agora())


async def usar(tx: Transaction, usuario: bytes, guardado: str, origem: bytes | None) -> bool:
    """Use a code up; False if it is gone."""
    return await store.usar(tx, usuario, guardado, origem, agora())


def devolver(tx: Transaction, usuario: bytes, guardado: str) -> None:
    """Give back the try of whoever had the code right."""
    store.devolver(tx, usuario, guardado)


async def anular(tx: Transaction, usuario: bytes, guardado: str) -> bool:
    """Take away a code whose tries are used up; False if the account has another one by now."""
    return await store.anular(tx, usuario, guardado)


def apagar(tx: Transaction, usuario: bytes) -> None:
    """Take an account's code away."""
    store.apagar(tx, usuario)


async def vencer_codigos(db: Database) -> None:
    """Take away the codes that nobody used in time, and tell the trail."""

    async def work(tx: Transaction) -> None:
        for usuario in await store.vencidos(tx, agora()):
            store.apagar(tx, usuario)
            auditoria.registrar(tx, Registro(Atos.CODIGO_VENCIDO, Autor(None), alvo=usuario))

    await db.transaction(work)


def terminar(tx: Transaction) -> None:
    """End all codes: of a database that was put back from a copy, nobody knows any more who holds one."""
    store.apagar_todos(tx)
