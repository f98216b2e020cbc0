"""Confirm, start and finish a consulta, register an absence; and mend a wrong click."""

from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.atendimento.consultas import porta as consultas
from sghss_graphql.atendimento.consultas.porta import Passo
from sghss_graphql.atendimento.consultas.regras import justificativa
from sghss_graphql.atendimento.consultas.types import AcaoNaConsulta, ConsultaPayload, SituacaoDaConsulta
from sghss_graphql.confianca.acesso.tabela import CorrigirSituacoes
from sghss_graphql.context import Info
from sghss_graphql.vocabulario.mutations import SE_VERSAO, mutation

IdDaConsulta = Annotated[ID, argument(description="Id da consulta.")]


@strawberry.input(description="Um engano a desfazer: uma falta, um começo ou um fim que não houve.")
class CorrigirSituacaoInput:
    """Of corrigirSituacao."""

    consulta_id: ID = strawberry.field(description="Id da consulta.")
    para: SituacaoDaConsulta = strawberry.field(
        description="Para onde volta: FALTOU e EM_ATENDIMENTO, a CONFIRMADA; REALIZADA, a EM_ATENDIMENTO."
    )
    justificativa: str = strawberry.field(
        description="O que houve; de 1 a 1.000 caracteres. Fica na história da consulta."
    )
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)


@strawberry.type
class AndamentoMutation:
    """The part of Mutation that is about a consulta's day."""

    @mutation("Confirma que o paciente vem; até o início.")
    async def confirmar_consulta(self, info: Info, consulta_id: IdDaConsulta) -> ConsultaPayload:
        """Confirm a consulta."""
        return await consultas.mudar(info.context, consulta_id, Passo(AcaoNaConsulta.CONFIRMAR))

    @mutation("Começa o atendimento; no dia da consulta, até 12 horas depois do início.")
    async def iniciar_atendimento(self, info: Info, consulta_id: IdDaConsulta) -> ConsultaPayload:
        """Start a consulta."""
        return await consultas.mudar(info.context, consulta_id, Passo(AcaoNaConsulta.INICIAR))

    @mutation("Conclui o atendimento.")
    async def concluir_consulta(self, info: Info, consulta_id: IdDaConsulta) -> ConsultaPayload:
        """Finish a consulta."""
        return await consultas.mudar(info.context, consulta_id, Passo(AcaoNaConsulta.CONCLUIR))

    @mutation("Registra que o paciente não veio; a partir do início.")
    async def registrar_falta(self, info: Info, consulta_id: IdDaConsulta) -> ConsultaPayload:
        """Register an absence."""
        return await consultas.mudar(info.context, consulta_id, Passo(AcaoNaConsulta.REGISTRAR_FALTA))

    @mutation("Desfaz um engano no mesmo dia em que foi registrado. Uma consulta cancelada se marca de novo.")
    async def corrigir_situacao(
        self, info: Info, input: Annotated[CorrigirSituacaoInput, argument(description="O que desfazer, e por quê.")]
    ) -> ConsultaPayload:
        """Mend a wrong click."""
        info.context.exigir(CorrigirSituacoes)
        porque = justificativa(input.justificativa, "input", "justificativa")
        passo = Passo(
            AcaoNaConsulta.CORRIGIR_SITUACAO, porque, input.se_versao, ("input", "consultaId"), para=input.para
        )
        return await consultas.mudar(info.context, input.consulta_id, passo)
