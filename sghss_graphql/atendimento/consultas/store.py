"""Consultas and their history; who may see which is decided by VISIVEL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sghss_graphql.atendimento.agenda.regras import Intervalo
from sghss_graphql.atendimento.consultas.regras import ComoEsta, Correcao, EmAberto, Filtro
from sghss_graphql.atendimento.consultas.types import Consulta, MudancaDaConsulta, SituacaoDaConsulta
from sghss_graphql.cadastro.unidades.types import Modalidade
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import VerConsultas
from sghss_graphql.machinery.database import Columns, Fields, Reader, Transaction, members
from sghss_graphql.machinery.engine import Page
from sghss_graphql.vocabulario.tempo import PRIMEIRO_INSTANTE, ULTIMO_INSTANTE

_SITUACOES, _MODALIDADES, _PAPEIS = members(SituacaoDaConsulta), members(Modalidade), members(Papel)
_COLUNAS = Columns(
    Consulta,
    "c.id c.paciente_id c.profissional_id c.inicio",
    "c.versao c.fim c.situacao c.modalidade c.motivo c.criado_em c.unidade_id c.sala_id c.tipo_id c.intervalo",
    named={
        "id": "chave",
        "paciente_id": "paciente_chave",
        "profissional_id": "profissional_chave",
        "unidade_id": "unidade_chave",
        "sala_id": "sala_chave",
        "tipo_id": "tipo_chave",
    },
    read={"situacao": _SITUACOES, "modalidade": _MODALIDADES},
    made_of={"acoes": "situacao versao unidade_id tipo_id", "sala": "sala_id", "tipo": "tipo_id"}
    | dict.fromkeys(("unidade", "fuso", "dia", "hora"), "unidade_id"),
)
_DE = " FROM consulta c WHERE "
_SOB_CUIDADO = (
    "EXISTS (SELECT 1 FROM cuidado k WHERE k.profissional_id = %(eu_profissional)s AND k.paciente_id = c.paciente_id"
    " AND k.ate > %(agora)s)"
)
_VISIVEL = (
    "(%(todos)s OR c.paciente_id IN %(eu_paciente)s OR c.profissional_id = %(eu_profissional)s OR " + _SOB_CUIDADO + ")"
)
# The parts of VISIVEL, each on an index of its own.
_PROPRIAS = "c.paciente_id IN %(eu_paciente)s"
_DA_AGENDA = "c.profissional_id = %(eu_profissional)s"
_DE_SEUS_PACIENTES = (
    "c.paciente_id IN (SELECT k.paciente_id FROM cuidado k"
    " WHERE k.profissional_id = %(eu_profissional)s AND k.ate > %(agora)s)"
)
_DO_PACIENTE = " AND c.paciente_id IN %(pacientes)s"
_DO_PROFISSIONAL = " AND c.profissional_id = %(profissional)s"
_DESDE = " AND c.inicio >= %(de)s"
_ATE = " AND c.inicio < %(ate)s"
_NAS_SITUACOES = " AND c.situacao IN %(situacoes)s"  # newest first: "after" a row is older than it
_DEPOIS_DO_CURSOR = " AND c.inicio <= %(antes)s AND (c.inicio < %(antes)s OR c.id < %(antes_id)s)"
_ANTES_DO_CURSOR = " AND c.inicio >= %(depois)s AND (c.inicio > %(depois)s OR c.id > %(depois_id)s)"
_CONTAR_DOS_PACIENTES = "SELECT c.paciente_id, COUNT(*) FROM consulta c WHERE c.paciente_id IN %(chaves)s AND "
_CONTAR_DOS_PROFISSIONAIS = (
    "SELECT c.profissional_id, COUNT(*) FROM consulta c WHERE c.profissional_id IN %(chaves)s AND "
)
_POR_VIR = " AND c.fim > %(agora_mesmo)s AND c.situacao IN ('AGENDADA', 'CONFIRMADA', 'EM_ATENDIMENTO') AND "
_NA_HORA = (
    " AND o.id <> c.id AND o.inicio < c.fim AND o.fim > c.inicio"
    " AND o.situacao IN ('AGENDADA', 'CONFIRMADA', 'EM_ATENDIMENTO'))"
)
_SE_CRUZA = (
    " AND (EXISTS (SELECT 1 FROM consulta o WHERE o.paciente_id IN %(pacientes)s"  # noqa: S608 - constants
    + _NA_HORA
    + " OR EXISTS (SELECT 1 FROM consulta o WHERE o.profissional_id IN %(profissionais)s"
    + _NA_HORA
    + " OR c.paciente_id IN %(pacientes)s AND c.profissional_id IN %(profissionais)s)"
)
# What a consulta has to be stands in the statement that changes it: nobody else changes it in between.
_COMO_ESTA = (
    " WHERE id = %(chave)s AND situacao IN %(de)s AND inicio >= %(desde)s AND inicio < %(ate)s"
    " AND versao = COALESCE(%(versao)s, versao)"
)
_MUDAR = "UPDATE consulta SET versao = versao + 1, "
_MUDAR_SITUACAO = _MUDAR + "situacao = %(para)s" + _COMO_ESTA
_REMARCAR = (
    _MUDAR + "inicio = %(inicio)s, fim = %(fim)s, situacao = 'AGENDADA', unidade_id = %(unidade)s, sala_id = %(sala)s"
    + _COMO_ESTA
    + " AND NOT (inicio = %(inicio)s AND fim = %(fim)s AND situacao = 'AGENDADA')"
)  # fmt: skip
_ATUALIZAR = (
    _MUDAR + "motivo = IF(%(com)s, %(motivo)s, motivo), modalidade = COALESCE(%(modalidade)s, modalidade)" + _COMO_ESTA
    + " AND NOT ((NOT %(com)s OR motivo <=> %(motivo)s) AND modalidade = COALESCE(%(modalidade)s, modalidade))"
)  # fmt: skip
_EM_ABERTO = (
    "SELECT COUNT(*), COALESCE(SUM(c.fim > %(agora)s), 0), COALESCE(SUM(c.fim > %(agora)s AND EXISTS (SELECT 1"
    " FROM profissional_especialidade a JOIN profissional_especialidade b ON b.especialidade_ordem"
    " = a.especialidade_ordem WHERE a.profissional_id = c.profissional_id AND b.profissional_id = %(profissional)s)),"
    " 0) FROM consulta c WHERE c.paciente_id IN %(pacientes)s"
    " AND c.situacao IN ('AGENDADA', 'CONFIRMADA', 'EM_ATENDIMENTO')"
)
_NOVAS_PRIMEIRO = " ORDER BY inicio DESC, id DESC LIMIT %(limite)s"
_ANTIGAS_PRIMEIRO = " ORDER BY inicio, id LIMIT %(limite)s"


async def por_ids(
    db: Reader, alcance: Alcance[VerConsultas], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Consulta]:
    """Give those of the consultas that the caller may see, by key."""
    forma = _COLUNAS(campos)
    linhas = await db.look_up(
        "SELECT " + forma.sql + _DE + "c.id IN %(chaves)s AND " + _um_ramo(alcance),
        chaves=list(dict.fromkeys(chaves)),
        **alcance.parametros,
    )
    return {linha[0]: forma.read(linha) for linha in linhas}


async def listar(
    db: Reader, alcance: Alcance[VerConsultas], filtro: Filtro, pagina: Page, campos: Fields = None
) -> list[Consulta]:
    """Give a page of the consultas that the caller may see, newest first."""
    forma = _COLUNAS(campos)
    ordem = _ANTIGAS_PRIMEIRO if pagina.backward is not filtro.antigas else _NOVAS_PRIMEIRO
    selecionar = "SELECT " + forma.sql + _DE
    ramos = [
        selecionar + ramo + _filtro(filtro) + _intervalo(filtro, pagina) + ordem for ramo in _ramos(alcance, filtro)
    ]
    sql = ramos[0] if len(ramos) == 1 else " UNION ".join(f"({ramo})" for ramo in ramos) + ordem
    de_um_paciente = bool(filtro.pacientes) or _so_as_proprias(alcance)
    ler = db.look_up if de_um_paciente else db.select  # a paciente has few
    linhas = await ler(sql, **_do_filtro(filtro), **_do_intervalo(filtro, pagina), **alcance.parametros)
    return [forma.read(linha) for linha in linhas]


async def contar(db: Reader, alcance: Alcance[VerConsultas], filtro: Filtro) -> int:
    """Count the consultas that the caller may see."""
    ramos = ["SELECT c.id" + _DE + ramo + _filtro(filtro) for ramo in _ramos(alcance, filtro)]
    sql = f"SELECT COUNT(*) FROM ({' UNION '.join(ramos)}) t"  # noqa: S608 - constants
    linhas = await db.select(sql, **_do_filtro(filtro), **alcance.parametros)
    return int(linhas[0][0])


async def listar_dos_pacientes(
    db: Reader,
    alcance: Alcance[VerConsultas],
    pacientes: Sequence[bytes],
    filtro: Filtro,
    pagina: Page,
    campos: Fields = None,
) -> list[Consulta]:
    """Give a page of each paciente's consultas, in list order within each."""
    return await _listar_de(db, campos, "c.paciente_id = %(key)s AND ", alcance, pacientes, filtro, pagina)


