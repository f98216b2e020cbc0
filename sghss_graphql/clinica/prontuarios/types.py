"""A record is one entry of a patient's history; it is never changed or deleted."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import Private, enum_value

from sghss_graphql.vocabulario.node import Node
from sghss_graphql.vocabulario.scalars import CID10


@strawberry.enum(description="De que trata um registro do prontuário.")
class TipoDeRegistro(Enum):
    """The kinds of record."""

    ANAMNESE = enum_value("ANAMNESE", description="História contada pelo paciente e exame inicial.")
    EVOLUCAO = enum_value("EVOLUCAO", description="Como o caso evolui.")
    DIAGNOSTICO = enum_value("DIAGNOSTICO", description="Conclusão diagnóstica.")
    EXAME = enum_value("EXAME", description="Pedido ou resultado de exame.")
    PRESCRICAO = enum_value("PRESCRICAO", description="Medicamentos e cuidados prescritos.")
    ATESTADO = enum_value("ATESTADO", description="Atestado ou declaração.")
    ALTA = enum_value("ALTA", description="Alta e orientações.")
    OUTRO = enum_value("OUTRO", description="Outro registro.")


@strawberry.type(
    description="Um registro do prontuário de um paciente. Nunca é alterado nem apagado: uma correção é um"
    " registro novo que nomeia o antigo."
)
class Prontuario(Node):
    """One record, with its place in the patient's history and its hashes (``regras``)."""

    prefixo = "pro"
    paciente_chave: Private[bytes]
    profissional_chave: Private[bytes]
    consulta_chave: Private[bytes | None]
    retifica_chave: Private[bytes | None]
    numero: int = strawberry.field(description="A posição na história do paciente, a partir de 1.")
    tipo: TipoDeRegistro = strawberry.field(description="De que trata.")
    texto: str = strawberry.field(description="O registro, como o profissional o escreveu.")
    cid10: list[CID10] = strawberry.field(description="Os códigos da CID-10 que se aplicam.")
    registro_do_autor: str = strawberry.field(
        description="O registro do autor no conselho, no momento em que escreveu, como CRM 123456/SP."
    )
    justificativa: str | None = strawberry.field(description="Por que retifica outro registro.")
    criado_em: datetime = strawberry.field(description="Quando foi escrito.")
    hash_anterior: str = strawberry.field(
        description="SHA-256, em hexadecimal, do registro anterior do paciente; zeros no primeiro."
    )
    hash: str = strawberry.field(description="SHA-256, em hexadecimal, deste registro na sua forma canônica.")
