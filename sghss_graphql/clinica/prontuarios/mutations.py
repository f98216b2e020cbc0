"""Add a record; correct one by a new record that names it."""

from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.atendimento.consultas import porta as consultas
from sghss_graphql.atendimento.consultas.types import Consulta
from sghss_graphql.cadastro.cuidados import porta as cuidados
from sghss_graphql.cadastro.pacientes import porta as pacientes
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.pessoas.regras import mesma_pessoa
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.clinica.prontuarios import porta, regras, store
from sghss_graphql.clinica.prontuarios.regras import Atos, Codigos, Leituras, impedimento
from sghss_graphql.clinica.prontuarios.types import Prontuario, TipoDeRegistro
from sghss_graphql.confianca.acesso.tabela import EscreverProntuarios
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import DuplicateKey, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import ErroDeUsuario, Formulario, Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.scalars import CID10
from sghss_graphql.vocabulario.tempo import agora

_TENTAR_DE_NOVO = ("prontuario_numero",)  # another record took the number
_CORRECAO_UNICA = "prontuario_retifica"


@strawberry.input(description="Um registro novo.")
class AdicionarProntuarioInput:
    """Of adicionarProntuario."""

    paciente_id: ID = strawberry.field(description="Id do paciente.")
    consulta_id: ID | None = strawberry.field(default=None, description="A consulta em que é feito, do mesmo paciente.")
    tipo: TipoDeRegistro = strawberry.field(description="De que trata.")
    texto: str = strawberry.field(description="O registro, até 64 KiB em UTF-8; é guardado como veio.")
    cid10: list[CID10] | None = strawberry.field(default_factory=list, description="Até 50 códigos da CID-10.")


@strawberry.input(description="A correção de um registro, por quem o escreveu.")
class RetificarProntuarioInput:
    """Of retificarProntuario."""

    prontuario_id: ID = strawberry.field(description="Id do registro a retificar: a versão mais nova.")
    texto: str = strawberry.field(description="O texto certo, até 64 KiB em UTF-8; é guardado como veio.")
    justificativa: str = strawberry.field(description="Por que é retificado; até 2.000 caracteres.")
    cid10: list[CID10] | None = strawberry.field(
        default_factory=list, description="Até 50 códigos da CID-10, no lugar dos anteriores."
    )


@strawberry.type(description="O resultado de escrever no prontuário.")
class ProntuarioPayload:
    """Of both mutations here."""

    prontuario: Prontuario | None = strawberry.field(default=None, description="O registro; null quando há erros.")
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )


@strawberry.type
class ProntuariosMutation:
    """The part of Mutation that is about records."""

    @mutation("Acrescenta um registro ao prontuário de um paciente sob os cuidados do profissional que pede.")
    async def adicionar_prontuario(
        self, info: Info, input: Annotated[AdicionarProntuarioInput, argument(description="O registro.")]
    ) -> ProntuarioPayload:
        """Add a record."""
        contexto = info.context
        autor = await _autor(contexto)
        with Formulario() as formulario:
            texto = formulario.ler(regras.ler_texto, input.texto, "input", "texto")
            cid10 = formulario.ler(regras.ler_codigos, list(input.cid10 or []), "input", "cid10")
        _exigir_competencia(autor, input.tipo, cid10)
        paciente = await pacientes.um(contexto.db, contexto.quem, ids.chave(Paciente.prefixo, input.paciente_id))
        if paciente is None:
            raise Recusa(Gerais.NAO_ENCONTRADO, "Não há paciente com este id.", "input", "pacienteId")
        contexto.achou(Leituras.LER_PRONTUARIO, paciente.chave)
        _exigir_de_outra_pessoa(contexto, paciente.chave, "pacienteId")
        consulta = await _consulta(contexto, input.consulta_id, paciente.chave)

        async def work(tx: Transaction) -> bytes:
            if not await cuidados.sob_cuidado(tx, autor.chave, paciente.chave):
                raise Proibido("Só o profissional que cuida do paciente escreve no seu prontuário.")
            if consulta and await store.quantos_na_consulta(tx, consulta) >= regras.MAIS_DA_CONSULTA:
                raise valor_invalido(
                    f"Nesta consulta já há {regras.MAIS_DA_CONSULTA} registros: escreva o próximo sem consultaId.",
                    *("input", "consultaId"),
                )
            chave = await _acrescentar(
                tx,
                autor,
                paciente.chave,
                consulta,
                input.tipo,
                texto,
                cid10,
            )
            contexto.registrar(tx, Atos.ADICIONAR_PRONTUARIO, paciente=paciente.chave, alvo=chave)
            return chave

        return await _gravado(contexto, await contexto.db.transaction(work, retry_on=_TENTAR_DE_NOVO))

    @mutation("Retifica um registro: o autor escreve outro no lugar, e os dois continuam visíveis.")
    async def retificar_prontuario(
        self, info: Info, input: Annotated[RetificarProntuarioInput, argument(description="A correção.")]
    ) -> ProntuarioPayload:
        """Correct a record."""
        contexto = info.context
        autor = await _autor(contexto)
        with Formulario() as formulario:
            texto = formulario.ler(regras.ler_texto, input.texto, "input", "texto")
            justificativa = formulario.ler(regras.ler_justificativa, input.justificativa, "input", "justificativa")
            cid10 = formulario.ler(regras.ler_codigos, list(input.cid10 or []), "input", "cid10")
        errado = await porta.um(contexto.db, contexto.quem, ids.chave(Prontuario.prefixo, input.prontuario_id))
        if errado is None:
            raise Recusa(Gerais.NAO_ENCONTRADO, "Não há registro com este id.", "input", "prontuarioId")
        contexto.achou(Leituras.LER_PRONTUARIO, errado.paciente_chave)
        if errado.profissional_chave != autor.chave:
            raise Proibido("Só o autor retifica um registro.")
        _exigir_de_outra_pessoa(contexto, errado.paciente_chave, "prontuarioId")
        _exigir_competencia(autor, errado.tipo, cid10)

        async def work(tx: Transaction) -> bytes:
            with tx.on_duplicate(_ja_retificado):
                chave = await _acrescentar(
                    tx,
                    autor,
                    errado.paciente_chave,
                    errado.consulta_chave,
                    errado.tipo,
                    texto,
                    cid10,
                    retifica=errado.chave,
                    justificativa=justificativa,
                )
            contexto.registrar(tx, Atos.RETIFICAR_PRONTUARIO, paciente=errado.paciente_chave, alvo=chave)
            return chave

        return await _gravado(contexto, await contexto.db.transaction(work, retry_on=_TENTAR_DE_NOVO))


