"""A statement is text with ``%(name)s`` places, and a parameter is a scalar or a sequence of scalars.

A dict or a nested list bound to a statement was an injection in PyMySQL (CVE-2024-36039), so anything but a
scalar is refused here, before the driver sees it. A sequence fills an ``IN %(name)s``: PyMySQL 1.2 no
longer does that, so the places are written out.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

Scalar = str | bytes | int | bool | None | datetime | date
Parameters = Mapping[str, Scalar | Sequence[Scalar]]

_PLACE = re.compile(r"%\((\w+)\)s")


def bind(sql: str, parameters: Parameters) -> tuple[str, dict[str, Scalar]]:
    """Write out the sequences of ``parameters`` and check that all the rest is scalar.

    An empty sequence becomes ``(NULL)``: ``IN (NULL)`` matches no row.

    Raises:
        TypeError: a parameter is neither a scalar nor a sequence of scalars, or is a datetime with an
            offset (PyMySQL would drop the offset without a word).
    """
    scalars: dict[str, Scalar] = {}
    places: dict[str, str] = {}
    for name, value in parameters.items():
        if isinstance(value, (list, tuple, set, frozenset)):
            numbered = {f"{name}_{n}": _scalar(name, item) for n, item in enumerate(value)}
            scalars |= numbered
            places[name] = f"({', '.join(f'%({key})s' for key in numbered) or 'NULL'})"
        else:
            scalars[name] = _scalar(name, value)
    if places:
        sql = _PLACE.sub(lambda found: places.get(found[1], found[0]), sql)
    return sql, scalars


def _scalar(name: str, value: Any) -> Scalar:
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise TypeError(f"parameter {name} has an offset; instants are stored in UTC without one")
        return value
    if value is None or type(value) in (str, bytes, int, bool, date):
        return value  # type: ignore[no-any-return]  # narrowed by the line above, which mypy can't follow
    raise TypeError(f"parameter {name} is not a scalar: {type(value).__name__}")


def for_each(sql: str, keys: Sequence[Scalar], parameters: Parameters) -> tuple[str, Parameters]:
    """Repeat a parenthesised SELECT once for each key, as one UNION ALL.

    It is how the first N rows of each of many parents are read from an index. ``sql`` names the parent
    ``%(key)s``; all the other parameters are shared.
    """
    parts = [f"({sql.replace('%(key)s', f'%(key_{n})s')})" for n in range(len(keys))]
    return " UNION ALL ".join(parts), {**parameters, **{f"key_{n}": key for n, key in enumerate(keys)}}
