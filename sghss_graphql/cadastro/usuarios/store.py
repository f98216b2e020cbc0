"""Usuarios, their papéis, passwords and one-time codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sghss_graphql.cadastro.usuarios.regras import Busca
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import VerUsuarios
from sghss_graphql.machinery.database import Reader, Row, Transaction
from sghss_graphql.machinery.engine import Page
from sghss_graphql.vocabulario.errors import Proibido
from sghss_graphql.vocabulario.scalars import CPF

_COLUNAS = (
    "u.id, e.nome, e.cpf, e.email, u.ativo, e.versao, u.verificado_em, u.criado_em, e.id, e.nome_ordem,"
    " (SELECT GROUP_CONCAT(r.papel SEPARATOR ' ') FROM usuario_papel r WHERE r.usuario_id = u.id) AS papeis"
)
_CONTA = (
    "SELECT u.pessoa_id, u.id, u.ativo, u.verificado_em IS NOT NULL, u.espera, r.papel FROM usuario u"
    " JOIN usuario_papel r ON r.usuario_id = u.id"
)
_USUARIO = "SELECT " + _COLUNAS + " FROM usuario u JOIN pessoa e ON e.id = u.pessoa_id WHERE "  # noqa: S608 - constants
# A list is read along whatever leaves the fewest rows: the few who have a papel of staff, or who are deactivated, are
# sorted; the rest are read in the order of names.
_DA_EQUIPE = (
    " FROM usuario_papel f STRAIGHT_JOIN usuario u ON u.id = f.usuario_id STRAIGHT_JOIN pessoa e ON e.id = u.pessoa_id"
)
_DESATIVADOS = " FROM usuario u STRAIGHT_JOIN pessoa e ON e.id = u.pessoa_id"
_POR_INICIO = (
    " FROM pessoa_inicio i0 STRAIGHT_JOIN pessoa e ON e.id = i0.pessoa_id STRAIGHT_JOIN usuario u ON u.pessoa_id = e.id"
)
_POR_NOME = " FROM pessoa e STRAIGHT_JOIN usuario u ON u.pessoa_id = e.id"
_TEM_PAPEL = " AND EXISTS (SELECT 1 FROM usuario_papel t WHERE t.usuario_id = u.id AND t.papel = %(papel)s)"
_TEM_O_INICIO = (
    " AND EXISTS (SELECT 1 FROM pessoa_inicio i{n} WHERE i{n}.inicio = %(inicio{n})s"
    " AND i{n}.nome_ordem = e.nome_ordem AND i{n}.pessoa_id = e.id)"
)
_MARCADAS = " FROM usuario u JOIN paciente p ON p.pessoa_id = u.pessoa_id JOIN consulta c ON c.paciente_id = p.id"
_QUE_CONTAM = " WHERE u.id = %(usuario)s AND c.por_verificar AND c.situacao NOT IN ('CANCELADA', 'FALTOU')"
_DEPOIS = " AND {nome} >= %(depois)s AND ({nome} > %(depois)s OR {chave} > %(depois_id)s)"
_ANTES = " AND {nome} <= %(antes)s AND ({nome} < %(antes)s OR {chave} < %(antes_id)s)"


@dataclass(frozen=True, slots=True)
class Conta:
    """Who has a CPF: keys of pessoa and usuario, papéis; whether it is active, is verified, waits for a code."""

    pessoa: bytes
    usuario: bytes
    papeis: frozenset[Papel]
    ativo: bool = True
    verificada: bool = False
    espera: bool = False

    @property
    def da_equipe(self) -> bool:
        """Whether the person works here: they have a papel besides that of paciente."""
        return not self.papeis <= {Papel.PACIENTE}


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
    (linha,) = await db.look_up(_USUARIO + "u.id = %(usuario)s", usuario=quem.usuario)
    return _usuario(linha)


async def da_equipe(db: Reader, pessoa: bytes) -> frozenset[bytes]:
    """Give who of the staff a pessoa is, by whichever of their registrations."""
    linhas = await db.select(
        "SELECT u.id FROM usuario u JOIN usuario_papel r ON r.usuario_id = u.id WHERE u.pessoa_id = %(pessoa)s"
        " AND r.papel <> 'PACIENTE' UNION SELECT u.id FROM paciente p JOIN mesma_pessoa g ON g.paciente_id = p.id"
        " JOIN paciente o ON o.id = g.outro_id JOIN usuario u ON u.pessoa_id = o.pessoa_id"
        " JOIN usuario_papel r ON r.usuario_id = u.id WHERE p.pessoa_id = %(pessoa)s AND r.papel <> 'PACIENTE'",
        pessoa=pessoa,
    )
    return frozenset(usuario for (usuario,) in linhas)


async def buscar(db: Reader, alcance: Alcance[VerUsuarios] | None, busca: Busca, pagina: Page) -> list[Usuario]:
    """Give a page of usuarios to an administrador, or on the command line (None), by name."""
    if alcance is not None and not alcance.todos:
        raise Proibido
    fonte, nome, chave = _fonte(busca)
    seta = " DESC" if pagina.backward else ""
    linhas = await db.select(
        "SELECT STRAIGHT_JOIN "
        + _COLUNAS
        + fonte
        + (_DEPOIS.format(nome=nome, chave=chave) if pagina.after else "")
        + (_ANTES.format(nome=nome, chave=chave) if pagina.before else "")
        + f" ORDER BY {nome}{seta}, {chave}{seta} LIMIT %(limite)s",
        limite=pagina.limit,
        **_parametros(busca),
        **dict(zip(("depois", "depois_id"), pagina.after or (None, None), strict=True)),
        **dict(zip(("antes", "antes_id"), pagina.before or (None, None), strict=True)),
    )
    return [_usuario(linha) for linha in linhas]


async def contar(db: Reader, alcance: Alcance[VerUsuarios], busca: Busca) -> int:
    """Count usuarios."""
    if not alcance.todos:
        raise Proibido
    linhas = await db.select("SELECT STRAIGHT_JOIN COUNT(*)" + _fonte(busca)[0], **_parametros(busca))
    return int(linhas[0][0])


async def por_ids(db: Reader, alcance: Alcance[VerUsuarios], chaves: Sequence[bytes]) -> dict[bytes, Usuario]:
    """Give usuarios by key."""
    if not alcance.todos:
        raise Proibido
    linhas = await db.look_up(_USUARIO + "u.id IN %(chaves)s", chaves=list(dict.fromkeys(chaves)))
    return {linha[0]: _usuario(linha) for linha in linhas}


async def nomes(db: Reader, chaves: Sequence[bytes]) -> dict[bytes, str]:
    """Give the names of usuarios, by key."""
    sql = "SELECT u.id, e.nome FROM usuario u JOIN pessoa e ON e.id = u.pessoa_id"
    return dict(await db.by_keys(sql, "u.id", chaves))


def dar_cuidado_do_que_marcou(tx: Transaction, usuario: bytes, dias: int) -> None:
    """Let the consultas that somebody booked before they were verified give care from now on."""
    tx.write(
        "INSERT INTO cuidado (origem_id, profissional_id, paciente_id, fonte, ate, espelho)"
        " SELECT c.id, c.profissional_id, c.paciente_id, 'CONSULTA', c.fim + INTERVAL %(dias)s DAY, FALSE"
        + _MARCADAS
        + _QUE_CONTAM
        + " UNION ALL SELECT c.id, c.profissional_id, g.outro_id, 'CONSULTA', c.fim + INTERVAL %(dias)s DAY, TRUE"
        + _MARCADAS
        + " JOIN mesma_pessoa g ON g.paciente_id = p.id"
        + _QUE_CONTAM
        + " ON DUPLICATE KEY UPDATE fonte = VALUES(fonte)",
        usuario=usuario,
        dias=dias,
    )
    tx.write(
        "UPDATE usuario u JOIN paciente p ON p.pessoa_id = u.pessoa_id JOIN consulta c ON c.paciente_id = p.id"
        " SET c.por_verificar = FALSE WHERE u.id = %(usuario)s AND c.por_verificar",
        usuario=usuario,
    )


async def por_chave(tx: Reader, usuario: bytes) -> Usuario:
    """Give the account that an administrator holds."""
    return _usuario((await tx.select(_USUARIO + "u.id = %(usuario)s", usuario=usuario))[0])


async def segurar(tx: Transaction, usuario: bytes | None) -> Conta | None:
    """Give an account by its key; holds it until the transaction ends."""
    if usuario is None or not await tx.select("SELECT 1 FROM usuario WHERE id = %(u)s FOR UPDATE", u=usuario):
        return None
    return _conta(await tx.select(_CONTA + " WHERE u.id = %(usuario)s", usuario=usuario))


async def outro_administrador(tx: Transaction, usuario: bytes) -> bool:
    """Tell whether an active administrador is left besides this one; whoever asks the same at once waits."""
    tx.write("UPDATE vez SET numero = numero + 1 WHERE de = 'administradores'")
    linhas = await tx.select(
        "SELECT 1 FROM usuario_papel r JOIN usuario u ON u.id = r.usuario_id"
        " WHERE r.papel = 'ADMINISTRADOR' AND u.ativo AND u.id <> %(usuario)s LIMIT 1 FOR UPDATE",
        usuario=usuario,
    )
    return bool(linhas)


async def tem_cadastro(tx: Transaction, pessoa: bytes, papel: Papel) -> bool:
    """Tell whether a pessoa has the registration that a papel rests on."""
    if papel is Papel.PACIENTE:
        sql = "SELECT 1 FROM paciente WHERE pessoa_id = %(pessoa)s"
    elif papel is Papel.PROFISSIONAL:
        sql = "SELECT 1 FROM profissional WHERE pessoa_id = %(pessoa)s"
    else:
        return True
    return bool(await tx.select(sql, pessoa=pessoa))


def apagar_papel(tx: Transaction, usuario: bytes, papel: Papel) -> None:
    """Take a papel from a usuario."""
    tx.write(
        "DELETE FROM usuario_papel WHERE usuario_id = %(usuario)s AND papel = %(papel)s",
        usuario=usuario,
        papel=papel.name,
    )


def desativar(tx: Transaction, usuario: bytes, motivo: str, agora: datetime) -> None:
    """Let nobody log in with an account."""
    tx.write(
        "UPDATE usuario SET ativo = FALSE, desativado_em = %(agora)s, motivo_da_desativacao = %(motivo)s"
        " WHERE id = %(usuario)s",
        usuario=usuario,
        motivo=motivo,
        agora=agora,
    )


async def reativar(tx: Transaction, usuario: bytes, desativado_por: str | None = None) -> bool:
    """Let an account be opened again, unless it is open, was closed for another reason, or is of one left over."""
    mudados = await tx.execute(
        "UPDATE usuario u SET ativo = TRUE, desativado_em = NULL, motivo_da_desativacao = NULL WHERE u.id = %(usuario)s"
        " AND NOT ativo AND COALESCE(motivo_da_desativacao = %(motivo)s, %(motivo)s IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM paciente p WHERE p.pessoa_id = u.pessoa_id AND p.unificado_com IS NOT NULL)",
        usuario=usuario,
        motivo=desativado_por,
    )
    return mudados == 1


async def segue_em_outra(tx: Transaction, pessoa: bytes) -> bool:
    """Tell whether the life of a pessoa, as a paciente, goes on in another registration; holds theirs meanwhile."""
    linhas = await tx.select("SELECT unificado_com FROM paciente WHERE pessoa_id = %(p)s FOR UPDATE", p=pessoa)
    return any(unificado is not None for (unificado,) in linhas)


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
    return _conta(await db.select(_CONTA + " JOIN pessoa e ON e.id = u.pessoa_id WHERE e.cpf = %(cpf)s", cpf=cpf))


async def conta_da_pessoa(db: Reader, pessoa: bytes) -> Conta | None:
    """Give the account of a pessoa, if they have one."""
    return _conta(await db.select(_CONTA + " WHERE u.pessoa_id = %(pessoa)s", pessoa=pessoa))


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


def refazer_hash(tx: Transaction, usuario: bytes, de: str | None, para: str) -> None:
    """Keep the same password by another hash."""
    tx.write(
        "UPDATE usuario SET senha = %(para)s WHERE id = %(usuario)s AND senha = %(de)s",
        usuario=usuario,
        de=de,
        para=para,
    )


async def senha_que_abre(tx: Reader, usuario: bytes) -> str | None:
    """Give the hash of the password that opens an account now; holds the row until the transaction ends."""
    linhas = await tx.select(
        "SELECT senha FROM usuario WHERE id = %(usuario)s AND ativo AND NOT espera FOR UPDATE", usuario=usuario
    )
    return linhas[0][0] if linhas else None


def _fonte(busca: Busca) -> tuple[str, str, str]:
    """Give FROM and WHERE of a list, and the columns of name and key that it is read along."""
    nome, chave, outros = "e.nome_ordem", "e.id", range(len(busca.inicios))
    if busca.papel not in (None, Papel.PACIENTE):
        fonte = _DA_EQUIPE + " WHERE f.papel = %(papel)s"
    elif busca.ativo is False:
        fonte = _DESATIVADOS + " WHERE NOT u.ativo"
    elif busca.inicios:
        nome, chave, outros = "i0.nome_ordem", "i0.pessoa_id", range(1, len(busca.inicios))
        fonte = _POR_INICIO + " WHERE i0.inicio = %(inicio0)s"
    else:
        fonte = _POR_NOME + " WHERE TRUE"
    fonte += (
        (_TEM_PAPEL if busca.papel is Papel.PACIENTE else "")
        + ("" if busca.ativo is None else " AND u.ativo = %(ativo)s")
        + (" AND e.cpf = %(cpf)s" if busca.cpf else "")
        + "".join(_TEM_O_INICIO.format(n=n) for n in outros)
    )
    return fonte, nome, chave


def _parametros(busca: Busca) -> dict[str, Any]:
    starts = {f"inicio{n}": inicio for n, inicio in enumerate(busca.inicios)}
    return {"papel": busca.papel and busca.papel.name, "ativo": busca.ativo, "cpf": busca.cpf, **starts}


def _conta(linhas: list[Row]) -> Conta | None:
    if not linhas:
        return None
    pessoa, usuario, *estado, _ = linhas[0]
    return Conta(pessoa, usuario, frozenset(Papel[linha[-1]] for linha in linhas), *map(bool, estado))


def _usuario(linha: Row) -> Usuario:
    chave, nome, cpf, email, ativo, versao, verificado_em, criado_em, pessoa, ordem, papeis = linha
    return Usuario(
        chave=chave,
        nome=nome,
        cpf=cpf,
        email=email,
        papeis=sorted((Papel[papel] for papel in papeis.split()), key=list(Papel).index),
        ativo=bool(ativo),
        versao=versao,
        identidade_verificada=verificado_em is not None,
        criado_em=criado_em,
        pessoa=pessoa,
        ordem=ordem,
    )
