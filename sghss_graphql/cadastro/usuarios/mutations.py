"""Log in, renew, log out; change a password, set one with a one-time code; register staff."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.cadastro.pessoas import regras
from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.cadastro.usuarios import porta, store
from sghss_graphql.cadastro.usuarios.regras import Atos
from sghss_graphql.cadastro.usuarios.types import Usuario
from sghss_graphql.confianca.acesso import regras as acesso_regras
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.sessao import Credenciais
from sghss_graphql.confianca.acesso.tabela import CadastrarFuncionarios, DesbloquearLogins, EmitirCodigos, SiMesmo
from sghss_graphql.confianca.acesso.tentativas import Tentativa, Tentativas
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.atos import Ato
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import ErroDeUsuario, Formulario, Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import ordem

_VALIDADE_DO_CODIGO = timedelta(days=3)
_LETRAS_DO_CODIGO = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread
_TAMANHO_DO_CODIGO = 10  # 49 bits, and every try counts as a failed login

_ERROS = "Por que o pedido foi recusado; vazio quando deu certo."


@strawberry.type(description="Uma sessão aberta e os seus tokens.")
class Sessao:
    """What a client keeps."""

    token_de_acesso: str = strawberry.field(
        description="JWT a enviar em cada pedido, no cabeçalho Authorization: Bearer …; vale uma hora."
    )
    expira_em: datetime = strawberry.field(description="Quando o token de acesso deixa de valer.")
    token_de_renovacao: str = strawberry.field(
        description="Troca-se por tokens novos, uma única vez, com renovarSessao."
    )
    troca_de_senha_obrigatoria: bool = strawberry.field(
        description="Se a senha precisa ser trocada (trocarSenha) antes de qualquer outra operação."
    )
    usuario: Usuario = strawberry.field(description="Quem entrou.")


@strawberry.type(description="O resultado de uma operação que abre ou renova a sessão.")
class SessaoPayload:
    """Of login, renovarSessao, trocarSenha and definirSenha."""

    sessao: Sessao | None = strawberry.field(default=None, description="A sessão; null quando há erros.")
    erros: list[ErroDeUsuario] = strawberry.field(default_factory=list, description=_ERROS)


@strawberry.type(description="O resultado de sair.")
class SairPayload:
    """Of sair."""

    erros: list[ErroDeUsuario] = strawberry.field(default_factory=list, description=_ERROS)


@strawberry.type(description="Um código que a recepção entrega à pessoa, que define a senha com ele.")
class CodigoDeAcesso:
    """Shown once; only its hash is kept."""

    codigo: str = strawberry.field(description="O código, mostrado só desta vez.")
    expira_em: datetime = strawberry.field(description="Até quando ele pode ser usado.")


@strawberry.type(description="O resultado de emitir um código de acesso.")
class CodigoDeAcessoPayload:
    """Of emitirCodigoDeAcesso."""

    codigo_de_acesso: CodigoDeAcesso | None = strawberry.field(
        default=None, description="O código; null quando há erros."
    )
    erros: list[ErroDeUsuario] = strawberry.field(default_factory=list, description=_ERROS)


@strawberry.input(description="Os dados de um funcionário da recepção ou da administração.")
class CadastrarFuncionarioInput:
    """Of cadastrarFuncionario."""

    cpf: CPF = strawberry.field(description="CPF do funcionário.")
    nome: str = strawberry.field(description="Nome civil completo, até 200 caracteres.")
    papel: Papel = strawberry.field(description="RECEPCAO ou ADMINISTRADOR.")
    senha: str = strawberry.field(description="Senha provisória, até 72 bytes: será trocada no primeiro acesso.")
    email: str | None = strawberry.field(default=None, description="E-mail para contato, até 254 caracteres.")


@strawberry.type(description="O resultado de cadastrar um funcionário.")
class UsuarioPayload:
    """Of cadastrarFuncionario."""

    usuario: Usuario | None = strawberry.field(default=None, description="O usuário; null quando há erros.")
    erros: list[ErroDeUsuario] = strawberry.field(default_factory=list, description=_ERROS)


@strawberry.type
class UsuariosMutation:
    """The part of Mutation that is about sessions, passwords and staff."""

    @mutation("Entra com CPF e senha e abre uma sessão.")
    async def login(
        self,
        info: Info,
        cpf: Annotated[CPF, argument(description="CPF de quem entra.")],
        senha: Annotated[str, argument(description="Senha de quem entra; nenhuma tem mais de 72 bytes.")],
    ) -> SessaoPayload:
        """Log in; whoever isn't known, has no password or types a wrong one gets the same answer."""
        contexto = info.context
        async with _tentativa(contexto, cpf, "cpf") as tentativa:
            credencial = await store.credencial(contexto.db, cpf)
            guardada = credencial.senha if credencial else None
            confere = contexto.servicos.senhas.confere(senha, guardada, conhecido=tentativa.conhecida)
            if not await confere or credencial is None:
                raise _credenciais_invalidas()

            async def work(tx: Transaction) -> Credenciais:
                if await store.senha_atual(tx, credencial.usuario) != guardada:
                    raise _credenciais_invalidas()
                contexto.servicos.tentativas.acertou(tx, tentativa, credencial.usuario)
                aberta = await contexto.servicos.sessoes.abrir(tx, credencial.usuario)
                contexto.registrar(tx, Atos.LOGIN, alvo=credencial.usuario, por=aberta.quem)
                return aberta

            aberta = await contexto.db.transaction(work)
        return await _entrar(contexto, aberta)

    @mutation("Troca um token de renovação por tokens novos. Um token já usado encerra a sessão.")
    async def renovar_sessao(
        self,
        info: Info,
        token_de_renovacao: Annotated[
            str, argument(description="O token de renovação mais recente da sessão, de 43 caracteres.")
        ],
    ) -> SessaoPayload:
        """Renew a session."""
        contexto = info.context

        async def work(tx: Transaction) -> Credenciais | None:
            renovacao = await contexto.servicos.sessoes.renovar(tx, token_de_renovacao)
            if renovacao.credenciais is not None:
                quem = renovacao.credenciais.quem
                contexto.registrar(tx, Atos.RENOVAR_SESSAO, alvo=quem.sessao, por=quem)
            elif renovacao.encerrada is not None:
                contexto.registrar(tx, Atos.TOKEN_REUSADO, alvo=renovacao.encerrada)
            return renovacao.credenciais

        credenciais = await contexto.db.transaction(work)
        if credenciais is None:
            raise Recusa(
                acesso_regras.Codigos.CREDENCIAIS_INVALIDAS,
                "A sessão terminou. Entre de novo com CPF e senha.",
                "tokenDeRenovacao",
            )
        return await _entrar(contexto, credenciais)

    @mutation("Sai: encerra a sessão de quem pede, e com ela todos os seus tokens.")
    async def sair(self, info: Info) -> SairPayload:
        """Log out."""
        contexto = info.context
        quem = contexto.exigir(SiMesmo).quem

        async def work(tx: Transaction) -> None:
            contexto.servicos.sessoes.encerrar(tx, quem)
            contexto.registrar(tx, Atos.SAIR, alvo=quem.sessao)

        await contexto.db.transaction(work)
        contexto.sair()
        return SairPayload()

    @mutation("Troca a própria senha; encerra todas as sessões e abre uma nova.")
    async def trocar_senha(
        self,
        info: Info,
        senha_atual: Annotated[str, argument(description="A senha atual; nenhuma tem mais de 72 bytes.")],
        senha_nova: Annotated[
            str, argument(description="A senha nova: 8 caracteres ou mais, com letra e número, até 72 bytes.")
        ],
    ) -> SessaoPayload:
        """Change one's password; a wrong current one counts as a failed login."""
        contexto = info.context
        servicos = contexto.servicos
        usuario = await store.eu(contexto.db, contexto.exigir(SiMesmo).quem)
        async with _tentativa(contexto, usuario.cpf, "senhaAtual") as tentativa:
            credencial = await store.credencial(contexto.db, usuario.cpf)
            guardada = credencial.senha if credencial else None
            if not await servicos.senhas.confere(senha_atual, guardada) or credencial is None:
                raise Recusa(acesso_regras.Codigos.CREDENCIAIS_INVALIDAS, "A senha atual não confere.", "senhaAtual")
            credenciais = await _definir(contexto, Atos.TROCAR_SENHA, credencial, senha_nova, tentativa)
        return await _entrar(contexto, credenciais)

    @mutation("Define a senha com o código recebido na recepção e abre uma sessão.")
    async def definir_senha(
        self,
        info: Info,
        cpf: Annotated[CPF, argument(description="CPF de quem recebeu o código.")],
        codigo: Annotated[str, argument(description="O código entregue pela recepção, de 10 caracteres.")],
        senha_nova: Annotated[
            str, argument(description="A senha: 8 caracteres ou mais, com letra e número, até 72 bytes.")
        ],
    ) -> SessaoPayload:
        """Set a password with a one-time code; a wrong code counts as a failed login."""
        contexto = info.context
        async with _tentativa(contexto, cpf, "cpf") as tentativa:
            credencial = await store.credencial(contexto.db, cpf)
            guardado = credencial.codigo_valido(agora()) if credencial else None
            digitado = codigo.strip().upper().replace("-", "")
            confere = contexto.servicos.senhas.confere(digitado, guardado, conhecido=tentativa.conhecida)
            if not await confere or credencial is None:
                raise Recusa(
                    acesso_regras.Codigos.CREDENCIAIS_INVALIDAS,
                    "CPF ou código não conferem, ou o código venceu. Peça outro na recepção.",
                    "codigo",
                )
            credenciais = await _definir(
                contexto, Atos.DEFINIR_SENHA, credencial, senha_nova, tentativa, codigo=guardado
            )
        return await _entrar(contexto, credenciais)

    @mutation(
        "Emite um código de uso único para a pessoa definir a senha, com ela e um documento à vista. A senha e as"
        " sessões que existiam deixam de valer."
    )
    async def emitir_codigo_de_acesso(
        self, info: Info, cpf: Annotated[CPF, argument(description="CPF da pessoa, conferido no documento.")]
    ) -> CodigoDeAcessoPayload:
        """Hand out a code; the reception may only for people who are pacientes and nothing else."""
        contexto = info.context
        quem = contexto.exigir(EmitirCodigos).quem
        codigo = "".join(secrets.choice(_LETRAS_DO_CODIGO) for _ in range(_TAMANHO_DO_CODIGO))
        guardado = await contexto.servicos.senhas.guardar(codigo)
        expira_em = agora() + _VALIDADE_DO_CODIGO

        async def work(tx: Transaction) -> None:
            conta = await store.conta(tx, cpf)
            if conta is None:
                raise Recusa(Gerais.NAO_ENCONTRADO, "Não há cadastro com este CPF.", "cpf")
            usuario = conta.usuario
            if conta.papeis != {Papel.PACIENTE} and Papel.ADMINISTRADOR not in quem.papeis:
                raise Proibido("O código de quem trabalha no hospital é emitido por um administrador.")
            store.esquecer_senha(tx, usuario)
            store.guardar_codigo(tx, usuario, guardado, expira_em)
            contexto.servicos.tentativas.desbloquear(tx, cpf)
            contexto.servicos.sessoes.encerrar_todas(tx, usuario)
            contexto.registrar(tx, Atos.EMITIR_CODIGO_DE_ACESSO, alvo=usuario)

        await contexto.db.transaction(work)
        return CodigoDeAcessoPayload(codigo_de_acesso=CodigoDeAcesso(codigo=codigo, expira_em=expira_em))

    @mutation("Desbloqueia quem errou a senha demais: as falhas do seu CPF são esquecidas, venham de onde vierem.")
    async def desbloquear_login(
        self, info: Info, usuario_id: Annotated[ID, argument(description="Id de quem está bloqueado.")]
    ) -> UsuarioPayload:
        """Unlock someone."""
        contexto = info.context
        alcance = contexto.exigir(DesbloquearLogins)

        async def work(tx: Transaction) -> Usuario:
            usuario = await store.por_id(tx, alcance, ids.chave(Usuario.prefixo, usuario_id))
            if usuario is None:
                raise Recusa(Gerais.NAO_ENCONTRADO, "Não há usuário com este id.", "usuarioId")
            contexto.servicos.tentativas.desbloquear(tx, usuario.cpf)
            contexto.registrar(tx, Atos.DESBLOQUEAR_LOGIN, alvo=usuario.chave)
            return usuario

        return UsuarioPayload(usuario=await contexto.db.transaction(work))

    @mutation("Cadastra alguém da recepção ou da administração.")
    async def cadastrar_funcionario(
        self,
        info: Info,
        input: Annotated[CadastrarFuncionarioInput, argument(description="Os dados do funcionário.")],
    ) -> UsuarioPayload:
        """Register staff."""
        contexto = info.context
        alcance = contexto.exigir(CadastrarFuncionarios)
        senhas, dados = contexto.servicos.senhas, [input.cpf, input.nome]
        with Formulario() as formulario:
            formulario.ler(_exigir_de_funcionario, input.papel)
            nome = formulario.ler(regras.nome, input.nome, "input", "nome")
            email = formulario.ler(regras.email, input.email, "input", "email")
            await formulario.esperar(senhas.exigir_forte(input.senha, dados, "input", "senha"))
        senha = await senhas.guardar(input.senha)

        async def work(tx: Transaction) -> None:
            pessoa = Pessoa(ids.nova_chave(), input.cpf, nome, None, ordem(nome), None, email, None, agora())
            conta = await porta.dar_papel(tx, input.papel, pessoa, senha=senha, por=alcance.quem)
            contexto.registrar(tx, Atos.CADASTRAR_FUNCIONARIO, alvo=conta.usuario)

        await contexto.db.transaction(work, retry_on=porta.CHAVES_DO_CPF)
        cadastrado = await store.por_cpf(contexto.db, alcance, input.cpf)
        return UsuarioPayload(usuario=cadastrado)


