"""Consultas and their history; who may see which is decided by VISIVEL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sghss_graphql.atendimento.consultas.regras import ComoEsta, Correcao, Donos, EmAberto, Filtro
from sghss_graphql.atendimento.consultas.types import MAIS_VEZES, Consulta, MudancaDaConsulta, SituacaoDaConsulta
from sghss_graphql.cadastro.unidades.types import Modalidade
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import VerConsultas
from sghss_graphql.machinery.database import Columns, Fields, Form, Reader, Row, Transaction, members
from sghss_graphql.machinery.engine import Page
from sghss_graphql.vocabulario.tempo import PRIMEIRO_INSTANTE, ULTIMO_INSTANTE

_SITUACOES, _MODALIDADES, _PAPEIS = members(SituacaoDaConsulta), members(Modalidade), members(Papel)
_DE = " FROM consulta c WHERE "
_SOB_CUIDADO = (
    "EXISTS (SELECT 1 FROM cuidado k WHERE k.profissional_id = %(eu_profissional)s AND k.paciente_id = c.paciente_id"
    " AND k.ate > %(agora)s)"
)
_VISIVEL = "(c.paciente_id IN %(eu_paciente)s OR c.profissional_id = %(eu_profissional)s OR " + _SOB_CUIDADO + ")"


def _colunas(motivo: str) -> Columns[Consulta]:
    return Columns(
        Consulta,
        "c.id c.paciente_id c.profissional_id c.inicio",
        "c.fim c.criado_em c.versao c.situacao c.modalidade c.unidade_id c.sala_id c.tipo_id c.intervalo"
        " c.encaixe c.serie_id c.na_recepcao",
        named={"id": "chave"}
        | {f"{um}_id": f"{um}_chave" for um in ("paciente", "profissional", "unidade", "sala", "tipo", "serie")},
        read={"situacao": _SITUACOES, "modalidade": _MODALIDADES, "encaixe": bool, "na_recepcao": bool},
        computed={"motivo": motivo},
        made_of={"acoes": "situacao versao unidade_id tipo_id", "serie_id": "serie_id"}
        | {um: f"{um}_id" for um in ("sala", "tipo")}
        | dict.fromkeys(("unidade", "fuso", "dia", "hora"), "unidade_id"),
    )


_COLUNAS = _colunas("c.motivo")
# Why somebody comes is for who attends them; staff know it of what they booked.
_COLUNAS_DA_EQUIPE = _colunas("IF(c.na_recepcao OR " + _VISIVEL + ", c.motivo, NULL)")
_PASSO = Columns(
    MudancaDaConsulta,
    "m.situacao m.inicio m.fim m.motivo m.criado_em m.papel m.usuario_id",
    "",
    named={"usuario_id": "usuario"},
    read={"situacao": _SITUACOES, "papel": _PAPEIS},
)()
_DA_HISTORIA = (
    ", m.consulta_id FROM consulta_mudanca m WHERE m.consulta_id IN %(consultas)s ORDER BY m.consulta_id, m.numero"
)
# The parts of VISIVEL, each on an index of its own.
_PROPRIAS = "c.paciente_id IN %(eu_paciente)s"
_DA_AGENDA = "c.profissional_id = %(eu_profissional)s"
_DE_SEUS_PACIENTES = (
    "c.paciente_id IN (SELECT k.paciente_id FROM cuidado k"
    " WHERE k.profissional_id = %(eu_profissional)s AND k.ate > %(agora)s)"
)
_DO_PACIENTE = " AND c.paciente_id IN %(pacientes)s"
_DOS_PROFISSIONAIS = " AND c.profissional_id IN %(profissionais)s"
_NA_UNIDADE, _DO_TIPO = " AND c.unidade_id = %(unidade)s", " AND c.tipo_id = %(tipo)s"
_DA_MODALIDADE, _DE_ENCAIXE = " AND c.modalidade = %(modalidade)s", " AND c.encaixe = %(encaixe)s"
_DA_ESPECIALIDADE = (
    " AND EXISTS (SELECT 1 FROM profissional_especialidade e WHERE e.profissional_id = c.profissional_id"
    " AND e.especialidade_ordem = %(especialidade)s)"
)
_COM_O_NOME = (
    " AND EXISTS (SELECT 1 FROM paciente p JOIN pessoa_inicio i ON i.inicio = %(inicio{n})s"
    " AND i.nome_ordem = p.nome_ordem AND i.pessoa_id = p.pessoa_id WHERE p.id = c.paciente_id)"
)
_NO_DIA = "c.unidade_id IN %(onde{n})s AND c.inicio >= %(do_dia{n})s AND c.inicio < %(ate_o_dia{n})s"
_DESDE = " AND c.inicio >= %(de)s"
_ATE = " AND c.inicio < %(ate)s"
_NAS_SITUACOES = " AND c.situacao IN %(situacoes)s"  # newest first: "after" a row is older than it
_DEPOIS_DO_CURSOR = " AND c.inicio <= %(antes)s AND (c.inicio < %(antes)s OR c.id < %(antes_id)s)"
_ANTES_DO_CURSOR = " AND c.inicio >= %(depois)s AND (c.inicio > %(depois)s OR c.id > %(depois_id)s)"
_DE_UMA_SERIE = (
    " FROM consulta a JOIN consulta c ON c.paciente_id = a.paciente_id AND c.serie_id = a.serie_id"
    " WHERE a.id = %(primeira)s AND "
)
# What a consulta has to be stands in the statement that changes it: nobody else changes it in between.
_COMO_ESTA = (
    " WHERE id = %(chave)s AND profissional_id = %(de_quem)s AND situacao IN %(de)s AND inicio >= %(desde)s"
    " AND inicio < %(ate)s AND versao = COALESCE(%(versao)s, versao)"
)
_MUDAR = "UPDATE consulta SET versao = versao + 1, "
_MUDAR_SITUACAO = _MUDAR + "situacao = %(para)s" + _COMO_ESTA
_REMARCAR = (
    _MUDAR + "profissional_id = %(profissional)s, inicio = %(inicio)s, fim = %(fim)s, situacao = 'AGENDADA',"
    " unidade_id = %(unidade)s, sala_id = %(sala)s, encaixe = %(encaixe)s,"
    " por_verificar = por_verificar AND NOT %(outro_escolheu)s"
    + _COMO_ESTA
    + " AND NOT (profissional_id = %(profissional)s AND inicio = %(inicio)s AND fim = %(fim)s"
    " AND situacao = 'AGENDADA' AND encaixe = %(encaixe)s)"
)  # fmt: skip
_ATUALIZAR = (
    _MUDAR + "motivo = IF(%(com)s, %(motivo)s, motivo), sala_id = IF(%(com_sala)s, %(sala)s, sala_id),"
    " modalidade = COALESCE(%(modalidade)s, modalidade), na_recepcao = na_recepcao AND NOT %(de_outro)s"
    + _COMO_ESTA
    + " AND (%(sala)s IS NULL OR unidade_id = %(unidade)s) AND NOT ((NOT %(com)s OR motivo <=> %(motivo)s)"
    " AND (NOT %(com_sala)s OR sala_id <=> %(sala)s)"
    " AND modalidade = COALESCE(%(modalidade)s, modalidade))"
)  # fmt: skip
_EM_ABERTO = (
    "SELECT COUNT(*), COALESCE(SUM(c.fim > %(agora)s), 0) AS por_vir, COALESCE(SUM(c.fim > %(agora)s AND EXISTS"
    " (SELECT 1 FROM profissional_especialidade a JOIN profissional_especialidade b ON b.especialidade_ordem"
    " = a.especialidade_ordem WHERE a.profissional_id = c.profissional_id AND b.profissional_id = %(profissional)s)),"
    " 0) AS da_especialidade FROM consulta c WHERE c.paciente_id IN %(pacientes)s"
    " AND c.id <> %(exceto)s AND c.situacao IN ('AGENDADA', 'CONFIRMADA', 'EM_ATENDIMENTO')"
)
_REGISTRAR = (
    "INSERT INTO consulta_mudanca (consulta_id, numero, situacao, inicio, fim, motivo, usuario_id, criado_em, papel) "
)
_COMO_FICOU = (
    "SELECT c.id, (SELECT COALESCE(MAX(m.numero), 0) + 1 FROM consulta_mudanca m WHERE m.consulta_id = c.id),"
    " c.situacao, c.inicio, c.fim, %(motivo)s, %(usuario)s, %(agora)s, %(papel)s FROM consulta c"
    " WHERE c.id = %(consulta)s"
)
_NOVAS_PRIMEIRO = " ORDER BY inicio DESC, id DESC LIMIT %(limite)s"
_ANTIGAS_PRIMEIRO = " ORDER BY inicio, id LIMIT %(limite)s"


async def por_ids(
    db: Reader, alcance: Alcance[VerConsultas], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Consulta]:
    """Give those of the consultas that the caller may see, by key."""
    forma = _forma(alcance, campos)
    linhas = await db.look_up(
        "SELECT " + forma.sql + _DE + "c.id IN %(chaves)s AND " + _um_ramo(alcance),
        chaves=list(dict.fromkeys(chaves)),
        **alcance.parametros,
    )
    return {um.chave: um for um in forma.each(linhas)}


async def listar(
    db: Reader, alcance: Alcance[VerConsultas], filtro: Filtro, pagina: Page, campos: Fields = None
) -> list[Consulta]:
    """Give a page of the consultas that the caller may see, newest first."""
    forma = _forma(alcance, campos)
    ordem = _ANTIGAS_PRIMEIRO if pagina.backward is not filtro.antigas else _NOVAS_PRIMEIRO
    selecionar = "SELECT " + forma.sql + _DE
    ramos = [
        selecionar + ramo + _filtro(filtro) + _intervalo(filtro, pagina) + ordem for ramo in _ramos(alcance, filtro)
    ]
    sql = ramos[0] if len(ramos) == 1 else " UNION ".join(f"({ramo})" for ramo in ramos) + ordem
    de_um_paciente = bool(filtro.pacientes) or alcance.so_o_proprio
    ler = db.look_up if de_um_paciente else db.select  # a paciente has few
    linhas = await ler(sql, **_do_filtro(filtro), **_do_intervalo(filtro, pagina), **alcance.parametros)
    return forma.each(linhas)


async def contar(db: Reader, alcance: Alcance[VerConsultas], filtro: Filtro) -> int:
    """Count the consultas that the caller may see."""
    ramos = ["SELECT c.id" + _DE + ramo + _filtro(filtro) for ramo in _ramos(alcance, filtro)]
    sql = f"SELECT COUNT(*) FROM ({' UNION '.join(ramos)}) t"  # noqa: S608 - constants
    linhas = await db.select(sql, **_do_filtro(filtro), **alcance.parametros)
    return int(linhas[0][0])


async def contar_por_situacao(db: Reader, alcance: Alcance[VerConsultas], filtro: Filtro) -> dict[str, int]:
    """Count the consultas that the caller may see, by state."""
    ramos = ["SELECT c.id, c.situacao" + _DE + ramo + _filtro(filtro) for ramo in _ramos(alcance, filtro)]
    sql = f"SELECT t.situacao, COUNT(*) FROM ({' UNION '.join(ramos)}) t GROUP BY t.situacao"  # noqa: S608 - constants
    linhas = await db.select(sql, **_do_filtro(filtro), **alcance.parametros)
    return {situacao: int(quantas) for situacao, quantas in linhas}


async def listar_de_cada(
    db: Reader,
    alcance: Alcance[VerConsultas],
    donos: Donos,
    filtro: Filtro,
    pagina: Page,
    campos: Fields = None,
) -> list[Consulta]:
    """Give a page of each paciente's consultas, or of each profissional's, in list order within each."""
    forma = _forma(alcance, campos)
    ordem = _ANTIGAS_PRIMEIRO if pagina.backward is not filtro.antigas else _NOVAS_PRIMEIRO
    do_dono = "c.profissional_id = %(key)s AND " if donos.atendem else "c.paciente_id = %(key)s AND "
    deles = do_dono + _um_ramo(alcance, donos.profissionais) + _filtro(filtro) + _intervalo(filtro, pagina) + ordem
    linhas = await db.select_for_each(
        "SELECT " + forma.sql + _DE + deles,
        list(dict.fromkeys(donos.chaves)),
        **_do_filtro(filtro),
        **_do_intervalo(filtro, pagina),
        **alcance.parametros,
    )
    linhas.sort(key=lambda linha: (linha[3], linha[0]), reverse=pagina.backward is filtro.antigas)
    return forma.each(linhas)


async def em_ordem(
    db: Reader, alcance: Alcance[VerConsultas], filtro: Filtro, mais: int, campos: Fields = None
) -> list[Consulta]:
    """Give the first consultas that the caller may see, in order of time."""
    forma = _forma(alcance, campos)
    sql = "SELECT " + forma.sql + _DE + _um_ramo(alcance, filtro.profissionais) + _filtro(filtro) + _ANTIGAS_PRIMEIRO
    linhas = await db.select(sql, limite=mais, **_do_filtro(filtro), **alcance.parametros)
    return forma.each(linhas)


async def contar_de_cada(db: Reader, alcance: Alcance[VerConsultas], donos: Donos, filtro: Filtro) -> dict[bytes, int]:
    """Count each paciente's consultas, or each profissional's; one without any is left out."""
    return dict(await _contadas(db, alcance, donos, filtro))


async def contar_por_situacao_de_cada(
    db: Reader, alcance: Alcance[VerConsultas], donos: Donos, filtro: Filtro
) -> dict[bytes, dict[str, int]]:
    """Count each paciente's consultas, or each profissional's, by state; one without any is left out."""
    contadas: dict[bytes, dict[str, int]] = {}
    for dono, situacao, quantas in await _contadas(db, alcance, donos, filtro, ", c.situacao"):
        contadas.setdefault(dono, {})[situacao] = quantas
    return contadas


async def _contadas(
    db: Reader, alcance: Alcance[VerConsultas], donos: Donos, filtro: Filtro, por: str = ""
) -> list[Row]:
    dono = "c.profissional_id" if donos.atendem else "c.paciente_id"
    deles = dono + " IN %(chaves)s AND " + _um_ramo(alcance, donos.profissionais) + _filtro(filtro)
    sql = "SELECT " + dono + por + ", COUNT(*)" + _DE + deles + " GROUP BY " + dono + por
    chaves = list(dict.fromkeys(donos.chaves))
    return await db.select(sql, chaves=chaves, **_do_filtro(filtro), **alcance.parametros)


async def da_serie_de(db: Reader, alcance: Alcance[VerConsultas], primeira: bytes) -> list[Consulta]:
    """Give the consultas that were booked with one, in order, of those that the caller may see."""
    forma = _forma(alcance)
    sql = "SELECT " + forma.sql + _DE_UMA_SERIE + _um_ramo(alcance) + _ANTIGAS_PRIMEIRO
    linhas = await db.select(sql, primeira=primeira, limite=MAIS_VEZES, **alcance.parametros)
    return forma.each(linhas)


async def historico(db: Reader, consultas: Sequence[bytes]) -> list[tuple[bytes, MudancaDaConsulta]]:
    """Give the steps of consultas that were seen, each with the consulta's key, in order."""
    linhas = await db.look_up("SELECT " + _PASSO.sql + _DA_HISTORIA, consultas=list(dict.fromkeys(consultas)))
    return [(linha[-1], passo) for linha, passo in zip(linhas, _PASSO.each(linhas), strict=True)]


