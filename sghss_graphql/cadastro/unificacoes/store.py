"""Which registrations were joined, by whom and why; and, until it is undone, each with all others of that person."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sghss_graphql.machinery.database import Reader, Transaction


async def outros(db: Reader, pacientes: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """Give, of pacientes, each other registration of the same person."""
    linhas = await db.look_up(
        "SELECT paciente_id, outro_id FROM mesma_pessoa WHERE paciente_id IN %(chaves)s ORDER BY paciente_id, outro_id",
        chaves=list(dict.fromkeys(pacientes)),
    )
    return [(linha[0], linha[1]) for linha in linhas]


def inserir(
    tx: Transaction, chave: bytes, de: bytes, para: bytes, por: bytes, justificativa: str, em: datetime
) -> None:
    """Keep that two registrations were joined."""
    tx.write(
        "INSERT INTO unificacao (id, de_id, para_id, justificativa, por, em)"
        " VALUES (%(chave)s, %(de)s, %(para)s, %(justificativa)s, %(por)s, %(em)s)",
        chave=chave,
        de=de,
        para=para,
        justificativa=justificativa,
        por=por,
        em=em,
    )


async def em_vigor(tx: Reader, de: bytes) -> tuple[bytes, datetime] | None:
    """Give the key and the instant of the joining by which a registration is left over; None if it isn't."""
    linhas = await tx.select(
        "SELECT id, em FROM unificacao WHERE de_id = %(de)s AND desfeita_em IS NULL ORDER BY em DESC LIMIT 1", de=de
    )
    return (linhas[0][0], linhas[0][1]) if linhas else None


def desfazer(tx: Transaction, chave: bytes, por: bytes, motivo: str, em: datetime) -> None:
    """Keep that a joining was undone."""
    tx.write(
        "UPDATE unificacao SET desfeita_em = %(em)s, desfeita_por = %(por)s, motivo_de_desfazer = %(motivo)s"
        " WHERE id = %(chave)s",
        chave=chave,
        por=por,
        motivo=motivo,
        em=em,
    )


def reunir(tx: Transaction, membros: Iterable[bytes], vidas: Iterable[frozenset[bytes]]) -> None:
    """Put pacientes together into lives, in place of those that they were in."""
    tx.write("DELETE FROM mesma_pessoa WHERE paciente_id IN %(membros)s", membros=sorted(membros))
    tx.write_rows(
        "INSERT INTO mesma_pessoa (paciente_id, outro_id) VALUES %(rows)s",
        [(um, outro) for vida in vidas for um in sorted(vida) for outro in sorted(vida) if um != outro],
    )


async def segurar(tx: Transaction, paciente: bytes) -> tuple[bytes, bool, bool, bool] | None:
    """Hold a paciente, and who they are, until the transaction ends.

    Gives the pessoa's key; whether they have died, whether their life goes on in another registration, whether there
    are others.
    """
    linhas = await tx.select(
        "SELECT p.pessoa_id, e.obito_em IS NOT NULL, p.unificado_com IS NOT NULL, p.juntos FROM paciente p"
        " JOIN pessoa e ON e.id = p.pessoa_id WHERE p.id = %(paciente)s FOR UPDATE",
        paciente=paciente,
    )
    return (linhas[0][0], *map(bool, linhas[0][1:])) if linhas else None


async def outras_pessoas(tx: Transaction, paciente: bytes) -> list[tuple[bytes, bytes, bool]]:
    """Give the other registrations of a paciente's person, each with its pessoa, and whether they have died by it.

    Nobody changes them until the transaction ends: whoever registers a death waits, and finds what was booked.
    """
    linhas = await tx.select(
        "SELECT o.id, o.pessoa_id, e.obito_em IS NOT NULL FROM mesma_pessoa g JOIN paciente o ON o.id = g.outro_id"
        " JOIN pessoa e ON e.id = o.pessoa_id WHERE g.paciente_id = %(paciente)s LOCK IN SHARE MODE",
        paciente=paciente,
    )
    return [(outro, pessoa, bool(morreu)) for outro, pessoa, morreu in linhas]


