"""Two kinds of refusal leave the server: what the caller can mend, and what they cannot.

    SghssError
    ├── Recusa                  data, in ``erros`` of the payload (CodigoDeErro)
    └── Falha                   a GraphQL error, in ``extensions.code``
        ├── NaoAutenticado
        ├── Proibido
        ├── RequisicaoInvalida
        ├── LimiteExcedido
        ├── ServicoIndisponivel
        └── ErroInterno

Both sets of codes are closed. No message carries a value that a caller sent: it may be a password.
"""

import errno
from enum import Enum

import strawberry
from strawberry import enum_value


class SghssError(Exception):
    """The root: whatever we raise on purpose is one of these."""


@strawberry.enum(description="Por que um pedido foi recusado, quando quem pediu pode corrigi-lo.")
class CodigoDeErro(Enum):
    """The codes of ``erros``: stable, for programs."""

    CREDENCIAIS_INVALIDAS = enum_value(
        "CREDENCIAIS_INVALIDAS", description="CPF, senha, código ou token de renovação não conferem."
    )
    VALOR_INVALIDO = enum_value("VALOR_INVALIDO", description="Um valor não atende à regra do campo indicado.")
    CPF_JA_CADASTRADO = enum_value("CPF_JA_CADASTRADO", description="Já existe um cadastro com este CPF neste papel.")
    CNS_JA_CADASTRADO = enum_value(
        "CNS_JA_CADASTRADO", description="Já existe um paciente com este Cartão Nacional de Saúde."
    )
    CRM_JA_CADASTRADO = enum_value("CRM_JA_CADASTRADO", description="Já existe um médico com este CRM.")
    NAO_ENCONTRADO = enum_value("NAO_ENCONTRADO", description="Não existe, ou não existe para quem pergunta.")
    HORARIO_INDISPONIVEL = enum_value(
        "HORARIO_INDISPONIVEL", description="O médico ou o paciente já tem consulta neste horário."
    )
    FORA_DO_EXPEDIENTE = enum_value("FORA_DO_EXPEDIENTE", description="O médico não atende neste horário.")
    AGENDA_BLOQUEADA = enum_value("AGENDA_BLOQUEADA", description="A agenda do médico está bloqueada neste horário.")
    HORARIO_NO_PASSADO = enum_value("HORARIO_NO_PASSADO", description="O horário já passou.")
    TRANSICAO_INVALIDA = enum_value(
        "TRANSICAO_INVALIDA", description="A situação atual da consulta não permite esta mudança."
    )
    JA_RETIFICADO = enum_value(
        "JA_RETIFICADO", description="O registro já foi retificado; retifique a versão mais nova."
    )
    SENHA_FRACA = enum_value("SENHA_FRACA", description="A senha não atende às regras de segurança.")
    MUITAS_TENTATIVAS = enum_value(
        "MUITAS_TENTATIVAS", description="Tentativas demais: espere antes de tentar de novo."
    )


@strawberry.type(description="Um motivo de recusa que quem pediu pode corrigir.")
class ErroDeUsuario:
    """One entry of ``erros``."""

    codigo: CodigoDeErro = strawberry.field(description="O motivo, estável, para programas.")
    mensagem: str = strawberry.field(description="O que houve e o que fazer, para pessoas.")
    campo: list[str] = strawberry.field(
        description='O caminho do argumento em questão, como ["input", "cpf"]; vazio quando é o pedido todo.'
    )


class Recusa(SghssError):
    """The caller can mend this; it becomes one entry of ``erros`` and undoes the transaction.

    ``dados`` are further fields of the payload, for what helps to mend it.
    """

    def __init__(self, codigo: CodigoDeErro, mensagem: str, *campo: str, **dados: object) -> None:
        super().__init__(codigo.value)
        self.codigo = codigo
        self.mensagem = mensagem
        self.campo = campo
        self.dados = dados

    def como_erro(self) -> ErroDeUsuario:
        """Give the GraphQL object that tells it."""
        return ErroDeUsuario(codigo=self.codigo, mensagem=self.mensagem, campo=list(self.campo))


def valor_invalido(mensagem: str, *campo: str) -> Recusa:
    """Make the refusal of a value."""
    return Recusa(CodigoDeErro.VALOR_INVALIDO, mensagem, *campo)


class Falha(SghssError):
    """The caller can't mend this in their form; it becomes a GraphQL error with ``extensions.code``."""

    codigo: str
    mensagem: str

    def __init__(self, mensagem: str | None = None) -> None:
        super().__init__(self.codigo)
        if mensagem is not None:
            self.mensagem = mensagem


class NaoAutenticado(Falha):
    """No token, or one that isn't right in everything."""

    codigo = "NAO_AUTENTICADO"
    mensagem = "Entre com CPF e senha (mutation login) e envie o token no cabeçalho Authorization."


class Proibido(Falha):
    """The caller's roles don't allow it."""

    codigo = "PROIBIDO"
    mensagem = "Seu papel no hospital não permite esta operação."


class RequisicaoInvalida(Falha):
    """The request itself is malformed."""

    codigo = "REQUISICAO_INVALIDA"
    mensagem = "O pedido não está no formato esperado."


class LimiteExcedido(Falha):
    """The request is larger than the server accepts."""

    codigo = "LIMITE_EXCEDIDO"
    mensagem = "O pedido é maior do que o servidor aceita; divida-o em partes."


class ServicoIndisponivel(Falha):
    """Something the server needs is away; nothing was changed, or it can't be known."""

    codigo = "SERVICO_INDISPONIVEL"
    mensagem = "O serviço está momentaneamente indisponível. Tente de novo em alguns instantes."


class ErroInterno(Falha):
    """A fault of ours. Its cause is in the log, under the request's id, and nowhere else."""

    codigo = "ERRO_INTERNO"
    mensagem = "Houve um erro no servidor. Tente de novo; se persistir, informe o requestId ao suporte."


_MOTIVOS = {
    errno.EACCES: "falta permissão",
    errno.EADDRINUSE: "a porta está ocupada por outro programa",
    errno.EADDRNOTAVAIL: "este endereço não é desta máquina",
    errno.EDQUOT: "a cota de disco acabou",
    errno.ENOSPC: "o disco está cheio",
    errno.EPERM: "falta permissão",
    errno.EROFS: "a pasta é só de leitura",
}


def motivo(error: OSError) -> str:
    """Say in Portuguese why the operating system refused; in its own words where we have none."""
    return _MOTIVOS.get(error.errno or 0, error.strerror or str(error))
