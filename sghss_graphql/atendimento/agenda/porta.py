"""The door of agenda: is a time open, occupy it, hold it, free it, and which free times are near."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TypeVar

from sghss_graphql.atendimento.agenda import store
from sghss_graphql.atendimento.agenda.regras import (
    Busca,
    Codigos,
    Guardado,
    Intervalo,
    Semanas,
    Trecho,
    celulas,
    faixas,
    livres,
)
from sghss_graphql.atendimento.agenda.regras.expediente import atende, expediente
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

_MAIS_EXPIRADAS, _TENTATIVAS = 100, 3
"""Holds that are swept at once; and how often a time is asked for again that an expired one had."""

T = TypeVar("T")


class DeQuem(Enum):
    """Whose time is taken: the code and the words of that."""

    PROFISSIONAL = Codigos.HORARIO_INDISPONIVEL, "O profissional já tem consulta neste horário."
    PACIENTE = Codigos.HORARIO_INDISPONIVEL, "O paciente já tem consulta neste horário."
    SALA = Codigos.SALA_INDISPONIVEL, "A sala já está ocupada neste horário, ou não há uma livre."
    QUEM_E_ATENDIDO = Codigos.HORARIO_INDISPONIVEL, "Quem atende é atendido neste horário: nele nada se encaixa."
    ENCAIXES = Codigos.HORARIO_INDISPONIVEL, "O profissional já tem neste horário tantos encaixes quantos pode ter."
    RESERVA = Codigos.HORARIO_INDISPONIVEL, "Este horário está reservado para quem preenche um pedido agora."
    RESERVA_PROPRIA = (
        Codigos.HORARIO_INDISPONIVEL,
        "Este horário é reservado seu: envie o id da reserva (reservaId).",
    )
    SALA_RESERVADA = Codigos.SALA_INDISPONIVEL, "A sala está reservada para quem preenche um pedido agora."


class Ocupado(SghssError):
    """The profissional, the paciente or the sala has another consulta then.

    ``pessoas`` are those whose time both of the people are; ``coisas`` those of whom some time was asked for.
    """

    def __init__(
        self, pessoas: Sequence[bytes], de_quem: DeQuem, coisas: Sequence[bytes] = (), hora: Intervalo | None = None
    ) -> None:
        super().__init__()
        self.pessoas, self.coisas, self.hora = pessoas, coisas, hora
        self.de_quem = de_quem
        self.codigo, self.mensagem = de_quem.value

    def por_reserva(self, *, propria: bool) -> "Ocupado":
        """Say that what has the time is a hold."""
        reserva = DeQuem.RESERVA_PROPRIA if propria else DeQuem.RESERVA
        de_quem = DeQuem.SALA_RESERVADA if self.de_quem is DeQuem.SALA else reserva
        return Ocupado(self.pessoas, de_quem, self.coisas, self.hora)


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
    unidades: Sequence[bytes]
    """Those in which the profissional works, ever."""

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

    def onde_seria(self, unidade: bytes | None, senao: bytes | None = None) -> Trecho | None:
        """Give the stretch that touches the time, in this unidade if it matters which; or else where it would be.

        That is the unidade that is said, or ``senao``, or the first in which the profissional works; None if there is
        none.
        """
        perto = [trecho for trecho in self.trechos if trecho.hora.toca(self.hora) and unidade in (None, trecho.unidade)]
        if perto:
            return perto[0]
        onde = unidade or senao or next(iter(self.unidades), None)
        return None if onde is None else Trecho(self.hora, onde)


async def semanas(db: Reader, profissionais: Sequence[bytes]) -> Semanas:
    """Give the weekly hours of profissionais, and the days of their unidades."""
    return await store.turnos(db, profissionais)


async def bloqueios(db: Reader, de_quem: Sequence[Profissional], periodo: Intervalo) -> list[Bloqueio]:
    """Give the blocks that touch a period, in order; whoever may not set an agenda is shown none of its blocks."""
    todos = {profissional.chave: profissional for profissional in de_quem}
    return [
        Bloqueio(chave=chave, profissional=todos[dele], inicio=hora.inicio, fim=hora.fim, motivo=motivo)
        for chave, dele, hora, motivo in await store.bloqueios(db, list(todos), periodo)
    ]


async def bloqueados(db: Reader, profissionais: Sequence[bytes], periodo: Intervalo) -> list[tuple[bytes, Intervalo]]:
    """Give the blocks of profissionais that touch a period, and nothing of why: key of the profissional, time."""
    return [(de_quem, hora) for _, de_quem, hora, _ in await store.bloqueios(db, profissionais, periodo)]


async def na_agenda(db: Database, profissional: bytes | None, hora: Intervalo) -> NaAgenda:
    """Look a time up in the agenda of a profissional; where there is none, nobody works."""
    return (await nas_agendas(db, profissional, [hora]))[0]


async def nas_agendas(db: Database, profissional: bytes | None, horas: Sequence[Intervalo]) -> list[NaAgenda]:
    """Look times up in the agenda of a profissional, by four look-ups, however many they are."""
    chaves = [profissional] if profissional else []
    todas = Intervalo(min(hora.inicio for hora in horas), max(hora.fim for hora in horas))
    bloqueios, semanas = await asyncio.gather(store.bloqueios(db, chaves, todas), store.turnos(db, chaves))
    turnos = semanas.de(profissional) if profissional else ()
    ativas = [uma for uma, dias in semanas.dias.items() if dias.ativa]
    return [
        NaAgenda(
            hora,
            any(fechado.toca(hora) for _, _, fechado, _ in bloqueios),
            expediente(turnos, semanas.dias, hora),
            ativas,
        )
        for hora in horas
    ]


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
    with tx.on_duplicate(lambda _: Conflict() if outra_serve else Ocupado(pessoas, de_quem, coisas, hora)):
        for coisa in coisas:
            store.ocupar(tx, coisa, consulta, dict.fromkeys(celulas(hora), 0))


async def encaixar(
    tx: Transaction, consulta: bytes, coisas: Sequence[bytes], hora: Intervalo, outros: Sequence[bytes], mais: int
) -> None:
    """Occupy the time of who attends on purpose, over what there is: in each cell the lowest lane that is free.

    Raises:
        Ocupado: they are attended themself then, or have ``mais`` encaixes at one time already.
        Conflict: another one took the lane; the transaction is run again.
    """
    quais = celulas(hora)
    tomadas = await store.tomadas(tx, coisas, quais)
    ha = await store.de_quem_atende(tx, [uma.consulta for uma in tomadas if uma.consulta])
    encaixes: Counter[tuple[bytes, int]] = Counter()
    for uma in tomadas:
        quem, encaixe = ha.get(uma.consulta or b"", (uma.coisa, False))
        if quem not in coisas:
            raise Ocupado((*coisas, *outros), DeQuem.QUEM_E_ATENDIDO)
        encaixes[uma.coisa, uma.celula] += encaixe
    if mais == 0 or any(quantos >= mais for quantos in encaixes.values()):
        raise Ocupado((*coisas, *outros), DeQuem.ENCAIXES)
    with tx.on_duplicate(lambda _: Conflict()):
        for coisa in coisas:
            store.ocupar(tx, coisa, consulta, faixas(tomadas, coisa, quais))


async def livres_todos(db: Reader, coisas: Sequence[bytes], hora: Intervalo) -> bool:
    """Tell whether some pessoas and salas are all free."""
    return not await store.ocupadas(db, coisas, celulas(hora), agora())


async def ocupadas(db: Reader, coisas: Sequence[bytes], hora: Intervalo) -> dict[bytes, set[int]]:
    """Give the cells of pessoas and salas that are taken within a time, of each; of one that is free, none."""
    tomadas: defaultdict[bytes, set[int]] = defaultdict(set)
    for coisa, celula in await store.ocupadas(db, coisas, celulas(hora), agora()):
        tomadas[coisa].add(celula)
    return tomadas


async def sala_livre(tx: Transaction, unidade: bytes, hora: Intervalo) -> bytes | None:
    """Give the first sala of a unidade, by name, that is free; None if none is.

    Whoever else looks for one there waits until the transaction ends, and sees then what was taken.
    """
    await unidades.segurar(tx, unidade)
    instante = agora()
    sala = await store.sala_livre(tx, unidade, celulas(hora), instante)
    reservas = await store.reservas_nas_celulas(tx, [sala], celulas(hora)) if sala else ()
    for guardado in reservas:  # expired, or it would not be free
        await store.soltar(tx, guardado)
    return sala


async def liberar(tx: Transaction, consulta: bytes) -> None:
    """Free the time of a consulta."""
    await store.liberar(tx, consulta)


async def liberar_sala(tx: Transaction, consulta: bytes) -> None:
    """Free the time of the sala of a consulta alone."""
    await store.liberar_sala(tx, consulta)


async def marcando(
    db: Database, quem: Quem, work: Callable[[Transaction], Awaitable[T]], *, retry_on: Collection[str] = ()
) -> T:
    """Run what takes time for somebody, in one transaction; once more, where that was only held, and no longer is.

    Raises:
        Ocupado: it is taken.
    """
    for _ in range(_TENTATIVAS):
        try:
            return await db.transaction(work, retry_on=retry_on)
        except Ocupado as ocupado:
            if ocupado.hora is None:
                raise
            instante, reservas = agora(), await store.reservas_nas_celulas(db, ocupado.coisas, celulas(ocupado.hora))
            expiradas = [uma for uma in reservas if uma.expira_em <= instante]
            if not expiradas:
                propria = all(uma.usuario == quem.usuario for uma in reservas)
                raise (ocupado.por_reserva(propria=propria) if reservas else ocupado) from None
            await _soltar(db, expiradas)
    return await db.transaction(work, retry_on=retry_on)


def reservar(tx: Transaction, guardado: Guardado, *, escolhida: bool) -> None:
    """Hold a time; ``escolhida`` is whether its sala was chosen for it, and another would do.

    Where its place among its usuario's holds is taken the key is raised; else what ``ocupar`` raises.
    """
    pessoas, toda = [coisa for coisa in guardado.coisas if coisa != guardado.sala], guardado.toda
    store.inserir_reserva(tx, guardado)
    with tx.on_duplicate(lambda _: Ocupado(pessoas, DeQuem.PROFISSIONAL, pessoas, toda)):
        store.segurar(tx, guardado, pessoas)
    if (sala := guardado.sala) is not None:
        with tx.on_duplicate(lambda _: Conflict() if escolhida else Ocupado(pessoas, DeQuem.SALA, [sala], toda)):
            store.segurar(tx, guardado, [sala])


async def reservas_de(tx: Transaction, usuario: bytes) -> list[Guardado]:
    """Give the holds of one usuario, expired or not, the one that expires first at the front; they are held."""
    return await store.reservas_de(tx, usuario)


async def reserva(db: Reader, quem: Quem | None, chave: bytes | None) -> Guardado | None:
    """Give one's own hold that has not expired; None for any other."""
    achada = await store.reserva(db, chave) if chave and quem else None
    if achada is None or quem is None or achada.usuario != quem.usuario or achada.expira_em <= agora():
        return None
    return achada


