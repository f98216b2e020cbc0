"""The door of usuarios: a person gets a papel inside the caller's transaction."""

from sghss_graphql.cadastro.usuarios import store
from sghss_graphql.cadastro.usuarios.regras import Atos, Codigos
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import SiMesmo
from sghss_graphql.confianca.acesso.tentativas import Tentativas
from sghss_graphql.confianca.auditoria import porta as auditoria
from sghss_graphql.confianca.auditoria.atos import Autor, Registro
from sghss_graphql.machinery.database import Reader, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Proibido, Recusa
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import agora

CHAVES_DO_CPF = ("usuario_cpf",)
"""Unique keys on which the transaction around ``dar_papel`` is retried: someone else registered the same CPF."""


async def eu(db: Reader, quem: Quem | None) -> Usuario:
    """Give who asks.

    Raises:
        NaoAutenticado: nobody does.
    """
    return await store.eu(db, exigir(quem, SiMesmo).quem)


def cpf_ja_cadastrado() -> Recusa:
    """Make the refusal of a CPF that already has this papel."""
    return Recusa(
        Codigos.CPF_JA_CADASTRADO,
        "Já existe cadastro com este CPF. Entre com ele ou, se não foi você, procure a recepção.",
        "input",
        "cpf",
    )


async def dar_papel(
    tx: Transaction,
    papel: Papel,
    *,
    cpf: CPF,
    nome: str,
    email: str | None,
    senha: str | None,
    por: Quem | None,
) -> bytes:
    """Give a papel to the person of this CPF, registering them if they are new; give their key.

    Whoever is known already keeps their password. ``por`` is the member of staff who registers, None when
    the person registers themself. ``senha`` is a bcrypt hash.

    Raises:
        Recusa: CPF_JA_CADASTRADO; they have the papel already, or would register over an existing person.
        Proibido: ``por`` would change their own papéis.
    """
    conhecido = await store.papeis_de(tx, cpf)
    if conhecido is None:
        usuario = ids.nova_chave()
        troca = por is not None and senha is not None
        store.inserir(tx, usuario, cpf, nome, email, senha, troca, agora())
    else:
        usuario, papeis = conhecido
        if por is None or papel in papeis:
            raise cpf_ja_cadastrado()
        if por.usuario == usuario:
            raise Proibido("Ninguém muda os próprios papéis: peça a outra pessoa da equipe.")
    with tx.on_duplicate(lambda _: cpf_ja_cadastrado()):
        store.inserir_papel(tx, usuario, papel)
    return usuario


def renomear(tx: Transaction, usuario: bytes, nome: str) -> None:
    """Change a person's name."""
    store.renomear(tx, usuario, nome)


async def primeiro_administrador(tx: Transaction, cpf: CPF, nome: str, senha: str) -> None:
    """Register the first administrador of an empty hospital; they must change the password at first login.

    ``senha`` is a bcrypt hash.

    Raises:
        Recusa: there is one already, or someone registered on this CPF, who may not be who they say.
    """
    if await store.ha_administrador(tx):
        raise Recusa(
            Gerais.VALOR_INVALIDO,
            "O hospital já tem um administrador: peça a ele o cadastro de outros.",
        )
    usuario = ids.nova_chave()
    with tx.on_duplicate(lambda _: cpf_ja_cadastrado()):
        store.inserir(tx, usuario, cpf, nome, None, senha, True, agora())
    store.inserir_papel(tx, usuario, Papel.ADMINISTRADOR)
    auditoria.registrar(tx, Registro(Atos.CRIAR_ADMINISTRADOR, Autor(None), alvo=usuario))


async def desbloquear(tx: Transaction, tentativas: Tentativas, cpf: CPF) -> None:
    """Forget the failed log-ins of a CPF, from the command line: whoever is at it has the database.

    Raises:
        Recusa: nobody has this CPF.
    """
    conhecido = await store.papeis_de(tx, cpf)
    if conhecido is None:
        raise Recusa(Gerais.NAO_ENCONTRADO, "Não há cadastro com este CPF.")
    tentativas.desbloquear(tx, cpf)
    auditoria.registrar(tx, Registro(Atos.DESBLOQUEAR_LOGIN, Autor(None), alvo=conhecido[0]))