async def em_aberto(
    db: Reader, pacientes: Sequence[bytes], profissional: bytes, exceto: bytes, agora: datetime
) -> EmAberto:
    """Count what somebody has booked, by all their registrations, that is neither over nor cancelled."""
    de_quem = {"pacientes": list(pacientes), "profissional": profissional, "exceto": exceto}
    (linha,) = await db.look_up(_EM_ABERTO, agora=agora, **de_quem)
    return EmAberto(*map(int, linha))


def inserir(tx: Transaction, consulta: Consulta, por_verificar: bool) -> None:
    """Add a consulta; ``por_verificar`` is whether it gives care only once whoever booked it is verified."""
    c = consulta
    quem, onde = (c.chave, c.paciente_chave, c.profissional_chave), (c.unidade_chave, c.sala_chave, c.tipo_chave)
    como = c.situacao.name, c.modalidade.name, c.motivo, c.criado_em, por_verificar
    tx.write_rows(
        "INSERT INTO consulta (id, paciente_id, profissional_id, inicio, fim, situacao, modalidade, motivo,"
        " criado_em, por_verificar, unidade_id, sala_id, tipo_id, intervalo, encaixe, serie_id, na_recepcao)"
        " VALUES %(rows)s",
        [(*quem, c.inicio, c.fim, *como, *onde, c.intervalo, c.encaixe, c.serie_chave, c.na_recepcao)],
    )