@asynccontextmanager
async def _tentativa(contexto: Contexto, cpf: CPF, *campo: str) -> AsyncIterator[Tentativa]:
    """Count an attempt to prove who one is, which is judged inside; what the trail tells of its refusal is put there.

    The trail has the first failure of a pair of CPF and network, and each lock: what an outsider can repeat at will
    would be rows that nobody may delete.

    Raises:
        Recusa: MUITAS_TENTATIVAS.
    """
    tentativa = await contexto.servicos.tentativas.contar(cpf, contexto.origem, *campo)
    try:
        yield tentativa
    except Recusa as recusa:
        if recusa.codigo is acesso_regras.Codigos.CREDENCIAIS_INVALIDAS:
            credencial = await store.credencial(contexto.db, cpf)
            alvo = credencial.usuario if credencial else None
            if tentativa.primeira:
                await contexto.registrar_recusa(Atos.LOGIN_RECUSADO, alvo)
            if tentativa.bloqueia:
                await contexto.registrar_recusa(Atos.LOGIN_BLOQUEADO, alvo)
        raise


def _credenciais_invalidas() -> Recusa:
    return Recusa(acesso_regras.Codigos.CREDENCIAIS_INVALIDAS, "CPF ou senha não conferem.", "cpf")


def _exigir_de_funcionario(papel: Papel) -> None:
    if papel not in (Papel.RECEPCAO, Papel.ADMINISTRADOR):
        raise valor_invalido(
            "Funcionário é RECEPCAO ou ADMINISTRADOR; use cadastrarProfissional ou cadastrarPaciente.", "input", "papel"
        )


