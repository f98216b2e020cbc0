"""Pacientes and the words of their names; who may see whom is decided by VISIVEL."""

from collections.abc import Sequence
from datetime import date, datetime

from sghss_graphql.acesso.checagem import Alcance
from sghss_graphql.database import Reader, Row, Transaction
from sghss_graphql.engine import Page
from sghss_graphql.pacientes.regras import Busca
from sghss_graphql.pacientes.types import Paciente, Sexo

_SEXOS = Sexo.__members__
_COLUNAS = (
    "SELECT p.id, p.nome, p.nome_social, p.cpf, p.cns, p.nascimento, p.sexo, p.email, p.telefone, p.criado_em,"
    " p.usuario_id, p.nome_ordem"
)
_CONTAR = "SELECT COUNT(*) FROM paciente p WHERE "
_VISIVEL = (
    "(%(todos)s OR p.id = %(eu_paciente)s OR EXISTS (SELECT 1 FROM vinculo v"
    " WHERE v.medico_id = %(eu_medico)s AND v.paciente_id = p.id))"
)
_TEM_O_INICIO = (
    " AND EXISTS (SELECT 1 FROM paciente_palavra w{n}"
    " WHERE w{n}.paciente_id = p.id AND w{n}.palavra LIKE %(inicio{n})s)"
)
_INTERVALO = " AND p.nome_ordem >= %(de)s AND (p.nome_ordem > %(de)s OR p.id > %(de_id)s)"
_RARA = 500  # pacientes; a word found more often is looked for the other way round


async def por_ids(db: Reader, alcance: Alcance, chaves: Sequence[bytes]) -> dict[bytes, Paciente]:
    """Give those of the pacientes whom the caller may see, by key."""
    linhas = await db.select(
        _COLUNAS + " FROM paciente p WHERE p.id IN %(chaves)s AND " + _VISIVEL,
        chaves=list(dict.fromkeys(chaves)),
        **alcance.parametros,
    )
    return {linha[0]: _paciente(linha) for linha in linhas}


async def por_usuarios(db: Reader, alcance: Alcance, usuarios: Sequence[bytes]) -> dict[bytes, Paciente]:
    """Give the registrations of usuarios that the caller may see, by the usuario's key."""
    linhas = await db.select(
        _COLUNAS + " FROM paciente p WHERE p.usuario_id IN %(usuarios)s AND " + _VISIVEL,
        usuarios=list(dict.fromkeys(usuarios)),
        **alcance.parametros,
    )
    return {linha[10]: _paciente(linha) for linha in linhas}


async def por_documento(db: Reader, alcance: Alcance, busca: Busca) -> list[Paciente]:
    """Give the paciente of a whole CPF or CNS."""
    coluna = "p.cpf" if busca.cpf else "p.cns"
    linhas = await db.select(
        _COLUNAS + " FROM paciente p WHERE " + coluna + " = %(documento)s AND " + _VISIVEL,
        documento=busca.cpf or busca.cns,
        **alcance.parametros,
    )
    return [_paciente(linha) for linha in linhas]


async def frequencia(db: Reader, inicios: Sequence[str]) -> list[int]:
    """Count the words with each start, up to a bound past which it doesn't matter."""
    linhas = await db.select_for_each(
        "SELECT %(key)s, COUNT(*) FROM"
        " (SELECT 1 FROM paciente_palavra w WHERE w.palavra LIKE %(key)s LIMIT %(rara)s) t",
        [f"{inicio}%" for inicio in inicios],
        rara=_RARA,
    )
    vezes = {linha[0]: linha[1] for linha in linhas}
    return [vezes[f"{inicio}%"] for inicio in inicios]


async def buscar(db: Reader, alcance: Alcance, inicios: Sequence[str], pagina: Page) -> list[Paciente]:
    """Give a page of the pacientes with all these starts of words, by name.

    A rare start is looked up in the words and its pacientes are sorted; without one, pacientes are walked by
    name until the page is full.
    """
    de, de_id = pagina.after or ("", b"")
    vezes = await frequencia(db, inicios) if inicios else []
    if vezes and min(vezes) < _RARA:
        rara = vezes.index(min(vezes))
        fonte = (
            " FROM (SELECT DISTINCT paciente_id FROM paciente_palavra WHERE palavra LIKE %(rara)s) r"
            " JOIN paciente p ON p.id = r.paciente_id WHERE "
        )
        restantes = [inicio for n, inicio in enumerate(inicios) if n != rara]
        parametros = {"rara": f"{inicios[rara]}%"}
    else:
        fonte, restantes, parametros = " FROM paciente p WHERE ", list(inicios), {}
    linhas = await db.select(
        _COLUNAS
        + fonte
        + _VISIVEL
        + _INTERVALO
        + _com_inicios(restantes)
        + " ORDER BY p.nome_ordem, p.id LIMIT %(limite)s",
        de=de,
        de_id=de_id,
        limite=pagina.limit,
        **parametros,
        **_parametros(restantes),
        **alcance.parametros,
    )
    return [_paciente(linha) for linha in linhas]


async def contar(db: Reader, alcance: Alcance, inicios: Sequence[str]) -> int:
    """Count the pacientes with all these starts of words."""
    linhas = await db.select(
        _CONTAR + _VISIVEL + _com_inicios(inicios),
        **_parametros(inicios),
        **alcance.parametros,
    )
    return int(linhas[0][0])


async def inserir(tx: Transaction, paciente: Paciente) -> None:
    """Add a registration."""
    await tx.execute(
        "INSERT INTO paciente (id, usuario_id, cpf, nome, nome_social, nome_ordem, cns, nascimento, sexo, email,"
        " telefone, criado_em) VALUES (%(chave)s, %(usuario)s, %(cpf)s, %(nome)s, %(nome_social)s, %(ordem)s,"
        " %(cns)s, %(nascimento)s, %(sexo)s, %(email)s, %(telefone)s, %(criado_em)s)",
        **_valores(paciente),
    )


async def atualizar(tx: Transaction, paciente: Paciente) -> None:
    """Change a registration."""
    await tx.execute(
        "UPDATE paciente SET usuario_id = %(usuario)s, cpf = %(cpf)s, nome = %(nome)s,"
        " nome_social = %(nome_social)s, nome_ordem = %(ordem)s, cns = %(cns)s, nascimento = %(nascimento)s,"
        " sexo = %(sexo)s, email = %(email)s, telefone = %(telefone)s WHERE id = %(chave)s",
        **_valores(paciente),
    )


async def inserir_palavras(tx: Transaction, chave: bytes, palavras: Sequence[str]) -> None:
    """Add the words by which a paciente is found."""
    await tx.insert_many(
        "INSERT INTO paciente_palavra (palavra, paciente_id) VALUES %(rows)s",
        [(palavra, chave) for palavra in palavras],
    )


async def apagar_palavras(tx: Transaction, chave: bytes) -> None:
    """Take away the words by which a paciente is found."""
    await tx.execute("DELETE FROM paciente_palavra WHERE paciente_id = %(chave)s", chave=chave)


def _com_inicios(inicios: Sequence[str]) -> str:
    return "".join(_TEM_O_INICIO.format(n=n) for n in range(len(inicios)))


def _parametros(inicios: Sequence[str]) -> dict[str, str]:
    return {f"inicio{n}": f"{inicio}%" for n, inicio in enumerate(inicios)}


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
    chave, nome, nome_social, cpf, cns, nascimento, sexo, email, telefone, criado_em, usuario, ordem = linha
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
