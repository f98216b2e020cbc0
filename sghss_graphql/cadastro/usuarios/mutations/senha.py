"""Change a password, hand out a one-time code, set a password with it."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry
from strawberry import argument

from sghss_graphql.cadastro.codigos import porta as codigos
from sghss_graphql.cadastro.codigos.regras import Atos as AtosDoCodigo
from sghss_graphql.cadastro.codigos.types import CodigoDeAcesso
from sghss_graphql.cadastro.usuarios import porta, store
from sghss_graphql.cadastro.usuarios.mutations.prova import (
    ERROS,
    SessaoPayload,
    credenciais_invalidas,
    entrar,
    tentativa_de,
)
from sghss_graphql.cadastro.usuarios.regras import Atos
from sghss_graphql.confianca.acesso import regras as acesso_regras
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.sessao import Credenciais
from sghss_graphql.confianca.acesso.tabela import EmitirCodigos, SiMesmo
from sghss_graphql.confianca.acesso.tentativas import Tentativa, Tentativas
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario.atos import Ato
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import ErroDeUsuario, Proibido, Recusa
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import agora


@strawberry.type(description="O resultado de emitir um código de acesso.")
class CodigoDeAcessoPayload:
    """Of emitirCodigoDeAcesso."""

    codigo_de_acesso: CodigoDeAcesso | None = strawberry.field(
        default=None, description="O código; null quando há erros."
    )
    erros: list[ErroDeUsuario] = strawberry.field(default_factory=list, description=ERROS)


@strawberry.type
class SenhasMutation:
    """The part of Mutation that is about passwords."""

    @mutation("Troca a própria senha; encerra todas as sessões e abre uma nova.", repete=False)
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
        async with tentativa_de(contexto, usuario.cpf, "senhaAtual") as tentativa:
            credencial = await store.credencial(contexto.db, usuario.cpf)
            guardada = credencial.senha if credencial else None
            if not await servicos.senhas.confere(senha_atual, guardada) or credencial is None:
                raise Recusa(acesso_regras.Codigos.CREDENCIAIS_INVALIDAS, "A senha atual não confere.", "senhaAtual")
            credenciais = await _definir(contexto, Atos.TROCAR_SENHA, credencial, senha_nova, tentativa)
        return await entrar(contexto, credenciais)

    @mutation("Define a senha com o código recebido na recepção e abre uma sessão.", repete=False)
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
        async with tentativa_de(contexto, cpf, "cpf", com_codigo=True) as tentativa:
            credencial = await store.credencial(contexto.db, cpf)
            tomado = await contexto.db.transaction(_tentar(credencial.usuario)) if credencial else None
            guardado, tomadas = tomado or (None, 0)
            digitado = codigo.strip().upper().replace("-", "")
            confere = contexto.servicos.senhas.confere(digitado, guardado, conhecido=tentativa.conhecida)
            if not await confere or credencial is None:
                if credencial is not None and guardado is not None and tomadas == codigos.TENTATIVAS:
                    await contexto.db.transaction(_anular(contexto, credencial.usuario, guardado))
                raise Recusa(
                    acesso_regras.Codigos.CREDENCIAIS_INVALIDAS,
                    "CPF ou código não conferem, ou o código venceu. Peça outro na recepção.",
                    "codigo",
                )
            credenciais = await _definir(
                contexto, Atos.DEFINIR_SENHA, credencial, senha_nova, tentativa, codigo=guardado
            )
        return await entrar(contexto, credenciais)

    @mutation(
        "Emite um código de uso único para a pessoa definir a senha, com ela e um documento à vista. A senha, os"
        " códigos e as sessões que existiam deixam de valer. Vale por três dias, e cinco tentativas.",
        repete=False,
    )
    async def emitir_codigo_de_acesso(
        self, info: Info, cpf: Annotated[CPF, argument(description="CPF da pessoa, conferido no documento.")]
    ) -> CodigoDeAcessoPayload:
        """Hand out a code; the reception may only for people who are pacientes and nothing else."""
        contexto = info.context
        quem = contexto.exigir(EmitirCodigos).quem
        codigo = await codigos.novo_codigo(contexto.servicos.senhas)

        async def work(tx: Transaction) -> None:
            await contexto.servicos.sessoes.exigir_ainda(tx, quem, EmitirCodigos)
            conta = await porta.conta_segura(tx, cpf)
            if conta is None:
                raise Recusa(Gerais.NAO_ENCONTRADO, "Não há cadastro com este CPF.", "cpf")
            if conta.da_equipe and Papel.ADMINISTRADOR not in quem.papeis:
                raise Proibido("O código de quem trabalha no hospital é emitido por um administrador.")
            if conta.usuario == quem.usuario:
                raise Proibido("Ninguém emite código para si mesmo: peça a outra pessoa da equipe.")
            if not conta.ativo:
                raise Recusa(Gerais.NAO_ENCONTRADO, "Este cadastro está desativado: um administrador o reativa.", "cpf")
            porta.entregar(tx, contexto.servicos, conta.usuario, cpf, codigo, quem)
            contexto.registrar(tx, Atos.EMITIR_CODIGO_DE_ACESSO, alvo=conta.usuario)

        await contexto.db.transaction(work)
        return CodigoDeAcessoPayload(codigo_de_acesso=codigo.para_mostrar())


def _tentar(usuario: bytes) -> Callable[[Transaction], Awaitable[tuple[str, int] | None]]:
    """Take a try of a code before it is judged, so that many at once are five all the same."""

    async def work(tx: Transaction) -> tuple[str, int] | None:
        return await codigos.tentar(tx, usuario)

    return work


def _anular(contexto: Contexto, usuario: bytes, guardado: str) -> Callable[[Transaction], Awaitable[None]]:
    """Take away the code whose tries are used up; another one that was handed out meanwhile stays."""

    async def work(tx: Transaction) -> None:
        if await codigos.anular(tx, usuario, guardado):
            contexto.registrar(tx, AtosDoCodigo.CODIGO_ANULADO, alvo=usuario)

    return work


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
    await contexto.db.transaction(_acertou(servicos.tentativas, tentativa, credencial.usuario, codigo))
    await servicos.senhas.exigir_forte(senha, [tentativa.cpf, credencial.nome], "senhaNova")
    await servicos.senhas.exigir_nova(senha, [credencial.senha, credencial.senha_anterior], "senhaNova")
    guardada = await servicos.senhas.guardar(senha)

    async def work(tx: Transaction) -> Credenciais:
        if codigo is not None:
            if not await codigos.usar(tx, credencial.usuario, codigo, contexto.origem):
                raise credenciais_invalidas()
            store.verificar(tx, credencial.usuario, agora())
            store.dar_cuidado_do_que_marcou(tx, credencial.usuario, servicos.dias_de_cuidado)
        if not await store.trocar_senha(tx, credencial.usuario, credencial.senha, guardada):
            raise credenciais_invalidas()
        servicos.sessoes.encerrar_todas(tx, credencial.usuario)
        aberta = await servicos.sessoes.abrir(tx, credencial.usuario)
        contexto.registrar(tx, ato, alvo=credencial.usuario, por=aberta.quem)
        return aberta

    return await contexto.db.transaction(work)


def _acertou(
    tentativas: Tentativas, tentativa: Tentativa, usuario: bytes, codigo: str | None
) -> Callable[[Transaction], Awaitable[None]]:
    """Forget the failures at once, whatever becomes of the new password; a right code's try wasn't a wrong one."""

    async def work(tx: Transaction) -> None:
        tentativas.acertou(tx, tentativa, usuario)
        if codigo is not None:
            codigos.devolver(tx, usuario, codigo)

    return work
