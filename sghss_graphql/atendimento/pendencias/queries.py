"""Consultas that a change elsewhere leaves to be looked at, seen from what changed."""

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda.regras import Intervalo
from sghss_graphql.atendimento.agenda.types import Bloqueio
from sghss_graphql.atendimento.consultas import porta as consultas
from sghss_graphql.atendimento.consultas.regras import Filtro, por_vir
from sghss_graphql.atendimento.consultas.types import Consulta
from sghss_graphql.atendimento.pendencias import store
from sghss_graphql.atendimento.pendencias.regras import Marcada, fora_do_expediente
from sghss_graphql.cadastro.pacientes import porta as pacientes
from sghss_graphql.cadastro.pacientes.types import Paciente, PacientePayload
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional, ProfissionalPayload
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.cadastro.usuarios.types import UsuarioPayload
from sghss_graphql.confianca.acesso.tabela import VerConsultas
from sghss_graphql.context import Info
from sghss_graphql.machinery.engine import asked_for, dealt, relation
from sghss_graphql.vocabulario.tempo import agora

_MAIS_FUTURAS, _MAIS_POR_VIR = 100, 2_000
"""Consultas in one list; and those of a profissional that are looked at, when their hours change."""


@relation(
    PacientePayload,
    description="Depois de unificar: as consultas por vir que se cruzam. Depois de um óbito: as que estavam por vir."
    " Até 100, em ordem.",
    size=lambda _: _MAIS_FUTURAS,
)
async def consultas_em_conflito(payloads: list[PacientePayload], info: Info) -> list[list[Consulta]]:
    """Give what can't be as it is booked."""
    achadas: list[list[Consulta]] = []
    for payload in payloads:
        if payload.vida:
            db = info.context.db
            que_atendem = await profissionais.dos_pacientes(db, payload.vida)
            em_conflito = await store.em_conflito(db, payload.vida, que_atendem, agora(), _MAIS_FUTURAS)
            vistas = await consultas.por_ids(db, info.context.exigir(VerConsultas), em_conflito, asked_for(info))
            achadas.append([vistas[chave] for chave in em_conflito if chave in vistas])
        elif payload.morreu and payload.paciente is not None:
            achadas.append(await _que_viriam(info, payload.paciente))
        else:
            achadas.append([])
    return achadas


@relation(
    ProfissionalPayload,
    description="Depois de mudar o expediente: as consultas por vir que ficam fora dele, até 100, em ordem.",
    size=lambda _: _MAIS_FUTURAS,
)
async def consultas_fora_do_expediente(payloads: list[ProfissionalPayload], info: Info) -> list[list[Consulta]]:
    """Give what the new hours of each profissional leave out."""
    fora: list[list[Consulta]] = []
    for payload in payloads:
        if payload.mudou_o_expediente and payload.profissional is not None:
            fora.append(await _fora(info, payload.profissional))
        else:
            fora.append([])
    return fora


async def _fora(info: Info, profissional: Profissional) -> list[Consulta]:
    marcadas = await _marcadas(info, por_vir(profissionais=(profissional.chave,)), _MAIS_POR_VIR)
    horas = [Marcada(Intervalo(uma.inicio, uma.fim), uma.unidade_chave, uma.tipo_chave) for uma in marcadas]
    semana = await agenda.semanas(info.context.db, [profissional.chave])
    estao_fora = fora_do_expediente(semana.de(profissional.chave), semana.dias, horas)
    return [consulta for consulta, fora in zip(marcadas, estao_fora, strict=True) if fora][:_MAIS_FUTURAS]


async def _que_viriam(info: Info, paciente: Paciente) -> list[Consulta]:
    vida = (await unificacoes.vidas(info.context.db, [paciente])).get(paciente.chave, (paciente.chave,))
    return await _marcadas(info, por_vir(pacientes=vida))


async def _marcadas(info: Info, filtro: Filtro, mais: int = _MAIS_FUTURAS) -> list[Consulta]:
    return await consultas.em_ordem(info.context.db, info.context.quem, filtro, mais)


@relation(
    UsuarioPayload,
    description="De quem foi desativado: as consultas marcadas, que atendia ou em que era atendido, até 100, em ordem.",
    size=lambda _: _MAIS_FUTURAS,
)
async def consultas_futuras(payloads: list[UsuarioPayload], info: Info) -> list[list[Consulta]]:
    """Give what whoever was deactivated leaves to be attended."""
    db, quem = info.context.db, info.context.quem
    achadas: list[list[Consulta]] = []
    for payload in payloads:
        if payload.usuario is None or payload.usuario.ativo:
            achadas.append([])
            continue
        que_atende = (await profissionais.dos_usuarios(db, quem, [payload.usuario.chave])).values()
        atendido = (await pacientes.dos_usuarios(db, quem, [payload.usuario.chave])).values()
        suas = [
            *(await _marcadas(info, por_vir(profissionais=tuple(um.chave for um in que_atende))) if que_atende else ()),
            *(await _marcadas(info, por_vir(pacientes=tuple(um.chave for um in atendido))) if atendido else ()),
        ]
        achadas.append(sorted(suas, key=lambda consulta: (consulta.inicio, consulta.chave))[:_MAIS_FUTURAS])
    return achadas


@relation(
    Bloqueio,
    description="As consultas marcadas que caem no bloqueio, até 100, em ordem: elas ficam, até que alguém as mude.",
    size=lambda _: _MAIS_FUTURAS,
)
async def consultas_afetadas(bloqueios: list[Bloqueio], info: Info) -> list[list[Consulta]]:
    """Give what is booked within each block: two statements, however many they are."""
    db, chaves = info.context.db, [bloqueio.chave for bloqueio in bloqueios]
    caem = await store.que_caem(db, chaves, _MAIS_FUTURAS)
    alcance = info.context.exigir(VerConsultas)
    vistas = await consultas.por_ids(db, alcance, [consulta for _, consulta in caem], asked_for(info))
    de_cada = dealt(chaves, caem, lambda par: par[0])
    return [[vistas[consulta] for _, consulta in pares if consulta in vistas] for pares in de_cada]
