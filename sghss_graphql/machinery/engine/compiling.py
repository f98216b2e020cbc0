"""An operation becomes Python source, once: a function for each selection set, from all its objects to all their rows.

    def Consulta_4(objects, level, run):
        rows = []
        for index, it in enumerate(objects):
            try: …                              each leaf that is read off the object, inline
            rows.append({"inicio": v0, "profissional": None})
        …                                       each other field, for all objects at once

What the operation asks for that isn't known here is found before: graphql-core runs it instead.
"""

import ast
import itertools
import linecache
from collections.abc import Callable
from enum import Enum
from typing import Any

from graphql import GraphQLObjectType, Undefined, get_named_type, is_abstract_type, is_enum_type, is_leaf_type

from sghss_graphql.machinery.engine.branches import (
    Branch,
    Calls,
    Itself,
    Reads,
    Relation,
    Resolves,
    Unwrapped,
    abstract,
    acceptance,
    each_once,
    together,
)
from sghss_graphql.machinery.engine.completing import BUBBLE, NOTHING, SURE, Filler, Shape, no_null, strict
from sghss_graphql.machinery.engine.fields import Attribute, Direct, ForAll, Method, Wraps, how
from sghss_graphql.machinery.engine.schema import Schema
from sghss_graphql.machinery.engine.selections import Selected, Selection

Compiled = Callable[[list[Any], Any, Any], Any]
_numbers = itertools.count(1)


