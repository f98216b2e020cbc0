"""What becomes of people who log in, and of their sessions."""

from dataclasses import dataclass

from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro
from sghss_graphql.vocabulario.texto import linha

_MAIOR_MOTIVO = 1_000  # characters


class Codigos(CodigoDeErro):
    """Of people."""

    CPF_JA_CADASTRADO = 3, "Já existe um cadastro com este CPF neste papel.", True
    CONFLITO_DE_VERSAO = 17, "O cadastro mudou depois da versão informada; o que há agora vem na resposta."
    ULTIMO_ADMINISTRADOR = 18, "O hospital ficaria sem administrador ativo."
    IDENTIDADE_NAO_VERIFICADA = (
        16,
        "Falta verificar a identidade: a pessoa pede um código na recepção, com um documento.",
    )


class Leituras(Leitura):
    """What is read of a usuario."""

    LER_USUARIO = "Viu quem é uma pessoa: nome, CPF, papéis.", Nomeia.ALVO


class Atos(Ato):
    """What people and their sessions go through."""

    LOGIN_RECUSADO = "Errou a senha ou o código pela primeira vez dali; o alvo, se há, é de quem é o CPF."
    LOGIN_BLOQUEADO = "Errou demais, e o CPF ficou bloqueado dali por um tempo; o alvo, se há, é de quem é o CPF."
    TOKEN_REUSADO = "Um token de renovação voltou depois de usado, e a sua sessão terminou.", Nomeia.ALVO
    EMITIR_TOKEN = "Emitiu um token na linha de comando, em nome do alvo.", Nomeia.ALVO
    CRIAR_ADMINISTRADOR = "Cadastrou o primeiro administrador, na linha de comando.", Nomeia.ALVO
    LOGIN = "Entrou.", Nomeia.ALVO
    RENOVAR_SESSAO = "Renovou a sessão.", Nomeia.ALVO
    SAIR = "Saiu.", Nomeia.ALVO
    TROCAR_SENHA = "Trocou a própria senha.", Nomeia.ALVO
    DEFINIR_SENHA = "Definiu a senha com um código.", Nomeia.ALVO
    EMITIR_CODIGO_DE_ACESSO = "Emitiu um código de acesso.", Nomeia.ALVO
    DESBLOQUEAR_LOGIN = "Desbloqueou quem errou a senha demais.", Nomeia.ALVO
    CADASTRAR_FUNCIONARIO = "Cadastrou um funcionário.", Nomeia.ALVO
    CONCEDER_PAPEL = "Deu um papel a alguém.", Nomeia.ALVO
    RETIRAR_PAPEL = "Tirou um papel de alguém.", Nomeia.ALVO
    DESATIVAR_USUARIO = "Desativou quem entrava.", Nomeia.ALVO
    REATIVAR_USUARIO = "Reativou quem tinha sido desativado.", Nomeia.ALVO
    ATUALIZAR_USUARIO = "Corrigiu o nome, o nascimento ou o contato de quem entra.", Nomeia.ALVO
    CORRIGIR_CPF = "Corrigiu o CPF de quem entra, e a conta que ele abria foi fechada.", Nomeia.ALVO


@dataclass(frozen=True, slots=True)
class Busca:
    """Which usuarios are asked for: starts of words, a whole CPF, a papel, active or not; None is any."""

    inicios: tuple[str, ...] = ()
    cpf: str | None = None
    papel: Papel | None = None
    ativo: bool | None = None


def motivo_da_desativacao(texto: str) -> str:
    """Read why somebody is deactivated.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    return linha(texto, _MAIOR_MOTIVO, "motivo")