async def listar_dos_profissionais(
    db: Reader,
    alcance: Alcance[VerConsultas],
    profissionais: Sequence[bytes],
    filtro: Filtro,
    pagina: Page,
    campos: Fields = None,
) -> list[Consulta]:
    """Give a page of each profissional's consultas, in list order within each."""
    return await _listar_de(db, campos, "c.profissional_id = %(key)s AND ", alcance, profissionais, filtro, pagina)


async def por_vir(
    db: Reader, alcance: Alcance[VerConsultas], profissional: bytes, desde: datetime, quantas: int
) -> list[Consulta]:
    """Give the next consultas of a profissional that are booked, in order."""
    forma = _COLUNAS()
    linhas = await db.select(
        "SELECT " + forma.sql + _DE + "c.profissional_id = %(profissional)s AND c.inicio >= %(desde)s"
        " AND c.situacao IN ('AGENDADA', 'CONFIRMADA') AND " + _um_ramo(alcance) + " ORDER BY inicio, id LIMIT %(n)s",
        profissional=profissional,
        desde=desde,
        n=quantas,
        **alcance.parametros,
    )
    return [forma.read(linha) for linha in linhas]


async def contar_dos_pacientes(
    db: Reader, alcance: Alcance[VerConsultas], pacientes: Sequence[bytes], filtro: Filtro
) -> dict[bytes, int]:
    """Count each paciente's consultas; one without any is left out."""
    sql = _CONTAR_DOS_PACIENTES + _um_ramo(alcance) + _filtro(filtro) + " GROUP BY c.paciente_id"
    return await _contar_de(db, sql, alcance, pacientes, filtro)


