"""A CPF that was typed wrongly is another's: whoever has it may have opened the account, which closes with it."""

from sghss_graphql.cadastro.codigos import porta as codigos
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas import regras
from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.cadastro.usuarios import store
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.context import Servicos
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario.errors import valor_invalido
from sghss_graphql.vocabulario.scalars import CPF

JUSTIFICATIVA_DO_CPF = "Por que o CPF registrado estava errado: de 10 a 1.000 caracteres; só para trocá-lo."
"""What ``justificativa`` is, on each input that corrects a CPF."""


def por_que_outro_cpf(quem: Quem, atual: CPF | None, novo: CPF | None, justificativa: str | None) -> str | None:
    """Give why a pessoa would have another CPF, as it was read; None where there was none yet.

    Raises:
        Recusa: VALOR_INVALIDO; there is none to write, one that is registered is for administrators, or nobody says
            why.
    """
    if novo is None:
        raise valor_invalido("O CPF registrado não se apaga.", "input", "cpf")
    if atual is None:
        return None
    if Papel.ADMINISTRADOR not in quem.papeis:
        raise valor_invalido(
            "Já há um CPF registrado: se foi digitado errado, um administrador o corrige, com a justificativa.",
            *("input", "cpf"),
        )
    return justificativa or regras.justificativa("", "input", "justificativa")


def fechar(tx: Transaction, servicos: Servicos, usuario: bytes) -> None:
    """Let nothing that opened an account open it any more: its password, its sessions, the networks it came from."""
    store.esquecer_senha(tx, usuario)
    servicos.tentativas.estranhar(tx, usuario)
    servicos.sessoes.encerrar_todas(tx, usuario)


async def corrigir_cpf(
    tx: Transaction, servicos: Servicos, quem: Quem, atual: Pessoa, novo: CPF, justificativa: str
) -> None:
    """Keep that the CPF of a pessoa was wrong, and close the account behind it, until a code from the desk opens it.

    To be called before the pessoa is written: whoever hands out a code holds the account first, too.
    """
    conta = await store.conta_da_pessoa(tx, atual.chave)
    if conta is not None:
        await store.segurar(tx, conta.usuario)
        codigos.apagar(tx, conta.usuario)
        fechar(tx, servicos, conta.usuario)
    pessoas.corrigiu_cpf(tx, atual, novo, justificativa, quem.usuario)
