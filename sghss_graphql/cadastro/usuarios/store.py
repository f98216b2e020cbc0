"""Usuarios, their papéis, passwords and one-time codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import CadastrarFuncionarios, DesbloquearLogins
from sghss_graphql.machinery.database import Reader, Row, Transaction
from sghss_graphql.vocabulario.errors import Proibido
from sghss_graphql.vocabulario.scalars import CPF

_USUARIO = (
    "SELECT u.id, e.nome, e.cpf, e.email, u.ativo, u.versao, u.verificado_em, u.criado_em, e.id, r.papel"
    " FROM usuario u JOIN pessoa e ON e.id = u.pessoa_id JOIN usuario_papel r ON r.usuario_id = u.id WHERE "
)


@dataclass(frozen=True, slots=True)
class Conta:
    """Who has a CPF: keys of the pessoa and of the usuario, the papéis, and whether it isn't deactivated."""

    pessoa: bytes
    usuario: bytes
    papeis: frozenset[Papel]
    ativo: bool = True


@dataclass(frozen=True, slots=True)
class Credencial:
    """What a password is checked against: bcrypt hashes; and whether the account waits for a code."""

    usuario: bytes
    nome: str
    senha: str | None
    senha_anterior: str | None
    espera: bool


async def eu(db: Reader, quem: Quem) -> Usuario:
    """Give who asks, as a usuario."""
    return _usuario(
        await db.look_up(
            _USUARIO + "u.id = %(usuario)s",
            usuario=quem.usuario,
        )
    )


async def por_cpf(db: Reader, cadastro: Alcance[CadastrarFuncionarios], cpf: CPF) -> Usuario:
    """Give the person whom the administrador has just registered."""
    if not cadastro.todos:
        raise Proibido
    return _usuario(
        await db.select(
            _USUARIO + "e.cpf = %(cpf)s",
            cpf=cpf,
        )
    )


async def por_id(db: Reader, alcance: Alcance[DesbloquearLogins], chave: bytes | None) -> Usuario | None:
    """Give the person whom an administrador unlocks; None if there is none."""
    if not alcance.todos:
        raise Proibido
    linhas = await db.select(
        _USUARIO + "u.id = %(chave)s",
        chave=chave,
    )
    return _usuario(linhas) if linhas else None


async def credencial(db: Reader, cpf: CPF) -> Credencial | None:
    """Give what the person of this CPF proves who they are with; nothing of whoever is deactivated."""
    linhas = await db.select(
        "SELECT u.id, e.nome, u.senha, u.senha_anterior, u.espera FROM pessoa e"
        " JOIN usuario u ON u.pessoa_id = e.id WHERE e.cpf = %(cpf)s AND u.ativo",
        cpf=cpf,
    )
    if not linhas:
        return None
    usuario, nome, senha, anterior, espera = linhas[0]
    return Credencial(usuario, nome, senha, anterior, bool(espera))


async def conta(db: Reader, cpf: CPF) -> Conta | None:
    """Give who logs in with a CPF."""
    linhas = await db.select(
        "SELECT e.id, u.id, u.ativo, r.papel FROM pessoa e JOIN usuario u ON u.pessoa_id = e.id"
        " JOIN usuario_papel r ON r.usuario_id = u.id WHERE e.cpf = %(cpf)s",
        cpf=cpf,
    )
    return _conta(linhas)


async def conta_da_pessoa(db: Reader, pessoa: bytes) -> Conta | None:
    """Give the account of a pessoa, if they have one."""
    linhas = await db.select(
        "SELECT u.pessoa_id, u.id, u.ativo, r.papel FROM usuario u JOIN usuario_papel r ON r.usuario_id = u.id"
        " WHERE u.pessoa_id = %(pessoa)s",
        pessoa=pessoa,
    )
    return _conta(linhas)


async def verificadas(db: Reader, pessoas: Sequence[bytes]) -> frozenset[bytes]:
    """Give those of some pessoas whose account was verified at the desk."""
    linhas = await db.look_up(
        "SELECT pessoa_id FROM usuario WHERE pessoa_id IN %(pessoas)s AND verificado_em IS NOT NULL",
        pessoas=list(dict.fromkeys(pessoas)),
    )
    return frozenset(pessoa for (pessoa,) in linhas)


async def ha_administrador(db: Reader) -> bool:
    """Tell whether the hospital has an administrador."""
    return bool(await db.select("SELECT 1 FROM usuario_papel WHERE papel = %(papel)s LIMIT 1", papel="ADMINISTRADOR"))


def inserir(
    tx: Transaction,
    chave: bytes,
    pessoa: bytes,
    senha: str | None,
    troca: bool,
    verificado_em: datetime | None,
    agora: datetime,
) -> None:
    """Add a usuario."""
    tx.write(
        "INSERT INTO usuario (id, pessoa_id, senha, troca_de_senha_obrigatoria, verificado_em, criado_em)"
        " VALUES (%(chave)s, %(pessoa)s, %(senha)s, %(troca)s, %(verificado_em)s, %(agora)s)",
        verificado_em=verificado_em,
        chave=chave,
        pessoa=pessoa,
        senha=senha,
        troca=troca,
        agora=agora,
    )


def inserir_papel(tx: Transaction, usuario: bytes, papel: Papel) -> None:
    """Add a papel to a usuario."""
    tx.write(
        "INSERT INTO usuario_papel (usuario_id, papel) VALUES (%(usuario)s, %(papel)s)",
        usuario=usuario,
        papel=papel.name,
    )