async def contar_dos_profissionais(
    db: Reader, alcance: Alcance[VerConsultas], profissionais: Sequence[bytes], filtro: Filtro
) -> dict[bytes, int]:
    """Count each profissional's consultas; one without any is left out."""
    sql = _CONTAR_DOS_PROFISSIONAIS + _um_ramo(alcance) + _filtro(filtro) + " GROUP BY c.profissional_id"
    return await _contar_de(db, sql, alcance, profissionais, filtro)


async def _contar_de(
    db: Reader, sql: str, alcance: Alcance[VerConsultas], donos: Sequence[bytes], filtro: Filtro
) -> dict[bytes, int]:
    linhas = await db.select(sql, chaves=list(dict.fromkeys(donos)), **_do_filtro(filtro), **alcance.parametros)
    return {linha[0]: linha[1] for linha in linhas}


async def historico(db: Reader, consultas: Sequence[bytes]) -> list[tuple[bytes, MudancaDaConsulta]]:
    """Give the steps of consultas that were seen, each with the consulta's key, in order."""
    linhas = await db.look_up(
        "SELECT consulta_id, situacao, inicio, fim, motivo, criado_em, papel, usuario_id FROM consulta_mudanca"
        " WHERE consulta_id IN %(consultas)s ORDER BY consulta_id, numero",
        consultas=list(dict.fromkeys(consultas)),
    )
    return [
        (
            chave,
            MudancaDaConsulta(
                situacao=_SITUACOES[situacao],
                inicio=inicio,
                fim=fim,
                motivo=motivo,
                criado_em=criado_em,
                papel=_PAPEIS[papel],
                usuario=usuario,
            ),
        )
        for chave, situacao, inicio, fim, motivo, criado_em, papel, usuario in linhas
    ]


