"""Register a paciente, oneself or at the desk, and keep the registration right."""

from dataclasses import replace
from datetime import date
from typing import Annotated

import strawberry
from strawberry import ID, UNSET, argument

from sghss_graphql.cadastro.pacientes import porta, store
from sghss_graphql.cadastro.pacientes.regras import Atos, Codigos
from sghss_graphql.cadastro.pacientes.types import Paciente, Sexo
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.cadastro.usuarios import regras
from sghss_graphql.confianca.acesso.checagem import pode
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import CadastrarPacientes
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import DuplicateKey, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import ErroDeUsuario, Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.scalars import CNS, CPF
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import inicios_das_palavras, ordem


@strawberry.input(description="Os dados de um paciente novo.")
class CadastrarPacienteInput:
    """Of cadastrarPaciente."""

    cpf: CPF | None = strawberry.field(
        default=None, description="CPF; a recepção pode cadastrar sem ele quem ainda não o tem."
    )
    nome: str = strawberry.field(description="Nome civil completo.")
    nascimento: date = strawberry.field(description="Data de nascimento.")
    senha: str | None = strawberry.field(
        default=None,
        description="Senha de acesso, obrigatória para quem se cadastra; 8 caracteres ou mais, com letra e número,"
        " até 72 bytes. A que a equipe define é trocada no primeiro acesso.",
    )
    nome_social: str | None = strawberry.field(default=None, description="Nome social.")
    cns: CNS | None = strawberry.field(default=None, description="Cartão Nacional de Saúde.")
    sexo: Sexo | None = strawberry.field(default=Sexo.NAO_INFORMADO, description="Sexo para o cadastro.")
    email: str | None = strawberry.field(default=None, description="E-mail para contato.")
    telefone: str | None = strawberry.field(default=None, description="Telefone para contato, com DDD.")


@strawberry.input(description="O que muda no cadastro de um paciente; o que não for enviado fica como está.")
class AtualizarPacienteInput:
    """Of atualizarPaciente."""

    paciente_id: ID = strawberry.field(description="Id do paciente.")
    cpf: CPF | None = strawberry.field(
        default=UNSET, description="CPF de quem foi cadastrado sem ele; depois de registrado, não muda."
    )
    nome: str | None = strawberry.field(default=UNSET, description="Nome civil completo.")
    nome_social: str | None = strawberry.field(default=UNSET, description="Nome social; null o remove.")
    cns: CNS | None = strawberry.field(default=UNSET, description="Cartão Nacional de Saúde; null o remove.")
    nascimento: date | None = strawberry.field(default=UNSET, description="Data de nascimento.")
    sexo: Sexo | None = strawberry.field(default=UNSET, description="Sexo para o cadastro.")
    email: str | None = strawberry.field(default=UNSET, description="E-mail; null o remove.")
    telefone: str | None = strawberry.field(default=UNSET, description="Telefone; null o remove.")


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
        "Cadastra um paciente: a si mesmo, com CPF e senha, ou, pela equipe, outra pessoa. Quem já tem cadastro"
        " em outro papel conserva a senha."
    )
    async def cadastrar_paciente(
        self,
        info: Info,
        input: Annotated[CadastrarPacienteInput, argument(description="Os dados do paciente.")],
    ) -> PacientePayload:
        """Register oneself, or someone else at the desk."""
        contexto = info.context
        equipe = _equipe(contexto.quem)
        if equipe is None and (input.cpf is None or input.senha is None):
            falta = "cpf" if input.cpf is None else "senha"
            raise valor_invalido("Para se cadastrar, informe CPF e senha.", "input", falta)
        paciente = _ler(input)
        if equipe is None:
            contexto.servicos.cadastros.passar(contexto.origem)
        senha = await _guardar_senha(contexto, input)

        async def work(tx: Transaction) -> Paciente:
            novo = paciente
            if novo.cpf is not None:
                novo = replace(novo, usuario=await _usuario(tx, novo, novo.cpf, senha, equipe))
            _gravar(tx, novo, nova=True)
            contexto.registrar(tx, Atos.CADASTRAR_PACIENTE, paciente=novo.chave, alvo=novo.chave, por=equipe)
            return novo

        cadastrado = await contexto.db.transaction(work, retry_on=usuarios.CHAVES_DO_CPF if equipe else ())
        return PacientePayload(paciente=cadastrado)

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
            novo = _mudar(atual, input)
            if atual.cpf is None and novo.cpf is not None:
                novo = replace(novo, usuario=await _usuario(tx, novo, novo.cpf, None, quem))
            elif novo.usuario is not None and novo.nome != atual.nome:
                usuarios.renomear(tx, novo.usuario, novo.nome)
            _gravar(tx, novo, nova=False)
            contexto.registrar(tx, Atos.ATUALIZAR_PACIENTE, paciente=novo.chave, alvo=novo.chave)
            return novo

        atualizado = await contexto.db.transaction(work, retry_on=usuarios.CHAVES_DO_CPF)
        return PacientePayload(paciente=atualizado)


