"""Which consultas can't be as they are booked: those that fall into a block, and those of one person that overlap."""

from collections.abc import Sequence
from datetime import datetime

from sghss_graphql.machinery.database import Reader

# None takes longer than eight hours: so the index on profissional and inicio has both ends.
_QUE_CAEM = (
    "SELECT b.id, c.id FROM bloqueio b JOIN consulta c ON c.profissional_id = b.profissional_id"
    " AND c.inicio > b.inicio - INTERVAL 8 HOUR AND c.inicio < b.fim AND c.fim > b.inicio"
    " WHERE b.id = %(key)s AND c.situacao IN ('AGENDADA', 'CONFIRMADA') ORDER BY c.inicio, c.id LIMIT %(mais)s"
)

_NA_HORA = (
    " AND o.id <> c.id AND o.inicio < c.fim AND o.fim > c.inicio"
    " AND o.situacao IN ('AGENDADA', 'CONFIRMADA', 'EM_ATENDIMENTO'))"
)
_DELE = " AND (EXISTS (SELECT 1 FROM consulta o WHERE o.paciente_id IN %(pacientes)s"
_DE_QUEM_ATENDE = " OR EXISTS (SELECT 1 FROM consulta o WHERE o.profissional_id IN %(profissionais)s"
_SE_CRUZA = (
    " AND c.fim > %(agora)s AND c.situacao IN ('AGENDADA', 'CONFIRMADA', 'EM_ATENDIMENTO')"
    + _DELE
    + _NA_HORA
    + _DE_QUEM_ATENDE
    + _NA_HORA
    + " OR c.paciente_id IN %(pacientes)s AND c.profissional_id IN %(profissionais)s)"
)
_EM_CONFLITO = (
    "(SELECT c.id, c.inicio FROM consulta c WHERE c.paciente_id IN %(pacientes)s"  # noqa: S608 - constants
    + _SE_CRUZA
    + ") UNION (SELECT c.id, c.inicio FROM consulta c WHERE c.profissional_id IN %(profissionais)s"
    + _SE_CRUZA
    + ") ORDER BY inicio, id LIMIT %(mais)s"
)


async def em_conflito(
    db: Reader, pacientes: Sequence[bytes], profissionais: Sequence[bytes], agora: datetime, mais: int
) -> list[bytes]:
    """Give the consultas to come of one person that overlap, by time; and those in which they would attend themself.

    They are ``pacientes``, by each of their registrations, and ``profissionais``, if they attend.
    """
    linhas = await db.select(
        _EM_CONFLITO, pacientes=list(pacientes), profissionais=list(profissionais), agora=agora, mais=mais
    )
    return [chave for chave, _ in linhas]


async def que_caem(db: Reader, bloqueios: Sequence[bytes], mais: int) -> list[tuple[bytes, bytes]]:
    """Give the consultas that are booked within each block, in order: the block's key, the consulta's."""
    linhas = await db.select_for_each(_QUE_CAEM, list(dict.fromkeys(bloqueios)), mais=mais)
    return [(bloqueio, consulta) for bloqueio, consulta in linhas]
