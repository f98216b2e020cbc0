"""Pacientes and the starts of words of their names; who may see whom is decided by VISIVEL."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sghss_graphql.cadastro.pacientes.regras import Busca
from sghss_graphql.cadastro.pacientes.types import Paciente, Sexo
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import BuscarPacientes, VerPacientes
from sghss_graphql.machinery.database import Columns, Fields, Reader, Row, Transaction, members
from sghss_graphql.machinery.engine import Page

_SEXOS = members(Sexo)
_COLUNAS = Columns(
    "p.id p.usuario_id p.nome_ordem",
    "p.nome p.nome_social p.cpf p.cns p.nascimento p.sexo p.email p.telefone p.criado_em",
)
_POR_IDS = " FROM paciente p WHERE p.id IN %(chaves)s AND "
_POR_USUARIOS = " FROM paciente p WHERE p.usuario_id IN %(usuarios)s AND "
_POR_CPF = " FROM paciente p WHERE p.cpf = %(documento)s AND "
_POR_CNS = " FROM paciente p WHERE p.cns = %(documento)s AND "
_VISIVEL = (
    "(%(todos)s OR p.id = %(eu_paciente)s OR EXISTS (SELECT 1 FROM vinculo v"
    " WHERE v.profissional_id = %(eu_profissional)s AND v.paciente_id = p.id))"
)
_VISIVEL_SEM_AGENDA = "(%(todos)s OR p.id = %(eu_paciente)s)"
_INTERVALO = "{nome} >= %(de)s AND ({nome} > %(de)s OR {chave} > %(de_id)s)"
_COM_O_INICIO = (
    " JOIN paciente_inicio i{n} ON i{n}.inicio = %(inicio{n})s AND i{n}.nome_ordem = {nome}"
    " AND i{n}.paciente_id = {chave}"
)
_DO_PRIMEIRO = " JOIN paciente p ON p.id = i0.paciente_id WHERE i0.inicio = %(inicio0)s AND "
_DOS_SEUS = (
    " FROM (SELECT v.paciente_id FROM vinculo v WHERE v.profissional_id = %(eu_profissional)s"
    " UNION SELECT %(eu_paciente)s) t"
    " JOIN paciente p ON p.id = t.paciente_id"
)
_ADIANTE = 100  # pacientes
_ALCANCADO = (
    "SELECT %(key)s, (SELECT i.nome_ordem FROM paciente_inicio i"
    " WHERE i.inicio = %(key)s AND i.nome_ordem >= %(de)s AND (i.nome_ordem > %(de)s OR i.paciente_id > %(de_id)s)"
    " ORDER BY i.nome_ordem, i.paciente_id LIMIT 1 OFFSET %(adiante)s)"
)


async def por_ids(
    db: Reader, alcance: Alcance[VerPacientes], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Paciente]:
    """Give those of the pacientes whom the caller may see, by key."""
    linhas = await db.look_up(
        "SELECT " + _COLUNAS(campos) + _POR_IDS + _visivel(alcance),
        chaves=list(dict.fromkeys(chaves)),
        **alcance.parametros,
    )
    return {linha[0]: _paciente(linha) for linha in linhas}


async def por_usuarios(
    db: Reader, alcance: Alcance[VerPacientes], usuarios: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Paciente]:
    """Give the registrations of usuarios that the caller may see, by the usuario's key."""
    linhas = await db.select(
        "SELECT " + _COLUNAS(campos) + _POR_USUARIOS + _visivel(alcance),
        usuarios=list(dict.fromkeys(usuarios)),
        **alcance.parametros,
    )
    return {linha[1]: _paciente(linha) for linha in linhas}


async def por_documento(
    db: Reader, alcance: Alcance[BuscarPacientes], busca: Busca, campos: Fields = None
) -> list[Paciente]:
    """Give the paciente of a whole CPF or CNS."""
    linhas = await db.select(
        "SELECT " + _COLUNAS(campos) + (_POR_CPF if busca.cpf else _POR_CNS) + _visivel(alcance),
        documento=busca.cpf or busca.cns,
        **alcance.parametros,
    )
    return [_paciente(linha) for linha in linhas]


async def buscar(
    db: Reader, alcance: Alcance[BuscarPacientes], inicios: Sequence[str], pagina: Page, campos: Fields = None
) -> list[Paciente]:
    """Give a page of the pacientes with all these starts of words, by name.

    Pacientes are read in the order of names until the page is full: along the list of one start, looking each up
    in the lists of the others, or along all of them. Those whom a profissional may see are few: they are sorted.
    """
    de, de_id = pagina.after or ("", b"")
    if alcance.todos and len(inicios) > 1:
        inicios = await _mais_espalhado_primeiro(db, inicios, de, de_id)
    fonte, nome, chave = _fonte(alcance, inicios)
    linhas = await db.select(
        "SELECT STRAIGHT_JOIN "
        + _COLUNAS(campos)
        + fonte
        + _visivel(alcance)
        + " AND "
        + _INTERVALO.format(nome=nome, chave=chave)
        + f" ORDER BY {nome}, {chave} LIMIT %(limite)s",
        de=de,
        de_id=de_id,
        limite=pagina.limit,
        **_parametros(inicios),
        **alcance.parametros,
    )
    return [_paciente(linha) for linha in linhas]