class Compiler:
    """Compiles the selections of one operation; ``source`` is what it wrote, ``root`` the function to call.

    Each function is compiled alone: the interpreter lets nobody in while it compiles, and all of a long operation would
    hold the event loop for a tenth of a second, from another thread too.
    """

    def __init__(self, name: str, selection: Selection, schema: Schema, *, serial: bool) -> None:
        self._schema = schema
        self._sources: list[str] = []
        self._length = 0
        self._made: dict[int, tuple[str, bool, bool]] = {}
        """What ``_function`` gave for a selection, by its ``id``: one may be needed twice."""
        self._names: dict[str, Any] = {"BUBBLE": BUBBLE, "Undefined": Undefined, "together": together}
        self.filename = f"<operation {name} {next(_numbers)}>"
        function, self.root_is_async, _ = self._function(selection, serial=serial)
        self.source = "".join(self._sources)
        self.root: Compiled = self._names[function]
        linecache.cache[self.filename] = (len(self.source), None, self.source.splitlines(keepends=True), self.filename)

    def forget(self) -> None:
        """Take the source out of linecache, when the plan is dropped."""
        linecache.cache.pop(self.filename, None)

    def _name(self, stem: str, value: Any) -> str:
        """Give a name of the generated module to a value."""
        name = f"{stem}{len(self._names)}"
        self._names[name] = value
        return name

    def _function_of(self, selection: Selection) -> tuple[str, bool, bool]:
        """Give the function of a selection set, made if it wasn't."""
        made = self._made.get(id(selection))
        if made is None:
            made = self._made[id(selection)] = self._function(selection)
        return made

    def _function(self, selection: Selection, *, serial: bool = False, wrapped: bool = False) -> tuple[str, bool, bool]:
        """Make the function of a selection set, after those that it needs.

        ``wrapped`` is whether it takes what its objects would wrap in their place. Give its name, whether it is async,
        and whether all that it asks for are leaves, read off the objects.
        """
        type_ = selection.type
        leaves: list[tuple[str, list[str]]] = []
        branches: list[str] = []
        is_async = False
        for number, selected in enumerate(selection.fields):
            if selected.definition is None:
                leaves.append((repr(type_.name), []))
                continue
            lines = self._leaf(selected, f"v{number}")
            if lines is not None:
                leaves.append((f"v{number}", lines))
                continue
            branch = self._branch(type_, selected, Itself() if wrapped else None)
            leaves.append(("None", []))
            is_async = is_async or branch.is_async
            branches.append(self._name("branch", branch))
        name = f"{type_.name}_{len(self._names)}"
        self._names[name] = None
        self._make(
            f"{'async ' if is_async else ''}def {name}(objects, level, run):",
            *self._observed(selection),
            *self._rows(selection, leaves),
            *_fill(branches, is_async=is_async, serial=serial),
            "    return rows",
        )
        return name, is_async, not branches

    def _make(self, *lines: str) -> None:
        """Compile a function, at the lines where it stands in the source."""
        source = "\n".join(lines) + "\n\n"
        tree = ast.increment_lineno(ast.parse(source), self._length)
        self._sources.append(source)
        self._length += len(lines) + 1
        exec(compile(tree, self.filename, "exec"), self._names)  # noqa: S102 - our own source, names alone

    def _observed(self, selection: Selection) -> list[str]:
        """Write who is told of the objects whose fields are read here, without a check that may refuse them."""
        reads = [how(selected.definition) for selected in selection.fields if selected.definition is not None]
        observers = dict.fromkeys(
            observer
            for read in reads
            if isinstance(read, Attribute | Method) and not read.checks
            for observer in read.observers
        )
        return [f"    {self._name('observe', observer.observe)}(run.context, objects)" for observer in observers]

    def _rows(self, selection: Selection, leaves: list[tuple[str, list[str]]]) -> list[str]:
        keys = (repr(selected.key) for selected in selection.fields)
        row = ", ".join(f"{key}: {value}" for key, (value, _) in zip(keys, leaves, strict=True))
        lines = [line for _, own in leaves for line in own]
        if not lines:
            return [f"    rows = [{{{row}}} for _ in objects]"]
        return [
            "    rows = []",
            "    for index, it in enumerate(objects):",
            *(f"        {line}" for line in lines),
            f"        rows.append({{{row}}})",
        ]

    def _leaf(self, selected: Selected, into: str) -> list[str] | None:
        """Write how a leaf is read off an object and serialised; None if it isn't read that way."""
        assert selected.definition is not None  # noqa: S101 - __typename is a constant
        named = get_named_type(selected.definition.type)
        read = how(selected.definition)
        if not is_leaf_type(named) or not isinstance(read, Attribute | Method) or read.checks:
            return None
        shape = Shape(selected.definition.type)
        filler = self._name("filler", Filler(selected.key, selected.nodes, shape, named.coerce_output_value))
        value = f"it.{read.name}" if isinstance(read, Attribute) else f"{self._name('method', read.function)}(it)"
        if shape.item is not None:
            return _list_of_leaves(into, value, filler, required=shape.required)
        if is_enum_type(named):
            name = self._name("name_of", _Names(named.coerce_output_value))
            written, unready = [f"{into} = {name}.get(id({into})) or {name}.of({into})"], ""
        else:
            written = self._serialised(into, named.coerce_output_value)
            unready = _unready(named.name, named.coerce_output_value, into)
        null = self._name("null", no_null(selected.nodes)) if shape.required else None
        return _one_leaf(into, value, filler, written, unready, null)

    def _serialised(self, into: str, complete: Callable[[Any], Any]) -> list[str]:
        """Write how a value is serialised, which never gives nothing."""
        lines = [f"{into} = {self._name('serialise', complete)}({into})"]
        if complete in SURE:
            return lines
        return [*lines, f"if {into} is None or {into} is Undefined:", f"    raise TypeError({NOTHING!r})"]

    def _branch(self, type_: GraphQLObjectType, selected: Selected, itself: Itself | None) -> Branch | Unwrapped:
        """Make what reads a field of all objects at once, and completes it; ``itself`` if they are its values."""
        definition = selected.definition
        assert definition is not None  # noqa: S101 - __typename is a leaf
        shape, named, read = Shape(definition.type), get_named_type(definition.type), how(definition)
        source: Itself | Reads | Relation | Calls | Resolves
        if itself is not None:
            source = itself
        elif isinstance(read, Attribute) or (isinstance(read, Method) and read.wraps):
            source = Reads(read)
        elif isinstance(read, ForAll):
            source = Relation(type_, selected, read, self._schema)
        else:
            source = (
                Calls(type_, selected, read, self._schema) if isinstance(read, Direct) else Resolves(type_, selected)
            )
        if is_leaf_type(named):
            filler = Filler(selected.key, selected.nodes, shape, named.coerce_output_value)
            return Branch(selected, source, filler, shape)
        filler, reveals = Filler(selected.key, selected.nodes, shape), getattr(read, "reveals", ())
        functions = {name: self._function_of(inside) for name, inside in selected.inside.items()}
        if is_abstract_type(named):
            several = abstract(functions, self._names)
            return Branch(selected, source, filler, shape, named, several, child_is_async=True, reveals=reveals)
        ((function, is_async, of_leaves),) = functions.values()
        child = self._child(function)
        complete = each_once(child) if of_leaves else child
        branch = Branch(selected, source, filler, shape, named, complete, child_is_async=is_async, reveals=reveals)
        wraps = read.wraps if isinstance(read, Method) and not read.checks else None
        return branch if wraps is None else self._unwrapped(branch, selected, filler, shape, wraps)

    def _child(self, function: str) -> Callable[[list[Any], Any, Any], Any]:
        def child(objects: list[Any], level: Any, run: Any) -> Any:
            return self._names[function](objects, level, run)

        return child

    def _unwrapped(
        self, branch: Branch, selected: Selected, filler: Filler, shape: Shape, wraps: Wraps
    ) -> Branch | Unwrapped:
        """Make what fills wrappers in without them, if they are asked for what they wrap alone."""
        (selection,) = selected.inside.values()
        asked = [one for one in selection.fields if one.definition is not None]
        if not asked or not all(_is_wrapped(one, wraps) for one in asked):
            return branch
        assert asked[0].definition is not None  # noqa: S101 - those are left out
        expected, _ = acceptance(get_named_type(asked[0].definition.type), asked[0])
        function, _, _ = self._function(selection, wrapped=True)
        return Unwrapped(branch, selected.key, filler, shape, wraps, expected, self._child(function))


