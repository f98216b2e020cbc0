"""What we lean on that its makers don't promise: each listed with why, each tried; one that isn't listed fails.

Private names, undocumented modules, methods that we override, texts that we look for. ``pyproject.toml`` bounds these
packages above, so that a new release is tried before it is taken.
"""

import ast
import importlib
import inspect
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from graphql import GraphQLSyntaxError, parse, specified_rules

from sghss_graphql.comando import dev
from sghss_graphql.machinery.database import bulk, connections
from sghss_graphql.machinery.engine import schema as engine_schema
from sghss_graphql.machinery.engine import validation
from sghss_graphql.machinery.web import direct, sockets
from tests.hospital import SCHEMA

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sghss_graphql"
FOREIGN = ("strawberry", "graphql", "aiomysql", "pymysql", "uvicorn")
DOCUMENTED = {
    *("strawberry", "strawberry.dataloader", "strawberry.extensions", "strawberry.schema.config"),
    *("strawberry.types", "strawberry.types.unset", "strawberry.schema.name_converter"),
    *("graphql", "graphql.type", "graphql.utilities", "aiomysql", "pymysql", "pymysql.err", "pymysql.constants"),
    "uvicorn",
}
"""Modules whose names their makers' documentation tells of."""
HEIRS: tuple[tuple[ModuleType, str, str], ...] = (
    (connections, "Connection", "aiomysql"),
    (bulk, "BulkResult", "aiomysql"),
    (engine_schema, "Schema", "strawberry"),
    (dev, "_Server", "uvicorn"),
    (sockets, "BoundedProtocol", "uvicorn"),
    (direct, "DirectProtocol", "uvicorn"),
)
"""Our classes with a foreign parent: what they take or override of it is used."""

