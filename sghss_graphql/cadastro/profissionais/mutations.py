"""Register a profissional, and keep the registration right."""

from dataclasses import replace
from typing import Annotated

import strawberry
from strawberry import ID, UNSET, argument

from sghss_graphql.cadastro.codigos.porta import novo_codigo
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas import regras
from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.cadastro.profissionais import porta, store
from sghss_graphql.cadastro.profissionais.regras import Atos, Codigos, registro, rqe
from sghss_graphql.cadastro.profissionais.regras import numero as ler_numero
from sghss_graphql.cadastro.profissionais.types import Conselho, Especialidade, Profissional, ProfissionalPayload
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import CadastrarProfissionais
from sghss_graphql.context import Info
from sghss_graphql.machinery.database import DuplicateKey, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Formulario, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import SE_VERSAO, mutation
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import linha, ordem
from sghss_graphql.vocabulario.uf import UF

_MAIS_ESPECIALIDADES = 10
_MAIOR_ESPECIALIDADE = 100  # characters


@strawberry.input(description="Uma especialidade em que o profissional atende.")
class EspecialidadeInput:
    """Of cadastrarProfissional."""

    nome: str = strawberry.field(description="O nome, como Cardiologia, até 100 caracteres.")
    rqe: str | None = strawberry.field(
        default=None, description="O número do Registro de Qualificação de Especialista, até 10 dígitos."
    )


@strawberry.input(description="Os dados de um profissional novo.")
class CadastrarProfissionalInput:
    """Of cadastrarProfissional."""

    cpf: CPF = strawberry.field(description="CPF do profissional.")
    nome: str = strawberry.field(description="Nome profissional completo, até 200 caracteres.")
    conselho: Conselho = strawberry.field(description="O conselho em que tem registro.")
    numero: str = strawberry.field(description="O número do registro, até 10 dígitos; pontos e traços não contam.")
    uf: UF = strawberry.field(description="A unidade federativa do registro.")
    especialidades: list[EspecialidadeInput] | None = strawberry.field(
        default_factory=list, description="Até 10 especialidades, a principal primeiro."
    )
    email: str | None = strawberry.field(default=None, description="E-mail para contato, até 254 caracteres.")


