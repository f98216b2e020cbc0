"""What becomes of a code by itself."""

from sghss_graphql.vocabulario.atos import Ato, Nomeia


class Atos(Ato):
    """Besides its being handed out and used, which are mutations."""

    CODIGO_ANULADO = "Errou um código cinco vezes, e ele deixou de valer.", Nomeia.ALVO
    CODIGO_VENCIDO = "Um código passou da validade sem ser usado.", Nomeia.ALVO
