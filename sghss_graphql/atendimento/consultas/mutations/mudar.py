"""Correct and cancel a consulta."""

from typing import Annotated

import strawberry
from strawberry import UNSET, argument

from sghss_graphql.atendimento.consultas import porta, regras, store
from sghss_graphql.atendimento.consultas.mutations.entradas import AtualizarConsultaInput, CancelarConsultaInput
from sghss_graphql.atendimento.consultas.regras import Atos
from sghss_graphql.atendimento.consultas.types import AcaoNaConsulta, ConsultaPayload
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades import regras as unidades_regras
from sghss_graphql.confianca.acesso.tabela import MarcarConsultas
from sghss_graphql.context import Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario.errors import Recusa, valor_invalido
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
        return await porta.mudar(
            info.context, AcaoNaConsulta.CANCELAR, input.consulta_id, motivo, versao=input.se_versao, campo=_CAMPO
        )

    @mutation("Corrige o motivo ou a modalidade de uma consulta que ainda não começou.")
    async def atualizar_consulta(
        self, info: Info, input: Annotated[AtualizarConsultaInput, argument(description="O que muda.")]
    ) -> ConsultaPayload:
        """Correct a consulta."""
        contexto = info.context
        contexto.exigir(MarcarConsultas)
        com_motivo = input.motivo is not UNSET
        novo = regras.motivo(input.motivo) if com_motivo else None
        atual, alcance = await porta.alcancada(contexto, AcaoNaConsulta.ATUALIZAR, input.consulta_id, *_CAMPO)
        motivo, modalidade = novo if com_motivo else atual.motivo, input.modalidade or atual.modalidade
        agora_mesmo = await porta.exigir_que_caiba(contexto, AcaoNaConsulta.ATUALIZAR, alcance, atual, input.se_versao)
        if (motivo, modalidade) == (atual.motivo, atual.modalidade):
            raise _nada_muda()
        if modalidade is not atual.modalidade and atual.tipo_chave is not None:
            tipo = await unidades.tipo(contexto.db, contexto.quem, atual.tipo_chave)
            unidades_regras.exigir_que_aconteca_assim(tipo, modalidade, tem_sala=atual.sala_chave is not None)

        async def work(tx: Transaction) -> None:
            nova = regras.Correcao(com_motivo, motivo, input.modalidade)
            if not await store.atualizar(tx, atual.chave, agora_mesmo.como, nova):
                raise await porta.por_que_nao(tx, alcance.quem, atual, agora_mesmo) or _nada_muda()
            contexto.registrar(tx, Atos.ATUALIZAR_CONSULTA, paciente=atual.paciente_chave, alvo=atual.chave)

        await contexto.db.transaction(work)
        return ConsultaPayload(consulta=await porta.uma(contexto.db, alcance.quem, atual.chave))


def _nada_muda() -> Recusa:
    return valor_invalido("Nada muda: envie o que é diferente do que há.", "input")
