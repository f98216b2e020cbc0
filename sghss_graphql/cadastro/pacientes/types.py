"""A paciente is a person whom the hospital cares for; a CPF comes with them, or later."""

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import Private, enum_value

from sghss_graphql.cadastro.pessoas.types import RacaCor
from sghss_graphql.vocabulario.errors import ErroDeUsuario
from sghss_graphql.vocabulario.node import Node
from sghss_graphql.vocabulario.scalars import CNS, CPF


@strawberry.enum(description="Sexo registrado no cadastro.")
class Sexo(Enum):
    """As the registration has it."""

    FEMININO = enum_value("FEMININO", description="Feminino.")
    MASCULINO = enum_value("MASCULINO", description="Masculino.")
    INTERSEXO = enum_value("INTERSEXO", description="Intersexo.")
    NAO_INFORMADO = enum_value("NAO_INFORMADO", description="Não informado.")


@strawberry.type(description="Uma pessoa atendida pelo hospital.")
class Paciente(Node):
    """The registration; consultas and prontuarios are added by the rooms that own them."""

    prefixo = "pac"
    versao: int = strawberry.field(description="Conta as mudanças do cadastro e da pessoa por trás dele.")
    numero: str = strawberry.field(
        description="O número do paciente no hospital, com dígito verificador, para dizer e digitar: 1234-5."
    )
    nome: str = strawberry.field(description="Nome civil completo.")
    nome_social: str | None = strawberry.field(
        description="Nome social, pelo qual a pessoa prefere ser chamada (Decreto 8.727/2016)."
    )
    nome_da_mae: str | None = strawberry.field(description="Nome da mãe.")
    cpf: CPF | None = strawberry.field(description="CPF; null enquanto a pessoa não o informou.")
    cns: CNS | None = strawberry.field(description="Número do Cartão Nacional de Saúde.")
    nascimento: date | None = strawberry.field(description="Data de nascimento; null se não se sabe.")
    sexo: Sexo = strawberry.field(description="Sexo registrado no cadastro.")
    raca_cor: RacaCor = strawberry.field(description="Raça ou cor, como a pessoa se declara.")
    nacionalidade: str | None = strawberry.field(description="Nacionalidade, como brasileira.")
    email: str | None = strawberry.field(description="E-mail para contato.")
    telefone: str | None = strawberry.field(
        description="Telefone para contato, no formato internacional, como +5511912345678."
    )
    obito_em: date | None = strawberry.field(description="Data do óbito, se houve.")
    criado_em: datetime = strawberry.field(description="Quando o cadastro foi feito.")
    pessoa: Private[bytes]
    ordem: Private[str]
    mae_ordem: Private[str | None] = None
    unificado: Private[bytes | None] = None
    """The registration where the life of this one goes on."""
    juntos: Private[bool] = False
    """Whether there are other registrations of the same person."""
    grau: Private[int] = 0
    """How well they matched what was looked for: in a list the better come first."""

    @strawberry.field(
        description="Como chamar a pessoa: o nome social, se ela tem um (Decreto 8.727/2016); se não, o nome."
    )
    def nome_de_exibicao(self) -> str:
        """Give the name by which a person is called."""
        return self.nome_social or self.nome


@strawberry.input(description="Quais pacientes: todas as condições juntas, e com a busca.")
class FiltroDePacientes:
    """Of pacientes."""

    nascimento: date | None = strawberry.field(default=None, description="A data de nascimento.")
    cpf: CPF | None = strawberry.field(default=None, description="O CPF.")
    cns: CNS | None = strawberry.field(default=None, description="O Cartão Nacional de Saúde.")
    telefone: str | None = strawberry.field(
        default=None, description="O telefone, com ou sem DDD, ou os quatro últimos dígitos; até 25 caracteres."
    )
    nome_da_mae: str | None = strawberry.field(
        default=None, description="O início de palavras do nome da mãe, até 200 caracteres."
    )
    numero: str | None = strawberry.field(
        default=None, description="O número do paciente no hospital, com o dígito verificador; até 12 caracteres."
    )


@strawberry.type(description="O resultado de cadastrar, corrigir ou unificar um paciente.")
class PacientePayload:
    """Of what is done to a registration."""

    paciente: Paciente | None = strawberry.field(
        default=None, description="O paciente; null quando há erros, a não ser CONFLITO_DE_VERSAO: então, como está."
    )
    possiveis_duplicados: list[Paciente] = strawberry.field(
        default_factory=list,
        description="Com POSSIVEL_DUPLICADO: quem já tem cadastro e pode ser a mesma pessoa, até 10.",
    )
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )
    vida: Private[tuple[bytes, ...]] = ()
    """The registrations that were joined: what of them overlaps is in conflict."""
    morreu: Private[bool] = False
    """Whether a death was told: what is still to come is in conflict."""
