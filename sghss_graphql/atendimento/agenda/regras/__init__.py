"""A consulta occupies cells of 5 minutes, numbered from 1970-01-01T00:00Z.

Working hours are weekly, in local time; here they become intervals in UTC, whatever the time zone's clock
does in between. Instants are naive, in UTC.
"""

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade, duracao_valida
from sghss_graphql.vocabulario.atos import Ato, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro, Formulario, valor_invalido


class Codigos(CodigoDeErro):
    """Of times that can't be had."""

    HORARIO_INDISPONIVEL = 7, "O profissional ou o paciente já tem consulta neste horário."
    FORA_DO_EXPEDIENTE = 8, "O profissional não atende neste horário."
    AGENDA_BLOQUEADA = 9, "A agenda do profissional está bloqueada neste horário."
    SALA_INDISPONIVEL = 22, "A sala já está ocupada neste horário, ou nenhuma está livre."
    RESERVA_EXPIRADA = 23, "A reserva do horário expirou, foi usada, ou não é de quem a usa."


class Atos(Ato):
    """What becomes of an agenda."""

    DEFINIR_EXPEDIENTE = "Definiu o expediente de um profissional.", Nomeia.ALVO
    BLOQUEAR_AGENDA = "Bloqueou a agenda de um profissional.", Nomeia.ALVO
    DESBLOQUEAR_AGENDA = "Removeu um bloqueio.", Nomeia.ALVO


CELULA = timedelta(minutes=5)
DURACAO_PADRAO = 30  # minutes
MAIS_DIAS = 31
MAIS_TIPOS_DO_TURNO = 20
MAIS_BLOQUEIOS = 100
"""Of one profissional, that haven't ended, and in one list."""
INICIO_DO_TEMPO = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
DIA = 1440  # minutes
_SEMANA = 7 * DIA
_DE_UM_ANO, _LONGE = 53, date(9_998, 12, 1)
"""Weeks in which clocks go forward and back; and later than anything is."""
_FUSOS = 26 * 60  # minutes between the first time zone that reads an hour and the last
_SEGUNDA, _DE_AGORA = date(1970, 1, 5), date(2026, 1, 5)
"""Where weeks are counted from where nothing else is said; and from when on stretches are compared."""


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


@dataclass(frozen=True, slots=True)
class HorasDeTrabalho:
    """A weekly stretch: weekday (0 is Monday), minutes after local midnight; ``fim`` may pass 1440.

    It is in a unidade, whose time zone it is read in, perhaps in a sala, and for some kinds of appointment alone if
    there are any in ``tipos``. It begins on days from ``desde`` to ``ate``, every ``semanas`` weeks from the first on.
    """

    dia: int
    inicio: int
    fim: int
    unidade: bytes = b""
    sala: bytes | None = None
    desde: date | None = None
    ate: date | None = None
    semanas: int = 1
    tipos: frozenset[bytes] = frozenset()

    def comeca_em(self, dia: date) -> bool:
        """Tell whether it begins on a local day."""
        if dia.weekday() != self.dia or (self.desde and dia < self.desde) or (self.ate and dia > self.ate):
            return False
        return self.semanas == 1 or (_semana(dia) - _semana(self.desde or _SEGUNDA)) % self.semanas == 0


@dataclass(frozen=True, slots=True)
class Semanas:
    """The weekly hours of profissionais, of each who has any, in order; and the days of their unidades."""

    horas: Mapping[bytes, tuple[HorasDeTrabalho, ...]]
    dias: Mapping[bytes, DiasDeUmaUnidade]

    def de(self, profissional: bytes) -> tuple[HorasDeTrabalho, ...]:
        """Give the hours of one of them."""
        return self.horas.get(profissional, ())


@dataclass(frozen=True, slots=True)
class Trecho:
    """A stretch of working hours: when, in which unidade and sala, and for which kinds; any, if there are none."""

    hora: Intervalo
    unidade: bytes
    sala: bytes | None = None
    tipos: frozenset[bytes] = frozenset()

    def serve(self, unidade: bytes | None, tipo: bytes | None) -> bool:
        """Tell whether one of this kind may be booked in it, in this unidade if it matters which."""
        return unidade in (None, self.unidade) and (not self.tipos or tipo in self.tipos)

    def no_lugar_de(self, outro: "Trecho") -> bool:
        """Tell whether it is where the other one is, and for the same."""
        return (self.unidade, self.sala, self.tipos) == (outro.unidade, outro.sala, outro.tipos)


