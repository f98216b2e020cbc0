"""The list of rooms, and the schema that they make when it is asked for."""

from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache
from typing import Annotated

import strawberry
from graphql import is_object_type
from strawberry import ID, argument, enum_value
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from sghss_graphql.atendimento.agenda.sala import SALA as AGENDA
from sghss_graphql.atendimento.andamento.sala import SALA as ANDAMENTO
from sghss_graphql.atendimento.consultas.sala import SALA as CONSULTAS
from sghss_graphql.atendimento.contingencia.sala import SALA as CONTINGENCIA
from sghss_graphql.atendimento.dia.sala import SALA as DIA
from sghss_graphql.atendimento.horarios.sala import SALA as HORARIOS
from sghss_graphql.atendimento.pendencias.sala import SALA as PENDENCIAS
from sghss_graphql.cadastro.codigos.sala import SALA as CODIGOS
from sghss_graphql.cadastro.cuidados.sala import SALA as CUIDADOS
from sghss_graphql.cadastro.pacientes.sala import SALA as PACIENTES
from sghss_graphql.cadastro.pessoas.sala import SALA as PESSOAS
from sghss_graphql.cadastro.profissionais.sala import SALA as PROFISSIONAIS
from sghss_graphql.cadastro.servidor.sala import SALA as SERVIDOR
from sghss_graphql.cadastro.unidades.sala import SALA as UNIDADES
from sghss_graphql.cadastro.unificacoes.sala import SALA as UNIFICACOES
from sghss_graphql.cadastro.usuarios.sala import SALA as USUARIOS
from sghss_graphql.clinica.prontuarios.sala import SALA as PRONTUARIOS
from sghss_graphql.confianca.acesso.checagem import Regra
from sghss_graphql.confianca.acesso.sala import SALA as ACESSO
from sghss_graphql.confianca.acesso.tabela import Perguntar, Publica
from sghss_graphql.confianca.auditoria.leituras import Aparece, NaPagina, Olho, Visto
from sghss_graphql.confianca.auditoria.sala import SALA as AUDITORIA
from sghss_graphql.confianca.repeticoes.sala import SALA as REPETICOES
from sghss_graphql.confianca.tarefas.sala import SALA as TAREFAS
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.engine import PageInfo, Schema
from sghss_graphql.sala import Casa, CasaMalFeita, No, Raiz, Sala, Tipo, nome_do_campo
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos, ErroDeUsuario
from sghss_graphql.vocabulario.node import Node, innermost
from sghss_graphql.vocabulario.scalars import SCALARS

ANDARES = (
    (PRONTUARIOS,),
    (ANDAMENTO, DIA, PENDENCIAS, CONTINGENCIA),
    (CONSULTAS,),
    (HORARIOS,),
    (AGENDA,),
    (UNIFICACOES,),
    (CUIDADOS,),
    (PACIENTES, PROFISSIONAIS, UNIDADES),
    (USUARIOS,),
    (SERVIDOR, PESSOAS, CODIGOS),
    (REPETICOES, TAREFAS),
    (ACESSO, AUDITORIA),
)
"""Every room, a storey a line, the highest first: a room rests on the storeys below its own, never on a neighbour."""
SALAS = tuple(sala for andar in reversed(ANDARES) for sala in andar)
"""Every room, in the order in which the schema prints what they bring."""

_DO_QUE_TRATA = """\
A API de um hospital: pessoas, agenda, consultas e prontuários.

Quem entra (login) recebe um token de uma hora, e o envia em cada pedido: Authorization: Bearer …

O que não se pode ver não existe: um objeto vem null, e uma lista vem sem ele. O que um pedido tem de errado vem em \
erros, com codigo, mensagem e campo, e então nada é gravado. Um id é opaco, e qualquer objeto se pede por ele (node). \
As listas vêm em páginas (first e after). Datas com hora vêm em UTC."""
_RAIZES = {"Query": "O que se pode perguntar ao hospital.", "Mutation": "O que se pode pedir ao hospital que faça."}
_NAMES = NameConverter()
_CODIGOS = "Por que um pedido foi recusado, quando quem pediu pode corrigi-lo."


@cache
def casa() -> Casa:
    """Give the rooms of this hospital, put together."""
    return Casa([*SALAS, _entrada(SALAS)], livres=(Publica,))


async def achar(contexto: Contexto, id: str) -> Node | None:
    """Give any object by its id, by the rule of its type; None if it doesn't exist for whoever asks."""
    return await _achar(casa().nos, contexto, id)


async def _achar(nos: Mapping[str, No], contexto: Contexto, id: str) -> Node | None:
    prefixo, chave = ids.separar(id) or ("", b"")
    no = nos.get(prefixo)
    return await no.achar(contexto, chave) if no else None


