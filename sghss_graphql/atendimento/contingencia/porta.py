"""The door of contingência: a sheet is kept sealed in a folder, opened without a database, told of to the trail."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sghss_graphql.atendimento.contingencia import regras, store
from sghss_graphql.atendimento.contingencia.regras import Folha, Leituras, Marcada
from sghss_graphql.confianca.acesso.lacre import Cofre
from sghss_graphql.confianca.auditoria import porta as auditoria
from sghss_graphql.confianca.auditoria.atos import SEM_REGISTRO, Autor, Registro
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.vocabulario.errors import SghssError
from sghss_graphql.vocabulario.tempo import agora

_FOLHA, _ABERTA = "agenda.sghss", "aberta-{}.sghss"
_MAIS = 20_000
"""Consultas of two days."""
_RECENTE = timedelta(seconds=45)
_ANTES, _DEPOIS = timedelta(hours=36), timedelta(hours=72)
"""All that is today or tomorrow in any time zone."""


class SemFolha(SghssError):
    """There is no sheet that can be opened; the text says why."""


async def guardar(db: Database, pasta: Path, cofre: Cofre, hospital: str, fuso: str) -> None:
    """Keep the sheet as it is now, unless another process of this machine has just done so; tell of those opened."""
    await _contar_das_abertas(db, pasta, cofre)
    atual = pasta / _FOLHA
    with suppress(FileNotFoundError):
        if agora().timestamp() - _escrita_em(atual) < _RECENTE.total_seconds():
            return
    instante = agora()
    marcadas = await store.marcadas(db, instante - _ANTES, instante + _DEPOIS, _MAIS + 1)

    def escrever() -> None:
        delas, inteira = regras.de_hoje_e_amanha(marcadas[:_MAIS], instante), len(marcadas) <= _MAIS
        folha = Folha(hospital, instante, fuso, delas, inteira)
        _escrever(atual, cofre.fechar(_empacotar(folha)))

    await asyncio.to_thread(escrever)  # many rows, and a disk that may be slow


def abrir(pasta: Path, cofre: Cofre) -> Folha:
    """Open the sheet, and leave word of it for the trail, sealed beside it.

    Raises:
        SemFolha: there is none, or it isn't of this hospital's key.
    """
    try:
        aberto = cofre.abrir((pasta / _FOLHA).read_bytes())
    except OSError:
        raise SemFolha(f"Não há agenda de contingência em {pasta}: um servidor no ar a guarda a cada minuto.") from None
    if aberto is None:
        raise SemFolha("A agenda de contingência foi guardada com outro segredo (SGHSS_JWT_SECRET) que não este.")
    folha, instante = _desempacotar(aberto), agora()
    vistos = sorted({uma.paciente.hex() for uma in folha.marcadas})
    palavra = json.dumps({"instante": instante.isoformat(), "vistos": vistos}).encode()
    _escrever(pasta / _ABERTA.format(f"{instante:%Y%m%d%H%M%S%f}"), cofre.fechar(palavra))
    return folha


async def _contar_das_abertas(db: Database, pasta: Path, cofre: Cofre) -> None:
    """Put on the trail who was shown, and when, while there was no database."""
    for caminho, registro in await asyncio.to_thread(lambda: list(_abertas(pasta, cofre))):

        async def work(tx: Transaction, registro: Registro = registro) -> None:
            auditoria.registrar(tx, registro)

        await db.transaction(work)
        caminho.unlink(missing_ok=True)


def _abertas(pasta: Path, cofre: Cofre) -> Iterator[tuple[Path, Registro]]:
    for caminho in sorted(pasta.glob(_ABERTA.format("*"))):
        try:
            aberto = cofre.abrir(caminho.read_bytes())
        except FileNotFoundError:  # another process told of it just now
            continue
        if aberto is None:
            continue
        palavra = json.loads(aberto)
        vistos = frozenset((bytes.fromhex(chave), SEM_REGISTRO) for chave in palavra["vistos"])
        if vistos:
            instante = datetime.fromisoformat(palavra["instante"])
            yield caminho, Registro(Leituras.LER_CONTINGENCIA, Autor(None), instante=instante, vistos=vistos)
        else:
            caminho.unlink(missing_ok=True)


def _empacotar(folha: Folha) -> bytes:
    campos = Marcada.__slots__
    linhas = [[_escrito(getattr(uma, campo)) for campo in campos] for uma in folha.marcadas]
    return json.dumps(
        [folha.hospital, folha.instante.isoformat(), folha.fuso, linhas, folha.inteira], ensure_ascii=False
    ).encode()


def _escrito(valor: object) -> object:
    if isinstance(valor, bytes):
        return valor.hex()
    return valor if isinstance(valor, str | bool | None) else valor.isoformat()  # type: ignore[attr-defined]  # a date


def _desempacotar(aberto: bytes) -> Folha:
    hospital, instante, fuso, linhas, inteira = json.loads(aberto)
    marcadas = tuple(_lida(Marcada(*linha)) for linha in linhas)
    return Folha(hospital, datetime.fromisoformat(instante), fuso, marcadas, inteira)


def _lida(crua: Marcada) -> Marcada:
    nascimento = datetime.fromisoformat(str(crua.nascimento)).date() if crua.nascimento else None
    inicio, fim = (datetime.fromisoformat(str(instante)) for instante in (crua.inicio, crua.fim))
    return replace(crua, paciente=bytes.fromhex(str(crua.paciente)), inicio=inicio, fim=fim, nascimento=nascimento)


def _escrita_em(caminho: Path) -> float:
    return caminho.stat().st_mtime


def _escrever(caminho: Path, conteudo: bytes) -> None:
    """Write a file whole or not at all, for its owner's eyes alone."""
    caminho.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    rascunho = caminho.with_suffix(f".{os.getpid()}.novo")
    descritor = os.open(rascunho, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descritor, "wb") as arquivo:
        arquivo.write(conteudo)
        arquivo.flush()
        os.fsync(arquivo.fileno())
    rascunho.replace(caminho)
