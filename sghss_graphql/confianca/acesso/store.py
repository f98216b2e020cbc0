"""Sessions, renewal tokens and failed logins; and who a living session belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.machinery.database import Reader, Row, Transaction

_QUEM = """
    SELECT r.papel, p.id, m.id, u.troca_de_senha_obrigatoria, u.verificado_em IS NOT NULL, g.outro_id
    FROM sessao s
    JOIN usuario u ON u.id = s.usuario_id
    JOIN usuario_papel r ON r.usuario_id = u.id
    LEFT JOIN paciente p ON p.pessoa_id = u.pessoa_id
    LEFT JOIN profissional m ON m.pessoa_id = u.pessoa_id
    LEFT JOIN mesma_pessoa g ON g.paciente_id = p.id
    WHERE s.id = %(sessao)s AND s.usuario_id = %(usuario)s
        AND s.encerrada_em IS NULL AND s.expira_em > %(agora)s AND u.ativo AND NOT u.espera
"""


async def quem(db: Reader, usuario: bytes, sessao: bytes, agora: datetime) -> Quem | None:
    """Give who a session belongs to, if it lives: none does of an account that is deactivated, or waits."""
    return _quem(await db.look_up(_QUEM, sessao=sessao, usuario=usuario, agora=agora), usuario, sessao)


async def quem_ainda(tx: Transaction, usuario: bytes, sessao: bytes, agora: datetime) -> Quem | None:
    """Give who a session belongs to, if it lives; what it rests on stays as it is until the transaction ends."""
    linhas = await tx.select(_QUEM + " LOCK IN SHARE MODE", sessao=sessao, usuario=usuario, agora=agora)
    return _quem(linhas, usuario, sessao)


def _quem(linhas: list[Row], usuario: bytes, sessao: bytes) -> Quem | None:
    if not linhas:
        return None
    _, paciente, profissional, troca, verificada, _ = linhas[0]
    return Quem(
        usuario=usuario,
        sessao=sessao,
        papeis=frozenset(Papel[linha[0]] for linha in linhas),
        paciente=paciente,
        profissional=profissional,
        troca_de_senha_obrigatoria=bool(troca),
        verificada=bool(verificada),
        outros=frozenset(linha[5] for linha in linhas if linha[5] is not None),
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


def encerrar_as_de_todos(tx: Transaction, agora: datetime) -> None:
    """End all sessions there are."""
    tx.write("UPDATE sessao SET encerrada_em = %(agora)s WHERE encerrada_em IS NULL", agora=agora)
    tx.write("DELETE FROM token_de_renovacao")


def suspender_usuario(tx: Transaction, usuario: bytes) -> None:
    """Let an account wait for its code, if it has a password that nobody verified."""
    tx.write(
        "UPDATE usuario SET espera = TRUE"
        " WHERE id = %(usuario)s AND verificado_em IS NULL AND senha IS NOT NULL AND NOT espera",
        usuario=usuario,
    )


def suspender(tx: Transaction, paciente: bytes) -> None:
    """Let the account of a paciente wait for its code, if it has a password that nobody verified."""
    tx.write(
        "UPDATE usuario u JOIN paciente p ON p.pessoa_id = u.pessoa_id SET u.espera = TRUE"
        " WHERE p.id = %(paciente)s AND u.verificado_em IS NULL AND u.senha IS NOT NULL AND NOT u.espera",
        paciente=paciente,
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


@dataclass(frozen=True, slots=True)
class Falhas:
    """Failures of a key in a row, since when, and until when it is locked."""

    falhas: int
    desde: datetime
    bloqueada_ate: datetime | None

    def mais_uma(self, instante: datetime, bloqueada_ate: datetime | None = None) -> "Falhas":
        """Give what there is after one more; those of before the first count from now on."""
        return Falhas(self.falhas + 1, self.desde if self.falhas else instante, bloqueada_ate)


def segurar_falhas(tx: Transaction, chaves: Sequence[bytes], agora: datetime) -> None:
    """Make the rows of keys where there are none, and hold them until the transaction ends; the keys come in order.

    A lock on a row that isn't there holds nobody up: a hundred first attempts at once would all be the first.
    """
    tx.write_rows(
        "INSERT INTO falha_de_login (chave, falhas, desde, ultima) VALUES %(rows)s"
        " ON DUPLICATE KEY UPDATE chave = falha_de_login.chave",
        [(chave, 0, agora, agora) for chave in chaves],
    )


async def falhas(tx: Reader, chaves: Sequence[bytes]) -> dict[bytes, Falhas]:
    """Give the failures of keys, which are held."""
    linhas = await tx.select(
        "SELECT chave, falhas, desde, bloqueada_ate FROM falha_de_login WHERE chave IN %(chaves)s FOR UPDATE",
        chaves=list(chaves),
    )
    return {chave: Falhas(falhas, desde, ate) for chave, falhas, desde, ate in linhas}


def guardar_falhas(tx: Transaction, chave: bytes, falhas: Falhas, agora: datetime) -> None:
    """Keep the failures of a key."""
    tx.write(
        "UPDATE falha_de_login SET falhas = %(falhas)s, desde = %(desde)s, ultima = %(agora)s,"
        " bloqueada_ate = %(ate)s WHERE chave = %(chave)s",
        chave=chave,
        falhas=falhas.falhas,
        desde=falhas.desde,
        agora=agora,
        ate=falhas.bloqueada_ate,
    )


def descontar_falha(tx: Transaction, chaves: Sequence[bytes]) -> None:
    """Take back one failure of each key."""
    tx.write(
        "UPDATE falha_de_login SET falhas = GREATEST(falhas, 1) - 1 WHERE chave IN %(chaves)s", chaves=list(chaves)
    )


def apagar_falhas(tx: Transaction, chave: bytes) -> None:
    """Forget the failures of a key."""
    tx.write("DELETE FROM falha_de_login WHERE chave = %(chave)s", chave=chave)


def apagar_falhas_dos_pares(tx: Transaction, inicio: bytes) -> None:
    """Forget the failures of all keys that begin like this."""
    tx.write(
        "DELETE FROM falha_de_login WHERE chave >= %(inicio)s AND chave < %(depois)s",
        inicio=inicio,
        depois=inicio + b"\xff" * 9,
    )


async def bloqueios_dos_pares(db: Reader, inicios: Sequence[bytes], agora: datetime) -> dict[bytes, datetime]:
    """Give until when keys that begin like each of these are locked, the latest of each; one that isn't is left out."""
    linhas = await db.select_for_each(
        "SELECT %(key)s AS inicio, (SELECT MAX(f.bloqueada_ate) FROM falha_de_login f"
        " WHERE f.chave >= %(key)s AND f.chave < CONCAT(%(key)s, x'FFFFFFFFFFFFFFFFFF')"
        " AND f.bloqueada_ate > %(agora)s) AS ate",
        list(dict.fromkeys(inicios)),
        agora=agora,
    )
    return {inicio: ate for inicio, ate in linhas if ate is not None}


