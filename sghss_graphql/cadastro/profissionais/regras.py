"""A profissional has one to ten specialities, each once."""

from sghss_graphql.vocabulario.atos import Ato, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro


class Codigos(CodigoDeErro):
    """Of profissionais."""

    CRM_JA_CADASTRADO = 5, "Já existe um profissional com este CRM."


class Atos(Ato):
    """What becomes of a registration."""

    CADASTRAR_PROFISSIONAL = "Cadastrou um profissional.", Nomeia.ALVO
