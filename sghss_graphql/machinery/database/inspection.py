"""A server is fit for the hospital when its version, session, rights and clock are; what isn't says how to mend it.

Rights are tried, not read: a role, a proxy or a grant on the whole server gives the same answer. What is tried
matches no row, so nothing is changed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sghss_graphql.machinery.database.failures import DENIED, DatabaseFailure, Unreachable
from sghss_graphql.machinery.database.migrations import read_statements
from sghss_graphql.machinery.database.pool import SQL_MODE, Database
from sghss_graphql.machinery.database.replicas import Replicas
from sghss_graphql.machinery.database.transactions import Transaction
from sghss_graphql.machinery.database.url import DatabaseUrl
from sghss_graphql.machinery.faults import Unavailable

OLDEST = {"MariaDB": (10, 6), "MySQL": (8, 0)}
_SOON_OVER = 30
"""Days before the end of a certificate that one is told of."""
_CATCH_UP = 2.0
"""Seconds in which a replica that does well has what the database has."""
_OTHERS = 10
"""Connections that others need: migrations, copies, whoever looks after the database."""
CLOCK_TOLERANCE = 2.0  # seconds between this machine and the database's
_GRANT = re.compile(r"GRANT ([A-Z, ]+) ON (\w+) TO", re.IGNORECASE)
_TRIED = {
    "SELECT": "SELECT 1 FROM {table} WHERE FALSE",
    "INSERT": "INSERT INTO {table} SELECT * FROM {table} WHERE FALSE",
    "UPDATE": "UPDATE {table} SET {column} = {column} WHERE FALSE",
    "DELETE": "DELETE FROM {table} WHERE FALSE",
}


class Verdict(StrEnum):
    """How something is: as it must be, worth a look, or in the way of serving."""

    FINE = "ok"
    WARNS = "aviso"
    LACKS = "falta"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what it is or how to mend it."""

    name: str
    verdict: Verdict
    text: str


def _fine(name: str, text: str) -> Finding:
    return Finding(name, Verdict.FINE, text)


def _lacks(name: str, text: str) -> Finding:
    return Finding(name, Verdict.LACKS, text)


async def inspect_server(db: Database, grants: str) -> list[Finding]:
    """Look at everything but the schema's version.

    Raises:
        Unreachable: no connection can be made.
    """
    looks = (_version, _charset, _session, _binary_log, _durability, _group, _certificate, _clock, _writable)
    findings = [await look(db) for look in looks]
    if findings[-1].verdict is Verdict.FINE:  # rights to write can't be tried where nobody may
        findings += await inspect_rights(db, grants)
    return findings


async def _version(db: Database) -> Finding:
    ((text,),) = await db.select("SELECT VERSION()")
    kind = "MariaDB" if "MariaDB" in text else "MySQL"
    found = tuple(int(part) for part in re.findall(r"\d+", text)[:2])
    least = ".".join(map(str, OLDEST[kind]))
    words = f"{kind} {text.split('-')[0]}"
    return _fine("versão", words) if found >= OLDEST[kind] else _lacks("versão", f"{words}: é preciso {least} ou mais")


async def _charset(db: Database) -> Finding:
    ((found,),) = await db.select(
        "SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()"
    )
    if found == "utf8mb4":
        return _fine("caracteres", found)
    return _lacks("caracteres", f"o banco é {found}: ALTER DATABASE {db.url.database} CHARACTER SET utf8mb4")


async def _session(db: Database) -> Finding:
    """Tell whether the session is what we set: something in between (a proxy, init_connect) may have changed it."""
    found = await _variables(db, "time_zone", "tx_isolation", "transaction_isolation", "sql_mode", "autocommit")
    isolation = found.get("transaction_isolation") or found.get("tx_isolation")
    wrong = [
        words
        for words, is_so in {
            f"fuso horário {found['time_zone']} em vez de +00:00": found["time_zone"] == "+00:00",
            f"isolamento {isolation} em vez de READ-COMMITTED": isolation == "READ-COMMITTED",
            "modo SQL sem as regras estritas": set(SQL_MODE.split(",")) <= set(found["sql_mode"].split(",")),
        }.items()
        if not is_so
    ]
    if wrong:
        return _lacks("sessão", f"{'; '.join(wrong)}: algo entre o SGHSS e o banco (proxy, init_connect) a altera")
    return _fine("sessão", "UTC, READ COMMITTED, SQL estrito")