async def mudar_situacao(tx: Transaction, como: ComoEsta, para: SituacaoDaConsulta) -> bool:
    """Take a consulta from one state to another; False if it isn't as it has to be."""
    return await tx.execute(_MUDAR_SITUACAO, para=para.name, **_como(como)) == 1


async def remarcar(tx: Transaction, como: ComoEsta, nova: Consulta, sala: bytes | None, outro_escolheu: bool) -> bool:
    """Move a consulta to where ``nova`` is, AGENDADA then; False if it isn't as it has to be, or is there.

    ``outro_escolheu`` is whether somebody else than its paciente chose who attends now: then what gives care is known.
    """
    quando = {"inicio": nova.inicio, "fim": nova.fim, "encaixe": nova.encaixe}
    onde = {"profissional": nova.profissional_chave, "unidade": nova.unidade_chave, "sala": sala}
    return await tx.execute(_REMARCAR, outro_escolheu=outro_escolheu, **quando, **onde, **_como(como)) == 1


async def atualizar(tx: Transaction, como: ComoEsta, nova: Correcao) -> bool:
    """Correct a consulta; False if it isn't as it has to be, or is so already."""
    modalidade = nova.modalidade and nova.modalidade.name
    parametros = {"com": nova.com_motivo, "motivo": nova.motivo, "modalidade": modalidade}
    da_sala = {"com_sala": nova.com_sala, "sala": nova.sala, "unidade": nova.unidade, "de_outro": nova.de_outro}
    return await tx.execute(_ATUALIZAR, **parametros, **da_sala, **_como(como)) == 1