DOORS: dict[str, str] = {
    # strawberry: how a field is declared and converted
    "strawberry.scalars.is_scalar": "arguments: a scalar's value needs no conversion",
    "strawberry.types.arguments.convert_arguments": "arguments: what we don't know is converted as Strawberry does",
    "strawberry.types.base.StrawberryList": "arguments: the shape of an argument's type",
    "strawberry.types.base.StrawberryMaybe": "arguments: the same",
    "strawberry.types.base.StrawberryObjectDefinition": "the definition behind a class",
    "strawberry.types.base.StrawberryOptional": "arguments: the same as for lists",
    "strawberry.types.base.get_object_definition": "arguments: the fields of an input",
    "strawberry.types.base.has_object_definition": "arguments: whether a class is an input",
    "strawberry.types.enum.StrawberryEnumDefinition": "arguments: an enum's value needs no conversion",
    "strawberry.types.enum.has_enum_definition": "arguments: the same",
    "strawberry.types.field.StrawberryField": "the field behind a field of the schema: resolver, extensions, arguments",
    "strawberry.types.fields.resolver.StrawberryResolver": "fields: what kind of method resolves a field",
    "strawberry.types.scalar.ScalarDefinition": "the type of what strawberry.scalar gives",
    "strawberry.utils.str_converters.to_snake_case": "info: the Python name of a field of the schema",
    "Schema._schema": "the graphql-core form of a schema, for the engine",
    "Schema.as_str": "schema: printed by graphql-core, with its description, in the order in which it is asked",
    "Schema.get_fields": "overridden: the fields that a type has in one schema",
    "info._raw_info": "info: made where it is asked for; Strawberry's own selected_fields converts the whole tree",
    # graphql-core: what its executor does with variables and objects
    "graphql.execution.get_variable_signature.GraphQLVariableSignature": "variables: a declaration, worked out once",
    "graphql.execution.get_variable_signature.get_variable_signature": "variables: the same",
    "graphql.execution.values.VariableValueSource": "variables: where a value comes from, as resolvers may ask",
    "graphql.pyutils.Path": "info: a field's path, in info",
    "graphql.pyutils.is_awaitable": "info: of GraphQLResolveInfo",
    "graphql.pyutils.suggestion_list": "inputs: the nearest name that there is",
    "graphql.validation.validate.ValidationAbortedError": "validation: graphql-core's word for giving up",
    "graphql.pyutils.is_iterable": "completing: what graphql-core takes for a list",
    # aiomysql and PyMySQL: packets
    "aiomysql.connection.MySQLResult": "bulk: the parent of our result",
    "pymysql.converters.convert_date": "bulk: dates that only MySQL has",
    "pymysql.converters.convert_datetime": "bulk: the same",
    "pymysql.converters.decoders": "bulk: how each column type is read",
    "pymysql.converters.escape_string": "statements: a text as MySQL reads it",
    "pymysql.cursors.SSCursor": "copying: rows one after the other, and never all at once",
    "pymysql.converters.through": "bulk: the converter that changes nothing",
    "pymysql.protocol.MysqlPacket": "bulk: an error packet raises itself",
    "Connection._affected_rows": "connections: what the last statement changed",
    "Connection._connect": "connections: handshake, TLS and login stay aiomysql's",
    "Connection._execute_command": "connections: how a command is sent",
    "Connection._get_server_information": "overridden: a server without TLS is refused before the password leaves",
    "Connection._next_seq_id": "connections: the number of the first packet of an answer",
    "Connection._read_ok_packet": "overridden: COMMIT and its kin are answers too",
    "Connection._read_packet": "overridden: nobody reads packet by packet once we are logged in",
    "Connection._read_query_result": "overridden: an answer is read in bulk",
    "Connection._result": "connections: the last result",
    "Connection._ssl_context": "connections: whether TLS was asked for",
    "Connection._writer": "connections: the transport that our protocol takes over",
    "Connection.show_warnings": "overridden: by our own reading",
    # uvicorn: signals, the moment of listening, and what is bounded before a request is one
    "uvicorn.protocols.http.httptools_impl.HttpToolsProtocol": "sockets: the parent of the protocol that is bounded",
    "uvicorn.protocols.http.httptools_impl.STATUS_LINE": "sockets: a refusal before there is a request",
    "BoundedProtocol.shutdown": "overridden: what is on its way when the server ends is still answered",
    "BoundedProtocol.on_response_complete": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol.eof_received": "overridden: whoever says no more still hears the answer",
    "BoundedProtocol.connection_made": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol.data_received": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol.on_body": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol.on_message_begin": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol.pause_writing": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol.connection_lost": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol.on_headers_complete": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol.on_message_complete": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol._unset_keepalive_if_required": "called as uvicorn does: who says something is not idle",
    "BoundedProtocol.send_400_response": "overridden: in its turn, behind what was asked before",
    "BoundedProtocol.on_url": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol.resume_writing": "overridden: counted, bounded, and then as uvicorn does",
    "BoundedProtocol.on_header": "overridden: counted, bounded, and then as uvicorn does",
    "DirectProtocol.data_received": "overridden: what came whole is answered at once",
    "DirectProtocol.on_body": "overridden: what came whole is held until it is answered",
    "DirectProtocol.on_message_complete": "overridden: what came whole is held until it is answered",
    "DirectProtocol.on_message_begin": "overridden: what ASGI needs is made only where it goes that way",
    "_Server.capture_signals": "overridden: dev handles signals itself, to stop the database in order",
    "_Server.startup": "overridden: dev announces itself once it listens",
}
WITHOUT_WORDS = {
    *("DeferStreamDirectiveLabel", "DeferStreamDirectiveOnRootField", "DeferStreamDirectiveOnValidOperationsRule"),
    *("StreamDirectiveOnListField", "SingleFieldSubscriptionsRule"),
}
"""Rules of what this schema doesn't offer, and of introspection: the general words will do."""
TEXTS = {
    "tokens. Parsing aborted": "execution: graphql-core's word for a text with too many tokens",
    "strawberry-definition": "fields, schema: where Strawberry hangs its definitions on graphql-core's types",
}


