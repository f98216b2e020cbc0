"""What is booked and the time that is taken for it, compared: what doesn't fit each other, of what is to come."""

from datetime import datetime

from sghss_graphql.machinery.database import Reader

_CELULAS = (
    " TIMESTAMPDIFF(SECOND, '1970-01-01', c.inicio) DIV 300 AS de,"
    " TIMESTAMPDIFF(SECOND, '1970-01-01', c.fim) DIV 300 AS ate, c.intervalo DIV 5 AS depois"
)
_POR_VIR = " WHERE c.inicio > %(agora)s - INTERVAL 8 HOUR AND c.fim > %(agora)s"
_VIVAS = _POR_VIR + " AND c.situacao <> 'CANCELADA'"
_SEM_TEMPO = (
    "SELECT t.id FROM (SELECT c.id, m.pessoa_id AS coisa_id, FALSE AS do_paciente,"  # noqa: S608 - constants
    + _CELULAS + " FROM consulta c JOIN profissional m ON m.id = c.profissional_id" + _VIVAS
    + " UNION ALL SELECT c.id, p.pessoa_id, TRUE," + _CELULAS + " FROM consulta c JOIN paciente p"
    " ON p.id = c.paciente_id" + _VIVAS
    + " UNION ALL SELECT c.id, c.sala_id, FALSE," + _CELULAS + " FROM consulta c" + _VIVAS
    + " AND c.sala_id IS NOT NULL) t LEFT JOIN tempo k ON k.consulta_id = t.id AND k.coisa_id = t.coisa_id"
    " GROUP BY t.id, t.coisa_id, t.de, t.ate, t.depois, t.do_paciente"
    " HAVING COUNT(k.celula) <> t.ate + IF(t.do_paciente, 0, t.depois) - t.de OR MIN(k.celula) <> t.de"
    " OR MAX(k.celula) <> t.ate + IF(t.do_paciente, 0, t.depois) - 1"
)  # fmt: skip
_QUANTAS = "SELECT COUNT(*) FROM consulta c" + _POR_VIR  # noqa: S608 - constants
_DE_NINGUEM = (
    "SELECT DISTINCT k.consulta_id FROM tempo k JOIN consulta c ON c.id = k.consulta_id"  # noqa: S608 - constants
    " JOIN profissional m ON m.id = c.profissional_id JOIN paciente p ON p.id = c.paciente_id"
    + _POR_VIR
    + " AND (c.situacao = 'CANCELADA' OR NOT (k.coisa_id IN (m.pessoa_id, p.pessoa_id, COALESCE(c.sala_id, ''))"
    " OR EXISTS (SELECT 1 FROM paciente a JOIN mesma_pessoa g ON g.paciente_id = a.id"
    " JOIN paciente b ON b.id = g.outro_id WHERE a.pessoa_id IN (m.pessoa_id, p.pessoa_id)"
    " AND b.pessoa_id = k.coisa_id)))"
)


async def sem_tempo(db: Reader, agora: datetime) -> set[bytes]:
    """Give the consultas to come whose time isn't all taken, for profissional, paciente and sala, and no more of it."""
    return {chave for (chave,) in await db.select(_SEM_TEMPO, agora=agora)}


async def tempo_de_ninguem(db: Reader, agora: datetime) -> set[bytes]:
    """Give the consultas to come for which time is taken that isn't theirs: cancelled ones, or somebody else's time."""
    return {chave for (chave,) in await db.select(_DE_NINGUEM, agora=agora)}


async def quantas(db: Reader, agora: datetime) -> int:
    """Count the consultas to come."""
    ((contadas,),) = await db.select(_QUANTAS, agora=agora)
    return int(contadas)
