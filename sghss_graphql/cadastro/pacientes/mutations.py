"""Register a paciente, oneself or at the desk, and keep the registration right."""

from dataclasses import replace
from datetime import date
from typing import Annotated

import strawberry
from strawberry import ID, UNSET, argument

from sghss_graphql.cadastro.pacientes import porta, store
from sghss_graphql.cadastro.pacientes.regras import Atos, Codigos, Leituras
from sghss_graphql.cadastro.pacientes.types import Paciente, Sexo
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas import regras
from sghss_graphql.cadastro.pessoas.types import Pessoa
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.checagem import pode
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import CadastrarPacientes
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import DuplicateKey, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import ErroDeUsuario, Formulario, Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.scalars import CNS, CPF
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import ordem


@strawberry.input(description="Os dados de um paciente novo.")
class CadastrarPacienteInput:
    """Of cadastrarPaciente."""

    cpf: CPF | None = strawberry.field(
        default=None, description="CPF; a recepção pode cadastrar sem ele quem ainda não o tem."
    )
    nome: str = strawberry.field(description="Nome civil completo, até 200 caracteres.")
    nascimento: date = strawberry.field(description="Data de nascimento.")
    senha: str | None = strawberry.field(
        default=None,
        description="Senha de acesso, obrigatória para quem se cadastra, e só dele: 8 caracteres ou mais, com letra e"
        " número, até 72 bytes. A quem a recepção cadastra ela entrega um código (emitirCodigoDeAcesso).",
    )
    nome_social: str | None = strawberry.field(default=None, description="Nome social, até 200 caracteres.")
    cns: CNS | None = strawberry.field(default=None, description="Cartão Nacional de Saúde.")
    sexo: Sexo | None = strawberry.field(default=Sexo.NAO_INFORMADO, description="Sexo para o cadastro.")
    email: str | None = strawberry.field(default=None, description="E-mail para contato, até 254 caracteres.")
    telefone: str | None = strawberry.field(
        default=None, description="Telefone para contato, com DDD; de 8 a 20 caracteres."
    )


@strawberry.input(description="O que muda no cadastro de um paciente; o que não for enviado fica como está.")
class AtualizarPacienteInput:
    """Of atualizarPaciente."""

    paciente_id: ID = strawberry.field(description="Id do paciente.")
    cpf: CPF | None = strawberry.field(
        default=UNSET, description="CPF de quem foi cadastrado sem ele; depois de registrado, não muda."
    )
    nome: str | None = strawberry.field(default=UNSET, description="Nome civil completo, até 200 caracteres.")
    nome_social: str | None = strawberry.field(
        default=UNSET, description="Nome social, até 200 caracteres; null o remove."
    )
    cns: CNS | None = strawberry.field(default=UNSET, description="Cartão Nacional de Saúde; null o remove.")
    nascimento: date | None = strawberry.field(default=UNSET, description="Data de nascimento.")
    sexo: Sexo | None = strawberry.field(default=UNSET, description="Sexo para o cadastro.")
    email: str | None = strawberry.field(default=UNSET, description="E-mail, até 254 caracteres; null o remove.")
    telefone: str | None = strawberry.field(
        default=UNSET, description="Telefone, com DDD, de 8 a 20 caracteres; null o remove."
    )


@strawberry.type(description="O resultado de cadastrar ou atualizar um paciente.")
class PacientePayload:
    """Of cadastrarPaciente and atualizarPaciente."""

    paciente: Paciente | None = strawberry.field(default=None, description="O paciente; null quando há erros.")
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )


@strawberry.type
class PacientesMutation:
    """The part of Mutation that is about pacientes."""

    @mutation(
        "Cadastra um paciente: a si mesmo, com CPF e senha, ou, pela equipe, outra pessoa. Quem já tem cadastro em"
        " outro papel conserva a senha. Quem se cadastra sozinho marca uma só consulta por vez, e nada mais, até"
        " definir a senha com um código entregue na recepção."
    )
    async def cadastrar_paciente(
        self,
        info: Info,
        input: Annotated[CadastrarPacienteInput, argument(description="Os dados do paciente.")],
    ) -> PacientePayload:
        """Register oneself, or someone else at the desk."""
        contexto = info.context
        equipe = _equipe(contexto.quem)
        if equipe is None:
            contexto.servicos.cadastros.passar(contexto.origem)
        with Formulario() as formulario:
            if equipe is None:
                formulario.ler(_exigir_presente, input.cpf, "cpf")
                formulario.ler(_exigir_presente, input.senha, "senha")
            else:
                formulario.ler(_exigir_sem_senha, input.senha)
            paciente = _ler(formulario, input)
            await formulario.esperar(_julgar_senha(contexto, input, conhecido=equipe is not None))
        senhas, digitada = contexto.servicos.senhas, input.senha
        senha = None if digitada is None else await senhas.guardar(digitada, conhecido=equipe is not None)

        async def work(tx: Transaction) -> bool | None:
            pessoa = paciente.pessoa
            if equipe is not None and paciente.cpf is not None:
                conhecido = await store.chave_por_cpf(tx, paciente.cpf)
                if conhecido is not None:
                    contexto.servicos.sessoes.suspender(tx, conhecido)
                    return None
            if paciente.cpf is None:
                pessoas.registrar(tx, _pessoa(paciente))
            else:
                with tx.on_duplicate(lambda duplicada: usuarios.cpf_ja_cadastrado() if equipe is None else duplicada):
                    conta, _ = await usuarios.dar_papel(
                        tx, contexto.servicos, Papel.PACIENTE, _pessoa(paciente), por=equipe, senha=senha
                    )
                pessoa = conta.pessoa
            with tx.on_duplicate(_ja_cadastrado):
                store.inserir(tx, paciente, pessoa)
            contexto.registrar(tx, Atos.CADASTRAR_PACIENTE, paciente=paciente.chave, alvo=paciente.chave, por=equipe)
            return pessoa == paciente.pessoa

        nova = await contexto.db.transaction(work, retry_on=usuarios.CHAVES_DO_CPF if equipe else ())
        if nova is None:
            raise usuarios.cpf_ja_cadastrado()
        if nova:
            return PacientePayload(paciente=paciente)
        return PacientePayload(paciente=await porta.um(contexto.db, equipe, paciente.chave))

    @mutation("Corrige ou completa o cadastro de um paciente; é aqui que entra o CPF de quem não o tinha.")
    async def atualizar_paciente(
        self,
        info: Info,
        input: Annotated[AtualizarPacienteInput, argument(description="O que muda.")],
    ) -> PacientePayload:
        """Change a registration."""
        contexto = info.context
        quem = contexto.exigir(CadastrarPacientes).quem
        chave = ids.chave(Paciente.prefixo, input.paciente_id)

        async def work(tx: Transaction) -> Paciente:
            atual = await porta.um(tx, quem, chave)
            if atual is None:
                raise Recusa(Gerais.NAO_ENCONTRADO, "Não há paciente com este id.", "input", "pacienteId")
            contexto.achou(Leituras.LER_CADASTRO, atual.chave)
            with Formulario() as formulario:
                novo = _mudar(formulario, atual, input)
            if _pessoa(novo) != _pessoa(atual):
                await usuarios.exigir_que_possa_mudar(tx, quem, atual.pessoa)
                if atual.cpf is None and novo.cpf is not None and await pessoas.por_cpf(tx, novo.cpf) is not None:
                    raise usuarios.cpf_ja_cadastrado()
                pessoas.atualizar(tx, _pessoa(novo))
                if atual.cpf is None and novo.cpf is not None:
                    await usuarios.abrir_conta(tx, Papel.PACIENTE, novo.pessoa)
            with tx.on_duplicate(_ja_cadastrado):
                store.atualizar(tx, novo)
            contexto.registrar(tx, Atos.ATUALIZAR_PACIENTE, paciente=novo.chave, alvo=novo.chave)
            return novo

        atualizado = await contexto.db.transaction(work, retry_on=usuarios.CHAVES_DO_CPF)
        return PacientePayload(paciente=atualizado)


