"""What the peers in Python share: the token, the SQL, and rows to JSON, as a good engineer writes them."""

import os
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import aiomysql
import jwt

CONNECTION = {
    "unix_socket": os.environ["DB_SOCKET"],
    "user": os.environ["DB_USER"],
    "password": os.environ["DB_PASSWORD"],
}
DATABASE = os.environ["DB_NAME"]
SECRET, ISSUER, AUDIENCE = os.environ["SECRET"], os.environ["ISSUER"], os.environ["AUDIENCE"]

_CONSULTA = "SELECT id, paciente_id, profissional_id, inicio, fim, situacao, motivo FROM consulta"
_NEWEST = " ORDER BY inicio DESC, id DESC LIMIT %s"
OF_PACIENTE = f"{_CONSULTA} WHERE paciente_id = %s{_NEWEST}"
OF_PROFISSIONAL = f"{_CONSULTA} WHERE profissional_id = %s{_NEWEST}"
BEFORE = f"{_CONSULTA} WHERE inicio < %s{_NEWEST}"
PACIENTE = (
    "SELECT p.id, e.nome, e.cpf, e.nascimento FROM paciente p JOIN pessoa e ON e.id = p.pessoa_id WHERE p.id = %s"
)

Q2 = """
    SELECT c.id, c.inicio, c.fim, c.situacao, c.motivo, m.id, n.nome, CONCAT(m.conselho, ' ', m.numero, '/', m.uf)
    FROM consulta c JOIN profissional m ON m.id = c.profissional_id JOIN pessoa n ON n.id = m.pessoa_id
    WHERE c.paciente_id = %s ORDER BY c.inicio DESC, c.id DESC LIMIT 20
"""
Q3 = """
    SELECT c.id, c.inicio, c.situacao, p.id, e.nome, e.cpf, m.id, n.nome, r.id, r.criado_em, r.texto
    FROM (SELECT id, inicio, situacao, paciente_id, profissional_id FROM consulta
        WHERE profissional_id = %s ORDER BY inicio DESC, id DESC LIMIT 50) c
    JOIN paciente p ON p.id = c.paciente_id JOIN pessoa e ON e.id = p.pessoa_id
    JOIN profissional m ON m.id = c.profissional_id JOIN pessoa n ON n.id = m.pessoa_id
    LEFT JOIN prontuario r ON r.consulta_id = c.id ORDER BY c.inicio DESC, c.id DESC, r.numero DESC
"""
L1 = """
    SELECT c.id, c.inicio, c.fim, c.situacao, p.id, e.nome, m.id, n.nome
    FROM (SELECT * FROM consulta WHERE inicio < %s ORDER BY inicio DESC, id DESC LIMIT 100) c
    JOIN paciente p ON p.id = c.paciente_id JOIN pessoa e ON e.id = p.pessoa_id
    JOIN profissional m ON m.id = c.profissional_id JOIN pessoa n ON n.id = m.pessoa_id
    ORDER BY c.inicio DESC, c.id DESC
"""


def verify(header: str) -> dict[str, Any]:
    """Verify the token of an Authorization header."""
    return jwt.decode(header[7:], SECRET, algorithms=["HS256"], issuer=ISSUER, audience=AUDIENCE)


def key(id: str) -> bytes:
    """Read an id."""
    return bytes.fromhex(id[4:])


def instant(at: datetime) -> str:
    """Write an instant."""
    return f"{at.isoformat()}Z"


def stored(text: str) -> str:
    """Write an instant as the database has it."""
    return text.replace("T", " ").replace("Z", "")


def person(row: Any) -> dict[str, Any]:
    """Write a paciente."""
    return {"id": f"pac_{row[0].hex()}", "nome": row[1], "cpf": row[2], "nascimento": row[3].isoformat()}


def of_q2(rows: Any) -> list[dict[str, Any]]:
    """Write the rows of Q2."""
    return [
        {
            "id": f"con_{row[0].hex()}",
            "inicio": instant(row[1]),
            "fim": instant(row[2]),
            "situacao": row[3],
            "motivo": row[4],
            "profissional": {"id": f"prf_{row[5].hex()}", "nome": row[6], "registro": row[7]},
        }
        for row in rows
    ]


