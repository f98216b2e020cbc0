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

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, ParamSpec, Self, TypeVar, cast

import strawberry

from sghss_graphql.machinery.faults import Excess, Fault, Malformed, Told, TooOften, Unavailable
from sghss_graphql.vocabulario.atos import Ato

P = ParamSpec("P")
T = TypeVar("T")


class SghssError(Exception):
    """The root: whatever we raise on purpose is one of these."""


class CodigoDeErro(Enum):
    """A code of ``erros``, for rooms to extend: stable, for programs. Its number, then what it is, for people.

    Numbers are given once and stay: the schema prints the codes in their order, so that a new one stands at the end.
    """

    def __init__(self, numero: int, descricao: str, revela: bool = False) -> None:
        self.numero = numero
        self.descricao = descricao
        self.revela = revela
        """Whether whoever gets it learns that somebody is registered: the trail has it."""


class Codigos(CodigoDeErro):
    """The codes of no room in particular."""

    VALOR_INVALIDO = 2, "Um valor não atende à regra do campo indicado."
    NAO_ENCONTRADO = 6, "Não existe, ou não existe para quem pergunta."


def revela(codigo: str) -> bool:
    """Tell whether whoever gets a code, by its name, learns that somebody is registered."""
    return any(um.revela for sala in CodigoDeErro.__subclasses__() if (um := sala.__members__.get(codigo)) is not None)


@strawberry.type(description="Um motivo de recusa que quem pediu pode corrigir.")
class ErroDeUsuario:
    """One entry of ``erros``."""

    codigo: str = strawberry.field(description="O motivo, estável, para programas.")
    """The name of a code; in the schema, of the enum that all rooms' codes make."""

    mensagem: str = strawberry.field(description="O que houve e o que fazer, para pessoas.")
    campo: list[str] = strawberry.field(
        description='O caminho do argumento em questão, como ["input", "cpf"]; vazio quando é o pedido todo.'
    )
    tentar_de_novo_em: datetime | None = strawberry.field(
        default=None, description="Quando vale a pena tentar de novo, se só o tempo resolve."
    )


class Recusa(SghssError):
    """The caller can mend this; it becomes one entry of ``erros`` and undoes the transaction.

    ``dados`` are further fields of the payload, for what helps to mend it.
    """

    def __init__(self, codigo: CodigoDeErro, mensagem: str, *campo: str, **dados: object) -> None:
        super().__init__(codigo.name)
        self.codigo = codigo
        self.mensagem = mensagem
        self.campo = campo
        self.dados = dados

        self.tentar_de_novo_em: datetime | None = None
        self.outras: Sequence[Recusa] = ()
        """What else was wrong with the same form."""

    @property
    def todas(self) -> Sequence["Recusa"]:
        """This one and the others."""
        return self, *self.outras

    def como_erros(self) -> list[ErroDeUsuario]:
        """Give the GraphQL objects that tell it."""
        return [
            ErroDeUsuario(
                codigo=uma.codigo.name,
                mensagem=uma.mensagem,
                campo=[*uma.campo],
                tentar_de_novo_em=uma.tentar_de_novo_em,
            )
            for uma in self.todas
        ]


class Formulario:
    """The fields of a form, read one after the other; at the end of the block all that is wrong is refused at once.

    What ``ler`` gives for a field that is wrong is None, whatever its type says: it leaves the block with nothing.
    """

    def __init__(self) -> None:
        self._recusas: list[Recusa] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, tipo: object, erro: object, rastro: object) -> None:
        if tipo is None:
            self._exigir()

    def ler(self, funcao: Callable[P, T], *argumentos: P.args, **opcoes: P.kwargs) -> T:
        """Read a field by a function that gives its value or raises Recusa."""
        try:
            return funcao(*argumentos, **opcoes)
        except Recusa as recusa:
            self._recusas += recusa.todas
            return cast("T", None)

    async def esperar(self, valor: Awaitable[T]) -> T:
        """Wait for a field that isn't read at once."""
        try:
            return await valor
        except Recusa as recusa:
            self._recusas += recusa.todas
            return cast("T", None)

    def _exigir(self) -> None:
        """Go on only if nothing was wrong; what was is told once.

        Raises:
            Recusa: the first of all that was.
        """
        recusas, self._recusas = self._recusas, []
        if recusas:
            recusas[0].outras = recusas[1:]
            try:
                raise recusas[0]
            finally:
                del recusas  # or it would hold itself, by its traceback


def valor_invalido(mensagem: str, *campo: str) -> Recusa:
    """Make the refusal of a value."""
    return Recusa(Codigos.VALOR_INVALIDO, mensagem, *campo)


