"""Unidades, salas and kinds of appointment: every caller may see them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sghss_graphql.cadastro.pessoas.types import Endereco
from sghss_graphql.cadastro.unidades.types import Modalidade, Sala, TipoDeAtendimento, Unidade
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.machinery.database import Columns, Database, Fields, Reader, Transaction, members
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import ordem
from sghss_graphql.vocabulario.uf import UF

_UFS, _MODALIDADES = members(UF), members(Modalidade)
_DO_ENDERECO = "cep logradouro numero complemento bairro municipio uf pais"


def _endereco(*partes: Any) -> Endereco | None:
    escritas = dict(zip(_DO_ENDERECO.split(), partes, strict=True))
    return None if escritas["pais"] is None else Endereco(**{**escritas, "uf": _UFS[escritas["uf"]]})


def _modalidades(escritas: str | None) -> list[Modalidade]:
    return [_MODALIDADES[uma] for uma in (escritas or "").split()]


_UNIDADE = Columns(
    Unidade,
    "u.id",
    f"u.nome u.cnes u.fuso u.abre_nos_feriados u.ativa u.versao {' '.join(f'u.{um}' for um in _DO_ENDERECO.split())}",
    named={"id": "chave"},
    read={"ativa": bool, "abre_nos_feriados": bool},
    made={"endereco": (_DO_ENDERECO, _endereco)},
)
_SALA = Columns(
    Sala,
    "s.id s.unidade_id",
    "s.nome s.ativa s.versao",
    named={"id": "chave", "unidade_id": "unidade_chave"},
    read={"ativa": bool},
)
_TIPO = Columns(
    TipoDeAtendimento,
    "t.id",
    "t.nome t.especialidade t.modalidades t.autoagendamento t.exige_sala t.preparo t.ativo t.versao"
    " t.especialidade_ordem",
    named={"id": "chave"},
    read={"modalidades": _modalidades, "autoagendamento": bool, "exige_sala": bool, "ativo": bool},
    computed={
        "duracao_em_minutos": "t.duracao",
        "intervalo_em_minutos": "t.intervalo",
        "antecedencia_minima_em_horas": "t.antecedencia_minima",
        "antecedencia_maxima_em_dias": "t.antecedencia_maxima",
        "cancelamento_ate_em_horas": "t.cancelamento_ate",
    },
)  # fmt: skip

_DE_UNIDADE, _DE_SALA, _DE_TIPO = " FROM unidade u", " FROM sala s", " FROM tipo_de_atendimento t"


async def unidades(db: Reader, _: Alcance[VerProfissionais], campos: Fields = None) -> list[Unidade]:
    """Give all unidades, by name."""
    forma = _UNIDADE(campos)
    linhas = await db.look_up("SELECT " + forma.sql + _DE_UNIDADE + " ORDER BY u.nome_ordem")
    return forma.each(linhas)


async def por_ids(
    db: Reader, _: Alcance[VerProfissionais], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Unidade]:
    """Give unidades by key."""
    forma = _UNIDADE(campos)
    return {uma.chave: uma for uma in forma.each(await db.by_keys("SELECT " + forma.sql + _DE_UNIDADE, "u.id", chaves))}


async def abertas(db: Reader, unidades: Sequence[bytes]) -> list[tuple[bytes, date]]:
    """Give the holidays on which some unidades are open all the same: unidade's key, day."""
    linhas = await db.look_up(
        "SELECT unidade_id, dia FROM unidade_aberta WHERE unidade_id IN %(unidades)s ORDER BY unidade_id, dia",
        unidades=list(dict.fromkeys(unidades)),
    )
    return [(unidade, dia) for unidade, dia in linhas]


async def salas_das_unidades(
    db: Reader, _: Alcance[VerProfissionais], unidades: Sequence[bytes], campos: Fields = None
) -> list[Sala]:
    """Give the salas of some unidades, by name within each."""
    forma = _SALA(campos)
    linhas = await db.look_up(
        "SELECT " + forma.sql + _DE_SALA + " WHERE s.unidade_id IN %(unidades)s ORDER BY s.unidade_id, s.nome_ordem",
        unidades=list(dict.fromkeys(unidades)),
    )
    return forma.each(linhas)


async def salas_por_ids(
    db: Reader, _: Alcance[VerProfissionais], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, Sala]:
    """Give salas by key."""
    forma = _SALA(campos)
    return {uma.chave: uma for uma in forma.each(await db.by_keys("SELECT " + forma.sql + _DE_SALA, "s.id", chaves))}


