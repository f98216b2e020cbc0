"""What can be done with a consulta now, and when it is where it takes place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from strawberry import ID

from sghss_graphql.atendimento.consultas import porta as consultas_porta
from sghss_graphql.atendimento.consultas.regras import CORRECOES, PEDE, alcanca, antes_do_inicio, impedimento
from sghss_graphql.atendimento.consultas.types import AcaoNaConsulta, Consulta, MudancaDaConsulta
from sghss_graphql.cadastro.cuidados import porta as cuidados
from sghss_graphql.cadastro.profissionais import porta as profissionais_porta
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades.types import Sala, TipoDeAtendimento, Unidade
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.checagem import Alcance, exigir, pode
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.context import Info
from sghss_graphql.machinery.database import Fields
from sghss_graphql.machinery.engine import asked_for, relation
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.scalars import Hora
from sghss_graphql.vocabulario.tempo import agora

_A = AcaoNaConsulta
_SERIE = "ser"
_ATE = frozenset({"cancelamento_ate_em_horas"})


@relation(
    Consulta,
    description="O que quem pergunta pode fazer com a consulta agora: pelo seu papel, pela situação e pelo relógio.",
    size=lambda _: len(AcaoNaConsulta),
)
async def acoes(consultas: list[Consulta], info: Info) -> list[list[AcaoNaConsulta]]:
    """Give what the caller may do with each consulta now; six statements, however many they are."""
    quem, db = info.context.quem, info.context.db
    if quem is None:
        return [[] for _ in consultas]
    pacientes = [consulta.paciente_chave for consulta in consultas]
    profissionais = await _profissionais(info, consultas)
    fusos = await _fusos(info, consultas)
    corrigiveis = [consulta.chave for consulta in consultas if consulta.situacao in CORRECOES]
    eu = quem.profissional
    caso = _Caso(
        quem,
        {acao: exigir(quem, pedida) for acao, pedida in PEDE.items() if pode(quem, pedida)},
        agora(),
        passos=await consultas_porta.ultimos_passos(db, corrigiveis),
        sob_cuidado=await cuidados.pacientes_sob_cuidado(db, eu, pacientes) if eu else set(),
        pessoas=await unificacoes.pessoas(db, pacientes),
        horas={um.chave: um.cancelamento_ate_em_horas for um in await _tipos(info, consultas, _ATE) if um is not None},
    )
    return [
        [acao for acao in caso.alcances if caso.pode(acao, consulta, profissional, fuso)]
        for consulta, profissional, fuso in zip(consultas, profissionais, fusos, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Caso:
    """Who asks, when, and all that decides beside the consulta itself.

    ``alcances`` are whose consultas each action reaches that their roles allow, in the order of the enum;
    ``passos`` are the instants of last steps by consulta; ``pessoas`` who each paciente is, nobody if they have died.
    """

    quem: Quem
    alcances: Mapping[AcaoNaConsulta, Alcance[Any]]
    instante: datetime
    passos: Mapping[bytes, datetime]
    sob_cuidado: set[bytes]
    pessoas: Mapping[bytes, frozenset[bytes]]
    horas: Mapping[bytes, int]
    """Until how many hours before it begins a paciente cancels what is of a kind."""

    def pode(self, acao: AcaoNaConsulta, consulta: Consulta, profissional: Profissional, fuso: str) -> bool:
        """Tell whether an action would be refused for none of the reasons that a mutation has before any input."""
        paciente = consulta.paciente_chave
        if not alcanca(acao, self.alcances[acao], consulta, sob_cuidado=paciente in self.sob_cuidado):
            return False
        if acao in (_A.INICIAR, _A.CONCLUIR) and paciente in self.quem.seus:
            return False  # nobody attends themself
        if acao in (_A.CONFIRMAR, _A.REMARCAR) and not self.pessoas[paciente]:
            return False
        fica = not self.alcances[acao].inclui(
            paciente=paciente
        )  # with who attends now: no other one is theirs to choose
        if acao is _A.REMARCAR and fica and (not profissional.ativo or profissional.pessoa in self.pessoas[paciente]):
            return False
        horas = self.horas.get(consulta.tipo_chave or b"", 0)
        antes = antes_do_inicio(acao, self.alcances[acao], consulta, horas)
        return impedimento(acao, consulta, fuso, self.instante, self.passos.get(consulta.chave), antes) is None


@relation(Consulta, description="O fuso horário (nome IANA) de onde a consulta acontece.")
async def fuso(consultas: list[Consulta], info: Info) -> list[str]:
    """Give the time zone of each consulta."""
    return await _fusos(info, consultas)


@relation(Consulta, description="O dia da consulta, onde ela acontece.")
async def dia(consultas: list[Consulta], info: Info) -> list[date]:
    """Give each consulta's local day."""
    return [quando.date() for quando in await _locais(info, consultas)]