async def ultimos_passos(db: Reader, consultas: Sequence[bytes]) -> dict[bytes, datetime]:
    """Give when the last step of each consulta was taken."""
    ultimos = "SELECT consulta_id, MAX(criado_em) FROM consulta_mudanca WHERE consulta_id IN %(consultas)s"
    return dict(await db.look_up(ultimos + " GROUP BY consulta_id", consultas=list(dict.fromkeys(consultas))))


def registrar_primeira(
    tx: Transaction, nova: Consulta, usuario: bytes, papel: Papel, motivo: str | None, agora: datetime
) -> None:
    """Begin the history of a consulta that is booked: who booked it, and as whom."""
    passo = (nova.chave, 1, nova.situacao.name, nova.inicio, nova.fim, motivo, usuario, agora, papel.name)
    tx.write_rows(_REGISTRAR + "VALUES %(rows)s", [passo])


def registrar_mudanca(
    tx: Transaction, consulta: bytes, usuario: bytes, papel: Papel, motivo: str | None, agora: datetime
) -> None:
    """Add a step to a consulta's history: the state and time that it has now, who took it, and as whom."""
    quem = {"usuario": usuario, "papel": papel.name}
    tx.write(_REGISTRAR + _COMO_FICOU, consulta=consulta, motivo=motivo, agora=agora, **quem)