async def tipos(
    db: Reader,
    _: Alcance[VerProfissionais],
    especialidade: str | None,
    autoagendamento: bool | None,
    campos: Fields = None,
) -> list[TipoDeAtendimento]:
    """Give the kinds that are of a speciality, or of any, and are booked by pacientes or not; by name."""
    forma = _TIPO(campos)
    linhas = await db.look_up(
        "SELECT " + forma.sql + _DE_TIPO + " WHERE (%(especialidade)s IS NULL"
        " OR t.especialidade_ordem IS NULL OR t.especialidade_ordem = %(especialidade)s)"
        " AND (%(autoagendamento)s IS NULL OR t.autoagendamento = %(autoagendamento)s) ORDER BY t.nome_ordem",
        especialidade=especialidade,
        autoagendamento=autoagendamento,
    )
    return forma.each(linhas)


async def tipos_por_ids(
    db: Reader, _: Alcance[VerProfissionais], chaves: Sequence[bytes], campos: Fields = None
) -> dict[bytes, TipoDeAtendimento]:
    """Give kinds of appointment by key."""
    forma = _TIPO(campos)
    return {um.chave: um for um in forma.each(await db.by_keys("SELECT " + forma.sql + _DE_TIPO, "t.id", chaves))}


async def quantas_unidades(tx: Transaction) -> int:
    """Count the unidades, and keep anybody from making one until the transaction ends."""
    return len(await tx.select("SELECT id FROM unidade FOR UPDATE"))


async def quantas_salas(tx: Transaction, unidade: bytes) -> int | None:
    """Count the salas of a unidade, and keep anybody from making one; None if there is no such unidade."""
    if not await tx.select("SELECT 1 FROM unidade WHERE id = %(unidade)s FOR UPDATE", unidade=unidade):
        return None
    (linha,) = await tx.select("SELECT COUNT(*) FROM sala WHERE unidade_id = %(unidade)s", unidade=unidade)
    return int(linha[0])


async def quantos_tipos(tx: Transaction) -> int:
    """Count the kinds of appointment, and keep anybody from making one until the transaction ends."""
    return len(await tx.select("SELECT id FROM tipo_de_atendimento FOR UPDATE"))


async def segurar_unidade(tx: Transaction, chave: bytes) -> None:
    """Hold a unidade until the transaction ends."""
    await tx.select("SELECT 1 FROM unidade WHERE id = %(chave)s FOR UPDATE", chave=chave)


async def segurar_sala(tx: Transaction, chave: bytes) -> None:
    """Hold a sala until the transaction ends."""
    await tx.select("SELECT 1 FROM sala WHERE id = %(chave)s FOR UPDATE", chave=chave)


async def segurar_tipo(tx: Transaction, chave: bytes) -> None:
    """Hold a kind of appointment until the transaction ends."""
    await tx.select("SELECT 1 FROM tipo_de_atendimento WHERE id = %(chave)s FOR UPDATE", chave=chave)


def inserir_unidade(tx: Transaction, unidade: Unidade) -> None:
    """Add a unidade."""
    tx.write(
        "INSERT INTO unidade (id, nome, nome_ordem, cnes, fuso, abre_nos_feriados, ativa, cep, logradouro, numero,"
        " complemento, bairro, municipio, uf, pais, criado_em) VALUES (%(chave)s, %(nome)s, %(nome_ordem)s, %(cnes)s,"
        " %(fuso)s, %(abre)s, %(ativa)s, %(cep)s, %(logradouro)s, %(numero)s, %(complemento)s, %(bairro)s,"
        " %(municipio)s, %(uf)s, %(pais)s, %(agora)s)",
        agora=agora(),
        **_da_unidade(unidade),
    )


def mudar_unidade(tx: Transaction, unidade: Unidade) -> None:
    """Change a unidade that is held."""
    tx.write(
        "UPDATE unidade SET nome = %(nome)s, nome_ordem = %(nome_ordem)s, cnes = %(cnes)s, fuso = %(fuso)s,"
        " abre_nos_feriados = %(abre)s, ativa = %(ativa)s, cep = %(cep)s, logradouro = %(logradouro)s,"
        " numero = %(numero)s, complemento = %(complemento)s, bairro = %(bairro)s, municipio = %(municipio)s,"
        " uf = %(uf)s, pais = %(pais)s, versao = versao + 1 WHERE id = %(chave)s",
        **_da_unidade(unidade),
    )


def abrir_nos_dias(tx: Transaction, unidade: bytes, dias: Sequence[date]) -> None:
    """Set the holidays on which a unidade is open all the same."""
    tx.write("DELETE FROM unidade_aberta WHERE unidade_id = %(unidade)s", unidade=unidade)
    tx.write_rows("INSERT INTO unidade_aberta (unidade_id, dia) VALUES %(rows)s", [(unidade, dia) for dia in dias])