def of_q3(rows: Any) -> list[dict[str, Any]]:
    """Write the rows of Q3: the records of one consulta follow each other."""
    answer: list[dict[str, Any]] = []
    last = None
    for row in rows:
        if row[0] != last:
            last = row[0]
            answer.append(
                {
                    "id": f"con_{row[0].hex()}",
                    "inicio": instant(row[1]),
                    "situacao": row[2],
                    "paciente": {"id": f"pac_{row[3].hex()}", "nome": row[4], "cpf": row[5]},
                    "profissional": {"id": f"prf_{row[6].hex()}", "nome": row[7]},
                    "prontuarios": [],
                }
            )
        if row[8] is not None:
            record = {"id": f"pro_{row[8].hex()}", "criadoEm": instant(row[9]), "texto": row[10]}
            answer[-1]["prontuarios"].append(record)
    return answer


def of_l1(rows: Any) -> list[dict[str, Any]]:
    """Write the rows of L1."""
    return [
        {
            "id": f"con_{row[0].hex()}",
            "inicio": instant(row[1]),
            "fim": instant(row[2]),
            "situacao": row[3],
            "paciente": {"id": f"pac_{row[4].hex()}", "nome": row[5]},
            "profissional": {"id": f"prf_{row[6].hex()}", "nome": row[7]},
        }
        for row in rows
    ]


def reach_of(text: str) -> tuple[list[str], str]:
    """Give the starts that a search looks for, and the statement that asks how far each reaches (twice a parameter)."""
    starts = text.lower().split()
    one = (
        "(SELECT %s, (SELECT nome_ordem FROM pessoa_inicio WHERE inicio = %s"
        " ORDER BY nome_ordem, pessoa_id LIMIT 1 OFFSET 100))"
    )
    return starts, " UNION ALL ".join([one] * len(starts))


def search_of(reached: Any) -> tuple[str, list[str]]:
    """Give the search itself: along the start that reaches furthest, as the product does it."""
    ordered = sorted(reached, key=lambda row: (row[1] is None, row[1]), reverse=True)
    others = "".join(
        f" JOIN pessoa_inicio i{n} ON i{n}.inicio = %s AND i{n}.nome_ordem = i0.nome_ordem"
        f" AND i{n}.pessoa_id = i0.pessoa_id"
        for n in range(1, len(ordered))
    )
    sql = (
        f"SELECT STRAIGHT_JOIN p.id, e.nome, e.cpf, e.nascimento FROM pessoa_inicio i0{others}"
        " JOIN paciente p ON p.pessoa_id = i0.pessoa_id JOIN pessoa e ON e.id = p.pessoa_id WHERE i0.inicio = %s"
        " ORDER BY i0.nome_ordem, i0.pessoa_id LIMIT 20"
    )
    first, *rest = [row[0] for row in ordered]
    return sql, [*rest, first]


