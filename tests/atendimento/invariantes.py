"""What always holds of bookings, whoever books what beside whom: read from the rows themselves, and told by name."""

from collections.abc import Sequence

from sghss_graphql.atendimento.andamento.porta import conferir
from sghss_graphql.machinery.database import Reader
from tests.hospital import chave

_DUAS = (
    "SELECT COUNT(*) FROM consulta a JOIN consulta b ON a.{0} = b.{0} AND a.id < b.id"
    " WHERE a.profissional_id IN %(quem)s AND a.situacao <> 'CANCELADA' AND b.situacao <> 'CANCELADA'"
)
_AO_MESMO_TEMPO = " AND a.inicio < b.fim AND b.inicio < a.fim"
_COM_INTERVALO = (
    " AND a.inicio < b.fim + INTERVAL b.intervalo MINUTE AND b.inicio < a.fim + INTERVAL a.intervalo MINUTE"
)
_FALTAS = {
    "duas ordinárias de um profissional ao mesmo tempo": (
        _DUAS.format("profissional_id") + " AND NOT a.encaixe AND NOT b.encaixe" + _COM_INTERVALO
    ),
    "um paciente em dois lugares": _DUAS.format("paciente_id") + _AO_MESMO_TEMPO,
    "uma sala com dois": _DUAS.format("sala_id") + _COM_INTERVALO,
    "encaixes demais": (
        "SELECT COUNT(*) FROM consulta a WHERE a.profissional_id IN %(quem)s AND a.situacao <> 'CANCELADA' AND 4 <"
        " (SELECT COUNT(*) FROM consulta b WHERE b.profissional_id = a.profissional_id AND b.situacao <> 'CANCELADA'"
        " AND b.encaixe AND b.inicio <= a.inicio AND b.fim > a.inicio)"
    ),
    "uma faixa sem a que está por baixo": (
        "SELECT COUNT(*) FROM (SELECT k.coisa_id FROM tempo k JOIN profissional m ON m.pessoa_id = k.coisa_id"
        " WHERE m.id IN %(quem)s GROUP BY k.coisa_id, k.celula HAVING MAX(k.faixa) <> COUNT(*) - 1) t"
    ),
    "tempo de uma reserva que não há": (
        "SELECT COUNT(*) FROM tempo k LEFT JOIN reserva r ON r.id = k.reserva_id AND r.expira_em = k.ate"
        " WHERE k.reserva_id IS NOT NULL AND r.id IS NULL"
    ),
    "reserva sem o seu tempo": (
        "SELECT COUNT(*) FROM reserva r WHERE r.profissional_id IN %(quem)s AND"
        " (SELECT COUNT(*) FROM tempo k WHERE k.reserva_id = r.id) <> LENGTH(r.coisas) DIV 16"
        " * (TIMESTAMPDIFF(MINUTE, r.inicio, r.fim) + r.intervalo) DIV 5"
    ),
    "uma série pela metade": (
        "SELECT COUNT(*) FROM (SELECT serie_id FROM consulta WHERE profissional_id IN %(quem)s AND serie_id IS NOT NULL"
        " GROUP BY serie_id HAVING COUNT(*) <> 3) t"
    ),
    "um passo a menos ou a mais na história": (
        "SELECT COUNT(*) FROM consulta c WHERE c.profissional_id IN %(quem)s AND c.versao <>"
        " (SELECT COUNT(*) FROM consulta_mudanca m WHERE m.consulta_id = c.id)"
    ),
}


async def faltas(db: Reader, profissionais: Sequence[str]) -> set[str]:
    """Name what doesn't hold, of these profissionais' bookings; series are of three there, and reasons stay."""
    quem = [chave(um) for um in profissionais]
    achadas = {nome for nome, sql in _FALTAS.items() if (await db.select(sql, quem=quem))[0][0]}
    conferencia = await conferir(db)
    delas = {f"con_{uma.hex()}" for (uma,) in await db.select(
        "SELECT id FROM consulta WHERE profissional_id IN %(quem)s", quem=quem
    )}  # fmt: skip
    if delas & set(conferencia.sem_tempo):
        achadas.add("uma consulta sem o seu tempo")
    if delas & set(conferencia.com_tempo_alheio):
        achadas.add("tempo que não é de ninguém")
    return achadas