async def efetivar(tx: Transaction, guardado: Guardado, consulta: bytes, *campo: str) -> None:
    """Let a consulta have the time that was held for it.

    Raises:
        Recusa: RESERVA_EXPIRADA.
    """
    if not await store.efetivar(tx, guardado, consulta, agora()):
        raise reserva_expirada(*campo)


def reserva_expirada(*campo: str) -> Recusa:
    """Make the refusal of a hold that is over, or isn't the caller's."""
    return Recusa(
        Codigos.RESERVA_EXPIRADA,
        "Esta reserva expirou, já foi usada, ou não é sua: reserve o horário de novo, ou marque sem reserva.",
        *campo,
    )


async def soltar(tx: Transaction, guardado: Guardado) -> bool:
    """End a hold and free its time; False if it was over before."""
    return await store.soltar(tx, guardado)


async def varrer(db: Database) -> None:
    """End the holds that have expired."""
    while await _soltar(db, await store.expiradas(db, agora(), _MAIS_EXPIRADAS)) == _MAIS_EXPIRADAS:
        pass


async def _soltar(db: Database, guardados: Sequence[Guardado]) -> int:
    for guardado in guardados:
        await db.transaction(partial(store.soltar, guardado=guardado))
    return len(guardados)


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
        store.ocupadas(db, pessoas, celulas(Intervalo(todos.inicio, todos.fim + busca.depois)), agora()),
    )
    bloqueios = dealt(chaves, linhas, lambda linha: linha[1])
    ocupadas = dealt(pessoas, tomadas, lambda linha: linha[0])
    instante = agora()
    respostas = []
    for chave, pedido, periodos_fechados, celulas_do_profissional in zip(
        chaves, periodos, bloqueios, ocupadas, strict=True
    ):
        dentro = Intervalo(max(pedido.inicio, instante), pedido.fim)
        fechados = [fechado for _, _, fechado, _ in periodos_fechados]
        tomada = {celula for _, celula in celulas_do_profissional}
        respostas.append(
            [
                HorarioDisponivel(inicio=vaga.inicio, fim=vaga.fim)
                for trecho in expediente(semanas.de(chave), semanas.dias, pedido)
                if trecho.serve(busca.unidade, busca.tipo)
                for vaga in livres(trecho.hora, fechados, tomada, dentro, busca.duracao, busca.depois)
            ]
        )
    return respostas
