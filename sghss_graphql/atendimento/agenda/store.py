"""Working hours, blocks and the occupied cells; the cells' primary keys are what forbids an overlap."""

from collections.abc import Sequence
from datetime import datetime

from sghss_graphql.atendimento.agenda.regras import HorasDeTrabalho, Intervalo
from sghss_graphql.machinery.database import Reader, Transaction


async def turnos(db: Reader, medicos: Sequence[bytes]) -> list[tuple[bytes, HorasDeTrabalho]]:
    """Give the weekly hours of médicos, each with the médico's key, in order."""
    linhas = await db.look_up(
        "SELECT medico_id, dia, inicio, fim FROM turno WHERE medico_id IN %(medicos)s ORDER BY medico_id, dia, inicio",
        medicos=list(dict.fromkeys(medicos)),
    )
    return [(medico, HorasDeTrabalho(dia, inicio, fim)) for medico, dia, inicio, fim in linhas]


def apagar_turnos(tx: Transaction, medico: bytes) -> None:
    """Take a médico's weekly hours away."""
    tx.write("DELETE FROM turno WHERE medico_id = %(medico)s", medico=medico)


def inserir_turnos(tx: Transaction, medico: bytes, horas: Sequence[HorasDeTrabalho]) -> None:
    """Set a médico's weekly hours."""
    tx.write_rows(
        "INSERT INTO turno (medico_id, dia, inicio, fim) VALUES %(rows)s",
        [(medico, turno.dia, turno.inicio, turno.fim) for turno in horas],
    )


async def bloqueios(
    db: Reader, medicos: Sequence[bytes], periodo: Intervalo
) -> list[tuple[bytes, bytes, Intervalo, str]]:
    """Give the blocks of médicos that touch a period: block's key, médico's key, interval, reason, in order."""
    linhas = await db.look_up(
        "SELECT id, medico_id, inicio, fim, motivo FROM bloqueio"
        " WHERE medico_id IN %(medicos)s AND fim > %(de)s AND inicio < %(ate)s ORDER BY medico_id, inicio, id",
        medicos=list(dict.fromkeys(medicos)),
        de=periodo.inicio,
        ate=periodo.fim,
    )
    return [(chave, medico, Intervalo(inicio, fim), motivo) for chave, medico, inicio, fim, motivo in linhas]


async def bloqueio(db: Reader, chave: bytes) -> tuple[bytes, Intervalo, str] | None:
    """Give one block: médico's key, interval, reason."""
    linhas = await db.look_up("SELECT medico_id, inicio, fim, motivo FROM bloqueio WHERE id = %(chave)s", chave=chave)
    return (linhas[0][0], Intervalo(linhas[0][1], linhas[0][2]), linhas[0][3]) if linhas else None


async def bloqueios_por_vir(tx: Transaction, medico: bytes, instante: datetime, mais: int) -> int:
    """Count a médico's blocks that haven't ended, no further than ``mais``."""
    linhas = await tx.select(
        "SELECT COUNT(*) FROM (SELECT 1 FROM bloqueio WHERE medico_id = %(medico)s AND fim > %(instante)s"
        " LIMIT %(mais)s) AS por_vir",
        medico=medico,
        instante=instante,
        mais=mais,
    )
    return int(linhas[0][0])


def inserir_bloqueio(
    tx: Transaction, chave: bytes, medico: bytes, periodo: Intervalo, motivo: str, agora: datetime
) -> None:
    """Add a block."""
    tx.write(
        "INSERT INTO bloqueio (id, medico_id, inicio, fim, motivo, criado_em)"
        " VALUES (%(chave)s, %(medico)s, %(inicio)s, %(fim)s, %(motivo)s, %(agora)s)",
        chave=chave,
        medico=medico,
        inicio=periodo.inicio,
        fim=periodo.fim,
        motivo=motivo,
        agora=agora,
    )


async def apagar_bloqueio(tx: Transaction, chave: bytes) -> bool:
    """Take a block away; False if it is gone already."""
    return await tx.execute("DELETE FROM bloqueio WHERE id = %(chave)s", chave=chave) == 1


async def celulas_dos_medicos(db: Reader, medicos: Sequence[bytes], celulas: range) -> list[tuple[bytes, int]]:
    """Give the occupied cells of médicos within a range: médico's key, cell."""
    linhas = await db.select(
        "SELECT medico_id, celula FROM celula_do_medico"
        " WHERE medico_id IN %(medicos)s AND celula >= %(de)s AND celula < %(ate)s",
        medicos=list(dict.fromkeys(medicos)),
        de=celulas.start,
        ate=celulas.stop,
    )
    return [(medico, celula) for medico, celula in linhas]


async def celulas_do_paciente(db: Reader, paciente: bytes, celulas: range) -> list[int]:
    """Give the occupied cells of a paciente within a range."""
    linhas = await db.select(
        "SELECT celula FROM celula_do_paciente"
        " WHERE paciente_id = %(paciente)s AND celula >= %(de)s AND celula < %(ate)s",
        paciente=paciente,
        de=celulas.start,
        ate=celulas.stop,
    )
    return [celula for (celula,) in linhas]


def ocupar_medico(tx: Transaction, medico: bytes, consulta: bytes, celulas: range) -> None:
    """Occupy cells of a médico; the primary key refuses one that is taken."""
    tx.write_rows(
        "INSERT INTO celula_do_medico (medico_id, celula, consulta_id) VALUES %(rows)s",
        [(medico, celula, consulta) for celula in celulas],
    )


def ocupar_paciente(tx: Transaction, paciente: bytes, consulta: bytes, celulas: range) -> None:
    """Occupy cells of a paciente; the primary key refuses one that is taken."""
    tx.write_rows(
        "INSERT INTO celula_do_paciente (paciente_id, celula, consulta_id) VALUES %(rows)s",
        [(paciente, celula, consulta) for celula in celulas],
    )


def liberar_medico(tx: Transaction, consulta: bytes) -> None:
    """Free the médico's cells of a consulta."""
    tx.write("DELETE FROM celula_do_medico WHERE consulta_id = %(consulta)s", consulta=consulta)


def liberar_paciente(tx: Transaction, consulta: bytes) -> None:
    """Free the paciente's cells of a consulta."""
    tx.write("DELETE FROM celula_do_paciente WHERE consulta_id = %(consulta)s", consulta=consulta)
