"""What can be asked of the hospital, as a word: ``confianca/acesso/tabela.py`` has every action and who may take it."""

from typing import ClassVar


class Acao:
    """An action. Each is a class of its own, so that a type can name it: ``Alcance[VerPacientes]`` is its proof.

    ``faz`` says in Portuguese what it is to take it.
    """

    faz: ClassVar[str]

    def __init_subclass__(cls, faz: str) -> None:
        cls.faz = faz
