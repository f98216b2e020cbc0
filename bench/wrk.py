"""The load: wrk, on one thread 32 connections for each process of a server, each asking again once it is answered."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.hospital import CACHE
from sghss_graphql.machinery.database.unpacking import unpack_packages

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
        self._program = found or str(unpacked("wrk", "wrk", "libluajit-5.1-2") / "usr/bin/wrk")
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


def unpacked(program: str, *packages: str) -> Path:
    """Give the folder with Debian's packages of a program that the machine lacks; leave with words if it can't be."""
    try:
        return unpack_packages(CACHE, program, packages, f"baixando o {program} (uma única vez)", print)
    except OSError as error:
        sys.exit(f"Falta o {program}: instale-o, por exemplo com apt-get install {program} ({error}).")


def _libraries(root: Path) -> str:
    return ":".join(str(path) for path in root.glob("usr/lib/*-linux-*"))
