"""Give and take papéis; deactivate, reactivate and correct accounts. Nobody does it to themself."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated, Any

import strawberry
from strawberry import ID, UNSET, argument

from sghss_graphql.cadastro.codigos.porta import Codigo, novo_codigo
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas import regras
from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.cadastro.usuarios import porta, store
from sghss_graphql.cadastro.usuarios.regras import Atos, Codigos, motivo_da_desativacao
from sghss_graphql.cadastro.usuarios.store import Conta
from sghss_graphql.cadastro.usuarios.types import Usuario, UsuarioPayload
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import CuidarDeUsuarios
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.atos import Ato
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Formulario, Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import SE_VERSAO, mutation
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.texto import ordem

IdDoUsuario = Annotated[ID, argument(description="Id do usuário.")]
Mudanca = Callable[[Transaction, Conta], Awaitable[bool]]
"""Changes an account that is held; tells whether a code was handed over."""


@strawberry.input(description="O que muda de quem entra; o que não for enviado fica como está.")
class AtualizarUsuarioInput:
    """Of atualizarUsuario."""

    usuario_id: ID = strawberry.field(description="Id do usuário.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    nome: str | None = strawberry.field(default=UNSET, description="Nome civil completo, até 200 caracteres.")
    cpf: CPF | None = strawberry.field(
        default=UNSET,
        description="O CPF certo, se o registrado foi digitado errado: pede justificativa, e fecha a conta até a pessoa"
        " definir a senha com um código novo.",
    )
    nascimento: date | None = strawberry.field(default=UNSET, description="Data de nascimento; null a remove.")
    email: str | None = strawberry.field(default=UNSET, description="E-mail, até 254 caracteres; null o remove.")
    telefone: str | None = strawberry.field(
        default=UNSET, description="Telefone, com DDD, até 25 caracteres; null o remove."
    )
    justificativa: str | None = strawberry.field(default=None, description=porta.JUSTIFICATIVA_DO_CPF)


@strawberry.type
class ContasMutation:
    """The part of Mutation that is about what administrators do to accounts."""

    @mutation(
        "Dá um papel a alguém. PACIENTE e PROFISSIONAL pedem antes o cadastro. O primeiro papel de equipe anula a"
        " senha: o código de acesso, mostrado só desta vez, é o que abre a conta.",
        repete=False,
    )
    async def conceder_papel(
        self, info: Info, usuario_id: IdDoUsuario, papel: Annotated[Papel, argument(description="O papel.")]
    ) -> UsuarioPayload:
        """Give a papel."""
        contexto = info.context
        codigo = await novo_codigo(contexto.servicos.senhas)

        async def dar(tx: Transaction, conta: Conta) -> bool:
            return await porta.conceder(tx, contexto.servicos, conta, papel, codigo, contexto.quem)

        return await _mudar(contexto, usuario_id, Atos.CONCEDER_PAPEL, dar, codigo=codigo)

    @mutation("Tira um papel de alguém; o último que a pessoa tem não se tira: desative-a.")
    async def retirar_papel(
        self, info: Info, usuario_id: IdDoUsuario, papel: Annotated[Papel, argument(description="O papel.")]
    ) -> UsuarioPayload:
        """Take a papel."""
        contexto = info.context

        async def tirar(tx: Transaction, conta: Conta) -> bool:
            await porta.retirar(tx, contexto.servicos, conta, papel)
            return False

        return await _mudar(contexto, usuario_id, Atos.RETIRAR_PAPEL, tirar)

    @mutation(
        "Desativa quem entra: as sessões e os códigos terminam na hora, e as consultas marcadas ficam. Quem já agiu"
        " nunca é apagado."
    )
    async def desativar_usuario(
        self,
        info: Info,
        usuario_id: IdDoUsuario,
        motivo: Annotated[str, argument(description="Por que é desativado; de 1 a 1.000 caracteres.")],
    ) -> UsuarioPayload:
        """Deactivate someone."""
        contexto = info.context
        lido = motivo_da_desativacao(motivo)

        async def parar(tx: Transaction, conta: Conta) -> bool:
            await porta.desativar(tx, contexto.servicos, conta, lido)
            return False

        return await _mudar(contexto, usuario_id, Atos.DESATIVAR_USUARIO, parar)

    @mutation(
        "Reativa quem foi desativado, com um código de acesso novo, mostrado só desta vez; nunca com a senha de antes.",
        repete=False,
    )
    async def reativar_usuario(self, info: Info, usuario_id: IdDoUsuario) -> UsuarioPayload:
        """Reactivate someone."""
        contexto = info.context
        codigo = await novo_codigo(contexto.servicos.senhas)

        async def voltar(tx: Transaction, conta: Conta) -> bool:
            if conta.ativo:
                raise valor_invalido("Este cadastro não está desativado.", "usuarioId")
            pessoa = await pessoas.uma(tx, conta.pessoa)
            if not await store.reativar(tx, conta.usuario):
                raise valor_invalido(
                    "O cadastro de paciente foi unificado com outro: a pessoa entra por ele, ou se desfaz a unificação"
                    " (desfazerUnificacao).",
                    "usuarioId",
                )
            pessoas.mudou(tx, conta.pessoa)
            porta.entregar(tx, contexto.servicos, conta.usuario, pessoa.cpf, codigo, contexto.quem)
            return True

        return await _mudar(contexto, usuario_id, Atos.REATIVAR_USUARIO, voltar, codigo=codigo)

    @mutation("Corrige o nome, o nascimento, o contato ou, se foi digitado errado, o CPF de quem entra.")
    async def atualizar_usuario(
        self, info: Info, input: Annotated[AtualizarUsuarioInput, argument(description="O que muda.")]
    ) -> UsuarioPayload:
        """Change the data of someone."""
        contexto = info.context
        hoje = contexto.servicos.hoje()
        lidos, justificativa = _ler(input, hoje)

        async def corrigir(tx: Transaction, conta: Conta) -> bool:
            atual = await pessoas.uma(tx, conta.pessoa)
            if input.se_versao is not None and input.se_versao != atual.versao:
                raise porta.conflito_de_versao(usuario=await store.por_chave(tx, conta.usuario))
            if "nascimento" in lidos:
                regras.obito(atual.obito_em, lidos["nascimento"], hoje, "input", "nascimento")
            nova = replace(atual, **lidos)
            if nova == atual:
                raise valor_invalido("Nada muda: envie o que é diferente do que há.", "input")
            if input.cpf is not UNSET and input.cpf != atual.cpf:
                await _corrigir_cpf(contexto, tx, conta, atual, input.cpf, justificativa)
            with tx.on_duplicate(lambda _: porta.cpf_ja_cadastrado()):
                await pessoas.mudar(tx, atual, nova)
                await tx.flush()
            return False

        try:
            return await _mudar(contexto, input.usuario_id, Atos.ATUALIZAR_USUARIO, corrigir, ("input", "usuarioId"))
        except Recusa as recusa:
            if recusa.codigo is Codigos.CPF_JA_CADASTRADO and input.cpf:
                await contexto.db.transaction(partial(_conhecer, contexto, input.cpf))
            raise


async def _conhecer(contexto: Contexto, cpf: CPF, tx: Transaction) -> None:
    """Let an account that nobody has verified wait, once its CPF was said at the desk."""
    await porta.conhecido(tx, contexto.servicos, cpf)


def _ler(input: AtualizarUsuarioInput, hoje: date) -> tuple[dict[str, Any], str | None]:
    """Read what was sent: the pessoa's columns by name; and why the CPF would be another."""
    lidos: dict[str, Any] = {}
    porque = input.justificativa
    with Formulario() as formulario:
        if porque:
            porque = formulario.ler(regras.justificativa, porque, "input", "justificativa")
        if input.nome is not UNSET:
            lidos["nome"] = formulario.ler(regras.nome, input.nome or "", "input", "nome")
            lidos["ordem"] = ordem(input.nome or "")
        if input.cpf is not UNSET:
            lidos["cpf"] = input.cpf
        if input.nascimento is not UNSET:
            nascido = input.nascimento
            lidos["nascimento"] = nascido and formulario.ler(regras.nascimento, nascido, hoje, "input", "nascimento")
        if input.email is not UNSET:
            lidos["email"] = formulario.ler(regras.email, input.email, "input", "email")
        if input.telefone is not UNSET:
            lidos["telefone"] = formulario.ler(regras.telefone, input.telefone, "input", "telefone")
    return lidos, porque


