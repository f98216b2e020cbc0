"""What ends is freed at once: what only the collector of garbage finds, stops the loop in the end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType


@contextmanager
def without_a_search() -> Iterator[None]:
    """Fail if what fails meanwhile is left to the collector: an error that holds itself, by the frames it went through.

    Those that somebody holds yet don't count.
    """
    gc.collect()
    gc.disable()
    try:
        yield
        before = _tracebacks()
        gc.collect()
        assert before - _tracebacks() == 0, "tracebacks that hold themselves"
    finally:
        gc.enable()


def _tracebacks() -> int:
    return sum(isinstance(one, TracebackType) for one in gc.get_objects())
