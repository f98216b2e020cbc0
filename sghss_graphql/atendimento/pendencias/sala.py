"""What the room of pendências brings: consultas that a change elsewhere leaves to be looked at."""

from sghss_graphql.atendimento.pendencias.queries import (
    consultas_afetadas,
    consultas_em_conflito,
    consultas_fora_do_expediente,
    consultas_futuras,
)
from sghss_graphql.confianca.acesso.tabela import VerConsultas
from sghss_graphql.sala import Ligacao, Sala

SALA = Sala(
    nome="atendimento/pendencias",
    migracao=19,
    emprestadas=dict.fromkeys(("bloqueio", "consulta"), "o que está marcado dentro de um bloqueio"),
    ligacoes=(
        Ligacao(consultas_futuras, VerConsultas),
        Ligacao(consultas_em_conflito, VerConsultas),
        Ligacao(consultas_fora_do_expediente, VerConsultas),
        Ligacao(consultas_afetadas, VerConsultas),
    ),
)
