"""The door of pacientes: those whom the caller may see."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Protocol

from sghss_graphql.cadastro.pacientes import store
from sghss_graphql.cadastro.pacientes.regras import Atos, Codigos, pessoa_de
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas.types import Ficha
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.checagem import Alcance, exigir
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import AcessarEmEmergencia, VerPacientes
from sghss_graphql.confianca.auditoria import porta as auditoria
from sghss_graphql.confianca.auditoria.atos import Autor, Registro
from sghss_graphql.machinery.database import Database, DuplicateKey, Fields, Reader, Transaction
from sghss_graphql.vocabulario.errors import Proibido, Recusa

_DE_CADA_VEZ = 500  # pacientes, when all are read


class DeUmPaciente(Protocol):
    """What is about one paciente."""

    @property
    def paciente_chave(self) -> bytes:
        """The key of whom it is about."""


async def dos_vistos(
    db: Reader, quem: Quem | None, vistos: Sequence[DeUmPaciente], campos: Fields = None
) -> list[Paciente]:
    """Give the paciente of each consulta, or care, that the caller was given, in order.

    Whoever sees one of them sees its paciente: that is asked once, when it is read, or care that ends between two
    statements would leave a consulta without anybody.

    Raises:
        NaoAutenticado, Proibido: the caller may see no paciente at all.
    """
    chaves = [um.paciente_chave for um in vistos]
    achados = await store.dos_vistos(db, exigir(quem, VerPacientes), chaves, campos)
    return [achados[chave] for chave in chaves]


async def dos_registros(
    db: Reader, quem: Quem | None, chaves: Sequence[bytes], campos: Fields = None
) -> list[Paciente]:
    """Give the paciente of each record that the caller reads, by key, in order.

    Raises:
        NaoAutenticado: nobody is asking.
        Proibido: the caller wrote it, and may not see its paciente any more: an author reads their own always.
    """
    achados = await store.por_ids(db, exigir(quem, VerPacientes), chaves, campos)
    if not achados.keys() >= set(chaves):
        raise Proibido("O registro continua à vista de quem o escreveu; o cadastro do paciente, não: peça sem ele.")
    return [achados[chave] for chave in chaves]


async def um(db: Reader, quem: Quem | None, chave: bytes | None, campos: Fields = None) -> Paciente | None:
    """Give a paciente whom the caller may see; None for anyone else.

    Raises:
        NaoAutenticado, Proibido: the caller may see no paciente at all.
    """
    alcance = exigir(quem, VerPacientes)
    return (await store.por_ids(db, alcance, [chave], campos)).get(chave) if chave else None


async def e_visto(db: Reader, quem: Quem | None, chave: bytes, achou: bool) -> bool:
    """Tell whether the caller may see a paciente: they do where they ``achou`` (found) something of theirs."""
    return achou or await um(db, quem, chave, frozenset()) is not None


async def dos_usuarios(db: Reader, quem: Quem | None, usuarios: Sequence[bytes]) -> dict[bytes, Paciente]:
    """Give the registrations as pacientes of usuarios, by the usuario's key: those that the caller may see."""
    return await store.por_usuarios(db, exigir(quem, VerPacientes), usuarios)


async def existe(db: Reader, alcance: Alcance[AcessarEmEmergencia], chave: bytes) -> bool:
    """Tell whether there is a paciente whom a profissional would reach in an emergency."""
    return await store.existe(db, alcance, chave)


async def cadastrado(db: Reader, chave: bytes) -> Paciente:
    """Give the paciente who was just registered, to whoever did it."""
    return await store.cadastrado(db, chave)


async def importar(tx: Transaction, paciente: Paciente, ficha: Ficha, *, mesmo_se_duplicado: bool) -> None:
    """Register somebody who stood in a list, from the command line, whose user has the database.

    Raises:
        Recusa: CPF_JA_CADASTRADO, CNS_JA_CADASTRADO, POSSIVEL_DUPLICADO.
    """
    if paciente.cpf is not None and await pessoas.por_cpf(tx, paciente.cpf) is not None:
        raise usuarios.cpf_ja_cadastrado()
    pessoas.um_de_cada_vez(tx, paciente.nascimento)
    achados = [] if mesmo_se_duplicado else await store.duplicados(tx, None, paciente)
    if achados:
        quais = ", ".join(achado.numero for achado in achados)
        raise Recusa(
            Codigos.POSSIVEL_DUPLICADO, f"Já há quem nasceu no mesmo dia com o mesmo nome, mãe ou telefone: {quais}."
        )
    with tx.on_duplicate(ja_cadastrado):
        pessoas.registrar(tx, pessoa_de(paciente), ficha)
        store.inserir(tx, paciente, paciente.pessoa)
        if paciente.cpf is not None:
            await usuarios.abrir_conta(tx, Papel.PACIENTE, paciente.pessoa)
        auditoria.registrar(
            tx, Registro(Atos.CADASTRAR_PACIENTE, Autor(None), paciente=paciente.chave, alvo=paciente.chave)
        )
        await tx.flush()


async def exportar(db: Database, por: Autor) -> AsyncIterator[tuple[Paciente, Ficha]]:
    """Give all pacientes, in the order of their keys, with all that is written of them; the trail has it first."""
    await db.transaction(partial(_registrar_exportacao, por))
    depois = b""
    while linhas := await store.depois_de(db, depois, _DE_CADA_VEZ):
        chaves = [paciente.pessoa for paciente in linhas]
        enderecos, documentos, contatos = (
            await pessoas.enderecos(db, chaves),
            await pessoas.documentos(db, chaves),
            await pessoas.contatos(db, chaves),
        )
        for paciente, onde, papeis, quem in zip(linhas, enderecos, documentos, contatos, strict=True):
            yield paciente, Ficha(onde, tuple(papeis), tuple(quem))
        depois = linhas[-1].chave


async def _registrar_exportacao(por: Autor, tx: Transaction) -> None:
    auditoria.registrar(tx, Registro(Atos.EXPORTAR_PACIENTES, por, campo="pacientes"))


def ja_cadastrado(duplicada: DuplicateKey) -> Recusa:
    """Make the refusal of what a unique key refused, told as what it is."""
    if duplicada.key == "paciente_cns":
        return Recusa(Codigos.CNS_JA_CADASTRADO, "Já existe um paciente com este CNS.", "input", "cns")
    if duplicada.key in ("paciente_de_uma_pessoa", *usuarios.CHAVES_DO_CPF):
        return usuarios.cpf_ja_cadastrado()
    raise duplicada