def create_schema(rooms: Iterable[Sala] = SALAS) -> Schema:
    """Make the schema of some rooms; nothing of their classes is changed.

    Raises:
        CasaMalFeita: a field has no rule, a node no look-up, or something is said twice or of nothing.
    """
    rooms = tuple(rooms)
    entrance = _entrada(rooms)
    house = Casa([*rooms, entrance], livres=(Publica,))
    finishing = _Finishing(house)
    queries = [room.query.classe for room in (*rooms, entrance) if room.query]
    mutations = [room.mutation.classe for room in rooms if room.mutation]
    schema = Schema(
        _root("Query", queries),
        mutation=_root("Mutation", mutations) if mutations else None,
        relations=house.relacoes,
        prepare=finishing.finish,
        description=_DO_QUE_TRATA,
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    finishing.require_that_nothing_is_left(schema)
    return schema


def _root(name: str, parts: list[type]) -> type:
    return strawberry.type(type(name, tuple(parts), {}), description=_RAIZES[name])


def _entrada(rooms: Iterable[Sala]) -> Sala:
    """Make what belongs to no room: the way in by an id, pages and errors."""
    looked_up = {node.classe.prefixo: node for room in rooms for node in room.nos}

    @strawberry.type
    class Entrada:
        """The part of Query that is about everything."""

        @strawberry.field(description="Qualquer objeto pelo id; null se não existe para quem pergunta.")
        async def node(
            self, info: Info, id: Annotated[ID, argument(description="Id de qualquer objeto.")]
        ) -> Node | None:
            """Give one object of any type, by the rule of its type."""
            return await _achar(looked_up, info.context, id)

    return Sala(
        nome="schema",
        query=Raiz(Entrada, {Perguntar: "node"}),
        tipos=(
            Tipo(PageInfo, Perguntar, {Perguntar: "hasNextPage hasPreviousPage startCursor endCursor"}),
            Tipo(ErroDeUsuario, Publica, {Publica: "codigo mensagem campo tentarDeNovoEm"}),
        ),
        codigos=Codigos,
        tabelas={"migracao": "SELECT"},
    )


def _leads_to(definition: StrawberryObjectDefinition, field: StrawberryField) -> type | None:
    """Give the class of the objects that a field leads to, through whatever lists."""
    return innermost(field.resolve_type(type_definition=definition))


class _Finishing:
    """Puts on each field of a schema what the rooms say of it: its check, the eye on it, the codes of error."""

    def __init__(self, house: Casa) -> None:
        self._house = house
        self._vistos = {
            tipo.classe: Visto(tipo.mostra.ato, tipo.mostra.de_quem, tipo.mostra.registro)
            for tipo in house.tipos.values()
            if tipo.mostra is not None
        }
        self._seen: set[str] = set()
        self._missing: dict[str, str] = {}
        """Fields without a rule, and the module of each one's type."""
        codes = {code.name: enum_value(code.name, description=code.descricao) for code in house.codigos}
        enum = Enum("CodigoDeErro", codes)  # type: ignore[misc]  # the rooms' names
        self._codes = strawberry.enum(enum, description=_CODIGOS)

    def finish(self, definition: StrawberryObjectDefinition, field: StrawberryField) -> None:
        """Finish a field. What is refused isn't read: Strawberry asks the last extension first."""
        if definition.is_input or definition.is_interface:
            return
        place = f"{_NAMES.from_type(definition)}.{nome_do_campo(field)}"
        said = self._house.campos.get(place)
        if said is None:
            self._missing[place] = definition.origin.__module__
            return
        self._seen.add(place)
        if said.ato is not None and said.de_quem is not None:
            field.extensions.append(Olho(Visto(said.ato, said.de_quem)))
        leads_to = _leads_to(definition, field)
        if leads_to is Node or leads_to in self._vistos:
            field.extensions.append(Aparece(self._vistos))
        if place.endswith(("Connection.pageInfo", "Connection.edges")):
            field.extensions.append(NaPagina(self._vistos, lambda page: page.nodes))
        if place.endswith("Edge.cursor"):
            field.extensions.append(NaPagina(self._vistos, lambda edge: (edge.node,)))
        if said.confere:
            field.extensions.append(Regra(said.acao))
        if place == "ErroDeUsuario.codigo":
            field.type = self._codes

    def require_that_nothing_is_left(self, schema: Schema) -> None:
        """Check that every field has a rule, every rule a field, and every node a look-up.

        Raises:
            CasaMalFeita: it isn't.
        """
        if self._missing:
            missing = ", ".join(f"{place} (o tipo é de {module})" for place, module in self._missing.items())
            raise CasaMalFeita(f"campos sem regra: {missing}; diga-a na sala.py de quem traz o campo")
        if left := sorted(self._house.campos.keys() - self._seen):
            who = {self._house.campos[place].sala for place in left}
            raise CasaMalFeita(f"regras de campos que não existem: {', '.join(left)} (em {', '.join(sorted(who))})")
        nodes = {no.classe for no in self._house.nos.values()}
        for type_ in schema.core.type_map.values():
            definition = type_.extensions.get("strawberry-definition")
            class_ = getattr(definition, "origin", object)
            if is_object_type(type_) and issubclass(class_, Node) and class_ not in nodes:
                raise CasaMalFeita(
                    f"{type_.name} ({class_.__module__}) tem id, e nenhuma sala diz como achá-lo: falta um No"
                )
