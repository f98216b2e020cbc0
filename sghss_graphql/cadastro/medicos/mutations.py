"""Register a médico."""

from typing import Annotated

import strawberry
from strawberry import argument

from sghss_graphql.cadastro.medicos import store
from sghss_graphql.cadastro.medicos.regras import Atos, Codigos
from sghss_graphql.cadastro.medicos.types import Medico, MedicoPayload
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.cadastro.usuarios import regras
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import CadastrarMedicos
from sghss_graphql.context import Info
from sghss_graphql.machinery.database import DuplicateKey, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Formulario, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.scalars import CPF, CRM
from sghss_graphql.vocabulario.tempo import FUSO_PADRAO
from sghss_graphql.vocabulario.texto import linha, ordem, palavras

_MAIS_ESPECIALIDADES = 10
_MAIOR_ESPECIALIDADE = 100  # characters


@strawberry.input(description="Os dados de um médico novo.")
class CadastrarMedicoInput:
    """Of cadastrarMedico."""

    cpf: CPF = strawberry.field(description="CPF do médico.")
    nome: str = strawberry.field(description="Nome profissional completo, até 200 caracteres.")
    crm: CRM = strawberry.field(description="Inscrição no Conselho Regional de Medicina.")
    especialidades: list[str] = strawberry.field(
        description="De 1 a 10 especialidades, a principal primeiro, cada uma de até 100 caracteres."
    )
    senha: str = strawberry.field(description="Senha provisória, até 72 bytes: será trocada no primeiro acesso.")
    email: str | None = strawberry.field(default=None, description="E-mail para contato, até 254 caracteres.")


@strawberry.type
class MedicosMutation:
    """The part of Mutation that is about médicos."""

    @mutation(
        "Cadastra um médico. Quem já tem cadastro em outro papel conserva a senha. Para que possa ser marcado,"
        " defina o expediente com definirExpediente."
    )
    async def cadastrar_medico(
        self, info: Info, input: Annotated[CadastrarMedicoInput, argument(description="Os dados do médico.")]
    ) -> MedicoPayload:
        """Register a médico."""
        contexto = info.context
        quem = contexto.exigir(CadastrarMedicos).quem
        senhas, dados = contexto.servicos.senhas, [input.cpf, input.nome]
        with Formulario() as formulario:
            nome = formulario.ler(regras.nome, input.nome, "input", "nome")
            email = formulario.ler(regras.email, input.email, "input", "email")
            especialidades = formulario.ler(_especialidades, input.especialidades)
            await formulario.esperar(senhas.exigir_forte(input.senha, dados, "input", "senha"))
        senha = await senhas.guardar(input.senha)
        medico = Medico(chave=ids.nova_chave(), nome=nome, crm=input.crm, fuso=FUSO_PADRAO, ordem=ordem(nome))

        async def work(tx: Transaction) -> None:
            usuario = await usuarios.dar_papel(
                tx, Papel.MEDICO, cpf=input.cpf, nome=nome, email=email, senha=senha, por=quem
            )
            with tx.on_duplicate(_ja_cadastrado):
                store.inserir(tx, medico, usuario)
            store.inserir_palavras(tx, medico.chave, palavras(nome))
            store.inserir_especialidades(tx, medico.chave, especialidades)
            contexto.registrar(tx, Atos.CADASTRAR_MEDICO, alvo=medico.chave)

        await contexto.db.transaction(work, retry_on=usuarios.CHAVES_DO_CPF)
        return MedicoPayload(medico=medico)


def _ja_cadastrado(duplicada: DuplicateKey) -> Recusa:
    if duplicada.key == "medico_crm":
        return Recusa(Codigos.CRM_JA_CADASTRADO, "Já existe um médico com este CRM.", "input", "crm")
    return usuarios.cpf_ja_cadastrado()


def _especialidades(nomes: list[str]) -> list[tuple[str, str]]:
    """Read the specialities: name and normalised name, each once."""
    campo = ("input", "especialidades")
    if len(nomes) > _MAIS_ESPECIALIDADES:
        raise valor_invalido(f"Informe de 1 a {_MAIS_ESPECIALIDADES} especialidades.", *campo)
    unicas: dict[str, str] = {}
    for nome in nomes:
        lida = linha(nome, _MAIOR_ESPECIALIDADE, *campo)
        unicas.setdefault(ordem(lida), lida)
    if not unicas:
        raise valor_invalido(f"Informe de 1 a {_MAIS_ESPECIALIDADES} especialidades.", *campo)
    return [(nome, ordenada) for ordenada, nome in unicas.items()]
