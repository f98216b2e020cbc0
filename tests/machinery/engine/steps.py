"""Counts the steps of a call, so that tests can say how its work grows without a clock."""

import sys
from collections.abc import Callable
from typing import Any


def steps(function: Callable[..., Any], *arguments: Any) -> int:
    """Give how many functions are called, in Python or in C, while one is."""
    count = 0

    def seen(frame: Any, event: str, argument: Any) -> None:
        del frame, argument
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        function(*arguments)
    finally:
        sys.setprofile(before)
    return count


def grows(work: Callable[[int], Callable[[], Any]], size: int) -> float:
    """Give by how much the steps of ``work(n)`` grow from ``size`` to four times that: by 4 where it is linear."""
    few, many = work(size), work(4 * size)
    few()
    return steps(many) / steps(few)
