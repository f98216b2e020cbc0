"""``python -m bench.copia``: how long a copy of a hospital takes, how large it is, and how long to put it back.

By the product's own commands, as a hospital runs them.
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.hospital import SECRET, Hospital, loaded
from bench.servers import FOLDER
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.embedded import EmbeddedServer

_COMMAND = (sys.executable, "-m", "sghss_graphql")
_EMPTY = "restaurado"
_MIB = 2**20


def _run(what: str, database: EmbeddedServer, name: str, *arguments: str) -> str:
    """Run a command of the product's; print how long it took and the most memory that it held; give what it wrote."""
    url = str(database.owner_url.with_database(name))
    env = {"SGHSS_DATABASE_URL": url, "SGHSS_MIGRATE_DATABASE_URL": url, "SGHSS_JWT_SECRET": SECRET}
    began = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - our own command line
        [*_COMMAND, *arguments], env=os.environ | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{what} falhou:\n{said}")
    print(f"{what:24} {time.monotonic() - began:8.0f} s   {used.ru_maxrss / 1024:6.0f} MiB de memória", flush=True)
    return said


async def measure(consultas: int) -> None:
    """Copy a hospital, and put it back into an empty database of the same server."""
    database = await loaded(Hospital(consultas), FOLDER, set(os.sched_getaffinity(0)))
    owner = Database(database.owner_url.with_database("mysql"), statement_timeout=3600)
    with tempfile.TemporaryDirectory(dir=FOLDER) as draft:
        key, copy = Path(draft) / "chave.txt", Path(draft) / "copia.age"
        try:
            name = database.owner_url.database
            said = _run("fazer a chave", database, name, "backup", "--nova-chave", str(key))
            (recipient,) = re.findall(r"age1\w+", said)
            _run("backup", database, name, "backup", "--para", recipient, str(copy))
            print(f"a cópia de {consultas:,} consultas: {copy.stat().st_size / _MIB:,.0f} MiB", flush=True)
            await owner.execute(f"DROP DATABASE IF EXISTS {_EMPTY}")
            await owner.execute(f"CREATE DATABASE {_EMPTY} CHARACTER SET utf8mb4")
            said = _run("restaurar", database, _EMPTY, "restaurar", str(copy), "--chave", str(key))
            print("\n".join(line for line in said.splitlines() if not line.startswith("  ")))
            await owner.execute(f"DROP DATABASE {_EMPTY}")
        finally:
            await owner.close()
            await database.stop()


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.copia", description="Mede uma cópia, e a sua volta.")
    parser.add_argument("--consultas", type=int, default=2_000_000, help="tamanho do hospital (2000000)")
    FOLDER.mkdir(parents=True, exist_ok=True)
    asyncio.run(measure(parser.parse_args().consultas))


if __name__ == "__main__":
    main()
