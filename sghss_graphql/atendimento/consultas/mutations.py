"""Book, move and cancel a consulta; confirm, start, finish; register an absence."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry import ID, argument

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda import regras as agenda_regras
from sghss_graphql.atendimento.agenda.regras import DURACAO_PADRAO, Intervalo
from sghss_graphql.atendimento.agenda.types import HorarioDisponivel
from sghss_graphql.atendimento.consultas import porta, regras, store
from sghss_graphql.atendimento.consultas.regras import Atos, Codigos, Leituras
from sghss_graphql.atendimento.consultas.types import Consulta, Modalidade, SituacaoDaConsulta
from sghss_graphql.cadastro.cuidados import porta as cuidados
from sghss_graphql.cadastro.pacientes import porta as pacientes
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.pessoas.regras import mesma_pessoa
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.checagem import IDENTIFIQUE_SE, A, Alcance
from sghss_graphql.confianca.acesso.tabela import Atender, ConfirmarConsultas, MarcarConsultas, RegistrarFaltas
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.acoes import Acao
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import ErroDeUsuario, Formulario, Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import SE_VERSAO, mutation
from sghss_graphql.vocabulario.tempo import agora, hora_local

_TENTAR_DE_NOVO = ("PRIMARY",)  # the number of a history's step was taken by another transaction
_ATOS = {
    SituacaoDaConsulta.CANCELADA: Atos.CANCELAR_CONSULTA,
    SituacaoDaConsulta.CONFIRMADA: Atos.CONFIRMAR_CONSULTA,
    SituacaoDaConsulta.EM_ATENDIMENTO: Atos.INICIAR_ATENDIMENTO,
    SituacaoDaConsulta.REALIZADA: Atos.CONCLUIR_CONSULTA,
    SituacaoDaConsulta.FALTOU: Atos.REGISTRAR_FALTA,
}

T = TypeVar("T")


@strawberry.input(description="Uma consulta a marcar.")
class AgendarConsultaInput:
    """Of agendarConsulta."""

    paciente_id: ID = strawberry.field(description="Id do paciente.")
    profissional_id: ID = strawberry.field(description="Id do profissional.")
    inicio: datetime = strawberry.field(description="Quando começa, num múltiplo de 5 minutos.")
    duracao_em_minutos: int | None = strawberry.field(
        default=DURACAO_PADRAO, description="Quanto dura: múltiplo de 5, de 5 a 480."
    )
    modalidade: Modalidade | None = strawberry.field(
        default=Modalidade.PRESENCIAL, description="Presencial ou teleconsulta."
    )
    motivo: str | None = strawberry.field(default=None, description="Por que o paciente vem; até 1.000 caracteres.")


@strawberry.input(description="Um horário novo para uma consulta.")
class RemarcarConsultaInput:
    """Of remarcarConsulta."""

    consulta_id: ID = strawberry.field(description="Id da consulta.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    inicio: datetime = strawberry.field(description="Quando passa a começar, num múltiplo de 5 minutos.")
    duracao_em_minutos: int | None = strawberry.field(
        default=None, description="Quanto passa a durar; se ausente, o mesmo que antes."
    )


@strawberry.input(description="Uma consulta a cancelar, e por quê.")
class CancelarConsultaInput:
    """Of cancelarConsulta."""

    consulta_id: ID = strawberry.field(description="Id da consulta.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    motivo: str = strawberry.field(description="Por que é cancelada; de 1 a 1.000 caracteres.")


@strawberry.type(description="O resultado de uma operação sobre uma consulta.")
class ConsultaPayload:
    """Of all mutations here."""

    consulta: Consulta | None = strawberry.field(default=None, description="A consulta; null quando há erros.")
    horarios_proximos: list[HorarioDisponivel] = strawberry.field(
        default_factory=list,
        description="Quando o horário pedido está ocupado: até três horários livres para os dois, os mais próximos.",
    )
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )


IdDaConsulta = Annotated[ID, argument(description="Id da consulta.")]


@strawberry.type
class ConsultasMutation:
    """The part of Mutation that is about consultas."""

    @mutation("Marca uma consulta.")
    async def agendar_consulta(
        self, info: Info, input: Annotated[AgendarConsultaInput, argument(description="A consulta.")]
    ) -> ConsultaPayload:
        """Book a consulta."""
        contexto = info.context
        alcance = contexto.exigir(MarcarConsultas)
        with Formulario() as formulario:
            hora = regras.hora(formulario, input.inicio, regras.minutos(input.duracao_em_minutos, DURACAO_PADRAO))
            motivo = formulario.ler(regras.motivo, input.motivo)
        chave_do_profissional = ids.chave(Profissional.prefixo, input.profissional_id)
        um_paciente, um_profissional, na_agenda = await asyncio.gather(
            pacientes.um(
                contexto.db, contexto.quem, ids.chave(Paciente.prefixo, input.paciente_id), campos=frozenset()
            ),
            profissionais.um(contexto.db, contexto.quem, chave_do_profissional),
            agenda.na_agenda(contexto.db, chave_do_profissional, hora),
        )
        if um_paciente is not None:
            contexto.achou(Leituras.LER_CONSULTAS, um_paciente.chave)
        with Formulario() as formulario:
            paciente = formulario.ler(_achado, um_paciente, "Não há paciente com este id.", "input", "pacienteId")
            profissional = formulario.ler(
                _achado, um_profissional, "Não há profissional com este id.", "input", "profissionalId"
            )
        await _exigir_que_possa_marcar(contexto, alcance, profissional.chave, paciente.chave)
        _exigir_aberta(na_agenda, profissional)
        papel = regras.como_quem(alcance.quem, paciente.chave, profissional.chave)
        consulta = _nova(paciente, profissional, hora, input.modalidade or Modalidade.PRESENCIAL, motivo)

        async def work(tx: Transaction) -> None:
            vida = await _viva(tx, paciente.chave, profissional)
            if vida.segue_em_outra:
                raise _fechado()
            await _exigir_uma_por_vez(tx, alcance, paciente)
            por_verificar = paciente.chave in alcance.quem.seus and not alcance.quem.verificada
            store.inserir(tx, consulta, por_verificar)
            dias = contexto.servicos.dias_de_cuidado
            await cuidados.marcou(tx, alcance.quem, _que_da(consulta), vida.outros, dias)
            agenda.ocupar(tx, consulta.chave, await unificacoes.de_quem_atende(tx, profissional), vida.pessoas, hora)
            store.registrar_mudanca(tx, consulta.chave, alcance.quem.usuario, papel, None, agora())
            contexto.registrar(tx, Atos.AGENDAR_CONSULTA, paciente=paciente.chave, alvo=consulta.chave)

        try:
            await contexto.db.transaction(work)
        except agenda.Ocupado as ocupado:
            raise await _indisponivel(contexto, profissional, hora, ocupado) from None
        return ConsultaPayload(consulta=consulta)

    @mutation("Muda o horário de uma consulta, que volta a ficar agendada e conserva a sua história.")
    async def remarcar_consulta(
        self, info: Info, input: Annotated[RemarcarConsultaInput, argument(description="O horário novo.")]
    ) -> ConsultaPayload:
        """Move a consulta."""
        contexto = info.context
        atual, alcance = await _alcancada(contexto, MarcarConsultas, input.consulta_id, "input", "consultaId")
        duracao = int((atual.fim - atual.inicio).total_seconds()) // 60
        with Formulario() as formulario:
            hora = regras.hora(formulario, input.inicio, regras.minutos(input.duracao_em_minutos, duracao))
        _exigir_versao(atual, input.se_versao)
        if atual.situacao not in regras.REMARCAVEIS:
            raise regras.transicao_invalida(atual.situacao)
        papel = regras.como_quem(alcance.quem, atual.paciente_chave, atual.profissional_chave)
        profissional, paciente, na_agenda = await asyncio.gather(
            profissionais.um(contexto.db, contexto.quem, atual.profissional_chave),
            pacientes.um(contexto.db, contexto.quem, atual.paciente_chave, campos=frozenset()),
            agenda.na_agenda(contexto.db, atual.profissional_chave, hora),
        )
        if profissional is None or paciente is None:
            raise RuntimeError("a consulta's people exist, by foreign key")
        _exigir_aberta(na_agenda, profissional)

        async def work(tx: Transaction) -> None:
            vida = await _viva(tx, atual.paciente_chave, profissional, "input", "consultaId")
            if not await store.remarcar(tx, atual.chave, regras.REMARCAVEIS, hora, input.se_versao):
                agora_esta = await porta.uma(tx, alcance.quem, atual.chave)
                _exigir_versao(agora_esta, input.se_versao)
                if agora_esta is None or agora_esta.situacao is not SituacaoDaConsulta.AGENDADA:
                    raise regras.transicao_invalida(agora_esta.situacao if agora_esta else atual.situacao)
                return  # it is there already
            dela = replace(_que_da(atual), fim=hora.fim)
            await cuidados.mudou(tx, alcance.quem, dela, contexto.servicos.dias_de_cuidado)
            agenda.liberar(tx, atual.chave)
            agenda.ocupar(tx, atual.chave, await unificacoes.de_quem_atende(tx, profissional), vida.pessoas, hora)
            store.registrar_mudanca(tx, atual.chave, alcance.quem.usuario, papel, None, agora())
            contexto.registrar(tx, Atos.REMARCAR_CONSULTA, paciente=atual.paciente_chave, alvo=atual.chave)

        try:
            await contexto.db.transaction(work, retry_on=_TENTAR_DE_NOVO)
        except agenda.Ocupado as ocupado:
            raise await _indisponivel(contexto, profissional, hora, ocupado) from None
        return ConsultaPayload(consulta=await porta.uma(contexto.db, contexto.quem, atual.chave))

    @mutation("Cancela uma consulta e libera o seu horário.")
    async def cancelar_consulta(
        self,
        info: Info,
        input: Annotated[CancelarConsultaInput, argument(description="A consulta e o motivo.")],
    ) -> ConsultaPayload:
        """Cancel a consulta."""
        info.context.exigir(MarcarConsultas)
        motivo = regras.motivo(input.motivo)
        if motivo is None:
            raise valor_invalido("Diga por que a consulta é cancelada.", "input", "motivo")
        return await _mudar(
            info.context,
            MarcarConsultas,
            input.consulta_id,
            SituacaoDaConsulta.CANCELADA,
            motivo,
            input.se_versao,
            ("input", "consultaId"),
        )

    @mutation("Confirma que o paciente vem.")
    async def confirmar_consulta(self, info: Info, consulta_id: IdDaConsulta) -> ConsultaPayload:
        """Confirm a consulta."""
        return await _mudar(info.context, ConfirmarConsultas, consulta_id, SituacaoDaConsulta.CONFIRMADA)

    @mutation("Começa o atendimento.")
    async def iniciar_atendimento(self, info: Info, consulta_id: IdDaConsulta) -> ConsultaPayload:
        """Start a consulta."""
        return await _mudar(info.context, Atender, consulta_id, SituacaoDaConsulta.EM_ATENDIMENTO)

    @mutation("Conclui o atendimento.")
    async def concluir_consulta(self, info: Info, consulta_id: IdDaConsulta) -> ConsultaPayload:
        """Finish a consulta."""
        return await _mudar(info.context, Atender, consulta_id, SituacaoDaConsulta.REALIZADA)

    @mutation("Registra que o paciente não veio.")
    async def registrar_falta(self, info: Info, consulta_id: IdDaConsulta) -> ConsultaPayload:
        """Register an absence."""
        return await _mudar(info.context, RegistrarFaltas, consulta_id, SituacaoDaConsulta.FALTOU)


def _nova(
    paciente: Paciente, profissional: Profissional, hora: Intervalo, modalidade: Modalidade, motivo: str | None
) -> Consulta:
    return Consulta(
        chave=ids.nova_chave(),
        paciente_chave=paciente.chave,
        profissional_chave=profissional.chave,
        versao=1,
        inicio=hora.inicio,
        fim=hora.fim,
        situacao=SituacaoDaConsulta.AGENDADA,
        modalidade=modalidade,
        motivo=motivo,
        criado_em=agora(),
    )


async def _alcancada(contexto: Contexto, acao: type[A], id: str, *campo: str) -> tuple[Consulta, Alcance[A]]:
    """Give a consulta that the caller may act on.

    Raises:
        Recusa: NAO_ENCONTRADO; they may not even see it.
        Proibido: they see it, but it isn't theirs to change.
    """
    alcance = contexto.exigir(acao)
    consulta = await porta.uma(contexto.db, contexto.quem, ids.chave(Consulta.prefixo, id))
    if consulta is None:
        raise Recusa(Gerais.NAO_ENCONTRADO, "Não há consulta com este id.", *campo)
    contexto.achou(Leituras.LER_CONSULTAS, consulta.paciente_chave)
    if not alcance.inclui(paciente=consulta.paciente_chave, profissional=consulta.profissional_chave):
        raise Proibido
    if acao is MarcarConsultas and consulta.situacao in regras.REMARCAVEIS:
        try:
            await _exigir_que_possa_marcar(contexto, alcance, consulta.profissional_chave, consulta.paciente_chave)
        except Proibido:
            agora_esta = await porta.uma(contexto.db, contexto.quem, consulta.chave)
            if agora_esta is None or agora_esta.situacao in regras.REMARCAVEIS:
                raise
            return agora_esta, alcance  # somebody else cancelled it meanwhile, and the care with it
    return consulta, alcance


async def _mudar(
    contexto: Contexto,
    acao: type[Acao],
    id: str,
    para: SituacaoDaConsulta,
    motivo: str | None = None,
    versao: int | None = None,
    campo: tuple[str, ...] = ("consultaId",),
) -> ConsultaPayload:
    """Take a consulta to another state; of two callers at once, exactly one does."""
    consulta, alcance = await _alcancada(contexto, acao, id, *campo)
    if acao is Atender and consulta.paciente_chave in alcance.quem.seus:
        raise mesma_pessoa("Ninguém atende a si mesmo: peça a outro profissional.", *campo)

    _exigir_versao(consulta, versao)
    papel = regras.como_quem(alcance.quem, consulta.paciente_chave, consulta.profissional_chave)

    async def work(tx: Transaction) -> None:
        if para is SituacaoDaConsulta.CONFIRMADA:
            await _viva(tx, consulta.paciente_chave, None, "consultaId")
        if not await store.mudar_situacao(tx, consulta.chave, regras.origens(para), para, versao):
            agora_esta = await porta.uma(tx, alcance.quem, consulta.chave)
            _exigir_versao(agora_esta, versao)
            raise regras.transicao_invalida((agora_esta or consulta).situacao)
        if para is SituacaoDaConsulta.CANCELADA:
            agenda.liberar(tx, consulta.chave)
        if para in (SituacaoDaConsulta.CANCELADA, SituacaoDaConsulta.FALTOU):
            await cuidados.encerrar(tx, alcance.quem, consulta.chave, consulta.paciente_chave)
        store.registrar_mudanca(tx, consulta.chave, alcance.quem.usuario, papel, motivo, agora())
        contexto.registrar(tx, _ATOS[para], paciente=consulta.paciente_chave, alvo=consulta.chave)

    await contexto.db.transaction(work, retry_on=_TENTAR_DE_NOVO)
    return ConsultaPayload(consulta=await porta.uma(contexto.db, contexto.quem, consulta.chave))


async def _exigir_que_possa_marcar(
    contexto: Contexto, alcance: Alcance[Any], profissional: bytes, paciente: bytes
) -> None:
    """A paciente books for themself; a profissional on their own agenda, for pacientes in their care; staff for all.

    So do they move and cancel.
    """
    if alcance.inclui(paciente=paciente):
        return
    if not alcance.inclui(profissional=profissional) or not await cuidados.sob_cuidado(
        contexto.db, profissional, paciente
    ):
        raise Proibido


async def _viva(
    tx: Transaction, paciente: bytes, profissional: Profissional | None = None, *campo: str
) -> unificacoes.Vida:
    """Give who a paciente is, held and alive, and not the profissional."""
    vida = await unificacoes.viva(tx, paciente)
    if vida is None:
        raise _fechado(*campo)
    if profissional is not None and profissional.pessoa in vida.pessoas:
        raise mesma_pessoa("Ninguém atende a si mesmo: escolha outro profissional.", "input", "profissionalId")
    return vida


def _exigir_versao(consulta: Consulta | None, versao: int | None) -> None:
    if consulta is not None and versao is not None and versao != consulta.versao:
        raise usuarios.conflito_de_versao(consulta=consulta)


def _fechado(*campo: str) -> Recusa:
    return valor_invalido(
        "Para este paciente nada mais se marca: há um óbito registrado, ou o cadastro segue em outro (unificadoCom).",
        *(campo or ("input", "pacienteId")),
    )


def _que_da(consulta: Consulta) -> cuidados.DaConsulta:
    """Give what of a consulta gives care."""
    return cuidados.DaConsulta(consulta.chave, consulta.profissional_chave, consulta.paciente_chave, consulta.fim)


async def _exigir_uma_por_vez(tx: Transaction, alcance: Alcance[MarcarConsultas], paciente: Paciente) -> None:
    if not alcance.quem.verificada and await store.abertas(tx, paciente.chave):
        raise Proibido(f"Por enquanto se marca uma consulta por vez. {IDENTIFIQUE_SE}")


def _exigir_aberta(na_agenda: agenda.NaAgenda, profissional: Profissional) -> None:
    if not profissional.ativo:
        raise Recusa(
            agenda_regras.Codigos.FORA_DO_EXPEDIENTE,
            "Este profissional não está atendendo. Escolha outro.",
            *("input", "inicio"),
        )
    if na_agenda.hora.inicio < agora():
        raise Recusa(Codigos.HORARIO_NO_PASSADO, "Este horário já passou. Escolha um futuro.", "input", "inicio")
    na_agenda.exigir_aberta(profissional.fuso, "input", "inicio")


async def _indisponivel(
    contexto: Contexto, profissional: Profissional, hora: Intervalo, ocupado: agenda.Ocupado
) -> Recusa:
    """Make the refusal of an occupied time, with the nearest free ones."""
    proximos = await agenda.proximos(contexto.db, profissional, ocupado.pessoas, hora)
    de_quem = "O profissional" if ocupado.do_profissional else "O paciente"
    opcoes = ", ".join(hora_local(vaga.inicio, profissional.fuso) for vaga in proximos)
    sugestao = f" Horários livres mais próximos: {opcoes}." if opcoes else " Consulte horariosDisponiveis."
    return Recusa(
        agenda_regras.Codigos.HORARIO_INDISPONIVEL,
        f"{de_quem} já tem consulta neste horário.{sugestao}",
        "input",
        "inicio",
        horarios_proximos=proximos,
    )


def _achado(achado: T | None, mensagem: str, *campo: str) -> T:
    if achado is None:
        raise Recusa(Gerais.NAO_ENCONTRADO, mensagem, *campo)
    return achado
