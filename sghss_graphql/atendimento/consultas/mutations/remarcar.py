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
from sghss_graphql.atendimento.consultas.mutations import ocupacao
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
from sghss_graphql.machinery.database import Reader, Transaction
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
        if nova.profissional_chave != atual.profissional_chave and mudanca.sozinho:
            await _exigir_que_caiba_na_especialidade(tx, contexto, alcance.quem, profissional, atual)
        await agenda.liberar(tx, atual.chave)
        guardada = pedido.guardado.sala if pedido.guardado else None
        fica = await ocupacao.que_fica(tx, alcance.quem, nova, mudanca.trecho, pedido.tipo)
        sala = guardada or await ocupacao.sala(tx, fica, mudanca.trecho, nova, pedido.tipo, vida)
        if not await store.remarcar(tx, agora_mesmo.como, nova, sala):
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
        await agenda.marcando(contexto.db, work, retry_on=porta.TENTAR_DE_NOVO)
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
    if profissional.chave != atual.profissional_chave and not alcance.inclui(paciente=atual.paciente_chave):
        raise Proibido("Para a agenda de outro profissional, quem muda a consulta é a recepção.")
    pedidos.exigir_que_encaixe(encaixe, input.reserva_id, sozinho=sozinho)
    pedidos.exigir_que_atenda(contexto, profissional, pedido.paciente, hora, tipo, sozinho=sozinho)
    if sozinho and tipo is not None and hora.fim - hora.inicio != atual.fim - atual.inicio:
        unidades_regras.exigir_duracao(tipo, input.duracao_em_minutos)
    nova = replace(
        atual,
        profissional_chave=profissional.chave,
        inicio=hora.inicio,
        fim=hora.fim,
        encaixe=encaixe is not None,
        unidade_chave=(trecho := pedido.trecho()).unidade,
    )
    return _Mudanca(pedido, nova, trecho, papel, sozinho, contexto.servicos.marcacoes.encaixes)


async def _procurar(
    contexto: Contexto, atual: Consulta, input: RemarcarConsultaInput, hora: Intervalo, encaixe: str | None
) -> pedidos.Pedido:
    db, quem = contexto.db, contexto.quem
    chave = atual.profissional_chave
    if input.profissional_id is not None:
        chave = ids.chave(Profissional.prefixo, input.profissional_id) or b""
    profissional, paciente, na_agenda, tipo, delas = await asyncio.gather(
        profissionais.um(db, quem, chave),
        pacientes.um(db, quem, atual.paciente_chave, campos=frozenset()),
        agenda.na_agenda(db, chave, hora),
        unidades.tipo(db, quem, atual.tipo_chave),
        profissionais.especialidades(db, chave) if chave != atual.profissional_chave else pedidos.nenhuma(),
    )
    if paciente is None:
        raise RuntimeError("a consulta's paciente exists, by foreign key")
    profissional = pedidos.achado(profissional, "Não há profissional com este id.", "profissionalId")
    if tipo is not None and chave != atual.profissional_chave:
        unidades_regras.exigir_especialidade(tipo, delas)
    guardado = await pedidos.reservado(contexto, input.reserva_id)
    pedidos.exigir_a_mesma(guardado, profissional.chave, hora, atual.tipo_chave)
    unidade = atual.unidade_chave if encaixe is not None else None
    return pedidos.Pedido(paciente, profissional, tipo, unidade, None, na_agenda, encaixe, guardado)


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


async def _exigir_que_caiba_na_especialidade(
    db: Reader, contexto: Contexto, quem: Quem, profissional: Profissional, consulta: Consulta
) -> None:
    """Check that whoever moves a consulta of theirs to a profissional may have one more of their speciality.

    Raises:
        Recusa: LIMITE_DE_MARCACOES.
    """
    tem = await porta.em_aberto(db, quem, profissional.chave, consulta.chave)
    regras.exigir_que_caibam(tem, 0, contexto.servicos.marcacoes.da_especialidade)


class _EstaLa(Exception):
    """The consulta is where it should go: nothing is done."""
