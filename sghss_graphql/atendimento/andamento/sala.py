"""What the room of andamento brings: what becomes of a consulta on its day, and what can be done with it now."""

from sghss_graphql.atendimento.andamento.mutations import AndamentoMutation
from sghss_graphql.atendimento.andamento.queries import (
    acoes,
    dia,
    fuso,
    hora,
    nome_de_quem,
    sala_da_consulta,
    serie_id,
    tipo,
    unidade_da_consulta,
)
from sghss_graphql.atendimento.consultas.regras import Leituras
from sghss_graphql.confianca.acesso.tabela import (
    Atender,
    ConfirmarConsultas,
    CorrigirSituacoes,
    RegistrarFaltas,
    VerConsultas,
)
from sghss_graphql.sala import Ligacao, Raiz, Sala

SALA = Sala(
    nome="atendimento/andamento",
    migracao=19,
    mutation=Raiz(
        AndamentoMutation,
        {
            ConfirmarConsultas: "confirmarConsulta",
            Atender: "iniciarAtendimento concluirConsulta",
            RegistrarFaltas: "registrarFalta",
            CorrigirSituacoes: "corrigirSituacao",
        },
    ),
    emprestadas=dict.fromkeys(
        ("consulta", "tempo", "profissional", "paciente", "mesma_pessoa"),
        "confere-se o que está marcado com o tempo que isso ocupa",
    ),
    ligacoes=(
        Ligacao(acoes, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(dia, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(hora, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(fuso, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(unidade_da_consulta, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(sala_da_consulta, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(serie_id, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(tipo, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(nome_de_quem, VerConsultas),
    ),
)
