"""What the room of agendas brings: working hours, blocks and free hours."""

from sghss_graphql.atendimento.agenda import porta
from sghss_graphql.atendimento.agenda.mutations import AgendaMutation, BloqueioPayload
from sghss_graphql.atendimento.agenda.queries import (
    bloqueios,
    expediente,
    horarios_disponiveis,
    sala_do_turno,
    tipos,
    unidade_do_turno,
)
from sghss_graphql.atendimento.agenda.regras import Atos, Codigos
from sghss_graphql.atendimento.agenda.types import Bloqueio, HorarioDisponivel, Turno
from sghss_graphql.confianca.acesso.tabela import DefinirAgendas, Publica, VerProfissionais
from sghss_graphql.context import Contexto
from sghss_graphql.sala import Ligacao, No, Raiz, Sala, Tarefa, Tipo
from sghss_graphql.vocabulario.tempo import fusos


async def _um(contexto: Contexto, chave: bytes) -> Bloqueio | None:
    return await porta.bloqueio(contexto.db, contexto.quem, chave)


SALA = Sala(
    nome="atendimento/agenda",
    migracao=19,
    aquece=(fusos,),
    mutation=Raiz(AgendaMutation, {DefinirAgendas: "definirExpediente bloquearAgenda desbloquearAgenda"}),
    tipos=(
        Tipo(Turno, VerProfissionais, {VerProfissionais: "dia inicio fim vigenciaDe vigenciaAte aCadaSemanas"}),
        Tipo(Bloqueio, DefinirAgendas, {DefinirAgendas: "id profissional inicio fim motivo"}),
        Tipo(HorarioDisponivel, VerProfissionais, {VerProfissionais: "inicio fim"}),
        Tipo(BloqueioPayload, Publica, {Publica: "bloqueio idRemovido erros"}),
    ),
    ligacoes=(
        Ligacao(expediente, VerProfissionais),
        Ligacao(unidade_do_turno, VerProfissionais),
        Ligacao(sala_do_turno, VerProfissionais),
        Ligacao(tipos, VerProfissionais),
        Ligacao(horarios_disponiveis, VerProfissionais),
        Ligacao(bloqueios, DefinirAgendas),
    ),
    nos=(No(Bloqueio, _um),),
    codigos=Codigos,
    atos=(Atos,),
    emprestadas=dict.fromkeys(
        ("unidade", "unidade_aberta", "sala"), "um turno tem unidade: dela são o fuso, os feriados e as salas"
    )
    | dict.fromkeys(("consulta", "profissional"), "o que ocupa um horário, e de quem: para encaixar por cima"),
    tarefas=(Tarefa("soltar as reservas que expiraram", 60, porta.varrer),),
    tabelas={
        "turno": "SELECT, INSERT, DELETE",
        "turno_tipo": "SELECT, INSERT, DELETE",
        "bloqueio": "SELECT, INSERT, DELETE",
        "tempo": "SELECT, INSERT, UPDATE, DELETE",
        "reserva": "SELECT, INSERT, DELETE",
    },
)
