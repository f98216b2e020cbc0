"""The columns that a type is made of: those that an operation asks for are read, and its objects made of them.

What isn't asked for isn't in the statement at all: no text travels, and no column is described and decoded for nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sghss_graphql.machinery.database.forms import Row

T = TypeVar("T")
Fields = frozenset[str] | None
"""Those that an operation asks for; None stands for all."""
Read = Callable[..., Any] | Mapping[Any, Any]
"""Makes an attribute out of the values of columns: a function of all of them, or a table of what one may hold."""


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """Columns for a SELECT, and what makes objects of rows of them; whatever a row has after them is left out."""

    sql: str
    each: Callable[[Iterable[Row]], list[T]]
    """Makes one of each row."""


class Columns(Generic[T]):
    """The columns of ``type_``: ``always``, then those that ``asked`` names, each as ``alias.name``.

    ``computed`` come last, each by its name, in SQL: without one the database would name it by all of that, which is
    another text each time. A column is the attribute of its name, or of that which ``named`` gives it, as ``read``
    makes it; ``made`` names other attributes with the columns that they are made of, and ``made_of`` fields that need
    columns without being attributes. What isn't asked for is what ``read`` makes of None.
    """

    def __init__(
        self,
        type_: type[T],
        always: str,
        asked: str,
        *,
        named: Mapping[str, str] | None = None,
        read: Mapping[str, Read] | None = None,
        made: Mapping[str, tuple[str, Callable[..., Any]]] | None = None,
        made_of: Mapping[str, str] | None = None,
        computed: Mapping[str, str] | None = None,
    ) -> None:
        self._type = type_
        self._always = {_name(column): column for column in always.split()}
        self._asked = {_name(column): column for column in asked.split()}
        self._asked |= {name: f"{sql} AS {name}" for name, sql in (computed or {}).items()}
        self._named = named or {}
        self._read = read or {}
        self._made = {attribute: (columns.split(), make) for attribute, (columns, make) in (made or {}).items()}
        needs = {attribute: columns for attribute, (columns, _) in self._made.items()}
        self._needs = needs | {field: columns.split() for field, columns in (made_of or {}).items()}
        self._form = lru_cache(maxsize=1_000)(self._write)
        for column in self._asked:
            self._read_as_nothing(self._named.get(column, column), self._read.get(column))
        for attribute in self._made:
            self._read_as_nothing(attribute, None)

    def __call__(self, fields: Fields = None, *more: str) -> Form[T]:
        """Give the form for an operation that asks for these fields, and for whoever needs some columns more."""
        return self._form(fields.union(more) if more and fields is not None else fields)

    def _read_as_nothing(self, attribute: str, read: Read | None) -> None:
        """Let an attribute that nobody asked for be what NULL is."""
        if not hasattr(self._type, attribute):
            nothing = None if read is None else read[None] if isinstance(read, Mapping) else read(None)
            setattr(self._type, attribute, nothing)

    def _write(self, fields: Fields) -> Form[T]:
        if fields is not None:
            fields = fields.union(*(columns for field, columns in self._needs.items() if field in fields))
        columns = self._always | {
            name: column for name, column in self._asked.items() if fields is None or name in fields
        }
        return Form(", ".join(columns.values()), self._maker(list(columns)))

    def _maker(self, columns: list[str]) -> Callable[[Iterable[Row]], list[T]]:
        """Write the function that makes an object of each row, attribute by attribute."""
        names: dict[str, Any] = {"new": object.__new__, "type_": self._type}
        values = {self._named.get(name, name): self._value(name, at, names) for at, name in enumerate(columns)}
        for attribute, (needed, make) in self._made.items():
            if set(needed) <= set(columns):
                names[f"make_{attribute}"] = make
                given = ", ".join(f"row[{columns.index(name)}]" for name in needed)
                values[attribute] = f"make_{attribute}({given})"
        # one by one: an object whose attributes are set so needs no dict of its own, half the memory and the time
        attributes = "".join(f"        it.{attribute} = {value}\n" for attribute, value in values.items())
        source = (
            "def each(rows):\n    made = []\n    for row in rows:\n        it = new(type_)\n"
            f"{attributes}        made.append(it)\n    return made\n"
        )
        exec(compile(source, f"<{self._type.__name__} of {' '.join(columns)}>", "exec"), names)  # noqa: S102 - our own source, names of columns alone
        made: Callable[[Iterable[Row]], list[T]] = names["each"]
        return made

    def _value(self, column: str, at: int, names: dict[str, Any]) -> str:
        read = self._read.get(column)
        if read is None:
            return f"row[{at}]"
        names[f"read_{column}"] = read
        return f"read_{column}[row[{at}]]" if isinstance(read, Mapping) else f"read_{column}(row[{at}])"


def _name(column: str) -> str:
    return column.partition(".")[2]


def members(enum: type[Enum]) -> Mapping[str | None, Any]:
    """Give the members of an enum by the names that a column holds; NULL, where nobody asked for it, stays None."""
    return {None: None, **enum.__members__}  # type: ignore[dict-item]  # a str is a str | None
