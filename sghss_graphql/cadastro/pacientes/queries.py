"""One paciente by id, and pacientes by name or document."""

from collections.abc import Sequence
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.cadastro.pacientes import porta, store
from sghss_graphql.cadastro.pacientes.regras import Leituras
from sghss_graphql.cadastro.pacientes.regras import idade as anos
from sghss_graphql.cadastro.pacientes.regras.busca import Busca, ler_busca
from sghss_graphql.cadastro.pacientes.types import FiltroDePacientes, Paciente
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas.regras import MAIS_DE_CADA
from sghss_graphql.cadastro.pessoas.types import Contato, DocumentoDeIdentificacao, Endereco
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import BuscarPacientes, CadastrarPacientes, VerPacientes
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.engine import (
    After,
    Before,
    Connection,
    Count,
    First,
    Last,
    asked_for,
    dealt,
    page_of,
    relation,
)
from sghss_graphql.vocabulario import ids


@strawberry.type
class PacientesQuery:
    """The part of Query that is about pacientes."""

    @strawberry.field(description="Um paciente; null se não existe para quem pergunta.")
    async def paciente(self, info: Info, id: Annotated[ID, argument(description="Id do paciente.")]) -> Paciente | None:
        """Give one paciente."""
        return await porta.um(info.context.db, info.context.quem, ids.chave(Paciente.prefixo, id), asked_for(info))

    @strawberry.field(
        description="Pacientes que quem pergunta pode ver: primeiro quem tem o nome procurado, depois quem tem as"
        " palavras inteiras, depois os demais, por nome."
    )
    async def pacientes(
        self,
        info: Info,
        busca: Annotated[
            str | None,
            argument(
                description="O que se sabe, junto: o início de palavras do nome ou do nome social, sem distinguir"
                " acentos nem maiúsculas; um CPF, CNS, documento, telefone (com ou sem DDD; com o nome, os quatro"
                " últimos dígitos) ou o número do paciente; a data de nascimento, como 12/03/1980. Até 200 caracteres."
            ),
        ] = None,
        filtro: Annotated[FiltroDePacientes | None, argument(description="O que se sabe, campo por campo.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Paciente] | None:
        """Search pacientes."""
        db, alcance = info.context.db, info.context.exigir(BuscarPacientes)
        pagina = page_of(
            "pacientes", (int, str, bytes), info.context.selo, first=first, after=after, last=last, before=before
        )
        lida = ler_busca(busca, filtro)
        achados = await store.buscar(db, alcance, lida, pagina, asked_for(info)) if lida else []
        return pagina.connection(achados, _posicao, Count.of_one(lambda: _contar(info.context, alcance, lida)))


def _posicao(paciente: Paciente) -> tuple[int, str, bytes]:
    return paciente.grau, paciente.ordem, paciente.pessoa


async def _contar(contexto: Contexto, alcance: Alcance[BuscarPacientes], busca: Busca | None) -> int:
    if busca is None:
        return 0
    if busca.de_um:
        achados = await store.chaves(contexto.db, alcance, busca)
        contexto.leu(Leituras.LER_CADASTRO, achados)  # that they are registered is told
        return len(achados)
    contexto.contou("pacientes")
    return await store.contar(contexto.db, alcance, busca)


@relation(Usuario, description="O cadastro de paciente desta pessoa, se ela tem um.", name="paciente")
async def paciente_do_usuario(usuarios: list[Usuario], info: Info) -> list[Paciente | None]:
    """Give each usuario's registration as a paciente."""
    alcance = info.context.exigir(VerPacientes)
    chaves = [usuario.chave for usuario in usuarios]
    achados = await store.por_usuarios(info.context.db, alcance, chaves, asked_for(info))
    return [achados.get(usuario.chave) for usuario in usuarios]


@relation(Paciente, description="Se a senha em uso foi definida pela pessoa com um código entregue na recepção.")
async def identidade_verificada(pacientes: list[Paciente], info: Info) -> list[bool]:
    """Tell of each paciente whether they have been at the desk."""
    verificadas = await usuarios.verificadas(info.context.db, [paciente.pessoa for paciente in pacientes])
    return [paciente.pessoa in verificadas for paciente in pacientes]


@relation(Paciente, description="Anos completos, hoje, no fuso do hospital; null se não se sabe quando nasceu.")
async def idade(pacientes: list[Paciente], info: Info) -> list[int | None]:
    """Count each paciente's full years."""
    hoje = info.context.servicos.hoje()
    return [None if um.nascimento is None else anos(um.nascimento, hoje) for um in pacientes]


@relation(Paciente, description="Onde mora, se se sabe.")
async def endereco(pacientes: list[Paciente], info: Info) -> list[Endereco | None]:
    """Give each paciente's address."""
    return await pessoas.enderecos(info.context.db, [paciente.pessoa for paciente in pacientes])


@relation(Paciente, description="Os documentos que mostrou, além do CPF, até 10.", size=lambda _: MAIS_DE_CADA)
async def documentos_de_identificacao(pacientes: list[Paciente], info: Info) -> list[list[DocumentoDeIdentificacao]]:
    """Give each paciente's identity documents."""
    return await pessoas.documentos(info.context.db, [paciente.pessoa for paciente in pacientes])


@relation(Paciente, description="Quem se chama numa emergência, até 10 pessoas.", size=lambda _: MAIS_DE_CADA)
async def contatos(pacientes: list[Paciente], info: Info) -> list[list[Contato]]:
    """Give whom to call for each paciente."""
    return await pessoas.contatos(info.context.db, [paciente.pessoa for paciente in pacientes])


@relation(
    Paciente,
    description="Da equipe: quem tem cadastro e pode ser a mesma pessoa (nasceu no mesmo dia, com o mesmo nome, mãe ou"
    " telefone), até 10.",
    size=lambda _: 10,
)
async def possiveis_duplicados(pacientes: list[Paciente], info: Info) -> Sequence[list[Paciente] | None]:
    """Give those who may be the same person as each paciente."""
    alcance = info.context.exigir(CadastrarPacientes)
    chaves = [paciente.chave for paciente in pacientes]
    achados = await store.duplicados_dos(info.context.db, alcance, chaves, asked_for(info))
    return [[um for _, um in de_um] for de_um in dealt(chaves, achados, lambda linha: linha[0])]


@relation(Paciente, description="O cadastro em que a vida deste continua, se foi unificado (unificarPacientes).")
async def unificado_com(pacientes: list[Paciente], info: Info) -> list[Paciente | None]:
    """Give where the life of each registration goes on."""
    pedidas = [paciente.unificado for paciente in pacientes if paciente.unificado is not None]
    alcance = info.context.exigir(VerPacientes)
    achados = await store.por_ids(info.context.db, alcance, pedidas, asked_for(info)) if pedidas else {}
    return [None if um.unificado is None else achados.get(um.unificado) for um in pacientes]
