"""The matrix: which role may do what, and to whose data. One line an action; ``docs/permissoes.md`` prints it.

A rule's scope (PROPRIO, DA_AGENDA …) becomes SQL in one place, the store that owns the table it reads. Which action
a field of the schema asks for is said by the room that brings it (``sala.py``); one without a rule stops the start.
"""

from collections.abc import Mapping
from enum import Enum

from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.vocabulario.acoes import Acao


class Escopo(Enum):
    """Whose data a role reaches."""

    PROPRIO = "o que é seu"
    """A paciente's own; a profissional's own agenda."""
    DA_AGENDA = "pacientes da sua agenda, ou sob os seus cuidados"
    """Pacientes with whom the profissional has a consulta, in any state; and those in their care."""
    SOB_CUIDADO = "pacientes sob os seus cuidados"
    """Pacientes whom a consulta, shared care or an emergency gives them, and what they wrote."""
    TODOS = "todos"


# fmt: off
class Publica(Acao, faz="entrar, renovar a sessão, cadastrar a si mesmo, definir a primeira senha"): ...
class SiMesmo(Acao, faz="saber quem se é, trocar a própria senha, sair (até com a troca de senha pendente)"): ...
class Perguntar(Acao, faz="pedir um objeto pelo id; o que se acha depende da regra do seu tipo"): ...
class VerProfissionais(Acao, faz="ver unidades, profissionais, expedientes e horários livres"): ...
class VerPacientes(Acao, faz="ver o cadastro de pacientes"): ...
class BuscarPacientes(Acao, faz="procurar pacientes"): ...
class CadastrarPacientes(Acao, faz="cadastrar outra pessoa como paciente, e corrigir o cadastro"): ...
class UnificarPacientes(Acao, faz="juntar dois cadastros da mesma pessoa, e separá-los"): ...
class MudarContato(Acao, faz="corrigir o próprio nome social, contatos e endereço"): ...
class CadastrarProfissionais(Acao, faz="cadastrar profissionais"): ...
class CadastrarFuncionarios(Acao, faz="cadastrar funcionários"): ...
class DesbloquearLogins(Acao, faz="desbloquear quem errou a senha demais"): ...
class VerUsuarios(Acao, faz="ver quem entra no sistema, e os códigos que se emitiram"): ...
class CuidarDeUsuarios(Acao, faz="dar e tirar papéis, desativar, reativar e corrigir quem entra"): ...
class EmitirCodigos(Acao, faz="emitir códigos de acesso"): ...
class VerCuidados(Acao, faz="ver acessos de emergência e cuidados compartilhados, e encerrá-los"): ...
class AcessarEmEmergencia(Acao, faz="ter acesso em emergência a quem não está sob os seus cuidados"): ...
class CompartilharCuidado(Acao, faz="compartilhar o cuidado de um paciente"): ...
class DefinirUnidades(Acao, faz="criar e corrigir unidades, salas e tipos de atendimento"): ...
class DefinirAgendas(Acao, faz="definir expedientes, bloquear agendas"): ...
class VerConsultas(Acao, faz="ver consultas"): ...
class MarcarConsultas(Acao, faz="marcar, remarcar e cancelar consultas"): ...
class ConfirmarConsultas(Acao, faz="confirmar consultas"): ...
class RegistrarFaltas(Acao, faz="registrar faltas"): ...
class Atender(Acao, faz="começar e concluir o atendimento"): ...
class CorrigirSituacoes(Acao, faz="desfazer, no mesmo dia, uma falta, um começo ou um fim registrado por engano"): ...
class LerProntuarios(Acao, faz="ler prontuários"): ...
class EscreverProntuarios(Acao, faz="escrever prontuários"): ...
# fmt: on

SEM_VERIFICAR = frozenset({SiMesmo, Perguntar, VerProfissionais, VerPacientes, VerConsultas, MarcarConsultas})
"""What an account may that nobody has verified, within its roles; of consultas, it books one at a time."""

_TODO_MUNDO = dict.fromkeys(Papel, Escopo.TODOS)
_EQUIPE = {Papel.RECEPCAO: Escopo.TODOS, Papel.ADMINISTRADOR: Escopo.TODOS}

QUEM_PODE: Mapping[type[Acao], Mapping[Papel, Escopo]] = {
    SiMesmo: _TODO_MUNDO,
    Perguntar: _TODO_MUNDO,
    VerProfissionais: _TODO_MUNDO,
    VerPacientes: {Papel.PACIENTE: Escopo.PROPRIO, Papel.PROFISSIONAL: Escopo.DA_AGENDA, **_EQUIPE},
    BuscarPacientes: {Papel.PROFISSIONAL: Escopo.DA_AGENDA, **_EQUIPE},
    CadastrarPacientes: _EQUIPE,
    UnificarPacientes: {Papel.ADMINISTRADOR: Escopo.TODOS},
    MudarContato: {Papel.PACIENTE: Escopo.PROPRIO},
    CadastrarProfissionais: {Papel.ADMINISTRADOR: Escopo.TODOS},
    CadastrarFuncionarios: {Papel.ADMINISTRADOR: Escopo.TODOS},
    DesbloquearLogins: {Papel.ADMINISTRADOR: Escopo.TODOS},
    VerUsuarios: {Papel.ADMINISTRADOR: Escopo.TODOS},
    CuidarDeUsuarios: {Papel.ADMINISTRADOR: Escopo.TODOS},
    EmitirCodigos: _EQUIPE,
    VerCuidados: {
        Papel.PACIENTE: Escopo.PROPRIO,
        Papel.PROFISSIONAL: Escopo.PROPRIO,
        Papel.ADMINISTRADOR: Escopo.TODOS,
    },
    AcessarEmEmergencia: {Papel.PROFISSIONAL: Escopo.TODOS},
    CompartilharCuidado: {Papel.PACIENTE: Escopo.PROPRIO, Papel.PROFISSIONAL: Escopo.SOB_CUIDADO},
    DefinirUnidades: {Papel.ADMINISTRADOR: Escopo.TODOS},
    DefinirAgendas: {Papel.PROFISSIONAL: Escopo.PROPRIO, **_EQUIPE},
    VerConsultas: {Papel.PACIENTE: Escopo.PROPRIO, Papel.PROFISSIONAL: Escopo.SOB_CUIDADO, **_EQUIPE},
    MarcarConsultas: {Papel.PACIENTE: Escopo.PROPRIO, Papel.PROFISSIONAL: Escopo.PROPRIO, **_EQUIPE},
    ConfirmarConsultas: {Papel.PACIENTE: Escopo.PROPRIO, Papel.PROFISSIONAL: Escopo.PROPRIO, **_EQUIPE},
    RegistrarFaltas: {Papel.PROFISSIONAL: Escopo.PROPRIO, **_EQUIPE},
    Atender: {Papel.PROFISSIONAL: Escopo.PROPRIO},
    CorrigirSituacoes: {Papel.PROFISSIONAL: Escopo.PROPRIO, **_EQUIPE},
    LerProntuarios: {Papel.PACIENTE: Escopo.PROPRIO, Papel.PROFISSIONAL: Escopo.SOB_CUIDADO},
    EscreverProntuarios: {Papel.PROFISSIONAL: Escopo.SOB_CUIDADO},
}
