"""A room says all that it brings to the hospital in one value, ``SALA``; what must hold for all is read from it.

The schema, the checks of permission, the eyes of the trail, the grants, the house rules and the generated pages read
the rooms, so that a new one touches no shared file but the list in ``schema.py``.
"""

import itertools
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args, get_origin

from strawberry.schema.name_converter import NameConverter
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.machinery.engine import Relation
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.acoes import Acao
from sghss_graphql.vocabulario.atos import Ato, Leitura
from sghss_graphql.vocabulario.errors import CodigoDeErro, SghssError
from sghss_graphql.vocabulario.node import Node

Campos = Mapping[type[Acao], str]
"""Names of fields, separated by spaces, by the action that each asks for."""
T = TypeVar("T")
_NOMES = NameConverter()
_DE_UMA_PAGINA = {"Connection": "edges pageInfo totalCount", "Edge": "cursor node"}


class CasaMalFeita(SghssError):
    """What the rooms say doesn't fit together; the text names the places. The server doesn't start with it."""


@dataclass(frozen=True, slots=True)
class Mostra:
    """Whose data an object holds (``de_quem`` gives their key), what reading it is called, and the fields that show it.

    Its id and its type's name show it too. ``registro`` gives the key of the registro of a prontuário that it is.
    """

    ato: Leitura
    de_quem: Callable[[Any], bytes]
    campos: str
    registro: Callable[[Any], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Tipo:
    """A type of the schema: the action that its objects ask for, and each of its own fields.

    Whoever holds an object was allowed to: a field that asks for the same action is checked no more.
    """

    classe: type
    objetos: type[Acao]
    campos: Campos
    mostra: Mostra | None = None


@dataclass(frozen=True, slots=True)
class Ligacao:
    """A relation, the action that it asks for, and the act of reading it, if it shows data of its parent's person."""

    relacao: Relation
    acao: type[Acao]
    ato: Leitura | None = None


@dataclass(frozen=True, slots=True)
class No:
    """A type with ids, and how an object is looked up by its key for whoever asks: None if they may not see it."""

    classe: type[Node]
    achar: Callable[[Any, bytes], Awaitable[Node | None]]

    def __post_init__(self) -> None:
        if not ids.PREFIXO.fullmatch(self.classe.prefixo):
            raise CasaMalFeita(f"o prefixo de {self.classe.__name__} são três letras minúsculas")


@dataclass(frozen=True, slots=True)
class Raiz:
    """A room's part of Query or Mutation, and what its fields ask for."""

    classe: type
    campos: Campos


@dataclass(frozen=True, slots=True)
class Tarefa:
    """What a room does by itself, again and again, with so many seconds between; one process does it at a time."""

    nome: str
    segundos: float
    faz: Callable[[Database], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sala:
    """What a room brings. ``nome`` is its folder, below the package.

    ``paginas`` are the types that are listed in connections, by the action that a page of them asks for. ``tabelas``
    are those that the room owns (views too), each with the rights that SQL needs on it; ``emprestadas`` those of
    others that its store names, each with the reason. ``migracao`` is the last migration that the room can't do
    without: what came after it is used where it is there.
    """

    nome: str
    migracao: int = 0
    query: Raiz | None = None
    mutation: Raiz | None = None
    tipos: tuple[Tipo, ...] = ()
    ligacoes: tuple[Ligacao, ...] = ()
    paginas: Mapping[type, type[Acao]] = field(default_factory=dict)
    nos: tuple[No, ...] = ()
    codigos: type[CodigoDeErro] | None = None
    atos: tuple[type[Ato], ...] = ()
    tabelas: Mapping[str, str] = field(default_factory=dict)
    emprestadas: Mapping[str, str] = field(default_factory=dict)
    tarefas: tuple[Tarefa, ...] = ()
    termina: tuple[Callable[[Transaction], None], ...] = ()
    """What writes an end to all that doesn't live on in a database that was put back from a copy."""
    aquece: tuple[Callable[[], object], ...] = ()
    """What takes long the first time, and is therefore done before anybody is served."""


@dataclass(frozen=True, slots=True)
class Campo:
    """What is said of a field, and by which room: the action that it asks for, and the eye on it, if there is one.

    ``confere`` is whether the action is checked at the field: whoever holds the object may have been checked for it.
    """

    sala: str
    acao: type[Acao]
    confere: bool = False
    ato: Leitura | None = None
    de_quem: Callable[[Any], bytes] | None = None


class Casa:
    """All rooms together; ``livres`` are the actions that need nobody.

    Raises:
        CasaMalFeita: something is said twice.
    """

    def __init__(self, salas: Iterable[Sala], livres: Collection[type[Acao]] = ()) -> None:
        self.salas = tuple(salas)
        self._livres = livres
        self.tipos = self._unicos("o tipo", lambda sala: ((_nome(tipo.classe), tipo) for tipo in sala.tipos))
        self.nos = self._unicos("o prefixo", lambda sala: ((no.classe.prefixo, no) for no in sala.nos))
        self.atos = self._unicos("o ato", lambda sala: ((ato.name, ato) for atos in sala.atos for ato in atos))
        self.tabelas = self._unicos("a tabela", lambda sala: sala.tabelas.items())
        self.campos = self._unicos(
            "a regra do campo", lambda sala: itertools.chain(self._campos(sala), self._campos_de_ninguem(sala))
        )
        """What is said of each field, as ``Tipo.campo``."""
        codigos = self._unicos("o código", lambda sala: ((codigo.name, codigo) for codigo in sala.codigos or ()))
        self._unicos("o número de código", lambda sala: ((str(c.numero), c) for c in sala.codigos or ()))
        self.codigos = sorted(codigos.values(), key=lambda codigo: codigo.numero)
        """In the order of their numbers, in which the schema prints them."""

    @property
    def relacoes(self) -> list[Relation]:
        """All relations, in the order of their rooms' names: the list of rooms may be in any."""
        por_nome = sorted(self.salas, key=lambda sala: sala.nome)
        return [ligacao.relacao for sala in por_nome for ligacao in sala.ligacoes]

    def _unicos(self, o_que: str, ditos: Callable[[Sala], Iterable[tuple[str, T]]]) -> dict[str, T]:
        """Put together what each room says, by name.

        Raises:
            CasaMalFeita: two rooms say the same, or one of them twice.
        """
        de_quem: dict[str, str] = {}
        juntos: dict[str, T] = {}
        for sala in self.salas:
            for nome, dito in ditos(sala):
                if nome in juntos:
                    raise CasaMalFeita(f"{o_que} {nome} é dito duas vezes: em {de_quem[nome]} e em {sala.nome}")
                de_quem[nome], juntos[nome] = sala.nome, dito
        return juntos

    def _campos(self, sala: Sala) -> Iterator[tuple[str, Campo]]:
        """Give what a room says of the fields of types."""
        for tipo in sala.tipos:
            nome, mostra = _nome(tipo.classe), tipo.mostra
            mostrados = dict.fromkeys(mostra.campos.split(), mostra.ato) if mostra else {}
            for campo, acao in _por_campo(tipo.campos):
                yield f"{nome}.{campo}", self._campo(sala, tipo, acao, mostrados.pop(campo, None))
            for campo in mostrados:
                raise CasaMalFeita(f"{nome}.{campo} é mostrado, e não tem regra: em {sala.nome}")
        for ligacao in sala.ligacoes:
            pai, campo = ligacao.relacao.parent, nome_do_campo(ligacao.relacao.field)
            if (pagina := get_origin(pai)) is not None:  # of a list, by whoever may see one
                (de_que,) = get_args(pai)
                confere = ligacao.acao not in (sala.paginas.get(de_que), *self._livres)
                yield f"{_nome(de_que)}{_nome(pagina)}.{campo}", Campo(sala.nome, ligacao.acao, confere)
                continue
            nome = _nome(pai)
            if nome not in self.tipos:
                raise CasaMalFeita(f"{nome} ganha uma relação em {sala.nome}, e nenhuma sala diz a regra deste tipo")
            yield f"{nome}.{campo}", self._campo(sala, self.tipos[nome], ligacao.acao, ligacao.ato)

    def _campos_de_ninguem(self, sala: Sala) -> Iterator[tuple[str, Campo]]:
        """Give what a room says of root fields and of pages: no object stands behind them."""
        for nome, raiz in (("Query", sala.query), ("Mutation", sala.mutation)):
            for campo, acao in _por_campo(raiz.campos) if raiz else ():
                yield f"{nome}.{campo}", Campo(sala.nome, acao, acao not in self._livres)
        for classe, acao in sala.paginas.items():
            for parte, campos in _DE_UMA_PAGINA.items():
                for campo in campos.split():
                    yield f"{_nome(classe)}{parte}.{campo}", Campo(sala.nome, acao)

    def _campo(self, sala: Sala, tipo: Tipo, acao: type[Acao], ato: Leitura | None) -> Campo:
        """Make what is said of a field of a type: an eye on it sees whom the type's objects are about."""
        confere = acao not in (tipo.objetos, *self._livres)
        return Campo(sala.nome, acao, confere, ato, tipo.mostra.de_quem if tipo.mostra and ato else None)


def nome_do_campo(campo: StrawberryField) -> str:
    """Give a field's name in the schema."""
    return _NOMES.get_graphql_name(campo)


def _nome(classe: type) -> str:
    return get_object_definition(classe, strict=True).name


def _por_campo(ditos: Mapping[T, str]) -> Iterator[tuple[str, T]]:
    return ((campo, dito) for dito, campos in ditos.items() for campo in campos.split())
