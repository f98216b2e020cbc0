"""The door of agenda: is a time open, occupy it, free it, and which free times are near."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sghss_graphql.atendimento.agenda import store
from sghss_graphql.atendimento.agenda.regras import (
    Codigos,
    HorasDeTrabalho,
    Intervalo,
    celulas,
    dias_de,
    expediente,
    livres,
    periodo,
)
from sghss_graphql.atendimento.agenda.types import Bloqueio, HorarioDisponivel
from sghss_graphql.cadastro.profissionais import porta as profissionais_porta
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import DefinirAgendas
from sghss_graphql.machinery.database import Database, Reader, Transaction
from sghss_graphql.machinery.engine import dealt
from sghss_graphql.vocabulario.errors import Recusa, SghssError
from sghss_graphql.vocabulario.tempo import agora

_PROXIMOS = 3
_PROCURA = timedelta(days=14)


class Ocupado(SghssError):
    """The profissional or the paciente has another consulta then; which one, ``do_profissional`` tells.

    ``pessoas`` are those whose time both of them are.
    """

    def __init__(self, pessoas: Sequence[bytes], *, do_profissional: bool) -> None:
        super().__init__()
        self.pessoas = pessoas
        self.do_profissional = do_profissional


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
    """What the agenda of a profissional says about a time: whether a block touches it, and the hours of every week."""

    hora: Intervalo
    bloqueada: bool
    turnos: Sequence[HorasDeTrabalho]

    def exigir_aberta(self, fuso: str, *campo: str) -> None:
        """Check that the profissional, whose hours are in this time zone, works then.

        Raises:
            Recusa: AGENDA_BLOQUEADA or FORA_DO_EXPEDIENTE, in this order.
        """
        if self.bloqueada:
            raise Recusa(
                Codigos.AGENDA_BLOQUEADA,
                "A agenda do profissional está bloqueada neste horário. Escolha outro.",
                *campo,
            )
        horas = expediente(self.turnos, fuso, *dias_de(self.hora, fuso))
        if not any(trecho.contem(self.hora) for trecho in horas):
            raise Recusa(
                Codigos.FORA_DO_EXPEDIENTE,
                "O profissional não atende neste horário. Consulte horariosDisponiveis.",
                *campo,
            )


async def na_agenda(db: Database, profissional: bytes | None, hora: Intervalo) -> NaAgenda:
    """Look a time up in the agenda of a profissional; where there is none, nobody works."""
    chaves = [profissional] if profissional else []
    bloqueios, turnos = await asyncio.gather(store.bloqueios(db, chaves, hora), store.turnos(db, chaves))
    return NaAgenda(hora, bool(bloqueios), [turno for _, turno in turnos])


async def fora_do_expediente(db: Reader, profissional: Profissional, horas: Sequence[Intervalo]) -> list[bool]:
    """Tell of each time whether it is outside of the hours that a profissional works."""
    turnos = [turno for _, turno in await store.turnos(db, [profissional.chave])]
    dias = [dias_de(hora, profissional.fuso) for hora in horas]
    abertas = {quais: expediente(turnos, profissional.fuso, *quais) for quais in set(dias)}  # once for each day
    return [not any(aberta.contem(hora) for aberta in abertas[quais]) for hora, quais in zip(horas, dias, strict=True)]


def ocupar(
    tx: Transaction, consulta: bytes, profissional: Sequence[bytes], paciente: Sequence[bytes], hora: Intervalo
) -> None:
    """Occupy the time of a consulta for two people: keys of their pessoas; who has several registrations has several.

    The transaction raises Ocupado if one of them has another consulta then, in whatever role.
    """
    pessoas = (*profissional, *paciente)
    with tx.on_duplicate(lambda _: Ocupado(pessoas, do_profissional=True)):
        for pessoa in profissional:
            store.ocupar(tx, pessoa, consulta, celulas(hora))
    with tx.on_duplicate(lambda _: Ocupado(pessoas, do_profissional=False)):
        for pessoa in paciente:
            store.ocupar(tx, pessoa, consulta, celulas(hora))


def liberar(tx: Transaction, consulta: bytes) -> None:
    """Free the time of a consulta."""
    store.liberar(tx, consulta)


async def horarios(
    db: Reader, profissionais: Sequence[Profissional], periodos: Sequence[Intervalo], duracao: timedelta
) -> list[list[HorarioDisponivel]]:
    """Give each profissional's free times within their period, from now on; three statements, however many they are."""
    chaves = [profissional.chave for profissional in profissionais]
    todos = Intervalo(min(p.inicio for p in periodos), max(p.fim for p in periodos))
    ativos = [profissional.chave for profissional in profissionais if profissional.ativo]
    turnos = dealt(chaves, await store.turnos(db, ativos), lambda linha: linha[0])
    bloqueios = dealt(chaves, await store.bloqueios(db, chaves, todos), lambda linha: linha[1])
    pessoas = [profissional.pessoa for profissional in profissionais]
    ocupadas = dealt(pessoas, await store.celulas(db, pessoas, celulas(todos)), lambda linha: linha[0])
    instante = agora()
    respostas = []
    for profissional, pedido, semana, periodos_fechados, celulas_do_profissional in zip(
        profissionais, periodos, turnos, bloqueios, ocupadas, strict=True
    ):
        dentro = Intervalo(max(pedido.inicio, instante), pedido.fim)
        horas = expediente([turno for _, turno in semana], profissional.fuso, *dias_de(pedido, profissional.fuso))
        fechados = [fechado for _, _, fechado, _ in periodos_fechados]
        vagas = livres(horas, fechados, {celula for _, celula in celulas_do_profissional}, dentro, duracao)
        respostas.append([HorarioDisponivel(inicio=vaga.inicio, fim=vaga.fim) for vaga in vagas])
    return respostas


async def proximos(
    db: Reader, profissional: Profissional, pessoas: Sequence[bytes], hora: Intervalo
) -> list[HorarioDisponivel]:
    """Give the times of a profissional nearest to one that is taken, when all of some pessoas are free, in order."""
    de, _ = dias_de(Intervalo(hora.inicio - _PROCURA, hora.fim), profissional.fuso)
    _, ate = dias_de(Intervalo(hora.inicio, hora.fim + _PROCURA), profissional.fuso)
    procurado = periodo(de, ate, profissional.fuso)
    (vagas,) = await horarios(db, [profissional], [procurado], hora.fim - hora.inicio)
    ocupadas = {celula for _, celula in await store.celulas(db, pessoas, celulas(procurado))}
    para_os_dois = [vaga for vaga in vagas if not ocupadas.intersection(celulas(Intervalo(vaga.inicio, vaga.fim)))]
    por_distancia = sorted(para_os_dois, key=lambda vaga: abs(vaga.inicio - hora.inicio))
    return sorted(por_distancia[:_PROXIMOS], key=_inicio)


def _inicio(vaga: HorarioDisponivel) -> datetime:
    return vaga.inicio