def _forma(alcance: Alcance[VerConsultas], campos: Fields = None) -> Form[Consulta]:
    return _COLUNAS_DA_EQUIPE(campos) if alcance.todos else _COLUNAS(campos)


def _como(como: ComoEsta) -> dict[str, Any]:
    situacoes, (desde, ate) = [uma.name for uma in como.situacoes], (como.inicios.inicio, como.inicios.fim)
    dela = {"chave": como.chave, "de_quem": como.profissional, "versao": como.versao}
    return {"de": situacoes, "desde": desde, "ate": ate, **dela}


def _ramos(alcance: Alcance[VerConsultas], filtro: Filtro) -> list[str]:
    """Give the conditions whose union is what the caller may see, each on an index."""
    if alcance.todos or alcance.profissional is None or filtro.pacientes or filtro.profissionais:
        return [_um_ramo(alcance, filtro.profissionais)]
    return ([_PROPRIAS] if alcance.paciente else []) + [_DA_AGENDA, _DE_SEUS_PACIENTES]


def _um_ramo(alcance: Alcance[VerConsultas], profissionais: Sequence[bytes] = ()) -> str:
    """Give VISIVEL; where a part of it is enough, that alone: who sees everyone's, a paciente, one's own agenda.

    It is one's own if ``profissionais`` is nobody else.
    """
    if alcance.todos:
        return "TRUE"
    if alcance.so_o_proprio:
        return _PROPRIAS
    return _DA_AGENDA if set(profissionais) == {alcance.profissional} else _VISIVEL


