"""The rooms make one house: what is said twice, or by nobody, stops the start and names the places."""

import subprocess
import sys
from dataclasses import replace

import pytest
import strawberry
from strawberry.types import get_object_definition

from sghss_graphql.cadastro.pacientes.sala import SALA as PACIENTES
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.confianca.acesso.tabela import Publica, VerPacientes
from sghss_graphql.sala import Casa, CasaMalFeita, Ligacao, No, Raiz, Sala, Tipo
from sghss_graphql.schema import SALAS, create_schema
from sghss_graphql.vocabulario.atos import Ato
from sghss_graphql.vocabulario.errors import CodigoDeErro
from sghss_graphql.vocabulario.node import Node
from tests.hospital import SCHEMA


class Codigos(CodigoDeErro):
    CNS_JA_CADASTRADO = 900, "O mesmo nome."


class Numeros(CodigoDeErro):
    OUTRO_CODIGO = 4, "O mesmo número."


class Atos(Ato):
    CADASTRAR_PACIENTE = "O mesmo ato."


@strawberry.type
class Vizinho(Node):
    prefixo = "pac"


@strawberry.type
class Letra(Node):
    prefixo = "Letra"


@strawberry.type(name="Paciente")
class OutroPaciente:
    nome: str


async def _ninguem(*_: object) -> None:
    return None


@pytest.mark.parametrize(
    ("outra", "o_que"),
    [
        (Sala("teste/codigo", codigos=Codigos), "código CNS_JA_CADASTRADO"),
        (Sala("teste/numero", codigos=Numeros), "número de código 4"),
        (Sala("teste/ato", atos=(Atos,)), "ato CADASTRAR_PACIENTE"),
        (Sala("teste/tabela", tabelas={"paciente": "SELECT"}), "tabela paciente"),
        (Sala("teste/prefixo", nos=(No(Vizinho, _ninguem),)), "prefixo pac"),
        (Sala("teste/tipo", tipos=(Tipo(OutroPaciente, Publica, {Publica: "nome"}),)), "tipo Paciente"),
        (Sala("teste/campo", ligacoes=(Ligacao(PACIENTES.ligacoes[0].relacao, Publica),)), "campo Usuario.paciente"),
    ],
    ids=lambda parte: parte.nome if isinstance(parte, Sala) else "",
)
def test_what_two_rooms_say_names_both(outra: Sala, o_que: str) -> None:
    with pytest.raises(CasaMalFeita, match=o_que) as recusa:
        Casa([*SALAS, outra])
    assert outra.nome in str(recusa.value)
    assert "cadastro/pacientes" in str(recusa.value)


def _sem(sala: Sala, **mudancas: object) -> list[Sala]:
    return [replace(sala, **mudancas) if uma is sala else uma for uma in SALAS]  # type: ignore[arg-type]  # of Sala


def test_a_node_without_a_look_up_is_told() -> None:
    with pytest.raises(CasaMalFeita, match=r"Paciente \(sghss_graphql\.cadastro\.pacientes\.types\).*falta um No"):
        create_schema(_sem(PACIENTES, nos=()))


def test_a_prefix_has_its_form() -> None:
    with pytest.raises(CasaMalFeita, match="três letras"):
        Casa([Sala("teste", nos=(No(Letra, _ninguem),))])


def test_a_rule_of_no_field_is_told() -> None:
    with pytest.raises(CasaMalFeita, match=r"Query\.pacienttes.*cadastro/pacientes"):
        create_schema(
            _sem(PACIENTES, query=Raiz(PACIENTES.query.classe, {VerPacientes: "paciente pacientes pacienttes"}))
        )


def test_a_relation_without_a_rule_is_told() -> None:
    with pytest.raises(CasaMalFeita, match="nenhuma sala diz a regra deste tipo"):
        create_schema(_sem(PACIENTES, tipos=PACIENTES.tipos[1:]))


def test_an_eye_on_a_field_that_is_not_there_is_told() -> None:
    tipo, *outros = PACIENTES.tipos
    assert tipo.mostra
    mostra = replace(tipo.mostra, campos="nome apelido")
    with pytest.raises(CasaMalFeita, match=r"Paciente\.apelido.*cadastro/pacientes"):
        create_schema(_sem(PACIENTES, tipos=(replace(tipo, mostra=mostra), *outros)))


def test_two_schemas_can_be_made_and_nothing_of_the_classes_changes() -> None:
    antes = [
        (campo.python_name, list(campo.extensions)) for campo in get_object_definition(Paciente, strict=True).fields
    ]
    outro = create_schema()
    assert outro.as_str() == SCHEMA.as_str()
    depois = [
        (campo.python_name, list(campo.extensions)) for campo in get_object_definition(Paciente, strict=True).fields
    ]
    assert depois == antes
    campos = (SCHEMA.core.type_map["Paciente"].fields, outro.core.type_map["Paciente"].fields)
    for um, segundo in zip(*(fields.values() for fields in campos), strict=True):
        dele, do_outro = (campo.extensions["strawberry-definition"] for campo in (um, segundo))
        assert dele is not do_outro
        assert [type(parte) for parte in dele.extensions] == [type(parte) for parte in do_outro.extensions]


def test_a_schema_of_fewer_rooms_has_fewer_codes() -> None:
    menor = create_schema(sala for sala in SALAS if sala.nome.split("/")[0] in ("confianca", "cadastro"))
    assert "JA_RETIFICADO" not in menor.as_str()
    assert "JA_RETIFICADO" in SCHEMA.as_str()


def test_importing_the_rooms_makes_no_schema() -> None:
    """In a process of its own: the graphql-core schema is made when it is asked for."""
    code = (
        "import graphql.type.schema as s; made = []; init = s.GraphQLSchema.__init__\n"
        "s.GraphQLSchema.__init__ = lambda self, *a, **k: (made.append(1), init(self, *a, **k))[1]\n"
        "import sghss_graphql.app, sghss_graphql.schema\n"
        "assert made == [], made\n"
        "sghss_graphql.schema.create_schema(); assert made == [1], made"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("sala", SALAS, ids=lambda sala: sala.nome)
def test_a_room_says_all_its_codes_and_acts(sala: Sala) -> None:
    """Those that its modules define are those that it says: one that isn't said has no place in the schema or docs."""
    pacote = f"sghss_graphql.{sala.nome.replace('/', '.')}."
    definidos = {
        classe
        for raiz in (CodigoDeErro, Ato, *Ato.__subclasses__())
        for classe in raiz.__subclasses__()
        if classe.__module__.startswith(pacote)
    }
    assert definidos == {*sala.atos, *([sala.codigos] if sala.codigos else [])}
