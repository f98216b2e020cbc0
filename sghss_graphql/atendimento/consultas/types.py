"""A consulta is a paciente and a profissional at a time, in one of six states."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import ID, Private, enum_value

from sghss_graphql.atendimento.agenda.types import HorarioDisponivel
from sghss_graphql.atendimento.horarios.types import Horario
from sghss_graphql.cadastro.unidades.types import Modalidade
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.vocabulario.errors import ErroDeUsuario
from sghss_graphql.vocabulario.node import Node


@strawberry.enum(description="Em que ponto está uma consulta.")
class SituacaoDaConsulta(Enum):
    """The states; ``regras.TRANSICOES`` says which follows which."""

    AGENDADA = enum_value("AGENDADA", description="Marcada.")
    CONFIRMADA = enum_value("CONFIRMADA", description="O paciente confirmou que vem.")
    EM_ATENDIMENTO = enum_value("EM_ATENDIMENTO", description="Está acontecendo.")
    REALIZADA = enum_value("REALIZADA", description="Aconteceu.")
    CANCELADA = enum_value("CANCELADA", description="Foi cancelada; o horário está livre.")
    FALTOU = enum_value("FALTOU", description="O paciente não veio.")


@strawberry.enum(description="O que se pode fazer com uma consulta.")
class AcaoNaConsulta(Enum):
    """What a page shows buttons for; ``regras.cabe`` and ``regras.alcanca`` say when."""

    ATUALIZAR = enum_value("ATUALIZAR", description="Corrigir o motivo ou a modalidade (atualizarConsulta).")
    REMARCAR = enum_value("REMARCAR", description="Mudar o horário (remarcarConsulta).")
    CANCELAR = enum_value("CANCELAR", description="Cancelar (cancelarConsulta).")
    CONFIRMAR = enum_value("CONFIRMAR", description="Confirmar que o paciente vem (confirmarConsulta).")
    INICIAR = enum_value("INICIAR", description="Começar o atendimento (iniciarAtendimento).")
    CONCLUIR = enum_value("CONCLUIR", description="Concluir o atendimento (concluirConsulta).")
    REGISTRAR_FALTA = enum_value("REGISTRAR_FALTA", description="Registrar que o paciente não veio (registrarFalta).")
    CORRIGIR_SITUACAO = enum_value("CORRIGIR_SITUACAO", description="Desfazer um engano do dia (corrigirSituacao).")
    LER_PRONTUARIO = enum_value("LER_PRONTUARIO", description="Ler o prontuário do paciente.")
    ESCREVER_PRONTUARIO = enum_value("ESCREVER_PRONTUARIO", description="Escrever no prontuário do paciente.")


@strawberry.enum(description="A ordem de uma lista de consultas, pelo início.")
class OrdemDasConsultas(Enum):
    """Both ways."""

    MAIS_NOVAS = enum_value("MAIS_NOVAS", description="Das mais novas para as mais antigas.")
    MAIS_ANTIGAS = enum_value("MAIS_ANTIGAS", description="Das mais antigas para as mais novas.")


@strawberry.type(description="Uma consulta de um paciente com um profissional.")
class Consulta(Node):
    """An appointment; paciente, profissional, history and records are relations."""

    prefixo = "con"
    paciente_chave: Private[bytes]
    profissional_chave: Private[bytes]
    versao: int = strawberry.field(description="Conta as mudanças da consulta.")
    inicio: datetime = strawberry.field(description="Quando começa.")
    fim: datetime = strawberry.field(description="Quando termina.")
    situacao: SituacaoDaConsulta = strawberry.field(description="Em que ponto está.")
    modalidade: Modalidade = strawberry.field(description="Presencial ou teleconsulta.")
    motivo: str | None = strawberry.field(
        description="Por que o paciente vem; a recepção o vê do que ela mesma marcou, e null no resto."
    )
    criado_em: datetime = strawberry.field(description="Quando foi marcada.")
    unidade_chave: Private[bytes]
    sala_chave: Private[bytes | None] = None
    tipo_chave: Private[bytes | None] = None
    encaixe: bool = strawberry.field(
        default=False, description="Se foi encaixada: marcada de propósito por cima do que havia."
    )
    serie_chave: Private[bytes | None] = None
    na_recepcao: Private[bool] = False
    """Whether staff booked it, who know therefore why."""
    intervalo: Private[int] = 0
    """Minutes after it that its profissional and its sala stay taken."""


@strawberry.type(description="Um passo na história de uma consulta: marcada, remarcada, confirmada …")
class MudancaDaConsulta:
    """One step; the first is the booking."""

    situacao: SituacaoDaConsulta = strawberry.field(description="A situação depois deste passo.")
    inicio: datetime = strawberry.field(description="O início marcado depois deste passo.")
    fim: datetime = strawberry.field(description="O fim marcado depois deste passo.")
    motivo: str | None = strawberry.field(description="O motivo dado, no cancelamento ou na correção.")
    criado_em: datetime = strawberry.field(description="Quando aconteceu.")
    papel: Papel | None = strawberry.field(description="Em que papel quem o deu o deu; null nos passos antigos.")
    usuario: Private[bytes]


@strawberry.type(description="Quantas consultas da lista inteira estão numa situação.")
class ContagemPorSituacao:
    """Of a list of consultas."""

    situacao: SituacaoDaConsulta = strawberry.field(description="A situação.")
    total: int = strawberry.field(description="Quantas são.")


MAIS_VEZES = 26
"""Consultas of one series."""


@strawberry.type(description="O resultado de marcar uma série.")
class SeriePayload:
    """Of agendarSerie."""

    consultas: list[Consulta] = strawberry.field(
        default_factory=list, description=f"As consultas marcadas, em ordem, até {MAIS_VEZES}; nenhuma quando há erros."
    )
    conflitos: list[datetime] = strawberry.field(
        default_factory=list, description=f"Os inícios que não cabem, em ordem, até {MAIS_VEZES}."
    )
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )


@strawberry.type(description="O resultado de uma operação sobre uma consulta.")
class ConsultaPayload:
    """Of all mutations of consultas."""

    consulta: Consulta | None = strawberry.field(default=None, description="A consulta; null quando há erros.")
    horarios_proximos: list[HorarioDisponivel] = strawberry.field(
        default_factory=list,
        description="Quando o horário pedido está ocupado: até três horários livres para os dois, os mais próximos.",
    )
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )


@strawberry.type(description="Um horário livre, reservado para quem o pediu até que expire.")
class Reserva(Node):
    """Of reservarHorario; ``agendarConsulta`` and ``remarcarConsulta`` use it."""

    prefixo = "res"
    horario: Horario = strawberry.field(description="O horário.")
    expira_em: datetime = strawberry.field(description="Até quando é de quem o reservou.")


@strawberry.type(description="O resultado de reservar um horário, ou de liberá-lo.")
class ReservaPayload:
    """Of reservarHorario and liberarReserva."""

    reserva: Reserva | None = strawberry.field(default=None, description="A reserva; null quando há erros.")
    horarios_proximos: list[HorarioDisponivel] = strawberry.field(
        default_factory=list, description="Quando o horário pedido está ocupado: até três livres, os mais próximos."
    )
    id_removido: ID | None = strawberry.field(default=None, description="O id da reserva que não há mais.")
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )
