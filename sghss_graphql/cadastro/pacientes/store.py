"""Pacientes, found by the starts of words of their names; who may see whom is decided by VISIVEL."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sghss_graphql.cadastro.pacientes.regras import escrever_numero
from sghss_graphql.cadastro.pacientes.regras.busca import Busca
from sghss_graphql.cadastro.pacientes.regras.listas import Lista, lembradas, lembrar, ordenada
from sghss_graphql.cadastro.pacientes.types import Paciente, Sexo
from sghss_graphql.cadastro.pessoas.regras import da_data
from sghss_graphql.cadastro.pessoas.types import RacaCor
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import (
    AcessarEmEmergencia,
    BuscarPacientes,
    CadastrarPacientes,
    VerPacientes,
)
from sghss_graphql.machinery.database import Columns, Fields, Reader, Row, Transaction, members
from sghss_graphql.machinery.engine import Page
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.texto import MAIOR_PALAVRA

_SEXOS, _RACAS = members(Sexo), members(RacaCor)
_COLUNAS = Columns(
    Paciente,
    "p.id p.pessoa_id p.juntos p.unificado_com",
    "p.nome_ordem e.versao p.numero e.nome e.nome_social e.nome_da_mae e.mae_ordem e.cpf p.cns e.nascimento p.sexo"
    " e.raca_cor e.nacionalidade e.email e.telefone e.obito_em p.criado_em",
    named={"id": "chave", "pessoa_id": "pessoa", "nome_ordem": "ordem", "unificado_com": "unificado"},
    read={"numero": escrever_numero, "sexo": _SEXOS, "raca_cor": _RACAS, "juntos": bool},
    made_of={
        "nome_de_exibicao": "nome nome_social",
        "idade": "nascimento",
        "possiveis_duplicados": "nascimento mae_ordem telefone",
    },
)
_DA_PESSOA = " JOIN pessoa e ON e.id = p.pessoa_id"
_DE = " FROM paciente p" + _DA_PESSOA
_POR_USUARIOS = (
    ", u.id FROM usuario u JOIN paciente p ON p.pessoa_id = u.pessoa_id"
    + _DA_PESSOA
    + " WHERE u.id IN %(usuarios)s AND "
)
_VISIVEL = (
    "(p.id IN %(eu_paciente)s OR EXISTS (SELECT 1 FROM vinculo v"
    " WHERE v.profissional_id = %(eu_profissional)s AND v.paciente_id = p.id) OR EXISTS (SELECT 1 FROM cuidado k"
    " WHERE k.profissional_id = %(eu_profissional)s AND k.paciente_id = p.id AND k.ate > %(agora)s)"
    " OR p.juntos AND EXISTS (SELECT 1 FROM mesma_pessoa g JOIN vinculo z ON z.paciente_id = g.outro_id"
    " WHERE g.paciente_id = p.id AND z.profissional_id = %(eu_profissional)s))"
)
_PROPRIO = "p.id IN %(eu_paciente)s"
_DEPOIS = "{nome} >= %(de)s AND ({nome} > %(de)s OR {chave} > %(de_id)s)"
_ANTES = "{nome} <= %(ate)s AND ({nome} < %(ate)s OR {chave} < %(ate_id)s)"
_COM_O_TERMO = (
    " JOIN pessoa_inicio i{n} ON i{n}.inicio = %({parametro}{n})s"
    " AND i{n}.nome_ordem = {nome} AND i{n}.pessoa_id = {chave}"
)
_COM_A_DATA = (
    " JOIN pessoa_inicio a{n} ON a{n}.inicio = %(data{n})s AND a{n}.nome_ordem = p.nome_ordem AND a{n}.pessoa_id = e.id"
)
_INTEIRA = (
    "(SELECT COUNT(*) FROM pessoa_inicio w WHERE w.inicio = %(inteira{n})s AND w.nome_ordem = p.nome_ordem"
    " AND w.pessoa_id = p.pessoa_id)"  # of whoever matches; EXISTS may be turned into reading the whole list
)
_DO_PRIMEIRO = " JOIN paciente p ON p.pessoa_id = i0.pessoa_id" + _DA_PESSOA + " WHERE i0.inicio = %({parametro}0)s"
_POR_NOME = " FROM paciente p FORCE INDEX (paciente_nome)" + _DA_PESSOA  # else few are sorted, and many read
_DA_DATA = " FROM pessoa_inicio d JOIN paciente p ON p.pessoa_id = d.pessoa_id" + _DA_PESSOA
_DOS_SEUS = (
    " FROM (SELECT v.paciente_id FROM vinculo v WHERE v.profissional_id = %(eu_profissional)s"
    " UNION SELECT g.outro_id FROM vinculo z JOIN mesma_pessoa g ON g.paciente_id = z.paciente_id"
    " WHERE z.profissional_id = %(eu_profissional)s"
    " UNION SELECT k.paciente_id FROM cuidado k WHERE k.profissional_id = %(eu_profissional)s AND k.ate > %(agora)s"
    " UNION SELECT q.id FROM paciente q WHERE q.id IN %(eu_paciente)s) t"
    " JOIN paciente p ON p.id = t.paciente_id JOIN pessoa e ON e.id = p.pessoa_id"
)
# Whoever is found by a number: what the number may be, each by a key of its own.
_DO_NUMERO = (
    " FROM (SELECT i.pessoa_id FROM pessoa_inicio i WHERE i.inicio IN %(termos0)s"
    " UNION SELECT d.id FROM pessoa d WHERE d.cpf = %(cpf0)s"
    " UNION SELECT q.pessoa_id FROM paciente q WHERE q.cns = %(cns0)s"
    " UNION SELECT q.pessoa_id FROM paciente q WHERE q.numero = %(numero0)s) t"
    " JOIN paciente p ON p.pessoa_id = t.pessoa_id JOIN pessoa e ON e.id = p.pessoa_id"
)
_TEM_O_NOME = (
    "EXISTS (SELECT 1 FROM pessoa_inicio o WHERE o.inicio IN %(inteiro)s AND o.nome_ordem = p.nome_ordem"
    " AND o.pessoa_id = p.pessoa_id)"
)
_DO_NOME = (
    " FROM (SELECT DISTINCT o.pessoa_id FROM pessoa_inicio o WHERE o.inicio IN %(inteiro)s) t"
    " JOIN paciente p ON p.pessoa_id = t.pessoa_id JOIN pessoa e ON e.id = p.pessoa_id"
)
_TEM_O_NUMERO = (
    " AND (e.cpf = %(cpf{n})s OR p.cns = %(cns{n})s OR p.numero = %(numero{n})s"
    " OR EXISTS (SELECT 1 FROM pessoa_inicio x WHERE x.inicio IN %(termos{n})s"
    " AND x.nome_ordem = p.nome_ordem AND x.pessoa_id = p.pessoa_id))"
)
_POR_CHAVE = " FROM paciente p" + _DA_PESSOA + " WHERE p.id > %(chave)s ORDER BY p.id LIMIT %(quantos)s"
_NASCIDOS_PARECIDOS = (
    " FROM pessoa_inicio d JOIN paciente p ON p.pessoa_id = d.pessoa_id JOIN pessoa e ON e.id = d.pessoa_id"
    " WHERE d.inicio = %(data)s AND (e.nome_ordem = %(ordem)s OR e.mae_ordem = %(mae)s OR e.telefone = %(telefone)s)"
    " ORDER BY p.nome_ordem, p.id LIMIT 10"
)
_DE_OUTRO = (
    " FROM paciente o JOIN pessoa eo ON eo.id = o.pessoa_id"
    " JOIN pessoa_inicio d ON d.inicio = CONCAT('=', eo.nascimento)"
    " JOIN paciente p ON p.pessoa_id = d.pessoa_id JOIN pessoa e ON e.id = d.pessoa_id"
)
_PARECIDO_COM_OUTRO = (
    " WHERE o.id = %(key)s AND p.id <> o.id AND p.unificado_com IS NULL AND o.unificado_com IS NULL"
    " AND (e.nome_ordem = eo.nome_ordem OR e.mae_ordem = eo.mae_ordem OR e.telefone = eo.telefone)"
    " ORDER BY p.nome_ordem, p.id LIMIT 10"
)
_NOME_INTEIRO, _PALAVRAS_INTEIRAS, _INICIOS = range(3)
"""How well somebody matches: by the very name that was typed, by all its words, by how they begin."""
_COM_O_GRAU = (", 0", ", 1", ", 2")
_PELO_INICIO = ", IF(EXISTS (SELECT 1 FROM pessoa_inicio h WHERE h.inicio IN %(melhores)s), -1, 2) AS grau"
_HA_MELHORES = -1  # no degree: somebody may match in a better one
_ADIANTE = {"adiante": 100, "letras": MAIOR_PALAVRA - 1}  # pacientes; of the term of a whole word, without its end
_ALCANCADO = (
    "SELECT %(key)s AS inicio, (SELECT i.nome_ordem FROM pessoa_inicio i"
    " WHERE i.inicio = %(key)s AND i.nome_ordem >= %(de)s AND (i.nome_ordem > %(de)s OR i.pessoa_id > %(de_id)s)"
    " ORDER BY i.nome_ordem, i.pessoa_id LIMIT 1 OFFSET %(adiante)s) AS alcancado,"
    " EXISTS (SELECT 1 FROM pessoa_inicio w WHERE w.inicio = CONCAT(LEFT(%(key)s, %(letras)s), '.')) AS inteira"
)


async def por_ids(
    db: Reader, alcance: Alcance[VerPacientes], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Paciente]:
    """Give those of the pacientes whom the caller may see, by key; a paciente's own are known without asking."""
    forma = _COLUNAS(campos)
    if alcance.so_o_proprio or alcance.todos:
        vistas = chaves if alcance.todos else [chave for chave in chaves if chave in alcance.pacientes]
        linhas = await db.by_keys("SELECT " + forma.sql + _DE, "p.id", vistas)
    else:
        sql = "SELECT " + forma.sql + _DE + " WHERE p.id IN %(chaves)s AND " + _VISIVEL
        distintas = list(dict.fromkeys(chaves))
        linhas = await db.look_up(sql, chaves=distintas, **alcance.parametros) if distintas else []
    return {um.chave: um for um in forma.each(linhas)}


