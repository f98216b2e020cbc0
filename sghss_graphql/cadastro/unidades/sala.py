"""What the room of unidades brings: places, and kinds of appointment."""

from sghss_graphql.cadastro.unidades import porta
from sghss_graphql.cadastro.unidades.mutations import UnidadesMutation
from sghss_graphql.cadastro.unidades.queries import UnidadesQuery, feriados_da_unidade, salas, unidade
from sghss_graphql.cadastro.unidades.regras import Atos
from sghss_graphql.cadastro.unidades.types import (
    Feriado,
    Sala,
    SalaPayload,
    TipoDeAtendimento,
    TipoDeAtendimentoPayload,
    Unidade,
    UnidadePayload,
)
from sghss_graphql.confianca.acesso.tabela import DefinirUnidades, Publica, VerProfissionais
from sghss_graphql.context import Contexto
from sghss_graphql.sala import Ligacao, No, Raiz, Tipo
from sghss_graphql.sala import Sala as SalaDaCasa
from sghss_graphql.vocabulario.feriados import PRIMEIRO_ANO, feriados


async def _unidade(contexto: Contexto, chave: bytes) -> Unidade | None:
    return await porta.uma(contexto.db, contexto.quem, chave)


async def _sala(contexto: Contexto, chave: bytes) -> Sala | None:
    return await porta.sala(contexto.db, contexto.quem, chave)


async def _tipo(contexto: Contexto, chave: bytes) -> TipoDeAtendimento | None:
    return await porta.tipo(contexto.db, contexto.quem, chave)


def _feriados() -> None:
    feriados(None, PRIMEIRO_ANO)


SALA = SalaDaCasa(
    nome="cadastro/unidades",
    migracao=17,
    aquece=(_feriados,),
    query=Raiz(UnidadesQuery, {VerProfissionais: "unidades tiposDeAtendimento"}),
    mutation=Raiz(
        UnidadesMutation,
        {
            DefinirUnidades: "criarUnidade atualizarUnidade criarSala atualizarSala criarTipoDeAtendimento"
            " atualizarTipoDeAtendimento"
        },
    ),
    tipos=(
        Tipo(Unidade, VerProfissionais, {VerProfissionais: "id nome cnes fuso endereco abreNosFeriados ativa versao"}),
        Tipo(Sala, VerProfissionais, {VerProfissionais: "id nome ativa versao"}),
        Tipo(
            TipoDeAtendimento,
            VerProfissionais,
            {
                VerProfissionais: "id nome especialidade duracaoEmMinutos intervaloEmMinutos modalidades"
                " autoagendamento antecedenciaMinimaEmHoras antecedenciaMaximaEmDias cancelamentoAteEmHoras exigeSala"
                " preparo ativo versao"
            },
        ),
        Tipo(Feriado, VerProfissionais, {VerProfissionais: "dia nome aberta"}),
        Tipo(UnidadePayload, Publica, {Publica: "unidade erros"}),
        Tipo(SalaPayload, Publica, {Publica: "sala erros"}),
        Tipo(TipoDeAtendimentoPayload, Publica, {Publica: "tipoDeAtendimento erros"}),
    ),
    ligacoes=(
        Ligacao(salas, VerProfissionais),
        Ligacao(feriados_da_unidade, VerProfissionais),
        Ligacao(unidade, VerProfissionais),
    ),
    nos=(No(Unidade, _unidade), No(Sala, _sala), No(TipoDeAtendimento, _tipo)),
    atos=(Atos,),
    emprestadas=dict.fromkeys(("turno", "consulta"), "a primeira unidade muda de fuso enquanto ninguém atende nela"),
    tabelas={
        "unidade": "SELECT, INSERT, UPDATE",
        "unidade_aberta": "SELECT, INSERT, DELETE",
        "sala": "SELECT, INSERT, UPDATE",
        "tipo_de_atendimento": "SELECT, INSERT, UPDATE",
    },
)
