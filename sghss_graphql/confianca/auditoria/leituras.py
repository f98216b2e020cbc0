"""Which fields show someone's data, and what reading them is called on the trail.

The entry is of the person whose data it is, however the caller came to the object. Ids alone show nothing. What
a médico shows (name, CRM, speciality, hours) is the hospital's directory, and no one's secret.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Protocol

from strawberry.schema.name_converter import NameConverter
from strawberry.types import get_object_definition

from sghss_graphql.confianca.auditoria.atos import Ato
from sghss_graphql.machinery.engine import Observer

_NOMES = NameConverter()


@dataclass(frozen=True, slots=True)
class Dados:
    """The fields of a type that show data of the person whose key is ``de_quem``."""

    de_quem: Callable[[Any], bytes]
    campos: Mapping[Ato, str]


PESSOAIS: Mapping[str, Dados] = {
    "Usuario": Dados(attrgetter("chave"), {Ato.LER_USUARIO: "nome cpf email papeis paciente medico"}),
    "Paciente": Dados(
        attrgetter("chave"),
        {
            Ato.LER_CADASTRO: "nome nomeSocial cpf cns nascimento sexo email telefone criadoEm",
            Ato.LER_CONSULTAS: "consultas",
            Ato.LER_PRONTUARIO: "prontuarios",
        },
    ),
    "Consulta": Dados(
        attrgetter("paciente_chave"),
        {
            Ato.LER_CONSULTAS: "inicio fim situacao modalidade motivo historico criadoEm paciente medico",
            Ato.LER_PRONTUARIO: "prontuarios",
        },
    ),
    "Prontuario": Dados(
        attrgetter("paciente_chave"),
        {
            Ato.LER_PRONTUARIO: (
                "numero tipo texto cid10 crm retifica retificadoPor justificativa criadoEm hash hashAnterior"
                " paciente medico consulta"
            )
        },
    ),
}


class Leitor(Protocol):
    """What a request's context does with what was read."""

    def mostrou(self, ato: Ato, objetos: Sequence[Any], de_quem: Callable[[Any], bytes]) -> None:
        """Keep whose data it is until the answer leaves."""
        ...


class Leitura(Observer):
    """Sees a field being read."""

    def __init__(self, ato: Ato, de_quem: Callable[[Any], bytes]) -> None:
        self._ato = ato
        self._de_quem = de_quem

    def observe(self, context: Leitor, objects: list[Any]) -> None:
        """Keep whose data it is."""
        context.mostrou(self._ato, objects, self._de_quem)


def auditar(tipos: Iterable[type]) -> None:
    """Put the trail's eyes on the fields of Strawberry types, once, before the schema is made."""
    for tipo in tipos:
        definicao = get_object_definition(tipo, strict=True)
        dados = PESSOAIS.get(definicao.name)
        if dados is None:
            continue
        leituras = {
            nome: leitura
            for ato, nomes in dados.campos.items()
            for leitura in [Leitura(ato, dados.de_quem)]
            for nome in nomes.split()
        }
        for campo in definicao.fields:
            leitura = leituras.get(_NOMES.get_graphql_name(campo))
            if leitura is not None:
                campo.extensions.append(leitura)
