"""The door of usuarios: a person gets a papel inside the caller's transaction, and a code to set a password with."""

from collections.abc import Sequence
from dataclasses import replace

from sghss_graphql.cadastro.codigos import porta as codigos
from sghss_graphql.cadastro.codigos.porta import Codigo
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas.types import Ficha, Pessoa
from sghss_graphql.cadastro.usuarios import store
from sghss_graphql.cadastro.usuarios.porta.correcao import JUSTIFICATIVA_DO_CPF as JUSTIFICATIVA_DO_CPF
from sghss_graphql.cadastro.usuarios.porta.correcao import corrigir_cpf as corrigir_cpf
from sghss_graphql.cadastro.usuarios.porta.correcao import fechar
from sghss_graphql.cadastro.usuarios.porta.correcao import por_que_outro_cpf as por_que_outro_cpf
from sghss_graphql.cadastro.usuarios.regras import Atos, Busca, Codigos
from sghss_graphql.cadastro.usuarios.store import Conta
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso.checagem import exigir, pode
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import SiMesmo, VerUsuarios
from sghss_graphql.confianca.acesso.tentativas import Tentativas
from sghss_graphql.confianca.auditoria import porta as auditoria
from sghss_graphql.confianca.auditoria.atos import Autor, Registro
from sghss_graphql.context import Servicos
from sghss_graphql.machinery.database import Reader, Transaction
from sghss_graphql.machinery.engine import Page
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import ordem

_UNIFICADA = "cadastro unificado com outro"
CHAVES_DO_CPF = ("pessoa_cpf",)
"""Unique keys on which the transaction around ``dar_papel`` is retried: someone else registered the same CPF."""


async def eu(db: Reader, quem: Quem | None) -> Usuario:
    """Give who asks.

    Raises:
        NaoAutenticado: nobody does.
    """
    return await store.eu(db, exigir(quem, SiMesmo).quem)


async def um(db: Reader, quem: Quem | None, chave: bytes | None) -> Usuario | None:
    """Give oneself, or, to an administrador, whoever logs in; None for anyone else.

    Raises:
        NaoAutenticado: nobody asks.
    """
    if quem is not None and chave == quem.usuario:
        return await eu(db, quem)
    exigir(quem, SiMesmo)
    if chave is None or not pode(quem, VerUsuarios):
        return None
    return (await store.por_ids(db, exigir(quem, VerUsuarios), [chave])).get(chave)


async def de_cada(db: Reader, quem: Quem | None, chaves: Sequence[bytes]) -> list[Usuario | None]:
    """Give the usuario of each key, in order; None for whom the caller may not see."""
    if pode(quem, VerUsuarios):
        achados = await store.por_ids(db, exigir(quem, VerUsuarios), chaves)
        return [achados.get(chave) for chave in chaves]
    return [await um(db, quem, chave) for chave in chaves]


async def nomes(db: Reader, chaves: Sequence[bytes]) -> dict[bytes, str]:
    """Give the names of those who did something that the caller sees, by key."""
    return await store.nomes(db, chaves)


def cpf_ja_cadastrado() -> Recusa:
    """Make the refusal of a CPF that already has this papel."""
    return Recusa(
        Codigos.CPF_JA_CADASTRADO,
        "Já existe cadastro com este CPF. Se é o seu, e não foi você quem o fez, peça um código na recepção.",
        "input",
        "cpf",
    )


def entregar(
    tx: Transaction, servicos: Servicos, usuario: bytes, cpf: CPF | None, codigo: Codigo, por: Quem | None
) -> None:
    """Let nothing but a code open an account: its password, its other codes and its sessions are of the past."""
    fechar(tx, servicos, usuario)
    codigos.guardar(tx, usuario, codigo, por.usuario if por else None)
    if cpf is not None:
        servicos.tentativas.desbloquear(tx, cpf)


def conflito_de_versao(**dados: object) -> Recusa:
    """Make the refusal of a change to what was changed meanwhile; ``dados`` are what is there now."""
    return Recusa(
        Codigos.CONFLITO_DE_VERSAO,
        "Isto mudou depois que foi lido: confira o que há agora, e tente de novo.",
        *("input", "seVersao"),
        **dados,
    )


async def dar_papel(
    tx: Transaction,
    servicos: Servicos,
    papel: Papel,
    pessoa: Pessoa,
    ficha: Ficha | None = None,
    *,
    por: Quem | None,
    senha: str | None = None,
    codigo: Codigo | None = None,
) -> tuple[Conta, bool]:
    """Give a papel to whoever has the pessoa's CPF, registering them if they are new; tell if the code is theirs now.

    Whoever is known already keeps their names and their contacts; what wasn't known of them is filled in. Their
    password they keep, too, unless this is their first papel of staff: that never rests on a password that somebody
    else could have chosen. ``por`` is the member of staff who registers, None when the person registers themself, with
    ``senha``, a bcrypt hash.

    Raises:
        Recusa: CPF_JA_CADASTRADO; they have the papel already, or would register over an existing person.
        Proibido: ``por`` would change their own papéis.
    """
    if pessoa.cpf is None:
        raise RuntimeError("without a CPF nobody logs in")
    conta = await conta_segura(tx, pessoa.cpf)
    if conta is None and por is not None and await pessoas.por_cpf(tx, pessoa.cpf) is not None:
        conta = await conta_segura(tx, pessoa.cpf)  # of whoever registered meanwhile
        if conta is None:
            raise cpf_ja_cadastrado()  # of somebody whose life goes on in another registration
    if conta is None:
        conta = Conta(pessoa.chave, ids.nova_chave(), frozenset())
        pessoas.registrar(tx, pessoa, ficha)
        store.inserir(tx, conta.usuario, conta.pessoa, senha, False, None, agora())
    else:
        if por is None or papel in conta.papeis:
            raise cpf_ja_cadastrado()
        _exigir_outra_pessoa(por, conta.usuario)
        if not conta.ativo:
            raise valor_invalido("Este cadastro está desativado: um administrador o reativa antes.", "input", "cpf")
        await _acertar_dados(tx, conta, papel, pessoa, ficha, por)
    with tx.on_duplicate(lambda _: cpf_ja_cadastrado()):
        store.inserir_papel(tx, conta.usuario, papel)
    entregue = codigo is not None and papel is not Papel.PACIENTE and not conta.da_equipe
    if codigo is not None and entregue:
        entregar(tx, servicos, conta.usuario, pessoa.cpf, codigo, por)
    return conta, entregue


async def _acertar_dados(
    tx: Transaction, conta: Conta, papel: Papel, pessoa: Pessoa, ficha: Ficha | None, por: Quem
) -> None:
    """Write what is typed now of whoever is known already.

    Of those who work here only an administrator does, and of the others what is known stays; but what an account has
    typed that nobody verified is its word alone, and isn't what staff go by.
    """
    if conta.da_equipe and Papel.ADMINISTRADOR not in por.papeis:
        return
    if papel is not Papel.PACIENTE and not conta.verificada and not conta.da_equipe:
        atual = await pessoas.uma(tx, conta.pessoa)
        dita = replace(pessoa, chave=atual.chave, nascimento=atual.nascimento, criado_em=atual.criado_em)
        await pessoas.mudar(tx, atual, replace(dita, versao=atual.versao))
    else:
        await pessoas.completar(tx, conta.pessoa, pessoa, ficha)


async def conhecido(tx: Transaction, servicos: Servicos, cpf: CPF) -> bool:
    """Tell the desk, which has somebody before it, whether their CPF is registered.

    The account that there is, if nobody has verified it, waits from now on; so the transaction must be committed.
    """
    if await pessoas.por_cpf(tx, cpf) is None:
        return False
    conta = await store.conta(tx, cpf)
    if conta is not None:
        servicos.sessoes.suspender_usuario(tx, conta.usuario)
    return True


async def conta_segura(tx: Transaction, cpf: CPF) -> Conta | None:
    """Give who logs in with a CPF, held until the transaction ends; None if nobody does.

    Whoever hands out a code and whoever gives a papel of staff wait for each other: a code is for what its account is.
    """
    achada = await store.conta(tx, cpf)
    if achada is not None:
        await store.segurar(tx, achada.usuario)
    return achada and await store.conta(tx, cpf)  # not whoever's CPF was corrected meanwhile


def _exigir_outra_pessoa(quem: Quem, usuario: bytes) -> None:
    if quem.usuario == usuario:
        raise Proibido("Ninguém muda os próprios papéis: peça a outra pessoa da equipe.")


async def conceder(
    tx: Transaction, servicos: Servicos, conta: Conta, papel: Papel, codigo: Codigo, por: Quem | None
) -> bool:
    """Give a papel to an account that is held; tell whether the code is theirs now: of the first papel of staff.

    Raises:
        Recusa: VALOR_INVALIDO; they have it, are deactivated, or lack the registration that it rests on.
    """
    if papel in conta.papeis:
        raise valor_invalido("A pessoa já tem este papel.", "papel")
    if not conta.ativo:
        raise valor_invalido("Este cadastro está desativado: reative-o antes.", "usuarioId")
    if not await store.tem_cadastro(tx, conta.pessoa, papel):
        como = "cadastrarPaciente" if papel is Papel.PACIENTE else "cadastrarProfissional"
        raise valor_invalido(f"A pessoa ainda não tem o cadastro deste papel: use {como}.", "papel")
    store.inserir_papel(tx, conta.usuario, papel)
    pessoas.mudou(tx, conta.pessoa)
    servicos.sessoes.reconsiderar(conta.usuario)
    if papel is Papel.PACIENTE or conta.da_equipe:
        return False
    pessoa = await pessoas.uma(tx, conta.pessoa)
    entregar(tx, servicos, conta.usuario, pessoa.cpf, codigo, por)
    return True


async def retirar(tx: Transaction, servicos: Servicos, conta: Conta, papel: Papel) -> None:
    """Take a papel from an account that is held.

    Raises:
        Recusa: VALOR_INVALIDO, it isn't theirs, or is their only one; ULTIMO_ADMINISTRADOR.
    """
    if papel not in conta.papeis:
        raise valor_invalido("A pessoa não tem este papel.", "papel")
    if conta.papeis == {papel}:
        raise valor_invalido("É o único papel da pessoa: em vez disso, desative-a (desativarUsuario).", "papel")
    if papel is Papel.ADMINISTRADOR:
        await _exigir_outro_administrador(tx, conta, "papel")
    store.apagar_papel(tx, conta.usuario, papel)
    pessoas.mudou(tx, conta.pessoa)
    servicos.sessoes.reconsiderar(conta.usuario)


async def desativar(tx: Transaction, servicos: Servicos, conta: Conta, motivo: str) -> None:
    """Let nobody log in with an account that is held; its sessions and codes end.

    Raises:
        Recusa: VALOR_INVALIDO, it is deactivated already; ULTIMO_ADMINISTRADOR.
    """
    if not conta.ativo:
        raise valor_invalido("Este cadastro já está desativado.", "usuarioId")
    if Papel.ADMINISTRADOR in conta.papeis:
        await _exigir_outro_administrador(tx, conta, "usuarioId")
    store.desativar(tx, conta.usuario, motivo, agora())
    pessoas.mudou(tx, conta.pessoa)
    codigos.apagar(tx, conta.usuario)
    servicos.sessoes.encerrar_todas(tx, conta.usuario)


async def _exigir_outro_administrador(tx: Transaction, conta: Conta, *campo: str) -> None:
    if not await store.outro_administrador(tx, conta.usuario):
        raise Recusa(
            Codigos.ULTIMO_ADMINISTRADOR,
            "É o único administrador ativo do hospital: dê antes o papel a outra pessoa.",
            *campo,
        )


async def fechar_unificada(tx: Transaction, servicos: Servicos, pessoa: bytes) -> None:
    """Let nobody log in any more as somebody whose life goes on in another registration.

    Raises:
        Recusa: VALOR_INVALIDO; they work here, and it is the other registration that should be left over.
    """
    achada = await store.conta_da_pessoa(tx, pessoa)
    conta = await store.segurar(tx, achada.usuario) if achada else None
    if conta is None:
        return
    if conta.da_equipe:
        raise valor_invalido(
            "A pessoa trabalha no hospital por este cadastro: que fique ele (paraId).", "input", "deId"
        )
    if conta.ativo:
        await desativar(tx, servicos, conta, _UNIFICADA)


