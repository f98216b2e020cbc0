"""A check gives a type that nothing else makes, so that forgetting it is a type error.

A store that reads personal data takes an ``Alcance`` of the action that it serves: the proof that the caller's roles
allow it, and the keys that bound whose data it reaches. Its SQL compares them; a key that doesn't apply is NULL and
matches nothing. A proof of another action is of another type.
"""

from dataclasses import InitVar, dataclass
from typing import Any, Generic, TypeVar, final

from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import QUEM_PODE, SEM_VERIFICAR, Escopo, SiMesmo
from sghss_graphql.machinery.engine import Check
from sghss_graphql.vocabulario.acoes import Acao
from sghss_graphql.vocabulario.errors import NaoAutenticado, Proibido
from sghss_graphql.vocabulario.tempo import neste_segundo

A = TypeVar("A", bound=Acao)
_TROQUE = "Troque a senha (mutation trocarSenha) antes de qualquer outra operação."


IDENTIFIQUE_SE = (
    "Falta verificar a sua identidade: peça na recepção um código, com um documento, e defina a senha com ele."
)


class _Selo:
    """What only this module has: without it no proof is made."""


_SELO = _Selo()


@final
@dataclass(frozen=True, slots=True)
class Alcance(Generic[A]):
    """Whose data action ``A`` reaches: everyone's, the paciente's own, the profissional's. Made by ``exigir``."""

    selo: InitVar[_Selo]
    quem: Quem
    todos: bool
    paciente: bytes | None
    profissional: bytes | None

    def __post_init__(self, selo: _Selo) -> None:
        if selo is not _SELO:
            raise TypeError("a proof is made by acesso.checagem.exigir, and by nothing else")

    @property
    def pacientes(self) -> tuple[bytes, ...]:
        """The paciente's own registrations: several that turned out to be of one person are all theirs."""
        return () if self.paciente is None else self.quem.seus

    @property
    def so_o_proprio(self) -> bool:
        """Whether nobody else is reached: the caller asks as a paciente alone."""
        return not self.todos and self.profissional is None

    @property
    def parametros(self) -> dict[str, Any]:
        """The parameters that a store's condition compares.

        Care that ends by the clock ends within the second, which those who ask at once share.
        """
        return {
            "todos": self.todos,
            "eu_paciente": self.pacientes,
            "eu_profissional": self.profissional,
            "agora": neste_segundo(),
        }

    def inclui(self, *, paciente: bytes | None = None, profissional: bytes | None = None) -> bool:
        """Tell whether a row of this paciente and this profissional is reached by ownership alone."""
        return (
            self.todos
            or (paciente is not None and paciente in self.pacientes)
            or (profissional is not None and profissional == self.profissional)
        )


def exigir(quem: Quem | None, acao: type[A]) -> Alcance[A]:
    """Check that the roles of whoever asks allow an action, and give whose data it reaches.

    Raises:
        NaoAutenticado: nobody is asking.
        Proibido: no role of theirs allows it, their password must be changed first, or they be verified.
    """
    if quem is None:
        raise NaoAutenticado
    alcance: Alcance[A] | None = quem.alcances.get(acao)
    if alcance is None:
        alcance = quem.alcances[acao] = _alcance(quem, acao)
    return alcance


def _alcance(quem: Quem, acao: type[Acao]) -> Alcance[Any]:
    if quem.troca_de_senha_obrigatoria and acao is not SiMesmo:
        raise Proibido(_TROQUE)
    if not quem.verificada and acao not in SEM_VERIFICAR:
        raise Proibido(IDENTIFIQUE_SE)
    escopos = {papel: escopo for papel, escopo in QUEM_PODE[acao].items() if papel in quem.papeis}
    if not escopos:
        raise Proibido
    return Alcance(
        _SELO,
        quem=quem,
        todos=Escopo.TODOS in escopos.values(),
        paciente=quem.paciente if Papel.PACIENTE in escopos else None,
        profissional=quem.profissional if Papel.PROFISSIONAL in escopos else None,
    )


def pode(quem: Quem | None, acao: type[Acao]) -> bool:
    """Tell whether the roles of whoever asks allow an action."""
    try:
        exigir(quem, acao)
    except (NaoAutenticado, Proibido):
        return False
    return True


class Regra(Check):
    """The check of one field, before its resolver: the caller's roles must allow its action."""

    def __init__(self, acao: type[Acao]) -> None:
        self.acao = acao

    def check(self, context: Any) -> None:
        """Check."""
        exigir(context.quem, self.acao)
