"""The demo's rows go in by multi-row statements, a thousand rows each."""

from collections.abc import Callable, Sequence

from sghss_graphql.machinery.database import Reader, Transaction
from sghss_graphql.machinery.database.statements import Scalar
from sghss_graphql.vocabulario.scalars import CPF

Linhas = Sequence[Sequence[Scalar]]
_POR_VEZ = 1_000

INSERCOES = {
    "unidade": (
        "INSERT INTO unidade (id, nome, nome_ordem, cnes, fuso, cep, logradouro, numero, municipio, uf, pais,"
        " abre_nos_feriados, criado_em) VALUES %(rows)s ON DUPLICATE KEY UPDATE nome = VALUES(nome),"
        " nome_ordem = VALUES(nome_ordem), cnes = VALUES(cnes), cep = VALUES(cep), logradouro = VALUES(logradouro),"
        " numero = VALUES(numero), municipio = VALUES(municipio), uf = VALUES(uf), pais = VALUES(pais),"
        " abre_nos_feriados = VALUES(abre_nos_feriados)"
    ),
    "sala": "INSERT INTO sala (id, unidade_id, nome, nome_ordem, criado_em) VALUES %(rows)s",
    "tipo_de_atendimento": (
        "INSERT INTO tipo_de_atendimento (id, nome, nome_ordem, especialidade, especialidade_ordem, duracao, intervalo,"
        " modalidades, autoagendamento, antecedencia_minima, antecedencia_maxima, cancelamento_ate, exige_sala,"
        " preparo, criado_em) VALUES %(rows)s"
    ),
    "pessoa": (
        "INSERT INTO pessoa (id, cpf, nome, nome_social, nome_ordem, nome_da_mae, mae_ordem, nascimento, email,"
        " telefone, raca_cor, nacionalidade, obito_em, criado_em, indice) VALUES %(rows)s"
    ),
    "pessoa_inicio": "INSERT INTO pessoa_inicio (inicio, nome_ordem, pessoa_id) VALUES %(rows)s",
    "endereco": (
        "INSERT INTO endereco (pessoa_id, cep, logradouro, numero, bairro, municipio, uf, pais) VALUES %(rows)s"
    ),
    "documento_de_identificacao": (
        "INSERT INTO documento_de_identificacao (pessoa_id, ordem, tipo, numero, orgao, pais) VALUES %(rows)s"
    ),
    "contato": "INSERT INTO contato (pessoa_id, ordem, nome, parentesco, telefone) VALUES %(rows)s",
    "usuario": "INSERT INTO usuario (id, pessoa_id, senha, verificado_em, ativo, criado_em) VALUES %(rows)s",
    "usuario_papel": "INSERT INTO usuario_papel (usuario_id, papel) VALUES %(rows)s",
    "paciente": "INSERT INTO paciente (id, pessoa_id, nome_ordem, cns, sexo, criado_em) VALUES %(rows)s",
    "profissional": (
        "INSERT INTO profissional (id, pessoa_id, nome_ordem, conselho, numero, uf, fuso, criado_em) VALUES %(rows)s"
    ),
    "profissional_especialidade": (
        "INSERT INTO profissional_especialidade (profissional_id, ordem, especialidade, especialidade_ordem)"
        " VALUES %(rows)s"
    ),
    "turno": (
        "INSERT INTO turno (profissional_id, numero, dia, inicio, fim, unidade_id, vigencia_de, vigencia_ate,"
        " a_cada_semanas) VALUES %(rows)s"
    ),
    "consulta": (
        "INSERT INTO consulta (id, paciente_id, profissional_id, inicio, fim, situacao, modalidade, motivo, criado_em,"
        " unidade_id, na_recepcao) VALUES %(rows)s"
    ),
    "consulta_mudanca": (
        "INSERT INTO consulta_mudanca (consulta_id, numero, situacao, inicio, fim, motivo, usuario_id, criado_em)"
        " VALUES %(rows)s"
    ),
    "cuidado": "INSERT INTO cuidado (origem_id, profissional_id, paciente_id, fonte, ate) VALUES %(rows)s",
    "acesso_de_emergencia": (
        "INSERT INTO acesso_de_emergencia (id, profissional_id, paciente_id, justificativa, inicio, ate)"
        " VALUES %(rows)s"
    ),
    "cuidado_compartilhado": (
        "INSERT INTO cuidado_compartilhado (id, profissional_id, paciente_id, por, motivo, desde, ate) VALUES %(rows)s"
    ),
    "tempo": "INSERT INTO tempo (coisa_id, celula, consulta_id) VALUES %(rows)s",
    "prontuario": (
        "INSERT INTO prontuario (id, paciente_id, numero, profissional_id, registro_do_autor, forma, consulta_id, tipo,"
        " texto, cid10, retifica_id, justificativa, criado_em, hash_anterior, hash) VALUES %(rows)s"
    ),
}
"""A statement for each table, in the order that the foreign keys want."""


async def inserir(tx: Transaction, tabela: str, linhas: Linhas, avancar: Callable[[int], None]) -> None:
    """Insert rows of one table, telling ``avancar`` how many went in each time."""
    for inicio in range(0, len(linhas), _POR_VEZ):
        parte = linhas[inicio : inicio + _POR_VEZ]
        tx.write_rows(INSERCOES[tabela], parte)
        await tx.flush()
        avancar(len(parte))


async def ha_pessoa(db: Reader, cpf: CPF) -> bool:
    """Tell whether someone of this CPF is registered."""
    return bool(await db.select("SELECT 1 FROM pessoa WHERE cpf = %(cpf)s", cpf=cpf))


async def ha_gente(db: Reader) -> bool:
    """Tell whether anyone is registered."""
    return bool(await db.select("SELECT 1 FROM pessoa LIMIT 1"))