def _equipe(quem: Quem | None) -> Quem | None:
    """Give the member of staff who registers someone; None when people register themselves, token or not."""
    if quem is not None and quem.troca_de_senha_obrigatoria:
        raise Proibido("Troque a senha (mutation trocarSenha) antes de qualquer outra operação.")
    return quem if pode(quem, CadastrarPacientes) else None


def _exigir_presente(valor: str | None, campo: str) -> None:
    if valor is None:
        raise valor_invalido("Para se cadastrar, informe CPF e senha.", "input", campo)


def _exigir_sem_senha(senha: str | None) -> None:
    if senha is not None:
        raise valor_invalido(
            "A senha é escolhida pela própria pessoa: entregue-lhe um código (emitirCodigoDeAcesso).", "input", "senha"
        )


async def _julgar_senha(contexto: Contexto, input: CadastrarPacienteInput, *, conhecido: bool) -> None:
    if input.senha is not None:
        dados, senhas = [input.cpf or "", input.nome], contexto.servicos.senhas
        await senhas.exigir_forte(input.senha, dados, "input", "senha", conhecido=conhecido)


def _pessoa(paciente: Paciente) -> Pessoa:
    """Give what of a registration is the pessoa's."""
    return Pessoa(
        paciente.pessoa,
        paciente.cpf,
        paciente.nome,
        paciente.nome_social,
        paciente.ordem,
        paciente.nascimento,
        paciente.email,
        paciente.telefone,
        paciente.criado_em,
    )


def _ja_cadastrado(duplicada: DuplicateKey) -> Recusa:
    if duplicada.key == "paciente_cns":
        return Recusa(Codigos.CNS_JA_CADASTRADO, "Já existe um paciente com este CNS.", "input", "cns")
    return usuarios.cpf_ja_cadastrado()


def _ler(formulario: Formulario, input: CadastrarPacienteInput) -> Paciente:
    instante, ler = agora(), formulario.ler
    nome = ler(regras.nome, input.nome, "input", "nome")
    return Paciente(
        chave=ids.nova_chave(),
        nome=nome,
        nome_social=ler(_nome_social, input.nome_social),
        cpf=input.cpf,
        cns=input.cns,
        nascimento=ler(regras.nascimento, input.nascimento, instante.date(), "input", "nascimento"),
        sexo=input.sexo or Sexo.NAO_INFORMADO,
        email=ler(regras.email, input.email, "input", "email"),
        telefone=ler(regras.telefone, input.telefone, "input", "telefone"),
        criado_em=instante,
        pessoa=ids.nova_chave(),
        ordem=ordem(nome or ""),
    )


def _mudar(formulario: Formulario, atual: Paciente, input: AtualizarPacienteInput) -> Paciente:
    """Give the registration with what was sent; null removes only what may be absent."""
    novo, ler = replace(atual), formulario.ler
    if input.cpf is not UNSET and input.cpf != atual.cpf:
        novo = replace(novo, cpf=ler(_cpf_novo, atual, input.cpf))
    if input.nome:
        nome = ler(regras.nome, input.nome, "input", "nome")
        novo = replace(novo, nome=nome, ordem=ordem(nome or ""))
    if input.nome_social is not UNSET:
        novo = replace(novo, nome_social=ler(_nome_social, input.nome_social))
    if input.cns is not UNSET:
        novo = replace(novo, cns=input.cns)
    if input.nascimento:
        novo = replace(novo, nascimento=ler(regras.nascimento, input.nascimento, agora().date(), "input", "nascimento"))
    if input.sexo:
        novo = replace(novo, sexo=input.sexo)
    if input.email is not UNSET:
        novo = replace(novo, email=ler(regras.email, input.email, "input", "email"))
    if input.telefone is not UNSET:
        novo = replace(novo, telefone=ler(regras.telefone, input.telefone, "input", "telefone"))
    return novo


def _cpf_novo(atual: Paciente, cpf: CPF | None) -> CPF:
    if atual.cpf is not None or cpf is None:
        raise valor_invalido("O CPF registrado não muda.", "input", "cpf")
    return cpf


def _nome_social(texto: str | None) -> str | None:
    return regras.nome(texto, "input", "nomeSocial") if texto and texto.strip() else None
