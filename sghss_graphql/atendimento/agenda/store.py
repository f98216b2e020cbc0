"""Working hours, blocks and the occupied cells; the cells' primary keys are what forbids an overlap."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sghss_graphql.atendimento.agenda.regras import HorasDeTrabalho, Intervalo
from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade
from sghss_graphql.machinery.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Semanas:
    """The weekly hours of profissionais, each with the profissional's key, in order; and the days of their unidades."""

    horas: list[tuple[bytes, HorasDeTrabalho]]
    dias: dict[bytes, DiasDeUmaUnidade]


_TURNOS = (
    "SELECT t.profissional_id, t.numero, t.dia, t.inicio, t.fim, t.unidade_id, t.sala_id, t.vigencia_de,"
    " t.vigencia_ate, t.a_cada_semanas, u.fuso, u.uf, u.abre_nos_feriados, u.ativa FROM turno t"
    " JOIN unidade u ON u.id = t.unidade_id WHERE t.profissional_id IN %(profissionais)s"
    " ORDER BY t.profissional_id, t.numero"
)
_TIPOS_DOS_TURNOS = "SELECT profissional_id, numero, tipo_id FROM turno_tipo WHERE profissional_id IN %(profissionais)s"
_DIAS_ABERTOS = (
    "SELECT DISTINCT a.unidade_id, a.dia FROM turno t JOIN unidade_aberta a ON a.unidade_id = t.unidade_id"
    " WHERE t.profissional_id IN %(profissionais)s"
)


async def turnos(db: Reader, profissionais: Sequence[bytes]) -> Semanas:
    """Give the weekly hours of profissionais: three look-ups, in one trip where there is no transaction."""
    chaves = list(dict.fromkeys(profissionais))
    leituras = [db.look_up(sql, profissionais=chaves) for sql in (_TURNOS, _TIPOS_DOS_TURNOS, _DIAS_ABERTOS)]
    if isinstance(db, Transaction):
        linhas, dos_tipos, abertos = [await leitura for leitura in leituras]
    else:
        linhas, dos_tipos, abertos = await asyncio.gather(*leituras)
    tipos, dias_abertos = defaultdict(set), defaultdict(set)
    for profissional, numero, tipo in dos_tipos:
        tipos[profissional, numero].add(tipo)
    for unidade, dia in abertos:
        dias_abertos[unidade].add(dia)
    semanas = Semanas([], {})
    for profissional, numero, dia, inicio, fim, unidade, sala, desde, ate, cada, *do_lugar in linhas:
        para = frozenset(tipos.get((profissional, numero), ()))
        horas = HorasDeTrabalho(dia, inicio, fim, unidade, sala, desde, ate, cada, para)
        semanas.horas.append((profissional, horas))
        if unidade not in semanas.dias:
            fuso, uf, abre, ativa = do_lugar
            abertos_la = frozenset(dias_abertos.get(unidade, ()))
            semanas.dias[unidade] = DiasDeUmaUnidade(fuso, uf, bool(abre), abertos_la, bool(ativa))
    return semanas


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


async def celulas(db: Reader, coisas: Sequence[bytes], celulas: range) -> list[tuple[bytes, int]]:
    """Give the occupied cells of pessoas or salas within a range: key, cell."""
    linhas = await db.select(
        "SELECT coisa_id, celula FROM tempo WHERE coisa_id IN %(coisas)s AND celula >= %(de)s AND celula < %(ate)s",
        coisas=list(dict.fromkeys(coisas)),
        de=celulas.start,
        ate=celulas.stop,
    )
    return [(coisa, celula) for coisa, celula in linhas]


def ocupar(tx: Transaction, coisa: bytes, consulta: bytes, celulas: range) -> None:
    """Occupy cells of a pessoa or a sala; the primary key refuses one that is taken."""
    tx.write_rows(
        "INSERT INTO tempo (coisa_id, celula, consulta_id) VALUES %(rows)s",
        [(coisa, celula, consulta) for celula in celulas],
    )


async def sala_livre(tx: Transaction, unidade: bytes, celulas: range) -> bytes | None:
    """Give the first active sala of a unidade without any of these cells; None if there is none."""
    linhas = await tx.select(
        "SELECT s.id FROM sala s WHERE s.unidade_id = %(unidade)s AND s.ativa AND NOT EXISTS (SELECT 1 FROM tempo k"
        " WHERE k.coisa_id = s.id AND k.celula >= %(de)s AND k.celula < %(ate)s) ORDER BY s.nome_ordem LIMIT 1",
        unidade=unidade,
        de=celulas.start,
        ate=celulas.stop,
    )
    return linhas[0][0] if linhas else None


def liberar(tx: Transaction, consulta: bytes) -> None:
    """Free the cells of a consulta."""
    tx.write("DELETE FROM tempo WHERE consulta_id = %(consulta)s", consulta=consulta)
