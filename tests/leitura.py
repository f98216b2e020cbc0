"""Reads the product's source as a reviewer would: which texts it puts together, and out of what."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

UNKNOWN = "x"
"""Stands for what only a run would tell."""
READS = frozenset({"select", "look_up", "by_keys", "select_for_each", "execute", "write", "write_rows"})
"""Methods of a Reader or Transaction whose first argument is SQL."""
_NUMBERS = frozenset({"range", "len"})
"""What gives numbers, whatever it is given."""


Function = ast.FunctionDef | ast.AsyncFunctionDef


def documented(tree: ast.AST) -> set[int]:
    """Give the ids of the nodes that are docstrings."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(part.value)
        for node in ast.walk(tree)
        if isinstance(node, owners)
        for part in node.body
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
    }


def texts(source: str) -> Iterator[str]:
    """Give every text of a module that isn't a docstring, put together whichever way it is, each as a whole."""
    tree = ast.parse(source)
    inside = documented(tree)
    for node in ast.walk(tree):
        if id(node) in inside or not isinstance(node, ast.expr):
            continue
        text = whole(node)
        if text is not None:
            yield text
            inside.update(id(part) for part in ast.walk(node))


def whole(node: ast.expr) -> str | None:
    """Give the text that an expression makes, UNKNOWN where it can't be read; None if it makes none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(UNKNOWN if isinstance(part, ast.FormattedValue) else whole(part) or "" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        left, right = whole(node.left), whole(node.right)
        if left is None and right is None:
            return None
        return (left or "") if isinstance(node.op, ast.Mod) else (left or UNKNOWN) + (right or UNKNOWN)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _made_by_method(node, node.func)
    return None


def _made_by_method(call: ast.Call, method: ast.Attribute) -> str | None:
    text = whole(method.value)
    if text is None or method.attr not in ("format", "join", "replace", "strip", "lower", "upper", "format_map"):
        return text
    if method.attr == "join" and call.args and isinstance(call.args[0], ast.List | ast.Tuple):
        return text.join(whole(part) or UNKNOWN for part in call.args[0].elts)
    return text.replace("{}", UNKNOWN)


def is_sql(text: str) -> bool:
    """Tell whether a text is a statement that reads or writes rows."""
    if len(text.split()) < 2 or not any(word in text.lower() for word in ("select", "insert", "update", "delete")):
        return False
    try:
        parsed = sqlglot.parse(text.replace("{", "").replace("}", "").replace("%(", ":").replace(")s", ""), "mysql")
    except sqlglot.errors.SqlglotError:
        return text.lstrip(" (\n").lower().startswith(("select ", "insert into ", "delete from "))
    return any(isinstance(part, exp.Query | exp.Insert | exp.Update | exp.Delete) for part in parsed)


def tables(statement: str) -> set[str]:
    """Give the tables and views that a statement names, less those that it makes itself."""
    parsed = sqlglot.parse_one(statement, "mysql")
    found = list(parsed.find_all(exp.Table))
    own = {common.alias for common in parsed.find_all(exp.CTE)} | {table.alias for table in found if table.alias}
    return {table.name for table in found} - own - {"t"}


def named_by_values(statement: str) -> list[str]:
    """Give the columns of a SELECT's answer whose names would be values of this one time, which no other answer has."""
    parsed = sqlglot.parse_one(statement, "mysql")
    columns = parsed.selects if isinstance(parsed, exp.Query) else []
    values = (exp.HexString, exp.Literal)
    return [
        column.sql("mysql")
        for column in columns
        if not isinstance(column, exp.Alias)
        and any(isinstance(one, exp.HexString) or one.is_string for one in column.find_all(*values))
    ]