async def _binary_log(db: Database) -> Finding:
    found = await _variables(db, "log_bin", "binlog_format")
    if found.get("log_bin") != "ON":
        return _fine("log binário", "desligado")
    if found.get("binlog_format") == "STATEMENT":
        return _lacks("log binário", "binlog_format = STATEMENT não serve a READ COMMITTED: use ROW ou MIXED")
    return _fine("log binário", "ligado")


async def _durability(db: Database) -> Finding:
    """Tell whether what is committed outlives a power cut, and half-written pages are mended."""
    found = await _variables(db, "innodb_flush_log_at_trx_commit", "innodb_doublewrite", "log_bin", "sync_binlog")
    unsafe = [
        words
        for words, is_so in {
            "innodb_flush_log_at_trx_commit = 1 (uma queda de energia perde até um segundo de registros)": (
                found["innodb_flush_log_at_trx_commit"] == "1"
            ),
            "innodb_doublewrite = ON (uma página escrita pela metade não se recupera)": (
                found["innodb_doublewrite"] not in ("OFF", "0")
            ),
            "sync_binlog = 1 (réplicas e restaurações a um instante perdem o que foi confirmado)": (
                found.get("log_bin") != "ON" or found.get("sync_binlog") == "1"
            ),
        }.items()
        if not is_so
    ]
    if unsafe:
        return Finding("durabilidade", Verdict.WARNS, f"ponha no banco {'; '.join(unsafe)}")
    return _fine("durabilidade", "o que é confirmado está no disco")


_OF_GROUPS = (
    "group_replication_group_name",
    "group_replication_member_expel_timeout",
    "group_replication_consistency",
    "wsrep_on",
    "wsrep_sync_wait",
)
_ALL_STATEMENTS = 7
"""Of ``wsrep_sync_wait``: reads, UPDATE and DELETE, INSERT and REPLACE."""


async def _group(db: Database) -> Finding:
    return about_group(await _variables(db, *_OF_GROUPS))


def about_group(found: Mapping[str, str]) -> Finding:
    """Tell whether a server that is one of a group soon has another in its place, and shows all that was committed."""
    wrong = []
    if found.get("group_replication_group_name"):
        if found["group_replication_member_expel_timeout"] != "0":
            wrong.append("group_replication_member_expel_timeout = 0 (senão outro só assume mais de 20 s depois)")
        if found["group_replication_consistency"] == "EVENTUAL":
            wrong.append("group_replication_consistency = BEFORE_ON_PRIMARY_FAILOVER (quem assume pode ler o de antes)")
    elif found.get("wsrep_on") == "ON":
        if int(found["wsrep_sync_wait"]) & _ALL_STATEMENTS != _ALL_STATEMENTS:
            wrong.append("wsrep_sync_wait = 7 (quem escreve por um servidor pode não ver por outro o que escreveu)")
    else:
        return _fine("grupo", "nenhum: o banco é um servidor só")
    if wrong:
        return Finding("grupo", Verdict.WARNS, f"ponha no banco {'; '.join(wrong)}")
    return _fine("grupo", "quem cai é trocado logo")


async def _certificate(db: Database) -> Finding:
    """Tell how long the certificate of a server on another machine is still good; which it is, connecting has shown."""
    if not db.url.encrypted:
        return _fine("TLS", "não precisa: o banco está nesta máquina")
    rows = await db.select("SHOW STATUS LIKE 'Ssl_server_not_after'")
    until = _date_of(rows[0][1]) if rows else None
    if until is None:
        return _fine("TLS", "verificado")
    left = (until - _now()).days
    if left < _SOON_OVER:
        return Finding("TLS", Verdict.WARNS, f"o certificado do banco vence em {left} dias: troque-o antes")
    return _fine("TLS", f"verificado; o certificado vale mais {left} dias")


def _date_of(text: str) -> datetime | None:
    """Read a date as OpenSSL writes it: ``Nov 30 02:15:33 2027 GMT``."""
    try:
        return datetime.strptime(text, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=None)  # noqa: DTZ007 - naive, in UTC, as here
    except ValueError:
        return None


async def inspect_room(db: Database, connections: int) -> Finding:
    """Tell whether a server takes as many connections as will be made."""
    most = int((await _variables(db, "max_connections"))["max_connections"])
    if connections + _OTHERS > most:
        return Finding(
            "conexões",
            Verdict.WARNS,
            f"os processos abrem até {connections}, e o banco aceita {most}: aumente max_connections, ou diminua"
            " SGHSS_POOL_SIZE ou SGHSS_WORKERS",
        )
    return _fine("conexões", f"até {connections}, de {most} que o banco aceita")


