"""Register a paciente, oneself or at the desk."""

from datetime import date
from types import SimpleNamespace
from typing import Annotated

import strawberry
from strawberry import argument

from sghss_graphql.cadastro.pacientes import porta, store
from sghss_graphql.cadastro.pacientes.regras import Atos, Codigos, com_ordem, ler_ficha, ler_textos, pessoa_de
from sghss_graphql.cadastro.pacientes.types import Paciente, PacientePayload, Sexo
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas.types import (
    ContatoInput,
    DocumentoDeIdentificacaoInput,
    EnderecoInput,
    Ficha,
    RacaCor,
)
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.checagem import exigir, pode
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import CadastrarPacientes
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Formulario, Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.scalars import CNS, CPF
from sghss_graphql.vocabulario.tempo import agora


@strawberry.input(description="Os dados de um paciente novo.")
class CadastrarPacienteInput:
    """Of cadastrarPaciente."""

    cpf: CPF | None = strawberry.field(
        default=None, description="CPF; a recepção pode cadastrar sem ele quem ainda não o tem."
    )
    nome: str = strawberry.field(
        description="Nome civil completo, até 200 caracteres; de quem chega sem identificação, o que se sabe."
    )
    nascimento: date | None = strawberry.field(
        default=None, description="Data de nascimento; só a recepção cadastra sem ela, quem não se sabe quem é."
    )
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
        default=None,
        description="Telefone para contato, com DDD, até 25 caracteres; o de outro país, com + e o código dele.",
    )
    nome_da_mae: str | None = strawberry.field(default=None, description="Nome da mãe, até 200 caracteres.")
    raca_cor: RacaCor | None = strawberry.field(
        default=RacaCor.NAO_INFORMADA, description="Raça ou cor, como a pessoa se declara."
    )
    nacionalidade: str | None = strawberry.field(default=None, description="Nacionalidade, até 60 caracteres.")
    endereco: EnderecoInput | None = strawberry.field(default=None, description="Onde mora.")
    documentos_de_identificacao: list[DocumentoDeIdentificacaoInput] | None = strawberry.field(
        default=None, description="Documentos além do CPF, até 10."
    )
    contatos: list[ContatoInput] | None = strawberry.field(
        default=None, description="Quem chamar numa emergência, até 10 pessoas."
    )
    mesmo_se_duplicado: bool | None = strawberry.field(
        default=False,
        description="Da equipe: cadastra, embora se tenha respondido POSSIVEL_DUPLICADO (um gêmeo, por exemplo).",
    )


@strawberry.type
class CadastrarMutation:
    """The part of Mutation that registers pacientes."""

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
                for campo in ("cpf", "nascimento", "senha"):
                    formulario.ler(_exigir_presente, getattr(input, campo), campo)
            else:
                formulario.ler(_exigir_sem_senha, input.senha)
            paciente, ficha = _ler(formulario, input, contexto.servicos.hoje())
            await formulario.esperar(_julgar_senha(contexto, input, conhecido=equipe is not None))
        senhas, digitada = contexto.servicos.senhas, input.senha
        senha = None if digitada is None else await senhas.guardar(digitada, conhecido=equipe is not None)

        async def work(tx: Transaction) -> bool:
            pessoa = paciente.pessoa
            cpf = paciente.cpf if equipe is not None else None
            if cpf is not None and await store.chave_por_cpf(tx, cpf) is not None:
                await usuarios.conhecido(tx, contexto.servicos, cpf)
                return False
            if equipe is not None:
                pessoas.um_de_cada_vez(tx, paciente.nascimento)
            if equipe is not None and not input.mesmo_se_duplicado:
                await _exigir_que_seja_outra(tx, equipe, paciente)
            if paciente.cpf is None:
                pessoas.registrar(tx, pessoa_de(paciente), ficha)
            else:
                with tx.on_duplicate(lambda duplicada: usuarios.cpf_ja_cadastrado() if equipe is None else duplicada):
                    conta, _ = await usuarios.dar_papel(
                        tx, contexto.servicos, Papel.PACIENTE, pessoa_de(paciente), ficha, por=equipe, senha=senha
                    )
                pessoa = conta.pessoa
            with tx.on_duplicate(porta.ja_cadastrado):
                store.inserir(tx, paciente, pessoa)
            contexto.registrar(tx, Atos.CADASTRAR_PACIENTE, paciente=paciente.chave, alvo=paciente.chave, por=equipe)
            return True

        if not await contexto.db.transaction(work, retry_on=usuarios.CHAVES_DO_CPF if equipe else ()):
            raise usuarios.cpf_ja_cadastrado()
        return PacientePayload(paciente=await porta.cadastrado(contexto.db, paciente.chave))


def _equipe(quem: Quem | None) -> Quem | None:
    """Give the member of staff who registers someone; None when people register themselves, token or not."""
    if quem is not None and quem.troca_de_senha_obrigatoria:
        raise Proibido("Troque a senha (mutation trocarSenha) antes de qualquer outra operação.")
    return quem if pode(quem, CadastrarPacientes) else None


async def _exigir_que_seja_outra(tx: Transaction, equipe: Quem, paciente: Paciente) -> None:
    achados = await store.duplicados(tx, exigir(equipe, CadastrarPacientes), paciente)
    if achados:
        raise Recusa(
            Codigos.POSSIVEL_DUPLICADO,
            "Já há quem nasceu no mesmo dia com o mesmo nome, mãe ou telefone: veja possiveisDuplicados; se for outra"
            " pessoa, envie mesmoSeDuplicado: true.",
            "input",
            possiveis_duplicados=achados,
        )


def _exigir_presente(valor: object | None, campo: str) -> None:
    if valor is None:
        raise valor_invalido("Para se cadastrar, informe CPF, data de nascimento e senha.", "input", campo)


def _exigir_sem_senha(senha: str | None) -> None:
    if senha is not None:
        raise valor_invalido(
            "A senha é escolhida pela própria pessoa: entregue-lhe um código (emitirCodigoDeAcesso).", "input", "senha"
        )


async def _julgar_senha(contexto: Contexto, input: CadastrarPacienteInput, *, conhecido: bool) -> None:
    if input.senha is not None:
        dados, senhas = [input.cpf or "", input.nome], contexto.servicos.senhas
        await senhas.exigir_forte(input.senha, dados, "input", "senha", conhecido=conhecido)


def _ler(formulario: Formulario, input: CadastrarPacienteInput, hoje: date) -> tuple[Paciente, Ficha]:
    """Read a registration; what may be left out is null or not there, all the same."""
    enviado = SimpleNamespace(**{campo: valor for campo, valor in vars(input).items() if valor is not None})
    lidos = com_ordem(
        {
            "raca_cor": RacaCor.NAO_INFORMADA,
            "sexo": Sexo.NAO_INFORMADO,
            **ler_textos(formulario, enviado, hoje),
        }
    )
    faltam = dict.fromkeys(("nome_social", "nome_da_mae", "cns", "nascimento", "nacionalidade", "email", "telefone"))
    paciente = Paciente(
        chave=ids.nova_chave(),
        versao=1,
        numero="",
        cpf=input.cpf,
        criado_em=agora(),
        obito_em=None,
        pessoa=ids.nova_chave(),
        **{**faltam, "ordem": "", **lidos},
    )
    return paciente, ler_ficha(formulario, enviado)
