"""Reach a paciente in an emergency, share the care of one; end both."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.cadastro.cuidados import porta, regras, store
from sghss_graphql.cadastro.cuidados.regras import Atos, Fonte, Leituras
from sghss_graphql.cadastro.cuidados.types import (
    AcessoDeEmergencia,
    AcessoDeEmergenciaPayload,
    CuidadoCompartilhado,
    CuidadoCompartilhadoPayload,
)
from sghss_graphql.cadastro.pacientes import porta as pacientes
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.pessoas.regras import mesma_pessoa
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.confianca.acesso.tabela import AcessarEmEmergencia, CompartilharCuidado, VerCuidados
from sghss_graphql.context import Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Formulario, Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.tempo import agora


@strawberry.input(description="Um acesso de emergência.")
class AcessarEmEmergenciaInput:
    """Of acessarEmEmergencia."""

    paciente_id: ID = strawberry.field(description="Id do paciente.")
    justificativa: str = strawberry.field(description="Por que é preciso agora: de 20 a 1.000 caracteres.")


@strawberry.input(description="Um cuidado a compartilhar.")
class CompartilharCuidadoInput:
    """Of compartilharCuidado."""

    paciente_id: ID = strawberry.field(description="Id do paciente.")
    profissional_id: ID = strawberry.field(description="Id do profissional que passa a cuidar também.")
    ate: datetime = strawberry.field(description="Até quando: no máximo daqui a 365 dias.")
    motivo: str = strawberry.field(description="Por que se compartilha: segunda opinião, férias; até 1.000 caracteres.")


@strawberry.type
class CuidadosMutation:
    """The part of Mutation that is about care."""

    @mutation(
        "Dá a um profissional, por poucas horas, acesso a um paciente que não está sob os seus cuidados. Fica na"
        " auditoria, à vista dos administradores e do paciente."
    )
    async def acessar_em_emergencia(
        self, info: Info, input: Annotated[AcessarEmEmergenciaInput, argument(description="A quem, e por quê.")]
    ) -> AcessoDeEmergenciaPayload:
        """Reach a paciente in an emergency."""
        contexto = info.context
        alcance = contexto.exigir(AcessarEmEmergencia)
        if alcance.profissional is None:
            raise Proibido
        campo = ("input", "justificativa")
        justificativa = regras.texto(input.justificativa, regras.MENOR_JUSTIFICATIVA, *campo)
        paciente = ids.chave(Paciente.prefixo, input.paciente_id)
        if paciente is None or not await pacientes.existe(contexto.db, alcance, paciente):
            raise _nao_ha("Não há paciente com este id.", "pacienteId")
        if paciente in alcance.quem.seus:
            raise mesma_pessoa("Ninguém atende a si mesmo: peça a outro profissional.", "input", "pacienteId")
        instante = agora()
        acesso = AcessoDeEmergencia(
            chave=ids.nova_chave(),
            paciente_chave=paciente,
            profissional_chave=alcance.profissional,
            justificativa=justificativa,
            inicio=instante,
            ate=instante + timedelta(hours=contexto.servicos.horas_de_emergencia),
            encerrado_em=None,
        )

        async def work(tx: Transaction) -> None:
            await store.segurar_paciente(tx, paciente)
            await profissionais.segurar(tx, acesso.profissional_chave)
            abertas = await store.emergencias_abertas(tx, acesso.profissional_chave, instante)
            if abertas >= regras.MAIS_EMERGENCIAS:
                raise valor_invalido(
                    f"Já há {regras.MAIS_EMERGENCIAS} acessos de emergência abertos: encerre os que não servem mais"
                    " (encerrarAcessoDeEmergencia).",
                    *("input", "pacienteId"),
                )
            store.inserir_acesso(tx, acesso)
            dela = (paciente, *await store.outros_da_pessoa(tx, paciente))
            store.abrir(tx, Fonte.EMERGENCIA, acesso.chave, acesso.profissional_chave, dela, acesso.ate)
            contexto.registrar(tx, Atos.ACESSAR_EM_EMERGENCIA, paciente=paciente, alvo=acesso.chave)

        await contexto.db.transaction(work)
        return AcessoDeEmergenciaPayload(acesso=acesso)

    @mutation("Encerra um acesso de emergência: quem o abriu, ou um administrador.")
    async def encerrar_acesso_de_emergencia(
        self, info: Info, acesso_id: Annotated[ID, argument(description="Id do acesso.")]
    ) -> AcessoDeEmergenciaPayload:
        """End an emergency."""
        contexto = info.context
        alcance = contexto.exigir(VerCuidados)
        chave = ids.chave(AcessoDeEmergencia.prefixo, acesso_id) or b""
        acesso = (await store.acessos(contexto.db, alcance, [chave])).get(chave)
        if acesso is None:
            raise Recusa(Gerais.NAO_ENCONTRADO, "Não há acesso de emergência com este id.", "acessoId")
        contexto.achou(Leituras.LER_CUIDADOS, acesso.paciente_chave)
        if not alcance.todos and acesso.profissional_chave != alcance.profissional:
            raise Proibido

        instante = agora()

        async def work(tx: Transaction) -> None:
            if not await store.encerrar_acesso(tx, acesso.chave, alcance.quem.usuario, instante):
                raise valor_invalido("Este acesso já terminou.", "acessoId")
            store.fechar(tx, acesso.chave)
            contexto.registrar(
                tx, Atos.ENCERRAR_ACESSO_DE_EMERGENCIA, paciente=acesso.paciente_chave, alvo=acesso.chave
            )

        await contexto.db.transaction(work)
        return AcessoDeEmergenciaPayload(acesso=replace(acesso, encerrado_em=instante))

    @mutation(
        "Compartilha o cuidado de um paciente com outro profissional, até uma data: o paciente, ou quem cuida dele."
    )
    async def compartilhar_cuidado(
        self,
        info: Info,
        input: Annotated[CompartilharCuidadoInput, argument(description="De quem, com quem, até quando.")],
    ) -> CuidadoCompartilhadoPayload:
        """Share care."""
        contexto = info.context
        alcance = contexto.exigir(CompartilharCuidado)
        instante = agora()
        with Formulario() as formulario:
            motivo = formulario.ler(regras.texto, input.motivo, 1, "input", "motivo")
            formulario.ler(_exigir_prazo, input.ate, instante)
        paciente = await pacientes.um(contexto.db, contexto.quem, ids.chave(Paciente.prefixo, input.paciente_id))
        if paciente is None:
            raise _nao_ha("Não há paciente com este id.", "pacienteId")
        contexto.achou(Leituras.LER_CUIDADOS, paciente.chave)
        com = await profissionais.um(contexto.db, contexto.quem, ids.chave(Profissional.prefixo, input.profissional_id))
        if com is None:
            raise _nao_ha("Não há profissional com este id.", "profissionalId")
        if com.chave == alcance.quem.profissional:
            raise mesma_pessoa("O cuidado se compartilha com outro profissional.", "input", "profissionalId")
        if not com.ativo:
            raise valor_invalido("Este profissional não está atendendo. Escolha outro.", "input", "profissionalId")
        cuidado = CuidadoCompartilhado(
            chave=ids.nova_chave(),
            paciente_chave=paciente.chave,
            profissional_chave=com.chave,
            por_chave=alcance.quem.usuario,
            motivo=motivo,
            desde=instante,
            ate=input.ate,
            encerrado_em=None,
        )

        async def work(tx: Transaction) -> None:
            await store.segurar_paciente(tx, paciente.chave)
            if not alcance.inclui(paciente=paciente.chave):
                await _exigir_que_cuide(tx, alcance.profissional, cuidado, instante)
            dela = (paciente.chave, *await store.outros_da_pessoa(tx, paciente.chave))
            if com.chave in await profissionais.dos_pacientes(tx, dela):
                raise mesma_pessoa("Ninguém cuida de si mesmo: escolha outro profissional.", "input", "profissionalId")
            store.inserir_partilha(tx, cuidado)
            store.abrir(tx, Fonte.COMPARTILHADO, cuidado.chave, com.chave, dela, cuidado.ate)
            contexto.registrar(tx, Atos.COMPARTILHAR_CUIDADO, paciente=paciente.chave, alvo=cuidado.chave)

        await contexto.db.transaction(work)
        return CuidadoCompartilhadoPayload(cuidado=cuidado)

    @mutation("Encerra um cuidado compartilhado: o paciente, quem o compartilhou, ou com quem foi compartilhado.")
    async def encerrar_cuidado(
        self, info: Info, cuidado_id: Annotated[ID, argument(description="Id do cuidado compartilhado.")]
    ) -> CuidadoCompartilhadoPayload:
        """End shared care."""
        contexto = info.context
        alcance = contexto.exigir(VerCuidados)
        chave = ids.chave(CuidadoCompartilhado.prefixo, cuidado_id) or b""
        cuidado = (await store.partilhas(contexto.db, alcance, [chave])).get(chave)
        if cuidado is None:
            raise Recusa(Gerais.NAO_ENCONTRADO, "Não há cuidado compartilhado com este id.", "cuidadoId")
        contexto.achou(Leituras.LER_CUIDADOS, cuidado.paciente_chave)
        dele = alcance.quem.usuario == cuidado.por_chave
        if not dele and not (
            cuidado.paciente_chave in alcance.pacientes or cuidado.profissional_chave == alcance.profissional
        ):
            raise Proibido

        instante = agora()

        async def work(tx: Transaction) -> None:
            if not await store.encerrar_partilha(tx, cuidado.chave, alcance.quem.usuario, instante):
                raise valor_invalido("Este cuidado compartilhado já terminou.", "cuidadoId")
            await porta.encerrar(tx, alcance.quem, cuidado.chave, cuidado.paciente_chave)
            contexto.registrar(tx, Atos.ENCERRAR_CUIDADO, paciente=cuidado.paciente_chave, alvo=cuidado.chave)

        await contexto.db.transaction(work)
        return CuidadoCompartilhadoPayload(cuidado=replace(cuidado, encerrado_em=instante))


def _exigir_prazo(ate: datetime, instante: datetime) -> None:
    if not instante < ate <= instante + timedelta(days=regras.MAIOR_PARTILHA):
        raise valor_invalido(f"O prazo vai de agora a {regras.MAIOR_PARTILHA} dias.", "input", "ate")


async def _exigir_que_cuide(
    tx: Transaction, profissional: bytes | None, cuidado: CuidadoCompartilhado, instante: datetime
) -> None:
    """Check that a profissional has what they share, for as long as they share it.

    What an emergency opened for hours is shared with nobody.
    """
    if profissional is None:
        raise Proibido
    fontes = [Fonte.CONSULTA, Fonte.COMPARTILHADO]
    proprio = await store.ate_quando(tx, profissional, cuidado.paciente_chave, fontes)
    if proprio is None or proprio <= instante:
        raise Proibido("Só quem cuida do paciente compartilha o seu cuidado.")
    if cuidado.ate > proprio:
        raise valor_invalido("O seu próprio cuidado vai só até antes disso.", "input", "ate")


def _nao_ha(mensagem: str, campo: str) -> Recusa:
    return Recusa(Gerais.NAO_ENCONTRADO, mensagem, "input", campo)
