"""Working hours, blocks, holds and the occupied cells; the cells' primary keys are what forbids an overlap."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sghss_graphql.atendimento.agenda.regras import Guardado, HorasDeTrabalho, Intervalo, Semanas, Tomada, celulas
from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade
from sghss_graphql.machinery.database import Reader, Transaction

_TURNOS = (
    "SELECT profissional_id, GROUP_CONCAT(dia, ',', inicio, ',', fim, ',', HEX(unidade_id), ',',"
    " IFNULL(HEX(sala_id), ''), ',', IFNULL(vigencia_de, ''), ',', IFNULL(vigencia_ate, ''), ',', a_cada_semanas, ',',"
    " numero ORDER BY numero SEPARATOR ' ') AS turnos FROM turno WHERE profissional_id IN %(profissionais)s"
    " GROUP BY profissional_id ORDER BY profissional_id"
)
_TIPOS_DOS_TURNOS = "SELECT profissional_id, numero, tipo_id FROM turno_tipo WHERE profissional_id IN %(profissionais)s"
_LUGARES = (
    "SELECT DISTINCT u.id, u.fuso, u.uf, u.abre_nos_feriados, u.ativa, a.dia FROM turno t"
    " JOIN unidade u ON u.id = t.unidade_id LEFT JOIN unidade_aberta a ON a.unidade_id = u.id"
    " WHERE t.profissional_id IN %(profissionais)s"
)


async def turnos(db: Reader, profissionais: Sequence[bytes]) -> Semanas:
    """Give the weekly hours of profissionais: three look-ups, in one trip where there is no transaction."""
    chaves = list(dict.fromkeys(profissionais))
    leituras = [db.look_up(sql, profissionais=chaves) for sql in (_TURNOS, _TIPOS_DOS_TURNOS, _LUGARES)]
    if isinstance(db, Transaction):
        linhas, dos_tipos, lugares = [await leitura for leitura in leituras]
    else:
        linhas, dos_tipos, lugares = await asyncio.gather(*leituras)
    tipos: defaultdict[bytes, list[tuple[int, bytes]]] = defaultdict(list)
    for profissional, numero, tipo in dos_tipos:
        tipos[profissional].append((numero, tipo))
    abertos: defaultdict[tuple[Any, ...], set[date]] = defaultdict(set)
    for *lugar, dia in lugares:
        abertos[tuple(lugar)].update(() if dia is None else [dia])
    dias = {
        unidade: DiasDeUmaUnidade(fuso, uf, bool(abre), frozenset(os_dias), bool(ativa))
        for (unidade, fuso, uf, abre, ativa), os_dias in abertos.items()
    }
    horas = {
        profissional: _semana(escrita, tuple(sorted(tipos.get(profissional, ())))) for profissional, escrita in linhas
    }
    onde = dict.fromkeys(turno.unidade for semana in horas.values() for turno in semana)
    if not dias.keys() >= onde.keys():  # the hours were changed in between
        return await turnos(db, profissionais)
    return Semanas(horas, {unidade: dias[unidade] for unidade in onde})


@lru_cache(maxsize=2_000)
def _semana(escrita: str, tipos: tuple[tuple[int, bytes], ...]) -> tuple[HorasDeTrabalho, ...]:
    """Read somebody's weekly hours as ``_TURNOS`` writes them, and their kinds, each with the number of its stretch.

    They come written in one text, which costs the database less than rows do; and a text that was read before is known.
    """
    return tuple(_turno(turno, tipos) for turno in escrita.split(" "))


def _turno(escrito: str, tipos: Sequence[tuple[int, bytes]]) -> HorasDeTrabalho:
    dia, inicio, fim, unidade, sala, desde, ate, semanas, numero = escrito.split(",")
    return HorasDeTrabalho(
        int(dia),
        int(inicio),
        int(fim),
        bytes.fromhex(unidade),
        bytes.fromhex(sala) or None,
        date.fromisoformat(desde) if desde else None,
        date.fromisoformat(ate) if ate else None,
        int(semanas),
        frozenset(tipo for dele, tipo in tipos if dele == int(numero)),
    )


def trocar_turnos(tx: Transaction, profissional: bytes, horas: Sequence[HorasDeTrabalho]) -> None:
    """Set a profissional's weekly hours, in place of those that there are."""
    tx.write("DELETE FROM turno WHERE profissional_id = %(profissional)s", profissional=profissional)
    tx.write_rows(
        "INSERT INTO turno (profissional_id, numero, dia, inicio, fim, unidade_id, sala_id, vigencia_de, vigencia_ate,"
        " a_cada_semanas) VALUES %(rows)s",
        [
            (profissional, numero, t.dia, t.inicio, t.fim, t.unidade, t.sala, t.desde, t.ate, t.semanas)
            for numero, t in enumerate(horas, 1)
        ],
    )
    tx.write_rows(
        "INSERT INTO turno_tipo (profissional_id, numero, tipo_id) VALUES %(rows)s",
        [(profissional, numero, tipo) for numero, turno in enumerate(horas, 1) for tipo in sorted(turno.tipos)],
    )