async def _entrar(contexto: Contexto, credenciais: Credenciais) -> SessaoPayload:
    """Make whoever proved who they are the one who asks, for the rest of the request."""
    contexto.quem = credenciais.quem
    return SessaoPayload(
        sessao=Sessao(
            token_de_acesso=credenciais.token_de_acesso,
            expira_em=credenciais.expira_em,
            token_de_renovacao=credenciais.token_de_renovacao,
            troca_de_senha_obrigatoria=credenciais.quem.troca_de_senha_obrigatoria,
            usuario=await store.eu(contexto.db, credenciais.quem),
        )
    )


async def _definir(
    contexto: Contexto,
    ato: Ato,
    credencial: store.Credencial,
    senha: str,
    tentativa: Tentativa,
    *,
    codigo: str | None = None,
) -> Credenciais:
    """Set the password of someone who has just proved who they are; end all sessions and open a new one."""
    servicos = contexto.servicos
    await contexto.db.transaction(_acertou(servicos.tentativas, tentativa, credencial.usuario))
    await servicos.senhas.exigir_forte(senha, [tentativa.cpf, credencial.nome], "senhaNova")
    await servicos.senhas.exigir_nova(senha, [credencial.senha, credencial.senha_anterior], "senhaNova")
    guardada = await servicos.senhas.guardar(senha)

    async def work(tx: Transaction) -> Credenciais:
        if codigo is not None and not await store.usar_codigo(tx, credencial.usuario, codigo):
            raise _credenciais_invalidas()
        if not await store.trocar_senha(tx, credencial.usuario, credencial.senha, guardada):
            raise _credenciais_invalidas()
        servicos.sessoes.encerrar_todas(tx, credencial.usuario)
        aberta = await servicos.sessoes.abrir(tx, credencial.usuario)
        contexto.registrar(tx, ato, alvo=credencial.usuario, por=aberta.quem)
        return aberta

    return await contexto.db.transaction(work)


def _acertou(tentativas: Tentativas, tentativa: Tentativa, usuario: bytes) -> Callable[[Transaction], Awaitable[None]]:
    """Forget the failures at once, whatever becomes of the new password."""

    async def work(tx: Transaction) -> None:
        tentativas.acertou(tx, tentativa, usuario)

    return work
