"""A consulta occupies cells of 5 minutes, numbered from 1970-01-01T00:00Z.

Working hours are weekly, in local time; here they become intervals in UTC, whatever the time zone's clock
does in between. Instants are naive, in UTC.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sghss_graphql.vocabulario.atos import Ato, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro


class Codigos(CodigoDeErro):
    """Of times that can't be had."""

    HORARIO_INDISPONIVEL = 7, "O profissional ou o paciente já tem consulta neste horário."
    FORA_DO_EXPEDIENTE = 8, "O profissional não atende neste horário."
    AGENDA_BLOQUEADA = 9, "A agenda do profissional está bloqueada neste horário."


class Atos(Ato):
    """What becomes of an agenda."""

    DEFINIR_EXPEDIENTE = "Definiu o expediente de um profissional.", Nomeia.ALVO
    BLOQUEAR_AGENDA = "Bloqueou a agenda de um profissional.", Nomeia.ALVO
    DESBLOQUEAR_AGENDA = "Removeu um bloqueio.", Nomeia.ALVO


CELULA = timedelta(minutes=5)
DURACAO_PADRAO = 30  # minutes
MENOR_DURACAO, MAIOR_DURACAO = 5, 480  # minutes
MAIS_DIAS = 31
_INICIO_DO_TEMPO = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_DIA = 1440  # minutes
_SEMANA = 7 * _DIA


@dataclass(frozen=True, slots=True, order=True)
class Intervalo:
    """From ``inicio`` up to, not including, ``fim``."""

    inicio: datetime
    fim: datetime

    def contem(self, outro: "Intervalo") -> bool:
        """Tell whether the other one lies inside this one."""
        return self.inicio <= outro.inicio and outro.fim <= self.fim

    def toca(self, outro: "Intervalo") -> bool:
        """Tell whether the two share an instant."""
        return self.inicio < outro.fim and outro.inicio < self.fim


@dataclass(frozen=True, slots=True, order=True)
class HorasDeTrabalho:
    """A weekly stretch: weekday (0 is Monday), minutes after local midnight; ``fim`` may pass 1440."""

    dia: int
    inicio: int
    fim: int


def celulas(intervalo: Intervalo) -> range:
    """Give the numbers of the cells that an interval occupies, in order."""
    return range(_celula(intervalo.inicio), _celula(intervalo.fim - timedelta(microseconds=1)) + 1)


def em_celulas(instante: datetime) -> bool:
    """Tell whether an instant is a multiple of 5 minutes."""
    return (instante - _INICIO_DO_TEMPO) % CELULA == timedelta(0)


def duracao_valida(minutos: int) -> bool:
    """Tell whether a consulta may last this long: a multiple of 5 minutes, 5 to 480."""
    return MENOR_DURACAO <= minutos <= MAIOR_DURACAO and minutos % 5 == 0


def se_sobrepoem(turnos: Sequence[HorasDeTrabalho]) -> bool:
    """Tell whether two stretches of a week overlap; the week is a circle."""
    minutos = sorted((turno.dia * _DIA + turno.inicio, turno.dia * _DIA + turno.fim) for turno in turnos)
    seguintes = [*minutos[1:], *((inicio + _SEMANA, fim + _SEMANA) for inicio, fim in minutos[:1])]
    return any(fim > inicio for (_, fim), (inicio, _) in zip(minutos, seguintes, strict=True))


def expediente(turnos: Sequence[HorasDeTrabalho], fuso: str, de: date, ate: date) -> list[Intervalo]:
    """Give the working hours that touch local days ``de`` to ``ate``, adjoining ones joined, in order."""
    zona = ZoneInfo(fuso)
    partes = []
    dia = de - timedelta(days=1)  # a stretch of the evening before may reach into the first day
    while dia <= ate:
        for turno in turnos:
            if turno.dia == dia.weekday():
                partes.append(Intervalo(_em_utc(dia, turno.inicio, zona), _em_utc(dia, turno.fim, zona)))
        dia += timedelta(days=1)
    return _juntar(parte for parte in partes if parte.inicio < parte.fim)


def dias_de(intervalo: Intervalo, fuso: str) -> tuple[date, date]:
    """Give the first and last local day that an interval touches."""
    zona = ZoneInfo(fuso)
    primeiro = intervalo.inicio.replace(tzinfo=UTC).astimezone(zona).date()
    ultimo = intervalo.fim.replace(tzinfo=UTC).astimezone(zona).date()
    return primeiro, ultimo


def periodo(de: date, ate: date, fuso: str) -> Intervalo:
    """Give the instants from the start of local day ``de`` to the end of local day ``ate``."""
    zona = ZoneInfo(fuso)
    return Intervalo(_em_utc(de, 0, zona), _em_utc(ate, _DIA, zona))


def livres(
    horas: Sequence[Intervalo],
    bloqueios: Sequence[Intervalo],
    ocupadas: Collection[int],
    dentro_de: Intervalo,
    duracao: timedelta,
) -> Iterator[Intervalo]:
    """Walk the working hours in steps of ``duracao`` and give each step that is wholly free."""
    for trecho in horas:
        inicio = trecho.inicio
        while inicio + duracao <= trecho.fim:
            vaga = Intervalo(inicio, inicio + duracao)
            inicio = vaga.fim
            if (
                dentro_de.contem(vaga)
                and not any(bloqueio.toca(vaga) for bloqueio in bloqueios)
                and not any(celula in ocupadas for celula in celulas(vaga))
            ):
                yield vaga


def _celula(instante: datetime) -> int:
    return (instante - _INICIO_DO_TEMPO) // CELULA


def _em_utc(dia: date, minutos: int, zona: ZoneInfo) -> datetime:
    """Give the instant of a local time; one that the clock skips is read as if it had not (PEP 495, fold 0)."""
    local = datetime.combine(dia, time(), tzinfo=zona) + timedelta(minutes=minutos)
    return local.astimezone(UTC).replace(tzinfo=None)


def _juntar(partes: Iterable[Intervalo]) -> list[Intervalo]:
    juntas: list[Intervalo] = []
    for parte in sorted(partes):
        if juntas and parte.inicio <= juntas[-1].fim:
            juntas[-1] = Intervalo(juntas[-1].inicio, max(juntas[-1].fim, parte.fim))
        else:
            juntas.append(parte)
    return juntas
