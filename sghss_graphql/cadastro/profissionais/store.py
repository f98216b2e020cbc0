"""Profissionais, the words of their names, and their specialities; every caller may see them."""

from collections.abc import Sequence

from sghss_graphql.cadastro.profissionais.regras import Busca, registro
from sghss_graphql.cadastro.profissionais.types import Conselho, Especialidade, Profissional
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.machinery.database import Columns, Fields, Reader, Transaction, members
from sghss_graphql.machinery.engine import Page
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import ordem
from sghss_graphql.vocabulario.uf import UF

_ATENDE = (
    "m.ativo AND EXISTS (SELECT 1 FROM usuario u JOIN usuario_papel r ON r.usuario_id = u.id"
    " WHERE u.pessoa_id = m.pessoa_id AND u.ativo AND r.papel = 'PROFISSIONAL')"
)
_CONSELHOS, _UFS = members(Conselho), members(UF)
_COLUNAS = Columns(
    Profissional,
    "m.id m.pessoa_id e.nome",
    "m.nome_ordem m.fuso m.conselho m.numero m.uf e.versao",
    named={"id": "chave", "nome_ordem": "ordem", "pessoa_id": "pessoa"},
    read={"conselho": _CONSELHOS, "uf": _UFS, "ativo": bool, "juntos": bool},
    made={"registro": ("conselho numero uf", registro)},
    made_of={"horarios_disponiveis": "ativo fuso"},
    computed={
        "ativo": _ATENDE,
        "juntos": "EXISTS (SELECT 1 FROM paciente q WHERE q.pessoa_id = m.pessoa_id AND q.juntos)",
    },
)
_DE = " FROM profissional m JOIN pessoa e ON e.id = m.pessoa_id"
_POR_USUARIOS = (
    ", u.id FROM usuario u JOIN profissional m ON m.pessoa_id = u.pessoa_id JOIN pessoa e ON e.id = m.pessoa_id"
    " WHERE u.id IN %(usuarios)s"
)
_CONTAR = "SELECT COUNT(*) FROM profissional m WHERE "
_ACHADO = (
    "(%(conselho)s IS NULL OR m.conselho = %(conselho)s)"
    " AND (%(especialidade)s IS NULL OR EXISTS (SELECT 1 FROM profissional_especialidade e"
    " WHERE e.profissional_id = m.id AND e.especialidade_ordem = %(especialidade)s))"
    " AND (%(unidade)s IS NULL OR EXISTS (SELECT 1 FROM turno t WHERE t.profissional_id = m.id"
    " AND t.unidade_id = %(unidade)s))"
)
_DEPOIS = " AND m.nome_ordem >= %(depois)s AND (m.nome_ordem > %(depois)s OR m.id > %(depois_id)s)"
_ANTES = " AND m.nome_ordem <= %(antes)s AND (m.nome_ordem < %(antes)s OR m.id < %(antes_id)s)"
_TEM_O_INICIO = (
    " AND EXISTS (SELECT 1 FROM pessoa_inicio i{n} WHERE i{n}.inicio = %(inicio{n})s"
    " AND i{n}.nome_ordem = m.nome_ordem AND i{n}.pessoa_id = m.pessoa_id)"
)


async def por_ids(
    db: Reader, _: Alcance[VerProfissionais], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Profissional]:
    """Give profissionais by key."""
    forma = _COLUNAS(campos)
    linhas = await db.by_keys("SELECT " + forma.sql + _DE, "m.id", chaves)
    return {um.chave: um for um in forma.each(linhas)}


async def por_usuarios(
    db: Reader, _: Alcance[VerProfissionais], usuarios: Sequence[bytes]
) -> dict[bytes, Profissional]:
    """Give the registrations of usuarios as profissionais, by the usuario's key."""
    forma = _COLUNAS()
    linhas = await db.select(
        "SELECT " + forma.sql + _POR_USUARIOS,
        usuarios=list(dict.fromkeys(usuarios)),
    )
    return {linha[-1]: um for linha, um in zip(linhas, forma.each(linhas), strict=True)}


async def dos_pacientes(db: Reader, pacientes: Sequence[bytes]) -> list[bytes]:
    """Give the keys of the profissionais that some pacientes are."""
    linhas = await db.select(
        "SELECT m.id FROM paciente p JOIN profissional m ON m.pessoa_id = p.pessoa_id WHERE p.id IN %(pacientes)s",
        pacientes=list(pacientes),
    )
    return [chave for (chave,) in linhas]


async def buscar(
    db: Reader, _: Alcance[VerProfissionais], busca: Busca, pagina: Page, campos: Fields = None
) -> list[Profissional]:
    """Give a page of the profissionais who are asked for, by name."""
    forma = _COLUNAS(campos, "nome_ordem")
    em_ordem = " ORDER BY m.nome_ordem DESC, m.id DESC" if pagina.backward else " ORDER BY m.nome_ordem, m.id"
    linhas = await db.select(
        "SELECT "
        + forma.sql
        + _DE
        + " WHERE "
        + _achado(busca)
        + (_DEPOIS if pagina.after else "")
        + (_ANTES if pagina.before else "")
        + em_ordem
        + " LIMIT %(limite)s",
        limite=pagina.limit,
        **_parametros(busca),
        **dict(zip(("depois", "depois_id"), pagina.after or (None, None), strict=True)),
        **dict(zip(("antes", "antes_id"), pagina.before or (None, None), strict=True)),
    )
    return forma.each(linhas)


