"""Médicos, the words of their names, and their specialities; every caller may see them."""

from collections.abc import Sequence

from sghss_graphql.cadastro.medicos.types import Medico
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import VerMedicos
from sghss_graphql.machinery.database import Reader, Row, Transaction
from sghss_graphql.machinery.engine import Page
from sghss_graphql.vocabulario.tempo import agora

_COLUNAS = "SELECT m.id, m.nome, m.crm, m.fuso, m.nome_ordem FROM medico m WHERE "
_CONTAR = "SELECT COUNT(*) FROM medico m WHERE "
_ACHADO = (
    "(%(especialidade)s IS NULL OR EXISTS (SELECT 1 FROM medico_especialidade e"
    " WHERE e.medico_id = m.id AND e.especialidade_ordem = %(especialidade)s))"
)
_TEM_O_INICIO = (
    " AND EXISTS (SELECT 1 FROM medico_palavra mp{n} WHERE mp{n}.medico_id = m.id AND mp{n}.palavra LIKE %(inicio{n})s)"
)


async def por_ids(db: Reader, _: Alcance[VerMedicos], chaves: Sequence[bytes]) -> dict[bytes, Medico]:
    """Give médicos by key."""
    linhas = await db.look_up(_COLUNAS + "m.id IN %(chaves)s", chaves=list(dict.fromkeys(chaves)))
    return {linha[0]: _medico(linha) for linha in linhas}


async def por_usuarios(db: Reader, _: Alcance[VerMedicos], usuarios: Sequence[bytes]) -> dict[bytes, Medico]:
    """Give the registrations of usuarios as médicos, by the usuario's key."""
    linhas = await db.select(
        "SELECT m.id, m.nome, m.crm, m.fuso, m.nome_ordem, m.usuario_id FROM medico m"
        " WHERE m.usuario_id IN %(usuarios)s",
        usuarios=list(dict.fromkeys(usuarios)),
    )
    return {linha[5]: _medico(linha[:5]) for linha in linhas}


async def buscar(
    db: Reader, _: Alcance[VerMedicos], inicios: Sequence[str], especialidade: str | None, pagina: Page
) -> list[Medico]:
    """Give a page of the médicos with these starts of words and this speciality (normalised), by name."""
    de, de_id = pagina.after or ("", b"")
    linhas = await db.select(
        _COLUNAS
        + _ACHADO
        + "".join(_TEM_O_INICIO.format(n=n) for n in range(len(inicios)))
        + " AND m.nome_ordem >= %(de)s AND (m.nome_ordem > %(de)s OR m.id > %(de_id)s)"
        " ORDER BY m.nome_ordem, m.id LIMIT %(limite)s",
        de=de,
        de_id=de_id,
        limite=pagina.limit,
        especialidade=especialidade,
        **{f"inicio{n}": f"{inicio}%" for n, inicio in enumerate(inicios)},
    )
    return [_medico(linha) for linha in linhas]


async def contar(db: Reader, _: Alcance[VerMedicos], inicios: Sequence[str], especialidade: str | None) -> int:
    """Count the médicos with these starts of words and this speciality."""
    linhas = await db.select(
        _CONTAR + _ACHADO + "".join(_TEM_O_INICIO.format(n=n) for n in range(len(inicios))),
        especialidade=especialidade,
        **{f"inicio{n}": f"{inicio}%" for n, inicio in enumerate(inicios)},
    )
    return int(linhas[0][0])


async def especialidades(db: Reader, chaves: Sequence[bytes]) -> list[tuple[bytes, str]]:
    """Give the specialities of médicos, each with the médico's key, in their order."""
    linhas = await db.look_up(
        "SELECT e.medico_id, e.especialidade FROM medico_especialidade e WHERE e.medico_id IN %(chaves)s"
        " ORDER BY e.medico_id, e.ordem",
        chaves=list(dict.fromkeys(chaves)),
    )
    return [(linha[0], linha[1]) for linha in linhas]


def inserir(tx: Transaction, medico: Medico, usuario: bytes) -> None:
    """Add a registration."""
    tx.write(
        "INSERT INTO medico (id, usuario_id, nome, nome_ordem, crm, fuso, criado_em)"
        " VALUES (%(chave)s, %(usuario)s, %(nome)s, %(ordem)s, %(crm)s, %(fuso)s, %(agora)s)",
        chave=medico.chave,
        usuario=usuario,
        nome=medico.nome,
        ordem=medico.ordem,
        crm=medico.crm,
        fuso=medico.fuso,
        agora=agora(),
    )


def inserir_palavras(tx: Transaction, chave: bytes, palavras: Sequence[str]) -> None:
    """Add the words by which a médico is found."""
    tx.write_rows("INSERT INTO medico_palavra (palavra, medico_id) VALUES %(rows)s", [(p, chave) for p in palavras])


def inserir_especialidades(tx: Transaction, chave: bytes, nomes: Sequence[tuple[str, str]]) -> None:
    """Add the specialities of a médico: name and normalised name, in order."""
    tx.write_rows(
        "INSERT INTO medico_especialidade (medico_id, ordem, especialidade, especialidade_ordem) VALUES %(rows)s",
        [(chave, n, nome, ordem) for n, (nome, ordem) in enumerate(nomes)],
    )


def mudar_fuso(tx: Transaction, chave: bytes, fuso: str) -> None:
    """Set the time zone of a médico's working hours."""
    tx.write("UPDATE medico SET fuso = %(fuso)s WHERE id = %(chave)s", fuso=fuso, chave=chave)


def _medico(linha: Row) -> Medico:
    chave, nome, crm, fuso, ordem = linha
    return Medico(chave=chave, nome=nome, crm=crm, fuso=fuso, ordem=ordem)