async def em_aberto(db: Reader, pacientes: Sequence[bytes], profissional: bytes, agora: datetime) -> EmAberto:
    """Count what somebody has booked, by all their registrations, that is neither over nor cancelled."""
    (linha,) = await db.look_up(_EM_ABERTO, pacientes=list(pacientes), profissional=profissional, agora=agora)
    return EmAberto(*map(int, linha))


def inserir(tx: Transaction, consulta: Consulta, por_verificar: bool) -> None:
    """Add a consulta; ``por_verificar`` is whether it gives care only once whoever booked it is verified."""
    c = consulta
    quem, onde = (c.chave, c.paciente_chave, c.profissional_chave), (c.unidade_chave, c.sala_chave, c.tipo_chave)
    como = c.situacao.name, c.modalidade.name, c.motivo, c.criado_em, por_verificar
    tx.write_rows(
        "INSERT INTO consulta (id, paciente_id, profissional_id, inicio, fim, situacao, modalidade, motivo,"
        " criado_em, por_verificar, unidade_id, sala_id, tipo_id, intervalo) VALUES %(rows)s",
        [(*quem, c.inicio, c.fim, *como, *onde, c.intervalo)],
    )


async def mudar_situacao(tx: Transaction, chave: bytes, como: ComoEsta, para: SituacaoDaConsulta) -> bool:
    """Take a consulta from one state to another; False if it isn't as it has to be."""
    return await tx.execute(_MUDAR_SITUACAO, para=para.name, **_como(chave, como)) == 1


async def remarcar(
    tx: Transaction, chave: bytes, como: ComoEsta, hora: Intervalo, unidade: bytes, sala: bytes | None
) -> bool:
    """Move a consulta, which is AGENDADA then; False if it isn't as it has to be, or is there."""
    para = {"inicio": hora.inicio, "fim": hora.fim, "unidade": unidade, "sala": sala}
    return await tx.execute(_REMARCAR, **para, **_como(chave, como)) == 1


async def atualizar(tx: Transaction, chave: bytes, como: ComoEsta, nova: Correcao) -> bool:
    """Correct a consulta; False if it isn't as it has to be, or is so already."""
    modalidade = nova.modalidade and nova.modalidade.name
    parametros = {"com": nova.com_motivo, "motivo": nova.motivo, "modalidade": modalidade}
    return await tx.execute(_ATUALIZAR, **parametros, **_como(chave, como)) == 1


async def ultimos_passos(db: Reader, consultas: Sequence[bytes]) -> dict[bytes, datetime]:
    """Give when the last step of each consulta was taken."""
    linhas = await db.look_up(
        "SELECT consulta_id, MAX(criado_em) FROM consulta_mudanca WHERE consulta_id IN %(consultas)s"
        " GROUP BY consulta_id",
        consultas=list(dict.fromkeys(consultas)),
    )
    return {chave: quando for chave, quando in linhas}


async def em_conflito(
    db: Reader,
    alcance: Alcance[VerConsultas],
    pacientes: Sequence[bytes],
    profissionais: Sequence[bytes],
    agora: datetime,
) -> list[Consulta]:
    """Give the consultas to come of one person that overlap, by time; and those in which they would attend themself.

    They are ``pacientes``, by each of their registrations, and ``profissionais``, if they attend.
    """
    forma = _COLUNAS()
    dela = "SELECT " + forma.sql + _DE
    se = _POR_VIR + _um_ramo(alcance) + _SE_CRUZA
    linhas = await db.select(
        "(" + dela + "c.paciente_id IN %(pacientes)s" + se + ") UNION (" + dela + "c.profissional_id IN"
        " %(profissionais)s" + se + ") ORDER BY inicio, id LIMIT 100",
        pacientes=list(pacientes),
        profissionais=list(profissionais),
        agora_mesmo=agora,
        **alcance.parametros,
    )
    return [forma.read(linha) for linha in linhas]


