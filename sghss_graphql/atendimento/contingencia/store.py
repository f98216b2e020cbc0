"""What is booked in all unidades within a time, with all that the reception needs when there is no server."""

from dataclasses import replace
from datetime import datetime

from sghss_graphql.atendimento.contingencia.regras import Marcada
from sghss_graphql.machinery.database import Reader

_MARCADAS = (
    "SELECT p.id, u.nome, u.fuso, c.inicio, c.fim, c.situacao, c.encaixe, m.nome,"
    " COALESCE(e.nome_social, e.nome), e.nascimento, e.telefone, s.nome, t.nome"
    " FROM consulta c JOIN unidade u ON u.id = c.unidade_id"
    " JOIN profissional f ON f.id = c.profissional_id JOIN pessoa m ON m.id = f.pessoa_id"
    " JOIN paciente p ON p.id = c.paciente_id JOIN pessoa e ON e.id = p.pessoa_id"
    " LEFT JOIN sala s ON s.id = c.sala_id LEFT JOIN tipo_de_atendimento t ON t.id = c.tipo_id"
    " WHERE c.inicio >= %(de)s AND c.inicio < %(ate)s AND c.situacao <> 'CANCELADA'"
    " ORDER BY c.inicio, c.id LIMIT %(mais)s"
)


async def marcadas(db: Reader, de: datetime, ate: datetime, mais: int) -> list[Marcada]:
    """Give what begins within a time, in order, ``mais`` at most.

    It takes no proof of who asks: nobody does. What is read is sealed, and whoever opens it is put on the trail then.
    """
    linhas = await db.select(_MARCADAS, de=de, ate=ate, mais=mais)
    return [replace(Marcada(*linha), encaixe=bool(linha[6])) for linha in linhas]