async def por_usuarios(
    db: Reader, alcance: Alcance[VerPacientes], usuarios: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Paciente]:
    """Give the registrations of usuarios that the caller may see, by the usuario's key."""
    forma = _COLUNAS(campos)
    sql = "SELECT " + forma.sql + _POR_USUARIOS + _visivel(alcance)
    linhas = await db.select(sql, usuarios=list(dict.fromkeys(usuarios)), **alcance.parametros)
    return {linha[-1]: um for linha, um in zip(linhas, forma.each(linhas), strict=True)}


async def dos_vistos(
    db: Reader, _: Alcance[VerPacientes], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Paciente]:
    """Give the pacientes of what the caller was given already, by key."""
    forma = _COLUNAS(campos)
    return {um.chave: um for um in forma.each(await db.by_keys("SELECT " + forma.sql + _DE, "p.id", chaves))}


async def existe(db: Reader, _: Alcance[AcessarEmEmergencia], chave: bytes) -> bool:
    """Tell whether there is a paciente whom a profissional would reach in an emergency."""
    return bool(await db.look_up("SELECT 1 FROM paciente WHERE id = %(chave)s", chave=chave))


async def cadastrado(db: Reader, chave: bytes) -> Paciente:
    """Give the paciente who was just registered, to whoever did it."""
    forma = _COLUNAS()
    return forma.each(await db.by_keys("SELECT " + forma.sql + _DE, "p.id", [chave]))[0]


async def chave_por_cpf(tx: Reader, cpf: CPF) -> bytes | None:
    """Give the key of the paciente of a CPF: to tell that they are registered, and nothing else."""
    sql = "SELECT p.id FROM pessoa e JOIN paciente p ON p.pessoa_id = e.id WHERE e.cpf = %(cpf)s"
    linhas = await tx.select(sql, cpf=cpf)
    return linhas[0][0] if linhas else None


async def buscar(
    db: Reader, alcance: Alcance[BuscarPacientes], busca: Busca, pagina: Page, campos: Fields = None
) -> list[Paciente]:
    """Give a page of the pacientes who match: those whose name it is first, then by how well, and by name.

    Where many may match, they are read in the order of names until the page is full: along the list of one term,
    looking each up in the lists of the others, or along all of them. Where few may (a number or a birth date was typed,
    or the caller sees few), they are sorted.
    """
    if not busca.inicios:
        return await _dos_graus(db, alcance, busca, (_INICIOS,), pagina, pagina.limit, campos)
    if len(busca.iniciais) > 1 and alcance.todos and not busca.de_poucos:
        busca = await _na_melhor_ordem(db, busca, pagina)
    if busca.parcial is not None:
        if pagina.before is None:  # then whoever matches at all is found by the starts, or nobody is
            achados = await _dos_graus(db, alcance, busca, (_INICIOS,), pagina, pagina.limit, campos)
            if _HA_MELHORES not in [um.grau for um in achados]:
                return achados
        busca = replace(busca, parcial=None)
    passos = ((_NOME_INTEIRO, _PALAVRAS_INTEIRAS), (_INICIOS,))
    achados = []
    for passo in reversed(passos) if pagina.backward else passos:
        graus = tuple(grau for grau in passo if _alcanca(pagina, grau))
        if graus and len(achados) < pagina.limit:
            achados += await _dos_graus(db, alcance, busca, graus, pagina, pagina.limit - len(achados), campos)
    return achados