def _ja_retificado(duplicada: DuplicateKey) -> Exception:
    if duplicada.key != _CORRECAO_UNICA:
        return duplicada  # the number of the record was taken by another transaction
    return Recusa(
        Codigos.JA_RETIFICADO,
        "Este registro já foi retificado: retifique a versão mais nova (retificadoPor).",
        "input",
        "prontuarioId",
    )


async def _autor(contexto: Contexto) -> Profissional:
    """Give the profissional who asks.

    Raises:
        Proibido: whoever asks isn't one.
    """
    alcance = contexto.exigir(EscreverProntuarios)
    autor = await profissionais.um(contexto.db, contexto.quem, alcance.profissional)
    if autor is None:
        raise Proibido
    return autor


def _exigir_de_outra_pessoa(contexto: Contexto, paciente: bytes, campo: str) -> None:
    if contexto.quem is not None and paciente in contexto.quem.seus:
        raise mesma_pessoa("Ninguém escreve no próprio prontuário: peça a outro profissional.", "input", campo)


def _exigir_competencia(autor: Profissional, tipo: TipoDeRegistro, cid10: tuple[str, ...]) -> None:
    motivo = impedimento(autor.conselho, tipo, com_cid10=bool(cid10))
    if motivo is not None:
        raise Proibido(motivo)


async def _consulta(contexto: Contexto, id: str | None, paciente: bytes) -> bytes | None:
    """Give the key of the consulta in which a record is made: the paciente's, and visible to the author."""
    if id is None:
        return None
    consulta = await consultas.uma(contexto.db, contexto.quem, ids.chave(Consulta.prefixo, id))
    if consulta is None or consulta.paciente_chave != paciente:
        raise Recusa(Gerais.NAO_ENCONTRADO, "Não há consulta deste paciente com este id.", "input", "consultaId")
    return consulta.chave


async def _acrescentar(
    tx: Transaction,
    autor: Profissional,
    paciente: bytes,
    consulta: bytes | None,
    tipo: TipoDeRegistro,
    texto: str,
    cid10: tuple[str, ...],
    *,
    retifica: bytes | None = None,
    justificativa: str | None = None,
) -> bytes:
    """Add a record at the end of the paciente's chain; give its key."""
    ultimo = await store.ultimo(tx, paciente)
    registro = regras.Registro(
        chave=ids.nova_chave(),
        paciente=paciente,
        numero=ultimo.numero + 1,
        profissional=autor.chave,
        registro=autor.registro,
        consulta=consulta,
        tipo=tipo.name,
        texto=texto,
        cid10=cid10,
        retifica=retifica,
        justificativa=justificativa,
        criado_em=regras.instante_seguinte(ultimo, agora()),
        hash_anterior=ultimo.hash,
    )
    store.inserir(tx, registro, regras.calcular_hash(registro))
    return registro.chave


async def _gravado(contexto: Contexto, chave: bytes) -> ProntuarioPayload:
    return ProntuarioPayload(prontuario=await porta.um(contexto.db, contexto.quem, chave))