def _equipe(quem: Quem | None) -> Quem | None:
    """Give the member of staff who registers someone; None when people register themselves, token or not."""
    if quem is not None and quem.troca_de_senha_obrigatoria:
        raise Proibido("Troque a senha (mutation trocarSenha) antes de qualquer outra operação.")
    return quem if pode(quem, CadastrarPacientes) else None


async def _guardar_senha(contexto: Contexto, input: CadastrarPacienteInput) -> str | None:
    if input.senha is None:
        return None
    dados = [input.cpf or "", input.nome]
    return await contexto.servicos.senhas.guardar_forte(input.senha, dados, "input", "senha")


async def _usuario(tx: Transaction, paciente: Paciente, cpf: CPF, senha: str | None, por: Quem | None) -> bytes:
    with tx.on_duplicate(lambda duplicada: usuarios.cpf_ja_cadastrado() if por is None else duplicada):
        return await usuarios.dar_papel(
            tx, Papel.PACIENTE, cpf=cpf, nome=paciente.nome, email=paciente.email, senha=senha, por=por
        )


def _gravar(tx: Transaction, paciente: Paciente, *, nova: bool) -> None:
    with tx.on_duplicate(_ja_cadastrado):
        if nova:
            store.inserir(tx, paciente)
        else:
            store.atualizar(tx, paciente)
            store.apagar_inicios(tx, paciente.chave)
    store.inserir_inicios(tx, paciente, inicios_das_palavras(paciente.nome, paciente.nome_social))


def _ja_cadastrado(duplicada: DuplicateKey) -> Recusa:
    if duplicada.key == "paciente_cns":
        return Recusa(Codigos.CNS_JA_CADASTRADO, "Já existe um paciente com este CNS.", "input", "cns")
    return usuarios.cpf_ja_cadastrado()


def _ler(input: CadastrarPacienteInput) -> Paciente:
    nome = regras.nome(input.nome, "input", "nome")
    instante = agora()
    return Paciente(
        chave=ids.nova_chave(),
        nome=nome,
        nome_social=_nome_social(input.nome_social),
        cpf=input.cpf,
        cns=input.cns,
        nascimento=regras.nascimento(input.nascimento, instante.date(), "input", "nascimento"),
        sexo=input.sexo or Sexo.NAO_INFORMADO,
        email=regras.email(input.email, "input", "email"),
        telefone=regras.telefone(input.telefone, "input", "telefone"),
        criado_em=instante,
        usuario=None,
        ordem=ordem(nome),
    )


def _mudar(atual: Paciente, input: AtualizarPacienteInput) -> Paciente:
    """Give the registration with what was sent; null removes only what may be absent."""
    novo = replace(atual)
    if input.cpf is not UNSET and input.cpf != atual.cpf:
        if atual.cpf is not None or input.cpf is None:
            raise valor_invalido("O CPF registrado não muda.", "input", "cpf")
        novo = replace(novo, cpf=input.cpf)
    if input.nome:
        nome = regras.nome(input.nome, "input", "nome")
        novo = replace(novo, nome=nome, ordem=ordem(nome))
    if input.nome_social is not UNSET:
        novo = replace(novo, nome_social=_nome_social(input.nome_social))
    if input.cns is not UNSET:
        novo = replace(novo, cns=input.cns)
    if input.nascimento:
        novo = replace(novo, nascimento=regras.nascimento(input.nascimento, agora().date(), "input", "nascimento"))
    if input.sexo:
        novo = replace(novo, sexo=input.sexo)
    return _mudar_contato(novo, input)


def _mudar_contato(novo: Paciente, input: AtualizarPacienteInput) -> Paciente:
    if input.email is not UNSET:
        novo = replace(novo, email=regras.email(input.email, "input", "email"))
    if input.telefone is not UNSET:
        novo = replace(novo, telefone=regras.telefone(input.telefone, "input", "telefone"))
    return novo


def _nome_social(texto: str | None) -> str | None:
    return regras.nome(texto, "input", "nomeSocial") if texto and texto.strip() else None
