"""``python -m bench.watched FILE``: the product's server, watched: how long does one callback hold its event loop?

Every callback is timed by the CPU of the loop's thread, so that what else the machine does counts for nothing. On
SIGUSR1 the server writes to FILE what it has seen since the last time, as JSON, and starts anew. The loop is asyncio's
own, because uvloop calls back from C.
"""

import asyncio.events
import gc
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import uvicorn

from sghss_graphql.machinery.web.listening import uvicorn_options
from sghss_graphql.settings import read_settings


class Watch:
    """The longest callback so far: milliseconds of its thread, and whose it was."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._longest, self._whose = 0.0, ""
        self._collecting, self._collected = 0.0, 0.0
        self._reporting = False
        gc.callbacks.append(self._collect)
        self._run = asyncio.events.Handle._run  # noqa: SLF001 - the one place through which every callback goes
        watch = self

        def timed(handle: asyncio.Handle) -> None:
            before, watch._collected, watch._reporting = time.thread_time(), 0.0, False
            watch._run(handle)
            took = 1000 * (time.thread_time() - before)
            if took > watch._longest and not watch._reporting:
                watch._longest, watch._whose = took, _name(handle._callback)  # type: ignore[attr-defined] # noqa: SLF001
                watch._whose += f", gc {1000 * watch._collected:.0f} ms"

        asyncio.events.Handle._run = timed  # type: ignore[method-assign] # noqa: SLF001

    def _collect(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = time.thread_time()
        else:
            self._collected += time.thread_time() - self._collecting

    def report(self, *_: Any) -> None:
        """Write what was seen, and begin again; what nobody holds any more is let go of first."""
        self._reporting = True  # what is called back at the moment also takes what this takes
        gc.collect()
        seen = {"longest": self._longest, "whose": self._whose}
        draft = self._path.with_suffix(".part")
        draft.write_text(json.dumps(seen), encoding="utf-8")
        draft.replace(self._path)
        self._longest, self._whose = 0.0, ""


def _name(callback: Any) -> str:
    """Name what was called: a task by its coroutine."""
    task = getattr(callback, "__self__", None)
    coroutine = task.get_coro() if isinstance(task, asyncio.Task) else callback
    return str(getattr(coroutine, "__qualname__", type(callback).__qualname__))


def main() -> None:
    """Serve as ``serve`` does, one process, until a signal."""
    signal.signal(signal.SIGUSR1, Watch(Path(sys.argv[1])).report)
    settings = read_settings()
    options = uvicorn_options(settings.host, settings.port)
    print(f"vigiado: processo {os.getpid()}", flush=True)
    uvicorn.run("sghss_graphql.app:from_environment", factory=True, loop="asyncio", **options)


if __name__ == "__main__":
    main()