async def pessoas(db: Reader, pacientes: Sequence[bytes]) -> list[tuple[bytes, bytes, bool]]:
    """Give the pessoas that each paciente is, by all their registrations, each with whether they have died by it."""
    linhas = await db.look_up(
        "SELECT p.id, e.id, e.obito_em IS NOT NULL FROM paciente p JOIN pessoa e ON e.id = p.pessoa_id"
        " WHERE p.id IN %(chaves)s UNION SELECT g.paciente_id, e.id, e.obito_em IS NOT NULL FROM mesma_pessoa g"
        " JOIN paciente o ON o.id = g.outro_id JOIN pessoa e ON e.id = o.pessoa_id WHERE g.paciente_id IN %(chaves)s",
        chaves=list(dict.fromkeys(pacientes)),
    )
    return [(paciente, pessoa, bool(morreu)) for paciente, pessoa, morreu in linhas]


async def outras_de_quem_atende(tx: Reader, pessoa: bytes) -> list[bytes]:
    """Give the other pessoas of somebody who attends, and is a paciente by several registrations."""
    linhas = await tx.select(
        "SELECT o.pessoa_id FROM paciente p JOIN mesma_pessoa g ON g.paciente_id = p.id"
        " JOIN paciente o ON o.id = g.outro_id WHERE p.pessoa_id = %(pessoa)s",
        pessoa=pessoa,
    )
    return [outra for (outra,) in linhas]


async def horas_dos_outros(
    tx: Reader, uns: Sequence[bytes], outros: Sequence[bytes], agora: datetime
) -> list[tuple[bytes, bytes]]:
    """Give the consultas to come of ``outros`` whose hours are taken for pessoas of ``uns``, as patients, with each."""
    linhas = await tx.select(
        "SELECT DISTINCT k.consulta_id, k.coisa_id FROM consulta c JOIN tempo k ON k.consulta_id = c.id"
        " JOIN profissional f ON f.id = c.profissional_id JOIN paciente p ON p.pessoa_id = k.coisa_id"
        " WHERE c.paciente_id IN %(outros)s AND c.fim > %(agora)s AND p.id IN %(uns)s AND f.pessoa_id <> k.coisa_id",
        uns=uns,
        outros=outros,
        agora=agora,
    )
    return [(consulta, pessoa) for consulta, pessoa in linhas]


def soltar_horas(tx: Transaction, consulta: bytes, pessoa: bytes) -> None:
    """Let the hours of a consulta be free for a pessoa who isn't its paciente any more."""
    tx.write(
        "DELETE FROM tempo WHERE consulta_id = %(consulta)s AND coisa_id = %(pessoa)s",
        consulta=consulta,
        pessoa=pessoa,
    )


async def ligar(tx: Transaction, de: bytes, para: bytes | None) -> bool:
    """Keep where the life of a registration goes on, or that it does in itself; False if it is so already."""
    mudados = await tx.execute(
        "UPDATE paciente SET unificado_com = %(para)s WHERE id = %(de)s AND (unificado_com IS NULL) = %(livre)s",
        de=de,
        para=para,
        livre=para is not None,
    )
    return mudados == 1


async def ligacoes(tx: Reader, pacientes: Iterable[bytes]) -> dict[bytes, bytes]:
    """Give, of some pacientes, those whose life goes on elsewhere, and where."""
    linhas = await tx.select(
        "SELECT id, unificado_com FROM paciente WHERE id IN %(chaves)s AND unificado_com IS NOT NULL ORDER BY id",
        chaves=sorted(pacientes),
    )
    return {linha[0]: linha[1] for linha in linhas}


def marcar_juntos(tx: Transaction, pacientes: Iterable[bytes], juntos: Iterable[bytes]) -> None:
    """Keep which of some pacientes have other registrations."""
    tx.write(
        "UPDATE paciente SET juntos = COALESCE(id IN %(juntos)s, FALSE) WHERE id IN %(chaves)s",
        juntos=sorted(juntos),
        chaves=sorted(pacientes),
    )
