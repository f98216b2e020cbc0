"""Working hours, blocks and the occupied cells; the cells' primary keys are what forbids an overlap."""

from collections.abc import Sequence
from datetime import datetime

from sghss_graphql.atendimento.agenda.regras import HorasDeTrabalho, Intervalo
from sghss_graphql.machinery.database import Reader, Transaction


async def turnos(db: Reader, profissionais: Sequence[bytes]) -> list[tuple[bytes, HorasDeTrabalho]]:
    """Give the weekly hours of profissionais, each with the profissional's key, in order."""
    linhas = await db.look_up(
        "SELECT profissional_id, dia, inicio, fim FROM turno WHERE profissional_id IN %(profissionais)s"
        " ORDER BY profissional_id, dia, inicio",
        profissionais=list(dict.fromkeys(profissionais)),
    )
    return [(profissional, HorasDeTrabalho(dia, inicio, fim)) for profissional, dia, inicio, fim in linhas]


def apagar_turnos(tx: Transaction, profissional: bytes) -> None:
    """Take a profissional's weekly hours away."""
    tx.write("DELETE FROM turno WHERE profissional_id = %(profissional)s", profissional=profissional)


def inserir_turnos(tx: Transaction, profissional: bytes, horas: Sequence[HorasDeTrabalho]) -> None:
    """Set a profissional's weekly hours."""
    tx.write_rows(
        "INSERT INTO turno (profissional_id, dia, inicio, fim) VALUES %(rows)s",
        [(profissional, turno.dia, turno.inicio, turno.fim) for turno in horas],
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


async def celulas(db: Reader, pessoas: Sequence[bytes], celulas: range) -> list[tuple[bytes, int]]:
    """Give the occupied cells of people within a range: pessoa's key, cell."""
    linhas = await db.select(
        "SELECT pessoa_id, celula FROM celula WHERE pessoa_id IN %(pessoas)s AND celula >= %(de)s AND celula < %(ate)s",
        pessoas=list(dict.fromkeys(pessoas)),
        de=celulas.start,
        ate=celulas.stop,
    )
    return [(pessoa, celula) for pessoa, celula in linhas]


def ocupar(tx: Transaction, pessoa: bytes, consulta: bytes, celulas: range) -> None:
    """Occupy cells of a pessoa; the primary key refuses one that is taken."""
    tx.write_rows(
        "INSERT INTO celula (pessoa_id, celula, consulta_id) VALUES %(rows)s",
        [(pessoa, celula, consulta) for celula in celulas],
    )


def liberar(tx: Transaction, consulta: bytes) -> None:
    """Free the cells of a consulta."""
    tx.write("DELETE FROM celula WHERE consulta_id = %(consulta)s", consulta=consulta)