@strawberry.input(description="O que muda no cadastro de um profissional; o que não for enviado fica como está.")
class AtualizarProfissionalInput:
    """Of atualizarProfissional."""

    profissional_id: ID = strawberry.field(description="Id do profissional.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    nome: str | None = strawberry.field(default=UNSET, description="Nome profissional completo, até 200 caracteres.")
    especialidades: list[EspecialidadeInput] | None = strawberry.field(
        default=UNSET, description="Todas as especialidades, até 10, a principal primeiro; null tira todas."
    )
    ativo: bool | None = strawberry.field(
        default=UNSET, description="Se atende; quem deixa de atender conserva as consultas já marcadas."
    )


@strawberry.type
class ProfissionaisMutation:
    """The part of Mutation that is about profissionais."""

    @mutation(
        "Cadastra um profissional. O código de acesso, mostrado só desta vez, é o que abre a conta; quem já trabalha no"
        " hospital conserva a senha. Para que possa ser marcado, defina o expediente com definirExpediente.",
        repete=False,
    )
    async def cadastrar_profissional(
        self,
        info: Info,
        input: Annotated[CadastrarProfissionalInput, argument(description="Os dados do profissional.")],
    ) -> ProfissionalPayload:
        """Register a profissional, and keep the registration right."""
        contexto = info.context
        quem = contexto.exigir(CadastrarProfissionais).quem
        with Formulario() as formulario:
            nome = formulario.ler(regras.nome, input.nome, "input", "nome")
            email = formulario.ler(regras.email, input.email, "input", "email")
            numero = formulario.ler(ler_numero, input.numero, "input", "numero")
            especialidades = formulario.ler(_especialidades, input.especialidades or [])
        codigo = await novo_codigo(contexto.servicos.senhas)
        profissional = Profissional(
            chave=ids.nova_chave(),
            nome=nome,
            conselho=input.conselho,
            numero=numero,
            uf=input.uf,
            registro=registro(input.conselho.name, numero, input.uf.name),
            fuso=contexto.servicos.fuso,
            ordem=ordem(nome),
            pessoa=ids.nova_chave(),
            ativo=True,
            versao=1,
        )

        async def work(tx: Transaction) -> bool:
            pessoa = Pessoa(profissional.pessoa, input.cpf, nome, ordem(nome), agora(), email=email)
            servicos = contexto.servicos
            await servicos.sessoes.exigir_ainda(tx, quem, CadastrarProfissionais)
            conta, entregue = await usuarios.dar_papel(
                tx, servicos, Papel.PROFISSIONAL, pessoa, por=quem, codigo=codigo
            )
            with tx.on_duplicate(_ja_cadastrado):
                store.inserir(tx, profissional, conta.pessoa)
            store.inserir_especialidades(tx, profissional.chave, especialidades)
            contexto.registrar(tx, Atos.CADASTRAR_PROFISSIONAL, alvo=profissional.chave)
            return entregue

        entregue = await contexto.db.transaction(work, retry_on=usuarios.CHAVES_DO_CPF)
        return ProfissionalPayload(
            profissional=await porta.um(contexto.db, quem, profissional.chave),
            codigo_de_acesso=codigo.para_mostrar() if entregue else None,
        )

    @mutation("Corrige o cadastro de um profissional.")
    async def atualizar_profissional(
        self, info: Info, input: Annotated[AtualizarProfissionalInput, argument(description="O que muda.")]
    ) -> ProfissionalPayload:
        """Change a registration."""
        contexto = info.context
        quem = contexto.exigir(CadastrarProfissionais).quem
        with Formulario() as formulario:
            nome = "" if input.nome is UNSET else formulario.ler(regras.nome, input.nome or "", "input", "nome")
            ativo = formulario.ler(_ativo, input.ativo)
            especialidades = formulario.ler(_especialidades, input.especialidades or [])

        async def work(tx: Transaction) -> bytes:
            atual = await porta.um(tx, quem, ids.chave(Profissional.prefixo, input.profissional_id))
            if atual is None:
                raise Recusa(Gerais.NAO_ENCONTRADO, "Não há profissional com este id.", "input", "profissionalId")
            await usuarios.exigir_que_possa_mudar(tx, quem, atual.pessoa)
            pessoa = await pessoas.uma(tx, atual.pessoa)
            if input.se_versao is not None and input.se_versao != pessoa.versao:
                raise usuarios.conflito_de_versao(profissional=atual)
            nova = pessoa if input.nome is UNSET else replace(pessoa, nome=nome, ordem=ordem(nome))
            de_agora = [uma for _, uma in await store.especialidades(tx, [atual.chave])]
            troca = input.especialidades is not UNSET and especialidades != de_agora
            liga = ativo is not None and ativo != await store.ativo(tx, atual.chave)
            if nova == pessoa and not troca and not liga:
                raise valor_invalido("Nada muda: envie o que é diferente do que há.", "input")
            await pessoas.mudar(tx, pessoa, nova)
            if troca:
                store.apagar_especialidades(tx, atual.chave)
                store.inserir_especialidades(tx, atual.chave, especialidades)
            if liga:
                store.mudar_ativo(tx, atual.chave, bool(ativo))
            contexto.registrar(tx, Atos.ATUALIZAR_PROFISSIONAL, alvo=atual.chave)
            return atual.chave

        chave = await contexto.db.transaction(work)
        return ProfissionalPayload(profissional=await porta.um(contexto.db, quem, chave))


def _ativo(valor: bool | None) -> bool | None:
    """Read whether one attends; None where nothing was sent."""
    if valor is None:
        raise valor_invalido("Diga se o profissional atende: true ou false.", "input", "ativo")
    return None if valor is UNSET else valor


def _ja_cadastrado(duplicada: DuplicateKey) -> Recusa:
    if duplicada.key == "profissional_registro":
        return Recusa(Codigos.REGISTRO_JA_CADASTRADO, "Já existe um profissional com este registro.", "input", "numero")
    if duplicada.key in ("profissional_de_uma_pessoa", *usuarios.CHAVES_DO_CPF):
        return usuarios.cpf_ja_cadastrado()
    raise duplicada


def _especialidades(pedidas: list[EspecialidadeInput]) -> list[Especialidade]:
    """Read the specialities, each once."""
    campo = ("input", "especialidades")
    if len(pedidas) > _MAIS_ESPECIALIDADES:
        raise valor_invalido(f"Informe até {_MAIS_ESPECIALIDADES} especialidades.", *campo)
    unicas: dict[str, Especialidade] = {}
    for n, pedida in enumerate(pedidas):
        nome = linha(pedida.nome, _MAIOR_ESPECIALIDADE, *campo, str(n), "nome")
        unicas.setdefault(ordem(nome), Especialidade(nome=nome, rqe=rqe(pedida.rqe, *campo, str(n), "rqe")))
    return list(unicas.values())