def registrar_mudanca(
    tx: Transaction, consulta: bytes, usuario: bytes, papel: Papel, motivo: str | None, agora: datetime
) -> None:
    """Add a step to a consulta's history: the state and time that it has now, who took it, and as whom."""
    tx.write(
        "INSERT INTO consulta_mudanca (consulta_id, numero, situacao, inicio, fim, motivo, usuario_id, criado_em,"
        " papel)"
        " SELECT c.id, (SELECT COALESCE(MAX(m.numero), 0) + 1 FROM consulta_mudanca m WHERE m.consulta_id = c.id),"
        " c.situacao, c.inicio, c.fim, %(motivo)s, %(usuario)s, %(agora)s, %(papel)s FROM consulta c"
        " WHERE c.id = %(consulta)s",
        papel=papel.name,
        consulta=consulta,
        usuario=usuario,
        motivo=motivo,
        agora=agora,
    )


async def _listar_de(
    db: Reader,
    campos: Fields,
    do_dono: str,
    alcance: Alcance[VerConsultas],
    donos: Sequence[bytes],
    filtro: Filtro,
    pagina: Page,
) -> list[Consulta]:
    forma = _COLUNAS(campos)
    ordem = _ANTIGAS_PRIMEIRO if pagina.backward is not filtro.antigas else _NOVAS_PRIMEIRO
    linhas = await db.select_for_each(
        "SELECT "
        + forma.sql
        + _DE
        + do_dono
        + _um_ramo(alcance)
        + _filtro(filtro)
        + _intervalo(filtro, pagina)
        + ordem,
        list(dict.fromkeys(donos)),
        **_do_filtro(filtro),
        **_do_intervalo(filtro, pagina),
        **alcance.parametros,
    )
    linhas.sort(key=lambda linha: (linha[3], linha[0]), reverse=pagina.backward is filtro.antigas)
    return [forma.read(linha) for linha in linhas]


def _como(chave: bytes, como: ComoEsta) -> dict[str, Any]:
    situacoes, (desde, ate) = [uma.name for uma in como.situacoes], (como.inicios.inicio, como.inicios.fim)
    return {"chave": chave, "de": situacoes, "desde": desde, "ate": ate, "versao": como.versao}


def _ramos(alcance: Alcance[VerConsultas], filtro: Filtro) -> list[str]:
    """Give the conditions whose union is what the caller may see, each on an index."""
    if alcance.todos or alcance.profissional is None or filtro.pacientes or filtro.profissional is not None:
        return [_um_ramo(alcance)]
    return ([_PROPRIAS] if alcance.paciente else []) + [_DA_AGENDA, _DE_SEUS_PACIENTES]


def _um_ramo(alcance: Alcance[VerConsultas]) -> str:
    """Give VISIVEL; for a paciente, the only part of it that can hold, so that its index can be used."""
    return _PROPRIAS if _so_as_proprias(alcance) else _VISIVEL


def _so_as_proprias(alcance: Alcance[VerConsultas]) -> bool:
    """Tell whether the caller may see none but their own, as a paciente."""
    return not alcance.todos and alcance.profissional is None


def _filtro(filtro: Filtro) -> str:
    """Give the conditions that exclude anything."""
    return (
        (_DO_PACIENTE if filtro.pacientes else "")
        + (_DO_PROFISSIONAL if filtro.profissional is not None else "")
        + (_DESDE if filtro.de > PRIMEIRO_INSTANTE else "")
        + (_ATE if filtro.ate < ULTIMO_INSTANTE else "")
        + (_NAS_SITUACOES if len(filtro.situacoes) < len(SituacaoDaConsulta) else "")
    )


def _intervalo(filtro: Filtro, pagina: Page) -> str:
    depois, antes = _pontos(filtro, pagina)
    return (_DEPOIS_DO_CURSOR if depois else "") + (_ANTES_DO_CURSOR if antes else "")


def _pontos(filtro: Filtro, pagina: Page) -> tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]:
    """Give the points of time that the page is older and newer than."""
    return (pagina.before, pagina.after) if filtro.antigas else (pagina.after, pagina.before)


def _do_filtro(filtro: Filtro) -> dict[str, Any]:
    return {
        "pacientes": filtro.pacientes,
        "profissional": filtro.profissional,
        "de": filtro.de,
        "ate": filtro.ate,
        "situacoes": filtro.situacoes,
    }


def _do_intervalo(filtro: Filtro, pagina: Page) -> dict[str, Any]:
    (antes, antes_id), (depois, depois_id) = (ponto or (None, None) for ponto in _pontos(filtro, pagina))
    return {"antes": antes, "antes_id": antes_id, "depois": depois, "depois_id": depois_id, "limite": pagina.limit}
