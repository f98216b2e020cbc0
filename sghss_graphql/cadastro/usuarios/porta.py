"""The door of usuarios: a person gets a papel inside the caller's transaction."""

from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.cadastro.usuarios import store
from sghss_graphql.cadastro.usuarios.regras import Atos, Codigos
from sghss_graphql.cadastro.usuarios.store import Conta
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
from sghss_graphql.vocabulario.texto import ordem

CHAVES_DO_CPF = ("pessoa_cpf",)
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


async def dar_papel(tx: Transaction, papel: Papel, pessoa: Pessoa, *, senha: str | None, por: Quem | None) -> Conta:
    """Give a papel to whoever has the pessoa's CPF, registering them if they are new; give their keys.

    Whoever is known already keeps their password, their names and their contacts; what wasn't known of them is filled
    in. ``por`` is the member of staff who registers, None when the person registers themself. ``senha`` is a bcrypt
    hash.

    Raises:
        Recusa: CPF_JA_CADASTRADO; they have the papel already, or would register over an existing person.
        Proibido: ``por`` would change their own papéis.
    """
    if pessoa.cpf is None:
        raise RuntimeError("without a CPF nobody logs in")
    conta = await store.conta(tx, pessoa.cpf)
    if conta is None:
        conta = Conta(pessoa.chave, ids.nova_chave(), frozenset())
        pessoas.registrar(tx, pessoa)
        _abrir(tx, conta, senha, troca=por is not None and senha is not None)
    else:
        if por is None or papel in conta.papeis:
            raise cpf_ja_cadastrado()
        if por.usuario == conta.usuario:
            raise Proibido("Ninguém muda os próprios papéis: peça a outra pessoa da equipe.")
        pessoas.completar(tx, conta.pessoa, pessoa)
    with tx.on_duplicate(lambda _: cpf_ja_cadastrado()):
        store.inserir_papel(tx, conta.usuario, papel)
    return conta


async def exigir_que_possa_mudar(db: Reader, quem: Quem, pessoa: bytes) -> None:
    """Check that somebody of the desk may change a pessoa's names, CPF, birth and contacts.

    Whoever could change an administrator's e-mail would own the administrator.

    Raises:
        Proibido: the person works here, and ``quem`` is no other administrator.
    """
    conta = await store.conta_da_pessoa(db, pessoa)
    if conta is None or conta.papeis <= {Papel.PACIENTE}:
        return
    if Papel.ADMINISTRADOR not in quem.papeis or conta.usuario == quem.usuario:
        raise Proibido("Os dados de quem trabalha no hospital são mudados por outro administrador.")


async def abrir_conta(tx: Transaction, papel: Papel, pessoa: bytes) -> None:
    """Let a pessoa who has just got a CPF log in, once they have set a password."""
    conta = Conta(pessoa, ids.nova_chave(), frozenset())
    _abrir(tx, conta, None, troca=False)
    store.inserir_papel(tx, conta.usuario, papel)


def _abrir(tx: Transaction, conta: Conta, senha: str | None, *, troca: bool) -> None:
    store.inserir(tx, conta.usuario, conta.pessoa, senha, troca, agora())


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
    conta = Conta(ids.nova_chave(), ids.nova_chave(), frozenset())
    with tx.on_duplicate(lambda _: cpf_ja_cadastrado()):
        pessoas.registrar(tx, Pessoa(conta.pessoa, cpf, nome, None, ordem(nome), None, None, None, agora()))
    _abrir(tx, conta, senha, troca=True)
    store.inserir_papel(tx, conta.usuario, Papel.ADMINISTRADOR)
    auditoria.registrar(tx, Registro(Atos.CRIAR_ADMINISTRADOR, Autor(None), alvo=conta.usuario))


async def desbloquear(tx: Transaction, tentativas: Tentativas, cpf: CPF) -> None:
    """Forget the failed log-ins of a CPF, from the command line: whoever is at it has the database.

    Raises:
        Recusa: nobody has this CPF.
    """
    conta = await store.conta(tx, cpf)
    if conta is None:
        raise Recusa(Gerais.NAO_ENCONTRADO, "Não há cadastro com este CPF.")
    tentativas.desbloquear(tx, cpf)
    auditoria.registrar(tx, Registro(Atos.DESBLOQUEAR_LOGIN, Autor(None), alvo=conta.usuario))
