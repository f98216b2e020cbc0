"""The embedded server dies with its owner and comes back with what was committed."""

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from sghss_graphql.machinery.database import Database, with_database
from sghss_graphql.machinery.database import embedded as module
from sghss_graphql.machinery.database.binaries import MariaDb, ServerBinaries, find_or_unpack
from sghss_graphql.machinery.database.embedded import EmbeddedServer, EmbeddedServerFailed
from tests.processes import until

_OWNER = """
import asyncio, sys
from pathlib import Path
from sghss_graphql.machinery.database.embedded import EmbeddedServer
from tests.servers import chosen_binaries

async def main():
    async with EmbeddedServer(Path(sys.argv[1]), chosen_binaries()) as server:
        print(server.pid, flush=True)
        await asyncio.sleep(3600)

asyncio.run(main())
"""


async def _dead(pid: int) -> bool:
    return not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


async def test_the_server_ends_with_an_owner_that_was_killed_and_keeps_what_was_committed(
    binaries: ServerBinaries, tmp_path: Path
) -> None:
    for turn in range(2):
        owner = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _OWNER, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        assert owner.stdout
        pid = int(await owner.stdout.readline())
        db = Database(EmbeddedServer(tmp_path, binaries).owner_url.with_database("mysql"))
        if turn == 0:
            await db.transaction(lambda tx: tx.execute("CREATE DATABASE sghss"))
        else:
            assert await db.select("SHOW DATABASES LIKE 'sghss'") == [("sghss",)]
        await db.close()
        owner.send_signal(signal.SIGKILL)
        await owner.wait()
        await until(partial(_dead, pid))


async def test_a_killed_server_is_started_again(binaries: ServerBinaries, tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path, binaries) as server:
        watch = asyncio.create_task(server.watch())
        first = server.pid
        os.kill(first, signal.SIGKILL)
        db = Database(server.owner_url.with_database("mysql"))

        async def serves_anew() -> bool:
            try:
                return server.pid != first and await db.select("SELECT 1") == [(1,)]
            except module.Fault:
                return False

        await until(serves_anew)
        await db.close()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        last = server.pid
    assert not _alive(last)


async def test_a_folder_has_one_owner(
    binaries: ServerBinaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOCK_WAIT_SECONDS", 1)
    async with EmbeddedServer(tmp_path, binaries):
        with pytest.raises(EmbeddedServerFailed, match="já está em uso"):
            async with EmbeddedServer(tmp_path, binaries):
                pass


async def test_data_that_were_made_by_half_are_made_anew(binaries: ServerBinaries, tmp_path: Path) -> None:
    (tmp_path / binaries.name).mkdir()
    (tmp_path / binaries.name / "ibdata1").write_bytes(b"half")
    async with EmbeddedServer(tmp_path, binaries) as server:
        assert server.pid


async def test_a_path_that_is_too_long_for_a_socket_works(binaries: ServerBinaries, tmp_path: Path) -> None:
    folder = tmp_path / ("pasta com acentuação e espaços " * 4).strip()
    async with EmbeddedServer(folder, binaries) as server:
        db = Database(server.owner_url.with_database("mysql"))
        assert await db.select("SELECT 1") == [(1,)]
        await db.close()
    assert not Path(str(server.owner_url.unix_socket)).exists()


async def test_programs_in_a_folder_with_spaces_work(binaries: ServerBinaries, tmp_path: Path) -> None:
    if isinstance(binaries, MariaDb) and binaries.root is not None:
        moved = (tmp_path / "os programas").resolve()
        moved.symlink_to(binaries.root)
        programs = (
            str(moved / Path(path).relative_to(binaries.root)) for path in (binaries.server, binaries.installer)
        )
        binaries = MariaDb(*programs, moved)
    async with EmbeddedServer(tmp_path / "o banco", binaries) as server:
        assert server.pid


async def test_a_server_that_cannot_start_says_where_to_look(
    binaries: ServerBinaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = MariaDb("/bin/false", "/bin/false")
    with pytest.raises(EmbeddedServerFailed, match=r"mariadb\.log"):
        async with EmbeddedServer(tmp_path, broken):
            pass
    monkeypatch.setattr(module, "_LEAST_DISK_MB", 2**40)
    with pytest.raises(EmbeddedServerFailed, match="o disco está cheio"):
        async with EmbeddedServer(tmp_path, broken):
            pass
    async with EmbeddedServer(tmp_path, binaries):
        pass


def test_the_machines_server_is_used_when_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mariadbd", "mariadb-install-db"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_or_unpack(tmp_path / "cache", print)
    assert found == MariaDb(str(tmp_path / "mariadbd"), str(tmp_path / "mariadb-install-db"))
    assert not (tmp_path / "cache").exists()


async def test_a_server_that_starts_leaves_its_neighbours_temporary_tables_alone(
    binaries: ServerBinaries, tmp_path: Path
) -> None:
    """MariaDB clears its scratch folder as it starts: with one for all, a neighbour's sort ended in "error 6"."""
    async with EmbeddedServer(tmp_path / "um", binaries) as one:
        ((scratch,),) = await with_database(
            one.owner_url.with_database("mysql"), lambda db: db.select("SELECT @@tmpdir")
        )
        async with EmbeddedServer(tmp_path / "outro", binaries) as other:
            ((others,),) = await with_database(
                other.owner_url.with_database("mysql"), lambda db: db.select("SELECT @@tmpdir")
            )
    assert Path(scratch).parent == tmp_path / "um"
    assert Path(others).parent == tmp_path / "outro"
