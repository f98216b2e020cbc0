"""A one-time code, as it is handed over once; and that it was, without the code."""

from datetime import datetime

import strawberry
from strawberry import Private


@strawberry.type(description="Um código que a recepção entrega à pessoa, que define a senha com ele.")
class CodigoDeAcesso:
    """Shown once; only its hash is kept."""

    codigo: str = strawberry.field(description="O código, mostrado só desta vez.")
    expira_em: datetime = strawberry.field(description="Até quando ele pode ser usado.")


@strawberry.type(description="Um código de acesso que se emitiu, sem o código.")
class CodigoEmitido:
    """By whom, for whom, and from where it was used."""

    emitido_em: datetime = strawberry.field(description="Quando foi emitido.")
    expira_em: datetime = strawberry.field(description="Até quando podia ser usado.")
    usado_em: datetime | None = strawberry.field(description="Quando foi usado; null se não foi.")
    usado_de: str | None = strawberry.field(description="O endereço IP de onde foi usado.")
    chave: Private[bytes]
    para_chave: Private[bytes]
    por_chave: Private[bytes | None]
