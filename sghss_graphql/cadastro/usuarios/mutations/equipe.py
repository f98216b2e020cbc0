"""Register staff; unlock."""

from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.cadastro.codigos.porta import novo_codigo
from sghss_graphql.cadastro.pessoas import regras
from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.cadastro.usuarios import porta
from sghss_graphql.cadastro.usuarios.regras import Atos
from sghss_graphql.cadastro.usuarios.types import Usuario, UsuarioPayload
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import CadastrarFuncionarios, DesbloquearLogins
from sghss_graphql.context import Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Formulario, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import ordem


@strawberry.input(description="Os dados de um funcionário da recepção ou da administração.")
class CadastrarFuncionarioInput:
    """Of cadastrarFuncionario."""

    cpf: CPF = strawberry.field(description="CPF do funcionário.")
    nome: str = strawberry.field(description="Nome civil completo, até 200 caracteres.")
    papel: Papel = strawberry.field(description="RECEPCAO ou ADMINISTRADOR.")
    email: str | None = strawberry.field(default=None, description="E-mail para contato, até 254 caracteres.")


@strawberry.type
class EquipeMutation:
    """The part of Mutation that is about those who work here."""

    @mutation("Desbloqueia quem errou a senha demais: as falhas do seu CPF são esquecidas, venham de onde vierem.")
    async def desbloquear_login(
        self, info: Info, usuario_id: Annotated[ID, argument(description="Id de quem está bloqueado.")]
    ) -> UsuarioPayload:
        """Unlock someone."""
        contexto = info.context
        quem = contexto.exigir(DesbloquearLogins).quem

        async def work(tx: Transaction) -> Usuario:
            usuario = await porta.um(tx, quem, ids.chave(Usuario.prefixo, usuario_id))
            if usuario is None:
                raise Recusa(Gerais.NAO_ENCONTRADO, "Não há usuário com este id.", "usuarioId")
            contexto.servicos.tentativas.desbloquear(tx, usuario.cpf)
            contexto.registrar(tx, Atos.DESBLOQUEAR_LOGIN, alvo=usuario.chave)
            return usuario

        return UsuarioPayload(usuario=await contexto.db.transaction(work))

    @mutation(
        "Cadastra alguém da recepção ou da administração. O código de acesso, mostrado só desta vez, é o que abre a"
        " conta; quem já trabalha no hospital conserva a senha.",
        repete=False,
    )
    async def cadastrar_funcionario(
        self,
        info: Info,
        input: Annotated[CadastrarFuncionarioInput, argument(description="Os dados do funcionário.")],
    ) -> UsuarioPayload:
        """Register staff."""
        contexto = info.context
        alcance = contexto.exigir(CadastrarFuncionarios)
        with Formulario() as formulario:
            formulario.ler(_exigir_de_funcionario, input.papel)
            nome = formulario.ler(regras.nome, input.nome, "input", "nome")
            email = formulario.ler(regras.email, input.email, "input", "email")
        codigo = await novo_codigo(contexto.servicos.senhas)

        async def work(tx: Transaction) -> tuple[bytes, bool]:
            pessoa = Pessoa(ids.nova_chave(), input.cpf, nome, ordem(nome), agora(), email=email)
            servicos = contexto.servicos
            await servicos.sessoes.exigir_ainda(tx, alcance.quem, CadastrarFuncionarios)
            conta, entregue = await porta.dar_papel(tx, servicos, input.papel, pessoa, por=alcance.quem, codigo=codigo)
            contexto.registrar(tx, Atos.CADASTRAR_FUNCIONARIO, alvo=conta.usuario)
            return conta.usuario, entregue

        usuario, entregue = await contexto.db.transaction(work, retry_on=porta.CHAVES_DO_CPF)
        cadastrado = await porta.um(contexto.db, alcance.quem, usuario)
        return UsuarioPayload(usuario=cadastrado, codigo_de_acesso=codigo.para_mostrar() if entregue else None)


def _exigir_de_funcionario(papel: Papel) -> None:
    if papel not in (Papel.RECEPCAO, Papel.ADMINISTRADOR):
        raise valor_invalido(
            "Funcionário é RECEPCAO ou ADMINISTRADOR; use cadastrarProfissional ou cadastrarPaciente.", "input", "papel"
        )
