"""Usuarios, their papéis, passwords and one-time codes."""

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
    "SELECT u.id, e.nome, e.cpf, e.email, r.papel FROM usuario u JOIN pessoa e ON e.id = u.pessoa_id"
    " JOIN usuario_papel r ON r.usuario_id = u.id WHERE "
)


@dataclass(frozen=True, slots=True)
class Conta:
    """Who has a CPF: keys of the pessoa and of the usuario, and the papéis."""

    pessoa: bytes
    usuario: bytes
    papeis: frozenset[Papel]


@dataclass(frozen=True, slots=True)
class Credencial:
    """What a password is checked against: bcrypt hashes, and the one-time code's with its end."""

    usuario: bytes
    nome: str
    senha: str | None
    senha_anterior: str | None
    codigo: str | None
    codigo_expira_em: datetime | None

    def codigo_valido(self, agora: datetime) -> str | None:
        """Give the hash of the one-time code, if there is one that can still be used."""
        return self.codigo if self.codigo_expira_em is not None and self.codigo_expira_em > agora else None


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
    """Give what the person of this CPF proves who they are with."""
    linhas = await db.select(
        "SELECT u.id, e.nome, u.senha, u.senha_anterior, c.codigo, c.expira_em FROM pessoa e"
        " JOIN usuario u ON u.pessoa_id = e.id LEFT JOIN codigo_de_acesso c ON c.usuario_id = u.id"
        " WHERE e.cpf = %(cpf)s",
        cpf=cpf,
    )
    return Credencial(*linhas[0]) if linhas else None


async def conta(db: Reader, cpf: CPF) -> Conta | None:
    """Give who logs in with a CPF."""
    linhas = await db.select(
        "SELECT e.id, u.id, r.papel FROM pessoa e JOIN usuario u ON u.pessoa_id = e.id"
        " JOIN usuario_papel r ON r.usuario_id = u.id WHERE e.cpf = %(cpf)s",
        cpf=cpf,
    )
    return Conta(linhas[0][0], linhas[0][1], frozenset(Papel[linha[2]] for linha in linhas)) if linhas else None


async def conta_da_pessoa(db: Reader, pessoa: bytes) -> Conta | None:
    """Give the account of a pessoa, if they have one."""
    linhas = await db.select(
        "SELECT u.pessoa_id, u.id, r.papel FROM usuario u JOIN usuario_papel r ON r.usuario_id = u.id"
        " WHERE u.pessoa_id = %(pessoa)s",
        pessoa=pessoa,
    )
    return Conta(linhas[0][0], linhas[0][1], frozenset(Papel[linha[2]] for linha in linhas)) if linhas else None


async def ha_administrador(db: Reader) -> bool:
    """Tell whether the hospital has an administrador."""
    return bool(await db.select("SELECT 1 FROM usuario_papel WHERE papel = %(papel)s LIMIT 1", papel="ADMINISTRADOR"))


def inserir(tx: Transaction, chave: bytes, pessoa: bytes, senha: str | None, troca: bool, agora: datetime) -> None:
    """Add a usuario."""
    tx.write(
        "INSERT INTO usuario (id, pessoa_id, senha, troca_de_senha_obrigatoria, criado_em)"
        " VALUES (%(chave)s, %(pessoa)s, %(senha)s, %(troca)s, %(agora)s)",
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
    """Set a password if the current one is still ``de``; what was current becomes the previous one."""
    mudadas = await tx.execute(
        "UPDATE usuario SET senha_anterior = COALESCE(senha, senha_anterior), senha = %(para)s,"
        " troca_de_senha_obrigatoria = FALSE WHERE id = %(usuario)s AND senha <=> %(de)s",
        para=para,
        usuario=usuario,
        de=de,
    )
    return mudadas == 1


def esquecer_senha(tx: Transaction, usuario: bytes) -> None:
    """Take the password away; it becomes the previous one."""
    tx.write(
        "UPDATE usuario SET senha_anterior = COALESCE(senha, senha_anterior), senha = NULL,"
        " troca_de_senha_obrigatoria = FALSE WHERE id = %(usuario)s",
        usuario=usuario,
    )


async def senha_atual(tx: Reader, usuario: bytes) -> str | None:
    """Give the hash of a usuario's password; holds the row until the transaction ends."""
    linhas = await tx.select("SELECT senha FROM usuario WHERE id = %(usuario)s FOR UPDATE", usuario=usuario)
    return linhas[0][0] if linhas else None


def guardar_codigo(tx: Transaction, usuario: bytes, codigo: str, expira_em: datetime) -> None:
    """Keep a one-time code in place of any other."""
    tx.write(
        "INSERT INTO codigo_de_acesso (usuario_id, codigo, expira_em) VALUES (%(usuario)s, %(codigo)s, %(ate)s)"
        " ON DUPLICATE KEY UPDATE codigo = %(codigo)s, expira_em = %(ate)s",
        usuario=usuario,
        codigo=codigo,
        ate=expira_em,
    )


async def usar_codigo(tx: Transaction, usuario: bytes, codigo: str) -> bool:
    """Use a one-time code up; False if it is gone."""
    apagados = await tx.execute(
        "DELETE FROM codigo_de_acesso WHERE usuario_id = %(usuario)s AND codigo = %(codigo)s",
        usuario=usuario,
        codigo=codigo,
    )
    return apagados == 1


def _usuario(linhas: list[Row]) -> Usuario:
    chave, nome, cpf, email, _ = linhas[0]
    papeis = sorted((Papel[linha[4]] for linha in linhas), key=list(Papel).index)
    return Usuario(chave=chave, nome=nome, cpf=cpf, email=email, papeis=papeis)
