"""The demo is loaded in one transaction: all of it or nothing, and only into an empty hospital."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sghss_graphql.atendimento.agenda.regras import celulas
from sghss_graphql.atendimento.consultas.types import SituacaoDaConsulta as Situacao
from sghss_graphql.cadastro.pessoas.regras import INDICE, termos
from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.clinica.prontuarios.regras import Registro
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.demo import store
from sghss_graphql.demo.atendimentos import Consulta, consultas, registros, retificar
from sghss_graphql.demo.lugares import lugares
from sghss_graphql.demo.pessoas import PESSOAS, SENHA, Paciente, Profissional, Sorteio, pacientes, profissionais
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.machinery.database.statements import Scalar
from sghss_graphql.vocabulario.errors import SghssError
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.texto import ordem

_SEMENTE = 2026
_PARTILHA = bytes.fromhex("0192f5c4a7b07c3e8d11223344556677")
"""The key of the care that is shared."""
Linha = tuple[Scalar, ...]


class HospitalOcupado(SghssError):
    """The database holds real people; the demo must not be mixed with them."""


async def carregar(
    db: Database,
    senhas: Senhas,
    agora: datetime,
    *,
    comecar: Callable[[int], None] = lambda _: None,
    avancar: Callable[[int], None] = lambda _: None,
) -> bool:
    """Load the demo hospital; False if it is there already.

    ``comecar`` hears how many rows there are, ``avancar`` how many have just gone in.

    Raises:
        HospitalOcupado: the database holds other people.
    """
    if await store.ha_pessoa(db, PESSOAS[0].cpf):
        return False
    if await store.ha_gente(db):
        raise HospitalOcupado("O banco de dados já tem cadastros; a demonstração só é carregada num banco vazio.")
    senha = await senhas.guardar(SENHA)
    tabelas = gerar(senha, agora)
    comecar(sum(map(len, tabelas.values())))

    async def work(tx: Transaction) -> None:
        for tabela in store.INSERCOES:
            await store.inserir(tx, tabela, tabelas[tabela], avancar)

    await db.transaction(work)
    return True


def gerar(senha: str, agora: datetime, semente: int = _SEMENTE) -> dict[str, list[Linha]]:
    """Make every row of the demo, by table; the same for the same password hash, instant and seed."""
    sorteio = Sorteio(semente)
    todos_os_profissionais, todos_os_pacientes = list(profissionais(sorteio, agora)), list(pacientes(sorteio, agora))
    marcadas = consultas(sorteio, todos_os_profissionais, todos_os_pacientes, agora)
    escritos = retificar(sorteio, registros(sorteio, marcadas))
    equipe: dict[Papel, bytes] = {
        pessoa.papel: sorteio.chave(agora - timedelta(days=1600))
        for pessoa in PESSOAS
        if pessoa.papel in (Papel.RECEPCAO, Papel.ADMINISTRADOR)
    }
    recepcao = equipe[Papel.RECEPCAO]
    tabelas = {
        **lugares(sorteio.chave, agora),
        **_pessoas(senha, todos_os_profissionais, todos_os_pacientes, equipe, agora),
        **_dos_profissionais(todos_os_profissionais),
        **_dos_pacientes(todos_os_pacientes),
        **_das_consultas(marcadas, recepcao, agora),
        **_dos_cuidados(sorteio, todos_os_profissionais, todos_os_pacientes[0], agora),
        "prontuario": [_prontuario(registro, resumo) for registro, resumo in escritos],
    }
    for chave, com, paciente, _, _, _, ate in tabelas["cuidado_compartilhado"]:
        tabelas["cuidado"].append((chave, com, paciente, "COMPARTILHADO", ate))
    return tabelas


def linha(p: Pessoa) -> Linha:
    """Give a pessoa's row."""
    nomes = (p.nome, p.nome_social, p.ordem, p.nome_da_mae, p.mae_ordem)
    contatos = (p.nascimento, p.email, p.telefone, p.raca_cor.name, p.nacionalidade, p.obito_em)
    return (p.chave, p.cpf, *nomes, *contatos, p.criado_em, INDICE)


