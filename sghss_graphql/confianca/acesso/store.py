"""Sessions, renewal tokens and failed logins; and who a living session belongs to."""

from datetime import datetime

from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.machinery.database import Reader, Transaction


async def quem(db: Reader, usuario: bytes, sessao: bytes, agora: datetime) -> Quem | None:
    """Give who a session belongs to, if it lives."""
    linhas = await db.look_up(
        """
        SELECT r.papel, p.id, m.id, u.troca_de_senha_obrigatoria
        FROM sessao s
        JOIN usuario u ON u.id = s.usuario_id
        JOIN usuario_papel r ON r.usuario_id = u.id
        LEFT JOIN paciente p ON p.usuario_id = u.id
        LEFT JOIN medico m ON m.usuario_id = u.id
        WHERE s.id = %(sessao)s AND s.usuario_id = %(usuario)s
            AND s.encerrada_em IS NULL AND s.expira_em > %(agora)s
        """,
        sessao=sessao,
        usuario=usuario,
        agora=agora,
    )
    if not linhas:
        return None
    _, paciente, medico, troca = linhas[0]
    return Quem(
        usuario=usuario,
        sessao=sessao,
        papeis=frozenset(Papel[linha[0]] for linha in linhas),
        paciente=paciente,
        medico=medico,
        troca_de_senha_obrigatoria=bool(troca),
    )


def inserir_sessao(tx: Transaction, sessao: bytes, usuario: bytes, agora: datetime, expira_em: datetime) -> None:
    """Open a session."""
    tx.write(
        "INSERT INTO sessao (id, usuario_id, criada_em, expira_em)"
        " VALUES (%(sessao)s, %(usuario)s, %(agora)s, %(expira_em)s)",
        sessao=sessao,
        usuario=usuario,
        agora=agora,
        expira_em=expira_em,
    )


async def prorrogar_sessao(tx: Transaction, sessao: bytes, agora: datetime, expira_em: datetime) -> bool:
    """Move a living session's end ahead; False if it doesn't live."""
    mudadas = await tx.execute(
        "UPDATE sessao SET expira_em = %(expira_em)s"
        " WHERE id = %(sessao)s AND encerrada_em IS NULL AND expira_em > %(agora)s",
        sessao=sessao,
        agora=agora,
        expira_em=expira_em,
    )
    return mudadas == 1


def encerrar_sessao(tx: Transaction, sessao: bytes, agora: datetime) -> None:
    """End one session."""
    tx.write(
        "UPDATE sessao SET encerrada_em = %(agora)s WHERE id = %(sessao)s AND encerrada_em IS NULL",
        sessao=sessao,
        agora=agora,
    )


def encerrar_sessoes(tx: Transaction, usuario: bytes, agora: datetime) -> None:
    """End all sessions of a usuario."""
    tx.write(
        "UPDATE sessao SET encerrada_em = %(agora)s WHERE usuario_id = %(usuario)s AND encerrada_em IS NULL",
        usuario=usuario,
        agora=agora,
    )


def inserir_token(tx: Transaction, token: bytes, sessao: bytes, agora: datetime) -> None:
    """Keep a renewal token, by its SHA-256."""
    tx.write(
        "INSERT INTO token_de_renovacao (hash, sessao_id, criado_em) VALUES (%(token)s, %(sessao)s, %(agora)s)",
        token=token,
        sessao=sessao,
        agora=agora,
    )


async def usar_token(tx: Transaction, token: bytes, agora: datetime) -> bool:
    """Use a renewal token up; False if it was used before or never existed."""
    mudados = await tx.execute(
        "UPDATE token_de_renovacao SET usado_em = %(agora)s WHERE hash = %(token)s AND usado_em IS NULL",
        token=token,
        agora=agora,
    )
    return mudados == 1


async def sessao_do_token(tx: Reader, token: bytes) -> tuple[bytes, bytes] | None:
    """Give the keys of the session and the usuario of a renewal token, used or not."""
    linhas = await tx.select(
        "SELECT s.id, s.usuario_id FROM token_de_renovacao t JOIN sessao s ON s.id = t.sessao_id"
        " WHERE t.hash = %(token)s",
        token=token,
    )
    return (linhas[0][0], linhas[0][1]) if linhas else None


def apagar_tokens_velhos(tx: Transaction, usuario: bytes, limite: datetime) -> None:
    """Delete the renewal tokens of a usuario's sessions that expired before ``limite``."""
    tx.write(
        "DELETE t FROM token_de_renovacao t JOIN sessao s ON s.id = t.sessao_id"
        " WHERE s.usuario_id = %(usuario)s AND s.expira_em < %(limite)s",
        usuario=usuario,
        limite=limite,
    )


def apagar_sessoes_velhas(tx: Transaction, usuario: bytes, limite: datetime) -> None:
    """Delete a usuario's sessions that expired before ``limite``."""
    tx.write(
        "DELETE FROM sessao WHERE usuario_id = %(usuario)s AND expira_em < %(limite)s",
        usuario=usuario,
        limite=limite,
    )


def segurar_tentativa(tx: Transaction, cpf: str) -> None:
    """Make the row of a CPF if there is none, and hold it until the transaction ends.

    A lock on a row that isn't there holds nobody up: a hundred first attempts at once would all be the first.
    """
    tx.write(
        "INSERT INTO tentativa_de_login (cpf, falhas) VALUES (%(cpf)s, 0) ON DUPLICATE KEY UPDATE cpf = cpf", cpf=cpf
    )


async def tentativa(tx: Reader, cpf: str) -> tuple[int, datetime | None]:
    """Give the failures in a row of a CPF and the end of its lock."""
    linhas = await tx.select(
        "SELECT falhas, bloqueada_ate FROM tentativa_de_login WHERE cpf = %(cpf)s FOR UPDATE", cpf=cpf
    )
    return linhas[0][0], linhas[0][1]


def guardar_tentativa(tx: Transaction, cpf: str, falhas: int, bloqueada_ate: datetime | None) -> None:
    """Keep the failures in a row of a CPF."""
    tx.write(
        "UPDATE tentativa_de_login SET falhas = %(falhas)s, bloqueada_ate = %(ate)s WHERE cpf = %(cpf)s",
        cpf=cpf,
        falhas=falhas,
        ate=bloqueada_ate,
    )


def apagar_tentativa(tx: Transaction, cpf: str) -> None:
    """Forget the failures of a CPF."""
    tx.write("DELETE FROM tentativa_de_login WHERE cpf = %(cpf)s", cpf=cpf)