async def contar(db: Reader, alcance: Alcance[BuscarPacientes], inicios: Sequence[str]) -> int:
    """Count the pacientes with all these starts of words."""
    fonte, _, _ = _fonte(alcance, inicios)
    linhas = await db.select(
        "SELECT COUNT(*)" + fonte + _visivel(alcance),
        **_parametros(inicios),
        **alcance.parametros,
    )
    return int(linhas[0][0])


async def _mais_espalhado_primeiro(db: Reader, inicios: Sequence[str], de: str, de_id: bytes) -> list[str]:
    """Put first the start whose next pacientes reach furthest in the order of names: along it the fewest are read."""
    linhas = await db.select_for_each(_ALCANCADO, inicios, de=de, de_id=de_id, adiante=_ADIANTE)
    alcancados = {linha[0]: linha[1] for linha in linhas}
    return sorted(inicios, key=lambda inicio: (alcancados[inicio] is None, alcancados[inicio]), reverse=True)


def _visivel(alcance: Alcance[Any]) -> str:
    """Give VISIVEL; for whoever is no profissional, without the agenda that they don't have."""
    return _VISIVEL_SEM_AGENDA if alcance.profissional is None else _VISIVEL


def _fonte(alcance: Alcance[Any], inicios: Sequence[str]) -> tuple[str, str, str]:
    """Give FROM with what precedes the condition, and the columns of name and key that it is read along."""
    if alcance.todos and inicios:
        nome, chave = "i0.nome_ordem", "i0.paciente_id"
        outros = _com_inicios(range(1, len(inicios)), nome, chave)
        desde = " FROM paciente_inicio i0" + outros + _DO_PRIMEIRO
    else:
        nome, chave = "p.nome_ordem", "p.id"
        quem = " FROM paciente p" if alcance.todos else _DOS_SEUS
        desde = quem + _com_inicios(range(len(inicios)), nome, chave) + " WHERE "
    return desde, nome, chave


def inserir(tx: Transaction, paciente: Paciente) -> None:
    """Add a registration."""
    tx.write(
        "INSERT INTO paciente (id, usuario_id, cpf, nome, nome_social, nome_ordem, cns, nascimento, sexo, email,"
        " telefone, criado_em) VALUES (%(chave)s, %(usuario)s, %(cpf)s, %(nome)s, %(nome_social)s, %(ordem)s,"
        " %(cns)s, %(nascimento)s, %(sexo)s, %(email)s, %(telefone)s, %(criado_em)s)",
        **_valores(paciente),
    )


def atualizar(tx: Transaction, paciente: Paciente) -> None:
    """Change a registration."""
    tx.write(
        "UPDATE paciente SET usuario_id = %(usuario)s, cpf = %(cpf)s, nome = %(nome)s,"
        " nome_social = %(nome_social)s, nome_ordem = %(ordem)s, cns = %(cns)s, nascimento = %(nascimento)s,"
        " sexo = %(sexo)s, email = %(email)s, telefone = %(telefone)s WHERE id = %(chave)s",
        **_valores(paciente),
    )


def inserir_inicios(tx: Transaction, paciente: Paciente, inicios: Sequence[str]) -> None:
    """Add the starts of words by which a paciente is found."""
    tx.write_rows(
        "INSERT INTO paciente_inicio (inicio, nome_ordem, paciente_id) VALUES %(rows)s",
        [(inicio, paciente.ordem, paciente.chave) for inicio in inicios],
    )


def apagar_inicios(tx: Transaction, chave: bytes) -> None:
    """Take away the starts of words by which a paciente is found."""
    tx.write("DELETE FROM paciente_inicio WHERE paciente_id = %(chave)s", chave=chave)


def _com_inicios(numeros: Iterable[int], nome: str, chave: str) -> str:
    return "".join(_COM_O_INICIO.format(n=n, nome=nome, chave=chave) for n in numeros)


def _parametros(inicios: Sequence[str]) -> dict[str, str]:
    return {f"inicio{n}": inicio for n, inicio in enumerate(inicios)}


def _valores(paciente: Paciente) -> dict[str, str | bytes | date | datetime | None]:
    return {
        "chave": paciente.chave,
        "usuario": paciente.usuario,
        "cpf": paciente.cpf,
        "nome": paciente.nome,
        "nome_social": paciente.nome_social,
        "ordem": paciente.ordem,
        "cns": paciente.cns,
        "nascimento": paciente.nascimento,
        "sexo": paciente.sexo.name,
        "email": paciente.email,
        "telefone": paciente.telefone,
        "criado_em": paciente.criado_em,
    }


def _paciente(linha: Row) -> Paciente:
    chave, usuario, ordem, nome, nome_social, cpf, cns, nascimento, sexo, email, telefone, criado_em = linha
    return Paciente(
        chave=chave,
        nome=nome,
        nome_social=nome_social,
        cpf=cpf,
        cns=cns,
        nascimento=nascimento,
        sexo=_SEXOS[sexo],
        email=email,
        telefone=telefone,
        criado_em=criado_em,
        usuario=usuario,
        ordem=ordem,
    )
