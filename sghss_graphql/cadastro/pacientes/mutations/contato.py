"""Pacientes mend by themselves how they are called and reached."""

from typing import Annotated

import strawberry
from strawberry import UNSET, argument

from sghss_graphql.cadastro.pacientes import porta
from sghss_graphql.cadastro.pacientes.mutations.entradas import exigir_mudanca, exigir_versao, mudado
from sghss_graphql.cadastro.pacientes.regras import Atos, ler_ficha, ler_textos, pessoa_de
from sghss_graphql.cadastro.pacientes.types import PacientePayload
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas.types import ContatoInput, EnderecoInput
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.tabela import MudarContato
from sghss_graphql.context import Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario.errors import Formulario, Proibido
from sghss_graphql.vocabulario.mutations import SE_VERSAO, mutation


@strawberry.input(description="O que muda no próprio cadastro; o que não for enviado fica como está.")
class AtualizarMeuContatoInput:
    """Of atualizarMeuContato."""

    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    nome_social: str | None = strawberry.field(
        default=UNSET, description="Nome social, até 200 caracteres; null o remove."
    )
    email: str | None = strawberry.field(default=UNSET, description="E-mail, até 254 caracteres; null o remove.")
    telefone: str | None = strawberry.field(
        default=UNSET, description="Telefone, com DDD, até 25 caracteres; null o remove."
    )
    endereco: EnderecoInput | None = strawberry.field(
        default=UNSET, description="O endereço, inteiro, no lugar do que há; null o remove."
    )
    contatos: list[ContatoInput] | None = strawberry.field(
        default=UNSET, description="Todos os contatos, até 10, no lugar dos que há; null os remove."
    )


@strawberry.type
class MeuContatoMutation:
    """The part of Mutation by which pacientes mend their own registration."""

    @mutation("Corrige o próprio nome social, contatos e endereço; o resto, na recepção, com documento.")
    async def atualizar_meu_contato(
        self,
        info: Info,
        input: Annotated[AtualizarMeuContatoInput, argument(description="O que muda.")],
    ) -> PacientePayload:
        """Change one's own contacts."""
        contexto = info.context
        alcance = contexto.exigir(MudarContato)
        with Formulario() as formulario:
            lidos = ler_textos(formulario, input, contexto.servicos.hoje())
            ficha = ler_ficha(formulario, input)

        async def work(tx: Transaction) -> bytes:
            atual = await porta.um(tx, alcance.quem, alcance.paciente)
            if atual is None:
                raise Proibido
            exigir_versao(atual, input.se_versao)
            novo = mudado(atual, lidos)
            exigir_mudanca(atual, novo, await pessoas.ficha(tx, atual.pessoa), ficha)
            await usuarios.exigir_que_possa_mudar(tx, alcance.quem, atual.pessoa)
            await pessoas.mudar(tx, pessoa_de(atual), pessoa_de(novo), ficha)
            contexto.registrar(tx, Atos.ATUALIZAR_MEU_CONTATO, paciente=novo.chave, alvo=novo.chave)
            return novo.chave

        chave = await contexto.db.transaction(work)
        return PacientePayload(paciente=await porta.um(contexto.db, alcance.quem, chave))