async def contar(db: Reader, _: Alcance[VerProfissionais], busca: Busca) -> int:
    """Count the profissionais who are asked for."""
    linhas = await db.select(_CONTAR + _achado(busca), **_parametros(busca))
    return int(linhas[0][0])


async def especialidades(db: Reader, chaves: Sequence[bytes]) -> list[tuple[bytes, Especialidade]]:
    """Give the specialities of profissionais, each with the profissional's key, in their order."""
    linhas = await db.look_up(
        "SELECT e.profissional_id, e.especialidade, e.rqe FROM profissional_especialidade e"
        " WHERE e.profissional_id IN %(chaves)s"
        " ORDER BY e.profissional_id, e.ordem",
        chaves=list(dict.fromkeys(chaves)),
    )
    return [(linha[0], Especialidade(nome=linha[1], rqe=linha[2])) for linha in linhas]


async def nomes_das_especialidades(db: Reader, _: Alcance[VerProfissionais], mais: int) -> list[str]:
    """Give the names of the specialities in which somebody attends, each as one of them writes it, in order."""
    linhas = await db.select(
        "SELECT MIN(e.especialidade), e.especialidade_ordem FROM profissional_especialidade e"
        " JOIN profissional m ON m.id = e.profissional_id WHERE m.ativo"
        " GROUP BY e.especialidade_ordem ORDER BY e.especialidade_ordem LIMIT %(mais)s",
        mais=mais,
    )
    return [nome for nome, _ in linhas]


def inserir(tx: Transaction, profissional: Profissional, pessoa: bytes) -> None:
    """Add a registration of a pessoa, who may have another name than the one that was typed now."""
    tx.write(
        "INSERT INTO profissional (id, pessoa_id, nome_ordem, conselho, numero, uf, fuso, criado_em)"
        " SELECT %(chave)s, e.id, e.nome_ordem, %(conselho)s, %(numero)s, %(uf)s, %(fuso)s, %(agora)s"
        " FROM pessoa e WHERE e.id = %(pessoa)s",
        chave=profissional.chave,
        pessoa=pessoa,
        conselho=profissional.conselho.name,
        numero=profissional.numero,
        uf=profissional.uf.name,
        fuso=profissional.fuso,
        agora=agora(),
    )


def inserir_especialidades(tx: Transaction, chave: bytes, lidas: Sequence[Especialidade]) -> None:
    """Add the specialities of a profissional, in order."""
    tx.write_rows(
        "INSERT INTO profissional_especialidade (profissional_id, ordem, especialidade, especialidade_ordem,"
        " rqe) VALUES %(rows)s",
        [(chave, n, lida.nome, ordem(lida.nome), lida.rqe) for n, lida in enumerate(lidas)],
    )


def apagar_especialidades(tx: Transaction, chave: bytes) -> None:
    """Take the specialities of a profissional away."""
    tx.write("DELETE FROM profissional_especialidade WHERE profissional_id = %(chave)s", chave=chave)


def mudar_ativo(tx: Transaction, chave: bytes, ativo: bool) -> None:
    """Set whether a profissional attends."""
    tx.write("UPDATE profissional SET ativo = %(ativo)s WHERE id = %(chave)s", ativo=ativo, chave=chave)


async def ativo(tx: Transaction, chave: bytes) -> bool:
    """Tell whether an administrador lets a profissional attend, whatever their account is."""
    linhas = await tx.select("SELECT ativo FROM profissional WHERE id = %(chave)s", chave=chave)
    return bool(linhas and linhas[0][0])


def mudar_fuso(tx: Transaction, chave: bytes, fuso: str) -> None:
    """Set the time zone of a profissional's working hours."""
    tx.write("UPDATE profissional SET fuso = %(fuso)s WHERE id = %(chave)s", fuso=fuso, chave=chave)


async def segurar(tx: Transaction, chave: bytes) -> None:
    """Hold a profissional until the transaction ends: whoever else counts on what is theirs waits."""
    await tx.select("SELECT 1 FROM profissional WHERE id = %(chave)s FOR UPDATE", chave=chave)


def _achado(busca: Busca) -> str:
    return _ACHADO + "".join(_TEM_O_INICIO.format(n=n) for n in range(len(busca.inicios)))


def _parametros(busca: Busca) -> dict[str, str | bytes | None]:
    starts = {f"inicio{n}": inicio for n, inicio in enumerate(busca.inicios)}
    return {"especialidade": busca.especialidade, "conselho": busca.conselho, "unidade": busca.unidade, **starts}