@dataclass(frozen=True, slots=True)
class Busca:
    """What a free time is for: how long it is, and how much stays taken after; which kind, in which unidade."""

    duracao: timedelta
    depois: timedelta = timedelta()
    tipo: bytes | None = None
    unidade: bytes | None = None


@dataclass(frozen=True, slots=True)
class Tomada:
    """A cell that is taken: of whom or what, in which lane, and by which consulta; by none where it is held."""

    coisa: bytes
    celula: int
    faixa: int
    consulta: bytes | None


@dataclass(frozen=True, slots=True)
class Guardado:
    """A time that is held for a usuario until it expires; ``coisas`` are the pessoas and the sala whose time it is.

    ``vaga`` is which of those it is that one usuario may have at once, from 0 on.
    """

    chave: bytes
    usuario: bytes
    vaga: int
    profissional: bytes
    unidade: bytes
    sala: bytes | None
    tipo: bytes | None
    hora: Intervalo
    intervalo: int
    expira_em: datetime
    coisas: tuple[bytes, ...]

    @property
    def toda(self) -> Intervalo:
        """All of the time that is held, with what stays taken after."""
        return Intervalo(self.hora.inicio, self.hora.fim + timedelta(minutes=self.intervalo))


def faixas(tomadas: Iterable[Tomada], coisa: bytes, celulas: range) -> dict[int, int]:
    """Give the lowest lane that is free in each cell of somebody: what is booked over what there is takes it."""
    ha: dict[int, set[int]] = {celula: set() for celula in celulas}
    for uma in tomadas:
        if uma.coisa == coisa:
            ha[uma.celula].add(uma.faixa)
    return {celula: next(n for n in itertools.count() if n not in delas) for celula, delas in ha.items()}


def hora(formulario: Formulario, inicio: datetime, minutos: int) -> Intervalo:
    """Read when a consulta begins and how long it takes."""
    duracao = formulario.ler(_duracao, minutos) or timedelta()
    formulario.ler(_exigir_em_celulas, inicio)
    return Intervalo(inicio, inicio + duracao)


def _duracao(minutos: int) -> timedelta:
    if not duracao_valida(minutos):
        raise valor_invalido("A duração é um múltiplo de 5 minutos, de 5 a 480.", "input", "duracaoEmMinutos")
    return timedelta(minutes=minutos)


def _exigir_em_celulas(inicio: datetime) -> None:
    if not em_celulas(inicio):
        raise valor_invalido("Consultas começam em múltiplos de 5 minutos.", "input", "inicio")


def minutos(pedidos: int | None, padrao: int) -> int:
    """Give the minutes that were asked for, or else those that are usual."""
    return padrao if pedidos is None else pedidos


def celulas(intervalo: Intervalo) -> range:
    """Give the numbers of the cells that an interval occupies, in order."""
    return range(celula(intervalo.inicio), celula(intervalo.fim - timedelta(microseconds=1)) + 1)


def semanas_depois(inicio: datetime, fuso: str, semanas: int) -> datetime:
    """Give the instant so many weeks later at the same local time, whatever the clock there does in between."""
    local = inicio.replace(tzinfo=UTC).astimezone(ZoneInfo(fuso))
    return em_utc(local.date() + timedelta(weeks=semanas), 60 * local.hour + local.minute, fuso)


def em_celulas(instante: datetime) -> bool:
    """Tell whether an instant is a multiple of 5 minutes."""
    return (instante - INICIO_DO_TEMPO) % CELULA == timedelta(0)


def se_sobrepoem(turnos: Sequence[HorasDeTrabalho], dias: Mapping[bytes, DiasDeUmaUnidade]) -> bool:
    """Tell whether two of a profissional's stretches are ever worked at once, holidays or not."""
    fusos = {unidade: um.fuso for unidade, um in dias.items()}
    return any(_se_cruzam(um, outro, fusos) for um, outro in itertools.combinations(turnos, 2))