def _is_wrapped(selected: Selected, wraps: Wraps) -> bool:
    """Tell whether a field of a wrapper's gives what it wraps, and nobody is asked or told before."""
    assert selected.definition is not None  # noqa: S101 - whoever asks has left those out
    read = how(selected.definition)
    if not isinstance(read, Attribute) or read.checks or read.observers or read.name != wraps.field:
        return False
    return not is_leaf_type(get_named_type(selected.definition.type))


def _one_leaf(into: str, value: str, filler: str, written: list[str], unready: str, null: str | None) -> list[str]:
    """Write a leaf that is no list: read, serialised unless it is ready as it is, and its errors placed.

    ``unready`` is the condition of what isn't, if anything is, and ``null`` what a null says where none may be. Most
    values are ready, and are tested once.
    """
    refused = [] if null is None else [f"if {into} is None:", f"    raise TypeError({null})"]
    unless = [unready] if unready else []
    unless += [f"{into} is not None"] if null is None else []
    lines = [*refused, *written]
    return [
        "try:",
        f"    {into} = {value}",
        *_inside([f"if {' and '.join(unless)}:", *_inside(lines)] if unless else lines),
        "except Exception as error:",
        f"    {into} = {filler}.leaf(error, level, index, run.errors)",
        *(_inside(_drop_if_bubbled(into)) if null is not None else ()),
    ]


def _inside(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _list_of_leaves(into: str, value: str, filler: str, *, required: bool) -> list[str]:
    """Write a leaf in lists: read, then completed with the place of each item."""
    return [
        "try:",
        f"    {into} = {value}",
        "except Exception as error:",
        f"    {into} = error",
        f"{into} = {filler}.leaf({into}, level, index, run.errors)",
        *(_drop_if_bubbled(into) if required else ()),
    ]


def _drop_if_bubbled(into: str) -> list[str]:
    return [f"if {into} is BUBBLE:", "    rows.append(None)", "    continue"]


class _Names(dict[int, Any]):
    """The names of an enum's members, by their ``id``: there is one of each, as long as the program runs.

    To hash a member is a call of Python's, dearer than the rest of writing it.
    """

    def __init__(self, complete: Callable[[Any], Any]) -> None:
        super().__init__()
        self._complete = strict(complete)

    def of(self, value: Any) -> Any:
        """Give the name of a value, and remember a member's."""
        name = self._complete(value)
        if isinstance(value, Enum):
            self[id(value)] = name
        return name


def _unready(name: str, complete: Any, into: str) -> str:
    """Write the condition of a value that isn't its own serialisation; nothing, if none is."""
    if name in ("String", "ID") or complete is str:
        return f"{into}.__class__ is not str"
    if name == "Int":
        return f"not ({into}.__class__ is int and -2147483648 <= {into} <= 2147483647)"
    if name == "Boolean":
        return f"{into}.__class__ is not bool"
    return ""


def _fill(branches: list[str], *, is_async: bool, serial: bool) -> list[str]:
    """Write how the branches of a selection set are filled: side by side, or one after the other."""
    if not is_async:
        return [f"    {branch}.fill(objects, level, run, rows)" for branch in branches]
    calls = [f"{branch}.fill_async(objects, level, run, rows)" for branch in branches]
    if serial:  # what made the whole answer null stops the mutations after it
        return [line for call in calls for line in (f"    await {call}", "    if None in rows:", "        return rows")]
    if len(calls) == 1:
        return [f"    await {calls[0]}"]
    return [f"    await together({', '.join(calls)})"]
