"""Move a consulta: to another time, to another profissional, or both."""

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated, Any

import strawberry
from strawberry import argument

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda import regras as agenda_regras
from sghss_graphql.atendimento.agenda.regras import Intervalo, Trecho
from sghss_graphql.atendimento.consultas import porta, regras, store
from sghss_graphql.atendimento.consultas.mutations import limites, ocupacao
from sghss_graphql.atendimento.consultas.mutations import pedido as pedidos
from sghss_graphql.atendimento.consultas.mutations.entradas import RemarcarConsultaInput
from sghss_graphql.atendimento.consultas.regras import Atos
from sghss_graphql.atendimento.consultas.types import AcaoNaConsulta, Consulta, ConsultaPayload
from sghss_graphql.cadastro.cuidados import porta as cuidados
from sghss_graphql.cadastro.pacientes import porta as pacientes
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades import regras as unidades_regras
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Formulario, Proibido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.tempo import agora

_CAMPO = ("input", "consultaId")


@strawberry.type
class RemarcarMutation:
    """The part of Mutation that moves."""

    @mutation(
        "Muda o horário de uma consulta, ou o profissional, ou os dois; ela volta a ficar agendada e conserva a sua"
        " história."
    )
    async def remarcar_consulta(
        self, info: Info, input: Annotated[RemarcarConsultaInput, argument(description="O horário novo.")]
    ) -> ConsultaPayload:
        """Move a consulta."""
        return await porta.ate_ficar(lambda: _remarcar(info.context, input))


async def _remarcar(contexto: Contexto, input: RemarcarConsultaInput) -> ConsultaPayload:
    encaixe = pedidos.justificativa(input.encaixe)
    atual, alcance = await porta.alcancada(contexto, AcaoNaConsulta.REMARCAR, input.consulta_id, *_CAMPO)
    duracao = int((atual.fim - atual.inicio).total_seconds()) // 60
    with Formulario() as formulario:
        hora = agenda_regras.hora(formulario, input.inicio, agenda_regras.minutos(input.duracao_em_minutos, duracao))
    agora_mesmo = await porta.exigir_que_caiba(contexto, AcaoNaConsulta.REMARCAR, alcance, atual, input.se_versao)
    mudanca = await _preparar(contexto, alcance, atual, input, hora, encaixe)
    pedido, profissional, nova = mudanca.pedido, mudanca.pedido.profissional, mudanca.nova

    async def work(tx: Transaction) -> None:
        vida = await pedidos.viva(tx, atual.paciente_chave, profissional, *_CAMPO)
        if mudanca.a_outro and mudanca.sozinho:
            await limites.exigir_que_caiba_na_especialidade(tx, contexto, alcance.quem, profissional, atual)
        await agenda.liberar(tx, atual.chave)
        guardada = pedido.guardado.sala if pedido.guardado else None
        fica = await ocupacao.que_fica(tx, alcance.quem, nova, mudanca.trecho, pedido.tipo)
        sala = guardada or await ocupacao.sala(tx, fica, mudanca.trecho, nova, pedido.tipo, vida)
        if not await store.remarcar(tx, agora_mesmo.como, nova, sala, mudanca.outro_escolheu):
            recusa = await porta.por_que_nao(tx, alcance.quem, atual, agora_mesmo)
            if recusa is not None:
                raise recusa
            raise _EstaLa
        await _mudar_o_cuidado(tx, contexto, alcance.quem, atual, nova, vida)
        como = ocupacao.Tempo(fica is None and mudanca.trecho.sala is None, pedido.guardado, mudanca.encaixes)
        await ocupacao.ocupar(tx, replace(nova, sala_chave=sala), profissional, vida, como)
        store.registrar_mudanca(tx, atual.chave, alcance.quem.usuario, mudanca.papel, encaixe, agora())
        ato = Atos.REMARCAR_CONSULTA if encaixe is None else Atos.ENCAIXAR_CONSULTA
        contexto.registrar(tx, ato, paciente=atual.paciente_chave, alvo=atual.chave)

    try:
        await agenda.marcando(contexto.db, alcance.quem, work, retry_on=porta.TENTAR_DE_NOVO)
    except _EstaLa:
        pass
    except agenda.Ocupado as ocupado:
        raise await ocupacao.indisponivel(contexto, profissional, nova, ocupado) from None
    return ConsultaPayload(consulta=await porta.uma(contexto.db, contexto.quem, atual.chave))