async def _corrigir_cpf(
    contexto: Contexto, tx: Transaction, conta: Conta, atual: Pessoa, cpf: CPF | None, justificativa: str | None
) -> None:
    quem = contexto.exigir(CuidarDeUsuarios).quem
    porque = porta.por_que_outro_cpf(quem, atual.cpf, cpf, justificativa)
    if cpf is not None and porque is not None:
        await porta.corrigir_cpf(tx, contexto.servicos, quem, atual, cpf, porque)
        contexto.registrar(tx, Atos.CORRIGIR_CPF, alvo=conta.usuario)


async def _mudar(
    contexto: Contexto,
    id: str,
    ato: Ato,
    mudar: Mudanca,
    campo: tuple[str, ...] = ("usuarioId",),
    codigo: Codigo | None = None,
) -> UsuarioPayload:
    """Change an account, held meanwhile, that isn't one's own."""
    quem = contexto.exigir(CuidarDeUsuarios).quem

    async def work(tx: Transaction) -> tuple[Conta, bool]:
        await contexto.servicos.sessoes.exigir_ainda(tx, quem, CuidarDeUsuarios)
        conta = await store.segurar(tx, ids.chave(Usuario.prefixo, id))
        if conta is None:
            raise Recusa(Gerais.NAO_ENCONTRADO, "Não há usuário com este id.", *campo)
        if conta.usuario == quem.usuario:
            raise Proibido("Ninguém muda a própria conta: peça a outro administrador.")
        entregue = await mudar(tx, conta)
        contexto.servicos.sessoes.suspender_usuario(tx, conta.usuario)
        contexto.registrar(tx, ato, alvo=conta.usuario)
        return conta, entregue

    conta, entregue = await contexto.db.transaction(work)
    return UsuarioPayload(
        usuario=await porta.um(contexto.db, quem, conta.usuario),
        codigo_de_acesso=codigo.para_mostrar() if codigo and entregue else None,
    )