async def inspect_replica(db: Database, url: DatabaseUrl) -> Finding:
    """Tell whether a replica can answer what is read: it is there, it isn't written to, and it isn't behind."""
    name, replicas = f"réplica {url.host}:{url.port}" if url.unix_socket is None else "réplica", Replicas(db)
    replica = Database(url, statement_timeout=_CATCH_UP + 1)
    try:
        if "ON" not in (await _variables(replica, "read_only", "super_read_only")).values():
            return Finding(name, Verdict.WARNS, "aceita escritas: ponha read_only = ON, ou se perdem")
        position = await replicas.position()
        if not position:
            return Finding(
                name, Verdict.WARNS, "não é usada: o banco não guarda GTIDs (log_bin e, no MySQL, gtid_mode = ON)"
            )
        if not await replicas.has(replica, position, _CATCH_UP) or not await replicas.follows(replica, position):
            return Finding(
                name,
                Verdict.WARNS,
                f"está mais de {_CATCH_UP:.0f} s atrás do banco, ou segue outro: veja SHOW REPLICA STATUS",
            )
    except Unreachable as error:
        return Finding(name, Verdict.WARNS, f"não responde, e quem lê é o banco: {error.reason}")
    except DatabaseFailure as error:
        return Finding(name, Verdict.WARNS, f"não serve de réplica (erro {error.number}): quem lê é o banco")
    except (Unavailable, TimeoutError):
        return Finding(name, Verdict.WARNS, "não responde: quem lê é o banco")
    finally:
        await replica.close()
    return _fine(name, "em dia")


async def _clock(db: Database) -> Finding:
    before = _now()
    ((theirs,),) = await db.select("SELECT UTC_TIMESTAMP(6)")
    off = (theirs - min(max(theirs, before), _now())).total_seconds()
    if abs(off) > CLOCK_TOLERANCE:
        return _lacks("relógio", f"o do banco e o desta máquina diferem {abs(off):.0f} s: acerte os dois (NTP)")
    return _fine("relógio", "o mesmo do banco")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


async def _writable(db: Database) -> Finding:
    found = await _variables(db, "read_only", "super_read_only")
    if "ON" in found.values():
        return _lacks("escrita", "o banco é só de leitura: indique o servidor principal, não uma réplica")
    return _fine("escrita", "permitida")


async def inspect_rights(db: Database, grants: str) -> list[Finding]:
    """Try every right that ``grants`` gives, and every one that it keeps back."""
    missing: list[str] = []
    too_many: list[str] = []
    columns: dict[str, str] = dict(
        await db.select(
            "SELECT TABLE_NAME, MIN(COLUMN_NAME) FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() GROUP BY TABLE_NAME"
        )
    )
    for table, rights in read_grants(grants).items():
        for right in _TRIED if rights != {"SELECT"} else rights:
            has = table in columns and await _may(db, _TRIED[right].format(table=table, column=columns[table]))
            if has != (right in rights):
                (too_many if has else missing).append(f"{right} em {table}")
    return list(_about_rights(missing, too_many))


def _about_rights(missing: list[str], too_many: list[str]) -> Iterator[Finding]:
    if missing:
        mend = "rode migrate e depois sql/grants.sql, como quem administra o banco"
        yield _lacks("direitos", f"faltam {_few(missing)}: {mend}")
    if too_many:
        mend = "sirva com um usuário que só tenha sql/grants.sql"
        yield Finding("direitos", Verdict.WARNS, f"há direitos a mais ({_few(too_many)}): {mend}")
    if not missing and not too_many:
        yield _fine("direitos", "os necessários, e só eles")


def _few(names: list[str]) -> str:
    """List the first names, and say how many more there are."""
    return ", ".join(names[:4]) + (f" e mais {len(names) - 4}" if len(names) > 4 else "")


async def _may(db: Database, statement: str) -> bool:
    """Try a statement that changes nothing."""

    async def attempt(tx: Transaction) -> None:
        await tx.execute(statement)

    try:
        await db.transaction(attempt)
    except DatabaseFailure as failure:
        if failure.number in DENIED:
            return False
        raise
    return True


def read_grants(text: str) -> dict[str, set[str]]:
    """Read the rights on each table from the statements of ``sql/grants.sql``."""
    found = (_GRANT.match(statement) for statement in read_statements(text))
    return {grant[2]: {right.strip().upper() for right in grant[1].split(",")} for grant in found if grant}


async def _variables(db: Database, *names: str) -> dict[str, str]:
    return dict(await db.select("SHOW VARIABLES WHERE Variable_name IN %(names)s", names=names))
