"""Pacientes, found by the starts of words of their names; who may see whom is decided by VISIVEL."""

from collections.abc import Iterable, Sequence
from typing import Any

from sghss_graphql.cadastro.pacientes.regras import Busca, escrever_numero
from sghss_graphql.cadastro.pacientes.types import Paciente, Sexo
from sghss_graphql.cadastro.pessoas.types import RacaCor
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import AcessarEmEmergencia, BuscarPacientes, VerCuidados, VerPacientes
from sghss_graphql.machinery.database import Columns, Fields, Reader, Row, Transaction, members
from sghss_graphql.machinery.engine import Page
from sghss_graphql.vocabulario.scalars import CPF

_SEXOS, _RACAS = members(Sexo), members(RacaCor)
_COLUNAS = Columns(
    "p.id p.pessoa_id p.nome_ordem",
    "e.versao p.numero e.nome e.nome_social e.nome_da_mae e.mae_ordem e.cpf p.cns e.nascimento p.sexo e.raca_cor"
    " e.nacionalidade e.email e.telefone e.obito_em p.criado_em",
    {
        "nome_de_exibicao": "nome nome_social",
        "idade": "nascimento",
        "possiveis_duplicados": "nascimento mae_ordem telefone",
    },
)
_DA_PESSOA = " JOIN pessoa e ON e.id = p.pessoa_id"
_POR_IDS = " FROM paciente p" + _DA_PESSOA + " WHERE p.id IN %(chaves)s AND "
_POR_USUARIOS = (
    ", u.id FROM usuario u JOIN paciente p ON p.pessoa_id = u.pessoa_id"
    + _DA_PESSOA
    + " WHERE u.id IN %(usuarios)s AND "
)
_POR_CPF = " FROM pessoa e JOIN paciente p ON p.pessoa_id = e.id WHERE e.cpf = %(documento)s AND "
_POR_CNS = " FROM paciente p" + _DA_PESSOA + " WHERE p.cns = %(documento)s AND "
_VISIVEL = (
    "(%(todos)s OR p.id = %(eu_paciente)s OR EXISTS (SELECT 1 FROM vinculo v"
    " WHERE v.profissional_id = %(eu_profissional)s AND v.paciente_id = p.id) OR EXISTS (SELECT 1 FROM cuidado k"
    " WHERE k.profissional_id = %(eu_profissional)s AND k.paciente_id = p.id AND k.ate > %(agora)s))"
)
_VISIVEL_SEM_AGENDA = "(%(todos)s OR p.id = %(eu_paciente)s)"
_INTERVALO = "{nome} >= %(de)s AND ({nome} > %(de)s OR {chave} > %(de_id)s)"
_COM_O_INICIO = (
    " JOIN pessoa_inicio i{n} ON i{n}.inicio = %(inicio{n})s AND i{n}.nome_ordem = {nome} AND i{n}.pessoa_id = {chave}"
)
_DO_PRIMEIRO = " JOIN paciente p ON p.pessoa_id = i0.pessoa_id" + _DA_PESSOA + " WHERE i0.inicio = %(inicio0)s AND "
_POR_NOME = " FROM paciente p FORCE INDEX (paciente_nome)" + _DA_PESSOA  # else few are sorted, and many read
_DOS_SEUS = (
    " FROM (SELECT v.paciente_id FROM vinculo v WHERE v.profissional_id = %(eu_profissional)s"
    " UNION SELECT k.paciente_id FROM cuidado k WHERE k.profissional_id = %(eu_profissional)s AND k.ate > %(agora)s"
    " UNION SELECT %(eu_paciente)s) t"
    " JOIN paciente p ON p.id = t.paciente_id JOIN pessoa e ON e.id = p.pessoa_id"
)
_ADIANTE = 100  # pacientes
_ALCANCADO = (
    "SELECT %(key)s, (SELECT i.nome_ordem FROM pessoa_inicio i"
    " WHERE i.inicio = %(key)s AND i.nome_ordem >= %(de)s AND (i.nome_ordem > %(de)s OR i.pessoa_id > %(de_id)s)"
    " ORDER BY i.nome_ordem, i.pessoa_id LIMIT 1 OFFSET %(adiante)s)"
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
    return {linha[-1]: _paciente(linha[:-1]) for linha in linhas}


async def do_cuidado(
    db: Reader, _: Alcance[VerCuidados], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Paciente]:
    """Give the pacientes of emergencies and shared cares that the caller sees, by key."""
    linhas = await db.look_up("SELECT " + _COLUNAS(campos) + _POR_IDS + "TRUE", chaves=list(dict.fromkeys(chaves)))
    return {linha[0]: _paciente(linha) for linha in linhas}


async def existe(db: Reader, _: Alcance[AcessarEmEmergencia], chave: bytes) -> bool:
    """Tell whether there is a paciente whom a profissional would reach in an emergency."""
    return bool(await db.look_up("SELECT 1 FROM paciente WHERE id = %(chave)s", chave=chave))


async def cadastrado(db: Reader, chave: bytes) -> Paciente:
    """Give the paciente who was just registered, to whoever did it."""
    linhas = await db.select("SELECT " + _COLUNAS() + _POR_IDS + "TRUE", chaves=[chave])
    return _paciente(linhas[0])


async def chave_por_cpf(tx: Reader, cpf: CPF) -> bytes | None:
    """Give the key of the paciente of a CPF: to tell that they are registered, and nothing else."""
    linhas = await tx.select(
        "SELECT p.id FROM pessoa e JOIN paciente p ON p.pessoa_id = e.id WHERE e.cpf = %(cpf)s", cpf=cpf
    )
    return linhas[0][0] if linhas else None


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
        nome, chave = "i0.nome_ordem", "i0.pessoa_id"
        outros = _com_inicios(range(1, len(inicios)), nome, chave)
        desde = " FROM pessoa_inicio i0" + outros + _DO_PRIMEIRO
    else:
        nome, chave = "p.nome_ordem", "p.pessoa_id"
        quem = _POR_NOME if alcance.todos else _DOS_SEUS
        desde = quem + _com_inicios(range(len(inicios)), nome, chave) + " WHERE "
    return desde, nome, chave


def inserir(tx: Transaction, paciente: Paciente, pessoa: bytes) -> None:
    """Add a registration of a pessoa, who may have another name than the one that was typed now."""
    tx.write(
        "INSERT INTO paciente (id, pessoa_id, nome_ordem, cns, sexo, criado_em)"
        " SELECT %(chave)s, e.id, e.nome_ordem, %(cns)s, %(sexo)s, %(criado_em)s FROM pessoa e WHERE e.id = %(pessoa)s",
        chave=paciente.chave,
        pessoa=pessoa,
        cns=paciente.cns,
        sexo=paciente.sexo.name,
        criado_em=paciente.criado_em,
    )


def atualizar(tx: Transaction, atual: Paciente, novo: Paciente) -> None:
    """Change what a registration has besides the pessoa, whose version was just counted."""
    if novo.cns != atual.cns:
        tx.write("UPDATE paciente SET cns = %(cns)s WHERE id = %(chave)s", chave=novo.chave, cns=novo.cns)
    if novo.sexo != atual.sexo:
        tx.write("UPDATE paciente SET sexo = %(sexo)s WHERE id = %(chave)s", chave=novo.chave, sexo=novo.sexo.name)


def _com_inicios(numeros: Iterable[int], nome: str, chave: str) -> str:
    return "".join(_COM_O_INICIO.format(n=n, nome=nome, chave=chave) for n in numeros)


def _parametros(inicios: Sequence[str]) -> dict[str, str]:
    return {f"inicio{n}": inicio for n, inicio in enumerate(inicios)}


def _paciente(linha: Row) -> Paciente:
    chave, pessoa, ordem, versao, numero, nome, nome_social, mae, mae_ordem, cpf, cns = linha[:11]
    nascimento, sexo, raca_cor, nacionalidade, email, telefone, obito_em, criado_em = linha[11:]
    return Paciente(
        chave=chave,
        versao=versao,
        numero=escrever_numero(numero),
        nome=nome,
        nome_social=nome_social,
        nome_da_mae=mae,
        cpf=cpf,
        cns=cns,
        nascimento=nascimento,
        sexo=_SEXOS[sexo],
        raca_cor=_RACAS[raca_cor],
        nacionalidade=nacionalidade,
        email=email,
        telefone=telefone,
        obito_em=obito_em,
        criado_em=criado_em,
        pessoa=pessoa,
        ordem=ordem,
        mae_ordem=mae_ordem,
    )
