"""A scalar verifies what it carries, and its refusal says what to do without quoting the value."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition
from validate_docbr import CNS as REGRA_DO_CNS
from validate_docbr import CPF as REGRA_DO_CPF

from sghss_graphql.machinery.engine import BadValue
from sghss_graphql.vocabulario import cid10

CPF = NewType("CPF", str)
CNS = NewType("CNS", str)
CID10 = NewType("CID10", str)
Hora = NewType("Hora", int)
"""Minutes after midnight, 0 to 1440."""

_CPF = re.compile(r"(\d{3})\.?(\d{3})\.?(\d{3})-?(\d{2})", re.ASCII)
_CNS = re.compile(r"(\d{3}) ?(\d{4}) ?(\d{4}) ?(\d{4})", re.ASCII)
_DATA = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_HORA = re.compile(r"([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_PRIMEIRO_ANO, _ULTIMO_ANO = 1900, 9998  # room for every conversion between time zones


class ValorInvalido(BadValue):
    """A scalar's refusal: its message is ours and holds nothing of the value."""


def ler_cpf(valor: Any) -> CPF:
    """Read 11 digits, with or without punctuation; the check digits must be right."""
    forma = _texto(_CPF, valor)
    digitos = "".join(forma.groups()) if forma else ""
    if not (digitos and REGRA_DO_CPF().validate(digitos)):
        raise ValorInvalido("CPF inválido: confira os 11 dígitos.")
    return CPF(digitos)


def ler_cns(valor: Any) -> CNS:
    """Read 15 digits, with or without spaces; the checksum must be right (e-SUS APS, algoritmo do CNS)."""
    forma = _texto(_CNS, valor)
    digitos = "".join(forma.groups()) if forma else ""
    if not (digitos and REGRA_DO_CNS().validate(digitos)):
        raise ValorInvalido("CNS inválido: confira os 15 dígitos do Cartão Nacional de Saúde.")
    return CNS(digitos)


def ler_cid10(valor: Any) -> CID10:
    """Read a code of DATASUS's table or of the WHO's, with or without its point: ``J45.0``, ``J450``, ``j45``."""
    codigo = cid10.codigos().get(valor.strip().upper()) if isinstance(valor, str) and valor.isascii() else None
    if codigo is None:
        raise ValorInvalido("Código CID-10 desconhecido: escreva um código da tabela, como J45.0.")
    return CID10(codigo)


def ler_data(valor: Any) -> date:
    """Read a date of ISO 8601: ``2026-11-23``."""
    if _texto(_DATA, valor):
        try:
            lida = date.fromisoformat(valor)
        except ValueError:
            lida = date.min
        if _PRIMEIRO_ANO - 100 <= lida.year <= _ULTIMO_ANO:
            return lida
    raise ValorInvalido("Data inválida: escreva ano, mês e dia, como 2026-11-23.")


def ler_instante(valor: Any) -> datetime:
    """Read an instant of RFC 3339 with its offset; give it naive, in UTC."""
    if _texto(_INSTANTE, valor):
        try:
            lido = datetime.fromisoformat(valor).astimezone(UTC)
        except (ValueError, OverflowError):
            lido = datetime.min.replace(tzinfo=UTC)
        if _PRIMEIRO_ANO <= lido.year <= _ULTIMO_ANO:
            return lido.replace(tzinfo=None)
    raise ValorInvalido(
        "Data e hora inválidas: escreva com o fuso, como 2026-11-23T14:00:00-03:00 ou 2026-11-23T17:00:00Z."
    )


def ler_hora(valor: Any) -> Hora:
    """Read a local time of day: ``08:00``, up to ``24:00``."""
    forma = _texto(_HORA, valor)
    minutos = int(forma[1]) * 60 + int(forma[2]) if forma else -1
    if not 0 <= minutos <= 24 * 60:
        raise ValorInvalido("Hora inválida: escreva horas e minutos, como 08:00.")
    return Hora(minutos)


@lru_cache(maxsize=50_000)
def escrever_instante(instante: datetime) -> str:
    """Write an instant in UTC: ``2026-11-23T17:00:00Z``; most have been written before."""
    return f"{instante.isoformat()}Z"


def escrever_hora(hora: int) -> str:
    """Write a local time of day: ``08:00``."""
    return f"{hora // 60:02}:{hora % 60:02}"


def _texto(forma: re.Pattern[str], valor: Any) -> re.Match[str] | None:
    return forma.fullmatch(valor.strip()) if isinstance(valor, str) else None


def _escalar(
    nome: str, ler: Callable[[Any], Any], descricao: str, norma: str, escrever: Callable[[Any], Any] = str
) -> ScalarDefinition:
    return strawberry.scalar(
        name=nome, parse_value=ler, serialize=escrever, description=descricao, specified_by_url=norma
    )


SCALARS: dict[object, ScalarDefinition] = {
    CPF: _escalar(
        "CPF",
        ler_cpf,
        "Cadastro de Pessoas Físicas: 11 dígitos, com dígitos verificadores conferidos. Aceita pontuação;"
        " devolve só os dígitos.",
        "https://www.gov.br/receitafederal/pt-br/assuntos/meu-cpf",
    ),
    CNS: _escalar(
        "CNS",
        ler_cns,
        "Cartão Nacional de Saúde: 15 dígitos, com soma de verificação conferida.",
        "https://integracao.esusab.ufsc.br/ledi/documentacao/regras/algoritmo_CNS.html",
    ),
    CID10: _escalar(
        "CID10",
        ler_cid10,
        "Código da CID-10, a Classificação Internacional de Doenças: da tabela do DATASUS ou da OMS. Aceita J45.0, J450"
        " ou j45.0; devolve J45.0.",
        "https://icd.who.int/browse10/2019/en",
    ),
    Hora: _escalar(
        "Hora",
        ler_hora,
        "Hora local do dia, de 00:00 a 24:00.",
        "https://www.iso.org/iso-8601-date-and-time-format.html",
        escrever_hora,
    ),
    date: _escalar(
        "Date",
        ler_data,
        "Data no formato ISO 8601, como 2026-11-23.",
        "https://scalars.graphql.org/andimarek/local-date.html",
        date.isoformat,
    ),
    datetime: _escalar(
        "DateTime",
        ler_instante,
        "Instante no formato RFC 3339, sempre com o fuso; sem fuso é recusado. A resposta é em UTC, como"
        " 2026-11-23T17:00:00Z.",
        "https://scalars.graphql.org/andimarek/date-time.html",
        escrever_instante,
    ),
}