def _se_cruzam(um: HorasDeTrabalho, outro: HorasDeTrabalho, fusos: Mapping[bytes, str]) -> bool:
    """Look at so many weeks that all pairs of theirs come up, if in a week of both they would meet at all."""
    folga = 0 if fusos[um.unidade] == fusos[outro.unidade] else _FUSOS
    longe = (outro.dia - um.dia) * DIA + outro.inicio - um.inicio
    if longe % _SEMANA >= um.fim - um.inicio + folga and -longe % _SEMANA >= outro.fim - outro.inicio + folga:
        return False
    desde = max(um.desde or _DE_AGORA, outro.desde or _DE_AGORA) - timedelta(weeks=1)
    semanas = (math.lcm(um.semanas, outro.semanas) if not folga else _DE_UM_ANO) + 3
    ultimo = min(um.ate or _LONGE, outro.ate or _LONGE, desde + timedelta(weeks=semanas)) + timedelta(days=2)
    de_um, de_outro = (
        [turno_no_dia(turno, dia, fusos[turno.unidade]) for dia in dias_entre(desde, ultimo) if turno.comeca_em(dia)]
        for turno in (um, outro)
    )
    return any(a.toca(b) for a in de_um for b in de_outro)


def dias_entre(de: date, ate: date) -> Iterator[date]:
    """Give days in order, both included."""
    return (de + timedelta(days=n) for n in range((ate - de).days + 1))


def turno_no_dia(turno: HorasDeTrabalho, dia: date, fuso: str) -> Intervalo:
    """Give when a stretch that begins on a local day is worked."""
    return Intervalo(em_utc(dia, turno.inicio, fuso), em_utc(dia, turno.fim, fuso))


def dias_de(intervalo: Intervalo, fuso: str) -> tuple[date, date]:
    """Give the first and last local day that an interval touches."""
    zona = ZoneInfo(fuso)
    primeiro = intervalo.inicio.replace(tzinfo=UTC).astimezone(zona).date()
    ultimo = intervalo.fim.replace(tzinfo=UTC).astimezone(zona).date()
    return primeiro, ultimo


def periodo(de: date, ate: date, fuso: str) -> Intervalo:
    """Give the instants from the start of local day ``de`` to the end of local day ``ate``."""
    return Intervalo(em_utc(de, 0, fuso), em_utc(ate, DIA, fuso))


def passos(trecho: Intervalo, desde: datetime, duracao: timedelta, depois: timedelta) -> Iterator[Intervalo]:
    """Divide a stretch, from its beginning, into times of ``duracao``, with the time ``depois`` between two.

    Give those that begin at ``desde`` or later; the last one ends with the stretch, or before.
    """
    passo = duracao + depois
    inicio = trecho.inicio + max(0, -((trecho.inicio - desde) // passo)) * passo
    while inicio + duracao <= trecho.fim:
        yield Intervalo(inicio, inicio + duracao)
        inicio += passo


def livres(
    trecho: Intervalo,
    bloqueios: Sequence[Intervalo],
    ocupadas: Collection[int],
    dentro_de: Intervalo,
    duracao: timedelta,
    depois: timedelta = timedelta(),
) -> Iterator[Intervalo]:
    """Walk a stretch in steps of ``duracao`` and the time ``depois`` it, and give each that is wholly free."""
    for vaga in passos(trecho, dentro_de.inicio, duracao, depois):
        if vaga.fim > dentro_de.fim:
            return
        ocupa = Intervalo(vaga.inicio, vaga.fim + depois)
        if not any(bloqueio.toca(vaga) for bloqueio in bloqueios) and not any(
            celula in ocupadas for celula in celulas(ocupa)
        ):
            yield vaga


def celula(instante: datetime) -> int:
    """Give the number of the cell in which an instant is."""
    return (instante - INICIO_DO_TEMPO) // CELULA


def _semana(dia: date) -> int:
    """Number the weeks, from Monday to Sunday."""
    return (dia.toordinal() - 1) // 7


@lru_cache(maxsize=5_000)
def em_utc(dia: date, minutos: int, fuso: str) -> datetime:
    """Give the instant of a local time; one that the clock skips is read as if it had not (PEP 495, fold 0).

    Shifts of many begin at the same few times of the same days.
    """
    local = datetime.combine(dia, time(), tzinfo=ZoneInfo(fuso)) + timedelta(minutes=minutos)
    return local.astimezone(UTC).replace(tzinfo=None)