async def trocar_senha(tx: Transaction, usuario: bytes, de: str | None, para: str) -> bool:
    """Set a password if the current one is still ``de``; what was current becomes the previous one.

    An account that waits for its code doesn't take one.
    """
    mudadas = await tx.execute(
        "UPDATE usuario SET senha_anterior = COALESCE(senha, senha_anterior), senha = %(para)s,"
        " troca_de_senha_obrigatoria = FALSE WHERE id = %(usuario)s AND senha <=> %(de)s AND ativo AND NOT espera",
        para=para,
        usuario=usuario,
        de=de,
    )
    return mudadas == 1


def esquecer_senha(tx: Transaction, usuario: bytes) -> None:
    """Take the password away; it becomes the previous one."""
    tx.write(
        "UPDATE usuario SET senha_anterior = COALESCE(senha, senha_anterior), senha = NULL,"
        " troca_de_senha_obrigatoria = FALSE, verificado_em = NULL, espera = FALSE WHERE id = %(usuario)s",
        usuario=usuario,
    )


def verificar(tx: Transaction, usuario: bytes, agora: datetime) -> None:
    """Keep that the person of an account was at the desk."""
    tx.write(
        "UPDATE usuario SET verificado_em = %(agora)s, espera = FALSE WHERE id = %(usuario)s",
        usuario=usuario,
        agora=agora,
    )


async def senha_que_abre(tx: Reader, usuario: bytes) -> str | None:
    """Give the hash of the password that opens an account now; holds the row until the transaction ends."""
    linhas = await tx.select(
        "SELECT senha FROM usuario WHERE id = %(usuario)s AND ativo AND NOT espera FOR UPDATE", usuario=usuario
    )
    return linhas[0][0] if linhas else None


def guardar_codigo(
    tx: Transaction,
    emitido: bytes,
    usuario: bytes,
    codigo: str,
    por: bytes | None,
    agora: datetime,
    expira_em: datetime,
) -> None:
    """Keep a one-time code in place of any other, and that it was handed out."""
    tx.write(
        "INSERT INTO codigo_emitido (id, usuario_id, emitido_por, emitido_em, expira_em)"
        " VALUES (%(emitido)s, %(usuario)s, %(por)s, %(agora)s, %(ate)s)",
        emitido=emitido,
        usuario=usuario,
        por=por,
        agora=agora,
        ate=expira_em,
    )
    tx.write(
        "INSERT INTO codigo_de_acesso (usuario_id, codigo, expira_em, emitido_id)"
        " VALUES (%(usuario)s, %(codigo)s, %(ate)s, %(emitido)s)"
        " ON DUPLICATE KEY UPDATE codigo = %(codigo)s, expira_em = %(ate)s, emitido_id = %(emitido)s, tentativas = 0",
        usuario=usuario,
        codigo=codigo,
        ate=expira_em,
        emitido=emitido,
    )


async def tentar_codigo(tx: Transaction, usuario: bytes, tentativas: int, agora: datetime) -> tuple[str, int] | None:
    """Take one of the tries that a code has; give its hash and the tries taken, None if there is nothing to try."""
    tomadas = await tx.execute(
        "UPDATE codigo_de_acesso SET tentativas = tentativas + 1"
        " WHERE usuario_id = %(usuario)s AND expira_em > %(agora)s AND tentativas < %(tentativas)s",
        usuario=usuario,
        agora=agora,
        tentativas=tentativas,
    )
    if not tomadas:
        return None
    sql = "SELECT codigo, tentativas FROM codigo_de_acesso WHERE usuario_id = %(usuario)s"
    linhas = await tx.select(sql, usuario=usuario)
    return (linhas[0][0], linhas[0][1]) if linhas else None


async def usar_codigo(tx: Transaction, usuario: bytes, codigo: str, origem: bytes | None, agora: datetime) -> bool:
    """Use a one-time code up; False if it is gone."""
    tx.write(
        "UPDATE codigo_emitido o JOIN codigo_de_acesso c ON c.emitido_id = o.id"
        " SET o.usado_em = %(agora)s, o.usado_de = %(origem)s"
        " WHERE c.usuario_id = %(usuario)s AND c.codigo = %(codigo)s",
        agora=agora,
        origem=origem,
        usuario=usuario,
        codigo=codigo,
    )
    apagados = await tx.execute(
        "DELETE FROM codigo_de_acesso WHERE usuario_id = %(usuario)s AND codigo = %(codigo)s",
        usuario=usuario,
        codigo=codigo,
    )
    return apagados == 1


async def codigos_vencidos(tx: Transaction, agora: datetime) -> list[bytes]:
    """Give whose codes are past their time, a hundred at most; holds them until the transaction ends."""
    linhas = await tx.select(
        "SELECT usuario_id FROM codigo_de_acesso WHERE expira_em <= %(agora)s LIMIT 100 FOR UPDATE", agora=agora
    )
    return [usuario for (usuario,) in linhas]


def apagar_codigo(tx: Transaction, usuario: bytes) -> None:
    """Take a code away."""
    tx.write("DELETE FROM codigo_de_acesso WHERE usuario_id = %(usuario)s", usuario=usuario)


def _conta(linhas: list[Row]) -> Conta | None:
    if not linhas:
        return None
    pessoa, usuario, ativo, _ = linhas[0]
    return Conta(pessoa, usuario, frozenset(Papel[linha[3]] for linha in linhas), bool(ativo))


def _usuario(linhas: list[Row]) -> Usuario:
    chave, nome, cpf, email, ativo, versao, verificado_em, criado_em, pessoa, _ = linhas[0]
    papeis = sorted((Papel[linha[-1]] for linha in linhas), key=list(Papel).index)
    return Usuario(
        chave=chave,
        nome=nome,
        cpf=cpf,
        email=email,
        papeis=papeis,
        ativo=bool(ativo),
        versao=versao,
        identidade_verificada=verificado_em is not None,
        criado_em=criado_em,
        pessoa=pessoa,
    )
