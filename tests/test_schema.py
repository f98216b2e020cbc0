"""The schema: printed as it is, holding what clients rely on, described to the last argument."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLInputField,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_non_null_type,
    is_object_type,
    is_scalar_type,
    is_specified_directive,
    is_specified_scalar_type,
    print_ast,
)

from tests.hospital import SCHEMA as schema

RAIZ = Path(__file__).parents[1]
CONTRATO = build_schema((RAIZ / "tests/contrato.graphql").read_text(encoding="utf-8"))
NOSSOS = {n: tipo for n, tipo in build_schema(schema.as_str()).type_map.items() if not n.startswith("__")}


def test_schema_graphql_is_printed_from_the_code() -> None:
    assert (RAIZ / "schema.graphql").read_text(encoding="utf-8") == schema.as_str() + "\n", "run: make docs"


def _mais_estrito(pedido: object, nosso: object) -> bool:
    """Tell whether an input became stricter: it is required now, and wasn't."""
    return is_non_null_type(nosso) and not is_non_null_type(pedido)


@pytest.mark.parametrize("nome", [nome for nome in CONTRATO.type_map if not nome.startswith("__")])
def test_the_schema_holds_the_contract(nome: str) -> None:
    contratado, nosso = CONTRATO.type_map[nome], NOSSOS[nome]
    assert type(contratado) is type(nosso)
    if is_enum_type(contratado):
        assert set(contratado.values) <= set(nosso.values)
    if is_object_type(contratado) or is_interface_type(contratado):
        assert {i.name for i in contratado.interfaces} <= {i.name for i in nosso.interfaces}
        for campo, definicao in contratado.fields.items():
            assert str(nosso.fields[campo].type) == str(definicao.type), f"{nome}.{campo}"
            _mesmos_argumentos(f"{nome}.{campo}", definicao.args, nosso.fields[campo].args)
    if is_input_object_type(contratado):
        _mesmos_argumentos(nome, contratado.fields, nosso.fields)


def _mesmos_argumentos(onde: str, contratados: dict, nossos: dict) -> None:
    for nome, contratado in contratados.items():
        nosso = nossos[nome]
        assert str(get_named_type(nosso.type)) == str(get_named_type(contratado.type)), f"{onde}.{nome}"
        assert str(nosso.type).strip("!") == str(contratado.type).strip("!"), f"{onde}.{nome}"
        assert not _mais_estrito(contratado.type, nosso.type), f"{onde}.{nome} became required"
        assert _padrao(nosso) == _padrao(contratado), f"{onde}.{nome}: another default"
    for nome, nosso in nossos.items():
        if nome not in contratados:
            assert not is_non_null_type(nosso.type) or _padrao(nosso) is not None, f"{onde}.{nome} is new and required"


def _padrao(argumento: GraphQLInputField) -> str | None:
    """Give a default as it is printed; null says as little as none."""
    assert argumento.ast_node
    valor = argumento.ast_node.default_value
    return print_ast(valor) if valor is not None and valor.kind != "null_value" else None


def test_everything_has_a_description() -> None:
    sem = [nome for nome, tipo in NOSSOS.items() if not tipo.description and not is_specified_scalar_type(tipo)]
    for nome, tipo in NOSSOS.items():
        if is_enum_type(tipo):
            sem += [f"{nome}.{valor}" for valor, definicao in tipo.values.items() if not definicao.description]
        if is_object_type(tipo) or is_interface_type(tipo) or is_input_object_type(tipo):
            for campo, definicao in tipo.fields.items():
                partes = {f"{nome}.{campo}": definicao}
                partes |= {f"{nome}.{campo}({a})": d for a, d in getattr(definicao, "args", {}).items()}
                sem += [onde for onde, parte in partes.items() if not parte.description]
    assert sem == []


def test_descriptions_are_sentences_and_say_more_than_the_name() -> None:
    for nome, tipo in NOSSOS.items():
        for campo, definicao in getattr(tipo, "fields", {}).items():
            descricao = definicao.description
            assert descricao.endswith("."), f"{nome}.{campo}"
            assert len(descricao) > len(campo), f"{nome}.{campo}"


def test_each_scalar_says_where_it_is_specified() -> None:
    for nome, tipo in NOSSOS.items():
        if is_scalar_type(tipo) and not is_specified_scalar_type(tipo):
            assert str(tipo.specified_by_url).startswith("https://"), nome


def test_no_room_was_forgotten() -> None:
    """A relation that points up is added by importing its room; here is one of each."""
    campos = {
        (tipo, campo) for tipo in ("Usuario", "Paciente", "Profissional", "Consulta") for campo in NOSSOS[tipo].fields
    }
    assert {
        ("Usuario", "paciente"),
        ("Usuario", "profissional"),
        ("Profissional", "horariosDisponiveis"),
        ("Paciente", "consultas"),
        ("Paciente", "prontuarios"),
        ("Consulta", "prontuarios"),
    } <= campos


def test_there_is_nothing_but_the_specified_directives() -> None:
    assert isinstance(schema.core, GraphQLSchema)
    assert all(is_specified_directive(diretiva) for diretiva in schema.core.directives)
