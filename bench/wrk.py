"""The load: wrk, on one thread 32 connections for each process of a server, each asking again once it is answered."""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.hospital import CACHE
from sghss_graphql.machinery.database.unpacking import Apt, can_unpack

CONNECTIONS = 32
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Outcome:
    """What wrk tells: requests answered in ``seconds``, p50 and p99 in milliseconds, failures."""

    requests: int
    seconds: float
    p50: float
    p99: float
    failed: int


class Wrk:
    """The program; unpacked from Debian's package where the machine has none."""

    def __init__(self) -> None:
        found = shutil.which("wrk")
        self._program = found or str(_unpacked() / "usr/bin/wrk")
        self._environment = {} if found else {"LD_LIBRARY_PATH": _libraries(CACHE / "wrk")}

    def run(
        self, port: int, requests: Path, seconds: float, *, skip: int = 0, connections: int = CONNECTIONS
    ) -> Outcome:
        """Send the requests of a file, after the first ``skip`` of them, for some seconds."""
        command = [
            *(self._program, "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "20s", "-s", str(_SCRIPT)),
            *(f"http://127.0.0.1:{port}", "--", str(requests), str(skip)),
        ]
        ran = subprocess.run(  # noqa: S603 - our own command line
            command, capture_output=True, text=True, check=False, env=self._environment or None
        )
        for line in ran.stdout.splitlines():
            if line.startswith("RESULT "):
                count, microseconds, p50, p99, failed = map(int, line.split()[1:])
                return Outcome(count, microseconds / 1e6, p50 / 1000, p99 / 1000, failed)
        sys.exit(f"wrk: {ran.stdout}{ran.stderr}")


def _unpacked() -> Path:
    root = CACHE / "wrk"
    if not root.exists():
        if not can_unpack():
            sys.exit("Falta o wrk, o gerador de carga: instale-o (por exemplo, apt-get install wrk).")
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as draft:
            apt = Apt(Path(draft))
            apt.update()
            apt.unpack(["wrk", "libluajit-5.1-2"])
            (Path(draft) / "root").rename(root)
    return root


def _libraries(root: Path) -> str:
    return ":".join(str(path) for path in root.glob("usr/lib/*-linux-*"))