async def contar(db: Reader, alcance: Alcance[BuscarPacientes], busca: Busca) -> int:
    """Count the pacientes who match."""
    return int((await _so(db, "SELECT COUNT(*)", alcance, busca))[0][0])


async def chaves(db: Reader, alcance: Alcance[BuscarPacientes], busca: Busca) -> list[bytes]:
    """Give the keys of those who match a number."""
    return [chave for (chave,) in await _so(db, "SELECT p.id", alcance, busca)]


async def _so(db: Reader, selecionar: str, alcance: Alcance[BuscarPacientes], busca: Busca) -> list[Row]:
    fonte, _, _ = _fonte(alcance, busca)
    return await db.select(selecionar + fonte + " AND " + _visivel(alcance), **busca.parametros(), **alcance.parametros)


async def _dos_graus(
    db: Reader,
    alcance: Alcance[BuscarPacientes],
    busca: Busca,
    graus: Sequence[int],
    pagina: Page,
    limite: int,
    campos: Fields,
) -> list[Paciente]:
    """Give those of a page who match in one of some degrees, and no better."""
    forma = _COLUNAS(campos, "nome_ordem")
    ramos = [f"({_ramo(alcance, busca, grau, pagina, campos)})" for grau in graus]
    linhas = await db.select(
        " UNION ALL ".join(ramos),
        limite=limite,
        **busca.parametros(),
        quantas=len(busca.inicios),
        **dict(zip(("de", "de_id"), (pagina.after or (None,) * 3)[1:], strict=True)),
        **dict(zip(("ate", "ate_id"), (pagina.before or (None,) * 3)[1:], strict=True)),
        **alcance.parametros,
    )
    achados = forma.each(linhas)
    for um, linha in zip(achados, linhas, strict=True):
        um.grau = linha[-1]
    if len(ramos) > 1:
        achados.sort(key=lambda um: (um.grau, um.ordem, um.pessoa), reverse=pagina.backward)
    return achados[:limite]


def _ramo(alcance: Alcance[Any], busca: Busca, grau: int, pagina: Page, campos: Fields) -> str:
    """Write the SELECT of those of a page who match in a degree, with the degree."""
    parametro = "inteira" if grau == _PALAVRAS_INTEIRAS else "termo"
    fonte, nome, chave = _fonte(alcance, busca, grau, parametro)
    depois, antes = (ponto is not None and ponto[0] == grau for ponto in (pagina.after, pagina.before))
    seta = " DESC" if pagina.backward else ""
    return (
        "SELECT STRAIGHT_JOIN "
        + _COLUNAS(campos, "nome_ordem").sql
        + (_COM_O_GRAU[grau] if busca.parcial is None else _PELO_INICIO)
        + fonte
        + (_sem_melhores(busca, grau) if busca.inicios and busca.parcial is None else "")
        + " AND "
        + _visivel(alcance)
        + (" AND " + _DEPOIS.format(nome=nome, chave=chave) if depois else "")
        + (" AND " + _ANTES.format(nome=nome, chave=chave) if antes else "")
        + f" ORDER BY {nome}{seta}, {chave}{seta} LIMIT %(limite)s"
    )


def _sem_melhores(busca: Busca, grau: int) -> str:
    """Write the condition that leaves out those who match in a better degree."""
    if grau == _NOME_INTEIRO:
        return ""
    inteiras = " + ".join(_INTEIRA.format(n=n) for n in range(len(busca.inicios)))
    sem_as_palavras = " AND " + inteiras + " < %(quantas)s" if grau == _INICIOS else ""
    return " AND NOT " + _TEM_O_NOME + sem_as_palavras


def _alcanca(pagina: Page, grau: int) -> bool:
    """Tell whether a page has room for those who match so well."""
    return (pagina.after is None or pagina.after[0] <= grau) and (pagina.before is None or pagina.before[0] >= grau)


async def _na_melhor_ordem(db: Reader, busca: Busca, pagina: Page) -> Busca:
    """Give the search with the start first along whose list the fewest are read."""
    listas = {} if pagina.after else lembradas(busca.inicios)
    faltam = [um for um in busca.inicios if um not in listas]
    if faltam:
        _, de, de_id = pagina.after or (0, "", b"")
        linhas = await db.select_for_each(_ALCANCADO, faltam, de=de, de_id=de_id, **_ADIANTE)
        lidas = {inicio: Lista(alcancado, bool(inteira)) for inicio, alcancado, inteira in linhas}
        if not pagina.after:
            lembrar(lidas)
        listas |= lidas
    return ordenada(busca, listas)