async def bloqueios(
    db: Reader, profissionais: Sequence[bytes], periodo: Intervalo
) -> list[tuple[bytes, bytes, Intervalo, str]]:
    """Give the blocks that touch a period: block's key, profissional's key, interval, reason, in order."""
    linhas = await db.look_up(
        "SELECT id, profissional_id, inicio, fim, motivo FROM bloqueio"
        " WHERE profissional_id IN %(profissionais)s AND fim > %(de)s AND inicio < %(ate)s"
        " ORDER BY profissional_id, inicio, id",
        profissionais=list(dict.fromkeys(profissionais)),
        de=periodo.inicio,
        ate=periodo.fim,
    )
    return [
        (chave, profissional, Intervalo(inicio, fim), motivo) for chave, profissional, inicio, fim, motivo in linhas
    ]


async def bloqueio(db: Reader, chave: bytes) -> tuple[bytes, Intervalo, str] | None:
    """Give one block: profissional's key, interval, reason."""
    linhas = await db.look_up(
        "SELECT profissional_id, inicio, fim, motivo FROM bloqueio WHERE id = %(chave)s", chave=chave
    )
    return (linhas[0][0], Intervalo(linhas[0][1], linhas[0][2]), linhas[0][3]) if linhas else None


async def bloqueios_por_vir(tx: Transaction, profissional: bytes, instante: datetime, mais: int) -> int:
    """Count a profissional's blocks that haven't ended, no further than ``mais``."""
    linhas = await tx.select(
        "SELECT COUNT(*) FROM (SELECT 1 FROM bloqueio WHERE profissional_id = %(profissional)s AND fim > %(instante)s"
        " LIMIT %(mais)s) AS por_vir",
        profissional=profissional,
        instante=instante,
        mais=mais,
    )
    return int(linhas[0][0])


def inserir_bloqueio(
    tx: Transaction, chave: bytes, profissional: bytes, periodo: Intervalo, motivo: str, agora: datetime
) -> None:
    """Add a block."""
    tx.write(
        "INSERT INTO bloqueio (id, profissional_id, inicio, fim, motivo, criado_em)"
        " VALUES (%(chave)s, %(profissional)s, %(inicio)s, %(fim)s, %(motivo)s, %(agora)s)",
        chave=chave,
        profissional=profissional,
        inicio=periodo.inicio,
        fim=periodo.fim,
        motivo=motivo,
        agora=agora,
    )


async def apagar_bloqueio(tx: Transaction, chave: bytes) -> bool:
    """Take a block away; False if it is gone already."""
    return await tx.execute("DELETE FROM bloqueio WHERE id = %(chave)s", chave=chave) == 1


_NAS_CELULAS = " FROM tempo x WHERE x.coisa_id IN %(coisas)s AND x.celula >= %(de)s AND x.celula < %(ate)s"
_CONTA = " AND (x.ate IS NULL OR x.ate > %(agora)s)"
_DA_CONSULTA = " WHERE x.consulta_id = %(dono)s"
_DA_SALA = _DA_CONSULTA + " AND x.coisa_id IN (SELECT id FROM sala)"  # noqa: S608 - constants
_DA_RESERVA = (
    " WHERE x.coisa_id IN %(coisas)s AND x.celula >= %(de)s AND x.celula < %(ate)s AND x.reserva_id = %(dono)s"
)
_E_ACIMA = (
    "SELECT x.coisa_id, x.faixa, x.celula, k.faixa IS NOT NULL FROM tempo x LEFT JOIN tempo k"
    " ON k.coisa_id = x.coisa_id AND k.celula = x.celula AND k.faixa > x.faixa"
)
_EFETIVAR = "UPDATE tempo x SET x.consulta_id = %(consulta)s, x.reserva_id = NULL, x.ate = NULL"
_RESERVAS = (
    "SELECT id, usuario_id, vaga, profissional_id, unidade_id, sala_id, tipo_id, inicio, fim, intervalo, expira_em,"
    " coisas FROM reserva WHERE "
)
_CHAVE = 16  # bytes


