"""The permission table: which role may do what, and to whose data; and the rule of every field of the schema.

A rule's scope (PROPRIO, DA_AGENDA …) becomes SQL in one place, the store that owns the table it reads. A field
that isn't in CAMPOS fails a test, and so does one whose answer, on any path, differs from its rule.
"""

from collections.abc import Mapping
from enum import Enum, auto

from sghss_graphql.confianca.acesso.papeis import Papel


class Escopo(Enum):
    """Whose data a role reaches."""

    PROPRIO = auto()
    """A paciente's own; a médico's own agenda."""
    DA_AGENDA = auto()
    """Pacientes with whom the médico has a consulta, in any state."""
    SOB_CUIDADO = auto()
    """Pacientes with whom the médico has a consulta that isn't CANCELADA; and what the médico wrote."""
    TODOS = auto()


class Acao(Enum):
    """What can be asked of the hospital."""

    PUBLICA = auto()
    """Needs nobody: log in, renew, register oneself, set a first password."""
    SI_MESMO = auto()
    """Needs a session, even one whose password must be changed first."""
    PERGUNTAR = auto()
    """Needs a session; what is found is decided by the rule of its own type."""
    VER_MEDICOS = auto()
    VER_PACIENTES = auto()
    BUSCAR_PACIENTES = auto()
    CADASTRAR_PACIENTES = auto()
    CADASTRAR_MEDICOS = auto()
    CADASTRAR_FUNCIONARIOS = auto()
    EMITIR_CODIGOS = auto()
    DEFINIR_AGENDAS = auto()
    VER_CONSULTAS = auto()
    MARCAR_CONSULTAS = auto()
    CONFIRMAR_CONSULTAS = auto()
    REGISTRAR_FALTAS = auto()
    ATENDER = auto()
    LER_PRONTUARIOS = auto()
    ESCREVER_PRONTUARIOS = auto()


_TODO_MUNDO = dict.fromkeys(Papel, Escopo.TODOS)
_EQUIPE = {Papel.RECEPCAO: Escopo.TODOS, Papel.ADMINISTRADOR: Escopo.TODOS}

QUEM_PODE: Mapping[Acao, Mapping[Papel, Escopo]] = {
    Acao.SI_MESMO: _TODO_MUNDO,
    Acao.PERGUNTAR: _TODO_MUNDO,
    Acao.VER_MEDICOS: _TODO_MUNDO,
    Acao.VER_PACIENTES: {Papel.PACIENTE: Escopo.PROPRIO, Papel.MEDICO: Escopo.DA_AGENDA, **_EQUIPE},
    Acao.BUSCAR_PACIENTES: {Papel.MEDICO: Escopo.DA_AGENDA, **_EQUIPE},
    Acao.CADASTRAR_PACIENTES: _EQUIPE,
    Acao.CADASTRAR_MEDICOS: {Papel.ADMINISTRADOR: Escopo.TODOS},
    Acao.CADASTRAR_FUNCIONARIOS: {Papel.ADMINISTRADOR: Escopo.TODOS},
    Acao.EMITIR_CODIGOS: _EQUIPE,
    Acao.DEFINIR_AGENDAS: {Papel.MEDICO: Escopo.PROPRIO, **_EQUIPE},
    Acao.VER_CONSULTAS: {Papel.PACIENTE: Escopo.PROPRIO, Papel.MEDICO: Escopo.SOB_CUIDADO, **_EQUIPE},
    Acao.MARCAR_CONSULTAS: {Papel.PACIENTE: Escopo.PROPRIO, Papel.MEDICO: Escopo.PROPRIO, **_EQUIPE},
    Acao.CONFIRMAR_CONSULTAS: {Papel.PACIENTE: Escopo.PROPRIO, Papel.MEDICO: Escopo.PROPRIO, **_EQUIPE},
    Acao.REGISTRAR_FALTAS: {Papel.MEDICO: Escopo.PROPRIO, **_EQUIPE},
    Acao.ATENDER: {Papel.MEDICO: Escopo.PROPRIO},
    Acao.LER_PRONTUARIOS: {Papel.PACIENTE: Escopo.PROPRIO, Papel.MEDICO: Escopo.SOB_CUIDADO},
    Acao.ESCREVER_PRONTUARIOS: {Papel.MEDICO: Escopo.SOB_CUIDADO},
}

_PAGINA = "edges pageInfo totalCount"
_ITEM = "cursor node"

