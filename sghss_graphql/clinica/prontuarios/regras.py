"""A record's hash covers all of it and the hash of the one before, so a change behind the product's back shows.

The canonical form is a JSON array by RFC 8785 (JSON Canonicalization Scheme), in UTF-8, hashed with SHA-256.
It is part of the records: another form would need another first element, never a change of this one. So nothing of it
is shared with what the API writes: neither how an instant is written, nor the prefix of an id.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sghss_graphql.cadastro.profissionais.types import Conselho
from sghss_graphql.clinica.prontuarios.types import TipoDeRegistro
from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro, valor_invalido
from sghss_graphql.vocabulario.tempo import PRIMEIRO_INSTANTE


class Codigos(CodigoDeErro):
    """Of records."""

    JA_RETIFICADO = 12, "O registro já foi retificado; retifique a versão mais nova."


class Leituras(Leitura):
    """What is read of records."""

    LER_PRONTUARIO = "Leu o prontuário de um paciente.", Nomeia.PACIENTE, Nomeia.ALVO


class Atos(Ato):
    """What becomes of a patient's history."""

    ADICIONAR_PRONTUARIO = "Acrescentou um registro ao prontuário.", Nomeia.PACIENTE, Nomeia.ALVO
    RETIFICAR_PRONTUARIO = "Retificou um registro do prontuário.", Nomeia.PACIENTE, Nomeia.ALVO


MAIOR_TEXTO = 65_536  # bytes of UTF-8
MAIOR_JUSTIFICATIVA = 2_000  # characters
MAIS_CODIGOS = 50
MAIS_DA_CONSULTA = 30
"""Records that are made in one consulta; who writes more writes them without one."""
SEM_ANTERIOR = bytes(32)
_AUTOR = {1: "med", 2: "prf"}
FORMA = 2
"""The canonical form of what is written now; 1 was that of the time when only médicos wrote."""


@dataclass(frozen=True, slots=True)
class Registro:
    """A record as it is kept: keys of 16 bytes, an instant in UTC, ICD-10 codes in order."""

    chave: bytes
    paciente: bytes
    numero: int
    profissional: bytes
    registro: str
    consulta: bytes | None
    tipo: str
    texto: str
    cid10: tuple[str, ...]
    retifica: bytes | None
    justificativa: str | None
    criado_em: datetime
    hash_anterior: bytes
    forma: int = FORMA


@dataclass(frozen=True, slots=True)
class Elo:
    """The end of a patient's chain: number, hash and instant of the last record."""

    numero: int = 0
    hash: bytes = SEM_ANTERIOR
    criado_em: datetime = PRIMEIRO_INSTANTE


@dataclass(frozen=True, slots=True)
class Privativo:
    """What only the professions of some councils may write, and the law that says so, in Portuguese."""

    o_que: str
    de: frozenset[Conselho]
    lei: str


_CRM_E_CRO = frozenset({Conselho.CRM, Conselho.CRO})

PRIVATIVOS: Mapping[TipoDeRegistro, Privativo] = {
    TipoDeRegistro.PRESCRICAO: Privativo(
        "A prescrição de medicamentos", _CRM_E_CRO, "Lei 5.991/1973, art. 35; Lei 5.081/1966, art. 6º, II"
    ),
    TipoDeRegistro.ATESTADO: Privativo(
        "A emissão de atestado", _CRM_E_CRO, "Lei 12.842/2013, art. 4º, XIII; Lei 5.081/1966, art. 6º, III"
    ),
}
"""By type of entry; the types that aren't here are of every profession."""

DIAGNOSTICO_PELA_CID = Privativo(
    "A indicação de doença por um código da CID-10",
    _CRM_E_CRO,
    "Lei 12.842/2013, art. 4º, X; Lei 5.081/1966, art. 6º, I",
)
"""In an entry of any type."""


def impedimento(conselho: Conselho, tipo: TipoDeRegistro, *, com_cid10: bool) -> str | None:
    """Say in Portuguese why a profession may not write an entry; None if it may."""
    for privativo in (PRIVATIVOS.get(tipo), DIAGNOSTICO_PELA_CID if com_cid10 else None):
        if privativo is not None and conselho not in privativo.de:
            quem = " ou ".join(sorted(um.name for um in privativo.de))
            return f"{privativo.o_que} cabe só a quem tem {quem} ({privativo.lei})."
    return None


def forma_canonica(registro: Registro) -> bytes:
    """Write a record as the bytes that are hashed.

    In order: the form's name, id, paciente's id, number, author's id, their registration, consulta's id or null,
    type, text, codes, id of the corrected record or null, reason or null, instant in UTC with microseconds, hash of
    the one before in hex.
    """
    return json.dumps(
        [
            f"sghss-prontuario-{registro.forma}",
            f"pro_{registro.chave.hex()}",
            f"pac_{registro.paciente.hex()}",
            registro.numero,
            f"{_AUTOR[registro.forma]}_{registro.profissional.hex()}",
            registro.registro,
            registro.consulta and f"con_{registro.consulta.hex()}",
            registro.tipo,
            registro.texto,
            list(registro.cid10),
            registro.retifica and f"pro_{registro.retifica.hex()}",
            registro.justificativa,
            _instante(registro.criado_em),
            registro.hash_anterior.hex(),
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def registro_do_autor(guardado: str) -> str:
    """Write an author's registration as it is kept: form 1 had no council, since there was but one."""
    return guardado if " " in guardado else f"CRM {guardado}"


def _instante(instante: datetime) -> str:
    """Write an instant of the canonical form: ISO 8601 in UTC, microseconds where there are any."""
    return f"{instante.isoformat()}Z"


def calcular_hash(registro: Registro) -> bytes:
    """Give the 32 bytes of a record's SHA-256."""
    return hashlib.sha256(forma_canonica(registro)).digest()


def instante_seguinte(ultimo: Elo, agora: datetime) -> datetime:
    """Give the instant of a new record: now, or just after the last one if the clock went back."""
    return max(agora, ultimo.criado_em + timedelta(microseconds=1))


def ler_texto(texto: str, *campo: str) -> str:
    """Check the text of a record, which is kept to the letter: not blank, no NUL, up to 64 KiB.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if not texto.strip():
        raise valor_invalido("O texto do registro está vazio.", *campo)
    if "\0" in texto:
        raise valor_invalido("O texto contém o caractere nulo (U+0000), que não pode ser guardado.", *campo)
    if (tamanho := len(texto.encode())) > MAIOR_TEXTO:
        raise valor_invalido(
            f"O texto tem {tamanho} bytes em UTF-8; o limite é {MAIOR_TEXTO}. Divida-o em dois registros.",
            *campo,
        )
    return texto


def ler_justificativa(texto: str, *campo: str) -> str:
    """Check why a record is corrected.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if not texto.strip() or len(texto) > MAIOR_JUSTIFICATIVA or "\0" in texto:
        raise valor_invalido(f"Diga por que o registro é retificado, em até {MAIOR_JUSTIFICATIVA} caracteres.", *campo)
    return texto


def ler_codigos(codigos: list[str], *campo: str) -> tuple[str, ...]:
    """Check the ICD-10 codes of a record; each counts once, in order.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if len(codigos) > MAIS_CODIGOS:
        raise valor_invalido(f"Informe até {MAIS_CODIGOS} códigos.", *campo)
    return tuple(dict.fromkeys(codigos))
