"""The sheet that the reception works from when there is no database: who comes when, by unidade and local day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

from sghss_graphql.vocabulario.atos import Leitura, Nomeia
from sghss_graphql.vocabulario.tempo import hora_local

VELHA = timedelta(minutes=10)
"""After so long a sheet says that much may have changed."""


class Leituras(Leitura):
    """What is read of consultas while there is no database."""

    LER_CONTINGENCIA = "A agenda de contingência foi aberta, com o banco fora do ar.", Nomeia.PACIENTE, Nomeia.ALVO


@dataclass(frozen=True, slots=True)
class Marcada:
    """A consulta, with the names of all that it is made of; ``paciente`` is the key."""

    paciente: bytes
    unidade: str
    fuso: str
    inicio: datetime
    fim: datetime
    situacao: str
    encaixe: bool
    profissional: str
    nome: str
    nascimento: date | None
    telefone: str | None
    sala: str | None
    tipo: str | None

    @property
    def comeca(self) -> datetime:
        """When it begins, where it happens."""
        return self.inicio.replace(tzinfo=UTC).astimezone(ZoneInfo(self.fuso))


@dataclass(frozen=True, slots=True)
class Folha:
    """What was booked at an instant."""

    hospital: str
    instante: datetime
    fuso: str
    marcadas: tuple[Marcada, ...]
    inteira: bool = True
    """Whether all of them are in it."""


def de_hoje_e_amanha(marcadas: Iterable[Marcada], instante: datetime) -> tuple[Marcada, ...]:
    """Give those of the local today and tomorrow of where they happen."""

    def dias(uma: Marcada) -> int:
        hoje = instante.replace(tzinfo=UTC).astimezone(ZoneInfo(uma.fuso)).date()
        return (uma.comeca.date() - hoje).days

    return tuple(uma for uma in marcadas if 0 <= dias(uma) <= 1)


def pagina(folha: Folha, agora: datetime) -> str:
    """Write the sheet as a page that can be printed, with room for notes."""
    idade = agora - folha.instante
    aviso = f"<p><strong>De há {idade // timedelta(minutes=1)} minutos: muito pode ter mudado.</strong></p>"
    partes = [
        _CABECA.format(hospital=escape(folha.hospital)),
        f"<p>Como estava em {hora_local(folha.instante, folha.fuso)}. Anote o que acontecer, e registre-o depois.</p>",
        aviso if idade > VELHA else "",
        "" if folha.inteira else f"<p><strong>{_FALTAM}</strong></p>",
    ]
    for (unidade, dia), marcadas in groupby(_em_ordem(folha.marcadas), lambda uma: (uma.unidade, uma.comeca.date())):
        partes += [f"<h2>{escape(unidade)}, {dia:%d/%m/%Y}</h2>", _TABELA, *map(_linha, marcadas), "</table>"]
    if not folha.marcadas:
        partes.append("<p>Nada marcado para hoje e amanhã.</p>")
    return "\n".join([*partes, "</body></html>"])


def _em_ordem(marcadas: Iterable[Marcada]) -> list[Marcada]:
    return sorted(marcadas, key=lambda uma: (uma.unidade, uma.inicio, uma.profissional, uma.nome))


def _linha(uma: Marcada) -> str:
    return "<tr>" + "".join(f"<td>{escape(texto)}</td>" for texto in _celulas(uma)) + "</tr>"


def _celulas(uma: Marcada) -> Iterator[str]:
    yield f"{uma.comeca:%H:%M}" + (" (encaixe)" if uma.encaixe else "")
    yield uma.nome
    yield f"{uma.nascimento:%d/%m/%Y}" if uma.nascimento else ""
    yield uma.telefone or ""
    yield uma.profissional
    yield ", ".join(filter(None, (uma.tipo, uma.sala)))
    yield uma.situacao.replace("_", " ").lower()
    yield ""


_FALTAM = "Há mais consultas do que cabem aqui: as últimas faltam."
_CABECA = """\
<!doctype html>
<html lang="pt-BR"><head><meta charset="utf-8"><title>Agenda de contingência: {hospital}</title>
<style>
body {{ font: 11pt sans-serif; margin: 1cm; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border: 1px solid #555; padding: 3pt 5pt; text-align: left; }}
td:last-child {{ width: 22%; }}
h2 {{ break-after: avoid; }}
tr {{ break-inside: avoid; }}
</style></head><body>
<h1>Agenda de contingência: {hospital}</h1>"""
_TABELA = (
    "<table><tr><th>Hora</th><th>Paciente</th><th>Nascimento</th><th>Telefone</th><th>Com quem</th>"
    "<th>O quê, onde</th><th>Situação</th><th>Anotações</th></tr>"
)