@dataclass(frozen=True, slots=True)
class _Mudanca:
    """Where a consulta goes, and as what."""

    pedido: pedidos.Pedido
    nova: Consulta
    trecho: Trecho
    papel: Papel
    sozinho: bool
    encaixes: int
    a_outro: bool
    """Whether another profissional gets it."""

    @property
    def outro_escolheu(self) -> bool:
        """Whether another profissional gets it by somebody else's choice than the paciente's."""
        return self.a_outro and self.papel is not Papel.PACIENTE


async def _preparar(
    contexto: Contexto,
    alcance: Alcance[Any],
    atual: Consulta,
    input: RemarcarConsultaInput,
    hora: Intervalo,
    encaixe: str | None,
) -> _Mudanca:
    """Look up what a consulta has, and what the agenda says of another time for it.

    Raises:
        Recusa, Proibido: it can't go there, or not by its caller.
    """
    pedido = await _procurar(contexto, atual, input, hora, encaixe)
    profissional, tipo = pedido.profissional, pedido.tipo
    papel = regras.como_quem(alcance.quem, atual.paciente_chave, atual.profissional_chave)
    sozinho = papel is Papel.PACIENTE and not alcance.todos
    a_outro = profissional.chave != atual.profissional_chave
    if a_outro and not alcance.inclui(paciente=atual.paciente_chave):
        raise Proibido("Para a agenda de outro profissional, quem muda a consulta é a recepção.")
    pedidos.exigir_que_encaixe(encaixe, input.reserva_id, sozinho=sozinho)
    await pedidos.exigir_que_atenda(contexto, profissional, pedido.paciente, hora, tipo, sozinho=sozinho)
    if sozinho and a_outro:
        unidades_regras.exigir_do_tipo(tipo, input.duracao_em_minutos)
        await limites.exigir_que_caiba_na_especialidade(contexto.db, contexto, alcance.quem, profissional, atual)
    if sozinho and tipo is not None and hora.fim - hora.inicio != atual.fim - atual.inicio:
        unidades_regras.exigir_duracao(tipo, input.duracao_em_minutos)
    trecho = pedido.trecho()
    pedidos.exigir_ainda_a_mesma(pedido, trecho, atual.intervalo)
    nova = replace(
        atual,
        profissional_chave=profissional.chave,
        inicio=hora.inicio,
        fim=hora.fim,
        encaixe=encaixe is not None,
        unidade_chave=trecho.unidade,
    )
    return _Mudanca(pedido, nova, trecho, papel, sozinho, contexto.servicos.marcacoes.encaixes, a_outro)


async def _procurar(
    contexto: Contexto, atual: Consulta, input: RemarcarConsultaInput, hora: Intervalo, encaixe: str | None
) -> pedidos.Pedido:
    db, quem = contexto.db, contexto.quem
    chave = atual.profissional_chave
    if input.profissional_id is not None:
        chave = ids.chave(Profissional.prefixo, input.profissional_id) or b""
    profissional, paciente, na_agenda, tipo, onde, delas = await asyncio.gather(
        profissionais.um(db, quem, chave),
        pacientes.um(db, quem, atual.paciente_chave, campos=frozenset()),
        agenda.na_agenda(db, chave, hora),
        unidades.tipo(db, quem, atual.tipo_chave),
        unidades.uma(db, quem, atual.unidade_chave),
        profissionais.especialidades(db, chave) if chave != atual.profissional_chave else pedidos.nenhuma(),
    )
    if paciente is None:
        raise porta.MudouDeMaos
    profissional = pedidos.achado(profissional, "Não há profissional com este id.", "profissionalId")
    if tipo is not None and chave != atual.profissional_chave:
        unidades_regras.exigir_especialidade(tipo, delas)
    guardado = await pedidos.reservado(contexto, input.reserva_id)
    pedidos.exigir_a_mesma(guardado, profissional.chave, hora, atual.tipo_chave)
    senao = onde.chave if onde is not None and onde.ativa else None
    return pedidos.Pedido(paciente, profissional, tipo, None, None, na_agenda, encaixe, guardado, senao)


async def _mudar_o_cuidado(
    tx: Transaction, contexto: Contexto, quem: Quem, atual: Consulta, nova: Consulta, vida: unificacoes.Vida
) -> None:
    """Let the care that a consulta gives go with it: who attended it no more has it no more."""
    dias = contexto.servicos.dias_de_cuidado
    if nova.profissional_chave == atual.profissional_chave:
        await cuidados.mudou(tx, quem, porta.que_da(nova), dias)
    else:
        await cuidados.encerrar(tx, quem, atual.chave, atual.paciente_chave)
        await cuidados.marcou(tx, quem, porta.que_da(nova), vida.outros, dias)


class _EstaLa(Exception):
    """The consulta is where it should go: nothing is done."""
