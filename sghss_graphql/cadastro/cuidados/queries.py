"""Emergencies and shared care: of a paciente, and all of them for administrators."""

from datetime import datetime

import strawberry

from sghss_graphql.cadastro.cuidados import store
from sghss_graphql.cadastro.cuidados.types import AcessoDeEmergencia, CuidadoCompartilhado
from sghss_graphql.cadastro.pacientes import porta as pacientes_porta
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.profissionais import porta as profissionais_porta
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.usuarios import porta as usuarios_porta
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso.tabela import VerCuidados
from sghss_graphql.context import Info
from sghss_graphql.machinery.engine import After, Connection, Count, First, asked_for, dealt, page_of, relation


@strawberry.type
class CuidadosQuery:
    """The part of Query that is about care."""

    @strawberry.field(
        description="Os acessos de emergência que quem pergunta pode ver, dos mais novos para os mais antigos:"
        " administradores, todos."
    )
    async def acessos_de_emergencia(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[AcessoDeEmergencia] | None:
        """List emergencies."""
        db, alcance = info.context.db, info.context.exigir(VerCuidados)
        pagina = page_of("emergencias", (datetime, bytes), info.context.selo, first=first, after=after)
        achados = await store.ultimos_acessos(db, alcance, pagina)
        info.context.contou("acessosDeEmergencia")
        return pagina.connection(
            achados, lambda um: (um.inicio, um.chave), Count.of_one(lambda: store.contar_acessos(db, alcance))
        )


@relation(
    Paciente,
    description="Os acessos de emergência a este paciente que quem pergunta pode ver, os 10 mais novos.",
    name="acessosDeEmergencia",
    size=lambda _: 10,
)
async def acessos_do_paciente(pacientes: list[Paciente], info: Info) -> list[list[AcessoDeEmergencia] | None]:
    """Give each paciente's emergencies."""
    chaves = [paciente.chave for paciente in pacientes]
    achados = await store.acessos_dos_pacientes(info.context.db, info.context.exigir(VerCuidados), chaves)
    return list(dealt(chaves, achados, lambda um: um.paciente_chave))


@relation(
    Paciente,
    description="Com quem o cuidado deste paciente foi compartilhado, do que quem pergunta pode ver; os 10 mais novos.",
    name="cuidadosCompartilhados",
    size=lambda _: 10,
)
async def partilhas_do_paciente(pacientes: list[Paciente], info: Info) -> list[list[CuidadoCompartilhado] | None]:
    """Give with whom each paciente's care is shared."""
    chaves = [paciente.chave for paciente in pacientes]
    achados = await store.partilhas_dos_pacientes(info.context.db, info.context.exigir(VerCuidados), chaves)
    return list(dealt(chaves, achados, lambda um: um.paciente_chave))


@relation(AcessoDeEmergencia, description="A quem se teve acesso.", name="paciente")
async def paciente_do_acesso(acessos: list[AcessoDeEmergencia], info: Info) -> list[Paciente]:
    """Give each emergency's paciente: whoever sees an emergency sees its paciente."""
    return await pacientes_porta.dos_vistos(info.context.db, info.context.quem, acessos, asked_for(info))


@relation(AcessoDeEmergencia, description="Quem teve acesso.", name="profissional")
async def profissional_do_acesso(acessos: list[AcessoDeEmergencia], info: Info) -> list[Profissional]:
    """Give each emergency's holder."""
    chaves = [acesso.profissional_chave for acesso in acessos]
    return await profissionais_porta.de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(CuidadoCompartilhado, description="De quem se cuida.", name="paciente")
async def paciente_do_cuidado(cuidados: list[CuidadoCompartilhado], info: Info) -> list[Paciente]:
    """Give each shared care's paciente: whoever sees it sees them."""
    return await pacientes_porta.dos_vistos(info.context.db, info.context.quem, cuidados, asked_for(info))


@relation(CuidadoCompartilhado, description="Com quem foi compartilhado.")
async def com(cuidados: list[CuidadoCompartilhado], info: Info) -> list[Profissional]:
    """Give with whom each is shared."""
    chaves = [cuidado.profissional_chave for cuidado in cuidados]
    return await profissionais_porta.de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(
    CuidadoCompartilhado,
    description="Quem compartilhou; null para quem não é administrador nem ele mesmo, que vê o nome em nomeDeQuem.",
    name="por",
)
async def por_quem(cuidados: list[CuidadoCompartilhado], info: Info) -> list[Usuario | None]:
    """Give who shared each, to those who may see their CPF and contact."""
    chaves = [cuidado.por_chave for cuidado in cuidados]
    return await usuarios_porta.de_cada(info.context.db, info.context.quem, chaves)


@relation(CuidadoCompartilhado, description="O nome de quem compartilhou.")
async def nome_de_quem(cuidados: list[CuidadoCompartilhado], info: Info) -> list[str]:
    """Give the name of who shared each."""
    nomes = await usuarios_porta.nomes(info.context.db, [cuidado.por_chave for cuidado in cuidados])
    return [nomes[cuidado.por_chave] for cuidado in cuidados]
