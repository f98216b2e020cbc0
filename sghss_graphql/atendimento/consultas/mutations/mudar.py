"""Correct and cancel a consulta."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET, argument

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.consultas import porta, regras, store
from sghss_graphql.atendimento.consultas.mutations import ocupacao
from sghss_graphql.atendimento.consultas.mutations.entradas import AtualizarConsultaInput, CancelarConsultaInput
from sghss_graphql.atendimento.consultas.regras import Atos
from sghss_graphql.atendimento.consultas.types import AcaoNaConsulta, Consulta, ConsultaPayload
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades import regras as unidades_regras
from sghss_graphql.cadastro.unidades.types import Sala
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import MarcarConsultas
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation

_CAMPO = ("input", "consultaId")


@strawberry.type
class MudarMutation:
    """The part of Mutation that corrects and cancels."""

    @mutation("Cancela uma consulta e libera o seu horário.")
    async def cancelar_consulta(
        self,
        info: Info,
        input: Annotated[CancelarConsultaInput, argument(description="A consulta e o motivo.")],
    ) -> ConsultaPayload:
        """Cancel a consulta."""
        info.context.exigir(MarcarConsultas)
        motivo = regras.motivo(input.motivo)
        if motivo is None:
            raise valor_invalido("Diga por que a consulta é cancelada.", "input", "motivo")
        passo = porta.Passo(AcaoNaConsulta.CANCELAR, motivo, input.se_versao, _CAMPO)
        return await porta.mudar(info.context, input.consulta_id, passo)

    @mutation("Corrige o motivo, a modalidade ou a sala de uma consulta que ainda não começou.")
    async def atualizar_consulta(
        self, info: Info, input: Annotated[AtualizarConsultaInput, argument(description="O que muda.")]
    ) -> ConsultaPayload:
        """Correct a consulta."""
        info.context.exigir(MarcarConsultas)
        return await porta.ate_ficar(lambda: _atualizar(info.context, input))


async def _atualizar(contexto: Contexto, input: AtualizarConsultaInput) -> ConsultaPayload:
    com_motivo, com_sala = input.motivo is not UNSET, input.sala_id is not UNSET
    novo = regras.motivo(input.motivo) if com_motivo else None
    atual, alcance = await porta.alcancada(contexto, AcaoNaConsulta.ATUALIZAR, input.consulta_id, *_CAMPO)
    if com_motivo and not _sabe_o_motivo(alcance, atual):
        raise valor_invalido(
            "O motivo, quem escreve é o paciente ou quem atende: aqui ele não se vê.", "input", "motivo"
        )
    motivo, modalidade = novo if com_motivo else atual.motivo, input.modalidade or atual.modalidade
    agora_mesmo = await porta.exigir_que_caiba(contexto, AcaoNaConsulta.ATUALIZAR, alcance, atual, input.se_versao)
    sala = await _sala(contexto, alcance, atual, input.sala_id) if com_sala else atual.sala_chave
    if (motivo, modalidade, sala) == (atual.motivo, atual.modalidade, atual.sala_chave):
        raise _nada_muda()
    tipo = await unidades.tipo(contexto.db, contexto.quem, atual.tipo_chave)
    if tipo is not None and (modalidade, sala) != (atual.modalidade, atual.sala_chave):
        unidades_regras.exigir_que_aconteca_assim(tipo, modalidade, tem_sala=sala is not None)

    papel = regras.como_quem(alcance.quem, atual.paciente_chave, atual.profissional_chave)
    da_equipe = papel in (Papel.RECEPCAO, Papel.ADMINISTRADOR)

    async def work(tx: Transaction) -> None:
        nova = regras.Correcao(
            com_motivo, motivo, input.modalidade, com_sala, sala, atual.unidade_chave, com_motivo and not da_equipe
        )
        if not await store.atualizar(tx, agora_mesmo.como, nova):
            raise await porta.por_que_nao(tx, alcance.quem, atual, agora_mesmo) or _nada_muda()
        if com_sala:
            depois = await porta.uma(tx, alcance.quem, atual.chave)
            await ocupacao.trocar_sala(tx, depois or atual)
        contexto.registrar(tx, Atos.ATUALIZAR_CONSULTA, paciente=atual.paciente_chave, alvo=atual.chave)

    try:
        await agenda.marcando(contexto.db, alcance.quem, work)
    except agenda.Ocupado as ocupado:
        raise Recusa(ocupado.codigo, f"{ocupado.mensagem} Escolha outra.", "input", "salaId") from None
    return ConsultaPayload(consulta=await porta.uma(contexto.db, alcance.quem, atual.chave))


async def _sala(contexto: Contexto, alcance: Alcance[Any], consulta: Consulta, id: str | None) -> bytes | None:
    """Give the key of the sala that a consulta gets; None takes its own away.

    Raises:
        Recusa: NAO_ENCONTRADO.
        Proibido: its paciente doesn't choose it.
    """
    if not alcance.todos and consulta.paciente_chave in alcance.quem.seus:
        raise Proibido("A sala, quem escolhe é a recepção.")
    if id is None:
        return None
    sala = await unidades.sala(contexto.db, contexto.quem, ids.chave(Sala.prefixo, id))
    if sala is None or not sala.ativa or sala.unidade_chave != consulta.unidade_chave:
        raise Recusa(Gerais.NAO_ENCONTRADO, "Não há sala com este id na unidade da consulta.", "input", "salaId")
    return sala.chave


def _nada_muda() -> Recusa:
    return valor_invalido("Nada muda: envie o que é diferente do que há.", "input")


def _sabe_o_motivo(alcance: Alcance[Any], consulta: Consulta) -> bool:
    """Tell whether the caller, who may change a consulta, may know why: staff, of what they booked."""
    dela = consulta.paciente_chave in alcance.quem.seus or consulta.profissional_chave == alcance.quem.profissional
    return consulta.na_recepcao or not alcance.todos or dela
