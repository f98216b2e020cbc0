"""The door of agenda: is a time open, occupy it, free it, and which free times are near."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from sghss_graphql.atendimento.agenda import store
from sghss_graphql.atendimento.agenda.regras import (
    Codigos,
    Intervalo,
    Trecho,
    atende,
    celulas,
    expediente,
    livres,
)
from sghss_graphql.atendimento.agenda.types import Bloqueio, HorarioDisponivel
from sghss_graphql.cadastro.profissionais import porta as profissionais_porta
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import DefinirAgendas
from sghss_graphql.machinery.database import Conflict, Database, Reader, Transaction
from sghss_graphql.machinery.engine import dealt
from sghss_graphql.vocabulario.errors import Recusa, SghssError
from sghss_graphql.vocabulario.tempo import agora

_PROXIMOS = 3
_PROCURA = timedelta(days=14)


class DeQuem(Enum):
    """Whose time is taken: the code and the words of that."""

    PROFISSIONAL = Codigos.HORARIO_INDISPONIVEL, "O profissional já tem consulta neste horário."
    PACIENTE = Codigos.HORARIO_INDISPONIVEL, "O paciente já tem consulta neste horário."
    SALA = Codigos.SALA_INDISPONIVEL, "A sala já está ocupada neste horário, ou não há uma livre."


class Ocupado(SghssError):
    """The profissional, the paciente or the sala has another consulta then.

    ``pessoas`` are those whose time both of the people are.
    """

    def __init__(self, pessoas: Sequence[bytes], de_quem: DeQuem) -> None:
        super().__init__()
        self.pessoas = pessoas
        self.codigo, self.mensagem = de_quem.value


async def bloqueio(db: Reader, quem: Quem | None, chave: bytes | None) -> Bloqueio | None:
    """Give a block of an agenda that the caller may set; None for any other.

    Raises:
        NaoAutenticado, Proibido: the caller may set no agenda at all.
    """
    alcance = exigir(quem, DefinirAgendas)
    achado = await store.bloqueio(db, chave) if chave else None
    if chave is None or achado is None or not alcance.inclui(profissional=achado[0]):
        return None
    profissional = await profissionais_porta.um(db, quem, achado[0])
    if profissional is None:
        return None
    return Bloqueio(
        chave=chave, profissional=profissional, inicio=achado[1].inicio, fim=achado[1].fim, motivo=achado[2]
    )


@dataclass(frozen=True, slots=True)
class NaAgenda:
    """What the agenda of a profissional says about a time: whether a block touches it, and what is worked around it."""

    hora: Intervalo
    bloqueada: bool
    trechos: Sequence[Trecho]

    def exigir_aberta(self, unidade: bytes | None, tipo: bytes | None, *campo: str) -> Trecho:
        """Check that the profissional works then, for this kind, in this unidade if it matters which; give where.

        Raises:
            Recusa: AGENDA_BLOQUEADA or FORA_DO_EXPEDIENTE, in this order.
        """
        if self.bloqueada:
            raise Recusa(
                Codigos.AGENDA_BLOQUEADA,
                "A agenda do profissional está bloqueada neste horário. Escolha outro.",
                *campo,
            )
        trecho = atende(self.trechos, self.hora, unidade, tipo)
        if trecho is None:
            de_outros = any(um.tipos and um.hora.toca(self.hora) for um in self.trechos)
            porque = " para este tipo de atendimento" if de_outros else ""
            raise Recusa(
                Codigos.FORA_DO_EXPEDIENTE,
                f"O profissional não atende neste horário{porque}. Consulte horariosDisponiveis.",
                *campo,
            )
        return trecho


async def semanas(db: Reader, profissionais: Sequence[bytes]) -> store.Semanas:
    """Give the weekly hours of profissionais, and the days of their unidades."""
    return await store.turnos(db, profissionais)


async def bloqueados(db: Reader, profissionais: Sequence[bytes], periodo: Intervalo) -> list[tuple[bytes, Intervalo]]:
    """Give the blocks of profissionais that touch a period, and nothing of why: key of the profissional, time."""
    return [(de_quem, hora) for _, de_quem, hora, _ in await store.bloqueios(db, profissionais, periodo)]


async def na_agenda(db: Database, profissional: bytes | None, hora: Intervalo) -> NaAgenda:
    """Look a time up in the agenda of a profissional; where there is none, nobody works."""
    chaves = [profissional] if profissional else []
    bloqueios, semanas = await asyncio.gather(store.bloqueios(db, chaves, hora), store.turnos(db, chaves))
    return NaAgenda(hora, bool(bloqueios), expediente([turno for _, turno in semanas.horas], semanas.dias, hora))


@dataclass(frozen=True, slots=True)
class Marcada:
    """What is booked: when, in which unidade, for which kind of appointment."""

    hora: Intervalo
    unidade: bytes
    tipo: bytes | None


async def fora_do_expediente(db: Reader, profissional: bytes, marcadas: Sequence[Marcada]) -> list[bool]:
    """Tell of each time that is booked whether it is outside of the hours that a profissional works."""
    semanas = await store.turnos(db, [profissional])
    turnos = [turno for _, turno in semanas.horas]
    por_dia: dict[date, Intervalo] = {}
    for uma in marcadas:  # the hours once for each day
        dia = uma.hora.inicio.date()
        ate = por_dia.get(dia, uma.hora)
        por_dia[dia] = Intervalo(min(ate.inicio, uma.hora.inicio), max(ate.fim, uma.hora.fim))
    abertas = {dia: expediente(turnos, semanas.dias, pedido) for dia, pedido in por_dia.items()}
    return [atende(abertas[uma.hora.inicio.date()], uma.hora, uma.unidade, uma.tipo) is None for uma in marcadas]


def ocupar(
    tx: Transaction,
    consulta: bytes,
    de_quem: DeQuem,
    coisas: Sequence[bytes],
    hora: Intervalo,
    outros: Sequence[bytes] = (),
    *,
    outra_serve: bool = False,
) -> None:
    """Occupy the time of a consulta: of pessoas, by their keys (who has several registrations has several), or a sala.

    ``outros`` are the pessoas whose time it takes beside. The transaction raises Ocupado if it is taken, in whatever
    role; or it is run again, where another one would do as well.
    """
    pessoas = outros if de_quem is DeQuem.SALA else (*coisas, *outros)
    with tx.on_duplicate(lambda _: Conflict() if outra_serve else Ocupado(pessoas, de_quem)):
        for coisa in coisas:
            store.ocupar(tx, coisa, consulta, celulas(hora))


async def livre(tx: Transaction, sala: bytes, hora: Intervalo) -> bool:
    """Tell whether a sala is free."""
    return not await store.celulas(tx, [sala], celulas(hora))


async def sala_livre(tx: Transaction, unidade: bytes, hora: Intervalo) -> bytes | None:
    """Give the first sala of a unidade, by name, that is free; None if none is.

    Whoever else looks for one there waits until the transaction ends, and sees then what was taken.
    """
    await unidades.segurar(tx, unidade)
    return await store.sala_livre(tx, unidade, celulas(hora))


def liberar(tx: Transaction, consulta: bytes) -> None:
    """Free the time of a consulta."""
    store.liberar(tx, consulta)


@dataclass(frozen=True, slots=True)
class Busca:
    """What a free time is for: how long it is, and how much stays taken after; which kind, in which unidade."""

    duracao: timedelta
    depois: timedelta = timedelta()
    tipo: bytes | None = None
    unidade: bytes | None = None


async def horarios(
    db: Reader, profissionais: Sequence[Profissional], periodos: Sequence[Intervalo], busca: Busca
) -> list[list[HorarioDisponivel]]:
    """Give each profissional's free times within their period, from now on; five statements, however many they are."""
    chaves = [profissional.chave for profissional in profissionais]
    todos = Intervalo(min(p.inicio for p in periodos), max(p.fim for p in periodos))
    ativos = [profissional.chave for profissional in profissionais if profissional.ativo]
    pessoas = [profissional.pessoa for profissional in profissionais]
    semanas, linhas, tomadas = await asyncio.gather(
        store.turnos(db, ativos),
        store.bloqueios(db, chaves, todos),
        store.celulas(db, pessoas, celulas(Intervalo(todos.inicio, todos.fim + busca.depois))),
    )
    turnos = dealt(chaves, semanas.horas, lambda linha: linha[0])
    bloqueios = dealt(chaves, linhas, lambda linha: linha[1])
    ocupadas = dealt(pessoas, tomadas, lambda linha: linha[0])
    instante = agora()
    respostas = []
    for pedido, semana, periodos_fechados, celulas_do_profissional in zip(
        periodos, turnos, bloqueios, ocupadas, strict=True
    ):
        dentro = Intervalo(max(pedido.inicio, instante), pedido.fim)
        fechados = [fechado for _, _, fechado, _ in periodos_fechados]
        tomada = {celula for _, celula in celulas_do_profissional}
        respostas.append(
            [
                HorarioDisponivel(inicio=vaga.inicio, fim=vaga.fim)
                for trecho in expediente([turno for _, turno in semana], semanas.dias, pedido)
                if trecho.serve(busca.unidade, busca.tipo)
                for vaga in livres(trecho.hora, fechados, tomada, dentro, busca.duracao, busca.depois)
            ]
        )
    return respostas


async def proximos(
    db: Reader, profissional: Profissional, pessoas: Sequence[bytes], hora: Intervalo, busca: Busca
) -> list[HorarioDisponivel]:
    """Give the times of a profissional nearest to one that is taken, when all of some pessoas are free, in order."""
    procurado = Intervalo(hora.inicio - _PROCURA, hora.fim + _PROCURA)
    (vagas,) = await horarios(db, [profissional], [procurado], busca)
    ocupadas = {celula for _, celula in await store.celulas(db, pessoas, celulas(procurado))}
    para_os_dois = [
        vaga
        for vaga in vagas
        if vaga.inicio != hora.inicio and not ocupadas.intersection(celulas(Intervalo(vaga.inicio, vaga.fim)))
    ]
    por_distancia = sorted(para_os_dois, key=lambda vaga: abs(vaga.inicio - hora.inicio))
    return sorted(por_distancia[:_PROXIMOS], key=_inicio)


def _inicio(vaga: HorarioDisponivel) -> datetime:
    return vaga.inicio
