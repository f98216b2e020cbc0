"""Hold a free time, and let it go."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda import regras as agenda_regras
from sghss_graphql.atendimento.agenda.regras import DURACAO_PADRAO, Busca, Guardado, Intervalo, Trecho
from sghss_graphql.atendimento.consultas import porta
from sghss_graphql.atendimento.consultas.mutations import limites, ocupacao
from sghss_graphql.atendimento.consultas.mutations import pedido as pedidos
from sghss_graphql.atendimento.consultas.mutations.entradas import ReservarHorarioInput
from sghss_graphql.atendimento.consultas.types import Consulta, Reserva, ReservaPayload
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades import regras as unidades_regras
from sghss_graphql.cadastro.unidades.types import Modalidade, TipoDeAtendimento
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import MarcarConsultas
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Formulario, Proibido, Recusa
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.tempo import agora

VALIDADE = timedelta(minutes=5)
_DA_EQUIPE, _DE_UM = 5, 1
"""Holds that one usuario has at once: of the staff and of who attends, and of a paciente."""


async def _de_novo(contexto: Contexto, feita: bytes | None) -> ReservaPayload:
    """Make the answer to a request that was answered before: the hold, while it is one."""
    reserva = await porta.reserva(contexto.db, contexto.quem, feita)
    erros = [] if reserva else agenda.reserva_expirada().como_erros()
    return ReservaPayload(reserva=reserva, erros=erros)


@strawberry.type
class ReservarMutation:
    """The part of Mutation that is about holds."""

    @mutation(
        "Reserva um horário livre por cinco minutos, enquanto se preenche o pedido. Um paciente tem uma reserva por"
        " vez; a equipe, cinco: a mais antiga dá lugar à nova.",
        de_novo=_de_novo,
    )
    async def reservar_horario(
        self, info: Info, input: Annotated[ReservarHorarioInput, argument(description="O horário.")]
    ) -> ReservaPayload:
        """Hold a free time."""
        contexto = info.context
        pedido = await _ler(contexto, input)
        profissional, tipo, trecho = pedido.profissional, pedido.tipo, pedido.trecho
        toda = Intervalo(pedido.hora.inicio, pedido.hora.fim + pedido.busca.depois)

        async def work(tx: Transaction) -> Guardado:
            vaga = await _vaga(tx, pedido)
            coisas = list(await unificacoes.de_quem_atende(tx, profissional))
            escolhida = None if trecho.sala else await _sala(tx, pedido, toda)
            sala = trecho.sala or escolhida
            guardado = Guardado(
                chave=ids.nova_chave(),
                usuario=pedido.quem.usuario,
                vaga=vaga,
                profissional=profissional.chave,
                unidade=trecho.unidade,
                sala=sala,
                tipo=tipo.chave if tipo else None,
                hora=pedido.hora,
                intervalo=tipo.intervalo_em_minutos if tipo else 0,
                expira_em=agora() + VALIDADE,
                coisas=(*coisas, sala) if sala else tuple(coisas),
            )
            agenda.reservar(tx, guardado, escolhida=escolhida is not None)
            contexto.fez(tx, guardado.chave)
            return guardado

        try:
            feito = await agenda.marcando(contexto.db, pedido.quem, work, retry_on=_TENTAR_DE_NOVO)
        except agenda.Ocupado as ocupado:
            raise await ocupacao.com_proximos(contexto, profissional, pedido.hora, pedido.busca, ocupado) from None
        return ReservaPayload(reserva=await porta.mostrar_reserva(contexto.db, contexto.quem, feito))

    @mutation("Libera um horário que se reservou, antes que a reserva expire.")
    async def liberar_reserva(
        self, info: Info, reserva_id: Annotated[ID, argument(description="Id da reserva.")]
    ) -> ReservaPayload:
        """Let a hold go."""
        contexto = info.context
        contexto.exigir(MarcarConsultas)
        guardado = await agenda.reserva(contexto.db, contexto.quem, ids.chave(Reserva.prefixo, reserva_id))
        if guardado is None:
            raise _sem_reserva()

        async def work(tx: Transaction) -> None:
            if not await agenda.soltar(tx, guardado):
                raise _sem_reserva()
            contexto.fez(tx, guardado.chave)

        await contexto.db.transaction(work)
        mostrada = await porta.mostrar_reserva(contexto.db, contexto.quem, guardado)
        return ReservaPayload(reserva=mostrada, id_removido=ID(ids.publico(Reserva.prefixo, guardado.chave)))


_TENTAR_DE_NOVO = ("reserva_vaga",)
"""Another hold of the same usuario took the place."""


def _sem_reserva() -> Recusa:
    return Recusa(Gerais.NAO_ENCONTRADO, "Não há reserva com este id: ela expirou, ou já foi usada.", "reservaId")


@dataclass(frozen=True, slots=True)
class _Pedido:
    """What is held, for whom; ``mais`` is how many holds they have at once."""

    quem: Quem
    mais: int
    profissional: Profissional
    tipo: TipoDeAtendimento | None
    hora: Intervalo
    trecho: Trecho
    busca: Busca


async def _ler(contexto: Contexto, input: ReservarHorarioInput) -> _Pedido:
    """Read what is to be held, and check that its caller may book it, in the order in which a booking is checked.

    Raises:
        Recusa, Proibido: it can't be held, or not by its caller.
    """
    alcance, db = contexto.exigir(MarcarConsultas), contexto.db
    with Formulario() as formulario:
        tipo = await formulario.esperar(pedidos.tipo_dito(contexto, input.tipo_id))
        usual = DURACAO_PADRAO if tipo is None else tipo.duracao_em_minutos
        hora = agenda_regras.hora(formulario, input.inicio, agenda_regras.minutos(input.duracao_em_minutos, usual))
    chave = ids.chave(Profissional.prefixo, input.profissional_id)
    um, na_agenda, delas, pessoas = await asyncio.gather(
        profissionais.um(db, contexto.quem, chave),
        agenda.na_agenda(db, chave, hora),
        profissionais.especialidades(db, chave) if tipo and tipo.especialidade and chave else pedidos.nenhuma(),
        unificacoes.pessoas(db, alcance.quem.seus) if alcance.quem.seus else _ninguem(),
    )
    profissional = pedidos.achado(um, "Não há profissional com este id.", "profissionalId")
    if tipo is not None:
        unidades_regras.exigir_especialidade(tipo, delas)
    seu = alcance.inclui(profissional=profissional.chave)
    if not seu and not alcance.pacientes:
        raise Proibido
    sozinho = not seu
    pedidos.exigir_ativo(profissional)
    if sozinho and any(profissional.pessoa in delas for delas in pessoas.values()):
        raise pedidos.a_si_mesmo()
    limites.exigir_prazo(contexto, profissional, hora, tipo, sozinho=sozinho)
    if sozinho:
        unidades_regras.exigir_do_tipo(tipo, input.duracao_em_minutos)
        await _exigir_que_caiba(contexto, alcance.quem, profissional, input.consulta_id)
    depois = timedelta(minutes=tipo.intervalo_em_minutos if tipo else 0)
    busca = Busca(hora.fim - hora.inicio, depois, tipo.chave if tipo else None)
    trecho = na_agenda.exigir_aberta(None, busca.tipo, "input", "inicio")
    return _Pedido(alcance.quem, _DE_UM if sozinho else _DA_EQUIPE, profissional, tipo, hora, trecho, busca)


async def _exigir_que_caiba(
    contexto: Contexto, quem: Quem, profissional: Profissional, consulta_id: str | None
) -> None:
    """Check that whoever holds for themself may book one more; or move one there, if it is for that.

    Raises:
        Recusa, Proibido: they may not.
    """
    if consulta_id is None:
        await limites.exigir_que_caibam(contexto.db, contexto, quem, profissional)
        return
    consulta = await porta.uma(contexto.db, contexto.quem, ids.chave(Consulta.prefixo, consulta_id))
    if consulta is None or consulta.paciente_chave not in quem.seus:
        raise Recusa(Gerais.NAO_ENCONTRADO, "Não há consulta com este id.", "input", "consultaId")
    if consulta.profissional_chave != profissional.chave:
        await limites.exigir_que_caiba_na_especialidade(contexto.db, contexto, quem, profissional, consulta)


async def _ninguem() -> dict[bytes, frozenset[bytes]]:
    return {}


async def _vaga(tx: Transaction, pedido: _Pedido) -> int:
    """Give the number of a hold that may be made: what the usuario held of this time goes, and what is one too many.

    Whoever attends, and is attended, has holds as both: those of their own agenda are counted apart.
    """
    eu = pedido.quem.profissional
    ficam: list[Guardado] = []
    for uma in await agenda.reservas_de(tx, pedido.quem.usuario):
        if uma.profissional == pedido.profissional.chave and uma.hora.toca(pedido.hora):
            await agenda.soltar(tx, uma)
        else:
            ficam.append(uma)
    contam = [uma for uma in ficam if pedido.mais != _DE_UM or uma.profissional != eu]
    while len(contam) >= pedido.mais or len(ficam) >= _DA_EQUIPE + _DE_UM:
        sai = contam.pop(0)
        ficam.remove(sai)
        await agenda.soltar(tx, sai)
    usadas = {uma.vaga for uma in ficam}
    return next(n for n in range(_DA_EQUIPE + _DE_UM) if n not in usadas)


async def _sala(tx: Transaction, pedido: _Pedido, toda: Intervalo) -> bytes | None:
    """Give a free sala, if the kind needs any.

    Raises:
        Ocupado: none is free.
    """
    tipo = pedido.tipo
    if tipo is None or not tipo.exige_sala or tipo.modalidades == [Modalidade.TELECONSULTA]:
        return None
    return await ocupacao.qualquer_sala(tx, pedido.trecho.unidade, toda)
