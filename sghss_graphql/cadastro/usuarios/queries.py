"""Who one is; and, for administrators, who logs in, and the codes that were handed out."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.cadastro.codigos.types import CodigoEmitido
from sghss_graphql.cadastro.usuarios import porta, store
from sghss_graphql.cadastro.usuarios.regras import Busca
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import VerUsuarios
from sghss_graphql.context import Info
from sghss_graphql.machinery.engine import After, Before, Connection, Count, First, Last, page_of, relation
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.texto import digitos_de, inicios


@strawberry.type
class UsuariosQuery:
    """The part of Query that is about those who log in."""

    @strawberry.field(description="Quem fez este pedido, conforme o token.")
    async def eu(self, info: Info) -> Usuario:
        """Give oneself."""
        return await porta.eu(info.context.db, info.context.quem)

    @strawberry.field(description="Quem entra no sistema, pelo id; null se não existe.")
    async def usuario(self, info: Info, id: Annotated[ID, argument(description="Id do usuário.")]) -> Usuario | None:
        """Give one usuario."""
        info.context.exigir(VerUsuarios)
        return await porta.um(info.context.db, info.context.quem, ids.chave(Usuario.prefixo, id))

    @strawberry.field(description="Quem entra no sistema, por nome.")
    async def usuarios(
        self,
        info: Info,
        busca: Annotated[
            str | None,
            argument(description="O início de palavras do nome, até 200 caracteres; ou um CPF inteiro."),
        ] = None,
        papel: Annotated[Papel | None, argument(description="Só quem tem este papel.")] = None,
        ativo: Annotated[bool | None, argument(description="Só os ativos, ou só os desativados.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Usuario] | None:
        """List usuarios."""
        db, alcance = info.context.db, info.context.exigir(VerUsuarios)
        pagina = page_of(
            "usuarios", (str, bytes), info.context.selo, first=first, after=after, last=last, before=before
        )
        cpf = digitos_de(busca, 11)
        lida = Busca(() if cpf else inicios(busca), cpf, papel, ativo)
        achados = await store.buscar(db, alcance, lida, pagina)
        info.context.contou("usuarios")
        return pagina.connection(
            achados, lambda um: (um.ordem, um.pessoa), Count.of_one(lambda: store.contar(db, alcance, lida))
        )


@relation(CodigoEmitido, description="Para quem foi emitido.")
async def para(codigos: list[CodigoEmitido], info: Info) -> list[Usuario]:
    """Give for whom each code was."""
    alcance = info.context.exigir(VerUsuarios)
    achados = await store.por_ids(info.context.db, alcance, [codigo.para_chave for codigo in codigos])
    return [achados[codigo.para_chave] for codigo in codigos]


@relation(CodigoEmitido, description="Quem o emitiu; null se foi na linha de comando.")
async def por(codigos: list[CodigoEmitido], info: Info) -> list[Usuario | None]:
    """Give who handed each code out."""
    alcance = info.context.exigir(VerUsuarios)
    chaves = [codigo.por_chave for codigo in codigos if codigo.por_chave]
    achados = await store.por_ids(info.context.db, alcance, chaves) if chaves else {}
    return [achados.get(codigo.por_chave or b"") for codigo in codigos]


@relation(
    Usuario,
    description="Até quando o login está bloqueado, de algum lugar, por senhas erradas demais; null se não está.",
)
async def bloqueado_ate(usuarios: list[Usuario], info: Info) -> list[datetime | None]:
    """Give until when each usuario is locked out from somewhere."""
    cpfs = [usuario.cpf for usuario in usuarios]
    ate = await info.context.servicos.tentativas.bloqueados(info.context.db, cpfs)
    return [ate.get(cpf) for cpf in cpfs]