def _pessoas(
    senha: str,
    profissionais: list[Profissional],
    pacientes: list[Paciente],
    equipe: dict[Papel, bytes],
    agora: datetime,
) -> dict[str, list[Linha]]:
    """Only the four people of the demo have a password."""
    entram = {pessoa.cpf for pessoa in PESSOAS}
    funcionarios = [(pessoa, equipe[pessoa.papel]) for pessoa in PESSOAS if pessoa.papel in equipe]
    todas = [
        *(Pessoa(m.pessoa, m.cpf, m.nome, ordem(m.nome), m.criado_em) for m in profissionais),
        *(p.como_pessoa() for p in pacientes),
        *(Pessoa(chave, um.cpf, um.nome, ordem(um.nome), agora) for um, chave in funcionarios),
    ]
    com_conta = [
        *((m.usuario, m.pessoa, m.cpf, m.criado_em) for m in profissionais),
        *((p.usuario, p.pessoa, p.cpf, p.criado_em) for p in pacientes if p.usuario is not None),
        *((chave, chave, um.cpf, agora) for um, chave in funcionarios),
    ]
    documentos = {p.pessoa: p.documentos for p in pacientes}
    sozinho = next(p.cpf for p in pacientes[1:] if p.cpf is not None)

    def _conta(usuario: bytes | None, pessoa: bytes, cpf: CPF | None, criado_em: datetime) -> Linha:
        """One that somebody opened by themself is to be verified yet; the last profissional attends no more."""
        verificado_em = criado_em if cpf in entram else None
        ativo = pessoa != profissionais[-1].pessoa
        return (usuario, pessoa, senha if cpf in entram or cpf == sozinho else None, verificado_em, ativo, criado_em)

    return {
        "pessoa": [linha(p) for p in todas],
        "pessoa_inicio": [(termo, p.ordem, p.chave) for p in todas for termo in termos(p, documentos.get(p.chave, ()))],
        "usuario": [_conta(usuario, pessoa, cpf, criado_em) for usuario, pessoa, cpf, criado_em in com_conta],
        "usuario_papel": [
            *((m.usuario, Papel.PROFISSIONAL.name) for m in profissionais),
            *((p.usuario, Papel.PACIENTE.name) for p in pacientes if p.usuario is not None),
            *((chave, papel.name) for papel, chave in equipe.items()),
        ],
    }


def _dos_profissionais(profissionais: list[Profissional]) -> dict[str, list[Linha]]:
    return {
        "profissional": [
            (m.chave, m.pessoa, ordem(m.nome), m.conselho.name, m.numero, m.uf.name, m.fuso, m.criado_em)
            for m in profissionais
        ],
        "profissional_especialidade": [
            (m.chave, 0, m.clinica["nome"], ordem(m.clinica["nome"])) for m in profissionais
        ],
        "turno": [
            (m.chave, numero, t.dia, t.inicio, t.fim, t.unidade, t.desde, t.ate, t.semanas)
            for m in profissionais
            for numero, t in enumerate(m.turnos, 1)
        ],
    }


def _dos_pacientes(pacientes: list[Paciente]) -> dict[str, list[Linha]]:
    return {
        "paciente": [(p.chave, p.pessoa, ordem(p.nome), p.cns, p.sexo.name, p.criado_em) for p in pacientes],
        "endereco": [
            (p.pessoa, e.cep, e.logradouro, e.numero, e.bairro, e.municipio, e.uf and e.uf.name, e.pais)
            for p in pacientes
            for e in [p.endereco]
        ],
        "documento_de_identificacao": [
            (p.pessoa, n, d.tipo.name, d.numero, d.orgao, d.pais) for p in pacientes for n, d in enumerate(p.documentos)
        ],
        "contato": [
            (p.pessoa, n, c.nome, c.parentesco, c.telefone) for p in pacientes for n, c in enumerate(p.contatos)
        ],
    }


