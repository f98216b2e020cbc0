"""A pessoa has names, a birth date, contacts, documents, an address, and a CPF or none yet."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import enum_value

from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.uf import UF


@strawberry.enum(description="Raça ou cor, como a pessoa se declara (IBGE; Portaria GM/MS 344/2017).")
class RacaCor(Enum):
    """IBGE's five, and not asked."""

    BRANCA = enum_value("BRANCA", description="Branca.")
    PRETA = enum_value("PRETA", description="Preta.")
    PARDA = enum_value("PARDA", description="Parda.")
    AMARELA = enum_value("AMARELA", description="Amarela: de origem asiática.")
    INDIGENA = enum_value("INDIGENA", description="Indígena.")
    NAO_INFORMADA = enum_value("NAO_INFORMADA", description="Não informada.")


@strawberry.enum(description="O tipo de um documento de identificação.")
class TipoDeDocumento(Enum):
    """What people show at the desk besides the CPF."""

    RG = enum_value("RG", description="Carteira de identidade, do estado que a emitiu.")
    CNH = enum_value("CNH", description="Carteira Nacional de Habilitação: 11 dígitos, com verificadores conferidos.")
    PASSAPORTE = enum_value("PASSAPORTE", description="Passaporte: de 5 a 15 letras e dígitos.")
    RNM = enum_value("RNM", description="Registro Nacional Migratório (antes RNE), como V123456-7.")
    CERTIDAO_DE_NASCIMENTO = enum_value(
        "CERTIDAO_DE_NASCIMENTO",
        description="Certidão de nascimento: a matrícula de 32 dígitos, conferida; ou livro, folha e termo.",
    )
    DNV = enum_value("DNV", description="Declaração de Nascido Vivo, do recém-nascido: 11 dígitos.")
    OUTRO = enum_value("OUTRO", description="Outro: de 1 a 40 caracteres.")


@strawberry.type(description="Onde uma pessoa mora, ou fica uma unidade.")
class Endereco:
    """As the desk has it; any part may be missing."""

    cep: str | None = strawberry.field(default=None, description="CEP: 8 dígitos.")
    logradouro: str | None = strawberry.field(default=None, description="Rua, avenida ou outro, com o nome.")
    numero: str | None = strawberry.field(default=None, description="O número, ou S/N.")
    complemento: str | None = strawberry.field(default=None, description="Apartamento, bloco, fundos.")
    bairro: str | None = strawberry.field(default=None, description="Bairro.")
    municipio: str | None = strawberry.field(default=None, description="Município.")
    uf: UF | None = strawberry.field(default=None, description="Unidade federativa.")
    pais: str = strawberry.field(default="BR", description="País, por 2 caracteres (ISO 3166-1).")


@strawberry.type(description="Um documento que identifica uma pessoa, além do CPF.")
class DocumentoDeIdentificacao:
    """As it was shown."""

    tipo: TipoDeDocumento = strawberry.field(description="O tipo.")
    numero: str = strawberry.field(description="O número.")
    orgao: str | None = strawberry.field(default=None, description="Quem o emitiu, como SSP/SP.")
    pais: str = strawberry.field(default="BR", description="País que o emitiu, por duas letras (ISO 3166-1).")


@strawberry.type(description="Alguém que se chama numa emergência.")
class Contato:
    """Somebody else's name and number."""

    nome: str = strawberry.field(description="Nome.")
    parentesco: str | None = strawberry.field(default=None, description="O que é da pessoa, como mãe ou vizinha.")
    telefone: str = strawberry.field(description="Telefone, no formato internacional, como +5511912345678.")


@strawberry.input(description="Onde uma pessoa mora, ou fica uma unidade; o endereço é trocado inteiro.")
class EnderecoInput:
    """Of whoever registers or corrects a pessoa."""

    cep: str | None = strawberry.field(default=None, description="CEP: 8 dígitos, com ou sem hífen, até 9 caracteres.")
    logradouro: str | None = strawberry.field(default=None, description="Rua ou outro, até 200 caracteres.")
    numero: str | None = strawberry.field(default=None, description="O número, ou S/N, até 20 caracteres.")
    complemento: str | None = strawberry.field(default=None, description="Até 100 caracteres.")
    bairro: str | None = strawberry.field(default=None, description="Até 100 caracteres.")
    municipio: str | None = strawberry.field(default=None, description="Até 100 caracteres.")
    uf: UF | None = strawberry.field(default=None, description="Unidade federativa; só do Brasil.")
    pais: str | None = strawberry.field(default="BR", description="País, por 2 caracteres (ISO 3166-1).")


@strawberry.input(description="Um documento que identifica uma pessoa, além do CPF.")
class DocumentoDeIdentificacaoInput:
    """Of whoever registers or corrects a pessoa."""

    tipo: TipoDeDocumento = strawberry.field(description="O tipo.")
    numero: str = strawberry.field(description="O número, como no documento, até 40 caracteres.")
    orgao: str | None = strawberry.field(default=None, description="Quem o emitiu, até 50 caracteres.")
    pais: str | None = strawberry.field(default="BR", description="País que o emitiu, por 2 caracteres (ISO 3166-1).")


@strawberry.input(description="Alguém que se chama numa emergência.")
class ContatoInput:
    """Of whoever registers or corrects a pessoa."""

    nome: str = strawberry.field(description="Nome, até 200 caracteres.")
    parentesco: str | None = strawberry.field(default=None, description="Até 50 caracteres.")
    telefone: str = strawberry.field(description="Telefone, com DDD, até 25 caracteres.")


@dataclass(frozen=True, slots=True)
class Pessoa:
    """As it is kept; ``ordem`` and ``mae_ordem`` are the names folded, along which people are listed and compared."""

    chave: bytes
    cpf: CPF | None
    nome: str
    ordem: str
    criado_em: datetime
    nome_social: str | None = None
    nome_da_mae: str | None = None
    mae_ordem: str | None = None
    nascimento: date | None = None
    email: str | None = None
    telefone: str | None = None
    raca_cor: RacaCor = RacaCor.NAO_INFORMADA
    nacionalidade: str | None = None
    obito_em: date | None = None
    versao: int = 1


@dataclass(frozen=True, slots=True)
class Ficha:
    """What else is written of a pessoa: None stays as it is."""

    endereco: Endereco | None = None
    documentos: tuple[DocumentoDeIdentificacao, ...] | None = None
    contatos: tuple[Contato, ...] | None = None
    sem_endereco: bool = False
    """The address is taken away."""

    @property
    def muda(self) -> bool:
        """Whether there is anything to write."""
        return self != Ficha()
