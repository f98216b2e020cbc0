"""What the room of dia brings: days of agendas."""

from sghss_graphql.atendimento.dia.queries import DiaQuery, itens, profissional_do_item
from sghss_graphql.atendimento.dia.types import AgendaDoDia, ItemDaAgenda
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.sala import Ligacao, Raiz, Sala, Tipo

SALA = Sala(
    nome="atendimento/dia",
    migracao=19,
    query=Raiz(DiaQuery, {VerProfissionais: "agendas"}),
    tipos=(
        Tipo(AgendaDoDia, VerProfissionais, {VerProfissionais: "dia fuso"}),
        Tipo(ItemDaAgenda, VerProfissionais, {VerProfissionais: "tipo inicio fim bloqueio consulta"}),
    ),
    ligacoes=(Ligacao(itens, VerProfissionais), Ligacao(profissional_do_item, VerProfissionais)),
)
