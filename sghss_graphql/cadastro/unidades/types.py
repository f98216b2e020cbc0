"""A unidade has a time zone and salas; a kind of appointment says how long it takes, and who books it when."""

from datetime import date
from enum import Enum

import strawberry
from strawberry import Private, enum_value

from sghss_graphql.cadastro.pessoas.types import Endereco
from sghss_graphql.vocabulario.errors import ErroDeUsuario
from sghss_graphql.vocabulario.node import Node


@strawberry.enum(description="Como a consulta acontece.")
class Modalidade(Enum):
    """In person or at a distance."""

    PRESENCIAL = enum_value("PRESENCIAL", description="No hospital.")
    TELECONSULTA = enum_value("TELECONSULTA", description="A distância (Resolução CFM 2.314/2022).")


@strawberry.type(description="Um dia em que não se trabalha.")
class Feriado:
    """National, or of the state."""

    dia: date = strawberry.field(description="O dia.")
    nome: str = strawberry.field(description="O nome, como Natal.")
    aberta: bool = strawberry.field(description="Se a unidade atende nele.")


@strawberry.type(description="Um lugar do hospital em que se atende.")
class Unidade(Node):
    """Its salas and holidays are relations."""

    prefixo = "uni"
    nome: str = strawberry.field(description="O nome.")
    cnes: str | None = strawberry.field(
        description="O número no Cadastro Nacional de Estabelecimentos de Saúde: 7 dígitos."
    )
    fuso: str = strawberry.field(description="O fuso horário (nome IANA), em que se leem os seus turnos e dias.")
    endereco: Endereco | None = strawberry.field(description="Onde fica.")
    abre_nos_feriados: bool = strawberry.field(description="Se atende em todos os feriados.")
    ativa: bool = strawberry.field(description="Se nela se marcam consultas.")
    versao: int = strawberry.field(description="Conta as mudanças da unidade.")


@strawberry.type(description="Uma sala de uma unidade; nela se atende um de cada vez.")
class Sala(Node):
    """Its unidade is a relation."""

    prefixo = "sal"
    unidade_chave: Private[bytes]
    nome: str = strawberry.field(description="O nome ou número, como Consultório 3.")
    ativa: bool = strawberry.field(description="Se nela se marcam consultas.")
    versao: int = strawberry.field(description="Conta as mudanças da sala.")


@strawberry.type(description="Um tipo de atendimento: quanto dura, quem o marca, com que antecedência.")
class TipoDeAtendimento(Node):
    """A kind of appointment."""

    prefixo = "tip"
    nome: str = strawberry.field(description="O nome, como Retorno ou Primeira consulta.")
    especialidade: str | None = strawberry.field(description="A especialidade de que é; null, de qualquer uma.")
    duracao_em_minutos: int = strawberry.field(description="Quanto o atendimento dura, em minutos.")
    intervalo_em_minutos: int = strawberry.field(
        description="Quanto o profissional e a sala ficam ocupados depois: arrumar, anotar."
    )
    modalidades: list[Modalidade] = strawberry.field(description="Como acontece; a primeira é a usual.")
    autoagendamento: bool = strawberry.field(description="Se o próprio paciente o marca.")
    antecedencia_minima_em_horas: int = strawberry.field(
        description="Quantas horas antes, pelo menos, o paciente o marca."
    )
    antecedencia_maxima_em_dias: int = strawberry.field(
        description="Quantos dias antes, no máximo, o paciente o marca."
    )
    cancelamento_ate_em_horas: int = strawberry.field(
        description="Até quantas horas antes do início o paciente o cancela ou muda."
    )
    exige_sala: bool = strawberry.field(description="Se precisa de uma sala.")
    preparo: str | None = strawberry.field(description="O que o paciente faz antes: jejum, exames, o que trazer.")
    ativo: bool = strawberry.field(description="Se ainda se marca.")
    versao: int = strawberry.field(description="Conta as mudanças do tipo.")
    especialidade_ordem: Private[str | None] = None


@strawberry.type(description="O resultado de criar ou corrigir uma unidade.")
class UnidadePayload:
    """Of criarUnidade and atualizarUnidade."""

    unidade: Unidade | None = strawberry.field(default=None, description="A unidade; null quando há erros.")
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )


@strawberry.type(description="O resultado de criar ou corrigir uma sala.")
class SalaPayload:
    """Of criarSala and atualizarSala."""

    sala: Sala | None = strawberry.field(default=None, description="A sala; null quando há erros.")
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )


@strawberry.type(description="O resultado de criar ou corrigir um tipo de atendimento.")
class TipoDeAtendimentoPayload:
    """Of criarTipoDeAtendimento and atualizarTipoDeAtendimento."""

    tipo_de_atendimento: TipoDeAtendimento | None = strawberry.field(
        default=None, description="O tipo; null quando há erros."
    )
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )
