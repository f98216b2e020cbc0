"""The desk corrects and completes a registration."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry import ID, UNSET, argument

from sghss_graphql.cadastro.pacientes import porta, store
from sghss_graphql.cadastro.pacientes.mutations.entradas import exigir_mudanca, exigir_versao, mudado
from sghss_graphql.cadastro.pacientes.regras import Atos, Leituras, ler_ficha, ler_textos, pessoa_de
from sghss_graphql.cadastro.pacientes.types import Paciente, PacientePayload, Sexo
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas import regras
from sghss_graphql.cadastro.pessoas.types import ContatoInput, DocumentoDeIdentificacaoInput, EnderecoInput, RacaCor
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import CadastrarPacientes, CuidarDeUsuarios
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Formulario, Recusa
from sghss_graphql.vocabulario.mutations import SE_VERSAO, mutation
from sghss_graphql.vocabulario.scalars import CNS, CPF


@strawberry.input(description="O que muda no cadastro de um paciente; o que não for enviado fica como está.")
class AtualizarPacienteInput:
    """Of atualizarPaciente."""

    paciente_id: ID = strawberry.field(description="Id do paciente.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    cpf: CPF | None = strawberry.field(
        default=UNSET,
        description="CPF de quem foi cadastrado sem ele; um já registrado só um administrador corrige, com"
        " justificativa.",
    )
    nome: str | None = strawberry.field(default=UNSET, description="Nome civil completo, até 200 caracteres.")
    nome_social: str | None = strawberry.field(
        default=UNSET, description="Nome social, até 200 caracteres; null o remove."
    )
    cns: CNS | None = strawberry.field(default=UNSET, description="Cartão Nacional de Saúde; null o remove.")
    nascimento: date | None = strawberry.field(default=UNSET, description="Data de nascimento; null, se não se sabe.")
    sexo: Sexo | None = strawberry.field(default=UNSET, description="Sexo para o cadastro.")
    email: str | None = strawberry.field(default=UNSET, description="E-mail, até 254 caracteres; null o remove.")
    telefone: str | None = strawberry.field(
        default=UNSET, description="Telefone, com DDD, até 25 caracteres; null o remove."
    )
    nome_da_mae: str | None = strawberry.field(
        default=UNSET, description="Nome da mãe, até 200 caracteres; null o remove."
    )
    raca_cor: RacaCor | None = strawberry.field(default=UNSET, description="Raça ou cor, como a pessoa se declara.")
    nacionalidade: str | None = strawberry.field(
        default=UNSET, description="Nacionalidade, até 60 caracteres; null a remove."
    )
    endereco: EnderecoInput | None = strawberry.field(
        default=UNSET, description="O endereço, inteiro, no lugar do que há; null o remove."
    )
    documentos_de_identificacao: list[DocumentoDeIdentificacaoInput] | None = strawberry.field(
        default=UNSET, description="Todos os documentos, até 10, no lugar dos que há; null os remove."
    )
    contatos: list[ContatoInput] | None = strawberry.field(
        default=UNSET, description="Todos os contatos, até 10, no lugar dos que há; null os remove."
    )
    obito_em: date | None = strawberry.field(
        default=UNSET,
        description="Data do óbito: nada mais se marca, e o que estava por vir vem em consultasEmConflito; null desfaz"
        " um engano.",
    )
    justificativa: str | None = strawberry.field(default=None, description=usuarios.JUSTIFICATIVA_DO_CPF)


@strawberry.type
class AtualizarMutation:
    """The part of Mutation that corrects pacientes."""

    @mutation("Corrige ou completa o cadastro de um paciente; é aqui que entra o CPF de quem não o tinha.")
    async def atualizar_paciente(
        self,
        info: Info,
        input: Annotated[AtualizarPacienteInput, argument(description="O que muda.")],
    ) -> PacientePayload:
        """Change a registration: only what was sent, and only what differs."""
        contexto = info.context
        quem = contexto.exigir(CadastrarPacientes).quem
        chave, hoje = ids.chave(Paciente.prefixo, input.paciente_id), contexto.servicos.hoje()
        with Formulario() as formulario:
            lidos = ler_textos(formulario, input, hoje)
            ficha = ler_ficha(formulario, input)
            justificativa = input.justificativa and formulario.ler(
                regras.justificativa, input.justificativa, "input", "justificativa"
            )

        async def work(tx: Transaction) -> bytes | None:
            atual = await porta.um(tx, quem, chave)
            if atual is None:
                raise Recusa(Gerais.NAO_ENCONTRADO, "Não há paciente com este id.", "input", "pacienteId")
            contexto.achou(Leituras.LER_CADASTRO, atual.chave)
            exigir_versao(atual, input.se_versao)
            dependem, porque = _que_dependem(quem, atual, lidos, input, justificativa, hoje)
            novo = mudado(atual, lidos | dependem)
            exigir_mudanca(atual, novo, await pessoas.ficha(tx, atual.pessoa), ficha)
            if pessoa_de(novo) != pessoa_de(atual) or ficha.muda:
                await usuarios.exigir_que_possa_mudar(tx, quem, atual.pessoa)
            if (
                novo.cpf != atual.cpf
                and novo.cpf is not None
                and await usuarios.conhecido(tx, contexto.servicos, novo.cpf)
            ):
                return None
            if porque is not None:
                await _corrigir_cpf(contexto, tx, quem, atual, novo, porque)
            with tx.on_duplicate(porta.ja_cadastrado):
                await pessoas.mudar(tx, pessoa_de(atual), pessoa_de(novo), ficha)
                store.atualizar(tx, atual, novo)
                await tx.flush()
            if novo.cpf != atual.cpf and porque is None:
                await usuarios.abrir_conta(tx, Papel.PACIENTE, novo.pessoa)
            contexto.registrar(tx, Atos.ATUALIZAR_PACIENTE, paciente=novo.chave, alvo=novo.chave)
            return novo.chave

        atualizado = await contexto.db.transaction(work)
        if atualizado is None:
            raise usuarios.cpf_ja_cadastrado()
        morreu = input.obito_em is not UNSET and input.obito_em is not None
        return PacientePayload(paciente=await porta.um(contexto.db, quem, atualizado), morreu=morreu)


async def _corrigir_cpf(
    contexto: Contexto, tx: Transaction, quem: Quem, atual: Paciente, novo: Paciente, porque: str
) -> None:
    await contexto.servicos.sessoes.exigir_ainda(tx, quem, CuidarDeUsuarios)
    if novo.cpf is not None:
        await usuarios.corrigir_cpf(tx, contexto.servicos, quem, pessoa_de(atual), novo.cpf, porque)
    contexto.registrar(tx, Atos.CORRIGIR_CPF_DO_PACIENTE, paciente=novo.chave, alvo=novo.chave)


def _que_dependem(
    quem: Quem,
    atual: Paciente,
    lidos: Mapping[str, Any],
    input: AtualizarPacienteInput,
    justificativa: str | None,
    hoje: date,
) -> tuple[dict[str, Any], str | None]:
    """Read what is right or wrong by what is registered; and why the CPF that is would be another one."""
    deles: dict[str, Any] = {}
    porque = None
    with Formulario() as formulario:
        if input.cpf is not UNSET and input.cpf != atual.cpf:
            porque = formulario.ler(usuarios.por_que_outro_cpf, quem, atual.cpf, input.cpf, justificativa)
            deles["cpf"] = input.cpf
        if input.obito_em is not UNSET or "nascimento" in lidos:
            nascimento = lidos.get("nascimento", atual.nascimento)
            obito, campo = atual.obito_em, "nascimento"
            if input.obito_em is not UNSET:
                obito, campo = input.obito_em, "obitoEm"
            deles["obito_em"] = formulario.ler(regras.obito, obito, nascimento, hoje, "input", campo)
    return deles, porque