def _visivel(alcance: Alcance[Any]) -> str:
    """Give VISIVEL; where a part of it is enough, that alone: who sees everyone, and a paciente."""
    if alcance.todos:
        return "TRUE"
    return _PROPRIO if alcance.so_o_proprio else _VISIVEL


def _fonte(alcance: Alcance[Any], busca: Busca, grau: int = _INICIOS, parametro: str = "termo") -> tuple[str, str, str]:
    """Give FROM and WHERE of those who match in a degree or better, and the columns that they are read along."""
    nome, chave, quantos = "p.nome_ordem", "p.pessoa_id", len(busca.iniciais)
    if alcance.todos and not busca.de_poucos and grau == _NOME_INTEIRO:
        return _DO_NOME + _com_termos(parametro, range(quantos), nome, chave) + " WHERE TRUE", nome, chave
    if alcance.todos and quantos and not busca.de_poucos:
        nome, chave = "i0.nome_ordem", "i0.pessoa_id"
        outros = _com_termos(parametro, range(1, quantos), nome, chave)
        return " FROM pessoa_inicio i0" + outros + _DO_PRIMEIRO.format(parametro=parametro), nome, chave
    numeros = range(len(busca.numeros))
    if not alcance.todos:
        desde = _DOS_SEUS
    elif busca.numeros:
        desde, numeros = _DO_NUMERO, range(1, len(busca.numeros))
    else:
        desde = _DA_DATA if busca.datas else _POR_NOME
    desde += _com_termos(parametro, range(quantos), nome, chave)
    desde += "".join(_COM_A_DATA.format(n=n) for n in range(len(busca.datas))) + " WHERE TRUE"
    desde += " AND d.inicio = %(data0)s" if desde.startswith(_DA_DATA) else ""
    desde += " AND " + _TEM_O_NOME if grau == _NOME_INTEIRO else ""
    return desde + "".join(_TEM_O_NUMERO.format(n=n) for n in numeros), nome, chave


async def duplicados(db: Reader, _: Alcance[CadastrarPacientes] | None, paciente: Paciente) -> list[Paciente]:
    """Give those who may be who is registered, by birth date and name, mother or telephone, each where they go on."""
    forma = _COLUNAS()
    if paciente.nascimento is None:
        return []
    linhas = await db.select(
        "SELECT STRAIGHT_JOIN " + forma.sql + _NASCIDOS_PARECIDOS,
        data=da_data(paciente.nascimento),
        ordem=paciente.ordem,
        mae=paciente.mae_ordem,
        telefone=paciente.telefone,
    )
    ficam: dict[bytes, Paciente] = {}
    while linhas:
        achados = {um.chave: um for um in forma.each(linhas)}
        ficam |= {chave: um for chave, um in achados.items() if um.unificado is None}
        seguintes = sorted({um.unificado for um in achados.values() if um.unificado is not None} - ficam.keys())
        linhas = await db.by_keys("SELECT " + forma.sql + _DE, "p.id", seguintes)
    return list(ficam.values())


async def duplicados_dos(
    db: Reader, _: Alcance[CadastrarPacientes], pacientes: Sequence[bytes], campos: Fields = None
) -> list[tuple[bytes, Paciente]]:
    """Give those who may be the same person as each of some pacientes, ten at most, each with the paciente's key."""
    forma = _COLUNAS(campos)
    sql = "SELECT STRAIGHT_JOIN " + forma.sql + ", o.id" + _DE_OUTRO + _PARECIDO_COM_OUTRO
    linhas = await db.select_for_each(sql, list(dict.fromkeys(pacientes)))
    return [(linha[-1], um) for linha, um in zip(linhas, forma.each(linhas), strict=True)]


async def depois_de(db: Reader, chave: bytes, quantos: int) -> list[Paciente]:
    """Give some pacientes after a key, in the order of keys: on the command line, whose user has the database."""
    forma = _COLUNAS()
    sql = "SELECT STRAIGHT_JOIN " + forma.sql + _POR_CHAVE
    return forma.each(await db.select(sql, chave=chave, quantos=quantos))


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


def _com_termos(parametro: str, numeros: Iterable[int], nome: str, chave: str) -> str:
    return "".join(_COM_O_TERMO.format(parametro=parametro, n=n, nome=nome, chave=chave) for n in numeros)
