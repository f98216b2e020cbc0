"""What the room of horarios brings: finding a free time."""

from sghss_graphql.atendimento.horarios.queries import (
    HorariosQuery,
    profissional_do_horario,
    sala_do_horario,
    tipo_do_horario,
    unidade_do_horario,
)
from sghss_graphql.atendimento.horarios.types import DiaComHorario, Horario
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.sala import Ligacao, Raiz, Sala, Tipo

SALA = Sala(
    nome="atendimento/horarios",
    migracao=19,
    query=Raiz(HorariosQuery, {VerProfissionais: "horarios diasComHorario"}),
    tipos=(
        Tipo(Horario, VerProfissionais, {VerProfissionais: "inicio fim modalidades"}),
        Tipo(DiaComHorario, VerProfissionais, {VerProfissionais: "dia livres primeiro"}),
    ),
    ligacoes=(
        Ligacao(profissional_do_horario, VerProfissionais),
        Ligacao(unidade_do_horario, VerProfissionais),
        Ligacao(sala_do_horario, VerProfissionais),
        Ligacao(tipo_do_horario, VerProfissionais),
    ),
    paginas={Horario: VerProfissionais},
    emprestadas=dict.fromkeys(
        ("profissional", "profissional_especialidade", "turno", "usuario", "usuario_papel", "tempo"),
        "um horário livre é o que resta do tempo de quem atende",
    ),
)
