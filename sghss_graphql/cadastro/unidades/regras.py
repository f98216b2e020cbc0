"""What is written of unidades, salas and kinds of appointment has a form, and there are only so many."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sghss_graphql.cadastro.unidades.types import Modalidade, TipoDeAtendimento
from sghss_graphql.vocabulario.atos import Ato, Nomeia
from sghss_graphql.vocabulario.errors import valor_invalido
from sghss_graphql.vocabulario.feriados import feriados
from sghss_graphql.vocabulario.tempo import FUSO_PADRAO, fuso_canonico
from sghss_graphql.vocabulario.texto import sem_controles

MAIOR_NOME_DE_UNIDADE, MAIOR_NOME, MAIOR_PREPARO = 200, 100, 2_000  # characters
MAIS_UNIDADES, MAIS_SALAS, MAIS_TIPOS = 100, 80, 500
"""Of the hospital; of one unidade; of the hospital."""
MAIS_DIAS_ABERTOS = 100
PRIMEIRA = sha256(FUSO_PADRAO.encode()).digest()[:16]
"""The key of the unidade that is there from the start (sql/migrations/0017_unidades.sql)."""
MENOR_DURACAO, MAIOR_DURACAO, MAIOR_INTERVALO = 5, 480, 120  # minutes
MAIOR_PRAZO_EM_HORAS, MAIOR_PRAZO_EM_DIAS = 8_760, 730
_MODALIDADE = ("input", "modalidade")
_CNES = re.compile(r"\d{7}", re.ASCII)


class Atos(Ato):
    """What becomes of the hospital's places and kinds of appointment."""

    CRIAR_UNIDADE = "Criou uma unidade.", Nomeia.ALVO
    ATUALIZAR_UNIDADE = "Corrigiu uma unidade.", Nomeia.ALVO
    CRIAR_SALA = "Criou uma sala.", Nomeia.ALVO
    ATUALIZAR_SALA = "Corrigiu uma sala.", Nomeia.ALVO
    CRIAR_TIPO_DE_ATENDIMENTO = "Criou um tipo de atendimento.", Nomeia.ALVO
    ATUALIZAR_TIPO_DE_ATENDIMENTO = "Corrigiu um tipo de atendimento.", Nomeia.ALVO


def duracao_valida(minutos: int) -> bool:
    """Tell whether a consulta may last this long: a multiple of 5 minutes, 5 to 480."""
    return MENOR_DURACAO <= minutos <= MAIOR_DURACAO and minutos % 5 == 0


def cnes(texto: str | None, *campo: str) -> str | None:
    """Read the number in the national register of establishments, if it is said.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if texto is None or not texto.strip():
        return None
    if not _CNES.fullmatch(texto.strip()):
        raise valor_invalido("O CNES tem 7 dígitos.", *campo)
    return texto.strip()


def fuso(texto: str, *campo: str) -> str:
    """Read the name of a time zone.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    try:
        return fuso_canonico(texto)
    except ValueError as desconhecido:
        raise valor_invalido(str(desconhecido), *campo) from None


def duracao(minutos: int, *campo: str) -> int:
    """Read how long an appointment of a kind takes.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if not duracao_valida(minutos):
        raise valor_invalido("A duração é um múltiplo de 5 minutos, de 5 a 480.", *campo)
    return minutos


def intervalo(minutos: int, *campo: str) -> int:
    """Read how long profissional and sala stay taken after it.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if not (0 <= minutos <= MAIOR_INTERVALO and minutos % 5 == 0):
        raise valor_invalido(f"O intervalo é um múltiplo de 5 minutos, de 0 a {MAIOR_INTERVALO}.", *campo)
    return minutos


