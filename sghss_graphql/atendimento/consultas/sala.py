"""What the room of consultas brings: booking, moving, and what becomes of them."""

from operator import attrgetter

from sghss_graphql.atendimento.consultas import porta
from sghss_graphql.atendimento.consultas.mutations import ConsultasMutation
from sghss_graphql.atendimento.consultas.queries import (
    ConsultasQuery,
    consultas_do_paciente,
    consultas_do_profissional,
    contagens,
    historico,
    paciente,
    profissional,
    proxima_consulta,
    ultima_consulta,
)
from sghss_graphql.atendimento.consultas.regras import Atos, Codigos, Leituras
from sghss_graphql.atendimento.consultas.types import (
    Consulta,
    ConsultaPayload,
    ContagemPorSituacao,
    MudancaDaConsulta,
    Reserva,
    ReservaPayload,
    SeriePayload,
)
from sghss_graphql.confianca.acesso.tabela import (
    MarcarConsultas,
    Publica,
    VerConsultas,
    VerPacientes,
    VerProfissionais,
)
from sghss_graphql.context import Contexto
from sghss_graphql.sala import Ligacao, Mostra, No, Raiz, Sala, Tipo


async def _uma(contexto: Contexto, chave: bytes) -> Consulta | None:
    return await porta.uma(contexto.db, contexto.quem, chave)


async def _reserva(contexto: Contexto, chave: bytes) -> Reserva | None:
    return await porta.reserva(contexto.db, contexto.quem, chave)


SALA = Sala(
    nome="atendimento/consultas",
    migracao=19,
    query=Raiz(ConsultasQuery, {VerConsultas: "consulta consultas"}),
    mutation=Raiz(
        ConsultasMutation,
        {
            MarcarConsultas: "reservarHorario liberarReserva agendarConsulta agendarSerie remarcarConsulta"
            " atualizarConsulta cancelarConsulta",
        },
    ),
    tipos=(
        Tipo(
            Consulta,
            VerConsultas,
            {VerConsultas: "id versao inicio fim situacao modalidade motivo criadoEm encaixe"},
            Mostra(
                Leituras.LER_CONSULTAS,
                attrgetter("paciente_chave"),
                "versao inicio fim situacao modalidade motivo criadoEm encaixe",
            ),
        ),
        Tipo(ContagemPorSituacao, VerConsultas, {VerConsultas: "situacao total"}),
        Tipo(MudancaDaConsulta, VerConsultas, {VerConsultas: "situacao inicio fim motivo criadoEm papel"}),
        Tipo(Reserva, MarcarConsultas, {MarcarConsultas: "id horario expiraEm"}),
        Tipo(ReservaPayload, Publica, {Publica: "reserva horariosProximos idRemovido erros"}),
        Tipo(SeriePayload, Publica, {Publica: "consultas conflitos erros"}),
        Tipo(ConsultaPayload, Publica, {Publica: "consulta horariosProximos erros"}),
    ),
    ligacoes=(
        Ligacao(consultas_do_paciente, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(consultas_do_profissional, VerConsultas),
        Ligacao(contagens, VerConsultas),
        Ligacao(paciente, VerPacientes, Leituras.LER_CONSULTAS),
        Ligacao(profissional, VerProfissionais, Leituras.LER_CONSULTAS),
        Ligacao(historico, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(ultima_consulta, VerConsultas, Leituras.LER_CONSULTAS),
        Ligacao(proxima_consulta, VerConsultas, Leituras.LER_CONSULTAS),
    ),
    paginas={Consulta: VerConsultas},
    nos=(No(Consulta, _uma), No(Reserva, _reserva)),
    codigos=Codigos,
    atos=(Leituras, Atos),
    tabelas={"consulta": "SELECT, INSERT, UPDATE", "consulta_mudanca": "SELECT, INSERT", "vinculo": "SELECT"},
    emprestadas={
        "cuidado": "quem cuida de um paciente vê as suas consultas",
        "profissional_especialidade": "quais consultas são de uma especialidade",
        **dict.fromkeys(("paciente", "pessoa_inicio"), "de quem uma consulta é, pelo nome"),
    },
)
