"""The time of a consulta: which sala it is in, and what is taken for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda.regras import Busca, Guardado, Intervalo, Trecho, celulas
from sghss_graphql.atendimento.agenda.types import HorarioDisponivel
from sghss_graphql.atendimento.consultas.types import Consulta
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades.types import Modalidade, Sala, TipoDeAtendimento
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.context import Contexto
from sghss_graphql.machinery.database import Reader, Transaction
from sghss_graphql.vocabulario.errors import Recusa
from sghss_graphql.vocabulario.tempo import hora_local

_PROXIMOS = 3
_PROCURA = timedelta(days=14)


async def sala(
    tx: Transaction,
    pedida: Sala | None,
    trecho: Trecho,
    consulta: Consulta,
    tipo: TipoDeAtendimento | None,
    vida: unificacoes.Vida,
) -> bytes | None:
    """Give the sala of a consulta: the one that was asked for, the shift's, or a free one if its kind needs any.

    What is booked over something leaves the shift's sala to that.

    Raises:
        Ocupado: it needs one, and none is free.
    """
    if pedida is not None and pedida.unidade_chave == trecho.unidade:
        return pedida.chave
    inteira = toda(consulta)
    if trecho.sala is not None and (not consulta.encaixe or await agenda.livres_todos(tx, [trecho.sala], inteira)):
        return trecho.sala
    if tipo is None or not tipo.exige_sala or consulta.modalidade is Modalidade.TELECONSULTA:
        return None
    return await qualquer_sala(tx, trecho.unidade, inteira, vida.pessoas)


async def qualquer_sala(tx: Transaction, unidade: bytes, hora: Intervalo, pessoas: Sequence[bytes] = ()) -> bytes:
    """Give a sala of a unidade that is free; ``pessoas`` are those who would be in it.

    Raises:
        Ocupado: none is.
    """
    livre = await agenda.sala_livre(tx, unidade, hora)
    if livre is None:
        raise agenda.Ocupado(pessoas, agenda.DeQuem.SALA, (), hora)
    return livre


async def que_fica(
    tx: Transaction, quem: Quem, consulta: Consulta, trecho: Trecho, tipo: TipoDeAtendimento | None
) -> Sala | None:
    """Give the sala of a consulta that is moved, if it stays in it: the new shift's is before it.

    So is a free one, where its kind needs any and its own is taken then.
    """
    dela = await unidades.sala(tx, quem, consulta.sala_chave) if trecho.sala is None else None
    if dela is None or not dela.ativa:
        return None
    troca = tipo is not None and tipo.exige_sala
    return None if troca and not await agenda.livres_todos(tx, [dela.chave], toda(consulta)) else dela


def toda(consulta: Consulta) -> Intervalo:
    """Give all of the time that its profissional and its sala are taken."""
    return Intervalo(consulta.inicio, consulta.fim + timedelta(minutes=consulta.intervalo))


@dataclass(frozen=True, slots=True)
class Tempo:
    """How a consulta takes its time: ``escolhida`` is whether its sala was chosen for it, and another would do."""

    escolhida: bool
    guardado: Guardado | None = None
    encaixes: int = 0
    """As many as one profissional may have at one time."""


async def ocupar(
    tx: Transaction, consulta: Consulta, profissional: Profissional, vida: unificacoes.Vida, como: Tempo
) -> None:
    """Take the time of a consulta: of who attends, of who is attended, of the sala.

    Raises:
        Ocupado, Recusa: it is taken; or it was held, and is no longer.
    """
    de_quem_atende = await unificacoes.de_quem_atende(tx, profissional)
    hora, inteira, ja = Intervalo(consulta.inicio, consulta.fim), toda(consulta), como.guardado
    if ja is not None:
        await agenda.efetivar(tx, ja, consulta.chave, "input", "reservaId")
    if consulta.encaixe:
        await agenda.encaixar(tx, consulta.chave, de_quem_atende, inteira, vida.pessoas, como.encaixes)
    else:
        deles = _fora(de_quem_atende, ja)
        agenda.ocupar(tx, consulta.chave, agenda.DeQuem.PROFISSIONAL, deles, inteira, vida.pessoas)
    agenda.ocupar(tx, consulta.chave, agenda.DeQuem.PACIENTE, vida.pessoas, hora, de_quem_atende)
    if consulta.sala_chave is not None:
        dela, pessoas = _fora([consulta.sala_chave], ja), (*de_quem_atende, *vida.pessoas)
        agenda.ocupar(tx, consulta.chave, agenda.DeQuem.SALA, dela, inteira, pessoas, outra_serve=como.escolhida)


async def trocar_sala(tx: Transaction, consulta: Consulta) -> None:
    """Let the time that a consulta takes be of its sala, and of no other.

    Raises:
        Ocupado: it is taken then.
    """
    await agenda.liberar_sala(tx, consulta.chave)
    if consulta.sala_chave is not None:
        agenda.ocupar(tx, consulta.chave, agenda.DeQuem.SALA, [consulta.sala_chave], toda(consulta))


def _fora(coisas: Sequence[bytes], guardado: Guardado | None) -> list[bytes]:
    """Leave those whose time was not held."""
    return [coisa for coisa in coisas if guardado is None or coisa not in guardado.coisas]


async def indisponivel(
    contexto: Contexto, profissional: Profissional, consulta: Consulta, ocupado: agenda.Ocupado
) -> Recusa:
    """Make the refusal of an occupied time for a consulta, with the nearest free ones."""
    hora = Intervalo(consulta.inicio, consulta.fim)
    busca = Busca(hora.fim - hora.inicio, timedelta(minutes=consulta.intervalo), consulta.tipo_chave)
    return await com_proximos(contexto, profissional, hora, busca, ocupado)


async def com_proximos(
    contexto: Contexto, profissional: Profissional, hora: Intervalo, busca: Busca, ocupado: agenda.Ocupado
) -> Recusa:
    """Make the refusal of an occupied time, with the nearest free ones."""
    proximos = await _proximos(contexto.db, profissional, ocupado.pessoas, hora, busca)
    opcoes = ", ".join(hora_local(vaga.inicio, profissional.fuso) for vaga in proximos)
    sugestao = f" Horários livres mais próximos: {opcoes}." if opcoes else " Consulte horariosDisponiveis."
    return Recusa(ocupado.codigo, f"{ocupado.mensagem}{sugestao}", *("input", "inicio"), horarios_proximos=proximos)


async def _proximos(
    db: Reader, profissional: Profissional, pessoas: Sequence[bytes], hora: Intervalo, busca: Busca
) -> list[HorarioDisponivel]:
    """Give the times of a profissional nearest to one that is taken, when all of some pessoas are free, in order."""
    procurado = Intervalo(hora.inicio - _PROCURA, hora.fim + _PROCURA)
    (vagas,) = await agenda.horarios(db, [profissional], [procurado], busca)
    ocupadas = set().union(*(await agenda.ocupadas(db, pessoas, procurado)).values())
    para_os_dois = [
        vaga
        for vaga in vagas
        if vaga.inicio != hora.inicio and not ocupadas.intersection(celulas(Intervalo(vaga.inicio, vaga.fim)))
    ]
    por_distancia = sorted(para_os_dois, key=lambda vaga: abs(vaga.inicio - hora.inicio))
    return sorted(por_distancia[:_PROXIMOS], key=lambda vaga: vaga.inicio)
