"""The schema, put together from the domains: every one of them is named here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import strawberry
from strawberry import ID, argument
from strawberry.schema.config import StrawberryConfig

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda import queries as agenda_queries
from sghss_graphql.atendimento.agenda.mutations import AgendaMutation
from sghss_graphql.atendimento.agenda.types import Bloqueio, HorarioDisponivel, Turno
from sghss_graphql.atendimento.consultas import porta as consultas
from sghss_graphql.atendimento.consultas.mutations import ConsultasMutation
from sghss_graphql.atendimento.consultas.queries import ConsultasQuery
from sghss_graphql.atendimento.consultas.types import Consulta, MudancaDaConsulta
from sghss_graphql.cadastro.medicos import porta as medicos
from sghss_graphql.cadastro.medicos.mutations import MedicosMutation
from sghss_graphql.cadastro.medicos.queries import MedicosQuery
from sghss_graphql.cadastro.medicos.types import Medico
from sghss_graphql.cadastro.pacientes import porta as pacientes
from sghss_graphql.cadastro.pacientes.mutations import PacientesMutation
from sghss_graphql.cadastro.pacientes.queries import PacientesQuery
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.cadastro.usuarios.mutations import UsuariosMutation
from sghss_graphql.cadastro.usuarios.queries import UsuariosQuery
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.clinica.prontuarios import porta as prontuarios
from sghss_graphql.clinica.prontuarios.mutations import ProntuariosMutation
from sghss_graphql.clinica.prontuarios.queries import ProntuariosQuery
from sghss_graphql.clinica.prontuarios.types import Prontuario
from sghss_graphql.confianca.acesso.checagem import proteger
from sghss_graphql.confianca.auditoria.leituras import auditar
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.engine import Schema
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.node import Node
from sghss_graphql.vocabulario.scalars import SCALARS

ROOMS_WITHOUT_ROOT_FIELDS = (agenda_queries,)  # imported for the relations that they add


async def _usuario(contexto: Contexto, chave: bytes) -> Usuario | None:
    eu = await usuarios.eu(contexto.db, contexto.quem)
    return eu if eu.chave == chave else None


_POR_ID: Mapping[ids.Tipo, Callable[[Contexto, bytes], Awaitable[Any]]] = {
    ids.Tipo.USUARIO: _usuario,
    ids.Tipo.PACIENTE: lambda contexto, chave: pacientes.um(contexto.db, contexto.quem, chave),
    ids.Tipo.MEDICO: lambda contexto, chave: medicos.um(contexto.db, contexto.quem, chave),
    ids.Tipo.CONSULTA: lambda contexto, chave: consultas.uma(contexto.db, contexto.quem, chave),
    ids.Tipo.PRONTUARIO: lambda contexto, chave: prontuarios.um(contexto.db, contexto.quem, chave),
    ids.Tipo.BLOQUEIO: lambda contexto, chave: agenda.bloqueio(contexto.db, contexto.quem, chave),
}


@strawberry.type(description="O que se pode perguntar ao hospital.")
class Query(UsuariosQuery, PacientesQuery, MedicosQuery, ConsultasQuery, ProntuariosQuery):
    """All root fields that read."""

    @strawberry.field(description="Qualquer objeto pelo id; null se não existe para quem pergunta.")
    async def node(self, info: Info, id: Annotated[ID, argument(description="Id de qualquer objeto.")]) -> Node | None:
        """Give one object of any type, by the rule of its type."""
        lido = ids.separar(id)
        if lido is None:
            return None
        tipo, chave = lido
        achado: Node | None = await _POR_ID[tipo](info.context, chave)
        return achado


@strawberry.type(description="O que se pode pedir ao hospital que faça.")
class Mutation(
    UsuariosMutation,
    PacientesMutation,
    MedicosMutation,
    AgendaMutation,
    ConsultasMutation,
    ProntuariosMutation,
):
    """All root fields that write."""


_PROTEGIDOS = (
    Query,
    Mutation,
    Usuario,
    Paciente,
    Medico,
    Turno,
    Bloqueio,
    HorarioDisponivel,
    Consulta,
    MudancaDaConsulta,
    Prontuario,
)


def _create() -> Schema:
    auditar(_PROTEGIDOS)
    proteger(_PROTEGIDOS)  # Strawberry asks the last one first: what is refused isn't read
    return Schema(query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS))


schema = _create()