async def reabrir_unificada(tx: Transaction, pessoa: bytes) -> None:
    """Let somebody log in again, with a code from the desk, if it was joining registrations that kept them out."""
    conta = await store.conta_da_pessoa(tx, pessoa)
    if conta is None and (await pessoas.uma(tx, pessoa)).cpf is not None:
        await abrir_conta(tx, Papel.PACIENTE, pessoa)  # the CPF was found out while they were joined
    if conta is not None and await store.reativar(tx, conta.usuario, _UNIFICADA):
        store.esquecer_senha(tx, conta.usuario)


async def do_cpf(tx: Transaction, cpf: CPF) -> Conta:
    """Give the account of a CPF, held until the transaction ends: for the command line, whose user has the database.

    Raises:
        Recusa: NAO_ENCONTRADO.
    """
    conta = await conta_segura(tx, cpf)
    if conta is None:
        raise Recusa(Gerais.NAO_ENCONTRADO, "Não há cadastro com este CPF.")
    return conta


async def provar(servicos: Servicos, cpf: CPF, senha: str) -> Conta | None:
    """Give the account of whoever proves by its password who they are, on the command line; None if they don't."""
    credencial = await store.credencial(servicos.db, cpf)
    certa = await servicos.senhas.confere(senha, credencial.senha if credencial else None)
    return await store.conta(servicos.db, cpf) if certa and credencial and not credencial.espera else None


def exigir_que_entre(conta: Conta) -> None:
    """Check that an account can be logged in to.

    Raises:
        Recusa: VALOR_INVALIDO; it is deactivated, or waits for its code.
    """
    if not conta.ativo:
        raise valor_invalido("Este cadastro está desativado: reative-o antes.")
    if conta.espera:
        raise valor_invalido("Esta conta espera que a pessoa defina a senha com um código (usuario codigo).")


async def todos(db: Reader, busca: Busca, pagina: Page) -> list[Usuario]:
    """Give a page of usuarios, by name: for the command line, whose user has the database."""
    return await store.buscar(db, None, busca, pagina)


async def verificadas(db: Reader, pessoas: Sequence[bytes]) -> frozenset[bytes]:
    """Give those of some pessoas whose account was verified at the desk."""
    return await store.verificadas(db, pessoas)


async def exigir_que_possa_mudar(db: Reader, quem: Quem, pessoa: bytes) -> None:
    """Check that somebody of the desk may change a pessoa's names, CPF, birth and contacts.

    Whoever could change an administrator's e-mail would own the administrator.

    Raises:
        Proibido: the person works here, by any of their registrations, and ``quem`` is no other administrator.
    """
    equipe = await store.da_equipe(db, pessoa)
    if equipe and (Papel.ADMINISTRADOR not in quem.papeis or quem.usuario in equipe):
        raise Proibido("Os dados de quem trabalha no hospital são mudados por outro administrador.")


async def abrir_conta(tx: Transaction, papel: Papel, pessoa: bytes) -> None:
    """Let a pessoa who has just got a CPF log in, once they have set a password.

    Not whoever's life goes on in another registration: that one's login is theirs.
    """
    if await store.segue_em_outra(tx, pessoa):
        return
    usuario = ids.nova_chave()
    store.inserir(tx, usuario, pessoa, None, False, None, agora())
    store.inserir_papel(tx, usuario, papel)


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
        pessoas.registrar(tx, Pessoa(conta.pessoa, cpf, nome, ordem(nome), agora()))
    store.inserir(tx, conta.usuario, conta.pessoa, senha, True, agora(), agora())
    store.inserir_papel(tx, conta.usuario, Papel.ADMINISTRADOR)
    auditoria.registrar(tx, Registro(Atos.CRIAR_ADMINISTRADOR, Autor(None), alvo=conta.usuario))


async def desbloquear(tx: Transaction, tentativas: Tentativas, cpf: CPF) -> None:
    """Forget the failed log-ins of a CPF, from the command line.

    Raises:
        Recusa: nobody has this CPF.
    """
    conta = await do_cpf(tx, cpf)
    tentativas.desbloquear(tx, cpf)
    auditoria.registrar(tx, Registro(Atos.DESBLOQUEAR_LOGIN, Autor(None), alvo=conta.usuario))
