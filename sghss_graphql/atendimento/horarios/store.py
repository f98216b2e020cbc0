"""Who may attend somebody who looks for a time, and what of their time is taken: in numbers of 64 cells."""

from collections.abc import Sequence
from datetime import datetime

from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.machinery.database import Reader

_QUEM_ATENDE = (
    "SELECT m.id, m.pessoa_id FROM profissional m WHERE m.ativo"
    " AND (SELECT 1 FROM usuario u JOIN usuario_papel r ON r.usuario_id = u.id"
    " WHERE u.pessoa_id = m.pessoa_id AND u.ativo AND r.papel = 'PROFISSIONAL' LIMIT 1) = 1"
)
_ELE = " AND m.id = %(profissional)s"
_NA_UNIDADE = " AND m.id IN (SELECT t.profissional_id FROM turno t WHERE t.unidade_id = %(unidade)s)"
_EM_ALGUMA = " AND (SELECT 1 FROM turno t WHERE t.profissional_id = m.id LIMIT 1) = 1"
_NELAS = (
    " AND m.id IN (SELECT e.profissional_id FROM profissional_especialidade e"
    " WHERE e.especialidade_ordem IN %(especialidades)s GROUP BY e.profissional_id HAVING COUNT(*) = %(quantas)s)"
)
_BITS = 6
"""A number has as many bits as this says, as a power of two."""


async def quem_atende(
    db: Reader,
    _: Alcance[VerProfissionais],
    especialidades: Sequence[str],
    profissional: bytes | None,
    unidade: bytes | None,
    mais: int,
) -> list[tuple[bytes, bytes]]:
    """Give those who have working hours, attend, and fit: key of the profissional and of their pessoa, by key.

    They attend in each of the ``especialidades``, in plain letters; they are this one, and in this unidade, if it is
    said.
    """
    partes = (
        (_ELE if profissional is not None else "")
        + (_NA_UNIDADE if unidade is not None else _EM_ALGUMA)
        + (_NELAS if especialidades else "")
    )
    linhas = await db.look_up(
        _QUEM_ATENDE + partes + " ORDER BY m.id LIMIT %(mais)s",
        profissional=profissional,
        unidade=unidade,
        especialidades=list(especialidades),
        quantas=len(especialidades),
        mais=mais,
    )
    return [(chave, pessoa) for chave, pessoa in linhas]


async def ocupacao(db: Reader, coisas: Sequence[bytes], celulas: range, agora: datetime) -> dict[bytes, int]:
    """Give what is taken of pessoas and salas within a range of cells: a number with a bit for each cell that is."""
    linhas = await db.select(
        "SELECT coisa_id, celula >> %(bits)s, BIT_OR(1 << (celula & ((1 << %(bits)s) - 1))) FROM tempo"
        " WHERE coisa_id IN %(coisas)s AND celula >= %(de)s AND celula < %(ate)s"
        " AND (ate IS NULL OR ate > %(agora)s) GROUP BY coisa_id, celula >> %(bits)s",
        coisas=list(dict.fromkeys(coisas)),
        bits=_BITS,
        agora=agora,
        de=celulas.start,
        ate=celulas.stop,
    )
    tomadas: dict[bytes, int] = {}
    for coisa, bloco, bits in linhas:
        desloca = (bloco << _BITS) - celulas.start
        parte = bits << desloca if desloca >= 0 else bits >> -desloca
        tomadas[coisa] = tomadas.get(coisa, 0) | parte
    return tomadas