def prazo(quanto: int, menor: int, maior: int, *campo: str) -> int:
    """Read a number of hours or days.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if not menor <= quanto <= maior:
        raise valor_invalido(f"Escreva um número de {menor} a {maior}.", *campo)
    return quanto


def modalidades(pedidas: list[Modalidade], *campo: str) -> list[Modalidade]:
    """Read in which ways an appointment of a kind happens, each once, in their order.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if len(pedidas) > len(Modalidade) or not pedidas:
        raise valor_invalido("Diga uma modalidade ou as duas, cada uma uma vez.", *campo)
    return list(dict.fromkeys(pedidas))


def preparo(texto: str | None, *campo: str) -> str | None:
    """Read what a paciente does before.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if texto is None or not texto.strip():
        return None
    if len(texto) > MAIOR_PREPARO:
        raise valor_invalido(f"Escreva até {MAIOR_PREPARO} caracteres.", *campo)
    return sem_controles(texto, *campo)


def dias_abertos(dias: list[date], *campo: str) -> frozenset[date]:
    """Read the holidays on which a unidade is open.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if len(dias) > MAIS_DIAS_ABERTOS:
        raise valor_invalido(f"Informe até {MAIS_DIAS_ABERTOS} dias.", *campo)
    return frozenset(dias)


def modalidade(pedida: Modalidade | None, tipo: TipoDeAtendimento | None) -> Modalidade:
    """Read how an appointment happens: as it was said, or else as is usual for its kind.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    pedida = pedida or Modalidade.PRESENCIAL
    if tipo is None or pedida in tipo.modalidades:
        return pedida
    if pedida is not Modalidade.PRESENCIAL:
        raise valor_invalido("Este tipo de atendimento não acontece a distância.", *_MODALIDADE)
    return tipo.modalidades[0]


def exigir_que_aconteca_assim(tipo: TipoDeAtendimento | None, modalidade: Modalidade, *, tem_sala: bool) -> None:
    """Check that an appointment that was booked otherwise may happen so.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if tipo is None:
        return
    if modalidade not in tipo.modalidades:
        raise valor_invalido("Este tipo de atendimento não acontece assim.", *_MODALIDADE)
    if modalidade is Modalidade.PRESENCIAL and tipo.exige_sala and not tem_sala:
        raise valor_invalido("Este tipo precisa de uma sala: marque outra consulta, presencial.", *_MODALIDADE)


def exigir_especialidade(tipo: TipoDeAtendimento, delas: frozenset[str]) -> None:
    """Check that a profissional with these specialities attends in that of a kind.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if tipo.especialidade is not None and tipo.especialidade_ordem not in delas:
        raise valor_invalido("O profissional não atende na especialidade deste tipo.", "input", "tipoId")


def exigir_do_tipo(tipo: TipoDeAtendimento | None, minutos: int | None) -> None:
    """Check that pacientes book this kind themselves, as long as it takes.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if tipo is None:
        return
    if not tipo.autoagendamento:
        raise valor_invalido("Este tipo de atendimento é marcado pela recepção.", "input", "tipoId")
    exigir_duracao(tipo, minutos)


def exigir_duracao(tipo: TipoDeAtendimento, minutos: int | None) -> None:
    """Check that what a paciente asks for takes as long as its kind.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if minutos not in (None, tipo.duracao_em_minutos):
        raise valor_invalido(f"Este tipo dura {tipo.duracao_em_minutos} minutos.", "input", "duracaoEmMinutos")


@dataclass(frozen=True, slots=True)
class DiasDeUmaUnidade:
    """In which time zone a unidade reads days, and on which of them it is closed."""

    fuso: str
    uf: str | None = None
    abre_nos_feriados: bool = True
    abertos: frozenset[date] = frozenset()
    ativa: bool = True

    def fechados(self, de: date, ate: date) -> Mapping[date, str]:
        """Give the holidays from ``de`` to ``ate`` (both included) on which it is closed, by day, with their names."""
        if self.abre_nos_feriados:
            return {}
        todos = {dia: nome for ano in range(de.year, ate.year + 1) for dia, nome in feriados(self.uf, ano).items()}
        return {dia: nome for dia, nome in todos.items() if de <= dia <= ate and dia not in self.abertos}