_OWN = ("self", "cls", "os", "sys")
"""Whose private names aren't of the five packages."""


def imported(source: str) -> Iterator[str]:
    """Give what a module imports out of undocumented modules of the five packages, or by a private name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in FOREIGN:
            for name in node.names:
                if node.module not in DOCUMENTED or name.name.startswith("_"):
                    yield f"{node.module}.{name.name}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and _private(node.attr):
            yield from () if node.value.id in _OWN else (f"{node.value.id}.{node.attr}",)


def _private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def inherited(ours: type, root: str) -> set[str]:
    """Give what one of our classes takes of its foreign parents by a private name, or overrides."""
    foreign = [parent for parent in ours.__mro__[1:] if parent.__module__.split(".")[0] == root]
    theirs = {name for parent in foreign for name in _members(parent)}
    tree = ast.parse(textwrap.dedent(inspect.getsource(ours)))
    taken = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("self", "super()") and _private(node.attr)
    }
    overridden = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__")
    }
    return {f"{ours.__name__}.{name}" for name in (taken | overridden) & theirs}


def _members(parent: type) -> set[str]:
    """Give what a class has, and what its methods put on ``self``."""
    attributes = ast.walk(ast.parse(textwrap.dedent(inspect.getsource(parent))))
    assigned = {
        node.attr for node in attributes if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
    }
    return {*vars(parent), *assigned} - {"closed", "rows", "description"}


def used() -> set[str]:
    """Give every door that the package goes through."""
    found = {door for path in PACKAGE.rglob("*.py") for door in imported(path.read_text(encoding="utf-8"))}
    for module, name, root in HEIRS:
        found |= inherited(getattr(module, name), root)
    return found


def test_every_door_is_listed_and_every_listed_door_is_used() -> None:
    found = used()
    assert found - DOORS.keys() == set(), "list it in DOORS with why, or use what is documented"
    assert DOORS.keys() - found == set(), "nobody goes through it any more: take it off the list"


def test_the_check_for_doors_sees_them() -> None:
    assert list(imported("from strawberry.federation.schema import Schema")) == ["strawberry.federation.schema.Schema"]
    assert list(imported("from graphql import _x")) == ["graphql._x"]
    assert list(imported("x = info._raw_info")) == ["info._raw_info"]
    assert list(imported("from graphql import parse\nself._x = os._exit")) == []

    class Heir(connections.aiomysql.Connection):  # type: ignore[misc]  # aiomysql has no types
        def _read_packet(self) -> Any:
            return self._writer

    assert inherited(Heir, "aiomysql") == {"Heir._read_packet", "Heir._writer"}


@pytest.mark.parametrize("door", [door for door in DOORS if door.split(".")[0] in FOREIGN])
def test_a_door_is_still_there(door: str) -> None:
    module, _, name = door.rpartition(".")
    assert hasattr(importlib.import_module(module), name)


def test_texts_that_we_look_for_are_still_said() -> None:
    with pytest.raises(GraphQLSyntaxError) as refused:
        parse("{ a b c d }", max_tokens=3)
    assert "tokens. Parsing aborted" in refused.value.description
    assert "strawberry-definition" in SCHEMA.core.type_map["Paciente"].extensions
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    assert all(any(text in source for source in sources) for text in TEXTS)


def test_rules_are_matched_by_the_names_of_their_classes() -> None:
    named = validation._MESSAGES.keys()  # noqa: SLF001 - the table that is compared
    rules = {rule.__name__ for rule in specified_rules}
    assert named - rules == {"NoSchemaIntrospectionCustomRule"}
    assert rules - named == WITHOUT_WORDS, "a new rule of graphql-core gets words of ours, or the general ones here"


def test_the_packages_are_bounded_above() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for package in ("strawberry-graphql", "graphql-core", "aiomysql", "PyMySQL", "uvicorn"):
        (line,) = (line for line in project["dependencies"] if line.startswith(package))
        assert "<" in line, f"{package} needs an upper bound"