CAMPOS: Mapping[str, Mapping[Acao, str]] = {
    "Query": {
        Acao.SI_MESMO: "eu",
        Acao.PERGUNTAR: "node",
        Acao.VER_MEDICOS: "medico medicos",
        Acao.VER_PACIENTES: "paciente",
        Acao.BUSCAR_PACIENTES: "pacientes",
        Acao.VER_CONSULTAS: "consulta consultas",
        Acao.LER_PRONTUARIOS: "prontuarios",
    },
    "Mutation": {
        Acao.PUBLICA: "login renovarSessao definirSenha cadastrarPaciente",
        Acao.SI_MESMO: "sair trocarSenha",
        Acao.CADASTRAR_PACIENTES: "atualizarPaciente",
        Acao.CADASTRAR_MEDICOS: "cadastrarMedico",
        Acao.CADASTRAR_FUNCIONARIOS: "cadastrarFuncionario",
        Acao.EMITIR_CODIGOS: "emitirCodigoDeAcesso",
        Acao.DEFINIR_AGENDAS: "definirExpediente bloquearAgenda desbloquearAgenda",
        Acao.MARCAR_CONSULTAS: "agendarConsulta remarcarConsulta cancelarConsulta",
        Acao.CONFIRMAR_CONSULTAS: "confirmarConsulta",
        Acao.REGISTRAR_FALTAS: "registrarFalta",
        Acao.ATENDER: "iniciarAtendimento concluirConsulta",
        Acao.ESCREVER_PRONTUARIOS: "adicionarProntuario retificarProntuario",
    },
    "Usuario": {
        Acao.SI_MESMO: "id nome cpf email papeis",
        Acao.VER_PACIENTES: "paciente",
        Acao.VER_MEDICOS: "medico",
    },
    "Paciente": {
        Acao.VER_PACIENTES: "id nome nomeSocial cpf cns nascimento sexo email telefone criadoEm",
        Acao.VER_CONSULTAS: "consultas",
        Acao.LER_PRONTUARIOS: "prontuarios",
    },
    "Medico": {
        Acao.VER_MEDICOS: "id nome crm especialidades fuso expediente horariosDisponiveis",
        Acao.VER_CONSULTAS: "consultas",
        Acao.DEFINIR_AGENDAS: "bloqueios",
    },
    "Turno": {Acao.VER_MEDICOS: "dia inicio fim"},
    "Bloqueio": {Acao.DEFINIR_AGENDAS: "id medico inicio fim motivo"},
    "HorarioDisponivel": {Acao.VER_MEDICOS: "inicio fim"},
    "Consulta": {
        Acao.VER_CONSULTAS: "id inicio fim situacao modalidade motivo historico criadoEm",
        Acao.VER_PACIENTES: "paciente",
        Acao.VER_MEDICOS: "medico",
        Acao.LER_PRONTUARIOS: "prontuarios",
    },
    "MudancaDaConsulta": {Acao.VER_CONSULTAS: "situacao inicio fim motivo criadoEm"},
    "Prontuario": {
        Acao.LER_PRONTUARIOS: (
            "id numero tipo texto cid10 crm retifica retificadoPor justificativa criadoEm hash hashAnterior"
        ),
        Acao.VER_PACIENTES: "paciente",
        Acao.VER_MEDICOS: "medico",
        Acao.VER_CONSULTAS: "consulta",
    },
    "PageInfo": {Acao.PERGUNTAR: "hasNextPage hasPreviousPage startCursor endCursor"},
    "PacienteConnection": {Acao.BUSCAR_PACIENTES: _PAGINA},
    "PacienteEdge": {Acao.BUSCAR_PACIENTES: _ITEM},
    "MedicoConnection": {Acao.VER_MEDICOS: _PAGINA},
    "MedicoEdge": {Acao.VER_MEDICOS: _ITEM},
    "ConsultaConnection": {Acao.VER_CONSULTAS: _PAGINA},
    "ConsultaEdge": {Acao.VER_CONSULTAS: _ITEM},
    "ProntuarioConnection": {Acao.LER_PRONTUARIOS: _PAGINA},
    "ProntuarioEdge": {Acao.LER_PRONTUARIOS: _ITEM},
    # What a mutation answers was allowed by the mutation itself.
    "ErroDeUsuario": {Acao.PUBLICA: "codigo mensagem campo"},
    "Sessao": {Acao.PUBLICA: "tokenDeAcesso expiraEm tokenDeRenovacao trocaDeSenhaObrigatoria usuario"},
    "CodigoDeAcesso": {Acao.PUBLICA: "codigo expiraEm"},
    "SessaoPayload": {Acao.PUBLICA: "sessao erros"},
    "SairPayload": {Acao.PUBLICA: "erros"},
    "UsuarioPayload": {Acao.PUBLICA: "usuario erros"},
    "CodigoDeAcessoPayload": {Acao.PUBLICA: "codigoDeAcesso erros"},
    "PacientePayload": {Acao.PUBLICA: "paciente erros"},
    "MedicoPayload": {Acao.PUBLICA: "medico erros"},
    "BloqueioPayload": {Acao.PUBLICA: "bloqueio erros"},
    "ConsultaPayload": {Acao.PUBLICA: "consulta horariosProximos erros"},
    "ProntuarioPayload": {Acao.PUBLICA: "prontuario erros"},
}
"""The rule of each field. The first action of a type is the rule of its objects: whoever holds one was allowed to."""