async def ajustar_a_primeira(db: Database, chave: bytes, fuso: str) -> None:
    """Give the unidade that is there from the start a time zone, while nobody has touched it or works there."""
    await db.execute(
        "UPDATE unidade u SET u.fuso = %(fuso)s WHERE u.id = %(chave)s AND u.versao = 1 AND u.fuso <> %(fuso)s"
        " AND NOT EXISTS (SELECT 1 FROM turno t WHERE t.unidade_id = u.id)"
        " AND NOT EXISTS (SELECT 1 FROM consulta c WHERE c.unidade_id = u.id)",
        chave=chave,
        fuso=fuso,
    )


def inserir_sala(tx: Transaction, sala: Sala) -> None:
    """Add a sala."""
    tx.write(
        "INSERT INTO sala (id, unidade_id, nome, nome_ordem, ativa, criado_em) VALUES (%(chave)s, %(unidade)s,"
        " %(nome)s, %(nome_ordem)s, %(ativa)s, %(agora)s)",
        chave=sala.chave,
        unidade=sala.unidade_chave,
        nome=sala.nome,
        nome_ordem=ordem(sala.nome),
        ativa=sala.ativa,
        agora=agora(),
    )


def mudar_sala(tx: Transaction, sala: Sala) -> None:
    """Change a sala that is held."""
    tx.write(
        "UPDATE sala SET nome = %(nome)s, nome_ordem = %(nome_ordem)s, ativa = %(ativa)s, versao = versao + 1"
        " WHERE id = %(chave)s",
        chave=sala.chave,
        nome=sala.nome,
        nome_ordem=ordem(sala.nome),
        ativa=sala.ativa,
    )


def inserir_tipo(tx: Transaction, tipo: TipoDeAtendimento) -> None:
    """Add a kind of appointment."""
    tx.write(
        "INSERT INTO tipo_de_atendimento (id, nome, nome_ordem, especialidade, especialidade_ordem, duracao, intervalo,"
        " modalidades, autoagendamento, antecedencia_minima, antecedencia_maxima, cancelamento_ate, exige_sala,"
        " preparo, ativo, criado_em) VALUES (%(chave)s, %(nome)s, %(nome_ordem)s, %(especialidade)s,"
        " %(especialidade_ordem)s, %(duracao)s, %(intervalo)s, %(modalidades)s, %(autoagendamento)s,"
        " %(antecedencia_minima)s, %(antecedencia_maxima)s, %(cancelamento_ate)s, %(exige_sala)s, %(preparo)s,"
        " %(ativo)s, %(agora)s)",
        agora=agora(),
        **_do_tipo(tipo),
    )


def mudar_tipo(tx: Transaction, tipo: TipoDeAtendimento) -> None:
    """Change a kind of appointment that is held."""
    tx.write(
        "UPDATE tipo_de_atendimento SET nome = %(nome)s, nome_ordem = %(nome_ordem)s,"
        " especialidade = %(especialidade)s, especialidade_ordem = %(especialidade_ordem)s, duracao = %(duracao)s,"
        " intervalo = %(intervalo)s, modalidades = %(modalidades)s, autoagendamento = %(autoagendamento)s,"
        " antecedencia_minima = %(antecedencia_minima)s, antecedencia_maxima = %(antecedencia_maxima)s,"
        " cancelamento_ate = %(cancelamento_ate)s, exige_sala = %(exige_sala)s, preparo = %(preparo)s,"
        " ativo = %(ativo)s, versao = versao + 1 WHERE id = %(chave)s",
        **_do_tipo(tipo),
    )


def _da_unidade(unidade: Unidade) -> dict[str, Any]:
    onde = unidade.endereco
    partes = {nome: getattr(onde, nome, None) for nome in _DO_ENDERECO.split()}
    return {
        **partes,
        "uf": onde.uf.name if onde is not None and onde.uf is not None else None,
        "chave": unidade.chave,
        "nome": unidade.nome,
        "nome_ordem": ordem(unidade.nome),
        "cnes": unidade.cnes,
        "fuso": unidade.fuso,
        "abre": unidade.abre_nos_feriados,
        "ativa": unidade.ativa,
    }


def _do_tipo(tipo: TipoDeAtendimento) -> dict[str, Any]:
    return {
        "chave": tipo.chave,
        "nome": tipo.nome,
        "nome_ordem": ordem(tipo.nome),
        "especialidade": tipo.especialidade,
        "especialidade_ordem": ordem(tipo.especialidade) if tipo.especialidade else None,
        "duracao": tipo.duracao_em_minutos,
        "intervalo": tipo.intervalo_em_minutos,
        "modalidades": " ".join(uma.name for uma in tipo.modalidades),
        "autoagendamento": tipo.autoagendamento,
        "antecedencia_minima": tipo.antecedencia_minima_em_horas,
        "antecedencia_maxima": tipo.antecedencia_maxima_em_dias,
        "cancelamento_ate": tipo.cancelamento_ate_em_horas,
        "exige_sala": tipo.exige_sala,
        "preparo": tipo.preparo,
        "ativo": tipo.ativo,
    }