class Falha(SghssError):
    """The caller can't mend this in their form; it becomes a GraphQL error with ``extensions.code``.

    ``argumento`` is the path of the argument in question, in names of the schema: ``extensions.argumento``.
    """

    codigo: str
    mensagem: str
    status = 400
    """Of HTTP, for a request that is refused whole."""
    espera = 0.0
    """Seconds after which it may go better: ``Retry-After``."""
    ficou = ""
    """What became of the change: ``extensions.feito`` or ``extensions.incerto`` is true; nothing became of it else."""

    def __init__(self, mensagem: str | None = None, *argumento: str | int) -> None:
        super().__init__(self.codigo)
        if mensagem is not None:
            self.mensagem = mensagem
        self.argumento = argumento


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

    status = 413
    codigo = "LIMITE_EXCEDIDO"
    mensagem = "O pedido é maior do que o servidor aceita; divida-o em partes."


class PedidosDemais(LimiteExcedido):
    """The caller asks too often."""

    status = 429
    mensagem = "Pedidos demais: espere um pouco e tente de novo."


class ServicoIndisponivel(Falha):
    """Something the server needs is away; nothing was changed, or it can't be known."""

    status = 503
    codigo = "SERVICO_INDISPONIVEL"
    mensagem = "O serviço está momentaneamente indisponível. Tente de novo em alguns instantes."
    espera = 2.0


class ErroInterno(Falha):
    """A fault of ours. Its cause is in the log, under the request's id, and nowhere else."""

    status = 500
    codigo = "ERRO_INTERNO"
    mensagem = "Houve um erro no servidor. Tente de novo; se persistir, informe o requestId ao suporte."


class Feito(ErroInterno):
    """What was asked for is done, and only the answer is lost: whoever asks again would do it twice."""

    ficou = "feito"

    def __init__(self, atos: Sequence[Ato]) -> None:
        super().__init__(_feito(atos))


class Incerto(ServicoIndisponivel):
    """Nobody knows whether what was asked for is done: its COMMIT was sent, and no answer came."""

    ficou = "incerto"

    def __init__(self, atos: Sequence[Ato], *, com_chave: bool) -> None:
        super().__init__(incerto(atos, com_chave=com_chave))


def _feito(atos: Sequence[Ato]) -> str:
    return f"O que foi pedido foi feito ({_nomes(atos)}); só a resposta se perdeu. Não repita: consulte como ficou."


def _nomes(atos: Sequence[Ato]) -> str:
    return ", ".join(dict.fromkeys(ato.name for ato in atos))


def incerto(atos: Sequence[Ato], *, com_chave: bool) -> str:
    """Say that nobody knows whether what was asked for is done, and how to find out; ``atos`` were done before it."""
    antes = f" O que veio antes foi feito ({_nomes(atos)}): não o repita." if atos else ""
    repetir = (
        "Repita o pedido com a mesma Idempotency-Key: ele não é feito duas vezes."
        if com_chave
        else "Consulte como ficou antes de repetir; com uma Idempotency-Key, repetir nunca faz duas vezes."
    )
    return f"Não se sabe se o que foi pedido foi feito: o banco de dados não respondeu. {repetir}{antes}"


def contar_incerto(resposta: dict[str, Any], atos: Sequence[Ato], *, com_chave: bool) -> dict[str, Any]:
    """Tell in a response that nobody knows what became of the change, where an error says to try again."""
    for erro in resposta.get("errors", ()):
        if erro["extensions"]["code"] in (ServicoIndisponivel.codigo, ErroInterno.codigo):
            erro["message"] = incerto(atos, com_chave=com_chave)
            erro["extensions"][Incerto.ficou] = True
    return resposta


def contar_feitos(resposta: dict[str, Any], atos: Sequence[Ato]) -> dict[str, Any]:
    """Tell in a response what is done of what was asked for, where an error says to try again, or took its answer.

    So it does below a mutation, which has answered: of what it did something may not be shown.
    """
    for erro in resposta.get("errors", ()):
        if erro["extensions"]["code"] in (ServicoIndisponivel.codigo, ErroInterno.codigo):
            erro["message"] = _feito(atos)
        elif resposta.get("data") is None or len(erro.get("path", ())) > 1:
            erro["message"] = f"{erro['message']} O que veio antes foi feito ({_nomes(atos)}): não o repita."
        else:
            continue
        erro["extensions"][Feito.ficou] = True
    return resposta


_DA_MAQUINA: tuple[tuple[type[Fault], type[Falha]], ...] = (
    (Malformed, RequisicaoInvalida),
    (TooOften, PedidosDemais),
    (Excess, LimiteExcedido),
    (Unavailable, ServicoIndisponivel),
)


def contar(erro: BaseException) -> Told:
    """Give what a caller is told of whatever was raised: the one place where the machinery's faults get our codes."""
    if isinstance(erro, Falha):
        falha = erro
    else:
        falha = next(
            (
                nossa(erro.message or None, *getattr(erro, "argument", ()))
                for tipo, nossa in _DA_MAQUINA
                if isinstance(erro, tipo)
            ),
            ErroInterno(),
        )
    return Told(
        falha.codigo,
        falha.mensagem,
        falha.status,
        ours=isinstance(falha, ErroInterno),
        argument=falha.argumento,
        wait=getattr(erro, "wait", falha.espera),
        became=falha.ficou,
    )
