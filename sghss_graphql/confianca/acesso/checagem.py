"""A check gives a type that nothing else makes, so that forgetting it is a type error.

A store that reads personal data takes an ``Alcance``: the proof that the caller's roles allow the action, and
the keys that bound whose data it reaches. Its SQL compares them; a key that doesn't apply is NULL and matches nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from strawberry.schema.name_converter import NameConverter
from strawberry.types import get_object_definition

from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import CAMPOS, QUEM_PODE, Acao, Escopo
from sghss_graphql.machinery.engine import Check
from sghss_graphql.vocabulario.errors import NaoAutenticado, Proibido, SghssError

_NOMES = NameConverter()
_TROQUE = "Troque a senha (mutation trocarSenha) antes de qualquer outra operação."


@dataclass(frozen=True, slots=True)
class Alcance:
    """Whose data an action reaches: everyone's, the paciente's own, those of the médico. Made by ``exigir``."""

    quem: Quem
    todos: bool
    paciente: bytes | None
    medico: bytes | None

    @property
    def parametros(self) -> dict[str, Any]:
        """The three parameters that a store's condition compares."""
        return {"todos": self.todos, "eu_paciente": self.paciente, "eu_medico": self.medico}

    def inclui(self, *, paciente: bytes | None = None, medico: bytes | None = None) -> bool:
        """Tell whether a row of this paciente and this médico is reached by ownership alone."""
        return (
            self.todos
            or (paciente is not None and paciente == self.paciente)
            or (medico is not None and medico == self.medico)
        )


@lru_cache(maxsize=10_000)
def exigir(quem: Quem | None, acao: Acao) -> Alcance:
    """Check that the roles of whoever asks allow an action, and give whose data it reaches.

    Raises:
        NaoAutenticado: nobody is asking.
        Proibido: no role of theirs allows it, or their password must be changed first.
    """
    if quem is None:
        raise NaoAutenticado
    if quem.troca_de_senha_obrigatoria and acao is not Acao.SI_MESMO:
        raise Proibido(_TROQUE)
    escopos = {papel: escopo for papel, escopo in QUEM_PODE[acao].items() if papel in quem.papeis}
    if not escopos:
        raise Proibido
    return Alcance(
        quem=quem,
        todos=Escopo.TODOS in escopos.values(),
        paciente=quem.paciente if Papel.PACIENTE in escopos else None,
        medico=quem.medico if Papel.MEDICO in escopos else None,
    )


def pode(quem: Quem | None, acao: Acao) -> bool:
    """Tell whether the roles of whoever asks allow an action."""
    try:
        exigir(quem, acao)
    except (NaoAutenticado, Proibido):
        return False
    return True


class CampoSemRegra(SghssError):
    """A field of the schema has no rule in the permission table."""


class Regra(Check):
    """The check of one field, before its resolver: the caller's roles must allow its action."""

    def __init__(self, acao: Acao) -> None:
        self.acao = acao

    def check(self, context: Any) -> None:
        """Check."""
        exigir(context.quem, self.acao)


def proteger(tipos: Iterable[type]) -> None:
    """Put the table's rules on the fields of Strawberry types, once, before the schema is made.

    A field whose rule is that of its type's objects needs no check: whoever holds the object passed it.

    Raises:
        CampoSemRegra: a field isn't in the table; the server doesn't start with it.
    """
    for tipo in tipos:
        definicao = get_object_definition(tipo, strict=True)
        regras = CAMPOS.get(definicao.name, {})
        raiz = definicao.name in ("Query", "Mutation")
        do_objeto = None if raiz else next(iter(regras), None)
        acoes = {nome: acao for acao, nomes in regras.items() for nome in nomes.split()}
        for campo in definicao.fields:
            nome = _NOMES.get_graphql_name(campo)
            acao = acoes.get(nome)
            if acao is None:
                raise CampoSemRegra(f"{definicao.name}.{nome}")
            if acao not in (do_objeto, Acao.PUBLICA):
                campo.extensions.append(Regra(acao))
