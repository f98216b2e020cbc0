"""Book a consulta."""

from typing import Annotated

import strawberry
from strawberry import argument

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.consultas import porta
from sghss_graphql.atendimento.consultas.mutations import limites, ocupacao
from sghss_graphql.atendimento.consultas.mutations import pedido as pedidos
from sghss_graphql.atendimento.consultas.mutations.entradas import AgendarConsultaInput
from sghss_graphql.atendimento.consultas.types import Consulta, ConsultaPayload
from sghss_graphql.confianca.acesso.tabela import MarcarConsultas
from sghss_graphql.context import Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario.errors import Recusa
from sghss_graphql.vocabulario.mutations import mutation


@strawberry.type
class MarcarMutation:
    """The part of Mutation that books."""

    @mutation("Marca uma consulta.")
    async def agendar_consulta(
        self, info: Info, input: Annotated[AgendarConsultaInput, argument(description="A consulta.")]
    ) -> ConsultaPayload:
        """Book a consulta."""
        contexto = info.context
        contexto.exigir(MarcarConsultas)
        lido = await pedidos.ler(contexto, input)
        marcacao = await pedidos.preparar(contexto, input, lido)
        pedido, profissional = marcacao.pedido, marcacao.pedido.profissional
        try:
            trecho = pedido.trecho()
            pedidos.exigir_ainda_a_mesma(pedido, trecho)
        except Recusa:
            if marcacao.sozinho:  # who may book no more hears of that first
                await limites.exigir_que_caibam(contexto.db, contexto, marcacao.quem, profissional)
            raise
        consulta = pedidos.nova(pedido, trecho, lido.hora, lido.modalidade, lido.motivo)

        async def work(tx: Transaction) -> Consulta:
            vida = await pedidos.viva(tx, pedido.paciente.chave, profissional)
            if vida.segue_em_outra:
                raise porta.fechado()
            if marcacao.sozinho:  # others of theirs wait for this one
                await limites.exigir_que_caibam(tx, contexto, marcacao.quem, profissional)
            return await pedidos.marcar(tx, contexto, marcacao, trecho, consulta, vida)

        try:
            return ConsultaPayload(consulta=await agenda.marcando(contexto.db, marcacao.quem, work))
        except agenda.Ocupado as ocupado:
            raise await ocupacao.indisponivel(contexto, profissional, consulta, ocupado) from None