@relation(Consulta, description="A hora em que a consulta começa, onde ela acontece.")
async def hora(consultas: list[Consulta], info: Info) -> list[Hora]:
    """Give each consulta's local time."""
    return [Hora(60 * quando.hour + quando.minute) for quando in await _locais(info, consultas)]


async def _locais(info: Info, consultas: Sequence[Consulta]) -> list[datetime]:
    """Give when each consulta begins, in its own time zone."""
    fusos = await _fusos(info, consultas)
    return [
        consulta.inicio.replace(tzinfo=UTC).astimezone(ZoneInfo(fuso))
        for consulta, fuso in zip(consultas, fusos, strict=True)
    ]


async def _profissionais(info: Info, consultas: Sequence[Consulta]) -> list[Profissional]:
    chaves = [consulta.profissional_chave for consulta in consultas]
    return await profissionais_porta.de_cada(info.context.db, info.context.quem, chaves, frozenset({"ativo"}))


async def _unidades(info: Info, consultas: Sequence[Consulta], campos: Fields) -> list[Unidade]:
    chaves = [consulta.unidade_chave for consulta in consultas]
    return await unidades.de_cada(info.context.db, info.context.quem, chaves, campos)


async def _fusos(info: Info, consultas: Sequence[Consulta]) -> list[str]:
    return [uma.fuso for uma in await _unidades(info, consultas, frozenset({"fuso"}))]


@relation(Consulta, description="A unidade em que a consulta acontece.", name="unidade")
async def unidade_da_consulta(consultas: list[Consulta], info: Info) -> list[Unidade]:
    """Give each consulta's unidade."""
    return await _unidades(info, consultas, asked_for(info))


@relation(Consulta, description="A sala em que acontece, se há uma.", name="sala")
async def sala_da_consulta(consultas: list[Consulta], info: Info) -> list[Sala | None]:
    """Give each consulta's sala."""
    chaves = [consulta.sala_chave for consulta in consultas]
    return await unidades.sala_de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(Consulta, description="Id da série com que foi marcada, o mesmo em todas as dela; null se foi sozinha.")
async def serie_id(consultas: list[Consulta], info: Info) -> list[ID | None]:
    """Give which series each consulta is of."""
    return [
        None if consulta.serie_chave is None else ID(ids.publico(_SERIE, consulta.serie_chave))
        for consulta in consultas
    ]


@relation(Consulta, description="O tipo de atendimento, se foi dito.")
async def tipo(consultas: list[Consulta], info: Info) -> list[TipoDeAtendimento | None]:
    """Give each consulta's kind."""
    return await _tipos(info, consultas, asked_for(info))


async def _tipos(info: Info, consultas: Sequence[Consulta], campos: Fields) -> list[TipoDeAtendimento | None]:
    chaves = [consulta.tipo_chave for consulta in consultas]
    return await unidades.tipo_de_cada(info.context.db, info.context.quem, chaves, campos)


@relation(MudancaDaConsulta, description="O nome de quem o deu.")
async def nome_de_quem(mudancas: list[MudancaDaConsulta], info: Info) -> list[str | None]:
    """Name who took each step."""
    nomes = await usuarios.nomes(info.context.db, [mudanca.usuario for mudanca in mudancas])
    return [nomes.get(mudanca.usuario) for mudanca in mudancas]