def _das_consultas(marcadas: list[Consulta], recepcao: bytes, agora: datetime) -> dict[str, list[Linha]]:
    ocupam = [
        (consulta, celula)
        for consulta in marcadas
        if consulta.situacao is not Situacao.CANCELADA
        for celula in celulas(consulta.hora)
    ]
    return {
        "consulta": [
            (
                c.chave,
                c.paciente.chave,
                c.profissional.chave,
                c.hora.inicio,
                c.hora.fim,
                c.situacao.name,
                c.modalidade,
                c.motivo,
                c.criado_em,
                c.profissional.turnos[0].unidade,
                True,
            )
            for c in marcadas
        ],
        "consulta_mudanca": [linha for c in marcadas for linha in _mudancas(c, recepcao, agora)],
        "cuidado": [
            (c.chave, c.profissional.chave, c.paciente.chave, "CONSULTA", c.hora.fim + timedelta(days=365))
            for c in marcadas
            if c.situacao not in (Situacao.CANCELADA, Situacao.FALTOU)
        ],
        "tempo": [(quem.pessoa, celula, c.chave) for c, celula in ocupam for quem in (c.profissional, c.paciente)],
    }


def _dos_cuidados(
    sorteio: Sorteio, profissionais: list[Profissional], paciente: Paciente, agora: datetime
) -> dict[str, list[Linha]]:
    """An emergency that is over, and care that the demo's profissional shares with a colleague."""
    quem, colega, socorrista = profissionais[:3]
    chegada, desde = agora - timedelta(days=20), agora - timedelta(days=5)
    porque = "Chegou desorientada ao pronto atendimento, sem acompanhante; era preciso saber das alergias."
    ferias = "Acompanhamento durante as minhas férias."
    return {
        "acesso_de_emergencia": [
            (sorteio.chave(chegada), socorrista.chave, paciente.chave, porque, chegada, chegada + timedelta(hours=4))
        ],
        "cuidado_compartilhado": [
            (_PARTILHA, colega.chave, paciente.chave, quem.usuario, ferias, desde, agora + timedelta(days=60))
        ],
    }


def _mudancas(consulta: Consulta, recepcao: bytes, agora: datetime) -> Iterable[Linha]:
    """The steps that lead to the consulta's state, each at a believable instant."""
    antes_de = min(consulta.hora.inicio, agora)
    confirmada = consulta.criado_em + (antes_de - consulta.criado_em) * 0.6
    passos: dict[Situacao, list[tuple[Situacao, datetime, bytes]]] = {
        Situacao.AGENDADA: [],
        Situacao.CONFIRMADA: [(Situacao.CONFIRMADA, confirmada, recepcao)],
        Situacao.CANCELADA: [(Situacao.CANCELADA, confirmada, recepcao)],
        Situacao.FALTOU: [(Situacao.FALTOU, consulta.hora.fim, recepcao)],
        Situacao.EM_ATENDIMENTO: [(Situacao.EM_ATENDIMENTO, consulta.hora.inicio, consulta.profissional.usuario)],
        Situacao.REALIZADA: [
            (Situacao.CONFIRMADA, confirmada, recepcao),
            (Situacao.EM_ATENDIMENTO, consulta.hora.inicio, consulta.profissional.usuario),
            (Situacao.REALIZADA, consulta.hora.fim, consulta.profissional.usuario),
        ],
    }
    todos = [(Situacao.AGENDADA, consulta.criado_em, recepcao), *passos[consulta.situacao]]
    for numero, (situacao, instante, quem) in enumerate(todos, 1):
        motivo = consulta.motivo_do_cancelamento if situacao is Situacao.CANCELADA else None
        yield (
            consulta.chave,
            numero,
            situacao.name,
            consulta.hora.inicio,
            consulta.hora.fim,
            motivo,
            quem,
            instante,
        )


def _prontuario(registro: Registro, resumo: bytes) -> Linha:
    return (
        registro.chave,
        registro.paciente,
        registro.numero,
        registro.profissional,
        registro.registro,
        registro.forma,
        registro.consulta,
        registro.tipo,
        registro.texto,
        " ".join(registro.cid10),
        registro.retifica,
        registro.justificativa,
        registro.criado_em,
        registro.hash_anterior,
        resumo,
    )