@dataclass
class Store:
    """A store's source; ``foreign`` tells what of its SQL isn't its own text."""

    source: str
    functions: dict[str, Function] = field(default_factory=dict)
    constants: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for node in ast.parse(self.source).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions[node.name] = node
            for target in node.targets if isinstance(node, ast.Assign) else []:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                self.constants |= {name.id for name in names if isinstance(name, ast.Name)}

    def foreign(self) -> list[str]:
        """Give what goes into a statement without being bound, each with its function and line."""
        found = []
        for function in self.functions.values():
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if self._runs(call, function) and call.args and not self.ours(call.args[0], function, set()):
                    found.append(f"{function.name}, line {call.lineno}: {ast.unparse(call.args[0])[:100]}")
        return found

    def _runs(self, call: ast.Call, function: ast.AST) -> bool:
        if isinstance(call.func, ast.Attribute):
            return (
                call.func.attr in READS and isinstance(call.func.value, ast.Name) and call.func.value.id in ("db", "tx")
            )
        if not isinstance(call.func, ast.Name):
            return False
        assigned = (part for value in self._values(call.func.id, function) for part in ast.walk(value))
        return any(isinstance(part, ast.Attribute) and part.attr in READS for part in assigned)

    def _values(self, name: str, function: ast.AST) -> list[ast.expr]:
        """Give what a local name stands for: what is assigned to it, or what it is taken out of."""
        values: list[ast.expr] = []
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                values += [node.value for target in node.targets if name in _names(target)]
            elif isinstance(node, ast.For | ast.comprehension) and name in _names(node.target):
                values.append(ast.Constant(0) if _counts(node, name) else node.iter)
        return values

    def _passed(self, name: str, function: Function) -> list[ast.expr]:
        """Give what the store itself passes for a parameter of a function that only it calls."""
        parameters = [argument.arg for argument in function.args.args]
        if not function.name.startswith("_") or name not in parameters:
            return []
        calls = (node for node in ast.walk(ast.parse(self.source)) if isinstance(node, ast.Call))
        own = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == function.name]
        return [call.args[parameters.index(name)] for call in own if len(call.args) > parameters.index(name)]

    def ours(self, node: ast.expr, function: Function, given: set[str]) -> bool:
        """Tell whether an expression is made of the store's own text; ``given`` are parameters that are."""
        if isinstance(node, ast.Name):
            return self._is_ours(node.id, function, given)
        if isinstance(node, ast.Call):
            return self._made_of_ours(node, function, given)
        parts = _parts(node)
        return parts is not None and all(self.ours(part, function, given) for part in parts)

    def _is_ours(self, name: str, function: Function, given: set[str]) -> bool:
        if name in given:
            return True
        values = self._values(name, function) or self._passed(name, function)
        itself = given | {name}  # a name that is made of itself is as much ours as the rest of it
        return all(self.ours(value, function, itself) for value in values) if values else name in self.constants

    def _made_of_ours(self, call: ast.Call, function: Function, given: set[str]) -> bool:
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(call.func, ast.Attribute):
            return all(self.ours(part, function, given) for part in (call.func.value, *arguments))
        if not isinstance(call.func, ast.Name):
            return False
        name = call.func.id
        if name in self.constants or name in _NUMBERS:
            return True
        made = self.functions.get(name)
        if made is None:
            return False
        parameters = [argument.arg for argument in made.args.args]
        inside = {
            parameter
            for parameter, argument in zip(parameters, call.args, strict=False)
            if self.ours(argument, function, given)
        }
        returns = [node.value for node in ast.walk(made) if isinstance(node, ast.Return) and node.value is not None]
        return all(self.ours(part, made, inside) for part in returns)


def _parts(node: ast.expr) -> list[ast.expr] | None:
    """Give what an expression puts together, of which it is no more; None if it is anything else."""
    match node:
        case ast.Constant():
            return []
        case ast.JoinedStr(values=parts):
            return [part.value if isinstance(part, ast.FormattedValue) else part for part in parts]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [left, right]
        case ast.IfExp(body=body, orelse=orelse):
            return [body, orelse]
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            return parts
        case ast.Attribute(value=part, attr="sql"):  # of a Form, which the store's Columns make
            return [part]
        case ast.ListComp(elt=part) | ast.GeneratorExp(elt=part) | ast.Subscript(value=part):
            return [part]
    return None


def _counts(loop: ast.For | ast.comprehension, name: str) -> bool:
    """Tell whether a name is the number that ``enumerate`` gives."""
    called = loop.iter.func if isinstance(loop.iter, ast.Call) else None
    first = loop.target.elts[0] if isinstance(loop.target, ast.Tuple) else None
    return ast.unparse(called or ast.Constant(None)) == "enumerate" and isinstance(first, ast.Name) and first.id == name


def _names(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}