class Booking:
    """The statements that book a consulta: the same reads before, and the same rows written, as the product's."""

    def __init__(self, wanted: dict[str, Any], usuario: str) -> None:
        self.start = datetime.fromisoformat(wanted["inicio"]).astimezone(UTC).replace(tzinfo=None)
        self.end = self.start + timedelta(minutes=wanted["duracaoEmMinutos"])
        self.motivo = wanted["motivo"]
        self.paciente, self.profissional, self.usuario = (
            key(wanted["pacienteId"]),
            key(wanted["profissionalId"]),
            key(usuario),
        )
        self.consulta = new_key()

    def reads(self) -> list[tuple[str, Any]]:
        """Give what is read before."""
        return [
            (PACIENTE, [self.paciente]),
            (
                "SELECT m.id, e.nome, m.conselho, m.numero, m.uf, m.fuso FROM profissional m"
                " JOIN pessoa e ON e.id = m.pessoa_id WHERE m.id = %s",
                [self.profissional],
            ),
            (
                "SELECT id FROM bloqueio WHERE profissional_id = %s AND fim > %s AND inicio < %s",
                [self.profissional, self.start, self.end],
            ),
            ("SELECT dia, inicio, fim FROM turno WHERE profissional_id = %s ORDER BY dia, inicio", [self.profissional]),
        ]

    def writes(self) -> list[tuple[str, Any]]:
        """Give what one transaction writes."""
        made = datetime.now(UTC).replace(tzinfo=None)
        first = int(self.start.replace(tzinfo=UTC).timestamp()) // 300
        cells = range(first, first + int((self.end - self.start).total_seconds()) // 300)
        three = ", ".join(["(%s, %s, %s)"] * len(cells))
        return [
            (
                "INSERT INTO consulta"
                " (id, paciente_id, profissional_id, inicio, fim, situacao, modalidade, motivo, criado_em)"
                " VALUES (%s, %s, %s, %s, %s, 'AGENDADA', 'PRESENCIAL', %s, %s)",
                [self.consulta, self.paciente, self.profissional, self.start, self.end, self.motivo, made],
            ),
            (
                "INSERT INTO cuidado (origem_id, profissional_id, paciente_id, fonte, ate)"
                " VALUES (%s, %s, %s, 'CONSULTA', %s)",
                [self.consulta, self.profissional, self.paciente, self.end + timedelta(days=365)],
            ),
            (
                f"INSERT INTO tempo (coisa_id, celula, consulta_id) VALUES {three}",  # a person's key is here theirs
                [value for cell in cells for value in (self.profissional, cell, self.consulta)],
            ),
            (
                f"INSERT INTO tempo (coisa_id, celula, consulta_id) VALUES {three}",
                [value for cell in cells for value in (self.paciente, cell, self.consulta)],
            ),
            (
                "INSERT INTO consulta_mudanca"
                " (consulta_id, numero, situacao, inicio, fim, motivo, usuario_id, criado_em)"
                " VALUES (%s, 1, 'AGENDADA', %s, %s, NULL, %s, %s)",
                [self.consulta, self.start, self.end, self.usuario, made],
            ),
            (
                "INSERT INTO auditoria (id, instante, ato, usuario_id, papeis, paciente_id, alvo_id, campo, origem)"
                " VALUES (%s, %s, 'AGENDAR_CONSULTA', %s, 'PACIENTE', %s, %s, NULL, %s)",
                [new_key(), made, self.usuario, self.paciente, self.consulta, b"\x7f\x00\x00\x01"],
            ),
        ]

    def answer(self) -> dict[str, Any]:
        """Give the consulta as it was booked."""
        return {
            "id": f"con_{self.consulta.hex()}",
            "inicio": instant(self.start),
            "fim": instant(self.end),
            "situacao": "AGENDADA",
            "motivo": self.motivo,
        }


def new_key() -> bytes:
    """Make a key that sorts by time."""
    return int(time.time() * 1000).to_bytes(6, "big") + secrets.token_bytes(10)


class Pool:
    """aiomysql's pool, as its documentation shows it."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @classmethod
    async def open(cls) -> "Pool":
        """Connect."""
        return cls(
            await aiomysql.create_pool(
                **CONNECTION, db=DATABASE, charset="utf8mb4", autocommit=True, minsize=10, maxsize=10
            )
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.terminate()

    async def rows(self, sql: str, parameters: Any) -> Any:
        """Read all rows."""
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(_bytes(sql, parameters), None)
            return await cursor.fetchall()

    async def book(self, booking: Booking) -> dict[str, Any]:
        """Book a consulta."""
        for sql, parameters in booking.reads():
            await self.rows(sql, parameters)
        async with self._pool.acquire() as connection:
            await connection.begin()
            try:
                async with connection.cursor() as cursor:
                    for sql, parameters in booking.writes():
                        await cursor.execute(_bytes(sql, parameters), None)
                await connection.commit()
            except BaseException:
                await connection.rollback()
                raise
        return booking.answer()

    async def search(self, text: str) -> Any:
        """Find pacientes by starts of words."""
        starts, sql = reach_of(text)
        reached = await self.rows(sql, [value for start in starts for value in (start, start)])
        return await self.rows(*search_of(reached))


def _bytes(sql: str, parameters: Any) -> str:
    """Write the parameters in: aiomysql 0.3.2 can't write bytes with PyMySQL 1.2 (it imports an alias that is gone)."""
    return sql % tuple(_literal(value) for value in parameters)


def _literal(value: Any) -> str:
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if value is None or isinstance(value, int):
        return "NULL" if value is None else str(value)
    text = str(value).replace("\\", "\\\\").replace("'", "''")
    return f"'{text}'"