async def muitas_falhas(db: Reader, chaves: Sequence[bytes], muitas: int, desde: datetime) -> dict[bytes, datetime]:
    """Give since when keys have failed so many times, of those that began to after an instant."""
    linhas = await db.look_up(
        "SELECT chave, desde FROM falha_de_login"
        " WHERE chave IN %(chaves)s AND falhas >= %(muitas)s AND desde > %(desde)s",
        chaves=list(dict.fromkeys(chaves)),
        muitas=muitas,
        desde=desde,
    )
    return {linha[0]: linha[1] for linha in linhas}


def esquecer_redes(tx: Transaction, usuario: bytes) -> None:
    """Forget from which networks a usuario logged in."""
    tx.write("DELETE FROM rede_conhecida WHERE usuario_id = %(usuario)s", usuario=usuario)


async def conhece_a_rede(tx: Reader, cpf: str, rede: bytes, desde: datetime) -> bool:
    """Tell whether whoever has a CPF logged in well from a network since an instant."""
    return bool(
        await tx.select(
            "SELECT 1 FROM pessoa e JOIN usuario u ON u.pessoa_id = e.id JOIN rede_conhecida r ON r.usuario_id = u.id"
            " WHERE e.cpf = %(cpf)s AND r.rede = %(rede)s AND r.ultima > %(desde)s",
            cpf=cpf,
            rede=rede,
            desde=desde,
        )
    )


def conhecer_a_rede(tx: Transaction, usuario: bytes, rede: bytes, agora: datetime) -> None:
    """Keep that a usuario logged in well from a network."""
    tx.write(
        "INSERT INTO rede_conhecida (usuario_id, rede, ultima) VALUES (%(usuario)s, %(rede)s, %(agora)s)"
        " ON DUPLICATE KEY UPDATE ultima = %(agora)s",
        usuario=usuario,
        rede=rede,
        agora=agora,
    )


def varrer_falhas(tx: Transaction, limite: datetime) -> None:
    """Delete failures of before ``limite``, a thousand at most."""
    tx.write("DELETE FROM falha_de_login WHERE ultima < %(limite)s LIMIT 1000", limite=limite)


def varrer_redes(tx: Transaction, limite: datetime) -> None:
    """Delete networks that nobody came from since ``limite``, a thousand at most."""
    tx.write("DELETE FROM rede_conhecida WHERE ultima < %(limite)s LIMIT 1000", limite=limite)


def varrer_tentativas_antigas(tx: Transaction, limite: datetime) -> None:
    """Delete what the versions before counted by CPF, a thousand at most: they don't sweep."""
    tx.write(
        "DELETE FROM tentativa_de_login WHERE bloqueada_ate IS NULL OR bloqueada_ate < %(limite)s LIMIT 1000",
        limite=limite,
    )