async def ocupadas(db: Reader, coisas: Sequence[bytes], quais: range, agora: datetime) -> list[tuple[bytes, int]]:
    """Give the occupied cells of pessoas or salas within a range: key, cell. What is held no longer counts no more."""
    linhas = await db.select(
        "SELECT x.coisa_id, x.celula" + _NAS_CELULAS + _CONTA,
        agora=agora,
        **_nas_celulas(coisas, quais),
    )
    return [(coisa, celula) for coisa, celula in linhas]


def ocupar(tx: Transaction, coisa: bytes, consulta: bytes, quais: Mapping[int, int]) -> None:
    """Occupy cells of a pessoa or a sala, each in its lane; the primary key refuses one that is taken."""
    tx.write_rows(
        "INSERT INTO tempo (coisa_id, celula, faixa, consulta_id) VALUES %(rows)s",
        [(coisa, celula, faixa, consulta) for celula, faixa in quais.items()],
    )


async def tomadas(tx: Transaction, coisas: Sequence[bytes], quais: range) -> list[Tomada]:
    """Give what is taken of pessoas within a range, in every lane; whoever changes any of it waits from now on."""
    linhas = await tx.select(
        "SELECT x.coisa_id, x.celula, x.faixa, x.consulta_id" + _NAS_CELULAS + " FOR UPDATE",
        **_nas_celulas(coisas, quais),
    )
    return [Tomada(*linha) for linha in linhas]


async def de_quem_atende(tx: Transaction, consultas: Sequence[bytes]) -> dict[bytes, tuple[bytes, bool]]:
    """Give the pessoa who attends each of some consultas, and whether it was booked over something."""
    linhas = await tx.look_up(
        "SELECT c.id, m.pessoa_id, c.encaixe FROM consulta c JOIN profissional m ON m.id = c.profissional_id"
        " WHERE c.id IN %(consultas)s",
        consultas=list(dict.fromkeys(consultas)),
    )
    return {chave: (pessoa, bool(encaixe)) for chave, pessoa, encaixe in linhas}


async def sala_livre(tx: Transaction, unidade: bytes, quais: range, agora: datetime) -> bytes | None:
    """Give the first active sala of a unidade without any of these cells; None if there is none."""
    linhas = await tx.select(
        "SELECT s.id FROM sala s WHERE s.unidade_id = %(unidade)s AND s.ativa AND NOT EXISTS (SELECT 1 FROM tempo"
        " WHERE coisa_id = s.id AND celula >= %(de)s AND celula < %(ate)s AND (ate IS NULL OR ate > %(agora)s))"
        " ORDER BY s.nome_ordem LIMIT 1",
        unidade=unidade,
        agora=agora,
        de=quais.start,
        ate=quais.stop,
    )
    return linhas[0][0] if linhas else None


async def liberar(tx: Transaction, consulta: bytes) -> None:
    """Free the cells of a consulta; what was booked over it comes down."""
    await _soltar(tx, _DA_CONSULTA, {"dono": consulta})


async def liberar_sala(tx: Transaction, consulta: bytes) -> None:
    """Free the cells of a consulta that are a sala's."""
    await _soltar(tx, _DA_SALA, {"dono": consulta})


async def _soltar(tx: Transaction, quais: str, parametros: Mapping[str, Any]) -> None:
    """Take cells away, and bring what is in the lanes above them one down: where anything is, lane 0 is taken.

    They are held before: nobody puts anything above them meanwhile.
    """
    linhas = await tx.select(_E_ACIMA + quais + " FOR UPDATE", **parametros)
    tx.write("DELETE x FROM tempo x" + quais, **parametros)
    acima: dict[tuple[bytes, int], set[int]] = defaultdict(set)
    for coisa, faixa, celula, ha in linhas:
        if ha:
            acima[coisa, faixa].add(celula)
    for (coisa, faixa), descem in acima.items():
        tx.write(
            "UPDATE tempo SET faixa = faixa - 1 WHERE coisa_id = %(coisa)s AND celula IN %(celulas)s"
            " AND faixa > %(faixa)s ORDER BY faixa",
            coisa=coisa,
            celulas=sorted(descem),
            faixa=faixa,
        )