def _filtro(filtro: Filtro) -> str:
    """Give the conditions that exclude anything."""
    return (
        "".join([_COM_O_NOME.format(n=n) for n, _ in enumerate(filtro.nomes)])
        + (_no_dia(filtro.no_dia) if filtro.no_dia is not None else "")
        + (_DO_PACIENTE if filtro.pacientes else "")
        + (_DOS_PROFISSIONAIS if filtro.profissionais else "")
        + (_NA_UNIDADE if filtro.unidade is not None else "")
        + (_DO_TIPO if filtro.tipo is not None else "")
        + (_DA_ESPECIALIDADE if filtro.especialidade is not None else "")
        + (_DA_MODALIDADE if filtro.modalidade is not None else "")
        + (_DE_ENCAIXE if filtro.encaixe is not None else "")
        + (_DESDE if filtro.de > PRIMEIRO_INSTANTE else "")
        + (_ATE if filtro.ate < ULTIMO_INSTANTE else "")
        + (_NAS_SITUACOES if len(filtro.situacoes) < len(SituacaoDaConsulta) else "")
    )


def _no_dia(dias: Sequence[Any]) -> str:
    return " AND (FALSE OR " + " OR ".join([_NO_DIA.format(n=n) for n, _ in enumerate(dias)]) + ")"


def _intervalo(filtro: Filtro, pagina: Page) -> str:
    depois, antes = _pontos(filtro, pagina)
    return (_DEPOIS_DO_CURSOR if depois else "") + (_ANTES_DO_CURSOR if antes else "")


def _pontos(filtro: Filtro, pagina: Page) -> tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]:
    """Give the points of time that the page is older and newer than."""
    return (pagina.before, pagina.after) if filtro.antigas else (pagina.after, pagina.before)


def _do_filtro(filtro: Filtro) -> dict[str, Any]:
    return {
        "pacientes": filtro.pacientes,
        "profissionais": filtro.profissionais,
        "unidade": filtro.unidade,
        "tipo": filtro.tipo,
        "especialidade": filtro.especialidade,
        "modalidade": filtro.modalidade,
        "encaixe": filtro.encaixe,
        "de": filtro.de,
        "ate": filtro.ate,
        "situacoes": filtro.situacoes,
        **{f"inicio{n}": nome for n, nome in enumerate(filtro.nomes)},
        **{f"onde{n}": unidades for n, (unidades, _) in enumerate(filtro.no_dia or ())},
        **{f"do_dia{n}": dia.inicio for n, (_, dia) in enumerate(filtro.no_dia or ())},
        **{f"ate_o_dia{n}": dia.fim for n, (_, dia) in enumerate(filtro.no_dia or ())},
    }


def _do_intervalo(filtro: Filtro, pagina: Page) -> dict[str, Any]:
    (antes, antes_id), (depois, depois_id) = (ponto or (None, None) for ponto in _pontos(filtro, pagina))
    return {"antes": antes, "antes_id": antes_id, "depois": depois, "depois_id": depois_id, "limite": pagina.limit}