def inserir_reserva(tx: Transaction, guardado: Guardado) -> None:
    """Add a hold; its place is refused if its usuario has another one there."""
    g = guardado
    onde = g.profissional, g.unidade, g.sala, g.tipo
    tx.write_rows(
        "INSERT INTO reserva (id, usuario_id, vaga, profissional_id, unidade_id, sala_id, tipo_id, inicio, fim,"
        " intervalo, expira_em, coisas) VALUES %(rows)s",
        [(g.chave, g.usuario, g.vaga, *onde, g.hora.inicio, g.hora.fim, g.intervalo, g.expira_em, b"".join(g.coisas))],
    )


def segurar(tx: Transaction, guardado: Guardado, coisas: Sequence[bytes]) -> None:
    """Hold the time of pessoas or of a sala, in lane 0; the primary key refuses one that is taken."""
    g = guardado
    tx.write_rows(
        "INSERT INTO tempo (coisa_id, celula, reserva_id, ate) VALUES %(rows)s",
        [(coisa, celula, g.chave, g.expira_em) for coisa in coisas for celula in celulas(g.toda)],
    )


async def efetivar(tx: Transaction, guardado: Guardado, consulta: bytes, agora: datetime) -> bool:
    """Let a consulta have the cells of a hold, which is over then; False if it was over before."""
    feitas = await tx.execute(
        _EFETIVAR + _DA_RESERVA + " AND x.ate > %(agora)s",
        consulta=consulta,
        agora=agora,
        **_da_reserva(guardado),
    )
    tx.write("DELETE FROM reserva WHERE id = %(chave)s", chave=guardado.chave)
    return feitas == len(guardado.coisas) * len(celulas(guardado.toda))


async def soltar(tx: Transaction, guardado: Guardado) -> bool:
    """End a hold and free its cells; False if it was over before."""
    if not await tx.execute("DELETE FROM reserva WHERE id = %(chave)s", chave=guardado.chave):
        return False
    await _soltar(tx, _DA_RESERVA, _da_reserva(guardado))
    return True


async def reserva(db: Reader, chave: bytes) -> Guardado | None:
    """Give one hold, expired or not."""
    linhas = await db.look_up(_RESERVAS + "id = %(chave)s", chave=chave)
    return _guardado(*linhas[0]) if linhas else None


async def reservas_de(tx: Transaction, usuario: bytes) -> list[Guardado]:
    """Give the holds of one usuario, expired or not, the one that expires first at the front."""
    linhas = await tx.select(_RESERVAS + "usuario_id = %(usuario)s ORDER BY expira_em, id FOR UPDATE", usuario=usuario)
    return [_guardado(*linha) for linha in linhas]


async def expiradas(db: Reader, agora: datetime, mais: int) -> list[Guardado]:
    """Give some holds that have expired."""
    linhas = await db.select(
        _RESERVAS + "expira_em <= %(agora)s ORDER BY expira_em LIMIT %(mais)s", agora=agora, mais=mais
    )
    return [_guardado(*linha) for linha in linhas]


async def reservas_nas_celulas(db: Reader, coisas: Sequence[bytes], quais: range) -> list[Guardado]:
    """Give the holds that have any of these cells, expired or not."""
    linhas = await db.select(
        _RESERVAS + "id IN (SELECT x.reserva_id" + _NAS_CELULAS + " AND x.reserva_id IS NOT NULL)",
        **_nas_celulas(coisas, quais),
    )
    return [_guardado(*linha) for linha in linhas]


def _nas_celulas(coisas: Sequence[bytes], quais: range) -> dict[str, Any]:
    return {"coisas": list(dict.fromkeys(coisas)), "de": quais.start, "ate": quais.stop}


def _da_reserva(guardado: Guardado) -> dict[str, Any]:
    return {"dono": guardado.chave, **_nas_celulas(guardado.coisas, celulas(guardado.toda))}


def _guardado(
    chave: bytes,
    usuario: bytes,
    vaga: int,
    profissional: bytes,
    unidade: bytes,
    sala: bytes | None,
    tipo: bytes | None,
    inicio: datetime,
    fim: datetime,
    intervalo: int,
    expira_em: datetime,
    coisas: bytes,
) -> Guardado:
    delas = tuple(coisas[n : n + _CHAVE] for n in range(0, len(coisas), _CHAVE))
    hora = Intervalo(inicio, fim)
    return Guardado(chave, usuario, vaga, profissional, unidade, sala, tipo, hora, intervalo, expira_em, delas)
